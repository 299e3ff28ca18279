"""Many values of pixfrac from Python: report, places, errors."""

import numpy as np
import pytest
from astropy.io import fits

import firstlight


def write(path, shift):
    """A star on a flat sky, moved by some pixels."""
    name = path.name[:4]
    primary = fits.PrimaryHDU()
    primary.header.update(INSTRUME="ACS", DETECTOR="HRC", ROOTNAME=name, EXPTIME=100.0, EXPSTART=50000.0, EXPEND=50000.1)
    header = fits.Header()
    header.update(CTYPE1="RA---TAN", CTYPE2="DEC--TAN", CRVAL1=10.0, CRVAL2=20.0)
    header.update(CRPIX1=32.0 + shift[0], CRPIX2=32.0 + shift[1], BUNIT="ELECTRONS", EXPNAME=name)
    header.update(CD1_1=-1e-5, CD1_2=0.0, CD2_1=0.0, CD2_2=1e-5)
    y, x = np.indices((64, 64))
    far = (x - 30.3 - shift[0]) ** 2 + (y - 31.6 - shift[1]) ** 2
    planes = {
        "SCI": (20 + 5000 * np.exp(-far / 3)).astype(np.float32),
        "ERR": np.full((64, 64), 10, np.float32),
        "DQ": np.zeros((64, 64), np.int16),
    }
    extensions = [fits.ImageHDU(plane, header, name=kind, ver=1) for kind, plane in planes.items()]
    fits.HDUList([primary, *extensions]).writeto(path)
    return path


@pytest.fixture
def exposures(tmp_path):
    shifts = [(0.0, 0.0), (0.5, 0.0), (0.0, 0.5), (0.5, 0.5)]
    return [write(tmp_path / f"aa{k}a_flt.fits", shift) for k, shift in enumerate(shifts)]


def test_values_are_tried_and_one_is_recommended(exposures, tmp_path):
    report = firstlight.drizzle_grid(
        exposures,
        tmp_path / "tried",
        pixfrac=np.array([0.2, 0.6, 1.0]),
        box=(10, 50, 10, 50),
        star=[(30, 31)],
        combine_only=True,
        keep=True,
    )
    assert [trial["pixfrac"] for trial in report.trials] == [0.2, 0.6, 1.0]
    assert report.pixfrac == report.trials[report.best]["pixfrac"]
    assert report.reasons[-1].startswith(f"pixfrac {report.pixfrac:g}") or not report.passes
    assert report.page.name == "tried_grid.html" and report.page.exists()
    assert [path.name for path in report.figures] == ["tried_grid_rms.png", "tried_grid_shapes.png", "tried_grid_stars.png"]
    widths = [trial["fwhm_arcsec"] for trial in report.trials]
    assert widths[1] < widths[2]
    for trial, products in zip(report.trials, report.products, strict=True):
        weight = fits.getdata(products["wht"])[10:50, 10:50].astype(float)
        assert trial["rms_over_median"] == pytest.approx(np.std(weight) / np.median(weight), rel=1e-9)
        assert trial["boxes"][0]["missing"] == np.count_nonzero(weight == 0)


def test_bad_requests(exposures, tmp_path):
    for options, part in [
        ({"pixfrac": "0.1:1"}, "range"),
        ({"pixfrac": [0.5, 1.5]}, "up to 1"),
        ({"box": "9000,9100,0,10"}, "not wholly on the output"),
        ({"star": [(5000, 3)]}, "no room"),
        ({"write_dq": True}, "no place here"),
        ({"pixfrax": 1}, "pixfrax"),
    ]:
        with pytest.raises(ValueError, match=part):
            firstlight.drizzle_grid(exposures, tmp_path / "bad", combine_only=True, **options)
    assert not list(tmp_path.glob("bad*"))
