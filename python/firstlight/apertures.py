"""Apertures: shapes that light is summed in, with photutils' names, parameters and conventions.

Positions are ``(x, y)``, 0-based, and an integer is a pixel's centre. ``theta`` is in radians (or a quantity),
counter-clockwise from the x axis; of apertures on the sky it is a position angle, from north through east.
"""

from __future__ import annotations

import json
import math

from . import _native
from .masks import ApertureMask, BoundingBox


def number(value, unit):
    """A plain number; quantities are converted to the unit."""
    return float(value.to_value(unit)) if hasattr(value, "to_value") else float(value)


class Aperture:
    """What all apertures have: positions, and a shape that is the same at all of them."""

    _kind = ""
    _shape = ()
    _unit = "pix"

    def _set(self, positions, *values):
        self.positions = self._checked_positions(positions)
        for name, value in zip(self._shape, values):
            if value is not None:
                setattr(self, name, number(value, "rad" if name == "theta" else self._unit))
        if "b_in" in self._shape and values[self._shape.index("b_in")] is None:
            self.b_in = self.b_out * self.a_in / self.a_out
        if "h_in" in self._shape and values[self._shape.index("h_in")] is None:
            self.h_in = self.w_in * self.h_out / self.w_out
        _native.aperture_area(self._json())

    @staticmethod
    def _checked_positions(positions):
        import numpy as np

        if hasattr(positions, "unit"):
            raise TypeError("'positions' must not be a Quantity")
        if isinstance(positions, zip):
            positions = tuple(positions)
        positions = np.array(positions, dtype=np.float64)
        if positions.ndim not in (1, 2) or positions.shape[-1] != 2:
            raise ValueError("'positions' must be an (x, y) pair or a sequence of such pairs")
        if not np.all(np.isfinite(positions)):
            raise ValueError("'positions' must not contain any non-finite (e.g., NaN or inf) positions")
        return positions

    def _json(self):
        return json.dumps({self._kind: {name: getattr(self, name) for name in self._shape}})

    def _pairs(self):
        """Positions as two contiguous arrays."""
        import numpy as np

        pairs = np.atleast_2d(self.positions)
        return np.ascontiguousarray(pairs[:, 0]), np.ascontiguousarray(pairs[:, 1])

    @property
    def isscalar(self):
        """Whether there is one position, not a sequence of them."""
        return self.positions.ndim == 1

    @property
    def shape(self):
        """``()`` for one position, else how many there are."""
        return self.positions.shape[:-1]

    @property
    def area(self):
        """The geometric area; see :meth:`PixelAperture.area_overlap` for what of it is on an image."""
        return _native.aperture_area(self._json())

    def __len__(self):
        if self.isscalar:
            raise TypeError(f"a scalar {type(self).__name__} has no length")
        return len(self.positions)

    def __getitem__(self, index):
        if self.isscalar:
            raise TypeError(f"a scalar {type(self).__name__} cannot be indexed")
        return type(self)(self.positions[index], **{name: getattr(self, name) for name in self._shape})

    def __iter__(self):
        return (self[index] for index in range(len(self)))

    def __repr__(self):
        values = "".join(f", {name}={getattr(self, name)}" for name in self._shape)
        return f"<{type(self).__name__}({self.positions.tolist()}{values})>"

    def __eq__(self, other):
        import numpy as np

        if type(other) is not type(self):
            return NotImplemented
        return np.array_equal(self.positions, other.positions) and self._json() == other._json()

    __hash__ = None


class Circle:
    """A circle of radius ``r``."""

    _kind, _shape = "CircularAperture", ("r",)

    def __init__(self, positions, r):
        self._set(positions, r)


class CircleWithHole:
    """Between circles of radii ``r_in`` and ``r_out``."""

    _kind, _shape = "CircularAnnulus", ("r_in", "r_out")

    def __init__(self, positions, r_in, r_out):
        self._set(positions, r_in, r_out)


class Ellipse:
    """An ellipse with semi-axes ``a``, along ``theta``, and ``b``."""

    _kind, _shape = "EllipticalAperture", ("a", "b", "theta")

    def __init__(self, positions, a, b, theta=0.0):
        self._set(positions, a, b, theta)


class EllipseWithHole:
    """Between ellipses; without ``b_in`` the inner one has the shape of the outer."""

    _kind, _shape = "EllipticalAnnulus", ("a_in", "a_out", "b_out", "b_in", "theta")

    def __init__(self, positions, a_in, a_out, b_out, b_in=None, theta=0.0):
        self._set(positions, a_in, a_out, b_out, b_in, theta)


class Rectangle:
    """A rectangle with full width ``w``, along ``theta``, and full height ``h``."""

    _kind, _shape = "RectangularAperture", ("w", "h", "theta")

    def __init__(self, positions, w, h, theta=0.0):
        self._set(positions, w, h, theta)


class RectangleWithHole:
    """Between rectangles; without ``h_in`` the inner one has the shape of the outer."""

    _kind, _shape = "RectangularAnnulus", ("w_in", "w_out", "h_out", "h_in", "theta")

    def __init__(self, positions, w_in, w_out, h_out, h_in=None, theta=0.0):
        self._set(positions, w_in, w_out, h_out, h_in, theta)


class PixelAperture(Aperture):
    """An aperture whose positions and lengths are pixels."""

    def to_mask(self, method="exact", subpixels=5):
        """The weights of all pixels of the bounding box: an :class:`ApertureMask`, or a list of them."""
        masks = []
        for x, y in zip(*self._pairs()):
            weights, bounds = _native.aperture_mask(self._json(), (x, y), method, subpixels)
            masks.append(ApertureMask(weights, BoundingBox(*bounds)))
        return masks[0] if self.isscalar else masks

    @property
    def bbox(self):
        """The smallest box of whole pixels around the aperture, or a list of them."""
        masks = self.to_mask(method="center")
        return masks.bbox if self.isscalar else [mask.bbox for mask in masks]

    def do_photometry(self, data, error=None, mask=None, method="exact", subpixels=5):
        """Sums and their errors, as two arrays; the second is empty without ``error``."""
        import numpy as np

        from .measure import aperture_photometry

        table = aperture_photometry(data, self, error=error, mask=mask, method=method, subpixels=subpixels)
        errors = table["aperture_sum_err"] if error is not None else np.array([])
        return table["aperture_sum"], errors

    def area_overlap(self, data, *, mask=None, method="exact", subpixels=5):
        """The area that is on the image and not masked; NaN where the aperture is off the image."""
        from .measure import aperture_photometry

        table = aperture_photometry(data, self, mask=mask, method=method, subpixels=subpixels, areas=True)
        areas = table["aperture_area"]
        return areas[0] if self.isscalar else areas

    def plot(self, ax=None, origin=(0, 0), **kwargs):
        """Draws the outlines on matplotlib axes, by default the current ones; gives back the patches."""
        from matplotlib import pyplot

        ax = pyplot.gca() if ax is None else ax
        kwargs.setdefault("fill", False)
        patches = []
        for x, y in zip(*self._pairs()):
            patches += self._patches((x - origin[0], y - origin[1]), kwargs)
        for patch in patches:
            ax.add_patch(patch)
        return patches

    def _patches(self, position, kwargs):
        raise NotImplementedError


def _circle(position, r, kwargs):
    from matplotlib import patches

    return patches.Circle(position, r, **kwargs)


def _ellipse(position, a, b, theta, kwargs):
    from matplotlib import patches

    return patches.Ellipse(position, 2 * a, 2 * b, angle=math.degrees(theta), **kwargs)


def _rectangle(position, w, h, theta, kwargs):
    from matplotlib import patches

    corner = (position[0] - w / 2, position[1] - h / 2)
    return patches.Rectangle(corner, w, h, angle=math.degrees(theta), rotation_point="center", **kwargs)


class CircularAperture(Circle, PixelAperture):
    """A circle of radius ``r``."""

    def _patches(self, position, kwargs):
        return [_circle(position, self.r, kwargs)]


class CircularAnnulus(CircleWithHole, PixelAperture):
    """Between circles of radii ``r_in`` and ``r_out``."""

    def _patches(self, position, kwargs):
        return [_circle(position, r, kwargs) for r in (self.r_in, self.r_out)]


class EllipticalAperture(Ellipse, PixelAperture):
    """An ellipse with semi-axes ``a``, along ``theta``, and ``b``."""

    def _patches(self, position, kwargs):
        return [_ellipse(position, self.a, self.b, self.theta, kwargs)]


class EllipticalAnnulus(EllipseWithHole, PixelAperture):
    """Between ellipses; without ``b_in`` the inner one has the shape of the outer."""

    def _patches(self, position, kwargs):
        axes = ((self.a_in, self.b_in), (self.a_out, self.b_out))
        return [_ellipse(position, a, b, self.theta, kwargs) for a, b in axes]


class RectangularAperture(Rectangle, PixelAperture):
    """A rectangle with full width ``w``, along ``theta``, and full height ``h``."""

    def _patches(self, position, kwargs):
        return [_rectangle(position, self.w, self.h, self.theta, kwargs)]


class RectangularAnnulus(RectangleWithHole, PixelAperture):
    """Between rectangles; without ``h_in`` the inner one has the shape of the outer."""

    def _patches(self, position, kwargs):
        sides = ((self.w_in, self.h_in), (self.w_out, self.h_out))
        return [_rectangle(position, w, h, self.theta, kwargs) for w, h in sides]
