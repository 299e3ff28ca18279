"""Frames found on the sky: simulated ones, whose place is known."""

import shutil

import firstlight
import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS


@pytest.fixture(scope="module")
def night(tmp_path_factory):
    folder = tmp_path_factory.mktemp("night")
    named = {"nights": 1, "filters": "V", "science": 2, "short_science": 0, "flats": 1, "darks": 1, "biases": 1}
    return folder, firstlight.simulate.ccd(folder, **named)


def test_stars_are_where_the_catalogue_has_them(night, tmp_path):
    folder, simulated = night
    catalogue = folder / "truth" / "stars.ecsv"
    report = firstlight.solve(simulated["science"], catalogue, tmp_path, magnitude="mag_V")
    assert not report["failed"] and len(report["frames"]) == 2
    stars, fluxes = firstlight.read_table(catalogue), firstlight.read_table(folder / "truth" / "star_fluxes.ecsv")
    places = {number: (ra, dec) for number, ra, dec in zip(stars["star"], stars["ra"], stars["dec"], strict=True)}
    for frame in report["frames"]:
        assert frame["matches"] > 50 and frame["rms_pixels"] < 0.3
        system = WCS(fits.getheader(frame["product"]))
        here = [file in frame["file"] for file in fluxes["file"]]
        sky = np.array([places[number] for number, own in zip(fluxes["star"], here, strict=True) if own])
        x, y = system.all_world2pix(sky[:, 0], sky[:, 1], 0)
        off = np.hypot(x - np.asarray(fluxes["x"])[here], y - np.asarray(fluxes["y"])[here])
        assert np.median(off) < 0.05 and off.max() < 0.3
        np.testing.assert_array_equal(fits.getdata(frame["product"]), fits.getdata(frame["file"]))
        assert "CRVAL1" not in fits.getheader(frame["file"])


def test_in_place_and_what_is_refused(night, tmp_path):
    folder, simulated = night
    catalogue = folder / "truth" / "stars.ecsv"
    frame = tmp_path / "frame.fit"
    shutil.copy(simulated["science"][0], frame)
    before = frame.read_bytes()
    report = firstlight.solve(frame, catalogue, magnitude="mag_V", sip_order=1)
    assert report["frames"][0]["product"] is None and frame.read_bytes() == before
    with pytest.raises(firstlight.InputError, match="--magnitude"):
        firstlight.solve(frame, catalogue)
    with pytest.raises(firstlight.InputError, match="frame.fit"):
        firstlight.solve(frame, catalogue, magnitude="mag_V", ra=10.0, dec=10.0)
    with fits.open(frame, mode="update") as opened:
        for keyword in ("OBJCTRA", "FOCALLEN"):
            del opened[0].header[keyword]
    with pytest.raises(firstlight.InputError, match="--ra, --dec"):
        firstlight.solve(frame, catalogue, magnitude="mag_V")
    with pytest.raises(firstlight.InputError, match="--scale"):
        firstlight.solve(frame, catalogue, magnitude="mag_V", ra="10:17:36.8", dec="-46:24:45")
    named = {"magnitude": "mag_V", "ra": "10:17:36.8", "dec": "-46:24:45", "scale": 0.92, "sip_order": 1}
    report = firstlight.solve(frame, catalogue, update=True, **named)
    header = fits.getheader(frame)
    assert header["CTYPE1"] == "RA---TAN" and report["frames"][0]["product"] == str(frame)
    # What the header says now is enough.
    assert not firstlight.solve(frame, catalogue, magnitude="mag_V")["failed"]
