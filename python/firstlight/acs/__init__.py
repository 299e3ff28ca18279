"""The steps of the ACS calibration on numpy arrays.

Every step takes arrays and gives new ones back; what it is given stays as it is. ``sci`` and ``err`` are in the unit that the
step says, ``dq`` holds bits. ``err`` and ``dq`` that are not given are 0 everywhere. All arrays of a call have one shape,
``(ny, nx)``: of a reference image give the part under the exposure. The steps do what those of :func:`firstlight.calacs` do,
and know nothing of headers, switches or files.
"""

from .arrays import Planes
from .ccd import atodcorr, biascorr, blevcorr, dqicorr, full_well, noise, sinkcorr, to_electrons, trim
from .combine import acsrej, acssum
from .cte import correct_cte, forward_cte
from .flat import (
    Photometry,
    darkcorr,
    flatcorr,
    flshcorr,
    glincorr,
    lflgcorr,
    photcorr,
    photon_noise,
    shadcorr,
    statistics,
)
from .stripes import Destriped, destripe_array

__all__ = [
    "Destriped",
    "Photometry",
    "Planes",
    "acsrej",
    "acssum",
    "atodcorr",
    "biascorr",
    "blevcorr",
    "correct_cte",
    "darkcorr",
    "destripe_array",
    "dqicorr",
    "flatcorr",
    "flshcorr",
    "forward_cte",
    "full_well",
    "glincorr",
    "lflgcorr",
    "noise",
    "photcorr",
    "photon_noise",
    "shadcorr",
    "sinkcorr",
    "statistics",
    "to_electrons",
    "trim",
]
