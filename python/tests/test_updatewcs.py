"""Coordinates computed anew: what is refused, and what is left out."""

import pytest
from astropy.io import fits

import firstlight


def test_the_database_is_not_asked():
    with pytest.raises(firstlight.UnsupportedError, match="use_db"):
        firstlight.updatewcs([], use_db=True)


def test_calls_of_stwcs_are_accepted(tmp_path):
    # Positions are stwcs's too: the last of these is remove_duplicates.
    with pytest.raises(FileNotFoundError):
        firstlight.updatewcs(tmp_path / "none_flt.fits", True, True, True, True, True, False, False, True, False)
    with pytest.raises(FileNotFoundError):
        firstlight.updatewcs(tmp_path / "none_flt.fits", use_db=False, all_wcs=True, remove_duplicates=False)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        firstlight.updatewcs(tmp_path / "none_flt.fits")


def test_exposures_that_cannot_be_used_stay_as_they_are(tmp_path):
    path = tmp_path / "short_flt.fits"
    primary = fits.PrimaryHDU()
    primary.header.update(INSTRUME="ACS", DETECTOR="HRC", EXPTIME=0.0, PA_V3=10.0)
    fits.HDUList([primary, fits.ImageHDU(name="SCI")]).writeto(path)
    before = path.read_bytes()
    with pytest.warns(UserWarning, match="no exposure"):
        assert firstlight.updatewcs(path) == []
    assert path.read_bytes() == before
