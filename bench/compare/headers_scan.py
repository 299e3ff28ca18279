"""Keywords of 1,000 files: the log against ``astropy.io.fits.getheader``, file by file."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile

from timing import call, command, compare

FILES = 1000
KEYWORDS = ["rootname", "filter1", "exptime", "expstart", "mdecodt1", "mdecodt2"]
LOG = [os.environ["FIRSTLIGHT_BIN"], "--quiet"]


def copies(folder):
    """Copies of the real darks: the header of a copy is as long, and as far into the disk, as the original's."""
    darks = sorted((pathlib.Path(os.environ["FIRSTLIGHT_DATA"]) / "hst/acs_sbc").glob("*_raw.fits"))
    for number in range(FILES):
        source = darks[number % len(darks)]
        shutil.copyfile(source, folder / f"{number:04d}_{source.name}")
    return sorted(folder.iterdir())


def with_astropy(paths, ext):
    from astropy.io import fits

    rows = []
    for path in paths:
        header = fits.getheader(path, ext)
        rows.append([header.get(keyword) for keyword in KEYWORDS])
    return rows


def with_us(folder):
    words = [*LOG, "--json", "log", str(folder), "--columns", ",".join(KEYWORDS)]
    table = json.loads(subprocess.run(words, stdout=subprocess.PIPE, check=True).stdout)["table"]
    return [list(row) for row in zip(*(column["values"] for column in table["columns"]))]


def prepare(paths):
    """astropy is imported before the clock runs."""

    def prepared():
        from astropy.io import fits

        fits.getheader(paths[0])
        return paths

    return prepared


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        paths = copies(folder)
        # Some of the keywords stand in the first extension: our log finds them in one go, and the others too.
        theirs = [
            [a if a is not None else b for a, b in zip(*rows)]
            for rows in zip(with_astropy(paths[:20], 0), with_astropy(paths[:20], 1))
        ]
        assert with_us(folder)[:20] == theirs
        primary = [keyword for keyword, value in zip(KEYWORDS, with_astropy(paths[:1], 0)[0]) if value is not None]
        compare(
            f"{len(primary)} keywords of {FILES} primary headers",
            "astropy",
            call(prepare(paths), lambda paths: with_astropy(paths, 0)),
            command([*LOG, "log", folder, "--columns", ",".join(primary)]),
        )
        compare(
            f"{len(KEYWORDS)} keywords of {FILES} files, in two headers",
            "astropy",
            call(prepare(paths), lambda paths: (with_astropy(paths, 0), with_astropy(paths, 1))),
            command([*LOG, "log", folder, "--columns", ",".join(KEYWORDS)]),
        )


if __name__ == "__main__":
    main()
