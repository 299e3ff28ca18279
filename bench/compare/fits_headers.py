"""Keywords from the primary header, and from an extension's, of 1,000 files.

The files are copies of a real raw frame in FIRSTLIGHT_DATA, or of one made with astropy where that is unset.
The peer is ``astropy.io.fits.getheader`` in a loop; ours is the example ``headers`` of ``crates/fits``
(FIRSTLIGHT_HEADERS, or target/release/examples/headers, built by
``cargo build --release -p firstlight-fits --example headers``), a process from its start to its end.
"""

import os
import pathlib
import shutil
import subprocess
import tempfile

from timing import call, command, compare

ROOT = pathlib.Path(__file__).resolve().parents[2]
HEADERS = os.environ.get("FIRSTLIGHT_HEADERS", ROOT / "target" / "release" / "examples" / "headers")
COUNT = 1000


def original(folder):
    data = os.environ.get("FIRSTLIGHT_DATA")
    if data:
        return sorted(pathlib.Path(data, "hst", "acs_sbc").glob("*_raw.fits"))[0]
    import numpy
    from astropy.io import fits

    headers = [fits.Header({f"KEY{n}": n / 3 for n in range(250)}) for _ in range(2)]
    headers[0]["ROOTNAME"], headers[1]["EXPNAME"] = "made", "made"
    image = fits.ImageHDU(numpy.zeros((1024, 1024), "u2"), headers[1], name="SCI")
    path = folder / "original.fits"
    fits.HDUList([fits.PrimaryHDU(header=headers[0]), image]).writeto(path)
    return path


def astropy_reads(paths, extension, keyword):
    from astropy.io import fits

    return [fits.getheader(path, extension)[keyword] for path in paths]


def prepare():
    import astropy.io.fits  # noqa: F401 (imports are not timed)


with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)
    source = original(folder)
    paths = [folder / f"copy_{number}.fits" for number in range(COUNT)]
    for path in paths:
        shutil.copyfile(source, path)
    for extension, keyword in ((0, "ROOTNAME"), ("SCI", "EXPNAME")):
        line = [str(HEADERS), str(extension), keyword, *map(str, paths)]
        printed = subprocess.run(line, capture_output=True, text=True, check=True).stdout.split()[1::2]
        assert printed == astropy_reads(paths, extension, keyword)
        peer = call(prepare, lambda _: astropy_reads(paths, extension, keyword))
        compare(f"headers of {COUNT} files, {extension}", "astropy", peer, command(line))
