"""Drizzling from Python: reports, errors, arrays in and arrays out."""

import json

import numpy as np
import pytest
from astropy.io import fits

import firstlight


def write(path, exptime=100.0, shift=0.0):
    """A small HRC-like exposure of value 200 with one bad pixel."""
    primary = fits.PrimaryHDU()
    primary.header.update(INSTRUME="ACS", DETECTOR="HRC", ROOTNAME=path.name[:4], EXPTIME=exptime)
    primary.header.update(EXPSTART=50000.0, EXPEND=50000.1)
    header = fits.Header()
    header.update(CTYPE1="RA---TAN", CTYPE2="DEC--TAN", CRVAL1=10.0, CRVAL2=20.0, CRPIX1=16.0 - shift, CRPIX2=16.0)
    header.update(CD1_1=-1e-5, CD1_2=0.0, CD2_1=0.0, CD2_2=1e-5, BUNIT="ELECTRONS", EXPNAME=path.name[:4])
    dq = np.zeros((32, 32), np.int16)
    dq[10, 12] = 4
    planes = {"SCI": np.full((32, 32), 200, np.float32), "ERR": np.full((32, 32), 10, np.float32), "DQ": dq}
    extensions = [fits.ImageHDU(plane, header, name=name, ver=1) for name, plane in planes.items()]
    fits.HDUList([primary, *extensions]).writeto(path)
    return path


@pytest.fixture
def exposures(tmp_path):
    return [write(tmp_path / "aaaa_flt.fits"), write(tmp_path / "bbbb_flt.fits", exptime=300.0, shift=1.0)]


def test_report_and_products(exposures, tmp_path):
    report = firstlight.drizzle(exposures, tmp_path / "sum", combine_only=True, error=True, final_scale=np.float64(0.03))
    assert isinstance(report, firstlight.DrizzleReport)
    assert {name: path.name for name, path in report.products.items()} == {
        "sci": "sum_drz_sci.fits",
        "wht": "sum_drz_wht.fits",
        "ctx": "sum_drz_ctx.fits",
        "err": "sum_drz_err.fits",
    }
    assert report.exptime_s == 400.0
    assert report.unit == "ELECTRONS/S"
    assert report.grid["scale_arcsec"] == pytest.approx(0.03)
    assert [entry["status"] for entry in report.inputs] == ["combined", "combined"]
    sci, wht = (fits.getdata(report.products[plane]) for plane in ("sci", "wht"))
    assert sci.shape == (report.grid["ny"], report.grid["nx"])
    # 2 electrons per second for 100 s, two thirds for 300 s: one electron per second and input pixel.
    full = wht > 0.999 * wht.max()
    assert sci[full] == pytest.approx(1.0 * (0.03 / 0.036) ** 2, rel=1e-5)
    header = fits.getheader(report.products["sci"])
    assert header["NDRIZIM"] == 2
    history = "".join(str(header["HISTORY"]).splitlines())
    parameters = json.loads(history[history.index("{") : history.rindex("}") + 1])
    assert parameters["final_scale"] == 0.03
    assert fits.getdata(report.products["sci"], "HDRTAB")["EXPTIME"].tolist() == [100.0, 300.0]


def test_one_product_and_one_input(exposures, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    report = firstlight.drizzle("aaaa_flt.fits", build=True)
    assert report.products["sci"].name == "aaaa_drz.fits"
    with fits.open("aaaa_drz.fits") as hdus:
        assert [hdu.name for hdu in hdus] == ["PRIMARY", "SCI", "WHT", "CTX", "HDRTAB"]
        assert hdus[0].header["NEXTEND"] == 4


def test_products_are_not_replaced_unasked(exposures, tmp_path):
    first = firstlight.drizzle(exposures, tmp_path / "sum")
    before = first.products["sci"].read_bytes()
    with pytest.raises(ValueError, match="is there already"):
        firstlight.drizzle(exposures, tmp_path / "sum")
    assert first.products["sci"].read_bytes() == before
    firstlight.drizzle(exposures, tmp_path / "sum", overwrite=True)


def test_a_skipped_input_says_why(exposures, tmp_path):
    none = write(tmp_path / "none_flt.fits", exptime=0.0)
    report = firstlight.drizzle([*exposures, none], tmp_path / "sum")
    assert report.inputs[2]["status"] == "skipped"
    assert "EXPTIME" in report.inputs[2]["reason"]
    with pytest.raises(firstlight.InputError, match="nothing to combine"):
        firstlight.drizzle(none, tmp_path / "other")


def test_maps_of_inverse_variance_from_a_list(exposures, tmp_path):
    values = np.linspace(0.01, 0.05, 1024, dtype="f4").reshape(32, 32)
    values[3, 3:6] = np.nan, -1.0, 0.0
    lines = []
    for path in exposures:
        image = fits.ImageHDU(values, name="IVM", ver=1)
        fits.HDUList([fits.PrimaryHDU(), image]).writeto(tmp_path / f"{path.name[:4]}_ivm.fits")
        lines.append(f"{path.name} {path.name[:4]}_ivm.fits\n")
    (tmp_path / "list").write_text("".join(lines))
    one = firstlight.drizzle(exposures[0], tmp_path / "one", combine_only=True, final_kernel="point")
    (tmp_path / "list").write_text(lines[0])
    options = dict(combine_only=True, final_kernel="point", final_wht_type="IVM")
    ivm = firstlight.drizzle(f"@{tmp_path / 'list'}", tmp_path / "ivm", **options)
    by_time, by_map = (fits.getdata(report.products["wht"]) for report in (one, ivm))
    # Points fall on one pixel each: the time there becomes the map's number times the time squared.
    assert np.count_nonzero(by_map) == np.count_nonzero(by_time) - 3
    expected = values[np.nan_to_num(values) > 0].astype(float) * 1e4
    bad = 10 * 32 + 12
    expected = np.delete(expected, bad - 3)
    np.testing.assert_allclose(np.sort(by_map[by_map > 0]), np.sort(expected), rtol=1e-4)
    with pytest.warns(UserWarning, match="not used: final_wht_type is EXP"):
        firstlight.drizzle(f"@{tmp_path / 'list'}", tmp_path / "exp", combine_only=True)
    (tmp_path / "list").write_text(f"{exposures[0].name} nowhere_ivm.fits")
    with pytest.raises(FileNotFoundError, match="nowhere_ivm"):
        firstlight.drizzle(f"@{tmp_path / 'list'}", tmp_path / "none", **options)


def test_masks_for_the_sky(exposures, tmp_path):
    with fits.open(exposures[0], mode="update") as hdus:
        hdus["SCI"].data[:, :20] = 300
    regions = "image\nbox(26.5,16.5,12,32,0)\n"
    (tmp_path / "right.reg").write_text(regions)
    (tmp_path / "masks.cat").write_text(f"{exposures[0].name},right.reg\n")
    found = []
    for options in ({}, {"skymask_cat": tmp_path / "masks.cat"}):
        report = firstlight.drizzle(exposures, tmp_path / "sky", driz_combine=False, overwrite=True, **options)
        found.append([image["sky"]["sky"] for image in report.images])
    assert found == [[300, 200], [200, 200]]


def test_errors(exposures, tmp_path):
    with pytest.raises(FileNotFoundError, match="masks.txt"):
        firstlight.drizzle(exposures, tmp_path / "sum", skymask_cat="masks.txt")
    with pytest.raises(ValueError, match="final_pixfrak"):
        firstlight.drizzle(exposures, tmp_path / "sum", final_pixfrak=1)
    with pytest.raises(ValueError, match="final_pixfrac"):
        firstlight.drizzle(exposures, tmp_path / "sum", final_pixfrac=2)
    with pytest.raises(FileNotFoundError):
        firstlight.drizzle(tmp_path / "absent_flt.fits", tmp_path / "sum")
    with pytest.raises(OSError, match="pixels"):
        firstlight.drizzle(exposures, tmp_path / "sum", final_scale=1e-5, max_memory="1G")
    blank = tmp_path / "page_flt.fits"
    blank.write_text("<html>not found</html>")
    with pytest.raises(firstlight.InputError):
        firstlight.drizzle(blank, tmp_path / "sum")
    assert not list(tmp_path.glob("sum*"))


def test_a_missing_member_is_named(exposures, tmp_path):
    columns = [
        fits.Column("MEMNAME", "14A", array=["AAAA", "CCCC"]),
        fits.Column("MEMTYPE", "14A", array=["EXP-DTH", "EXP-DTH"]),
        fits.Column("MEMPRSNT", "L", array=[True, True]),
    ]
    table = fits.BinTableHDU.from_columns(columns, name="ASN")
    fits.HDUList([fits.PrimaryHDU(), table]).writeto(tmp_path / "group_asn.fits")
    with pytest.raises(FileNotFoundError, match="cccc.*aaaa_flt.fits"):
        firstlight.drizzle(tmp_path / "group_asn.fits", tmp_path / "sum")


def identity(ny, nx):
    y, x = np.indices((ny, nx), dtype=float)
    return np.dstack([x, y])


def test_arrays_in_and_out():
    data = np.arange(20, dtype=">f8").reshape(4, 5)
    output = firstlight.Drizzle((4, 5), variance=True)
    output.add_image(data, identity(4, 5), exptime=2.0, in_units="counts", variance=np.full((4, 5), 8.0))
    output.add_image(data.T[:4, :4], identity(4, 4), weight_map=np.zeros((4, 4)), variance=np.ones((4, 4)))
    assert output.out_img.dtype == np.float32
    assert output.out_img == pytest.approx(data / 2)
    assert (output.out_wht == 1).all()
    assert (output.out_ctx == 1).all()
    assert output.out_ctx.shape == (1, 4, 5)
    assert (output.out_var == 2).all()


def test_where_nothing_falls_there_is_the_fill_value():
    pixmap = identity(3, 3)
    pixmap[1, 1] = np.nan
    output = firstlight.Drizzle((3, 3), "point", fillval=-1, disable_ctx=True)
    output.add_image(np.ones((3, 3)), pixmap)
    assert output.out_img[1, 1] == -1
    assert output.out_wht[1, 1] == 0
    assert output.out_ctx is None
    assert output.out_var is None


def test_bad_arrays():
    output = firstlight.Drizzle((3, 3))
    with pytest.raises(ValueError, match="shape"):
        output.add_image(np.ones((3, 3)), identity(3, 4))
    with pytest.raises(ValueError, match="shape"):
        output.add_image(np.ones((3, 3)), identity(3, 3), weight_map=np.ones((2, 3)))
    with pytest.raises(ValueError, match="no kernel"):
        firstlight.Drizzle((3, 3), "tophat").add_image(np.ones((3, 3)), identity(3, 3))
    with pytest.raises(ValueError, match="pixfrac"):
        output.add_image(np.ones((3, 3)), identity(3, 3), pixfrac=0)
    with pytest.raises(ValueError, match="in_units"):
        output.add_image(np.ones((3, 3)), identity(3, 3), in_units="electrons")
    with pytest.raises(ValueError, match="rules"):
        firstlight.Drizzle((3, 3), rules="mine")
