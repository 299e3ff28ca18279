"""Colours of samples, against matplotlib's colour maps and norms and astropy's stretches and intervals.

Colour maps are equal in all 256 entries. Painted images are equal pixel by pixel, but for samples that fall on
the border between two entries to the last bits of a double: there the neighbouring entry may be taken, in no
more than one of a thousand pixels.
"""

import matplotlib
import numpy as np
import pytest
from astropy.visualization import (
    AsinhStretch,
    ImageNormalize,
    LinearStretch,
    PowerStretch,
    SqrtStretch,
    ZScaleInterval,
)
from matplotlib.colors import LogNorm, Normalize

firstlight = pytest.importorskip("firstlight")

MAPS = ["plasma", "viridis", "inferno", "magma", "cividis", "gray", "hot", "RdBu", "coolwarm"]


@pytest.mark.parametrize("name", MAPS + [f"{name}_r" for name in MAPS])
def test_maps_are_equal_in_all_entries(name):
    theirs = matplotlib.colormaps[name](np.arange(256), bytes=True)[:, :3]
    np.testing.assert_array_equal(firstlight.colour_map(name), theirs)


def image(seed=1):
    """A sky with noise, bright sources, negative samples, and missing ones."""
    random = np.random.default_rng(seed)
    sky = random.normal(5.0, 3.0, (300, 400)) + 500.0 * random.random((300, 400)) ** 20
    sky[10:20, 30:50] = np.nan
    return sky.astype(np.float32)


def theirs(data, norm, cmap="plasma", bad="#bebebe"):
    colours = matplotlib.colormaps[cmap].with_extremes(bad=bad)
    return colours(norm(np.ma.masked_invalid(data.astype(np.float64))), bytes=True)


def assert_same(ours, peer):
    """Equal, or the neighbouring entry in very few pixels."""
    different = np.any(ours != peer, axis=2)
    assert different.mean() < 1e-3
    assert np.abs(ours.astype(int) - peer.astype(int)).max() <= 8


@pytest.mark.parametrize("limits", [(None, None), (-2.0, 40.0), (100.0, 700.0)])
@pytest.mark.parametrize("cmap", ["plasma", "RdBu_r"])
def test_linear(limits, cmap):
    data = image()
    ours = firstlight.paint(data, stretch="linear", vmin=limits[0], vmax=limits[1], cmap=cmap)
    low, high = np.nanmin(data), np.nanmax(data)
    norm = Normalize(low if limits[0] is None else limits[0], high if limits[1] is None else limits[1])
    assert_same(ours, theirs(data, norm, cmap))


def test_log_with_what_is_not_positive_masked():
    data = image()
    ours = firstlight.paint(data, stretch="log", vmin=0.5, vmax=400.0, mask_nonpositive=True)
    assert_same(ours, theirs(data, LogNorm(0.5, 400.0)))


def test_log_with_what_is_not_positive_as_the_faintest():
    data = image()
    ours = firstlight.paint(data, stretch="log", vmin=0.5, vmax=400.0)
    lifted = np.where(data <= 0, np.float32(1e-30), data)
    assert_same(ours, theirs(lifted, LogNorm(0.5, 400.0)))


@pytest.mark.parametrize(
    ("options", "stretch"),
    [
        ({"stretch": "linear"}, LinearStretch()),
        ({"stretch": "sqrt"}, SqrtStretch()),
        ({"stretch": "asinh"}, AsinhStretch(0.1)),
        ({"stretch": "asinh", "asinh_a": 0.003}, AsinhStretch(0.003)),
        ({"stretch": "power", "exponent": 2.5}, PowerStretch(2.5)),
    ],
)
def test_stretches_between_limits(options, stretch):
    data = image()
    ours = firstlight.paint(data, vmin=1.0, vmax=300.0, **options)
    assert_same(ours, theirs(data, ImageNormalize(vmin=1.0, vmax=300.0, stretch=stretch, clip=False)))


@pytest.mark.parametrize("seed", range(5))
def test_percentiles_are_numpys(seed):
    data = image(seed)
    report = firstlight.plot(data, stretch="linear", percentile=98.0).report["panels"][0]
    expected = np.nanpercentile(data.astype(np.float64), [1.0, 99.0])
    np.testing.assert_allclose([report["vmin"], report["vmax"]], expected, rtol=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_zscale_is_astropys(seed):
    data = image(seed)
    # Astropy takes every n-th of all samples, missing ones among them; without those both take the same.
    data = np.where(np.isnan(data), np.float32(5.0), data)
    report = firstlight.plot(data, stretch="zscale").report["panels"][0]
    expected = ZScaleInterval().get_limits(data)
    np.testing.assert_allclose([report["vmin"], report["vmax"]], expected, rtol=1e-5)


def test_zscale_of_a_real_frame_is_astropys(data):
    from astropy.io import fits

    path = data / "hst" / "acs_hrc" / "j8bt06nyq_flt.fits"
    report = firstlight.plot(path, stretch="zscale").report["panels"][0]
    expected = ZScaleInterval().get_limits(fits.getdata(path, "SCI"))
    np.testing.assert_allclose([report["vmin"], report["vmax"]], expected, rtol=1e-5)
