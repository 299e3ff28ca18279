"""Simulated ACS exposures."""

import pytest

import firstlight


@pytest.fixture(scope="module")
def simulated(tmp_path_factory):
    folder = tmp_path_factory.mktemp("acs") / "hrc"
    report = firstlight.simulate.acs(folder, detector="hrc", members=2, stars=60, exptime=100.0)
    return folder, report


def test_files_and_headers(simulated):
    folder, report = simulated
    assert len(report["raw"]) == 2 and report["stars"] == 60
    header = firstlight.getheader(report["raw"][0], 0)
    assert (header["DETECTOR"], header["CRCORR"], header["ASN_MTYP"]) == ("HRC", "PERFORM", "EXP-CRJ")
    named = {header[keyword] for keyword in ("BIASFILE", "CCDTAB", "OSCNTAB", "DARKFILE", "PFLTFILE")}
    made = {f"jref${path.rsplit('/', 1)[-1]}" for path in report["references"]}
    assert named <= made
    raw = firstlight.getdata(report["raw"][0], 1)
    assert raw.shape == (1044, 1062) and raw.dtype.name == "uint16"
    stars = firstlight.read_table(folder / "truth" / "stars.ecsv")
    assert set(stars["rootname"]) == {exposure["rootname"] for exposure in report["exposures"]}


def test_nothing_is_overwritten(simulated):
    folder, _ = simulated
    with pytest.raises(ValueError, match="there already"):
        firstlight.simulate.acs(folder, detector="hrc", members=2, stars=60, exptime=100.0)


def test_contradictions_are_refused(tmp_path):
    with pytest.raises(ValueError, match="subarray"):
        firstlight.simulate.acs(tmp_path / "no", era="after-sm4", subarray="wfc1-1k")
    assert not (tmp_path / "no").exists()
