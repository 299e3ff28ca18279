"""Files: headers, pixels, tables, observing logs."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, Iterable

from . import _native
from .header import Header
from .table import Table

if TYPE_CHECKING:
    import numpy as np

    Path = str | os.PathLike[str]
    Ext = int | str | tuple[str, int]


def read_table(path: Path, ext: Ext | None = None, format: str | None = None) -> Table:
    """Reads a table from a FITS, csv, ECSV, fixed-width or JSON file, or from columns parted by blanks.

    Parameters
    ----------
    path
        The file.
    ext
        The HDU of a FITS file: ``1``, ``"ASN"``, ``"SCI,2"``, ``("SCI", 2)``; the first table without one.
    format
        One of the names that :meth:`Table.write` takes, or ``columns``; told from the content and the
        name without one.
    """
    return _native.read_table(path, None if ext is None else _ext(ext), format)


class Info(list):
    """The contents of files: one dictionary a file, with the list of its HDUs; printed as a table."""

    def __init__(self, files: list[dict[str, Any]], text: str) -> None:
        super().__init__(files)
        self._text = text

    def __repr__(self) -> str:
        return self._text.rstrip("\n")


def info(files: Path | Iterable[Path], checksum: bool = False) -> Info:
    """Lists the HDUs of files: number, name, version, type, cards, dimensions, format.

    Parameters
    ----------
    files
        FITS files, patterns or folders. One of several that cannot be read is told of in a warning.
    checksum
        Whether to read all data and compare them with CHECKSUM and DATASUM.
    """
    found, text, failed = _native.describe(_paths(files), checksum)
    _warn(failed)
    return Info(json.loads(found), text)


def getheader(path: Path, ext: Ext = 0) -> Header:
    """Reads the header of one HDU; no data are read.

    Parameters
    ----------
    path
        The file.
    ext
        The HDU: ``0``, ``"SCI"``, ``"SCI,2"``, ``("SCI", 2)``.
    """
    return Header(_native.read_header(path, _ext(ext)))


def getval(path: Path, keyword: str, ext: Ext = 0) -> Any:
    """Reads the value of one keyword.

    Parameters
    ----------
    path
        The file.
    keyword
        The keyword; ``KeyError`` is raised where it is missing.
    ext
        The HDU.
    """
    return getheader(path, ext)[keyword]


def setval(
    path: Path,
    keyword: str,
    value: Any = None,
    comment: str | None = None,
    ext: Ext = 0,
    delete: bool = False,
    checksum: bool = False,
) -> None:
    """Sets or deletes one keyword in place; every other byte of the file stays as it is.

    Parameters
    ----------
    path
        The file. It is replaced atomically.
    keyword
        The keyword. COMMENT and HISTORY get one more record.
    value
        A bool, int, float, complex or str; ``None`` for a keyword without a value.
    comment
        The comment; the one that is there is kept without it.
    ext
        The HDU.
    delete
        Whether to take the keyword out instead.
    checksum
        Whether to bring CHECKSUM and DATASUM of the HDU up to date, or to add them.
    """
    _native.set_keyword(path, keyword, value, comment, _ext(ext), delete, checksum)


def getdata(path: Path, ext: Ext | None = None) -> np.ndarray | Table:
    """Reads the pixels of an image as an array ``[y, x]`` in native byte order, or a table.

    BSCALE and BZERO are applied, blank pixels are NaN, compressed images are unpacked, constant arrays
    filled.

    Parameters
    ----------
    path
        The file.
    ext
        The HDU; the first that has data without one.
    """
    return _native.read_data(path, None if ext is None else _ext(ext))


def writeto(path: Path, data: Any, header: Any = None, overwrite: bool = False) -> None:
    """Writes an image or a table to a new file, atomically.

    Parameters
    ----------
    path
        The file.
    data
        An array, which becomes the primary HDU, or a :class:`Table`, which becomes the first extension.
    header
        Keywords to go with it: a :class:`Header`, an ``astropy.io.fits.Header``, or a dictionary of
        values or of ``(value, comment)``. What speaks of the shape of data is replaced.
    overwrite
        Whether a file of that name may be replaced.
    """
    text = header.tostring(sep="") if hasattr(header, "tostring") else ""
    items = []
    if header is not None and not text:
        for keyword, value in dict(header).items():
            value, comment = value if isinstance(value, tuple) else (value, None)
            items.append((keyword, value, comment))
    # astropy puts END and blanks behind the cards.
    cards = (text[at : at + 80] for at in range(0, len(text), 80))
    text = "".join(card for card in cards if card.rstrip() != "END")
    if isinstance(data, Table):
        _native.write_table_hdu(path, data, text, items, overwrite)
        return
    import numpy as np

    array = np.asarray(data)
    array = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("="))
    _native.write_image(path, array, text, items, overwrite)


def log(
    files: Path | Iterable[Path],
    columns: str | Iterable[str] | None = None,
    filter: str | None = None,
    sort: str | None = None,
    ext: Ext | Iterable[Ext] = (),
    where: str | Iterable[str] = (),
    group_by: str | Iterable[str] | None = None,
) -> Table:
    """Makes an observing log: one row a file, keywords as columns; only headers are read.

    Parameters
    ----------
    files
        FITS files, patterns or folders. One of several that cannot be read is told of in a warning.
    columns
        ``file``, keywords, and what is computed from keywords, as in
        ``"rootname,mdecodt1,avgtemp=(mdecodt1+mdecodt2)/2"``. A keyword is the first that stands in the
        primary header or one of the extensions; ``sci.KEY`` and ``KEY@1`` are those of one HDU. Keywords
        that a file does not have are masked.
    filter
        Keep files for which this holds, as in ``'exptime > 100 and detector == "SBC"'``.
    sort
        Columns or keywords to sort by; ``-name`` sorts downwards; the files' names without it.
    ext
        Look only in these HDUs.
    where
        Conditions that all have to hold: ``"PICTTYPE=1"``, ``"filter=V"``, ``"object~^ngc"`` for a regular expression,
        ``"KEY=*"`` for any value, ``"KEY="`` for a keyword that is missing.
    group_by
        Keywords: the table is then one of groups with the same values, with ``count`` and ``files``.
    """
    exts = [ext] if isinstance(ext, (str, int)) else list(ext)
    if len(exts) == 2 and isinstance(exts[0], str) and isinstance(exts[1], int):
        exts = [tuple(exts)]
    columns = columns if columns is None or isinstance(columns, str) else ",".join(columns)
    group_by = group_by if group_by is None or isinstance(group_by, str) else ",".join(group_by)
    options = {
        "columns": columns,
        "filter": filter,
        "where": [where] if isinstance(where, str) else list(where),
        "group_by": group_by,
        "sort": sort,
        "extension": [_ext(one) for one in exts],
    }
    table, failed = _native.observing_log(_paths(files), json.dumps(options))
    _warn(failed)
    return table


def _ext(ext: Ext) -> str:
    return ",".join(map(str, ext)) if isinstance(ext, tuple) else str(ext)


def _paths(files: Path | Iterable[Path]) -> list[str]:
    if isinstance(files, (str, os.PathLike)):
        files = [files]
    return [os.fspath(file) for file in files]


def _warn(failed: list[str]) -> None:
    import warnings

    for message in failed:
        warnings.warn(message, stacklevel=3)
