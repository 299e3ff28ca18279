"""``firstlight headerlet`` with stwcs: headerlets of either are read, applied and listed by the other."""

import contextlib
import io
import shutil

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS
from archive_exposures import Maker
from test_updatewcs import folder, official

__all__ = ["folder"]
pytestmark = pytest.mark.filterwarnings("ignore")
PIXELS = np.random.default_rng(1).uniform(0, 2000, (100, 2))


@pytest.fixture
def exposure(data, truth, folder):
    """An exposure with coordinates, and the same moved by an arcsecond."""
    for name in ("own_flt.fits", "moved_flt.fits"):
        (folder / name).unlink(missing_ok=True)
    Maker(data, truth, folder).wfc("own_flt.fits")
    official(folder / "own_flt.fits")
    shutil.copy(folder / "own_flt.fits", folder / "moved_flt.fits")
    with fits.open(folder / "moved_flt.fits", mode="update") as hdus:
        for version in (1, 2):
            hdus["SCI", version].header["CRVAL2"] += 1 / 3600
            hdus["SCI", version].header["WCSNAME"] = "MOVED"
    return folder / "own_flt.fits", folder / "moved_flt.fits"


def sky(path, version):
    with fits.open(path) as hdus:
        return WCS(hdus["SCI", version].header, hdus).all_pix2world(PIXELS, 0)


def quiet():
    return contextlib.redirect_stdout(io.StringIO())


def test_theirs_applied_by_us(command, folder, exposure):
    from stwcs.wcsutil import headerlet

    own, moved = exposure
    hlet = folder / "theirs_hlet.fits"
    with quiet():
        headerlet.write_headerlet(str(own), "THEIRS", output=str(hlet), wcskey="PRIMARY", attach=False, clobber=True)
    command("headerlet", "apply", moved, hlet)
    for version in (1, 2):
        np.testing.assert_allclose(sky(moved, version), sky(own, version), rtol=0, atol=1e-10)
    with fits.open(moved) as hdus:
        hdus.verify("exception")
        assert hdus["SCI", 1].header["WCSNAMEA"] == "MOVED"
        assert hdus["SCI", 1].header["HDRNAME"] == "THEIRS"
        assert hdus["HDRLET", 1].headerlet[0].header["HDRNAME"] == "THEIRS"
        assert list(hdus["WCSCORR"].data["WCS_ID"][:4]) == ["OPUS", "OPUS", "MOVED", "MOVED"]
    listed = command("headerlet", "list", moved, json=True)
    assert [one["hdrname"] for one in listed["files"][0]["headerlets"]] == ["THEIRS"]


def test_ours_applied_by_them(command, folder, exposure):
    from stwcs.wcsutil import headerlet

    own, moved = exposure
    hlet = folder / "ours_hlet.fits"
    command("headerlet", "write", own, "--hdrname", "OURS", "-o", hlet, "--overwrite")
    with quiet():
        headerlet.apply_headerlet_as_primary(str(moved), str(hlet), attach=True, archive=True)
    for version in (1, 2):
        np.testing.assert_allclose(sky(moved, version), sky(own, version), rtol=0, atol=1e-10)


def test_attached_extracted_and_deleted(command, folder, exposure):
    own, _ = exposure
    hlet, again = folder / "one_hlet.fits", folder / "two_hlet.fits"
    command("headerlet", "write", own, "--hdrname", "ONE", "-o", hlet, "--overwrite")
    command("headerlet", "attach", own, hlet)
    command("headerlet", "attach", own, hlet, exit_code=2)
    command("headerlet", "extract", own, "-o", again, "--overwrite")
    assert again.read_bytes() == hlet.read_bytes()
    command("headerlet", "delete", "ONE", own)
    command("headerlet", "delete", "ONE", own, exit_code=2)
    with fits.open(own) as hdus:
        assert "HDRLET" not in [hdu.name for hdu in hdus]
