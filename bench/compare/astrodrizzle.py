"""AstroDrizzle with all its steps, file to file: four ACS/WFC exposures with cosmic rays, at 0.03 arcsec, pixfrac 1.

The exposures are those of ``FIRSTLIGHT_TRUTH/sim_wfc_flt.py``, made anew, or taken from a folder given as the argument.
Before anything is timed the products are compared. Besides, what reading the inputs and writing the products once takes.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

from drizzle_exposures import in_process, silence
from timing import call, command, compare

TRUTH = pathlib.Path(os.environ.get("FIRSTLIGHT_TRUTH", ""))
DATA = pathlib.Path(os.environ["FIRSTLIGHT_DATA"])
OPTIONS = {"driz_sep_bits": "16, 64, 256", "final_bits": "16, 64, 256", "final_rot": 0, "final_scale": 0.03}


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        if len(sys.argv) > 1:
            for path in pathlib.Path(sys.argv[1]).glob("*_flt.fits"):
                shutil.copy(path, folder)
        else:
            made = [sys.executable, TRUTH / "sim_wfc_flt.py", folder, DATA / "hst" / "reffiles" / "stwcs"]
            subprocess.run(made, check=True, capture_output=True)
        run(folder, sorted(path.name for path in folder.glob("*_flt.fits")))


def run(folder, names):
    root = folder / "ours"
    words = [os.environ["FIRSTLIGHT_BIN"], "drizzle", *(folder / name for name in names), "--output", root]
    words += ["--overwrite", "--quiet"]
    words += [f"--{name.replace('_', '-')}={value}" for name, value in OPTIONS.items()]

    def prepare():
        """Imports AstroDrizzle, and copies the inputs, which it writes to."""
        import warnings

        warnings.simplefilter("ignore")
        os.environ["jref"] = f"{DATA / 'hst' / 'reffiles' / 'stwcs'}/"
        with silence():
            from drizzlepac.astrodrizzle import AstroDrizzle
        work = folder / "peer"
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir()
        for name in names:
            shutil.copy(folder / name, work)
        os.chdir(work)
        return AstroDrizzle

    def work(astrodrizzle):
        with silence():
            astrodrizzle(names, output="peer", runfile="", preserve=False, clean=True, final_wcs=True, **OPTIONS)

    def fresh():
        """Both write new files; replacing old ones costs time too."""
        for path in folder.glob("ours_*.fits"):
            path.unlink()

    peer, ours = call(prepare, work), command(words, fresh)
    peer()
    ours()
    in_process(check, folder, words)
    compare("AstroDrizzle, all steps, four WFC exposures", "drizzlepac", peer, ours)
    in_process(once, folder, names)


def check(folder, words):
    """Same products to 1e-4 with the same map of pixels; the map that is timed is the accurate one."""
    import numpy as np
    from astropy.io import fits

    subprocess.run([*map(str, words), "--stepsize", "10"], check=True, stdout=subprocess.DEVNULL)
    for plane in ("sci", "wht"):
        a = fits.getdata(folder / f"ours_drz_{plane}.fits")
        b = fits.getdata(folder / "peer" / f"peer_drz_{plane}.fits")
        assert a.shape == b.shape
        beyond = np.count_nonzero(np.abs(a - b) > 1e-4 * np.abs(b) + 1e-5)
        assert beyond <= 1e-6 * a.size, f"{plane}: {beyond} of {a.size} pixels differ"


def once(folder, names):
    """Reads the inputs and writes as many bytes as the products have, once."""
    start = time.perf_counter()
    for name in names:
        (folder / name).read_bytes()
    read = time.perf_counter()
    products = list(folder.glob("ours_*.fits"))
    block = bytes(1 << 20)
    with open(folder / "once", "wb") as file:
        for _ in range(sum(path.stat().st_size for path in products) >> 20):
            file.write(block)
    written = time.perf_counter()
    (folder / "once").unlink()
    print(f"  reading the inputs once {read - start:.2f} s, writing the products' bytes once {written - read:.2f} s")


if __name__ == "__main__":
    main()
