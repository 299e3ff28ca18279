"""block_reduce, block_average, block_replicate and rebin beside ccdproc's: samples, shapes and types equal, to 1e-6 of the sample.

Of a ``CCDData`` the samples and what is kept are compared; mask and uncertainty, which ccdproc drops, with its masked arrays
and with sums of variances.
"""

import warnings

import ccdproc
import firstlight
import numpy as np
import pytest
from astropy.nddata import CCDData, StdDevUncertainty

RTOL = 1e-6


def image(dtype):
    samples = np.random.default_rng(8).uniform(10, 60000, (91, 122))
    return samples.astype(dtype)


def agree(ours, theirs):
    assert ours.shape == theirs.shape and ours.dtype == theirs.dtype
    np.testing.assert_allclose(ours, theirs, rtol=RTOL)


@pytest.mark.parametrize("dtype", ["f4", "f8", "u2", "i4", "i8", ">f4"])
@pytest.mark.parametrize("block", [1, 2, (3, 5), (91, 122), np.array([4, 1]), 2.0])
def test_arrays(dtype, block):
    data = image(dtype)
    agree(firstlight.block_reduce(data, block), ccdproc.block_reduce(data, block))
    agree(firstlight.block_average(data, block), ccdproc.block_average(data, block))
    for func in (np.sum, np.mean, np.median, np.std):
        agree(firstlight.block_reduce(data, block, func), ccdproc.block_reduce(data, block, func))
    if not (np.atleast_1d(block) > 10).any():
        for conserve in (True, False):
            agree(firstlight.block_replicate(data, block, conserve), ccdproc.block_replicate(data, block, conserve))


@pytest.mark.parametrize("shape", [(30,), (12, 15, 18)])
def test_other_numbers_of_axes(shape):
    data = np.random.default_rng(2).normal(100, 3, shape)
    agree(firstlight.block_reduce(data, 3), ccdproc.block_reduce(data, 3))
    agree(firstlight.block_replicate(data, 2), ccdproc.block_replicate(data, 2))


def test_masked_arrays():
    masked = np.ma.MaskedArray(image("f4"), np.random.default_rng(4).uniform(size=(91, 122)) < 0.3)
    masked[:6, :9] = np.ma.masked
    for name in ("block_reduce", "block_average", "block_replicate"):
        ours, theirs = getattr(firstlight, name)(masked, 3), getattr(ccdproc, name)(masked, 3)
        assert (np.ma.getmaskarray(ours) == np.ma.getmaskarray(theirs)).all() and ours.mask.any()
        # Of masked arrays numpy makes the mean in double precision; here it has that of the samples.
        np.testing.assert_allclose(ours.compressed(), theirs.compressed(), rtol=RTOL)


@pytest.mark.filterwarnings("ignore:The following attributes")
def test_ccddata():
    data = image("f8")
    frame = CCDData(data, unit="adu", meta={"object": "M 13"})
    for name in ("block_reduce", "block_average", "block_replicate"):
        ours, theirs = getattr(firstlight, name)(frame, (2, 3)), getattr(ccdproc, name)(frame, (2, 3))
        agree(ours.data, theirs.data)
        assert ours.unit == theirs.unit and ours.meta == theirs.meta and ours.mask is theirs.mask is None
    mask = data > 40000
    frame.mask, frame.uncertainty = mask, StdDevUncertainty(np.sqrt(data))
    ours = firstlight.block_reduce(frame, (2, 3))
    theirs = ccdproc.block_reduce(np.ma.MaskedArray(data, mask), (2, 3))
    variance = ccdproc.block_reduce(np.ma.MaskedArray(data, mask), (2, 3))
    assert (ours.mask == np.ma.getmaskarray(theirs)).all()
    agree(ours.data[~ours.mask], theirs.compressed())
    np.testing.assert_allclose(ours.uncertainty.array[~ours.mask] ** 2, variance.compressed(), rtol=RTOL)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("shape", [(91, 122), (13, 61), (45, 40), (182, 244), (100, 300)])
def test_rebin(shape):
    data = image("f4")
    frame = CCDData(data, unit="adu", mask=data > 50000, uncertainty=StdDevUncertainty(np.sqrt(data)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ours, theirs = firstlight.rebin(frame, shape), ccdproc.rebin(frame, shape)
        agree(firstlight.rebin(data, shape), ccdproc.rebin(data, shape))
    agree(ours.data, theirs.data)
    agree(ours.uncertainty.array, theirs.uncertainty.array)
    assert (ours.mask == theirs.mask).all()
