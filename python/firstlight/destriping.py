"""ACS: stripes taken out, and the readout simulated, with the names and arguments of acstools."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from . import _native
from .acs.stripes import destripe_options
from .official_arguments import _Given, _beside, _files, _masks, _members, _options, _path, _switches, _told

if TYPE_CHECKING:
    Path = str | os.PathLike[str]


def destripe_plus(
    inputfile: Path | Iterable[Path],
    suffix: str = "strp",
    stat: str = "pmode1",
    maxiter: int = 15,
    sigrej: float = 2.0,
    lower: float | None = None,
    upper: float | None = None,
    binwidth: float = 0.1,
    scimask1: Any = None,
    scimask2: Any = None,
    dqbits: int | str | None = None,
    rpt_clean: int = 0,
    atol: float | None = 0.01,
    cte_correct: bool = True,
    keep_intermediate_files: bool = False,
    clobber: bool = False,
    verbose: bool = True,
    **options: Any,
) -> dict[str, Any]:
    """Calibrates frames of the repaired WFC with their stripes measured in the pixels, products beside the input.

    Arguments are those of ``acstools.acs_destripe_plus.destripe_plus``. ``suffix`` has no effect: no file lies between.
    Masks (of the calibrated images; files or arrays, one or a list) are one for each exposure. ``verbose`` warns of what a
    person should look at. Options are those of :func:`calibrate`.
    """
    files = _files(inputfile)
    how = destripe_options(
        stat=stat, maxiter=maxiter, sigrej=sigrej, lower=lower, upper=upper, binwidth=binwidth, dqbits=dqbits,
        rpt_clean=rpt_clean, atol=atol,
    )
    options.setdefault("output_dir", _beside(files[0]))
    options = {"overwrite": clobber, "keep_intermediates": keep_intermediate_files, **options}
    switches = _switches(options.pop("switch", None))
    for name in ("output_dir", "ref_dir", "log"):
        if options.get(name) is not None:
            options[name] = os.fspath(options[name])
    report = json.loads(
        _native.run_destripe(
            files, [_masks(scimask1), _masks(scimask2)], cte_correct, how, _options(switch=switches, **options)
        )
    )
    if verbose:
        _suspicious((entry["path"], entry) for entry in report["destriped"])
        for note in report["notes"]:
            warnings.warn(note, stacklevel=2)
    return _told(report)


def destripe(
    input: Path | Iterable[Path],
    suffix: str = "strp",
    stat: str = "pmode1",
    maxiter: int = 15,
    sigrej: float = 2.0,
    lower: float | None = None,
    upper: float | None = None,
    binwidth: float = 0.1,
    mask1: Any = None,
    mask2: Any = None,
    dqbits: int | str | None = None,
    rpt_clean: int = 0,
    atol: float | None = 0.01,
    clobber: bool = False,
    verbose: bool = True,
    *,
    ref_dir: Path | None = None,
    output_dir: Path | None = None,
) -> dict[str, Any]:
    """Takes the stripes out of files in electrons (``_blv_tmp.fits``, ``_flt.fits``); each becomes ``…_<suffix>.fits``.

    Arguments are those of ``acstools.acs_destripe.clean``. ``stat`` is one of ``pmode1``, ``pmode2``, ``mean``, ``mode``,
    ``median``, ``midpt``; ``dqbits`` are bits that a pixel may have and still count; masks are 0 where pixels do not count.
    """
    how = destripe_options(
        stat=stat, maxiter=maxiter, sigrej=sigrej, lower=lower, upper=upper, binwidth=binwidth, dqbits=dqbits,
        rpt_clean=rpt_clean, atol=atol,
    )
    places = _options(
        suffix=suffix, overwrite=clobber, ref_dir=_path(ref_dir), output_dir=_path(output_dir)
    )
    files = _members(input, "_blv_tmp.fits")
    report = json.loads(_native.clean_files(files, [_masks(mask1), _masks(mask2)], how, places))
    if verbose:
        _suspicious((entry["output"], entry) for entry in report["cleaned"])
    return _told(report)


def cte_forward(
    input: Path | Iterable[Path],
    exec_path: Path = "",
    time_stamps: bool = False,
    verbose: bool = False,
    quiet: bool = False,
    single_core: bool = False,
    exe_args: Sequence[str] | None = None,
    *,
    traps: Path | None = None,
    undo: bool = False,
    readnoise: float | None = None,
    parallel_first: bool = False,
    output: Path | None = None,
    ref_dir: Path | None = None,
    overwrite: bool = False,
    **transfer: Any,
) -> dict[str, Any]:
    """Draws the trails of charge transfer into images (electrons); each becomes ``…_ctefmod.fits`` beside it.

    Arguments are those of ``acstools.acscteforwardmodel.acscteforwardmodel``. ``traps`` is a table of a camera's own traps,
    in place of PCTETAB, with ``undo`` trails are then taken off; ``register``, ``transfers``, ``passes`` and ``fraction`` say
    how that camera moves its charge. ``parallel_first`` is the order in which charge goes, the default that of the official
    program.
    """
    given = _Given(exec_path, exe_args, verbose, quiet)
    files = _members(input, "_blc_tmp.fits")
    places = _options(
        traps=_path(traps), undo=undo, readnoise=readnoise, ref_dir=_path(ref_dir), overwrite=overwrite,
        output=_path(output) or _beside(files[0]),
    )
    instrument = json.dumps({"parallel_first": parallel_first})
    report = json.loads(_native.run_cte_forward(files, places, instrument, _options(**transfer)))
    for product in report["products"] if given.verbose else []:
        print(product["output"])
    return _told(report)


def _suspicious(entries: Iterable[tuple[str, dict[str, Any]]]) -> None:
    for name, report in entries:
        if report["stripe_std"] > 1.35:
            warnings.warn(
                f"{name}: the offsets of rows have a standard deviation of {report['stripe_std']:.3f} e, stripes one of "
                "some 0.9 e: something else lies along the rows; mask it",
                stacklevel=3,
            )
        if report["reached_maxiter"]:
            warnings.warn(f"{name}: rows were still being clipped in the last of maxiter rounds", stacklevel=3)
        if report["oscillating_rows"]:
            warnings.warn(
                f"{name}: {report['oscillating_rows']} rows went to and fro, and cleaning was not repeated further",
                stacklevel=3,
            )
