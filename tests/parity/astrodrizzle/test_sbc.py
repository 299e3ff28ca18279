"""Two SBC exposures of an association at 0.025 arcsec, as the workflow for SBC frames calls AstroDrizzle."""

import numpy as np
import pytest
from astropy.io import fits

firstlight = pytest.importorskip("firstlight")

ASSOCIATION = "jsbc01010_asn.fits"


def test_association_at_a_finer_scale(sbc, astrodrizzle, compare):
    options = dict(context=False, build=False, final_wcs=True, final_scale=0.025)
    peer = astrodrizzle(sbc, ASSOCIATION, "F140LP", **options)
    report = firstlight.drizzle(sbc / ASSOCIATION, sbc / "ours", stepsize=10, combine_only=True, **options)
    compare(sbc / "ours", peer, context=False)
    assert [entry["status"] for entry in report.inputs] == ["combined", "combined"]
    assert report.exptime_s == 1280.0
    assert report.unit == "COUNTS/S"
    a, b = (fits.getheader(f"{root}_drz_sci.fits") for root in (sbc / "ours", peer))
    for keyword in ("EXPTIME", "TEXPTIME", "EXPSTART", "EXPEND", "NDRIZIM", "D002DEXP", "D002DATA", "BUNIT", "FILTER1"):
        assert a[keyword] == b[keyword], keyword


def test_with_context_and_the_product_named_by_the_table(sbc, astrodrizzle, compare, monkeypatch, tmp_path):
    peer = astrodrizzle(sbc, ASSOCIATION, "context", final_kernel="turbo", final_pixfrac=0.8)
    monkeypatch.chdir(tmp_path)
    firstlight.drizzle(sbc / ASSOCIATION, stepsize=10, combine_only=True, final_kernel="turbo", final_pixfrac=0.8)
    compare(tmp_path / "jsbc01010", peer)


def test_the_error_is_that_of_the_scatter(sbc, tmp_path):
    """Ours beyond the peer: the propagated error of a flat field's pixels is their scatter."""
    options = dict(final_kernel="point", final_bits="64", error=True)
    report = firstlight.drizzle(sbc / ASSOCIATION, tmp_path / "error", combine_only=True, **options)
    sci, err, wht = (fits.getdata(report.products[plane]).astype(float) for plane in ("sci", "err", "wht"))
    known = (wht > 0) & (err > 0)
    assert known.sum() > 1000
    # Poisson: variance and value are the same in counts, of which an output pixel gets its share by area.
    header = fits.getheader(sbc / "jsbc01aaq_flt.fits", "SCI")
    natural = 3600 * np.hypot(header["CD1_1"], header["CD2_1"])
    share = (report.grid["scale_arcsec"] / natural) ** 2
    ratio = np.sum(err[known] ** 2 * wht[known]) / np.sum(sci[known])
    assert ratio == pytest.approx(share, rel=0.01)
