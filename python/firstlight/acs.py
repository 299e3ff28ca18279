"""The steps of the ACS calibration on numpy arrays.

Every step takes arrays and gives new ones back; what it is given stays as it is. ``sci`` and ``err`` are in the unit that the
step says, ``dq`` holds bits. ``err`` and ``dq`` that are not given are 0 everywhere. All arrays of a call have one shape,
``(ny, nx)``: of a reference image give the part under the exposure. The steps do what those of :func:`firstlight.calacs` do,
and know nothing of headers, switches or files.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _native

__all__ = [
    "Destriped",
    "Planes",
    "acsrej",
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
    "photon_noise",
    "shadcorr",
    "sinkcorr",
    "statistics",
    "to_electrons",
    "trim",
]

#: All bits of DQ.
ALL_BITS = 0xFFFF


class Planes(NamedTuple):
    """SCI, ERR and DQ."""

    sci: NDArray[np.float32]
    err: NDArray[np.float32]
    dq: NDArray[np.uint16]


class Destriped(NamedTuple):
    """What :func:`destripe_array` gives: arrays, or lists of two for the chips of a full frame."""

    sci: Any
    err: Any
    corrections: NDArray[np.float64]
    report: dict[str, Any]


def _image(array: ArrayLike, what: str = "an image") -> NDArray[np.float32]:
    image = np.ascontiguousarray(array, dtype=np.float32)
    if image.ndim != 2:
        raise ValueError(f"{what} has two axes, not {image.ndim}")
    return image


def _bits(array: ArrayLike, what: str = "DQ") -> NDArray[np.uint16]:
    bits = np.asarray(array)
    if bits.ndim != 2:
        raise ValueError(f"{what} has two axes, not {bits.ndim}")
    if bits.dtype.kind not in "iub":
        raise TypeError(f"{what} holds bits, whole numbers, not {bits.dtype}")
    # The sixteenth bit makes DQ negative as FITS files have it.
    return np.ascontiguousarray(bits.astype(np.uint16, copy=False))


def _planes(sci: ArrayLike, err: ArrayLike | None, dq: ArrayLike | None) -> Planes:
    science = _image(sci)
    return Planes(
        science,
        np.zeros_like(science) if err is None else _image(err, "ERR"),
        np.zeros(science.shape, np.uint16) if dq is None else _bits(dq),
    )


def dqicorr(
    sci: ArrayLike,
    dq: ArrayLike | None = None,
    *,
    bad_pixels: Iterable[tuple[int, int, int, bool, int]] = (),
    atod_saturate: int | None = 65534,
) -> NDArray[np.uint16]:
    """DQICORR: DQ with 2048 where ``sci`` (DN) is at or above ``atod_saturate``, and the bits of known bad pixels.

    Parameters
    ----------
    bad_pixels
        Runs ``(x, y, length, along_row, bits)`` from the pixel ``[y, x]`` on, along the row or up the column; what lies
        outside the image is left out.
    """
    runs = [(int(x), int(y), int(n), bool(row), int(bits)) for x, y, n, row, bits in bad_pixels]
    return Planes(*_native.dqicorr(_planes(sci, None, dq), runs, atod_saturate)[0]).dq


def atodcorr(sci: ArrayLike, dq: ArrayLike | None, values: ArrayLike) -> tuple[NDArray, NDArray]:
    """ATODCORR: each sample (DN) becomes the element of ``values`` that it is the index of; ``(sci, dq)``.

    Samples beyond the end become the last element, and get 256 in DQ.
    """
    table = np.ascontiguousarray(values, dtype=np.float32)
    if table.ndim != 1:
        raise ValueError(f"the values have one axis, not {table.ndim}")
    planes = Planes(*_native.atodcorr(_planes(sci, None, dq), table)[0])
    return planes.sci, planes.dq


def biascorr(
    sci: ArrayLike,
    err: ArrayLike | None,
    dq: ArrayLike | None,
    bias: ArrayLike,
    bias_err: ArrayLike | None = None,
    bias_dq: ArrayLike | None = None,
) -> Planes:
    """BIASCORR: subtracts a bias image (DN); errors add in quadrature, bits are combined."""
    return Planes(*_native.biascorr(_planes(sci, err, dq), _planes(bias, bias_err, bias_dq)))


def full_well(
    sci: ArrayLike,
    dq: ArrayLike | None,
    saturation: ArrayLike,
    *,
    trim_x: tuple[int, int] = (0, 0),
    trim_y: tuple[int, int] = (0, 0),
) -> NDArray[np.uint16]:
    """DQ with 256 where ``sci`` is above a map of full wells (both in electrons), overscan left out."""
    found, _ = _native.full_well(_planes(sci, None, dq), _image(saturation), list(trim_x), list(trim_y))
    return Planes(*found).dq


def sinkcorr(
    sci: ArrayLike, dq: ArrayLike | None, sinks: ArrayLike, *, upwards: bool = True
) -> NDArray[np.uint16]:
    """SINKCORR: DQ with 1024 in sink pixels and the tails that they have at the signal of ``sci`` (electrons).

    ``upwards`` tells where tails point: up on chip 2, down on chip 1.
    """
    return Planes(*_native.sinkcorr(_planes(sci, None, dq), _image(sinks), upwards)[0]).dq


def trim(
    sci: ArrayLike,
    err: ArrayLike | None = None,
    dq: ArrayLike | None = None,
    *,
    x: tuple[int, int] = (0, 0),
    y: tuple[int, int] = (0, 0),
) -> Planes:
    """Cuts off so many columns at the left and right, rows at the bottom and top."""
    return Planes(*_native.trim(_planes(sci, err, dq), list(x), list(y)))


def darkcorr(
    sci: ArrayLike,
    err: ArrayLike | None,
    dq: ArrayLike | None,
    dark: ArrayLike,
    darktime: float,
    *,
    dark_err: ArrayLike | None = None,
    dark_dq: ArrayLike | None = None,
    sdqflags: int = ALL_BITS,
) -> tuple[Planes, float]:
    """DARKCORR: subtracts ``dark`` (electrons/s) times ``darktime`` (s) from electrons; the planes and MEANDARK.

    Pixels of the dark with any of the bits ``sdqflags`` are left out of the mean.
    """
    found, mean = _native.darkcorr(
        _planes(sci, err, dq), _planes(dark, dark_err, dark_dq), darktime, sdqflags
    )
    return Planes(*found), mean


def flshcorr(
    sci: ArrayLike,
    err: ArrayLike | None,
    dq: ArrayLike | None,
    flash: ArrayLike,
    flashdur: float,
    *,
    flash_err: ArrayLike | None = None,
    flash_dq: ArrayLike | None = None,
    sdqflags: int = ALL_BITS,
) -> tuple[Planes, float]:
    """FLSHCORR: subtracts ``flash`` (electrons/s) times ``flashdur`` (s) from electrons; the planes and MEANFLSH."""
    found, mean = _native.flshcorr(
        _planes(sci, err, dq), _planes(flash, flash_err, flash_dq), flashdur, sdqflags
    )
    return Planes(*found), mean


def flatcorr(
    sci: ArrayLike,
    err: ArrayLike | None,
    dq: ArrayLike | None,
    flat: ArrayLike,
    flat_err: ArrayLike | None = None,
    flat_dq: ArrayLike | None = None,
) -> Planes:
    """FLATCORR: divides by a flat. Where it is 0 the pixel stays as it is, with 512 in DQ."""
    return Planes(*_native.flatcorr(_planes(sci, err, dq), _planes(flat, flat_err, flat_dq)))


def shadcorr(
    sci: ArrayLike,
    err: ArrayLike | None,
    dq: ArrayLike | None,
    shading: ArrayLike,
    exptime: float,
    *,
    shading_err: ArrayLike | None = None,
    shading_dq: ArrayLike | None = None,
) -> Planes:
    """SHADCORR: corrects for the time that the shutter takes (``shading``, s) in an exposure of ``exptime`` (s)."""
    return Planes(
        *_native.shadcorr(_planes(sci, err, dq), _planes(shading, shading_err, shading_dq), exptime)
    )


def glincorr(
    sci: ArrayLike,
    err: ArrayLike | None = None,
    *,
    globrate: float,
    global_limit: float,
    tau: float,
) -> tuple[NDArray, NDArray, float]:
    """GLINCORR: multiplies by the ratio of the true to the observed rate of the whole detector; ``(sci, err, ratio)``.

    ``globrate`` is in counts/s, ``tau`` in s. Above ``global_limit`` nothing is corrected.
    """
    found, (ratio, _) = _native.glincorr(_planes(sci, err, None), globrate, global_limit, tau)
    planes = Planes(*found)
    return planes.sci, planes.err, ratio


def lflgcorr(
    sci: ArrayLike,
    dq: ArrayLike | None = None,
    *,
    exptime: float,
    local_limit: float,
    expand: float = 0.0,
) -> NDArray[np.uint16]:
    """LFLGCORR: DQ with 256 within ``expand`` pixels of those with more than ``local_limit`` counts/s."""
    found, _ = _native.lflgcorr(_planes(sci, None, dq), exptime, local_limit, expand)
    return Planes(*found).dq


def photon_noise(sci: ArrayLike) -> NDArray[np.float32]:
    """ERR of a detector that counts photons: the root of the counts, at least 1."""
    return Planes(*_native.photon_noise(_planes(sci, None, None))[0]).err


def statistics(
    sci: ArrayLike, err: ArrayLike, dq: ArrayLike | None = None, *, sdqflags: int = ALL_BITS
) -> dict[str, Any]:
    """``good`` (NGOODPIX), and min, max and mean of ``sci``, ``err`` and ``snr`` of the good pixels."""
    return json.loads(_native.statistics(_planes(sci, err, dq), sdqflags))


def _ccd_chip(index: int, planes: Planes, chip: Mapping[str, Any]) -> dict[str, Any]:
    known = {"chip", "ltv", "sdqflags", "gain", "readnoise", "bias", "ampx", "ampy", "overscan"}
    if unknown := set(chip) - known:
        raise ValueError(f"a chip has no {', '.join(sorted(unknown))}; it has {', '.join(sorted(known))}")
    of_amplifiers = lambda value: [float(v) for v in np.broadcast_to(value, 4)]  # noqa: E731
    ltv = chip.get("ltv", (0.0, 0.0))
    overscan = chip.get("overscan")
    if overscan is not None:
        sections = {
            "trim_x": (0, 0), "trim_y": (0, 0), "leading": None, "trailing": None,
            "virtual_columns": None, "virtual_rows": None,
        }
        if unknown := set(overscan) - set(sections):
            raise ValueError(f"overscan has no {', '.join(sorted(unknown))}; it has {', '.join(sections)}")
        overscan = {**sections, **overscan}
        overscan["trim_x"], overscan["trim_y"] = list(overscan["trim_x"]), list(overscan["trim_y"])
    return {
        "planes": planes,
        "keywords": {
            "CCDCHIP": int(chip.get("chip", 1)),
            "LTV1": float(ltv[0]),
            "LTV2": float(ltv[1]),
            "SDQFLAGS": int(chip.get("sdqflags", 0x7FFF)),
        },
        "gain": of_amplifiers(chip.get("gain", 1.0)),
        "readnoise": of_amplifiers(chip.get("readnoise", 1.0)),
        "bias": of_amplifiers(chip.get("bias", 0.0)),
        "ampx": int(chip.get("ampx", planes.sci.shape[1])),
        "ampy": int(chip.get("ampy", 0)),
        "overscan": overscan,
    }


def _primary(ccdamp: str, header: Mapping[str, Any] | None) -> dict[str, Any]:
    defaults = {
        "INSTRUME": "ACS", "DETECTOR": "WFC", "CCDAMP": ccdamp, "EXPTIME": 0.0, "EXPSTART": 53000.0,
        "EXPEND": 53000.0, "SUBARRAY": False,
    }
    return {**defaults, **(header or {})}


def blevcorr(
    images: Sequence[ArrayLike],
    chips: Sequence[Mapping[str, Any]],
    *,
    ccdamp: str = "ABCD",
    dq: Sequence[ArrayLike | None] | None = None,
    header: Mapping[str, Any] | None = None,
) -> tuple[list[NDArray[np.float32]], dict[str, float]]:
    """BLEVCORR: subtracts the bias level (electrons) in the form that suits the readout; images and levels by amplifier.

    Parameters
    ----------
    images
        Of each chip, electrons, overscan included. It is left in place; :func:`trim` cuts it off.
    chips
        For each, what CCDTAB and OSCNTAB say: ``chip`` (CCDCHIP), ``gain``, ``readnoise``, ``bias`` (DN) as one number or
        four for A to D, ``ampx``, ``ampy``, ``ltv``, ``sdqflags``, and ``overscan`` with ``trim_x``, ``trim_y``,
        ``leading``, ``trailing``, ``virtual_columns``, ``virtual_rows``: pairs, first and last counted from 0. Without
        ``overscan`` the level is ``bias`` times ``gain``.
    header
        Keywords of the primary header that tell how the instrument was set: ``DETECTOR`` (``"WFC"``), ``EXPSTART``,
        ``SUBARRAY``, ``APERTURE``, ``JWROTYPE``, ``CCDGAIN``.
    """
    bits = [None] * len(images) if dq is None else list(dq)
    if not len(images) == len(chips) == len(bits):
        raise ValueError(f"{len(images)} images, {len(chips)} chips and {len(bits)} DQ do not belong together")
    given = [
        _ccd_chip(index, _planes(image, None, flags), chip)
        for index, (image, flags, chip) in enumerate(zip(images, bits, chips))
    ]
    planes, levels, _ = _native.blevcorr(_primary(ccdamp, header), given)
    return [Planes(*each).sci for each in planes], dict(levels)


def to_electrons(
    sci: ArrayLike,
    err: ArrayLike | None,
    gain: ArrayLike,
    *,
    ccdamp: str = "A",
    chip: Mapping[str, Any] | None = None,
    header: Mapping[str, Any] | None = None,
) -> tuple[NDArray, NDArray]:
    """Multiplies DN by the gain (electrons/DN) of the amplifier that reads each pixel; ``(sci, err)``.

    ``chip`` and ``header`` are as for :func:`blevcorr`; ``ampx`` is the first column of the right amplifier.
    """
    given = _ccd_chip(0, _planes(sci, err, None), {**(chip or {}), "gain": gain})
    planes = Planes(*_native.electrons(_primary(ccdamp, header), [given])[0])
    return planes.sci, planes.err


def noise(
    sci: ArrayLike,
    err: ArrayLike | None,
    readnoise: ArrayLike,
    *,
    ccdamp: str = "A",
    is_bias: bool = False,
    chip: Mapping[str, Any] | None = None,
    header: Mapping[str, Any] | None = None,
) -> NDArray[np.float32]:
    """ERR (electrons) of signal, readout noise, and the error before; of a bias frame of readout noise alone.

    ``chip`` and ``header`` are as for :func:`blevcorr`.
    """
    given = _ccd_chip(0, _planes(sci, err, None), {**(chip or {}), "readnoise": readnoise})
    return Planes(*_native.ccd_noise(_primary(ccdamp, header), [given], is_bias)[0]).err


def acsrej(
    sci: Sequence[ArrayLike],
    err: Sequence[ArrayLike],
    dq: Sequence[ArrayLike | None] | None = None,
    *,
    exptime: ArrayLike,
    crsigmas: str | Iterable[float] = "6.5,5.5,4.5",
    crradius: float = 2.1,
    crthresh: float = 0.5555,
    initgues: str = "minimum",
    skysub: str = "mode",
    scalense: float = 30.0,
    badinpdq: int = 0,
    header: Mapping[str, Any] | None = None,
) -> tuple[Planes, list[NDArray[np.bool_]], dict[str, Any]]:
    """CRCORR: combines images of one field (electrons) without cosmic rays.

    Parameters
    ----------
    exptime
        Of each image, s, or one for all.
    crsigmas, crradius, crthresh, initgues, skysub, scalense, badinpdq
        As the columns of CRREJTAB.

    Returns
    -------
    The combined planes, for each image which pixels were rejected, and what was measured.
    """
    images = list(sci)
    if not images:
        raise ValueError("there are no images to combine")
    errors = list(err)
    bits = [None] * len(images) if dq is None else list(dq)
    if not len(images) == len(errors) == len(bits):
        raise ValueError(f"{len(images)} images, {len(errors)} ERR and {len(bits)} DQ do not belong together")
    times = np.broadcast_to(np.asarray(exptime, dtype=float), len(images))
    sigmas = crsigmas if isinstance(crsigmas, str) else ",".join(str(float(s)) for s in crsigmas)
    options = {
        "crmask": True, "scalense": scalense, "initgues": initgues, "skysub": skysub, "crsigmas": sigmas,
        "crradius": crradius, "crthresh": crthresh, "badinpdq": badinpdq,
    }
    inputs = [
        (_planes(*planes), {**_primary("A", header), "EXPTIME": float(time), "BLEVCORR": "COMPLETE"})
        for planes, time in zip(zip(images, errors, bits), times)
    ]
    planes, rejected, report = _native.acsrej_arrays(inputs, json.dumps(options))
    return Planes(*planes), rejected, json.loads(report)


def destripe_array(
    sci: Any,
    err: Any,
    dq: Any = None,
    *,
    flat: Any = None,
    dark: Any = None,
    flash: Any = None,
    mask: Any = None,
    flat_applied: bool = False,
    dark_subtracted: bool = False,
    flash_subtracted: bool = False,
    stat: str = "pmode1",
    maxiter: int = 15,
    sigrej: float = 2.0,
    lower: float | None = None,
    upper: float | None = None,
    binwidth: float = 0.1,
    dqbits: int | str | None = None,
    rpt_clean: int = 0,
    atol: float | None = 0.01,
) -> Destriped:
    """Takes the stripes of the repaired WFC out of an image (electrons), as ``acstools.acs_destripe`` does.

    Parameters
    ----------
    sci, err, dq
        An image, or a sequence of two: chips 2 and 1 of a full frame, as SCI,1 and SCI,2 have them. All other arrays are
        then sequences of two as well.
    flat, dark, flash
        What is taken out for measuring alone: the flat field, and electrons of dark and flash.
    mask
        Pixels where it is 0 do not count.
    flat_applied, dark_subtracted, flash_subtracted
        Whether that has been done to ``sci`` and ``err`` already.
    stat, maxiter, sigrej, lower, upper, binwidth, dqbits, rpt_clean, atol
        As for :func:`firstlight.destripe`.

    Returns
    -------
    ``sci`` and ``err``, what was subtracted of each row (electrons before flat-fielding), and the report.
    """
    pair = isinstance(sci, (list, tuple)) and len(sci) in (1, 2) and np.ndim(sci[0]) == 2

    def each(value: Any) -> list[Any]:
        if value is None:
            return [None] * (len(sci) if pair else 1)
        return list(value) if pair else [value]

    columns = [each(value) for value in (sci, err, dq, mask, flat, dark, flash)]
    if len({len(column) for column in columns}) != 1:
        raise ValueError("of a full frame, all arrays are given for both chips")
    chips = []
    for science, error, bits, good, sensitivity, current, glow in zip(*columns):
        layers = [(current, dark_subtracted), (glow, flash_subtracted)]
        chips.append(
            {
                "planes": _planes(science, error, bits),
                "mask": None if good is None else np.ascontiguousarray(np.asarray(good) != 0, dtype=np.uint8),
                "flat": None if sensitivity is None else _image(sensitivity, "the flat"),
                "flat_applied": flat_applied,
                "layers": [(_image(layer), done) for layer, done in layers if layer is not None],
            }
        )
    options = destripe_options(
        stat=stat, maxiter=maxiter, sigrej=sigrej, lower=lower, upper=upper, binwidth=binwidth, dqbits=dqbits,
        rpt_clean=rpt_clean, atol=atol,
    )
    planes, corrections, report = _native.destripe_arrays(chips, options)
    cleaned = [Planes(*each) for each in planes]
    sciences, errors = [each.sci for each in cleaned], [each.err for each in cleaned]
    if not pair:
        return Destriped(sciences[0], errors[0], corrections, json.loads(report))
    return Destriped(sciences, errors, corrections, json.loads(report))


#: A camera's own traps: levels of charge (e), what they take (e), and the shares that come out 1, 2, … pixels behind.
Traps = Iterable[tuple[float, float, Sequence[float]]]


def correct_cte(
    sci: ArrayLike,
    err: ArrayLike | None = None,
    *,
    pctetab: Any = None,
    ccdtab: Any = None,
    traps: Traps | None = None,
    header: Mapping[str, Any] | None = None,
    chip: int = 1,
    ltv: tuple[float, float] = (0.0, 0.0),
    readnoise: float = 0.0,
    scales: ArrayLike | None = None,
    **transfer: Any,
) -> tuple[NDArray, NDArray]:
    """PCTECORR: takes off the trails of charge transfer (electrons, without overscan); ``(sci, err)``.

    With ``pctetab`` and ``ccdtab`` (files) it is an image of the WFC; with ``traps`` of any camera.

    Parameters
    ----------
    header
        Keywords of the primary header: ``EXPSTART`` (MJD), which decides how many traps there are, ``CCDAMP``
        (``"ABCD"``), ``CCDGAIN``, and ``PCTENFOR``, ``PCTENPAR``, ``PCTETLEN``, ``FIXROCR`` in place of the table's.
    chip, ltv
        CCDCHIP, and LTV1 and LTV2 of a subarray.
    traps
        Levels ``(q, amount, release)``: charge that a packet must have to meet them, what they take of a packet that goes
        all the way, and the shares of it that come out 1, 2, … pixels behind.
    readnoise
        Of a camera's image: noise that has no trails, electrons.
    scales
        Of a camera's image: how much the traps of each column (row, where charge moves along rows) count.
    **transfer
        ``register`` (``"bottom"``, ``"top"``, ``"left"``, ``"right"``), ``transfers``, ``passes``, ``fraction``.
    """
    if traps is not None:
        sciences = _camera_cte(sci, traps, scales, float(readnoise), transfer)
        return sciences, _planes(sciences, err, None).err
    planes, _ = _instrument_cte(sci, err, pctetab, ccdtab, header, chip, ltv, transfer, None)
    return planes.sci, planes.err


def forward_cte(
    sci: ArrayLike,
    err: ArrayLike | None = None,
    *,
    pctetab: Any = None,
    ccdtab: Any = None,
    traps: Traps | None = None,
    header: Mapping[str, Any] | None = None,
    chip: int = 1,
    ltv: tuple[float, float] = (0.0, 0.0),
    parallel_first: bool = False,
    scales: ArrayLike | None = None,
    **transfer: Any,
) -> tuple[NDArray, NDArray]:
    """Draws the trails of charge transfer, the inverse of :func:`correct_cte`, whose arguments it has; ``(sci, err)``."""
    if traps is not None:
        sciences = _camera_cte(sci, traps, scales, None, transfer)
        return sciences, _planes(sciences, err, None).err
    planes, _ = _instrument_cte(
        sci, err, pctetab, ccdtab, header, chip, ltv, transfer, parallel_first
    )
    return planes.sci, planes.err


def _camera_cte(
    sci: ArrayLike, traps: Traps, scales: Any, readnoise: float | None, transfer: Mapping[str, Any]
) -> NDArray[np.float32]:
    levels = [(float(q), float(amount), [float(r) for r in release]) for q, amount, release in traps]
    weights = None if scales is None else [float(s) for s in np.asarray(scales, dtype=float)]
    return _native.camera_cte(_image(sci), levels, json.dumps(dict(transfer)), weights, readnoise)


def _instrument_cte(
    sci: ArrayLike,
    err: ArrayLike | None,
    pctetab: Any,
    ccdtab: Any,
    header: Mapping[str, Any] | None,
    chip: int,
    ltv: tuple[float, float],
    transfer: Mapping[str, Any],
    parallel_first: bool | None,
) -> tuple[Planes, dict[str, Any]]:
    if pctetab is None or ccdtab is None:
        raise ValueError("give pctetab and ccdtab for an image of the WFC, or traps for one of another camera")
    if transfer:
        raise ValueError(f"{', '.join(transfer)} go with traps alone")
    primary = {**_primary("ABCD", header), "PCTECORR": "PERFORM", "BLEVCORR": "COMPLETE"}
    keywords = {"CCDCHIP": int(chip), "LTV1": float(ltv[0]), "LTV2": float(ltv[1])}
    files = [("PCTETAB", os.fspath(pctetab)), ("CCDTAB", os.fspath(ccdtab))]
    planes, report = _native.instrument_cte(
        _planes(sci, err, None), primary, keywords, files, parallel_first
    )
    return Planes(*planes), json.loads(report)


def destripe_options(*, dqbits: int | str | None, atol: float | None, stat: str, **given: Any) -> str:
    """Keyword arguments in acstools' form as the library has them."""
    options = {"stat": stat.strip().lower(), "atol": 0.0 if atol is None else float(atol), **given}
    if isinstance(dqbits, str):
        options["dqbits"] = dqbits
    elif dqbits is not None:
        # A negative number is the complement of the bits that make a pixel bad.
        bits = int(dqbits)
        options["dqbits"] = str(bits) if bits >= 0 else f"~{~bits}"
    return json.dumps(options)
