"""A spectrum of the STIS CCD in two parts with its wavecal, to flt, crj, sx2 and sx1, file to file.

Beside calstis where the PATH has it (``calstis.e`` or ``cs0.e``); where not, it is skipped. The inputs are made by the
simulator of ``FIRSTLIGHT_TRUTH``, which needs numpy and astropy.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from timing import command, compare

SIMULATOR = pathlib.Path(os.environ["FIRSTLIGHT_TRUTH"]) / "sim_stis.py"
PROGRAMS = ("calstis.e", "cs0.e")


def main():
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        print(f"skipped: none of {', '.join(PROGRAMS)} is on the PATH", file=sys.stderr)
        return
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        line = [sys.executable, SIMULATOR, folder, "--darks", "1", "--short", "0", "--biases", "1", "--no-raw-darks"]
        subprocess.run(line, check=True, stdout=subprocess.DEVNULL)
        run(folder, program)


def run(folder, program):
    output = folder / "ours"
    words = [os.environ["FIRSTLIGHT_BIN"], "calibrate", folder / "sci/osim01010_raw.fits", "--quiet"]
    words += ["--ref-dir", folder / "ref", "--output-dir", output]
    ours = command(words, lambda: shutil.rmtree(output, ignore_errors=True))
    work = folder / "calstis"

    def prepare():
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(folder / "sci", work)
        os.environ["oref"] = f"{folder / 'ref'}/"
        os.chdir(work)

    theirs = command([program, "osim01010_raw.fits"], prepare)
    ours()
    theirs()
    same(*(path / "osim01010_sx1.fits" for path in (output, work)))
    compare("STIS spectrum and wavecal to flt, crj, sx2 and sx1", "calstis", theirs, ours, version=version(program))


def same(*paths):
    """The spectra agree to single precision."""
    import numpy as np
    from astropy.io import fits

    one, other = (fits.getdata(path, 1)[0] for path in paths)
    for column in ("WAVELENGTH", "FLUX", "ERROR"):
        np.testing.assert_allclose(one[column], other[column], rtol=1e-6, err_msg=column)


def version(program):
    done = subprocess.run([program, "--version"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return (done.stdout.split() or ["-"])[0]


if __name__ == "__main__":
    main()
