"""What people give to the functions of ``firstlight.mast``, as the native half takes it."""

from __future__ import annotations

from typing import Any, Iterable

from .table import Table


def _scalar(value: Any) -> Any:
    """A plain Python value; what is neither a number nor a truth is text."""
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, bytes):
        return value.decode()
    return value if isinstance(value, (bool, int, float)) else str(value)


def _values(value: Any) -> list[Any]:
    """One value or several, as a list."""
    if isinstance(value, (str, bytes)) or not hasattr(value, "__iter__") or getattr(value, "ndim", 1) == 0:
        return [_scalar(value)]
    return [_scalar(each) for each in value]


def query(
    criteria: dict[str, Any],
    *,
    pagesize: int | None = None,
    page: int | None = None,
    resolver: str | None = None,
    limit: int | None = None,
) -> dict[str, Any]:
    """The options of a query; ``criteria`` are columns, and where on the sky."""
    criteria = dict(criteria)
    coordinates = criteria.pop("coordinates", None)
    radius = criteria.pop("radius", None)
    query = {
        "pairs_are_ranges": True,
        "coordinates": None if coordinates is None else _position(coordinates),
        "objectname": criteria.pop("objectname", None),
        "resolver": resolver,
        "limit": limit,
        "pagesize": pagesize,
        "page": page,
        "criteria": [{"column": name, "values": _values(value)} for name, value in criteria.items()],
    }
    if radius is not None:
        query["radius"] = _radius(radius)
    return query


def _position(coordinates: Any) -> str:
    """Text as it is; a ``SkyCoord`` or a pair as degrees."""
    if isinstance(coordinates, str):
        return coordinates
    if hasattr(coordinates, "icrs"):
        ra, dec = coordinates.icrs.ra.deg, coordinates.icrs.dec.deg
    else:
        ra, dec = coordinates
    return f"{float(ra)!r} {float(dec)!r}"


def _radius(radius: Any) -> str:
    if hasattr(radius, "to_value"):
        radius = float(radius.to_value("deg"))
    return radius if isinstance(radius, str) else f"{float(radius)!r}deg"


def wanted(mrp_only: bool, extension: str | Iterable[str] | None, filters: dict[str, Any]) -> dict[str, Any]:
    """The options that tell which products are wanted."""
    extensions = [] if extension is None else [extension] if isinstance(extension, str) else list(extension)
    return {
        "mrp_only": bool(mrp_only),
        "extension": extensions,
        "filters": [(name, _values(value)) for name, value in filters.items()],
    }


def table(table: Any) -> Table:
    """A table of ours, of astropy, or one row of either."""
    if isinstance(table, Table):
        return table
    if isinstance(table, dict):
        return Table({name: _cell(value) for name, value in table.items()})
    if hasattr(table, "as_void"):  # a row of astropy
        table = table.table[table.index : table.index + 1]
    return Table({name: _column(table[name]) for name in table.colnames})


def _cell(value: Any) -> Any:
    """A column of one row."""
    import numpy as np

    return np.ma.MaskedArray([""], mask=[True]) if value is np.ma.masked else [value]


def _column(column: Any) -> Any:
    import numpy as np

    if np.ma.isMaskedArray(column):
        return np.ma.MaskedArray(np.ma.getdata(column), mask=np.ma.getmaskarray(column))
    return np.asarray(column)


def selection(what: Any) -> tuple[list[str], Table | None]:
    """Names and numbers, or a table."""
    if isinstance(what, (Table, dict)) or hasattr(what, "colnames"):
        return [], table(what)
    if isinstance(what, (str, bytes)) or not hasattr(what, "__iter__"):
        return [str(_scalar(what))], None
    import numpy as np

    return [str(_scalar(each)) for each in what if each is not np.ma.masked], None
