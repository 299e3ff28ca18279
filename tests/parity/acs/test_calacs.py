"""calibrate beside calacs 10.5.0 on the same raw frames.

SCI agrees to 1e-6 and 1e-4 electrons, ERR to 1e-5, DQ and header values are the same, but for what
``docs/parity/differences.md`` says: the first pixel of the ERR of combined exposures, and full wells at the edge of
subarrays with leading overscan.
"""

import json

import numpy as np
import pytest
from astropy.io import fits

# The official program leaves out full wells at the edge of this frame, 98 pixels, and its statistics follow.
FULL_WELLS = {"jsub11a1q"}
STATISTICS = {"NGOODPIX", "GOODMAX", "GOODMEAN", "SNRMEAN"}

WHOLE = [
    ("hrc", "j8bt06o6q_flt"),
    ("sbc", "jsbc01a1q_flt"),
    ("sub06cr", "jsub02011_crj"),
    ("sub06cr", "jsub02a1q_flc"),
    ("sub16", "jsub11a2q_flc"),
]
SUMMED = [
    ("hrc", "j8bt05njq_flt"),
    ("hrc", "j8bt09jcq_flt"),
    ("sbc", "jsbc01011_sfl"),
    ("sub06", "jsub01a1q_flt"),
    ("sub16", "jsub11a1q_flt"),
]
COLUMNS = [
    ("wfc06cr", "jsim01a1q_flt"),
    ("wfc06cr", "jsim01a1q_flc"),
    ("wfc06cr", "jsim01011_crj"),
    ("wfc06cr", "jsim01011_crc"),
    ("wfc06dith", "jsim02a3q_flt"),
    ("wfc16cr", "jsim11a1q_flt"),
    ("wfc16cr", "jsim11a1q_flc"),
    ("wfc16cr", "jsim11011_crj"),
    ("wfc16cr", "jsim11011_crc"),
    ("wfc16flash", "jsim12a1q_flt"),
    ("wfc16flash", "jsim12a1q_flc"),
]
FULL_SUMMED = [*COLUMNS, ("wfc06bias", "jsim03011_crj")]


def pixels(hdus, name, version=1):
    """An image, constant ones filled in."""
    hdu = hdus[name, version]
    if hdu.data is not None:
        return hdu.data
    return np.full((hdu.header["NPIX2"], hdu.header["NPIX1"]), hdu.header["PIXVALUE"])


def compare_planes(ours, theirs, combined, columns=slice(None)):
    """All imsets of two products; ``theirs`` has the same columns already."""
    for version in range(1, 1 + sum(hdu.name == "SCI" for hdu in theirs)):
        for name, rtol, atol in [("SCI", 1e-6, 1e-4), ("ERR", 1e-5, 0), ("DQ", 0, 0)]:
            a = pixels(ours, name, version)[:, columns].astype(float)
            b = pixels(theirs, name, version).astype(float)
            assert a.shape == b.shape
            apart = np.abs(a - b) > atol + rtol * np.abs(b)
            if combined and name == "ERR" and columns == slice(None):
                apart[0, 0] = False
            assert not apart.any(), f"{name},{version}: {np.count_nonzero(apart)} pixels, first at {np.argwhere(apart)[0]}"


@pytest.mark.parametrize(("name", "product"), WHOLE)
def test_whole_products_and_their_headers(simulated, official, name, product):
    folder = simulated.products(name)
    with fits.open(folder / f"{product}.fits") as ours, fits.open(official / f"{product}.fits.gz") as theirs:
        combined = product.endswith(("crj", "crc"))
        compare_planes(ours, theirs, combined)
        for a, b in zip(ours, theirs, strict=True):
            assert_same(cards(a.header, combined), cards(b.header, combined), a.name)


# What depends on the writer and the day; the order of the others is compared as well.
WRITER = {"SIMPLE", "XTENSION", "BITPIX", "NAXIS", "NAXIS1", "NAXIS2", "EXTEND", "PCOUNT", "GCOUNT", "GROUPS"}
WRITER |= {"COMMENT", "ORIGIN", "DATE", "CAL_VER", "", "NEXTEND"}
# What the first pixel of the ERR of a combined exposure takes part in.
OF_FIRST_PIXEL = {"SNRMIN", "SNRMEAN", "GOODMIN", "GOODMEAN"}


def cards(header, combined):
    left_out = WRITER | (OF_FIRST_PIXEL if combined else set())
    return [(card.keyword, card.value, card.comment) for card in header.cards if card.keyword not in left_out]


def assert_same(ours, theirs, name):
    """The same keywords in the same order with the same comments; numbers to the digits that they are written with."""
    assert [(key, comment) for key, _, comment in ours] == [(key, comment) for key, _, comment in theirs], name
    for (key, a, _), (_, b, _) in zip(ours, theirs, strict=True):
        assert same(a, b), f"{name} {key}: {a!r}, {b!r}"


def same(a, b):
    if isinstance(a, str) or isinstance(b, str):
        return str(a).rstrip() == str(b).rstrip()
    return a == pytest.approx(b, rel=2e-7)


@pytest.mark.parametrize(("name", "product"), SUMMED)
def test_statistics_of_products(simulated, official, name, product):
    compare_statistics(simulated.products(name), official, product)


@pytest.mark.parametrize(("name", "product"), FULL_SUMMED)
def test_statistics_of_full_frames(simulated_full, official, name, product):
    compare_statistics(simulated_full.products(name), official, product)


@pytest.mark.parametrize(("name", "product"), COLUMNS)
def test_columns_of_full_frames(simulated_full, official, name, product):
    folder = simulated_full.products(name)
    reference = official / f"{product}_columns31step64.fits.gz"
    if not reference.is_file():
        pytest.skip(f"there is no {reference.name}")
    with fits.open(folder / f"{product}.fits") as ours, fits.open(reference) as theirs:
        compare_planes(ours, theirs, product.endswith(("crj", "crc")), slice(31, None, 64))


def compare_statistics(folder, official, product):
    expected = json.loads((official / "statistics.json").read_text())[product]
    combined, wells = product.endswith(("crj", "crc")), product.split("_")[0] in FULL_WELLS
    with fits.open(folder / f"{product}.fits") as ours:
        for label in [label for label in expected if "," in label]:
            name, version = label.split(",")
            image = pixels(ours, name, int(version))
            if name == "DQ":
                bits = {str(1 << n): int(np.count_nonzero(image & (1 << n))) for n in range(15)}
                differing = {bit for bit in bits if bits[bit] != expected[label]["bits"].get(bit, 0)}
                assert differing <= ({"256"} if wells else set()), f"{label}: {differing}"
                continue
            image = image.astype(float)
            if name == "ERR" and combined:
                # In that of bias frames, which are much alike, one pixel counts for 7e-5 of the scatter.
                image[0, 0] = -1
            for key, value in {"sum": image.sum(), "mean": image.mean(), "std": image.std(), "max": image.max()}.items():
                # The first pixel of the ERR of a combined exposure is -1 there, and what becomes of it by flat and dark.
                rtol = 1e-5 if name == "ERR" and combined else 1e-6
                assert value == pytest.approx(expected[label][key], rel=rtol), f"{label} {key}"
        for hdu, values in {0: expected["primary"], ("SCI", 1): expected["sci1"]}.items():
            for key, value in values.items():
                # The statistics were made before the switch was set for the products.
                if (wells and key in STATISTICS | {"PCTECORR"}) or (combined and key == "SNRMEAN"):
                    continue
                assert same(ours[hdu].header[key], value), key


def test_the_table_of_the_association_tells_of_the_product(simulated):
    with fits.open(simulated.products("sub06cr") / "jsub02010_asn.fits") as hdus:
        assert hdus[0].header["ASN_PROD"] is True
        assert hdus[1].data["MEMPRSNT"].all()
