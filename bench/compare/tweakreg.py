"""Alignment of four simulated WFC exposures, files to corrected headers: TweakReg and ours.

``FIRSTLIGHT_WFC`` names a folder with the exposures (``sim_wfc_flt.py OUT REFDIR --jitter 0.3``). Both work on copies.
Before anything is timed, the shifts of both are compared.
"""

import contextlib
import os
import pathlib
import shutil
import tempfile

from timing import call, command, compare

EXPOSURES = pathlib.Path(os.environ["FIRSTLIGHT_WFC"])
FIND = dict(threshold=50.0, conv_width=3.5)


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        names = sorted(path.name for path in EXPOSURES.glob("*_flt.fits"))
        program = os.environ["FIRSTLIGHT_BIN"]
        work = folder / "ours"
        words = [program, "align", *(work / name for name in names), "--threshold", "50", "--updatehdr", "--quiet"]

        def prepare():
            """Imports TweakReg, and copies the inputs, which it writes to."""
            import warnings

            warnings.simplefilter("ignore")
            with silence():
                from drizzlepac.tweakreg import TweakReg
            copies(names, folder / "peer")
            os.chdir(folder / "peer")
            os.environ.setdefault("jref", "./")
            return TweakReg

        def run(tweakreg):
            quiet = dict(interactive=False, see2dplot=False, residplot="No plot", writecat=False)
            with silence():
                tweakreg(names, updatehdr=True, wcsname="TWEAK", shiftfile=True, imagefindcfg=FIND, **quiet)

        peer, ours = call(prepare, run), command(words, lambda: copies(names, work))
        peer()
        ours()
        check(names, folder)
        compare("align, four WFC exposures", "drizzlepac", peer, ours)


def copies(names, folder):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name in names:
        shutil.copy(EXPOSURES / name, folder)


def check(names, folder):
    """The reference points of both agree to 0.01 pixel."""
    from astropy.io import fits

    for name in names:
        for version in (1, 2):
            ours, peer = (fits.getheader(folder / which / name, ("SCI", version)) for which in ("ours", "peer"))
            assert ours["WCSNAME"] == peer["WCSNAME"] == "TWEAK"
            for keyword, cosine in (("CRVAL1", 0.3), ("CRVAL2", 1.0)):
                apart = abs(ours[keyword] - peer[keyword]) * cosine * 3600 / 0.05
                assert apart < 0.01, f"{name}: {keyword} is {apart} pixels apart"


@contextlib.contextmanager
def silence():
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
        yield


if __name__ == "__main__":
    main()
