"""An association of ACS/WFC subarrays calibrated with and without CTE correction, and a step on arrays."""

import firstlight

visit = firstlight.simulate.acs("field", subarray="wfc1-1k", stars=200, overwrite=True)
report = firstlight.calibrate(
    visit["association"],
    switch={"PCTECORR": "PERFORM"},
    ref_dir=visit["reference_folder"],
    output_dir="calibrated",
    overwrite=True,
)
for product in report["products"]:
    print(product["path"], product["switches"]["PCTECORR"])

crj, crc = (p["path"] for p in report["products"] if p["kind"] in ("crj", "crc"))
with_cte, without = firstlight.getdata(crc, 1), firstlight.getdata(crj, 1)
print(f"the correction moves up to {abs(with_cte - without).max():.1f} electrons")

flat = without * 0 + 1.1
divided = firstlight.acs.flatcorr(without, None, None, flat)
print(divided.sci.shape, divided.sci.dtype)
