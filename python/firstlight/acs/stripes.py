"""Stripes of the repaired WFC."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from .. import _native
from .arrays import Planes, _image, _planes

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Destriped(NamedTuple):
    """What :func:`destripe_array` gives: arrays, or lists of two for the chips of a full frame."""

    sci: Any
    err: Any
    corrections: NDArray[np.float64]
    report: dict[str, Any]


def destripe_array(
    sci: Any,
    err: Any,
    dq: Any = None,
    *,
    flat: Any = None,
    dark: Any = None,
    flash: Any = None,
    mask: Any = None,
    flat_applied: bool = False,
    dark_subtracted: bool = False,
    flash_subtracted: bool = False,
    stat: str = "pmode1",
    maxiter: int = 15,
    sigrej: float = 2.0,
    lower: float | None = None,
    upper: float | None = None,
    binwidth: float = 0.1,
    dqbits: int | str | None = None,
    rpt_clean: int = 0,
    atol: float | None = 0.01,
) -> Destriped:
    """Takes the stripes of the repaired WFC out of an image (electrons), as ``acstools.acs_destripe`` does.

    Parameters
    ----------
    sci, err, dq
        An image, or a sequence of two: chips 2 and 1 of a full frame, as SCI,1 and SCI,2 have them. All other arrays are
        then sequences of two as well.
    flat, dark, flash
        What is taken out for measuring alone: the flat field, and electrons of dark and flash.
    mask
        Pixels where it is 0 do not count.
    flat_applied, dark_subtracted, flash_subtracted
        Whether that has been done to ``sci`` and ``err`` already.
    stat, maxiter, sigrej, lower, upper, binwidth, dqbits, rpt_clean, atol
        As for :func:`firstlight.destripe`.

    Returns
    -------
    ``sci`` and ``err``, what was subtracted of each row (electrons before flat-fielding), and the report.
    """
    import numpy as np

    pair = isinstance(sci, (list, tuple)) and len(sci) in (1, 2) and np.ndim(sci[0]) == 2

    def each(value: Any) -> list[Any]:
        if value is None:
            return [None] * (len(sci) if pair else 1)
        return list(value) if pair else [value]

    columns = [each(value) for value in (sci, err, dq, mask, flat, dark, flash)]
    if len({len(column) for column in columns}) != 1:
        raise ValueError("of a full frame, all arrays are given for both chips")
    chips = []
    for science, error, bits, good, sensitivity, current, glow in zip(*columns):
        layers = [(current, dark_subtracted), (glow, flash_subtracted)]
        chips.append(
            {
                "planes": _planes(science, error, bits),
                "mask": None if good is None else np.ascontiguousarray(np.asarray(good) != 0, dtype=np.uint8),
                "flat": None if sensitivity is None else _image(sensitivity, "the flat"),
                "flat_applied": flat_applied,
                "layers": [(_image(layer), done) for layer, done in layers if layer is not None],
            }
        )
    options = destripe_options(
        stat=stat, maxiter=maxiter, sigrej=sigrej, lower=lower, upper=upper, binwidth=binwidth, dqbits=dqbits,
        rpt_clean=rpt_clean, atol=atol,
    )
    planes, corrections, report = _native.destripe_arrays(chips, options)
    cleaned = [Planes(*each) for each in planes]
    sciences, errors = [each.sci for each in cleaned], [each.err for each in cleaned]
    if not pair:
        return Destriped(sciences[0], errors[0], corrections, json.loads(report))
    return Destriped(sciences, errors, corrections, json.loads(report))


def destripe_options(*, dqbits: int | str | None, atol: float | None, stat: str, **given: Any) -> str:
    """Keyword arguments in acstools' form as the library has them."""
    options = {"stat": stat.strip().lower(), "atol": 0.0 if atol is None else float(atol), **given}
    if isinstance(dqbits, str):
        options["dqbits"] = dqbits
    elif dqbits is not None:
        # A negative number is the complement of the bits that make a pixel bad.
        bits = int(dqbits)
        options["dqbits"] = str(bits) if bits >= 0 else f"~{~bits}"
    return json.dumps(options)
