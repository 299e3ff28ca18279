"""Frames of any CCD, with the names and arguments of ccdproc, on arrays, on astropy's ``CCDData``, and on files.

A frame is a numpy array, a masked array, or a ``CCDData``; what comes in goes out. astropy is not needed for arrays, and
is only imported where a ``CCDData`` or one of its quantities came in.
"""

from .process import ccd_process
from .steps import (
    create_deviation,
    flat_correct,
    gain_correct,
    subtract_bias,
    subtract_dark,
    subtract_overscan,
    trim_image,
)

__all__ = [
    "ccd_process",
    "create_deviation",
    "flat_correct",
    "gain_correct",
    "subtract_bias",
    "subtract_dark",
    "subtract_overscan",
    "trim_image",
]
