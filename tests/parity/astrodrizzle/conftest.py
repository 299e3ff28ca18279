"""AstroDrizzle as the seeds of this project call it: the combination alone, without network or reference files."""

import json
import pathlib
import subprocess
import sys

import numpy as np
import pytest
from astropy.io import fits

# The steps that are off, and what would touch the inputs or the disk besides.
PEER = """
import json, os, sys, warnings
warnings.simplefilter("ignore")
inputs, output, options = json.load(sys.stdin)
os.environ.setdefault("jref", "./")
from drizzlepac.astrodrizzle import AstroDrizzle
defaults = dict(runfile="", preserve=False, clean=True, static=False, skysub=False, driz_separate=False)
defaults.update(median=False, blot=False, driz_cr=False, driz_combine=True)
AstroDrizzle(inputs, output=output, **{**defaults, **options})
"""


@pytest.fixture(scope="session")
def astrodrizzle():
    """Runs AstroDrizzle in a folder, on copies of what is there, and gives back the root of its products."""

    def run(folder, inputs, output, **options):
        work = folder / f"peer_{output}"
        work.mkdir()
        for path in [*folder.glob("*.fits"), *folder.glob("*.lst")]:
            (work / path.name).write_bytes(path.read_bytes())
        request = json.dumps([inputs, output, options])
        line = [sys.executable, "-c", PEER]
        done = subprocess.run(line, input=request, capture_output=True, text=True, cwd=work)
        assert done.returncode == 0, done.stdout + done.stderr
        return work / output

    return run


@pytest.fixture(scope="session")
def compare():
    """Compares products by their roots: same grid, SCI and WHT to ``rtol`` of their peaks, CTX equal.

    ``lobes`` is for the Lanczos kernels. Where their lobes cancel, what is left of the weights divides, and that is
    rounding: only pixels of a tenth of the largest weight or more are compared. A position within the last bits of
    a step of the kernel's table takes the next step, which some few of a million pixels show.
    """

    def compare(ours, peer, rtol=1e-5, context=True, suffix="drz", lobes=False):
        weight = read(peer, "wht", suffix)
        solid = weight > 0.1 * weight.max() if lobes else np.ones(weight.shape, dtype=bool)
        for plane in ("sci", "wht"):
            a, b = (read(root, plane, suffix) for root in (ours, peer))
            assert a.shape == b.shape
            assert np.array_equal(np.isnan(a), np.isnan(b)), f"{plane}: other pixels are empty"
            apart = np.abs(a.astype(float) - b)[solid] / np.nanmax(np.abs(b[solid]))
            beyond = np.count_nonzero(apart > rtol)
            assert beyond <= (10 if lobes else 0), f"{plane}: {beyond} pixels, up to {np.nanmax(apart):.3g} of the peak"
        if context:
            bits = [np.where(solid, read(root, "ctx", suffix), 0) for root in (ours, peer)]
            assert np.array_equal(*bits)
        ours, peer = (fits.getheader(f"{root}_{suffix}_sci.fits") for root in (ours, peer))
        for keyword in ("CRPIX1", "CRPIX2", "CRVAL1", "CRVAL2", "CD1_1", "CD1_2", "CD2_1", "CD2_2", "ORIENTAT"):
            assert ours[keyword] == pytest.approx(peer[keyword], rel=1e-12, abs=1e-18), keyword
        assert (ours["CTYPE1"], ours["CTYPE2"]) == (peer["CTYPE1"], peer["CTYPE2"])

    return compare


def read(root, plane, suffix):
    return fits.getdata(f"{root}_{suffix}_{plane}.fits")


@pytest.fixture(scope="session")
def hrc(data, tmp_path_factory):
    """A folder with the real HRC exposure under the header that updatewcs once gave it."""
    folder = tmp_path_factory.mktemp("hrc")
    source = data / "hst" / "acs_hrc"
    with fits.open(source / "j8bt06nyq_flt.fits") as pixels, fits.open(source / "j8bt06nyq_sip_flt.fits") as sip:
        header = sip[1].header.copy()
        for keyword in ("NAXIS", "WCSNAX1", "WCSNAX2", "MDRIZSKY"):
            header.remove(keyword, ignore_missing=True)
        sci = fits.ImageHDU(pixels[1].data, header, name="SCI")
        fits.HDUList([pixels[0].copy(), sci, pixels[2].copy(), pixels[3].copy()]).writeto(folder / "j8bt06nyq_flt.fits")
    return folder


@pytest.fixture(scope="session")
def sbc(data, tmp_path_factory):
    """A folder with two SBC exposures, a dither apart, and their association: ``jsbc01010_asn.fits``.

    The headers are those of a real dark with a linear coordinate system put in, the pixels Poisson counts of a
    few stars.
    """
    folder = tmp_path_factory.mktemp("sbc")
    raw = sorted((data / "hst" / "acs_sbc").glob("jcrx01iiq_raw.fits"))[0]
    rng = np.random.default_rng(7)
    for name, (dx, dy) in {"jsbc01aaq": (0, 0), "jsbc01abq": (13.3, -7.8)}.items():
        write_sbc(folder / f"{name}_flt.fits", raw, rng, dx, dy)
    rows = [("JSBC01AAQ", "EXP-DTH", True), ("JSBC01ABQ", "EXP-DTH", True), ("JSBC01010", "PROD-DTH", True)]
    names, kinds, present = zip(*rows, strict=True)
    columns = [
        fits.Column("MEMNAME", "14A", array=names),
        fits.Column("MEMTYPE", "14A", array=kinds),
        fits.Column("MEMPRSNT", "L", array=present),
    ]
    primary = fits.PrimaryHDU()
    primary.header.update(INSTRUME="ACS", DETECTOR="SBC", ASN_ID="JSBC01010", ASN_TAB="jsbc01010_asn.fits")
    table = fits.BinTableHDU.from_columns(columns, name="ASN")
    fits.HDUList([primary, table]).writeto(folder / "jsbc01010_asn.fits")
    return folder


def write_sbc(path: pathlib.Path, raw, rng, dx, dy):
    y, x = np.indices((1024, 1024))
    rate = np.full((1024, 1024), 1e-4)
    for star in np.random.default_rng(3).uniform(50, 970, (40, 2)):
        rate += 0.05 * np.exp(-((x - star[0] + dx) ** 2 + (y - star[1] + dy) ** 2) / 4)
    exptime = 640.0
    counts = rng.poisson(rate * exptime).astype(np.float32)
    dq = np.zeros((1024, 1024), np.int16)
    dq[600:604] = 4
    dq[rng.integers(0, 1024, 300), rng.integers(0, 1024, 300)] = 64
    with fits.open(raw) as hdus:
        primary = fits.PrimaryHDU(header=hdus[0].header)
    root = path.name[:9]
    primary.header.update(ROOTNAME=root, FILENAME=path.name, EXPTIME=exptime, OBSTYPE="IMAGING", PA_V3=31.0, NEXTEND=3)
    primary.header.update(FILTER1="F140LP", TARGNAME="FIELD")
    header = fits.Header()
    # The plate scales of the SBC: rectangular pixels, skewed.
    angle = np.radians(40.0)
    jacobian = np.array([[0.0338, 0.0022], [0.0, 0.0301]]) / 3600
    cd = np.array([[-np.cos(angle), np.sin(angle)], [np.sin(angle), np.cos(angle)]]) @ jacobian
    header.update(CRPIX1=512.0 - dx, CRPIX2=512.0 - dy, CRVAL1=150.1, CRVAL2=2.2, CTYPE1="RA---TAN", CTYPE2="DEC--TAN")
    header.update(CD1_1=cd[0, 0], CD1_2=cd[0, 1], CD2_1=cd[1, 0], CD2_2=cd[1, 1])
    header.update(ORIENTAT=np.degrees(np.arctan2(cd[0, 1], cd[1, 1])), VAFACTOR=1.0, WCSNAME="OPUS")
    header.update(EXPNAME=root, BUNIT="COUNTS", MEANDARK=0.0, NGOODPIX=1024 * 1024, NCOMBINE=1, LTV1=0.0, LTV2=0.0)
    planes = {"SCI": counts, "ERR": np.sqrt(counts).astype(np.float32), "DQ": dq}
    extensions = [fits.ImageHDU(plane, header, name=name, ver=1) for name, plane in planes.items()]
    fits.HDUList([primary, *extensions]).writeto(path)
