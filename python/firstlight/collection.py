"""Files of a folder by their headers, with the names of ccdproc's ``ImageFileCollection``."""

from __future__ import annotations

import fnmatch
import os
import re
import warnings
from collections.abc import Iterable, Iterator
from typing import Any

from . import _native
from .files import _ext, getdata, getheader

_ENDINGS = (".fit", ".fits", ".fts")
_COMPRESSED = ("", ".gz", ".fz")
_JOINED = ("comment", "history")


class ImageFileCollection:
    """FITS files of a folder, and their headers as a table.

    All headers are read at once, on all threads. A file whose header cannot be read is told of in a warning and left
    out of :attr:`summary`; it does not spoil the others.

    Parameters
    ----------
    location
        The folder; without it the files are those of ``filenames``, as they stand there.
    keywords
        Keywords that :attr:`summary` is to have; all without them, or with ``"*"``.
    find_fits_by_reading
        Whether files are told by their first bytes instead of their names, which end in .fit, .fits or .fts, or these with
        .gz or .fz behind.
    filenames
        The files, of ``location`` where there is one.
    glob_include, glob_exclude
        Patterns of names that are taken, and that are left out.
    ext
        HDU that headers and data are read from: a number, a name, or name and version.
    recursive
        Whether folders of the folder are searched too; names then have their folder before them.
    """

    def __init__(
        self,
        location: str | os.PathLike[str] | None = None,
        keywords: str | Iterable[str] | None = None,
        find_fits_by_reading: bool = False,
        filenames: str | Iterable[str] | None = None,
        glob_include: str | None = None,
        glob_exclude: str | None = None,
        ext: int | str | tuple[str, int] = 0,
        recursive: bool = False,
    ) -> None:
        self._location = "" if location is None else location
        self._find_fits_by_reading = find_fits_by_reading
        self._filenames = [filenames] if isinstance(filenames, (str, os.PathLike)) else filenames
        self._glob_include = None if glob_include is None else str(glob_include)
        self._glob_exclude = None if glob_exclude is None else str(glob_exclude)
        self._ext = ext
        self._recursive = recursive
        self._wanted = None if keywords is None or keywords == "*" else list(dict.fromkeys(keywords))
        self._files: list[str] = []
        self._headers: dict[str, dict[str, Any]] = {}
        self.refresh()
        if not self._files:
            warnings.warn("no FITS files in the collection.", stacklevel=2)

    def __repr__(self) -> str:
        keywords = None if self._wanted is None else self._wanted
        parts = {
            "location": self._location,
            "keywords": keywords,
            "filenames": self._filenames,
            "glob_include": self._glob_include,
            "glob_exclude": self._glob_exclude,
            "ext": self._ext or None,
        }
        given = ", ".join(f"{name}={value!r}" for name, value in parts.items() if value not in (None, ""))
        return f"{type(self).__name__}({given})"

    @property
    def location(self) -> str | os.PathLike[str]:
        """The folder."""
        return self._location

    @property
    def files(self) -> list[str]:
        """Names of all files, also of those whose header cannot be read."""
        return self._files

    @property
    def glob_include(self) -> str | None:
        """Pattern of the names that are taken."""
        return self._glob_include

    @property
    def glob_exclude(self) -> str | None:
        """Pattern of the names that are left out."""
        return self._glob_exclude

    @property
    def ext(self) -> int | str | tuple[str, int]:
        """HDU that headers and data are read from."""
        return self._ext

    @property
    def keywords(self) -> list[str]:
        """Names of the columns of :attr:`summary`, ``file`` before all."""
        if self._wanted is not None:
            return ["file", *(name for name in self._wanted if name != "file")]
        names = dict.fromkeys(name for header in self._headers.values() for name in header)
        # What stands in many lines comes last.
        last = [name for name in _JOINED if name in names]
        return ["file", *(name for name in names if name not in _JOINED), *last]

    @keywords.setter
    def keywords(self, keywords: str | Iterable[str] | None) -> None:
        self._wanted = None if keywords == "*" else list(dict.fromkeys(keywords or []))

    @keywords.deleter
    def keywords(self) -> None:
        self._wanted = []

    @property
    def summary(self) -> Any:
        """One row a file, one column a keyword; masked where a file does not have it. A ``Table`` of astropy where that is
        there, else a :class:`Table`. ``None`` where there are no files."""
        if not self._files:
            return None
        columns = {name: self.values(name) for name in self.keywords}
        try:
            from astropy.table import MaskedColumn
            from astropy.table import Table as AstropyTable
        except ImportError:
            from .table import Table

            return Table(columns)
        made = AstropyTable(masked=True)
        for name, values in columns.items():
            mask = [value is None for value in values]
            kinds = {type(value) for value in values if value is not None}
            if all(mask):
                made[name] = MaskedColumn([0.0] * len(values), mask=mask)
                continue
            if kinds == {int, float}:
                kinds = {float}
            kind = kinds.pop() if len(kinds) == 1 else object
            filler = {bool: False, int: 0, float: 0.0, str: "", complex: 0j}.get(kind)
            filled = [filler if value is None else value for value in values]
            made[name] = MaskedColumn(filled, mask=mask, dtype=object if kind is object else None)
        return made

    def values(self, keyword: str, unique: bool = False) -> list[Any]:
        """Values of a keyword, ``None`` where a file does not have it.

        Parameters
        ----------
        keyword
            One of :attr:`keywords`.
        unique
            Whether each value is to stand there once.
        """
        if keyword not in self.keywords:
            raise ValueError(f"keyword {keyword} is not in the current summary")
        if keyword == "file":
            values: list[Any] = list(self._headers)
        else:
            values = [header.get(keyword.lower()) for header in self._headers.values()]
        return list(dict.fromkeys(values)) if unique else values

    def files_filtered(self, include_path: bool = False, regex_match: bool = False, **keywords: Any) -> list[str]:
        """Names of the files whose keywords have certain values.

        Parameters
        ----------
        include_path
            Whether the folder is to stand before the names.
        regex_match
            Whether texts are regular expressions, found anywhere in the value.
        **keywords
            Keywords and their values; the case of letters does not matter. ``"*"`` is any value, ``None`` and ``""`` stand
            for a keyword that is missing.
        """
        names = [
            name
            for name, header in self._headers.items()
            if all(_fits(name, header, key, value, regex_match) for key, value in keywords.items())
        ]
        return [os.path.join(self._location, name) for name in names] if include_path else names

    def filter(self, regex_match: bool = False, **keywords: Any) -> ImageFileCollection:
        """A collection of the files whose keywords have certain values; arguments as of :meth:`files_filtered`."""
        files = self.files_filtered(include_path=True, regex_match=regex_match, **keywords)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            made = ImageFileCollection(filenames=[], keywords=self._wanted or "*", ext=self._ext)
        made._filenames = files
        made.refresh()
        return made

    def group_by(self, *keywords: str) -> dict[tuple[Any, ...], list[str]]:
        """Names of files by the values of keywords, in the order in which these come."""
        groups: dict[tuple[Any, ...], list[str]] = {}
        for name, header in self._headers.items():
            groups.setdefault(tuple(header.get(key.lower()) for key in keywords), []).append(name)
        return groups

    def sort(self, keys: str | Iterable[str]) -> None:
        """Sorts the files by keywords, the first counting most; files without one come last."""
        keys = [keys] if isinstance(keys, str) else list(keys)

        def place(name: str) -> list[tuple[bool, bool, Any]]:
            header = self._headers[name]
            values = [name if key == "file" else header.get(key.lower()) for key in keys]
            return [(value is None, isinstance(value, str), 0 if value is None else value) for value in values]

        order = sorted(self._headers, key=place)
        self._headers = {name: self._headers[name] for name in order}
        self._files = order + [name for name in self._files if name not in self._headers]

    def refresh(self) -> None:
        """Looks for files and reads their headers again."""
        self._files = self._found()
        paths = [os.path.join(self._location, name) for name in self._files]
        self._headers = {}
        for name, header in zip(self._files, _native.read_headers(paths, _ext(self._ext))):
            if isinstance(header, str):
                warnings.warn(f"unable to get FITS header: {header}", stacklevel=3)
            else:
                self._headers[name] = _by_keyword(header)

    def headers(self, **given: Any) -> Iterator[Any]:
        """Headers of the files, one after another; see :meth:`ccds` for the arguments."""
        return self._each("header", **given)

    def data(self, **given: Any) -> Iterator[Any]:
        """Pixels of the files as arrays, one after another; see :meth:`ccds` for the arguments."""
        return self._each("data", **given)

    def hdus(self, **given: Any) -> Iterator[Any]:
        """astropy's HDUs of the files, one after another; see :meth:`ccds` for the arguments."""
        return self._each("hdu", **given)

    def ccds(self, ccd_kwargs: dict[str, Any] | None = None, **given: Any) -> Iterator[Any]:
        """``CCDData`` of the files, one after another.

        Parameters
        ----------
        ccd_kwargs
            What ``CCDData.read`` takes besides; the unit is adu where neither the file nor ``unit`` says it.
        **given
            ``return_fname`` for pairs with the name of the file; ``regex_match`` and keywords as of
            :meth:`files_filtered`. ``save_location``, ``save_with_name`` and ``overwrite`` write what was changed in the
            loop to a copy, to a name with something before its ending, or back; not of ``CCDData``.
        """
        if given.get("overwrite"):
            raise NotImplementedError("overwrite=True is not supported for CCDs.")
        return self._each("ccd", ccd_kwargs=ccd_kwargs, **given)

    def _each(
        self,
        kind: str,
        return_fname: bool = False,
        save_location: str = "",
        save_with_name: str = "",
        overwrite: bool = False,
        ccd_kwargs: dict[str, Any] | None = None,
        do_not_scale_image_data: bool = False,
        **keywords: Any,
    ) -> Iterator[Any]:
        for path in self.files_filtered(include_path=True, **keywords):
            thing = self._read(kind, path, ccd_kwargs or {})
            yield (thing, os.path.basename(path)) if return_fname else thing
            stem, ending = os.path.splitext(os.path.basename(path))
            to = os.path.join(save_location or os.path.dirname(path), stem + save_with_name + ending)
            if kind != "ccd" and (to != path or overwrite):
                self._save(kind, path, to, thing, overwrite)

    def _read(self, kind: str, path: str, ccd_kwargs: dict[str, Any]) -> Any:
        if kind == "ccd":
            return _ccd(path, self._ext, ccd_kwargs)
        if kind == "data":
            return getdata(path, self._ext)
        try:
            from astropy.io import fits
        except ImportError:
            if kind == "hdu":
                raise
            return getheader(path, self._ext)
        if kind == "header":
            return fits.getheader(path, self._ext)
        with fits.open(path) as hdus:
            return hdus[hdus.index_of(self._ext)].copy()

    def _save(self, kind: str, path: str, to: str, thing: Any, overwrite: bool) -> None:
        from astropy.io import fits

        with fits.open(path) as hdus:
            index = hdus.index_of(self._ext)
            if kind == "hdu":
                hdus[index] = thing
            else:
                setattr(hdus[index], kind, thing)
            hdus.writeto(to, overwrite=overwrite)

    def _found(self) -> list[str]:
        if self._filenames is not None and (self._filenames or self._location == ""):
            names = [os.fspath(name) for name in self._filenames]
        elif self._location == "":
            return []
        else:
            names = sorted(self._in_folder())
        if self._glob_include is not None:
            names = fnmatch.filter(names, self._glob_include)
        if self._glob_exclude is not None:
            names = [name for name in names if not fnmatch.fnmatch(name, self._glob_exclude)]
        return names

    def _in_folder(self) -> Iterator[str]:
        for folder, folders, names in os.walk(self._location):
            if not self._recursive:
                folders.clear()
            for name in names:
                path = os.path.join(folder, name)
                if _starts_as_fits(path) if self._find_fits_by_reading else _is_named_fits(name):
                    yield os.path.relpath(path, self._location)


def _is_named_fits(name):
    return name.lower().endswith(tuple(ending + packed for ending in _ENDINGS for packed in _COMPRESSED))


def _starts_as_fits(path):
    import gzip

    try:
        with open(path, "rb") as file:
            start = file.read(30)
        if start[:2] == b"\x1f\x8b":
            with gzip.open(path) as file:
                start = file.read(30)
    except (OSError, EOFError):
        return False
    return start.startswith(b"SIMPLE  =")


def _by_keyword(cards):
    header: dict[str, Any] = {}
    lines: dict[str, list[str]] = {name: [] for name in _JOINED}
    for keyword, value in cards:
        keyword = keyword.lower()
        if keyword in lines:
            lines[keyword].append(str(value))
        elif keyword and keyword not in header:
            header[keyword] = value
    return header | {name: ",".join(texts) for name, texts in lines.items() if texts}


def _fits(name, header, key, wanted, regex_match):
    value = name if key == "file" else header.get(key.lower())
    if wanted is None or wanted == "" and not regex_match:
        return value is None or value == wanted
    if value is None:
        return False
    if isinstance(wanted, str):
        if wanted == "*":
            return True
        if not isinstance(value, str):
            return False
        if regex_match:
            return re.search(wanted, value, re.IGNORECASE) is not None
        return wanted.lower() == value.lower()
    return bool(value == wanted)


def _ccd(path, ext, ccd_kwargs):
    from astropy.nddata import CCDData

    given = {"hdu": ext, **ccd_kwargs}
    try:
        return CCDData.read(path, **given)
    except ValueError as error:
        if "unit" in given or "unit" not in str(error):
            raise
        return CCDData.read(path, **given, unit="adu")
