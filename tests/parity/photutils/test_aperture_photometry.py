"""Aperture sums, errors and weights against photutils.

Exact sums of circles, ellipses and their annuli, and all other methods: 1e-10 relative. Weights of the methods
``center`` and ``subpixel``: equal. Exact rectangles are compared with photutils' own substitute, 32 × 32 subpixels,
by the method ``subpixel``; see docs/parity/differences.md.
"""

import warnings

import firstlight
import numpy as np
import photutils.aperture
import pytest
from astropy.io import fits

RTOL = 1e-10

SHAPES = {
    "CircularAperture": dict(r=7.3),
    "CircularAnnulus": dict(r_in=4.1, r_out=9.6),
    "EllipticalAperture": dict(a=12.0, b=4.5, theta=0.7),
    "EllipticalAnnulus": dict(a_in=5.0, a_out=12.0, b_out=7.0, theta=-1.2),
    "RectangularAperture": dict(w=11.0, h=6.5, theta=2.1),
    "RectangularAnnulus": dict(w_in=4.0, w_out=13.0, h_out=8.0, h_in=3.0, theta=0.4),
}
METHODS = [("exact", 5), ("center", 5), ("subpixel", 1), ("subpixel", 5), ("subpixel", 8)]


def pair(kind, positions, **shape):
    """The same aperture from both."""
    return getattr(firstlight, kind)(positions, **shape), getattr(photutils.aperture, kind)(positions, **shape)


def both(data, kind, positions, shape, **options):
    """Both tables; our exact rectangles as photutils approximates them."""
    ours, theirs = pair(kind, positions, **shape)
    mine = dict(options)
    if kind.startswith("Rect") and options.get("method", "exact") == "exact":
        mine |= dict(method="subpixel", subpixels=32)
    return (
        firstlight.aperture_photometry(data, ours, **mine),
        photutils.aperture.aperture_photometry(data, theirs, **options),
    )


def check(ours, theirs):
    for name in theirs.colnames:
        if name == "sky_center":
            np.testing.assert_allclose(ours["sky_center.ra"], theirs[name].ra.deg, rtol=0, atol=1e-9)
            np.testing.assert_allclose(ours["sky_center.dec"], theirs[name].dec.deg, rtol=0, atol=1e-9)
            continue
        np.testing.assert_allclose(ours[name], np.asarray(theirs[name]), rtol=RTOL, err_msg=name)


def random_positions(rng, shape, count):
    """Inside, over the edges, and outside."""
    return rng.uniform(-20, np.array(shape[::-1]) + 20, (count, 2))


@pytest.mark.parametrize("method, subpixels", METHODS)
@pytest.mark.parametrize("kind", SHAPES)
def test_random_images(kind, method, subpixels):
    rng = np.random.default_rng(7)
    data = rng.normal(100, 10, (90, 110))
    error = rng.uniform(1, 5, data.shape)
    mask = rng.random(data.shape) < 0.05
    positions = random_positions(rng, data.shape, 200)
    options = dict(error=error, mask=mask, method=method, subpixels=subpixels)
    ours, theirs = both(data, kind, positions, SHAPES[kind], **options)
    assert np.isnan(theirs["aperture_sum"]).any() and np.isfinite(theirs["aperture_sum"]).any()
    assert ours.colnames == theirs.colnames
    check(ours, theirs)


@pytest.mark.parametrize("seed", range(40))
def test_random_shapes(seed):
    """Sizes from a fraction of a pixel to larger than the image, any orientation."""
    rng = np.random.default_rng(seed)
    data = rng.normal(1, 1, (40, 50)) + 3
    positions = random_positions(rng, data.shape, 20)
    small, large = np.sort(10 ** rng.uniform(-1, 2, (2, 2)), axis=0)
    theta = rng.uniform(-7, 7)
    shapes = {
        "CircularAperture": dict(r=large[0]),
        "CircularAnnulus": dict(r_in=small[0], r_out=large[0]),
        "EllipticalAperture": dict(a=large[0], b=large[1], theta=theta),
        "EllipticalAnnulus": dict(a_in=small[0], a_out=large[0], b_in=small[1], b_out=large[1], theta=theta),
        "RectangularAperture": dict(w=large[0], h=large[1], theta=theta),
    }
    for kind, shape in shapes.items():
        for method in ("exact", "center", "subpixel"):
            ours, theirs = both(data, kind, positions, shape, method=method)
            # Subpixel centres that fall on the border to the last bit may go either way.
            np.testing.assert_allclose(
                ours["aperture_sum"], theirs["aperture_sum"], rtol=RTOL, atol=1e-10, err_msg=f"{kind} {shape} {method}"
            )


@pytest.mark.parametrize("kind", SHAPES)
@pytest.mark.parametrize("method, subpixels", METHODS[1:])
def test_weights_of_sampling_are_equal(kind, method, subpixels):
    """Also where, as often for whole and half positions and lengths, samples fall on the border."""
    rng = np.random.default_rng(3)
    aligned = [(x, y) for x in (5.0, 5.5, 5.25) for y in (7.0, 7.5)]
    positions = np.concatenate([rng.uniform(-5, 5, (50, 2)), aligned])
    halves = {name: value if name == "theta" else round(2 * value) / 2 for name, value in SHAPES[kind].items()}
    upright = {name: 0.0 if name == "theta" else value for name, value in halves.items()}
    for shape in (SHAPES[kind], halves, upright):
        ours, theirs = pair(kind, positions, **shape)
        for mine, peers in zip(ours.to_mask(method, subpixels), theirs.to_mask(method=method, subpixels=subpixels)):
            bbox = peers.bbox
            assert (mine.bbox.ixmin, mine.bbox.ixmax, mine.bbox.iymin, mine.bbox.iymax) == (
                bbox.ixmin,
                bbox.ixmax,
                bbox.iymin,
                bbox.iymax,
            )
            np.testing.assert_array_equal(mine.data, peers.data)


@pytest.mark.parametrize("kind", [kind for kind in SHAPES if not kind.startswith("Rect")])
def test_exact_weights(kind):
    ours, theirs = pair(kind, np.random.default_rng(5).uniform(-5, 5, (50, 2)), **SHAPES[kind])
    for mine, peers in zip(ours.to_mask(), theirs.to_mask()):
        np.testing.assert_allclose(mine.data, peers.data, rtol=0, atol=1e-12)
    assert ours.area == pytest.approx(theirs.area, rel=1e-15)


def test_exact_rectangles_are_what_ever_finer_sampling_comes_to():
    data = np.random.default_rng(11).normal(10, 1, (40, 40))
    ours, theirs = pair("RectangularAperture", (19.3, 20.7), w=11.3, h=5.2, theta=0.6)
    exact = firstlight.aperture_photometry(data, ours)["aperture_sum"][0]
    sampled = [
        abs(photutils.aperture.aperture_photometry(data, theirs, method="subpixel", subpixels=n)["aperture_sum"][0] / exact - 1)
        for n in (32, 500)
    ]
    assert sampled[0] < 1e-3 and sampled[1] < 2e-5


def test_nan_and_infinities():
    rng = np.random.default_rng(2)
    data = rng.normal(10, 1, (60, 60))
    data[rng.random(data.shape) < 0.002] = np.nan
    data[rng.random(data.shape) < 0.001] = np.inf
    positions = rng.uniform(0, 60, (100, 2))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for mask in (None, ~np.isfinite(data)):
            ours, theirs = both(data, "EllipticalAperture", positions, dict(a=5, b=3, theta=1.0), mask=mask)
            check(ours, theirs)


def test_several_apertures():
    data = np.random.default_rng(4).normal(10, 1, (60, 60))
    positions = [(20.2, 30.1), (5, 5)]
    kinds = ["CircularAperture", "EllipticalAperture", "CircularAnnulus"]
    ours, theirs = zip(*(pair(kind, positions, **SHAPES[kind]) for kind in kinds))
    mine = firstlight.aperture_photometry(data, list(ours), error=data)
    peers = photutils.aperture.aperture_photometry(data, list(theirs), error=data)
    assert mine.colnames == peers.colnames
    check(mine, peers)


@pytest.mark.parametrize("method", ["exact", "center", "subpixel"])
def test_a_real_hrc_frame(data, method):
    with fits.open(data / "hst/acs_hrc/j8bt06nyq_flt.fits") as hdus:
        sci, err, dq = (hdus[name].data for name in ("SCI", "ERR", "DQ"))
        positions = random_positions(np.random.default_rng(8), sci.shape, 500)
        for kind, shape in SHAPES.items():
            options = dict(error=err.astype(float), mask=dq != 0, method=method)
            check(*both(sci.astype(float), kind, positions, shape, **options))
            # As the file has it: big-endian floats. photutils squares float32 errors in float32.
            ours, theirs = both(sci, kind, positions, shape, error=err, method=method)
            np.testing.assert_allclose(ours["aperture_sum"], theirs["aperture_sum"], rtol=RTOL)
            np.testing.assert_allclose(ours["aperture_sum_err"], theirs["aperture_sum_err"], rtol=1e-7)


def test_a_real_sbc_dark(data):
    path = data / "hst/acs_sbc/jcrx01iyq_raw.fits"
    with fits.open(path) as hdus:
        dark = hdus[1].data
    positions = [(735, 710), (200, 200)]
    ours, theirs = both(dark, "EllipticalAperture", positions, dict(a=70, b=40, theta=0.5 * np.pi))
    check(ours, theirs)
    from_file = firstlight.aperture_photometry(path, pair("EllipticalAperture", positions, a=70, b=40, theta=0.5 * np.pi)[0])
    np.testing.assert_array_equal(from_file["aperture_sum"], ours["aperture_sum"])


def check_on_sky(ours_wcs, peer, x, y, scale):
    """One position, since photutils takes the shape of the first for all."""
    import astropy.units as u

    sky = peer.pixel_to_world(x, y)
    for kind, shape in SHAPES.items():
        angular = {name: value * (u.rad if name == "theta" else scale * u.arcsec) for name, value in shape.items()}
        ours = getattr(firstlight, f"Sky{kind}")(sky, **angular).to_pixel(ours_wcs)
        theirs = getattr(photutils.aperture, f"Sky{kind}")(sky, **angular).to_pixel(peer)
        np.testing.assert_allclose(ours.positions, theirs.positions, atol=1e-6)
        for name in shape:
            mine, peers = getattr(ours, name), getattr(theirs, name)
            if name == "theta":
                turn = np.remainder(mine - peers.to_value(u.rad) + np.pi, 2 * np.pi) - np.pi
                assert abs(turn) < 1e-5, kind
            else:
                assert mine == pytest.approx(peers, rel=1e-5), (kind, name)


@pytest.mark.parametrize("x, y", [(300.25, 611.5), (20.0, 1000.0)])
def test_apertures_on_a_real_distorted_sky(data, x, y):
    from astropy.wcs import WCS

    path = data / "hst/acs_hrc/j8bt06nyq_sip_flt.fits"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        peer = WCS(fits.getheader(path, 1))
    check_on_sky(firstlight.WCS(path, 1), peer, x, y, 0.026)


@pytest.mark.parametrize("turn", [0.0, 43.0, 170.0])
def test_apertures_on_a_drizzled_sky(turn):
    from astropy.wcs import WCS

    peer = WCS(naxis=2)
    peer.wcs.ctype = "RA---TAN", "DEC--TAN"
    peer.wcs.crpix, peer.wcs.crval = (500, 400), (165.55, 38.04)
    cos, sin = np.cos(np.radians(turn)) * 0.025 / 3600, np.sin(np.radians(turn)) * 0.025 / 3600
    peer.wcs.cd = [[-cos, -sin], [-sin, cos]]
    peer.wcs.set()
    check_on_sky(firstlight.WCS.from_header(peer.to_header()), peer, 700.3, 150.8, 0.025)


def test_sky_positions_of_pixels():
    from astropy.wcs import WCS

    peer = WCS(naxis=2)
    peer.wcs.ctype = "RA---TAN", "DEC--TAN"
    peer.wcs.crpix, peer.wcs.crval, peer.wcs.cdelt = (50, 40), (165.55, 38.04), (-1e-5, 1e-5)
    data = np.ones((80, 100))
    ours, theirs = pair("CircularAperture", [(20.2, 30.1), (5, 5)], r=3)
    expected = photutils.aperture.aperture_photometry(data, theirs, wcs=peer)
    for wcs in (peer, firstlight.WCS.from_header(peer.to_header())):
        check(firstlight.aperture_photometry(data, ours, wcs=wcs), expected)
