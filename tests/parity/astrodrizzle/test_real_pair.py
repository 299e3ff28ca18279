"""Two real HRC exposures of 47 Tuc through all seven steps, by AstroDrizzle 3.11 and by ours.

Both get the same files, whose coordinates were aligned before. The static mask is the same; skies agree to 1e-3 of their
error or the last bits of the header's number, the median to 1e-4, cosmic rays to 99.9 % (those in either), other bits of DQ in
every pixel. The grid is the same to 1e-12. SCI and WHT agree to 1e-4, or 1e-4 of the noise of the sky, in all pixels but one in
a million; the median difference is below 1e-6 of that noise.
"""

import numpy as np
import pytest
from astropy.io import fits

firstlight = pytest.importorskip("firstlight")

STEPS = dict.fromkeys(("static", "skysub", "driz_separate", "median", "blot", "driz_cr"), True)
CHOICES = {
    "defaults": dict(),
    "bits": dict(driz_sep_bits="64, 256", final_bits="64, 256", final_pixfrac=0.8, driz_cr_snr="5.0 4.0"),
    "err": dict(final_wht_type="ERR", skymethod="globalmin", skystat="mode", combine_type="median"),
}


@pytest.fixture(scope="module")
def aligned(hrc_pair, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pair")
    files = hrc_pair(folder)
    find = dict(threshold=20.0, conv_width=2.5)
    report = firstlight.align(files, updatehdr=True, wcsname="TWEAK", searchrad=3.0, imagefindcfg=find)
    assert [image["status"] for image in report.images] == ["reference", "aligned"]
    return folder, [path.name for path in files]


@pytest.mark.parametrize("choice", CHOICES)
def test_all_steps(aligned, astrodrizzle, tmp_path, choice):
    folder, names = aligned
    peer = astrodrizzle(folder, names, choice, **STEPS, clean=False, **CHOICES[choice])
    for name in names:
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    files, ours = [tmp_path / name for name in names], tmp_path / choice
    report = firstlight.drizzle(
        files, ours, stepsize=10, write_dq=True, keep_intermediates=True, **CHOICES[choice]
    )
    assert [step["outcome"] for step in report.steps] == ["done"] * 7
    static, expected = (
        fits.getdata(path) == 0
        for path in (f"{ours}_1024x1024_1_staticMask.fits", peer.parent / "_1024x1024_1_staticMask.fits")
    )
    assert np.array_equal(static, expected)
    median, expected = (fits.getdata(f"{root}_med.fits") for root in (ours, peer))
    np.testing.assert_allclose(median, expected, rtol=1e-4, atol=1e-6 * np.abs(expected).max())
    noise = max(same_exposure(path, peer.parent / path.name, image) for path, image in zip(files, report.images))
    same_product(ours, peer, noise)


def same_exposure(path, peer, image):
    """Compares sky and DQ of an exposure; gives back the noise of its sky, electrons a second."""
    with fits.open(path) as a, fits.open(peer) as b:
        sky, expected = (hdus["SCI"].header["MDRIZSKY"] for hdus in (a, b))
        measured = image["sky"]["measured"]
        assert abs(sky - expected) <= 1e-3 * measured["error"] + 1e-7 * abs(expected)
        found, expected = ((hdus["DQ"].data & 4096) != 0 for hdus in (a, b))
        assert np.count_nonzero(expected) > 1000
        common = np.count_nonzero(found & expected) / np.count_nonzero(found | expected)
        assert common >= 0.999, f"{path.name}: {common:.5f} of the cosmic rays in common"
        assert np.array_equal(a["DQ"].data & ~4096, b["DQ"].data & ~4096)
        return measured["error"] * np.sqrt(measured["npix"]) / a[0].header["EXPTIME"]


def same_product(ours, peer, noise):
    for plane in ("sci", "wht"):
        a, b = (fits.getdata(f"{root}_drz_{plane}.fits") for root in (ours, peer))
        assert a.shape == b.shape
        assert np.array_equal(np.isnan(a), np.isnan(b))
        known = ~np.isnan(b)
        apart = np.abs(a[known].astype(float) - b[known])
        beyond = np.count_nonzero(apart > 1e-4 * np.abs(b[known]) + 1e-4 * noise)
        assert beyond <= 1e-6 * b.size, f"{plane}: {beyond} of {b.size} pixels"
        assert np.median(apart) < 1e-6 * noise or plane == "wht"
    a, b = (fits.getheader(f"{root}_drz_sci.fits") for root in (ours, peer))
    for keyword in ("CRPIX1", "CRPIX2", "CRVAL1", "CRVAL2", "CD1_1", "CD1_2", "CD2_1", "CD2_2"):
        assert a[keyword] == pytest.approx(b[keyword], rel=1e-12, abs=1e-18), keyword
    for keyword in ("EXPTIME", "NDRIZIM", "BUNIT"):
        assert a[keyword] == b[keyword], keyword
