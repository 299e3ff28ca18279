"""Best references: which reference files exposures should be calibrated with (CRDS)."""

from __future__ import annotations

import json
import os
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Iterable, Mapping

from . import _native
from .table import Table

if TYPE_CHECKING:
    Path = str | os.PathLike[str]

#: What stands in place of a file for a type that does not apply.
NOT_APPLICABLE = "N/A"


@dataclass
class FileStatus:
    """What became of one file.

    Attributes
    ----------
    file
        The file.
    status
        ``"updated"``, ``"same"`` (it has the best references), ``"differs"`` (it has others, and was not to be
        changed), ``"failed"``.
    error
        Why it failed.
    """

    file: str
    status: str
    error: str | None = None


@dataclass
class Bestrefs:
    """The best references of files.

    Attributes
    ----------
    table
        A row for each file and reference: ``file``, ``instrument``, ``keyword``, ``old`` (what the file had, masked
        where it had nothing), ``new`` (what it should have, masked where there is no answer), ``state`` (``same``,
        ``changed``, ``added``, ``not_found``) and ``reason``.
    files
        What became of each file.
    fetched
        Reference files that were to be in the cache: name, path, status and error.
    context, context_origin, cache
        The rules that were asked, and why those; which cache was used, and why.
    """

    table: Table
    files: list[FileStatus]
    fetched: list[dict[str, Any]]
    context: str
    context_origin: str
    cache: str

    @property
    def failed(self) -> list[FileStatus]:
        """Files for which there are no answers."""
        return [file for file in self.files if file.status == "failed"]

    def to_astropy(self) -> Any:
        """The table as ``astropy.table.Table``."""
        return self.table.to_astropy()

    def __repr__(self) -> str:
        return repr(self.table)


def bestrefs(
    files: Path | Iterable[Path],
    update: bool = False,
    sync: bool = False,
    context: str | None = None,
    types: Iterable[str] = (),
    skip_types: Iterable[str] = (),
    compare_source: bool = False,
    offline: bool = False,
    cache: Path | None = None,
    server: str | None = None,
) -> Bestrefs:
    """Finds the best reference files of exposures, and writes them into their headers.

    Parameters
    ----------
    files
        FITS files, patterns, folders, or associations, which stand for their members. One of several that cannot be
        read is told of in a warning.
    update
        Write the best references into the primary headers, in place. Files that have them already are not touched.
    sync
        Fetch reference files that are not in the cache, and replace those there that are damaged.
    context
        Rules to use, such as ``"hst_1200.pmap"``; else those of CRDS_CONTEXT, else the ones in operation.
    types, skip_types
        Reference types to look at alone, such as ``["darkfile"]``, and types to leave out.
    compare_source
        List and write only what differs from the file: a keyword that is not there counts as N/A.
    offline
        Do without the network.
    cache
        Folder of the cache; else that of CRDS_PATH, else one of this user.
    server
        Server of the rules and files; else that of CRDS_SERVER_URL, else STScI's.
    """
    if isinstance(files, (str, os.PathLike)):
        files = [files]
    names = [os.fspath(file) for file in files]
    options = dict(update=update, sync=sync, skip_types=list(skip_types), compare_source=compare_source)
    report = json.loads(
        _native.bestrefs(names, _options(context, cache, server, offline, types=_types(types) or [], **options))
    )
    for failure in report["failed"]:
        warnings.warn(failure["error"], stacklevel=2)
    for file in report["fetched"]:
        if file["error"]:
            warnings.warn(f"{file['name']}: {file['error']}", stacklevel=2)
    statuses = [FileStatus(file["file"], _status(file)) for file in report["files"]]
    statuses += [FileStatus(file["file"], "failed", file["error"]) for file in report["failed"]]
    return Bestrefs(
        table=_table(report["files"]),
        files=statuses,
        fetched=report["fetched"],
        context=report["context"],
        context_origin=report["context_origin"],
        cache=report["cache"],
    )


@dataclass
class BestReference:
    """What the rules say of one reference type.

    Attributes
    ----------
    files
        The best file; several where the rules bracket a value; none where there is none.
    reason
        Why there is none, where the rules have no answer.
    """

    files: tuple[str, ...] = ()
    reason: str | None = None

    @property
    def file(self) -> str | None:
        """The file; ``"N/A"`` for a type that does not apply; ``None`` where there is no answer."""
        if self.files:
            return self.files[0]
        return None if self.reason else NOT_APPLICABLE


class Rules:
    """The rules of a context, in memory, to be asked about many headers.

    Parameters
    ----------
    context, cache, server, offline
        As for :func:`bestrefs`.
    instruments
        Instruments whose rules are read; all without.
    """

    def __init__(
        self,
        context: str | None = None,
        cache: Path | None = None,
        server: str | None = None,
        offline: bool = False,
        instruments: Iterable[str] | None = None,
    ) -> None:
        chosen = None if instruments is None else [name for name in instruments]
        self._rules = _native.BestReferenceRules(_options(context, cache, server, offline), chosen)

    @property
    def context(self) -> str:
        """The name of the context."""
        return self._rules.context

    @property
    def instruments(self) -> list[str]:
        """The instruments whose rules are there, in lower case."""
        return self._rules.instruments()

    def types(self, instrument: str) -> list[str]:
        """The reference types of an instrument, in lower case."""
        return self._rules.types(instrument)

    def keywords(self, instrument: str) -> list[str]:
        """The header keywords that the rules of an instrument ask for."""
        return self._rules.keywords(instrument)

    def ask(self, header: Mapping[str, Any], types: Iterable[str] | None = None) -> dict[str, BestReference]:
        """What the rules say of each reference type, in lower case, for a header.

        Parameters
        ----------
        header
            Keywords and values: a dictionary, or a header of ours or of astropy's.
        types
            Types to ask for alone.
        """
        pairs = [(str(keyword), str(value)) for keyword, value in header.items() if keyword]
        found = {}
        for kind, files, answer in self._rules.ask(pairs, _types(types)):
            reason = None if answer in ("file", "files", "n/a") else answer
            found[kind] = BestReference(tuple(files), reason)
        return found

    def __repr__(self) -> str:
        return f"<rules of {self.context}; {self._rules.context_origin}; {self._rules.cache_origin}>"


def best_references(
    header: Mapping[str, Any],
    types: Iterable[str] | None = None,
    context: str | None = None,
    cache: Path | None = None,
    server: str | None = None,
    offline: bool = False,
) -> dict[str, str | None]:
    """The best reference file of each type for one header: its name, ``"N/A"``, or ``None`` without an answer.

    For many headers, or for the reasons, make :class:`Rules` once. Parameters as there.
    """
    instrument = str(header.get("INSTRUME") or header.get("instrume") or "")
    rules = Rules(context, cache, server, offline, [instrument] if instrument else None)
    return {kind: best.file for kind, best in rules.ask(header, types).items()}


def _types(types: Iterable[str] | None) -> list[str] | None:
    if types is None:
        return None
    return types.split(",") if isinstance(types, str) else list(types)


def _options(context: str | None, cache: Path | None, server: str | None, offline: bool, **more: Any) -> str:
    folder = None if cache is None else os.fspath(cache)
    return json.dumps({"context": context, "cache": folder, "server": server, "offline": offline, **more})


def _status(file: dict[str, Any]) -> str:
    if file["updated"]:
        return "updated"
    same = all(reference["state"] == "same" for reference in file["references"])
    return "same" if same else "differs"


def _table(files: list[dict[str, Any]]) -> Table:
    import numpy as np

    rows = [
        (file["file"], file["instrument"], *(reference[name] for name in ("keyword", "old", "new", "state", "reason")))
        for file in files
        for reference in file["references"]
    ]
    table = Table()
    for index, name in enumerate(("file", "instrument", "keyword", "old", "new", "state", "reason")):
        values = [row[index] for row in rows]
        texts = np.array([value or "" for value in values], dtype=str)
        missing = [value is None for value in values]
        table[name] = np.ma.MaskedArray(texts, missing) if any(missing) else texts
    return table
