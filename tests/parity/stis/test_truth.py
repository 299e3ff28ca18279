"""A faint red star at another gain, with engineering temperatures: what the simulator's own checks say of our products.

They compare with the truth, not with a peer: row, wavelengths, velocity, flux and its errors, the rectified image.
"""

import json
import shutil
import subprocess
import sys

import pytest
from astropy.io import fits

WORDS = ["--grating", "G750L", "--atodgain", "1.017", "--epc", "--cti", "1", "--flux", "0.02"]
SHORT = ["--darks", "1", "--short", "0", "--biases", "1", "--no-raw-darks"]


@pytest.fixture(scope="module")
def world(truth, command, tmp_path_factory):
    folder = tmp_path_factory.mktemp("g750l")
    subprocess.run([sys.executable, truth / "sim_stis.py", folder, *WORDS, *SHORT], check=True, capture_output=True)
    raw = folder / "sci/osim01010_raw.fits"
    command("calibrate", raw, "--ref-dir", folder / "ref", "--outroot", f"{folder}/products/")
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def test_the_simulators_checks_hold(world, truth):
    words = [sys.executable, truth / "check_stis.py", world, world / "products"]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 0 and "sx1" not in done.stderr, done.stdout + done.stderr
    assert done.stdout.count(" ok") >= 10, done.stdout


def test_the_dark_is_scaled_with_the_engineering_temperatures(world):
    raw, crj = (fits.getheader(world / path, "SCI") for path in ("sci/osim01010_raw.fits", "products/osim01010_crj.fits"))
    assert crj["OCCDHTAV"] != raw["OCCDHTAV"]
    gain = json.loads((world / "truth/truth.json").read_text()).get("atodgain", 1.017)
    assert fits.getval(world / "products/osim01010_crj.fits", "ATODGAIN") == pytest.approx(gain)
