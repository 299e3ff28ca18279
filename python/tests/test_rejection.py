"""The steps that reject cosmic rays, on arrays."""

import numpy as np
import pytest
from firstlight import rejection

SHAPE = (30, 40)


def grid(dx=0.0, dy=0.0):
    y, x = np.indices(SHAPE, dtype=float)
    return np.dstack([x + dx, y + dy])


def test_blot_of_a_shift_and_of_nothing():
    y, x = np.indices(SHAPE)
    source = (x + 100 * y).astype(float)
    for interp in ("nearest", "linear", "poly3", "poly5", "sinc"):
        out = rejection.blot(source, grid(2, 3), interp=interp, exptime=10, pixel_scale_ratio=2, fillval=-1)
        assert out.dtype == np.float32
        assert np.allclose(out[:-3, :-2], source[3:, 2:] * 2.5, rtol=1e-6)
        assert (out[-3:] == -1).all()
    assert (rejection.blot(source, np.full((5, 6, 2), np.nan)) == 0).all()


def test_blot_refuses():
    source = np.ones(SHAPE)
    with pytest.raises(ValueError, match="spline3"):
        rejection.blot(source, grid(), interp="spline3")
    with pytest.raises(ValueError, match="shape"):
        rejection.blot(source, np.ones(SHAPE))
    with pytest.raises(ValueError, match="not an image"):
        rejection.blot(np.ones(5), grid())
    with pytest.raises(ValueError, match="scale"):
        rejection.blot(source, grid(), pixel_scale_ratio=0)


def test_median_without_rays():
    images, weights = np.ones((4, *SHAPE)), np.full((4, *SHAPE), 400.0)
    images[:3, 10, 10] = 50
    weights[:, 5, 5] = 0
    for options in ({}, {"combine_nsigma": [4, 3], "combine_grow": np.int64(2)}):
        out = rejection.median(images, weights, exptime=400, background=[40, 40, 41, 42], readnoise=5, **options)
        assert out[10, 10] == 1 and out[5, 5] == 0 and out[20, 20] == 1
    assert rejection.median(images, weights, combine_type="median")[10, 10] == 50


def test_median_refuses():
    images = np.ones((3, *SHAPE))
    with pytest.raises(ValueError, match="3 images with 2 weights"):
        rejection.median(images, images[:2])
    with pytest.raises(ValueError, match="shapes"):
        rejection.median(images, [*images[:2], np.ones((2, 2))])
    with pytest.raises(ValueError, match="2 values of exptime"):
        rejection.median(images, images, exptime=[1, 2])
    with pytest.raises(ValueError, match="combine_nhigh"):
        rejection.median(images, images, combine_type="median", combine_nhigh=3)
    with pytest.raises(ValueError, match="combine_typ"):
        rejection.median(images, images, combine_typ="median")


def test_a_cosmic_ray_with_its_trail():
    blotted = np.full(SHAPE, 100.0)
    sci = blotted.copy()
    sci[15, 20] += 500
    marked = rejection.cosmic_rays(sci, blotted, readnoise=5, sky=40)
    assert marked.dtype == bool and np.argwhere(marked).tolist() == [[15, 20]]
    marked = rejection.cosmic_rays(sci, blotted, readnoise=5, cte_dir=-1, driz_cr_ctegrow=3, driz_cr_snr="4 3")
    assert np.argwhere(marked).tolist() == [[row, 20] for row in (15, 16, 17, 18)]


def test_cosmic_rays_refuse():
    image = np.ones(SHAPE)
    with pytest.raises(ValueError, match="shape"):
        rejection.cosmic_rays(image, np.ones((3, 3)), readnoise=5)
    with pytest.raises(ValueError, match="cte_dir"):
        rejection.cosmic_rays(image, image, readnoise=5, cte_dir=2)
    with pytest.raises(ValueError, match="gain"):
        rejection.cosmic_rays(image, image, readnoise=5, gain=0)
