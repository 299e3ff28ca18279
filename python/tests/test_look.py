"""Figures from Python: what goes in, what comes out, and what is refused."""

import types

import numpy as np
import pytest
from astropy.io import fits

import firstlight


@pytest.fixture
def image():
    return np.arange(600, dtype=np.float32).reshape(20, 30)


@pytest.fixture
def path(tmp_path, image):
    sci = fits.ImageHDU(image, name="SCI")
    sci.header["BUNIT"] = "COUNTS"
    err = fits.ImageHDU(image * 0 + 3, name="ERR")
    fits.HDUList([fits.PrimaryHDU(), sci, err]).writeto(tmp_path / "a_flt.fits")
    return tmp_path / "a_flt.fits"


def size(png):
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    return int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")


def test_arrays_and_paths_side_by_side(image, path, tmp_path):
    figure = firstlight.plot([image, path, str(path)], stretch="linear", cmap="viridis", width=900)
    assert size(figure)[0] == 900
    assert figure._repr_png_() == bytes(figure) and figure._repr_svg_() is None
    panels = figure.report["panels"]
    assert [panel["input"] for panel in panels] == [None, str(path), str(path)]
    assert [(panel["vmin"], panel["vmax"]) for panel in panels] == [(0.0, 599.0)] * 3
    assert panels[1]["title"] == "a_flt.fits [SCI,1]"
    assert "Figure, png" in repr(figure)


def test_one_image_needs_no_list(image, path):
    for one in (image, path, str(path)):
        assert len(firstlight.plot(one).report["panels"]) == 1


def test_extensions_sections_and_arithmetic(path):
    report = firstlight.plot(path, ext="ERR", stretch="linear").report["panels"][0]
    assert (report["vmin"], report["fallback"]) == (2.7, "constant")
    section = (slice(5, 10), slice(0, 30))
    report = firstlight.plot(path, section=section, stretch="linear", subtract=path).report["panels"][0]
    assert report["shape"] == [5, 30] and report["fallback"] == "constant"


def test_any_kind_of_number(image):
    strided = np.arange(2400, dtype=">i2").reshape(40, 60)[::2, ::2]
    masked = np.ma.masked_greater(image, 100)
    for array in (image.astype(">f8"), strided, image.astype(bool), np.asfortranarray(image), image.tolist()):
        firstlight.plot([array])
    report = firstlight.plot([masked], stretch="linear").report["panels"][0]
    assert report["vmax"] == 100.0
    with pytest.raises(ValueError, match="two dimensions"):
        firstlight.plot([np.zeros(3)])


def test_svg_has_text_and_shapes(image):
    figure = firstlight.plot(image, format="svg", boxes=["5:10,3:7=glow"], circle=(3, 4, 2), titles="one")
    assert figure.format == "svg" and figure._repr_png_() is None
    assert ">glow</text>" in figure._repr_svg_() and ">one</text>" in figure._repr_svg_()


def test_apertures_are_drawn_like_their_numbers(image):
    aperture = types.SimpleNamespace(positions=[(10, 8), (20, 12)], a=5, b=3, theta=np.pi / 6)
    drawn = firstlight.plot(image, apertures=aperture)
    assert drawn == firstlight.plot(image, ellipse=[(10, 8, 5, 3, 30), "20,12,5,3,30"])
    assert drawn != firstlight.plot(image)
    for attributes in (
        {"r": 3},
        {"r_in": 3, "r_out": 5},
        {"w": 3, "h": 4, "theta": 0.1},
        {"a_in": 3, "a_out": 5, "b_out": 4, "b_in": 2.4, "theta": 0.1},
        {"w_in": 3, "w_out": 5, "h_out": 4, "h_in": 2.4, "theta": 0.1},
    ):
        ring = types.SimpleNamespace(positions=(10, 8), **attributes)
        assert firstlight.plot(image, apertures=[ring]) != firstlight.plot(image)
    with pytest.raises(TypeError, match="no aperture"):
        firstlight.plot(image, apertures=[object()])


def test_output_is_written_and_never_replaced_unasked(image, tmp_path):
    for name in ("a.png", "a.svg"):
        figure = firstlight.plot(image, output=tmp_path / name)
        assert (tmp_path / name).read_bytes() == figure
        assert figure.report["output"] == str(tmp_path / name)
        with pytest.raises(ValueError, match="overwrite"):
            firstlight.plot(image, output=tmp_path / name)
        firstlight.plot(image, output=tmp_path / name, overwrite=True)
    figure.save(tmp_path / "b.svg")
    with pytest.raises(FileExistsError):
        figure.save(tmp_path / "b.svg")
    figure.save(tmp_path / "b.svg", overwrite=True)
    with pytest.raises(ValueError, match="svg"):
        figure.save(tmp_path / "b.png")


def test_paint_gives_the_colours_of_each_sample(image):
    image[2, 3] = np.nan
    painted = firstlight.paint(image, stretch="linear", cmap="gray", bad="#ff0000")
    assert painted.shape == (20, 30, 4) and painted.dtype == np.uint8
    assert tuple(painted[0, 0]) == (0, 0, 0, 255) and tuple(painted[19, 29]) == (255, 255, 255, 255)
    assert tuple(painted[2, 3]) == (255, 0, 0, 255)
    gray = firstlight.colour_map("gray")
    assert gray.shape == (256, 3) and np.array_equal(gray[[0, 255]], [[0] * 3, [255] * 3])
    assert np.array_equal(gray[:, 0], gray[:, 2]) and (np.diff(gray[:, 0].astype(int)) >= 0).all()


def test_what_is_refused(image, path, tmp_path):
    for options in (
        {"stretch": "cubic"},
        {"cmap": "jet"},
        {"vmin": 2, "vmax": 1},
        {"streetch": "log"},
        {"section": "0:99,0:5"},
        {"circle": [(1, 2)]},
        {"titles": ["a", "b"]},
        {"bare": True, "format": "svg"},
        {"format": "pdf"},
        {"output": tmp_path / "a.jpg"},
        {"width": 5},
    ):
        with pytest.raises(ValueError):
            firstlight.plot(image, **options)
    with pytest.raises(FileNotFoundError):
        firstlight.plot(tmp_path / "none.fits")
    with pytest.raises(KeyError):
        firstlight.plot(path, ext="NONE")
    (tmp_path / "page.fits").write_text("<html>not found</html>")
    with pytest.raises(firstlight.InputError):
        firstlight.plot(tmp_path / "page.fits")
    fits.PrimaryHDU(np.zeros((3, 4, 5), np.float32)).writeto(tmp_path / "cube.fits")
    with pytest.raises(firstlight.UnsupportedError):
        firstlight.plot(tmp_path / "cube.fits")


@pytest.fixture
def spectra(tmp_path):
    wavelength = np.linspace(3000.0, 5000.0, 101)
    paths = []
    for n, name in enumerate(["a_sx1.fits", "b_sx1.fits"]):
        flux = (1 + n) * np.linspace(2e-14, 1e-14, 101)
        dq = np.zeros(101, dtype=np.int16)
        dq[50] = 16
        columns = [
            fits.Column("WAVELENGTH", "101D", unit="Angstroms", array=[wavelength]),
            fits.Column("FLUX", "101E", unit="erg/s/cm**2/Angstrom", array=[flux]),
            fits.Column("ERROR", "101E", array=[0.1 * flux]),
            fits.Column("DQ", "101I", array=[dq]),
        ]
        table = fits.BinTableHDU.from_columns(columns, name="SCI")
        fits.HDUList([fits.PrimaryHDU(), table]).writeto(tmp_path / name)
        paths.append(tmp_path / name)
    return paths


def test_spectra_one_over_the_other(spectra, tmp_path):
    figure = firstlight.plot_spectrum(spectra, ratio=True, errors=True, sdqflags=16, labels=["old", "new"])
    assert size(figure)[0] == 1000
    old, new = figure.report["spectra"]
    assert (old["samples"], old["flagged"], old["median_ratio"]) == (100, 1, None)
    assert new["median_ratio"] == pytest.approx(2.0) and new["label"] == "new"
    cut = firstlight.plot_spectrum(spectra[0], wmin=4000, format="svg")
    assert cut.format == "svg" and cut.report["spectra"][0]["wavelengths"] == [4000.0, 5000.0]
    page = firstlight.plot_spectrum(spectra, output=tmp_path / "look.html", difference=True)
    assert (tmp_path / "look.html").read_bytes() == bytes(page) and page.format == "html"
    assert page._repr_html_().startswith("<iframe")


def test_spectra_that_cannot_be_shown(spectra, path, tmp_path):
    with pytest.raises(firstlight.UnsupportedError, match="no table has the columns WAVELENGTH and FLUX"):
        firstlight.plot_spectrum(path)
    with pytest.raises(ValueError, match="two or more"):
        firstlight.plot_spectrum(spectra[0], ratio=True)
    with pytest.raises(ValueError, match="no spectrum has a sample"):
        firstlight.plot_spectrum(spectra, wmin=9000)
    with pytest.raises(ValueError, match="3 labels for 2"):
        firstlight.plot_spectrum(spectra, labels=["a", "b", "c"])
    (tmp_path / "there.png").write_bytes(b"mine")
    with pytest.raises(ValueError, match="there already"):
        firstlight.plot_spectrum(spectra, output=tmp_path / "there.png")
    assert (tmp_path / "there.png").read_bytes() == b"mine"
