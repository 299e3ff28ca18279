"""World coordinates of Hubble's exposures, computed anew in place."""

from __future__ import annotations

import json
import os
import sys
import warnings
from typing import TYPE_CHECKING, Iterable

from . import _native

if TYPE_CHECKING:
    Path = str | os.PathLike[str]


def updatewcs(
    input: Path | Iterable[Path],
    vacorr: bool = True,
    tddcorr: bool = True,
    npolcorr: bool = True,
    d2imcorr: bool = True,
    checkfiles: bool = True,
    verbose: bool = False,
    use_db: bool = False,
    all_wcs: bool = False,
    remove_duplicates: bool = True,
    *,
    ref_dir: Path | None = None,
) -> list[str]:
    """Computes the world coordinates of exposures anew, in place, from pointing and distortion reference files.

    Parameters
    ----------
    input
        FITS files, patterns or folders: ACS, WFC3, the CCD of STIS, WFPC2. They are changed in place; a run that is
        killed leaves the old file or the new one. A list of names in one string is separated by commas.
    vacorr
        Correct for velocity aberration.
    tddcorr
        Correct the distortion of ACS/WFC for how it changes with time.
    npolcorr, d2imcorr
        Put in the look-up tables of NPOLFILE and of D2IMFILE.
    checkfiles
        Leave exposures out that cannot be used: EXPTIME of 0, NGOODPIX of 0 in all chips, no PA_V3, STIS spectra.
    verbose
        Print what was done to each file.
    use_db
        Solutions of the astrometry database are not supported: True is an error.
    all_wcs, remove_duplicates
        Which solutions of that database are taken: accepted for the sake of existing calls, and without effect, as they
        have none in stwcs without ``use_db``.
    ref_dir
        Folder of reference files, looked into before those of ``jref``, ``oref``, … in the environment, the CRDS
        cache, and the folder of the exposure.

    Returns
    -------
    list of str
        The files that have new coordinates. Those that were left out, or failed, are told of in warnings.
    """
    if isinstance(input, (str, os.PathLike)):
        input = [name.strip() for name in os.fspath(input).split(",")]
    files = [os.fspath(file) for file in input]
    options = dict(vacorr=vacorr, tddcorr=tddcorr, npolcorr=npolcorr, d2imcorr=d2imcorr)
    options.update(checkfiles=checkfiles, use_db=use_db)
    folder = None if ref_dir is None else os.fspath(ref_dir)
    report = json.loads(_native.updatewcs(files, json.dumps(options), folder))
    for failure in report["failed"]:
        warnings.warn(failure["error"], stacklevel=2)
    for file in report["files"]:
        if file["left_out"]:
            warnings.warn(f"{file['file']} was left out: {file['left_out'].replace('_', ' ')}", stacklevel=2)
        elif verbose:
            print(file["file"], ", ".join(file["update"]["corrections"]), file=sys.stderr)
    return [file["file"] for file in report["files"] if file["update"]]
