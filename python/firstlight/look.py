"""Figures of images: side by side, with boxes and apertures drawn on."""

from __future__ import annotations

import json
import math
import os
from typing import TYPE_CHECKING, Any

from . import _native

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy as np
    from numpy.typing import ArrayLike, NDArray


class Figure(bytes):
    """A figure: the bytes of its file, which notebooks show.

    ``report`` says what was drawn, with the limits of each panel.
    """

    report: dict[str, Any]

    @property
    def format(self) -> str:
        """``"png"``, ``"svg"`` or ``"html"``."""
        if self.startswith(b"\x89PNG"):
            return "png"
        return "html" if self.startswith(b"<!DOCTYPE html>") else "svg"

    def _repr_png_(self) -> bytes | None:
        return bytes(self) if self.format == "png" else None

    def _repr_svg_(self) -> str | None:
        return self.decode() if self.format == "svg" else None

    def _repr_html_(self) -> str | None:
        if self.format != "html":
            return None
        page = self.decode().replace("&", "&amp;").replace('"', "&quot;")
        return f'<iframe srcdoc="{page}" style="width: 100%; height: 60rem; border: 0"></iframe>'

    def save(self, path: str | os.PathLike[str], overwrite: bool = False) -> None:
        """Writes the file. One that is there already is replaced only with ``overwrite``."""
        if os.path.splitext(path)[1].lower() != f".{self.format}":
            raise ValueError(f"{os.fspath(path)}: this figure is {self.format}")
        with open(path, "wb" if overwrite else "xb") as file:
            file.write(self)

    def __repr__(self) -> str:
        return f"<firstlight.Figure, {self.format}, {len(self)} bytes>"


def plot(
    images: Any,
    *,
    apertures: Iterable[Any] | Any | None = None,
    boxes: Iterable[Any] | None = None,
    output: str | os.PathLike[str] | None = None,
    overwrite: bool = False,
    format: str = "png",
    **options: Any,
) -> Figure:
    """Draws images side by side.

    Parameters
    ----------
    images
        A path or a two-dimensional array, or several of them.
    apertures
        Apertures to draw on every image: photutils' or this package's, anything with photutils' attributes
        (``positions`` and ``r``, ``a``, ``b``, ``theta``, …).
    boxes
        Sections to draw boxes around: ``"650:850,580:780"``, or ``(slice(650, 850), slice(580, 780))``. A
        name after ``=`` in the text is drawn as well.
    output
        A file to write as well, ``.png`` or ``.svg``.
    overwrite
        Whether that file may be there already.
    format
        ``"png"`` or ``"svg"``, where there is no ``output``.
    **options
        What ``firstlight plot`` takes: ``stretch`` (``"linear"``, ``"zscale"``, ``"log"``, ``"sqrt"``,
        ``"asinh"``, ``"power"``), ``vmin``, ``vmax``, ``centre``, ``percentile``, ``cmap``, ``titles``, ``title``, ``unit``,
        ``columns``, ``section``, ``same_scale``, ``colorbar``, ``ellipse`` and the other shapes as text or
        numbers, ``width``, ``dpi``, …
    """
    if format not in ("png", "svg"):
        raise ValueError(f"the format is 'png' or 'svg', not {format!r}")
    given = _options(options)
    if boxes is not None:
        given["boxes"] = [_section(box) for box in ([boxes] if isinstance(boxes, str) else boxes)]
    if apertures is not None:
        for kind, shape in _shapes(apertures):
            given.setdefault(kind, []).append(shape)
    data, report = _native.draw_figure(
        [_image(image) for image in _several(images)],
        json.dumps(given),
        format == "svg",
        None if output is None else os.fspath(output),
        overwrite,
    )
    figure = Figure(data)
    figure.report = json.loads(report)
    return figure


def plot_spectrum(
    spectra: Any,
    *,
    output: str | os.PathLike[str] | None = None,
    overwrite: bool = False,
    format: str = "png",
    **options: Any,
) -> Figure:
    """Draws spectra one over the other.

    Parameters
    ----------
    spectra
        A file with a table of a spectrum (``_x1d``, ``_sx1``), or several of them.
    output
        A file to write as well: ``.png``, ``.svg``, or ``.html`` for a page in which it can be zoomed.
    overwrite
        Whether that file may be there already.
    format
        ``"png"``, ``"svg"`` or ``"html"``, where there is no ``output``.
    **options
        What ``firstlight plot-spectrum`` takes: ``ratio`` and ``difference`` (panels that compare with the first),
        ``errors``, ``sdqflags``, ``wmin``, ``wmax``, ``fmin``, ``fmax``, ``labels``, ``title``,
        ``wavelength_column``, ``flux_column``, ``error_column``, ``width``, ``dpi``.
    """
    if format not in ("png", "svg", "html"):
        raise ValueError(f"the format is 'png', 'svg' or 'html', not {format!r}")
    several = [spectra] if isinstance(spectra, (str, os.PathLike)) else list(spectra)
    data, report = _native.draw_spectrum(
        [os.fspath(spectrum) for spectrum in several],
        json.dumps(options),
        format,
        None if output is None else os.fspath(output),
        overwrite,
    )
    figure = Figure(data)
    figure.report = json.loads(report)
    return figure


def paint(image: ArrayLike | str | os.PathLike[str], **options: Any) -> NDArray[np.uint8]:
    """The colours of an image, one for each sample: an array of shape ``(ny, nx, 4)``.

    ``options`` are those of :func:`plot` for scaling, colour, section and arithmetic.
    """
    return _native.paint_image(_image(image), json.dumps(_options(options)))[0]


def colour_map(name: str) -> NDArray[np.uint8]:
    """The 256 colours of a map, of shape ``(256, 3)``, lowest first; ``_r`` after the name reverses it."""
    import numpy as np

    return np.array(_native.colour_entries(name), dtype=np.uint8)


def _several(images: Any) -> Sequence[Any]:
    if isinstance(images, (str, os.PathLike)) or getattr(images, "ndim", None) == 2:
        return [images]
    return list(images)


def _image(image: Any) -> Any:
    if isinstance(image, (str, os.PathLike)):
        return os.fspath(image)
    import numpy as np

    array = np.ma.filled(np.ma.asarray(image, dtype=np.float32), np.nan) if np.ma.isMA(image) else image
    array = np.ascontiguousarray(array, dtype=np.float32)
    if array.ndim != 2:
        raise ValueError(f"an image has two dimensions, not {array.ndim}")
    return array


_SHAPES = (
    "circle",
    "ellipse",
    "rectangle",
    "circle_annulus",
    "ellipse_annulus",
    "rectangle_annulus",
    "cross",
)


def _options(options: dict[str, Any]) -> dict[str, Any]:
    """Numbers of shapes and slices as the text that the options are written in; paths as text."""
    given = {name: value for name, value in options.items() if value is not None}
    for name in _SHAPES:
        if name in given:
            given[name] = [_numbers(shape) for shape in _each(given[name])]
    if "section" in given:
        given["section"] = _section(given["section"])
    if "extension" not in given and "ext" in given:
        ext = given.pop("ext")
        given["extension"] = ",".join(map(str, ext)) if isinstance(ext, tuple) else str(ext)
    for name in ("subtract", "divide"):
        if name in given:
            given[name] = os.fspath(given[name])
    if isinstance(given.get("titles"), str):
        given["titles"] = [given["titles"]]
    return given


def _each(shapes: Any) -> list[Any]:
    """One shape or several."""
    shapes = [shapes] if isinstance(shapes, str) else list(shapes)
    return [shapes] if shapes and not isinstance(shapes[0], str) and not hasattr(shapes[0], "__len__") else shapes


def _numbers(shape: Any) -> str:
    return shape if isinstance(shape, str) else ",".join(repr(float(number)) for number in shape)


def _section(section: Any) -> str:
    if isinstance(section, str):
        return section
    return ",".join(
        f"{part.start}:{part.stop}" if isinstance(part, slice) else f"{part[0]}:{part[1]}" for part in section
    )


# The numbers that follow the position, in order, by the attributes that tell the kind.
_KINDS = (
    ("ellipse_annulus", ("a_in", "a_out", "b_out")),
    ("rectangle_annulus", ("w_in", "w_out", "h_out")),
    ("circle_annulus", ("r_in", "r_out")),
    ("ellipse", ("a", "b")),
    ("rectangle", ("w", "h")),
    ("circle", ("r",)),
)


def _shapes(apertures: Any) -> Iterable[tuple[str, str]]:
    """Each position of each aperture as an option and its text."""
    import numpy as np

    for aperture in apertures if isinstance(apertures, (list, tuple)) else [apertures]:
        kind = next((kind for kind in _KINDS if all(hasattr(aperture, name) for name in kind[1])), None)
        if kind is None or not hasattr(aperture, "positions"):
            raise TypeError(f"{aperture!r} is no aperture with pixel positions")
        lengths = [getattr(aperture, name) for name in kind[1]]
        theta = getattr(aperture, "theta", None)
        if theta is not None:
            # An astropy quantity knows its unit; a plain number is in radians, as photutils has it.
            theta = theta.to_value("deg") if hasattr(theta, "to_value") else math.degrees(theta)
            lengths.append(theta)
        for x, y in np.atleast_2d(np.asarray(aperture.positions, dtype=float)):
            yield kind[0], _numbers([x, y, *lengths])
