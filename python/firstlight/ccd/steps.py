"""The steps that calibrate a frame of a CCD."""

from __future__ import annotations

import json
from typing import Any

from .. import _native
from ..native_options import as_json
from . import frames
from .record import recorded


def _step(name, frame, master=None, **options):
    """Planes and report of a step."""
    out, report = _native.ccd_step(name, frame, master, as_json(options))
    return out, json.loads(report)


def _number(value, unit=None):
    """The number of a quantity, in ``unit`` where that is given."""
    if not hasattr(value, "unit"):
        return float(value)
    return float(value.value if unit is None else value.to(unit).value)


@recorded
def subtract_overscan(
    ccd: Any,
    overscan: Any = None,
    overscan_axis: int | None = 1,
    fits_section: str | None = None,
    median: bool = False,
    model: Any = None,
) -> Any:
    """Subtracts the level that an overscan section shows.

    Parameters
    ----------
    ccd
        The frame.
    overscan
        The part of the frame that is overscan, as an array or ``CCDData`` of its own. This or ``fits_section``.
    overscan_axis
        Axis along which samples are combined: 1 for a level per row, 0 for one per column, None for the shorter one.
    fits_section
        The section, as ``'[1025:1056,*]'``: columns first, counted from 1.
    median
        The median of each row, rather than the mean.
    model
        A polynomial that is fitted to the levels and stands for them: its order, or a model of astropy, which fits
        it.

    Samples that are masked or not finite are left out.
    """
    import numpy as np

    frames.check(ccd, "ccd")
    if (overscan is None) == (fits_section is None):
        raise TypeError("specify either overscan or fits_section, but not both.")
    if fits_section is not None:
        if not isinstance(fits_section, str):
            raise TypeError("fits_section should be a string such as '[1025:1056,*]'")
        where, section = frames.planes(ccd), fits_section
    else:
        frames.check(overscan, "overscan")
        where, section = frames.planes(overscan), "[*,*]"
    if overscan_axis is None:
        part = where[0][frames.python_slices(section)]
        overscan_axis = 0 if part.shape[1] > part.shape[0] else 1
    options = {"section": section, "median": bool(median), "axis": int(overscan_axis)}
    if isinstance(model, (int, np.integer)):
        options["order"] = int(model)
    levels = _native.ccd_overscan_levels(where, as_json(options))
    if model is not None and "order" not in options:
        levels = _fitted(model, levels)
    planes = frames.planes(ccd)
    shape = (-1, 1) if overscan_axis == 1 else (1, -1)
    data = planes[0] - np.reshape(levels, shape)
    return frames.result(ccd, (data, *planes[1:]))


def _fitted(model, levels):
    """The levels of a model of astropy."""
    import numpy as np

    from astropy.modeling import fitting

    at = np.arange(len(levels))
    return fitting.LinearLSQFitter()(model, at, levels)(at)


@recorded
def trim_image(ccd: Any, fits_section: str | None = None) -> Any:
    """A copy of the part of a frame that ``fits_section`` names, as ``'[1:1024,1:1024]'``, or of all of it."""
    frames.check(ccd, "ccd")
    if fits_section is not None and not isinstance(fits_section, str):
        raise TypeError("fits_section must be a string.")
    if not fits_section:
        return ccd.copy()
    out, _ = _step("trim", frames.planes(ccd), section=fits_section)
    slices = frames.python_slices(fits_section)
    return frames.result(ccd, out, dtype=frames.precision(ccd), section=slices)


@recorded
def create_deviation(
    ccd_data: Any, gain: Any = None, readnoise: Any = None, disregard_nan: bool = False
) -> Any:
    """Makes the uncertainty of a frame of its shot noise and readout noise, in the frame's unit.

    Parameters
    ----------
    ccd_data
        The frame. Of an array, the uncertainty is given back in its place.
    gain
        Electrons per unit of the samples; needed where they are not electrons.
    readnoise
        Readout noise of a pixel, electrons.
    disregard_nan
        Samples below zero have the readout noise alone; else their uncertainty is NaN.
    """
    frames.check(ccd_data, "ccd_data")
    if readnoise is None:
        raise ValueError("must provide a readnoise.")
    if frames.is_ccddata(ccd_data) and hasattr(readnoise, "unit"):
        from astropy import units

        product = ccd_data.unit * (gain.unit if hasattr(gain, "unit") else units.dimensionless_unscaled)
        if product != readnoise.unit:
            raise units.UnitsError("units of data, gain and readnoise do not match.")
    options = {
        "gain": 1.0 if gain is None else _number(gain),
        "readnoise": _number(readnoise),
        "disregard_nan": bool(disregard_nan),
    }
    data, _, bits = frames.planes(ccd_data)
    out, _ = _step("deviation", (data, None, bits), **options)
    if not frames.is_ccddata(ccd_data):
        return frames.result(ccd_data, (out[1], None, bits), dtype=frames.precision(ccd_data))
    done = ccd_data.copy()
    done.uncertainty = frames._uncertainty(out[1], None, frames.precision(ccd_data))
    return done


@recorded
def gain_correct(ccd: Any, gain: Any, gain_unit: Any = None) -> Any:
    """Multiplies samples and uncertainty by the gain: a number, a quantity, or a ``Keyword`` of ccdproc's kind."""
    frames.check(ccd, "ccd")
    if hasattr(gain, "value_from"):
        gain = gain.value_from(ccd.header)
    unit = gain_unit
    if hasattr(gain, "unit"):
        unit = gain.unit
    out, _ = _step("gain", frames.planes(ccd), gain=_number(gain))
    if frames.is_ccddata(ccd) and unit is not None:
        from astropy import units

        unit = ccd.unit * units.Unit(unit)
    return frames.result(ccd, out, unit=unit, dtype=frames.precision(ccd))


@recorded
def subtract_bias(ccd: Any, master: Any) -> Any:
    """Subtracts a master bias, which has to be in the frame's unit; uncertainties add in quadrature."""
    frames.check(ccd, "ccd")
    frames.check(master, "master")
    factor = frames.unit_factor(ccd, master)
    out, _ = _step("bias", frames.planes(ccd), frames.planes(master, factor))
    return frames.result(ccd, out, dtype=frames.precision(ccd, master))


def linearity_texts(coefficients: Any) -> list[str]:
    """Coefficients of a linearity, of the frame or by sections, as ``1,3e-7`` and ``[1:512,*]=1,3e-7``."""
    if isinstance(coefficients, str):
        return [coefficients]
    if not hasattr(coefficients, "items"):
        if any(isinstance(text, str) for text in coefficients):
            return list(coefficients)
        coefficients = {"": coefficients}
    texts = []
    for section, numbers in coefficients.items():
        text = ",".join(repr(float(number)) for number in numbers)
        texts.append(f"{section}={text}" if section else text)
    return texts


@recorded
def linearity_correct(ccd: Any, coefficients: Any, limit: float | None = None) -> Any:
    """Corrects the non-linearity of a frame in adu: ``x (c1 + c2 x + c3 x**2 + …)`` in place of a sample ``x``.

    Parameters
    ----------
    ccd
        The frame, whose bias level was subtracted.
    coefficients
        ``(c1, c2, …)``; or of amplifiers ``{'[1:512,*]': (c1, c2, …), …}``, by sections that cover the frame.
    limit
        The highest level, adu, that they are known to. Pixels above it are masked, and get its factor. Without it the level
        from which on the correction falls is taken.

    The uncertainty is multiplied by the derivative. An array comes back as a masked one where pixels are masked.
    """
    frames.check(ccd, "ccd")
    if frames.is_ccddata(ccd) and str(ccd.unit) not in ("adu", "ct", "count", "DN"):
        raise ValueError(f"the frame is in '{ccd.unit}', but its non-linearity is one of adu; correct it before the gain")
    limit = None if limit is None else _number(limit)
    out, _ = _step("linearity", frames.planes(ccd), linearity=linearity_texts(coefficients), limit=limit)
    return frames.result(ccd, out, dtype=frames.precision(ccd))


@recorded
def subtract_dark(
    ccd: Any,
    master: Any,
    dark_exposure: Any = None,
    data_exposure: Any = None,
    exposure_time: Any = None,
    exposure_unit: Any = None,
    scale: bool = False,
) -> Any:
    """Subtracts a master dark, in the frame's unit.

    Parameters
    ----------
    ccd, master
        The frame and the dark.
    dark_exposure, data_exposure
        Their exposure times, quantities or numbers of one unit.
    exposure_time
        Keyword of both headers that has them, in place of the two; a name, or a ``Keyword`` of ccdproc's kind.
    exposure_unit
        Unit of that keyword. It cancels, so it may be left out.
    scale
        Multiply the dark by the ratio of the times, with its uncertainty.
    """
    frames.check(ccd, "ccd")
    frames.check(master, "master")
    given = data_exposure is not None and dark_exposure is not None
    if given and exposure_time is not None:
        raise TypeError("specify either exposure_time or (dark_exposure and data_exposure), not both.")
    if not given:
        if data_exposure is not None or dark_exposure is not None:
            raise TypeError("specify both dark_exposure and data_exposure, or exposure_time.")
        if exposure_time is None and (scale or frames.is_ccddata(ccd)):
            raise TypeError("must specify either exposure_time or both dark_exposure and data_exposure.")
    factor = 1.0
    if scale:
        factor = _ratio(*_exposures(ccd, master, data_exposure, dark_exposure, exposure_time))
    of_unit = frames.unit_factor(ccd, master)
    out, _ = _step("dark", frames.planes(ccd), frames.planes(master, of_unit), factor=factor)
    return frames.result(ccd, out, dtype=frames.precision(ccd, master))


def _exposures(ccd, master, data_exposure, dark_exposure, exposure_time):
    if exposure_time is None:
        return data_exposure, dark_exposure
    if hasattr(exposure_time, "value_from"):
        return exposure_time.value_from(ccd.meta), exposure_time.value_from(master.meta)
    times = []
    for frame, what in ((ccd, "frame"), (master, "dark")):
        if exposure_time not in getattr(frame, "meta", {}):
            raise KeyError(f"the header of the {what} has no keyword {exposure_time}")
        times.append(float(frame.meta[exposure_time]))
    return times


def _ratio(data_exposure, dark_exposure):
    import numpy as np

    unit = getattr(dark_exposure, "unit", None)
    data, dark = _number(data_exposure, unit), _number(dark_exposure)
    if not dark > 0 or not data >= 0 or not np.isfinite(data / dark):
        raise ValueError(
            f"a dark of {dark} cannot be scaled to an exposure of {data}: the first has to be longer than zero, the second "
            "zero or more"
        )
    return data / dark


@recorded
def flat_correct(
    ccd: Any,
    flat: Any,
    min_value: float | None = None,
    norm_value: Any = None,
    *,
    norm_median: bool = False,
    norm_section: str | None = None,
    amplifiers: list[str] | None = None,
) -> Any:
    """Divides a frame by a flat that is normalised.

    Parameters
    ----------
    ccd, flat
        The frame and the flat.
    min_value
        Samples of the flat below this are taken to be this.
    norm_value
        The level that the flat is divided by, in place of the mean of its samples that are finite and not masked.
    norm_median
        The median in place of the mean.
    norm_section
        Where the level is measured, as ``'[100:900,100:900]'``.
    amplifiers
        Sections that the flat is normalised in by themselves.

    Where the flat is not positive, or below ``min_value``, the pixel is masked; where it is masked or not positive the
    sample stays as it is. An array comes back as a masked one then.
    """
    frames.check(ccd, "ccd")
    frames.check(flat, "flat")
    if norm_value is not None:
        norm_value = _number(norm_value)
        if not norm_value > 0:
            raise ValueError("norm_value must be greater than zero.")
    options = {
        "min_value": None if min_value is None else float(min_value),
        "norm_value": norm_value,
        "norm_median": bool(norm_median),
        "norm_section": norm_section,
        "amplifiers": list(amplifiers or []),
    }
    out, _ = _step("flat", frames.planes(ccd), frames.planes(flat), **options)
    return frames.result(ccd, out, dtype=frames.precision(ccd, flat))
