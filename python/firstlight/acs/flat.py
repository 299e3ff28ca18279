"""From electrons to calibrated frames, and counts: what acs2d does."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, NamedTuple

from .. import _native
from .arrays import ALL_BITS, Planes, _planes

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray


def darkcorr(
    sci: ArrayLike,
    err: ArrayLike | None,
    dq: ArrayLike | None,
    dark: ArrayLike,
    darktime: float,
    *,
    dark_err: ArrayLike | None = None,
    dark_dq: ArrayLike | None = None,
    sdqflags: int = ALL_BITS,
) -> tuple[Planes, float]:
    """DARKCORR: subtracts ``dark`` (electrons/s) times ``darktime`` (s) from electrons; the planes and MEANDARK.

    Pixels of the dark with any of the bits ``sdqflags`` are left out of the mean.
    """
    found, mean = _native.darkcorr(
        _planes(sci, err, dq), _planes(dark, dark_err, dark_dq), darktime, sdqflags
    )
    return Planes(*found), mean


def flshcorr(
    sci: ArrayLike,
    err: ArrayLike | None,
    dq: ArrayLike | None,
    flash: ArrayLike,
    flashdur: float,
    *,
    flash_err: ArrayLike | None = None,
    flash_dq: ArrayLike | None = None,
    sdqflags: int = ALL_BITS,
) -> tuple[Planes, float]:
    """FLSHCORR: subtracts ``flash`` (electrons/s) times ``flashdur`` (s) from electrons; the planes and MEANFLSH."""
    found, mean = _native.flshcorr(
        _planes(sci, err, dq), _planes(flash, flash_err, flash_dq), flashdur, sdqflags
    )
    return Planes(*found), mean


def flatcorr(
    sci: ArrayLike,
    err: ArrayLike | None,
    dq: ArrayLike | None,
    flat: ArrayLike,
    flat_err: ArrayLike | None = None,
    flat_dq: ArrayLike | None = None,
) -> Planes:
    """FLATCORR: divides by a flat. Where it is 0 the pixel stays as it is, with 512 in DQ."""
    return Planes(*_native.flatcorr(_planes(sci, err, dq), _planes(flat, flat_err, flat_dq)))


def shadcorr(
    sci: ArrayLike,
    err: ArrayLike | None,
    dq: ArrayLike | None,
    shading: ArrayLike,
    exptime: float,
    *,
    shading_err: ArrayLike | None = None,
    shading_dq: ArrayLike | None = None,
) -> Planes:
    """SHADCORR: corrects for the time that the shutter takes (``shading``, s) in an exposure of ``exptime`` (s)."""
    return Planes(
        *_native.shadcorr(_planes(sci, err, dq), _planes(shading, shading_err, shading_dq), exptime)
    )


def glincorr(
    sci: ArrayLike,
    err: ArrayLike | None = None,
    *,
    globrate: float,
    global_limit: float,
    tau: float,
) -> tuple[NDArray, NDArray, float]:
    """GLINCORR: multiplies by the ratio of the true to the observed rate of the whole detector; ``(sci, err, ratio)``.

    ``globrate`` is in counts/s, ``tau`` in s. Above ``global_limit`` nothing is corrected.
    """
    found, (ratio, _) = _native.glincorr(_planes(sci, err, None), globrate, global_limit, tau)
    planes = Planes(*found)
    return planes.sci, planes.err, ratio


def lflgcorr(
    sci: ArrayLike,
    dq: ArrayLike | None = None,
    *,
    exptime: float,
    local_limit: float,
    expand: float = 0.0,
) -> NDArray[np.uint16]:
    """LFLGCORR: DQ with 256 within ``expand`` pixels of those with more than ``local_limit`` counts/s."""
    found, _ = _native.lflgcorr(_planes(sci, None, dq), exptime, local_limit, expand)
    return Planes(*found).dq


def photon_noise(sci: ArrayLike) -> NDArray[np.float32]:
    """ERR of a detector that counts photons: the root of the counts, at least 1."""
    return Planes(*_native.photon_noise(_planes(sci, None, None))[0]).err


def statistics(
    sci: ArrayLike, err: ArrayLike, dq: ArrayLike | None = None, *, sdqflags: int = ALL_BITS
) -> dict[str, Any]:
    """``good`` (NGOODPIX), and min, max and mean of ``sci``, ``err`` and ``snr`` of the good pixels."""
    return json.loads(_native.statistics(_planes(sci, err, dq), sdqflags))


class Photometry(NamedTuple):
    """What :func:`photcorr` gives: the keywords by which electrons become fluxes."""

    #: Inverse sensitivity, erg/cm²/Å/e; -9999 beyond the grid of the table.
    photflam: float
    #: Zero point, ST magnitudes.
    photzpt: float
    #: Pivot wavelength, Å.
    photplam: float
    #: RMS bandwidth, Å.
    photbw: float
    #: Inverse sensitivity of each chip, where the table has it.
    phtflam1: float | None
    phtflam2: float | None
    #: The parameter that lies beyond the grid; None where all are within.
    outside: str | None
    #: OBSMODE of the row.
    obsmode: str
    #: Whether PEDIGREE of the row is DUMMY.
    dummy_row: bool


def photcorr(photmode: str, imphttab: Any, *, mjd: float | None = None) -> Photometry:
    """PHOTCORR: what IMPHTTAB (a file) says of an observing mode.

    Parameters
    ----------
    photmode
        As PHOTMODE or OBSMODE have it: ``"ACS WFC1 F606W MJD#53807.1"``, ``"acs,wfc1,f606w"``; words in any order and either
        case, ramp filters with their wavelength (``FR656N#6560``).
    mjd
        The day, in place of ``MJD#`` in ``photmode``. A mode that is calibrated day by day needs one or the other.
    """
    mode = str(photmode)
    if mjd is not None:
        words = [word for word in mode.replace(",", " ").split() if not word.lower().startswith("mjd#")]
        mode = " ".join([*words, f"MJD#{float(mjd)!r}"])
    return Photometry(**json.loads(_native.photcorr(os.fspath(imphttab), mode)))
