"""Darks from Python: rates as numpy has them, matches, implants, and the workflow."""

import glob
import os

import numpy as np
import pytest
from astropy.io import fits

import firstlight


@pytest.fixture(scope="module")
def visit(tmp_path_factory):
    return firstlight.simulate_sbc(tmp_path_factory.mktemp("visit"), seed=3, darks=8)


BOX = np.s_[650:850, 580:780]


def test_sums_are_numpys(visit):
    table = firstlight.dark_rate(visit["darks"], box=BOX)
    for path, total in zip(visit["darks"], table["sum"]):
        assert total == np.sum(fits.getdata(path)[BOX])
    assert table["sum"].dtype.kind == "i"
    science = firstlight.dark_rate(visit["science"])
    for path, total in zip(visit["science"], science["sum"]):
        assert total == pytest.approx(np.sum(fits.getdata(path)[BOX], dtype=np.float64), rel=1e-12)


def test_real_darks():
    if "FIRSTLIGHT_DATA" not in os.environ:
        pytest.skip("FIRSTLIGHT_DATA is not set")
    files = sorted(glob.glob(os.path.join(os.environ["FIRSTLIGHT_DATA"], "hst/acs_sbc/*_raw.fits")))
    table = firstlight.dark_rate(files, box="650:850,580:780")
    assert list(table["sum"]) == [np.sum(fits.getdata(file)[BOX]) for file in files]
    assert table["sum"][list(table["rootname"]).index("jcrx01j2q")] == 3566


def test_arrays(visit):
    image = fits.getdata(visit["darks"][0])
    rate = firstlight.box_rate(image, BOX, 1000.0)
    assert rate["sum"] == np.sum(image[BOX]) and isinstance(rate["sum"], int)
    assert rate["rate_error"] == pytest.approx(np.sqrt(rate["sum"]) / 1000)
    with pytest.raises(ValueError, match=r"\(1024, 1024\)"):
        firstlight.box_rate(image, np.s_[1000:1100, 0:10], 1000.0)


def test_match_and_implant(visit, tmp_path):
    science = visit["science"][0]
    report = firstlight.dark_match(science, visit["darks"], exclude_source=(540, 545, 90, 60, 90))
    nearest = report["science"][0]["ranking"]["matches"][0]
    dark = visit["darks"][nearest["index"]]
    output = tmp_path / "dark1.fits"
    done = firstlight.dark_implant(science, dark, output)
    assert done["exptime_s"] == 1000.0
    with fits.open(output) as made, fits.open(science) as original:
        assert np.array_equal(made[1].data, fits.getdata(dark))
        assert np.array_equal(made["DQ"].data, original["DQ"].data)
        assert made[1].header["CD1_1"] == original[1].header["CD1_1"]
        assert made[0].header["EXPTIME"] == 1000.0
    with pytest.raises(ValueError, match="there already"):
        firstlight.dark_implant(science, dark, output)


def test_workflow(visit, tmp_path):
    association = os.path.join(visit["folder"], "jsim11010_asn.fits")
    table, report = firstlight.sbc_dark(
        association, visit["darks"], tmp_path, aperture=(735, 710, 70, 40, 90), blank=[(200, 200, 70, 40, 90)]
    )
    assert list(table["kind"]) == ["target", "blank"]
    assert list(table["x_center"]) == [735, 200]
    assert 1.5 < table["net"][0] < 4 and 0 < table["net_error"][0] < 0.2
    assert os.path.exists(report["page"])
    with pytest.raises(ValueError, match="unknown field"):
        firstlight.sbc_dark(association, visit["darks"], tmp_path, aperture=(1, 1, 1, 1), nonsense=1)


def test_other_detectors(visit, tmp_path):
    other = tmp_path / "other_raw.fits"
    with fits.open(visit["darks"][0]) as dark:
        dark[0].header["DETECTOR"] = "HRC"
        dark.writeto(other)
    science = visit["science"][0]
    with pytest.raises(firstlight.FirstlightError, match="ACS/HRC"):
        firstlight.dark_implant(science, other, tmp_path / "out.fits")
    with pytest.warns(UserWarning, match="ACS/HRC"):
        report = firstlight.dark_match(science, [other, visit["darks"][1]])
    assert [match["index"] for match in report["science"][0]["ranking"]["matches"]] == [1]


def test_a_smaller_detector(tmp_path):
    visit = firstlight.simulate_sbc(tmp_path, darks=1, size=64)
    assert fits.getdata(visit["science"][0]).shape == (64, 64)


def test_missing_files(tmp_path):
    with pytest.raises(FileNotFoundError):
        firstlight.dark_rate(tmp_path / "nowhere_raw.fits")
    with pytest.raises(FileNotFoundError):
        firstlight.dark_rate(str(tmp_path / "*_raw.fits"))
