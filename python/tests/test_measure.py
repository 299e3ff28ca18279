"""Apertures and photometry from Python: what goes in, what comes out, and what is refused."""

import math

import numpy as np
import pytest
from astropy.io import fits

import firstlight
from firstlight import (
    CircularAnnulus,
    CircularAperture,
    EllipticalAnnulus,
    EllipticalAperture,
    LocalBackground,
    RectangularAnnulus,
    RectangularAperture,
    SkyCircularAperture,
    SkyEllipticalAperture,
    aperture_photometry,
)


@pytest.fixture
def image():
    return np.random.default_rng(1).normal(10, 2, (60, 80))


@pytest.fixture
def path(image, tmp_path):
    header = fits.Header({"CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "CRPIX1": 40.0, "CRPIX2": 30.0, "CRVAL1": 10.0})
    header.update({"CRVAL2": -30.0, "CD1_1": -1e-5, "CD1_2": 0.0, "CD2_1": 0.0, "CD2_2": 1e-5, "BUNIT": "ELECTRONS"})
    dq = np.zeros(image.shape, np.int16)
    dq[30, 40] = 4
    sci = fits.ImageHDU(image, header, name="SCI")
    err = fits.ImageHDU(np.full(image.shape, 2.0), name="ERR")
    fits.HDUList([fits.PrimaryHDU(), sci, err, fits.ImageHDU(dq, name="DQ")]).writeto(tmp_path / "image.fits")
    return tmp_path / "image.fits"


def test_the_notebooks_cell():
    image = np.ones((1373, 1417), dtype=np.float32)
    aper = EllipticalAperture([(735, 710), (200, 200)], a=70, b=40, theta=0.5 * np.pi)
    phot = aperture_photometry(image, aper)
    difference = phot["aperture_sum"] - aperture_photometry(2 * image, aper)["aperture_sum"]
    np.testing.assert_allclose(difference, -math.pi * 70 * 40, rtol=1e-12)
    assert phot.colnames == ["id", "x_center", "y_center", "aperture_sum"]
    assert list(phot["id"]) == [1, 2]
    assert list(phot["xcenter"]) == [735, 200]


@pytest.mark.parametrize("kind", [">f8", "<f4", ">f4", ">i2", "u2", "i4", "u1", "?", "f2"])
def test_any_numbers_in_any_order(image, kind):
    data = image.astype(kind)
    aperture = CircularAperture((30.2, 20.9), 7.7)
    expected = aperture_photometry(data.astype(float), aperture)["aperture_sum"]
    for given in (data, np.asfortranarray(data), np.repeat(data, 2, axis=1)[:, ::2], data[::-1][::-1]):
        np.testing.assert_allclose(aperture_photometry(given, aperture)["aperture_sum"], expected, rtol=1e-12)
    assert aperture_photometry(data.astype(float).tolist(), aperture)["aperture_sum"] == expected


def test_inputs_are_not_changed(image):
    before = image.copy()
    image.flags.writeable = False
    aperture_photometry(image, CircularAperture((30, 20), 5), error=image, mask=image > 12)
    np.testing.assert_array_equal(image, before)


def test_errors_masks_and_lists(image):
    mask = image > 12
    apertures = [CircularAperture((30, 20), 5), EllipticalAperture((30, 20), 8, 3, 0.3)]
    phot = aperture_photometry(image, apertures, error=np.full(image.shape, 2.0), mask=mask, areas=True)
    assert phot.colnames[3:6] == ["aperture_sum_0", "aperture_sum_err_0", "aperture_area_0"]
    np.testing.assert_allclose(phot["aperture_sum_err_1"], 2 * np.sqrt(phot["aperture_area_1"]), rtol=1e-12)
    assert phot["aperture_area_0"][0] < 25 * math.pi
    masked = np.ma.MaskedArray(image, mask)
    again = aperture_photometry(masked, apertures)
    assert again["aperture_sum_0"] == phot["aperture_sum_0"]


def test_off_the_edge_and_nan(image):
    image[5, 5] = np.nan
    sums = aperture_photometry(image, CircularAperture([(0, 30), (-50, 0), (5, 5)], 3))["aperture_sum"]
    assert np.isfinite(sums[0]) and np.isnan(sums[1:]).all()
    assert np.isfinite(aperture_photometry(image, CircularAperture((5, 5), 3), mask=np.isnan(image))["aperture_sum"])


def test_the_background_is_taken_off(image):
    image[30, 40] += 500
    phot = aperture_photometry(image, CircularAperture((40, 30), 4), local_background=(8, 14))
    assert abs(phot["aperture_sum_bkgsub"][0] - 500) < 5 * phot["aperture_sum_bkgsub_err"][0] < 120
    mean = LocalBackground(EllipticalAnnulus((0, 0), 8, 14, 10), statistic="mean", sigma=2.5, maxiters=3)
    phot = aperture_photometry(image, CircularAperture((40, 30), 4), local_background=mean)
    assert abs(phot["local_background"][0] - 10) < 0.5
    with pytest.raises(ValueError, match="annulus"):
        aperture_photometry(image, CircularAperture((4, 3), 4), local_background=LocalBackground(CircularAperture((0, 0), 3)))


def test_files_are_measured_with_their_planes(path, image):
    aperture = CircularAperture((40, 30), 4)
    phot = aperture_photometry(path, aperture, error="[ERR]", dq_bits="0")
    dq = np.zeros(image.shape, bool)
    dq[30, 40] = True
    np.testing.assert_allclose(phot["aperture_sum"], aperture_photometry(image, aperture, mask=dq)["aperture_sum"])
    assert phot.units["aperture_sum"] == "ELECTRONS"
    np.testing.assert_allclose(phot["sky_center.ra"], firstlight.WCS(path).pixel_to_sky(40, 30)[0])
    with pytest.raises(FileNotFoundError):
        aperture_photometry("no_such_file.fits", aperture)
    with pytest.raises(TypeError, match="files"):
        aperture_photometry(image, aperture, dq_bits="0")


def test_apertures_on_the_sky(path, image):
    from astropy import units as u
    from astropy.coordinates import SkyCoord
    from astropy.wcs import WCS

    wcs = firstlight.WCS(path)
    ra, dec = wcs.pixel_to_sky(33.3, 25.5)
    sky = SkyCoord(ra, dec, unit="deg")
    r = 5 * 0.036
    sums = [
        aperture_photometry(path, SkyCircularAperture((ra, dec), r))["aperture_sum"],
        aperture_photometry(image, SkyCircularAperture(sky, r * u.arcsec), wcs=wcs)["aperture_sum"],
        aperture_photometry(image, SkyCircularAperture(sky, r), wcs=WCS(fits.getheader(path, 1)))["aperture_sum"],
    ]
    expected = aperture_photometry(image, CircularAperture((33.3, 25.5), 5))["aperture_sum"]
    np.testing.assert_allclose(sums, [expected] * 3, rtol=1e-5)
    # North is up: a position angle of 0 is 90 degrees from the x axis.
    ellipse = SkyEllipticalAperture([(ra, dec)], 2 * r, r, 0 * u.deg).to_pixel(wcs)
    assert ellipse.theta == pytest.approx(math.pi / 2, abs=1e-4) and ellipse.a == pytest.approx(10, rel=1e-4)
    with pytest.raises(ValueError, match="world coordinates"):
        aperture_photometry(image, SkyCircularAperture((ra, dec), r))


def test_masks():
    aperture = RectangularAperture([(3.0, 2.5), (100, 100)], 4, 3, theta=0.2)
    masks = aperture.to_mask()
    assert masks[0].data.sum() == pytest.approx(12, rel=1e-12) and aperture.area == 12
    assert masks[0].shape == aperture.bbox[0].shape
    image = np.arange(48.0).reshape(6, 8)
    total = aperture_photometry(image, aperture)["aperture_sum"][0]
    assert masks[0].multiply(image).sum() == pytest.approx(total)
    assert masks[0].get_values(image).sum() == pytest.approx(total)
    assert (masks[0].to_image((6, 8)) * image).sum() == pytest.approx(total)
    assert masks[1].cutout(image) is None and masks[1].to_image((6, 8)) is None
    assert aperture[0].area_overlap(image) <= 12
    assert set(np.unique(CircularAperture((3, 3), 2).to_mask("center"))) == {0.0, 1.0}
    sums, errors = aperture.do_photometry(image, error=image)
    assert sums[0] == total and len(errors) == 2


def test_apertures_are_checked():
    with pytest.raises(ValueError, match="positive"):
        CircularAperture((1, 1), -3)
    with pytest.raises(ValueError, match="r_in"):
        CircularAnnulus((1, 1), 5, 4)
    with pytest.raises(ValueError, match="non-finite"):
        CircularAperture((1, np.nan), 3)
    with pytest.raises(ValueError, match="pair"):
        CircularAperture((1, 2, 3), 3)
    with pytest.raises(ValueError, match="identical positions"):
        aperture_photometry(np.ones((5, 5)), [CircularAperture((1, 1), 1), CircularAperture((1, 2), 1)])
    with pytest.raises(TypeError, match="apertures"):
        aperture_photometry(np.ones((5, 5)), (1, 2))
    for data in (np.ones(5), np.ones((2, 2, 2))):
        with pytest.raises(ValueError, match="2D"):
            aperture_photometry(data, CircularAperture((1, 1), 1))
    with pytest.raises(TypeError, match="real numbers"):
        aperture_photometry(np.ones((3, 3), complex), CircularAperture((1, 1), 1))
    with pytest.raises(firstlight.InputError, match="shape"):
        aperture_photometry(np.ones((3, 3)), CircularAperture((1, 1), 1), error=np.ones((3, 4)))
    with pytest.raises(ValueError, match="method|variant"):
        aperture_photometry(np.ones((3, 3)), CircularAperture((1, 1), 1), method="approximate")
    with pytest.raises(ValueError, match="subpixels"):
        aperture_photometry(np.ones((3, 3)), CircularAperture((1, 1), 1), method="subpixel", subpixels=0)


def test_apertures_as_objects():
    from astropy import units as u

    annulus = RectangularAnnulus([(1, 2), (3, 4)], 2, 4, 3, theta=30 * u.deg)
    assert annulus.h_in == 1.5 and annulus.theta == pytest.approx(math.pi / 6)
    assert len(annulus) == 2 and annulus[1] == RectangularAnnulus((3, 4), 2, 4, 3, theta=math.pi / 6)
    assert [one.isscalar for one in annulus] == [True, True]
    assert "w_in=2.0" in repr(annulus)
    with pytest.raises(TypeError, match="no length"):
        len(annulus[0])


def test_outlines_are_drawn():
    pyplot = pytest.importorskip("matplotlib.pyplot")
    pyplot.switch_backend("agg")
    ax = pyplot.subplots()[1]
    shapes = [
        CircularAperture([(1, 2), (3, 4)], 2),
        CircularAnnulus((1, 2), 1, 2),
        EllipticalAperture((1, 2), 2, 1, 0.4),
        EllipticalAnnulus((1, 2), 1, 2, 1, theta=0.4),
        RectangularAperture((1, 2), 2, 1, 0.4),
        RectangularAnnulus((1, 2), 1, 2, 1, theta=0.4),
    ]
    assert [len(shape.plot(ax, color="red")) for shape in shapes] == [2, 2, 1, 2, 1, 2]
    corners = RectangularAperture((1, 2), 2, 1, math.pi / 2).plot(ax)[0].get_corners()
    np.testing.assert_allclose(corners.mean(axis=0), (1, 2))
