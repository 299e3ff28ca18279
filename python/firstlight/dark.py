"""Dark frames of the SBC: rates, matches, implants, and the whole way to dark-subtracted fluxes."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from . import _native

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import ArrayLike

    from .table import Table

    Path = str | os.PathLike[str]


def _files(files: Path | Iterable[Path]) -> list[str]:
    """One or several paths or patterns."""
    if isinstance(files, (str, os.PathLike)):
        files = [files]
    return [os.fspath(file) for file in files]


def _box(box: Any) -> str | None:
    """A box as text: from text, or from two slices as ``numpy.s_[650:850, 580:780]`` makes them."""
    if box is None or isinstance(box, str):
        return box
    rows, columns = box
    return f"{rows.start}:{rows.stop},{columns.start}:{columns.stop}"


def _ellipses(ellipses: Any) -> list[str] | None:
    """Ellipses as text: from one or several texts or tuples of numbers."""
    if ellipses is None:
        return None
    if isinstance(ellipses, str) or ellipses and not isinstance(ellipses[0], (str, tuple, list)):
        ellipses = [ellipses]
    return [e if isinstance(e, str) else ",".join(map(repr, map(float, e))) for e in ellipses]


def _options(**options: Any) -> str:
    return json.dumps({name: value for name, value in options.items() if value is not None})


def dark_rate(files: Path | Iterable[Path], *, box: Any = None, exclude_source: Any = None) -> Table:
    """The sum of the pixels in a box of each file, its rate and Poisson error, and the temperatures.

    Parameters
    ----------
    files
        Exposures, raw or calibrated; patterns are expanded.
    box
        ``"650:850,580:780"`` (the default) or ``numpy.s_[650:850, 580:780]``. One that does not lie in
        the image is an error.
    exclude_source
        Ellipses ``(x, y, a, b, theta)`` of detector pixels and degrees that do not count.

    Files that cannot be read are warned about, unless it is all of them.
    """
    table, report = _native.dark_rate(
        _files(files), _options(box=_box(box), exclude_source=_ellipses(exclude_source))
    )
    _warn(json.loads(report)["failed"])
    return table


def box_rate(image: ArrayLike, box: Any, exptime: float) -> dict[str, Any]:
    """The sum of the pixels in a box of an array, and the rate that it makes in ``exptime`` seconds.

    Whole numbers are summed as whole numbers.
    """
    import numpy as np

    image = np.asarray(image)
    whole = image.dtype.kind in "iub"
    samples = np.ascontiguousarray(image, dtype=np.float64)
    return json.loads(_native.box_rate(samples, _box(box), float(exptime), whole))


def dark_match(
    science: Path | Iterable[Path],
    darks: Path | Iterable[Path],
    *,
    box: Any = None,
    within: str | None = None,
    exclude_source: Any = None,
    cell: int | None = None,
    scatter: float | None = None,
) -> dict[str, Any]:
    """For each science exposure: the darks by nearness of their rates, the two that bracket it, and the
    non-negative combination that follows its background.

    Parameters
    ----------
    science, darks
        Files; patterns are expanded.
    box
        As in :func:`dark_rate`.
    within
        When a dark is near enough: ``"10%"``, ``"2sigma"``, or either of both, ``"10%,2sigma"``. That
        none is shows in ``status`` and is no error.
    exclude_source
        Ellipses of detector pixels to leave out of box and background.
    cell
        Side of the cells in which backgrounds are compared, pixels.
    scatter
        Scatter about 1 that the shares of a combination may add up to.

    A combination is to be used only where it is ``usable``; else its ``reasons`` say why not. Darks of
    another detector or shape are left out and warned about; each exposure's are in ``excluded``.
    """
    options = _options(
        box=_box(box), within=within, exclude_source=_ellipses(exclude_source), cell=cell, scatter=scatter
    )
    report = json.loads(_native.dark_match(_files(science), _files(darks), options))
    _warn(report["failed"])
    return report


def dark_implant(
    science: Path,
    dark: Path | Iterable[Path],
    output: Path,
    *,
    weights: Iterable[float] | None = None,
    keep_exptime: bool = False,
    overwrite: bool = False,
) -> dict[str, Any]:
    """Writes a copy of a science exposure with the pixels of a dark, or of a weighted sum of darks.

    The copy keeps the science exposure's WCS and DQ. ``EXPTIME`` becomes the dark's; with
    ``keep_exptime`` the dark is scaled to the science exposure's instead. Inputs are not modified.
    """
    options = _options(
        weights=None if weights is None else [float(weight) for weight in weights],
        keep_exptime=keep_exptime,
        overwrite=overwrite,
    )
    return json.loads(_native.dark_implant(os.fspath(science), _files(dark), os.fspath(output), options))


def simulate_sbc(
    folder: Path,
    *,
    seed: int | None = None,
    darks: int | None = None,
    flux: float | None = None,
    glow: float | None = None,
    size: int | None = None,
    overwrite: bool = False,
) -> dict[str, Any]:
    """Simulates a visit with the SBC into a folder: exposures, associations, darks and the truth.

    Parameters
    ----------
    folder
        Made where it is not there.
    seed
        The same seed gives the same files.
    darks
        Number of darks.
    flux
        Factor on the galaxy's flux.
    glow
        Factor on the glow of the science exposures over that of darks of the same temperature.
    size
        Side of the detector, 64 to 1024 (the default) pixels.
    overwrite
        Replace files that are there already.
    """
    options = _options(seed=seed, darks=darks, flux=flux, glow=glow, size=size)
    return json.loads(_native.simulate_sbc(os.fspath(folder), options, overwrite))


def sbc_dark(
    inputs: Path | Iterable[Path],
    darks: Path | Iterable[Path],
    folder: Path,
    *,
    aperture: Any,
    blank: Any = None,
    box: Any = None,
    **options: Any,
) -> tuple[Table, dict[str, Any]]:
    """Dark-subtracted photometry of a visit: the table of fluxes, and a report of all that was done.

    Parameters
    ----------
    inputs
        Association tables, or calibrated exposures, which are combined by filter.
    darks
        Darks to choose from.
    folder
        For products, tables, figures and ``index.html``; made where it is not there.
    aperture, blank
        Apertures of targets and of blank sky: ``(x, y, a, b, theta)`` in pixels of the products and
        degrees, or text such as ``"icrs:165.558,38.043,1.75,1.0,-43"``.
    box
        As in :func:`dark_rate`.
    **options
        ``method`` (``"combine"``, ``"interpolate"``, ``"nearest"``), ``final_scale``,
        ``elevated_above``, ``within``, ``margin``, ``cell``, ``scatter``, ``overwrite``.
    """
    given = _options(aperture=_ellipses(aperture), blank=_ellipses(blank), box=_box(box), **options)
    table, text = _native.run_sbc_dark(_files(inputs), _files(darks), os.fspath(folder), given)
    report = json.loads(text)
    _warn(report["failed"])
    return table, report


def demo(
    folder: Path = "firstlight-demo",
    *,
    seed: int | None = None,
    size: int | None = None,
    overwrite: bool = False,
) -> dict[str, Any]:
    """Simulates a visit, runs :func:`sbc_dark` on it, and compares the fluxes with the truth.

    ``size`` is the side of the simulated detector, 384 to 1024 (the default) pixels.
    """
    options = _options(seed=seed, size=size, overwrite=overwrite)
    return json.loads(_native.run_demo(os.fspath(folder), options))


def _warn(failed: list[dict[str, str]]) -> None:
    import warnings

    for failure in failed:
        warnings.warn(failure["error"], stacklevel=3)
