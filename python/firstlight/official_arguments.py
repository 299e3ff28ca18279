"""What the calls of acstools are made of: files as it takes them, and arguments of its programs."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from .files import getdata

if TYPE_CHECKING:
    Path = str | os.PathLike[str]


class _Arguments:
    """What the arguments of the official programs mean here."""

    def __init__(self) -> None:
        self.threads: int | None = None
        self.keep = self.verbose = self.quiet = False


def _arguments(exec_path: Path | None, exe_args: Sequence[str] | None, allowed: tuple[str, ...]) -> _Arguments:
    if exec_path:
        warnings.warn(
            f"exec_path is not used: firstlight runs no program, and so not {os.fspath(exec_path)}", stacklevel=4
        )
    given = _Arguments()
    words = iter(exe_args or [])
    for word in words:
        if word.lower() == "--nthreads":
            number = next(words, None)
            if number is None or not number.isdigit() or int(number) < 1:
                raise ValueError(f"--nThreads needs a number of threads, not {number!r}")
            given.threads = int(number)
        elif word == "-1":
            given.threads = 1
        elif word == "-q":
            given.quiet = True
        elif word in ("-v", "-d") and (word == "-v" or word in allowed):
            given.verbose = True
        elif word == "-s" and word in allowed:
            given.keep = True
        elif word != "-t":
            raise ValueError(
                f"{word!r} is an argument of the official program that has no meaning here; what there is are "
                "--nThreads N, -1, -t, -v, -q, and the keyword arguments"
            )
    return given


class _Given:
    """What every stage accepts for the sake of acstools' calls."""

    def __init__(self, exec_path: Path, exe_args: Sequence[str] | None, verbose: bool, quiet: bool) -> None:
        self.arguments = _arguments(exec_path, exe_args, allowed=())
        self.verbose = (verbose or self.arguments.verbose) and not (quiet or self.arguments.quiet)

    def tell(self, report: dict[str, Any]) -> dict[str, Any]:
        for product in report["products"] if self.verbose else []:
            print(f"{product['path']}: {product['seconds']:.1f} s")
        return _told(report)


def _files(inputs: Path | Iterable[Path]) -> list[str]:
    """Paths and patterns, with those of ``@file`` in their place."""
    if isinstance(inputs, (str, os.PathLike)):
        inputs = [inputs]
    files: list[str] = []
    for path in map(os.fspath, inputs):
        if path.startswith("@"):
            with open(path[1:]) as lines:
                files += [line.split("#")[0].strip() for line in lines if line.split("#")[0].strip()]
        else:
            files.append(path)
    if not files:
        raise ValueError("no input files were given")
    return files


def _members(inputs: Path | Iterable[Path], suffix: str) -> list[str]:
    """As :func:`_files`, with the exposures of an association in its place, as files of one stage."""
    files: list[str] = []
    for path in _files(inputs):
        if not path.endswith("_asn.fits"):
            files.append(path)
            continue
        table = getdata(path, 1)
        exposures = [
            str(name).strip().lower()
            for name, role in zip(table["MEMNAME"], table["MEMTYPE"])
            if str(role).strip().upper().startswith("EXP")
        ]
        files += [os.path.join(os.path.dirname(path), name + suffix) for name in exposures]
    return files


def _masks(masks: Any) -> list[Any]:
    """Masks as files and as arrays of 0 and 1."""
    import numpy as np

    if masks is None:
        return []
    if isinstance(masks, (str, os.PathLike)) or isinstance(masks, np.ndarray):
        masks = [masks]
    found: list[Any] = []
    for mask in masks:
        if isinstance(mask, np.ndarray):
            if mask.ndim != 2:
                raise ValueError(f"a mask has two axes, not {mask.ndim}")
            found.append(np.ascontiguousarray(mask != 0, dtype=np.uint8))
        elif isinstance(mask, (str, os.PathLike)):
            found.append(os.fspath(mask))
        else:
            raise TypeError(f"a mask is a file or an array, not {type(mask).__name__}")
    return found


def _switches(given: dict[str, str] | Iterable[str] | None) -> list[str]:
    """Switches as ``PCTECORR=PERFORM``."""
    if isinstance(given, dict):
        return [f"{switch}={value}" for switch, value in given.items()]
    return list(given or [])


def _told(report: dict[str, Any]) -> dict[str, Any]:
    for failure in report.get("failed", []):
        warnings.warn(failure["error"], stacklevel=4)
    return report


def _options(**given: Any) -> str:
    return json.dumps({name: value for name, value in given.items() if value is not None})


def _path(path: Path | None) -> str | None:
    return None if path is None else os.fspath(path)


def _beside(path: Path) -> str | None:
    """The folder of a file; None where that is the current one."""
    return os.path.dirname(os.fspath(path)) or None
