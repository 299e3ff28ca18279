"""World coordinates from Python: shapes, errors, and what goes in coming back out."""

import numpy as np
import pytest
from astropy.io import fits

import firstlight


@pytest.fixture
def header():
    header = fits.Header()
    header.update(
        NAXIS=2,
        NAXIS1=200,
        NAXIS2=100,
        CTYPE1="RA---TAN",
        CTYPE2="DEC--TAN",
        CRPIX1=100.5,
        CRPIX2=50.5,
        CRVAL1=10.0,
        CRVAL2=-30.0,
        CD1_1=-1e-5,
        CD1_2=0.0,
        CD2_1=0.0,
        CD2_2=1e-5,
    )
    return header


@pytest.fixture
def path(header, tmp_path):
    image = fits.ImageHDU(np.zeros((100, 200), np.float32), header, name="SCI")
    fits.HDUList([fits.PrimaryHDU(), image]).writeto(tmp_path / "image.fits")
    return tmp_path / "image.fits"


def test_the_first_celestial_extension_is_taken(path):
    for wcs in [firstlight.WCS(path), firstlight.WCS(str(path), "SCI"), firstlight.WCS(path, ("SCI", 1), " ")]:
        assert wcs.shape == (100, 200)
        assert wcs.crval == (10.0, -30.0)
        assert wcs.reference_pixel == (99.5, 49.5)
        assert not wcs.has_distortion
        assert wcs.name is None
        assert abs(wcs.pixel_scale - 0.036) < 1e-15 and wcs.natural_scale == wcs.pixel_scale
        assert wcs.orientation == 0.0
        assert "(10.000000, -30.000000)" in repr(wcs)


def test_shapes_come_back(path):
    wcs = firstlight.WCS(path)
    ra, dec = wcs.pixel_to_sky(99.5, 49.5)
    assert isinstance(ra, float) and abs(ra - 10.0) < 1e-13 and abs(dec + 30.0) < 1e-13
    x, y = np.meshgrid(np.arange(7), np.arange(5))
    ra, dec = wcs.pixel_to_sky(x, y)
    assert ra.shape == dec.shape == (5, 7)
    back = wcs.sky_to_pixel(ra, dec)
    np.testing.assert_allclose(back, [x, y], atol=1e-8)
    # Integers, other byte orders, strides and broadcasting are converted.
    strided = wcs.pixel_to_sky(x.astype(">f4")[:, ::2], np.arange(5)[:, None])
    np.testing.assert_array_equal(strided[0], ra[:, ::2])
    assert wcs.pixel_to_sky([], [])[0].shape == (0,)


def test_distortions_and_their_absence(path):
    wcs = firstlight.WCS(path)
    assert wcs.pix2foc(3.0, 4.0) == wcs.det2im(3.0, 4.0) == (3.0, 4.0)
    assert wcs.linear().cards() == wcs.cards()
    assert wcs.footprint().shape == (4, 2)
    assert wcs.cd.tolist() == [[-1e-5, 0.0], [0.0, 1e-5]]


def test_from_a_header_and_its_text(header, path):
    expected = firstlight.WCS(path).cards()
    assert firstlight.WCS.from_header(header).cards() == expected
    assert firstlight.WCS.from_header(header.tostring(endcard=False)).cards() == expected


def test_positions_that_are_nowhere(header):
    x, y = firstlight.WCS.from_header(header).sky_to_pixel([190.0, np.nan], [30.0, 0.0])
    assert np.isnan(x).all() and np.isnan(y).all()
    header.update(A_ORDER=2, B_ORDER=2, A_2_0=1e-4, B_0_2=1e-4)
    wcs = firstlight.WCS.from_header(header)
    with pytest.raises(firstlight.InputError, match="1 of 2 sky positions"):
        wcs.sky_to_pixel([10.0, 10.5], [-30.0, -30.0])
    x, _ = wcs.sky_to_pixel([10.0, 10.5], [-30.0, -30.0], quiet=True)
    assert abs(x[0] - 99.5) < 1e-9 and np.isnan(x[1])


def test_errors(header, path, tmp_path):
    with pytest.raises(firstlight.InputError, match=r"image.fits\[PRIMARY\].*CTYPE1 is missing"):
        firstlight.WCS(path, 0)
    with pytest.raises(firstlight.InputError, match="CTYPE1B is missing"):
        firstlight.WCS(path, "SCI", "B")
    with pytest.raises(FileNotFoundError):
        firstlight.WCS(tmp_path / "none.fits")
    header["CTYPE1"], header["CTYPE2"] = "RA---AIT", "DEC--AIT"
    with pytest.raises(firstlight.UnsupportedError, match="CTYPE1 = RA---AIT"):
        firstlight.WCS.from_header(header)


def test_maps_and_grids(path):
    wcs = firstlight.WCS(path)
    grid = firstlight.common_grid([wcs], final_scale=0.018)
    assert abs(grid.pixel_scale - 0.018) < 1e-15
    pixel_map = firstlight.PixelMap(wcs, grid)
    array = pixel_map.array()
    assert array.shape == (100, 200, 2) and pixel_map.shape == (100, 200)
    ra, dec = wcs.pixel_to_sky(12.0, 34.0)
    np.testing.assert_allclose(array[34, 12], grid.sky_to_pixel(ra, dec), atol=1e-4)
    exact = firstlight.PixelMap(wcs, grid, 0)
    assert exact.is_exact
    np.testing.assert_allclose(exact.row(34.0, 12.0, 1), [[array[34, 12, 0]], [array[34, 12, 1]]], atol=1e-4)
    assert firstlight.PixelMap(wcs, grid, step=10).row(0).__len__() == 2
    with pytest.raises(ValueError, match="final_outny"):
        firstlight.common_grid([wcs], final_outnx=10)
    with pytest.raises(ValueError, match="unknown field"):
        firstlight.common_grid([wcs], final_size=3)
    with pytest.raises(ValueError, match="no inputs"):
        firstlight.common_grid([])
