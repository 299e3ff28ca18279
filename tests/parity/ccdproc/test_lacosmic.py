"""L.A.Cosmic beside astroscrappy, on a frame of the real Nickel night and on random ones: the same mask and the same bits."""

import os

# astroscrappy's threads wait for each other where other work runs beside.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import astroscrappy
import ccdproc
import firstlight
import numpy as np
import pytest
from astropy import units as u
from astropy.io import fits
from astropy.nddata import CCDData, StdDevUncertainty


@pytest.fixture(scope="module")
def sky():
    """Stars and cosmic rays on a noisy sky."""
    rng = np.random.default_rng(5)
    y, x = np.mgrid[:200, :230]
    image = np.full(x.shape, 200.0)
    for _ in range(30):
        a, cx, cy = 10 ** rng.uniform(2, 5), rng.uniform(0, 230), rng.uniform(0, 200)
        image += a * np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * 1.3**2))
    image = rng.poisson(image) + rng.normal(0, 6.5, image.shape)
    for _ in range(40):
        cx, cy, angle = rng.integers(0, 230), rng.integers(0, 200), rng.uniform(0, np.pi)
        for step in range(rng.integers(1, 8)):
            px, py = int(cx + step * np.cos(angle)), int(cy + step * np.sin(angle))
            if 0 <= px < 230 and 0 <= py < 200:
                image[py, px] += rng.uniform(100, 3000)
    return image.astype(np.float32)


@pytest.mark.parametrize(
    "named",
    [
        {},
        {"gain": 1.7, "readnoise": 4.1, "sigclip": 4.0},
        {"sepmed": False},
        {"cleantype": "medmask"},
        {"cleantype": "idw"},
        {"satlevel": 20000.0},
        *({"fsmode": "convolve", "psfmodel": name} for name in ("gauss", "gaussx", "gaussy", "moffat")),
    ],
    ids=str,
)
def test_the_same_bits(sky, named):
    mask, cleaned = firstlight.detect_cosmics(sky, **named)
    expected_mask, expected = astroscrappy.detect_cosmics(sky, **named)
    assert expected_mask.sum() > 50
    np.testing.assert_array_equal(mask, expected_mask)
    np.testing.assert_array_equal(cleaned, expected)


def test_planes(sky):
    rng = np.random.default_rng(1)
    planes = {
        "inmask": rng.random(sky.shape) < 0.002,
        "inbkg": np.full(sky.shape, 180, np.float32),
        "invar": (np.abs(sky) + 42).astype(np.float32),
    }
    for names in (["inmask"], ["inbkg"], ["invar"], ["inbkg", "invar"]):
        given = {name: planes[name] for name in names}
        ours = firstlight.detect_cosmics(sky, gain=1.3, **given)
        theirs = astroscrappy.detect_cosmics(sky, gain=1.3, **given)
        np.testing.assert_array_equal(ours[0], theirs[0])
        np.testing.assert_array_equal(ours[1], theirs[1])


def test_ccdprocs_function(sky):
    err = StdDevUncertainty(np.sqrt(np.abs(sky)))
    frame = CCDData(sky, unit="adu", uncertainty=err)
    named = {"gain": 1.7 * u.electron / u.adu, "readnoise": 5 * u.electron}
    for gain_apply in (True, False):
        ours = firstlight.cosmicray_lacosmic(frame, **named, gain_apply=gain_apply)
        theirs = ccdproc.cosmicray_lacosmic(frame, **named, gain_apply=gain_apply)
        np.testing.assert_array_equal(ours.mask, theirs.mask)
        np.testing.assert_allclose(ours.data, theirs.data, rtol=1e-6)
        factor = 1.7 if gain_apply else 1.0
        np.testing.assert_allclose(ours.uncertainty.array, factor * err.array, rtol=1e-6)
        assert ours.unit == (u.electron if gain_apply else u.adu)
    cleaned, mask = firstlight.cosmicray_lacosmic(sky, pssl=50.0)
    expected, expected_mask = ccdproc.cosmicray_lacosmic(sky, pssl=50.0)
    np.testing.assert_array_equal(mask, expected_mask)
    np.testing.assert_allclose(cleaned, expected, rtol=1e-6)


def test_a_frame_of_the_nickel_night(data, command, tmp_path):
    frame = fits.getdata(data / "ground/nickel/raw/d1074.fits")[200:500, 300:700].astype(np.float32) - 900
    path = tmp_path / "frame.fits"
    fits.writeto(path, frame)
    words = ["-o", tmp_path / "clean", "--gain", 1.8, "--readnoise", 10.7, "--satlevel", 65536]
    report = command("lacosmic", path, *words, json=True)
    mask, cleaned = astroscrappy.detect_cosmics(frame, gain=1.8, readnoise=10.7)
    assert report["products"][0]["pixels"] == mask.sum() > 0
    with fits.open(tmp_path / "clean/frame.fits") as product:
        np.testing.assert_array_equal(product["MASK"].data, 4 * mask)
        np.testing.assert_array_equal(product[0].data, np.where(mask, cleaned, frame))
