"""Exposures made of the real headers of header-only files, for the tests of grids and maps."""

import itertools

import numpy as np
from astropy.io import fits


def exposure(path, source, versions, shift, turn):
    """A copy of a header-only exposure with pixels, moved by arcsec and turned by degrees."""
    with fits.open(source) as hdus:
        new = fits.HDUList([fits.PrimaryHDU(header=hdus[0].header)])
        new[0].header["PA_V3"] = (new[0].header.get("PA_V3", 0.0) + turn) % 360
        for version, (ny, nx) in versions.items():
            header = hdus["SCI", version].header.copy()
            for keyword in ("NPIX1", "NPIX2", "PIXVALUE"):
                header.pop(keyword, None)
            cos, sin = np.cos(np.radians(turn)), np.sin(np.radians(turn))
            cd = np.array([[header[f"CD{i}_{j}"] for j in (1, 2)] for i in (1, 2)])
            cd = np.array([[cos, sin], [-sin, cos]]) @ cd
            for i, j in itertools.product((0, 1), (0, 1)):
                header[f"CD{i + 1}_{j + 1}"] = cd[i, j]
            header["CRVAL1"] += shift[0] / 3600 / np.cos(np.radians(header["CRVAL2"]))
            header["CRVAL2"] += shift[1] / 3600
            new.append(fits.ImageHDU(np.zeros((ny, nx), np.float32), header, name="SCI", ver=version))
        for name in ("WCSDVARR", "D2IMARR"):
            new.extend(hdu.copy() for hdu in hdus if hdu.name == name)
        new.writeto(path, overwrite=True)
    return str(path)
