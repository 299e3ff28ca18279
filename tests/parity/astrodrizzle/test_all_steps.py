"""All seven steps, by AstroDrizzle 3.11 and by ours: what lies between them, and the products.

In the normal run three exposures of HRC's size with real coordinates (SIP) and made pixels, and the SBC pair; with
``--full`` four ACS/WFC exposures with real distortion files, as ``FIRSTLIGHT_TRUTH/sim_wfc_flt.py`` makes them. There
the positions and fluxes of stars on our product are compared with the truth as well.
"""

import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS
from photutils.aperture import ApertureStats, CircularAnnulus, CircularAperture
from scipy.spatial import cKDTree

firstlight = pytest.importorskip("firstlight")

STEPS = dict.fromkeys(("static", "skysub", "driz_separate", "median", "blot", "driz_cr"), True)


def both(folder, astrodrizzle, names, tag, **options):
    """The roots of our products and of the peer's, with all that lies between the steps beside them."""
    peer = astrodrizzle(folder, names, tag, **STEPS, clean=False, **options)
    work = folder / f"ours_{tag}"
    work.mkdir()
    for name in folder.glob("*.fits"):
        (work / name.name).write_bytes(name.read_bytes())
    files = [work / name for name in names]
    ours = work / tag
    report = firstlight.drizzle(files, ours, stepsize=10, write_dq=True, keep_intermediates=True, **options)
    assert [step["outcome"] for step in report.steps] == ["done"] * 7
    return ours, peer


def same_steps(ours, peer, names, signatures):
    """Static masks, skies, median, cosmic rays and DQ."""
    for signature in signatures:
        a, b = (fits.getdata(place) for place in (f"{ours}_{signature}", peer.parent / f"_{signature}"))
        assert np.array_equal(a == 0, b == 0), "static mask"
    a, b = (fits.getdata(f"{root}_med.fits") for root in (ours, peer))
    assert a.shape == b.shape
    np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6 * np.abs(b).max())
    for name in names:
        with fits.open(ours.parent / name) as a, fits.open(peer.parent / name) as b:
            versions = [hdu.ver for hdu in b if hdu.name == "SCI"]
            for version in versions:
                sky = [hdus["SCI", version].header["MDRIZSKY"] for hdus in (a, b)]
                noise = np.std(np.clip(b["SCI", version].data, sky[1] - 30, sky[1] + 30))
                assert sky[0] == pytest.approx(sky[1], abs=1e-3 * noise / np.sqrt(b["SCI", version].data.size))
                found, expected = ((hdus["DQ", version].data & 4096) != 0 for hdus in (a, b))
                common = np.count_nonzero(found & expected) / max(np.count_nonzero(found | expected), 1)
                assert common >= 0.999, f"{name} [SCI,{version}]: {common:.5f} of the cosmic rays in common"
                assert np.array_equal(a["DQ", version].data & ~4096, b["DQ", version].data & ~4096)


def same_products(ours, peer, sky_noise):
    """SCI and WHT to 1e-4; the median difference is below 1e-6 of the sky's noise."""
    for plane in ("sci", "wht"):
        a, b = (fits.getdata(f"{root}_drz_{plane}.fits") for root in (ours, peer))
        assert a.shape == b.shape
        assert np.array_equal(np.isnan(a), np.isnan(b))
        known = ~np.isnan(b)
        apart = np.abs(a[known].astype(float) - b[known])
        # Where a pixel is flagged by one of them alone, products differ.
        beyond = np.count_nonzero(apart > 1e-4 * np.abs(b[known]) + 1e-4 * sky_noise)
        assert beyond <= 1e-6 * b.size, f"{plane}: {beyond} of {b.size} pixels"
        assert np.median(apart) < 1e-6 * sky_noise or plane == "wht"
    a, b = (fits.getheader(f"{root}_drz_sci.fits") for root in (ours, peer))
    for keyword in ("CRPIX1", "CRPIX2", "CRVAL1", "CRVAL2", "CD1_1", "CD1_2", "CD2_1", "CD2_2"):
        assert a[keyword] == pytest.approx(b[keyword], rel=1e-12, abs=1e-18), keyword
    for keyword in ("EXPTIME", "NDRIZIM", "BUNIT"):
        assert a[keyword] == b[keyword], keyword


@pytest.fixture(scope="module")
def trio(hrc, tmp_path_factory):
    """Three exposures of HRC's size, a dither apart: stars, sky, cosmic rays, bad columns and pixels."""
    folder = tmp_path_factory.mktemp("trio")
    rng = np.random.default_rng(5)
    stars = np.c_[rng.uniform(20, 1000, (150, 2)), 10 ** rng.uniform(2.5, 5, 150)]
    names = []
    y, x = np.indices((1024, 1024))
    with fits.open(hrc / "j8bt06nyq_flt.fits") as source:
        for k, (dx, dy) in enumerate([(0.0, 0.0), (11.3, -6.2), (-7.4, 9.9)]):
            names.append(f"jtrio{k}ntq_flt.fits")
            image = np.full((1024, 1024), 30.0)
            for sx, sy, flux in stars:
                part = np.s_[max(int(sy - dy) - 9, 0) : int(sy - dy) + 10, max(int(sx - dx) - 9, 0) : int(sx - dx) + 10]
                far = (x[part] - sx + dx) ** 2 + (y[part] - sy + dy) ** 2
                image[part] += flux * np.exp(-far / 2.4) / (2.4 * np.pi)
            image = rng.poisson(np.maximum(image, 0)) + rng.normal(0, 4.7, image.shape)
            for cx, cy, e in zip(*rng.integers(0, 1020, (2, 400)), 10 ** rng.uniform(2, 4, 400), strict=True):
                image[cy : cy + 2, cx : cx + 3] += e / 6
            dq = np.zeros((1024, 1024), np.int16)
            dq[:, rng.integers(0, 1024, 3)] = 4
            dq[rng.integers(0, 1024, 500), rng.integers(0, 1024, 500)] = 16
            image[rng.integers(0, 1024, 40), rng.integers(0, 1024, 40)] = -200.0
            header = source["SCI"].header.copy()
            header["CRPIX1"] -= dx
            header["CRPIX2"] -= dy
            header.update(EXPNAME=names[-1][:9], NGOODPIX=1024 * 1024)
            primary = fits.PrimaryHDU(header=source[0].header.copy())
            primary.header.update(ROOTNAME=names[-1][:9], FILENAME=names[-1])
            planes = {"SCI": image.astype("f4"), "ERR": np.sqrt(np.abs(image) + 25).astype("f4"), "DQ": dq}
            hdus = [fits.ImageHDU(plane, header, name=name, ver=1) for name, plane in planes.items()]
            fits.HDUList([primary, *hdus]).writeto(folder / names[-1])
    return folder, names


CHOICES = {
    "defaults": dict(driz_sep_bits="16", final_bits="16"),
    "median": dict(combine_type="median", combine_nhigh=1, blot_interp="linear", driz_cr_snr="4 3", driz_cr_grow=3),
    "sky": dict(skymethod="globalmin", skystat="mean", skyclip=3, final_wcs=True, final_scale=0.03, final_rot=0),
}


@pytest.mark.parametrize("choice", CHOICES)
def test_three_exposures_of_hrc(trio, astrodrizzle, choice):
    folder, names = trio
    ours, peer = both(folder, astrodrizzle, names, choice, **CHOICES[choice])
    same_steps(ours, peer, names, [])
    exptime = fits.getheader(folder / names[0])["EXPTIME"]
    same_products(ours, peer, 7.2 / exptime)


def test_sbc_with_all_steps(sbc, astrodrizzle):
    names = ["jsbc01aaq_flt.fits", "jsbc01abq_flt.fits"]
    ours, peer = both(sbc, astrodrizzle, names, "steps")
    same_steps(ours, peer, names, [])
    same_products(ours, peer, 0.3 / 640)


@pytest.fixture(scope="module")
def wfc(full, data, tmp_path_factory):
    """Four WFC exposures with their true stars."""
    truth = pathlib.Path(os.environ.get("FIRSTLIGHT_TRUTH", "")) / "sim_wfc_flt.py"
    references = data / "hst" / "reffiles" / "stwcs"
    if not (truth.exists() and references.exists()):
        pytest.skip("needs FIRSTLIGHT_TRUTH and the distortion files")
    folder = tmp_path_factory.mktemp("wfc")
    subprocess.run([sys.executable, truth, folder, references], check=True, capture_output=True)
    return folder, sorted(path.name for path in folder.glob("*_flt.fits"))


@pytest.mark.parametrize("pixfrac", [1.0, 0.6])
def test_four_exposures_of_wfc(wfc, astrodrizzle, pixfrac):
    folder, names = wfc
    options = dict(driz_sep_bits="16, 64, 256", final_bits="16, 64, 256", final_wht_type="EXP")
    options |= dict(final_wcs=True, final_rot=0, final_scale=0.03, final_pixfrac=pixfrac)
    ours, peer = both(folder, astrodrizzle, names, f"p{int(10 * pixfrac)}", **options)
    masks = [f"2048x4096_{chip}_staticMask.fits" for chip in (1, 2)]
    same_steps(ours, peer, names, masks)
    same_products(ours, peer, 8.5 / 400)
    true_stars(folder, ours)
    # Smaller drops leave more of the weights between pixels uneven.
    true_fluxes(folder, names, ours, least_weight=300 if pixfrac == 1.0 else 200)


def true_stars(folder, ours):
    """Positions are unbiased to 0.02 pixel over a signal-to-noise ratio of 100."""
    stars = np.genfromtxt(folder / "truth.csv", delimiter=",", names=True)
    image = f"{ours}_drz_sci.fits"
    sci, wht = fits.getdata(image), fits.getdata(f"{ours}_drz_wht.fits")
    wcs = firstlight.WCS(image)
    x, y = wcs.sky_to_pixel(stars["ra"], stars["dec"])
    bright = stars["rate_e_per_s"] * 400 > 3e4
    half = 15
    moves = []
    inside = (x > 40) & (y > 40) & (x < sci.shape[1] - 40) & (y < sci.shape[0] - 40)
    for k in np.flatnonzero(bright & inside):
        apart = np.hypot(x - x[k], y - y[k])
        if np.sort(apart)[1] < 60:
            continue
        i, j = round(x[k]), round(y[k])
        part = np.s_[j - half : j + half + 1, i - half : i + half + 1]
        if wht[part].min() <= 0:
            continue
        box = sci[part].astype(float)
        py, px = np.indices(box.shape)
        near = np.hypot(px - (x[k] - i + half), py - (y[k] - j + half)) < half
        flux = box[near].sum()
        moves.append([(box * px)[near].sum() / flux - half + i - x[k], (box * py)[near].sum() / flux - half + j - y[k]])
    assert len(moves) > 30
    assert np.all(np.abs(np.median(moves, axis=0)) < 0.02)


def true_fluxes(folder, names, ours, least_weight):
    """Photometry is unbiased to 0.2 % over a signal-to-noise ratio of 100.

    The simulation puts a star's whole flux on the pixels around it, however large they are on the sky, where a flat
    field would have given each the same surface brightness: what is drizzled is the flux times the pixel's area there.
    """
    stars = np.genfromtxt(folder / "truth.csv", delimiter=",", names=True)
    rate = stars["rate_e_per_s"]
    sci, wht = fits.getdata(f"{ours}_drz_sci.fits"), fits.getdata(f"{ours}_drz_wht.fits")
    xy = np.c_[tuple(firstlight.WCS(f"{ours}_drz_sci.fits").sky_to_pixel(stars["ra"], stars["dec"]))]
    area = np.nanmean([pixel_areas(folder / name, stars) for name in names], axis=0)
    neighbours, inside = cKDTree(xy), np.all((xy > 40) & (xy < np.array(sci.shape)[::-1] - 40), axis=1)
    ratios = []
    for k in np.flatnonzero(inside & (rate * 1600 > 2e4) & (rate * 400 < 1.2e5)):
        if any(rate[other] > 1e-3 * rate[k] for other in neighbours.query_ball_point(xy[k], 30) if other != k):
            continue
        i, j = np.round(xy[k]).astype(int)
        # Where a pixel was left out of an exposure, its neighbours are not as much on the star as it was.
        if wht[j - 20 : j + 21, i - 20 : i + 21].min() < least_weight:
            continue
        sky = ApertureStats(sci, CircularAnnulus(xy[k], 18, 28)).median
        aperture = CircularAperture(xy[k], 12)
        flux = aperture.do_photometry(sci)[0][0] - sky * aperture.area
        ratios.append(flux / rate[k] / area[k])
    assert len(ratios) > 300
    assert abs(np.median(ratios) - 1) < 0.002


def pixel_areas(path, stars):
    """Areas of an exposure's pixels at the stars, in units of (0.05 arcsec)²; NaN off its chips."""
    area = np.full(len(stars), np.nan)
    with fits.open(path) as hdus:
        for version in (1, 2):
            wcs = WCS(hdus["SCI", version].header, hdus)
            pixels = wcs.all_world2pix(np.c_[stars["ra"], stars["dec"]], 0, tolerance=1e-4, quiet=True)
            on = np.all((pixels > 0) & (pixels < (4095, 2047)), axis=1)

            def step(dx, dy):
                ends = [wcs.all_pix2world(pixels[on] + sign * np.array([dx, dy]), 0) for sign in (0.5, -0.5)]
                return (ends[0] - ends[1]) * np.c_[np.cos(np.radians(stars["dec"][on])), np.ones(on.sum())] * 3600

            along, across = step(1, 0), step(0, 1)
            area[on] = np.abs(along[:, 0] * across[:, 1] - along[:, 1] * across[:, 0]) / 0.05**2
    return area
