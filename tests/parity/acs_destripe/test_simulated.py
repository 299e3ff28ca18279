"""``firstlight destripe --blv`` against ``acstools.acs_destripe.clean`` on the simulator's subarray after Servicing Mission 4,
with its reference files of the whole detector: SCI within 0.01 electron (and what single precision loses, as in
``test_clean``), DQ equal.
"""

import shutil
import subprocess
import sys

import numpy as np
import pytest
from astropy.io import fits

acs_destripe = pytest.importorskip("acstools.acs_destripe")


@pytest.fixture(scope="module")
def subarray(truth, command, tmp_path_factory):
    """Some gigabytes of reference files: not to be kept."""
    folder = tmp_path_factory.mktemp("subarray")
    line = [sys.executable, truth / "sim_acs_raw.py", "make", folder, "--sets", "sub16"]
    subprocess.run(line, check=True, capture_output=True)
    command("acsccd", folder / "sub16" / "jsub11a2q_raw.fits", "--ref-dir", folder / "ref", "--output", f"{folder}/")
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.parametrize("stat", ["pmode1", "median"])
def test_cleaned(subarray, stat, command, monkeypatch):
    monkeypatch.setenv("jref", f"{subarray}/ref/")
    blv = subarray / "jsub11a2q_blv_tmp.fits"
    acs_destripe.clean(str(blv), "peer", stat=stat, clobber=True, verbose=False)
    command("destripe", "--blv", blv, "--suffix", "ours", "--stat", stat, "--overwrite", "--ref-dir", subarray / "ref")
    names = [blv.with_name(f"jsub11a2q_blv_tmp_{who}.fits") for who in ("ours", "peer")]
    with fits.open(names[0]) as found, fits.open(names[1]) as expected, fits.open(blv) as before:
        sci = expected["SCI", 1].data
        assert (np.abs(found["SCI", 1].data - sci) < 0.01 + 3e-7 * np.abs(sci)).all()
        assert np.array_equal(found["DQ", 1].data, expected["DQ", 1].data)
        assert np.abs(sci - before["SCI", 1].data).max() > 0.1
