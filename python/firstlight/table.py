"""Tables of plain numpy columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Iterable, Iterator, Mapping

from . import _native

if TYPE_CHECKING:
    import os

    import numpy as np


class Table:
    """Columns of the same length, each a plain numpy array.

    Columns with nulls are ``numpy.ma.MaskedArray``; texts are arrays of ``str``; arrays in cells make
    columns of two or more axes, rows first; cells of varying length are arrays of objects.

    Parameters
    ----------
    columns
        Names and values, in order.
    units
        Units of columns that have one, as text.
    descriptions
        Descriptions of columns that have one.
    """

    def __init__(
        self,
        columns: Mapping[str, Any] | None = None,
        units: Mapping[str, str] | None = None,
        descriptions: Mapping[str, str] | None = None,
    ) -> None:
        self.columns: dict[str, np.ndarray] = {}
        self.units: dict[str, str] = dict(units or {})
        self.descriptions: dict[str, str] = dict(descriptions or {})
        for name, values in (columns or {}).items():
            self[name] = values

    @property
    def colnames(self) -> list[str]:
        """Names of the columns, in order."""
        return list(self.columns)

    def keys(self) -> list[str]:
        """Names of the columns, in order."""
        return list(self.columns)

    def __len__(self) -> int:
        for values in self.columns.values():
            return len(values)
        return 0

    def __contains__(self, name: object) -> bool:
        return name in self.columns

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Rows from top to bottom, as dictionaries."""
        return (self[row] for row in range(len(self)))

    def __getitem__(self, key: Any) -> Any:
        """A column by name; a row, as a dictionary, by number; else a table of some columns or rows.

        ``table["x"]``, ``table[0]``, ``table["x", "y"]``, ``table[2:5]``, ``table[table["x"] > 3]``.
        """
        if isinstance(key, str):
            return self.columns[self._name(key)]
        if isinstance(key, (tuple, list)) and key and all(isinstance(name, str) for name in key):
            return self._of({self._name(name): self[name] for name in key})
        import operator

        try:
            row = operator.index(key)
        except TypeError:
            return self._of({name: values[key] for name, values in self.columns.items()})
        return {name: values[row] for name, values in self.columns.items()}

    def __setitem__(self, name: str, values: Any) -> None:
        """Sets or adds a column; one value alone is repeated for every row."""
        import numpy as np

        array = np.ma.asanyarray(values) if np.ma.isMaskedArray(values) else np.asarray(values)
        unit = getattr(values, "unit", None)
        if array.ndim == 0:
            array = np.full(len(self), array[()])
        others = [column for other, column in self.columns.items() if other != name]
        if others and len(array) != len(others[0]):
            raise ValueError(f"column '{name}' has {len(array)} rows, the table has {len(others[0])}")
        self.columns[name] = array
        if unit is not None:
            self.units.setdefault(name, str(unit))

    def __delitem__(self, name: str) -> None:
        name = self._name(name)
        del self.columns[name]
        self.units.pop(name, None)
        self.descriptions.pop(name, None)

    def sort(self, keys: str | Iterable[str], reverse: bool = False) -> None:
        """Sorts the rows in place by one or more columns, nulls and NaN last."""
        import numpy as np

        names = [keys] if isinstance(keys, str) else list(keys)
        order = np.arange(len(self))
        for name in reversed(names):
            values = self[name][order]
            absent = np.ma.getmaskarray(values).copy()
            plain = np.ma.getdata(values)
            if plain.dtype.kind == "f":
                absent |= np.isnan(plain)
            there = np.flatnonzero(~absent)
            # Of a reversed stable sort, equal rows keep their order too.
            if reverse:
                ranked = there[::-1][np.argsort(plain[there][::-1], kind="stable")][::-1]
            else:
                ranked = there[np.argsort(plain[there], kind="stable")]
            order = order[np.concatenate([ranked, np.flatnonzero(absent)])]
        for name, values in self.columns.items():
            self.columns[name] = values[order]

    def write(
        self, path: str | os.PathLike[str], format: str | None = None, overwrite: bool = False
    ) -> None:
        """Writes the table, atomically.

        Parameters
        ----------
        path
            The file; its ending tells the format where none is given: ``.csv``, ``.ecsv``, ``.fits``,
            ``.json``, and ``.txt`` or ``.log`` for ``fixed_width``.
        format
            ``csv``, ``ecsv``, ``fixed_width``, ``fixed_width_two_line``, ``fixed_width_no_header``,
            ``fits`` or ``json``.
        overwrite
            Whether a file of that name may be replaced.
        """
        _native.write_table(self, path, format, overwrite)

    def to_astropy(self) -> Any:
        """The table as ``astropy.table.Table``, with units; plain columns are shared, not copied."""
        import numpy as np
        from astropy.table import Column, MaskedColumn
        from astropy.table import Table as AstropyTable
        from astropy.units import Unit

        columns = []
        for name, values in self.columns.items():
            unit = self.units.get(name)
            kind = MaskedColumn if np.ma.isMaskedArray(values) else Column
            column = kind(
                values,
                name=name,
                unit=None if unit is None else Unit(unit, parse_strict="silent"),
                description=self.descriptions.get(name),
                copy=False,
            )
            columns.append(column)
        return AstropyTable(columns, copy=False)

    def to_pandas(self) -> Any:
        """The table as ``pandas.DataFrame``; nulls are ``<NA>`` or NaN, arrays in cells are objects."""
        import numpy as np
        import pandas as pd

        frame = {}
        for name, values in self.columns.items():
            plain = np.ma.getdata(values)
            if plain.ndim > 1:
                frame[name] = pd.Series(list(values), dtype=object)
                continue
            if plain.dtype.kind == "U":
                plain = plain.astype(object)
            series = pd.Series(plain.astype(plain.dtype.newbyteorder("="), copy=False))
            if np.ma.isMaskedArray(values):
                if plain.dtype.kind in "iub":
                    series = series.astype(_nullable(series.dtype.name))
                series = series.mask(np.ma.getmaskarray(values))
            frame[name] = series
        return pd.DataFrame(frame)

    def show(self, rows: int | None = None, width: int | None = None) -> str:
        """The table as aligned text, with units; at most so many rows and characters in a line."""
        return _native.format_table(self, rows, width)

    def __repr__(self) -> str:
        import shutil

        columns = len(self.columns)
        head = f"<firstlight.Table: {len(self)} rows, {columns} column{'' if columns == 1 else 's'}>"
        return f"{head}\n{self.show(20, shutil.get_terminal_size().columns)}".rstrip()

    def _repr_html_(self) -> str:
        import html

        import numpy as np

        def row(cells: Iterable[Any], tag: str) -> str:
            return "<tr>" + "".join(f"<{tag}>{html.escape(str(cell))}</{tag}>" for cell in cells) + "</tr>"

        names = self.colnames
        lines = [row(names, "th")]
        if self.units:
            lines.append(row((self.units.get(name, "") for name in names), "th"))
        shown = range(len(self)) if len(self) <= 20 else [*range(10), None, *range(len(self) - 10, len(self))]
        for at in shown:
            if at is None:
                lines.append(row(("…" for _ in names), "td"))
                continue
            cells = (self.columns[name][at] for name in names)
            lines.append(row(("--" if cell is np.ma.masked else cell for cell in cells), "td"))
        return f"<table>{''.join(lines)}</table><p>{len(self)} rows</p>"

    def _name(self, name: str) -> str:
        """The name as the table spells it."""
        if name in self.columns:
            return name
        for other in self.columns:
            if other.lower() == name.lower():
                return other
        raise KeyError(f"there is no column '{name}'; there are {', '.join(self.columns)}")

    def _of(self, columns: Mapping[str, Any]) -> Table:
        table = Table()
        table.columns = dict(columns)
        table.units = {name: unit for name, unit in self.units.items() if name in columns}
        table.descriptions = {name: text for name, text in self.descriptions.items() if name in columns}
        return table

    @classmethod
    def _from_native(cls, entries: Iterable[dict[str, Any]]) -> Table:
        import numpy as np

        table = cls()
        for entry in entries:
            name, values, mask = entry["name"], entry["values"], entry["mask"]
            if isinstance(values, list):
                values = np.array(values, dtype=str)
            if mask is not None:
                values = np.ma.MaskedArray(values, mask=mask)
            if "shape" in entry:
                values = values.reshape(entry["shape"])
            elif "offsets" in entry:
                offsets = entry["offsets"]
                cells = np.empty(len(offsets) - 1, dtype=object)
                for row in range(len(cells)):
                    cells[row] = values[offsets[row] : offsets[row + 1]]
                values = cells
            table.columns[name] = values
            if entry["unit"] is not None:
                table.units[name] = entry["unit"]
            if entry["description"] is not None:
                table.descriptions[name] = entry["description"]
        return table

    def _to_native(self) -> list[dict[str, Any]]:
        entries = []
        for name, values in self.columns.items():
            entry = _native_column(name, values)
            entry["unit"] = self.units.get(name)
            entry["description"] = self.descriptions.get(name)
            entries.append(entry)
        return entries


def _nullable(dtype: str) -> str:
    """The pandas type with nulls for a numpy type without them."""
    return {"b": "boolean", "u": "UI" + dtype[2:], "i": "I" + dtype[1:]}[dtype[0]]


def _native_column(name: str, values: Any) -> dict[str, Any]:
    """A column as the native half takes it: values along one axis, and how they are dealt out."""
    import numpy as np

    entry: dict[str, Any] = {"name": name}
    if values.dtype.kind == "O" and len(values) and not isinstance(values[0], str):
        cells = [np.ma.asanyarray(cell) for cell in values]
        entry["offsets"] = [0, *np.cumsum([len(cell) for cell in cells]).tolist()]
        values = np.ma.concatenate(cells)
    elif values.ndim > 1:
        entry["shape"] = list(values.shape[1:])
        values = values.reshape(-1)
    mask = np.ma.getmask(values)
    if mask is not np.ma.nomask and mask.any():
        entry["mask"] = np.array(np.ma.getmaskarray(values))
    plain = np.ma.getdata(values)
    if plain.dtype.kind == "O":
        entry["values"] = ["" if value is None else str(value) for value in plain]
        absent = np.array([value is None for value in plain], dtype=bool)
        if absent.any():
            entry["mask"] = entry.get("mask", False) | absent
    elif plain.dtype.kind == "S":
        entry["values"] = [value.decode("ascii", "replace") for value in plain.tolist()]
    elif plain.dtype.kind in "UT":
        entry["values"] = plain.tolist()
    elif plain.dtype.name == "float16":
        entry["values"] = plain.astype(np.float32)
    else:
        entry["values"] = np.ascontiguousarray(plain, dtype=plain.dtype.newbyteorder("="))
    return entry
