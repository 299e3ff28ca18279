"""Static mask and sky against AstroDrizzle's first two steps and ``stsci.skypac.skymatch``, on the real HRC exposure.

Three copies of it have other levels, exposure times and places on the sky, and a slope across each. With masks from DQ and
statistics, AstroDrizzle itself is run; its static mask is equal, its skies agree to a thousandth of their error or the last
bits of single precision. Matched skies are compared with skymatch alone, without masks: of the versions pinned here skypac
does not find a method of ``spherical_geometry`` any more, so that AstroDrizzle reverts to another method, and with DQ bits
of its own skymatch measures the bad pixels. Regions agree to the pixels on their edges: 1e-3 of the error of the sky.

Ours is the example ``sky`` of ``firstlight-mosaic``: ``cargo build --release -p firstlight-mosaic --example sky``.
"""

import json
import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest
from astropy.io import fits

NAME = "hst/acs_hrc/j8bt06nyq_flt.fits"
# Level, slope, relative exposure time, shift in right ascension and declination, degrees.
FRAMES = [(0.0, 0.0, 1.0, 0.0, 0.0), (7.0, 2.0, 0.5, 0.002, -0.001), (-1.5, 1.0, 2.0, -0.004, 0.003)]

ASTRODRIZZLE = """
import json, os, sys, warnings
warnings.simplefilter("ignore")
names, options = json.load(sys.stdin)
os.environ.setdefault("jref", "./")
from drizzlepac.astrodrizzle import AstroDrizzle
off = dict.fromkeys(["driz_separate", "median", "blot", "driz_cr", "driz_combine", "updatewcs", "preserve", "clean"], False)
AstroDrizzle(names, output="x", runfile="", static=True, skysub=True, num_cores=1, **off, **options)
"""

SKYMATCH = """
import json, os, sys, warnings
warnings.simplefilter("ignore")
names, options = json.load(sys.stdin)
os.environ.setdefault("jref", "./")
from spherical_geometry.polygon import SphericalPolygon
if not hasattr(SphericalPolygon, "iter_polygons_flat"):
    SphericalPolygon.iter_polygons_flat = lambda self: iter(self._polygons)
from stsci.skypac.skymatch import skymatch
skymatch(",".join(names), skyuser_kwd="MDRIZSKY", readonly=False, subtractsky=False, dq_bits=None, flog=None, verbose=False, **options)
"""


def peer(folder, program, names, options):
    request = json.dumps([names, options])
    done = subprocess.run([sys.executable, "-c", program], input=request, capture_output=True, text=True, cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return np.array([fits.getval(folder / name, "MDRIZSKY", ("SCI", 1)) for name in names])


@pytest.fixture(scope="session")
def ours():
    if "FIRSTLIGHT_BIN" not in os.environ:
        pytest.skip("FIRSTLIGHT_BIN is not set")
    program = pathlib.Path(os.environ["FIRSTLIGHT_BIN"]).parent / "examples" / "sky"
    if not program.exists():
        pytest.skip("the example sky is not built")

    def run(folder, names, static_sig=0.0, **options):
        line = [program, json.dumps(options), str(static_sig), *names]
        done = subprocess.run(line, capture_output=True, text=True, cwd=folder)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


@pytest.fixture
def frames(data, tmp_path):
    """A folder of copies, and their names."""
    names = []
    for number, (level, slope, time, ra, dec) in enumerate(FRAMES):
        names.append(f"jsky{number:02d}q_flt.fits")
        with fits.open(data / NAME) as hdus:
            sci = hdus["SCI", 1]
            y, x = np.indices(sci.data.shape)
            sci.data = ((sci.data + level + slope * np.sin((x + 2 * y) / 700.0)) * time).astype("f4")
            sci.data[200 + 40 * number, 300:305] = -2000.0
            sci.header["CRVAL1"] += ra / np.cos(np.radians(sci.header["CRVAL2"]))
            sci.header["CRVAL2"] += dec
            for hdu in hdus:
                for keyword in ("EXPTIME", "ROOTNAME", "EXPNAME"):
                    if keyword in hdu.header:
                        hdu.header[keyword] = hdu.header[keyword] * time if keyword == "EXPTIME" else names[-1][:9]
            hdus.writeto(tmp_path / names[-1])
    return tmp_path, names


def close(found, expected, errors):
    apart = np.abs(found - expected)
    allowed = 1e-3 * np.asarray(errors) + 2e-7 * np.abs(expected)
    assert np.all(apart <= allowed), f"{found} and {expected}, by {apart / errors} of their errors"


@pytest.mark.parametrize(
    "options",
    [
        dict(),
        dict(skystat="mode", skyclip=3, skywidth=0.2),
        dict(skystat="mean", skylower=-20.0, skyupper=100.0, skylsigma=3.0, skyusigma=2.5),
        dict(skymethod="globalmin", sky_bits="16, 64"),
        dict(use_static=False, sky_bits="None"),
    ],
    ids=["default", "mode", "mean", "globalmin", "no_masks"],
)
def test_static_mask_and_measured_skies(frames, ours, options):
    folder, names = frames
    found = ours(folder, names, 4.0, **options)
    given = {key: None if value == "None" else value for key, value in options.items()}
    expected = peer(folder, ASTRODRIZZLE, names, dict(given, static_sig=4.0))
    close(
        np.array([sky["sky"] for sky in found["sky"]]), expected, [sky["measured"]["error"] for sky in found["sky"]]
    )
    masks = list(folder.glob("*staticMask.fits"))
    assert len(masks) == 1
    low = {tuple(place) for place in found["masked"][0]}
    assert low == set(zip(*map(np.ndarray.tolist, np.nonzero(fits.getdata(masks[0]) == 0))))
    assert low


@pytest.mark.parametrize("skystat", ["median", "mode", "mean"])
@pytest.mark.parametrize("skymethod", ["match", "globalmin+match"])
def test_matched_skies(frames, ours, skymethod, skystat):
    folder, names = frames
    found = ours(folder, names, skymethod=skymethod, skystat=skystat, sky_bits="None")["sky"]
    local = ours(folder, names, skystat=skystat, sky_bits="None")["sky"]
    assert all(sky["status"] == "matched" and sky["group"] == 0 for sky in found)
    expected = peer(folder, SKYMATCH, names, dict(skymethod=skymethod, skystat=skystat))
    close(np.array([sky["sky"] for sky in found]), expected, [sky["measured"]["error"] for sky in local])
