"""Choosing pixfrac: many values tried on the same exposures."""

from __future__ import annotations

import dataclasses
import json
import os
import pathlib
import warnings

from . import _native
from .native_options import as_json


@dataclasses.dataclass(frozen=True)
class DrizzleGridReport:
    """What :func:`drizzle_grid` tried, and what it recommends."""

    #: All combinations, scale by scale and kernel by kernel: grid, scale_arcsec, kernel, pixfrac, footprint, missing,
    #: missing_by_pixfrac, missing_anywhere, rms_over_median, boxes, stars, stars_with_holes, fwhm_arcsec, fwhm_px,
    #: ellipticity, and the tests complete, even and round.
    trials: list[dict]
    #: The position in ``trials`` of the one that is recommended.
    best: int | None
    #: Whether that one passes all tests.
    passes: bool
    #: Why, in words: the faults of the others, and last what is recommended.
    reasons: list[str]
    #: What is tried besides pixfrac: kernels and scales.
    several: dict[str, bool]
    #: The output grids, as in :class:`firstlight.DrizzleReport`.
    grids: list[dict]
    #: The boxes on the first of them: x and y, each with start and end, the first pixel and the one after the last.
    boxes: list[dict]
    #: The stars: x and y on the first grid, 0-based, ra_deg and dec_deg.
    stars: list[dict]
    #: Exposures that took part.
    exposures: int
    #: What became of the steps before the combinations.
    steps: list[dict]
    #: Time that all combinations took.
    seconds: float
    #: The page with all figures.
    page: pathlib.Path
    #: The figures.
    figures: list[pathlib.Path]
    #: The products of each trial, with ``keep``.
    products: list[dict[str, pathlib.Path]]
    #: What may not be meant. Warned of as well.
    notes: list[str]

    @property
    def pixfrac(self) -> float | None:
        """The value that is recommended."""
        return None if self.best is None else self.trials[self.best]["pixfrac"]


def drizzle_grid(inputs, output=None, *, pixfrac="0.1:1.0:0.1", box=(), star=(), **options):
    """Combines exposures with many values of pixfrac and recommends one.

    ``pixfrac`` is a range ``"first:last:step"``, a text with commas or a list of numbers; so is ``scale``, while
    ``kernel`` is a list of names. ``box`` holds boxes for the weight, ``(x0, x1, y0, y1)`` without the last or
    ``"RAd,DECd,WIDTH,HEIGHT"`` in degrees and arcsec, ``star`` stars, ``(x, y)`` or ``"RAd,DECd"``; without them they
    are found. ``max_rms``, ``max_missing`` and ``max_ellipticity`` bound the three tests, ``keep=True`` writes the
    products of each value. All other options are those of :func:`firstlight.drizzle`, which say how cosmic rays and
    sky are found and where the output lies. Inputs are not changed. Gives back a :class:`DrizzleGridReport`.
    """
    if isinstance(inputs, (str, os.PathLike)):
        inputs = [inputs]
    if output is not None:
        options["output"] = os.fspath(output)
    if isinstance(options.get("kernel"), str):
        options["kernel"] = [name.strip() for name in options["kernel"].split(",")]
    options["pixfrac"] = pixfrac if isinstance(pixfrac, str) else [float(value) for value in _several(pixfrac)]
    options["box"] = [place if isinstance(place, str) else [float(value) for value in place] for place in _places(box)]
    options["star"] = [
        place if isinstance(place, str) else [float(value) for value in place] for place in _places(star)
    ]
    if "scale" in options and options["scale"] is not None and not isinstance(options["scale"], str):
        options["scale"] = [float(value) for value in _several(options["scale"])]
    names = [os.fspath(path) for path in inputs]
    report = json.loads(_native.drizzle_grid(names, as_json(options)))
    report["page"] = pathlib.Path(report["page"])
    report["figures"] = [pathlib.Path(path) for path in report["figures"]]
    report["products"] = [
        {name: pathlib.Path(path) for name, path in of.items() if path} for of in report["products"]
    ]
    for note in report["notes"]:
        warnings.warn(note, stacklevel=2)
    return DrizzleGridReport(**report)


def _several(values):
    """One number or several."""
    return values if hasattr(values, "__iter__") else [values]


def _places(places):
    """One place or several."""
    if isinstance(places, str):
        return [places]
    places = list(places)
    one = places and not isinstance(places[0], str) and not hasattr(places[0], "__iter__")
    return [places] if one else places
