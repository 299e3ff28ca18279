"""The steps of ACS on arrays, against numpy."""

import numpy as np
import pytest
from astropy.io import fits

import firstlight
from firstlight import acs

RNG = np.random.default_rng(3)


def image(shape=(30, 40), level=100.0, scatter=10.0):
    return RNG.normal(level, scatter, shape).astype("f4")


def bits(shape=(30, 40)):
    return RNG.choice(np.array([0, 0, 4, 16], "u2"), shape)


def test_dark_flash_and_bias_subtract_and_leave_their_inputs_alone():
    sci, err, dq = image(), image(level=5, scatter=0.1), bits()
    dark, dark_err, dark_dq = image(level=0.02, scatter=0.001), image(level=0.001, scatter=0), bits()
    before = sci.copy()
    planes, mean = acs.darkcorr(sci, err, dq, dark, 100.0, dark_err=dark_err, dark_dq=dark_dq, sdqflags=4)
    assert np.array_equal(sci, before)
    np.testing.assert_allclose(planes.sci, sci - np.float32(100) * dark, rtol=1e-6)
    np.testing.assert_allclose(planes.err, np.hypot(err, 100 * dark_err), rtol=1e-5)
    assert np.array_equal(planes.dq, dq | dark_dq)
    assert mean == pytest.approx(100 * dark[dark_dq & 4 == 0].mean(), rel=1e-5)
    planes, mean = acs.flshcorr(sci, err, dq, dark, 2.0)
    np.testing.assert_allclose(planes.sci, sci - 2 * dark, rtol=1e-6)
    assert mean == pytest.approx(2 * dark.mean(), rel=1e-5)
    planes = acs.biascorr(sci, err, dq, dark, dark_err, dark_dq)
    np.testing.assert_allclose(planes.sci, sci - dark, rtol=1e-6)
    np.testing.assert_allclose(planes.err, np.hypot(err, dark_err), rtol=1e-6)


def test_flat_and_shading_divide():
    sci, err, flat = image(), image(level=5, scatter=0.1), image(level=1, scatter=0.02)
    flat[3, 4] = 0
    planes = acs.flatcorr(sci, err, None, flat)
    good = flat != 0
    np.testing.assert_allclose(planes.sci[good], (sci / np.where(good, flat, 1))[good], rtol=1e-6)
    assert planes.dq[3, 4] == 512 and planes.sci[3, 4] == sci[3, 4]
    shading = np.full(sci.shape, 0.01, "f4")
    planes = acs.shadcorr(sci, err, None, shading, 2.0)
    np.testing.assert_allclose(planes.sci, sci * 2.0 / 2.01, rtol=1e-6)


def test_flags():
    sci = np.zeros((10, 12), "f4")
    sci[2, 3] = 65535
    dq = acs.dqicorr(sci, bad_pixels=[(5, 1, 3, True, 4), (0, 8, 9, False, 16)])
    expected = np.zeros(sci.shape, "u2")
    expected[2, 3], expected[1, 5:8], expected[8:, 0] = 2048, 4, 16
    assert np.array_equal(dq, expected)
    wells = acs.full_well(sci, None, np.full(sci.shape, 8e4, "f4"))
    assert not wells.any()
    assert acs.full_well(sci, None, np.full(sci.shape, 6e4, "f4"))[2, 3] == 256
    assert acs.full_well(sci, None, np.full(sci.shape, 6e4, "f4"), trim_x=(4, 0))[2, 3] == 0
    sinks = np.zeros(sci.shape, "f4")
    sinks[4:7, 6] = [-20, 50, 40]
    signal = np.full(sci.shape, 45, "f4")
    assert np.array_equal(np.nonzero(acs.sinkcorr(signal, None, sinks))[0], [4, 5])
    flagged = acs.lflgcorr(sci, exptime=10.0, local_limit=100.0, expand=1.0)
    assert flagged[2, 3] == 256 and flagged[3, 3] == 256 and flagged[5, 5] == 0


def test_counts():
    sci = RNG.poisson(3, (20, 20)).astype("f4")
    err = acs.photon_noise(sci)
    np.testing.assert_allclose(err, np.maximum(1, np.sqrt(sci)), rtol=1e-6)
    corrected, _, ratio = acs.glincorr(sci, err, globrate=1e5, global_limit=2e5, tau=1e-7)
    true = 1e5 * ratio
    assert true * np.exp(-1e-7 * true) == pytest.approx(1e5, rel=1e-9)
    np.testing.assert_allclose(corrected, sci * np.float32(ratio), rtol=1e-6)
    found = acs.statistics(sci, err, sdqflags=0)
    assert found["good"] == 400 and found["sci"]["mean"] == pytest.approx(sci.mean(), rel=1e-6)


def test_trim_and_atod():
    planes = acs.trim(image(), x=(3, 2), y=(1, 0))
    assert [plane.shape for plane in planes] == [(29, 35)] * 3
    sci, dq = acs.atodcorr(np.array([[0, 2, 9]], "f4"), None, [10, 11, 12])
    assert np.array_equal(sci, [[10, 12, 12]]) and np.array_equal(dq, [[0, 0, 256]])


def test_the_bias_level_of_lines():
    ny, nx = 60, 80
    level = 500 + 0.1 * np.arange(ny)
    sci = (level[:, None] + np.zeros((ny, nx))).astype("f4")
    sci[:, 20:] += 30
    chip = {
        "chip": 1, "readnoise": 5.0, "ampx": nx,
        "overscan": {"trim_x": (20, 0), "leading": (4, 18)},
    }
    # Of a whole header commentary and values that are not known are passed over.
    header = {"DETECTOR": "WFC", "SUBARRAY": True, "HISTORY": ["one", "two"], "COMMENT": "words", "PROPTTL1": None}
    (found,), levels = acs.blevcorr([sci], [chip], ccdamp="A", header=header)
    np.testing.assert_allclose(found[:, 20:], 30, atol=0.02)
    assert levels["A"] == pytest.approx(level.mean(), abs=0.1)
    electrons, _ = acs.to_electrons(sci, None, [2.0, 1.0, 1.0, 1.0], ccdamp="A")
    np.testing.assert_allclose(electrons, sci * 2)
    err = acs.noise(found, None, 5.0, ccdamp="A")
    np.testing.assert_allclose(err[:, 30], np.sqrt(np.maximum(found[:, 30], 0) + 25), rtol=1e-6)
    with pytest.raises(ValueError, match="leading"):
        acs.blevcorr([sci], [{**chip, "overscan": {"leading": (70, 90)}}], ccdamp="A")


def test_cosmic_rays_are_rejected():
    truth = image((50, 50), 200, 0)
    frames = [truth + RNG.normal(0, 4, truth.shape).astype("f4") for _ in range(4)]
    frames[1][20, 20] += 5000
    errors = [np.full(truth.shape, np.hypot(4, np.sqrt(200)), "f4")] * 4
    planes, rejected, report = acs.acsrej(frames, errors, exptime=100.0, initgues="median", skysub="none", scalense=0)
    assert rejected[1][20, 20] and not rejected[0][20, 20]
    assert planes.sci[20, 20] == pytest.approx(800, abs=60)
    assert report["chips"][0]["rejected"][1] >= 1


def test_the_sum_of_repeats():
    frames = [image(), image(level=50), image(level=20)]
    errors = [image(level=5, scatter=0.1) for _ in frames]
    flags = [bits() for _ in frames]
    frames[1][3, 4] = np.nan
    planes = acs.acssum(frames, errors, flags)
    np.testing.assert_array_equal(planes.sci, frames[0] + frames[1] + frames[2])
    squares = errors[0] * errors[0] + errors[1] * errors[1] + errors[2] * errors[2]
    np.testing.assert_array_equal(planes.err, np.sqrt(squares))
    np.testing.assert_array_equal(planes.dq, flags[0] | flags[1] | flags[2])
    assert np.isnan(planes.sci[3, 4])
    alone = acs.acssum(frames[:1] * 2)
    assert not alone.err.any() and not alone.dq.any()
    with pytest.raises(ValueError, match="two exposures"):
        acs.acssum(frames[:1])
    with pytest.raises(ValueError, match="3 images, 2 ERR"):
        acs.acssum(frames, errors[:2])
    with pytest.raises(firstlight.InputError, match="shape"):
        acs.acssum([frames[0], frames[1][:20]])


def imphttab(path, extrapolate):
    """Two modes, of which one is calibrated on three days."""
    days = [53000.0, 54000.0, 55000.0]
    values = {"PHOTFLAM": [8e-20, 9e-20, 7e-20], "PHOTPLAM": [5900.0, 5910.0, 5920.0], "PHOTBW": [670.0] * 3}
    tables = [fits.PrimaryHDU()]
    tables[0].header.update(PHOTZPT=-21.1, EXTRAP=extrapolate)
    for name, dated in values.items():
        columns = [
            fits.Column("OBSMODE", "40A", array=["acs,wfc1,f606w,mjd#", "acs,hrc,f555w"]),
            fits.Column("DATACOL", "12A", array=[f"{name}1", name]),
            fits.Column(name, "D", array=[0.0, dated[0] * 2]),
            fits.Column(f"{name}1", "3D", array=[dated, [0.0] * 3]),
            fits.Column("NELEM1", "I", array=[3, 0]),
            fits.Column("PAR1NAMES", "12A", array=["mjd#", ""]),
            fits.Column("PAR1VALUES", "3D", array=[days, [0.0] * 3]),
            fits.Column("PEDIGREE", "30A", array=["INFLIGHT", "DUMMY"]),
        ]
        tables.append(fits.BinTableHDU.from_columns(columns, name=name))
    fits.HDUList(tables).writeto(path)
    return path


def test_keywords_of_photometry(tmp_path):
    table = imphttab(tmp_path / "x_imp.fits", False)
    found = acs.photcorr("ACS WFC1 F606W MJD#53500.0", table)
    assert found.photflam == pytest.approx(8.5e-20) and found.photplam == pytest.approx(5905)
    assert (found.photbw, found.photzpt, found.phtflam1) == (670.0, -21.1, None)
    assert found.outside is None and not found.dummy_row
    assert acs.photcorr("f606w,wfc1,acs", str(table), mjd=53500) == found
    later = acs.photcorr("ACS WFC1 F606W MJD#53500", table, mjd=54500)
    assert later.photflam == pytest.approx(8e-20)
    beyond = acs.photcorr("acs,wfc1,f606w", table, mjd=55500)
    assert beyond.photflam == -9999 and "mjd# 55500" in beyond.outside
    on = acs.photcorr("acs,wfc1,f606w", imphttab(tmp_path / "y_imp.fits", True), mjd=55500)
    assert on.photflam == pytest.approx(6e-20) and on.outside is None
    whenever = acs.photcorr("ACS HRC F555W", table, mjd=53500)
    assert whenever.photflam == pytest.approx(1.6e-19) and whenever.dummy_row
    with pytest.raises(FileNotFoundError, match="f606w,mjd#,wfc1"):
        acs.photcorr("ACS WFC1 F606W", table)
    with pytest.raises(FileNotFoundError):
        acs.photcorr("ACS WFC1 F606W", tmp_path / "none.fits", mjd=53500)


TRAPS = [(1.0, 0.5, [0.4, 0.3, 0.2]), (50.0, 2.0, [0.4, 0.3, 0.2]), (1000.0, 10.0, [0.5, 0.3, 0.1])]


def test_an_image_of_the_wfc_needs_its_date():
    with pytest.raises(ValueError, match="EXPSTART"):
        acs.correct_cte(np.zeros((20, 20), "f4"), pctetab="cte.fits", ccdtab="ccd.fits", header={"CCDAMP": "B"})


def test_trails_of_any_camera_are_drawn_and_taken_off():
    sci = np.zeros((200, 30), "f4")
    sci[150, 10] = 5000
    trailed, _ = acs.forward_cte(sci, traps=TRAPS, register="bottom")
    assert trailed[150, 10] < 5000 and trailed[151, 10] > 1 and trailed[149, 10] == 0
    restored, _ = acs.correct_cte(trailed, traps=TRAPS, register="bottom")
    assert abs(restored[150, 10] - 5000) < abs(trailed[150, 10] - 5000) / 20
    upside_down, _ = acs.forward_cte(sci[::-1], traps=TRAPS, register="top")
    np.testing.assert_array_equal(upside_down[::-1], trailed)
    with pytest.raises(ValueError, match="register|top"):
        acs.forward_cte(sci, traps=TRAPS, register="middle")
    with pytest.raises(ValueError, match="pctetab"):
        acs.forward_cte(sci)


def test_stripes():
    stripes = RNG.normal(0, 0.9, 100)
    sci = (30 + stripes[:, None] + RNG.normal(0, 6, (100, 3000))).astype("f4")
    found = acs.destripe_array(sci, np.full_like(sci, 6), stat="mean")
    assert np.std(found.corrections - (stripes - stripes.mean())) < 0.3
    np.testing.assert_allclose(sci - found.sci, np.broadcast_to(found.corrections[:, None], sci.shape), atol=1e-5)
    both = acs.destripe_array([sci, sci[::-1]], [np.full_like(sci, 6)] * 2, stat="mean", dqbits=-9, atol=None)
    assert np.array_equal(both.sci[0], both.sci[1][::-1])
    with pytest.raises(ValueError, match="sigrej"):
        acs.destripe_array(sci, sci, sigrej=0)
    with pytest.raises(ValueError):
        acs.destripe_array(sci, sci, stat="nonsense")


def test_shapes_that_do_not_agree():
    with pytest.raises(firstlight.InputError, match="shape"):
        acs.darkcorr(image(), None, None, image((3, 3)), 1.0)
    with pytest.raises(ValueError, match="two axes"):
        acs.flatcorr(np.zeros(5), None, None, np.zeros(5))
    with pytest.raises(TypeError, match="bits"):
        acs.flatcorr(image(), None, image(), image())


def test_any_layout_of_memory():
    sci = image()
    flipped = np.asfortranarray(sci)[::-1].astype(">f8")
    np.testing.assert_array_equal(acs.trim(flipped).sci, sci[::-1])
