"""What every comparison with a peer needs: the peers at their versions, real data, our command.

A comparison lives in ``tests/parity/<peer>/test_<what>.py``. It says in its docstring what is compared
and to what tolerance; a difference that is meant is written down in ``docs/parity/differences.md``.
"""

import gzip
import importlib.metadata
import json
import os
import pathlib
import shutil
import subprocess
import sys

import numpy as np
import pytest
from astropy.io import fits

REQUIREMENTS = pathlib.Path(__file__).with_name("requirements.txt")


def pinned_peers():
    """The peers and their versions, from requirements.txt."""
    lines = REQUIREMENTS.read_text().splitlines()
    return dict(line.split("==") for line in lines if "==" in line)


def pytest_report_header(config):
    peers = ", ".join(f"{name} {version}" for name, version in pinned_peers().items())
    return f"peers: {peers}"


def pytest_sessionstart(session):
    """Parity is claimed for these versions and no others."""
    for name, version in pinned_peers().items():
        try:
            found = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found = "missing"
        if found != version:
            pytest.exit(f"{name} is {found}; parity is claimed for {version}", returncode=3)


def folder(variable):
    """The folder that an environment variable names; skips the test where it is unset."""
    if variable not in os.environ:
        pytest.skip(f"{variable} is not set")
    return pathlib.Path(os.environ[variable])


SCRATCH = pytest.StashKey()
FAILED = pytest.StashKey()


@pytest.fixture(scope="session", autouse=True)
def scratch(request, tmp_path_factory):
    """Where the folders of all tests are, for the hook below."""
    request.config.stash[SCRATCH] = tmp_path_factory.getbasetemp()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item, nextitem):
    """Removes what the comparisons with a peer have written when the last of them is done, unless one failed.

    What fixtures share among tests pytest keeps to the end, and that of all peers together is many gigabytes.
    """
    result = yield
    if nextitem is None or nextitem.path.parent != item.path.parent:
        config, failed = item.config, item.session.testsfailed
        if config.stash.get(FAILED, 0) == failed and SCRATCH in config.stash:
            for folder in config.stash[SCRATCH].iterdir():
                shutil.rmtree(folder, ignore_errors=True)
        config.stash[FAILED] = failed
    return result


@pytest.fixture(scope="session")
def data():
    """The folder of real data."""
    return folder("FIRSTLIGHT_DATA")


@pytest.fixture(scope="session")
def truth():
    """The folder of official results and of the simulators that made their inputs."""
    return folder("FIRSTLIGHT_TRUTH")


HRC_PAIR = ("j8bt06nyq_flt.fits", "j8bt06o6q_flt.fits")


@pytest.fixture(scope="session")
def hrc_pair(data, truth):
    """Writes two real HRC frames of 47 Tuc to a folder and gives back their paths.

    The second is that of the official calibration; both get the distortion that the archive's copy of the first has.
    """
    archive, packed = data / "hst" / "acs_hrc", truth / "acs" / f"{HRC_PAIR[1]}.gz"
    if not archive.is_dir() or not packed.is_file():
        pytest.skip("the frames are not there")

    def matrix(header):
        return np.array([[header[f"CD{i}_{j}"] for j in (1, 2)] for i in (1, 2)])

    def write(folder):
        (folder / HRC_PAIR[0]).write_bytes((archive / HRC_PAIR[0]).read_bytes())
        (folder / HRC_PAIR[1]).write_bytes(gzip.decompress(packed.read_bytes()))
        distorted = fits.getheader(archive / "j8bt06nyq_sip_flt.fits", 1)
        change = np.linalg.inv(matrix(fits.getheader(folder / HRC_PAIR[0], 1))) @ matrix(distorted)
        for name in HRC_PAIR:
            with fits.open(folder / name, mode="update") as hdus:
                header = hdus[1].header
                for (i, j), element in np.ndenumerate(matrix(header) @ change):
                    header[f"CD{i + 1}_{j + 1}"] = element
                header["CTYPE1"], header["CTYPE2"] = "RA---TAN-SIP", "DEC--TAN-SIP"
                for keyword in distorted:
                    if keyword[:2] in ("A_", "B_") or keyword in ("IDCSCALE", "IDCTHETA", "WCSNAME"):
                        header[keyword] = distorted[keyword]
        return [folder / name for name in HRC_PAIR]

    return write


@pytest.fixture
def plain_astropy():
    """astropy without the kind of HDU that stwcs adds to it, where an earlier test has imported that."""
    headerlet = sys.modules.get("stwcs.wcsutil.headerlet")
    if headerlet is None:
        yield
        return
    fits.unregister_hdu(headerlet.HeaderletHDU)
    yield
    fits.register_hdu(headerlet.HeaderletHDU)


@pytest.fixture(scope="session")
def full():
    """Skips the test unless the large sets were asked for (``cargo xtask test --full``)."""
    if "FIRSTLIGHT_FULL" not in os.environ:
        pytest.skip("only with --full")


@pytest.fixture(scope="session")
def command():
    """Runs ``firstlight`` with these words and gives back what it printed; fails on another exit code.

    ``command("info", path, json=True)`` gives back the parsed JSON.
    """
    if "FIRSTLIGHT_BIN" not in os.environ:
        pytest.skip("FIRSTLIGHT_BIN is not set")
    program = os.environ["FIRSTLIGHT_BIN"]

    def run(*words, json=False, exit_code=0, cwd=None):
        line = [program, *map(str, words), *(["--json"] if json else [])]
        done = subprocess.run(line, capture_output=True, text=True, cwd=cwd)
        assert done.returncode == exit_code, f"{' '.join(line)}\nexit code {done.returncode}\n{done.stderr}"
        return parse(done.stdout) if json else done.stdout

    return run


parse = json.loads
