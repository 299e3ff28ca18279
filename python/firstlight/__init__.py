"""From raw telescope frames to science-ready images, spectra and photometry."""

from ._native import FirstlightError, InputError, UnsupportedError, __version__

__all__ = ["FirstlightError", "InputError", "UnsupportedError", "__version__"]
