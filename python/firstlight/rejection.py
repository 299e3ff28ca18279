"""AstroDrizzle's steps that reject cosmic rays, on arrays: the median, blot, driz_cr."""

from __future__ import annotations

import json

from . import _native


def _plane(array, what):
    import numpy as np

    array = np.ascontiguousarray(array, dtype=np.float32)
    if array.ndim != 2:
        raise ValueError(f"{what} of shape {array.shape} is not an image")
    return array


def _options(options):
    return json.dumps(options, default=lambda value: value.item() if hasattr(value, "item") else str(value))


def _for_each(values, count, what):
    """A number for each of ``count`` images, from as many or from one."""
    values = [values] if not hasattr(values, "__len__") else list(values)
    if len(values) not in (1, count):
        raise ValueError(f"{len(values)} values of {what} for {count} images")
    return [float(value) for value in (values * count if len(values) == 1 else values)]


def blot(source, pixmap, *, interp="poly5", sinscl=1.0, fillval=0.0, exptime=1.0, pixel_scale_ratio=1.0):
    """Brings an image back to the pixels of a detector.

    ``pixmap`` has shape ``(ny, nx, 2)``: where the centres of the detector's pixels fall on ``source``, x and y, 0-based;
    NaN for nowhere. ``interp`` is nearest, linear, poly3, poly5, sinc, lan3 or lan5. The result is multiplied by
    ``exptime`` and divided by the square of ``pixel_scale_ratio``, the size of a pixel of the source in those of the
    detector; what does not fall on the source is ``fillval``.
    """
    import numpy as np

    source, pixmap = _plane(source, "a source"), np.asarray(pixmap, dtype=np.float64)
    if pixmap.ndim != 3 or pixmap.shape[2] != 2:
        raise ValueError(f"a map of pixels has shape (ny, nx, 2), not {pixmap.shape}")
    x, y = (np.ascontiguousarray(pixmap[..., axis]) for axis in (0, 1))
    return _native.blot(
        source, x, y, interp, float(sinscl), float(fillval), float(exptime), float(pixel_scale_ratio)
    )


def median(sci, wht, *, exptime=1.0, background=0.0, readnoise=0.0, **options):
    """Combines images of one shape as AstroDrizzle's createMedian does.

    ``sci`` are images in electrons per second, ``wht`` their weights in seconds; ``exptime`` (s), ``background`` (e) and
    ``readnoise`` (e) are numbers for all images or for each. Options have AstroDrizzle's names and defaults
    (``combine_type``, ``combine_nsigma``, ``combine_maskpt``, ``combine_nlow``, ``combine_nhigh``, ``combine_grow``, …).
    """
    sci, wht = [_plane(image, "an image") for image in sci], [_plane(image, "a weight") for image in wht]
    for image in sci + wht:
        if image.shape != sci[0].shape:
            raise ValueError(f"images of shapes {sci[0].shape} and {image.shape}")
    if not sci or len(sci) != len(wht):
        raise ValueError(f"{len(sci)} images with {len(wht)} weights")
    numbers = {"exptime": exptime, "background": background, "readnoise": readnoise}
    terms = zip(*(_for_each(values, len(sci), what) for what, values in numbers.items()), strict=True)
    return _native.median(sci, wht, list(terms), _options(options))


def cosmic_rays(sci, blotted, *, readnoise, sky=0.0, gain=1.0, conversion=1.0, cte_dir=0, **options):
    """Where an exposure differs from the blotted median by more than noise, as AstroDrizzle's driz_cr has it.

    ``conversion`` turns the samples of both into electrons; ``readnoise`` and ``sky`` are in electrons, ``gain`` is
    drizzlepac's effective gain and ``cte_dir`` its direction of trails. Options have AstroDrizzle's names and defaults
    (``driz_cr_snr``, ``driz_cr_scale``, ``driz_cr_grow``, ``driz_cr_ctegrow``). True marks a cosmic ray.
    """
    sci, blotted = _plane(sci, "an image"), _plane(blotted, "a blotted image")
    if sci.shape != blotted.shape:
        raise ValueError(f"an image of shape {sci.shape} with a blotted one of shape {blotted.shape}")
    terms = (float(conversion), float(gain), float(readnoise), float(sky), int(cte_dir))
    return _native.find_cosmic_rays(sci, blotted, terms, _options(options))
