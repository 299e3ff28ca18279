"""Best references of 1,000 exposures: ``firstlight bestrefs`` against ``crds bestrefs``, on the same cache.

Once as commands, from their start to their end, and once in a process that has its modules loaded. The files are
copies of real exposures of three instruments' detectors with other dates and filters; nothing is written to them.
"""

import os
import pathlib
import shutil
import sys
import tempfile

from timing import call, command, compare

FILES = 1000
CONTEXT = "hst.pmap"
DATA = pathlib.Path(os.environ["FIRSTLIGHT_DATA"])


def headers_only(folder):
    """Files of real headers without their pixels, with dates over fifteen years."""
    from astropy.io import fits

    sources = sorted(DATA.glob("hst/acs_hrc/*_raw.fits")) + sorted(DATA.glob("hst/acs_sbc/*_raw.fits"))
    sources += sorted(DATA.glob("hst/stis_acq/tastis/*_raw.fits"))
    opened = []
    for source in sources:
        with fits.open(source) as hdus:
            opened.append([hdu.header.copy() for hdu in hdus])
    for number in range(FILES):
        headers = [header.copy() for header in opened[number % len(opened)]]
        headers[0]["DATE-OBS"] = headers[-1]["DATE-OBS"] = f"{1998 + number % 15}-{1 + number % 12:02d}-{1 + number % 28:02d}"
        hdus = [fits.PrimaryHDU(header=headers[0])]
        hdus += [fits.ImageHDU(header=header) for header in headers[1:]]
        fits.HDUList(hdus).writeto(folder / f"{number:04d}_raw.fits", output_verify="silentfix+ignore")
    return sorted(map(str, folder.iterdir()))


def prepare_theirs(paths):
    def prepared():
        import crds.bestrefs
        from crds.core import log

        log.set_verbose(-3)
        return crds, data_file_of(crds), paths

    return prepared


def data_file_of(crds):
    from crds import data_file

    return data_file


def ask_theirs(prepared):
    crds, data_file, paths = prepared
    for path in paths:
        header = data_file.get_unconditioned_header(path)
        crds.getrecommendations(header, context=CONTEXT, observatory="hst", fast=True)


def prepare_ours(paths, cache):
    def prepared():
        import firstlight

        return firstlight, paths, cache

    return prepared


def ask_ours(prepared):
    firstlight, paths, cache = prepared
    firstlight.bestrefs(paths, context=CONTEXT, cache=cache, offline=True)


def check(paths, cache):
    """The answers are the same."""
    import firstlight

    crds, data_file, _ = prepare_theirs(paths)()
    rules = firstlight.Rules(CONTEXT, cache=cache, offline=True)
    for path in paths:
        header = data_file.get_unconditioned_header(path)
        theirs = crds.getrecommendations(header, context=CONTEXT, observatory="hst", fast=True)
        ours = {kind: best.file for kind, best in rules.ask(header).items()}
        for kind, name in theirs.items():
            assert ours[kind] == (name if not name.startswith("NOT FOUND") else ours[kind]), (path, kind)
            assert (ours[kind] == "N/A") == (name == "NOT FOUND n/a"), (path, kind)


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        cache = folder / "cache"
        shutil.copytree(DATA / "crds/crds_cache", cache)
        for path in [cache, *cache.rglob("*")]:
            path.chmod(path.stat().st_mode | 0o200)
        (folder / "files").mkdir()
        paths = headers_only(folder / "files")
        os.environ.update(
            CRDS_PATH=str(cache), CRDS_SERVER_URL="https://hst-crds.invalid", CRDS_MODE="local", CRDS_OBSERVATORY="hst"
        )
        check(paths[:30], cache)
        theirs = [sys.executable, "-m", "crds.bestrefs", "--new-context", CONTEXT, "--sync-mappings=0"]
        theirs += ["--verbosity=-3", "--files", *paths]
        ours = [os.environ["FIRSTLIGHT_BIN"], "--quiet", "bestrefs", "--context", CONTEXT, "--offline", *paths]
        compare(f"best references of {FILES} files, the commands", "crds", command(theirs), command(ours), runs=1)
        compare(
            f"best references of {FILES} files, in memory",
            "crds",
            call(prepare_theirs(paths), ask_theirs),
            call(prepare_ours(paths, cache), ask_ours),
            runs=1,
        )


if __name__ == "__main__":
    main()
