"""Skies with masks of the user's own (``skymask_cat``) against AstroDrizzle, on three copies of the real HRC exposure.

The copies have other levels, exposure times and slopes, so that the sky of what a mask keeps is another than that of the whole.
One mask is in an extension, one in a primary HDU, and one copy has none. Skies agree to a thousandth of their error or the last
bits of single precision. Region files have no peer here: ``stsci.skypac`` knows masks alone.
"""

import json
import subprocess
import sys

import numpy as np
import pytest
from astropy.io import fits

firstlight = pytest.importorskip("firstlight")

ASTRODRIZZLE = """
import json, os, sys, warnings
warnings.simplefilter("ignore")
names, options = json.load(sys.stdin)
os.environ.setdefault("jref", "./")
from drizzlepac.astrodrizzle import AstroDrizzle
off = dict.fromkeys(["driz_separate", "median", "blot", "driz_cr", "driz_combine", "updatewcs", "preserve", "clean"], False)
AstroDrizzle(names, output="x", runfile="", static=True, skysub=True, num_cores=1, **off, **options)
"""
OFF = dict.fromkeys(["driz_separate", "median", "blot", "driz_cr", "driz_combine"], False)


@pytest.fixture(scope="module")
def frames(data, tmp_path_factory):
    """A folder of copies with their masks and the catalogue of these, and the names of the copies."""
    folder, names = tmp_path_factory.mktemp("masks"), []
    y, x = np.indices((1024, 1024))
    for number, (level, slope, time) in enumerate([(0.0, 8.0, 1.0), (7.0, 12.0, 0.5), (-1.5, 5.0, 2.0)]):
        names.append(f"jmask{number}ntq_flt.fits")
        with fits.open(data / "hst/acs_hrc/j8bt06nyq_flt.fits") as hdus:
            sci = hdus["SCI", 1]
            sci.data = ((sci.data + level + slope * np.sin((x + 2 * y) / 700.0)) * time).astype("f4")
            for hdu in hdus:
                for keyword in ("EXPTIME", "ROOTNAME", "EXPNAME"):
                    if keyword in hdu.header:
                        hdu.header[keyword] = hdu.header[keyword] * time if keyword == "EXPTIME" else names[-1][:9]
            hdus.writeto(folder / names[-1])
    half = ((x < 500) & (y > 200)).astype("u1")
    fits.HDUList([fits.PrimaryHDU(), fits.ImageHDU(half)]).writeto(folder / "half.fits")
    around = (np.hypot(x - 500, y - 600) > 300).astype("i2")
    fits.PrimaryHDU(around).writeto(folder / "around.fits")
    lines = ["# masks", f"{names[0]}, half.fits[1]", f"{names[1]}{{('sci',*)}},around.fits"]
    (folder / "masks.cat").write_text("\n".join(lines) + "\n")
    return folder, names


@pytest.mark.parametrize(
    "options", [dict(), dict(skystat="mode", skymethod="globalmin"), dict(sky_bits=None, use_static=False)]
)
def test_skies_with_masks(frames, tmp_path, options):
    source, names = frames
    for path in source.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())

    def ours(**more):
        report = firstlight.drizzle([tmp_path / name for name in names], tmp_path / "ours", **OFF, **options, **more)
        return [image["sky"] for image in report.images]

    without, found = ours(), ours(skymask_cat=tmp_path / "masks.cat")
    request = json.dumps([names, dict(options, skymask_cat="masks.cat")])
    done = subprocess.run(
        [sys.executable, "-c", ASTRODRIZZLE], input=request, capture_output=True, text=True, cwd=tmp_path
    )
    assert done.returncode == 0, done.stdout + done.stderr
    peer = np.array([fits.getval(tmp_path / name, "MDRIZSKY", ("SCI", 1)) for name in names])
    values, errors = (np.array(column) for column in zip(*((s["sky"], s["measured"]["error"]) for s in found)))
    assert np.all(np.abs(values - peer) <= 1e-3 * errors + 2e-7 * np.abs(peer)), f"{values} and {peer}"
    # The masks say something: without them it is another sky, by thousands of what is allowed above.
    measured = [np.array([s["measured"]["value"] for s in skies]) for skies in (found, without)]
    apart = np.abs(measured[0] - measured[1]) / errors
    assert np.all(apart[:2] > 3) and apart[2] == 0
