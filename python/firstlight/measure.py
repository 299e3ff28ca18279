"""Aperture photometry of arrays and files."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass

from . import _native
from .apertures import Aperture, CircularAnnulus
from .sky_apertures import SkyAperture
from .table import Table

_FORMER_NAMES = {"xcenter": "x_center", "ycenter": "y_center"}


class PhotometryTable(Table):
    """What was measured, one row per position; ``xcenter`` and ``ycenter``, photutils' former names, are known too."""

    def _name(self, name):
        return super()._name(name if name in self.columns else _FORMER_NAMES.get(name, name))


@dataclass(frozen=True)
class LocalBackground:
    """How the background around each position is taken.

    Parameters
    ----------
    annulus
        ``(r_in, r_out)``, or an annulus, of which the shape counts; in pixels, or arcsec with apertures on the sky.
    statistic
        ``"median"`` or ``"mean"`` of the samples that clipping leaves.
    sigma
        Samples further than this from the median, in standard deviations, are left out, …
    maxiters
        … in at most so many rounds.
    """

    annulus: Aperture | tuple[float, float]
    statistic: str | None = None
    sigma: float | None = None
    maxiters: int | None = None

    def _shape(self):
        annulus = self.annulus
        if not isinstance(annulus, Aperture):
            annulus = CircularAnnulus((0, 0), *annulus)
        return json.loads(annulus._json())

    def _options(self):
        given = (("statistic", self.statistic), ("sigma", self.sigma), ("maxiters", self.maxiters))
        return {f"background_{name}": value for name, value in given if value is not None}


def aperture_photometry(
    data,
    apertures,
    error=None,
    mask=None,
    method="exact",
    subpixels=5,
    wcs=None,
    *,
    local_background=None,
    areas=False,
    ext=None,
    dq_bits=None,
):
    """Sums the data in apertures.

    Parameters
    ----------
    data
        An image of two axes of any numeric type, or the path of a FITS file. Masked arrays bring their mask,
        quantities their unit. NaN in an aperture makes its sum NaN, unless it is masked.
    apertures
        An aperture with one or many positions, or a list of apertures that have the same positions.
    error
        Standard deviation of each sample, all sources of error included; with a path as ``data`` also
        ``"FILE[EXT]"`` or ``"[EXT]"``. Squares add, weighted: the samples are taken to be independent.
    mask
        True where samples count for nothing; with a path as ``data`` also as for ``error``, where not 0.
    method
        How pixels on the border count: ``"exact"``, ``"center"``, ``"subpixel"``.
    subpixels
        Parts along a pixel's side, for ``"subpixel"``.
    wcs
        :class:`firstlight.WCS` or an astropy WCS. Adds sky positions; apertures on the sky need it, unless
        ``data`` is a file that has one.
    local_background
        ``(r_in, r_out)`` or :class:`LocalBackground`: adds the background around each position, and the sums
        without it.
    areas
        Adds the number of pixels summed.
    ext
        The HDU of a file: ``1``, ``"SCI"``, ``"SCI,2"``, ``("SCI", 2)``; without it SCI, else the first image.
    dq_bits
        Mask by the DQ extension of the file; these bits leave a pixel good.

    Returns
    -------
    PhotometryTable
        ``id``, ``x_center``, ``y_center``, ``sky_center.ra``, ``sky_center.dec``, ``aperture_sum``,
        ``aperture_sum_err``; for a list of apertures ``aperture_sum_0``, ``aperture_sum_err_0``, …. With a
        background ``local_background``, ``local_background_err``, ``local_background_pixels``,
        ``aperture_area``, ``aperture_sum_bkgsub`` and ``aperture_sum_bkgsub_err``.

        An aperture that is partly off the image sums what is on it; wholly off it, its sum is NaN.
    """
    several = isinstance(apertures, (list, tuple))
    apertures = _checked(apertures if several else [apertures])
    planes, file_wcs, unit = _planes(data, error, mask, ext, dq_bits)
    wcs = file_wcs if wcs is None else wcs
    on_sky = isinstance(apertures[0], SkyAperture)
    job = {
        "apertures": [json.loads(aperture._json()) for aperture in apertures],
        "background": None,
        "on_sky": on_sky,
        "numbered": several,
        "options": {"method": method, "subpixels": subpixels, "areas": bool(areas)},
    }
    if local_background is not None:
        if not isinstance(local_background, LocalBackground):
            local_background = LocalBackground(local_background)
        job["background"] = local_background._shape()
        job["options"] |= local_background._options()
    native = native_wcs(wcs) if on_sky or not hasattr(wcs, "pixel_to_world_values") else None
    found = _native.aperture_photometry(planes, *apertures[0]._pairs(), json.dumps(job), native)
    table = PhotometryTable()
    table.columns, table.units, table.descriptions = found.columns, found.units, found.descriptions
    if native is None and wcs is not None:
        _add_sky(table, wcs)
    if unit is not None:
        table.units |= {name: unit for name in table.columns if _has_unit_of_data(name)}
    return table


def _has_unit_of_data(name):
    return name.startswith(("aperture_sum", "local_background")) and name != "local_background_pixels"


def _checked(apertures):
    import numpy as np

    if not apertures or not all(isinstance(aperture, Aperture) for aperture in apertures):
        raise TypeError("apertures must be firstlight apertures, one or a list of them")
    first = apertures[0]
    for other in apertures[1:]:
        if isinstance(other, SkyAperture) != isinstance(first, SkyAperture):
            raise ValueError("apertures must be all in pixels or all on the sky")
        if not np.array_equal(other.positions, first.positions):
            raise ValueError("input apertures must all have identical positions")
    return apertures


def _planes(data, error, mask, ext, dq_bits):
    """Data, error and mask as the native half takes them; world coordinates and unit of a file."""
    wcs = unit = None
    if isinstance(data, (str, os.PathLike)):
        names = [plane if isinstance(plane, (str, os.PathLike)) else None for plane in (error, mask)]
        ext = ",".join(map(str, ext)) if isinstance(ext, tuple) else None if ext is None else str(ext)
        names = [None if name is None else os.fspath(name) for name in names]
        data, file_error, file_mask, wcs, unit = _native.image_planes(data, ext, *names, dq_bits)
        error = error if names[0] is None else file_error
        mask = _either(mask if names[1] is None else None, file_mask)
    elif ext is not None or dq_bits is not None:
        raise TypeError("ext and dq_bits are for files")
    return (*_arrays(data, error, mask), ), wcs, unit or _unit(data)


def _unit(data):
    unit = getattr(data, "unit", None)
    return None if unit is None else str(unit)


def _arrays(data, error, mask):
    import numpy as np

    if isinstance(data, np.ma.MaskedArray):
        mask = _either(mask, np.ma.getmaskarray(data))
    if _unit(data) is not None and error is not None:
        error = error.to_value(data.unit) if hasattr(error, "to_value") else error
    data, error = (None if plane is None else _plain(plane) for plane in (data, error))
    if data.ndim != 2:
        raise ValueError("data must be a 2D array")
    single = all(plane is None or plane.dtype == np.float32 for plane in (data, error))
    kind = np.float32 if single else np.float64
    planes = (None if plane is None else np.ascontiguousarray(plane, dtype=kind) for plane in (data, error))
    return *planes, None if mask is None else np.ascontiguousarray(mask, dtype=bool)


def _plain(plane):
    """The numbers alone, in native byte order once they are converted."""
    import numpy as np

    plane = np.asarray(getattr(plane, "value", plane))
    if plane.dtype.kind not in "biuf":
        raise TypeError(f"an image holds real numbers, not {plane.dtype}")
    return plane


def _either(one, other):
    if one is None or other is None:
        return one if other is None else other
    return one | other


def native_wcs(wcs):
    """The native coordinate system behind ours or astropy's."""
    if wcs is None or isinstance(wcs, _native.Wcs):
        return wcs
    if hasattr(wcs, "_native"):
        return wcs._native
    if not hasattr(wcs, "to_header_string"):
        raise TypeError("wcs must be a firstlight.WCS or an astropy.wcs.WCS")
    tables = ("cpdis1", "cpdis2", "det2im1", "det2im2")
    if any(getattr(wcs, name, None) is not None for name in tables):
        raise _native.UnsupportedError("a WCS with look-up tables is read from its file: firstlight.WCS(path)")
    return _native.Wcs.from_header(wcs.to_header(relax=True).tostring(), None)


def _add_sky(table, wcs):
    """Sky positions of an astropy WCS, which may be of any kind, behind the pixel positions."""
    ra, dec = wcs.pixel_to_world_values(table["x_center"], table["y_center"])
    columns = list(table.columns.items())
    columns[3:3] = [("sky_center.ra", ra), ("sky_center.dec", dec)]
    table.columns = dict(columns)
    table.units |= {"sky_center.ra": "deg", "sky_center.dec": "deg"}
