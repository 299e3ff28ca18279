"""Combining exposures, file to file: AstroDrizzle's last step and ours, on two SBC frames and on two of WFC's size.

The SBC pair has a real dark's header with a coordinate system put in; the WFC pair real headers with SIP, NPOL and
D2IM. Pixels are noise. Before anything is timed, the products of both are compared.
"""

import os
import pathlib
import tempfile

from drizzlepac_runs import DATA, astrodrizzle_on, flags, in_process, silence, without_products
from timing import call, command, compare


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        names = in_process(make_sbc, folder)
        run("drizzle, two SBC exposures", folder, names, final_wcs=True, final_scale=0.025)
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        names = in_process(make_wfc, folder)
        run("drizzle, two WFC exposures", folder, names)


def run(what, folder, names, **options):
    program = os.environ["FIRSTLIGHT_BIN"]
    root = folder / "ours"
    words = [program, "drizzle", *(folder / name for name in names), "--output", root, "--combine-only", "--overwrite", "--quiet"]
    words += flags(options)

    def work(astrodrizzle):
        off = dict.fromkeys(("static", "skysub", "driz_separate", "median", "blot", "driz_cr", "preserve"), False)
        with silence():
            astrodrizzle(names, output="peer", runfile="", clean=True, driz_combine=True, **off, **options)

    peer, ours = call(astrodrizzle_on(folder, names), work), command(words, without_products(folder))
    peer()
    ours()
    in_process(check, folder, words)
    compare(what, "drizzlepac", peer, ours)


def check(folder, words):
    """Same image to 1e-5 of the peak with the same map of pixels; the map that is timed is the accurate one."""
    import subprocess

    import numpy as np
    from astropy.io import fits

    subprocess.run([*map(str, words), "--stepsize", "10"], check=True, stdout=subprocess.DEVNULL)
    (peer,) = (folder / "peer").glob("peer_dr?_sci.fits")
    (ours,) = folder.glob("ours_dr?_sci.fits")
    a, b = fits.getdata(ours), fits.getdata(peer)
    assert a.shape == b.shape
    worst = np.nanmax(np.abs(a.astype(float) - b)) / np.nanmax(np.abs(b))
    assert worst < 1e-5, f"products differ by {worst:.2g} of the peak"


def make_sbc(folder):
    import numpy as np
    from astropy.io import fits

    rng = np.random.default_rng(1)
    names = ["jsbc01aaq_flt.fits", "jsbc01abq_flt.fits"]
    for name, dx in zip(names, (0.0, 13.3), strict=True):
        primary = fits.PrimaryHDU(header=fits.getheader(sorted((DATA / "acs_sbc").glob("*_raw.fits"))[0]))
        primary.header.update(ROOTNAME=name[:9], FILENAME=name, EXPTIME=640.0, OBSTYPE="IMAGING")
        header = fits.Header()
        header.update(CRPIX1=512.0 - dx, CRPIX2=512.0, CRVAL1=150.1, CRVAL2=2.2, CTYPE1="RA---TAN", CTYPE2="DEC--TAN")
        header.update(CD1_1=-7.1e-6, CD1_2=5.5e-6, CD2_1=6.0e-6, CD2_2=6.4e-6, ORIENTAT=40.7)
        header.update(EXPNAME=name[:9], BUNIT="COUNTS", MEANDARK=0.0, NGOODPIX=1024 * 1024, WCSNAME="OPUS")
        write(folder / name, primary, [header], rng.poisson(1.0, (1024, 1024)))
    return names


def make_wfc(folder):
    import numpy as np
    from astropy.io import fits

    rng = np.random.default_rng(1)
    names = ["jwfc01aaq_flc.fits", "jwfc01abq_flc.fits"]
    with fits.open(DATA / "acs_headers" / "sample_flc_header.fits") as source:
        tables = [hdu.copy() for hdu in source if hdu.name in ("WCSDVARR", "D2IMARR")]
        for name, dx in zip(names, (0.0, 27.4), strict=True):
            primary = fits.PrimaryHDU(header=source[0].header)
            primary.header.update(ROOTNAME=name[:9], FILENAME=name)
            headers = []
            for version in (1, 2):
                header = source["SCI", version].header.copy()
                for keyword in ("NPIX1", "NPIX2", "PIXVALUE", "MDRIZSKY"):
                    header.pop(keyword, None)
                header["CRVAL2"] += dx * 0.05 / 3600
                header["EXPNAME"] = name[:9]
                headers.append(header)
            write(folder / name, primary, headers, rng.normal(50, 8, (2048, 4096)), tables)
    return names


def write(path, primary, headers, sci, tables=()):
    import numpy as np
    from astropy.io import fits

    hdus = [primary]
    for version, header in enumerate(headers, 1):
        planes = {"SCI": sci.astype("f4"), "ERR": np.sqrt(np.abs(sci)).astype("f4"), "DQ": np.zeros(sci.shape, "i2")}
        for name, plane in planes.items():
            hdus.append(fits.ImageHDU(plane, header if name == "SCI" else None, name=name, ver=version))
    fits.HDUList([*hdus, *tables]).writeto(path)


if __name__ == "__main__":
    main()
