"""Registering frames by their stars, and putting them on each other's pixels."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from . import _native
from .native_options import as_json
from .official_arguments import _files

if TYPE_CHECKING:
    import numpy as np

    Path = str | os.PathLike[str]

_OF_SHIFT = ("transforms", "interpolation", "conserve", "overwrite")
_STARS = ("fwhm", "threshold", "saturation", "max_stars")


def register(files: Path | Iterable[Path], reference: Path | None = None, **options: Any) -> dict[str, Any]:
    """Finds where the stars of a reference frame are in other frames of the field.

    Parameters
    ----------
    files
        Frames; patterns are expanded. They are not changed.
    reference
        The frame that the others are registered to; the first where it is not given.
    **options
        ``method`` ("stars", "wcs" or "phase"), ``geometry`` ("translation", "rigid", "similarity", "affine", "homography"),
        ``tolerance``, ``fwhm``, ``saturation``, …: ``firstlight register --help`` tells of each.

    Returns
    -------
    The report: ``reference``, ``shape``, and ``frames``, each with ``file``, ``status`` ("reference", "registered",
    "failed"), ``map`` (its ``matrix`` takes the reference's pixels to the frame's), ``described`` (``shift``,
    ``rotation``, ``scale``, ``flipped``), ``stars``, ``matches``, ``rms``, ``fwhm``, by phase ``correlation`` and ``sigma`` (of the
    shift along x and y), and ``why``. A frame that cannot be registered is no error, unless it is the only one.
    """
    if reference is not None:
        options["reference"] = os.fspath(reference)
    return json.loads(_native.register_files(_files(files), as_json(options)))


def shift(files: Path | Iterable[Path], folder: Path, reference: Path | None = None, **options: Any) -> dict[str, Any]:
    """Puts frames on the pixels of a reference frame, with uncertainty and mask, into files of the same names.

    ``options`` are those of :func:`register`, and ``transforms`` (a table that ``firstlight register`` wrote),
    ``interpolation`` ("nearest", "bilinear", "lanczos3", "drizzle"), ``conserve`` ("flux", "brightness") and
    ``overwrite``. Gives back the report: as that of :func:`register`, with ``product`` and ``covered`` for each frame.
    """
    if reference is not None:
        options["reference"] = os.fspath(reference)
    how = {name: options.pop(name) for name in _OF_SHIFT if name in options}
    return json.loads(_native.shift_files(_files(files), os.fspath(folder), as_json(how), as_json(options)))


@dataclasses.dataclass(frozen=True)
class Transform:
    """A map of the plane from the pixels of one image, the source, to those of another, the target."""

    #: The matrix, of shape (3, 3): ``(u, v, w) = params · (x, y, 1)``, and the place is ``(u/w, v/w)``.
    params: np.ndarray

    def __call__(self, xy):
        """Maps positions, an array of shape (n, 2) or a pair."""
        import numpy as np

        xy = np.asarray(xy, dtype=float)
        u, v, w = self.params @ np.stack([xy[..., 0], xy[..., 1], np.ones_like(xy[..., 0])]).reshape(3, -1)
        return np.stack([u / w, v / w], axis=-1).reshape(xy.shape)

    @property
    def inverse(self) -> Transform:
        """The map back."""
        import numpy as np

        matrix = np.linalg.inv(self.params)
        return Transform(matrix / matrix[2, 2])

    @property
    def translation(self):
        """Where the source's first pixel goes."""
        return self.params[:2, 2]

    @property
    def rotation(self) -> float:
        """Radians counter-clockwise."""
        import math

        return math.atan2(self.params[1, 0], self.params[0, 0])

    @property
    def scale(self) -> float:
        """Pixels of the target for one of the source."""
        import math

        (a, b), (c, d) = self.params[:2, :2]
        return math.sqrt(abs(a * d - b * c))


def field_stars(data, mask=None, **options: Any) -> dict[str, Any]:
    """Finds the stars of an image whose seeing, sky and saturation nobody tells.

    ``data`` is an array of two axes; where ``mask`` is true a pixel is left out. Options are ``fwhm``, ``threshold``,
    ``saturation`` and ``max_stars``. Gives back a dictionary: arrays ``x``, ``y`` (0-based), ``flux``, ``peak``,
    ``saturated``, ``sigma`` (standard deviation that the sky's noise gives to ``x`` and to ``y``, pixels), brightest first, and
    ``fwhm``, ``sky``, ``sky_sigma``.
    """
    rows, (fwhm, sky, sigma) = _native.stars_of(*_plane(data, mask), as_json(options))
    names = ("x", "y", "flux", "peak")
    columns = {name: rows[:, at].copy() for at, name in enumerate(names)}
    columns |= {"saturated": rows[:, 4] == 1, "sigma": rows[:, 5].copy()}
    return {**columns, "fwhm": fwhm, "sky": sky, "sky_sigma": sigma}


def find_transform(source, target, method: str = "stars", **options: Any):
    """Finds the map from an image to another by their stars, as ``astroalign.find_transform`` does.

    ``source`` and ``target`` are arrays of two axes, masked arrays, or lists of positions ``(x, y)``, brightest first.
    Options are those of :func:`register` that concern stars and maps. Gives back a :class:`Transform` from ``source`` to
    ``target``, and the positions that were matched in both. ``method="phase"`` is the shift of :func:`find_shift` between two
    images: no positions are matched, and ``saturation`` is the one option.
    """
    import numpy as np

    if method == "phase":
        saturation = options.pop("saturation", None)
        if options:
            raise TypeError(f"method 'phase' has the option saturation and no other, but {', '.join(options)} was given")
        dx, dy = find_shift(target, source, saturation=saturation)["shift"]
        return Transform(np.array([[1.0, 0.0, dx], [0.0, 1.0, dy], [0.0, 0.0, 1.0]])), (np.empty((0, 2)), np.empty((0, 2)))
    if method != "stars":
        raise ValueError(f"method is 'stars' or 'phase', not {method!r}")
    stars = {name: options.pop(name) for name in _STARS if name in options}
    lists = [_star_list(image, stars) for image in (source, target)]
    matrix, pairs, _ = _native.match_stars(lists[0], lists[1], as_json(options))
    of_source = np.array([lists[0][at][:2] for at, _ in pairs])
    of_target = np.array([lists[1][at][:2] for _, at in pairs])
    return Transform(np.array(matrix)).inverse, (of_source, of_target)


def find_shift(image, reference, mask=None, reference_mask=None, saturation=None) -> dict[str, Any]:
    """Finds the shift between two images by all of their light, where there are no stars to match.

    Arrays of two axes or masked arrays; where a mask is true or a sample is not finite, it is left out, and so are spikes of single
    pixels. So are pixels at ``saturation`` and above, in the unit of the images, with three around them: what is clipped bleeds. By
    default that is an image's highest value, where three of its pixels or more share it. Gives back ``shift`` (what is at ``(x, y)``
    of the reference is at ``(x, y) + shift`` of the image, pixels), ``sigma`` (the standard deviation of both), ``correlation`` of
    what both have, and ``height``: how many standard deviations that is above chance. Images whose likeness may be chance are an
    error.
    """
    shift, sigma, correlation, height = _native.shift_of_light(
        _plane(image, mask), _plane(reference, reference_mask), saturation
    )
    return {"shift": tuple(shift), "sigma": tuple(sigma), "correlation": correlation, "height": height}


def apply_transform(transform, source, target_shape, uncertainty=None, mask=None, **options: Any):
    """Puts an image on the pixels of another, as ``astroalign.apply_transform`` does.

    ``transform`` is a :class:`Transform`, or anything with ``params``, from ``source`` to the target; ``target_shape`` the
    target's shape, or the target. Options are ``interpolation`` and ``conserve``. Gives back samples (NaN where there are
    none), and the mask, true where there are none or they cannot be trusted; with ``uncertainty`` given, that too in
    between.
    """
    import numpy as np

    shape = tuple(int(size) for size in getattr(target_shape, "shape", target_shape))
    data, masked = _plane(source, mask)
    err = None if uncertainty is None else np.ascontiguousarray(uncertainty, dtype=np.float32)
    back = np.linalg.inv(np.asarray(transform.params, dtype=float))
    matrix = (back / back[2, 2]).tolist()
    sci, errors, bad = _native.resample_onto((data, err, masked), matrix, shape, as_json(options))
    return (sci, bad) if uncertainty is None else (sci, errors, bad)


def _plane(data, mask):
    """An image and its mask as the compiled part takes them; the mask of a masked array counts too."""
    import numpy as np

    of_array = np.ma.getmask(data)
    if of_array is not np.ma.nomask:
        mask = of_array if mask is None else of_array | np.asarray(mask, dtype=bool)
    image = np.ascontiguousarray(np.ma.getdata(data), dtype=np.float32)
    if image.ndim != 2:
        raise ValueError(f"an image has two axes, but this array has {image.ndim}")
    return image, None if mask is None else np.ascontiguousarray(mask, dtype=bool)


def _star_list(image, options):
    """Positions, brightness, whether they are exact, and the standard deviation of either coordinate: 0 where it is not known."""
    import numpy as np

    positions = np.asarray(image) if not isinstance(image, np.ma.MaskedArray) else image
    if positions.ndim == 2 and positions.shape[1] == 2:
        count = len(positions)
        return [(float(x), float(y), float(count - at), True, 0.0) for at, (x, y) in enumerate(positions)]
    found = field_stars(image, **options)
    columns = (found["x"], found["y"], found["flux"], ~found["saturated"], found["sigma"])
    return list(zip(*(column.tolist() for column in columns)))
