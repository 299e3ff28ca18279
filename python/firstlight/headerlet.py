"""Headerlets: world coordinates in small files of their own, made of exposures, applied and attached to them."""

from __future__ import annotations

import json
import os
import warnings
from typing import TYPE_CHECKING, Any, Iterable

from . import _native

if TYPE_CHECKING:
    Path = str | os.PathLike[str]


def _names(files: Path | Iterable[Path]) -> list[str]:
    if isinstance(files, (str, os.PathLike)):
        files = [files]
    return [os.fspath(file) for file in files]


def _optional(path: Path | None) -> str | None:
    return None if path is None else os.fspath(path)


def list_attached(files: Path | Iterable[Path]) -> dict[str, list[dict[str, Any]]]:
    """The headerlets that are attached to files: for each file, what their headers say."""
    report = json.loads(_native.headerlet_list(_names(files)))
    for failure in report["failed"]:
        warnings.warn(failure["error"], stacklevel=2)
    return {file["file"]: file["headerlets"] for file in report["files"]}


def apply(
    file: Path,
    headerlet: Path,
    archive: bool = True,
    attach: bool = True,
    force: bool = False,
    alternate: bool = False,
    wcskey: str | None = None,
) -> None:
    """Applies a headerlet to the exposure that it is for, in place.

    Parameters
    ----------
    file, headerlet
        The exposure and the headerlet's file.
    archive
        Keep the description that counted as a further one, under the next free letter.
    attach
        Attach the headerlet as an extension.
    force
        Apply it although its distortion models are others than the file's.
    alternate, wcskey
        As a further description instead of the one that counts, under this letter or the next free one.
    """
    options = dict(archive=archive, attach=attach, force=force, alternate=alternate, wcskey=wcskey)
    _native.headerlet_apply(os.fspath(file), os.fspath(headerlet), json.dumps(options))


def attach(file: Path, headerlet: Path) -> None:
    """Attaches a headerlet to the exposure that it is for, as an extension HDRLET, in place."""
    _native.headerlet_attach(os.fspath(file), os.fspath(headerlet))


def write(
    file: Path,
    hdrname: str | None = None,
    output: Path | None = None,
    wcskey: str | None = None,
    wcsname: str | None = None,
    author: str | None = None,
    descrip: str | None = None,
    catalog: str | None = None,
    history: str | None = None,
    overwrite: bool = False,
) -> str:
    """Makes a headerlet of a description of an exposure, and writes it to a file, whose name is given back.

    Parameters
    ----------
    file
        The exposure.
    hdrname
        Name of the headerlet; else that of the description.
    output
        The headerlet's file; else ``ROOT_hlet.fits`` beside ``ROOT.fits``.
    wcskey, wcsname
        Letter or name of the description; else the one that counts.
    author, descrip, catalog, history
        What is said of the solution.
    overwrite
        Replace the file if it is there.
    """
    options = dict(hdrname=hdrname, wcskey=wcskey, wcsname=wcsname, author=author, descrip=descrip)
    options.update(catalog=catalog, history=history)
    report = _native.headerlet_write(os.fspath(file), json.dumps(options), _optional(output), overwrite)
    return json.loads(report)["file"]


def extract(
    file: Path, hdrname: str | None = None, output: Path | None = None, overwrite: bool = False
) -> str:
    """Writes a headerlet that is attached to a file to a file of its own, whose name is given back."""
    report = _native.headerlet_extract(os.fspath(file), hdrname, _optional(output), overwrite)
    return json.loads(report)["file"]


def delete(files: Path | Iterable[Path], hdrname: str) -> int:
    """Takes the headerlets of a name out of files, in place; tells how many there were."""
    done, failed = json.loads(_native.headerlet_delete(_names(files), hdrname))
    for failure in failed:
        warnings.warn(failure["error"], stacklevel=2)
    return sum(file["deleted"] for file in done)
