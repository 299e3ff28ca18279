"""What is recorded of a step in a frame's metadata, under ccdproc's keywords."""

from __future__ import annotations

import functools
import inspect

from .frames import is_ccddata

SHORT = {
    "ccd_process": "ccdproc",
    "create_deviation": "creatvar",
    "flat_correct": "flatcor",
    "gain_correct": "gaincor",
    "linearity_correct": "lincorr",
    "subtract_background": "subbkg",
    "subtract_bias": "subbias",
    "subtract_dark": "subdark",
    "subtract_fringe": "fringcor",
    "subtract_overscan": "suboscan",
    "trim_image": "trimim",
}


def recorded(step):
    """Gives a step the argument ``add_keyword``: True records the call, None or False nothing, a dictionary itself."""
    names = list(inspect.signature(step).parameters)

    @functools.wraps(step)
    def with_record(*given, add_keyword=True, **named):
        done = step(*given, **named)
        if is_ccddata(done) and add_keyword:
            for key, value in _entries(step.__name__, names, given, named, add_keyword):
                done.meta[key] = value
        return done

    return with_record


def _entries(name, names, given, named, add_keyword):
    if add_keyword is not True:
        if isinstance(add_keyword, str):
            return [(add_keyword, None)]
        if hasattr(add_keyword, "name") and hasattr(add_keyword, "value"):
            return [(add_keyword.name, add_keyword.value)]
        return list(add_keyword.items())
    pairs = [*zip(names, given), *named.items()]
    call = ", ".join(f"{key}={_plain(value)}" for key, value in pairs).replace("\n", "")
    short = SHORT.get(name, name)
    frame = given[0] if given else next(iter(named.values()), None)
    header = type(getattr(frame, "meta", None)).__name__ == "Header"
    return [(f"HIERARCH {name.upper()}" if header else name, short), (short, call)]


def _plain(value):
    """Frames by their type, all else as it prints."""
    import numpy as np

    if is_ccddata(value) or isinstance(value, np.ndarray) and value.size > 1:
        return f"<{type(value).__name__}>"
    return value
