"""AstroDrizzle by its own name, and its steps through firstlight.drizzle."""

import numpy as np
import pytest
from astropy.io import fits

import firstlight

NX = 64


def write(path, k):
    """An exposure with a sky of 40, a star, and a cosmic ray at (10 + 9 k, 20)."""
    rng = np.random.default_rng(k)
    y, x = np.indices((NX, NX))
    sci = 40 + rng.normal(0, 3, (NX, NX)) + 3000 * np.exp(-((x - 32) ** 2 + (y - 40) ** 2) / 4)
    sci[20, 10 + 9 * k] += 5000
    dq = np.zeros((NX, NX), np.int16)
    dq[5, 5] = 4096 | 16
    primary = fits.PrimaryHDU()
    primary.header.update(INSTRUME="ACS", DETECTOR="HRC", ROOTNAME=path.name[:9], EXPTIME=100.0, EXPSTART=50000.0 + k)
    primary.header.update(EXPEND=50000.1 + k, READNSEA=4.7, CCDAMP="A", FILTER1="F606W", FILTER2="CLEAR2S")
    header = fits.Header()
    header.update(CTYPE1="RA---TAN", CTYPE2="DEC--TAN", CRVAL1=10.0, CRVAL2=20.0, CRPIX1=32.0, CRPIX2=32.0)
    header.update(CD1_1=-1e-5, CD1_2=0.0, CD2_1=0.0, CD2_2=1e-5, BUNIT="ELECTRONS", EXPNAME=path.name[:9])
    planes = {"SCI": sci.astype("f4"), "ERR": np.full((NX, NX), 8, "f4"), "DQ": dq}
    extensions = [fits.ImageHDU(plane, header, name=name, ver=1) for name, plane in planes.items()]
    fits.HDUList([primary, *extensions]).writeto(path)
    return path


@pytest.fixture
def exposures(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return [write(tmp_path / f"j0000{k}aaq_flt.fits", k) for k in range(4)]


def test_called_as_drizzlepac(exposures, tmp_path):
    before = [path.read_bytes() for path in exposures]
    report = firstlight.astrodrizzle("*_flt.fits", output="all", driz_sep_bits="16", final_bits=16, build=False)
    assert {step["step"]: step["outcome"] for step in report.steps}["cosmic_rays"] == "done"
    for k, path in enumerate(exposures):
        assert (tmp_path / "OrIg_files" / path.name).read_bytes() == before[k]
        with fits.open(path) as hdus:
            assert hdus["DQ"].data[20, 10 + 9 * k] & 4096
            assert hdus["DQ"].data[5, 5] == 16
            assert hdus["SCI"].header["MDRIZSKY"] == pytest.approx(40, abs=0.3)
    log = (tmp_path / "astrodrizzle.log").read_text()
    assert "Final Drizzle" in log and "Total" in log and '"driz_sep_bits": "16"' in log
    sci = fits.getdata(report.products["sci"])
    assert np.nanmax(sci) < 40 and abs(np.nanmedian(sci)) < 0.02
    header = fits.getheader(report.products["sci"])
    assert header["MDRIZSKY"] == pytest.approx(40, abs=0.3)
    assert not list(tmp_path.glob("*_single_sci.fits"))
    # Again, on what it left: products are replaced, and the bits do not add up.
    again = firstlight.astrodrizzle(exposures, output="all", driz_sep_bits="16", final_bits=16)
    assert np.array_equal(fits.getdata(again.products["sci"]), sci, equal_nan=True)


def test_inputs_stay_unless_asked(exposures, tmp_path):
    before = [path.read_bytes() for path in exposures]
    report = firstlight.drizzle(exposures, tmp_path / "sum", keep_intermediates=True, driz_cr_corr=True)
    assert [path.read_bytes() for path in exposures] == before
    names = {path.name for path in tmp_path.glob("*.fits")}
    assert {"sum_med.fits", "j00000aaq_single_sci.fits", "j00000aaq_sci1_crmask.fits"} <= names
    assert {"sum_64x64_1_staticMask.fits", "j00003aaq_sci1_blt.fits", "j00002aaq_crclean.fits"} <= names
    assert len(report.intermediates) == 1 + 1 + 4 * (2 + 2 + 1)
    assert fits.getdata("j00001aaq_sci1_crmask.fits")[20, 19] == 0
    assert fits.getdata("j00001aaq_crclean.fits", "SCI")[20, 19] < 100


def test_sections_and_what_has_no_effect(exposures):
    sections = {"STEP 1: STATIC MASK": {"static": False}, "STEP 6": {"driz_cr": False, "blot": False, "median": False}}
    with pytest.warns(UserWarning, match="in_memory"):
        report = firstlight.astrodrizzle(
            exposures, configobj=sections, output="off", in_memory=True, write_dq=False, preserve=False, runfile=""
        )
    outcomes = {step["step"]: step["outcome"] for step in report.steps}
    assert outcomes["static_mask"] == outcomes["cosmic_rays"] == outcomes["median"] == "off"


@pytest.mark.parametrize(
    "options",
    [dict(editpars=True), dict(wcsmap=object()), dict(configobj="my.cfg"), dict(rules_file="a.rules"), dict(nonsense=1)],
)
def test_what_is_refused(exposures, options):
    with pytest.raises(ValueError, match="|".join(options)):
        firstlight.astrodrizzle(exposures, **options)


def test_files_that_cannot_be_written_to(exposures):
    exposures[1].chmod(0o444)
    with pytest.raises(ValueError, match="read-only"):
        firstlight.astrodrizzle(exposures, output="out")
    assert firstlight.drizzle(exposures, output="out").products["sci"].exists()


def test_a_missing_table_is_told_of(exposures):
    with pytest.raises(ValueError, match="MDRIZTAB"):
        firstlight.astrodrizzle(exposures, mdriztab=True)


def test_reference_files_are_found_in_the_folder_that_is_given(exposures, tmp_path):
    fits.setval(exposures[0], "MDRIZTAB", value="jref$some_mdz.fits")
    folder = tmp_path / "references"
    folder.mkdir()
    columns = [
        fits.Column("filter", "8A", array=["ANY"]),
        fits.Column("numimages", "J", array=[1]),
        fits.Column("final_pixfrac", "D", array=[0.5]),
    ]
    fits.BinTableHDU.from_columns(columns).writeto(folder / "some_mdz.fits")
    with pytest.raises(FileNotFoundError, match="some_mdz.fits"):
        firstlight.astrodrizzle(exposures, output="none", mdriztab=True)
    report = firstlight.astrodrizzle(exposures, output="made", mdriztab=True, ref_dir=folder)
    assert fits.getval(report.products["sci"], "D001PIXF") == 0.5
    with pytest.raises(FileNotFoundError, match="elsewhere/some_mdz.fits"):
        firstlight.drizzle_grid(exposures, "none", pixfrac=[0.5, 1.0], mdriztab=True, ref_dir=tmp_path / "elsewhere")


def test_one_exposure(exposures):
    report = firstlight.drizzle(exposures[0])
    skipped = {step["step"]: step.get("reason") for step in report.steps if step["outcome"] == "skipped"}
    assert skipped["cosmic_rays"] == "it needs two exposures"


def test_a_value_that_is_none_is_told_with_its_parameter():
    with pytest.raises(ValueError, match="final_kernel: unknown variant `foo`"):
        firstlight.astrodrizzle("none_flt.fits", final_kernel="foo")
