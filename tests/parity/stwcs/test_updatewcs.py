"""``firstlight updatewcs`` against ``stwcs.updatewcs.updatewcs(use_db=False)`` on copies of the same files.

Numbers in headers to 1e-12, texts equal, look-up tables bit for bit, positions of pixels to 1e-9 degree.
"""

import contextlib
import io
import os
import shutil

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS
from archive_exposures import Maker, reference_files

pytestmark = pytest.mark.filterwarnings("ignore")

JREF = "jref$"
EXPOSURES = {
    "wfc": ("wfc", {}),
    "history": ("wfc", dict(k=1, history=True)),
    "subarray of chip 2": ("wfc", dict(sub=(500, 300, 1024, 1024), chips=(1,))),
    "subarray of chip 1": ("wfc", dict(sub=(500, 300, 1024, 1024), chips=(2,))),
    "after SM4": ("wfc", dict(k=2, IDCTAB="jref$postsm4_idc.fits", NPOLFILE="jref$qbu16424j_npl.fits",
                              D2IMFILE="jref$new_wfc_d2i.fits", DATE_OBS="2011-05-06")),
    "without TDD keywords": ("wfc", dict(k=3, IDCTAB="jref$qbu1641sj_idc.fits", NPOLFILE="N/A", D2IMFILE="N/A")),
    "alpha and beta": ("wfc", dict(k=3, IDCTAB="jref$v8q14451j_idc.fits", NPOLFILE="N/A", D2IMFILE="N/A",
                                   DATE_OBS="2003-12-31")),
    "terms added, 2014": ("wfc", dict(IDCTAB="jref$t2014a_idc.fits", DATE_OBS="2013-02-03")),
    "terms replaced, 2014": ("wfc", dict(IDCTAB="jref$t2014b_idc.fits", DATE_OBS="2013-02-03")),
    "hrc": ("hrc", {}),
    "sbc": ("sbc", {}),
    "stis": ("stis", {}),
    "stis with filter": ("stis", dict(filter_name="Long_Pass")),
    "wfpc2": ("wfpc2", {}),
    "wfpc2 binned": ("wfpc2", dict(mode="AREA")),
    "wfpc2 after the last date": ("wfpc2", dict(date="2009-05-01")),
    "pc before the first date": ("wfpc2", dict(date="1993-12-01", detectors=(1,))),
    "real, another IDCTAB": ("real", dict(source="j94f05bgq_flt_headers_only.fits", NPOLFILE="jref$02c14514j_npl.fits",
                                          IDCTAB="jref$0461802ej_idc.fits")),
    "real, the same IDCTAB": ("real", dict(source="j94f05bgq_flt_headers_only.fits")),
    "real, other tables": ("real", dict(source="sample_flc_header.fits", IDCTAB="jref$0461802ej_idc.fits",
                                        NPOLFILE="jref$02c1450rj_npl.fits", D2IMFILE="jref$02c1450oj_d2i.fits")),
}
SOFTWARE = {"UPWCSVER", "PYWCSVER"}
#: Left out, or in other places, as docs/parity/differences.md says.
OF_STIS = {"MJD-OBS", "DATE-OB"}
IMPLIED = {"WCSAXES", "CUNIT1", "CUNIT2", "RADESYS", "MJDREF"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory, data, truth):
    """Reference files, named in the environment, and a place for exposures."""
    folder = tmp_path_factory.mktemp("stwcs")
    reference_files(data, folder)
    saved = {name: os.environ.get(name) for name in ("jref", "oref", "uref")}
    os.environ.update(dict.fromkeys(saved, f"{folder}/"))
    yield folder
    for name, value in saved.items():
        os.environ.pop(name) if value is None else os.environ.update({name: value})


def official(path):
    from stwcs import updatewcs

    with contextlib.redirect_stdout(io.StringIO()):
        updatewcs.updatewcs(str(path), use_db=False)


def both(command, maker, kind, keywords, folder, again=False):
    """The file as stwcs leaves it, and as we do."""
    for name in ("theirs_flt.fits", "ours_flt.fits"):
        (folder / name).unlink(missing_ok=True)
    getattr(maker, kind)("theirs_flt.fits", **keywords)
    shutil.copy(folder / "theirs_flt.fits", folder / "ours_flt.fits")
    official(folder / "theirs_flt.fits")
    if again:
        shutil.copy(folder / "theirs_flt.fits", folder / "ours_flt.fits")
        official(folder / "theirs_flt.fits")
    report = command("updatewcs", folder / "ours_flt.fits", json=True)
    assert report["files"][0]["update"] and not report["failed"]
    return folder / "theirs_flt.fits", folder / "ours_flt.fits"


def compare(theirs, ours, tolerance, ignored):
    assert [(hdu.name, hdu.ver) for hdu in theirs] == [(hdu.name, hdu.ver) for hdu in ours]
    for a, b in zip(theirs, ours, strict=True):
        wanted, found = keywords(a.header) - ignored, keywords(b.header) - ignored
        wanted -= IMPLIED - found
        assert wanted == found, f"{a.name},{a.ver}: {sorted(wanted ^ found)}"
        for keyword in wanted:
            x, y = a.header[keyword], b.header[keyword]
            if isinstance(x, (int, float)) and not isinstance(x, bool):
                np.testing.assert_allclose(y, x, rtol=tolerance, atol=0, err_msg=f"{a.name},{a.ver}: {keyword}")
            elif not isinstance(x, fits.card.Undefined):
                assert x == y, f"{a.name},{a.ver}: {keyword}"
        if a.name in ("WCSDVARR", "D2IMARR"):
            assert a.data.tobytes() == b.data.tobytes(), f"{a.name},{a.ver}"


def keywords(header):
    return {keyword for keyword in header if keyword.strip("\0 ") and keyword not in SOFTWARE | {"COMMENT", "HISTORY"}}


def compare_sky(theirs, ours, tolerance):
    places = np.random.default_rng(1).uniform(0, 1, (300, 2))
    for a in theirs:
        if a.name == "SCI":
            pixels = places * [a.header["NAXIS1"], a.header["NAXIS2"]]
            expected = WCS(a.header, theirs).all_pix2world(pixels, 0)
            found = WCS(ours[a.name, a.ver].header, ours).all_pix2world(pixels, 0)
            np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance, err_msg=f"SCI,{a.ver}")


@pytest.mark.parametrize("what", EXPOSURES)
def test_updatewcs(command, data, truth, folder, what):
    kind, given = EXPOSURES[what]
    paths = both(command, Maker(data, truth, folder), kind, given, folder)
    # OFFTAB is in single precision, and so is what stwcs makes of it.
    single = kind == "wfpc2"
    ignored = OF_STIS if kind == "stis" else set()
    if what == "stis with filter":
        ignored = ignored | {"IDCSCALE"}
    with fits.open(paths[0]) as theirs, fits.open(paths[1]) as ours:
        compare(theirs, ours, 3e-6 if single else 1e-12, ignored)
        compare_sky(theirs, ours, 1e-8 if single else 1e-9)


def test_once_more(command, data, truth, folder):
    paths = both(command, Maker(data, truth, folder), "wfc", {}, folder, again=True)
    with fits.open(paths[0]) as theirs, fits.open(paths[1]) as ours:
        compare(theirs, ours, 1e-12, set())
        compare_sky(theirs, ours, 1e-12)


def test_switches(command, data, truth, folder):
    from stwcs import updatewcs

    for switch in ("vacorr", "tddcorr", "npolcorr", "d2imcorr"):
        for name in ("theirs_flt.fits", "ours_flt.fits"):
            (folder / name).unlink(missing_ok=True)
        Maker(data, truth, folder).wfc("theirs_flt.fits", k=2)
        shutil.copy(folder / "theirs_flt.fits", folder / "ours_flt.fits")
        with contextlib.redirect_stdout(io.StringIO()):
            updatewcs.updatewcs(str(folder / "theirs_flt.fits"), use_db=False, **{switch: False})
        command("updatewcs", folder / "ours_flt.fits", f"--{switch}=false")
        with fits.open(folder / "theirs_flt.fits") as theirs, fits.open(folder / "ours_flt.fits") as ours:
            compare(theirs, ours, 1e-12, set())
            compare_sky(theirs, ours, 1e-12)


def test_exposures_that_cannot_be_used(command, data, truth, folder):
    maker = Maker(data, truth, folder)
    for name, keywords, reason in (
        ("short_flt.fits", dict(EXPTIME=0.0), "no_exposure"),
        ("lost_flt.fits", dict(IDCTAB="jref$nowhere_idc.fits"), None),
    ):
        maker.wfc(name, **keywords)
        before = (folder / name).read_bytes()
        if reason:
            report = command("updatewcs", folder / name, json=True)
            assert report["files"][0]["left_out"] == reason
        else:
            command("updatewcs", folder / name, exit_code=4)
        assert (folder / name).read_bytes() == before
    command("updatewcs", folder / "short_flt.fits", "--use-db", exit_code=6)
