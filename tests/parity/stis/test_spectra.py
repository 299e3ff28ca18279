"""The spectrum of the simulated star, calibrated by our command and by calstis 3.5.0 from the same raws.

The official sx1 is compared as a whole: WAVELENGTH to 1e-8 Å, FLUX and ERROR to 1e-6 of their value, DQ identical. Of the
rectified image (sx2) the official sums are known, of the wavecal its shifts (1e-6 pixel).
"""

import gzip
import shutil
import subprocess
import sys

import numpy as np
import pytest
from astropy.io import fits

SHIFTS = {"SHIFTA1": 2.399198172, "SHIFTA2": -1.397528851}
RECTIFIED = {"SCI": 2.38256705e-09, "ERR": 5.72404760e-10}
RECTIFIED_FLAGGED = 275419
DIFF2PT = 0.013073569


@pytest.fixture(scope="module")
def products(truth, command, tmp_path_factory):
    """Our products of the simulated exposure, whose dark is the official one of its week."""
    world = tmp_path_factory.mktemp("stis_spectra")
    words = ["--darks", "1", "--short", "0", "--biases", "1", "--no-raw-darks"]
    subprocess.run([sys.executable, truth / "sim_stis.py", world, *words], check=True, capture_output=True)
    with gzip.open(truth / "stis/sim_weekdark.fits.gz") as packed, (world / "ref/sim_weekdark.fits").open("wb") as dark:
        shutil.copyfileobj(packed, dark)
    for path in (world / "sci").glob("*.fits"):
        fits.setval(path, "DARKFILE", value="oref$sim_weekdark.fits")
    output = world / "products"
    output.mkdir()
    command("calibrate", world / "sci/osim01010_raw.fits", "--ref-dir", world / "ref", "--output-dir", output)
    yield output
    shutil.rmtree(world, ignore_errors=True)


@pytest.fixture(scope="module")
def official(truth):
    with fits.open(truth / "stis/osim01010_sx1.fits.gz") as hdus:
        return hdus["SCI"].header.copy(), hdus["SCI"].data[0]


@pytest.fixture(scope="module")
def ours(products):
    with fits.open(products / "osim01010_sx1.fits") as hdus:
        return hdus["SCI"].header.copy(), hdus["SCI"].data[0]


def test_columns_are_the_same(ours, official):
    (_, spectrum), (_, expected) = ours, official
    assert [column.name for column in spectrum.array.columns] == [column.name for column in expected.array.columns]
    assert spectrum.array.dtype == expected.array.dtype


def test_wavelengths(ours, official):
    np.testing.assert_allclose(ours[1]["WAVELENGTH"], official[1]["WAVELENGTH"], rtol=0, atol=1e-8)


@pytest.mark.parametrize("column", ["GROSS", "NET", "FLUX", "ERROR", "NET_ERROR"])
def test_spectrum(ours, official, column):
    np.testing.assert_allclose(ours[1][column], official[1][column], rtol=1e-6, atol=0)


def test_bits(ours, official):
    np.testing.assert_array_equal(ours[1]["DQ"], official[1]["DQ"])


@pytest.mark.parametrize("column", ["A2CENTER", "EXTRSIZE", "BK1OFFST", "BK2OFFST", "OFFSET", "MAXSRCH"])
def test_boxes(ours, official, column):
    assert ours[1][column] == pytest.approx(official[1][column], rel=1e-6)


def test_velocity_and_place(ours, official):
    for keyword in ["V_HELIO", "CRSCROFF"]:
        assert ours[0][keyword] == pytest.approx(official[0][keyword], rel=1e-7)


def test_shifts_by_the_lamp(products):
    header = fits.getheader(products / "osim01010_crj.fits", "SCI")
    for keyword, shift in SHIFTS.items():
        assert header[keyword] == pytest.approx(shift, abs=1e-6)


def test_rectified_image(products):
    with fits.open(products / "osim01010_sx2.fits") as hdus:
        for name, expected in RECTIFIED.items():
            assert hdus[name].data.sum(dtype=float) == pytest.approx(expected, rel=3e-7)
        assert np.count_nonzero(hdus["DQ"].data) == RECTIFIED_FLAGGED
        assert hdus["SCI"].header["DIFF2PT"] == pytest.approx(DIFF2PT, rel=1e-6)
