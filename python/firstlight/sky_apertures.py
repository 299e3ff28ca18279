"""Apertures on the sky."""

from __future__ import annotations

import json

from . import _native, apertures


class SkyAperture(apertures.Aperture):
    """An aperture on the sky.

    Positions are a ``SkyCoord``, or (right ascension, declination) in degrees; lengths are in arcsec, or
    quantities; ``theta`` is a position angle, from north through east, in radians.
    """

    _unit = "arcsec"
    _pixel = apertures.PixelAperture

    @staticmethod
    def _checked_positions(positions):
        import numpy as np

        if hasattr(positions, "icrs"):
            sky = positions.icrs
            positions = np.stack([np.asarray(sky.ra.deg), np.asarray(sky.dec.deg)], axis=-1)
        return apertures.Aperture._checked_positions(positions)

    def to_pixel(self, wcs):
        """The pixel aperture at these positions, with the shape that is right at the first of them.

        :func:`firstlight.aperture_photometry` finds the shape anew at every position.
        """
        from .measure import native_wcs

        found = _native.apertures_to_pixels(native_wcs(wcs), *self._pairs(), self._json())
        positions = [(x, y) for x, y, _ in found]
        shape = json.loads(found[0][2])[self._kind]
        return self._pixel(positions[0] if self.isscalar else positions, **shape)


class SkyCircularAperture(apertures.Circle, SkyAperture):
    """A circle of radius ``r``."""

    _pixel = apertures.CircularAperture


class SkyCircularAnnulus(apertures.CircleWithHole, SkyAperture):
    """Between circles of radii ``r_in`` and ``r_out``."""

    _pixel = apertures.CircularAnnulus


class SkyEllipticalAperture(apertures.Ellipse, SkyAperture):
    """An ellipse with semi-axes ``a``, along ``theta``, and ``b``."""

    _pixel = apertures.EllipticalAperture


class SkyEllipticalAnnulus(apertures.EllipseWithHole, SkyAperture):
    """Between ellipses; without ``b_in`` the inner one has the shape of the outer."""

    _pixel = apertures.EllipticalAnnulus


class SkyRectangularAperture(apertures.Rectangle, SkyAperture):
    """A rectangle with full width ``w``, along ``theta``, and full height ``h``."""

    _pixel = apertures.RectangularAperture


class SkyRectangularAnnulus(apertures.RectangleWithHole, SkyAperture):
    """Between rectangles; without ``h_in`` the inner one has the shape of the outer."""

    _pixel = apertures.RectangularAnnulus
