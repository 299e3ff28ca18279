"""Twenty frames of 2048 x 2048 unsigned integers combined: ccdproc and ours, from files to a file.

The products are compared before the times are told. Then 200 such frames with ours alone within 1 GB of memory, the peak
measured.
"""

import os
import pathlib
import tempfile
import warnings

import numpy as np
from astropy.io import fits

from timing import call, command, compare

FIRSTLIGHT = os.environ["FIRSTLIGHT_BIN"]
SIZE, FRAMES, MANY = 2048, 20, 200
LIMIT = 1 << 30
CASES = {
    "median": (["--method", "median"], {"method": "median"}),
    "mean, sigma clip": (
        ["--clip", "sigma", "--sigma-low", "2.9", "--sigma-high", "2.9"],
        {"sigma_clip": True, "sigma_clip_low_thresh": 2.9, "sigma_clip_high_thresh": 2.9},
    ),
    "median, sigma clip": (
        ["--method", "median", "--clip", "sigma", "--sigma-low", "2.9", "--sigma-high", "2.9"],
        {"method": "median", "sigma_clip": True, "sigma_clip_low_thresh": 2.9, "sigma_clip_high_thresh": 2.9},
    ),
}


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        frames = made(folder, FRAMES)
        ours, theirs = folder / "ours.fits", folder / "theirs.fits"
        for name, (words, arguments) in CASES.items():
            line = [FIRSTLIGHT, "combine", *frames, *words, "-o", ours, "--quiet"]
            measure, peer = command(line, absent(ours)), call(absent(theirs, ccdproc_ready), work(frames, theirs, arguments))
            measure(), peer()
            check(ours, theirs)
            compare(f"combine {FRAMES} x {SIZE}², {name}", "ccdproc", peer, measure)
        # Links stand for further frames: what is read is the same.
        links = []
        for n in range(MANY):
            links.append(folder / f"link{n:03d}.fits")
            links[-1].symlink_to(frames[n % FRAMES])
        line = [FIRSTLIGHT, "combine", *links, "--clip", "mad", "--max-memory", "1G", "-o", ours, "--quiet"]
        seconds, rss = command(line, absent(ours))()
        assert rss < LIMIT, f"{rss} bytes"
        print(f"combine {MANY} x {SIZE}², mad clip: {seconds:.2f} s, {rss / 1e6:.0f} MB of 1 GiB")


def made(folder, count):
    generator = np.random.default_rng(1)
    paths = []
    for n in range(count):
        samples = generator.normal(1000, 8, (SIZE, SIZE)).round()
        samples[generator.random((SIZE, SIZE)) < 1e-3] += 5000
        paths.append(folder / f"frame{n:02d}.fits")
        fits.PrimaryHDU(samples.astype("uint16")).writeto(paths[-1])
    return paths


def absent(output, then=lambda: None):
    """Prepares for a product that is not there yet: what it costs to replace one is no part of the comparison."""

    def prepare():
        output.unlink(missing_ok=True)
        return then()

    return prepare


def ccdproc_ready():
    warnings.simplefilter("ignore")
    import ccdproc

    return ccdproc


def work(frames, output, arguments):
    names = [str(path) for path in frames]

    def run(ccdproc):
        ccdproc.combine(names, str(output), unit="adu", **arguments)

    return run


def check(ours, theirs):
    with fits.open(ours) as one, fits.open(theirs) as other:
        np.testing.assert_allclose(one[0].data, other[0].data, rtol=1e-6)
        np.testing.assert_allclose(one["UNCERT"].data, other["UNCERT"].data, rtol=1e-6, atol=1e-9)


if __name__ == "__main__":
    main()
