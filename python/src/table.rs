//! Tables as numpy columns and back.
//!
//! `to_python` gives columns away without copying: numpy takes over the vectors. Only texts, complex
//! numbers and null flags are made anew.

use crate::errors::to_python as exception;
use crate::threads::work;
use firstlight::Error;
use firstlight::fits::Overwrite;
use firstlight::frame::table::{self, Cells, Column, ColumnData, Extent, Table, TableFormat};
use numpy::{Complex32, Complex64, Element, IntoPyArray, PyArray1, PyReadonlyArray1};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple};
use std::path::PathBuf;

/// Adds the functions of this area to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(read_table, module)?)?;
    module.add_function(wrap_pyfunction!(write_table, module)?)?;
    module.add_function(wrap_pyfunction!(format_table, module)?)
}

/// A table as `firstlight.Table`.
pub fn to_python(py: Python<'_>, mut table: Table) -> PyResult<Bound<'_, PyAny>> {
    let columns = PyList::empty(py);
    let names: Vec<String> = table.names().into_iter().map(str::to_owned).collect();
    for name in names {
        let column = table.remove(&name).map_err(|e| exception(Error::Fits(e)))?;
        columns.append(column_to_python(py, column)?)?;
    }
    py.import("firstlight.table")?
        .getattr("Table")?
        .call_method1("_from_native", (columns,))
}

fn column_to_python(py: Python<'_>, mut column: Column) -> PyResult<Bound<'_, PyDict>> {
    let entry = PyDict::new(py);
    entry.set_item("name", column.name())?;
    entry.set_item("unit", column.unit_text())?;
    entry.set_item("description", column.description_text())?;
    entry.set_item(
        "mask",
        column.null_mask().map(|mask| PyArray1::from_slice(py, mask)),
    )?;
    match column.cells() {
        Cells::Scalar => {}
        Cells::Array(shape) => {
            let axes: Vec<usize> = std::iter::once(column.rows())
                .chain(shape.iter().copied())
                .collect();
            entry.set_item("shape", PyTuple::new(py, axes)?)?;
        }
        Cells::Ragged(offsets) => entry.set_item("offsets", PyArray1::from_slice(py, offsets))?,
    }
    let data = std::mem::replace(column.data_mut(), ColumnData::U8(Vec::new()));
    entry.set_item("values", data_to_python(py, data)?)?;
    Ok(entry)
}

fn data_to_python(py: Python<'_>, data: ColumnData) -> PyResult<Bound<'_, PyAny>> {
    fn array<T: Element>(py: Python<'_>, values: Vec<T>) -> Bound<'_, PyAny> {
        values.into_pyarray(py).into_any()
    }
    Ok(match data {
        ColumnData::Logical(v) | ColumnData::Bits(v) => array(py, v),
        ColumnData::U8(v) => array(py, v),
        ColumnData::I8(v) => array(py, v),
        ColumnData::I16(v) => array(py, v),
        ColumnData::U16(v) => array(py, v),
        ColumnData::I32(v) => array(py, v),
        ColumnData::U32(v) => array(py, v),
        ColumnData::I64(v) => array(py, v),
        ColumnData::U64(v) => array(py, v),
        ColumnData::F32(v) => array(py, v),
        ColumnData::F64(v) => array(py, v),
        ColumnData::C32(v) => array(py, v.into_iter().map(|[re, im]| Complex32::new(re, im)).collect()),
        ColumnData::C64(v) => array(py, v.into_iter().map(|[re, im]| Complex64::new(re, im)).collect()),
        ColumnData::Text(v) => PyList::new(py, v)?.into_any(),
        other => {
            return Err(PyTypeError::new_err(format!(
                "columns of {} have no numpy form",
                other.type_name()
            )));
        }
    })
}

/// A `firstlight.Table` as a table.
pub fn from_python(table: &Bound<'_, PyAny>) -> PyResult<Table> {
    let mut made = Table::new();
    for entry in table.call_method0("_to_native")?.try_iter()? {
        let column = column_from_python(entry?.cast::<PyDict>()?)?;
        made.push(column).map_err(|e| exception(Error::Fits(e)))?;
    }
    Ok(made)
}

fn column_from_python(entry: &Bound<'_, PyDict>) -> PyResult<Column> {
    fn item<'py>(entry: &Bound<'py, PyDict>, key: &str) -> PyResult<Option<Bound<'py, PyAny>>> {
        Ok(entry.get_item(key)?.filter(|value| !value.is_none()))
    }
    let missing = || PyValueError::new_err("a column without name or values");
    let name: String = item(entry, "name")?.ok_or_else(missing)?.extract()?;
    let data = data_from_python(&item(entry, "values")?.ok_or_else(missing)?)?;
    let column = if let Some(shape) = item(entry, "shape")? {
        Column::array(name, shape.extract::<Vec<usize>>()?, data)
    } else if let Some(offsets) = item(entry, "offsets")? {
        Column::ragged(name, offsets.extract::<Vec<usize>>()?, data)
    } else {
        Ok(Column::scalar(name, data))
    };
    let mut column = column.map_err(|e| exception(Error::Fits(e)))?;
    if let Some(unit) = item(entry, "unit")? {
        column = column.unit(unit.extract::<String>()?);
    }
    if let Some(description) = item(entry, "description")? {
        column = column.description(description.extract::<String>()?);
    }
    if let Some(mask) = item(entry, "mask")? {
        column = column.nulls(vector::<bool>(&mask)?);
    }
    Ok(column)
}

fn vector<T: Element + Clone>(values: &Bound<'_, PyAny>) -> PyResult<Vec<T>> {
    let array: PyReadonlyArray1<'_, T> = values.extract()?;
    Ok(array.as_array().to_vec())
}

/// `values` is a list of texts, or an array of one axis in native byte order.
fn data_from_python(values: &Bound<'_, PyAny>) -> PyResult<ColumnData> {
    if let Ok(list) = values.cast::<PyList>() {
        return Ok(ColumnData::Text(list.extract()?));
    }
    let kind: String = values.getattr("dtype")?.getattr("name")?.extract()?;
    Ok(match kind.as_str() {
        "bool" => ColumnData::Logical(vector(values)?),
        "int8" => ColumnData::I8(vector(values)?),
        "uint8" => ColumnData::U8(vector(values)?),
        "int16" => ColumnData::I16(vector(values)?),
        "uint16" => ColumnData::U16(vector(values)?),
        "int32" => ColumnData::I32(vector(values)?),
        "uint32" => ColumnData::U32(vector(values)?),
        "int64" => ColumnData::I64(vector(values)?),
        "uint64" => ColumnData::U64(vector(values)?),
        "float32" => ColumnData::F32(vector(values)?),
        "float64" => ColumnData::F64(vector(values)?),
        "complex64" => ColumnData::C32(
            vector::<Complex32>(values)?
                .into_iter()
                .map(|z| [z.re, z.im])
                .collect(),
        ),
        "complex128" => ColumnData::C64(
            vector::<Complex64>(values)?
                .into_iter()
                .map(|z| [z.re, z.im])
                .collect(),
        ),
        other => {
            return Err(PyTypeError::new_err(format!(
                "a table cannot hold an array of {other}"
            )));
        }
    })
}

fn format_of(name: Option<&str>) -> PyResult<Option<TableFormat>> {
    name.map(|name| {
        name.parse()
            .map_err(|e: table::TextError| PyValueError::new_err(e.to_string()))
    })
    .transpose()
}

/// Reads a table file; see `firstlight.read_table`.
#[pyfunction]
#[pyo3(signature = (path, ext=None, format=None))]
fn read_table<'py>(
    py: Python<'py>,
    path: PathBuf,
    ext: Option<&str>,
    format: Option<&str>,
) -> PyResult<Bound<'py, PyAny>> {
    let format = format_of(format)?;
    let ext = ext.map(firstlight::fits::HduSelector::from);
    let read = work(py, || table::read(&path, format, ext.as_ref()));
    to_python(py, read.map_err(|e| exception(e.into()))?)
}

/// Writes a table file; see `firstlight.Table.write`.
#[pyfunction]
#[pyo3(signature = (table, path, format=None, overwrite=false))]
fn write_table(
    py: Python<'_>,
    table: &Bound<'_, PyAny>,
    path: PathBuf,
    format: Option<&str>,
    overwrite: bool,
) -> PyResult<()> {
    let format = format_of(format)?;
    let columns = from_python(table)?;
    let overwrite = Overwrite::from(overwrite);
    let written = work(py, || table::write(&columns, &path, format, overwrite));
    written.map_err(|e| exception(e.into()))
}

/// A table as text for people.
#[pyfunction]
#[pyo3(signature = (table, rows=None, width=None))]
fn format_table(table: &Bound<'_, PyAny>, rows: Option<usize>, width: Option<usize>) -> PyResult<String> {
    Ok(table::pretty(&from_python(table)?, Extent { rows, width }))
}
