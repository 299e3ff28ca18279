"""Cosmic rays of a single frame, with the arguments of astroscrappy and of ccdproc."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from .. import _native
from ..native_options import as_json
from ..official_arguments import _files
from . import frames
from .steps import _step

if TYPE_CHECKING:
    import numpy as np

#: The bit of a cosmic ray.
_COSMIC_RAY = 4

_OPTIONS = (
    *("sigclip", "sigfrac", "objlim", "gain", "readnoise", "satlevel", "niter", "sepmed", "cleantype"),
    *("fsmode", "psfmodel", "psffwhm", "psfsize", "psfbeta"),
)


def detect_cosmics(
    indat: Any,
    inmask: Any = None,
    inbkg: Any = None,
    invar: Any = None,
    sigclip: float = 4.5,
    sigfrac: float = 0.3,
    objlim: float = 5.0,
    gain: float = 1.0,
    readnoise: float = 6.5,
    satlevel: float = 65536.0,
    niter: int = 4,
    sepmed: bool = True,
    cleantype: str = "meanmask",
    fsmode: str = "median",
    psfmodel: str = "gauss",
    psffwhm: float = 2.5,
    psfsize: int = 7,
    psfk: Any = None,
    psfbeta: float = 4.765,
    verbose: bool = False,
) -> tuple[np.ndarray, np.ndarray]:
    """Finds cosmic rays by L.A.Cosmic, called as astroscrappy's.

    Parameters
    ----------
    indat
        The samples, with their sky.
    inmask
        True where a pixel is to be left alone; so are samples that are not finite.
    inbkg, invar
        A background that is left out while looking, and the variance of the samples in place of that of gain and
        readout noise; in the unit of the samples, and its square.
    sigclip, sigfrac, objlim, gain, readnoise, satlevel, niter
        Limits, electrons per unit, readout noise and level of saturation in electrons, and the most rounds.
    sepmed
        Median filters along rows and then along columns rather than in squares.
    cleantype
        'median', 'medmask', 'meanmask' or 'idw'.
    fsmode, psfmodel, psffwhm, psfsize, psfk, psfbeta
        'median' or 'convolve', and for the latter the kernel of a star: 'gauss', 'gaussx', 'gaussy' or 'moffat', or
        one of your own.
    verbose
        Print how many pixels each round found.

    Returns
    -------
    The mask of cosmic rays, and the samples with those replaced.
    """
    import numpy as np

    options = _options(locals())

    def plane(array, kind):
        return None if array is None else np.ascontiguousarray(array, dtype=kind)

    data = np.ma.getdata(indat)
    if inmask is None and np.ma.is_masked(indat):
        inmask = np.ma.getmaskarray(indat)
    planes = (plane(inmask, bool), *(plane(array, np.float32) for array in (inbkg, invar, psfk)))
    mask, cleaned, report = _native.ccd_lacosmic(plane(data, np.float64), planes, as_json(options))
    if verbose:
        for n, found in enumerate(json.loads(report)["rounds"], 1):
            print(f"round {n}: {found} pixels of cosmic rays")
    return mask, cleaned


def cosmicray_lacosmic(
    ccd: Any,
    sigclip: float = 4.5,
    sigfrac: float = 0.3,
    objlim: float = 5.0,
    gain: Any = 1.0,
    readnoise: Any = 6.5,
    satlevel: float = 65535.0,
    pssl: float = 0.0,
    niter: int = 4,
    sepmed: bool = True,
    cleantype: str = "meanmask",
    fsmode: str = "median",
    psfmodel: str = "gauss",
    psffwhm: float = 2.5,
    psfsize: int = 7,
    psfk: Any = None,
    psfbeta: float = 4.765,
    verbose: bool = False,
    gain_apply: bool = True,
    inbkg: Any = None,
    invar: Any = None,
    *,
    output_dir: Any = None,
    **files: Any,
) -> Any:
    """Finds and replaces cosmic rays, called as ccdproc's.

    Parameters
    ----------
    ccd
        The frame; or with ``output_dir`` the paths of files, whose products go there under the same names.
    gain_apply
        The frame that comes back is multiplied by the gain, with its uncertainty.
    pssl
        Sky that was subtracted before, in the unit of the samples.
    **files
        With ``output_dir``: ``ext``, ``unit``, ``flag_only``, ``overwrite``.

    All else is as in :func:`detect_cosmics`.

    Returns
    -------
    Of a ``CCDData`` one with cosmic rays in its mask; of an array the cleaned one and the mask. Of files the report, a
    dictionary with ``products`` and ``failed``.
    """
    import numpy as np

    how = _options(locals())
    if output_dir is not None:
        if any(plane is not None for plane in (inbkg, invar, psfk)) or pssl:
            raise TypeError("inbkg, invar, psfk and pssl are for arrays, not for files")
        folder = os.fspath(output_dir)
        return json.loads(_native.ccd_lacosmic_files(_files(ccd), folder, as_json(files), as_json(how)))
    if files:
        raise TypeError(f"{next(iter(files))} is for files: give output_dir")
    frames.check(ccd, "ccd; give output_dir for files. It")
    if pssl and (inbkg is not None or invar is not None):
        raise ValueError("Cannot set both pssl and inbkg")
    is_ccddata = frames.is_ccddata(ccd)
    unit = _unit(ccd, gain, readnoise) if is_ccddata else None
    data, err, bits = frames.planes(ccd)
    mask = None if bits is None else bits != 0
    found, cleaned = detect_cosmics(
        data + pssl, mask, inbkg, invar, **how, psfk=psfk, verbose=verbose
    )
    factor = how["gain"] if gain_apply else 1.0
    cleaned = (cleaned - np.float32(pssl)) * np.float32(factor)
    if not is_ccddata:
        return cleaned, found
    err = None if err is None else err * factor
    bits = (found if mask is None else found | mask).astype(np.uint16)
    out = (cleaned, err, bits)
    return frames.result(ccd, out, unit=unit if gain_apply else ccd.unit, dtype=np.float32)


def cosmicray_median(
    ccd: Any,
    error_image: Any = None,
    thresh: float = 5,
    mbox: int = 11,
    gbox: int = 0,
    rbox: int = 0,
) -> Any:
    """Finds cosmic rays by their height above the median around, called as ccdproc's.

    Parameters
    ----------
    ccd
        The frame: a ``CCDData``, an array or a masked array.
    error_image
        The error of each pixel, or of all, in the unit of the frame; else the uncertainty of a ``CCDData``, else the standard
        deviation of the samples.
    thresh
        Least height, in errors.
    mbox
        Sides of the box of the median, pixels.
    gbox
        Sides of the box that a cosmic ray grows to, pixels; 0 leaves it as it is.
    rbox
        Sides of the box of the median that takes its place, pixels; 0 replaces nothing.

    Samples that are masked or not finite count in no median. The uncertainty stays as it is.

    Returns
    -------
    Of a ``CCDData`` one with cosmic rays in its mask; of an array the samples, and the mask of cosmic rays.
    """
    import numpy as np

    frames.check(ccd, "ccd")
    data, err, bits = frames.planes(ccd)
    level = None
    if error_image is not None:
        error = getattr(error_image, "value", error_image)
        if not isinstance(error, (int, float, np.number, np.ndarray)):
            raise TypeError("error_image is not a float or ndarray.")
        if np.ndim(error) == 0:
            level = float(error)
        elif np.shape(error) != data.shape:
            raise ValueError("error_image is not the same shape as data.")
        else:
            err = np.ascontiguousarray(np.ma.getdata(error), dtype=np.float64)
    how = {"thresh": float(thresh), "mbox": int(mbox), "gbox": int(gbox), "rbox": int(rbox), "error": level}
    (cleaned, _, found), _ = _step("cosmicray_median", (data, err, bits), **how)
    found = found & _COSMIC_RAY != 0
    kind = (ccd.data if frames.is_ccddata(ccd) else ccd).dtype
    cleaned = cleaned.astype(kind, copy=False)
    if not frames.is_ccddata(ccd):
        is_masked = isinstance(ccd, np.ma.MaskedArray)
        return np.ma.MaskedArray(cleaned, mask=ccd.mask) if is_masked else cleaned, found
    done = ccd.copy()
    done.data = cleaned
    done.mask = found if bits is None else found | (bits != 0)
    return done


def _options(given):
    """What the compiled part takes, of the arguments of a call."""
    how = {name: given[name] for name in _OPTIONS}
    numbers = {name: float(getattr(how[name], "value", how[name])) for name in ("gain", "readnoise")}
    return how | numbers | {"sepmed": bool(how["sepmed"])}


def _unit(ccd, gain, readnoise):
    """The unit of a frame after the gain, which has to be that of the readout noise."""
    from astropy import units

    of_gain = getattr(gain, "unit", units.electron / units.adu)
    of_noise = getattr(readnoise, "unit", units.electron)
    value = float(getattr(gain, "value", gain))
    if ccd.unit == units.electron and value == 1.0 and of_noise == units.electron:
        return ccd.unit
    product = ccd.unit * of_gain
    if not product.is_equivalent(of_noise):
        raise ValueError(
            f"Inconsistent units for gain ({of_gain}), ccd ({ccd.unit}) and readnoise ({of_noise})."
        )
    return product
