"""Bias, dark and flat applied to frames of 2048² unsigned pixels in files, against ccdproc, and beside reading and
writing as many bytes."""

import os
import pathlib
import shutil
import tempfile

import timing

SHAPE = (2048, 2048)
FRAMES = 8


def night(folder):
    import numpy as np
    from astropy.io import fits

    rng = np.random.default_rng(1)
    masters = {"bias": rng.normal(300, 2, SHAPE), "dark": rng.normal(5, 1, SHAPE), "flat": rng.normal(2e4, 200, SHAPE)}
    for name, data in masters.items():
        header = fits.Header({"BUNIT": "adu", "EXPTIME": 60.0})
        fits.writeto(folder / f"{name}.fits", data.astype("f4"), header)
    for n in range(FRAMES):
        data = rng.poisson(1500, SHAPE).astype("u2")
        fits.writeto(folder / f"frame{n}.fits", data, fits.Header({"BUNIT": "adu", "EXPTIME": 30.0}))
    return [folder / f"frame{n}.fits" for n in range(FRAMES)]


def peer(folder, frames):
    def prepare():
        import ccdproc
        from astropy import units
        from astropy.nddata import CCDData

        return ccdproc.ccd_process, CCDData, units.second

    def work(prepared):
        process, ccddata, second = prepared
        bias, dark, flat = (ccddata.read(folder / f"{name}.fits") for name in ("bias", "dark", "flat"))
        masters = {"master_bias": bias, "dark_frame": dark, "master_flat": flat}
        for path in frames:
            frame = ccddata.read(path)
            frame.data = frame.data.astype("f4")
            done = process(frame, **masters, exposure_key="EXPTIME", exposure_unit=second, dark_scale=True)
            done.write(folder / "theirs.fits", overwrite=True)

    return timing.call(prepare, work)


def copy(folder, frames):
    """As many bytes as the command reads and writes: frames and masters, and single-precision products."""

    def prepare():
        for path in folder.glob("copy_*"):
            path.unlink()

    def work(_):
        for name in ("bias", "dark", "flat"):
            (folder / f"{name}.fits").read_bytes()
        product = bytes(4 * SHAPE[0] * SHAPE[1])
        for path in frames:
            path.read_bytes()
            (folder / f"copy_{path.name}").write_bytes(product)

    return timing.call(prepare, work)


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        frames = night(folder)
        out = folder / "out"
        words = [os.environ["FIRSTLIGHT_BIN"], "ccd", *frames, "-o", out, "--dark-scale", "--quiet"]
        for name in ("bias", "dark", "flat"):
            words += [f"--{name}", folder / f"{name}.fits"]
        ours = timing.command(words, lambda: shutil.rmtree(out, ignore_errors=True))
        what = f"bias, dark and flat of {FRAMES} frames of 2048 x 2048"
        timing.compare(what, "ccdproc", peer(folder, frames), ours)
        timing.compare(f"{what}, beside reading and writing as much", "copy", copy(folder, frames), ours, version="-")


if __name__ == "__main__":
    main()
