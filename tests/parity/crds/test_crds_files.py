"""``firstlight bestrefs`` against ``crds bestrefs``: the same keywords in the same files.

Both commands update copies of the same real files; every keyword of the primary header must be equal afterwards,
but CRDS_VER, which names the tool. Headers whose values were changed to odd ones are among them.
"""

import os
import shutil
import subprocess
import sys

import pytest
from astropy.io import fits

pytestmark = pytest.mark.filterwarnings("ignore")
FILES = [
    "hst/acs_hrc/j8bt05njq_raw.fits",
    "hst/acs_sbc/jcrx01iiq_raw.fits",
    "hst/stis_acq/tastis/oc7w11viq_raw.fits",
    "hst/acs_headers/j94f05bgq_flt_headers_only.fits",
]
ODD = {
    "gain": {"CCDGAIN": 3.5}, "early": {"DATE-OBS": "1970-01-01"}, "nodate": {"DATE-OBS": None},
    "detector": {"DETECTOR": "XYZ"}, "old": {"DARKFILE": "N/A", "BIASFILE": None, "CRDS_CTX": "hst_0001.pmap"},
}


def copies(data, folder):
    folder.mkdir()
    for name in FILES:
        source = data / name
        shutil.copyfile(source, folder / source.name)
    for kind, changes in ODD.items():
        path = folder / f"{kind}_raw.fits"
        shutil.copyfile(data / FILES[0], path)
        with fits.open(path, mode="update") as hdus:
            for keyword, value in changes.items():
                for hdu in hdus:
                    if value is None:
                        hdu.header.remove(keyword, ignore_missing=True, remove_all=True)
                    elif keyword in hdu.header or hdu is hdus[0]:
                        hdu.header[keyword] = value
    return sorted(folder.iterdir())


@pytest.mark.parametrize("more", [[], ["--compare-source"]], ids=["all", "compared"])
def test_headers_after_update(data, cache, command, tmp_path, more):
    pytest.importorskip("crds")
    theirs, ours = copies(data, tmp_path / "theirs"), copies(data, tmp_path / "ours")
    environment = dict(os.environ, CRDS_PATH=str(cache), CRDS_SERVER_URL="https://hst-crds.invalid", CRDS_MODE="local")
    words = [sys.executable, "-m", "crds.bestrefs", "--new-context", "hst.pmap", "--sync-mappings=0"]
    words += ["--update-bestrefs", *[word + "-bestrefs" for word in more], "--files", *map(str, theirs)]
    done = subprocess.run(words, env=environment, capture_output=True, text=True)
    assert "===> Processing" in done.stderr + done.stdout, done.stderr
    report = command(
        "bestrefs", *ours, "--cache", cache, "--context", "hst.pmap", "--offline", "--update", *more,
        json=True, exit_code=7,
    )
    for one, other, said in zip(theirs, ours, report["files"]):
        expected, found = fits.getheader(one), fits.getheader(other)
        for header in (expected, found):
            header.remove("CRDS_VER", ignore_missing=True)
            # Both put new cards in place of blank ones at the end, of which they leave other numbers.
            header.remove("", ignore_missing=True, remove_all=True)
        assert dict(found) == dict(expected), (one.name, said)
        fits.open(other, checksum=True).close()
