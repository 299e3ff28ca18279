"""The STIS CCD from Python: whole, task by task, and on arrays, with stistools' names and arguments."""

import os
import pickle
import shutil

import numpy as np
import pytest
from astropy.io import fits

import firstlight


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return firstlight.simulate.stis(tmp_path_factory.mktemp("stis"), darks=1, short_darks=0, biases=1)


@pytest.fixture(scope="module")
def ref(world):
    return world["reference_folder"]


@pytest.fixture(scope="module")
def whole(world, ref, tmp_path_factory):
    """Products by their ending, of the pipeline as a whole, and its report."""
    folder = f"{tmp_path_factory.mktemp('whole')}{os.sep}"
    report = firstlight.calstis(world["spectrum"], outroot=folder, savetmp=True, ref_dir=ref)
    return {product["kind"]: product["path"] for product in report["products"]}, report


def planes(path, version=1):
    with fits.open(path) as hdus:
        return [np.array(hdus[name, version].data) for name in ("SCI", "ERR", "DQ")]


def headers(path, version=1):
    return {"primary": fits.getheader(path), "header": fits.getheader(path, ("SCI", version))}


def files(path, ref):
    header = fits.getheader(path)
    named = {key: str(header[key]) for key in header if str(header[key]).startswith("oref$")}
    return {key: os.path.join(ref, name[5:]) for key, name in named.items()}


def same(one, other):
    with fits.open(one) as a, fits.open(other) as b:
        assert len(a) == len(b)
        for x, y in zip(a[1:], b[1:]):
            assert np.asarray(x.data).tobytes() == np.asarray(y.data).tobytes(), x.name


def test_calstis(world, whole):
    products, report = whole
    assert report == 0 and not report and isinstance(report, int)
    assert report.report["products"] is report["products"] and "notes" in report and "products" in report.keys()
    assert pickle.loads(pickle.dumps(report)).report == report.report
    assert list(products) == ["flt", "crj", "sx2", "sx1"]
    header = fits.getheader(products["crj"], "SCI")
    assert header["NGOODPIX"] > 0
    assert header["SHIFTA1"] == pytest.approx(world["shift"][0], abs=0.1)
    assert header["SHIFTA2"] == pytest.approx(world["shift"][1], abs=0.4)
    folder = os.path.dirname(products["crj"])
    assert sum(name.endswith("_tmp.fits") for name in os.listdir(folder)) == 4
    (spectrum,) = report["products"][3]["stis"]["extracted"]
    assert spectrum["location"]["significance"] > 100


def test_calstis_beside_the_input_in_lists_and_with_a_trailer(world, ref, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("oref", ref + os.sep)
    raws = []
    for name in ("oone", "otwo"):
        raws.append(str(shutil.copy(world["spectrum"], tmp_path / f"{name}_raw.fits")))
    words = {"switch": {"X2DCORR": "OMIT", "EXPSCORR": "OMIT", "STATFLAG": False}}
    trailer = tmp_path / "log.txt"
    reports = firstlight.calstis(raws, wavecal=world["wavecal"], trailer=trailer, verbose=True, **words)
    assert reports == 0 and len(reports) == 2
    assert [len(report["products"]) for report in reports] == [2, 2]
    assert (tmp_path / "otwo_sx1.fits").exists() and "oone_crj.fits" in trailer.read_text()
    same_as_raw = [fits.getval(path, "NGOODPIX", "SCI") for path in (raws[0], tmp_path / "oone_crj.fits")]
    assert same_as_raw[0] == same_as_raw[1] == 0
    assert capsys.readouterr().out == ""
    with pytest.raises(ValueError, match="there already"):
        firstlight.calstis(raws[0], wavecal=world["wavecal"], **words)
    with pytest.raises(ValueError, match="1 wavecals for 2 inputs"):
        firstlight.calstis(raws, wavecal=[world["wavecal"]])
    with pytest.raises(firstlight.InputError, match="--wavecal"):
        firstlight.calstis(raws[0], overwrite=True)
    for print_it in (
        firstlight.calstis, firstlight.basic2d, firstlight.x1d, firstlight.x2d,
        lambda raw, **how: firstlight.ocrreject(raw, "none.fits", **how),
        lambda raw, **how: firstlight.wavecal(raw, world["wavecal"], **how),
    ):
        for word in ("print_version", "print_revision"):
            assert print_it(raws[0], **{word: True}) == 0
            assert firstlight.__version__ in capsys.readouterr().out


def test_the_tasks_make_what_the_pipeline_makes(world, ref, whole, tmp_path):
    products, _ = whole
    raw = str(shutil.copy(world["spectrum"], tmp_path / "o_raw.fits"))
    blv, combined, crj = (str(tmp_path / f"o_{kind}.fits") for kind in ("blv_tmp", "crj_tmp", "crj"))
    assert firstlight.basic2d(raw, blv, darkcorr="omit", flatcorr="omit", ref_dir=ref) == 0
    assert firstlight.ocrreject(blv, combined, ref_dir=ref) == 0
    firstlight.basic2d(combined, crj, ref_dir=ref)
    (report,) = firstlight.wavecal(crj, world["wavecal"], ref_dir=ref)
    assert report["report"]["recorded"][0][0] == pytest.approx(fits.getval(products["crj"], "SHIFTA1", 1))
    same(crj, products["crj"])
    sx2, sx1 = firstlight.x2d(crj, ref_dir=ref), firstlight.x1d(crj, ref_dir=ref)
    assert sx2 == 0 and sx1 == 0
    assert sx2["path"].endswith("o_sx2.fits") and sx1["path"].endswith("o_sx1.fits")
    same(sx2["path"], products["sx2"])
    same(sx1["path"], products["sx1"])
    counts = firstlight.x2d(crj, str(tmp_path / "counts.fits"), fluxcorr="omit", statflag=False, ref_dir=ref)
    assert counts["report"][0]["flux"] is None and counts["report"][0]["statistics"] is None
    there = firstlight.x1d(crj, str(tmp_path / "there.fits"), a2center=600, maxsrch=0, extrsize=11, ref_dir=ref)
    # Lines are counted from 0, and the aperture lies a little aside.
    assert there["report"]["spectra"][0]["location"]["line"] == pytest.approx(599, abs=1)


def test_arrays(world, ref, whole, tmp_path):
    products, report = whole
    crj, names = products["crj"], files(products["crj"], ref)
    table, told = firstlight.stis.x1d(*planes(crj), **headers(crj), references=names)
    with fits.open(products["sx1"]) as hdus:
        for column in ("WAVELENGTH", "FLUX", "ERROR"):
            assert np.array_equal(table[column][0], hdus[1].data[column][0]), column
    assert told["location"] == report["products"][3]["stis"]["extracted"][0]["location"]
    rectified, _ = firstlight.stis.x2d(*planes(crj), **headers(crj), references=names)
    for ours, theirs in zip(rectified, planes(products["sx2"])):
        assert np.array_equal(ours, theirs.astype(ours.dtype))
    blv = products["crj"].replace("_crj", "_blv_tmp")
    parts = [planes(blv, version) for version in (1, 2)]
    told = fits.getheader(crj)
    how = {"crsigmas": told["CRSIGMAS"], "crradius": told["CRRADIUS"], "crthresh": told["CRTHRESH"],
           "initgues": told["INITGUES"].lower(), "scalense": told["SCALENSE"]}
    times = fits.getval(blv, "EXPTIME", 1)
    combined, rejected, _ = firstlight.stis.ocrreject(
        [part[0] for part in parts], [(part[2].astype("u2") & ~np.uint16(8192)) for part in parts],
        exptime=times, atodgain=told["ATODGAIN"], readnse=told["READNSE"], **how
    )
    assert np.array_equal(combined.sci, planes(crj.replace("_crj", "_crj_tmp"))[0])
    assert [np.count_nonzero(hits) for hits in rejected] == [
        np.count_nonzero(part[2].astype("u2") & 8192) for part in parts
    ]


def test_a_wavecal_in_memory(world, ref, whole):
    products, _ = whole
    lamp = world["wavecal"]
    given = headers(lamp) | {"references": files(lamp, ref)}
    lit, _ = firstlight.stis.basic2d(*planes_of_raw(lamp), **given)
    assert lit.sci.shape == (1024, 1024)
    # Without overscan the image begins with the detector's first pixel.
    header = dict(given["header"]) | {"LTV1": 0.0, "LTV2": 0.0}
    for axis, trimmed in (("CRPIX1", 19), ("CRPIX2", 20)):
        header[axis] = given["header"][axis] - trimmed
    shifts = firstlight.stis.wavecal(*lit, primary=given["primary"], header=header, references=given["references"])
    assert shifts["shifta1"]["found"] == pytest.approx(fits.getval(products["crj"], "SHIFTA1", 1), abs=1e-6)


def planes_of_raw(path):
    return [np.array(fits.getdata(path, ("SCI", 1)), dtype=np.float32)]


def test_parameters_out_of_range_are_named(whole, ref, tmp_path):
    crj = whole[0]["crj"]
    for name, value in [("extrsize", -4), ("bk1size", -5), ("backord", 4), ("bktilt", 200), ("xoffset", 3000)]:
        with pytest.raises(ValueError, match=name):
            firstlight.x1d(crj, tmp_path / "none.fits", ref_dir=ref, **{name: value})
    assert not (tmp_path / "none.fits").exists()


def test_what_is_not_supported_is_refused(world, tmp_path):
    raw = world["spectrum"]
    with pytest.raises(firstlight.UnsupportedError, match="echelle"):
        firstlight.wavecal(raw, world["wavecal"], angle=0.3)
    with pytest.raises(firstlight.UnsupportedError, match="order"):
        firstlight.x1d(raw, sporder=2)
    with pytest.raises(firstlight.UnsupportedError, match="raw image"):
        firstlight.x1d(raw, tmp_path / "none.fits")
    for task in (firstlight.x1d, firstlight.x2d):
        with pytest.raises(firstlight.UnsupportedError, match="blazeshift"):
            task(raw, blazeshift=1.0)
    with pytest.raises(ValueError, match="'perform' or 'omit'"):
        firstlight.x2d(raw, helcorr="maybe")
    with pytest.raises(ValueError, match="product of its own"):
        firstlight.ocrreject([raw, raw], tmp_path / "one.fits", all=False)
    with pytest.raises(ValueError, match="unknown field"):
        firstlight.stis.x1d(np.zeros((4, 4)), primary={}, header={}, references={}, nonsense=1)
