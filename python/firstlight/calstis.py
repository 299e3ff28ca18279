"""STIS: raw exposures of the CCD calibrated, whole or step by step, with the names and arguments of stistools.

Every function gives back the status 0, as stistools does for a success, and with it a report: a :class:`~firstlight.status.Status`.
What fails is an exception.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from . import _native
from .calibrate import calibrate
from .files import getheader
from .native_options import as_json
from .official_arguments import _beside, _files, _path, _switches
from .status import Status

if TYPE_CHECKING:
    Path = str | os.PathLike[str]


def calstis(
    input: Path | Iterable[Path],
    wavecal: Path | Sequence[Path] = "",
    outroot: Path | Sequence[Path] = "",
    savetmp: bool = False,
    verbose: bool = False,
    timestamps: bool = False,
    trailer: Path = "",
    print_version: bool = False,
    print_revision: bool = False,
    **options: Any,
) -> Status:
    """Calibrates raw exposures of the CCD as ``stistools.calstis.calstis`` does: to flt, crj, sx2 (x2d) and sx1 (x1d).

    Parameters
    ----------
    input
        A raw exposure, a list of them, a pattern, or ``@file``.
    wavecal
        The raw wavecal, or one for each input; where not given, the one that WAVECAL of the header names, beside the input.
    outroot
        What the names of the products begin with, or a folder where it ends with a slash; one, or one for each input.
        Where not given, the products are beside the input.
    savetmp
        Keep temporary files: ``_blv_tmp``, ``_crj_tmp``, ``_fwv_tmp``, ``_w2d_tmp``.
    verbose
        Print the products and what was measured.
    timestamps
        Has no effect: the report tells the times.
    trailer
        Write what would be printed to this file, after what is in it.
    print_version, print_revision
        Print the version and do nothing else.
    **options
        ``darkfile`` takes another dark; the others are those of :func:`firstlight.calibrate`.

    Returns
    -------
    The status 0, with the report of :func:`firstlight.calibrate`; of a list of inputs a list of them.
    """
    if print_version or print_revision:
        return _version()
    single = isinstance(input, (str, os.PathLike))
    raws = _expanded(_files(input))
    wavecals, roots = _each(wavecal, len(raws), "wavecals"), _each(outroot, len(raws), "roots of names")
    darkfile = _path(options.pop("darkfile", None))
    reports = []
    for raw, lamp, root in zip(raws, wavecals, roots):
        stis = {"wavecal": lamp or None, "outroot": root or None, "darkfile": darkfile}
        given = dict(options)
        if not root:
            given.setdefault("output_dir", _beside(raw))
        given.setdefault("keep_intermediates", savetmp)
        report = calibrate(raw, stis=stis, **given)
        lines = [
            f"{product['path']}: {', '.join(f'{k} {v}' for k, v in product['switches'].items())}"
            for product in report["products"]
        ]
        _tell(report["notes"] + lines, verbose, trailer)
        reports.append(report)
    return Status(reports[0] if single and len(reports) == 1 else reports)


def basic2d(
    input: Path,
    output: Path = "",
    outblev: Path = "",
    dqicorr: str = "perform",
    atodcorr: str = "omit",
    blevcorr: str = "perform",
    doppcorr: str = "perform",
    lorscorr: str = "perform",
    glincorr: str = "perform",
    lflgcorr: str = "perform",
    biascorr: str = "perform",
    darkcorr: str = "perform",
    flatcorr: str = "perform",
    shadcorr: str = "omit",
    photcorr: str = "perform",
    statflag: bool = True,
    darkscale: str = "",
    verbose: bool = False,
    timestamps: bool = False,
    trailer: Path = "",
    print_version: bool = False,
    print_revision: bool = False,
    *,
    darkfile: Path | None = None,
    ref_dir: Path | None = None,
    overwrite: bool = False,
) -> Status:
    """A raw or half calibrated exposure through bad pixels, bias level, bias, dark and flat, as stistools' basic2d.

    Each switch is ``"perform"`` or ``"omit"``; what a header says is done already is not done again. The product is
    ``_flt`` beside the input where ``output`` is not given. doppcorr, lorscorr, glincorr and lflgcorr are steps of the
    MAMAs, and photcorr of images: they have no effect. atodcorr, shadcorr, ``outblev`` and ``darkscale`` are not supported.
    """
    if print_version or print_revision:
        return _version()
    for name, given in [("outblev", outblev), ("darkscale", darkscale)]:
        if given:
            raise _native.UnsupportedError(f"{name} is not supported")
    header = getheader(input)
    asked = {"dqicorr": dqicorr, "blevcorr": blevcorr, "biascorr": biascorr, "darkcorr": darkcorr, "flatcorr": flatcorr}
    asked |= {"atodcorr": atodcorr, "shadcorr": shadcorr}
    switch = []
    for name, value in asked.items():
        done = str(header.get(name.upper(), "")).strip().upper() == "COMPLETE"
        if not (done and _performs(name, value)):
            switch.append(f"{name.upper()}={'PERFORM' if _performs(name, value) else 'OMIT'}")
    options = {
        "switch": switch, "darkfile": _path(darkfile), "ref_dir": _path(ref_dir), "overwrite": overwrite,
        "statflag": statflag,
    }
    product = os.fspath(output) or _named(input, "_flt")
    return Status(_told(_native.run_basic2d(os.fspath(input), product, as_json(options)), verbose, trailer))


def ocrreject(
    input: Path | Iterable[Path],
    output: Path,
    all: bool = True,
    crrejtab: Path = "",
    scalense: float | str | None = "",
    initgues: str = "",
    skysub: str = "",
    crsigmas: str = "",
    crradius: float | None = None,
    crthresh: float | None = None,
    badinpdq: int | None = None,
    crmask: bool | str = "",
    verbose: bool = False,
    timestamps: bool = False,
    trailer: Path = "",
    print_version: bool = False,
    print_revision: bool = False,
    *,
    ref_dir: Path | None = None,
    overwrite: bool = False,
) -> Status:
    """Exposures of one field combined without cosmic rays, as stistools' ocrreject.

    What is not given stands in CRREJTAB. With ``all`` the imsets of all inputs become one product; without, each input
    becomes its own, and ``output`` is a list of as many. Rejected pixels are flagged (8192) in the inputs where ``crmask``
    is true ("yes"), and only then.
    """
    if print_version or print_revision:
        return _version()
    how = {
        "scalense": None if scalense in ("", None) else float(scalense),
        "initgues": initgues or None,
        "skysub": skysub or None,
        "crsigmas": crsigmas or None,
        "crradius": crradius,
        "crthresh": crthresh,
        "badinpdq": badinpdq,
        "crmask": None if crmask == "" else crmask in (True, "yes", "true", "True"),
    }
    files = as_json({"crrejtab": _path(crrejtab) or None, "ref_dir": _path(ref_dir), "overwrite": overwrite})
    inputs = _expanded(_files(input))
    if all:
        return Status(_told(_native.run_ocrreject(inputs, os.fspath(output), files, as_json(how)), verbose, trailer))
    outputs = _each(output, len(inputs), "products")
    if len(set(outputs)) != len(outputs):
        raise ValueError("without all=True each input needs a product of its own")
    pairs = zip(inputs, outputs)
    reports = [_told(_native.run_ocrreject([i], o, files, as_json(how)), verbose, trailer) for i, o in pairs]
    return Status(reports)


def wavecal(
    input: Path | Iterable[Path],
    wavecal: Path | Sequence[Path],
    debugfile: Path = "",
    savetmp: bool = False,
    option: str = "linear",
    angle: float | None = None,
    verbose: bool = False,
    timestamps: bool = False,
    trailer: Path = "",
    print_version: bool = False,
    print_revision: bool = False,
    *,
    switch: dict[str, str] | Iterable[str] | None = None,
    ref_dir: Path | None = None,
) -> Status:
    """Records SHIFTA1 and SHIFTA2 that a wavecal shows in the headers of calibrated exposures, as stistools' wavecal.

    ``wavecal`` is raw or calibrated: one, or one for each input. ``option`` is "linear" or "nearest": how several imsets of a
    wavecal are matched in time. ``debugfile`` and ``savetmp`` have no effect; ``angle`` is of echelle spectra.
    """
    if print_version or print_revision:
        return _version()
    if angle is not None:
        raise _native.UnsupportedError("angle is of echelle spectra, which are not supported")
    inputs = _expanded(_files(input))
    options = as_json({"option": option, "switch": _switches(switch), "ref_dir": _path(ref_dir)})
    reports = []
    for path, lamp in zip(inputs, _each(wavecal, len(inputs), "wavecals")):
        (report,) = json.loads(_native.run_wavecal([path], lamp, options))
        shifts = [f"SHIFTA1 {a:.4f}, SHIFTA2 {b:.4f}" for a, b in report["report"]["recorded"]]
        _tell([f"{path}: {'; '.join(shifts)}", *report["report"]["warnings"]], verbose, trailer)
        reports.append(report)
    return Status(reports)


def x1d(
    input: Path,
    output: Path = "",
    backcorr: str = "perform",
    ctecorr: str = "perform",
    dispcorr: str = "perform",
    helcorr: str = "perform",
    fluxcorr: str = "perform",
    sporder: int | None = None,
    a2center: float | None = None,
    maxsrch: int | None = None,
    globalx: bool = False,
    extrsize: float | None = None,
    bk1size: float | None = None,
    bk2size: float | None = None,
    bk1offst: float | None = None,
    bk2offst: float | None = None,
    bktilt: float | None = None,
    backord: int | None = None,
    bksmode: str = "median",
    bksorder: int = 3,
    blazeshift: float | None = None,
    algorithm: str = "unweighted",
    xoffset: float | None = None,
    verbose: bool = False,
    timestamps: bool = False,
    trailer: Path = "",
    print_version: bool = False,
    print_revision: bool = False,
    *,
    ref_dir: Path | None = None,
    overwrite: bool = False,
) -> Status:
    """The spectrum of a point source extracted from a calibrated image, as stistools' x1d.

    The product is ``_sx1`` of a ``_crj`` and else ``_x1d``, beside the input, where ``output`` is not given. What is not
    given stands in XTRACTAB. ``a2center`` is a line of the image, counted from 1, to which the offset of the aperture is added,
    as in calstis. ``sporder`` is 1 for the gratings of the CCD, and ``globalx`` has no effect for them;
    ``blazeshift`` is of echelle spectra.
    """
    if print_version or print_revision:
        return _version()
    if sporder not in (None, 1):
        raise _native.UnsupportedError(f"the gratings of the CCD have spectral order 1, not {sporder}")
    if blazeshift is not None:
        raise _native.UnsupportedError("blazeshift is of echelle spectra, which are not supported")
    if algorithm.lower() != "unweighted":
        raise _native.UnsupportedError(f"the algorithm {algorithm} is not supported; what there is is unweighted")
    how = {
        "a2center": a2center, "maxsrch": maxsrch, "extrsize": extrsize, "bk1size": bk1size, "bk2size": bk2size,
        "bk1offst": bk1offst, "bk2offst": bk2offst, "bktilt": bktilt, "backord": backord,
        "bksmode": bksmode.lower(), "bksorder": bksorder, "xoffset": 0.0 if xoffset is None else xoffset,
    }
    steps = {"backcorr": backcorr, "ctecorr": ctecorr, "dispcorr": dispcorr, "helcorr": helcorr, "fluxcorr": fluxcorr}
    product = os.fspath(output) or _named(input, "_x1d", "_sx1")
    options = _spectrum_options(steps, ref_dir, overwrite)
    return Status(_told(_native.run_x1d(os.fspath(input), product, options, as_json(how)), verbose, trailer))


def x2d(
    input: Path,
    output: Path = "",
    helcorr: str = "perform",
    fluxcorr: str = "perform",
    statflag: bool = True,
    center: bool = False,
    blazeshift: float | None = None,
    err_alg: str = "wgt_var",
    verbose: bool = False,
    timestamps: bool = False,
    trailer: Path = "",
    print_version: bool = False,
    print_revision: bool = False,
    *,
    ref_dir: Path | None = None,
    overwrite: bool = False,
) -> Status:
    """A calibrated image rectified, as stistools' x2d.

    The product is ``_sx2`` of a ``_crj`` and else ``_x2d``, beside the input, where ``output`` is not given. ``center`` puts
    the target on the middle row. ``blazeshift`` is of echelle spectra, and errors are those of ``err_alg`` "wgt_var".
    """
    if print_version or print_revision:
        return _version()
    if blazeshift is not None:
        raise _native.UnsupportedError("blazeshift is of echelle spectra, which are not supported")
    if err_alg != "wgt_var":
        raise _native.UnsupportedError(f"the errors of err_alg {err_alg} are not supported; what there is is wgt_var")
    product = os.fspath(output) or _named(input, "_x2d", "_sx2")
    options = _spectrum_options({"helcorr": helcorr, "fluxcorr": fluxcorr}, ref_dir, overwrite)
    how = as_json({"center": center, "statflag": statflag})
    return Status(_told(_native.run_x2d(os.fspath(input), product, options, how), verbose, trailer))


def _version() -> Status:
    print(f"firstlight {_native.__version__}")
    return Status({})


def _spectrum_options(steps: dict[str, str], ref_dir: Path | None, overwrite: bool) -> str:
    switch = [f"{name.upper()}=OMIT" for name, value in steps.items() if not _performs(name, value)]
    return as_json({"switch": switch, "ref_dir": _path(ref_dir), "overwrite": overwrite})


def _performs(name: str, value: str) -> bool:
    if str(value).lower() not in ("perform", "omit"):
        raise ValueError(f"{name} is 'perform' or 'omit', not {value!r}")
    return str(value).lower() == "perform"


def _named(path: Path, kind: str, of_crj: str | None = None) -> str:
    """The name of a product beside its input."""
    folder, name = os.path.split(os.fspath(path))
    stem = name.split(".fit")[0]
    if of_crj and "_crj" in stem:
        kind = of_crj
    for suffix in ("_raw", "_blv_tmp", "_crj_tmp", "_blv", "_flt", "_crj"):
        if stem.endswith(suffix):
            stem = stem[: -len(suffix)]
            break
    return os.path.join(folder, f"{stem}{kind}.fits")


def _expanded(patterns: list[str]) -> list[str]:
    """Files, with those that patterns match in their place."""
    import glob

    files: list[str] = []
    for pattern in patterns:
        matched = sorted(glob.glob(pattern)) if glob.has_magic(pattern) and not os.path.exists(pattern) else [pattern]
        if not matched:
            raise FileNotFoundError(f"nothing matches {pattern}")
        files += matched
    return files


def _each(given: Path | Sequence[Path], count: int, what: str) -> list[str]:
    """One for each of ``count`` inputs, from one or as many; empty texts where there is none."""
    if isinstance(given, (str, os.PathLike)):
        return [os.fspath(given)] * count
    paths = [os.fspath(path) for path in given]
    if len(paths) != count:
        raise ValueError(f"{len(paths)} {what} for {count} inputs")
    return paths


def _told(report: str, verbose: bool, trailer: Path) -> dict[str, Any]:
    told = json.loads(report)
    warned = told["report"].get("warnings", []) if isinstance(told["report"], dict) else []
    _tell([f"{told['path']}: {told['seconds']:.2f} s", *warned], verbose, trailer)
    return told


def _tell(lines: list[str], verbose: bool, trailer: Path) -> None:
    if trailer:
        with open(trailer, "a") as file:
            file.writelines(f"{line}\n" for line in lines)
    elif verbose:
        print("\n".join(lines))
