"""Kernels on random pixel maps against the ``drizzle`` package and against drizzlepac's own C code.

Both peers add up in single precision; image and weight agree to 1e-5 of the peak, contexts are equal but for pixels
whose weight is next to nothing. The maps are smooth ones (turned, scaled, bent) and, for the ``drizzle`` package,
also ones that scatter every pixel on its own.
"""

import warnings

import numpy as np
import pytest

firstlight = pytest.importorskip("firstlight")

KERNELS = ["square", "turbo", "point", "gaussian", "lanczos2", "lanczos3"]
SHAPE, OUT_SHAPE = (60, 70), (110, 120)


def smooth_map(rng):
    """A function from x and y to the output: turned by any angle, scaled by 0.7 to 1.3, slightly bent.

    Bilinear, so that a map of pixel centres says all of it.
    """
    angle, scale = rng.uniform(0, 2 * np.pi), rng.uniform(0.7, 1.3)
    bend = rng.uniform(-1e-4, 1e-4, 2)
    cos, sin = scale * np.cos(angle), scale * np.sin(angle)

    def to_output(x, y):
        x, y = x - 34.7, y - 29.6
        return (
            59.3 + cos * x - sin * y + bend[0] * x * y,
            54.8 + sin * x + cos * y + bend[1] * x * y,
        )

    return to_output, 1 / scale


def inputs(rng):
    data = rng.normal(100, 10, SHAPE).astype(np.float32)
    data[rng.integers(0, SHAPE[0], 20), rng.integers(0, SHAPE[1], 20)] += 5000
    weight = rng.uniform(0.5, 2, SHAPE).astype(np.float32)
    weight[rng.random(SHAPE) < 0.05] = 0
    return data, weight


def pixmap_of(to_output):
    y, x = np.indices(SHAPE, dtype=float)
    return np.dstack(to_output(x, y))


def is_solid(weight, kernel):
    """Where the mean is well defined.

    Weights of less than 1e-6 are decided by the last bits of the corners. The lobes of the Lanczos kernels cancel,
    and what is left of them divides.
    """
    return weight > (0.1 * weight.max() if kernel.startswith("lanczos") else 1e-6)


def agree(ours, peer, what):
    peak = np.nanmax(np.abs(peer))
    assert np.array_equal(np.isnan(ours), np.isnan(peer)), f"{what}: other pixels are empty"
    assert np.nanmax(np.abs(ours - peer)) <= 1e-5 * peak, what


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("pixfrac", [1.0, 0.6])
@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("scatter", [0.0, 0.2])
def test_the_drizzle_package(kernel, pixfrac, seed, scatter):
    resample = pytest.importorskip("drizzle.resample")
    rng = np.random.default_rng(seed)
    to_output, ratio = smooth_map(rng)
    pixmap = pixmap_of(to_output) + rng.normal(0, scatter, (*SHAPE, 2))
    theirs = resample.Drizzle(kernel=kernel, out_shape=OUT_SHAPE, fillval="NaN")
    ours = firstlight.Drizzle(OUT_SHAPE, kernel, variance=True)
    variances = []
    for image in range(2):
        data, weight = inputs(rng)
        variance = rng.uniform(1, 9, SHAPE).astype(np.float32)
        shifted = pixmap + 0.37 * image
        options = dict(exptime=50.0, in_units="counts", weight_map=weight, pixfrac=pixfrac, wht_scale=1.5)
        options.update(pixel_scale_ratio=ratio, iscale=ratio**2)
        # The package divides its argument in place, and warns of lanczos and gaussian.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            theirs.add_image(data.copy(), pixmap=shifted.copy(), data2=variance.copy(), **options)
        ours.add_image(data, shifted, variance=variance, **options)
        variances.append(variance)
    solid = is_solid(theirs.out_wht, kernel)
    agree(np.where(solid, ours.out_img, 0), np.where(solid, theirs.out_img, 0), "image")
    agree(ours.out_wht, theirs.out_wht, "weight")
    agree(np.where(solid, ours.out_var, 0), np.where(solid, theirs.out_img2[0], 0), "variance")
    assert np.array_equal(np.where(solid, ours.out_ctx, 0), np.where(solid, theirs.out_ctx, 0))


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("pixfrac", [1.0, 0.6])
@pytest.mark.parametrize("kernel", KERNELS)
def test_the_c_code_of_drizzlepac(kernel, pixfrac, seed):
    cdriz = pytest.importorskip("drizzlepac.cdriz")
    rng = np.random.default_rng(100 + seed)
    to_output, ratio = smooth_map(rng)
    image, weight_sum = np.full(OUT_SHAPE, np.nan, np.float32), np.zeros(OUT_SHAPE, np.float32)
    context = np.zeros(OUT_SHAPE, np.int32)
    ours = firstlight.Drizzle(OUT_SHAPE, kernel, rules="astrodrizzle")

    def mapping(x, y):
        # Their pixels count from 1, on both sides.
        x, y = to_output(np.asarray(x) - 1, np.asarray(y) - 1)
        return x + 1, y + 1

    for number in range(2):
        data, weight = inputs(rng)
        # fmt: off
        cdriz.tdriz(
            data.copy(), weight, image, weight_sum, context, number + 1, 0, 1, 1, SHAPE[0], ratio, 1.0, 1.0,
            "center", pixfrac, kernel, "counts", 50.0, 1.5, "INDEF", 0, 0, 1, mapping,
        )
        # fmt: on
        options = dict(exptime=50.0, in_units="counts", weight_map=weight, pixfrac=pixfrac, wht_scale=1.5)
        ours.add_image(data, pixmap_of(to_output), pixel_scale_ratio=ratio, iscale=ratio**2, **options)
    solid = is_solid(weight_sum, kernel)
    agree(np.where(solid, ours.out_img, 0), np.where(solid, image, 0), "image")
    agree(ours.out_wht, weight_sum, "weight")
    assert np.array_equal(np.where(solid, ours.out_ctx[0], 0), np.where(solid, context, 0))
