"""Blotting against drizzlepac's own C code, tblot, on random maps: each value to 1e-6 of the largest sample it is made of.

Two differences are meant, and shown. Close to the upper edge drizzlepac's poly5 uses samples that were not reflected, and
beyond the last row's centres its poly3 some that were never set; and its sinc is displaced by a pixel along both axes.
"""

import numpy as np
import pytest

firstlight = pytest.importorskip("firstlight")
cdriz = pytest.importorskip("drizzlepac.cdriz")
ndimage = pytest.importorskip("scipy.ndimage")
from firstlight import rejection  # noqa: E402

SHAPE, OUT_SHAPE = (60, 70), (80, 90)
RATIO, EXPTIME = 1.1, 400.0


def peer(source, pixmap, interp, **options):
    options = {"exptime": 1.0, "scale": 1.0, "fill": 0.0, "sinscl": 1.0, **options}
    out = np.zeros(pixmap.shape[:2], np.float32)
    positions = pixmap + 1.0

    def mapping(x, y):
        # Their pixels count from 1, on both sides.
        row, column = np.asarray(y).astype(int) - 1, np.asarray(x).astype(int) - 1
        return positions[row, column, 0], positions[row, column, 1]

    ny, nx = source.shape
    # fmt: off
    cdriz.tblot(
        source.copy(), out, 1, nx, 1, ny, options["scale"], 1.0, 1.0, 1.0, "center", interp, options["exptime"],
        options["fill"], options["sinscl"], 1, mapping,
    )
    # fmt: on
    return out


def random_case(seed):
    rng = np.random.default_rng(seed)
    source = rng.normal(1, 0.5, SHAPE).astype(np.float32)
    source[rng.integers(0, SHAPE[0], 30), rng.integers(0, SHAPE[1], 30)] += 1000
    angle, scale = rng.uniform(0, 2 * np.pi), rng.uniform(0.8, 1.1)
    y, x = np.indices(OUT_SHAPE) - np.array([40.2, 44.7])[:, None, None]
    cos, sin = scale * np.cos(angle), scale * np.sin(angle)
    pixmap = np.dstack([35.3 + cos * x - sin * y, 30.1 + sin * x + cos * y])
    whole = np.round(pixmap[::7, ::5])
    # What falls on the very end stops the peer's linear.
    pixmap[::7, ::5] = np.where((whole == SHAPE[1]) | (whole == SHAPE[0]), pixmap[::7, ::5], whole)
    return source, pixmap


def defined(pixmap, interp):
    """Where what the peer reads is in the image and was set."""
    (ny, nx), x, y = SHAPE, pixmap[..., 0], pixmap[..., 1]
    rows_left, columns_left = {"poly3": (1, 0), "poly5": (4, 0), "nearest": (0.5, 0.5)}.get(interp, (0, 0))
    # On the edge between inside and outside single precision decides.
    edge = np.minimum.reduce([abs(x), abs(y), abs(x - nx), abs(y - ny)]) < 1e-4
    return (y < ny - rows_left) & (x < nx - columns_left) & ~edge | (y > ny) | (x > nx)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("interp", ["nearest", "linear", "poly3", "poly5", "lan3", "lan5"])
def test_tblot(interp, seed):
    source, pixmap = random_case(seed)
    # They scale the fill value as well where a Lanczos kernel does not fit.
    fill = 0.0 if interp.startswith("lan") else -7.0
    theirs = peer(source, pixmap, interp, exptime=EXPTIME, scale=RATIO, fill=fill)
    ours = rejection.blot(source, pixmap, interp=interp, exptime=EXPTIME, pixel_scale_ratio=RATIO, fillval=fill)
    compared = defined(pixmap, interp)
    assert compared.sum() > 0.9 * compared.size
    assert np.array_equal((ours == fill)[compared], (theirs == fill)[compared]) and (ours == fill).any()
    # The largest of the samples around each pixel.
    largest = ndimage.maximum_filter(np.abs(source), 8, mode="nearest")
    j, i = (np.clip(pixmap[..., k].astype(int), 0, SHAPE[1 - k] - 1) for k in (1, 0))
    scale = largest[j, i] * EXPTIME / RATIO**2
    error = np.abs(ours.astype(float) - theirs) / scale
    assert error[compared].max() < 1e-6


@pytest.mark.parametrize("interp", ["poly3", "poly5"])
def test_close_to_the_upper_edge_ours_is_the_mirror_image_of_the_lower_one(interp):
    source, _ = random_case(9)
    y, x = np.mgrid[0.1:3.0:0.2, 5.3:50:1.0]
    mirrored = np.dstack([x, SHAPE[0] - 1 - y])
    lower = peer(source, np.dstack([x, y]), interp)
    ours = rejection.blot(source[::-1], mirrored, interp=interp)
    assert np.abs(ours - lower).max() < 1e-5 * source.max()
    if interp == "poly5":
        assert not np.allclose(peer(source[::-1], mirrored, interp), lower, atol=1e-4 * source.max())


def test_their_sinc_is_displaced_by_a_pixel():
    y, x = np.indices((41, 41), dtype=float)
    star = np.exp(-((x - 20) ** 2 + (y - 20) ** 2) / (2 * 2.0**2)).astype(np.float32)
    # Blotted onto the grid shifted by a fraction, so that the star is at 19.7, 19.6.
    pixmap = np.dstack([x + 0.3, y + 0.4])
    expected = np.exp(-((x - 19.7) ** 2 + (y - 19.6) ** 2) / (2 * 2.0**2))
    ours = rejection.blot(star, pixmap, interp="sinc")
    theirs = peer(star, pixmap, "sinc")
    inner = np.s_[9:31, 9:31]
    assert np.abs(ours - expected)[inner].max() < 0.01
    # By a pixel, or anything: the peer also adds what is in memory before an array to the sum that it divides by.
    assert not np.allclose(theirs[inner], expected[inner], atol=0.2)
