"""What the sky leaves in a frame: its fringes and its background."""

from __future__ import annotations

from typing import Any

from . import frames
from .record import recorded
from .steps import _number, _step


@recorded
def subtract_background(
    ccd: Any,
    box_size: int | None = 64,
    filter_size: int = 3,
    *,
    statistic: str = "median",
    sigma: float = 3.0,
    exclude_percentile: float = 70.0,
    sources: bool = True,
) -> Any:
    """Subtracts a smooth surface through the levels of boxes.

    Parameters
    ----------
    ccd
        The frame. Samples that are masked or not finite are left out.
    box_size
        Sides of the boxes, pixels; the frame is parted into boxes of nearly this size. None is one level for the frame.
    filter_size
        Each box gets the median of so many boxes by so many, an odd number; 1 leaves them as they are.
    statistic
        The level of a box: ``median`` of its samples after clipping, or ``mode``, SExtractor's 2.5 median - 1.5 mean.
    sigma
        Samples so many standard deviations from the median of their box are left out.
    exclude_percentile
        Boxes with more left out than this, %, get the levels of boxes near by.
    sources
        Find stars, and leave them out with what is around them.

    The uncertainty, where there is one, grows by the standard error of the boxes' levels. The metadata of a ``CCDData`` get
    BKGLEVEL, the median level, and BKGNOISE, the noise of a pixel, both in the frame's unit.
    """
    frames.check(ccd, "ccd")
    options = {
        "box_size": None if box_size is None else int(box_size),
        "filter_size": int(filter_size),
        "statistic": statistic,
        "sigma": float(sigma),
        "least": 1 - float(exclude_percentile) / 100,
        "sources": bool(sources),
    }
    out, report = _step("background", frames.planes(ccd), **options)
    done = frames.result(ccd, out, dtype=frames.precision(ccd))
    if frames.is_ccddata(done):
        done.meta["BKGLEVEL"] = report["level"]
        done.meta["BKGNOISE"] = report["noise"]
    return done


@recorded
def subtract_fringe(
    ccd: Any,
    fringe: Any,
    scale: Any = None,
    *,
    box_size: int = 128,
    sigma: float = 3.0,
    sources: bool = True,
) -> Any:
    """Subtracts a fringe frame, scaled to the frame.

    Parameters
    ----------
    ccd, fringe
        The frame, and the fringe frame: in the frame's unit, or without one.
    scale
        How often it is subtracted; fitted where it is not given.
    box_size
        Sides of the boxes, pixels, in each of which the sky is a plane of its own in the fit.
    sigma
        Samples so many standard deviations from the fit are left out of it, as are masked ones.
    sources
        Find stars, and leave them out of the fit.

    The uncertainty grows by those of the fringe frame and of the scale; masks are united. The metadata of a ``CCDData`` get
    FRNGSCAL, the scale, and, where it was fitted, FRNGSERR, its standard error.
    """
    frames.check(ccd, "ccd")
    frames.check(fringe, "fringe")
    factor = 1.0 if str(getattr(fringe, "unit", "")) == "" else frames.unit_factor(ccd, fringe)
    options = {
        "scale": None if scale is None else _number(scale),
        "box_size": int(box_size),
        "sigma": float(sigma),
        "sources": bool(sources),
    }
    out, report = _step("fringe", frames.planes(ccd), frames.planes(fringe, factor), **options)
    done = frames.result(ccd, out, dtype=frames.precision(ccd, fringe))
    if frames.is_ccddata(done):
        done.meta["FRNGSCAL"] = report["scale"]
        if report["scale_error"] is not None:
            done.meta["FRNGSERR"] = report["scale_error"]
    return done
