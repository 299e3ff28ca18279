"""Masks of bad pixels beside ccdproc's ccdmask, on random frames and on the real Nickel flats: the same pixels."""

import ccdproc
import firstlight
import numpy as np
import pytest
from astropy.io import fits
from astropy.nddata import CCDData

VARIANTS = [
    {},
    {"findbadcolumns": True},
    {"byblocks": True},
    {"byblocks": True, "findbadcolumns": True},
    {"ncmed": 11, "nlmed": 3, "ncsig": 21, "nlsig": 12, "lsigma": 6, "hsigma": 4.7},
    {"ncmed": 4, "nlmed": 6, "ncsig": 10, "nlsig": 8, "byblocks": True, "lsigma": 5.3},
    {"lsigma": 4, "hsigma": 4, "ngood": 12, "findbadcolumns": True},
    {"lsigma": 3, "hsigma": 3, "ngood": 1, "findbadcolumns": True, "byblocks": True},
]


def frame(seed, shape, dtype, level=1.0):
    """Noise with dead and bright pixels, and columns of both kinds."""
    rng = np.random.default_rng(seed)
    ny, nx = shape
    y, x = np.mgrid[:ny, :nx]
    image = level * (1 - 0.1 * ((x / nx - 0.5) ** 2 + (y / ny - 0.5) ** 2))
    image = image + 0.01 * level * rng.normal(size=shape)
    for _ in range(ny * nx // 200):
        image[rng.integers(ny), rng.integers(nx)] *= rng.choice([0.0, 0.7, 0.95, 1.06, 1.3])
    for _ in range(4):
        column, first = rng.integers(nx), rng.integers(ny)
        image[first : first + 30, column] *= rng.choice([0.93, 0.8, 1.08])
        image[rng.integers(ny, size=8), column] *= 0.6
    return image.astype(dtype)


@pytest.mark.parametrize("named", VARIANTS, ids=str)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(100, 120), (61, 33), (9, 40)])
def test_random_frames(named, dtype, shape):
    # With the greater level sums of columns are far from those of a ratio.
    for seed, level in ((1, 1.0), (2, 20000.0)):
        image = CCDData(frame(seed, shape, dtype, level), unit="adu")
        expected = ccdproc.ccdmask(image, **named)
        assert expected.any()
        np.testing.assert_array_equal(firstlight.ccdmask(image, **named), expected)
        np.testing.assert_array_equal(firstlight.ccdmask(image.data, **named), expected)


def test_arguments():
    with pytest.raises(ValueError, match="two-dimensional"):
        firstlight.ccdmask(np.zeros(5))
    with pytest.raises(ValueError, match="CCDData"):
        firstlight.ccdmask(3.0)


def test_missing_samples_are_bad_and_do_not_hide_others():
    image = frame(3, (80, 90), np.float64)
    image[20, 30] = np.nan
    image[50, 60] = np.inf
    image[50, 64] = 0.0
    for byblocks in (False, True):
        mask = firstlight.ccdmask(image, byblocks=byblocks)
        assert mask[20, 30] and mask[50, 60] and mask[50, 64]
        assert mask.sum() < 0.05 * mask.size


@pytest.mark.parametrize("named", VARIANTS[:4], ids=str)
def test_nickel_flats(data, named):
    folder = data / "ground" / "nickel" / "raw"
    flats = [fits.getdata(folder / f"d{number}.fits").astype(np.float64)[:, :1024] for number in (1035, 1036)]
    expected = ccdproc.ccdmask(CCDData(flats[0], unit="adu"), **named)
    np.testing.assert_array_equal(firstlight.ccdmask(flats[0], **named), expected)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = (flats[0] / flats[1]).astype(np.float32)
    assert np.isfinite(ratio).all()
    expected = ccdproc.ccdmask(CCDData(ratio, unit="adu"), **named)
    np.testing.assert_array_equal(firstlight.ccdmask(ratio, **named), expected)
