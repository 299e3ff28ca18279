"""From raw telescope frames to science-ready images, spectra and photometry."""

from ._native import FirstlightError, InputError, UnsupportedError, __version__
from .files import getdata, getheader, getval, info, log, read_table, setval, writeto
from .header import Header
from .look import Figure, colour_map, paint, plot
from .table import Table
from .wcs import WCS, PixelMap, common_grid

__all__ = [
    "Figure",
    "FirstlightError",
    "Header",
    "InputError",
    "PixelMap",
    "Table",
    "UnsupportedError",
    "WCS",
    "__version__",
    "colour_map",
    "common_grid",
    "getdata",
    "getheader",
    "getval",
    "info",
    "log",
    "paint",
    "plot",
    "read_table",
    "setval",
    "writeto",
]
