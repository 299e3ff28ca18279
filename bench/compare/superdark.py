"""The baseline dark of an anneal period's 56 long darks: refstis' make_basedark, which runs calstis, and ours.

The darks are those of `FIRSTLIGHT_TRUTH/sim_stis.py --darks 56`, 588 MB. refstis has to be importable, with `cs0.e` on the PATH;
it scales its inputs in place, so it works on a copy of them, which is not timed. The products are compared before the times are
told. Where it is not there, ours is set against the time that it took on a machine of two cores (10 s), and the line says so.
"""

import contextlib
import importlib.metadata
import importlib.util
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from timing import call, command, compare

FIRSTLIGHT = os.environ["FIRSTLIGHT_BIN"]
TRUTH = pathlib.Path(os.environ["FIRSTLIGHT_TRUTH"])
DARKS = 56
NAME = f"superdark, {DARKS} darks"
# Seconds that refstis 0.8.5 with calstis 3.5.0 took, and its peak memory.
PUBLISHED_S, PUBLISHED_RSS = 10.0, 760_000_000
# Electrons per second.
TOLERANCE = 1e-7


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        world = folder / "world"
        simulate = [sys.executable, TRUTH / "sim_stis.py", world, "--darks", DARKS]
        subprocess.run([*map(str, simulate)], check=True, stdout=subprocess.DEVNULL)
        os.environ["oref"] = f"{world / 'ref'}/"
        darks = [world / line for line in (world / "lists" / "long_darks.txt").read_text().split()]
        ours, theirs = folder / "ours.fits", folder / "theirs.fits"
        words = [FIRSTLIGHT, "superdark", "base", *darks, "-o", ours, "--overwrite", "--quiet"]
        measure = command(words)
        if importlib.util.find_spec("refstis") and shutil.which("cs0.e"):
            peer = refstis(darks, folder / "copies", theirs)
            peer(), measure()
            check(theirs, ours)
            compare(NAME, "refstis", peer, measure, version=importlib.metadata.version("refstis"))
        else:
            published(measure)


def refstis(darks, folder, output):
    """A measurement of make_basedark on copies of darks."""

    def prepare():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        output.unlink(missing_ok=True)
        copies = [str(shutil.copy(dark, folder)) for dark in darks]
        os.chdir(folder)
        with contextlib.redirect_stdout(open(os.devnull, "w")):
            from refstis.basedark import make_basedark
        return make_basedark, copies

    def work(prepared):
        make_basedark, copies = prepared
        with contextlib.redirect_stdout(open(os.devnull, "w")):
            make_basedark(copies, refdark_name=str(output))

    return call(prepare, work)


def published(measure):
    seconds, rss = zip(*(measure() for _ in range(3)))
    line = {
        "name": NAME,
        "peer": "refstis",
        "peer_version": "0.8.5, another machine's time",
        "peer_s": PUBLISHED_S,
        "ours_s": round(min(seconds), 3),
        "ratio": round(PUBLISHED_S / min(seconds), 2),
        "peer_rss": PUBLISHED_RSS,
        "ours_rss": max(rss),
    }
    print(json.dumps(line), flush=True)


def check(theirs, ours):
    import numpy as np
    from astropy.io import fits

    with fits.open(theirs) as one, fits.open(ours) as other:
        difference = np.abs(one["SCI"].data - other["SCI"].data).max()
        if not difference <= TOLERANCE:
            sys.exit(f"SCI differs by up to {difference} e/s")


if __name__ == "__main__":
    main()
