"""From DN to electrons: what acsccd does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .. import _native
from .arrays import Planes, _image, _planes

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray


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
    import numpy as np

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


def _ccd_chip(index: int, planes: Planes, chip: Mapping[str, Any]) -> dict[str, Any]:
    import numpy as np

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
