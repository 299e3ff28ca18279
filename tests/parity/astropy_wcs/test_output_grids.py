"""The grid that exposures are combined on, against stwcs and drizzlepac.

The peer's way through these functions is the one AstroDrizzle takes: ``output_wcs`` over all chips,
``make_perfect_cd``, ``mergeWCS`` with what the user gave. Compared are the shape, which must be equal, and
CRPIX, CRVAL and CD to 1e-12 of their size (CRVAL: 1e-12 degree). The inputs are the real headers of an HRC
exposure with SIP and of an ACS/WFC exposure with SIP, NPOL and D2IM, moved and turned.
"""

import itertools
import json
import subprocess
import sys

import numpy as np
import pytest
from astropy.io import fits
from exposures import exposure

firstlight = pytest.importorskip("firstlight")
pytestmark = pytest.mark.filterwarnings("ignore")

# stwcs and drizzlepac log, warn and print; they work in a process of their own.
PEER = """
import json, sys, warnings
warnings.simplefilter("ignore")
from stwcs.distortion.utils import output_wcs
from stwcs.wcsutil import HSTWCS
from drizzlepac import util, wcs_functions
jobs = json.load(sys.stdin)
results = []
for job in jobs:
    chips = [HSTWCS(name, ext=("SCI", version)) for name, version in job["chips"]]
    grid = output_wcs(chips)
    grid.wcs.cd = wcs_functions.make_perfect_cd(grid)
    if job["refimage"]:
        extension = util.findWCSExtn(job["refimage"])
        name = job["refimage"].split("[")[0]
        grid = HSTWCS(f"{name}[{extension}]")
    grid = wcs_functions.mergeWCS(grid, job["user"])
    nx, ny = grid.pixel_shape
    results.append({
        "shape": [ny, nx], "crpix": list(grid.wcs.crpix), "crval": list(grid.wcs.crval),
        "cd": grid.wcs.cd.tolist(), "scale": grid.pscale, "orientation": grid.orientat,
        "ctype": list(grid.wcs.ctype), "name": grid.wcs.name,
    })
json.dump(results, open(sys.argv[1], "w"))
"""

NOTHING = {
    name: None for name in ("ra", "dec", "scale", "rot", "outnx", "outny", "crpix1", "crpix2", "refimage")
}
USER = {
    "default": {},
    "scale": {"scale": 0.025},
    "coarse": {"scale": 0.1},
    "rot": {"rot": 0.0},
    "negative rot": {"rot": -123.4},
    "scale and rot": {"scale": 0.0396, "rot": 47.11},
    "size": {"outnx": 2000, "outny": 1501},
    "size and scale": {"outnx": 1300, "outny": 900, "scale": 0.04},
    "centre": {"ra": 5.64, "dec": -72.06},
    "all": {"scale": 0.03, "rot": 12.0, "outnx": 800, "outny": 801, "ra": 5.6, "dec": -72.0},
    "pixel": {"crpix1": 100.25, "crpix2": 2.0},
    "pixel and rot": {"crpix1": 100.25, "crpix2": 2.0, "rot": 90.0, "scale": 0.06},
}


@pytest.fixture(scope="module")
def sets(data, tmp_path_factory):
    """Sets of chips, as (file, version)."""
    folder = tmp_path_factory.mktemp("grids")
    hrc, wfc = data / "hst/acs_hrc/j8bt06nyq_sip_flt.fits", data / "hst/acs_headers/sample_flc_header.fits"
    one = {1: (1024, 1024)}
    two = {1: (2048, 4096), 2: (2048, 4096)}
    plain = str(data / "hst/acs_hrc/j8bt06nyq_flt.fits")
    hrcs = [
        exposure(folder / f"hrc{k}.fits", hrc, one, shift, turn)
        for k, (shift, turn) in enumerate([((0, 0), 0), ((1.27, -0.4), 0), ((-3.1, 2.2), 0.01), ((9, 14), 88.0)])
    ]
    wfcs = [
        exposure(folder / f"wfc{k}.fits", wfc, two, shift, turn)
        for k, (shift, turn) in enumerate([((0, 0), 0), ((60.5, -30.1), 0), ((-2, 1), -171.3)])
    ]
    # Across 0 h, and with a pole between the corners of the field.
    zero = exposure(folder / "zero.fits", hrc, one, (0, 0), 33)
    fits.setval(zero, "CRVAL1", value=359.9995, ext=1)
    pole = exposure(folder / "pole.fits", hrc, one, (0, 0), 5)
    fits.setval(pole, "CRVAL2", value=-89.9999, ext=1)
    # Without the place of the aperture in the focal plane, and without SIP as well.
    bare = exposure(folder / "bare.fits", hrc, one, (0, 0), 5)
    with fits.open(bare, mode="update") as hdus:
        for keyword in list(hdus[1].header):
            if keyword.startswith(("IDC", "OC")):
                del hdus[1].header[keyword]
    return {
        "one HRC": [(hrcs[0], 1)],
        "dithered HRC": [(name, 1) for name in hrcs[:3]],
        "turned HRC": [(name, 1) for name in hrcs],
        "one WFC chip": [(wfcs[0], 2)],
        "WFC": [(wfcs[0], 1), (wfcs[0], 2)],
        "dithered WFC": [(name, version) for name in wfcs for version in (1, 2)],
        "0 h": [(zero, 1)],
        "pole": [(pole, 1)],
        "no IDC": [(bare, 1)],
        "no SIP": [(plain, 1)],
    }


@pytest.fixture(scope="module")
def peers(sets, tmp_path_factory):
    """The peer's grids for every set and every choice of parameters."""
    folder = tmp_path_factory.mktemp("peer")
    jobs, names = [], []
    for (chips_name, chips), (user_name, user) in itertools.product(sets.items(), USER.items()):
        names.append((chips_name, user_name))
        jobs.append({"chips": chips, "user": {**NOTHING, **user}, "refimage": None})
        del jobs[-1]["user"]["refimage"]
    for user_name in ("default", "scale and rot", "size", "centre"):
        names.append(("reference", user_name))
        user = {name: value for name, value in {**NOTHING, **USER[user_name]}.items() if name != "refimage"}
        jobs.append({"chips": sets["WFC"], "user": user, "refimage": sets["turned HRC"][3][0]})
    answer = folder / "answer.json"
    subprocess.run(
        [sys.executable, "-c", PEER, str(answer)],
        input=json.dumps(jobs),
        text=True,
        check=True,
        capture_output=True,
        cwd=folder,
    )
    return dict(zip(names, json.loads(answer.read_text())))


def compare(ours, peer, orientation=True):
    assert list(ours.shape) == peer["shape"]
    cards = ours.cards()
    crpix = [cards["CRPIX1"], cards["CRPIX2"]]
    np.testing.assert_allclose(crpix, peer["crpix"], rtol=1e-12, atol=1e-9)
    turned = (cards["CRVAL1"] - peer["crval"][0] + 180) % 360 - 180
    assert abs(turned) * np.cos(np.radians(peer["crval"][1])) <= 1e-12
    assert abs(cards["CRVAL2"] - peer["crval"][1]) <= 1e-12
    scale = peer["scale"] / 3600
    np.testing.assert_allclose(ours.cd, peer["cd"], rtol=0, atol=1e-12 * scale)
    if orientation:
        assert abs(cards["ORIENTAT"] - peer["orientation"]) <= 1e-10
    assert cards.get("WCSNAME", "") == peer["name"]


@pytest.mark.parametrize("user", USER)
@pytest.mark.parametrize(
    "chips",
    ["one HRC", "dithered HRC", "turned HRC", "one WFC chip", "WFC", "dithered WFC", "0 h", "pole", "no IDC", "no SIP"],
)
def test_grid(chips, user, sets, peers):
    inputs = [firstlight.WCS(name, ("SCI", version)) for name, version in sets[chips]]
    given = {f"final_{name}": value for name, value in USER[user].items()}
    compare(firstlight.common_grid(inputs, final_wcs=bool(given), **given), peers[chips, user])


@pytest.mark.parametrize("user", ["default", "scale and rot", "size", "centre"])
def test_grid_of_a_reference_image(user, sets, peers):
    inputs = [firstlight.WCS(name, ("SCI", version)) for name, version in sets["WFC"]]
    reference = sets["turned HRC"][3][0]
    given = {f"final_{name}": value for name, value in USER[user].items()}
    ours = firstlight.common_grid(inputs, final_wcs=True, final_refimage=reference, **given)
    # Where the reference image is distorted, its CD matrix is skew, and drizzlepac's ORIENTAT is what was
    # asked for, ours what the turned matrix has.
    compare(ours, peers["reference", user], orientation="rot" not in user)
    assert ours.cards()["CTYPE1"] == "RA---TAN"
    explicit = firstlight.common_grid(inputs, final_refimage=f"{reference}[SCI,1]", **given)
    assert explicit.cards() == ours.cards()
