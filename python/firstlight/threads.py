"""How many threads work is spread over."""

from . import _native


def set_threads(threads: int | None = None) -> None:
    """Set the number of threads for every step; ``None``, as at first, takes all processors.

    Results have the same bits for any number. The environment variable ``RAYON_NUM_THREADS`` counts where nothing is
    set.

    Raises
    ------
    ValueError
        Less than one thread.
    """
    if threads is not None and threads < 1:
        raise ValueError(f"there has to be at least one thread, not {threads}")
    _native.set_threads(threads)


def get_threads() -> int:
    """The number of threads that work is spread over."""
    return _native.get_threads()
