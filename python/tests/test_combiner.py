"""Frames combined from Python: arrays, CCDData, files."""

import subprocess
import sys

import numpy as np
import pytest

import firstlight


def frames(count=6, shape=(17, 23)):
    generator = np.random.default_rng(7)
    return [generator.integers(900, 1100, shape).astype("uint16") for _ in range(count)]


def test_arrays_in_and_out():
    samples = frames()
    stack = np.stack(samples).astype(float)
    made = firstlight.combine(samples, method="median")
    assert isinstance(made, firstlight.Combined)
    np.testing.assert_array_equal(made.data, np.median(stack, axis=0))
    assert made.data.dtype == float and made.meta["NCOMBINE"] == 6
    assert (made.used == 6).all() and not made.mask.any()
    mean = firstlight.combine(np.stack(samples))
    np.testing.assert_allclose(mean.data, stack.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(mean.uncertainty, stack.std(axis=0) / np.sqrt(6), rtol=1e-12)


def test_masked_arrays_and_weights():
    samples = frames(3)
    masked = [np.ma.MaskedArray(sample, mask=np.zeros(sample.shape, bool)) for sample in samples]
    masked[0].mask[2, 3] = True
    combiner = firstlight.Combiner(masked)
    combiner.weights = np.array([10.0, 1.0, 3.0])
    expected = (float(samples[1][2, 3]) + 3 * float(samples[2][2, 3])) / 4
    assert combiner.average_combine().data[2, 3] == pytest.approx(expected, rel=1e-14)


def test_rejection_step_by_step():
    samples = [sample.astype(float) for sample in frames(9)]
    samples[4][5, 6] = 9000.0
    samples[2][1, 1] = np.nan
    combiner = firstlight.Combiner(samples)
    combiner.sigma_clipping(low_thresh=5, high_thresh=5, func=np.ma.median, dev_func="mad_std")
    mask = combiner.data_arr.mask
    stack = np.stack(samples)
    distance = np.abs(stack - np.nanmedian(stack, axis=0))
    far = distance > 5 * 1.482602218505602 * np.nanmedian(distance, axis=0)
    assert mask[4, 5, 6] and np.array_equal(mask, far)
    made = combiner.average_combine()
    np.testing.assert_array_equal(made.used, 9 - far.sum(axis=0) - np.isnan(stack).sum(axis=0))
    combiner.clip_extrema(nlow=1)
    assert combiner.data_arr.mask.sum() == far.sum() + 17 * 23
    by_function = firstlight.Combiner(samples[:1] * 3 + samples[3:4] + samples[5:])
    by_function.sigma_clipping(func=lambda data, axis: np.ma.median(data, axis=axis), dev_func=np.ma.std)
    by_name = firstlight.Combiner(samples[:1] * 3 + samples[3:4] + samples[5:])
    by_name.sigma_clipping(func="median", dev_func="std")
    np.testing.assert_array_equal(by_function.data_arr.mask, by_name.data_arr.mask)


def test_any_number_of_axes():
    samples = [np.arange(24.0).reshape(2, 3, 4) + n for n in range(3)]
    made = firstlight.combine(samples, method="sum")
    np.testing.assert_array_equal(made.data, np.sum(samples, axis=0))
    assert firstlight.combine([np.arange(5.0)] * 2).data.shape == (5,)


def test_files_without_astropy_are_arrays_and_with_it_ccds(tmp_path):
    samples = frames(4)
    paths = []
    for n, sample in enumerate(samples):
        paths.append(tmp_path / f"f{n}.fits")
        firstlight.writeto(paths[-1], sample, header={"EXPTIME": 2.0 + n})
    output = tmp_path / "out.fits"
    made = firstlight.combine(paths, output, method="sum", scale=[1, 2, 1, 1])
    expected = sum(sample.astype(float) for sample in samples) + samples[1]
    np.testing.assert_array_equal(np.asarray(made.data), expected)
    np.testing.assert_array_equal(firstlight.getdata(output), expected)
    assert firstlight.getval(output, "NCOMBINE") == 4
    report = firstlight.combine_files(
        paths, tmp_path / "flat.fits", clip="mad", scale="median", uncertainty="none", weights=[1, 1, 2, 0]
    )
    assert [frame["weight"] for frame in report["frames"]] == [1, 1, 2, 0]
    assert report["unit"] == "" and report["empty_pixels"] == 0
    with pytest.raises(ValueError, match="there already"):
        firstlight.combine(paths, output)


WRITES_ON_A_FULL_DISK = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))
import firstlight
*frames, output, overwrite = sys.argv[1:]
try:
    firstlight.combine_files(frames, output, overwrite=overwrite == "overwrite")
except OSError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no limit of file sizes")
def test_nothing_is_left_on_a_full_disk(tmp_path):
    paths = [tmp_path / f"f{n}.fits" for n in range(4)]
    for path, sample in zip(paths, frames(4, (60, 70))):
        firstlight.writeto(path, sample)
    there = tmp_path / "there.fits"
    firstlight.writeto(there, np.ones((2, 2)))
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    folder = paths[0] / "in a file.fits"
    for output, overwrite in ((tmp_path / "out.fits", "no"), (there, "overwrite"), (folder, "no")):
        line = [sys.executable, "-c", WRITES_ON_A_FULL_DISK, *map(str, paths), str(output), overwrite]
        done = subprocess.run(line, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert str(output) in done.stdout or str(output.parent) in done.stdout
        assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_what_is_refused():
    samples = frames(3)
    with pytest.raises(TypeError, match="size"):
        firstlight.combine([samples[0], samples[1][:3]])
    with pytest.raises(ValueError, match="method"):
        firstlight.combine(samples, method="mode")
    with pytest.raises(ValueError, match="nlow"):
        firstlight.combine(samples, clip_extrema=True, nlow=2, nhigh=1)
    with pytest.raises(ValueError, match="no frame"):
        firstlight.combine([])
    combiner = firstlight.Combiner(samples)
    with pytest.raises(TypeError):
        combiner.weights = [1, 2, 3]
    with pytest.raises(ValueError, match="Length"):
        combiner.weights = np.ones(2)
    with pytest.raises(ValueError, match="scaling"):
        combiner.scaling = [1, 2]
    with pytest.raises(ValueError, match="propagated"):
        combiner.average_combine(uncertainty_func="propagated")
    nothing = firstlight.combine([np.full((3, 4), np.nan)] * 2)
    assert nothing.mask.all() and np.isnan(nothing.data).all()
