"""cosmicray_median beside ccdproc's, on random skies: the same pixels, and samples to 1e-6."""

import ccdproc
import firstlight
import numpy as np
import pytest
from astropy.nddata import CCDData, StdDevUncertainty

RTOL = 1e-6


@pytest.fixture(scope="module")
def sky():
    """Stars, noise and cosmic rays, also at the edges."""
    rng = np.random.default_rng(12)
    y, x = np.mgrid[:110, :130]
    image = np.full(x.shape, 300.0)
    for _ in range(12):
        peak, cx, cy = 10 ** rng.uniform(2, 4), rng.uniform(0, 130), rng.uniform(0, 110)
        image += peak * np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / 6)
    image = rng.normal(image, np.sqrt(image + 30))
    for _ in range(60):
        image[rng.integers(110), rng.integers(130)] += rng.uniform(200, 5000)
    image[0, 0] = image[109, 129] = image[0, 60] = image[50, 129] = 9000
    return image


HOW = [
    {},
    {"rbox": 11},
    {"mbox": 5, "gbox": 3, "rbox": 7, "thresh": 4},
    {"mbox": 4, "gbox": 2, "rbox": 6},
    {"mbox": 1},
    {"mbox": 25, "gbox": 8, "rbox": 9, "thresh": 8.5},
]


def same(ours, theirs):
    (ours, found), (theirs, expected) = ours, theirs
    assert (found == expected).all() and found.dtype == bool
    assert ours.dtype == theirs.dtype
    np.testing.assert_allclose(ours, theirs, rtol=RTOL)
    return found


@pytest.mark.parametrize("how", HOW, ids=str)
@pytest.mark.parametrize("dtype", ["f4", "f8", "i4"])
def test_arrays(sky, how, dtype):
    data = sky.astype(dtype)
    errors = [np.sqrt(np.abs(data) + 30), 25.0]
    for error in (None, *errors):
        found = same(
            firstlight.cosmicray_median(data, error_image=error, **how),
            ccdproc.cosmicray_median(data, error_image=error, **how),
        )
        assert found.any() or how.get("mbox") == 1


def test_a_box_larger_than_the_frame(sky):
    part = sky[:7, :9]
    same(firstlight.cosmicray_median(part, mbox=21, thresh=2), ccdproc.cosmicray_median(part, mbox=21, thresh=2))


@pytest.mark.parametrize("masked", [False, True])
def test_ccddata(sky, masked):
    frame = CCDData(sky, unit="adu", uncertainty=StdDevUncertainty(np.sqrt(np.abs(sky) + 30)))
    if masked:
        # Of pixels apart, which leave medians what they are nearly; none is a cosmic ray.
        frame.mask = np.zeros(sky.shape, bool)
        frame.mask[5::20, 7::20] = True
    ours, theirs = (tool.cosmicray_median(frame, gbox=3, rbox=5) for tool in (firstlight, ccdproc))
    if masked:
        assert (ours.mask[frame.mask]).all() and (ours.mask != theirs.mask).mean() < 2e-3
        return
    assert (ours.mask == theirs.mask).all() and ours.unit == theirs.unit
    np.testing.assert_allclose(ours.data, theirs.data, rtol=RTOL)
    np.testing.assert_allclose(ours.uncertainty.array, theirs.uncertainty.array)
