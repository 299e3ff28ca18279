"""Raw frames as the official simulator makes them, calibrated by our command: once a session, side by side."""

import os
import pathlib
import shutil
import subprocess
import sys

import pytest

# The sets, in the order of what they need: each line is made by a process of its own, with its own reference files.
SMALL = [["hrc", "sbc", "sub06", "sub06cr"], ["sub16"]]
LARGE = [["wfc06cr"], ["wfc06dith", "wfc06bias"], ["wfc16cr", "wfc16flash"]]
# The official products of these were made with the correction for CTE.
CTE = {"sub06cr", "sub16", "wfc06cr", "wfc16cr", "wfc16flash"}


class Simulated:
    """Folders of sets, and of the products that our command made of them."""

    def __init__(self, folder, command):
        self.folder, self.command, self.sets, self.made = folder, command, {}, {}

    def products(self, name):
        """The folder of a set's products; calibrated when first asked for."""
        if name not in self.made:
            raws = self.sets[name]
            inputs = sorted(raws.glob("*_asn.fits")) or sorted(raws.glob("*_raw.fits"))
            output = raws / "products"
            words = ["--ref-dir", raws.parent / "ref", "--output-dir", output]
            words += ["--switch", "PCTECORR=PERFORM"] if name in CTE else []
            self.report = self.command("calibrate", *inputs, *words, json=True)
            self.made[name] = output
        return self.made[name]


@pytest.fixture(scope="session")
def simulated(truth, data, command, tmp_path_factory):
    """The small sets."""
    yield from simulate(SMALL, truth, data, command, tmp_path_factory)


@pytest.fixture(scope="session")
def simulated_full(full, truth, data, command, tmp_path_factory):
    """The full frames of the WFC."""
    yield from simulate(LARGE, truth, data, command, tmp_path_factory)


def simulate(groups, truth, data, command, tmp_path_factory):
    folder = tmp_path_factory.mktemp("acs")
    try:
        simulated = Simulated(folder, command)
        hrc = hrc_folder(folder, data)
        running = [start(folder / str(number), sets, truth, data, hrc) for number, sets in enumerate(groups)]
        for (process, log), (number, sets) in zip(running, enumerate(groups), strict=True):
            assert process.wait() == 0, log.read_text()
            simulated.sets |= {name: folder / str(number) / name for name in sets}
        yield simulated
    finally:
        # Some gigabytes: not to be kept as pytest keeps its folders.
        shutil.rmtree(folder, ignore_errors=True)


def hrc_folder(folder, data):
    """The real raw frames of the HRC beside their table of bad pixels."""
    hrc = folder / "real"
    hrc.mkdir()
    for path in [*(data / "hst/acs_hrc").glob("*_raw.fits"), data / "hst/reffiles/crds_tests/j4d1435jj_bpx.fits"]:
        shutil.copy(path, hrc)
    return hrc


def start(folder, sets, truth, data, hrc):
    folder.mkdir()
    log = folder / "simulator.log"
    line = [sys.executable, truth / "sim_acs_raw.py", "make", folder, "--sets", *sets]
    line += ["--hrcdir", hrc, "--idcdir", data / "hst/reffiles/stwcs"]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    with log.open("w") as output:
        process = subprocess.Popen(list(map(str, line)), stdout=output, stderr=subprocess.STDOUT, env=environment)
    return process, log


@pytest.fixture(scope="session")
def official(truth):
    """The folder of the official products."""
    folder = pathlib.Path(truth) / "acs"
    if not folder.is_dir():
        pytest.skip("FIRSTLIGHT_TRUTH has no folder acs")
    return folder
