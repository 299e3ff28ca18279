"""Images of the STIS CCD in memory, through the steps of their calibration."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .. import _native
from ..acs.arrays import Planes, _planes
from ..native_options import as_json

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from ..table import Table

    Files = Mapping[str, str | os.PathLike[str]]

#: What a header of the CCD says where nothing else is said.
_CCD = {"INSTRUME": "STIS", "DETECTOR": "CCD", "OBSTYPE": "SPECTROSCOPIC"}


def basic2d(
    sci: ArrayLike,
    err: ArrayLike | None = None,
    dq: ArrayLike | None = None,
    *,
    primary: Mapping[str, Any],
    header: Mapping[str, Any],
    references: Files,
) -> tuple[Planes, dict[str, Any]]:
    """Bad pixels, bias level, bias, dark and flat of an image, by the switches of ``primary``.

    ``references`` needs CCDTAB, and the files of the switches that are PERFORM. Gives the calibrated planes, without overscan
    where BLEVCORR is done, and what was measured.
    """
    planes, report = _native.basic2d_array(_given(sci, err, dq, primary, header, references))
    return Planes(*planes), json.loads(report)


def ocrreject(
    sci: Sequence[ArrayLike],
    dq: Sequence[ArrayLike | None] | None = None,
    *,
    exptime: ArrayLike,
    atodgain: float,
    readnse: float,
    crsigmas: str | Iterable[float] = "6.5,5.5,4.5",
    crradius: float = 0.0,
    crthresh: float = 1.0,
    initgues: str = "minimum",
    skysub: str = "none",
    scalense: float = 0.0,
    badinpdq: int = 0,
) -> tuple[Planes, list[NDArray[np.bool_]], dict[str, Any]]:
    """Images of one field (DN, without bias) combined without cosmic rays.

    ``exptime`` (s) is one for each or for all, ``atodgain`` in e/DN, ``readnse`` in e; the others are as the columns of
    CRREJTAB. Gives the combined planes, which are of all exposure time together, for each image which of its pixels were rejected, and
    what was measured.
    """
    import numpy as np

    images = list(sci)
    if not images:
        raise ValueError("there are no images to combine")
    bits = [None] * len(images) if dq is None else list(dq)
    if len(bits) != len(images):
        raise ValueError(f"{len(images)} images and {len(bits)} DQ do not belong together")
    times = np.broadcast_to(np.asarray(exptime, dtype=float), len(images))
    sigmas = crsigmas if isinstance(crsigmas, str) else ",".join(str(float(s)) for s in crsigmas)
    how = {
        "crmask": True, "scalense": scalense, "initgues": initgues, "skysub": skysub, "crsigmas": sigmas,
        "crradius": crradius, "crthresh": crthresh, "badinpdq": badinpdq,
    }
    primary = {**_CCD, "CCDAMP": "D", "ATODGAIN": float(atodgain), "READNSE": float(readnse)}
    inputs = [(_planes(image, None, flags), float(time)) for image, flags, time in zip(images, bits, times)]
    planes, rejected, report = _native.ocrreject_arrays(inputs, primary, as_json(how))
    return Planes(*planes), rejected, json.loads(report)


def wavecal(
    sci: ArrayLike,
    err: ArrayLike | None = None,
    dq: ArrayLike | None = None,
    *,
    primary: Mapping[str, Any],
    header: Mapping[str, Any],
    references: Files,
) -> dict[str, Any]:
    """The shifts that a calibrated wavecal shows, along the dispersion and along the slit.

    ``references`` needs LAMPTAB, APDESTAB, DISPTAB, INANGTAB, SPTRCTAB and SDCTAB, and may name WCPTAB. ``shifta1`` and
    ``shifta2`` are ``{"found": pixels}`` or ``{"undefined": why}``.
    """
    header = {"ASN_MTYP": "AUTO-WAVECAL", **header}
    return json.loads(_native.wavecal_array(_given(sci, err, dq, primary, header, references)))


def x2d(
    sci: ArrayLike,
    err: ArrayLike | None = None,
    dq: ArrayLike | None = None,
    *,
    primary: Mapping[str, Any],
    header: Mapping[str, Any],
    references: Files,
    helcorr: bool = True,
    fluxcorr: bool = True,
    statflag: bool = False,
    center: bool = False,
) -> tuple[Planes, dict[str, Any]]:
    """An image with wavelength along x and place along the slit along y, both linear, and its coordinates.

    ``references`` needs SDCTAB, APDESTAB, DISPTAB, INANGTAB and SPTRCTAB, and for ``fluxcorr`` PHOTTAB and APERTAB; it may
    name PCTAB and TDSTAB.
    """
    steps = _steps(helcorr=helcorr, fluxcorr=fluxcorr)
    given = _given(sci, err, dq, primary, header, references)
    planes, report = _native.x2d_array(given, steps, as_json({"center": center, "statflag": statflag}))
    return Planes(*planes), json.loads(report)


def x1d(
    sci: ArrayLike,
    err: ArrayLike | None = None,
    dq: ArrayLike | None = None,
    *,
    primary: Mapping[str, Any],
    header: Mapping[str, Any],
    references: Files,
    backcorr: bool = True,
    dispcorr: bool = True,
    helcorr: bool = True,
    fluxcorr: bool = True,
    ctecorr: bool = True,
    **how: Any,
) -> tuple[Table, dict[str, Any]]:
    """The spectrum of a point source, as a table of one row, and how it was extracted.

    ``how`` are parameters of :func:`firstlight.x1d`: a2center, maxsrch, extrsize, bk1size, ... ``references`` needs XTRACTAB,
    APDESTAB and SPTRCTAB; for ``dispcorr`` DISPTAB and INANGTAB; for ``fluxcorr`` PHOTTAB and APERTAB, with ``ctecorr``
    CCDTAB. It may name PCTAB, GACTAB and TDSTAB.
    """
    steps = _steps(backcorr=backcorr, dispcorr=dispcorr, helcorr=helcorr, fluxcorr=fluxcorr, ctecorr=ctecorr)
    table, report = _native.x1d_array(_given(sci, err, dq, primary, header, references), steps, as_json(how))
    return table, json.loads(report)


def _steps(**given: bool) -> dict[str, bool]:
    every = ("backcorr", "dispcorr", "helcorr", "fluxcorr", "ctecorr", "statflag")
    return {name: bool(given.get(name, True)) for name in every}


def _given(sci: Any, err: Any, dq: Any, primary: Any, header: Any, references: Any) -> dict[str, Any]:
    return {
        "planes": _planes(sci, err, dq),
        "primary": {**_CCD, **_keywords(primary)},
        "header": _keywords(header),
        "references": [(keyword, os.fspath(path)) for keyword, path in references.items()],
    }


def _keywords(header: Any) -> dict[str, Any]:
    """A header's keywords without comments, HISTORY and values that are none."""
    plain = {}
    for keyword in header.keys():
        if keyword and keyword not in ("COMMENT", "HISTORY"):
            value = header[keyword]
            value = value.item() if hasattr(value, "item") else value
            if isinstance(value, (bool, int, float, str)):
                plain[keyword] = value
    return plain
