"""An image and its residual side by side, with a box and an aperture drawn on."""

import numpy as np

import firstlight

noise = np.random.default_rng(1).poisson(10, size=(200, 300)).astype(np.float32)
residual = noise - np.median(noise)

figure = firstlight.plot(
    [noise, residual],
    titles=["counts", "less the median"],
    boxes=[np.s_[50:100, 80:140]],
    apertures=firstlight.CircularAperture([(200, 120)], r=25),
    cmap="viridis",
)
figure.save("figure.png", overwrite=True)
print(figure)
