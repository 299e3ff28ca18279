"""ACS: raw frames calibrated, whole or stage by stage, with the names and arguments of acstools."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Iterable, Sequence
from typing import Any, Union

import numpy as np

from . import _native
from .acs import destripe_options
from .files import getdata

Path = Union[str, os.PathLike[str]]


def calibrate(
    inputs: Path | Iterable[Path],
    *,
    output_dir: Path | None = None,
    switch: dict[str, str] | Iterable[str] | None = None,
    ref_dir: Path | None = None,
    overwrite: bool = False,
    in_place_asn: bool = False,
    keep_intermediates: bool = False,
    max_memory: str | None = None,
    log: Path | None = None,
    acsrej: dict[str, Any] | None = None,
    acs2d: dict[str, Any] | None = None,
    threads: int | None = None,
) -> dict[str, Any]:
    """Calibrates raw ACS exposures and associations of them, by the switches of their headers.

    Parameters
    ----------
    inputs
        Raw exposures and association tables; patterns are expanded.
    output_dir
        Folder of the products, made where it is not there; the current one where not given.
    switch
        Switches above the headers': ``{"PCTECORR": "PERFORM"}`` or ``["PCTECORR=PERFORM"]``.
    ref_dir
        Folder of reference files, looked into before ``jref`` of the environment and the CRDS cache.
    overwrite
        Replace products that are there already.
    in_place_asn
        Record the products in the association's own table.
    keep_intermediates
        Keep what lies between the stages: ``_blv_tmp``, ``_blc_tmp``, ``_crj_tmp``, ``_crc_tmp``.
    max_memory
        Memory for frames, as ``"800M"`` or ``"12G"``.
    log
        Also write the report to a file, as JSON.
    acsrej, acs2d
        Parameters of these stages, as :func:`acsrej` and :func:`acs2d` have them.
    threads
        Threads of this call alone; the results do not depend on it.

    Returns
    -------
    The report: ``products`` with what was measured, ``associations``, ``notes``, ``failed``, ``seconds``. Inputs that
    failed while others went on are warned about.
    """
    switches = [f"{k}={v}" for k, v in switch.items()] if isinstance(switch, dict) else list(switch or [])
    options = _options(
        output_dir=_path(output_dir),
        switch=switches,
        ref_dir=_path(ref_dir),
        overwrite=overwrite,
        in_place_asn=in_place_asn,
        keep_intermediates=keep_intermediates,
        max_memory=max_memory,
        log=_path(log),
        acsrej=acsrej,
        acs2d=acs2d,
    )
    return _told(json.loads(_native.run_calibrate(_files(inputs), options, threads)))


def calacs(
    input_file: Path,
    exec_path: Path | None = None,
    time_stamps: bool = False,
    temp_files: bool = False,
    verbose: bool = False,
    debug: bool = False,
    quiet: bool = False,
    single_core: bool = False,
    exe_args: Sequence[str] | None = None,
    *,
    nthreads: int | None = None,
    **options: Any,
) -> dict[str, Any]:
    """Calibrates a raw exposure or an association as ``acstools.calacs.calacs`` does, products beside the input.

    Parameters
    ----------
    input_file
        ``_raw.fits`` or ``_asn.fits``.
    exec_path
        There is no program to be run: what is given is warned about and not used.
    time_stamps
        Has no effect: the report tells the times.
    temp_files
        Keep temporary files.
    verbose, debug
        Print the products and what was measured.
    quiet
        Print nothing, whatever the other two say.
    single_core, nthreads
        One thread, or so many.
    exe_args
        Of the program's own arguments ``--nthreads N``, ``-1``, ``-s``, ``-t``, ``-v``, ``-d`` and ``-q`` are understood.
    **options
        Those of :func:`calibrate`.
    """
    given = _arguments(exec_path, exe_args, allowed=("-s", "-d"))
    # What is said of this call wins over the arguments of a program.
    threads = nthreads or (1 if single_core else given.threads)
    options.setdefault("output_dir", _beside(input_file))
    options.setdefault("keep_intermediates", temp_files or given.keep)
    report = calibrate(input_file, threads=threads, **options)
    if (verbose or debug or given.verbose) and not (quiet or given.quiet):
        for product in report["products"]:
            switches = ", ".join(f"{k} {v}" for k, v in product["switches"].items())
            print(f"{product['path']}: {product['seconds']:.1f} s; {switches}")
    return report


def acsccd(
    input: Path | Iterable[Path],
    exec_path: Path = "",
    time_stamps: bool = False,
    verbose: bool = False,
    quiet: bool = False,
    exe_args: Sequence[str] | None = None,
    *,
    keep_overscan: bool = False,
    **options: Any,
) -> dict[str, Any]:
    """Raw frames to ``_blv_tmp.fits``, electrons without bias and overscan.

    ``input`` is a file, a list, a pattern, an association or ``@file``. ``exec_path``, ``time_stamps``, ``verbose``,
    ``quiet`` and ``exe_args`` are as for :func:`calacs`; options are ``output``, ``switch``, ``ref_dir``, ``overwrite``,
    ``max_memory``, ``nthreads``. The products are beside the inputs, or where ``output`` says.
    """
    given = _Given(exec_path, exe_args, verbose, quiet)
    return _stage("acsccd", input, "_raw.fits", {"keep_overscan": keep_overscan}, given, options)


def acscte(
    input: Path | Iterable[Path],
    exec_path: Path = "",
    time_stamps: bool = False,
    verbose: bool = False,
    quiet: bool = False,
    single_core: bool = False,
    exe_args: Sequence[str] | None = None,
    **options: Any,
) -> dict[str, Any]:
    """``_blv_tmp.fits`` to ``_blc_tmp.fits``, corrected for CTE. Arguments are those of :func:`acsccd`."""
    given = _Given(exec_path, exe_args, verbose, quiet)
    if single_core:
        options.setdefault("nthreads", 1)
    return _stage("acscte", input, "_blv_tmp.fits", {}, given, options)


def acs2d(
    input: Path | Iterable[Path],
    exec_path: Path = "",
    time_stamps: bool = False,
    verbose: bool = False,
    quiet: bool = False,
    exe_args: Sequence[str] | None = None,
    *,
    scale_sbc_dark: bool = False,
    **options: Any,
) -> dict[str, Any]:
    """``_blv_tmp.fits`` to ``_flt.fits``, ``_blc_tmp.fits`` to ``_flc.fits``, ``_crj_tmp.fits`` to ``_crj.fits``, raw SBC
    frames to ``_flt.fits``. Arguments are those of :func:`acsccd`.

    ``scale_sbc_dark`` scales the dark of the SBC by EXPTIME; by default it is not subtracted, as in the official program.
    """
    given = _Given(exec_path, exe_args, verbose, quiet)
    return _stage("acs2d", input, "_blv_tmp.fits", {"scale_sbc_dark": scale_sbc_dark}, given, options)


def acsrej(
    input: Path | Iterable[Path],
    output: Path,
    exec_path: Path = "",
    time_stamps: bool = False,
    verbose: bool = False,
    shadcorr: bool = False,
    crrejtab: Path = "",
    crmask: bool = False,
    scalense: float | None = None,
    initgues: str = "",
    skysub: str = "",
    crsigmas: str = "",
    crradius: float | None = None,
    crthresh: float | None = None,
    badinpdq: int | None = None,
    newbias: bool = False,
    readnoise_only: bool = False,
    exe_args: Sequence[str] | None = None,
    **options: Any,
) -> dict[str, Any]:
    """Exposures of one field (``_blv_tmp.fits``) combined into ``output`` without cosmic rays.

    What is not given is taken from CRREJTAB. With ``crmask`` the DQ of the inputs gets 8192 where they were rejected;
    else they stay as they are. ``newbias`` is the former name of ``readnoise_only``. Options are ``ref_dir``,
    ``overwrite`` and ``nthreads``.
    """
    if newbias:
        warnings.warn("newbias is deprecated, use readnoise_only", DeprecationWarning, stacklevel=2)
    given = _Given(exec_path, exe_args, verbose, False)
    how = _options(
        shadcorr=shadcorr,
        crrejtab=_path(crrejtab) or None,
        crmask=True if crmask else None,
        scalense=scalense,
        initgues=initgues or None,
        skysub=skysub or None,
        crsigmas=crsigmas or None,
        crradius=crradius,
        crthresh=crthresh,
        badinpdq=badinpdq,
        readnoise_only=readnoise_only or newbias,
    )
    return _combination(_members(input, "_blv_tmp.fits"), output, how, given, options)


def acssum(
    input: Path | Iterable[Path],
    output: Path,
    exec_path: Path = "",
    time_stamps: bool = False,
    verbose: bool = False,
    quiet: bool = False,
    exe_args: Sequence[str] | None = None,
    **options: Any,
) -> dict[str, Any]:
    """Calibrated repeats (``_flt.fits``) summed into ``output``; with an association and ``""`` into its ``_sfl.fits``."""
    if not output:
        asn = os.fspath(input) if isinstance(input, (str, os.PathLike)) else ""
        if not asn.endswith("_asn.fits"):
            raise ValueError("output can be left empty for an association (_asn.fits) alone")
        output = asn.removesuffix("_asn.fits") + "_sfl.fits"
    given = _Given(exec_path, exe_args, verbose, quiet)
    return _combination(_members(input, "_flt.fits"), output, None, given, options)


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
    switch = options.pop("switch", None)
    switches = [f"{k}={v}" for k, v in switch.items()] if isinstance(switch, dict) else list(switch or [])
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


class _Arguments:
    """What the arguments of the official programs mean here."""

    def __init__(self) -> None:
        self.threads: int | None = None
        self.keep = self.verbose = self.quiet = False


def _arguments(exec_path: Path | None, exe_args: Sequence[str] | None, allowed: tuple[str, ...]) -> _Arguments:
    if exec_path:
        warnings.warn(
            f"exec_path is not used: firstlight runs no program, and so not {os.fspath(exec_path)}", stacklevel=4
        )
    given = _Arguments()
    words = iter(exe_args or [])
    for word in words:
        if word.lower() == "--nthreads":
            number = next(words, None)
            if number is None or not number.isdigit() or int(number) < 1:
                raise ValueError(f"--nThreads needs a number of threads, not {number!r}")
            given.threads = int(number)
        elif word == "-1":
            given.threads = 1
        elif word == "-q":
            given.quiet = True
        elif word in ("-v", "-d") and (word == "-v" or word in allowed):
            given.verbose = True
        elif word == "-s" and word in allowed:
            given.keep = True
        elif word != "-t":
            raise ValueError(
                f"{word!r} is an argument of the official program that has no meaning here; what there is are "
                "--nThreads N, -1, -t, -v, -q, and the keyword arguments"
            )
    return given


class _Given:
    """What every stage accepts for the sake of acstools' calls."""

    def __init__(self, exec_path: Path, exe_args: Sequence[str] | None, verbose: bool, quiet: bool) -> None:
        self.arguments = _arguments(exec_path, exe_args, allowed=())
        self.verbose = (verbose or self.arguments.verbose) and not (quiet or self.arguments.quiet)

    def tell(self, report: dict[str, Any]) -> dict[str, Any]:
        for product in report["products"] if self.verbose else []:
            print(f"{product['path']}: {product['seconds']:.1f} s")
        return _told(report)


def _stage(
    name: str, input: Any, suffix: str, how: dict[str, Any], given: _Given, options: dict[str, Any]
) -> dict[str, Any]:
    files = _members(input, suffix)
    threads = options.pop("nthreads", None) or given.arguments.threads
    switch = options.pop("switch", None)
    switches = [f"{k}={v}" for k, v in switch.items()] if isinstance(switch, dict) else list(switch or [])
    output, ref_dir = (options.pop(key, None) for key in ("output", "ref_dir"))
    common = _options(
        switch=switches, output=_path(output) or _beside(files[0]), ref_dir=_path(ref_dir), **options
    )
    return given.tell(json.loads(_native.run_stage(name, files, common, json.dumps(how), threads)))


def _combination(
    files: list[str], output: Path, how: str | None, given: _Given, options: dict[str, Any]
) -> dict[str, Any]:
    threads = options.pop("nthreads", None) or given.arguments.threads
    common = _options(ref_dir=_path(options.pop("ref_dir", None)), **options)
    return given.tell(
        json.loads(_native.run_combination(files, os.fspath(output), common, how, threads))
    )


def _files(inputs: Path | Iterable[Path]) -> list[str]:
    """Paths and patterns, with those of ``@file`` in their place."""
    if isinstance(inputs, (str, os.PathLike)):
        inputs = [inputs]
    files: list[str] = []
    for path in map(os.fspath, inputs):
        if path.startswith("@"):
            with open(path[1:]) as lines:
                files += [line.split("#")[0].strip() for line in lines if line.split("#")[0].strip()]
        else:
            files.append(path)
    if not files:
        raise ValueError("no input files were given")
    return files


def _members(inputs: Path | Iterable[Path], suffix: str) -> list[str]:
    """As :func:`_files`, with the exposures of an association in its place, as files of one stage."""
    files: list[str] = []
    for path in _files(inputs):
        if not path.endswith("_asn.fits"):
            files.append(path)
            continue
        table = getdata(path, 1)
        exposures = [
            str(name).strip().lower()
            for name, role in zip(table["MEMNAME"], table["MEMTYPE"])
            if str(role).strip().upper().startswith("EXP")
        ]
        files += [os.path.join(os.path.dirname(path), name + suffix) for name in exposures]
    return files


def _masks(masks: Any) -> list[Any]:
    """Masks as files and as arrays of 0 and 1."""
    if masks is None:
        return []
    if isinstance(masks, (str, os.PathLike)) or isinstance(masks, np.ndarray):
        masks = [masks]
    found: list[Any] = []
    for mask in masks:
        if isinstance(mask, np.ndarray):
            if mask.ndim != 2:
                raise ValueError(f"a mask has two axes, not {mask.ndim}")
            found.append(np.ascontiguousarray(mask != 0, dtype=np.uint8))
        elif isinstance(mask, (str, os.PathLike)):
            found.append(os.fspath(mask))
        else:
            raise TypeError(f"a mask is a file or an array, not {type(mask).__name__}")
    return found


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


def _told(report: dict[str, Any]) -> dict[str, Any]:
    for failure in report.get("failed", []):
        warnings.warn(failure["error"], stacklevel=4)
    return report


def _options(**given: Any) -> str:
    return json.dumps({name: value for name, value in given.items() if value is not None})


def _path(path: Path | None) -> str | None:
    return None if path is None else os.fspath(path)


def _beside(path: Path) -> str | None:
    """The folder of a file; None where that is the current one."""
    return os.path.dirname(os.fspath(path)) or None
