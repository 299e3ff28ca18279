"""Collections of files, beside ccdproc 2.5's ImageFileCollection on a real night: names, values, filters, order."""

import shutil

import ccdproc
import numpy as np
import pytest

import firstlight


@pytest.fixture(scope="module")
def folder(data):
    return data / "ground" / "nickel" / "raw"


@pytest.fixture(scope="module")
def both(folder):
    return [package.ImageFileCollection(folder) for package in (firstlight, ccdproc)]


def test_files_keywords_and_values(both):
    ours, theirs = both
    assert ours.files == theirs.files
    assert set(ours.keywords) == set(theirs.keywords)
    assert ours.keywords[0] == "file"
    for keyword in theirs.keywords:
        assert ours.values(keyword) == theirs.values(keyword), keyword
        column, expected = ours.summary[keyword], theirs.summary[keyword]
        assert np.array_equal(column.mask, expected.mask), keyword
    assert len(ours.summary) == len(theirs.summary)


@pytest.mark.parametrize(
    "how",
    [
        {"exptime": "*"},
        {"object": "bias"},
        {"object": "BIAS", "include_path": True},
        {"object": "^b|flat", "regex_match": True},
        {"object": "b.as"},
        {"exptime": 0.0},
        {"naxis1": 1056, "object": "*"},
        {"nosuch": None},
        {"nosuch": "*"},
    ],
    ids=str,
)
def test_filters(both, how):
    ours, theirs = (list(collection.files_filtered(**how)) for collection in both)
    assert ours == theirs


def test_filtered_collections_sorted(folder):
    made = []
    for package in (firstlight, ccdproc):
        collection = package.ImageFileCollection(folder, keywords=["object", "exptime", "date-obs"])
        collection.sort(["exptime", "file"])
        made.append((collection.files, collection.values("exptime")))
        smaller = collection.filter(object="*")
        made.append(([str(name) for name in smaller.files], list(smaller.keywords)))
    assert made[0] == made[2]
    assert sorted(made[1][0]) == sorted(made[3][0]) and made[1][1] == made[3][1]


def test_what_the_loops_give(folder):
    names = ["d1001.fits", "d1035.fits"]
    ours, theirs = (package.ImageFileCollection(folder, filenames=names) for package in (firstlight, ccdproc))
    for kind in ("data", "ccds", "hdus", "headers"):
        # ccdproc wants to be told of a unit.
        how = {"ccd_kwargs": {"unit": "adu"}} if kind == "ccds" else {}
        loops = (getattr(collection, kind)(return_fname=True, **how) for collection in (ours, theirs))
        pairs = zip(*loops, strict=True)
        for (one, name), (other, expected) in pairs:
            assert name == expected
            if kind == "headers":
                assert one.tostring() == other.tostring()
            elif kind == "data":
                np.testing.assert_array_equal(one, other)
            else:
                np.testing.assert_array_equal(one.data, other.data)


def test_a_bad_header_does_not_spoil_the_rest(folder, tmp_path):
    shutil.copy(folder / "d1001.fits", tmp_path / "good.fit")
    (tmp_path / "bad.fits").write_bytes(b"<html>not found</html>")
    with pytest.warns(UserWarning, match="bad.fits"):
        ours = firstlight.ImageFileCollection(tmp_path, keywords=["exptime"])
    theirs = ccdproc.ImageFileCollection(tmp_path, keywords=["exptime"])
    assert ours.files == theirs.files == ["bad.fits", "good.fit"]
    assert ours.values("file") == theirs.values("file") == ["good.fit"]
