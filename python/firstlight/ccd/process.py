"""All steps of a frame, or of files."""

from __future__ import annotations

import json
import os
from typing import Any

from .. import _native
from ..native_options import as_json
from ..official_arguments import _files
from . import frames, steps
from .record import recorded


def ccd_process(ccd: Any, *given: Any, output_dir: Any = None, **named: Any) -> Any:
    """Does the steps that are asked for, in the order overscan, trim, uncertainty, mask, gain, bias, dark, flat.

    Parameters
    ----------
    ccd
        A frame; or with ``output_dir`` the paths of files, whose products go there under the same names.
    oscan
        Section of the overscan, as ``'[1025:1056,*]'``, or that part of the frame.
    trim
        Section that is kept.
    error
        Make an uncertainty, of ``gain`` and ``readnoise``.
    master_bias, dark_frame, master_flat
        The masters, in the unit that the frame has after the gain where ``gain_corrected``.
    bad_pixel_mask
        True where a pixel is bad. It is united with the frame's own mask.
    gain, readnoise
        Electrons per adu, and electrons.
    oscan_median, oscan_model
        Median of each row rather than mean; a polynomial along the rows, by order or as a model of astropy.
    min_value
        Least value of the flat.
    dark_exposure, data_exposure, exposure_key, exposure_unit, dark_scale
        Exposure times of dark and frame, or the keyword that has them; whether the dark is scaled by them.
    gain_corrected
        Whether the masters are in electrons; else the gain comes last.

    For files the options are those of ``firstlight ccd``: ``overscan``, ``trim``, ``bias``, ``dark``, ``flat``, ``gain``,
    ``readnoise``, ``linearity``, ``fringe``, ``background``, …, and the report is a dictionary with ``products`` and ``failed``.
    """
    if output_dir is not None:
        if given:
            raise TypeError("options of files are given by name")
        if named.get("linearity") is not None:
            named["linearity"] = steps.linearity_texts(named["linearity"])
        if named.get("background") is not None:
            named["background"] = str(named["background"])
        return json.loads(_native.ccd_process_files(_files(ccd), os.fspath(output_dir), as_json(named)))
    return _process(ccd, *given, **named)


def _ccd_process(
    ccd: Any,
    oscan: Any = None,
    trim: str | None = None,
    error: bool = False,
    master_bias: Any = None,
    dark_frame: Any = None,
    master_flat: Any = None,
    bad_pixel_mask: Any = None,
    gain: Any = None,
    readnoise: Any = None,
    oscan_median: bool = True,
    oscan_model: Any = None,
    min_value: float | None = None,
    dark_exposure: Any = None,
    data_exposure: Any = None,
    exposure_key: Any = None,
    exposure_unit: Any = None,
    dark_scale: bool = False,
    gain_corrected: bool = True,
) -> Any:
    quiet = {"add_keyword": False}
    frames.check(ccd, "ccd; give output_dir for files. It")
    done = ccd
    if isinstance(oscan, str):
        oscan_given = {"fits_section": oscan}
    elif oscan is not None:
        oscan_given = {"overscan": oscan}
    else:
        oscan_given = None
    if oscan_given:
        done = steps.subtract_overscan(
            done, median=oscan_median, model=oscan_model, **oscan_given, **quiet
        )
    if trim is not None:
        done = steps.trim_image(done, fits_section=trim, **quiet)
    if error:
        if gain is None or readnoise is None:
            raise ValueError("gain and readnoise must be specified to create error frame.")
        if not frames.is_ccddata(done):
            raise TypeError("an array has no place for an uncertainty; give a CCDData, or use create_deviation")
        done = steps.create_deviation(done, gain=gain, readnoise=readnoise, disregard_nan=True, **quiet)
    if bad_pixel_mask is not None:
        done = _masked(done, bad_pixel_mask)
    if gain is not None and gain_corrected:
        done = steps.gain_correct(done, gain, **quiet)
    if master_bias is not None:
        done = steps.subtract_bias(done, master_bias, **quiet)
    if dark_frame is not None:
        done = steps.subtract_dark(
            done,
            dark_frame,
            dark_exposure=dark_exposure,
            data_exposure=data_exposure,
            exposure_time=exposure_key,
            exposure_unit=exposure_unit,
            scale=dark_scale,
            **quiet,
        )
    if master_flat is not None:
        done = steps.flat_correct(done, master_flat, min_value=min_value, **quiet)
    if gain is not None and not gain_corrected:
        done = steps.gain_correct(done, gain, **quiet)
    return done.copy() if done is ccd else done


_ccd_process.__name__ = "ccd_process"
_process = recorded(_ccd_process)


def _masked(frame, mask):
    """The frame with a mask united with its own."""
    import numpy as np

    mask = np.asarray(mask)
    shape = np.shape(frame.data if frames.is_ccddata(frame) else frame)
    if mask.shape != shape:
        raise ValueError(f"bad_pixel_mask has shape {mask.shape}, but the frame {shape}")
    if not frames.is_ccddata(frame):
        return np.ma.MaskedArray(frame, mask=np.ma.getmaskarray(frame) | (mask != 0))
    done = frame.copy()
    done.mask = (mask != 0) if frame.mask is None else (frame.mask | (mask != 0))
    return done
