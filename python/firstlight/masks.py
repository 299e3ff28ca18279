"""The weights of an aperture, and the box of pixels they are of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class BoundingBox:
    """Whole pixels: columns ``ixmin`` up to, and without, ``ixmax``; rows likewise."""

    ixmin: int
    ixmax: int
    iymin: int
    iymax: int

    @property
    def shape(self):
        """``(ny, nx)``."""
        return self.iymax - self.iymin, self.ixmax - self.ixmin

    @property
    def center(self):
        """``(y, x)`` of the middle."""
        return 0.5 * (self.iymax - 1 + self.iymin), 0.5 * (self.ixmax - 1 + self.ixmin)

    @property
    def extent(self):
        """``(xmin, xmax, ymin, ymax)`` of the outer edges of the pixels, as matplotlib has it."""
        return self.ixmin - 0.5, self.ixmax - 0.5, self.iymin - 0.5, self.iymax - 0.5

    def get_overlap_slices(self, shape):
        """Slices of an image of this shape, and of the box, where they overlap; ``(None, None)`` where nowhere."""
        ny, nx = shape
        bottom, top = max(self.iymin, 0), min(self.iymax, ny)
        left, right = max(self.ixmin, 0), min(self.ixmax, nx)
        if bottom >= top or left >= right:
            return None, None
        image = slice(bottom, top), slice(left, right)
        box = slice(bottom - self.iymin, top - self.iymin), slice(left - self.ixmin, right - self.ixmin)
        return image, box


class ApertureMask:
    """The fraction of each pixel of the bounding box that is in an aperture, whether on an image or not.

    Attributes
    ----------
    data
        Weights from 0 to 1.
    bbox
        The :class:`BoundingBox` they are of.
    """

    def __init__(self, data, bbox):
        self.data = data
        self.bbox = bbox

    def __array__(self, dtype=None, copy=None):
        import numpy as np

        return np.array(self.data, dtype=dtype) if copy or dtype is not None else self.data

    @property
    def shape(self):
        """``(ny, nx)``."""
        return self.data.shape

    def to_image(self, shape, dtype=float):
        """The weights in an image of this shape; ``None`` where they are all outside."""
        import numpy as np

        on_image, in_box = self.bbox.get_overlap_slices(shape)
        if on_image is None:
            return None
        image = np.zeros(shape, dtype=dtype)
        image[on_image] = self.data[in_box]
        return image

    def cutout(self, data, fill_value=0.0, copy=False):
        """What the image holds in the bounding box, ``fill_value`` where that leaves it; ``None`` where all does."""
        import numpy as np

        data = np.asanyarray(data)
        on_image, in_box = self.bbox.get_overlap_slices(data.shape)
        if on_image is None:
            return None
        inside = data[on_image]
        if inside.shape == self.shape:
            return inside.copy() if copy else inside
        kind = data.dtype if np.isfinite(fill_value) else float
        cutout = np.full(self.shape, fill_value, dtype=kind)
        cutout[in_box] = inside
        return cutout

    def multiply(self, data, fill_value=0.0):
        """The cutout times the weights, ``fill_value`` where these are 0; ``None`` where all is outside."""
        import numpy as np

        cutout = self.cutout(data, fill_value)
        if cutout is None:
            return None
        with np.errstate(invalid="ignore"):
            return np.where(self.data == 0, fill_value, cutout * self.data)

    def get_values(self, data, mask=None):
        """Image times weight of the pixels with a weight that are on the image and not masked, one by one."""
        import numpy as np

        data = np.asanyarray(data)
        on_image, in_box = self.bbox.get_overlap_slices(data.shape)
        if on_image is None:
            return np.array([])
        weights = self.data[in_box]
        counts = weights > 0
        if mask is not None:
            counts &= ~np.asarray(mask, dtype=bool)[on_image]
        return data[on_image][counts] * weights[counts]
