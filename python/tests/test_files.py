"""Files: contents, headers, pixels, logs."""

import warnings

import numpy as np
import pytest

import firstlight


@pytest.fixture
def exposure(tmp_path):
    """A file with a primary header and pixels."""
    path = tmp_path / "a_raw.fits"
    header = {"ROOTNAME": "a", "EXPTIME": (100.5, "[s] exposure"), "TEMP": 17, "OK": True, "HISTORY": "made"}
    firstlight.writeto(path, np.arange(6, dtype="i2").reshape(2, 3), header)
    return path


@pytest.mark.parametrize("dtype", ["u1", "i2", "u2", "i4", "u4", "i8", "f4", "f8", ">f4", ">i2"])
def test_pixels_come_back_native(tmp_path, dtype):
    pixels = np.arange(12).reshape(3, 4).astype(dtype)
    firstlight.writeto(tmp_path / "t.fits", pixels)
    back = firstlight.getdata(tmp_path / "t.fits")
    assert back.dtype == pixels.dtype.newbyteorder("=") and back.dtype.isnative
    np.testing.assert_array_equal(back, pixels)
    np.testing.assert_array_equal(firstlight.getdata(tmp_path / "t.fits", 0), pixels)


def test_views_are_written_as_they_look(tmp_path):
    pixels = np.arange(12.0).reshape(3, 4)
    firstlight.writeto(tmp_path / "t.fits", pixels[::-1, ::2].T)
    np.testing.assert_array_equal(firstlight.getdata(tmp_path / "t.fits"), pixels[::-1, ::2].T)
    with pytest.raises(TypeError, match="complex"):
        firstlight.writeto(tmp_path / "z.fits", pixels.astype(complex))


def test_headers_read_like_dictionaries(exposure):
    header = firstlight.getheader(exposure)
    assert header["exptime"] == 100.5 and header["TEMP"] == 17 and header["OK"] is True
    assert header.comments["exptime"] == "[s] exposure"
    assert header["HISTORY"] == ["made"]
    assert header.get("ABSENT") is None and "ABSENT" not in header and "Temp" in header
    assert list(header)[0] == "SIMPLE"
    assert ("TEMP", 17, "") in header.cards
    assert repr(header).splitlines()[0].startswith("SIMPLE  =                    T")
    assert len(header.tostring()) == 80 * len(header)
    with pytest.raises(KeyError, match="ABSENT"):
        header["ABSENT"]
    with pytest.raises(KeyError, match="SCI"):
        firstlight.getheader(exposure, ("SCI", 1))


def test_keywords_are_set_in_place(exposure):
    before = exposure.read_bytes()
    firstlight.setval(exposure, "EXPTIME", 12.25)
    firstlight.setval(exposure, "NUMBER", np.int16(3), comment="a number")
    firstlight.setval(exposure, "TARGET", "NGC 104")
    firstlight.setval(exposure, "OK", False)
    firstlight.setval(exposure, "HISTORY", "changed")
    firstlight.setval(exposure, "TEMP", delete=True)
    header = firstlight.getheader(exposure)
    assert [header[key] for key in ("EXPTIME", "NUMBER", "TARGET", "OK")] == [12.25, 3, "NGC 104", False]
    assert header.comments["EXPTIME"] == "[s] exposure"
    assert header["HISTORY"] == ["made", "changed"] and "TEMP" not in header
    assert exposure.read_bytes()[2880:] == before[2880:]
    assert firstlight.getval(exposure, "target") == "NGC 104"
    with pytest.raises(KeyError):
        firstlight.setval(exposure, "TEMP", delete=True)
    with pytest.raises(ValueError):
        firstlight.setval(exposure, "BAD", float("nan"))


def test_files_that_are_read_only_are_not_changed(exposure):
    before = exposure.read_bytes()
    exposure.chmod(0o444)
    for options in ({"value": 1.0}, {"delete": True}):
        with pytest.raises(ValueError, match="read-only"):
            firstlight.setval(exposure, "EXPTIME", **options)
    assert exposure.read_bytes() == before


def test_contents_are_listed_as_by_astropy(exposure):
    found = firstlight.info(exposure)
    assert found[0]["hdus"][0]["dimensions"] == "(3, 2)"
    assert "PrimaryHDU" in repr(found) and repr(found).startswith("Filename: ")
    fits = pytest.importorskip("astropy.io.fits")
    lines = [line.rstrip() for line in repr(found).splitlines()[2:]]
    (number, name, version, kind, cards, shape, form, _), = fits.info(exposure, output=False)
    assert lines == [f"{number:3d}  {name:10}  {version:3} {kind:11}  {cards:5d}   {shape}   {form}"]


def test_logs(exposure, tmp_path):
    firstlight.writeto(tmp_path / "b_raw.fits", np.zeros(3, "f4"), {"ROOTNAME": "b", "TEMP": 26})
    columns = ["rootname", "exptime", "double=temp*2"]
    log = firstlight.log(tmp_path / "*_raw.fits", columns=columns, sort="-temp")
    assert log.colnames == ["rootname", "exptime", "double"]
    assert list(log["double"]) == [52, 34] and log["exptime"].mask.tolist() == [True, False]
    assert log.units == {"exptime": "s"}
    assert len(firstlight.log([tmp_path], filter="temp > 20", columns="file")) == 1
    (tmp_path / "c_raw.fits").write_text("not FITS")
    with pytest.warns(UserWarning, match="c_raw.fits"):
        assert len(firstlight.log(tmp_path)) == 2
    with pytest.raises(firstlight.InputError):
        firstlight.log(tmp_path / "c_raw.fits")
    with pytest.raises(ValueError, match="no column|kind|number"):
        firstlight.log(exposure, columns="x=rootname+1")
    with pytest.raises(FileNotFoundError):
        firstlight.log(tmp_path / "*.png")


def test_headers_of_astropy_are_taken(exposure, tmp_path):
    fits = pytest.importorskip("astropy.io.fits")
    header = fits.Header([("LONG", "x" * 100, "long"), ("A", 1.5, "real"), ("FLAG", True)])
    header["HISTORY"] = "of astropy"
    header["ESO DET ID"] = "ccd"
    firstlight.writeto(tmp_path / "t.fits", np.zeros((2, 2), "f4"), header)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        back = fits.getheader(tmp_path / "t.fits")
    assert back["LONG"] == "x" * 100 and back["A"] == 1.5 and back["FLAG"] is True
    assert back["HISTORY"][0] == "of astropy" and back["ESO DET ID"] == "ccd"
    ours = firstlight.getheader(tmp_path / "t.fits")
    assert ours["LONG"] == "x" * 100 and ours["ESO DET ID"] == "ccd"
    # And ours to another file, cards as they stand.
    firstlight.writeto(tmp_path / "u.fits", np.zeros((2, 2), "f4"), ours)
    assert firstlight.getheader(tmp_path / "u.fits").tostring() == ours.tostring()


def test_tables_are_data_too(tmp_path):
    table = firstlight.Table({"a": [1, 2], "b": ["x", "y"]}, units={"a": "s"})
    firstlight.writeto(tmp_path / "t.fits", table, {"EXTNAME": "PHOT"})
    back = firstlight.getdata(tmp_path / "t.fits")
    assert list(back["b"]) == ["x", "y"] and back.units == {"a": "s"}
    assert len(firstlight.getdata(tmp_path / "t.fits", "PHOT")) == 2
    with pytest.raises(ValueError, match="already"):
        firstlight.writeto(tmp_path / "t.fits", table)
