"""Drizzling: exposures in files onto one grid, and arrays with a map of their pixels."""

from __future__ import annotations

import dataclasses
import json
import os
import pathlib
import warnings

from . import _native
from .native_options import as_json


@dataclasses.dataclass(frozen=True)
class DrizzleReport:
    """What :func:`drizzle` made, and of what."""

    #: Path of each product: ``"sci"``, ``"wht"``, ``"ctx"``, ``"err"``; with ``build`` only ``"sci"``.
    products: dict[str, pathlib.Path]
    #: The output grid: nx, ny, scale_arcsec, orientation_deg, ra_deg, dec_deg, reference_pixel (0-based).
    grid: dict
    #: Total exposure time, seconds.
    exptime_s: float
    #: BUNIT of the image.
    unit: str
    #: For each input its path, status ("combined" or "skipped") and details.
    inputs: list[dict]
    #: What became of each step: step, outcome ("done", "needed", "off", "skipped"), reason and seconds.
    steps: list[dict]
    #: What the steps found of each image: path, version, static_mask, sky and cosmic_rays, a number of pixels.
    images: list[dict]
    #: Files of what lies between the steps, with ``keep_intermediates``.
    intermediates: list[str]
    #: What may not be meant: exposures of several detectors or filters in one product. Warned of as well.
    notes: list[str]


def drizzle(inputs, output=None, **options):
    """Cleans calibrated exposures, or the members of an association, of cosmic rays and combines them, as AstroDrizzle.

    ``inputs`` is a path or a list of them (``_asn.fits``, ``_flt.fits``, ``_flc.fits``, ``@list``), ``output`` the root
    name of the products. Options have AstroDrizzle's names and defaults (``final_scale``, ``final_kernel``,
    ``final_pixfrac``, ``final_wht_type``, ``final_bits``, ``context``, ``build``, …); ``firstlight drizzle
    --help`` tells of each. ``combine_only=True`` does the last step alone. ``error=True`` propagates the inputs' ERR as well. Inputs are not changed
    unless ``write_dq=True``, and products that are there already are kept unless ``overwrite=True``. Gives back a :class:`DrizzleReport`.
    """
    if isinstance(inputs, (str, os.PathLike)):
        inputs = [inputs]
    if output is not None:
        options["output"] = os.fspath(output)
    report = json.loads(_native.drizzle([os.fspath(path) for path in inputs], as_json(options)))
    products = {name: pathlib.Path(path) for name, path in report.pop("products").items() if path}
    for note in report["notes"]:
        warnings.warn(note, stacklevel=2)
    return DrizzleReport(products=products, **report)


class Drizzle:
    """Drizzles arrays onto an output of ``out_shape``, one after the other.

    ``kernel`` is square, turbo, point, gaussian, lanczos2 or lanczos3; ``fillval`` stands where nothing
    contributed (NaN without it). ``variance=True`` carries the variance of the weighted mean along.
    ``rules="astrodrizzle"`` follows drizzlepac where it differs from the ``drizzle`` package.
    """

    def __init__(
        self, out_shape, kernel="square", *, fillval=None, disable_ctx=False, variance=False, rules="drizzle"
    ):
        if rules not in ("drizzle", "astrodrizzle"):
            raise ValueError(f"rules={rules!r} is neither 'drizzle' nor 'astrodrizzle'")
        ny, nx = out_shape
        self._native = _native.Drizzler(ny, nx, not disable_ctx, variance)
        self._kernel, self._rules, self._fill = kernel, rules, fillval

    def add_image(
        self,
        data,
        pixmap,
        *,
        exptime=1.0,
        in_units="cps",
        weight_map=None,
        variance=None,
        pixfrac=1.0,
        pixel_scale_ratio=None,
        iscale=1.0,
        wht_scale=1.0,
    ):
        """Adds an image.

        ``pixmap`` has shape ``(ny, nx, 2)``: where the centres of the image's pixels fall, x and y, 0-based;
        NaN for nowhere. With ``in_units="counts"`` samples are divided by ``exptime``. ``iscale``
        multiplies samples, ``wht_scale`` weights. ``pixel_scale_ratio`` is the size of an output pixel in
        input pixels, which sets the size of the turbo, gaussian and lanczos kernels; it is found from the
        map where it is not given.
        """
        import numpy as np

        if in_units not in ("cps", "counts"):
            raise ValueError(f"in_units={in_units!r} is neither 'cps' nor 'counts'")
        data = np.ascontiguousarray(data, dtype=np.float32)
        pixmap = np.asarray(pixmap, dtype=np.float64)
        if data.ndim != 2 or pixmap.shape != (*data.shape, 2):
            raise ValueError(f"an image of shape {data.shape} does not go with a map of shape {pixmap.shape}")
        planes = [weight_map, variance]
        for index, plane in enumerate(planes):
            if plane is not None:
                planes[index] = np.ascontiguousarray(plane, dtype=np.float32)
                if planes[index].shape != data.shape:
                    raise ValueError(f"an image of shape {data.shape} with a plane of shape {planes[index].shape}")
        self._native.add(
            data,
            np.ascontiguousarray(pixmap[..., 0]),
            np.ascontiguousarray(pixmap[..., 1]),
            *planes,
            self._kernel,
            float(pixfrac),
            None if pixel_scale_ratio is None else float(pixel_scale_ratio),
            float(iscale),
            float(wht_scale),
            float(exptime) if in_units == "counts" else None,
            self._rules,
        )

    @property
    def out_img(self):
        """The weighted mean so far."""
        return self._native.image(self._fill)

    @property
    def out_wht(self):
        """The sum of weights so far."""
        return self._native.weight()

    @property
    def out_var(self):
        """The variance of the weighted mean, or None."""
        return self._native.variance(self._fill)

    @property
    def out_ctx(self):
        """The context planes, ``(planes, ny, nx)``: bit ``i % 32`` of plane ``i // 32`` tells of image ``i``."""
        return self._native.context()
