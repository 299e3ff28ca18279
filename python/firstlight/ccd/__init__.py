"""Frames of any CCD, with the names and arguments of ccdproc, on arrays, on astropy's ``CCDData``, and on files.

A frame is a numpy array, a masked array, or a ``CCDData``; what comes in goes out. astropy is not needed for arrays, and
is only imported where a ``CCDData`` or one of its quantities came in.
"""

from .bad_pixels import badpix, ccdmask
from .blocks import block_average, block_reduce, block_replicate, rebin
from .cosmic_rays import cosmicray_lacosmic, cosmicray_median, detect_cosmics
from .process import ccd_process
from .sky import subtract_background, subtract_fringe
from .steps import (
    create_deviation,
    flat_correct,
    gain_correct,
    linearity_correct,
    subtract_bias,
    subtract_dark,
    subtract_overscan,
    trim_image,
)

__all__ = [
    "badpix",
    "block_average",
    "block_reduce",
    "block_replicate",
    "ccd_process",
    "ccdmask",
    "cosmicray_lacosmic",
    "cosmicray_median",
    "create_deviation",
    "detect_cosmics",
    "flat_correct",
    "gain_correct",
    "linearity_correct",
    "rebin",
    "subtract_background",
    "subtract_bias",
    "subtract_dark",
    "subtract_fringe",
    "subtract_overscan",
    "trim_image",
]
