"""World coordinates: astropy and drizzlepac against firstlight, on a real ACS/WFC header with SIP, NPOL and D2IM.

Needs ``FIRSTLIGHT_DATA``. Results are compared before they are timed: positions to 1e-9 degree and 1e-6 pixel, maps
to the interpolation's tolerance.
"""

import atexit
import os
import pathlib
import shutil
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent.parent / "tests/parity/astropy_wcs"))
from timing import call, compare  # noqa: E402

SHAPE = (2048, 4096)
POINTS = 1_000_000


def exposure_file():
    """The chip's file, made by another process, so that its memory is not counted."""
    folder = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, folder)
    child = os.fork()
    if child == 0:
        from exposures import exposure

        source = pathlib.Path(os.environ["FIRSTLIGHT_DATA"]) / "hst/acs_headers/sample_flc_header.fits"
        exposure(f"{folder}/chip.fits", source, {1: SHAPE}, (0, 0), 0)
        os._exit(0)
    if os.waitpid(child, 0)[1] != 0:
        sys.exit("the exposure could not be made")
    return f"{folder}/chip.fits"


def pixels():
    import numpy as np

    random = np.random.default_rng(1)
    return random.uniform(0, SHAPE[1] - 1, POINTS), random.uniform(0, SHAPE[0] - 1, POINTS)


def peer_wcs(path):
    import logging
    import warnings

    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    from astropy.io import fits
    from astropy.wcs import WCS

    with fits.open(path) as hdus:
        return WCS(hdus["SCI", 1].header, hdus)


def our_wcs(path):
    import firstlight

    return firstlight.WCS(path, ("SCI", 1))


def peer_chips(path):
    """Chip and grid as AstroDrizzle has them."""
    import logging
    import warnings

    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    from drizzlepac import wcs_functions
    from stwcs.distortion.utils import output_wcs
    from stwcs.wcsutil import HSTWCS

    chip = HSTWCS(path, ext=("SCI", 1))
    grid = output_wcs([chip])
    grid.wcs.cd = wcs_functions.make_perfect_cd(grid)
    return chip, grid


def peer_map(chips):
    """The interpolated map of a whole chip, row by row, as the drizzling core asks for it."""
    import numpy as np
    from drizzlepac import cdriz

    chip, grid = chips
    ny, nx = SHAPE
    mapping = cdriz.DefaultWCSMapping(chip, grid, nx, ny, 10)
    x = np.arange(1.0, nx + 1)
    for y in range(1, ny + 1):
        mapping(x, np.full(nx, float(y)))


def peer_exact_map(chips):
    import numpy as np
    from drizzlepac.wcs_functions import WCSMap

    y, x = np.indices(SHAPE, dtype=float)
    WCSMap(*chips).forward(x.ravel() + 1, y.ravel() + 1)


def our_chips(path):
    import firstlight

    chip = our_wcs(path)
    return chip, firstlight.common_grid([chip])


def our_map(tolerance):
    def work(chips):
        import firstlight

        pixel_map = firstlight.PixelMap(*chips, tolerance)
        for y in range(SHAPE[0]):
            pixel_map.row(y)

    return work


def check(path):
    """Both do the same, or there is nothing to compare."""
    child = os.fork()
    if child == 0:
        import numpy as np

        x, y = pixels()
        ours, peer = our_wcs(path), peer_wcs(path)
        sky = peer.all_pix2world(x, y, 0)
        assert np.abs(np.subtract(ours.pixel_to_sky(x, y), sky)).max() < 1e-9
        back = peer.all_world2pix(*sky, 0, tolerance=1e-8, maxiter=60)
        assert np.abs(np.subtract(ours.sky_to_pixel(*sky), back)).max() < 1e-6
        os._exit(0)
    if os.waitpid(child, 0)[1] != 0:
        sys.exit("the results differ")


def main():
    path = exposure_file()
    check(path)
    compare(
        "1,000,000 pixels to the sky",
        "astropy",
        call(lambda: (peer_wcs(path), *pixels()), lambda p: p[0].all_pix2world(p[1], p[2], 0)),
        call(lambda: (our_wcs(path), *pixels()), lambda p: p[0].pixel_to_sky(p[1], p[2])),
    )

    def with_sky():
        wcs = our_wcs(path)
        return wcs.pixel_to_sky(*pixels())

    compare(
        "1,000,000 sky positions to pixels",
        "astropy",
        call(lambda: (peer_wcs(path), *with_sky()), lambda p: p[0].all_world2pix(p[1], p[2], 0)),
        call(lambda: (our_wcs(path), *with_sky()), lambda p: p[0].sky_to_pixel(p[1], p[2])),
    )
    compare(
        "map of a 4096×2048 chip, interpolated",
        "drizzlepac",
        call(lambda: peer_chips(path), peer_map),
        call(lambda: our_chips(path), our_map(1e-4)),
    )
    compare(
        "map of a 4096×2048 chip, exact",
        "drizzlepac",
        call(lambda: peer_chips(path), peer_exact_map),
        call(lambda: our_chips(path), our_map(0)),
    )


if __name__ == "__main__":
    if "FIRSTLIGHT_DATA" not in os.environ:
        sys.exit("FIRSTLIGHT_DATA is not set")
    main()
