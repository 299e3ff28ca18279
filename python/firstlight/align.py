"""Aligning exposures: TweakReg's task, by its own names; and finding sources in arrays."""

from __future__ import annotations

import dataclasses
import json
import os
import pathlib
import warnings

from . import _native
from .native_options import as_json

#: Parameters of TweakReg's source finding that may also be given outside of imagefindcfg.
_FIND = (
    "computesig",
    "skysigma",
    "conv_width",
    "peakmin",
    "peakmax",
    "threshold",
    "nsigma",
    "ratio",
    "theta",
    "fluxmin",
    "fluxmax",
    "dqbits",
    "use_sharp_round",
    "sharplo",
    "sharphi",
    "roundlo",
    "roundhi",
)

#: What a parameter is given as to say that it is not given.
_BLANK = ("", " ", "INDEF", None)


@dataclasses.dataclass(frozen=True)
class AlignReport:
    """What :func:`align` found and changed."""

    #: The image or catalogue that was the reference, and its number of sources with those that images added.
    reference: str
    reference_sources: int
    #: Size of the reference plane's pixels, arcsec.
    pixel_arcsec: float
    #: For each image its name, status ("reference", "aligned", "too_few_sources", "no_match", "outside",
    #: "no_fit"), sources, guess, fit (linear.offset, rot, scale, rms, matches, …) and rms_sky_deg.
    images: list[dict]
    #: Images whose headers were changed.
    updated: list[pathlib.Path]
    #: Lists, plots and files of shifts.
    written: list[pathlib.Path]
    #: What may not be meant. Warned of as well.
    notes: list[str]


def _given(options):
    return {name: value for name, value in options.items() if value not in _BLANK}


def align(inputs, **options):
    """Aligns exposures to one another, to an image (``refimage``) or to a catalogue (``refcat``).

    ``inputs`` is a path, a pattern or a list of them; association tables stand for their members. Options have
    TweakReg's names; ``firstlight align --help`` tells of each. ``imagefindcfg`` and ``refimagefindcfg`` are
    dictionaries of the parameters of source finding. Headers are changed with ``updatehdr=True`` alone. An
    image that cannot be aligned is no error; its status says why. Gives back an :class:`AlignReport`.
    """
    if isinstance(inputs, (str, os.PathLike)):
        inputs = [inputs]
    options = _given(options)
    for name in ("imagefindcfg", "refimagefindcfg"):
        if name in options:
            options[name] = _given(options[name])
    report = json.loads(_native.align([os.fspath(path) for path in inputs], as_json(options)))
    for note in report["notes"]:
        warnings.warn(note, stacklevel=2)
    report["updated"] = [pathlib.Path(path) for path in report["updated"]]
    report["written"] = [pathlib.Path(path) for path in report["written"]]
    return AlignReport(**report)


def tweakreg(files="*flt.fits", editpars=False, configobj=None, imagefindcfg=None, refimagefindcfg=None, **input_dict):
    """As ``drizzlepac.tweakreg.TweakReg``, called as it is: the same names, and what it writes by itself.

    Lists of sources and matches are written and replaced, as TweakReg does; nothing is asked, and no window opens.
    Parameters of source finding may stand in ``imagefindcfg`` or beside it. ``configobj`` is a dictionary of
    parameters, whose sections (``"UPDATE HEADER"``, …) may be there or not. Gives back an :class:`AlignReport`.
    """
    if editpars:
        raise ValueError("there is no window to edit parameters in; give them as arguments")
    options = {"writecat": True, "overwrite": True}
    for name, value in dict(configobj or {}).items():
        options.update(value if isinstance(value, dict) and name.isupper() else {name: value})
    options.update(input_dict)
    if options.get("searchunits") == "arcsec":
        options["searchunits"] = "arcseconds"
    residplot = options.get("residplot")
    if isinstance(residplot, str) and residplot.lower() == "no plot":
        options["residplot"] = "none"
    find = {name: options.pop(name) for name in _FIND if name in options}
    twice = sorted(set(find) & set(imagefindcfg or {}))
    if twice:
        raise ValueError(f"{', '.join(twice)} is given both in imagefindcfg and beside it")
    options["imagefindcfg"] = {**find, **(imagefindcfg or {})}
    if refimagefindcfg is not None:
        options["refimagefindcfg"] = dict(refimagefindcfg)
    if isinstance(files, str):
        files = [name.strip() for name in files.split(",")]
    return align(files, **options)


def find_sources(data, mask=None, **options):
    """Finds the stars of an image as DAOFIND and TweakReg do.

    ``data`` is an array of two axes; where ``mask`` is true a pixel is no part of a source. Options are those of
    TweakReg's ``imagefindcfg``. Gives back a dictionary of arrays: ``x``, ``y`` (0-based), ``flux``, ``peak``,
    ``sharpness``, ``roundness1``, ``roundness2``.
    """
    import numpy

    data = numpy.ascontiguousarray(data, dtype=numpy.float32)
    if mask is not None:
        mask = numpy.ascontiguousarray(mask, dtype=bool)
    rows = _native.find(data, mask, as_json(_given(options)))
    names = ("x", "y", "flux", "peak", "sharpness", "roundness1", "roundness2")
    return {name: rows[:, column].copy() for column, name in enumerate(names)}
