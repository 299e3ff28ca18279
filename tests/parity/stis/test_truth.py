"""A faint red star at another gain, with engineering temperatures: what the simulator's own checks say of our products.

They compare with the truth, not with a peer: row, wavelengths, velocity, flux and its errors, the rectified image; with the
large sets also the superdarks of all 56 darks of the period, and the spectrum that is calibrated with the week's.
"""

import json
import shutil
import subprocess
import sys

import pytest
from astropy.io import fits

WORDS = ["--grating", "G750L", "--atodgain", "1.017", "--epc", "--cti", "1", "--flux", "0.02"]
SHORT = ["--darks", "1", "--short", "0", "--biases", "1", "--no-raw-darks"]
WHOLE = ["--darks", "56", "--short", "0", "--biases", "1", "--no-raw-darks"]


def simulated(truth, folder, words):
    try:
        subprocess.run([sys.executable, truth / "sim_stis.py", folder, *WORDS, *words], check=True, capture_output=True)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def calibrated(command, folder, *words):
    raw = folder / "sci/osim01010_raw.fits"
    command("calibrate", raw, "--ref-dir", folder / "ref", "--outroot", f"{folder}/products/", *words)


@pytest.fixture(scope="module")
def world(truth, command, tmp_path_factory):
    for folder in simulated(truth, tmp_path_factory.mktemp("g750l"), SHORT):
        calibrated(command, folder)
        yield folder


@pytest.fixture(scope="module")
def period(full, truth, command, tmp_path_factory):
    """All darks of the anneal period, and the superdarks of them beside the products."""
    for folder in simulated(truth, tmp_path_factory.mktemp("g750l_56"), WHOLE):

        def darks(name):
            return [folder / line for line in (folder / "lists" / f"{name}.txt").read_text().split()]

        assert len(darks("long_darks")) == 56
        base, week, ref = folder / "basedark.fits", folder / "weekdark.fits", ["--ref-dir", folder / "ref"]
        command("superdark", "base", *darks("long_darks"), "-o", base, *ref)
        command("superdark", "week", *darks("sci_week"), "--base", base, "-o", week, *ref)
        calibrated(command, folder, "--darkfile", week)
        yield folder


def check(truth, folder, *words):
    line = [sys.executable, truth / "check_stis.py", folder, folder / "products", *words]
    done = subprocess.run(line, capture_output=True, text=True)
    assert done.returncode == 0 and "sx1" not in done.stderr, done.stdout + done.stderr
    return done.stdout.count(" ok")


def test_the_simulators_checks_hold(world, truth):
    assert check(truth, world) >= 10


def test_the_simulators_checks_hold_with_all_darks_of_the_period(period, truth):
    superdarks = ["--basedark", period / "basedark.fits", "--weekdark", period / "weekdark.fits"]
    assert check(truth, period, *superdarks) >= 18


def test_the_dark_is_scaled_with_the_engineering_temperatures(world):
    raw, crj = (fits.getheader(world / path, "SCI") for path in ("sci/osim01010_raw.fits", "products/osim01010_crj.fits"))
    assert crj["OCCDHTAV"] != raw["OCCDHTAV"]
    gain = json.loads((world / "truth/truth.json").read_text()).get("atodgain", 1.017)
    assert fits.getval(world / "products/osim01010_crj.fits", "ATODGAIN") == pytest.approx(gain)
