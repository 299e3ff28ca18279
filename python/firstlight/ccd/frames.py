"""Frames as Python has them, to planes of the compiled part and back."""

from __future__ import annotations

#: The bit of a pixel that a mask says is bad.
BAD_PIXEL = 1


def is_ccddata(frame):
    """Whether a frame is astropy's ``CCDData``, or looks like one."""
    return all(hasattr(frame, name) for name in ("data", "uncertainty", "mask", "unit", "meta"))


def check(frame, what):
    """Refuses what is no frame."""
    import numpy as np

    if not (is_ccddata(frame) or isinstance(frame, np.ndarray)):
        raise TypeError(f"{what} is {type(frame).__name__}, but should be a numpy array or a CCDData")


def planes(frame, factor=1.0):
    """Samples, one standard deviation or None, and bits or None; the first two times ``factor``."""
    import numpy as np

    if is_ccddata(frame):
        data, err, mask = frame.data, deviation(frame.uncertainty), frame.mask
    elif isinstance(frame, np.ma.MaskedArray):
        mask = None if frame.mask is np.ma.nomask else frame.mask
        data, err = frame.data, None
    else:
        data, err, mask = frame, None, None
    data = np.ascontiguousarray(data, dtype=np.float64)
    if data.ndim != 2:
        raise ValueError(f"a frame has two axes, but this array has {data.ndim}")
    if factor != 1.0:
        data = data * factor
        err = None if err is None else err * abs(factor)
    return data, err, _bits(mask, data.shape)


def _bits(mask, shape):
    import numpy as np

    if mask is None:
        return None
    mask = np.asarray(mask)
    if mask.dtype == bool or mask.ndim == 0:
        mask = np.broadcast_to(mask, shape).astype(np.uint16) * np.uint16(BAD_PIXEL)
    return np.ascontiguousarray(mask, dtype=np.uint16)


def deviation(uncertainty):
    """One standard deviation, of astropy's kinds of uncertainty."""
    import numpy as np

    if uncertainty is None or uncertainty.array is None:
        return None
    array = np.ascontiguousarray(uncertainty.array, dtype=np.float64)
    kind = uncertainty.uncertainty_type
    if kind == "std":
        return array
    with np.errstate(divide="ignore", invalid="ignore"):
        if kind == "var":
            return np.sqrt(array)
        if kind == "ivar":
            return 1.0 / np.sqrt(array)
    raise TypeError(f"an uncertainty of type '{kind}' cannot be propagated; std, var and ivar can")


def _uncertainty(err, like, dtype):
    """The uncertainty that goes back, of the kind that came in."""
    from astropy.nddata import InverseVariance, StdDevUncertainty, VarianceUncertainty

    kind = "std" if like is None else like.uncertainty_type
    if kind == "var":
        return VarianceUncertainty((err * err).astype(dtype))
    if kind == "ivar":
        return InverseVariance((1.0 / (err * err)).astype(dtype))
    return StdDevUncertainty(err.astype(dtype))


def precision(*frames):
    """Single where all frames have it, else double."""
    import numpy as np

    arrays = [frame.data if is_ccddata(frame) else frame for frame in frames if frame is not None]
    single = all(np.asarray(array).dtype == np.float32 for array in arrays)
    return np.float32 if single else np.float64


def result(frame, out, *, unit=None, dtype="float64", section=None):
    """What goes back for ``frame``: planes ``out`` in a frame of its kind, in a unit of its own where that changed."""
    import numpy as np

    data, err, bits = out
    data = data.astype(dtype, copy=False)
    if not is_ccddata(frame):
        if isinstance(frame, np.ma.MaskedArray) or bits is not None and bits.any():
            return np.ma.MaskedArray(data, mask=np.zeros(data.shape, bool) if bits is None else bits != 0)
        return data
    # Cutting brings its coordinate system along.
    done = (frame if section is None else frame[section]).copy()
    if done.data.dtype != data.dtype or unit is not None:
        done = type(frame)(
            data,
            unit=frame.unit if unit is None else unit,
            meta=frame.meta.copy(),
            wcs=done.wcs,
        )
    else:
        done.data = data
    done.mask = None if bits is None else bits != 0
    done.uncertainty = None if err is None else _uncertainty(err, frame.uncertainty, dtype)
    return done


def python_slices(section):
    """Slices of ``[1:100,*]``, for what cuts itself."""
    inside = section.replace(" ", "").strip("[]")
    slices = []
    for part in reversed(inside.split(",")):
        if part in ("*", ":"):
            slices.append(slice(None))
            continue
        first, _, last = part.partition(":")
        last = last if ":" in part else first
        slices.append(slice(int(first) - 1 if first else None, int(last) if last else None))
    return tuple(slices)


def unit_factor(frame, master):
    """What a master is multiplied by to be in the unit of the frame.

    Arrays have no unit. Raises astropy's ``UnitsError`` for two units of ``CCDData`` that do not go together.
    """
    if not (is_ccddata(frame) and is_ccddata(master)) or frame.unit == master.unit:
        return 1.0
    from astropy import units

    try:
        return float(master.unit.to(frame.unit))
    except (units.UnitsError, AttributeError, TypeError) as error:
        raise units.UnitsError(
            f"the frame is in '{frame.unit}', but the master in '{master.unit}'; correct the gain of one of them first"
        ) from error
