"""Data from MAST: which observations there are, which files they have, and these files here.

The functions have the names and arguments of ``astroquery.mast.Observations``; ``Observations`` has them as
methods, so that ``from firstlight.mast import Observations`` is all that a notebook has to change.
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from pathlib import Path
from typing import Any, Callable, Iterable, NamedTuple

from . import _native
from . import mast_arguments as arguments
from ._native import UnsupportedError
from .table import Table

__all__ = [
    "NoResultsWarning",
    "Observations",
    "ObservationsClass",
    "Position",
    "download_file",
    "download_products",
    "filter_products",
    "get_metadata",
    "get_product_list",
    "get_unique_product_list",
    "query_criteria",
    "query_criteria_count",
    "query_object",
    "query_object_count",
    "query_region",
    "query_region_count",
    "resolve_object",
]

#: Called as ``progress(event, file, bytes, total)``: "planned" (bytes is the number of files, total all their bytes
#: or None), "started" (bytes are those that were here), "received", "restarted", "ended".
Progress = Callable[[str, str, int, "int | None"], object]


class NoResultsWarning(UserWarning):
    """Nothing is like what was asked for."""


class Position(NamedTuple):
    """A position on the sky (ICRS), in degrees."""

    ra: float
    dec: float

    def to_astropy(self) -> Any:
        """The position as ``astropy.coordinates.SkyCoord``."""
        from astropy.coordinates import SkyCoord

        return SkyCoord(self.ra, self.dec, unit="deg")


class ObservationsClass:
    """The service at one address.

    Parameters
    ----------
    server
        Address of the service, such as ``firstlight archive serve`` tells one; without it ``MAST_SERVER_URL``
        where that is set, else MAST itself.
    offline
        Whether never to use the network.
    """

    def __init__(self, server: str | None = None, offline: bool = False) -> None:
        self.server = server
        self.offline = offline
        self._cloud = False

    def enable_cloud_dataset(
        self, provider: str = "AWS", profile: str | None = None, verbose: bool = True
    ) -> None:
        """Takes public copies on Amazon's S3 from now on, where there are any. No account is needed."""
        if provider != "AWS":
            raise UnsupportedError(f"public copies are with AWS, not with {provider}")
        self._cloud = True

    def disable_cloud_dataset(self) -> None:
        """Takes files from MAST itself again."""
        self._cloud = False

    def query_criteria(
        self,
        *,
        pagesize: int | None = None,
        page: int | None = None,
        resolver: str | None = None,
        limit: int | None = None,
        **criteria: Any,
    ) -> Table:
        """Lists the observations for which all criteria hold.

        Parameters
        ----------
        pagesize, page
            How many observations are asked for at once, and one page alone; all pages without.
        resolver
            Who tells the position of ``objectname``: ``"NED"`` or ``"SIMBAD"``.
        limit
            So many observations at most.
        **criteria
            ``coordinates`` (text, a ``SkyCoord`` or a pair of degrees) or ``objectname``, with ``radius`` (degrees, text
            with a unit, or a ``Quantity``; 0.2 degrees without), and any column of the service: one value or a list
            of them. Texts may have wildcards (``*`` or ``%``). Two values of a column of numbers are the ends of a
            range; times (MJD) may also be dates, ``"2015-03-03"``.
        """
        query = arguments.query(criteria, pagesize=pagesize, page=page, resolver=resolver, limit=limit)
        table, _ = _native.mast_query(json.dumps(query), self._service())
        if not len(table):
            warnings.warn("no observation is like this", NoResultsWarning, stacklevel=2)
        return table

    def query_criteria_count(
        self,
        *,
        pagesize: int | None = None,
        page: int | None = None,
        resolver: str | None = None,
        **criteria: Any,
    ) -> int:
        """Counts the observations that :meth:`query_criteria` would list."""
        return _native.mast_count(json.dumps(arguments.query(criteria, resolver=resolver)), self._service())

    def query_region(
        self,
        coordinates: Any,
        *,
        radius: Any = 0.2,
        pagesize: int | None = None,
        page: int | None = None,
    ) -> Table:
        """Lists the observations around a position, with ``distance`` in arcsec."""
        return self.query_criteria(coordinates=coordinates, radius=radius, pagesize=pagesize, page=page)

    def query_region_count(
        self,
        coordinates: Any,
        *,
        radius: Any = 0.2,
        pagesize: int | None = None,
        page: int | None = None,
    ) -> int:
        """Counts the observations around a position."""
        return self.query_criteria_count(coordinates=coordinates, radius=radius)

    def query_object(
        self,
        objectname: str,
        *,
        radius: Any = 0.2,
        pagesize: int | None = None,
        page: int | None = None,
        resolver: str | None = None,
    ) -> Table:
        """Lists the observations around an object."""
        return self.query_criteria(
            objectname=objectname, radius=radius, pagesize=pagesize, page=page, resolver=resolver
        )

    def query_object_count(
        self,
        objectname: str,
        *,
        radius: Any = 0.2,
        pagesize: int | None = None,
        page: int | None = None,
        resolver: str | None = None,
    ) -> int:
        """Counts the observations around an object."""
        return self.query_criteria_count(objectname=objectname, radius=radius, resolver=resolver)

    def get_product_list(self, observations: Any) -> Table:
        """Lists the files of observations; a file of several observations is there several times.

        Parameters
        ----------
        observations
            A table of observations, one row of it, or one or more numbers (``obsid``) or names (``obs_id``).
        """
        return self._products(observations, unique=False)

    def get_unique_product_list(self, observations: Any) -> Table:
        """Lists the files of observations, each once."""
        return self._products(observations, unique=True)

    def filter_products(
        self,
        products: Any,
        *,
        mrp_only: bool = False,
        extension: str | Iterable[str] | None = None,
        **filters: Any,
    ) -> Table:
        """The products that are wanted, in their order.

        Parameters
        ----------
        products
            A table of products.
        mrp_only
            Whether minimum recommended products alone.
        extension
            Ends of the files' names, any of them.
        **filters
            Columns, and one or more values of each, any of which is enough; ``"!x"`` is all but ``x``. Texts are
            compared without regard to case and may have ``*``; numbers may be ``"100..200"``, ``">=100"``, ``"<100"``.
        """
        return _native.mast_filter(arguments.table(products), json.dumps(arguments.wanted(mrp_only, extension, filters)))

    def download_products(
        self,
        products: Any,
        *,
        download_dir: str | os.PathLike[str] | None = None,
        flat: bool = False,
        cache: bool = True,
        curl_flag: bool = False,
        mrp_only: bool = False,
        cloud_only: bool = False,
        verbose: bool = True,
        extension: str | Iterable[str] | None = None,
        parallel: int = 4,
        progress: Progress | None = None,
        **filters: Any,
    ) -> Table:
        """Fetches files, several at a time; transfers that break go on from where they were, also the next time.

        Parameters
        ----------
        products
            A table of products or observations, one row of it, or one or more ``obsid``, ``obs_id``, names of files or
            ``dataURI``.
        download_dir
            Where they go: into ``mastDownload/HST/<obs_id>`` below it; the folder one is in without.
        flat
            Whether they all go into ``download_dir`` itself.
        cache
            Whether files that are here and whole are not fetched again.
        curl_flag
            Not supported.
        mrp_only, extension, **filters
            As for :meth:`filter_products`.
        cloud_only
            Whether to take the public copies alone.
        verbose
            Whether to print a line for each file.
        parallel
            Files at a time.
        progress
            Called as ``progress(event, file, bytes, total)``, from any thread.

        Returns
        -------
        Table
            The manifest: Local Path, Status (COMPLETE, SKIPPED, ERROR), Message, URL.
        """
        if curl_flag:
            raise UnsupportedError("curl scripts are not made here; leave curl_flag away to fetch the files")
        how = {
            "dest": os.fspath(download_dir or "."),
            "layout": "flat" if flat else "mast",
            "parallel": int(parallel),
            "again": not cache,
            "cloud": self._cloud,
            "cloud_only": bool(cloud_only),
        }
        if progress is None and verbose:
            progress = _Lines()
        items, table = arguments.selection(products)
        manifest, report = _native.mast_download(
            items,
            table,
            json.dumps(arguments.wanted(mrp_only, extension, filters)),
            json.dumps(how),
            self._service(),
            progress,
        )
        for note in json.loads(report)["notes"]:
            warnings.warn(note, stacklevel=2)
        if not len(manifest):
            warnings.warn("there is no product to fetch", NoResultsWarning, stacklevel=2)
        return manifest

    def download_file(
        self,
        uri: str,
        *,
        local_path: str | os.PathLike[str] | None = None,
        base_url: str | None = None,
        cache: bool = True,
        cloud_only: bool = False,
        verbose: bool = True,
        progress: Progress | None = None,
    ) -> tuple[str, str | None, str | None]:
        """Fetches one file by its ``dataURI``, such as ``"mast:HST/product/jcmc11ctq_flt.fits"``.

        Parameters
        ----------
        uri
            The file.
        local_path
            Where it goes: a file, or a folder where the name has no ending.
        base_url
            Not supported: an :class:`ObservationsClass` with another ``server`` does it.
        cache, cloud_only, verbose, progress
            As for :meth:`download_products`.

        Returns
        -------
        tuple
            COMPLETE, SKIPPED or ERROR; what went wrong; the address, where something did.
        """
        if base_url is not None:
            raise UnsupportedError("base_url is not supported; use ObservationsClass(server=…)")
        name = uri.rsplit("/", 1)[-1]
        path = Path(name if local_path is None else local_path)
        if local_path is not None and (path.is_dir() or not path.suffix):
            path = path / name
        how = {"again": not cache, "cloud": self._cloud, "cloud_only": bool(cloud_only)}
        if progress is None and verbose:
            progress = _Lines()
        status, message, url = _native.mast_download_file(
            uri, os.fspath(path), json.dumps(how), self._service(), progress
        )
        return (status, None, None) if status == "COMPLETE" else (status, message, url)

    def get_metadata(self, query_type: str) -> Table:
        """The columns that ``"observations"`` or ``"products"`` have, one a row."""
        return _native.mast_metadata(query_type, self._service())

    def resolve_object(
        self, objectname: str, *, resolver: str | None = None, resolve_all: bool = False
    ) -> Position | dict[str, Position]:
        """Tells where an object is; with ``resolve_all``, what each resolver says."""
        found = json.loads(_native.mast_resolve(objectname, resolver, resolve_all, self._service()))
        positions = [(object["resolver"], Position(object["ra_deg"], object["dec_deg"])) for object in found]
        # Of several answers of one resolver, the first is the best.
        return dict(reversed(positions)) if resolve_all else positions[0][1]

    def _service(self) -> str:
        return json.dumps({"server": self.server, "offline": self.offline})

    def _products(self, observations: Any, unique: bool) -> Table:
        items, table = arguments.selection(observations)
        products, duplicates, notes = _native.mast_products(items, table, unique, self._service())
        for note in notes:
            warnings.warn(note, stacklevel=3)
        return products


class _Lines:
    """Prints a line for each file that has ended."""

    def __init__(self) -> None:
        self.files = 0
        self.done = 0

    def __call__(self, event: str, file: str, size: int, total: int | None) -> None:
        if event == "planned":
            self.files = size
        elif event == "ended":
            self.done += 1
            of = f"{self.done}/{self.files} " if self.files else ""
            print(f"{of}{file}", file=sys.stdout, flush=True)


#: The service that ``MAST_SERVER_URL`` names, or MAST itself.
Observations = ObservationsClass()

query_criteria = Observations.query_criteria
query_criteria_count = Observations.query_criteria_count
query_region = Observations.query_region
query_region_count = Observations.query_region_count
query_object = Observations.query_object
query_object_count = Observations.query_object_count
get_product_list = Observations.get_product_list
get_unique_product_list = Observations.get_unique_product_list
filter_products = Observations.filter_products
download_products = Observations.download_products
download_file = Observations.download_file
get_metadata = Observations.get_metadata
resolve_object = Observations.resolve_object
