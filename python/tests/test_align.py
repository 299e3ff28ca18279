"""Alignment from Python: reports, headers, names of TweakReg, what is refused."""

import numpy as np
import pytest
from astropy.io import fits

import firstlight

SCALE = 0.05 / 3600


def expose(path, dx=0.0, dy=0.0, stars=80):
    """A field of stars on 400 by 400 pixels, whose header is off by dx, dy pixels."""
    random = np.random.default_rng(4)
    noise = np.random.default_rng(len(path.name) + sum(map(ord, path.name)))
    data = noise.normal(50.0, 3.0, (400, 400))
    y, x = np.mgrid[-6:7, -6:7]
    for _ in range(stars):
        cx, cy = random.uniform(15, 385, 2)
        height = random.uniform(500, 5000)
        ix, iy = round(cx), round(cy)
        r2 = (x - (cx - ix)) ** 2 + (y - (cy - iy)) ** 2
        data[iy - 6 : iy + 7, ix - 6 : ix + 7] += height * np.exp(-r2 / 4.5)
    header = fits.Header()
    header.update(CTYPE1="RA---TAN", CTYPE2="DEC--TAN", CRVAL1=10.0, CRVAL2=20.0)
    header.update(CRPIX1=200.0 + dx, CRPIX2=200.0 + dy, CD1_1=-SCALE, CD1_2=0.0, CD2_1=0.0, CD2_2=SCALE)
    header["WCSNAME"] = "FIRST"
    dq = np.zeros(data.shape, np.int16)
    sci = fits.ImageHDU(data.astype(np.float32), header, name="SCI", ver=1)
    hdus = [fits.PrimaryHDU(), sci, fits.ImageHDU(dq, name="DQ", ver=1)]
    hdus[0].header.update(EXPSTART=55000.0, EXPEND=55000.01)
    fits.HDUList(hdus).writeto(path)
    return path


@pytest.fixture
def images(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return [expose(tmp_path / "a_flt.fits"), expose(tmp_path / "b_flt.fits", dx=3.0, dy=-2.0)]


def test_headers_and_report(images):
    with pytest.warns(UserWarning, match="no distortion"):
        report = firstlight.align(images, updatehdr=True, wcsname="NEW", imagefindcfg=dict(threshold=20))
    assert [image["status"] for image in report.images] == ["reference", "aligned"]
    dx, dy = report.images[1]["fit"]["linear"]["offset"]
    assert abs(dx + 3.0) < 0.02 and abs(dy - 2.0) < 0.02
    assert report.updated == images
    first, second = (fits.getheader(path, "SCI") for path in images)
    assert first["WCSNAME"] == second["WCSNAME"] == "NEW"
    assert second["WCSNAMEA"] == "FIRST" and second["CRVAL1A"] == 10.0 and second["CRPIX1A"] == 203.0
    assert first["CRVAL1"] == 10.0
    sky = [firstlight.WCS(path, "SCI").pixel_to_sky(120.0, 300.0) for path in images]
    assert np.hypot(sky[0][0] - sky[1][0], sky[0][1] - sky[1][1]) < 0.05 * SCALE
    with pytest.raises(ValueError, match="already"):
        firstlight.align(images, updatehdr=True, wcsname="new")


@pytest.mark.filterwarnings("ignore:.*no distortion")
def test_called_as_tweakreg_is(images, tmp_path):
    report = firstlight.tweakreg(
        "*_flt.fits",
        imagefindcfg={"threshold": 20.0, "conv_width": 3.5, "peakmax": None},
        refimage="",
        fitgeometry="general",
        residplot="both",
        shiftfile=True,
        interactive=False,
        searchunits="pixels",
        searchrad=10,
        dqbits="",
    )
    names = {path.name for path in report.written}
    assert {"shifts.txt", "shifts_wcs.fits", "align_report.html", "residuals_b_flt.png", "vector_b_flt.png"} <= names
    assert {"a_flt_sci1_xy_catalog.coo", "b_flt_catalog_fit.match", "b_flt_sky_catalog.coo"} <= names
    assert all((tmp_path / name).stat().st_size > 100 for name in names)
    rows = [row.split() for row in (tmp_path / "shifts.txt").read_text().splitlines() if not row.startswith("#")]
    assert rows[1][0] == "b_flt.fits" and abs(float(rows[1][1]) + 3.0) < 0.02
    assert fits.getheader(images[1], "SCI")["WCSNAME"] == "FIRST"
    with pytest.raises(ValueError, match="both"):
        firstlight.tweakreg("*_flt.fits", threshold=3, imagefindcfg={"threshold": 4})
    with pytest.raises(ValueError, match="tolerence"):
        firstlight.tweakreg("*_flt.fits", tolerence=1)


VOTABLE = (
    "<VOTABLE><RESOURCE><TABLE><FIELD name='ra'/><FIELD name='dec'/><DATA><TABLEDATA>{}</TABLEDATA></DATA></TABLE>"
    "</RESOURCE></VOTABLE>"
)


@pytest.mark.filterwarnings("ignore:.*no distortion")
@pytest.mark.parametrize("kind", ["csv", "coo", "vot"])
def test_catalogues(images, tmp_path, kind):
    with fits.open(images[0]) as hdus:
        found = firstlight.find_sources(hdus["SCI"].data, threshold=20.0)
    ra, dec = firstlight.WCS(images[0], "SCI").pixel_to_sky(found["x"], found["y"])
    rows = [(f"{a:.9f}", f"{d:.9f}") for a, d in zip(ra, dec)]
    text = {
        "csv": "id,dec,ra\n" + "".join(f"{n},{d},{a}\n" for n, (a, d) in enumerate(rows)),
        "coo": "# a list\n" + "".join(f"{a} {d}\n" for a, d in rows),
        "vot": VOTABLE.format("".join(f"<TR><TD>{a}</TD><TD>{d}</TD></TR>" for a, d in rows)),
    }[kind]
    path = tmp_path / f"stars.{kind}"
    path.write_text(text)
    report = firstlight.align(images[1], refcat=path, imagefindcfg={"threshold": 20.0})
    assert report.reference == path.name
    assert report.images[0]["status"] == "aligned"
    assert np.hypot(*report.images[0]["fit"]["linear"]["offset"]) == pytest.approx(np.hypot(3, 2), abs=0.02)


@pytest.mark.filterwarnings("ignore:.*no distortion")
def test_regions_are_left_out(images, tmp_path):
    find = {"threshold": 20.0}
    everything = firstlight.align(images, imagefindcfg=find)
    (tmp_path / "left.reg").write_text("image\n-box(100,200.5,200,400,0)\n")
    (tmp_path / "exclusions.txt").write_text("b_flt.fits left.reg\n")
    half = firstlight.align(images, imagefindcfg=find, exclusions=tmp_path / "exclusions.txt")
    assert half.images[0]["sources"] == everything.images[0]["sources"]
    assert 0 < half.images[1]["sources"] < 0.7 * everything.images[1]["sources"]
    assert half.images[1]["status"] == "aligned"
    (tmp_path / "left.reg").write_text("image\ncircle(1,2)\n")
    with pytest.raises(ValueError, match=r"left\.reg.*line 2"):
        firstlight.align(images, exclusions=tmp_path / "exclusions.txt")


def test_reference_files_are_looked_for_in_the_folder_that_is_given(images, tmp_path):
    for path in images:
        fits.setval(path, "INSTRUME", value="ACS")
        fits.setval(path, "DETECTOR", value="HRC")
        fits.setval(path, "EXPTIME", value=100.0)
        fits.setval(path, "PA_V3", value=10.0)
        fits.setval(path, "IDCTAB", value="jref$some_idc.fits")
    with pytest.raises(ValueError, match="refs/some_idc.fits"):
        firstlight.align(images, updatewcs=True, ref_dir=tmp_path / "refs")


@pytest.mark.filterwarnings("ignore:.*no distortion")
def test_poor_images_have_a_status(images, tmp_path):
    with fits.open(images[1], mode="update") as hdus:
        hdus["SCI"].data[:] = np.nan
    report = firstlight.align([*images, expose(tmp_path / "c_flt.fits", stars=3)], imagefindcfg={"threshold": 20.0})
    assert [image["status"] for image in report.images] == ["reference", "too_few_sources", "too_few_sources"]
    masked = firstlight.align(images[:1], imagefindcfg={"threshold": 20.0, "dqbits": "16"})
    assert masked.images[0]["sources"] == report.images[0]["sources"]
    with pytest.raises(ValueError, match="headerlet needs updatehdr"):
        firstlight.align(images, headerlet=True)
    with pytest.raises(FileNotFoundError):
        firstlight.align(tmp_path / "nothing_flt.fits")


@pytest.mark.parametrize(("options", "told"), [({"fitgeometry": "foo"}, "fitgeometry: unknown variant"), ({"foo": 2}, "foo: unknown field")])
def test_what_is_no_parameter_is_named(options, told):
    with pytest.raises(ValueError, match=told):
        firstlight.tweakreg("none_flt.fits", **options)
