"""From raw telescope frames to science-ready images, spectra and photometry."""

from . import acs, archive, ccd, headerlet, mast, simulate, stis
from ._native import FirstlightError, InputError, UnsupportedError, __version__
from .align import AlignReport, align, find_sources, tweakreg
from .apertures import (
    CircularAnnulus,
    CircularAperture,
    EllipticalAnnulus,
    EllipticalAperture,
    RectangularAnnulus,
    RectangularAperture,
)
from .bestrefs import BestReference, Bestrefs, Rules, best_references, bestrefs
from .calibrate import (
    acs2d,
    acsccd,
    acscte,
    acsrej,
    acssum,
    calacs,
    calibrate,
)
from .calstis import basic2d, calstis, ocrreject, wavecal, x1d, x2d
from .ccd import (
    badpix,
    ccd_process,
    ccdmask,
    cosmicray_lacosmic,
    create_deviation,
    detect_cosmics,
    flat_correct,
    gain_correct,
    linearity_correct,
    subtract_background,
    subtract_bias,
    subtract_dark,
    subtract_fringe,
    subtract_overscan,
    trim_image,
)
from .collection import ImageFileCollection
from .combine import combine, combine_files
from .combiner import Combined, Combiner
from .dark import (
    box_rate,
    dark_implant,
    dark_match,
    dark_rate,
    demo,
    sbc_dark,
    simulate_sbc,
)
from .destriping import cte_forward, destripe, destripe_plus
from .astrodrizzle import astrodrizzle
from .drizzle import Drizzle, DrizzleReport, drizzle
from .drizzle_grid import DrizzleGridReport, drizzle_grid
from .files import getdata, getheader, getval, info, log, read_table, setval, writeto
from .header import Header
from .look import Figure, colour_map, paint, plot, plot_spectrum
from .masks import ApertureMask, BoundingBox
from .measure import LocalBackground, PhotometryTable, aperture_photometry
from .reduce import reduce
from .register import Transform, apply_transform, field_stars, find_shift, find_transform, register, shift
from .sky_apertures import (
    SkyCircularAnnulus,
    SkyCircularAperture,
    SkyEllipticalAnnulus,
    SkyEllipticalAperture,
    SkyRectangularAnnulus,
    SkyRectangularAperture,
)
from .solve import solve
from .stack import stack
from .superbias import make_basebias, make_refbias, make_weekbias
from .superdark import combine_darks, dark_periods, make_basedark, make_weekdark, superdark_for
from .table import Table
from .threads import get_threads, set_threads
from .timeseries import timeseries
from .updatewcs import updatewcs
from .wcs import WCS, PixelMap, common_grid

__all__ = [
    "AlignReport",
    "ApertureMask",
    "BestReference",
    "Bestrefs",
    "BoundingBox",
    "CircularAnnulus",
    "CircularAperture",
    "Combined",
    "Combiner",
    "Drizzle",
    "DrizzleGridReport",
    "DrizzleReport",
    "EllipticalAnnulus",
    "EllipticalAperture",
    "Figure",
    "FirstlightError",
    "Header",
    "ImageFileCollection",
    "InputError",
    "LocalBackground",
    "PhotometryTable",
    "PixelMap",
    "RectangularAnnulus",
    "RectangularAperture",
    "Rules",
    "SkyCircularAnnulus",
    "SkyCircularAperture",
    "SkyEllipticalAnnulus",
    "SkyEllipticalAperture",
    "SkyRectangularAnnulus",
    "SkyRectangularAperture",
    "Table",
    "UnsupportedError",
    "WCS",
    "Transform",
    "__version__",
    "acs",
    "acs2d",
    "acsccd",
    "acscte",
    "acsrej",
    "acssum",
    "align",
    "aperture_photometry",
    "apply_transform",
    "archive",
    "basic2d",
    "best_references",
    "bestrefs",
    "box_rate",
    "calacs",
    "calibrate",
    "calstis",
    "ccd",
    "badpix",
    "ccd_process",
    "ccdmask",
    "cosmicray_lacosmic",
    "create_deviation",
    "detect_cosmics",
    "flat_correct",
    "gain_correct",
    "linearity_correct",
    "subtract_background",
    "subtract_bias",
    "subtract_dark",
    "subtract_fringe",
    "subtract_overscan",
    "trim_image",
    "colour_map",
    "combine",
    "combine_darks",
    "combine_files",
    "common_grid",
    "cte_forward",
    "dark_implant",
    "dark_match",
    "dark_periods",
    "dark_rate",
    "demo",
    "destripe",
    "destripe_plus",
    "astrodrizzle",
    "drizzle",
    "drizzle_grid",
    "field_stars",
    "find_sources",
    "find_shift",
    "find_transform",
    "get_threads",
    "getdata",
    "getheader",
    "getval",
    "headerlet",
    "info",
    "log",
    "make_basebias",
    "make_basedark",
    "make_refbias",
    "make_weekbias",
    "make_weekdark",
    "mast",
    "ocrreject",
    "paint",
    "plot",
    "plot_spectrum",
    "read_table",
    "reduce",
    "register",
    "sbc_dark",
    "set_threads",
    "setval",
    "shift",
    "simulate",
    "simulate_sbc",
    "solve",
    "stack",
    "stis",
    "superdark_for",
    "timeseries",
    "tweakreg",
    "updatewcs",
    "wavecal",
    "writeto",
    "x1d",
    "x2d",
]
