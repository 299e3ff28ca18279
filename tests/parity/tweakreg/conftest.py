"""TweakReg itself, run on copies of the inputs."""

import json
import shutil
import subprocess
import sys

import pytest

PEER = """
import json, os, sys, warnings
warnings.simplefilter("ignore")
files, options = json.load(sys.stdin)
os.environ.setdefault("jref", "./")
from drizzlepac.tweakreg import TweakReg
quiet = dict(interactive=False, see2dplot=False, residplot="No plot", writecat=False)
TweakReg(files, updatehdr=True, wcsname="TWEAK", shiftfile=True, **quiet, **options)
"""


@pytest.fixture(scope="session")
def tweakreg():
    """Runs TweakReg on copies of files in a folder; gives back the copies and the rows of the file of shifts."""

    def run(files, folder, **options):
        folder.mkdir()
        copies = [pathlib_copy(file, folder) for file in files]
        request = json.dumps([[copy.name for copy in copies], options])
        line = [sys.executable, "-c", PEER]
        done = subprocess.run(line, input=request, capture_output=True, text=True, cwd=folder)
        assert done.returncode == 0, done.stdout + done.stderr
        rows = [row.split() for row in (folder / "shifts.txt").read_text().splitlines() if not row.startswith("#")]
        return copies, {row[0]: [float(value) for value in row[1:]] for row in rows}

    def pathlib_copy(file, folder):
        shutil.copy(file, folder)
        return folder / file.name

    return run
