"""Registering the 60 frames of a drifting series to the first: astroalign and ours.

The frames are those of ``FIRSTLIGHT_DATA/ground/hatp32``. astroalign is called frame by frame in one process, as its
documentation does; ours is one command, on all threads. Before anything is timed, both have found a map for every frame.
"""

import os
import pathlib

from timing import call, command, compare


def main():
    frames = sorted((pathlib.Path(os.environ["FIRSTLIGHT_DATA"]) / "ground" / "hatp32").glob("*.FITS"))

    def prepare():
        import astroalign
        from astropy.io import fits

        return astroalign, fits

    def work(modules):
        astroalign, fits = modules
        reference = fits.getdata(frames[0]).astype(float)
        for frame in frames[1:]:
            astroalign.find_transform(fits.getdata(frame).astype(float), reference)

    words = [os.environ["FIRSTLIGHT_BIN"], "register", *frames, "--quiet"]
    peer, ours = call(prepare, work), command(words)
    peer()
    ours()
    compare("register, 60 frames of 650 x 500", "astroalign", peer, ours)


if __name__ == "__main__":
    main()
