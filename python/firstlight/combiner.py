"""Frames in memory combined step by step, with the names of ccdproc's ``Combiner``."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from . import _native
from .ccd import frames

if TYPE_CHECKING:
    import numpy as np

#: Types whose numbers single precision holds exactly.
_SINGLE = ("bool", "uint8", "int8", "uint16", "int16", "float16", "float32")


@dataclass
class Combined:
    """Combined frames that have no unit."""

    #: NaN where no sample is left.
    data: np.ndarray
    #: True where no sample is left.
    mask: np.ndarray
    #: One standard deviation.
    uncertainty: np.ndarray
    #: How many frames are in each pixel.
    used: np.ndarray
    #: ``NCOMBINE``.
    meta: dict[str, Any] = field(default_factory=dict)


class Combiner:
    """Frames of one shape and unit, whose samples are rejected step by step and then combined.

    Each step works with what those before it left, and with scaled samples where :attr:`scaling` is set; but
    :meth:`minmax_clipping` compares them as they are. Masked samples, and those that are not finite, have no part in
    anything.

    Parameters
    ----------
    ccd_iter
        ``CCDData``, arrays or masked arrays.
    dtype
        Type of the result; ``float64`` without one.
    unit
        Unit of arrays. The result is a ``CCDData`` where there is one, and else a :class:`Combined`.
    """

    def __init__(self, ccd_iter: Iterable[Any], dtype: Any = None, unit: Any = None) -> None:
        import numpy as np

        if ccd_iter is None:
            raise TypeError("ccd_iter should be a list or a generator of CCDData objects or arrays.")
        self.ccd_list = list(ccd_iter)
        if not self.ccd_list:
            raise ValueError("there is no frame to combine")
        self._dtype = np.float64 if dtype is None else dtype
        self._frames, self._masks, self._errors = [], [], []
        units = []
        for ccd in self.ccd_list:
            is_ccd = hasattr(ccd, "unit") and hasattr(ccd, "uncertainty")
            data = np.asarray(ccd.data if is_ccd else np.ma.getdata(ccd))
            mask = ccd.mask if is_ccd else np.ma.getmask(ccd)
            if mask is np.ma.nomask:
                mask = None
            if data.ndim == 0:
                raise TypeError("frames should be CCDData objects or arrays.")
            if self._frames and data.shape != self._frames[0].shape:
                raise TypeError("CCDData objects are not the same size.")
            units.append(ccd.unit if is_ccd else unit)
            if units[-1] != units[0]:
                raise TypeError("CCDData objects don't have the same unit.")
            self._frames.append(data)
            shaped = None if mask is None else np.broadcast_to(np.asarray(mask) != 0, data.shape)
            self._masks.append(None if shaped is None else _plane(shaped, "bool"))
            self._errors.append(_deviation(ccd) if is_ccd else None)
        self.unit = units[0]
        self._weights = self._scaling = None

    @property
    def dtype(self) -> Any:
        """Type of the result."""
        return self._dtype

    @property
    def data_arr(self) -> np.ma.MaskedArray:
        """All samples with their masks, a copy."""
        import numpy as np

        shape = self._frames[0].shape
        masks = [np.zeros(shape, bool) if mask is None else mask.reshape(shape) for mask in self._masks]
        return np.ma.MaskedArray(np.stack(self._frames).astype(self._dtype), mask=np.stack(masks))

    @property
    def weights(self) -> np.ndarray | None:
        """One weight for each frame, or one for each sample."""
        return self._weights

    @weights.setter
    def weights(self, value: np.ndarray | None) -> None:
        import numpy as np

        if value is not None:
            if not isinstance(value, np.ndarray):
                raise TypeError("weights must be a numpy.ndarray.")
            whole = (len(self._frames), *self._frames[0].shape)
            if value.shape != whole and value.ndim != 1:
                raise ValueError("1D weights expected when shapes of the data and weights differ.")
            if value.shape != whole and len(value) != len(self._frames):
                raise ValueError("Length of weights not compatible with specified axis.")
        self._weights = value

    @property
    def scaling(self) -> np.ndarray | None:
        """What each frame is multiplied by; a function of its samples may be set."""
        if self._scaling is None:
            return None
        return self._scaling.reshape(-1, *[1] * self._frames[0].ndim)

    @scaling.setter
    def scaling(self, value: Callable[[Any], float] | Iterable[float] | None) -> None:
        import numpy as np

        if value is None:
            self._scaling = None
            return
        wrong = "scaling must be a function or an array the same length as the number of images."
        if callable(value):
            value = [value(frame) for frame in self.data_arr]
        if not hasattr(value, "__len__"):
            raise TypeError(wrong)
        if len(value) != len(self._frames):
            raise ValueError(wrong)
        self._scaling = np.asarray(value, dtype=float).reshape(-1)

    def clip_extrema(self, nlow: int | None = 0, nhigh: int | None = 0) -> None:
        """Rejects the lowest and highest samples of each pixel, fewer where it has no more than that."""
        self._reject(nlow=nlow or 0, nhigh=nhigh or 0)

    def minmax_clipping(self, min_clip: float | None = None, max_clip: float | None = None) -> None:
        """Rejects samples below or above limits."""
        self._reject(lower=min_clip, upper=max_clip)

    def sigma_clipping(
        self,
        low_thresh: float | None = 3,
        high_thresh: float | None = 3,
        func: Any = "mean",
        dev_func: Any = "std",
        maxiters: int | None = 1,
        **ignored: Any,
    ) -> None:
        """Rejects samples far from the centre of their pixel.

        Parameters
        ----------
        low_thresh, high_thresh
            How far below and above, in units of the deviation; ``None`` for any distance.
        func
            The centre: ``mean``, ``median``, numpy's functions of these names, or a function with ``axis``.
        dev_func
            The deviation: ``std``, ``mad_std``, or a function with ``axis``.
        maxiters
            Most rounds; ``None`` goes on until nothing more is rejected.
        """
        axis = ignored.pop("axis", 0)
        for name in ("use_astropy", "copy", "grow", "masked"):
            if ignored.pop(name, None) not in (None, True, False, 0):
                raise ValueError(f"sigma_clipping takes no {name}")
        if ignored or axis != 0:
            raise TypeError(f"sigma_clipping takes no {', '.join(ignored) or 'axis other than 0'}")
        low, high = (None if limit is None else abs(float(limit)) for limit in (low_thresh, high_thresh))
        centre, mad = centre_name(func), spread_is_mad(dev_func)
        if centre is None or mad is None:
            self._clip_by(func, dev_func, (low, high), maxiters)
            return
        clip = {"low": low, "high": high, "iterations": maxiters, "centre": centre, "mad": mad}
        self._reject(clip=clip)

    def average_combine(
        self, scale_func: Any = None, scale_to: float | None = None, uncertainty_func: Any = None, sum_func: Any = None
    ) -> Any:
        """The mean of the samples that are left, weighted where there are weights; the uncertainty is their standard
        deviation over √n."""
        return self._combined("mean", scale_func, scale_to, uncertainty_func)

    def median_combine(
        self, median_func: Any = None, scale_to: float | None = None, uncertainty_func: Any = None
    ) -> Any:
        """The median of the samples that are left; the uncertainty is 1.4826 times their median absolute deviation over
        √n."""
        return self._combined("median", median_func, scale_to, uncertainty_func)

    def sum_combine(self, sum_func: Any = None, scale_to: float | None = None, uncertainty_func: Any = None) -> Any:
        """The sum of the samples that are left, each times its weight; the uncertainty is their standard deviation times
        √n."""
        return self._combined("sum", sum_func, scale_to, uncertainty_func)

    def _options(self, scale_to: float | None = None, **given: Any) -> str:
        count = len(self._frames)
        scales = [1.0] * count if self._scaling is None else self._scaling.tolist()
        weights = self._weights
        of_frames = weights is not None and weights.ndim == 1
        options = {
            "method": "mean",
            "uncertainty": "none",
            "nlow": 0,
            "nhigh": 0,
            "scales": scales if scale_to is None else [float(scale_to)] * count,
            "weights": weights.astype(float).tolist() if of_frames else [1.0] * count,
        }
        return json.dumps(options | given)

    def _planes(self, scale_to: float | None = None) -> tuple[list[np.ndarray], str]:
        plain = self._scaling is None and scale_to is None
        single = plain and all(frame.dtype.name in _SINGLE for frame in self._frames)
        kind = "float32" if single else "float64"
        return [_plane(frame, kind) for frame in self._frames], "f32" if single else "f64"

    def _reject(self, **given: Any) -> None:
        planes, kind = self._planes()
        ones = [1.0] * len(planes)
        work = getattr(_native, f"reject_{kind}")
        self._masks = work(planes, self._masks, self._options(**given, weights=ones))

    def _scaled(self, scale_to: float | None = None) -> np.ma.MaskedArray:
        import numpy as np

        data = self.data_arr.astype(float)
        data.mask |= ~np.isfinite(data.data)
        scale = scale_to if scale_to is not None else self.scaling
        return data if scale is None else data * scale

    def _clip_by(self, func, dev_func, limits, maxiters):
        import numpy as np

        data = self._scaled()
        left, rounds = data.copy(), 0
        while maxiters is None or rounds < maxiters:
            centre, deviation = func(left, axis=0), dev_func(left, axis=0)
            out = np.zeros(data.shape, bool)
            for limit, beyond in zip(limits, (centre - data, data - centre)):
                if limit is not None:
                    out |= np.ma.filled(beyond > limit * deviation, False)
            before, rounds = np.ma.count(left), rounds + 1
            left = np.ma.MaskedArray(data.data, mask=data.mask | out)
            if np.ma.count(left) == before:
                break
        self._masks = [_plane(mask, "bool") for mask in np.ma.getmaskarray(left)]

    def _combined(self, method, func, scale_to, uncertainty_func):
        import numpy as np

        planes, kind = self._planes(scale_to)
        shape, count = self._frames[0].shape, len(planes)
        uncertainty = "propagated" if uncertainty_func == "propagated" else "scatter"
        errors: list[Any] = [None] * count
        if uncertainty == "propagated":
            if any(error is None for error in self._errors):
                raise ValueError("uncertainties are to be propagated, but not all frames have one")
            errors = [_plane(error, planes[0].dtype.name) for error in self._errors]
        weights: list[Any] = [None] * count
        if self._weights is not None and self._weights.ndim > 1:
            weights = [_plane(plane, "float64") for plane in self._weights]
        options = self._options(scale_to, method=method, uncertainty=uncertainty)
        work = getattr(_native, f"combine_{kind}")
        values, deviations, used = work(planes, self._masks, errors, weights, options)
        values, deviations, used = (plane.reshape(shape) for plane in (values, deviations, used))
        if callable(func) or not (is_scatter(uncertainty_func) or uncertainty == "propagated"):
            data = self._scaled(scale_to)
            if callable(func):
                values = np.ma.filled(np.ma.asarray(func(data, axis=0)).astype(float), np.nan)
            if not is_scatter(uncertainty_func) and uncertainty != "propagated":
                deviations = np.ma.filled(np.ma.asarray(uncertainty_func(data, axis=0)).astype(float), np.nan)
                with np.errstate(divide="ignore", invalid="ignore"):
                    deviations = deviations * np.sqrt(used) if method == "sum" else deviations / np.sqrt(used)
        return self._result(values.astype(self._dtype), deviations, used)

    def _result(self, values, deviations, used):
        meta = {"NCOMBINE": len(self._frames)}
        if self.unit is None:
            return Combined(values, used == 0, deviations, used, meta)
        from astropy.nddata import CCDData, StdDevUncertainty

        first = self.ccd_list[0]
        made = CCDData(values, mask=used == 0, unit=self.unit, uncertainty=StdDevUncertainty(deviations))
        if getattr(first, "wcs", None) is not None:
            made.wcs = first.wcs
        if hasattr(first, "header"):
            made.header = first.header.copy()
        made.meta["NCOMBINE"] = meta["NCOMBINE"]
        return made


def centre_name(func: Any) -> str | None:
    """The name of a centre that is known."""
    return {"mean": "mean", "nanmean": "mean", "median": "median", "nanmedian": "median"}.get(_known(func))


def spread_is_mad(func: Any) -> bool | None:
    """Whether a deviation that is known is the scaled median absolute one."""
    return {"std": False, "nanstd": False, "mad_std": True, "sigma_func": True}.get(_known(func))


def is_scatter(func: Any) -> bool:
    """Whether an uncertainty is that which each way of combining has by itself."""
    return func is None or func == "scatter"


def _known(func):
    """The name of a function of numpy, bottleneck, astropy or ccdproc, or the name that is given."""
    if isinstance(func, str):
        known = ("mean", "median", "std", "mad_std")
        if func not in known:
            raise ValueError(f"'{func}' is none of {', '.join(known)}")
        return func
    module = (getattr(func, "__module__", None) or "").split(".")[0]
    return getattr(func, "__name__", "") if module in ("numpy", "bottleneck", "astropy", "ccdproc") else ""


def _deviation(ccd):
    """One standard deviation, of any kind of uncertainty that has one."""
    kind = getattr(ccd.uncertainty, "uncertainty_type", None)
    return None if kind == "unknown" else frames.deviation(ccd.uncertainty)


def _plane(array, kind):
    """An array of any shape as one of two axes, in one piece and native order."""
    import numpy as np

    array = np.asarray(array)
    return np.ascontiguousarray(array, dtype=kind).reshape(-1, array.shape[-1])
