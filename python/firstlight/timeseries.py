"""Light curves of stars over a series of frames."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from . import _native
from .native_options import as_json
from .official_arguments import _files
from .table import Table

if TYPE_CHECKING:
    Path = str | os.PathLike[str]
    Stars = Path | Iterable[Any]

_OF_REGISTER = (
    *("method", "geometry", "tolerance", "max_scale", "control_stars", "neighbours", "min_matches"),
    *("fwhm", "threshold", "saturation", "max_stars", "ext", "unit"),
)


def timeseries(
    files: Path | Iterable[Path],
    targets: Stars,
    reference: Path | None = None,
    comparisons: Stars = (),
    output: Path | None = None,
    **options: Any,
) -> tuple[Table, dict[str, Any]]:
    """Follows stars through a series of frames, which are registered to a reference and stay as they are.

    Parameters
    ----------
    files
        Frames; patterns are expanded.
    targets
        Stars whose light curves are wanted: a pair ``(x, y)`` on the reference (0-based), a list of pairs, or the path of
        a table with columns ``x`` and ``y``.
    reference
        The frame that the stars are named on; the first where it is not given.
    comparisons
        Stars that they are compared with, in the same way; bright ones that do not vary where none are given.
    output
        Where the table is written besides.
    **options
        ``radius``, ``radius_fwhm``, ``gain``, ``detrend``, ``figure``, ``saturation``, …: ``firstlight timeseries --help``
        tells of each.

    Returns
    -------
    The table, one row for each star and frame: ``star``, ``role``, ``file``, ``jd_utc_mid``, ``flux``, ``flux_err``,
    ``rel_flux``, ``rel_flux_err``, ``mag``, ``x``, ``y``, ``fwhm``, ``sky``, ``flags``, …; and the report, a dictionary
    with ``stars``, ``frames``, ``failed``, ``notes``, ``time`` and ``errors``.
    """
    if reference is not None:
        options["reference"] = os.fspath(reference)
    if output is not None:
        options["output"] = os.fspath(output)
    for name in ("figure", "detrend"):
        if isinstance(options.get(name), (str, os.PathLike)):
            options[name] = [options[name]]
    if isinstance(options.get("gain"), (int, float)):
        options["gain"] = repr(float(options["gain"]))
    names = ("reference", *_OF_REGISTER)
    how = {name: options.pop(name) for name in names if name in options}
    options |= {"targets": _named(targets), "comparisons": _named(comparisons)}
    table, report = _native.timeseries_files(_files(files), as_json(options), as_json(how))
    return table, json.loads(report)


def _named(stars):
    """Places as ``x,y``, and paths."""
    if isinstance(stars, (str, os.PathLike)):
        return [os.fspath(stars)]
    stars = list(stars)
    if len(stars) == 2 and all(hasattr(star, "__float__") for star in stars):
        stars = [stars]
    return [
        os.fspath(star) if isinstance(star, (str, os.PathLike)) else ",".join(repr(float(c)) for c in star)
        for star in stars
    ]
