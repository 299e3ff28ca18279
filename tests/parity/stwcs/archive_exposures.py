"""Small exposures with full-size headers, made of real headers and reference files.

Pixels are bytes, and ERR and DQ a few samples, for only headers count; NAXIS of SCI is that of the detector.
"""

import math
import runpy
import sys

import numpy as np
from astropy.io import fits

TABLES = ["0461802ej_idc", "02c14514j_npl", "02c1450oj_d2i", "02c1450rj_npl", "postsm4_idc", "qbu1641sj_idc"]
TABLES += ["qbu16424j_npl", "new_wfc_d2i", "o8g1508do_idc", "sad1946fu_idc", "s9518396u_off"]


def reference_files(data, folder):
    """The folder of reference files: real ones, and some that are made of these."""
    for name in TABLES:
        (folder / f"{name}.fits").symlink_to(data / f"hst/reffiles/stwcs/{name}.fits")
    (folder / "v8q14451j_idc.fits").symlink_to(data / "hst/reffiles/crds_tests/v8q14451j_idc.fits")
    added = dict(TDD_CYB1=2e-6, TDD_CYB2=3e-6, TDD_CYA1=0.0, TDD_CYA2="N/A")
    replaced = dict(TDD_CYB1=2e-6, TDD_CYB2=3e-6, TDD_CYA1=0.0021, TDD_CYA2=0.0022)
    replaced |= dict(TDD_CXA1=0.0496, TDD_CXA2=0.0497, TDD_CXB1=1e-6, TDD_CXB2=1.5e-6)
    for name, keywords in (("t2014a_idc", added), ("t2014b_idc", replaced)):
        with fits.open(folder / "0461802ej_idc.fits") as hdus:
            for keyword in [keyword for keyword in hdus[0].header if keyword.startswith("TDD_C")]:
                del hdus[0].header[keyword]
            hdus[0].header.update(keywords)
            hdus.writeto(folder / f"{name}.fits")
    hrc = model_of_header(fits.getheader(data / "hst/acs_hrc/j8bt06nyq_sip_flt.fits", 1))
    rows = [hrc | dict(DIRECTION="INVERSE"), hrc | dict(FILTER1="F555W", CX11=0.03), hrc]
    write_idctab(folder / "hrc_idc.fits", "HRC", rows)
    sbc = hrc | dict(FILTER1="F115LP", FILTER2="N/A", V2REF=205.0, V3REF=472.0, THETA=1.5, SCALE=0.03)
    write_idctab(folder / "sbc_idc.fits", "SBC", [sbc])


def model_of_header(header):
    """A row of an IDCTAB from the SIP keywords of a real header."""
    row = dict(DETCHIP=1, DIRECTION="FORWARD", FILTER1="F606W", FILTER2="CLEAR2S", XSIZE=1024, YSIZE=1024)
    row |= dict(XREF=512.0, YREF=512.0, V2REF=header["IDCV2REF"], V3REF=header["IDCV3REF"], SCALE=0.025)
    row |= {f"C{name[2:]}": header[name] for name in ("OCX10", "OCX11", "OCY10", "OCY11")}
    linear = np.array([[header["OCX11"], header["OCX10"]], [header["OCY11"], header["OCY10"]]])
    for n in range(2, 5):
        for m in range(n + 1):
            sip = [header.get(f"{letter}_{m}_{n - m}", 0.0) for letter in "AB"]
            row[f"CX{n}{m}"], row[f"CY{n}{m}"] = linear @ sip
    return row


def write_idctab(path, detector, rows):
    formats = {str: "8A", int: "I"}
    columns = [fits.Column(name, formats.get(type(rows[0][name]), "D"), array=[row[name] for row in rows]) for name in rows[0]]
    primary = fits.PrimaryHDU()
    primary.header.update(INSTRUME="ACS", DETECTOR=detector, NORDER=4)
    fits.HDUList([primary, fits.BinTableHDU.from_columns(columns)]).writeto(path)


class Maker:
    """Makes exposures in a folder; ``headers`` is the official simulator's way to make those of WFC."""

    def __init__(self, data, truth, folder):
        self.data, self.folder = data / "hst", folder
        source = (truth / "sim_wfc_flt.py").read_text().split("from scipy.special")[0]
        arguments, sys.argv = sys.argv, ["sim_wfc_flt.py", str(folder), str(folder)]
        script = folder / "headers.py"
        script.write_text(source)
        try:
            names = runpy.run_path(str(script))
        finally:
            sys.argv = arguments
            script.unlink()
        self.header_pair, self.chip_header = names["header_pair"], names["chip_header"]

    def wfc(self, name, k=0, sub=None, chips=(1, 2), history=False, **keywords):
        """WFC: ``sub`` is x0, y0, nx, ny of a subarray; ``chips`` the imsets of the full frame."""
        primary, dx, dy = self.header_pair(k)
        primary.update({keyword.replace("DATE_OBS", "DATE-OBS"): value for keyword, value in keywords.items()})
        hdus = [fits.PrimaryHDU(header=primary)]
        for version, chip in enumerate(chips, 1):
            header = self.chip_header(chip, dx, dy)
            header["EXTVER"] = version
            nx, ny = 4096, 2048
            if sub:
                x0, y0, nx, ny = sub
                header.update(LTV1=-float(x0), LTV2=-float(y0), CRPIX1=2048.0 - x0, CRPIX2=1024.0 - y0)
            if history:
                header.add_history("calibrated")
            hdus.append(fits.ImageHDU(np.zeros((ny, nx), "u1"), header=header))
            hdus += planes(version)
        hdus[0].header.add_history("made for tests")
        fits.HDUList(hdus).writeto(self.folder / name)

    def hrc(self, name):
        with fits.open(self.data / "acs_hrc/j8bt06nyq_flt.fits") as hdus:
            hdus[0].header["IDCTAB"] = "jref$hrc_idc.fits"
            hdus.writeto(self.folder / name)

    def sbc(self, name):
        with fits.open(self.data / "acs_sbc/jcrx01iiq_raw.fits") as hdus:
            hdus[0].header.update(IDCTAB="jref$sbc_idc.fits", FILTER1="F115LP")
            hdus[1].header["NGOODPIX"] = 10
            hdus[0].header.add_history("made for tests")
            hdus.writeto(self.folder / name)

    def stis(self, name, filter_name="Clear"):
        with fits.open(self.data / "stis_acq/tastis/ocoa03q2q_raw.fits") as hdus:
            primary = fits.PrimaryHDU(header=hdus[0].header)
            primary.header.update(FILTER=filter_name, IDCTAB="oref$o8g1508do_idc.fits", NEXTEND=3)
            primary.header.add_history("made for tests")
            hdus[1].header["VAFACTOR"] = 1.00003
            fits.HDUList([primary, *(blank(hdus[at], (104, 104)) for at in (1, 2, 3))]).writeto(self.folder / name)

    def wfpc2(self, name, detectors=(1, 2, 3, 4), date="1999-03-04", mode="FULL"):
        primary = fits.PrimaryHDU()
        primary.header.update(INSTRUME="WFPC2", ROOTNAME="u2eq0201t", FILTNAM1="F606W", FILTNAM2=" ", MODE=mode)
        primary.header.update(PA_V3=123.4, EXPTIME=100.0, IDCTAB="uref$sad1946fu_idc.fits", REFFRAME="GSC1")
        primary.header.update(OFFTAB="uref$s9518396u_off.fits", DGEOFILE="N/A")
        primary.header["DATE-OBS"] = date
        primary.header.add_history("made for tests")
        hdus = [primary]
        for version, detector in enumerate(detectors, 1):
            scale = (0.0455 if detector == 1 else 0.0996) / 3600
            angle = math.radians(123.4 + {1: 135, 2: 225, 3: 315, 4: 45}[detector])
            s, c = scale * math.sin(angle), scale * math.cos(angle)
            side = 400 if mode == "AREA" else 800
            hdu = fits.ImageHDU(np.zeros((side, side), "u1"), name="SCI", ver=version)
            hdu.header.update(DETECTOR=detector, CTYPE1="RA---TAN", CTYPE2="DEC--TAN", CRPIX1=420.0, CRPIX2=424.5)
            hdu.header.update(CRVAL1=83.63 + 0.01 * detector, CRVAL2=22.01 - 0.005 * detector, VAFACTOR=1.0000321)
            hdu.header.update(CD1_1=-c, CD1_2=s, CD2_1=s, CD2_2=c)
            hdus.append(hdu)
        fits.HDUList(hdus).writeto(self.folder / name)

    def real(self, name, source, **keywords):
        """A real WFC header that has been through stwcs, with other reference files."""
        with fits.open(self.data / "acs_headers" / source) as hdus:
            kept = [hdu for hdu in hdus if hdu.header.get("EXTNAME") not in ("HDRLET", "WCSCORR")]
            kept[0].header.update(keywords)
            shapes = {"SCI": (2048, 4096), "ERR": (3, 4), "DQ": (3, 4)}
            out = [blank(hdu, shapes[hdu.name]) if hdu.name in shapes else hdu.copy() for hdu in kept]
            fits.HDUList(out).writeto(self.folder / name)


def planes(version):
    err = fits.ImageHDU(np.zeros((3, 4), "f4"), name="ERR", ver=version)
    return [err, fits.ImageHDU(np.zeros((3, 4), "i2"), name="DQ", ver=version)]


def blank(hdu, shape):
    """The header with an image of zeros; NUL characters that stand in some are cut."""
    header = hdu.header.copy()
    for keyword in ("NPIX1", "NPIX2", "PIXVALUE", "BSCALE", "BZERO"):
        header.remove(keyword, ignore_missing=True)
    return fits.ImageHDU(np.zeros(shape, "u1" if hdu.name == "SCI" else "i2"), header)
