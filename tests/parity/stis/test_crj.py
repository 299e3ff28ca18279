"""basic2d and ocrreject beside calstis 3.5.0 on the same simulated spectrum in two parts.

SCI, ERR and DQ are the same bits, and the headers' values agree to single precision.
"""

import numpy as np
import pytest
from astropy.io import fits

CHANGED_LATER = ["DARKCORR", "FLATCORR"]


@pytest.fixture(scope="module")
def crj(world, official, command, tmp_path_factory):
    """The calibrated image, by the three tasks one after another."""
    folder = tmp_path_factory.mktemp("crj")
    blv, combined, crj = folder / "a_blv.fits", folder / "a_crj_tmp.fits", folder / "osim01010_crj.fits"
    ref = ["--ref-dir", world / "ref"]
    switches = {word: [x for key in CHANGED_LATER for x in ("--switch", f"{key}={word}")] for word in ("OMIT", "PERFORM")}
    command("basic2d", world / "sci/osim01010_raw.fits", "-o", blv, *switches["OMIT"], *ref)
    before = blv.read_bytes()
    command("ocrreject", blv, "-o", combined, *ref)
    assert blv.read_bytes() == before, "the input was changed"
    command("ocrreject", blv, "-o", combined, "--crmask", "--overwrite", *ref)
    dark = ["--darkfile", official / "sim_weekdark.fits"]
    command("basic2d", combined, "-o", crj, *switches["PERFORM"], *dark, *ref)
    with fits.open(blv) as hdus:
        return crj, [hdus["DQ", version].data.astype("u2") for version in (1, 2)]


def test_pixels(crj, official):
    with fits.open(crj[0]) as ours, fits.open(official / "osim01010_crj.fits") as theirs:
        for name in ("SCI", "ERR", "DQ"):
            np.testing.assert_array_equal(ours[name].data, theirs[name].data, err_msg=name)


def test_headers(crj, official):
    ours, theirs = fits.open(crj[0]), fits.open(official / "osim01010_crj.fits")
    for keyword in ("TEXPTIME", "TEXPSTRT", "TEXPEND", "ATODGAIN", "READNSE", "MEANEXP", "CRRADIUS", "CRTHRESH", "SCALENSE",
                    "SKYSUM", "REJ_RATE"):
        assert ours[0].header[keyword] == pytest.approx(theirs[0].header[keyword], rel=1e-7, abs=1e-12), keyword
    for keyword in ("PHOTMODE", "INITGUES", "SKYSUB", "CRSIGMAS", "BADINPDQ", "CRMASK", "DQICORR", "BLEVCORR", "BIASCORR",
                    "CRCORR", "DARKCORR", "FLATCORR", "NEXTEND"):
        assert ours[0].header[keyword] == theirs[0].header[keyword], keyword
    for keyword in ("EXPTIME", "EXPSTART", "EXPEND", "NCOMBINE", "OCCDHTAV", "MEANDARK", "MEANBLEV", "NGOODPIX", "GOODMIN",
                    "GOODMAX", "GOODMEAN", "SNRMIN", "SNRMAX", "SNRMEAN", "LTV1", "LTV2", "CRPIX1", "CRPIX2", "V_HELIO"):
        assert ours[1].header[keyword] == pytest.approx(theirs[1].header[keyword], rel=3e-7, abs=1e-12), keyword
    for keyword in ("GOODMIN", "GOODMAX", "GOODMEAN"):
        assert ours[2].header[keyword] == pytest.approx(theirs[2].header[keyword], rel=3e-7), keyword


def test_rejected_pixels_are_flagged_in_the_input_where_it_is_asked_for(crj, official):
    rejected = [np.count_nonzero(dq & 8192) for dq in crj[1]]
    with fits.open(official / "osim01010_crj.fits") as theirs:
        assert sum(rejected) / 1200 == pytest.approx(theirs[0].header["REJ_RATE"], rel=1e-7)
