"""The real Nickel night, reduced with one call and by hand with ccdproc: masters and frames to 1e-6.

What ccdproc is told (which files are biases and flats, where the overscan is) the call finds out by itself.
"""

import os
import warnings
from pathlib import Path

import ccdproc
import firstlight
import numpy as np
import pytest
from astropy import units as u
from astropy.nddata import CCDData

DATA = os.environ.get("FIRSTLIGHT_DATA")
RAW = Path(DATA or ".") / "ground" / "nickel" / "raw"
OVERSCAN, IMAGE = "[1025:1056,1:1024]", "[1:1024,1:1024]"

pytestmark = pytest.mark.skipif(not RAW.is_dir(), reason="FIRSTLIGHT_DATA has no ground/nickel")


def trimmed(number):
    """A raw frame without its overscan."""
    frame = CCDData.read(RAW / f"d{number}.fits", unit=u.adu)
    frame = ccdproc.subtract_overscan(frame, fits_section=OVERSCAN, median=True)
    return ccdproc.trim_image(frame, fits_section=IMAGE)


@pytest.fixture(scope="module")
def night(tmp_path_factory):
    return firstlight.reduce(RAW, tmp_path_factory.mktemp("night"), gain=1.8, readnoise=5.5)


@pytest.fixture(scope="module")
def by_hand():
    """Masters, and what is done to a frame."""
    warnings.simplefilter("ignore")

    def electrons(frame):
        frame = ccdproc.create_deviation(frame, gain=1.8 * u.electron / u.adu, readnoise=5.5 * u.electron)
        return ccdproc.gain_correct(frame, 1.8 * u.electron / u.adu)

    bias = ccdproc.combine([electrons(trimmed(n)) for n in range(1001, 1011)], method="median")
    flats = [ccdproc.subtract_bias(electrons(trimmed(n)), bias) for n in range(1035, 1038)]
    flat = ccdproc.combine(flats, method="median", scale=lambda data: 1 / np.median(data))
    # Units of uncertainties are not what a quotient of frames leaves; samples are what is compared.
    flat = CCDData(flat.data, unit=u.dimensionless_unscaled)
    return bias, flat, lambda n: ccdproc.flat_correct(ccdproc.subtract_bias(electrons(trimmed(n)), bias), flat)


def of(report, kind):
    (master,) = [master for master in report["masters"] if master["kind"] == kind]
    return CCDData.read(master["path"])


def test_masters(night, by_hand):
    bias, flat, _ = by_hand
    np.testing.assert_allclose(of(night, "bias").data, bias.data, rtol=1e-6)
    # What is between is kept in single precision; a saturated column leaves next to nothing of the flat.
    np.testing.assert_allclose(of(night, "flat").data, flat.data, rtol=1e-6, atol=2e-7)


@pytest.mark.parametrize("number", [1047, 1048, 1052, 1059, 1074, 1083])
def test_frames(night, by_hand, number):
    _, _, reduced = by_hand
    (product,) = [frame for frame in night["reduced"] if frame["path"].endswith(f"d{number}.fits")]
    ours, theirs = CCDData.read(product["path"]), reduced(number)
    assert ours.unit == theirs.unit == u.electron
    # Where a flat is nearly nothing, its last bits are seen.
    lit = by_hand[1].data > 0.05
    level = np.median(np.abs(theirs.data))
    np.testing.assert_allclose(ours.data[lit], theirs.data[lit], rtol=1e-6, atol=1e-6 * level)
    assert product["after"]["average"] == pytest.approx(ours.data.mean(), rel=1e-5)
    raw = CCDData.read(RAW / f"d{number}.fits", unit=u.adu).data
    assert product["before"]["average"] == pytest.approx(raw.mean(), rel=1e-6)
    assert product["before"]["std"] == pytest.approx(raw.std(), rel=1e-6)
