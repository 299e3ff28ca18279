"""Nights reduced."""

import os

import firstlight
import numpy as np
import pytest
from astropy.io import fits

SHAPE = (16, 20)


def put(path, kind, counts, **cards):
    header = fits.Header({"PICTTYPE": kind, "EXPTIME": 0.0, "CCD-TEMP": -5.0, "DATE-OBS": "2018-03-09T02:00:00"})
    header.update({name.replace("_", "-"): value for name, value in cards.items()})
    path.parent.mkdir(parents=True, exist_ok=True)
    fits.writeto(path, np.asarray(counts, np.uint16), header)


@pytest.fixture
def night(tmp_path):
    """Bias 100, dark 2 counts/s, a flat that rises along x, a sky of 10 counts/s."""
    raw = tmp_path / "raw"
    flat = np.broadcast_to(np.linspace(0.5, 1.5, SHAPE[1]), SHAPE)
    for n in range(2):
        put(raw / f"b{n}.fits", 2, np.full(SHAPE, 100))
        put(raw / f"d{n}.fits", 3, np.full(SHAPE, 100 + 200), EXPTIME=100.0)
        put(raw / f"f{n}.fits", 4, 120 + 20000 * flat, EXPTIME=10.0, FILTER="V")
    put(raw / "s.fits", 1, 100 + 100 + 500 * flat + 0.5, EXPTIME=50.0, FILTER="V")
    return raw


def test_a_night(night, tmp_path):
    report = firstlight.reduce(night, tmp_path / "out")
    assert not report["failed"] and report["nights"] == ["2018-03-09"]
    (frame,) = report["reduced"]
    np.testing.assert_allclose(fits.getdata(frame["path"]), 500, atol=2)
    assert frame["dark_factor"] == 0.5 and os.path.exists(report["page"])
    again = firstlight.reduce(str(night), str(tmp_path / "out"))
    assert all(frame["up_to_date"] for frame in again["reduced"])


def test_what_is_missing_is_told_of(night, tmp_path):
    put(night / "r.fits", 1, np.full(SHAPE, 700), EXPTIME=50.0, FILTER="R")
    report = firstlight.reduce(night, tmp_path / "out", no_page=True)
    assert "filter R" in report["failed"][0]["error"]
    with pytest.raises(ValueError, match="filter R"):
        firstlight.reduce(night, tmp_path / "other", stop=True)
    masters = {master["kind"]: master["path"] for master in report["masters"]}
    given = {"bias": masters["bias"], "flat": {"R": masters["flat"]}, "ignore_files": "d?.fits"}
    report = firstlight.reduce([night], tmp_path / "other", **given, gain=2, no_page=True)
    assert "no darks" in report["notes"][0]
    assert not report["failed"] and {frame["unit"] for frame in report["reduced"]} == {"electron"}


def test_a_night_as_a_file(night, tmp_path):
    file = tmp_path / "night.toml"
    file.write_text('input = ["raw"]\noutput = "out"\nno_page = true\ntemperature_tolerance = 3.0\n')
    report = firstlight.reduce(file)
    assert len(report["reduced"]) == 1 and report["page"] is None
    with pytest.raises(ValueError, match="nearst"):
        firstlight.reduce(file, nearst=True)


def test_a_detector_that_is_not_linear(tmp_path):
    def counted(light):
        """What is counted where light is x + 1e-5 x**2 of it, above a bias of 100."""
        return np.rint(100 + (np.sqrt(1 + 4e-5 * np.broadcast_to(light, SHAPE)) - 1) / 2e-5)

    raw = tmp_path / "raw"
    flat = np.broadcast_to(np.linspace(0.5, 1.5, SHAPE[1]), SHAPE)
    for n in range(2):
        put(raw / f"b{n}.fits", 2, np.full(SHAPE, 100))
        put(raw / f"d{n}.fits", 3, counted(2000.0), EXPTIME=100.0)
        put(raw / f"f{n}.fits", 4, counted(200 + 20000 * flat), EXPTIME=10.0, FILTER="V")
    put(raw / "s.fits", 1, counted(1000 + 10000 * flat), EXPTIME=50.0, FILTER="V")
    (frame,) = firstlight.reduce(raw, tmp_path / "as_it_is", no_page=True)["reduced"]
    assert np.ptp(fits.getdata(frame["path"])) > 300
    (frame,) = firstlight.reduce(raw, tmp_path / "out", no_page=True, linearity=(1, 1e-5))["reduced"]
    np.testing.assert_allclose(fits.getdata(frame["path"]), 10000, atol=6)
    given = {"linearity": (1, 1e-5), "background": "frame"}
    report = firstlight.reduce(raw, tmp_path / "out", no_page=True, **given)
    (frame,) = report["reduced"]
    np.testing.assert_allclose(fits.getdata(frame["path"]), 0, atol=6)
    # Masters are as they were: a background is one of frames of the sky.
    assert all(master["up_to_date"] for master in report["masters"])
    with pytest.raises((firstlight.FirstlightError, ValueError), match="side of boxes"):
        firstlight.reduce(raw, tmp_path / "other", background="some")


def test_cosmic_rays_and_fringes(tmp_path):
    random, shape = np.random.default_rng(7), (80, 96)
    y, x = np.indices(shape)
    fringe = np.sin((x + 0.4 * y) / 2)
    raw = tmp_path / "raw"
    for n in range(3):
        put(raw / f"b{n}.fits", 2, 100 + random.normal(0, 4, shape))
        for name in "VI":
            put(raw / f"f{name}{n}.fits", 4, 100 + random.normal(20000, 70, shape), EXPTIME=10.0, FILTER=name)
    star = 8000 * np.exp(-((x - 60.3) ** 2 + (y - 50.8) ** 2) / 5)
    rays = [(20, 30), (21, 31), (70, 10)]
    for name, scale in (("V", 0), ("I", 40)):
        counts = 100 + 500 + scale * fringe + star + random.normal(0, 16, shape)
        counts[tuple(np.transpose([(row, column) for column, row in rays]))] += 2000
        put(raw / f"s{name}.fits", 1, counts, EXPTIME=50.0, FILTER=name)
    header = fits.Header({"BUNIT": "electron"})
    fits.writeto(tmp_path / "fringe.fits", fringe.astype(np.float32), header)
    night = {"gain": 2, "readnoise": 8, "without": "dark", "no_page": True, "fringe": {"I": tmp_path / "fringe.fits"}}
    with pytest.raises(ValueError, match="readout noise"):
        firstlight.reduce(raw, tmp_path / "out", lacosmic=True, no_page=True)
    report = firstlight.reduce(raw, tmp_path / "out", lacosmic=True, sigclip=6, **night)
    assert not report["failed"]
    for frame in report["reduced"]:
        with fits.open(frame["path"]) as product:
            mask = product["MASK"].data
            assert all(mask[row, column] & 4 for column, row in rays) and not mask[44:58, 54:67].any()
            assert frame["cosmic_rays"] == np.count_nonzero(mask & 4)
            assert np.abs(product[0].data[30, 20] - 1000) < 300
            assert "sigclip 6" in product[0].header["LACOSMIC"]
        if frame["filter"] == "I":
            assert abs(frame["fringe_scale"] - 80) < 4 * frame["fringe_scale_error"] < 8
        else:
            assert frame["fringe"] is None
    report = firstlight.reduce(raw, tmp_path / "out", **night)
    assert not any(frame["up_to_date"] or frame["cosmic_rays"] for frame in report["reduced"])
