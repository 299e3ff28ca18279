"""The simulated world of the STIS CCD, and the official products of it."""

import gzip
import pathlib
import shutil
import subprocess
import sys

import pytest


@pytest.fixture(scope="session")
def world(truth, tmp_path_factory):
    """Darks of an anneal period, a spectrum in two parts, and all reference files; made once a session."""
    folder = tmp_path_factory.mktemp("stis")
    try:
        done = subprocess.run(
            [sys.executable, str(truth / "sim_stis.py"), str(folder)], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        yield folder
    finally:
        # Some hundred megabytes: not to be kept as pytest keeps its folders.
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def official(truth, tmp_path_factory):
    """A folder with the official products, unpacked."""
    packed = pathlib.Path(truth) / "stis"
    if not packed.is_dir():
        pytest.skip("FIRSTLIGHT_TRUTH has no folder stis")
    folder = tmp_path_factory.mktemp("official")
    for path in packed.glob("*.fits.gz"):
        with gzip.open(path, "rb") as source, (folder / path.stem).open("wb") as target:
            shutil.copyfileobj(source, target)
    return folder
