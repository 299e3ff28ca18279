"""A local archive: a folder of FITS files, served as MAST and CRDS serve theirs."""

from __future__ import annotations

import atexit
import json
import os
from typing import TYPE_CHECKING, Any

from . import _native

if TYPE_CHECKING:
    Path = str | os.PathLike[str]

__all__ = ["LocalArchive", "serve", "simulate"]


class LocalArchive:
    """A folder that is served until :meth:`stop`, the end of a ``with`` block, or the end of Python."""

    def __init__(self, serving: _native.Serving) -> None:
        self._serving = serving
        self._report = json.loads(serving.report)
        atexit.register(serving.stop)

    @property
    def url(self) -> str:
        """Where it is reached, such as ``http://127.0.0.1:40123``."""
        return self._report["url"]

    @property
    def port(self) -> int:
        """The port."""
        return self._report["port"]

    @property
    def context(self) -> str | None:
        """The operational context; None where no rules are served."""
        return self._report["context"]

    @property
    def contents(self) -> dict[str, Any]:
        """How much is served, and in ``left_out`` which files are not, and why."""
        return {name: value for name, value in self._report.items() if name not in ("url", "port", "context")}

    def stop(self) -> None:
        """Stops serving; transfers that are under way have two seconds to end."""
        atexit.unregister(self._serving.stop)
        self._serving.stop()

    def __enter__(self) -> LocalArchive:
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"<LocalArchive {self.url}: {self._report['observations']} observations>"


def serve(
    folder: Path,
    *,
    port: int = 0,
    host: str | None = None,
    crds: Path | None = None,
    context: str | None = None,
    index: Path | None = None,
) -> LocalArchive:
    """Serves a folder of FITS files under the protocols of MAST and CRDS, on threads of its own.

    >>> with firstlight.archive.serve("demo") as archive:
    ...     print(archive.url)

    Parameters
    ----------
    folder
        All FITS files below it are served; one that cannot be read is in ``contents["left_out"]``.
    port
        0 takes a free one.
    host
        Address to listen on; the default is reached from this machine alone.
    crds
        CRDS cache to serve rules and reference files from; the default is ``folder/crds`` where it is there.
    context
        Context to call the operational one; the default is the cache's own, else the newest there is.
    index
        File to keep the index in, so that the next start reads only what has changed; the default is memory.
    """
    options = {
        "port": port,
        "host": host,
        "crds": crds and os.fspath(crds),
        "context": context,
        "index": index and os.fspath(index),
    }
    given = {name: value for name, value in options.items() if value is not None}
    return LocalArchive(_native.serve_archive(os.fspath(folder), json.dumps(given)))


def simulate(
    folder: Path,
    *,
    seed: int | None = None,
    darks: int | None = None,
    size: int | None = None,
    overwrite: bool = False,
) -> dict[str, Any]:
    """Simulates an archive to serve: a small visit with ACS/SBC, and a CRDS cache with rules and references.

    Parameters
    ----------
    folder
        Made where it is not there.
    seed
        The same seed gives the same files.
    darks
        Number of darks.
    size
        Side of the detector, 64 to 1024 pixels.
    overwrite
        Replace files that are there already.
    """
    options = {"seed": seed, "darks": darks, "size": size}
    given = {name: value for name, value in options.items() if value is not None}
    return json.loads(_native.simulate_archive(os.fspath(folder), json.dumps(given), overwrite))
