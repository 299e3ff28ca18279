"""Simulated data with known truth: ACS exposures, a visit with the SBC, an anneal period of STIS, nights on the ground, an
archive.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from . import _native
from .archive import simulate as archive
from .dark import simulate_sbc as sbc

if TYPE_CHECKING:
    from collections.abc import Iterable

    Path = str | os.PathLike[str]

__all__ = ["acs", "archive", "ccd", "demo_acs", "demo_ccd", "demo_stis", "sbc", "stis"]


def _options(**options: Any) -> str:
    return json.dumps({name: value for name, value in options.items() if value is not None})


def acs(
    folder: Path,
    *,
    detector: str | None = None,
    era: str | None = None,
    set: str | None = None,
    subarray: str | None = None,
    members: int | None = None,
    exptime: float | None = None,
    stars: int | None = None,
    gain: int | None = None,
    flash: float | None = None,
    seed: int | None = None,
    no_cte: bool | None = None,
    distortion: bool | None = None,
    pointing_error: float | None = None,
    no_cosmic_rays: bool | None = None,
    overwrite: bool = False,
) -> dict[str, Any]:
    """Simulates raw ACS exposures of a globular cluster's field, with all that their calibration asks for.

    The folder gets the raw files and their association; its ``ref`` all reference files, which headers name ``jref$…``;
    its ``truth`` tables of the exposures and stars, and images of the electrons before charge was transferred and of
    cosmic rays.

    Parameters
    ----------
    folder
        Made where it is not there.
    detector
        ``"wfc"`` (the default), ``"hrc"``, ``"sbc"``.
    era
        ``"before-sm4"`` (the default), ``"after-sm4"``.
    set
        ``"cr-split"`` (the default), ``"dither"``, ``"repeat"``, ``"single"``, ``"bias"``.
    subarray
        As in ``APERTURE``, lower case: ``"wfc1-1k"``, ``"wfc1a-2k"``, …; otherwise the full frame.
    members
        Number of exposures, 2 where nothing is said.
    exptime
        Exposure time of each, s.
    stars
        Number of stars in the field.
    gain
        Commanded gain, 1 or 2.
    flash
        Duration of the post-flash, s.
    seed
        The same seed gives the same files.
    no_cte, no_cosmic_rays
        Leave these out.
    distortion
        Optics with distortion, and the IDCTAB that describes it, for :func:`firstlight.updatewcs`.
    pointing_error
        How wrong the pointings in the headers are, but for the first: rms along each axis, pixels.
    overwrite
        Replace files that are there already.

    Returns
    -------
    dict
        Paths of all files, and the exposures as they were simulated.
    """
    options = _options(
        detector=detector,
        era=era,
        set=set,
        subarray=subarray,
        members=members,
        exptime=exptime,
        stars=stars,
        gain=gain,
        flash=flash,
        seed=seed,
        no_cte=no_cte,
        distortion=distortion,
        pointing_error=pointing_error,
        no_cosmic_rays=no_cosmic_rays,
    )
    return json.loads(_native.simulate_acs(os.fspath(folder), options, overwrite))


def stis(
    folder: Path,
    *,
    grating: str | None = None,
    darks: int | None = None,
    short_darks: int | None = None,
    biases: int | None = None,
    exptime: float | None = None,
    flux: float | None = None,
    atodgain: float | None = None,
    no_cti: bool | None = None,
    no_cosmic_rays: bool | None = None,
    epc: bool | None = None,
    seed: int | None = None,
    overwrite: bool = False,
) -> dict[str, Any]:
    """Simulates an anneal period of the STIS CCD: raw darks and bias frames, a star's spectrum with its wavecal.

    The folder gets the raw spectrum and the wavecal; its ``darks`` and ``biases`` raw frames; its ``ref`` all reference
    files, which headers name ``oref$…``; its ``truth`` the spectrum, the hot pixels and the dark rate as they were put in.

    Parameters
    ----------
    folder
        Made where it is not there.
    grating
        ``"g430l"`` (the default), ``"g750l"``.
    darks
        Number of darks of 1100 s, 1 to 56, spread over the 28 days of the period.
    short_darks
        Number of darks of 60 s.
    biases
        Number of bias frames.
    exptime
        Exposure time of each of the two parts of the spectrum, s.
    flux
        Brightness of the star; 1 gives 2.4e-14 erg/s/cm²/Å at 4500 Å.
    atodgain
        Electrons per DN of the commanded gain 1.
    no_cti, no_cosmic_rays
        Leave these out.
    epc
        Engineering temperatures beside the spectrum.
    seed
        The same seed gives the same files.
    overwrite
        Replace files that are there already.

    Returns
    -------
    dict
        Paths of all files, and the frames as they were simulated.
    """
    options = _options(
        grating=grating,
        darks=darks,
        short_darks=short_darks,
        biases=biases,
        exptime=exptime,
        flux=flux,
        atodgain=atodgain,
        no_cti=no_cti,
        no_cosmic_rays=no_cosmic_rays,
        epc=epc,
        seed=seed,
    )
    return json.loads(_native.simulate_stis(os.fspath(folder), options, overwrite))


def ccd(
    folder: Path,
    *,
    nights: int | None = None,
    width: int | None = None,
    height: int | None = None,
    filters: Iterable[str] | None = None,
    science: int | None = None,
    short_science: int | None = None,
    exptime: float | None = None,
    biases: int | None = None,
    darks: int | None = None,
    flats: int | None = None,
    stars: int | None = None,
    gain: float | None = None,
    readnoise: float | None = None,
    nonlinearity: float | None = None,
    overscan: int | None = None,
    warm_night: int | None = None,
    no_flip: bool | None = None,
    no_cosmic_rays: bool | None = None,
    seed: int | None = None,
    overwrite: bool = False,
) -> dict[str, Any]:
    """Simulates nights at a small telescope on the ground: raw frames of a globular cluster, flats, darks, bias frames.

    The folder gets a folder of raw frames for each night, and ``truth``: tables of the stars, of those that vary, of the
    frames with their maps and world coordinates, and of the electrons of each star in each frame; images of bias (ADU), dark
    rate (electrons/s), bad pixels (1 dead, 2 hot) and flats, as they were put in.

    Parameters
    ----------
    folder
        Made where it is not there.
    nights
        Number of nights, 1 to 9.
    width, height
        Imaging area, pixels.
    filters
        Of ``"B"``, ``"V"``, ``"R"``, ``"I"``; ``"BV"`` or a list.
    science, short_science
        Frames of full length and of a sixth of it, of each filter and night.
    exptime
        Exposure time of science frames, s; that of darks is ten times as long.
    biases, darks
        Frames of each night.
    flats
        Frames of each filter and night; every fourth is faint.
    stars
        Number of stars in the field.
    gain, readnoise
        Electrons per ADU, and electrons.
    nonlinearity
        Share of the signal that is lost at full well.
    overscan
        Overscan columns at the right.
    warm_night
        A night, from 1, whose CCD is 2 degrees too warm.
    no_flip, no_cosmic_rays
        Without the half turn of the third night; without cosmic rays.
    seed
        The same seed gives the same files.
    overwrite
        Replace files that are there already.

    Returns
    -------
    dict
        Paths of all files, the frames as they were simulated, and the variable stars.
    """
    options = _options(
        nights=nights,
        width=width,
        height=height,
        filters=None if filters is None else list(filters),
        science=science,
        short_science=short_science,
        exptime=exptime,
        biases=biases,
        darks=darks,
        flats=flats,
        stars=stars,
        gain=gain,
        readnoise=readnoise,
        nonlinearity=nonlinearity,
        overscan=overscan,
        warm_night=warm_night,
        no_flip=no_flip,
        no_cosmic_rays=no_cosmic_rays,
        seed=seed,
    )
    return json.loads(_native.simulate_ccd(os.fspath(folder), options, overwrite))


def demo_acs(
    folder: Path = "firstlight-demo-acs",
    *,
    seed: int | None = None,
    stars: int | None = None,
    full_frame: bool | None = None,
    overwrite: bool = False,
) -> dict[str, Any]:
    """Simulates a pair of WFC exposures, calibrates it with and without the correction for charge transfer, and
    compares stars with the truth; ``results/index.html`` in the folder shows raw beside flt beside flc.
    """
    options = _options(seed=seed, stars=stars, full_frame=full_frame, overwrite=overwrite)
    return json.loads(_native.run_demo_acs(os.fspath(folder), options))


def demo_ccd(
    folder: Path = "firstlight-demo-ccd",
    *,
    seed: int | None = None,
    nights: int | None = None,
    science: int | None = None,
    filters: str | Iterable[str] | None = None,
    overwrite: bool = False,
) -> dict[str, Any]:
    """Simulates nights at a small telescope, reduces, registers, stacks, follows and solves their frames, and compares
    shifts, light, light curves and places on the sky with the truth; ``results/index.html`` in the folder shows them.
    """
    options = _options(
        seed=seed,
        nights=nights,
        science=science,
        filters=None if filters is None else list(filters),
        overwrite=overwrite,
    )
    return json.loads(_native.run_demo_ccd(os.fspath(folder), options))


def demo_stis(
    folder: Path = "firstlight-demo-stis",
    *,
    seed: int | None = None,
    darks: int | None = None,
    flux: float | None = None,
    overwrite: bool = False,
) -> dict[str, Any]:
    """Simulates an anneal period of the STIS CCD with a spectrum, makes its superdarks, calibrates it with the dark that
    its header names and with the one of its week, and compares both with the truth; ``results/index.html`` in the folder
    shows what changed.
    """
    options = _options(seed=seed, darks=darks, flux=flux, overwrite=overwrite)
    return json.loads(_native.run_demo_stis(os.fspath(folder), options))
