"""Superdarks from Python: refstis's names on files, periods, one exposure's, and arrays."""

import numpy as np
import pytest
from astropy.io import fits

import firstlight

REJECTION = {
    "scalense": 0.0,
    "initgues": "minimum",
    "skysub": "mode",
    "crsigmas": "5,4,3",
    "crradius": 1.5,
    "crthresh": 0.8,
    "badinpdq": 0,
}
SHAPE = (60, 50)


def counts(day, hot):
    y, x = np.indices(SHAPE)
    image = (10 + ((x * 31 + y * 17 + day * 7) % 11) / 10 - 0.5).astype("f4")
    for place, rate in hot.items():
        image[place] = 1000 * rate
    return image


def dark(folder, day, hot=(), **keywords):
    primary = fits.Header()
    texts = {"INSTRUME": "STIS", "DETECTOR": "CCD", "CCDAMP": "D", "TARGNAME": "DARK", "ROOTNAME": f"odk{day:03}"}
    primary.update(texts, BLEVCORR="COMPLETE", BIASCORR="COMPLETE", CCDGAIN=1, BINAXIS1=1, BINAXIS2=1)
    primary.update(TDATEOBS=f"2015-03-{day:02}", TTIMEOBS="05:00:00", TEXPSTRT=57000.0 + day, ATODGAIN=1.0, READNSE=5.0)
    primary.update(keywords)
    sci = fits.Header({"EXTNAME": "SCI", "EXTVER": 1, "EXPTIME": 1000.0, "OCCDHTAV": 18.0})
    path = folder / f"{primary['ROOTNAME']}_flt.fits"
    hdus = [fits.PrimaryHDU(header=primary), fits.ImageHDU(counts(day, dict(hot)), sci)]
    fits.HDUList(hdus).writeto(path)
    return path


@pytest.fixture
def darks(tmp_path):
    old, new = {(30, 20): 2.0}, {(30, 20): 2.0, (40, 9): 5.0}
    return [dark(tmp_path, day, old if day < 10 else new) for day in (1, 3, 5, 7, 12, 14, 16)]


def test_basedark_and_weekdark(darks, tmp_path):
    base, week = tmp_path / "base.fits", tmp_path / "week.fits"
    before = [path.read_bytes() for path in darks]
    report = firstlight.make_basedark(darks, refdark_name=base, **REJECTION)
    assert report["report"]["hot"]["flagged"] == 1 and report["left_out"] == []
    report = firstlight.make_weekdark(darks[4:], week, base, hot_table=str(tmp_path / "hot.csv"), **REJECTION)
    assert report["report"]["hot"]["new"] == 1
    with fits.open(base) as old, fits.open(week) as new:
        assert old["SCI"].data[40, 9] < 0.1 < new["SCI"].data[40, 9]
        assert (old["DQ"].data[30, 20], new["DQ"].data[40, 9]) == (16, 16)
        assert new[0].header["TASKNAME"] == "WEEKDARK"
    assert firstlight.read_table(tmp_path / "hot.csv")["new"][2] == 1
    assert before == [path.read_bytes() for path in darks]
    with pytest.raises(ValueError, match="there already"):
        firstlight.make_basedark(darks, refdark_name=base, **REJECTION)
    with pytest.raises(ValueError, match="unknown field"):
        firstlight.make_basedark(darks, refdark_name=tmp_path / "x.fits", nonsense=1)


def test_darks_that_do_not_go_together(darks, tmp_path):
    other = dark(tmp_path, 20, CCDGAIN=4)
    with pytest.raises(firstlight.FirstlightError, match="CCDGAIN"):
        firstlight.make_basedark([darks[0], other], tmp_path / "x.fits", **REJECTION)
    report = firstlight.dark_periods([*darks, other])
    assert "CCDGAIN is 4" in report["left_out"][0]["reason"]
    assert len(report["periods"][0]["darks"]) == len(darks)


def test_of_one_exposure(darks, tmp_path):
    exposure = dark(tmp_path, 13, TARGNAME="STAR", ROOTNAME="osim01010")
    (tmp_path / "anneals.csv").write_text("start,end\n57003.5,57004.5\n")
    made = firstlight.superdark_for(
        exposure, darks, output_dir=tmp_path / "made", periods=str(tmp_path / "anneals.csv"), **REJECTION
    )
    assert len(made["period"]["darks"]) == 5 and len(made["week"]["darks"]) == 3
    header = fits.getheader(made["weekdark"]["path"])
    assert header["FILETYPE"] == "DARK IMAGE"


def test_arrays_are_as_files(darks, tmp_path):
    base, week = tmp_path / "base.fits", tmp_path / "week.fits"
    firstlight.make_basedark(darks, base, **REJECTION)
    firstlight.make_weekdark(darks[4:], week, base, **REJECTION)
    images = [fits.getdata(path, 1) for path in darks]
    numbers = {"exptime": 1000.0, "readnoise": 5.0, "temperature": 18.0}
    planes, report = firstlight.combine_darks(images, **numbers, **REJECTION)
    assert report["hot"]["flagged"] == 1
    updated, _ = firstlight.combine_darks(images[4:], **numbers, base=planes, **REJECTION)
    for path, made in ((base, planes), (week, updated)):
        for plane, extension in zip(made, ("SCI", "ERR", "DQ"), strict=True):
            np.testing.assert_array_equal(plane, fits.getdata(path, extension))
    with pytest.raises(ValueError, match="exptime"):
        firstlight.combine_darks(images, [1.0, 2.0], readnoise=5.0, **REJECTION)
    with pytest.raises(ValueError, match="at least two"):
        firstlight.combine_darks(images[:1], 1000.0, readnoise=5.0, **REJECTION)


def test_darks_of_a_camera_on_the_ground(tmp_path):
    rng = np.random.default_rng(3)
    paths = []
    for number in range(5):
        image = rng.poisson(0.1 * 300, SHAPE) / 2.0 + 100 + rng.normal(0, 3, SHAPE)
        image[10, 12] = 900.0 + 100
        header = fits.Header({"EXPTIME": 300.0, "RN": 6.0, "BUNIT": "adu"})
        paths.append(tmp_path / f"dark{number}.fits")
        fits.PrimaryHDU(image.astype("f4"), header).writeto(paths[-1])
    bias = tmp_path / "bias.fits"
    fits.PrimaryHDU(np.full(SHAPE, 100, "f4"), fits.Header({"BUNIT": "adu"})).writeto(bias)
    output = tmp_path / "dark.fits"
    with pytest.raises(firstlight.FirstlightError, match="--gain"):
        firstlight.make_basedark(paths, output, bias, readnoise="RN")
    report = firstlight.make_basedark(paths, output, bias, gain=2.0, readnoise="RN")
    assert report["report"]["unit"] == "adu/s"
    with fits.open(output) as made:
        assert made[0].header["EXPTIME"] == 1.0
        assert made[0].data[10, 12] == pytest.approx(3.0, abs=0.05)
        assert made["MASK"].data[10, 12] == 128
        # 0.1 e/s are 0.05 adu/s.
        assert np.median(made[0].data) == pytest.approx(0.05, abs=1e-3)
        assert np.std(made[0].data[20:]) == pytest.approx(np.median(made["UNCERT"].data), rel=0.1)
    with pytest.raises(ValueError, match="subtracted already|no bias|bias"):
        firstlight.make_basedark(paths, tmp_path / "x.fits", bias, gain=2.0, readnoise="RN", without_bias=True)


def test_options_of_other_cameras_are_refused_for_stis(darks, tmp_path):
    with pytest.raises(ValueError, match="gain"):
        firstlight.make_basedark(darks, tmp_path / "x.fits", gain=1.0, **REJECTION)
