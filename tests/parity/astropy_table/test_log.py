"""Keywords of many files: the log, and the table of HDUs, against ``astropy.io.fits``."""

import pathlib

import pytest
from astropy.io import fits
from astropy.table import Table

KEYWORDS = ["rootname", "filter1", "exptime", "expstart", "mdecodt1", "mdecodt2", "ccdtab", "absent"]


def all_fits(data):
    return [path for path in sorted(data.rglob("*.fits")) if path.is_file()]


def first(path, keyword):
    """The first value that any header of the file has, as astropy reads it."""
    with fits.open(path) as hdus:
        for hdu in hdus:
            if keyword in hdu.header:
                return hdu.header[keyword]
    return None


def test_keywords_of_every_dark_are_astropys(command, data):
    darks = sorted((data / "hst/acs_sbc").glob("*_raw.fits"))
    if not darks:
        pytest.skip("there are no SBC darks")
    found = command("log", *darks, "--columns", ",".join(["file", *KEYWORDS]), json=True)["table"]
    columns = {column["name"]: column["values"] for column in found["columns"]}
    assert columns["file"] == [str(path) for path in darks]
    for keyword in KEYWORDS:
        assert columns[keyword] == [first(path, keyword) for path in darks], keyword


def test_the_log_of_the_darks_is_read_and_extended_by_astropy(command, data, tmp_path):
    """The log of the notebook: written as ``fixed_width``, read by astropy, average temperature added."""
    darks = data / "hst/acs_sbc/*_raw.fits"
    columns = "rootname,mdecodt1,mdecodt2,avgtemp=(mdecodt1+mdecodt2)/2"
    command("log", darks, "--columns", columns, "--sort", "avgtemp", "-o", tmp_path / "data.log")
    log = Table.read(tmp_path / "data.log", format="ascii.fixed_width")
    assert len(log) == 20
    assert list(log["avgtemp"]) == sorted((log["mdecodt1"] + log["mdecodt2"]) / 2)
    log.remove_column("avgtemp")
    log.write(tmp_path / "short.log", format="ascii.fixed_width")
    words = ["--columns", "*,avgtemp=(mdecodt1+mdecodt2)/2", "-o", tmp_path / "again.log"]
    command("table", tmp_path / "short.log", *words)
    assert (tmp_path / "again.log").read_text() == (tmp_path / "data.log").read_text()


def test_hdus_are_listed_as_by_astropy(command, data, plain_astropy):
    paths = all_fits(data)
    found = command("info", *paths, json=True)
    assert found["failed"] == []
    compared = 0
    for ours in found["files"]:
        path = pathlib.Path(ours["file"])
        with fits.open(path, disable_image_compression=False) as hdus:
            theirs = hdus.info(output=False)
        for line, hdu in zip(theirs, ours["hdus"], strict=True):
            number, name, version, kind, cards, dimensions, form = line[:7]
            assert (hdu["index"], hdu["name"], hdu["version"], hdu["kind"]) == (number, name, version, kind), path
            # Where there are extensions, astropy counts an EXTEND that it has put into the header itself.
            invented = number == 0 and len(theirs) > 1 and b"EXTEND  =" not in path.read_bytes()[: 80 * (cards + 1)]
            assert hdu["cards"] == cards - invented, (path, number)
            assert hdu["dimensions"] == (dimensions if isinstance(dimensions, str) else str(dimensions)), path
            assert hdu["format"] == form, (path, number)
            compared += 1
    assert compared > 100


def test_a_key_set_by_us_is_what_astropy_sets(command, data, tmp_path):
    raw = next(iter(sorted((data / "hst/acs_sbc").glob("*_raw.fits"))), None)
    if raw is None:
        pytest.skip("there are no SBC darks")
    ours, theirs = tmp_path / "ours.fits", tmp_path / "theirs.fits"
    for path in (ours, theirs):
        path.write_bytes(raw.read_bytes())
    command("header", "set", "TARGNAME=NGC 104", "EXPTIME=12.5", ours)
    fits.setval(theirs, "TARGNAME", value="NGC 104")
    fits.setval(theirs, "EXPTIME", value=12.5)
    assert ours.read_bytes() == theirs.read_bytes()
