"""Collections of files by their headers."""

import numpy as np
import pytest

import firstlight


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "deep").mkdir()
    for name, filt, exptime in [
        ("a.fits", "V", 10.0),
        ("b.fit", "B", 20.0),
        ("c.FTS", "v", 10.0),
        ("deep/d.fits", "V", 30.0),
    ]:
        header = {"FILTER": filt, "EXPTIME": exptime, "PICTTYPE": 1}
        firstlight.writeto(tmp_path / name, np.full((2, 3), exptime, dtype="float32"), header=header)
    firstlight.writeto(tmp_path / "e.fits", np.zeros((2, 3), "int16"), header={"PICTTYPE": 2})
    (tmp_path / "notes.txt").write_text("none")
    return tmp_path


def test_files_and_values(folder):
    collection = firstlight.ImageFileCollection(folder, keywords=["filter", "exptime"])
    assert collection.files == ["a.fits", "b.fit", "c.FTS", "e.fits"]
    assert collection.keywords == ["file", "filter", "exptime"]
    assert collection.values("filter") == ["V", "B", "v", None]
    assert collection.values("exptime", unique=True) == [10.0, 20.0, None]
    assert len(collection.summary) == 4
    with pytest.raises(ValueError):
        collection.values("airmass")
    deep = firstlight.ImageFileCollection(folder, recursive=True, glob_exclude="e*")
    assert [name.replace("\\", "/") for name in deep.files] == ["a.fits", "b.fit", "c.FTS", "deep/d.fits"]
    assert set(firstlight.ImageFileCollection(folder, find_fits_by_reading=True).files) == set(collection.files)


def test_filters_and_groups(folder):
    collection = firstlight.ImageFileCollection(folder)
    assert collection.files_filtered(filter="v") == ["a.fits", "c.FTS"]
    assert collection.files_filtered(picttype=1, exptime=20) == ["b.fit"]
    assert collection.files_filtered(filter="^[bx]", regex_match=True) == ["b.fit"]
    assert collection.files_filtered(filter=None) == ["e.fits"]
    assert collection.files_filtered(filter="V.") == []
    assert collection.group_by("picttype") == {(1,): ["a.fits", "b.fit", "c.FTS"], (2,): ["e.fits"]}
    smaller = collection.filter(exptime=10.0)
    assert smaller.values("filter") == ["V", "v"]
    assert [data[0, 0] for data in smaller.data()] == [10.0, 10.0]
    none = collection.filter(exptime=99)
    assert none.files == [] and none.summary is None
    collection.sort(["exptime", "file"])
    assert collection.files == ["a.fits", "c.FTS", "b.fit", "e.fits"]


def test_a_bad_file_is_told_of(folder):
    (folder / "bad.fits").write_bytes(b"SIMPLE")
    with pytest.warns(UserWarning, match="bad.fits"):
        collection = firstlight.ImageFileCollection(folder)
    assert "bad.fits" in collection.files and len(collection.summary) == 4
    with pytest.warns(UserWarning, match="no FITS files"):
        firstlight.ImageFileCollection(folder / "deep", glob_include="x*")


def test_logs_with_conditions_and_groups(folder):
    table = firstlight.log(folder, columns="file,filter,exptime", where=["PICTTYPE=1", "filter=V"])
    assert len(table) == 2
    assert len(firstlight.log(folder, columns="file", where="filter~^b$")) == 1
    groups = firstlight.log(folder, group_by="picttype")
    assert list(groups["count"]) == [3, 1]
    with pytest.raises(ValueError, match="condition"):
        firstlight.log(folder, where="filter")
