"""A real frame of the HRC, calibrated here, beside its sister in the archive.

j8bt06o6q and j8bt06nyq are of the same field through the same filter, 12 arcsec apart in both axes. Stars in both are
matched by the sky, with the distortion that updatewcs once wrote for one of them, and their fluxes are compared after
the pixels' areas. Bias, dark and flat here are simulated, so that the fluxes agree to some per cent, and the scatter is
that of the stated errors and of the crowded field around each star.
"""

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS
from scipy.ndimage import maximum_filter

RADIUS, INNER, OUTER = 5, 8, 14
EDGE = 20
# A-to-D saturation, full wells, hot pixels, bad pixels, cosmic rays.
BAD = 2048 | 256 | 16 | 4 | 8192


def test_stars_have_the_fluxes_that_the_archive_gives_them(simulated, data):
    archive = data / "hst/acs_hrc"
    distortion = fits.getheader(archive / "j8bt06nyq_sip_flt.fits", 1)
    ours = Frame(simulated.products("hrc") / "j8bt06o6q_flt.fits", distortion)
    theirs = Frame(archive / "j8bt06nyq_flt.fits", distortion)
    pairs = np.array(list(matched(ours, theirs)))
    assert len(pairs) > 200
    flux, error, flux_there, error_there = pairs.T
    ratio = flux / flux_there
    noise = ratio * np.hypot(error / flux, error_there / flux_there)
    assert np.median(ratio) == pytest.approx(1, abs=0.03)
    assert np.mean(np.abs(ratio - 1) < 3 * noise) > 0.93
    assert 1.4826 * np.median(np.abs(ratio - np.median(ratio))) < np.median(noise)


def matched(ours, theirs):
    """Fluxes and errors of bright stars that are in both and good in both."""
    peaks = (theirs.sci == maximum_filter(theirs.sci, 15)) & (theirs.sci > 300) & (theirs.sci < 60000)
    for y, x in np.argwhere(peaks):
        there = theirs.star(x, y)
        if there is None:
            continue
        place = ours.wcs.world_to_pixel_values(*theirs.wcs.pixel_to_world_values(x, y))
        px, py = (round(float(value)) for value in place)
        if not (EDGE <= px < 1024 - EDGE and EDGE <= py < 1024 - EDGE):
            continue
        near = ours.sci[py - 3 : py + 4, px - 3 : px + 4]
        dy, dx = np.unravel_index(near.argmax(), near.shape)
        here = ours.star(px - 3 + dx, py - 3 + dy)
        # The median offset is a pixel; what lies further is another star.
        if here is not None and abs(dx - 3) < 2 and abs(dy - 3) < 2 and here[0] > 20000 and there[0] > 0:
            yield *here, *there


class Frame:
    def __init__(self, path, distortion):
        with fits.open(path) as hdus:
            self.sci, self.err, self.dq = (hdus[name].data.astype(float) for name in ("SCI", "ERR", "DQ"))
            header = hdus["SCI"].header
        self.dq = self.dq.astype(int)
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

    def star(self, x, y):
        """Flux in a box less the median around it, for the area of the central pixel, and its error."""
        if not (EDGE <= x < 1024 - EDGE and EDGE <= y < 1024 - EDGE):
            return None
        box = np.s_[y - RADIUS : y + RADIUS + 1, x - RADIUS : x + RADIUS + 1]
        if (self.dq[box] & BAD).any():
            return None
        around = self.sci[y - OUTER : y + OUTER + 1, x - OUTER : x + OUTER + 1].copy()
        around[OUTER - INNER : OUTER + INNER + 1, OUTER - INNER : OUTER + INNER + 1] = np.nan
        pixels = self.sci[box].size
        sky = 1.25 * np.nanstd(around) / np.sqrt(np.isfinite(around).sum())
        error = np.hypot(np.sqrt((self.err[box] ** 2).sum()), pixels * sky)
        scale = self.area(x, y) / self.area(512, 512)
        return (self.sci[box].sum() - pixels * np.nanmedian(around)) * scale, error * scale
