"""What the compiled half of the package holds. Users import from ``firstlight`` itself."""

__version__: str

class FirstlightError(Exception):
    """Any error of this package."""

class InputError(FirstlightError):
    """A file's content cannot be used."""

class UnsupportedError(FirstlightError):
    """Correct, but not supported."""
