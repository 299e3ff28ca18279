"""ccdproc's steps and ``ccd_process`` on the real Nickel night and on random frames: data, uncertainty and mask to 1e-6.

The command reads the masters from files that ``CCDData.write`` made, and ``CCDData.read`` its products.
"""

import warnings

import ccdproc
import firstlight
import numpy as np
import pytest
from astropy import units as u
from astropy.nddata import CCDData, StdDevUncertainty

RELATIVE = 1e-6


def agree(ours, theirs, rtol=RELATIVE):
    """Planes of two frames."""
    np.testing.assert_allclose(ours.data, theirs.data, rtol=rtol, atol=1e-9)
    assert ours.unit == theirs.unit
    if theirs.uncertainty is None:
        assert ours.uncertainty is None
    else:
        np.testing.assert_allclose(ours.uncertainty.array, theirs.uncertainty.array, rtol=rtol)
    mask = lambda frame: np.zeros(frame.shape, bool) if frame.mask is None else frame.mask  # noqa: E731
    np.testing.assert_array_equal(mask(ours), mask(theirs))


def random_frame(seed, level, unit="adu", shape=(60, 70), exptime=30.0):
    """A frame with all planes."""
    rng = np.random.default_rng(seed)
    data = rng.normal(level, 12.0, shape)
    mask = rng.random(shape) < 0.01
    err = StdDevUncertainty(rng.uniform(1.0, 5.0, shape))
    return CCDData(data, unit=unit, uncertainty=err, mask=mask, meta={"exptime": exptime})


@pytest.mark.parametrize("median", [True, False])
@pytest.mark.parametrize("model", [None, 2])
def test_overscan(median, model):
    from astropy.modeling.models import Polynomial1D

    frame = random_frame(1, 1000.0)
    frame.mask = None
    model = None if model is None else Polynomial1D(model)
    named = {"fits_section": "[61:70,:]", "median": median, "model": model}
    theirs = ccdproc.subtract_overscan(frame, **named)
    agree(firstlight.subtract_overscan(frame, **named), theirs)
    if model is not None:
        # An order alone is fitted by the library itself.
        agree(firstlight.subtract_overscan(frame, **{**named, "model": 2}), theirs)


def test_overscan_of_columns_and_a_slice():
    frame = random_frame(2, 1000.0)
    frame.mask = None
    for named in ({"overscan_axis": 0}, {"overscan_axis": None}):
        agree(
            firstlight.subtract_overscan(frame, overscan=frame[50:, :], **named),
            ccdproc.subtract_overscan(frame, overscan=frame[50:, :], **named),
        )


def test_trim_bias_dark_and_gain():
    frame, bias, dark = random_frame(3, 1000.0), random_frame(4, 300.0), random_frame(5, 20.0, exptime=120.0)
    agree(firstlight.trim_image(frame, "[3:40,5:50]"), ccdproc.trim_image(frame, "[3:40,5:50]"))
    agree(firstlight.subtract_bias(frame, bias), ccdproc.subtract_bias(frame, bias))
    for scale in (True, False):
        named = {"exposure_time": "exptime", "exposure_unit": u.second, "scale": scale}
        agree(firstlight.subtract_dark(frame, dark, **named), ccdproc.subtract_dark(frame, dark, **named))
    times = {"dark_exposure": 2 * u.min, "data_exposure": 30 * u.s, "scale": True}
    agree(firstlight.subtract_dark(frame, dark, **times), ccdproc.subtract_dark(frame, dark, **times))
    gain = 1.7 * u.electron / u.adu
    agree(firstlight.gain_correct(frame, gain), ccdproc.gain_correct(frame, gain))
    agree(firstlight.gain_correct(frame, 1.7, u.electron / u.adu), ccdproc.gain_correct(frame, gain))


def test_deviation():
    frame = random_frame(6, 10.0)
    named = {"gain": 1.7 * u.electron / u.adu, "readnoise": 5 * u.electron}
    for disregard_nan in (True, False):
        theirs = ccdproc.create_deviation(frame, **named, disregard_nan=disregard_nan)
        agree(firstlight.create_deviation(frame, **named, disregard_nan=disregard_nan), theirs)


def test_flat():
    frame = random_frame(7, 1000.0)
    flat = random_frame(8, 20000.0)
    # ccdproc's mean takes in what is masked.
    flat.mask = None
    for named in ({}, {"norm_value": 19000.0}, {"min_value": 100.0}):
        agree(firstlight.flat_correct(frame, flat, **named), ccdproc.flat_correct(frame, flat, **named))
    masked = random_frame(8, 20000.0)
    named = {"norm_value": 20000.0}
    ours, theirs = (library.flat_correct(frame, masked, **named) for library in (firstlight, ccdproc))
    # What is not divided keeps its uncertainty; ccdproc adds that of the flat.
    ours.uncertainty.array[masked.mask] = theirs.uncertainty.array[masked.mask]
    agree(ours, theirs)


def test_units_that_do_not_go_together():
    frame, bias = random_frame(9, 1000.0), random_frame(10, 300.0, unit="electron")
    for library in (ccdproc, firstlight):
        with pytest.raises(u.UnitsError):
            library.subtract_bias(frame, bias)


def test_the_record_has_the_keywords_of_ccdproc():
    frame, bias = random_frame(11, 1000.0), random_frame(12, 300.0)
    ours, theirs = firstlight.subtract_bias(frame, bias), ccdproc.subtract_bias(frame, bias)
    assert "subbias" in ours.meta and "subbias" in theirs.meta
    assert "subbias" not in firstlight.subtract_bias(frame, bias, add_keyword=False).meta


@pytest.fixture(scope="module")
def night(data, tmp_path_factory):
    """Masters of the Nickel night made with ccdproc, and where its frames are."""
    folder = tmp_path_factory.mktemp("nickel")
    raw = data / "ground" / "nickel" / "raw"

    def opened(name):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return CCDData.read(raw / f"{name}.fits", unit="adu")

    def cut(name):
        frame = opened(name)
        frame.data = frame.data.astype(float)
        frame = ccdproc.subtract_overscan(frame, fits_section="[1025:1056,:]", median=True)
        return ccdproc.trim_image(frame, "[1:1024,1:1024]")

    bias = np.mean([cut(f"d10{n:02}").data for n in range(1, 11)], axis=0)
    bias = CCDData(bias, unit="adu")
    flats = [ccdproc.subtract_bias(cut(f"d10{n}"), bias) for n in (35, 36, 37)]
    flat = CCDData(np.mean([flat.data / flat.data.mean() for flat in flats], axis=0), unit="adu")
    bias.write(folder / "bias.fits")
    flat.write(folder / "flat.fits")
    return raw, folder, opened, bias, flat


def test_the_nickel_night(night, command, tmp_path):
    raw, folder, opened, bias, flat = night
    gain, readnoise = 1.8, 10.7
    named = {
        "oscan": "[1025:1056,:]",
        "trim": "[1:1024,1:1024]",
        "error": True,
        "gain": gain * u.electron / u.adu,
        "readnoise": readnoise * u.electron,
        "master_bias": bias,
        "master_flat": flat,
        "gain_corrected": False,
    }
    frame = opened("d1059")
    frame.data = frame.data.astype(float)
    theirs = ccdproc.ccd_process(frame, **named)
    # ccdproc has no uncertainty where the noise took a sample below zero; ours is that of the readout there.
    undefined = np.isnan(theirs.uncertainty.array)
    theirs.uncertainty.array[undefined] = 0.0

    def compare(ours):
        flagged = np.zeros(flat.shape, bool) if ours.mask is None else ours.mask
        np.testing.assert_array_equal(flagged, flat.data <= 0)
        good = ~flagged
        np.testing.assert_allclose(ours.data[good], theirs.data[good], rtol=RELATIVE)
        good &= ~undefined
        np.testing.assert_allclose(
            ours.uncertainty.array[good], theirs.uncertainty.array[good], rtol=RELATIVE
        )
        assert ours.unit == u.electron

    compare(firstlight.ccd_process(frame, **named))
    words = "--overscan [1025:1056,*] --trim DATASEC --unit adu --gain-corrected=false".split()
    masters = ["--bias", folder / "bias.fits", "--flat", folder / "flat.fits"]
    noise = ["--gain", gain, "--readnoise", readnoise]
    names = [raw / f"{name}.fits" for name in ("d1059", "d1048")]
    report = command("ccd", *names, "-o", tmp_path, *words, *masters, *noise, json=True)
    assert [product["unit"] for product in report["products"]] == ["electron", "electron"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        done = CCDData.read(tmp_path / "d1059.fits")
    compare(done)
    assert done.meta["FILTNAM"] == "V" and done.meta["SUBBIAS"] == "bias.fits"
