"""The CTE correction of a full frame of WFC, before and after Servicing Mission 4: calacs' acscte and ours, on one thread
and on two.

The frames are simulated by firstlight and have been through `firstlight acsccd`. The official program is that of the
environment's `ACSCTE`, or `acscte.e` of the PATH; the products are compared before the times are told. Where there is none, ours are
set against the times that it took on simulated frames of the same kind, on a machine of two cores (90, 45 and 116 s for a frame before SM4 on
one thread and on two, and one after it on one), and the line says so. FIRSTLIGHT_LANES
(plain, avx2) measures what a processor without faster instructions would do.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from timing import command

FIRSTLIGHT = os.environ["FIRSTLIGHT_BIN"]
OFFICIAL = os.environ.get("ACSCTE") or shutil.which("acscte.e")
# Seconds that calacs 10.5.0 took, by era and threads.
PUBLISHED_S = {("before-sm4", 1): 90.0, ("before-sm4", 2): 45.0, ("after-sm4", 1): 116.0}
# Electrons.
TOLERANCE = 1e-4


def main():
    for era in ("before-sm4", "after-sm4"):
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            blv = prepare(folder, era)
            for threads in (1, 2):
                measure(folder, blv, era, threads)


def prepare(folder, era):
    """Simulates a frame and takes it through acsccd."""
    quiet = {"check": True, "stdout": subprocess.DEVNULL}
    simulated = folder / "simulated"
    words = ["simulate", "acs", simulated, "--era", era, "--set", "single", "--members", "1", "--quiet"]
    subprocess.run([FIRSTLIGHT, *map(str, words)], **quiet)
    (raw,) = simulated.glob("*_raw.fits")
    os.environ["jref"] = f"{simulated / 'ref'}/"
    words = ["acsccd", raw, "--output", f"{folder}/", "--quiet"]
    subprocess.run([FIRSTLIGHT, *map(str, words)], **quiet)
    (blv,) = folder.glob("*_blv_tmp.fits")
    return blv


def measure(folder, blv, era, threads):
    ours = folder / "ours"
    words = [FIRSTLIGHT, "acscte", blv, "--threads", threads, "--output", f"{ours}/", "--overwrite", "--quiet"]
    our_s, our_rss = command(words)()
    name = f"CTE correction, WFC frame {era.replace('-', ' ')}, {threads} thread{'s' * (threads > 1)}"
    line = {"name": name, "peer": "acscte (calacs)"}
    if OFFICIAL:
        official = folder / "official"
        official.mkdir(exist_ok=True)
        for old in official.iterdir():
            old.unlink()
        shutil.copy(blv, official)
        peer_s, peer_rss = command([OFFICIAL, "--nthreads", threads, official / blv.name])()
        blc = blv.name.replace("_blv_", "_blc_")
        check(official / blc, ours / blc)
        line |= {"peer_version": "installed", "peer_rss": peer_rss}
    elif (era, threads) in PUBLISHED_S:
        peer_s = PUBLISHED_S[era, threads]
        line |= {"peer_version": "10.5.0, another machine's time", "peer_rss": 0}
    else:
        print(f"  {name}: {our_s:.2f} s, {our_rss / 1e6:.0f} MB; calacs was not measured so", flush=True)
        return
    line |= {
        "peer_s": round(peer_s, 3),
        "ours_s": round(our_s, 3),
        "ratio": round(peer_s / our_s, 2),
        "ours_rss": our_rss,
    }
    print(json.dumps(line), flush=True)


def check(official, ours):
    import numpy as np
    from astropy.io import fits

    with fits.open(official) as theirs, fits.open(ours) as mine:
        for extension in (("SCI", 1), ("SCI", 2), ("ERR", 1), ("ERR", 2)):
            difference = np.abs(theirs[extension].data - mine[extension].data).max()
            if not difference <= TOLERANCE:
                sys.exit(f"{extension} differs by up to {difference} e")


if __name__ == "__main__":
    main()
