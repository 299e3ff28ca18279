"""Every real FITS file, and files of every kind that astropy writes: what astropy.io.fits reads from
them (cards, pixels, table cells, names, the lines of `info`) is what firstlight reads.

Peer: astropy 8.0.2 (any 7 or 8 should do).

    FIRSTLIGHT_DATA, FIRSTLIGHT_TRUTH   folders whose files are compared; those that are unset are skipped
    FIRSTLIGHT_DUMP                     the `dump` example of crates/fits; built by cargo where unset
"""

import json
import math
import os
import subprocess
import warnings
import zlib
from collections import Counter
from pathlib import Path

import pytest

numpy = pytest.importorskip("numpy")
fits = pytest.importorskip("astropy.io.fits")

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def dump():
    program = os.environ.get("FIRSTLIGHT_DUMP")
    if not program:
        build = ["cargo", "build", "--release", "-q", "-p", "firstlight-fits", "--example", "dump"]
        subprocess.run(build, cwd=ROOT, check=True)
        target = os.environ.get("CARGO_TARGET_DIR", ROOT / "target")
        program = Path(target) / "release" / "examples" / "dump"

    def run(*paths):
        output = subprocess.run([program, *map(str, paths)], check=True, capture_output=True, text=True)
        return [json.loads(line) for line in output.stdout.splitlines()]

    return run


def real_files(variable):
    folder = os.environ.get(variable)
    if not folder:
        pytest.skip(f"{variable} is not set")
    return sorted(p for p in Path(folder).rglob("*") if p.name.endswith((".fits", ".fits.gz")))


@pytest.mark.parametrize("variable, least", [("FIRSTLIGHT_DATA", 100), ("FIRSTLIGHT_TRUTH", 10)])
def test_real_files(dump, variable, least, plain_astropy):
    paths = real_files(variable)
    assert len(paths) >= least
    wrong = [line for path, ours in zip(paths, dump(*paths)) for line in differences(path, ours)]
    assert not wrong, f"{len(wrong)} differences:\n" + "\n".join(wrong[:50])


def test_files_that_astropy_writes(dump, tmp_path):
    paths = list(written_files(tmp_path))
    wrong = [line for path, ours in zip(paths, dump(*paths)) for line in differences(path, ours)]
    assert not wrong, f"{len(wrong)} differences:\n" + "\n".join(wrong[:50])


# Comparing


def differences(path, ours):
    if "error" in ours:
        yield f"{path}: {ours['error']}"
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with fits.open(path, memmap=False, lazy_load_hdus=False) as theirs:
            if len(theirs) != len(ours["hdus"]):
                yield f"{path}: {len(theirs)} HDUs, not {len(ours['hdus'])}"
            info = theirs.info(output=False)
            for index, (hdu, mine) in enumerate(zip(theirs, ours["hdus"])):
                place = f"{path.name}[{index}]"
                if index == 0 and "EXTEND" in hdu.header and not any(c[0] == "EXTEND" for c in mine["cards"]):
                    # astropy adds the card, in memory, to files with extensions that lack it.
                    del hdu.header["EXTEND"]
                    mine["info"][4] += 1
                yield from (f"{place} {line}" for line in info_differences(info[index], mine["info"]))
                yield from (f"{place} {line}" for line in card_differences(hdu, mine["cards"]))
                yield from (f"{place} {line}" for line in data_differences(hdu, mine["data"]))


def info_differences(theirs, mine):
    index, name, version, kind, cards, dimensions, form = theirs[:7]
    expected = [index, name, version, kind, cards, str(dimensions), str(form).replace("'", "")]
    if expected != mine:
        yield f"info: {expected}, not {mine}"


def their_card(card):
    keyword = card.rawkeyword
    if keyword in ("COMMENT", "HISTORY", "") or getattr(card, "_invalid", False):
        return keyword, "commentary", str(card.rawvalue).rstrip(), ""
    value = card.rawvalue
    if isinstance(value, fits.card.Undefined):
        kind, value = "undefined", None
    elif isinstance(value, (bool, numpy.bool_)):
        kind, value = "bool", bool(value)
    elif isinstance(value, int):
        kind, value = ("int", value) if abs(value) < 2**63 else ("float", float(value))
    elif isinstance(value, float):
        kind = "float"
    elif isinstance(value, complex):
        kind, value = "complex", (value.real, value.imag)
    else:
        kind, value = "str", value.rstrip()
    return keyword, kind, value, card.comment.strip()


def card_differences(hdu, mine):
    mine = [(k.upper(), kind, tuple(v) if isinstance(v, list) else v, c.strip()) for k, kind, v, c in mine]
    theirs = [their_card(card) for card in hdu.header.cards]
    theirs = [(k.upper(), kind, v, c) for k, kind, v, c in theirs]
    if isinstance(hdu, fits.CompImageHDU):
        # The order of what is translated from the table's header is each program's own.
        for card, count in (Counter(theirs) - Counter(mine)).items():
            yield f"card only theirs: {card} ({count})"
        for card, count in (Counter(mine) - Counter(theirs)).items():
            yield f"card only ours: {card} ({count})"
        return
    if len(theirs) != len(mine):
        yield f"{len(theirs)} cards, not {len(mine)}"
    for number, (a, b) in enumerate(zip(theirs, mine)):
        if a != b:
            yield f"card {number}: {a}, not {b}"


def crc(array):
    array = numpy.ascontiguousarray(array)
    return zlib.crc32(array.astype(array.dtype.newbyteorder("<")).tobytes())


def data_differences(hdu, mine):
    if mine == "truncated":
        return
    if isinstance(mine, dict) and "error" in mine:
        yield f"data: {mine['error']}"
    elif isinstance(hdu, (fits.BinTableHDU, fits.TableHDU)):
        yield from table_differences(hdu, mine)
    elif hdu.data is None:
        if mine is not None and 0 not in mine["shape"]:
            yield "data where astropy finds none"
    else:
        data = hdu.data
        expected = {"type": data.dtype.name, "shape": list(data.shape), "crc": crc(data)}
        if mine != expected:
            yield f"pixels: {expected}, not {mine}"


def table_differences(hdu, mine):
    if mine["rows"] != len(hdu.data):
        yield f"{len(hdu.data)} rows, not {mine['rows']}"
    if [c["name"] for c in mine["columns"]] != list(hdu.columns.names):
        yield f"columns {hdu.columns.names}, not {[c['name'] for c in mine['columns']]}"
        return
    for index, column in enumerate(mine["columns"]):
        their = hdu.columns[index]
        if (their.unit or None) != column["unit"]:
            yield f"{their.name}: unit {their.unit}, not {column['unit']}"
        cells = hdu.data.field(index)
        expected = column_crc(their, cells, column, len(hdu.data))
        if expected != column["crc"]:
            kind = getattr(cells, "dtype", type(cells))
            yield f"{their.name} ({their.format}, {kind}): cells differ from {column['type']} {column['cells']}"


def column_crc(their, cells, column, rows):
    """What our column's CRC should be, its elements being of the type that it says."""
    if column["type"] == "text":
        flat = numpy.asarray(cells).reshape(-1) if not isinstance(cells, list) else cells
        texts = [str(text).split("\0")[0].rstrip(" ") for text in flat]
        return zlib.crc32("\n".join(texts).encode())
    kinds = {"bool": numpy.uint8, "bits": numpy.uint8}
    kind = numpy.dtype(kinds.get(column["type"], column["type"]))
    if isinstance(column["cells"], dict):
        parts = [numpy.asarray(cells[row]).astype(kind) for row in range(rows)]
        offsets = numpy.cumsum([0] + [len(part) for part in parts]).tolist()
        if offsets != column["cells"]["offsets"]:
            return None
        return crc(numpy.concatenate(parts) if parts else numpy.empty(0, kind))
    array = numpy.asarray(cells)
    if isinstance(column["cells"], list) and list(array.shape[1:]) not in (column["cells"], []):
        return None
    if array.dtype.kind != kind.kind and not (kind == numpy.uint8 and array.dtype.kind == "b"):
        if not (kind.kind in "iuf" and array.dtype.kind in "iuf" and numpy.array_equal(array, array.astype(kind))):
            return None
    if column["nulls"] and kind.kind == "f":
        # Ours is NaN where astropy scales the number that stands for null.
        null = their.null * (their.bscale or 1) + (their.bzero or 0)
        array = numpy.where(array == null, numpy.nan, array)
    return crc(array.astype(kind))


# Writing


def written_files(folder):
    random = numpy.random.default_rng(1)
    image = random.poisson(50, (70, 90))

    for number, kind in enumerate(["u1", "i1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8"]):
        path = folder / f"image_{kind}.fits"
        header = fits.Header()
        header["EXTNAME"], header["EXTVER"] = "SCI", number
        header["HIERARCH ESO DET ID"] = ("CCD 1", "detector")
        header["LONG"] = ("It's a very long text, " * 9, "and a comment")
        header["TINY"], header["PAIR"], header["FLAG"] = 1e-300, 1.5 - 2.5j, True
        header["NOTHING"] = None
        header.add_comment("a comment " * 12)
        header.add_history("some history")
        header.add_blank()
        data = image.astype(kind)
        fits.HDUList([fits.PrimaryHDU(data), fits.ImageHDU(data[None], header)]).writeto(path, checksum=True)
        yield path

    for name, scale in {"scaled": dict(bscale=0.01, bzero=100.5), "whole": dict(bzero=1000, bscale=1)}.items():
        for bits in ("uint8", "int16", "int32"):
            path = folder / f"{name}_{bits}.fits"
            hdu = fits.PrimaryHDU((image + 0.25) if name == "scaled" else image + 1000)
            hdu.scale(bits, **(scale if bits != "uint8" else dict(bscale=0.5, bzero=scale["bzero"])))
            hdu.header["BLANK"] = 60
            hdu.writeto(path)
            yield path

    flat = image.astype("i2")
    noisy = random.normal(100, 5, (70, 90)).astype("f4")
    noisy[3, 4] = numpy.nan
    variants = [(flat.astype(k), c, {}) for c in ("RICE_1", "GZIP_1", "GZIP_2", "HCOMPRESS_1") for k in ("u1", "i2", "i4")]
    variants += [(flat.astype("u2"), "RICE_1", {}), (flat, "PLIO_1", {}), (flat.astype("i4"), "PLIO_1", {})]
    for dither in (-1, 1, 2):
        variants += [(noisy.astype(k), c, dict(quantize_method=dither, dither_seed=42)) for c in ("RICE_1", "GZIP_1") for k in ("f4", "f8")]
    variants += [(noisy, "GZIP_2", dict(quantize_level=0)), (flat, "NOCOMPRESS", {})]
    variants += [(numpy.nan_to_num(noisy), "HCOMPRESS_1", dict(quantize_method=1, dither_seed=7))]
    variants += [(random.poisson(9, (5, 20, 30)).astype("i4"), "RICE_1", {})]
    for number, (data, compression, options) in enumerate(variants):
        path = folder / f"compressed_{number}_{compression}_{data.dtype}.fits"
        header = fits.Header({"EXTNAME": "SCI", "EXPTIME": 12.5})
        hdu = fits.CompImageHDU(data, header, compression_type=compression, **options)
        fits.HDUList([fits.PrimaryHDU(), hdu]).writeto(path)
        yield path

    yield from written_tables(folder)


def written_tables(folder):
    column = fits.Column
    columns = [
        column("L", "L", array=[True, False, True]),
        column("X", "11X", array=numpy.arange(33).reshape(3, 11) % 3 == 0),
        column("B", "B", array=numpy.array([0, 7, 255], "u1"), null=7),
        column("SB", "B", bzero=-128, array=numpy.array([-128, 0, 127], "i1")),
        column("I", "I", unit="count", array=numpy.array([-32768, 0, 32767]), null=-32768),
        column("UI", "I", bzero=32768, array=numpy.array([0, 32768, 65535], "u2")),
        column("J", "2J", array=numpy.arange(6).reshape(3, 2)),
        column("UJ", "J", bzero=2**31, array=numpy.array([0, 2**31, 2**32 - 1], "u4")),
        column("K", "K", array=numpy.array([-(2**63), 0, 2**63 - 1])),
        column("UK", "K", bzero=2**63, array=numpy.array([0, 2**63, 2**64 - 1], "u8")),
        column("E", "6E", dim="(3,2)", array=numpy.arange(18, dtype="f4").reshape(3, 2, 3) / 7),
        column("D", "D", unit="deg", disp="F12.6", array=[0.1, math.pi, math.nan]),
        column("C", "C", array=numpy.array([1 + 2j, 3, -4j], "c8")),
        column("M", "2M", array=numpy.arange(6).reshape(3, 2) * (1 + 1j)),
        column("A", "12A", array=["short", "", "twelve chars"]),
        column("AA", "15A", dim="(5,3)", array=numpy.array([["a", "bb", "ccc"]] * 3)),
        column("PJ", "PJ()", array=numpy.array([[1, 2, 3], [], [4]], dtype=object)),
        column("QD", "QD()", array=numpy.array([[0.5], [1.5, 2.5], []], dtype=object)),
        column("PE", "PE()", array=numpy.array([[1.5, 2.5], [3.5], [4.5]], dtype=object)),
    ]
    path = folder / "binary.fits"
    fits.BinTableHDU.from_columns(columns, name="CAT").writeto(path)
    yield path

    columns = [column(name, form, array=[3, 4, -1]) for name, form in (("I", "I"), ("J", "J"), ("E", "E"), ("D", "D"))]
    hdu = fits.BinTableHDU.from_columns(columns, name="SCALED")
    for number in range(1, 5):
        hdu.header[f"SCALE{number}"], hdu.header[f"SZERO{number}"] = 0.1 * number, 10.5
    hdu.header["SNULL1"] = -1
    path = folder / "scaled.fits"
    hdu.writeto(path)
    content = path.read_bytes()
    for ours, theirs in ((b"SCALE", b"TSCAL"), (b"SZERO", b"TZERO"), (b"SNULL", b"TNULL")):
        for number in b"1234":
            content = content.replace(ours + bytes([number]) + b"  =", theirs + bytes([number]) + b"  =")
    path.write_bytes(content)
    yield path

    columns = [
        column("N", "I6", array=[1, -20, 300], ascii=True),
        column("BIG", "I12", array=[10**10, 0, -1], ascii=True),
        column("F", "F10.4", array=[1.5, -2.25, 0.0], unit="s", ascii=True),
        column("E", "E15.7", array=[1e-30, 2.5e10, -3.0], ascii=True),
        column("D", "D25.17", array=[math.pi, 1e-300, 1e300], ascii=True),
        column("T", "A8", array=["one", "two", "three"], ascii=True),
    ]
    path = folder / "ascii.fits"
    fits.TableHDU.from_columns(columns, name="ASC").writeto(path)
    yield path
