"""Combining, beside ccdproc 2.5: the bias and flat frames of a real night, and random frames in memory.

Values and uncertainties to 1e-6 relative, masks exactly, wherever a pixel has a sample left. Frames are without
masks where ccdproc lets masked samples take part in rejection; see docs/parity/differences.md.
"""

import ccdproc
import numpy as np
import pytest
from astropy import units as u
from astropy.io import fits
from astropy.nddata import CCDData, StdDevUncertainty
from astropy.stats import mad_std

import firstlight

RTOL = 1e-6


def compare(ours, theirs):
    mask = np.zeros(theirs.shape, bool) if theirs.mask is None else np.asarray(theirs.mask)
    our_mask = np.zeros(ours.shape, bool) if ours.mask is None else np.asarray(ours.mask)
    assert np.array_equal(our_mask, mask)
    good = ~mask
    np.testing.assert_allclose(ours.data[good], theirs.data[good], rtol=RTOL)
    scale = np.abs(theirs.data[good]).max()
    np.testing.assert_allclose(
        ours.uncertainty.array[good], theirs.uncertainty.array[good], rtol=RTOL, atol=1e-12 * scale
    )
    assert ours.unit == theirs.unit


@pytest.fixture(scope="module")
def night(data):
    folder = data / "ground" / "nickel" / "raw"
    frames = firstlight.ImageFileCollection(folder, keywords=["object", "obstype"])
    biases = [str(folder / f"d10{n:02d}.fits") for n in range(1, 11)]
    flats = [str(folder / f"d10{n}.fits") for n in (35, 36, 37)]
    assert {pathlib_name(path) for path in biases + flats} <= set(frames.files)
    return biases, flats


def pathlib_name(path):
    return path.rsplit("/", 1)[-1]


# Of ten samples of which nine are alike the tenth is exactly three standard deviations off: 2.9 tells them apart.
@pytest.mark.parametrize(
    "how",
    [
        {"method": "average"},
        {"method": "median"},
        {"method": "sum"},
        {"method": "average", "clip_extrema": True, "nlow": 1, "nhigh": 2},
        {"method": "median", "minmax_clip": True, "minmax_clip_min": 900, "minmax_clip_max": 1200},
        {"method": "average", "sigma_clip": True, "sigma_clip_low_thresh": 2.9, "sigma_clip_high_thresh": 2.9},
        {
            "method": "average",
            "sigma_clip": True,
            "sigma_clip_low_thresh": 5,
            "sigma_clip_high_thresh": 5,
            "sigma_clip_func": np.ma.median,
            "sigma_clip_dev_func": mad_std,
        },
        {"method": "average", "weights": np.linspace(0.5, 1.5, 10)},
        {"method": "sum", "scale": np.linspace(0.9, 1.1, 10)},
    ],
    ids=lambda how: "-".join(str(key) for key in how if key not in ("nlow", "nhigh")),
)
def test_the_biases_of_a_night(night, how):
    biases, _ = night
    ours = firstlight.combine(biases, unit="adu", **how)
    theirs = ccdproc.combine(biases, unit="adu", **how)
    compare(ours, theirs)


def inverse_median(samples):
    return 1 / np.median(samples)


def test_the_flats_of_a_night_scaled(night):
    _, flats = night
    ours = firstlight.combine(flats, unit="adu", method="median", scale=inverse_median)
    theirs = ccdproc.combine(flats, unit="adu", method="median", scale=inverse_median)
    compare(ours, theirs)
    assert ours.header["NCOMBINE"] == 3


@pytest.fixture(scope="module")
def random():
    generator = np.random.default_rng(11)
    frames = []
    for _ in range(13):
        samples = generator.normal(500, 20, (60, 71)) + 4000 * (generator.random((60, 71)) < 0.03)
        frames.append(CCDData(samples, unit=u.electron))
    return frames


@pytest.mark.parametrize("method", ["average_combine", "median_combine", "sum_combine"])
@pytest.mark.parametrize("scaled", [False, True])
@pytest.mark.parametrize("masked", [False, True])
def test_combiners_of_random_frames(random, method, scaled, masked):
    frames = [frame.copy() for frame in random]
    if masked:
        generator = np.random.default_rng(5)
        for frame in frames:
            frame.mask = generator.random(frame.shape) < 0.3
            frame.mask[3, 4:9] = True
    made = []
    for package in (firstlight, ccdproc):
        combiner = package.Combiner(frames)
        if scaled:
            combiner.scaling = np.linspace(0.8, 1.3, len(frames))
        made.append(getattr(combiner, method)())
    compare(*made)


@pytest.mark.parametrize("func", ["mean", "median"])
@pytest.mark.parametrize("dev_func", ["std", "mad_std"])
@pytest.mark.parametrize("limits", [(3, 3), (4, 2.5), (2, 9)])
def test_sigma_clipping_of_random_frames(random, func, dev_func, limits):
    made = []
    for package in (firstlight, ccdproc):
        combiner = package.Combiner(random)
        combiner.sigma_clipping(*limits, func=func, dev_func=dev_func)
        made.append((combiner.average_combine(), np.asarray(combiner.data_arr.mask)))
    assert np.array_equal(made[0][1], made[1][1])
    compare(made[0][0], made[1][0])


def test_rejection_and_weights_of_each_sample(random):
    weights = np.random.default_rng(2).uniform(0.5, 2, (13, 60, 71))
    made = []
    for package in (firstlight, ccdproc):
        combiner = package.Combiner(random)
        combiner.clip_extrema(nlow=2, nhigh=1)
        combiner.minmax_clipping(max_clip=3000)
        made.append(np.asarray(combiner.data_arr.mask))
        combiner = package.Combiner(random)
        combiner.weights = weights
        made.append(combiner.average_combine())
    compare(made[1], made[3])
    # ccdproc counts the lowest and highest of all samples, also of those beyond the limit; here those are the highest.
    assert np.array_equal(made[0], made[2])


def test_functions_of_the_users(random):
    made = []
    for package in (firstlight, ccdproc):
        combiner = package.Combiner(random)
        made.append(combiner.median_combine(uncertainty_func=lambda data, axis: np.nanmax(data, axis=axis)))
    compare(*made)


def test_weights_know_of_masks(random):
    """Where ccdproc is wrong: it divides by the weights of masked samples too."""
    frames = [frame.copy() for frame in random[:3]]
    frames[0].mask = np.ones(frames[0].shape, bool)
    weights = np.array([5.0, 1.0, 3.0])
    combiner = firstlight.Combiner(frames)
    combiner.weights = weights
    expected = (frames[1].data + 3 * frames[2].data) / 4
    np.testing.assert_allclose(combiner.average_combine().data, expected, rtol=1e-12)
    theirs = ccdproc.Combiner(frames)
    theirs.weights = weights
    np.testing.assert_allclose(theirs.average_combine().data, expected * 4 / 9, rtol=1e-12)


def test_what_is_written_is_read_by_astropy(random, tmp_path):
    frames = []
    for n, frame in enumerate(random):
        path = str(tmp_path / f"frame{n}.fits")
        frame = frame.copy()
        frame.uncertainty = StdDevUncertainty(np.full(frame.shape, 2.0))
        frame.mask = np.zeros(frame.shape, bool)
        frame.mask[7, 8] = True
        frame.write(path)
        frames.append(path)
    output = tmp_path / "out.fits"
    firstlight.combine(frames, output, combine_uncertainty_function="propagated")
    made = CCDData.read(output)
    assert made.unit == u.electron and made.mask[7, 8] and made.mask.astype(bool).sum() == 1
    good = made.mask == 0
    np.testing.assert_allclose(made.uncertainty.array[good], 2 / np.sqrt(13), rtol=1e-6)


@pytest.mark.parametrize("suffix", [".fits.gz", ".fits.fz"])
def test_packed_frames_are_combined_as_plain_ones(suffix, tmp_path):
    """Frames that astropy has written by gzip or in compressed tiles, beside the same ones plain: the same bits."""
    rng = np.random.default_rng(12)
    lists = {".fits": [], suffix: []}
    for n in range(6):
        samples = rng.normal(1000, 8, (70, 90)).round().astype("uint16")
        samples[n, 2 * n] += 5000
        for kind, names in lists.items():
            names.append(str(tmp_path / f"frame{n}{kind}"))
            if kind == ".fits.fz":
                fits.HDUList([fits.PrimaryHDU(), fits.CompImageHDU(samples)]).writeto(names[-1])
            else:
                fits.PrimaryHDU(samples).writeto(names[-1])
    made = {}
    for kind, names in lists.items():
        output = tmp_path / f"out{kind[-2:]}.fits"
        firstlight.combine(names, output, unit="adu", sigma_clip=True, sigma_clip_low_thresh=2, sigma_clip_high_thresh=2)
        with fits.open(output) as hdus:
            made[kind] = [np.array(hdu.data) for hdu in hdus if hdu.data is not None]
    assert len(made[".fits"]) >= 3
    for plain, packed in zip(made[".fits"], made[suffix], strict=True):
        assert np.array_equal(plain, packed, equal_nan=True) and plain.dtype == packed.dtype
