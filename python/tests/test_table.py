"""Tables of numpy columns: made, indexed, sorted, written and read back, handed to astropy and pandas."""

import numpy as np
import pytest

import firstlight
from firstlight import Table


def every_kind():
    ragged = np.empty(3, dtype=object)
    ragged[:] = [np.array([1.0, 2.0]), np.array([]), np.array([3.0])]
    return Table(
        {
            "name": ["M 31", "M33", "LMC"],
            "flag": np.array([True, False, True]),
            "i2": np.array([1, -2, 3], dtype=">i2"),
            "n": np.ma.MaskedArray([1, 2, 3], mask=[False, True, False]),
            "x": np.array([0.1, np.nan, 1e20], dtype="f4"),
            "z": np.array([1 + 2j, 0, -1j]),
            "pair": np.arange(6.0).reshape(3, 2),
            "ragged": ragged,
        },
        units={"x": "deg", "pair": "electron / s"},
        descriptions={"x": "where"},
    )


def assert_same(a, b):
    assert a.colnames == b.colnames
    assert a.units == b.units
    for name in a.colnames:
        if a[name].dtype.kind == "O":
            for one, other in zip(a[name], b[name], strict=True):
                np.testing.assert_array_equal(one, other)
            continue
        np.testing.assert_array_equal(np.ma.getmaskarray(a[name]), np.ma.getmaskarray(b[name]))
        np.testing.assert_array_equal(a[name], b[name])


@pytest.mark.parametrize("ending", ["ecsv", "json", "fits"])
def test_typed_formats_read_back(tmp_path, ending):
    table = every_kind()
    table.write(tmp_path / f"t.{ending}")
    back = firstlight.read_table(tmp_path / f"t.{ending}")
    assert_same(table, back)
    for name in table.colnames:
        assert back[name].dtype.name == table[name].dtype.name
        assert back[name].dtype.isnative


@pytest.mark.parametrize("ending", ["csv", "txt"])
def test_untyped_formats_read_back(tmp_path, ending):
    table = every_kind()["name", "flag", "i2", "n", "x"]
    table.units = {}
    table.write(tmp_path / f"t.{ending}")
    back = firstlight.read_table(tmp_path / f"t.{ending}")
    back["x"] = back["x"].astype("f4")
    assert_same(table, back)


def test_arrays_do_not_go_into_csv(tmp_path):
    with pytest.raises(firstlight.InputError, match="pair"):
        every_kind()["pair",].write(tmp_path / "t.csv")
    assert not list(tmp_path.iterdir())


def test_nothing_is_overwritten_unasked(tmp_path):
    table = Table({"a": [1]})
    table.write(tmp_path / "t.csv")
    with pytest.raises(ValueError, match="already"):
        table.write(tmp_path / "t.csv")
    table.write(tmp_path / "t.csv", overwrite=True)
    with pytest.raises(ValueError, match="format"):
        table.write(tmp_path / "t.csv", format="marble")
    with pytest.raises(FileNotFoundError):
        firstlight.read_table(tmp_path / "absent.csv")


def test_indexing():
    table = every_kind()
    assert len(table) == 3 and "flag" in table and "FLAG" not in table
    assert table["NAME"][0] == "M 31"
    assert table[-1]["name"] == "LMC"
    assert table["x", "flag"].colnames == ["x", "flag"]
    assert table["x", "flag"].units == {"x": "deg"}
    assert len(table[1:]) == 2
    assert list(table[table["flag"]]["name"]) == ["M 31", "LMC"]
    assert [row["i2"] for row in table] == [1, -2, 3]
    with pytest.raises(KeyError, match="there are name, flag"):
        table["absent"]
    table["one"] = 1
    assert list(table["one"]) == [1, 1, 1]
    with pytest.raises(ValueError, match="rows"):
        table["short"] = [1, 2]
    del table["one"]
    assert "one" not in table


def test_sorting_puts_what_is_absent_last():
    table = every_kind()
    table.sort("x")
    assert list(table["name"]) == ["M 31", "LMC", "M33"]
    table.sort("x", reverse=True)
    assert list(table["name"]) == ["LMC", "M 31", "M33"]
    table.sort(["flag", "name"])
    assert list(table["name"]) == ["M33", "LMC", "M 31"]


def test_text_for_people():
    text = repr(every_kind())
    assert text.startswith("<firstlight.Table: 3 rows, 8 columns>\nname")
    assert "electron / s" in every_kind().show() and "--" in every_kind().show()
    html = Table({"<a>": np.arange(100)})._repr_html_()
    assert "&lt;a&gt;" in html and "100 rows" in html and "<td>99</td>" in html
    assert repr(Table()) == "<firstlight.Table: 0 rows, 0 columns>"


def test_astropy_takes_the_columns():
    pytest.importorskip("astropy")
    table = every_kind()
    other = table.to_astropy()
    assert other.colnames == table.colnames
    assert str(other["x"].unit) == "deg" and other["x"].description == "where"
    assert other["n"].mask.tolist() == [False, True, False]
    assert np.shares_memory(other["pair"], table["pair"])
    # And back: units come along.
    again = Table({name: other[name] for name in other.colnames})
    assert again.units["pair"] == "electron / s"


def test_pandas_takes_the_columns():
    pd = pytest.importorskip("pandas")
    frame = every_kind().to_pandas()
    assert list(frame["name"]) == ["M 31", "M33", "LMC"]
    assert frame["n"].isna().tolist() == [False, True, False]
    assert frame["n"][2] == 3 and frame["i2"].dtype == np.dtype("i2")
    assert isinstance(frame, pd.DataFrame)


def test_columns_come_without_a_copy(tmp_path):
    values = np.arange(1000, dtype="f8")
    Table({"x": values}).write(tmp_path / "t.json")
    back = firstlight.read_table(tmp_path / "t.json")
    # numpy holds the reader's own memory, and may write to it.
    assert not back["x"].flags.owndata and back["x"].flags.writeable
    np.testing.assert_array_equal(back["x"], values)
