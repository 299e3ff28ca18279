"""Masks of bad pixels, of flats and of darks."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from .. import _native
from ..native_options import as_json
from ..official_arguments import _files
from . import frames

if TYPE_CHECKING:
    import numpy as np


def ccdmask(
    ratio: Any,
    findbadcolumns: bool = False,
    byblocks: bool = False,
    ncmed: int = 7,
    nlmed: int = 7,
    ncsig: int = 15,
    nlsig: int = 15,
    lsigma: float = 9,
    hsigma: float = 9,
    ngood: int = 5,
) -> np.ndarray:
    """Finds pixels that are unlike their neighbours, called as ccdproc's.

    Parameters
    ----------
    ratio
        A flat, or the ratio of two, as an array or a ``CCDData``. Samples of single precision are judged in it, others in
        double precision.
    findbadcolumns
        Look for bad stretches of columns too.
    byblocks
        Measure the noise in blocks side by side instead of about each pixel.
    ncmed, nlmed
        Columns and rows of the median that is the local level.
    ncsig, nlsig
        Columns and rows in which the noise is measured.
    lsigma, hsigma
        Standard deviations below and above the level from which on a pixel is bad.
    ngood
        With ``findbadcolumns`` good stretches of a column between bad pixels that are shorter than this are bad.

    Returns
    -------
    numpy.ndarray
        True where a pixel is bad. Samples that are not finite are bad, and count for no other pixel.
    """
    import numpy as np

    data = getattr(ratio, "data", None)
    if not isinstance(data, (np.ndarray, memoryview)):
        raise ValueError('"ratio" should be a "CCDData".')
    if isinstance(ratio, np.ndarray):
        data = np.ma.getdata(ratio)
    if data.ndim != 2:
        raise ValueError('"ratio" must be two-dimensional.')
    how = {
        "findbadcolumns": bool(findbadcolumns),
        "byblocks": bool(byblocks),
        "ncmed": ncmed,
        "nlmed": nlmed,
        "ncsig": ncsig,
        "nlsig": nlsig,
        "lsigma": lsigma,
        "hsigma": hsigma,
        "ngood": ngood,
    }
    single = frames.precision(ratio) is np.float32
    return _native.ccd_mask(np.ascontiguousarray(data, dtype=np.float64), single, as_json(how))


def badpix(
    output: Any,
    *,
    flats: Any = (),
    darks: Any = (),
    bias: Any = None,
    dark_limit: float | None = None,
    dark_sigma: float | None = None,
    gain: float | None = None,
    exposure_key: str | None = None,
    table: Any = None,
    ext: str | None = None,
    unit: str | None = None,
    overwrite: bool = False,
    **how: Any,
) -> dict[str, Any]:
    """Writes a mask of bad pixels that ``ccd_process(bad_pixel_mask=…)`` takes.

    Parameters
    ----------
    output
        The mask: bit 1 is what the flats show, bit 2 where the darks are hot.
    flats
        A flat, or two of different level, whose ratio is judged.
    darks
        Darks of any exposure times. The rate of a pixel is the median over them, of an even number the lower of the middle two.
    bias
        Subtracted from flats and darks.
    dark_limit
        Dark rate above which a pixel is hot, electrons/s.
    dark_sigma
        The same in robust standard deviations above the median rate; 9 where nothing is said.
    gain
        Electrons per ADU of darks in ADU; otherwise EGAIN.
    exposure_key
        Keyword of the exposure time, EXPTIME where nothing is said.
    table
        A table of the bad pixels; the name tells the format.
    ext, unit
        HDU of the frames, and their unit where BUNIT is not there or wrong.
    overwrite
        Replace files that are there already.
    **how
        The parameters of :func:`ccdmask`.

    Returns
    -------
    dict
        Numbers of bad pixels, and the dark rate with its limit.
    """
    given = {
        "bias": None if bias is None else os.fspath(bias),
        "dark_limit": dark_limit,
        "dark_sigma": dark_sigma,
        "gain": gain,
        "exposure_key": exposure_key,
        "table": None if table is None else os.fspath(table),
        "ext": ext,
        "unit": unit,
        "overwrite": overwrite,
    }
    options = as_json({name: value for name, value in given.items() if value is not None})
    names = [_names(flats), _names(darks)]
    return json.loads(_native.ccd_badpix(*names, os.fspath(output), options, as_json(how)))


def _names(files):
    """Paths of files that there need not be."""
    if isinstance(files, (str, os.PathLike)):
        return _files(files)
    files = list(files)
    return _files(files) if files else []
