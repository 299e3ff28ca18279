//! Files: contents, headers, pixels, observing logs.

use crate::errors::to_python as exception;
use crate::table;
use crate::threads::work;
use firstlight::fits::{
    Array, Card, FitsFile, FitsWriter, HduKind, Header, Overwrite, Pixels, Sample, Value,
};
use firstlight::header::{Change, change, refuse_read_only};
use firstlight::info::{FileInfo, InfoOptions};
use firstlight::log::LogOptions;
use firstlight::progress::Silent;
use firstlight::{Error, info, input, log};
use numpy::{Element, IntoPyArray, PyArrayMethods, PyReadonlyArrayDyn};
use pyo3::IntoPyObjectExt;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyComplex, PyList, PyTuple};
use std::path::PathBuf;

/// Adds the functions of this area to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(describe, module)?)?;
    module.add_function(wrap_pyfunction!(read_header, module)?)?;
    module.add_function(wrap_pyfunction!(set_keyword, module)?)?;
    module.add_function(wrap_pyfunction!(read_data, module)?)?;
    module.add_function(wrap_pyfunction!(write_image, module)?)?;
    module.add_function(wrap_pyfunction!(write_table_hdu, module)?)?;
    module.add_function(wrap_pyfunction!(observing_log, module)?)
}

fn fits(error: firstlight::fits::Error) -> PyErr {
    exception(Error::Fits(error))
}

/// Contents of files: a list of their names with the HDUs of each as JSON and as text, and what went wrong
/// with the others.
#[pyfunction]
#[pyo3(signature = (files, checksum=false))]
fn describe(py: Python<'_>, files: Vec<String>, checksum: bool) -> PyResult<(String, String, Vec<String>)> {
    let report = work(py, || {
        info::info(&input::expand(&files)?, &InfoOptions { checksum }, &Silent)
    });
    let report = report.map_err(exception)?;
    let json = serde_json::to_string(&report.files).map_err(|e| PyValueError::new_err(e.to_string()))?;
    let text: Vec<String> = report.files.iter().map(FileInfo::to_text).collect();
    Ok((
        json,
        text.join("\n"),
        report.failed.into_iter().map(|failure| failure.error).collect(),
    ))
}

/// The cards of one HDU as `(keyword, value, comment, raw)`.
#[pyfunction]
fn read_header<'py>(py: Python<'py>, path: PathBuf, ext: &str) -> PyResult<Bound<'py, PyList>> {
    let header = work(py, || firstlight::fits::read_header(&path, ext)).map_err(fits)?;
    let cards = PyList::empty(py);
    for card in header.cards() {
        let raw = String::from_utf8_lossy(card.raw()).into_owned();
        let comment = card.comment().unwrap_or_default();
        cards.append((card.keyword(), value_to_python(py, card)?, comment, raw))?;
    }
    Ok(cards)
}

pub(crate) fn value_to_python<'py>(py: Python<'py>, card: &Card) -> PyResult<Bound<'py, PyAny>> {
    match card.value() {
        Ok(None) => card.commentary_text().into_bound_py_any(py),
        Ok(Some(Value::Logical(value))) => value.into_bound_py_any(py),
        Ok(Some(Value::Integer(value))) => value.into_bound_py_any(py),
        Ok(Some(Value::Real(value))) => value.into_bound_py_any(py),
        Ok(Some(Value::Complex(re, im))) => Ok(PyComplex::from_doubles(py, re, im).into_any()),
        Ok(Some(Value::Text(value))) => value.into_bound_py_any(py),
        Ok(Some(_)) | Err(_) => Ok(py.None().into_bound(py)),
    }
}

fn value_from_python(value: &Bound<'_, PyAny>) -> PyResult<Value> {
    // A bool is an int to Python, so it comes first; numpy's scalars come as Python's.
    let value = if value.hasattr("item")? {
        &value.call_method0("item")?
    } else {
        value
    };
    if value.is_none() {
        return Ok(Value::Undefined);
    }
    if let Ok(value) = value.cast::<PyComplex>() {
        return Ok(Value::Complex(value.real(), value.imag()));
    }
    if let Ok(value) = value.extract::<bool>() {
        return Ok(Value::Logical(value));
    }
    if let Ok(value) = value.extract::<i64>() {
        return Ok(Value::Integer(value));
    }
    if let Ok(value) = value.extract::<f64>() {
        return Ok(Value::Real(value));
    }
    value.extract().map(Value::Text)
}

/// Sets or, without a value, deletes one keyword of a file in place.
#[pyfunction]
#[pyo3(signature = (path, keyword, value, comment, ext, delete, checksum))]
#[expect(
    clippy::too_many_arguments,
    reason = "it is called by one Python function, which names them"
)]
fn set_keyword(
    py: Python<'_>,
    path: PathBuf,
    keyword: &str,
    value: &Bound<'_, PyAny>,
    comment: Option<&str>,
    ext: &str,
    delete: bool,
    checksum: bool,
) -> PyResult<()> {
    if delete {
        let changes = [Change::Delete {
            keyword: keyword.to_owned(),
        }];
        let done = work(py, || {
            change(
                std::slice::from_ref(&path),
                Some(ext),
                &changes,
                checksum,
                &Silent,
            )
        });
        let absent = done
            .map_err(exception)?
            .files
            .iter()
            .any(|file| !file.absent.is_empty());
        let missing = || {
            exception(Error::MissingKeyword {
                path: path.clone(),
                keyword: keyword.to_owned(),
            })
        };
        return if absent { Err(missing()) } else { Ok(()) };
    }
    let value = value_from_python(value)?;
    refuse_read_only(&path, "a keyword that is set").map_err(exception)?;
    let edited = work(py, || {
        firstlight::fits::edit(&path, |edit| {
            match (keyword.to_ascii_uppercase().as_str(), &value) {
                ("COMMENT" | "HISTORY", Value::Text(text)) => {
                    edit.header(ext)?.push_commentary(keyword, text)?;
                }
                _ => edit.set(ext, keyword, value, comment)?,
            }
            if checksum {
                edit.update_checksums(ext)
            } else {
                Ok(())
            }
        })
    });
    edited.map_err(fits)
}

fn pixels_to_python(py: Python<'_>, pixels: Pixels) -> PyResult<Bound<'_, PyAny>> {
    fn array<T: Element>(py: Python<'_>, array: Array<T>) -> PyResult<Bound<'_, PyAny>> {
        Ok(array.data.into_pyarray(py).reshape(array.shape)?.into_any())
    }
    match pixels {
        Pixels::U8(v) => array(py, v),
        Pixels::I8(v) => array(py, v),
        Pixels::I16(v) => array(py, v),
        Pixels::U16(v) => array(py, v),
        Pixels::I32(v) => array(py, v),
        Pixels::U32(v) => array(py, v),
        Pixels::I64(v) => array(py, v),
        Pixels::U64(v) => array(py, v),
        Pixels::F32(v) => array(py, v),
        Pixels::F64(v) => array(py, v),
    }
}

enum Data {
    Pixels(Pixels),
    Table(firstlight::frame::table::Table),
}

/// Pixels or table of an HDU; of the first that has either, where none is named.
#[pyfunction]
#[pyo3(signature = (path, ext=None))]
fn read_data<'py>(py: Python<'py>, path: PathBuf, ext: Option<&str>) -> PyResult<Bound<'py, PyAny>> {
    let data = work(py, || {
        let file = FitsFile::open(&path)?;
        let is_table = |kind| matches!(kind, HduKind::BinTable | HduKind::AsciiTable);
        let hdu = match ext {
            Some(ext) => file.hdu(ext)?,
            None => {
                let first = file
                    .hdus()
                    .iter()
                    .find(|hdu| hdu.has_pixels() || is_table(hdu.kind()));
                first.unwrap_or(file.primary())
            }
        };
        if is_table(hdu.kind()) {
            file.table(hdu.index()).map(Data::Table)
        } else {
            file.pixels(hdu.index()).map(Data::Pixels)
        }
    });
    match data.map_err(fits)? {
        Data::Pixels(pixels) => pixels_to_python(py, pixels),
        Data::Table(made) => table::to_python(py, made),
    }
}

/// A header from the text of its cards, and from further `(keyword, value, comment)`.
fn header_from_python(text: &str, items: &Bound<'_, PyList>) -> PyResult<Header> {
    let mut header = Header::new();
    if !text.is_empty() {
        let mut bytes = text.as_bytes().to_vec();
        bytes.resize(bytes.len().next_multiple_of(80), b' ');
        bytes.extend(format!("{:<80}", "END").into_bytes());
        header = Header::parse(&bytes).map_err(fits)?;
    }
    for item in items.iter() {
        let item = item.cast::<PyTuple>()?.clone();
        let (keyword, value): (String, Bound<'_, PyAny>) = (item.get_item(0)?.extract()?, item.get_item(1)?);
        let comment: Option<String> = item.get_item(2)?.extract()?;
        match (keyword.to_ascii_uppercase().as_str(), value_from_python(&value)?) {
            ("COMMENT" | "HISTORY" | "", Value::Text(text)) => header.push_commentary(&keyword, &text),
            (_, value) => header.set(&keyword, value, comment.as_deref()),
        }
        .map_err(fits)?;
    }
    Ok(header)
}

fn overwriting(overwrite: bool) -> Overwrite {
    Overwrite::from(overwrite)
}

/// Writes one image as the primary HDU of a new file.
#[pyfunction]
fn write_image(
    py: Python<'_>,
    path: PathBuf,
    data: &Bound<'_, PyAny>,
    text: &str,
    items: &Bound<'_, PyList>,
    overwrite: bool,
) -> PyResult<()> {
    let header = header_from_python(text, items)?;
    let target = Target {
        py,
        path,
        header,
        overwrite: overwriting(overwrite),
    };
    let kind: String = data.getattr("dtype")?.getattr("name")?.extract()?;
    match kind.as_str() {
        "uint8" => target.write::<u8>(data),
        "int8" => target.write::<i8>(data),
        "int16" => target.write::<i16>(data),
        "uint16" => target.write::<u16>(data),
        "int32" => target.write::<i32>(data),
        "uint32" => target.write::<u32>(data),
        "int64" => target.write::<i64>(data),
        "uint64" => target.write::<u64>(data),
        "float32" => target.write::<f32>(data),
        "float64" => target.write::<f64>(data),
        other => Err(PyTypeError::new_err(format!("FITS has no images of {other}"))),
    }
}

struct Target<'py> {
    py: Python<'py>,
    path: PathBuf,
    header: Header,
    overwrite: Overwrite,
}

impl Target<'_> {
    fn write<T: Element + Sample>(self, data: &Bound<'_, PyAny>) -> PyResult<()> {
        let array: PyReadonlyArrayDyn<'_, T> = data.extract()?;
        let shape = array.as_array().shape().to_vec();
        let samples = array.as_slice()?;
        let Self {
            path,
            header,
            overwrite,
            ..
        } = self;
        let written = work(self.py, || {
            let mut writer = FitsWriter::create(&path, overwrite)?;
            writer.image(&header, firstlight::fits::ArrayView::new(&shape, samples)?)?;
            writer.finish()
        });
        written.map_err(fits)
    }
}

/// Writes one table as the first extension of a new file.
#[pyfunction]
fn write_table_hdu(
    py: Python<'_>,
    path: PathBuf,
    data: &Bound<'_, PyAny>,
    text: &str,
    items: &Bound<'_, PyList>,
    overwrite: bool,
) -> PyResult<()> {
    let header = header_from_python(text, items)?;
    let data = table::from_python(data)?;
    let written = work(py, || {
        let mut writer = FitsWriter::create(&path, overwriting(overwrite))?;
        writer.empty_primary(&Header::new())?;
        writer.table(&header, &data)?;
        writer.finish()
    });
    written.map_err(fits)
}

/// A log of files; see `firstlight.log`. With it comes what went wrong with files.
#[pyfunction]
fn observing_log<'py>(
    py: Python<'py>,
    files: Vec<String>,
    options: &str,
) -> PyResult<(Bound<'py, PyAny>, Vec<String>)> {
    let options: LogOptions =
        serde_json::from_str(options).map_err(|e| PyValueError::new_err(e.to_string()))?;
    let report = work(py, || log::log(&input::expand(&files)?, &options, &Silent)).map_err(exception)?;
    let failed = report.failed.into_iter().map(|failure| failure.error).collect();
    Ok((table::to_python(py, report.table)?, failed))
}
