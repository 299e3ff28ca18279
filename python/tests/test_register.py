"""Registering frames, and putting them on each other's pixels."""

import numpy as np
import pytest

import firstlight

SHAPE = (240, 300)


def field(transform=lambda xy: xy, seed=1):
    """Eighty stars of FWHM 3.3 seen through a map, with noise."""
    rng = np.random.default_rng(4)
    places = transform(rng.uniform((-50, -50), (350, 290), size=(80, 2)))
    heights = 4000 / np.sqrt(np.arange(1, 81))
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]]
    image = np.random.default_rng(seed).normal(100, 3, SHAPE)
    for (u, v), height in zip(places, heights):
        image += height * np.exp(-((x - u) ** 2 + (y - v) ** 2) / (2 * 1.4**2))
    return image.astype("f4")


def turned(xy):
    angle = np.deg2rad(2.0)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return xy @ turn.T + (12.5, -7.25)


def test_find_transform_goes_from_source_to_target():
    source, target = field(), field(turned, seed=2)
    transform, (of_source, of_target) = firstlight.find_transform(source, target)
    places = np.array([(10.0, 20.0), (150.0, 120.0), (280.0, 200.0)])
    assert np.abs(transform(places) - turned(places)).max() < 0.05
    assert np.abs(transform.inverse(transform(places)) - places).max() < 1e-9
    assert np.degrees(transform.rotation) == pytest.approx(2.0, abs=0.02)
    assert transform.scale == pytest.approx(1, abs=1e-3)
    assert len(of_source) == len(of_target) > 20
    assert np.hypot(*(transform(of_source) - of_target).T).max() < 0.5
    assert transform((150.0, 120.0)).shape == (2,)


def test_lists_of_positions_are_taken_too():
    places = np.random.default_rng(8).uniform(0, 500, size=(40, 2))
    transform, (of_source, _) = firstlight.find_transform(places, turned(places), geometry="affine")
    assert len(of_source) == 40 and np.abs(transform(places) - turned(places)).max() < 1e-9


def test_apply_transform_puts_stars_on_the_target():
    source, target = field(), field(turned, seed=2)
    transform, _ = firstlight.find_transform(source, target)
    for interpolation in ("bilinear", "lanczos3", "drizzle"):
        moved, bad = firstlight.apply_transform(transform, source, target, interpolation=interpolation)
        assert moved.shape == target.shape and moved.dtype == np.float32
        assert np.isnan(moved[bad]).all() and np.isfinite(moved[~bad]).all() and 0 < bad.mean() < 0.2
        back, _ = firstlight.find_transform(np.ma.array(np.nan_to_num(moved, nan=100), mask=bad), target)
        assert np.abs(back.params[:2, 2]).max() < 0.05
    errors = np.full(SHAPE, 3.0)
    masked = np.zeros(SHAPE, bool)
    masked[100, 100] = True
    moved, uncertainty, bad = firstlight.apply_transform(
        firstlight.Transform(np.array([[1.0, 0, 5], [0, 1, 0], [0, 0, 1]])), source, SHAPE, errors, masked
    )
    assert np.array_equal(moved[:, 5:][~bad[:, 5:]], source[:, :-5][~masked[:, :-5]])
    assert bad[100, 105] and bad[:, :5].all() and bad.sum() == 5 * SHAPE[0] + 1
    assert uncertainty[50, 50] == 3


def test_fields_without_stars_and_bad_arguments():
    with pytest.raises(firstlight.InputError, match="stars"):
        firstlight.find_transform(np.full(SHAPE, 7.0), field())
    with pytest.raises(ValueError, match="two axes"):
        firstlight.field_stars(np.zeros(5))
    with pytest.raises(ValueError, match="geometri"):
        firstlight.find_transform(field(), field(), geometri="affine")
    stars = firstlight.field_stars(field(), fwhm=3.3, saturation=2000)
    assert stars["saturated"].any() and not stars["saturated"].all() and stars["fwhm"] == 3.3
    assert (stars["sigma"] > 0).all() and np.array_equal(np.argsort(stars["sigma"]), np.arange(len(stars["sigma"])))


def test_files(tmp_path):
    names = [tmp_path / name for name in ("a.fits", "b.fits", "blank.fits")]
    for name, image in zip(names, (field(), field(turned, seed=2), np.full(SHAPE, 7, "f4"))):
        firstlight.writeto(name, image)
    report = firstlight.register(names)
    assert [frame["status"] for frame in report["frames"]] == ["reference", "registered", "failed"]
    assert report["frames"][1]["described"]["rotation"] == pytest.approx(2.0, abs=0.02)
    shifted = firstlight.shift(names, tmp_path / "out", reference=names[0], interpolation="bilinear")
    assert shifted["frames"][2]["product"] is None and "blank" in shifted["frames"][2]["why"]
    image = firstlight.getdata(shifted["frames"][1]["product"])
    transform, _ = firstlight.find_transform(np.ma.masked_invalid(image), field())
    assert np.abs(transform.params[:2, 2]).max() < 0.05
    report = firstlight.register(names[:2], geometry="affine", fwhm=3.3, reference=names[1])
    assert report["frames"][0]["status"] == "registered" and report["frames"][0]["fwhm"] == 3.3
    for call in (firstlight.register, lambda files, **options: firstlight.shift(files, tmp_path / "no", **options)):
        with pytest.raises(ValueError, match="geometri"):
            call(names[:2], geometri="affine")


def nebula(shift=(0.0, 0.0), seed=1):
    """Broad spots of light seen through a shift, with noise."""
    rng = np.random.default_rng(6)
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]]
    image = np.random.default_rng(seed).normal(100, 3, SHAPE)
    for u, v in rng.uniform((-40, -40), (340, 280), size=(50, 2)) + shift:
        image += rng.uniform(30, 100) * np.exp(-((x - u) ** 2 + (y - v) ** 2) / (2 * rng.uniform(4, 12) ** 2))
    return image


def test_fields_without_stars_are_registered_by_their_light():
    reference, image = nebula(), nebula((8.25, -5.5), seed=2)
    found = firstlight.find_shift(image, reference)
    assert np.hypot(found["shift"][0] - 8.25, found["shift"][1] + 5.5) < 0.1
    assert 0 < found["sigma"][0] < 0.1 and found["correlation"] > 0.9 and found["height"] > 7.5
    transform, (of_source, of_target) = firstlight.find_transform(reference, image, method="phase")
    assert tuple(transform.translation) == found["shift"] and of_source.shape == of_target.shape == (0, 2)
    bad = np.zeros(SHAPE, bool)
    bad[::7, ::5] = True
    spoilt = firstlight.find_shift(np.where(bad, 1e6, image), reference, mask=bad)
    missing = firstlight.find_shift(np.where(bad, np.nan, image), reference)
    assert spoilt == missing and np.hypot(spoilt["shift"][0] - 8.25, spoilt["shift"][1] + 5.5) < 0.15


def bleeding(shift, seed):
    """The nebula with three stars that are clipped, and bleed along their columns as far as the detector lets them."""
    image = nebula(shift, seed)
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]]
    for at, (u, v) in enumerate(np.array([(70.0, 60.0), (180.0, 150.0), (240.0, 90.0)]) + shift):
        image += 60000 * np.exp(-((x - u) ** 2 + (y - v) ** 2) / (2 * 1.6**2))
        length = 25 + 9 * ((at + seed) % 3)
        column, start = round(u), round(v)
        image[start - length : start + length // (1 + seed), column : column + 2] = 60000
    return np.minimum(image, 3000)


def test_saturated_stars_do_not_pull():
    reference, image = bleeding((0.0, 0.0), 1), bleeding((8.25, -5.5), 2)
    found = firstlight.find_shift(image, reference)
    told = firstlight.find_shift(image, reference, saturation=3000)
    assert found == told and np.abs(np.subtract(found["shift"], (8.25, -5.5))).max() < 0.12
    pulled = firstlight.find_shift(image, reference, saturation=1e9)
    assert np.abs(np.subtract(pulled["shift"], (8.25, -5.5))).max() > 0.2
    transform, _ = firstlight.find_transform(reference, image, method="phase", saturation=3000)
    assert tuple(transform.translation) == found["shift"]


def test_unlike_images_have_no_shift():
    noise = np.random.default_rng(9).normal(100, 3, SHAPE)
    with pytest.raises(firstlight.InputError, match="chance"):
        firstlight.find_shift(noise, nebula())
    with pytest.raises(TypeError, match="no other"):
        firstlight.find_transform(noise, noise, method="phase", tolerance=2.0)
    with pytest.raises(ValueError, match="phase"):
        firstlight.find_transform(noise, noise, method="moon")
