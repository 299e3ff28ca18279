"""The steps of the STIS CCD's calibration on numpy arrays.

Images are in DN, of one imset; what they are given stays as it is. ``primary`` and ``header`` are the keywords of the primary
header and of that of the SCI, as dictionaries: what mode, when and how long. ``references`` names reference files by their
keyword, as in ``{"SPTRCTAB": "oref/q591618eo_1dt.fits"}``. Steps on files are :func:`firstlight.calstis` and its like.
"""

from .arrays import basic2d, ocrreject, wavecal, x1d, x2d

__all__ = ["basic2d", "ocrreject", "wavecal", "x1d", "x2d"]
