"""Charge transfer: what acscte does, and its inverse."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .. import _native
from .arrays import Planes, _image, _planes
from .ccd import _primary

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray


#: A camera's own traps: levels of charge (e), what they take (e), and the shares that come out 1, 2, … pixels behind.
Traps = Iterable[tuple[float, float, Sequence[float]]]


def correct_cte(
    sci: ArrayLike,
    err: ArrayLike | None = None,
    *,
    pctetab: Any = None,
    ccdtab: Any = None,
    traps: Traps | None = None,
    header: Mapping[str, Any] | None = None,
    chip: int = 1,
    ltv: tuple[float, float] = (0.0, 0.0),
    readnoise: float = 0.0,
    scales: ArrayLike | None = None,
    **transfer: Any,
) -> tuple[NDArray, NDArray]:
    """PCTECORR: takes off the trails of charge transfer (electrons, without overscan); ``(sci, err)``.

    With ``pctetab`` and ``ccdtab`` (files) it is an image of the WFC; with ``traps`` of any camera.

    Parameters
    ----------
    header
        Keywords of the primary header: ``EXPSTART`` (MJD), which decides how many traps there are, ``CCDAMP``
        (``"ABCD"``), ``CCDGAIN``, and ``PCTENFOR``, ``PCTENPAR``, ``PCTETLEN``, ``FIXROCR`` in place of the table's.
    chip, ltv
        CCDCHIP, and LTV1 and LTV2 of a subarray.
    traps
        Levels ``(q, amount, release)``: charge that a packet must have to meet them, what they take of a packet that goes
        all the way, and the shares of it that come out 1, 2, … pixels behind.
    readnoise
        Of a camera's image: noise that has no trails, electrons.
    scales
        Of a camera's image: how much the traps of each column (row, where charge moves along rows) count.
    **transfer
        ``register`` (``"bottom"``, ``"top"``, ``"left"``, ``"right"``), ``transfers``, ``passes``, ``fraction``.
    """
    if traps is not None:
        sciences = _camera_cte(sci, traps, scales, float(readnoise), transfer)
        return sciences, _planes(sciences, err, None).err
    planes, _ = _instrument_cte(sci, err, pctetab, ccdtab, header, chip, ltv, transfer, None)
    return planes.sci, planes.err


def forward_cte(
    sci: ArrayLike,
    err: ArrayLike | None = None,
    *,
    pctetab: Any = None,
    ccdtab: Any = None,
    traps: Traps | None = None,
    header: Mapping[str, Any] | None = None,
    chip: int = 1,
    ltv: tuple[float, float] = (0.0, 0.0),
    parallel_first: bool = False,
    scales: ArrayLike | None = None,
    **transfer: Any,
) -> tuple[NDArray, NDArray]:
    """Draws the trails of charge transfer, the inverse of :func:`correct_cte`, whose arguments it has; ``(sci, err)``."""
    if traps is not None:
        sciences = _camera_cte(sci, traps, scales, None, transfer)
        return sciences, _planes(sciences, err, None).err
    planes, _ = _instrument_cte(
        sci, err, pctetab, ccdtab, header, chip, ltv, transfer, parallel_first
    )
    return planes.sci, planes.err


def _camera_cte(
    sci: ArrayLike, traps: Traps, scales: Any, readnoise: float | None, transfer: Mapping[str, Any]
) -> NDArray[np.float32]:
    import numpy as np

    levels = [(float(q), float(amount), [float(r) for r in release]) for q, amount, release in traps]
    weights = None if scales is None else [float(s) for s in np.asarray(scales, dtype=float)]
    return _native.camera_cte(_image(sci), levels, json.dumps(dict(transfer)), weights, readnoise)


def _instrument_cte(
    sci: ArrayLike,
    err: ArrayLike | None,
    pctetab: Any,
    ccdtab: Any,
    header: Mapping[str, Any] | None,
    chip: int,
    ltv: tuple[float, float],
    transfer: Mapping[str, Any],
    parallel_first: bool | None,
) -> tuple[Planes, dict[str, Any]]:
    if pctetab is None or ccdtab is None:
        raise ValueError("give pctetab and ccdtab for an image of the WFC, or traps for one of another camera")
    if transfer:
        raise ValueError(f"{', '.join(transfer)} go with traps alone")
    primary = {**_primary("ABCD", header), "PCTECORR": "PERFORM", "BLEVCORR": "COMPLETE"}
    if "EXPSTART" not in (header or {}):
        raise ValueError("the header needs EXPSTART (MJD): it decides how many traps there are")
    keywords = {"CCDCHIP": int(chip), "LTV1": float(ltv[0]), "LTV2": float(ltv[1])}
    files = [("PCTETAB", os.fspath(pctetab)), ("CCDTAB", os.fspath(ccdtab))]
    planes, report = _native.instrument_cte(
        _planes(sci, err, None), primary, keywords, files, parallel_first
    )
    return Planes(*planes), json.loads(report)
