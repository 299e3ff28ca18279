"""``firstlight wcs`` against ``astropy.wcs``: 1e-9 degree and 1e-6 pixel; and its exit codes."""

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS as Peer

pytestmark = pytest.mark.filterwarnings("ignore")
PIXELS = [(0.0, 0.0), (1234.5, 2000.25), (4095.0, 17.0)]


@pytest.fixture
def flc(data):
    return data / "hst/acs_headers/sample_flc_header.fits"


@pytest.fixture
def peer(flc):
    with fits.open(flc) as hdus:
        return Peer(hdus["SCI", 2].header, hdus, key="B")


def test_sky(command, flc, peer):
    words = [f"{x},{y}" for x, y in PIXELS]
    rows = command("wcs", "sky", flc, *words, "-e", "SCI,2", "--alternate", "B", json=True)
    expected = peer.all_pix2world(PIXELS, 0)
    np.testing.assert_allclose([(row["ra"], row["dec"]) for row in rows], expected, rtol=0, atol=1e-9)
    assert [(row["x"], row["y"]) for row in rows] == PIXELS


def test_pixel(command, flc, peer):
    sky = peer.all_pix2world(PIXELS, 0)
    words = [f"{ra:.13f},{dec:.13f}" for ra, dec in sky]
    rows = command("wcs", "pixel", flc, *words, "--alternate", "b", "-e", "SCI,2", json=True)
    np.testing.assert_allclose([(row["x"], row["y"]) for row in rows], PIXELS, rtol=0, atol=1e-6)


def test_hours_degrees_and_text(command, flc):
    text = command("wcs", "pixel", flc, "10:00:07.2,+63:10:12", "150.03,63.17")
    head, first, second = text.splitlines()
    assert head.split() == ["x", "y", "ra", "dec"]
    assert first == second and first.split()[2:] == ["150.030000000", "63.170000000"]


def test_exit_codes(command, data, flc):
    command("wcs", "sky", flc, "1;2", exit_code=2)
    command("wcs", "sky", flc, "1,2", "-e", "0", exit_code=3)
    command("wcs", "sky", flc, "1,2", "-e", "SCI,1", "--alternate", "Z", exit_code=3)
    command("wcs", "sky", data / "none.fits", "1,2", exit_code=4)
    command("wcs", "sky", data / "hst/stis_acq/o4sp040b0_raw.fits", "1,2", "-e", "SCI,1", exit_code=6)
    # A position begins with a minus only behind --.
    assert "-5.0000" in command("wcs", "sky", flc, "--", "-5,3")
