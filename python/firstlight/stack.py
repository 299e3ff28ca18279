"""Frames of a field stacked."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from . import _native
from .native_options import as_json
from .official_arguments import _files

if TYPE_CHECKING:
    Path = str | os.PathLike[str]

_OF_STACK = (
    *("registered", "transforms", "exposure_key", "keep_sky", "no_zero_point", "inverse_variance"),
    *("interpolation", "conserve"),
)
_OF_COMBINE = (
    *("method", "clip", "sigma_low", "sigma_high", "clip_centre", "clip_iterations", "min", "max", "nlow", "nhigh"),
    *("scale", "scale_region", "weights", "uncertainty", "max_memory", "overwrite"),
)


def stack(
    files: Path | Iterable[Path], output: Path, reference: Path | None = None, **options: Any
) -> dict[str, Any]:
    """Stacks frames of a field: registered, brought to one level, resampled and combined into a new file.

    Parameters
    ----------
    files
        Frames; patterns are expanded. They are not changed.
    output
        The product, as :func:`combine_files` writes it; EXPTIME is that of the reference, TEXPTIME the sum of all.
    reference
        The frame whose pixels and level the product has; the first where it is not given.
    **options
        Those of ``firstlight stack``: ``keep_sky``, ``no_zero_point``, ``inverse_variance``, ``interpolation``;
        ``method``, ``clip``, ``sigma_low``, ``weights``, …, of combining; ``geometry``, ``saturation``, …, of registering,
        and ``register_by`` ("stars", "wcs" or "phase").

    Returns
    -------
    The report: ``path``, ``frames`` with ``sky``, ``time_scale``, ``zero_point_scale``, ``weight`` and ``rejected`` of
    each, ``failed``, ``total_exptime_s``, ….
    """
    if isinstance(options.get("clip"), str):
        options["clip"] = options["clip"].split(",")
    if not isinstance(options.get("weights"), (str, type(None))):
        options["weights"] = ",".join(repr(float(weight)) for weight in options["weights"])
    given = {name: options.pop(name) for name in _OF_STACK if name in options}
    combining = {name: options.pop(name) for name in _OF_COMBINE if name in options}
    if "register_by" in options:
        options["method"] = options.pop("register_by")
    if reference is not None:
        options["reference"] = os.fspath(reference)
    how = (as_json(combining), as_json(options))
    return json.loads(_native.stack_files(_files(files), os.fspath(output), as_json(given), how))
