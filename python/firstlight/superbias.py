"""Superbiases of the STIS CCD, with the names and arguments of refstis."""

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

_FILES = ("crrejtab", "ref_dir", "overwrite")


def make_refbias(
    input_list: Path | Iterable[Path], refbias_name: Path = "refbias.fits", **options: Any
) -> dict[str, Any]:
    """Makes the mean of bias frames, with hot pixels flagged, as refstis's ``make_refbias`` does.

    Parameters
    ----------
    input_list
        Bias frames, raw or with the bias level taken off; patterns are expanded. They are not changed.
    refbias_name
        The bias reference image.
    **options
        ``crrejtab``, ``ref_dir``, ``overwrite``, and the parameters of ocrreject (``crsigmas``, ``crradius``,
        ``initgues``, …).

    Returns
    -------
    The report: ``path``, ``report`` with what was measured, ``seconds``. refstis returns nothing.
    """
    return _made("refbias", input_list, None, refbias_name, options)


def make_basebias(
    input_list: Path | Iterable[Path], refbias_name: Path = "basebias.fits", **options: Any
) -> dict[str, Any]:
    """Makes the bias of an anneal period, the mean of its frames without hot columns and pixels, as refstis's
    ``make_basebias`` does; also of frames of one imset. Arguments and report are those of :func:`make_refbias`.
    """
    return _made("basebias", input_list, None, refbias_name, options)


def make_weekbias(
    input_list: Path | Iterable[Path], refbias_name: Path, basebias: Path, **options: Any
) -> dict[str, Any]:
    """Makes the bias of a week, ``basebias`` with the week's hot columns, as refstis's ``make_weekbias`` does.
    Arguments and report are those of :func:`make_refbias`.
    """
    return _made("weekbias", input_list, os.fspath(basebias), refbias_name, options)


def _made(kind, inputs, base, output, options):
    files = {name: options[name] for name in _FILES if name in options}
    how = {name: value for name, value in options.items() if name not in _FILES}
    given = (as_json(files), as_json(how))
    return json.loads(_native.run_superbias(kind, _files(inputs), base, os.fspath(output), given))
