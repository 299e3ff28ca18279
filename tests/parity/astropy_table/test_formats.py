"""Tables as text and as FITS: what astropy writes is read here, and what is written here is read by astropy.

Values must be equal to the last bit; types too where the format keeps them (ECSV, FITS).
"""

import numpy as np
import pytest
from astropy.table import MaskedColumn, Table

TYPED = ["ascii.ecsv", "fits"]
UNTYPED = ["ascii.csv", "ascii.fixed_width", "ascii.fixed_width_two_line"]
ENDING = {
    "ascii.ecsv": "ecsv",
    "fits": "fits",
    "ascii.csv": "csv",
    "ascii.fixed_width": "txt",
    "ascii.fixed_width_two_line": "dat",
    "ascii.fixed_width_no_header": "log",
}


def scalars(rows=200):
    """Columns of numbers, texts and logicals, with nulls, from a fixed seed."""
    random = np.random.default_rng(1)
    table = Table()
    table["rootname"] = [f"jcrx{n:04d}q" for n in range(rows)]
    table["target"] = random.choice(["NGC 104", "M 31, core", 'the "Bar"', "x|y"], rows)
    table["exptime"] = random.lognormal(0, 20, rows)
    table["tiny"] = random.uniform(-1, 1, rows).astype("f4")
    table["n"] = random.integers(-(2**62), 2**62, rows)
    table["small"] = random.integers(-(2**15), 2**15, rows).astype("i2")
    table["temp"] = MaskedColumn(random.normal(20, 5, rows), mask=random.random(rows) < 0.2)
    table["count"] = MaskedColumn(random.integers(0, 100, rows), mask=random.random(rows) < 0.2)
    table["exptime"].unit = "s"
    table["temp"].unit = "K"
    table["tiny"].unit = "Jy"
    return table


def with_arrays(rows=20):
    random = np.random.default_rng(2)
    table = scalars(rows)
    table["flag"] = random.random(rows) < 0.5
    table["pair"] = random.normal(size=(rows, 2)).astype("f4")
    table["grid"] = random.integers(0, 9, (rows, 2, 3))
    table["pair"].unit = "pix"
    return table


def read_by_us(command, path, *words):
    """Our reading of a table: values and units by column."""
    found = command("table", path, *words, json=True)
    return {column["name"]: column for column in found["columns"]}


def assert_equal(ours, theirs, types=True):
    """``ours`` is the parsed JSON by column, ``theirs`` an astropy table."""
    assert list(ours) == theirs.colnames
    for name in theirs.colnames:
        column, values = ours[name], theirs[name]
        unit = None if values.unit is None else str(values.unit).replace(" ", "")
        if types:
            assert (column["unit"] or "").replace(" ", "") == (unit or "")
            expected = "text" if values.dtype.kind in "US" else values.dtype.name
            assert column["type"] == expected, name
        masked = np.ma.getmaskarray(values) if hasattr(values, "mask") else np.zeros(values.shape, bool)
        for one, other, absent in zip(column["values"], values, masked, strict=True):
            if np.ndim(other):
                assert np.array_equal(np.array(one, dtype=other.dtype), other), name
            elif absent or (values.dtype.kind == "f" and np.isnan(other)):
                assert one is None, name
            elif values.dtype.name == "float32":
                assert np.float32(one) == other, name
            else:
                assert one == other.item() if hasattr(other, "item") else one == other, name


@pytest.mark.parametrize("form", TYPED)
def test_we_read_what_astropy_writes_with_types(command, tmp_path, form):
    table = with_arrays()
    path = tmp_path / f"t.{ENDING[form]}"
    table.write(path, format=form)
    assert_equal(read_by_us(command, path), table)


def test_we_read_ecsv_with_commas(command, tmp_path):
    table = with_arrays()
    table.meta = {"comments": ["one", "two: three"], "nested": {"a": [1, 2, {"b": "c"}]}}
    table["temp"].description = "a long description, " * 20
    table.write(tmp_path / "t.ecsv", delimiter=",")
    assert_equal(read_by_us(command, tmp_path / "t.ecsv"), table)


@pytest.mark.parametrize("form", [*UNTYPED, "ascii.fixed_width_no_header"])
def test_we_read_what_astropy_writes_without_types(command, tmp_path, form):
    table = scalars()
    # astropy shortens nothing, but does write f4 as the f8 it is nearest to.
    table["tiny"] = table["tiny"].astype("f8")
    path = tmp_path / f"t.{ENDING[form]}"
    table.write(path, format=form)
    ours = read_by_us(command, path, "--input-format", form)
    if form == "ascii.fixed_width_no_header":
        table.rename_columns(table.colnames, [f"col{n + 1}" for n in range(len(table.colnames))])
    assert_equal(ours, table, types=False)


@pytest.mark.parametrize("form", TYPED)
def test_astropy_reads_what_we_write_with_types(command, tmp_path, form):
    table = with_arrays()
    table.write(tmp_path / "in.fits")
    path = tmp_path / f"out.{ENDING[form]}"
    command("table", tmp_path / "in.fits", "-o", path)
    ours, theirs = Table.read(path, format=form), Table.read(tmp_path / "in.fits")
    assert ours.colnames == theirs.colnames
    for name in theirs.colnames:
        assert ours[name].unit == theirs[name].unit
        if theirs[name].dtype.kind not in "US":
            assert ours[name].dtype.newbyteorder("=") == theirs[name].dtype.newbyteorder("=")
        # FITS has NaN for reals that are null, and astropy takes it for null in FITS, but not in ECSV.
        absent, expected = np.ma.getmaskarray(ours[name]), np.ma.getmaskarray(theirs[name])
        if ours[name].dtype.kind == "f":
            absent = absent | np.isnan(np.ma.getdata(ours[name]))
            expected = expected | np.isnan(np.ma.getdata(theirs[name]))
        assert np.array_equal(absent, expected), name
        assert np.all((np.ma.getdata(ours[name]) == np.ma.getdata(theirs[name])) | expected), name


@pytest.mark.parametrize("form", UNTYPED)
def test_astropy_reads_what_we_write_without_types(command, tmp_path, form):
    table = scalars()
    table.write(tmp_path / "in.ecsv")
    path = tmp_path / f"out.{ENDING[form]}"
    command("table", tmp_path / "in.ecsv", "-o", path, "--format", form)
    back = Table.read(path, format=form)
    assert back.colnames == table.colnames
    for name in table.colnames:
        masked = np.ma.getmaskarray(table[name]) if hasattr(table[name], "mask") else False
        assert np.array_equal(np.ma.getmaskarray(back[name]), np.broadcast_to(masked, len(back)))
        values = back[name].astype(table[name].dtype) if table[name].dtype.kind == "f" else back[name]
        assert np.all((values == table[name]) | masked), name


def test_rows_are_sorted_and_filtered_as_by_numpy(command, tmp_path):
    table = scalars()
    table.write(tmp_path / "t.ecsv")
    words = ["--filter", 'exptime > 1 && target != "x|y"', "--sort", "-exptime", "--columns", "rootname,e=exptime*2"]
    ours = read_by_us(command, tmp_path / "t.ecsv", *words)
    kept = table[(table["exptime"] > 1) & (table["target"] != "x|y")]
    kept.sort("exptime", reverse=True)
    assert ours["rootname"]["values"] == list(kept["rootname"])
    assert ours["e"]["values"] == list(kept["exptime"] * 2)
