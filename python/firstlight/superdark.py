"""Superdarks of the CCDs of STIS and ACS and of any other CCD, with the names and arguments of refstis, and on arrays."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from . import _native
from .native_options import as_json
from .official_arguments import _files

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    Path = str | os.PathLike[str]

_FILES = (
    "crrejtab",
    "ref_dir",
    "min_exptime",
    "hot_table",
    "figure",
    "overwrite",
    "gain",
    "readnoise",
    "exposure_key",
    "without_bias",
)
_SORTING = ("periods", "week_days", "min_exptime")


def make_basedark(
    input_list: Path | Iterable[Path],
    refdark_name: Path = "basedark.fits",
    bias_file: Path | None = None,
    **options: Any,
) -> dict[str, Any]:
    """Makes the baseline dark of the long darks of an anneal period, as refstis's ``make_basedark`` does.

    Parameters
    ----------
    input_list
        Darks of the CCD of STIS, of WFC or HRC, or of any other CCD, calibrated or raw; patterns are expanded. They are not
        changed.
    refdark_name
        The dark reference image.
    bias_file
        Bias image for raw darks, in place of the one that each header names; for those of other CCDs the master bias.
    **options
        ``crrejtab``, ``ref_dir``, ``min_exptime`` (s; shorter darks are left out), ``hot_table``, ``figure``,
        ``overwrite``, of other CCDs than Hubble's ``gain`` (e/adu) and ``readnoise`` (e), each a number or a keyword's name,
        ``exposure_key`` and ``without_bias`` (``True`` where the bias is gone, though headers do not say so), and the
        parameters of ocrreject (``crsigmas``, ``crradius``, ``initgues``, …).

    Returns
    -------
    The report: ``path``, ``report`` with what was measured and the hot pixels, ``left_out``, ``seconds``. refstis returns
    nothing.
    """
    return _made(input_list, None, refdark_name, bias_file, options)


def make_weekdark(
    input_list: Path | Iterable[Path],
    refdark_name: Path,
    thebasedark: Path,
    thebiasfile: Path | None = None,
    **options: Any,
) -> dict[str, Any]:
    """Makes the dark of a week, the baseline ``thebasedark`` with the week's hot pixels, as refstis's ``make_weekdark``
    does. Arguments and report are those of :func:`make_basedark`.
    """
    return _made(input_list, os.fspath(thebasedark), refdark_name, thebiasfile, options)


def dark_periods(
    files: Path | Iterable[Path], *, around: Path | None = None, **options: Any
) -> dict[str, Any]:
    """Sorts darks by anneal period and week; with ``around`` finds those of an exposure's week.

    ``periods`` is a table of the anneals with the columns ``start`` and ``end`` (MJD), by default that which
    comes with the package; ``week_days`` the days that are a week, ``min_exptime`` (s) what a long dark has. The report's
    ``anneals`` says which table was used, ``left_out`` of each file that is not used why.
    """
    around = None if around is None else os.fspath(around)
    return json.loads(_native.superdark_periods(_files(files), around, as_json(options)))


def superdark_for(
    exposure: Path, darks: Path | Iterable[Path], *, output_dir: Path = ".", **options: Any
) -> dict[str, Any]:
    """Makes the superdarks of one exposure: the baseline of its anneal period and the dark of its week.

    ``options`` are those of :func:`dark_periods` and :func:`make_basedark`. The report's ``weekdark`` is that of the file
    to calibrate with.
    """
    sorting, options = _split(options, _SORTING)
    files, how = _split(options, _FILES + ("bias",))
    return json.loads(
        _native.superdark_for(
            os.fspath(exposure),
            _files(darks),
            os.fspath(output_dir),
            as_json(sorting),
            as_json(files),
            as_json(how),
        )
    )


def combine_darks(
    sci: Sequence[ArrayLike],
    exptime: float | Sequence[float],
    *,
    dq: Sequence[ArrayLike] | None = None,
    readnoise: float | Sequence[float],
    gain: float | Sequence[float] = 1.0,
    temperature: float | Sequence[float] | None = None,
    base: tuple[ArrayLike, ArrayLike, ArrayLike] | None = None,
    crrejtab: Path | None = None,
    **parameters: Any,
) -> tuple[tuple[Any, Any, Any], dict[str, Any]]:
    """The superdark of darks in memory: ``(SCI, ERR, DQ)`` in electrons per second, and the report.

    Parameters
    ----------
    sci
        Images in DN without bias, of one shape.
    exptime, readnoise, gain, temperature
        Seconds, electrons, electrons per DN, and degrees Celsius of the CCD's housing, for all or for each; counts are
        brought to 18 °C where there is a temperature.
    dq
        Data-quality bits of each image.
    base
        SCI, ERR and DQ of a baseline dark: its week's dark is made.
    crrejtab
        CRREJTAB to take the parameters of rejection from.
    **parameters
        Parameters of ocrreject, in place of the table's; without a table all of them: ``crmask``, ``scalense``,
        ``initgues``, ``skysub``, ``crsigmas``, ``crradius``, ``crthresh``, ``badinpdq``.
    """
    import numpy as np

    def plane(array, kind, what):
        array = np.ascontiguousarray(array, dtype=kind)
        if array.ndim != 2:
            raise ValueError(f"{what} of shape {array.shape} is not an image")
        return array

    images = [plane(image, np.float32, "a dark") for image in sci]
    count = len(images)
    bits = [None] * count if dq is None else [plane(one, np.uint16, "DQ") for one in dq]
    if len(bits) != count:
        raise ValueError(f"{len(bits)} planes of DQ for {count} darks")
    numbers = {"exptime": exptime, "readnoise": readnoise, "gain": gain, "temperature": temperature}
    terms = list(zip(*(_each(values, count, what) for what, values in numbers.items()), strict=True))
    if base is not None:
        kinds = (np.float32, np.float32, np.uint16)
        base = tuple(plane(one, kind, "a plane of the baseline") for one, kind in zip(base, kinds, strict=True))
    crrejtab = None if crrejtab is None else os.fspath(crrejtab)
    parameters.setdefault("crmask", False)
    planes, report = _native.superdark_arrays(images, bits, terms, base, crrejtab, as_json(parameters))
    return planes, json.loads(report)


def _each(values, count, what):
    """A number for each of ``count`` darks, from as many or from one."""
    if values is None or _is_one(values):
        return [values if values is None else float(values)] * count
    values = [None if value is None else float(value) for value in values]
    if len(values) != count:
        raise ValueError(f"{len(values)} values of {what} for {count} darks")
    return values


def _is_one(value):
    """Whether a value is one number."""
    return not hasattr(value, "__len__")


def _split(options, names):
    """Options with these names, and the others."""
    chosen = {name: options[name] for name in names if name in options}
    return chosen, {name: value for name, value in options.items() if name not in names}


def _made(inputs, base, output, bias, options):
    files, how = _split(options, _FILES)
    for name in ("gain", "readnoise"):
        if files.get(name) is not None:
            files[name] = str(files[name])
    if bias is not None:
        files["bias"] = os.fspath(bias)
    return json.loads(
        _native.run_superdark(_files(inputs), base, os.fspath(output), as_json(files), as_json(how))
    )
