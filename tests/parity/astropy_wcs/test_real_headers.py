"""Every header of the real data that has celestial coordinates, its alternate descriptions included.

Compared with ``astropy.wcs`` at pixels all over the image and beyond its edges: ``all_pix2world`` to 1e-9 degree,
``all_world2pix``, ``pix2foc`` and ``det2im`` to 1e-6 pixel. Headers without celestial coordinates are an
error that says so.
"""

import logging
import os
import pathlib
import string

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS as Peer
from astropy.wcs import InvalidTransformError

firstlight = pytest.importorskip("firstlight")

SKY_DEG = 1e-9
PIXEL = 1e-6
CELESTIAL = {"RA", "DEC", "GLON", "GLAT", "ELON", "ELAT"}

# astropy logs a page wherever SIP goes without its suffix.
logging.getLogger("astropy").setLevel(logging.ERROR)
pytestmark = pytest.mark.filterwarnings("ignore")


def files():
    """FITS files of the real data, as paths relative to its folder."""
    root = pathlib.Path(os.environ.get("FIRSTLIGHT_DATA", "/nowhere"))
    found = [p for p in root.rglob("*") if p.suffix.lower() in (".fits", ".gz") and p.is_file()]
    return sorted(str(p.relative_to(root)) for p in found) or [None]


def axis_name(ctype):
    return str(ctype)[:4].rstrip("-")


def descriptions(hdus):
    """Number, alternate letter and header of every description in a file."""
    for number, hdu in enumerate(hdus):
        if isinstance(hdu, fits.BinTableHDU) and not isinstance(hdu, fits.CompImageHDU):
            continue
        for key in " " + string.ascii_uppercase:
            if f"CTYPE1{key}".strip() in hdu.header:
                yield number, key, hdu.header


def is_celestial(header, key):
    return all(axis_name(header.get(f"CTYPE{axis}{key}".strip(), "")) in CELESTIAL for axis in (1, 2))


def points(header, key):
    """Pixels over the image and around it, 0-based. Headers without pixels give a size by their CRPIX."""
    size = []
    for axis in (1, 2):
        n = header.get(f"NAXIS{axis}") or header.get(f"NPIX{axis}")
        if not n or n < 2:
            n = 2 * abs(header.get(f"CRPIX{axis}{key}".strip(), 512)) + 1
        size.append(float(n))
    grid = np.meshgrid(np.linspace(-20.3, size[0] + 20, 37), np.linspace(-20.7, size[1] + 20, 31))
    corners = [[0, 0, size[0] - 1, size[0] - 1], [0, size[1] - 1, 0, size[1] - 1]]
    return [np.concatenate([g.ravel(), c]) for g, c in zip(grid, corners)]


def differences(ours, peer, x, y):
    """Largest differences: on the sky in degrees, and in pixels of the three others."""
    ra, dec = ours.pixel_to_sky(x, y)
    ra0, dec0 = peer.all_pix2world(x, y, 0)
    if peer.wcs.lng == 1:
        ra0, dec0 = dec0, ra0
    turned = (ra - ra0 + 180) % 360 - 180
    sky = max(np.max(np.abs(turned * np.cos(np.radians(dec0)))), np.max(np.abs(dec - dec0)))

    first, second = (dec0, ra0) if peer.wcs.lng == 1 else (ra0, dec0)
    back0 = peer.all_world2pix(first, second, 0, tolerance=1e-9, maxiter=60)
    found = {"sky": sky, "back": distance(ours.sky_to_pixel(ra0, dec0), back0)}
    found["foc"] = distance(ours.pix2foc(x, y), peer.pix2foc(x, y, 0))
    found["det2im"] = distance(ours.det2im(x, y), peer.det2im(x, y, 0))
    return found


def distance(a, b):
    return max(np.max(np.abs(a[0] - b[0])), np.max(np.abs(a[1] - b[1])))


@pytest.mark.parametrize("name", files())
def test_file(name, data):
    checked = 0
    with fits.open(data / name) as hdus:
        for number, key, header in descriptions(hdus):
            if not is_celestial(header, key):
                with pytest.raises(firstlight.FirstlightError, match="CTYPE"):
                    firstlight.WCS(data / name, number, key)
                continue
            try:
                peer = Peer(header, hdus, key=key)
            except InvalidTransformError:
                # Peak-up images of STIS spectra: celestial axes in units of wavelength.
                with pytest.raises(firstlight.UnsupportedError, match="CUNIT"):
                    firstlight.WCS(data / name, number, key)
                continue
            ours = firstlight.WCS(data / name, number, key)
            found = differences(ours, peer, *points(header, key))
            assert found["sky"] <= SKY_DEG, (number, key, found)
            for what in ("back", "foc", "det2im"):
                assert found[what] <= PIXEL, (number, key, found)
            checked += 1
    print(f"{name}: {checked} descriptions")


def test_the_data_hold_every_kind_of_distortion(data):
    """What the comparison above rests on: if these headers go, it no longer means much."""
    name = data / "hst/acs_headers/sample_flc_header.fits"
    wcs = firstlight.WCS(name, ("SCI", 2))
    assert wcs.has_distortion and not wcs.linear().has_distortion
    x, y = wcs.det2im(1234.0, 567.0)
    assert 1e-4 < abs(x - 1234.0) < 0.1 and 1e-4 < abs(y - 567.0) < 0.1
    with pytest.raises(firstlight.InputError, match="CPDIS1"):
        firstlight.WCS.from_header(fits.getheader(name, ("SCI", 2)))


def test_a_header_without_coordinates_is_named(data):
    name = data / "hst/acs_hrc/j8bt06nyq_flt.fits"
    with pytest.raises(firstlight.InputError, match=r"j8bt06nyq_flt.fits\[PRIMARY\].*CTYPE1 is missing"):
        firstlight.WCS(name, 0)
