"""Raw frames calibrated; those of ACS stage by stage too, with the names and arguments of acstools."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from . import _native
from .official_arguments import _arguments, _beside, _files, _Given, _members, _options, _path, _switches, _told

if TYPE_CHECKING:
    Path = str | os.PathLike[str]


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
    acscte: dict[str, Any] | None = None,
    acsrej: dict[str, Any] | None = None,
    acs2d: dict[str, Any] | None = None,
    stis: dict[str, Any] | None = None,
    threads: int | None = None,
) -> dict[str, Any]:
    """Calibrates raw exposures of ACS and of the CCD of STIS, and associations of ACS, by the switches of their headers.

    Parameters
    ----------
    inputs
        Raw exposures and association tables; patterns are expanded.
    output_dir
        Folder of the products, made where it is not there; the current one where not given.
    switch
        Switches above the headers': ``{"PCTECORR": "PERFORM"}`` or ``["PCTECORR=PERFORM"]``; of STIS also
        ``{"STATFLAG": False}``, for no statistics of the good pixels.
    ref_dir
        Folder of reference files, looked into before ``jref`` or ``oref`` of the environment and the CRDS cache.
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
    acscte, acsrej, acs2d
        Parameters of these stages, as :func:`acscte`, :func:`acsrej` and :func:`acs2d` have them. acscte has none of its
        own: what it goes by stands in PCTETAB and in the header. acsrej's are ocrreject's too.
    stis
        Of STIS: ``wavecal``, ``darkfile``, ``outroot``, as :func:`calstis` has them.
    threads
        Threads of this call alone; the results do not depend on it.

    Returns
    -------
    The report: ``products`` with what was measured, ``associations``, ``notes``, ``failed``, ``seconds``. Inputs that
    failed while others went on are warned about. Ctrl-C ends the work at once: products that are whole stay, and of the
    others there is nothing.
    """
    options = _options(
        output_dir=_path(output_dir),
        switch=_switches(switch),
        ref_dir=_path(ref_dir),
        overwrite=overwrite,
        in_place_asn=in_place_asn,
        keep_intermediates=keep_intermediates,
        max_memory=max_memory,
        log=_path(log),
        acscte=acscte,
        acsrej=acsrej,
        acs2d=acs2d,
        stis=stis,
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


def _stage(
    name: str, input: Any, suffix: str, how: dict[str, Any], given: _Given, options: dict[str, Any]
) -> dict[str, Any]:
    files = _members(input, suffix)
    threads = options.pop("nthreads", None) or given.arguments.threads
    switches = _switches(options.pop("switch", None))
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
