"""Apertures on an array, with errors and a local background."""

import numpy as np

import firstlight

y, x = np.mgrid[:200, :300]
image = 5 + 1000 * np.exp(-((x - 120.3) ** 2 + (y - 80.7) ** 2) / (2 * 3.0**2))
error = np.sqrt(image)

aperture = firstlight.CircularAperture([(120.3, 80.7)], r=15)
table = firstlight.aperture_photometry(
    image, aperture, error=error, local_background=firstlight.LocalBackground(annulus=(20, 30))
)
print(table)
