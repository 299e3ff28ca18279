"""World coordinates: between pixels and the sky, and between the pixels of two images.

Pixels are 0-based and an integer is a pixel's centre; angles are degrees. Coordinates are numbers or arrays
of one shape, and come back in that shape.
"""

from __future__ import annotations

import json
import os

from . import _native


def _extension(ext):
    if ext is None:
        return None
    if isinstance(ext, tuple):
        return ",".join(map(str, ext))
    return str(ext)


def _apply(function, first, second, *more):
    """Calls with contiguous one-dimensional arrays of doubles, and gives back the shape that came in."""
    import numpy as np

    first, second = np.broadcast_arrays(np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64))
    shape = first.shape
    a, b = function(
        np.ascontiguousarray(first).reshape(-1), np.ascontiguousarray(second).reshape(-1), *more
    )
    if shape == ():
        return float(a[0]), float(b[0])
    return a.reshape(shape), b.reshape(shape)


class WCS:
    """The world coordinate system of one image of a FITS file, with SIP, NPOL and D2IM distortions.

    ``ext`` is a number, a name, ``"SCI,2"`` or ``("SCI", 2)``; without it the first HDU with a celestial
    system is taken. ``key`` is the letter of an alternate description.
    """

    def __init__(self, path, ext=None, key=None):
        key = None if key in (None, "", " ") else key
        self._native = _native.Wcs(os.fspath(path), _extension(ext), key)

    @classmethod
    def _of(cls, native):
        new = cls.__new__(cls)
        new._native = native
        return new

    @classmethod
    def from_header(cls, header, key=None):
        """From a header alone: an ``astropy.io.fits.Header``, or its text. It may not refer to tables."""
        text = header if isinstance(header, str) else header.tostring()
        return cls._of(_native.Wcs.from_header(text, None if key in (None, "", " ") else key))

    def pixel_to_sky(self, x, y):
        """Right ascension and declination of pixels, all distortions applied."""
        return _apply(self._native.pixel_to_sky, x, y)

    def sky_to_pixel(self, ra, dec, *, quiet=False):
        """Pixels of sky positions, all distortions undone.

        NaN where the projection does not reach. Where the iteration finds no pixel, far outside a
        distorted image, it raises; with ``quiet`` such positions are NaN too.
        """
        return _apply(self._native.sky_to_pixel, ra, dec, quiet)

    def pix2foc(self, x, y):
        """Positions in the undistorted pixel grid: distortions alone."""
        return _apply(self._native.pix2foc, x, y)

    def det2im(self, x, y):
        """Positions after the detector-to-image correction alone."""
        return _apply(self._native.det2im, x, y)

    def linear(self):
        """The same system without distortions."""
        return self._of(self._native.linear())

    def footprint(self):
        """Sky positions of the four corner pixels' centres, as a 4×2 array, from the first pixel upwards."""
        import numpy as np

        return np.array(self._native.footprint())

    def cards(self):
        """Header keywords and values of the system without distortions."""
        return self._native.cards()

    @property
    def shape(self):
        """``(ny, nx)`` of the image, or ``None``."""
        return self._native.shape

    @property
    def name(self):
        """WCSNAME, or ``None``."""
        return self._native.name

    @property
    def crval(self):
        """Right ascension and declination of the reference point, degrees."""
        return self._native.crval

    @property
    def reference_pixel(self):
        """The 0-based reference pixel: CRPIX − 1."""
        return self._native.reference_pixel

    @property
    def cd(self):
        """The CD matrix, degrees per pixel, as a 2×2 array; its first row is right ascension's."""
        import numpy as np

        return np.array(self._native.cd)

    @property
    def pixel_scale(self):
        """Size of a pixel along the first axis, arcsec."""
        return self._native.pixel_scale

    @property
    def natural_scale(self):
        """Size of an undistorted pixel, arcsec: what the scale ratio of drizzling refers to."""
        return self._native.natural_scale

    @property
    def orientation(self):
        """Position angle of the second axis, degrees east of north."""
        return self._native.orientation

    @property
    def has_distortion(self):
        """Whether there is any distortion."""
        return self._native.has_distortion

    def __repr__(self):
        ra, dec = self.crval
        return f"<firstlight.WCS at ({ra:.6f}, {dec:.6f}), {self.pixel_scale:.4f} arcsec, shape {self.shape}>"


class PixelMap:
    """Where the pixels of ``input`` fall on the undistorted grid of ``output``.

    Interpolated so that it is nowhere further than ``tolerance`` pixels from the exact map; 0 asks for
    the exact one. With ``step``, AstroDrizzle's own approximation with that step is computed instead.
    """

    def __init__(self, input, output, tolerance=1e-4, *, step=None):
        self._native = _native.Map(input._native, output._native, tolerance, step)

    def row(self, y, x0=0.0, n=None):
        """Output positions of the points ``(x0 + i, y)``, to the end of the row or ``n`` of them."""
        return self._native.row(y, x0, self.shape[1] if n is None else n)

    def array(self):
        """The whole map, of shape ``(ny, nx, 2)``: ``x`` and ``y`` on the output of every pixel."""
        import numpy as np

        ny, nx = self.shape
        pixmap = np.empty((ny, nx, 2))
        for y in range(ny):
            pixmap[y, :, 0], pixmap[y, :, 1] = self._native.row(y, 0.0, nx)
        return pixmap

    @property
    def shape(self):
        """``(ny, nx)`` of the input."""
        return self._native.shape

    @property
    def is_exact(self):
        """Whether every point is computed on its own."""
        return self._native.is_exact


def common_grid(inputs, **parameters):
    """The grid that images are combined on: AstroDrizzle's, by its own parameters.

    ``inputs`` is one ``WCS`` for each chip of each exposure. Parameters are ``final_wcs``,
    ``final_refimage``, ``final_rot``, ``final_scale``, ``final_outnx``, ``final_outny``, ``final_ra``,
    ``final_dec``, ``final_crpix1`` and ``final_crpix2``; ``None`` leaves one out.
    """
    given = {name: value for name, value in parameters.items() if value is not None}
    if "final_refimage" in given:
        given["final_refimage"] = os.fspath(given["final_refimage"])
    return WCS._of(_native.common_grid([wcs._native for wcs in inputs], json.dumps(given)))
