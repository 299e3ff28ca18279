"""ACS calibrated from Python, with acstools' names and arguments."""

import os
import shutil
import signal
import threading

import numpy as np
import pytest
from astropy.io import fits

import firstlight


@pytest.fixture(scope="module")
def sbc(tmp_path_factory):
    return firstlight.simulate.acs(tmp_path_factory.mktemp("sbc"), detector="sbc", stars=50, members=2)


@pytest.fixture(scope="module")
def subarray(tmp_path_factory):
    return firstlight.simulate.acs(
        tmp_path_factory.mktemp("sub"), era="after-sm4", subarray="wfc1b-1k", stars=50, members=1, set="single"
    )


def test_calacs(sbc, tmp_path, monkeypatch, capsys):
    raw = shutil.copy(sbc["raw"][0], tmp_path)
    monkeypatch.setenv("jref", sbc["reference_folder"] + os.sep)
    report = firstlight.calacs(str(raw), verbose=True, exe_args=["--nThreads", "1"])
    (product,) = report["products"]
    assert product["path"] == str(raw).replace("_raw", "_flt") and os.path.exists(product["path"])
    assert product["path"] in capsys.readouterr().out
    header = fits.getheader(product["path"])
    assert header["FLATCORR"] == "COMPLETE"
    assert product["switches"]["FLATCORR"] == "COMPLETE"
    with pytest.raises(ValueError, match="there already"):
        firstlight.calacs(str(raw))
    with pytest.warns(UserWarning, match="exec_path is not used"):
        firstlight.calacs(str(raw), exec_path="/bin/calacs.e", quiet=True, overwrite=True)
    with pytest.raises(ValueError, match="--frobnicate"):
        firstlight.calacs(str(raw), exe_args=["--frobnicate"])
    with pytest.raises(FileNotFoundError):
        firstlight.calacs(str(tmp_path / "nothing_raw.fits"))


def test_switches_and_a_missing_reference(sbc, tmp_path):
    report = firstlight.calibrate(
        sbc["raw"][0], switch={"FLATCORR": "OMIT"}, ref_dir=sbc["reference_folder"], output_dir=tmp_path / "out"
    )
    assert report["products"][0]["switches"]["FLATCORR"] == "OMIT"
    with pytest.raises(FileNotFoundError, match="FLATCORR needs PFLTFILE"):
        firstlight.calibrate(sbc["raw"][0], ref_dir=tmp_path, output_dir=tmp_path / "none")
    with pytest.raises(ValueError, match="unknown field"):
        firstlight.calibrate(sbc["raw"][0], acs2d={"nonsense": 1})


def test_stages(subarray, tmp_path):
    raw = shutil.copy(subarray["raw"][0], tmp_path)
    ref = subarray["reference_folder"]
    stage = {"ref_dir": ref}
    (blv,) = firstlight.acsccd(raw, **stage)["products"]
    assert blv["path"] == str(raw).replace("_raw", "_blv_tmp")
    (flt,) = firstlight.acs2d(blv["path"], **stage)["products"]
    assert flt["path"] == str(raw).replace("_raw", "_flt")
    assert fits.getheader(flt["path"])["DARKCORR"] == "COMPLETE"
    whole = firstlight.calibrate(raw, ref_dir=ref, output_dir=tmp_path / "whole", switch=["PCTECORR=OMIT"])
    alone, together = fits.getdata(flt["path"], 1), fits.getdata(whole["products"][0]["path"], 1)
    assert np.array_equal(alone, together)
    listed = tmp_path / "list.txt"
    listed.write_text(f"{raw}  # the only one\n")
    again = firstlight.acsccd(f"@{listed}", overwrite=True, **stage)
    assert len(again["products"]) == 1


def test_combinations(subarray, sbc, tmp_path):
    ref = subarray["reference_folder"]
    raws = [shutil.copy(subarray["raw"][0], tmp_path / f"j{n}_raw.fits") for n in (1, 2)]
    blv = [p["path"] for p in firstlight.acsccd([str(r) for r in raws], ref_dir=ref)["products"]]
    output = tmp_path / "both_crj_tmp.fits"
    report = firstlight.acsrej(blv, output, ref_dir=ref, crsigmas="4,3", initgues="med", skysub="none", crmask=True)
    assert report["products"][0]["report"]["chips"][0]["parameters"]["skysub"] == "none"
    assert fits.getheader(output)["EXPTIME"] == 2 * fits.getheader(blv[0])["EXPTIME"]
    flts = [
        p["path"]
        for p in firstlight.calibrate(
            sbc["raw"], ref_dir=sbc["reference_folder"], output_dir=tmp_path / "sbc"
        )["products"]
    ]
    total = tmp_path / "total_sfl.fits"
    firstlight.acssum(flts, total)
    expected = sum(fits.getdata(flt, 1).astype(float) for flt in flts)
    np.testing.assert_allclose(fits.getdata(total, 1), expected, rtol=1e-5, atol=1e-4)


def test_destriping(subarray, tmp_path):
    raw, ref = subarray["raw"][0], subarray["reference_folder"]
    report = firstlight.destripe_plus(
        raw, cte_correct=False, keep_intermediate_files=True, dqbits="64", output_dir=tmp_path, ref_dir=ref, verbose=False
    )
    (found,) = report["destriped"]
    assert 0.5 < found["stripe_std"] < 2 and found["rows_left"] == 0
    blv = next(str(path) for path in tmp_path.iterdir() if "blv_tmp" in path.name)
    again = firstlight.destripe(blv, "twice", ref_dir=ref, verbose=False)
    assert again["cleaned"][0]["stripe_std"] < 0.5 * found["stripe_std"]
    assert os.path.exists(blv.replace("blv_tmp", "blv_tmp_twice"))
    assert "Bias stripes removed" in "\n".join(fits.getheader(blv)["HISTORY"])
    mask = np.zeros(fits.getdata(blv, 1).shape)
    with pytest.raises(ValueError, match="no pixels are left"):
        firstlight.destripe(blv, "none", mask1=mask, ref_dir=ref)
    with pytest.raises(ValueError, match="2 masks"):
        firstlight.destripe(blv, "none", mask1=[mask, mask], ref_dir=ref)
    with pytest.raises(TypeError, match="a mask is"):
        firstlight.destripe(blv, "none", mask1=[3], ref_dir=ref)


def test_frames_without_stripes_are_refused(sbc, tmp_path):
    with pytest.raises(firstlight.InputError, match="DETECTOR"):
        firstlight.destripe_plus(sbc["raw"][0], output_dir=tmp_path, ref_dir=sbc["reference_folder"])


def test_the_readout_simulated(tmp_path):
    image = np.zeros((120, 20), "f4")
    image[100, 5] = 3000
    fits.writeto(tmp_path / "stars.fits", image)
    table = tmp_path / "traps.csv"
    table.write_text("Q,AMOUNT,RELEASE_1,RELEASE_2\n1,0.5,0.5,0.3\n100,4,0.5,0.3\n")
    report = firstlight.cte_forward(tmp_path / "stars.fits", traps=table, register="bottom")
    output = report["products"][0]["output"]
    assert output == str(tmp_path / "stars_ctefmod.fits")
    trailed = fits.getdata(output)
    assert trailed[101, 5] > 0.5 and trailed[100, 5] < 3000
    back = tmp_path / "back.fits"
    firstlight.cte_forward(output, traps=table, undo=True, output=back)
    assert abs(fits.getdata(back)[100, 5] - 3000) < 0.1


@pytest.mark.skipif(os.name == "nt", reason="signals are sent otherwise there")
@pytest.mark.parametrize("threads", [None, 1])
def test_ctrl_c_stops_a_calibration_and_leaves_nothing_half_written(subarray, tmp_path, threads):
    raw, output = subarray["raw"][0], tmp_path / "out"
    # More columns of charge transfer than are done in a minute, were nobody to stop it.
    many = [shutil.copy(raw, tmp_path / f"j{n:02}_raw.fits") for n in range(60)]
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    timer = threading.Timer(2.0, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            firstlight.calibrate(
                many, ref_dir=subarray["reference_folder"], output_dir=output, switch={"PCTECORR": "PERFORM"}, threads=threads
            )
    finally:
        timer.cancel()
        signal.signal(signal.SIGINT, before)
    # A folder that nothing came into is gone.
    left = sorted(output.iterdir()) if output.exists() else []
    assert len(left) < 2 * len(many)
    for path in left:
        assert path.name.endswith(("_flt.fits", "_flc.fits")), path
        with fits.open(path) as hdus:
            assert np.isfinite(hdus[1].data).all()
