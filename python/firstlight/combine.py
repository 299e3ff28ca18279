"""Frames of a CCD combined, with the names and arguments of ccdproc."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from . import _native
from .combiner import Combined, Combiner, centre_name, is_scatter, spread_is_mad
from .files import _ext, getdata, getheader
from .native_options import as_json

if TYPE_CHECKING:
    import numpy as np

    Path = str | os.PathLike[str]

_METHODS = ("average", "mean", "median", "sum")
#: Beyond any number of standard deviations.
_NO_LIMIT = 1e300


def combine_files(
    inputs: Path | Iterable[Path],
    output: Path,
    *,
    ext: int | str | tuple[str, int] | None = None,
    unit: str | None = None,
    **options: Any,
) -> dict[str, Any]:
    """Combines frames in files pixel by pixel into a new file, some rows at a time.

    Parameters
    ----------
    inputs
        Frames of one size, unit and binning; patterns and folders are expanded. They are not changed.
    output
        The product: what astropy's ``CCDData`` reads, with the uncertainty in UNCERT, the mask in MASK, and the number
        of frames in each pixel in NUSED.
    ext
        HDU of the frames; the first image without one.
    unit
        Unit of the samples where BUNIT is not there or wrong.
    **options
        Those of ``firstlight combine``: ``method``, ``clip`` (a list), ``sigma_low``, ``scale``, ``weights``, …

    Returns
    -------
    The report: ``path``, ``frames`` with scale, weight and rejected samples of each, ``failed``, ``empty_pixels``, ….
    """
    given = dict(options)
    if isinstance(given.get("clip"), str):
        given["clip"] = given["clip"].split(",")
    for name in ("scale", "weights"):
        value = given.get(name)
        if value is not None and not isinstance(value, str):
            given[name] = ",".join(repr(float(number)) for number in value)
    how = {"ext": None if ext is None else _ext(ext), "unit": None if unit is None else str(unit)}
    inputs = [inputs] if isinstance(inputs, (str, os.PathLike)) else inputs
    paths = [os.fspath(path) for path in inputs]
    return json.loads(_native.run_combine(paths, os.fspath(output), as_json(given), as_json(how)))


def combine(
    img_list: Any,
    output_file: Path | None = None,
    method: str = "average",
    weights: np.ndarray | None = None,
    scale: Callable[[Any], float] | Iterable[float] | None = None,
    mem_limit: float = 16e9,
    clip_extrema: bool = False,
    nlow: int | None = 1,
    nhigh: int | None = 1,
    minmax_clip: bool = False,
    minmax_clip_min: float | None = None,
    minmax_clip_max: float | None = None,
    sigma_clip: bool = False,
    sigma_clip_low_thresh: float | None = 3,
    sigma_clip_high_thresh: float | None = 3,
    sigma_clip_func: Any = "mean",
    sigma_clip_dev_func: Any = "std",
    dtype: Any = None,
    combine_uncertainty_function: Any = None,
    overwrite_output: bool = False,
    unit: Any = None,
    hdu: int | str = 0,
    **ccdkwargs: Any,
) -> Any:
    """Combines frames, as ccdproc's ``combine`` does.

    Parameters
    ----------
    img_list
        Files, ``CCDData`` or arrays of one shape and unit; a string of files parted by commas. Files are read some rows
        at a time.
    output_file
        Where the result is to be written besides.
    method
        ``average``, ``median`` or ``sum``.
    weights
        One for each frame, or one for each sample. A masked or rejected sample has no part in the sum of the weights.
    scale
        What each frame is multiplied by before samples are compared: numbers, or a function of its samples.
    mem_limit
        Memory for the samples of files, bytes.
    clip_extrema, nlow, nhigh
        Whether the lowest and highest samples of each pixel are rejected, and how many.
    minmax_clip, minmax_clip_min, minmax_clip_max
        Whether samples outside of limits are rejected, and these.
    sigma_clip, sigma_clip_low_thresh, sigma_clip_high_thresh, sigma_clip_func, sigma_clip_dev_func
        Whether samples far from the centre of their pixel are rejected; how far in units of the deviation; what is the
        centre (``mean``, ``median`` or a function) and the deviation (``std``, ``mad_std`` or a function).
    dtype
        Type of the result; ``float64`` without one.
    combine_uncertainty_function
        What the uncertainty is taken of instead of the scatter; ``"propagated"`` propagates those of the frames.
    overwrite_output
        Whether ``output_file`` may be replaced.
    unit
        Unit of files without BUNIT, and of arrays.
    hdu
        HDU of files.
    **ccdkwargs
        What ``CCDData.read`` takes besides; files are then read by it, as a whole.

    Returns
    -------
    A ``CCDData`` where astropy is there and the frames have a unit, as files do; else a :class:`Combined`.
    """
    images = _images(img_list)
    if method not in _METHODS:
        raise ValueError(f"unrecognised combine method : {method}.")
    clips = {
        "extrema": (nlow or 0, nhigh or 0) if clip_extrema else None,
        "minmax": (minmax_clip_min, minmax_clip_max) if minmax_clip else None,
        "sigma": (sigma_clip_low_thresh, sigma_clip_high_thresh) if sigma_clip else None,
    }
    centre, mad = centre_name(sigma_clip_func), spread_is_mad(sigma_clip_dev_func)
    uncertainty = combine_uncertainty_function
    known = centre is not None and mad is not None or not sigma_clip
    by_rows = known and (is_scatter(uncertainty) or uncertainty == "propagated")
    in_files = isinstance(images[0], (str, os.PathLike))
    weights_of_samples = getattr(weights, "ndim", 1) > 1
    if in_files and by_rows and not ccdkwargs and not weights_of_samples:
        if callable(scale):
            scale = [float(scale(_data(path, hdu))) for path in images]
        options = _options(clips, centre or "mean", bool(mad))
        options |= {"method": "mean" if method == "average" else method, "max_memory": f"{int(mem_limit)}"}
        options |= {"scale": scale, "weights": None if method == "median" else weights}
        options["uncertainty"] = "propagated" if uncertainty == "propagated" else "scatter"
        return _of_files(images, output_file, options, (hdu, unit), (dtype, overwrite_output))
    if in_files:
        images = [_read(path, unit, hdu, ccdkwargs) for path in images]
    combiner = Combiner(images, dtype=dtype, unit=unit)
    combiner.weights = weights
    if scale is not None:
        combiner.scaling = scale
    if clips["minmax"]:
        combiner.minmax_clipping(*clips["minmax"])
    if clips["extrema"]:
        combiner.clip_extrema(*clips["extrema"])
    if clips["sigma"]:
        combiner.sigma_clipping(*clips["sigma"], func=sigma_clip_func, dev_func=sigma_clip_dev_func)
    work = {"median": combiner.median_combine, "sum": combiner.sum_combine}.get(method, combiner.average_combine)
    made = work(uncertainty_func=uncertainty)
    if output_file is not None:
        if isinstance(made, Combined):
            raise ValueError("arrays without a unit are not written to a file; name their unit (unit)")
        made.write(os.fspath(output_file), overwrite=overwrite_output)
    return made


def _options(clips, centre, mad):
    options: dict[str, Any] = {"clip": []}
    if clips["minmax"] and clips["minmax"] != (None, None):
        options["clip"].append("minmax")
        options["min"], options["max"] = clips["minmax"]
    if clips["extrema"]:
        options["clip"].append("extrema")
        options["nlow"], options["nhigh"] = clips["extrema"]
    if clips["sigma"]:
        options["clip"].append("mad" if mad else "sigma")
        limits = [_NO_LIMIT if limit is None else abs(float(limit)) for limit in clips["sigma"]]
        options["sigma_low"], options["sigma_high"] = limits
        options["clip_centre"] = centre
    return options


def _of_files(paths, output, options, reading, result):
    (hdu, unit), (dtype, overwrite) = reading, result
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "combined.fits") if output is None else os.fspath(output)
        # The first image, where it is not in the primary HDU.
        ext = None if hdu == 0 else hdu
        combine_files(paths, path, ext=ext, unit=unit, overwrite=overwrite, **options)
        try:
            from astropy.nddata import CCDData
        except ImportError:
            return _plain(path, dtype)
        made = CCDData.read(path)
        made.data = made.data.astype(dtype or "float64")
        made.uncertainty.array = made.uncertainty.array.astype("float64")
        if made.mask is not None:
            made.mask = made.mask.astype(bool)
        return made


def _plain(path, dtype):
    return Combined(
        data=getdata(path, 0).astype(dtype or "float64"),
        mask=getdata(path, "MASK") != 0,
        uncertainty=getdata(path, "UNCERT").astype("float64"),
        used=getdata(path, "NUSED"),
        meta={"NCOMBINE": getheader(path)["NCOMBINE"]},
    )


def _images(img_list):
    import numpy as np

    if isinstance(img_list, str):
        images: list[Any] = [name.strip() for name in img_list.split(",")]
    elif isinstance(img_list, np.ndarray) and img_list.dtype.kind in "US":
        images = img_list.tolist()
    else:
        try:
            images = list(img_list)
        except TypeError as error:
            raise ValueError("unrecognised input for list of images to combine.") from error
    if not images:
        raise ValueError("there is no frame to combine")
    return images


def _data(path, hdu):
    return getdata(path, None if hdu == 0 else hdu)


def _read(path, unit, hdu, ccdkwargs):
    from astropy.nddata import CCDData

    return CCDData.read(os.fspath(path), unit=unit, hdu=hdu, **ccdkwargs)
