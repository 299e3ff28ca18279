"""Images to PNG, against matplotlib: the image alone (imsave), and a figure with axes and a colour bar."""

import os
import pathlib
import tempfile

from timing import call, compare

FOLDER = pathlib.Path(tempfile.mkdtemp())


def wfc():
    """A chip's worth of noise and sources, 4096 x 2048."""
    import numpy as np

    random = np.random.default_rng(7)
    return (random.normal(50.0, 5.0, (2048, 4096)) + 5e4 * random.random((2048, 4096)) ** 60).astype(np.float32)


def with_matplotlib():
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    pyplot.subplots()  # builds the font cache
    pyplot.close("all")
    return pyplot, wfc()


def with_firstlight():
    import firstlight

    return firstlight, wfc()


def save_alone(prepared):
    pyplot, image = prepared
    pyplot.imsave(FOLDER / "peer.png", image, vmin=30, vmax=5000, cmap="plasma", origin="lower")


def paint_alone(prepared):
    firstlight, image = prepared
    firstlight.plot(
        image,
        bare=True,
        stretch="linear",
        vmin=30,
        vmax=5000,
        cmap="plasma",
        output=FOLDER / "ours.png",
        overwrite=True,
    )


def save_figure(prepared):
    from matplotlib.colors import LogNorm

    pyplot, image = prepared
    figure, axes = pyplot.subplots(figsize=(11, 6), dpi=100, layout="constrained")
    shown = axes.imshow(image, norm=LogNorm(30, 5000), cmap="plasma", origin="lower")
    axes.set(title="image", xlabel="x (pixel)", ylabel="y (pixel)")
    figure.colorbar(shown, label="electron")
    figure.savefig(FOLDER / "peer_figure.png")


def plot_figure(prepared):
    firstlight, image = prepared
    firstlight.plot(
        image,
        stretch="log",
        vmin=30,
        vmax=5000,
        cmap="plasma",
        titles="image",
        unit="electron",
        width=1100,
        output=FOLDER / "ours_figure.png",
        overwrite=True,
    )


def check():
    """Both write the same colours, but for samples on the border of two entries."""
    save_alone(with_matplotlib())
    paint_alone(with_firstlight())
    from matplotlib import pyplot

    ours, theirs = (pyplot.imread(FOLDER / name)[..., :3] for name in ("ours.png", "peer.png"))
    assert ours.shape == theirs.shape
    assert abs(ours - theirs).max() < 0.04


if __name__ == "__main__":
    # In a process of its own, so that the measured ones start small.
    if os.fork() == 0:
        status = 1
        try:
            check()
            status = 0
        finally:
            os._exit(status)
    if os.wait()[1] != 0:
        raise SystemExit("the pictures differ")
    compare("8 Mpx image to PNG", "matplotlib", call(with_matplotlib, save_alone), call(with_firstlight, paint_alone))
    compare(
        "8 Mpx image to figure", "matplotlib", call(with_matplotlib, save_figure), call(with_firstlight, plot_figure)
    )
