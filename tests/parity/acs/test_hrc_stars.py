"""A real frame of the HRC, calibrated here, beside its sister in the archive.

j8bt06o6q and j8bt06nyq are of the same field through the same filter, for as long, 12 arcsec apart in both axes. Stars in
both are matched by the sky, with the distortion that updatewcs once wrote for one of them, and their fluxes are compared
after the pixels' areas. Only stars without neighbours are: the fields are crowded. Apertures of 6 pixels hold the same
share of the light in both; closer in the focus differs, by 3 per cent in 3 pixels.

The flat here is simulated and tells nothing of this detector: it is multiplied out again, and a plane stands for the
detector's own, whose flats are 1 at the centre. There the fluxes are to agree, and to scatter about the plane as the errors
say.
"""

import numpy as np
import pytest
from astropy.io import fits
from astropy.stats import mad_std
from astropy.wcs import WCS
from photutils.aperture import ApertureStats, CircularAnnulus, CircularAperture, aperture_photometry
from photutils.centroids import centroid_quadratic, centroid_sources
from scipy.ndimage import maximum_filter
from scipy.spatial import cKDTree

RADIUS, INNER, OUTER = 6, 9, 14
EDGE = 20
# No peak of a tenth of a star's stands nearer to it than so many pixels.
ALONE, FAINT = 12, 0.1
# A-to-D saturation, full wells, hot pixels, bad pixels, cosmic rays.
BAD = 2048 | 256 | 16 | 4 | 8192


def test_stars_have_the_fluxes_that_the_archive_gives_them(simulated, data):
    archive = data / "hst/acs_hrc"
    distortion = fits.getheader(archive / "j8bt06nyq_sip_flt.fits", 1)
    path = simulated.products("hrc") / "j8bt06o6q_flt.fits"
    flat = fits.getheader(path)["PFLTFILE"].removeprefix("jref$")
    ours = Frame(path, distortion, fits.getdata(simulated.sets["hrc"].parent / "ref" / flat, 1))
    theirs = Frame(archive / "j8bt06nyq_flt.fits", distortion)
    here, there = matched(ours, theirs)
    (flux, error), (flux_there, error_there) = ours.fluxes(here), theirs.fluxes(there)
    good = np.isfinite(flux) & np.isfinite(flux_there) & (flux_there > 0)
    assert good.sum() > 50
    ratio = (flux / flux_there)[good]
    noise = ratio * np.hypot(error / flux, error_there / flux_there)[good]
    at_centre, its_error, apart = plane(here[good], ratio)
    assert its_error < 0.01
    assert at_centre == pytest.approx(1, abs=3 * its_error)
    assert 0.8 < mad_std(apart / noise) < 1.3
    assert np.mean(np.abs(apart) < 3 * noise) > 0.9


def matched(ours, theirs):
    """Positions of stars that stand alone, here and there."""
    y, x = np.nonzero((theirs.sci == maximum_filter(theirs.sci, 7)) & (theirs.sci > 100))
    peak, tree = theirs.sci[y, x], cKDTree(np.column_stack([x, y]))
    near = tree.query_ball_point(tree.data, ALONE)
    alone = [(peak[others] >= FAINT * peak[star]).sum() == 1 for star, others in enumerate(near)]
    chosen = np.array(alone) & (peak > 1000) & (peak < 55000) & inside(x, y)
    there = theirs.centred(x[chosen], y[chosen])
    sky = theirs.wcs.pixel_to_world_values(*there.T)
    expected = np.column_stack(ours.wcs.world_to_pixel_values(*sky))
    chosen = inside(*expected.T)
    there, expected = there[chosen], expected[chosen]
    found = np.array([ours.brightest(x, y) for x, y in np.rint(expected).astype(int)])
    # The pointings are known to a pixel; what lies further from where it should be is another star.
    offset = found - expected
    same = (np.abs(offset - np.median(offset, axis=0)) < 1.5).all(axis=1)
    return ours.centred(*found[same].T), there[same]


def inside(x, y):
    return (x > EDGE) & (x < 1023 - EDGE) & (y > EDGE) & (y < 1023 - EDGE)


def plane(positions, ratio):
    """A plane through the ratios: its value at the centre of the detector, the error of that, and what lies off it."""
    terms = np.column_stack([np.ones(len(ratio)), positions / 1024 - 0.5])
    kept = np.ones(len(ratio), bool)
    for _ in range(6):
        found = np.linalg.lstsq(terms[kept], ratio[kept])[0]
        apart = ratio - terms @ found
        kept = np.abs(apart) < 3.5 * mad_std(apart)
    covariance = np.linalg.inv(terms[kept].T @ terms[kept]) * apart[kept].var()
    return found[0], np.sqrt(covariance[0, 0]), apart


class Frame:
    def __init__(self, path, distortion, flat=1.0):
        with fits.open(path) as hdus:
            self.sci, self.err, self.dq = (hdus[name].data.astype(float) for name in ("SCI", "ERR", "DQ"))
            header = hdus["SCI"].header
        self.dq = self.dq.astype(int)
        self.sci, self.err = self.sci * flat, self.err * flat
        linear = fits.Header()
        for key in ("CRPIX1", "CRPIX2", "CRVAL1", "CRVAL2", "CD1_1", "CD1_2", "CD2_1", "CD2_2"):
            linear[key] = header[key]
        linear.update(CTYPE1="RA---TAN-SIP", CTYPE2="DEC--TAN-SIP")
        for card in distortion.cards:
            if card.keyword.startswith(("A_", "B_")) and card.keyword[2] in "0123456789O":
                linear[card.keyword] = card.value
        self.wcs = WCS(linear)

    def area(self, x, y):
        ra, dec = self.wcs.pixel_to_world_values([x, x + 1, x], [y, y, y + 1])
        return abs((ra[1] - ra[0]) * (dec[2] - dec[0]) - (ra[2] - ra[0]) * (dec[1] - dec[0])) * np.cos(np.radians(dec[0]))

    def brightest(self, x, y):
        """The brightest pixel within four of a place."""
        near = self.sci[y - 4 : y + 5, x - 4 : x + 5]
        dy, dx = np.unravel_index(near.argmax(), near.shape)
        return x - 4 + dx, y - 4 + dy

    def centred(self, x, y):
        """The centres of stars, as columns and rows."""
        return np.column_stack(centroid_sources(self.sci, x, y, box_size=5, centroid_func=centroid_quadratic))

    def fluxes(self, positions):
        """Fluxes less the median around, for the area of the central pixel, and their errors; NaN where pixels are bad."""
        aperture, around = CircularAperture(positions, RADIUS), CircularAnnulus(positions, INNER, OUTER)
        bad = (self.dq & BAD) > 0
        sums = aperture_photometry(self.sci, aperture, error=self.err)
        sky = ApertureStats(self.sci, around, mask=bad)
        level = 1.2533 * sky.mad_std / np.sqrt(np.asarray(sky.center_aper_area))
        scale = np.array([self.area(x, y) for x, y in positions]) / self.area(512, 512)
        scale[aperture_photometry(bad.astype(float), aperture)["aperture_sum"] > 0] = np.nan
        flux = (sums["aperture_sum"] - aperture.area * sky.median) * scale
        return np.asarray(flux), np.hypot(sums["aperture_sum_err"], aperture.area * level) * scale
