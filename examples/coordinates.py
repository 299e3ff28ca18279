"""Pixels to sky and back, with all distortions, of a file's own coordinates."""

import numpy as np

import firstlight

firstlight.simulate_sbc("visit", darks=0, overwrite=True)
wcs = firstlight.WCS("visit/jsim11ctq_flt.fits", "SCI")

x = np.array([0.0, 512.0, 1023.0])
y = np.array([0.0, 512.0, 1023.0])
ra, dec = wcs.pixel_to_sky(x, y)
back = wcs.sky_to_pixel(ra, dec)
print(ra, dec)
print("there and back:", np.abs(np.array(back) - np.array([x, y])).max(), "pixel")
