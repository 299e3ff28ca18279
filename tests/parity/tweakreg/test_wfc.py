"""Four simulated WFC exposures whose headers do not know the errors of their pointing (0.3 arcsec).

After the alignment the stars of each exposure are brought to the sky and compared with the truth. What is left of an
exposure's offset from the first is no more than TweakReg leaves, but for 0.002 pixel. The simulator gives each chip an
error of its own, and one fit cannot take out two: the chip counts whose stars were matched.
"""

import subprocess
import sys

import numpy as np
import pytest
from astropy.io import fits

firstlight = pytest.importorskip("firstlight")

FIND = dict(threshold=50.0, conv_width=3.5)
PIXEL = 0.05 / 3600


@pytest.fixture(scope="module")
def exposures(full, data, truth, tmp_path_factory):
    """The exposures, as the simulator of the official results makes them."""
    folder = tmp_path_factory.mktemp("wfc")
    references = data / "hst" / "reffiles" / "stwcs"
    line = [sys.executable, truth / "sim_wfc_flt.py", folder, references, "--jitter", "0.3"]
    done = subprocess.run(list(map(str, line)), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder


def offsets(path, stars):
    """Offset from the truth of the bright stars of each chip, pixels: the peak of the histogram of differences, refined."""
    from scipy.spatial import cKDTree

    cosine = np.cos(np.radians(np.median(stars["dec"])))
    tree = cKDTree(np.column_stack([stars["ra"] * cosine, stars["dec"]]))
    away = []
    for version in (1, 2):
        with fits.open(path) as hdus:
            found = firstlight.find_sources(hdus["SCI", version].data, threshold=100.0)
        wcs = firstlight.WCS(path, ext=("SCI", version))
        ra, dec = wcs.pixel_to_sky(found["x"], found["y"])
        points = np.column_stack([np.asarray(ra) * cosine, dec])
        near = tree.query_ball_point(points, 40 * PIXEL)
        shift = np.concatenate([points[k] - tree.data[index] for k, index in enumerate(near) if index]) / PIXEL
        counts, x, y = np.histogram2d(*shift.T, 80, [[-40, 40], [-40, 40]])
        i, j = np.unravel_index(counts.argmax(), counts.shape)
        middle = np.array([x[i] + 0.5, y[j] + 0.5])
        for _ in range(8):
            close = np.hypot(*(shift - middle).T) < 0.7
            middle = np.median(shift[close], axis=0)
        away.append(shift[close].mean(axis=0))
    return np.array(away)


def test_no_worse_than_tweakreg(exposures, tweakreg, tmp_path):
    files = sorted(exposures.glob("*_flt.fits"))
    stars = np.genfromtxt(exposures / "truth.csv", delimiter=",", names=True)
    stars = {"ra": stars["ra"], "dec": stars["dec"]}
    peers, shifts = tweakreg(files, tmp_path / "peer", imagefindcfg=FIND)
    report = firstlight.align(files, updatehdr=True, wcsname="TWEAK", imagefindcfg=FIND)
    assert [image["status"] for image in report.images] == ["reference", *["aligned"] * 3]
    ours = [offsets(path, stars) for path in files]
    theirs = [offsets(path, stars) for path in peers]
    for k in range(1, 4):
        left, peer_left = (np.hypot(*(away[k] - away[0]).T).min() for away in (ours, theirs))
        assert left < peer_left + 0.002, f"{files[k].name}: {left} and {peer_left}"
        fit = report.images[k]["fit"]
        dx, dy, rot, scale, *_ = shifts[files[k].name]
        assert np.hypot(fit["linear"]["offset"][0] - dx, fit["linear"]["offset"][1] - dy) < 0.01
        assert abs((fit["rot"] - rot + 180) % 360 - 180) < 1e-4 and abs(fit["scale"][0] - scale) < 5e-6
