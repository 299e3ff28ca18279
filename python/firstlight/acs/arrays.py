"""SCI, ERR and DQ as arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple


if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray


#: All bits of DQ.
ALL_BITS = 0xFFFF


class Planes(NamedTuple):
    """SCI, ERR and DQ."""

    sci: NDArray[np.float32]
    err: NDArray[np.float32]
    dq: NDArray[np.uint16]


def _image(array: ArrayLike, what: str = "an image") -> NDArray[np.float32]:
    import numpy as np

    image = np.ascontiguousarray(array, dtype=np.float32)
    if image.ndim != 2:
        raise ValueError(f"{what} has two axes, not {image.ndim}")
    return image


def _bits(array: ArrayLike, what: str = "DQ") -> NDArray[np.uint16]:
    import numpy as np

    bits = np.asarray(array)
    if bits.ndim != 2:
        raise ValueError(f"{what} has two axes, not {bits.ndim}")
    if bits.dtype.kind not in "iub":
        raise TypeError(f"{what} holds bits, whole numbers, not {bits.dtype}")
    # The sixteenth bit makes DQ negative as FITS files have it.
    return np.ascontiguousarray(bits.astype(np.uint16, copy=False))


def _planes(sci: ArrayLike, err: ArrayLike | None, dq: ArrayLike | None) -> Planes:
    import numpy as np

    science = _image(sci)
    return Planes(
        science,
        np.zeros_like(science) if err is None else _image(err, "ERR"),
        np.zeros(science.shape, np.uint16) if dq is None else _bits(dq),
    )
