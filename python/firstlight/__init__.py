"""From raw telescope frames to science-ready images, spectra and photometry."""

from ._native import FirstlightError, InputError, UnsupportedError, __version__
from .files import read_table
from .table import Table
from .wcs import WCS, PixelMap, common_grid

__all__ = [
    "FirstlightError",
    "InputError",
    "PixelMap",
    "Table",
    "UnsupportedError",
    "WCS",
    "__version__",
    "common_grid",
    "read_table",
]
