"""Exposures combined: what acsrej and acssum do."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .. import _native
from .arrays import Planes, _planes
from .ccd import _primary

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray


def acsrej(
    sci: Sequence[ArrayLike],
    err: Sequence[ArrayLike],
    dq: Sequence[ArrayLike | None] | None = None,
    *,
    exptime: ArrayLike,
    crsigmas: str | Iterable[float] = "6.5,5.5,4.5",
    crradius: float = 2.1,
    crthresh: float = 0.5555,
    initgues: str = "minimum",
    skysub: str = "mode",
    scalense: float = 30.0,
    badinpdq: int = 0,
    header: Mapping[str, Any] | None = None,
) -> tuple[Planes, list[NDArray[np.bool_]], dict[str, Any]]:
    """CRCORR: combines images of one field (electrons) without cosmic rays.

    Parameters
    ----------
    exptime
        Of each image, s, or one for all.
    crsigmas, crradius, crthresh, initgues, skysub, scalense, badinpdq
        As the columns of CRREJTAB.

    Returns
    -------
    The combined planes, for each image which pixels were rejected, and what was measured.
    """
    import numpy as np

    images = list(sci)
    if not images:
        raise ValueError("there are no images to combine")
    errors = list(err)
    bits = [None] * len(images) if dq is None else list(dq)
    if not len(images) == len(errors) == len(bits):
        raise ValueError(f"{len(images)} images, {len(errors)} ERR and {len(bits)} DQ do not belong together")
    times = np.broadcast_to(np.asarray(exptime, dtype=float), len(images))
    sigmas = crsigmas if isinstance(crsigmas, str) else ",".join(str(float(s)) for s in crsigmas)
    options = {
        "crmask": True, "scalense": scalense, "initgues": initgues, "skysub": skysub, "crsigmas": sigmas,
        "crradius": crradius, "crthresh": crthresh, "badinpdq": badinpdq,
    }
    inputs = [
        (_planes(*planes), {**_primary("A", header), "EXPTIME": float(time), "BLEVCORR": "COMPLETE"})
        for planes, time in zip(zip(images, errors, bits), times)
    ]
    planes, rejected, report = _native.acsrej_arrays(inputs, json.dumps(options))
    return Planes(*planes), rejected, json.loads(report)


def acssum(
    sci: Sequence[ArrayLike],
    err: Sequence[ArrayLike] | None = None,
    dq: Sequence[ArrayLike | None] | None = None,
) -> Planes:
    """RPTCORR: the sum of repeated exposures, of any detector.

    SCI is added, ERR in quadrature, both in single precision and in the order of the exposures; DQ has the bits of all. NaN
    stays NaN. EXPTIME of the sum is that of all exposures together.
    """
    images = list(sci)
    errors = [None] * len(images) if err is None else list(err)
    bits = [None] * len(images) if dq is None else list(dq)
    if not len(images) == len(errors) == len(bits):
        raise ValueError(f"{len(images)} images, {len(errors)} ERR and {len(bits)} DQ do not belong together")
    if len(images) < 2:
        raise ValueError(f"a sum needs two exposures at least, and there are {len(images)}")
    primary = _primary("A", None)
    inputs = [(_planes(*planes), primary) for planes in zip(images, errors, bits)]
    return Planes(*_native.acssum_arrays(inputs))
