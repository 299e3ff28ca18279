"""AstroDrizzle by its own name, with its keywords and its defaults."""

from __future__ import annotations

import glob
import os
import warnings
from typing import TYPE_CHECKING, Any

from .drizzle import drizzle

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .drizzle import DrizzleReport

    Path = str | os.PathLike[str]

#: Where AstroDrizzle's defaults are not those of :func:`firstlight.drizzle`.
_DEFAULTS = {"write_dq": True, "preserve": True, "stepsize": 10, "runfile": "astrodrizzle.log"}
#: Keywords that are taken and change nothing, with the reason.
_WITHOUT_EFFECT = {
    "in_memory": "nothing passes through the disk in any case",
    "combine_bufsize": "nothing is read section by section",
    "driz_sep_compress": "nothing is written that could be compressed",
}
#: Options that hold texts, in which numbers are welcome.
_TEXTS = {"gain", "rdnoise", "exptime", "gnkeyword", "rnkeyword", "expkeyword", "group"}


def astrodrizzle(
    input: Path | Iterable[Path],
    mdriztab: bool = False,
    editpars: bool = False,
    configobj: dict[str, Any] | None = None,
    wcsmap: Any = None,
    **input_dict: Any,
) -> DrizzleReport:
    """Cleans exposures of cosmic rays and combines them, as drizzlepac's ``AstroDrizzle`` is called.

    ``input`` is a file, a list of them, names with commas or wild cards, an association or ``"@list"``, a file of names
    that may have maps of inverse variance in a second column (for ``final_wht_type="IVM"``). Keywords and
    their defaults are those of drizzlepac 3.11, sections of its parameters may be given as dictionaries. As there,
    products are replaced, copies of the inputs are put into ``OrIg_files`` and cosmic rays are marked in the inputs'
    DQ; ``write_dq=False`` leaves the inputs alone. Intermediate images are not written, unless ``clean=False`` is
    given. ``editpars``, ``configobj`` other than a dictionary, ``wcsmap`` and ``rules_file`` are refused. All other
    options of :func:`firstlight.drizzle` are known as well. Gives back a :class:`firstlight.DrizzleReport`.
    """
    if editpars:
        raise ValueError("editpars: there is no window to edit parameters in; give them as keywords")
    if wcsmap is not None:
        raise ValueError("wcsmap: another map of pixels is not supported; the coordinates of the headers are used")
    if configobj is not None and not isinstance(configobj, dict):
        raise ValueError("configobj: files and objects of parameters are not supported; give a dictionary or keywords")
    options = {**_DEFAULTS, **_flat(configobj or {}), **_flat(input_dict)}
    given = options.pop("mdriztab", False)
    return drizzle(_files(input), overwrite=True, mdriztab=bool(mdriztab or given), **_known(options))


def _flat(options: dict[str, Any]) -> dict[str, Any]:
    """Sections taken apart; AstroDrizzle's own name among the parameters, and rules for windows, left out."""
    flat: dict[str, Any] = {}
    for name, value in options.items():
        if isinstance(value, dict):
            flat.update(_flat(value))
        elif not name.startswith("_"):
            flat[name] = value
    return flat


def _known(options: dict[str, Any]) -> dict[str, Any]:
    options.pop("input", None)
    if options.pop("rules_file", None):
        raise ValueError("rules_file: headers are blended by the instruments' own rules")
    # There it is about the copies in OrIg_files.
    if options.pop("overwrite", False):
        raise ValueError("overwrite: copies in OrIg_files are never replaced; remove them, or set preserve to False")
    if (cores := options.pop("num_cores", None)) is not None:
        warnings.warn(f"num_cores={cores} has no effect: firstlight.set_threads says how many there are", stacklevel=4)
    clean = options.pop("clean", None)
    if clean is not None and not clean:
        options.setdefault("keep_intermediates", True)
    for name, reason in _WITHOUT_EFFECT.items():
        if options.pop(name, None):
            warnings.warn(f"{name} has no effect: {reason}", stacklevel=4)
    for name, value in list(options.items()):
        if isinstance(value, str) and value.strip() in ("", "INDEF"):
            del options[name]
        elif name in _TEXTS and value is not None:
            options[name] = str(value)
    # Empty texts stand for none, but the log is AstroDrizzle's unless it is named otherwise.
    return options


def _files(given: Path | Iterable[Path]) -> list[str]:
    """The files that a text or a list names; wild cards by name."""
    if isinstance(given, (str, os.PathLike)):
        words = [word.strip() for word in os.fspath(given).split(",")]
    else:
        words = [os.fspath(path) for path in given]
    files: list[str] = []
    for word in words:
        found = sorted(glob.glob(word)) if any(character in word for character in "*?[") else [word]
        if not found:
            raise FileNotFoundError(f"no file is called {word}")
        files += found
    return files
