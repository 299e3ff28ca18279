"""AstroDrizzle with all its steps, file to file: four ACS/WFC exposures with cosmic rays, at 0.03 arcsec, pixfrac 1.

The exposures are those of ``FIRSTLIGHT_TRUTH/sim_wfc_flt.py``, made anew, or taken from a folder given as the argument.
Before anything is timed the products are compared. Besides, what reading the inputs and writing the products once takes.
"""

import os
import pathlib
import subprocess
import tempfile
import time

from drizzlepac_runs import astrodrizzle_on, flags, in_process, silence, wfc_exposures, without_products
from timing import call, command, compare

OPTIONS = {"driz_sep_bits": "16, 64, 256", "final_bits": "16, 64, 256", "final_rot": 0, "final_scale": 0.03}


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        run(folder, wfc_exposures(folder))


def run(folder, names):
    root = folder / "ours"
    words = [os.environ["FIRSTLIGHT_BIN"], "drizzle", *(folder / name for name in names), "--output", root]
    words += ["--overwrite", "--quiet", *flags(OPTIONS)]

    def work(astrodrizzle):
        with silence():
            astrodrizzle(names, output="peer", runfile="", preserve=False, clean=True, final_wcs=True, **OPTIONS)

    peer, ours = call(astrodrizzle_on(folder, names), work), command(words, without_products(folder))
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
