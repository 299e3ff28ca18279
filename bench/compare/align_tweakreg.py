"""Alignment of four simulated WFC exposures, files to corrected headers: TweakReg and ours.

The exposures, whose headers are wrong by some 0.3 pixels, are those of ``FIRSTLIGHT_TRUTH/sim_wfc_flt.py``, made anew, or taken
from a folder given as the argument. Both work on copies. Before anything is timed, the shifts of both are compared.
"""

import os
import pathlib
import tempfile

from drizzlepac_runs import fresh_copies, in_process, silence, tweakreg_on, wfc_exposures
from timing import call, command, compare

FIND = dict(threshold=50.0, conv_width=3.5)


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        run(folder, wfc_exposures(folder, "--jitter", "0.3"))


def run(folder, names):
    work = folder / "ours"
    words = [os.environ["FIRSTLIGHT_BIN"], "align", *(work / name for name in names), "--threshold", "50", "--updatehdr", "--quiet"]

    def align(tweakreg):
        quiet = dict(interactive=False, see2dplot=False, residplot="No plot", writecat=False)
        with silence():
            tweakreg(names, updatehdr=True, wcsname="TWEAK", shiftfile=True, imagefindcfg=FIND, **quiet)

    peer, ours = call(tweakreg_on(folder, names), align), command(words, lambda: fresh_copies(folder, names, work))
    peer()
    ours()
    in_process(check, names, folder)
    compare("align, four WFC exposures", "drizzlepac", peer, ours)


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


if __name__ == "__main__":
    main()
