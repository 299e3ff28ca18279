//! Columns of tables with one value a row.

use firstlight_fits::{Column, ColumnData};

pub fn shorts(name: &str, values: impl IntoIterator<Item = i16>) -> Column {
    Column::scalar(name, ColumnData::I16(values.into_iter().collect()))
}

pub fn longs(name: &str, values: impl IntoIterator<Item = i32>) -> Column {
    Column::scalar(name, ColumnData::I32(values.into_iter().collect()))
}

/// Of single precision.
pub fn reals(name: &str, values: impl IntoIterator<Item = impl Into<f64>>) -> Column {
    let values = values.into_iter().map(|value| value.into() as f32);
    Column::scalar(name, ColumnData::F32(values.collect()))
}

pub fn doubles(name: &str, values: impl IntoIterator<Item = f64>) -> Column {
    Column::scalar(name, ColumnData::F64(values.into_iter().collect()))
}
