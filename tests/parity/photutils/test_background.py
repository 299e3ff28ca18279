"""``subtract_background`` against photutils' ``Background2D``, where boxes fit into the frame: 1e-9 of the level.

Of few boxes the peer's spline does not quite go through their levels (scipy's prefilter at mirrored ends): 1e-6.
"""

import firstlight
import numpy as np
import pytest
from astropy.stats import SigmaClip
from photutils.background import Background2D, MedianBackground, SExtractorBackground

ESTIMATORS = {"median": MedianBackground, "mode": SExtractorBackground}


def image(shape=(240, 320)):
    """A sky with a gradient and a bump, noise, and stars."""
    rng = np.random.default_rng(17)
    y, x = np.mgrid[: shape[0], : shape[1]]
    sky = 800 + 0.3 * x - 0.2 * y + 60 * np.exp(-((x - 200) ** 2 + (y - 90) ** 2) / 8000)
    data = sky + rng.normal(0, 9, shape)
    for x0, y0, peak in zip(rng.uniform(0, 320, 80), rng.uniform(0, 240, 80), rng.uniform(50, 9000, 80)):
        data += peak * np.exp(-((x - x0) ** 2 + (y - y0) ** 2) / 6)
    return data


@pytest.mark.parametrize("statistic", ESTIMATORS)
@pytest.mark.parametrize(("box", "size", "rtol"), [(20, 1, 1e-9), (20, 5, 1e-9), (40, 3, 1e-6)])
def test_a_background_is_that_of_photutils(statistic, box, size, rtol):
    data = image()
    peer = Background2D(
        data,
        box,
        filter_size=size,
        exclude_percentile=99,
        sigma_clip=SigmaClip(3, maxiters=10),
        bkg_estimator=ESTIMATORS[statistic](sigma_clip=None),
    )
    ours = data - firstlight.subtract_background(
        data, box, size, statistic=statistic, exclude_percentile=99, sources=False
    )
    np.testing.assert_allclose(ours, peer.background, rtol=rtol)


def test_masked_boxes_are_filled_as_those_of_photutils():
    data = image()
    mask = np.zeros(data.shape, bool)
    mask[40:85, 100:170] = True
    mask[200:, :30] = True
    peer = Background2D(
        data,
        40,
        mask=mask,
        filter_size=1,
        exclude_percentile=50,
        sigma_clip=SigmaClip(3, maxiters=10),
        bkg_estimator=MedianBackground(sigma_clip=None),
    )
    frame = np.ma.MaskedArray(data, mask=mask)
    done = firstlight.subtract_background(frame, 40, 1, exclude_percentile=50, sources=False)
    # Of boxes at equal distance the ten nearest are not the same ones in both.
    np.testing.assert_allclose(data - done.data, peer.background, rtol=2e-3)
    far = (slice(120, 180), slice(200, None))
    np.testing.assert_allclose((data - done.data)[far], peer.background[far], rtol=1e-4)
