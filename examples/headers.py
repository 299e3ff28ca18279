"""Keywords read and changed, and a header printed."""

import firstlight

firstlight.simulate_sbc("visit", darks=0, overwrite=True)
path = "visit/jsim11ctq_flt.fits"

print(firstlight.info(path))
print(firstlight.getval(path, "EXPTIME"), "s")
firstlight.setval(path, "OBSERVER", "E. Hubble")
print(firstlight.getval(path, "OBSERVER"))
print(len(firstlight.getheader(path, "SCI")), "cards in SCI")
