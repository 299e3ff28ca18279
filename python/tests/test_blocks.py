"""Frames whose pixels are made fewer or more, and cosmic rays above the median around."""

import numpy as np
import pytest
from astropy import units as u
from astropy.nddata import CCDData, InverseVariance, StdDevUncertainty
from firstlight import ccd


def frame():
    """4 by 6 pixels of 0 to 23 electrons; the first is masked, and so is the last block of 2 by 3."""
    data = np.arange(24.0).reshape(4, 6)
    mask = np.zeros(data.shape, bool)
    mask[0, 0] = mask[2:, 3:] = True
    return CCDData(data, unit="electron", mask=mask, uncertainty=StdDevUncertainty(np.full(data.shape, 2.0)))


def test_blocks_of_arrays():
    data = np.arange(42, dtype=np.uint16).reshape(6, 7)
    sums = ccd.block_reduce(data, (2, 3))
    assert sums.dtype == np.uint64 and sums.tolist() == [[27, 45], [111, 129], [195, 213]]
    assert ccd.block_average(data.astype(np.float32), 3).dtype == np.float32
    assert ccd.block_reduce(data, 3, np.max).tolist() == [[16, 19], [37, 40]]
    assert ccd.block_reduce(np.arange(7), 2).tolist() == [1, 5, 9]
    large = ccd.block_replicate(data, (1, 2), conserve_sum=False)
    assert large.dtype == np.uint16 and large[0, :5].tolist() == [0, 0, 1, 1, 2]
    assert ccd.block_replicate(data, 2).sum() == data.sum()
    for block, said in (((0, 1), "positive"), ((1, 2, 3), "length"), (1.5, "integers"), (8, "block_size")):
        with pytest.raises(ValueError, match=said):
            ccd.block_reduce(data, block)
    with pytest.raises(TypeError, match="list"):
        ccd.block_reduce([[1, 2]], 1)


def test_masked_samples_are_left_out():
    masked = np.ma.MaskedArray(frame().data, frame().mask)
    sums = ccd.block_reduce(masked, (2, 3))
    assert sums.mask.tolist() == [[False, False], [False, True]]
    assert sums.compressed().tolist() == [1 + 2 + 6 + 7 + 8, 3 + 4 + 5 + 9 + 10 + 11, 12 + 13 + 14 + 18 + 19 + 20]
    assert ccd.block_average(masked, (2, 3))[0, 0] == 24 / 5


def test_uncertainties_go_along():
    sums = ccd.block_reduce(frame(), (2, 3))
    assert sums.unit == u.electron and sums.mask.tolist() == [[False, False], [False, True]]
    np.testing.assert_allclose(sums.uncertainty.array[0], [2 * 5**0.5, 2 * 6**0.5])
    means = ccd.block_average(frame(), (2, 3))
    np.testing.assert_allclose(means.uncertainty.array[0], [2 / 5**0.5, 2 / 6**0.5])
    # The scatter of sums of noise is what their uncertainty says.
    noise = CCDData(np.random.default_rng(3).normal(0, 2, (400, 400)), unit="adu")
    noise.uncertainty = InverseVariance(np.full(noise.shape, 0.25))
    done = ccd.block_reduce(noise, 4)
    assert isinstance(done.uncertainty, InverseVariance)
    assert abs(done.data.std() * np.sqrt(done.uncertainty.array[0, 0]) - 1) < 0.03
    large = ccd.block_replicate(frame(), 2)
    assert large.shape == (8, 12) and large.mask[:2, :2].all() and not large.mask[0, 2]
    assert (large.uncertainty.array == 0.5).all() and large.data[7, 11] == 23 / 4
    middle = ccd.block_reduce(frame(), (2, 3), np.ma.median)
    assert middle.uncertainty is None and middle.data[0, 0] == 6 and middle.mask[1, 1]


def test_samples_taken_anew():
    with pytest.warns(DeprecationWarning, match="block_reduce"):
        done = ccd.rebin(frame(), (2, 3))
    assert done.data.tolist() == [[0, 2, 4], [12, 14, 16]]
    assert done.mask.tolist() == [[True, False, False], [False, False, True]]
    assert done.uncertainty.array.shape == (2, 3)
    with pytest.warns(DeprecationWarning):
        assert ccd.rebin(np.arange(3), (6,)).tolist() == [0, 0, 1, 1, 2, 2]
    with pytest.warns(DeprecationWarning), pytest.raises(ValueError, match="dimensions"):
        ccd.rebin(frame(), (2,))


def test_cosmic_rays_stand_above_the_median():
    random = np.random.default_rng(1)
    data = random.normal(100, 5, (60, 70)).astype(np.float32)
    data[20, 30] += 500
    data[41, 12:14] += 300
    rays = [(20, 30), (41, 12), (41, 13)]
    cleaned, found = ccd.cosmicray_median(data, error_image=5.0, thresh=6, rbox=7)
    assert sorted(map(tuple, np.argwhere(found).tolist())) == rays
    assert cleaned.dtype == np.float32 and np.abs(cleaned[found] - 100).max() < 10
    assert (cleaned[~found] == data[~found]).all() and data[20, 30] > 500
    image = CCDData(data, unit="adu", uncertainty=StdDevUncertainty(np.full(data.shape, 5.0)))
    image.mask = np.zeros(data.shape, bool)
    image.mask[0, 0] = image.mask[20, 30] = True
    done = ccd.cosmicray_median(image, thresh=6, gbox=3)
    # A masked sample is none; the mask that was there stays.
    assert done.mask.sum() == 2 + 12 and done.mask[40:43, 11:15].all() and not image.mask[41, 12]
    assert (done.data == data).all() and done.uncertainty.array[0, 0] == 5
    with pytest.raises(ValueError, match="same shape"):
        ccd.cosmicray_median(data, error_image=np.ones((3, 3)))
    with pytest.raises(TypeError, match="float or ndarray"):
        ccd.cosmicray_median(data, error_image="5")
    with pytest.raises((ValueError, RuntimeError), match="mbox"):
        ccd.cosmicray_median(data, mbox=0)
