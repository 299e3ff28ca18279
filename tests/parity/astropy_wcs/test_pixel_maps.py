"""Maps from the pixels of an exposure to those of the grid it is combined on, against drizzlepac.

``PixelMap(…, 0)`` is compared with ``drizzlepac.wcs_functions.WCSMap`` (``all_pix2world``, then ``wcs_world2pix``)
to 1e-7 pixel, ``PixelMap(…, step=10)`` with ``cdriz.DefaultWCSMapping``, which AstroDrizzle uses, to 1e-7 pixel,
and the interpolated map with the first to its tolerance, at every pixel.
"""

import json
import subprocess
import sys

import numpy as np
import pytest
from exposures import exposure

firstlight = pytest.importorskip("firstlight")
pytestmark = pytest.mark.filterwarnings("ignore")

PEER = """
import json, sys, warnings
warnings.simplefilter("ignore")
import numpy as np
from stwcs.distortion.utils import output_wcs
from stwcs.wcsutil import HSTWCS
from drizzlepac import cdriz, wcs_functions
name, version, scale, rot, answer = json.load(sys.stdin)
chip = HSTWCS(name, ext=("SCI", version))
grid = output_wcs([chip])
grid.wcs.cd = wcs_functions.make_perfect_cd(grid)
user = dict.fromkeys(("ra", "dec", "scale", "rot", "outnx", "outny", "crpix1", "crpix2"))
grid = wcs_functions.mergeWCS(grid, {**user, "scale": scale, "rot": rot})
nx, ny = chip.pixel_shape
# As FITS counts, from 1; half pixels are where the corners of drops fall.
y, x = np.indices((ny // 8, nx // 4), dtype=float).reshape(2, -1) * [[8.0], [4.0]] + [[1.5], [1.0]]
exact = wcs_functions.WCSMap(chip, grid).forward(x, y)
stepped = cdriz.DefaultWCSMapping(chip, grid, nx, ny, 10)(x, y)
np.savez(answer, x=x, y=y, exact=np.array(exact) - 1, stepped=np.array(stepped) - 1)
"""

CASES = {
    "HRC": ("hst/acs_hrc/j8bt06nyq_sip_flt.fits", {1: (1024, 1024)}, 1, 0.025, None),
    "HRC turned": ("hst/acs_hrc/j8bt06nyq_sip_flt.fits", {1: (1024, 1024)}, 1, 0.0396, -33.0),
    "WFC chip 2": ("hst/acs_headers/sample_flc_header.fits", {1: (2048, 4096)}, 1, None, None),
    "WFC chip 1": ("hst/acs_headers/sample_flc_header.fits", {2: (2048, 4096)}, 2, 0.03, 0.0),
}


@pytest.fixture(scope="module", params=CASES)
def case(request, data, tmp_path_factory):
    source, versions, version, scale, rot = CASES[request.param]
    folder = tmp_path_factory.mktemp("map")
    name = exposure(folder / "exposure.fits", data / source, versions, (0.3, -0.2), 10.0)
    answer = folder / "answer.npz"
    job = json.dumps([name, version, scale, rot, str(answer)])
    subprocess.run([sys.executable, "-c", PEER], input=job, text=True, check=True, capture_output=True, cwd=folder)
    chip = firstlight.WCS(name, ("SCI", version))
    grid = firstlight.common_grid([chip], final_scale=scale, final_rot=rot)
    return chip, grid, np.load(answer)


def at(pixel_map, x, y):
    """The map at the peer's points, which are counted from 1 and 4 pixels apart along rows."""
    ny, nx = pixel_map.shape
    rows = y.reshape(ny // 8, -1)[:, 0] - 1
    found = [pixel_map.row(row, 0.0, nx) for row in rows]
    return np.array([np.concatenate([row[axis][::4] for row in found]) for axis in (0, 1)])


def test_exact(case):
    chip, grid, peer = case
    pixel_map = firstlight.PixelMap(chip, grid, 0)
    assert pixel_map.is_exact
    np.testing.assert_allclose(at(pixel_map, peer["x"], peer["y"]), peer["exact"], rtol=0, atol=1e-7)


def test_stepped(case):
    chip, grid, peer = case
    pixel_map = firstlight.PixelMap(chip, grid, step=10)
    np.testing.assert_allclose(at(pixel_map, peer["x"], peer["y"]), peer["stepped"], rtol=0, atol=1e-7)


@pytest.mark.parametrize("tolerance", [1e-4, 1e-6])
def test_interpolated(case, tolerance):
    chip, grid, peer = case
    pixel_map = firstlight.PixelMap(chip, grid, tolerance)
    np.testing.assert_allclose(at(pixel_map, peer["x"], peer["y"]), peer["exact"], rtol=0, atol=tolerance)
    # Tables whose corrections change fast leave only the exact map at a millionth of a pixel.
    assert tolerance < 1e-4 or not pixel_map.is_exact
    everywhere = pixel_map.array() - firstlight.PixelMap(chip, grid, 0).array()
    assert np.max(np.abs(everywhere)) <= tolerance


def test_what_the_peer_steps_over(case):
    """How far AstroDrizzle's approximation lies from the exact map: more than ours."""
    chip, grid, peer = case
    theirs = np.max(np.abs(peer["stepped"] - peer["exact"]))
    ours = np.max(np.abs(at(firstlight.PixelMap(chip, grid), peer["x"], peer["y"]) - peer["exact"]))
    print(f"AstroDrizzle {theirs:.1e} px, ours {ours:.1e} px")
    assert ours < theirs < 0.02
