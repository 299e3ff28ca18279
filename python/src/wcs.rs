//! World coordinates.

use crate::errors::to_python;
use crate::threads::work;
use firstlight::fits::Header;
use firstlight::wcs::{self, Description, OutputGrid, PixelMap, WcsError};
use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::path::PathBuf;

type Pair<'py> = (Bound<'py, PyArray1<f64>>, Bound<'py, PyArray1<f64>>);
type Coordinates<'py> = PyReadonlyArray1<'py, f64>;
type Mapped = Result<(Vec<f64>, Vec<f64>), WcsError>;

/// Adds this file's classes and functions to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Wcs>()?;
    module.add_class::<Map>()?;
    module.add_function(wrap_pyfunction!(common_grid, module)?)
}

/// The coordinate system of one image; `firstlight.WCS` is its public face.
#[pyclass(frozen, module = "firstlight._native")]
pub struct Wcs(pub(crate) wcs::Wcs);

#[pymethods]
impl Wcs {
    #[new]
    #[pyo3(signature = (path, ext=None, key=None))]
    fn new(py: Python<'_>, path: PathBuf, ext: Option<String>, key: Option<char>) -> PyResult<Self> {
        let which = Description { ext, alternate: key };
        work(py, || wcs::open(path, &which)).map(Self).map_err(to_python)
    }

    /// From the text of a header: cards of 80 characters.
    #[staticmethod]
    #[pyo3(signature = (header, key=None))]
    fn from_header(header: &str, key: Option<char>) -> PyResult<Self> {
        let mut text = header.to_owned();
        if !text.contains("END     ") {
            text.push_str(&format!("{:80}", "END"));
        }
        let header = Header::parse(text.as_bytes()).map_err(|error| to_python(error.into()))?;
        wrap(wcs::Wcs::from_header(&header, key))
    }

    fn pixel_to_sky<'py>(&self, py: Python<'py>, x: Coordinates, y: Coordinates) -> PyResult<Pair<'py>> {
        mapped(py, x, y, |x, y| self.0.pixels_to_sky(x, y))
    }

    fn sky_to_pixel<'py>(
        &self,
        py: Python<'py>,
        ra: Coordinates,
        dec: Coordinates,
        quiet: bool,
    ) -> PyResult<Pair<'py>> {
        mapped(py, ra, dec, |ra, dec| match quiet {
            true => self
                .0
                .sky_to_pixels_where_possible(ra, dec)
                .map(|(x, y, _)| (x, y)),
            false => self.0.sky_to_pixels(ra, dec),
        })
    }

    fn pix2foc<'py>(&self, py: Python<'py>, x: Coordinates, y: Coordinates) -> PyResult<Pair<'py>> {
        mapped(py, x, y, |x, y| self.0.pixels_to_foc(x, y))
    }

    fn det2im<'py>(&self, py: Python<'py>, x: Coordinates, y: Coordinates) -> PyResult<Pair<'py>> {
        mapped(py, x, y, |x, y| self.0.detector_to_image(x, y))
    }

    fn linear(&self) -> Self {
        Self(self.0.linear())
    }

    fn footprint(&self) -> PyResult<Vec<(f64, f64)>> {
        self.0
            .footprint()
            .map(Vec::from)
            .map_err(|error| to_python(error.into()))
    }

    /// Keyword to value, of the system without distortions.
    fn cards<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        use firstlight::fits::Value;
        let cards = PyDict::new(py);
        for card in self.0.cards().map_err(|error| to_python(error.into()))? {
            let keyword = card.keyword();
            match card.value().map_err(|error| to_python(error.into()))? {
                Some(Value::Text(text)) => cards.set_item(keyword, text)?,
                Some(Value::Integer(integer)) => cards.set_item(keyword, integer)?,
                Some(Value::Real(real)) => cards.set_item(keyword, real)?,
                _ => {}
            }
        }
        Ok(cards)
    }

    #[getter]
    fn shape(&self) -> Option<(usize, usize)> {
        self.0.shape()
    }

    #[getter]
    fn name(&self) -> Option<String> {
        self.0.name().map(str::to_owned)
    }

    #[getter]
    fn crval(&self) -> (f64, f64) {
        self.0.reference_sky()
    }

    #[getter]
    fn reference_pixel(&self) -> (f64, f64) {
        self.0.reference_pixel()
    }

    #[getter]
    fn cd(&self) -> [[f64; 2]; 2] {
        self.0.cd()
    }

    #[getter]
    fn pixel_scale(&self) -> f64 {
        self.0.pixel_scale_arcsec()
    }

    #[getter]
    fn natural_scale(&self) -> f64 {
        wcs::output::natural_scale_arcsec(&self.0)
    }

    #[getter]
    fn orientation(&self) -> f64 {
        self.0.orientation_deg()
    }

    #[getter]
    fn has_distortion(&self) -> bool {
        self.0.has_distortion()
    }
}

/// A map from the pixels of one image to those of another; `firstlight.PixelMap` is its public face.
#[pyclass(frozen, module = "firstlight._native", name = "Map")]
pub struct Map(PixelMap);

#[pymethods]
impl Map {
    #[new]
    fn new(input: &Wcs, output: &Wcs, tolerance: f64, step: Option<usize>) -> PyResult<Self> {
        let map = match step {
            Some(step) => PixelMap::stepped(&input.0, &output.0, step),
            None => PixelMap::between(&input.0, &output.0, tolerance),
        };
        map.map(Self).map_err(|error| to_python(error.into()))
    }

    /// Output positions of the points `(x0 + i, y)`.
    fn row<'py>(&self, py: Python<'py>, y: f64, x0: f64, n: usize) -> Pair<'py> {
        let (mut xs, mut ys) = (vec![0.0; n], vec![0.0; n]);
        work(py, || self.0.map_row(y, x0, &mut xs, &mut ys));
        (xs.into_pyarray(py), ys.into_pyarray(py))
    }

    #[getter]
    fn shape(&self) -> (usize, usize) {
        self.0.shape()
    }

    #[getter]
    fn is_exact(&self) -> bool {
        self.0.is_exact()
    }
}

/// The grid that several images are combined on; `options` is the JSON of `OutputGrid`.
#[pyfunction]
fn common_grid(py: Python<'_>, inputs: Vec<Py<Wcs>>, options: &str) -> PyResult<Wcs> {
    let options: OutputGrid =
        serde_json::from_str(options).map_err(|error| PyValueError::new_err(error.to_string()))?;
    let inputs: Vec<wcs::Wcs> = inputs.iter().map(|wcs| wcs.get().0.clone()).collect();
    work(py, || wcs::output::common_grid(&inputs, &options))
        .map(Wcs)
        .map_err(|error| to_python(error.into()))
}

fn wrap(wcs: Result<wcs::Wcs, WcsError>) -> PyResult<Wcs> {
    wcs.map(Wcs).map_err(|error| to_python(error.into()))
}

fn mapped<'py>(
    py: Python<'py>,
    x: Coordinates<'_>,
    y: Coordinates<'_>,
    map: impl Fn(&[f64], &[f64]) -> Mapped + Sync + Send,
) -> PyResult<Pair<'py>> {
    let (x, y) = (x.as_slice()?, y.as_slice()?);
    let (a, b) = work(py, || map(x, y)).map_err(|error| to_python(error.into()))?;
    Ok((a.into_pyarray(py), b.into_pyarray(py)))
}
