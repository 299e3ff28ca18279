"""Two exposures of an association onto one grid, with an error plane."""

import firstlight

firstlight.simulate_sbc("visit", darks=0, overwrite=True)

report = firstlight.drizzle(
    "visit/jsim11010_asn.fits",
    output="f165lp",
    combine_only=True,
    final_scale=0.025,
    final_pixfrac=0.8,
    error=True,
    overwrite=True,
)
print(report.grid, report.unit)
print(firstlight.getdata(report.products["sci"]).shape)
