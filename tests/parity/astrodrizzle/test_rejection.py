"""The steps that reject cosmic rays against drizzlepac's own functions, on arrays."""

import numpy as np
import pytest

firstlight = pytest.importorskip("firstlight")
pytest.importorskip("drizzlepac")
from firstlight import rejection  # noqa: E402

SHAPE = (90, 150)
EXPTIME, SKY, READNOISE = [400.0, 400.0, 350.0, 500.0, 390.0], [40.0, 42.0, 36.0, 55.0, 40.0], [5.0, 5.0, 4.8, 5.2, 5.0]


def exposures(count, seed):
    """Images in electrons per second with stars and cosmic rays, and weights with holes."""
    rng = np.random.default_rng(seed)
    y, x = np.indices(SHAPE)
    scene = np.zeros(SHAPE)
    for _ in range(30):
        cx, cy, flux = rng.uniform(0, SHAPE[1]), rng.uniform(0, SHAPE[0]), 10 ** rng.uniform(0, 2)
        scene += flux * np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / 4)
    images, weights = [], []
    for exptime, sky, readnoise in list(zip(EXPTIME, SKY, READNOISE))[:count]:
        noise = np.sqrt(scene * exptime + sky + readnoise**2)
        image = scene + rng.normal(0, noise) / exptime
        image[rng.random(SHAPE) < 0.03] += 5
        weight = exptime * rng.uniform(0.5, 1.0, SHAPE)
        weight[rng.random(SHAPE) < 0.1] *= 0.2
        weight[40:50, 20:60] = 0
        weight[rng.random(SHAPE) < 0.1] = 0
        images.append(np.where(weight > 0, image, 0).astype(np.float32))
        weights.append(weight.astype(np.float32))
    return np.array(images), np.array(weights)


def masks_of(weights, maskpt=0.3):
    mean = np.array([weight[weight >= 1e-8].mean(dtype=float) for weight in weights])
    return np.less(weights, (mean * maskpt)[:, None, None]).astype(np.uint8)


@pytest.mark.parametrize("nsigma", [(4, 3), (2, 1), (1, 2)])
@pytest.mark.parametrize("grow", [0, 1, 3])
@pytest.mark.parametrize("count", [2, 3, 4, 5])
def test_minmed(count, grow, nsigma):
    min_med = pytest.importorskip("drizzlepac.minmed").min_med
    images, weights = exposures(count, 10 * count + grow)
    # fmt: off
    theirs = min_med(
        images.copy(), weights, READNOISE[:count], EXPTIME[:count], SKY[:count], masks_of(weights), grow, *nsigma,
    )
    # fmt: on
    options = dict(exptime=EXPTIME[:count], background=SKY[:count], readnoise=READNOISE[:count])
    ours = rejection.median(
        images, weights, combine_type="minmed", combine_grow=grow, combine_nsigma=f"{nsigma[0]} {nsigma[1]}", **options
    )
    assert np.array_equal(ours, theirs)
    assert (ours == 0)[40:50, 20:60].all() and not np.array_equal(ours, np.median(images, axis=0))


@pytest.mark.parametrize("kind", ["median", "imedian", "mean", "imean", "sum"])
@pytest.mark.parametrize("nlow, nhigh", [(0, 0), (0, 1), (1, 1)])
@pytest.mark.parametrize("thresholds", [(None, None), (-0.05, 4.0)])
def test_numcombine(kind, nlow, nhigh, thresholds):
    num_combine = pytest.importorskip("stsci.image.numcombine").num_combine
    images, weights = exposures(5, 3)
    images[:, 40:50, 20:60] = np.arange(1, 6)[:, None, None]
    lower, upper = thresholds
    # fmt: off
    theirs = num_combine(
        images.copy(), masks=masks_of(weights), combination_type=kind, nlow=nlow, nhigh=nhigh, upper=upper, lower=lower,
    )
    # fmt: on
    ours = rejection.median(
        images,
        weights,
        combine_type=kind,
        combine_nlow=nlow,
        combine_nhigh=nhigh,
        combine_lthresh=lower,
        combine_hthresh=upper,
    )
    filled = np.zeros(SHAPE, bool)
    if kind.startswith("i"):
        # Their fill stops after the first column of each row.
        theirs_plain = rejection.median(
            images,
            weights,
            combine_type=kind[1:],
            combine_nlow=nlow,
            combine_nhigh=nhigh,
            combine_lthresh=lower,
            combine_hthresh=upper,
        )
        filled = ours != theirs_plain
        assert filled[40:50, 20:60].all() and (ours[filled] != 0).all() and (theirs[:, 1:][filled[:, 1:]] == 0).all()
    # The first pixel of a row that is empty is left over from memory.
    compared = ~filled & (ours != 0)
    assert np.allclose(ours[compared], theirs[compared], rtol=1e-6, atol=1e-6 if kind == "sum" else 0)
    assert (theirs[:, 1:][(~filled & (ours == 0))[:, 1:]] == 0).all()


def their_mask(sci, blot, terms, options):
    """driz_cr with drizzlepac's derivative, in the words of its documentation and with scipy's convolutions."""
    signal = pytest.importorskip("scipy.signal")
    qderiv = pytest.importorskip("drizzlepac.quickDeriv").qderiv
    conversion, gain, readnoise, sky, cte_dir = terms
    sci, blot = sci * np.float32(conversion), blot * np.float32(conversion)
    derivative, noise = qderiv(blot), np.sqrt(gain * np.abs(blot + sky) + readnoise**2)
    difference = np.abs(sci - blot)
    (snr1, snr2), (scale1, scale2) = options["snr"], options["scale"]
    convolved = lambda image, kernel: signal.convolve2d(image, kernel, boundary="symm", mode="same")  # noqa: E731
    near = convolved(difference <= scale1 * derivative + snr1 * noise / gain, np.ones((3, 3), np.uint16))
    good = (difference <= scale2 * derivative + snr2 * noise / gain) | (near >= 9)
    grow, length = options["grow"], options["ctegrow"]
    tail = np.zeros((2 * length + 1, 2 * length + 1))
    if cte_dir == 1:
        tail[:length, length] = 1
    elif cte_dir == -1:
        tail[length + 1 :, length] = 1
    grown = convolved(good, np.ones((grow, grow), np.uint16)) >= grow**2
    return grown & (convolved(good, tail) >= length)


@pytest.mark.parametrize("cte_dir", [-1, 0, 1])
@pytest.mark.parametrize("grow, ctegrow", [(1, 0), (2, 0), (3, 4), (4, 1), (5, 0)])
@pytest.mark.parametrize("terms", [(1.0, 1.0, 5.0, 48.0), (400.0, 2.0, 4.0, 0.0)])
def test_driz_cr(terms, grow, ctegrow, cte_dir):
    if cte_dir == 0 and ctegrow:
        pytest.skip("without a direction drizzlepac marks every pixel where there is a length")
    images, _ = exposures(1, grow)
    rng = np.random.default_rng(grow + ctegrow)
    rays = rng.random(SHAPE) < 0.02
    blot = (images[0] * 400 + 48).astype(np.float32)
    sci = (blot + rng.normal(0, np.sqrt(np.abs(blot) + 25)) + rays * rng.uniform(0, 500, SHAPE)).astype(np.float32)
    sci, blot = (sci / terms[0]).astype(np.float32), (blot / terms[0]).astype(np.float32)
    options = dict(snr=(3.5, 3.0), scale=(1.2, 0.7), grow=grow, ctegrow=ctegrow)
    good = their_mask(sci, blot, (*terms, cte_dir), options)
    conversion, gain, readnoise, sky = terms
    marked = rejection.cosmic_rays(
        sci,
        blot,
        readnoise=readnoise,
        sky=sky,
        gain=gain,
        conversion=conversion,
        cte_dir=cte_dir,
        driz_cr_grow=grow,
        driz_cr_ctegrow=ctegrow,
    )
    assert np.array_equal(marked, ~good)
    assert 0.001 < marked.mean() < 0.9
