"""From raw telescope frames to science-ready images, spectra and photometry."""

from ._native import FirstlightError, InputError, UnsupportedError, __version__
from .files import read_table
from .table import Table

__all__ = [
    "FirstlightError",
    "InputError",
    "Table",
    "UnsupportedError",
    "__version__",
    "read_table",
]
