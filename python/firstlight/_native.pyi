"""What the compiled half of the package holds. Users import from ``firstlight`` itself."""

from os import PathLike

from .table import Table

__version__: str

class FirstlightError(Exception):
    """Any error of this package."""

class InputError(FirstlightError):
    """A file's content cannot be used."""

class UnsupportedError(FirstlightError):
    """Correct, but not supported."""

def read_table(path: str | PathLike[str], ext: str | None = None, format: str | None = None) -> Table:
    """Reads a table file."""

def write_table(
    table: Table, path: str | PathLike[str], format: str | None = None, overwrite: bool = False
) -> None:
    """Writes a table file."""

def format_table(table: Table, rows: int | None = None, width: int | None = None) -> str:
    """A table as text for people."""
