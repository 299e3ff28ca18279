"""An observing log of many files with a computed column, as a table and as a file that astropy reads."""

import firstlight

firstlight.simulate_sbc("visit", darks=4, overwrite=True)

log = firstlight.log(
    "visit/**/*.fits", columns="rootname,filter1,exptime,avgtemp=(mdecodt1+mdecodt2)/2", sort="avgtemp"
)
print(log)
log.write("log.ecsv", overwrite=True)
