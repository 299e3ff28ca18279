"""Nights at a ground-based telescope, reduced."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from typing import Any

from . import _native
from .ccd.steps import linearity_texts
from .native_options import as_json
from .official_arguments import _files

Path = str | os.PathLike[str]


def reduce(inputs: Path | Iterable[Path], folder: Path | None = None, **options: Any) -> dict[str, Any]:
    """Makes masters of a night's biases, darks and flats, and reduces its frames of the sky with them.

    Parameters
    ----------
    inputs
        Folders, which are searched with the folders in them, files, patterns, or one ``night.toml``. They are not changed.
    folder
        Where ``masters/``, ``reduced/`` and ``report.html`` are put. What an earlier run left there and would make in the
        same way is not made again. A ``night.toml`` may say it.
    **options
        ``bias``, ``dark``, ``flat`` (masters that are there already; ``flat`` a dictionary of filters and files),
        ``fringe`` (fringe frames, a dictionary as well), ``without`` (a list), ``stop``, ``one_set``,
        ``temperature_tolerance``, ``nearest``, ``gain``, ``readnoise``, ``linearity``, ``lacosmic``, ``sigclip``,
        ``objlim``, ``flag_only``, ``background``, …: ``firstlight reduce --help`` tells of each. They win over those of a
        ``night.toml``.

    Returns
    -------
    The report: ``nights``, ``frames`` (what each file was taken to be), ``masters``, ``reduced`` (with ``before`` and
    ``after``: ``first_pixel``, ``average``, ``std``; ``cosmic_rays``, how many pixels, and ``fringe_scale``), ``notes``, ``failed``, ``page``. A frame that lacks a master is no
    error unless ``stop`` is set.
    """
    for kind in ("flat", "fringe"):
        of_filters = options.get(kind)
        if isinstance(of_filters, dict):
            options[kind] = [f"{name}={os.fspath(path)}" for name, path in of_filters.items()]
    if options.get("linearity") is not None:
        options["linearity"] = linearity_texts(options["linearity"])
    for name in ("gain", "readnoise", "background"):
        if options.get(name) is not None:
            options[name] = str(options[name])
    for name in ("without", "clip", "bias_files", "dark_files", "flat_files", "science_files", "ignore_files"):
        if isinstance(options.get(name), str):
            options[name] = [options[name]]
    to = None if folder is None else os.fspath(folder)
    return json.loads(_native.run_reduce(_files(inputs), to, as_json(options)))
