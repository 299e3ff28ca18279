"""Maps of inverse variance that an ``@list`` names: two exposures weighted by them, by AstroDrizzle and by ours.

Same grid, SCI and WHT to 1e-5 of the peak, CTX equal. The maps have rows of zeros and numbers of three orders of magnitude;
what is negative or not finite has weight 0 in ours alone, and is not compared.
"""

import numpy as np
import pytest
from astropy.io import fits

firstlight = pytest.importorskip("firstlight")

LIST = "maps.lst"


@pytest.fixture(scope="module")
def maps(hrc, tmp_path_factory):
    """A folder with two exposures, a dither apart, the map of each, and the list that names them."""
    folder = tmp_path_factory.mktemp("maps")
    rng = np.random.default_rng(3)
    lines = []
    for name, shift in (("jivm00ntq", 0.0), ("jivm01ntq", 7.3)):
        with fits.open(hrc / "j8bt06nyq_flt.fits") as hdus:
            hdus[0].header.update(ROOTNAME=name, FILENAME=f"{name}_flt.fits")
            hdus["SCI"].header["EXPNAME"] = name
            hdus["SCI"].header["CRPIX1"] -= shift
            hdus.writeto(folder / f"{name}_flt.fits")
            values = 10 ** rng.uniform(-4, -1, hdus["SCI"].data.shape)
        values[100:110] = 0
        image = fits.ImageHDU(values.astype("f4"), name="IVM", ver=1)
        fits.HDUList([fits.PrimaryHDU(), image]).writeto(folder / f"{name}_ivm.fits")
        lines.append(f"{name}_flt.fits {name}_ivm.fits\n")
    (folder / LIST).write_text("".join(lines))
    return folder


CHOICES = {
    "plain": dict(),
    "finer": dict(final_wcs=True, final_scale=0.02, final_pixfrac=0.7),
    "point": dict(final_kernel="point", final_bits="64, 256", final_units="counts"),
}


@pytest.mark.parametrize("choice", CHOICES)
def test_maps_weigh_as_in_astrodrizzle(maps, astrodrizzle, compare, choice):
    options = dict(final_wht_type="IVM", **CHOICES[choice])
    peer = astrodrizzle(maps, f"@{LIST}", choice, **options)
    ours = maps / f"ours_{choice}"
    report = firstlight.drizzle(f"@{maps / LIST}", ours, combine_only=True, stepsize=10, **options)
    assert not any("inverse variance" in note for note in report.notes)
    weight = fits.getdata(f"{ours}_drz_wht.fits")
    assert np.ptp(weight[weight > 0]) > 0.1 * weight.max()
    compare(ours, peer)


def test_called_as_drizzlepacs(maps, astrodrizzle, compare, tmp_path, monkeypatch):
    peer = astrodrizzle(maps, f"@{LIST}", "called", final_wht_type="IVM")
    for path in maps.iterdir():
        if path.is_file():
            (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.chdir(tmp_path)
    steps = dict.fromkeys(("static", "skysub", "driz_separate", "median", "blot", "driz_cr"), False)
    firstlight.astrodrizzle(f"@{LIST}", output="called", final_wht_type="IVM", preserve=False, **steps)
    compare(tmp_path / "called", peer)
