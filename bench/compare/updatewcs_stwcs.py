"""World coordinates of four full WFC exposures, file to file: stwcs and ours, on fresh copies of the same files.

The files are as the archive's calibration leaves them, 168 MB each; both have to make room for longer headers, and so write
the files anew. The copies are made before the clock runs.
"""

import contextlib
import os
import pathlib
import runpy
import shutil
import sys
import tempfile

from timing import call, command, compare

DATA = pathlib.Path(os.environ["FIRSTLIGHT_DATA"]) / "hst/reffiles/stwcs"
TRUTH = pathlib.Path(os.environ["FIRSTLIGHT_TRUTH"])


def main():
    os.environ["jref"] = f"{DATA}/"
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        template = folder / "template.fits"
        child = os.fork()
        if child == 0:
            make(template, folder)
            os._exit(0)
        os.waitpid(child, 0)
        names = [folder / f"jtst0{k}q_flt.fits" for k in range(4)]
        program = os.environ["FIRSTLIGHT_BIN"]
        for what, before in (("first run", template), ("second run", folder / "updated.fits")):

            def copies(before=before):
                for name in names:
                    shutil.copy(before, name)

            def prepare(copies=copies):
                from stwcs import updatewcs

                copies()
                return updatewcs

            def work(updatewcs):
                with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
                    updatewcs.updatewcs([str(name) for name in names], use_db=False)

            ours = command([program, "updatewcs", *names, "--quiet"], copies)
            compare(f"updatewcs, four WFC exposures, {what}", "stwcs", call(prepare, work), ours)
            shutil.copy(names[0], folder / "updated.fits")


def make(path, folder):
    """Headers of the simulator, and empty pixels."""
    import numpy as np
    from astropy.io import fits

    source = (TRUTH / "sim_wfc_flt.py").read_text().split("from scipy.special")[0]
    script = folder / "headers.py"
    script.write_text(source)
    sys.argv = ["sim_wfc_flt.py", str(folder), str(DATA)]
    made = runpy.run_path(str(script))
    primary, dx, dy = made["header_pair"](0)
    hdus = [fits.PrimaryHDU(header=primary)]
    for version in (1, 2):
        planes = {"SCI": np.ones((2048, 4096), "f4"), "ERR": np.ones((2048, 4096), "f4"), "DQ": np.zeros((2048, 4096), "i2")}
        for name, plane in planes.items():
            header = made["chip_header"](version, dx, dy) if name == "SCI" else None
            hdus.append(fits.ImageHDU(plane, header, name=name, ver=version))
    hdus[0].header.add_history("made for the benchmark")
    fits.HDUList(hdus).writeto(path)


if __name__ == "__main__":
    main()
