"""What the comparisons with drizzlepac share: exposures, its silent import on fresh copies of them, and processes of their own."""

import contextlib
import os
import pathlib
import shutil
import subprocess
import sys

DATA = pathlib.Path(os.environ["FIRSTLIGHT_DATA"]) / "hst"
DISTORTION = DATA / "reffiles" / "stwcs"
TRUTH = pathlib.Path(os.environ.get("FIRSTLIGHT_TRUTH", ""))


def wfc_exposures(folder, *options):
    """Four ACS/WFC exposures in ``folder``: copies of those of the folder given to the script, or new ones of
    ``FIRSTLIGHT_TRUTH/sim_wfc_flt.py`` with its ``options``. Their names."""
    if len(sys.argv) > 1:
        for path in pathlib.Path(sys.argv[1]).glob("*_flt.fits"):
            shutil.copy(path, folder)
    else:
        made = [sys.executable, TRUTH / "sim_wfc_flt.py", folder, DISTORTION, *options]
        subprocess.run(made, check=True, capture_output=True)
    return sorted(path.name for path in folder.glob("*_flt.fits"))


def astrodrizzle_on(folder, names):
    """AstroDrizzle, imported, in a working folder with copies of the inputs: it writes to them."""
    return lambda: imported("astrodrizzle", "AstroDrizzle", folder, names)


def tweakreg_on(folder, names):
    """TweakReg in the same way."""
    return lambda: imported("tweakreg", "TweakReg", folder, names)


def imported(module, task, folder, names):
    """``task`` of drizzlepac's ``module``; copies of the inputs are in ``folder/peer``, the working folder."""
    import importlib
    import warnings

    warnings.simplefilter("ignore")
    with silence():
        task = getattr(importlib.import_module(f"drizzlepac.{module}"), task)
    fresh_copies(folder, names, folder / "peer")
    os.chdir(folder / "peer")
    os.environ["jref"] = f"{DISTORTION}/"
    return task


def fresh_copies(folder, names, work):
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    for name in names:
        shutil.copy(folder / name, work)


def without_products(folder):
    """Both write new files; replacing old ones costs time too."""

    def fresh():
        for path in folder.glob("ours_*.fits"):
            path.unlink()

    return fresh


def flags(options):
    """AstroDrizzle's parameters as options of the command."""
    return [f"--{name.replace('_', '-')}={str(value).lower()}" for name, value in options.items()]


def in_process(function, *arguments):
    """Calls in a process of its own, so that this one stays small: measured processes start out with its memory."""
    import multiprocessing

    context = multiprocessing.get_context("fork")
    reader, writer = context.Pipe(duplex=False)
    child = context.Process(target=lambda: writer.send(function(*arguments)))
    child.start()
    child.join()
    if child.exitcode != 0:
        sys.exit(f"{function.__name__} failed")
    return reader.recv()


@contextlib.contextmanager
def silence():
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
        yield
