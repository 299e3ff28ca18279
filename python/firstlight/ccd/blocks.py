"""Frames whose pixels are made fewer or more, with the names and arguments of ccdproc."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from . import frames
from .steps import _step

if TYPE_CHECKING:
    from collections.abc import Callable


def block_reduce(ccd: Any, block_size: Any, func: Callable[..., Any] | None = None) -> Any:
    """Makes one pixel of each block of pixels; what is left over at the end of an axis is dropped.

    Parameters
    ----------
    ccd
        A ``CCDData``, an array or a masked array.
    block_size
        Pixels of a block along each axis, or one number for all.
    func
        What the pixel is of the block: ``numpy.sum``, which is the default, ``numpy.mean``, or another function that takes
        ``axis=(2, 3)``. All but the first two are numpy's to work out, and leave the uncertainty away.

    Samples that are masked are left out, and a block is masked where none is good. The uncertainty is that of the sum or mean
    of independent errors. A ``CCDData`` keeps its unit and its metadata, but not its coordinate system.
    """
    import numpy as np

    func = np.sum if func is None else func
    size = _block_size(ccd, block_size)
    statistic = {np.sum: "sum", np.mean: "mean"}.get(func) if _is_plain(ccd) else None
    if statistic is None:
        return _by_function(ccd, size, func)
    kind = func(np.zeros((1, 1), _samples(ccd).dtype)).dtype
    out, _ = _step("block_reduce", frames.planes(ccd), blocks=size, block_statistic=statistic)
    return _resized(ccd, out, kind)


def block_average(ccd: Any, block_size: Any) -> Any:
    """The mean of each block of pixels: :func:`block_reduce` with ``numpy.mean``."""
    import numpy as np

    return block_reduce(ccd, block_size, np.mean)


def block_replicate(ccd: Any, block_size: Any, conserve_sum: bool = True) -> Any:
    """Makes a block of equal pixels of each pixel.

    Parameters
    ----------
    ccd
        A ``CCDData``, an array or a masked array.
    block_size
        Pixels of a block along each axis, or one number for all.
    conserve_sum
        Divide by the number of pixels of a block, so that the sum of all stays.

    The uncertainty is divided as well, and the mask repeated; the errors of a block's pixels are one error. A ``CCDData`` keeps
    its unit and its metadata, but not its coordinate system.
    """
    import numpy as np

    size = _block_size(ccd, block_size)
    samples = _samples(ccd)
    kind = (samples[:0] / 1).dtype if conserve_sum else samples.dtype
    if _is_plain(ccd):
        out, _ = _step("block_replicate", frames.planes(ccd), blocks=size, conserve_sum=bool(conserve_sum))
        return _resized(ccd, out, kind)
    if frames.is_ccddata(ccd):
        raise ValueError(f"a frame has two axes of real samples, but this one {samples.ndim} of {samples.dtype}")
    for axis, count in enumerate(size):
        ccd = ccd.repeat(count, axis=axis)
    return ccd / int(np.prod(size)) if conserve_sum else ccd


def rebin(ccd: Any, newshape: tuple[int, ...]) -> Any:
    """Takes the nearest lower sample for each of a new number of pixels; none is added up, and none divided.

    Deprecated, as ccdproc's is: :func:`block_reduce` and :func:`block_replicate` keep light and noise.

    Parameters
    ----------
    ccd
        A ``CCDData``, whose mask and uncertainty go along, or an array.
    newshape
        The shape that comes out.
    """
    import numpy as np

    warnings.warn("rebin leaves samples out: use block_reduce or block_replicate", DeprecationWarning, stacklevel=2)
    if not isinstance(ccd, np.ndarray) and not frames.is_ccddata(ccd):
        raise TypeError("ccd is not an ndarray or a CCDData object.")
    shape = _samples(ccd).shape
    if len(shape) != len(newshape):
        raise ValueError("newshape does not have the same dimensions as ccd.")
    if any(new < 1 or int(new) != new for new in newshape):
        raise ValueError(f"newshape is {newshape}, but has to be whole numbers of at least 1")
    places = [
        np.minimum((np.arange(int(new)) * (old / new)).astype(int), old - 1)
        for old, new in zip(shape, newshape, strict=True)
    ]
    at = np.ix_(*places)
    if isinstance(ccd, np.ndarray):
        return ccd[at]
    done = _ccddata(ccd, ccd.data[at])
    if ccd.uncertainty is not None and ccd.uncertainty.array is not None:
        done.uncertainty = type(ccd.uncertainty)(ccd.uncertainty.array[at])
    if ccd.mask is not None:
        done.mask = np.broadcast_to(ccd.mask, shape)[at]
    return done


def _samples(ccd):
    import numpy as np

    return ccd.data if frames.is_ccddata(ccd) else np.asanyarray(ccd)


def _is_plain(ccd):
    """Whether double precision holds the samples, and there are two axes of them."""
    samples = _samples(ccd)
    exact = samples.dtype.kind == "f" and samples.dtype.itemsize <= 8
    exact |= samples.dtype.kind in "iu" and samples.dtype.itemsize <= 4
    return samples.ndim == 2 and exact


def _block_size(ccd, block_size):
    """Whole pixels along each axis."""
    import numpy as np

    frames.check(ccd, "ccd")
    size, axes = np.atleast_1d(block_size), _samples(ccd).ndim
    if np.any(size <= 0):
        raise ValueError("block_size elements must be strictly positive")
    if len(size) == 1:
        size = np.repeat(size, axes)
    if len(size) != axes:
        raise ValueError("block_size must be a scalar or have the same length as the number of data dimensions")
    if np.any(size.astype(int) != size):
        raise ValueError("block_size elements must be integers")
    return tuple(int(count) for count in size)


def _by_function(ccd, size, func):
    """Blocks by a function of numpy's kind."""
    import numpy as np

    if frames.is_ccddata(ccd):
        masked = ccd.mask is not None and np.any(ccd.mask)
        data = np.ma.MaskedArray(ccd.data, np.broadcast_to(ccd.mask, ccd.data.shape)) if masked else ccd.data
        done = _by_function(data, size, func)
        made = _ccddata(ccd, np.ma.getdata(done))
        if ccd.mask is not None:
            made.mask = np.ma.getmaskarray(done).copy()
        return made
    counts = [length // count for length, count in zip(ccd.shape, size, strict=True)]
    whole = ccd[tuple(slice(0, n * count) for n, count in zip(counts, size, strict=True))]
    parted = whole.reshape([n for pair in zip(counts, size, strict=True) for n in pair])
    axes = range(parted.ndim)
    blocks = parted.transpose(*axes[::2], *axes[1::2])
    return func(blocks, axis=tuple(range(ccd.ndim, 2 * ccd.ndim)))


def _resized(ccd, out, kind):
    """Planes of another shape, in a frame of the kind that came in."""
    import numpy as np

    data, err, bits = out
    data = data.astype(kind, copy=False)
    if not frames.is_ccddata(ccd):
        is_masked = isinstance(ccd, np.ma.MaskedArray)
        return np.ma.MaskedArray(data, mask=False if bits is None else bits != 0) if is_masked else data
    done = _ccddata(ccd, data)
    done.mask = None if bits is None else bits != 0
    done.uncertainty = None if err is None else frames._uncertainty(err, ccd.uncertainty, np.float64)
    return done


def _ccddata(ccd, data):
    """Samples with the unit and the metadata of a frame."""
    return type(ccd)(data, unit=ccd.unit, meta=ccd.meta.copy())
