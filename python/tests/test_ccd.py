"""Frames of any CCD: steps on arrays, files with masters, and what is refused."""

import firstlight
import numpy as np
import pytest
from firstlight import ccd


def write(path, data, **cards):
    firstlight.writeto(path, np.asarray(data), header=cards, overwrite=True)
    return path


def test_steps_on_arrays():
    raw = np.full((4, 6), 110.0)
    raw[:, 4:] = 10.0
    frame = ccd.trim_image(ccd.subtract_overscan(raw, fits_section="[5:6,*]", median=True), "[1:4,*]")
    assert type(frame) is np.ndarray and frame.shape == (4, 4) and (frame == 100).all()
    assert (ccd.subtract_bias(frame, np.full((4, 4), 1.0)) == 99).all()
    dark = ccd.subtract_dark(frame, np.full((4, 4), 8.0), dark_exposure=60, data_exposure=15, scale=True)
    assert (dark == 98).all()
    assert (ccd.gain_correct(frame, 2.0) == 200).all()
    assert (ccd.create_deviation(frame, readnoise=0.0) == 10).all()
    assert raw[0, 0] == 110


def test_the_precision_is_that_of_the_frame():
    frame = np.ones((3, 3), np.float32)
    assert ccd.gain_correct(frame, 2.0).dtype == np.float32
    # Unsigned samples do not wrap round.
    counts = np.full((3, 3), 5, np.uint16)
    assert (ccd.subtract_bias(counts, np.full((3, 3), 7, np.uint16)) == -2).all()


def test_a_flat_masks_what_it_cannot_correct():
    flat = np.array([[1.0, 2.0, 0.0, 1.0]])
    done = ccd.flat_correct(np.full((1, 4), 6.0), flat, norm_value=1.0)
    assert done.mask.tolist() == [[False, False, True, False]]
    assert done.data.tolist() == [[6.0, 3.0, 6.0, 6.0]]
    with pytest.raises(ValueError, match="norm_value"):
        ccd.flat_correct(flat, flat, norm_value=0)
    with pytest.raises(firstlight.FirstlightError, match="blank"):
        ccd.flat_correct(flat, np.zeros((1, 4)))


def test_a_lost_share_of_the_light_comes_back():
    light = np.linspace(0, 40000, 1000).reshape(20, 50)
    # What is counted is light (1 - 1e-6 light); the inverse to third order.
    counted = light * (1 - 1e-6 * light)
    done = ccd.linearity_correct(counted, (1, 1e-6, 2e-12, 5e-18, 1.4e-23))
    np.testing.assert_allclose(done, light, rtol=1e-5, atol=1e-9)
    assert counted.max() == 40000 * (1 - 0.04)
    done = ccd.linearity_correct(counted, {"[1:25,*]": (1, 1e-6), "[26:50,*]": (2,)}, limit=30000)
    assert (done.mask == (counted > 30000)).all() and done.mask.any()
    np.testing.assert_allclose(done.data[:, 25:], 2 * counted[:, 25:])
    np.testing.assert_allclose(done.data[0, 1:25], counted[0, 1:25] * (1 + 1e-6 * counted[0, 1:25]))
    with pytest.raises((firstlight.FirstlightError, ValueError), match="falls from"):
        ccd.linearity_correct(counted, (1, -1e-5), limit=60000)
    with pytest.raises((firstlight.FirstlightError, ValueError), match="every pixel"):
        ccd.linearity_correct(counted, {"[1:25,*]": (1,)})


def test_a_linearity_keeps_ccddata_and_refuses_electrons():
    nddata = pytest.importorskip("astropy.nddata")
    uncertainty = nddata.StdDevUncertainty(np.full((2, 2), 10.0))
    frame = nddata.CCDData(np.full((2, 2), 1e4), unit="adu", uncertainty=uncertainty)
    done = firstlight.linearity_correct(frame, (1, 1e-6))
    assert done.data[0, 0] == pytest.approx(10100) and done.uncertainty.array[0, 0] == pytest.approx(10.2)
    assert done.meta["lincorr"].startswith("ccd=<CCDData>")
    electrons = nddata.CCDData(np.ones((2, 2)), unit="electron")
    with pytest.raises(ValueError, match="before the gain"):
        firstlight.linearity_correct(electrons, (1, 1e-6))


def test_what_does_not_fit_is_refused():
    frame = np.ones((4, 4))
    with pytest.raises((ValueError, firstlight.FirstlightError), match="shape"):
        ccd.subtract_bias(frame, np.ones((4, 5)))
    with pytest.raises(ValueError, match="longer than zero"):
        ccd.subtract_dark(frame, frame, dark_exposure=0, data_exposure=60, scale=True)
    with pytest.raises(TypeError):
        ccd.subtract_overscan(frame)
    with pytest.raises((ValueError, firstlight.FirstlightError), match="does not lie within"):
        ccd.trim_image(frame, "[1:9,*]")
    with pytest.raises(ValueError, match="two axes"):
        ccd.gain_correct(np.ones((2, 2, 2)), 1.0)


@pytest.fixture
def night(tmp_path):
    """A frame with overscan, and masters in adu."""
    rng = np.random.default_rng(3)
    light = np.pad(np.full((8, 8), 500, np.int16), ((0, 0), (0, 2)))
    raw = light + np.arange(100, 108, dtype=np.int16)[:, None]
    write(tmp_path / "m13.fits", raw, EXPTIME=30.0, BIASSEC="[9:10,1:8]", TRIMSEC="[1:8,1:8]", CRPIX1=5.0)
    masters = {
        "bias": rng.normal(20, 1, (8, 8)).astype("f4"),
        "dark": rng.normal(8, 1, (8, 8)).astype("f4"),
        "flat": rng.normal(1000, 50, (8, 8)).astype("f4"),
    }
    for name, data in masters.items():
        write(tmp_path / f"{name}.fits", data, EXPTIME=60.0, BUNIT="adu")
    return tmp_path, masters


def process(folder, files, **options):
    return ccd.ccd_process(files, output_dir=folder / "out", **options)


def test_files_with_masters(night):
    folder, masters = night
    named = {name: folder / f"{name}.fits" for name in masters}
    report = process(
        folder,
        [folder / "m13.fits"],
        overscan="BIASSEC",
        trim="TRIMSEC",
        gain="2.0",
        readnoise="3",
        dark_scale=True,
        **named,
    )
    (product,) = report["products"]
    assert product["dark_factor"] == 0.5 and product["unit"] == "electron"
    flat = masters["flat"].astype("f8")
    expected = 2 * (500 - masters["bias"] - 0.5 * masters["dark"]) / (flat / flat.mean())
    done = firstlight.getdata(folder / "out" / "m13.fits")
    np.testing.assert_allclose(done, expected, rtol=1e-6)
    header = firstlight.getheader(folder / "out" / "m13.fits")
    assert header["SUBBIAS"] == "bias.fits" and header["BUNIT"] == "electron"
    assert "TRIMSEC" not in header and header["CRPIX1"] == 5.0
    with pytest.raises((firstlight.FirstlightError, ValueError), match="overwrite"):
        process(folder, [folder / "m13.fits"])


def test_files_are_made_linear_above_their_bias(night):
    folder, masters = night
    given = {"overscan": "BIASSEC", "trim": "TRIMSEC", "linearity": ["1,2e-4"], "linearity_limit": 480.0}
    report = process(folder, [folder / "m13.fits"], bias=folder / "bias.fits", **given)
    (product,) = report["products"]
    level = 500 - masters["bias"].astype("f8")
    beyond = level > 480
    assert product["linearity"]["beyond"] == beyond.sum() and 0 < beyond.sum() < 64
    done = firstlight.getdata(folder / "out" / "m13.fits")
    np.testing.assert_allclose(done, level * (1 + 2e-4 * np.minimum(level, 480)), rtol=1e-6)
    mask = firstlight.getdata(folder / "out" / "m13.fits", "MASK")
    assert (mask == np.where(beyond, 64, 0)).all()
    assert firstlight.getheader(folder / "out" / "m13.fits")["LINCORR"] == "1.0,0.0002 to 480 adu"
    again = [folder / "out" / "m13.fits"]
    with pytest.raises((firstlight.FirstlightError, ValueError), match="corrected already"):
        ccd.ccd_process(again, output_dir=folder / "twice", linearity=["1,2e-4"])


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"linearity": ["1,2e-7"]}, "above the bias"),
        ({"linearity": ["1;2e-7"]}, "coefficients"),
        ({"linearity_limit": 60000.0}, "coefficients are not given"),
        ({"background": "many"}, "side of boxes"),
        ({"background": "2"}, "at least 4 pixels"),
        ({"background": "8", "bad_pixel_mask": "full.fits"}, "no sky"),
        ({"fringe": "small.fits"}, "shape"),
        ({"fringe": "electrons.fits"}, "electron"),
        ({"fringe": "zero.fits"}, "fringe frame cannot be scaled"),
        ({"fringe": "binned.fits"}, "XBINNING"),
        ({"fringe_scale": 1.0}, "not given"),
        ({"linearity": ["1,2e-7"], "unit": "electron", "bias": "electrons.fits"}, "unit 'electron'"),
        ({"dark": "dark.fits"}, "dark-scale"),
        ({"dark": "dark.fits", "dark_scale": True, "exposure_key": "EXPOSURE"}, "EXPOSURE"),
        ({"dark": "dark.fits", "dark_scale": True, "dark_exposure": 0.0}, "longer than zero"),
        ({"flat": "zero.fits"}, "blank"),
        ({"flat": "full.fits", "saturation": 60000.0}, "saturated"),
        ({"bias": "electrons.fits"}, "electron"),
        ({"bias": "small.fits"}, "shape"),
        ({"bias": "binned.fits"}, "XBINNING"),
        ({"overscan": "NOSEC"}, "NOSEC"),
        ({"trim": "[1:99,*]"}, "does not lie within"),
        ({"gain": "-1"}, "gain"),
        ({"bias": "broken.fits"}, "truncated"),
    ],
)
def test_what_cannot_be_done_says_why(night, options, reason):
    folder, _ = night
    frame = write(folder / "frame.fits", np.full((8, 8), 9, np.uint16), EXPTIME=30.0, XBINNING=1)
    write(folder / "zero.fits", np.zeros((8, 8), "f4"))
    full = np.full((8, 8), 65535, np.uint16)
    full[0, 0] = 100
    write(folder / "full.fits", full)
    write(folder / "electrons.fits", np.ones((8, 8), "f4"), BUNIT="electron")
    write(folder / "small.fits", np.ones((4, 8), "f4"))
    write(folder / "binned.fits", np.ones((8, 8), "f4"), XBINNING=2)
    write(folder / "broken.fits", np.ones((80, 80), "f4"))
    whole = (folder / "broken.fits").read_bytes()
    (folder / "broken.fits").write_bytes(whole[:5000])
    given = {
        key: folder / value if str(value).endswith(".fits") else value for key, value in options.items()
    }
    with pytest.raises((firstlight.FirstlightError, ValueError, OSError, KeyError), match=reason):
        process(folder, [frame], **given)
    assert not (folder / "out" / "frame.fits").exists()


def test_one_bad_file_does_not_keep_the_others_from_being_done(night):
    folder, _ = night
    (folder / "page.fits").write_text("<html>not found</html>")
    report = process(folder, [folder / "page.fits", folder / "m13.fits"])
    assert [product["input"].endswith("m13.fits") for product in report["products"]] == [True]
    assert "HTML" in report["failed"][0]["error"]


@pytest.fixture
def sky():
    """A sky of 100, a star, and a cosmic ray at (20, 12)."""
    rng = np.random.default_rng(8)
    y, x = np.mgrid[:40, :50]
    image = rng.normal(100, 10, x.shape) + 4000 * np.exp(-((x - 33.3) ** 2 + (y - 25.1) ** 2) / 4.5)
    image[12, 20] += 2000
    return image


def test_a_cosmic_ray_is_found_and_a_star_is_not(sky):
    mask, cleaned = ccd.detect_cosmics(sky)
    assert mask[12, 20] and not mask[20:30, 28:38].any()
    assert abs(cleaned[12, 20] - 100) < 40
    again, crmask = ccd.cosmicray_lacosmic(sky, gain=2.0, gain_apply=False)
    assert crmask[12, 20] and again.shape == sky.shape
    left, _ = ccd.detect_cosmics(sky, inmask=np.eye(40, 50, 8, dtype=bool))
    assert not left[12, 20]
    with pytest.raises((firstlight.FirstlightError, ValueError), match="shape"):
        ccd.detect_cosmics(sky, inbkg=np.zeros((3, 3)))
    with pytest.raises((firstlight.FirstlightError, ValueError), match="psfk"):
        ccd.detect_cosmics(sky, fsmode="convolve", psfk=np.zeros((0, 3)))
    with pytest.raises(ValueError):
        ccd.detect_cosmics(sky, cleantype="scrub")


def test_cosmic_rays_of_files(tmp_path, sky):
    path = write(tmp_path / "m13.fits", sky.astype("f4"), BUNIT="electron")
    report = ccd.cosmicray_lacosmic(path, output_dir=tmp_path / "clean")
    assert report["products"][0]["pixels"] >= 1
    bits = firstlight.getdata(tmp_path / "clean" / "m13.fits", "MASK")
    assert bits[12, 20] == 4
    flagged = ccd.cosmicray_lacosmic(path, output_dir=tmp_path / "flagged", flag_only=True)
    assert not flagged["failed"]
    np.testing.assert_array_equal(firstlight.getdata(tmp_path / "flagged" / "m13.fits"), sky.astype("f4"))
    with pytest.raises((firstlight.FirstlightError, ValueError), match="electrons already"):
        ccd.cosmicray_lacosmic(path, gain=2.0, output_dir=tmp_path / "twice")


SHAPE = (300, 360)


def fringes():
    """A pattern of peaks ±1, some 30 pixels apart."""
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]]
    return np.sin(((x - 500.0) ** 2 + (1.2 * (y + 120.0)) ** 2) / 5000 + np.sin(y / 50))


def field(rng, sky, fringe, offset=(0, 0), stars=120, noise=None):
    """A field of stars that do not change, moved by an offset, on a sky with fringes."""
    of_field = np.random.default_rng(99)
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]]
    image = sky * (1 + 1e-4 * (x - 180) - 5e-5 * (y - 150)) + fringe * fringes()
    for x0, y0, peak in zip(*(of_field.uniform(-30, 390, (2, stars))), 20000 * of_field.random(stars) ** 3):
        image += peak * np.exp(-((x - x0 - offset[0]) ** 2 + (y - y0 - offset[1]) ** 2) / 5)
    return image + rng.normal(0, np.sqrt(sky) if noise is None else noise, SHAPE)


def amplitude(image, box=60):
    """How often the pattern is in an image, by plain least squares: the pattern is known exactly, the sky is a plane in boxes."""
    y, x = np.mgrid[:box, :box]
    plane = np.stack([np.ones(box * box), x.ravel(), y.ravel()], axis=1)
    products = np.zeros(2)
    for top in range(0, SHAPE[0], box):
        for left in range(0, SHAPE[1], box):
            part = (slice(top, top + box), slice(left, left + box))
            both = np.stack([fringes()[part].ravel(), image[part].ravel()], axis=1)
            both -= plane @ np.linalg.lstsq(plane, both, rcond=None)[0]
            products += both[:, 0] @ both
    return products[1] / products[0]


def test_a_sky_is_subtracted_from_files_and_told_of(tmp_path):
    rng = np.random.default_rng(1)
    write(tmp_path / "a.fits", field(rng, 900.0, 0).astype("f4"), BUNIT="electron")
    report = process(tmp_path, [tmp_path / "a.fits"], background=60)
    (product,) = report["products"]
    told = product["background"]
    assert told["level"] == pytest.approx(900, abs=3) and told["noise"] == pytest.approx(30, rel=0.03)
    assert told["boxes"] == [6, 5] and told["sources"] > 1000
    header = firstlight.getheader(tmp_path / "out" / "a.fits")
    assert header["BKGLEVEL"] == told["level"] and header["SUBBKG"].startswith("boxes of 60, median: ")
    done = firstlight.getdata(tmp_path / "out" / "a.fits")
    assert abs(np.median(done)) < 3 and abs(np.median(done[:, :60]) - np.median(done[:, -60:])) < 8
    report = ccd.ccd_process([tmp_path / "a.fits"], output_dir=tmp_path / "one", background="frame")
    level = report["products"][0]["background"]["level"]
    raw = firstlight.getdata(tmp_path / "a.fits")
    np.testing.assert_allclose(firstlight.getdata(tmp_path / "one" / "a.fits"), raw - level, atol=1e-3)


def test_fringes_of_dithered_frames_are_found_and_subtracted_to_a_percent(tmp_path):
    rng = np.random.default_rng(4)
    # Fringes are 3 % of the sky, whose level doubles over the series.
    skies = np.linspace(2000, 4000, 9)
    offsets = rng.uniform(-25, 25, (9, 2))
    names = []
    for n, (sky, offset) in enumerate(zip(skies, offsets)):
        names.append(tmp_path / f"i{n}.fits")
        write(names[-1], field(rng, sky, 0.03 * sky, offset).astype("f4"), BUNIT="electron", EXPTIME=300.0)
    deep = tmp_path / "sky_I.fits"
    clip = {"clip": ["mad"], "sigma_low": 3, "sigma_high": 2.5}
    firstlight.combine_files(names, deep, method="median", scale="median", **clip)
    ccd.ccd_process([deep], output_dir=tmp_path / "fringe", background="100")
    made = tmp_path / "fringe" / "sky_I.fits"
    of_made = amplitude(firstlight.getdata(made).astype("f8"))
    # Frames are divided by their levels: what is made has no unit.
    assert of_made == pytest.approx(0.03, rel=0.01) and firstlight.getheader(made)["BUNIT"] == ""
    report = ccd.ccd_process(names, output_dir=tmp_path / "clean", fringe=made)
    for name, sky, product in zip(names, skies, report["products"]):
        told = product["fringe"]
        assert told["scale"] * of_made == pytest.approx(0.03 * sky, rel=0.01)
        assert 0 < told["scale_error"] < 0.01 * told["scale"]
        header = firstlight.getheader(tmp_path / "clean" / name.name)
        assert header["FRNGSCAL"] == told["scale"] and header["FRINGCOR"].startswith("sky_I.fits x ")
        before, after = firstlight.getdata(name), firstlight.getdata(tmp_path / "clean" / name.name)
        np.testing.assert_allclose(
            after, before - told["scale"] * firstlight.getdata(made).astype("f8"), rtol=1e-5, atol=2e-3
        )


def test_fringes_and_sky_of_arrays_and_ccddata():
    nddata = pytest.importorskip("astropy.nddata")
    rng = np.random.default_rng(6)
    data = field(rng, 3000.0, 90.0)
    noisy = fringes() + rng.normal(0, 0.7, SHAPE)
    done = firstlight.subtract_fringe(data, noisy)
    assert type(done) is np.ndarray
    scale = np.median((data - done) / noisy)
    assert scale == pytest.approx(90, rel=0.01)
    frame = nddata.CCDData(data, unit="electron", uncertainty=nddata.StdDevUncertainty(np.full(SHAPE, 55.0)))
    fringe = nddata.CCDData(noisy, unit="", uncertainty=nddata.StdDevUncertainty(np.full(SHAPE, 0.7)))
    done = ccd.subtract_fringe(frame, fringe)
    assert done.meta["FRNGSCAL"] == pytest.approx(scale) and 0 < done.meta["FRNGSERR"] < 0.9
    expected = np.sqrt(55.0**2 + (0.7 * scale) ** 2 + (done.meta["FRNGSERR"] * noisy) ** 2)
    np.testing.assert_allclose(done.uncertainty.array, expected)
    done = ccd.subtract_background(done, 60)
    assert done.meta["BKGLEVEL"] == pytest.approx(3000, abs=10) and done.unit == frame.unit
    assert abs(np.median(done.data)) < 8
    assert (ccd.subtract_fringe(data, noisy, scale=2.0) == data - 2 * noisy).all()
    with pytest.raises((firstlight.FirstlightError, ValueError), match="no pattern"):
        ccd.subtract_fringe(data, rng.normal(0, 1, SHAPE))
    with pytest.raises((firstlight.FirstlightError, ValueError), match="no sky"):
        ccd.subtract_background(np.ma.MaskedArray(data, mask=True))
    with pytest.raises((firstlight.FirstlightError, ValueError), match="shape"):
        ccd.subtract_fringe(data, noisy[1:])
    from astropy.units import UnitsError

    with pytest.raises(UnitsError, match="electron"):
        ccd.subtract_fringe(frame, nddata.CCDData(noisy, unit="adu"))
