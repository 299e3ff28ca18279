"""Frames found on the sky."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from typing import Any

from . import _native
from .native_options import as_json
from .official_arguments import _files

Path = str | os.PathLike[str]

_HOW = ("sip_order", "search_radius", "scale_factor", "tolerance", "control_stars", "min_matches")
_STARS = ("fwhm", "threshold", "saturation", "max_stars")


def solve(
    files: Path | Iterable[Path], catalogue: Path, output_dir: Path | None = None, **options: Any
) -> dict[str, Any]:
    """Finds frames on the sky by the stars of a catalogue, and writes their coordinate systems (TAN, with SIP).

    Parameters
    ----------
    files
        Frames; patterns are expanded.
    catalogue
        A table with ``ra``, ``dec`` and a magnitude; proper motions are applied where it has them.
    output_dir
        Folder of solved copies. Without it, and without ``update=True``, which writes into the frames themselves, nothing
        is written.
    **options
        ``ra``, ``dec`` (degrees, or text such as ``"10:17:36.8"``) and ``scale`` (arcsec a pixel), where headers do not tell
        them, ``magnitude``, ``sip_order``, ``search_radius``, ``tolerance``, …: ``firstlight solve --help`` tells of each.

    Returns
    -------
    The report: ``frames``, each with ``ra``, ``dec``, ``scale_arcsec``, ``rotation_deg``, ``flipped``, ``matches``,
    ``order``, ``rms_arcsec``, and ``failed``.
    """
    how = {name: options.pop(name) for name in _HOW if name in options}
    stars = {name: options.pop(name) for name in _STARS if name in options}
    for name in ("ra", "dec"):
        if options.get(name) is not None:
            options[name] = str(options[name])
    if output_dir is not None:
        options["output_dir"] = os.fspath(output_dir)
    report = _native.run_solve(_files(files), os.fspath(catalogue), as_json(options), as_json(how), as_json(stars))
    return json.loads(report)
