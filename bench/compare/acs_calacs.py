"""Calibrating CR-SPLIT pairs of full WFC frames without CTE, before and after Servicing Mission 4: to two flt and a crj,
file to file.

Beside a plain copy, which reads the same raw frames and reference files and writes as many bytes as the products
have, with the inputs in the system's memory and with the inputs on the disk, and beside calacs where the environment names it (``CALACS``, the path of calacs.e). Where it does not, its
published figures are told of: 5.6 to 7.5 s and 425 MB on two cores. The inputs are made by the simulator of
``FIRSTLIGHT_TRUTH``, which needs numpy, scipy and astropy.
"""

import functools
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from timing import call, command, compare

SIMULATOR = pathlib.Path(os.environ["FIRSTLIGHT_TRUTH"]) / "sim_acs_raw.py"
PART = 1 << 20
# The simulator's names of the pairs.
PAIRS = {"before SM4": "wfc06cr", "after SM4": "wfc16cr"}


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        line = [sys.executable, SIMULATOR, "make", folder, "--sets", *PAIRS.values()]
        subprocess.run(line, check=True, stdout=subprocess.DEVNULL)
        for era, pair in PAIRS.items():
            run(folder, era, folder / pair, folder / "ref")


def run(folder, era, raws, references):
    (table,) = raws.glob("*_asn.fits")
    output = folder / "ours"
    words = [os.environ["FIRSTLIGHT_BIN"], "calibrate", table, "--ref-dir", references, "--output-dir", output]
    words += ["--switch", "PCTECORR=OMIT", "--quiet"]
    ours = command(words, lambda: shutil.rmtree(output, ignore_errors=True))
    ours()
    sizes = [path.stat().st_size for path in output.glob("*_fl?.fits")] + [
        path.stat().st_size for path in output.glob("*_crj.fits")
    ]
    inputs = [*raws.glob("*_raw.fits"), *used(raws, references)]
    name = f"WFC pair {era} to flt and crj"
    compare(f"{name}, beside reading and writing as much", "copy", copy(folder, inputs, sizes), ours, version="-")
    drop = functools.partial(from_disk, inputs)
    read = copy(folder, inputs, sizes, drop)
    made = command(words, lambda: (shutil.rmtree(output, ignore_errors=True), drop()))
    compare(f"{name}, beside reading from the disk and writing as much", "copy", read, made, version="-")
    if "CALACS" in os.environ:
        compare(name, "calacs", calacs(folder, raws, references), ours, version=calacs_version())
    else:
        print("CALACS is not set; published figures of calacs 10.5.0: 5.6 to 7.5 s, 425 MB on two cores", file=sys.stderr)


def used(raws, references):
    """The reference files that the headers name and the switches ask for."""
    from astropy.io import fits

    keywords = ["CCDTAB", "BPIXTAB", "BIASFILE", "SATUFILE", "OSCNTAB", "SNKCFILE", "CRREJTAB", "DARKFILE", "PFLTFILE"]
    header = fits.getheader(next(raws.glob("*_raw.fits")))
    names = {header[key].split("$")[-1] for key in [*keywords, "IMPHTTAB"]}
    return [references / name for name in names]


def from_disk(inputs):
    """Has the system forget what it keeps of the files in memory, once all that was written is on the disk."""
    os.sync()
    for path in inputs:
        with path.open("rb") as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def copy(folder, inputs, sizes, also=lambda: None):
    def prepare():
        target = folder / "copies"
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir()
        also()
        return target

    def work(target):
        for path in inputs:
            with path.open("rb", buffering=0) as file:
                while file.read(PART):
                    pass
        part = os.urandom(PART)
        for number, size in enumerate(sizes):
            with (target / str(number)).open("wb", buffering=0) as file:
                for begin in range(0, size, PART):
                    file.write(part[: min(PART, size - begin)])

    return call(prepare, work)


def calacs(folder, raws, references):
    work = folder / "calacs"

    def prepare():
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(raws, work)
        simulated = [sys.executable, SIMULATOR, "set", *work.glob("*_raw.fits"), "PCTECORR=OMIT"]
        subprocess.run(simulated, check=True, stdout=subprocess.DEVNULL)
        os.environ["jref"] = f"{references}/"
        os.chdir(work)

    (table,) = raws.glob("*_asn.fits")
    return command([os.environ["CALACS"], table.name], prepare)


def calacs_version():
    done = subprocess.run([os.environ["CALACS"], "--version"], stdout=subprocess.PIPE, text=True)
    return (done.stdout.split() or ["-"])[0]


if __name__ == "__main__":
    main()
