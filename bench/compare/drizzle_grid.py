"""Nine values of pixfrac on four ACS/WFC exposures at 0.03 arcsec, cosmic rays marked already: what drizzle-grid makes of
them, figures and recommendation included, against nine runs of AstroDrizzle's combination alone.

The exposures are those of ``FIRSTLIGHT_TRUTH/sim_wfc_flt.py``, made anew, or taken from a folder given as the argument.
Before anything is timed, the weight in the boxes is compared. AstroDrizzle's time is that of its runs alone, without what
computes statistics and draws.
"""

import json
import os
import pathlib
import subprocess
import tempfile

from drizzlepac_runs import astrodrizzle_on, flags, in_process, silence, wfc_exposures
from timing import call, command, compare

OPTIONS = {"final_bits": "16, 64, 256", "final_rot": 0, "final_scale": 0.03, "resetbits": 0}
VALUES = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
BOXES = [(1000, 1500, 2250, 2750), (2250, 2750, 5250, 5750), (5250, 5750, 5000, 5500), (4750, 5250, 1250, 1750)]


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        run(folder, wfc_exposures(folder))


def run(folder, names):
    ours = [os.environ["FIRSTLIGHT_BIN"], "--quiet"]
    options = flags(OPTIONS)
    marked = [*ours, "drizzle", *(folder / name for name in names), "--output", folder / "first", "--write-dq"]
    marked += flags({**OPTIONS, "resetbits": 4096})
    subprocess.run([*map(str, marked)], check=True, stdout=subprocess.DEVNULL)
    words = [*ours, "--json", "drizzle-grid", *(folder / name for name in names), "--output", folder / "tried"]
    words += ["--combine-only", "--overwrite", "--pixfrac", "0.1:0.9:0.1", *options]
    words += [f"--box={','.join(map(str, box))}" for box in BOXES]

    def work(astrodrizzle):
        off = dict.fromkeys(["static", "skysub", "driz_separate", "median", "blot", "driz_cr"], False)
        with silence():
            for value in VALUES:
                options = {**OPTIONS, **off, "final_pixfrac": value, "final_wcs": True, "final_wht_type": "EXP"}
                astrodrizzle(names, output=f"peer_{value}", runfile="", preserve=False, clean=True, **options)

    peer, measure = call(astrodrizzle_on(folder, names), work), command(words)
    peer()
    in_process(check, folder, words)
    compare("nine values of pixfrac, four WFC exposures", "drizzlepac", peer, measure, runs=2)


def check(folder, words):
    """The same RMS over median as in AstroDrizzle's weight, with its map of pixels."""
    import numpy as np
    from astropy.io import fits

    done = subprocess.run([*map(str, words), "--stepsize=10"], check=True, stdout=subprocess.PIPE)
    for trial in json.loads(done.stdout)["trials"]:
        name = f"peer_{trial['pixfrac']:g}_drz_wht.fits"
        weight = fits.getdata(folder / "peer" / name)
        boxes = np.concatenate([weight[y0:y1, x0:x1].ravel() for x0, x1, y0, y1 in BOXES]).astype(float)
        expected = np.std(boxes) / np.median(boxes) if np.median(boxes) > 0 else None
        found = trial["rms_over_median"]
        assert (found is None) == (expected is None), (name, found, expected)
        assert found is None or abs(found - expected) < 1e-4 * expected, (name, found, expected)


if __name__ == "__main__":
    main()
