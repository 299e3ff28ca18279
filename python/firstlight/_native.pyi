"""What the compiled half of the package holds. Users import from ``firstlight`` itself."""

from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .table import Table

__version__: str

class FirstlightError(Exception):
    """Any error of this package."""

class InputError(FirstlightError):
    """A file's content cannot be used."""

class UnsupportedError(FirstlightError):
    """Correct, but not supported."""

def describe(files: list[str], checksum: bool = False) -> tuple[str, str, list[str]]:
    """Contents of files as JSON and as text, and what went wrong."""

def read_header(path: str | PathLike[str], ext: str) -> list[tuple[str, Any, str, str]]:
    """The cards of one HDU: keyword, value, comment, raw."""

def set_keyword(
    path: str | PathLike[str],
    keyword: str,
    value: Any,
    comment: str | None,
    ext: str,
    delete: bool,
    checksum: bool,
) -> None:
    """Sets or deletes one keyword in place."""

def read_data(path: str | PathLike[str], ext: str | None = None) -> Any:
    """Pixels or table of an HDU."""

def write_image(
    path: str | PathLike[str],
    data: Any,
    text: str,
    items: list[tuple[str, Any, str | None]],
    overwrite: bool,
) -> None:
    """Writes one image to a new file."""

def write_table_hdu(
    path: str | PathLike[str],
    data: Table,
    text: str,
    items: list[tuple[str, Any, str | None]],
    overwrite: bool,
) -> None:
    """Writes one table to a new FITS file."""

def observing_log(files: list[str], options: str) -> tuple[Table, list[str]]:
    """A log of files, and what went wrong."""

def read_table(path: str | PathLike[str], ext: str | None = None, format: str | None = None) -> Table:
    """Reads a table file."""

def write_table(
    table: Table, path: str | PathLike[str], format: str | None = None, overwrite: bool = False
) -> None:
    """Writes a table file."""

def format_table(table: Table, rows: int | None = None, width: int | None = None) -> str:
    """A table as text for people."""

_Pair = tuple[NDArray[np.float64], NDArray[np.float64]]

class Wcs:
    """The coordinate system of one image."""

    def __init__(
        self, path: str | PathLike[str], ext: str | None = None, key: str | None = None
    ) -> None: ...
    @staticmethod
    def from_header(header: str, key: str | None = None) -> Wcs: ...
    def pixel_to_sky(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> _Pair: ...
    def sky_to_pixel(self, ra: NDArray[np.float64], dec: NDArray[np.float64], quiet: bool) -> _Pair: ...
    def pix2foc(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> _Pair: ...
    def det2im(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> _Pair: ...
    def linear(self) -> Wcs: ...
    def footprint(self) -> list[tuple[float, float]]: ...
    def cards(self) -> dict[str, str | int | float]: ...
    @property
    def shape(self) -> tuple[int, int] | None: ...
    @property
    def name(self) -> str | None: ...
    @property
    def crval(self) -> tuple[float, float]: ...
    @property
    def reference_pixel(self) -> tuple[float, float]: ...
    @property
    def cd(self) -> list[list[float]]: ...
    @property
    def pixel_scale(self) -> float: ...
    @property
    def natural_scale(self) -> float: ...
    @property
    def orientation(self) -> float: ...
    @property
    def has_distortion(self) -> bool: ...

class Map:
    """A map from the pixels of one image to those of another."""

    def __init__(self, input: Wcs, output: Wcs, tolerance: float, step: int | None) -> None: ...
    def row(self, y: float, x0: float, n: int) -> _Pair: ...
    @property
    def shape(self) -> tuple[int, int]: ...
    @property
    def is_exact(self) -> bool: ...

def common_grid(inputs: list[Wcs], options: str) -> Wcs:
    """The grid that several images are combined on; ``options`` is JSON."""

def draw_figure(
    images: list[str | NDArray[np.float32]],
    options_json: str,
    svg: bool,
    output: str | PathLike[str] | None = None,
    overwrite: bool = False,
) -> tuple[bytes, str]:
    """A figure's bytes, and what was drawn, as JSON."""

def draw_spectrum(
    spectra: list[str],
    options_json: str,
    format: str,
    output: str | PathLike[str] | None = None,
    overwrite: bool = False,
) -> tuple[bytes, str]:
    """A figure of spectra, or a page with one, and what was drawn, as JSON."""

def paint_image(image: str | NDArray[np.float32], options_json: str) -> tuple[NDArray[np.uint8], str]:
    """An image's colours, and what was painted, as JSON."""

def colour_entries(name: str) -> list[tuple[int, int, int]]:
    """The 256 colours of a map."""

_Image = NDArray[np.float32] | NDArray[np.float64]

def aperture_photometry(
    planes: tuple[_Image, _Image | None, NDArray[np.bool_] | None],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    job: str,
    wcs: Wcs | None = None,
) -> Table:
    """Measures an image; ``job`` is JSON."""

def aperture_mask(
    aperture: str, position: tuple[float, float], method: str, subpixels: int
) -> tuple[NDArray[np.float64], tuple[int, int, int, int]]:
    """Weights of an aperture, and ``(ixmin, ixmax, iymin, iymax)``."""

def aperture_area(aperture: str) -> float:
    """The geometric area of an aperture."""

def apertures_to_pixels(
    wcs: Wcs, ra: NDArray[np.float64], dec: NDArray[np.float64], aperture: str
) -> list[tuple[float, float, str]]:
    """Pixel positions of sky positions, and the aperture at each of them as JSON."""

def image_planes(
    path: str | PathLike[str],
    ext: str | None = None,
    error: str | None = None,
    mask: str | None = None,
    dq_bits: str | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64] | None, NDArray[np.bool_] | None, Wcs | None, str | None]:
    """Data, error, mask, world coordinates and unit of an image in a file."""
_Path = str | PathLike[str]

def dark_rate(files: list[str], options_json: str) -> tuple[Table, str]:
    """Rates in a box as a table, and the report as JSON."""

def box_rate(image: NDArray[np.float64], within: str, exptime: float, integer: bool) -> str:
    """The rate in a box of an array, as JSON."""

def dark_match(science: list[str], darks: list[str], options_json: str) -> str:
    """The darks that match science exposures, as JSON."""

def dark_implant(science: _Path, darks: list[str], output: _Path, options_json: str) -> str:
    """Writes a science exposure with a dark's pixels; what went in, as JSON."""

def simulate_sbc(folder: _Path, options_json: str, overwrite: bool) -> str:
    """Simulates a visit; its files and truth, as JSON."""

def simulate_acs(folder: _Path, options_json: str, overwrite: bool) -> str:
    """Simulates ACS exposures; their files and truth, as JSON."""

def simulate_stis(folder: _Path, options_json: str, overwrite: bool) -> str:
    """Simulates an anneal period of the STIS CCD; its files and truth, as JSON."""

def simulate_ccd(folder: _Path, options_json: str, overwrite: bool) -> str:
    """Simulates nights at a small telescope; their files and truth, as JSON."""

def run_demo_acs(folder: _Path, options_json: str) -> str:
    """Runs the demonstration with ACS; everything, as JSON."""

def run_demo_ccd(folder: _Path, options_json: str) -> str:
    """Runs the demonstration with nights at a small telescope; everything, as JSON."""

def run_demo_stis(folder: _Path, options_json: str) -> str:
    """Runs the demonstration with STIS; everything, as JSON."""

class Serving:
    """A server, until it is stopped."""

    report: str
    def stop(self) -> None:
        """Stops; a second time does nothing."""

def serve_archive(folder: _Path, options_json: str) -> Serving:
    """Serves a folder."""

def simulate_archive(folder: _Path, options_json: str, overwrite: bool) -> str:
    """Simulates an archive; its files, as JSON."""

def run_sbc_dark(
    inputs: list[str], darks: list[str], folder: _Path, options_json: str
) -> tuple[Table, str]:
    """Fluxes as a table, and the report as JSON."""

def run_demo(folder: _Path, options_json: str) -> str:
    """Runs the demonstration; everything, as JSON."""

class Drizzler:
    """The output of drizzling arrays."""

    def __init__(self, ny: int, nx: int, context: bool, variance: bool) -> None: ...
    def add(
        self,
        data: NDArray[np.float32],
        x: NDArray[np.float64],
        y: NDArray[np.float64],
        weight: NDArray[np.float32] | None,
        variance: NDArray[np.float32] | None,
        kernel: str,
        pixfrac: float,
        ratio: float | None,
        iscale: float,
        wht_scale: float,
        exptime: float | None,
        rules: str,
    ) -> None: ...
    def image(self, fill: float | None = None) -> NDArray[np.float32]: ...
    def weight(self) -> NDArray[np.float32]: ...
    def variance(self, fill: float | None = None) -> NDArray[np.float32] | None: ...
    def context(self) -> NDArray[np.int32] | None: ...

def align(inputs: list[str], options: str) -> str:
    """Aligns exposures; options and the report are JSON."""

def find(data: NDArray[np.float32], mask: NDArray[np.bool_] | None, options: str) -> NDArray[np.float64]:
    """Finds sources: rows of x, y, flux, peak, sharpness and both roundnesses; options are JSON."""

def drizzle(inputs: list[str | PathLike[str]], options: str) -> str:
    """Combines exposures; options and the report are JSON."""

def drizzle_grid(inputs: list[str | PathLike[str]], options: str) -> str:
    """Tries values of pixfrac; options and the report are JSON."""

def blot(
    source: NDArray[np.float32],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    interp: str,
    sinscl: float,
    fill: float,
    exptime: float,
    ratio: float,
) -> NDArray[np.float32]: ...
def median(
    sci: list[NDArray[np.float32]],
    wht: list[NDArray[np.float32]],
    terms: list[tuple[float, float, float]],
    options: str,
) -> NDArray[np.float32]:
    """Exposure time, background and read noise of each image; options are JSON."""

def find_cosmic_rays(
    sci: NDArray[np.float32],
    blotted: NDArray[np.float32],
    terms: tuple[float, float, float, float, int],
    options: str,
) -> NDArray[np.bool_]:
    """Conversion, gain, read noise, sky and direction of trails; options are JSON."""

def set_threads(threads: int | None = None) -> None: ...
def get_threads() -> int: ...

def mast_query(query: str, service: str) -> tuple[Table, str | None]:
    """Observations, and the position that a name stood for."""

def mast_count(query: str, service: str) -> int:
    """How many observations there are."""

def mast_products(
    items: list[str], table: Table | None, unique: bool, service: str
) -> tuple[Table, int, list[str]]:
    """Products of observations, how many were left out as duplicates, and notes."""

def mast_filter(table: Table, wanted: str) -> Table:
    """Those of the products that are wanted."""

def mast_unique(table: Table) -> tuple[Table, int]:
    """Each product once, and how many were left out."""

def mast_download(
    items: list[str],
    table: Table | None,
    wanted: str,
    how: str,
    service: str,
    progress: Any = None,
) -> tuple[Table, str]:
    """The manifest of a download, and the rest of the report."""

def mast_download_file(
    uri: str, target: str | PathLike[str], how: str, service: str, progress: Any = None
) -> tuple[str, str, str]:
    """Status, message and address of one file."""

def mast_metadata(of: str, service: str) -> Table:
    """The columns that observations or products have."""

def mast_resolve(name: str, resolver: str | None, all: bool, service: str) -> str:
    """The positions of an object, best first."""

def updatewcs(files: list[str], options_json: str, ref_dir: str | None = None) -> str:
    """Computes the world coordinates of files anew, in place; the report, as JSON."""

def headerlet_list(files: list[str]) -> str:
    """The headerlets that are attached to files, as JSON."""

def headerlet_apply(file: str, hdrlet: str, options_json: str) -> str:
    """Applies a headerlet; the report, as JSON."""

def headerlet_attach(file: str, hdrlet: str) -> str:
    """Attaches a headerlet; the report, as JSON."""

def headerlet_write(file: str, options_json: str, output: str | None = None, overwrite: bool = False) -> str:
    """Makes a headerlet; the report, as JSON."""

def headerlet_extract(
    file: str, hdrname: str | None = None, output: str | None = None, overwrite: bool = False
) -> str:
    """Writes an attached headerlet to a file; the report, as JSON."""

def headerlet_delete(files: list[str], hdrname: str) -> str:
    """Takes headerlets out of files; the reports and failures, as JSON."""

def bestrefs(files: list[str], options_json: str) -> str:
    """The report on files, as JSON."""

class BestReferenceRules:
    """The rules of a context, in memory."""

    def __init__(self, options_json: str, instruments: list[str] | None) -> None: ...
    @property
    def context(self) -> str: ...
    @property
    def context_origin(self) -> str: ...
    @property
    def cache_origin(self) -> str: ...
    def instruments(self) -> list[str]: ...
    def types(self, instrument: str) -> list[str]: ...
    def keywords(self, instrument: str) -> list[str]: ...
    def ask(
        self, header: list[tuple[str, str]], types: list[str] | None
    ) -> list[tuple[str, list[str], str]]: ...

_Planes = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.uint16]]
_Keywords = dict[str, bool | int | float | str]

def run_basic2d(input: str | PathLike[str], output: str | PathLike[str], options_json: str) -> str:
    """basic2d on a file; what was made, as JSON."""

def run_ocrreject(inputs: list[str], output: str | PathLike[str], files_json: str, how_json: str) -> str:
    """ocrreject on files; what was made, as JSON."""

def run_wavecal(inputs: list[str], wavecal: str | PathLike[str], options_json: str) -> str:
    """wavecal on files; what was measured and recorded, as JSON."""

def run_x2d(
    input: str | PathLike[str], output: str | PathLike[str], options_json: str, how_json: str
) -> str:
    """x2d on a file; what was made, as JSON."""

def run_x1d(
    input: str | PathLike[str], output: str | PathLike[str], options_json: str, how_json: str
) -> str:
    """x1d on a file; what was made, as JSON."""

def basic2d_array(given: dict[str, Any]) -> tuple[Any, str]:
    """basic2d on an image: planes, and what was measured as JSON."""

def ocrreject_arrays(inputs: list[Any], primary: dict[str, Any], how_json: str) -> tuple[Any, list[Any], str]:
    """Images combined: planes, which pixels were rejected, and the report as JSON."""

def wavecal_array(given: dict[str, Any]) -> str:
    """The shifts that a calibrated wavecal shows, as JSON."""

def x2d_array(given: dict[str, Any], steps: dict[str, bool], how_json: str) -> tuple[Any, str]:
    """A rectified image: planes, and how it was made as JSON."""

def x1d_array(given: dict[str, Any], steps: dict[str, bool], how_json: str) -> tuple[Table, str]:
    """The table of an extracted spectrum, and how it was extracted as JSON."""

def run_calibrate(inputs: list[str], options_json: str, threads: int | None = None) -> str:
    """What was calibrated to what, as JSON."""

def run_stage(
    stage: str, inputs: list[str], options_json: str, how_json: str, threads: int | None = None
) -> str:
    """acsccd, acscte or acs2d on files, as JSON."""

def run_combination(
    inputs: list[str],
    output: str | PathLike[str],
    options_json: str,
    how_json: str | None,
    threads: int | None = None,
) -> str:
    """acsrej, or acssum where it has no parameters, as JSON."""

def run_destripe(
    inputs: list[str], masks: list[list[Any]], cte_correct: bool, how_json: str, options_json: str
) -> str:
    """Calibrates with destriping, as JSON."""

def clean_files(inputs: list[str], masks: list[list[Any]], how_json: str, options_json: str) -> str:
    """Takes the stripes out of files, as JSON."""

def run_cte_forward(inputs: list[str], files_json: str, instrument_json: str, camera_json: str) -> str:
    """Reads files out, as JSON."""

def instrument_cte(
    input: _Planes,
    primary: _Keywords,
    keywords: _Keywords,
    files: list[tuple[str, str]],
    parallel_first: bool | None,
) -> tuple[_Planes, str]:
    """A chip of the WFC corrected, or read out, and the report as JSON."""

def camera_cte(
    input: NDArray[np.float32],
    traps: list[tuple[float, float, list[float]]],
    options_json: str,
    scales: list[float] | None,
    readnoise: float | None,
) -> NDArray[np.float32]:
    """Any camera's image, read out, or corrected where there is a readout noise."""

def destripe_arrays(
    chips: list[dict[str, Any]], options_json: str
) -> tuple[list[_Planes], NDArray[np.float64], str]:
    """Cleaned planes, the offsets of rows, and the report as JSON."""

def blevcorr(
    primary: _Keywords, chips: list[dict[str, Any]]
) -> tuple[list[_Planes], list[tuple[str, float]], tuple[int, int] | None]:
    """Planes without their bias level, levels by amplifier, rows with and without a stripe."""

def ccd_noise(primary: _Keywords, chips: list[dict[str, Any]], is_bias: bool) -> list[_Planes]:
    """Planes with ERR of the noise model."""

def electrons(primary: _Keywords, chips: list[dict[str, Any]]) -> list[_Planes]:
    """Planes in electrons."""

def acsrej_arrays(
    inputs: list[tuple[_Planes, _Keywords]], options_json: str
) -> tuple[_Planes, list[NDArray[np.bool_]], str]:
    """Combined planes, rejected pixels of each input, and the report as JSON."""

def acssum_arrays(inputs: list[tuple[_Planes, _Keywords]]) -> _Planes:
    """The planes of the sum."""

def dqicorr(
    input: _Planes, bad_pixels: list[tuple[int, int, int, bool, int]], atod_saturate: int | None
) -> tuple[_Planes, int]: ...
def atodcorr(input: _Planes, values: NDArray[np.float32]) -> tuple[_Planes, int]: ...
def biascorr(input: _Planes, bias: _Planes) -> _Planes: ...
def full_well(
    input: _Planes, map: NDArray[np.float32], trim_x: list[int], trim_y: list[int]
) -> tuple[_Planes, int]: ...
def sinkcorr(input: _Planes, map: NDArray[np.float32], upwards: bool) -> tuple[_Planes, int]: ...
def trim(input: _Planes, x: list[int], y: list[int]) -> _Planes: ...
def darkcorr(input: _Planes, dark: _Planes, darktime: float, serious: int) -> tuple[_Planes, float]: ...
def flshcorr(input: _Planes, flash: _Planes, flashdur: float, serious: int) -> tuple[_Planes, float]: ...
def flatcorr(input: _Planes, flat: _Planes) -> _Planes: ...
def shadcorr(input: _Planes, shading: _Planes, exptime: float) -> _Planes: ...
def glincorr(
    input: _Planes, globrate: float, global_limit: float, tau: float
) -> tuple[_Planes, tuple[float, bool]]: ...
def lflgcorr(
    input: _Planes, exptime: float, local_limit: float, expand: float
) -> tuple[_Planes, int]: ...
def photon_noise(input: _Planes) -> tuple[_Planes, bool]: ...
def statistics(input: _Planes, serious: int) -> str: ...
def photcorr(imphttab: str, photmode: str) -> str:
    """What IMPHTTAB says of a PHOTMODE, as JSON."""

def run_superdark(
    inputs: list[str], base: _Path | None, output: _Path, options_json: str, how_json: str
) -> str:
    """Makes a superdark; the report as JSON."""

def run_superbias(
    kind: str, inputs: list[str], base: _Path | None, output: _Path, options_json: tuple[str, str]
) -> str:
    """Makes a superbias; the report as JSON."""

def register_files(files: list[str], options_json: str) -> str:
    """Registers frames; the report as JSON."""

def stack_files(files: list[str], output: _Path, options_json: str, how_json: tuple[str, str]) -> str:
    """Stacks frames; the report as JSON."""

def timeseries_files(files: list[str], options_json: str, register_json: str) -> tuple[Table, str]:
    """Light curves as a table, and the rest of the report as JSON."""

def shift_files(files: list[str], folder: _Path, options_json: str, register_json: str) -> str:
    """Puts frames on the pixels of a reference; the report as JSON."""

def stars_of(
    data: NDArray[np.float32], mask: NDArray[np.bool_] | None, options_json: str
) -> tuple[NDArray[np.float64], list[float]]:
    """Stars: rows of x, y, flux, peak, saturated, sigma; then their width, the sky and its sigma."""

def match_stars(
    image: list[tuple[float, float, float, bool, float]],
    reference: list[tuple[float, float, float, bool, float]],
    options_json: str,
) -> tuple[list[list[float]], list[tuple[int, int]], float]:
    """The matrix from the reference to the image, the pairs, the root of the mean square of distances."""

def shift_of_light(
    of_image: tuple[NDArray[np.float32], NDArray[np.bool_] | None],
    of_reference: tuple[NDArray[np.float32], NDArray[np.bool_] | None],
    saturation: float | None,
) -> tuple[list[float], list[float], float, float]:
    """The shift, its standard deviation, the correlation, and its height in standard deviations."""

def resample_onto(
    planes: tuple[NDArray[np.float32], NDArray[np.float32] | None, NDArray[np.bool_] | None],
    matrix: list[list[float]],
    shape: tuple[int, int],
    options_json: str,
) -> tuple[NDArray[np.float32], NDArray[np.float32] | None, NDArray[np.bool_]]:
    """An image on other pixels: samples, errors, mask."""

def superdark_periods(inputs: list[str], around: _Path | None, options_json: str) -> str:
    """Darks by period, as JSON."""

def superdark_for(
    exposure: _Path, darks: list[str], folder: _Path, sorting_json: str, options_json: str, how_json: str
) -> str:
    """Makes the superdarks of an exposure; the report as JSON."""

def superdark_arrays(
    sci: list[NDArray[np.float32]],
    dq: list[NDArray[np.uint16] | None],
    terms: list[tuple[float, float, float, float | None]],
    base: _Planes | None,
    crrejtab: _Path | None,
    how_json: str,
) -> tuple[_Planes, str]:
    """Combines darks in memory; the planes, and the report as JSON."""

def ccd_process_files(inputs: list[str], folder: str | PathLike[str], options_json: str) -> str:
    """Calibrates files of a CCD; the report as JSON."""

def ccd_step(
    step: str,
    frame: tuple[NDArray[np.float64], NDArray[np.float64] | None, NDArray[np.uint16] | None],
    master: tuple[NDArray[np.float64], NDArray[np.float64] | None, NDArray[np.uint16] | None] | None,
    options_json: str,
) -> tuple[tuple[NDArray[np.float64], NDArray[np.float64] | None, NDArray[np.uint16] | None], str]:
    """Does one step to a frame of a CCD; planes, and what was measured as JSON."""

def ccd_overscan_levels(
    frame: tuple[NDArray[np.float64], NDArray[np.float64] | None, NDArray[np.uint16] | None],
    options_json: str,
) -> NDArray[np.float64]:
    """The levels of an overscan section."""

def run_combine(inputs: list[str], output: _Path, options_json: str, how_json: str) -> str:
    """Combines files; the report as JSON."""

_Combined = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.uint16]]

def combine_f32(
    samples: list[NDArray[np.float32]],
    masks: list[NDArray[np.bool_] | None],
    errors: list[NDArray[np.float32] | None],
    weights: list[NDArray[np.float64] | None],
    options_json: str,
) -> _Combined:
    """Combines frames in memory: values, uncertainties, numbers of frames."""

def combine_f64(
    samples: list[NDArray[np.float64]],
    masks: list[NDArray[np.bool_] | None],
    errors: list[NDArray[np.float64] | None],
    weights: list[NDArray[np.float64] | None],
    options_json: str,
) -> _Combined:
    """As combine_f32."""

def reject_f32(
    samples: list[NDArray[np.float32]], masks: list[NDArray[np.bool_] | None], options_json: str
) -> list[NDArray[np.bool_]]:
    """Which samples are masked once some are rejected."""

def reject_f64(
    samples: list[NDArray[np.float64]], masks: list[NDArray[np.bool_] | None], options_json: str
) -> list[NDArray[np.bool_]]:
    """As reject_f32."""

def read_headers(paths: list[str], ext: str) -> list[list[tuple[str, Any]] | str]:
    """For each file the keywords and values of an HDU, or what is wrong with it."""

def ccd_mask(ratio: NDArray[np.float64], single: bool, options_json: str) -> NDArray[np.bool_]:
    """Bad pixels of a flat or a ratio of flats."""

def ccd_badpix(
    flats: list[str], darks: list[str], output: str | PathLike[str], options_json: str, how_json: str
) -> str:
    """Makes a mask of bad pixels of files; the report as JSON."""

def ccd_lacosmic(
    data: NDArray[np.float64],
    planes: tuple[
        NDArray[np.bool_] | None,
        NDArray[np.float32] | None,
        NDArray[np.float32] | None,
        NDArray[np.float32] | None,
    ],
    options_json: str,
) -> tuple[NDArray[np.bool_], NDArray[np.float32], str]:
    """Finds and replaces cosmic rays, with mask, background, variance and kernel; what was counted as JSON."""

def ccd_lacosmic_files(
    inputs: list[str], folder: str | PathLike[str], options_json: str, how_json: str
) -> str:
    """Finds and replaces cosmic rays in files; the report as JSON."""

def run_reduce(inputs: list[str], folder: str | PathLike[str] | None, options_json: str) -> str:
    """Reduces nights, or what a night.toml says; the report as JSON."""

def run_solve(
    files: list[str], catalogue: str | PathLike[str], options_json: str, how_json: str, finding_json: str
) -> str:
    """Finds frames on the sky by a catalogue; the report as JSON."""
