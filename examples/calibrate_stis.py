"""A spectrum of the STIS CCD from raw to flux, beside the truth; extracted again with another box, and from an array."""

import numpy as np

import firstlight

world = firstlight.simulate.stis("period", darks=1, short_darks=0, biases=1, overwrite=True)
references = world["reference_folder"]
report = firstlight.calstis(world["spectrum"], outroot="calibrated/", ref_dir=references, overwrite=True)
for product in report["products"]:
    print(product["path"], product["kind"], product["stis"]["shifts"][0])

crj, sx1 = (p["path"] for p in report["products"] if p["kind"] in ("crj", "sx1"))
spectrum = firstlight.read_table(sx1)
truth = firstlight.read_table("period/truth/spectrum.ecsv")
flux, error = spectrum["FLUX"][0], spectrum["ERROR"][0]
true = np.interp(spectrum["WAVELENGTH"][0], truth["wavelength"], truth["flux"])
print(f"median flux {np.median(flux):.3g} erg/s/cm2/Angstrom, {np.median(flux / error):.0f} times its error")
print(f"{np.median(flux / true):.4f} times the true flux")

wide = firstlight.x1d(crj, "wide_sx1.fits", extrsize=11, ref_dir=references, overwrite=True)
again = firstlight.read_table(wide["path"])
print(f"a box of 11 lines instead of 7 gives {np.median(again['FLUX'][0] / flux):.3f} times the flux")

sci = firstlight.getdata(crj, ("SCI", 1))
header, primary = firstlight.getheader(crj, ("SCI", 1)), firstlight.getheader(crj)
tables = ["XTRACTAB", "APDESTAB", "SPTRCTAB", "DISPTAB", "INANGTAB"]
files = {keyword: f"{references}/{primary[keyword].removeprefix('oref$')}" for keyword in tables}
counts, found = firstlight.stis.x1d(sci, primary=primary, header=header, references=files, fluxcorr=False)
print(f"{counts['NET'][0].sum():.0f} DN/s about line {found['location']['line']:.2f}")
