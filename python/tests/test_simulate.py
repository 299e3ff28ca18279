"""Simulated exposures of ACS, and of a camera on the ground."""

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


def test_nights_on_the_ground(tmp_path):
    options = {"nights": 2, "width": 160, "height": 128, "filters": "V", "science": 2, "flats": 1, "biases": 2, "darks": 1}
    report = firstlight.simulate.ccd(tmp_path, **options, stars=40)
    assert [path.rsplit("/", 1)[-1] for path in report["nights"]] == ["march_09_2018", "march_29_2018"]
    counts = {kind: len(report[kind]) for kind in ("science", "biases", "darks", "flats", "truth_images")}
    assert counts == {"science": 8, "biases": 4, "darks": 2, "flats": 2, "truth_images": 4}
    first = report["science"][0]
    assert first.endswith("march_09_2018/NGC_3201_V_60.000secs_00001604.fit")
    header = firstlight.getheader(first, 0)
    assert (header["PICTTYPE"], header["IMAGETYP"], header["FILTER"]) == (1, "Light Frame", "V")
    assert header["BZERO"] == 32768 and "CRVAL1" not in header
    raw = firstlight.getdata(first, 0)
    assert raw.shape == (128, 160) and raw.dtype.name == "uint16"
    frames = firstlight.read_table(tmp_path / "truth" / "frames.ecsv")
    assert list(frames["kind"]).count("light") == 8
    assert frames["xx"][list(frames["file"]).index("march_09_2018/" + first.rsplit("/", 1)[-1])] == 1.0
    assert len(firstlight.read_table(tmp_path / "truth" / "stars.ecsv")) == 40
    with pytest.raises(ValueError, match="there already"):
        firstlight.simulate.ccd(tmp_path, **options, stars=40)
    with pytest.raises(ValueError, match="warm_night"):
        firstlight.simulate.ccd(tmp_path / "no", warm_night=4)


def test_nights_are_shown_against_their_truth(tmp_path):
    report = firstlight.simulate.demo_ccd(tmp_path, nights=1, science=3, filters=["R"])
    assert report["agrees"] and report["shifts"]["frames"] == 5 and len(report["curves"]) == 3
    assert (tmp_path / "results" / "index.html").read_text().count("data:image/png") == 4
    with pytest.raises(ValueError, match="between 2 and 100"):
        firstlight.simulate.demo_ccd(tmp_path / "other", science=1)
