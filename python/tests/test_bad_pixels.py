"""Masks of bad pixels: of simulated nights, whose bad pixels are known."""

import numpy as np
import pytest

import firstlight


@pytest.fixture(scope="module")
def night(tmp_path_factory):
    options = {"nights": 1, "width": 200, "height": 160, "filters": "V", "science": 1, "short_science": 0}
    folder = tmp_path_factory.mktemp("night")
    return folder, firstlight.simulate.ccd(folder, **options, flats=3, biases=9, darks=5, stars=10)


def test_bad_pixels_are_those_that_were_put_in(night):
    folder, report = night
    firstlight.combine_files(report["biases"], folder / "bias.fits", method="median")
    given = {"flats": report["flats"][0], "darks": report["darks"], "bias": folder / "bias.fits", "dark_limit": 0.25}
    found = firstlight.badpix(folder / "bad.fits", **given, findbadcolumns=True, table=folder / "bad.ecsv")
    mask = firstlight.getdata(folder / "bad.fits", 0)
    assert mask.dtype == np.uint8 and mask.shape == (160, 200)
    counts = (np.count_nonzero(mask), np.count_nonzero(mask & 1), np.count_nonzero(mask & 2))
    assert counts == (found["bad"], found["from_flats"], found["hot"])
    true, rate = (firstlight.getdata(folder / "truth" / name, 0) for name in ("bad_pixels.fits", "dark.fits"))
    dead = true & 1 != 0
    assert (mask[dead] & 1 != 0).mean() > 0.9
    assert np.count_nonzero(mask[~dead] & 1) < 0.2 * dead.sum()
    assert ((mask[rate > 0.4] & 2) != 0).all() and ((mask[rate < 0.15] & 2) == 0).all()
    rows = firstlight.read_table(folder / "bad.ecsv")
    assert len(rows) == found["bad"]
    assert all(mask[y, x] == bits for x, y, bits in zip(rows["x"], rows["y"], rows["bits"], strict=True))
    reduced = firstlight.ccd_process(report["science"], output_dir=folder / "reduced", bad_pixel_mask=folder / "bad.fits")
    flagged = firstlight.getdata(reduced["products"][0]["path"], "MASK")
    assert (flagged[mask != 0] != 0).all()


def test_sigmas_need_no_gain_and_no_bias(night):
    folder, report = night
    found = firstlight.badpix(folder / "hot.fits", darks=report["darks"], dark_sigma=9)
    assert found["from_flats"] == 0 and 20 < found["hot"] < 2000
    assert found["dark_rates"]["unit"] == "electron / s"


def test_what_cannot_be_is_refused(night):
    folder, report = night
    with pytest.raises(ValueError, match="--flat"):
        firstlight.badpix(folder / "none.fits")
    with pytest.raises(ValueError, match="3 flats"):
        firstlight.badpix(folder / "none.fits", flats=report["flats"])
    with pytest.raises(firstlight.InputError, match="--bias"):
        firstlight.badpix(folder / "none.fits", darks=report["darks"], dark_limit=0.01)
    with pytest.raises(ValueError, match="go in"):
        firstlight.badpix(report["darks"][0], darks=report["darks"], overwrite=True)
    with pytest.raises(firstlight.InputError, match="NOTHING"):
        firstlight.badpix(folder / "none.fits", darks=report["darks"], exposure_key="NOTHING")
    assert not (folder / "none.fits").exists()


def test_arrays():
    ratio = np.ones((40, 50), np.float32) + np.random.default_rng(1).normal(0, 0.01, (40, 50)).astype(np.float32)
    ratio[10, 20] = 0.5
    mask = firstlight.ccdmask(ratio)
    assert mask.dtype == bool and list(zip(*np.nonzero(mask), strict=True)) == [(10, 20)]
    with pytest.raises(ValueError, match="ncmed"):
        firstlight.ccdmask(ratio, ncmed=0)
