"""Files: headers, pixels, tables, observing logs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import _native

if TYPE_CHECKING:
    import os

    from .table import Table


def read_table(
    path: str | os.PathLike[str], ext: int | str | None = None, format: str | None = None
) -> Table:
    """Reads a table from a FITS, csv, ECSV, fixed-width or JSON file, or from columns parted by blanks.

    Parameters
    ----------
    path
        The file.
    ext
        The HDU of a FITS file: ``1``, ``"ASN"``, ``"SCI,2"``; the first table without one.
    format
        One of the names that :meth:`Table.write` takes, or ``columns``; told from the content and the
        name without one.
    """
    return _native.read_table(path, None if ext is None else str(ext), format)
