//! Prints what is read from FITS files, one JSON object a file: for each HDU its cards, the line that
//! `info` shows, and checksums of pixels and columns. Other programs' readings can be compared with it.
//!
//! `cargo run --release -p firstlight-fits --example dump -- FILE…`
#![allow(clippy::print_stdout)]

use firstlight_fits::table::Cells;
use firstlight_fits::{Card, Column, ColumnData, FitsFile, Hdu, HduKind, Pixels, Sample, Value};
use serde_json::{Value as Json, json};

fn main() {
    for path in std::env::args().skip(1) {
        println!("{}", dump(&path));
    }
}

fn dump(path: &str) -> Json {
    match FitsFile::open(path) {
        Ok(file) => {
            let hdus: Vec<Json> = file.hdus().iter().map(|hdu| dump_hdu(&file, hdu)).collect();
            json!({ "path": path, "hdus": hdus })
        }
        Err(error) => json!({ "path": path, "error": error.to_string() }),
    }
}

fn dump_hdu(file: &FitsFile, hdu: &Hdu) -> Json {
    let line = hdu.summary();
    let index = hdu.index();
    let stored = hdu.has_pixels() && !hdu.dimensions().is_empty();
    let data = match hdu.kind() {
        _ if hdu.is_truncated() => json!("truncated"),
        HduKind::Image | HduKind::CompressedImage if stored => match file.pixels(index) {
            Ok(pixels) => dump_pixels(&pixels),
            Err(error) => json!({ "error": error.to_string() }),
        },
        HduKind::BinTable | HduKind::AsciiTable => match file.table(index) {
            Ok(table) => json!({
                "rows": table.rows(),
                "columns": table.columns().iter().map(dump_column).collect::<Vec<_>>(),
            }),
            Err(error) => json!({ "error": error.to_string() }),
        },
        HduKind::Other => match file.data_bytes(index) {
            Ok(bytes) => json!({ "type": "uint8", "shape": [bytes.len()], "crc": crc(&bytes) }),
            Err(error) => json!({ "error": error.to_string() }),
        },
        _ => Json::Null,
    };
    let checksums = file
        .checksums(index)
        .map(|sums| format!("{:?} {:?}", sums.hdu, sums.data));
    json!({
        "info": [line.index, line.name, line.version, line.kind, line.cards, line.dimensions, line.format],
        "cards": hdu.header().cards().iter().map(dump_card).collect::<Vec<_>>(),
        "checksums": checksums.unwrap_or_else(|error| error.to_string()),
        "data": data,
    })
}

fn dump_card(card: &Card) -> Json {
    if card.is_commentary() {
        return json!([card.keyword(), "commentary", card.commentary_text(), ""]);
    }
    let (kind, value) = match card.value() {
        Ok(Some(Value::Logical(value))) => ("bool", json!(value)),
        Ok(Some(Value::Integer(value))) => ("int", json!(value)),
        Ok(Some(Value::Real(value))) => ("float", json!(value)),
        Ok(Some(Value::Complex(re, im))) => ("complex", json!([re, im])),
        Ok(Some(Value::Text(text))) => ("str", json!(text)),
        Ok(Some(Value::Undefined) | None) => ("undefined", Json::Null),
        Err(error) => ("error", json!(error.to_string())),
    };
    json!([card.keyword(), kind, value, card.comment().unwrap_or_default()])
}

fn crc(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

/// The samples as little-endian bytes.
fn little<T: Copy, const N: usize>(values: &[T], bytes: impl Fn(T) -> [u8; N]) -> Vec<u8> {
    values.iter().flat_map(|&value| bytes(value)).collect()
}

fn dump_pixels(pixels: &Pixels) -> Json {
    fn swapped<T: Sample>(values: &[T], bytes: impl Fn(T) -> Vec<u8>) -> u32 {
        crc(&values.iter().flat_map(|&value| bytes(value)).collect::<Vec<u8>>())
    }
    macro_rules! crc_of {
        ($($variant:ident),*) => {
            match pixels {
                $(Pixels::$variant(array) => swapped(&array.data, |value| value.to_le_bytes().to_vec()),)*
            }
        };
    }
    let crc = crc_of!(U8, I8, I16, U16, I32, U32, I64, U64, F32, F64);
    json!({ "type": pixels.type_name(), "shape": pixels.shape(), "crc": crc })
}

fn dump_column(column: &Column) -> Json {
    let bytes = match column.data() {
        ColumnData::Logical(v) | ColumnData::Bits(v) => v.iter().map(|&v| u8::from(v)).collect(),
        ColumnData::U8(v) => v.clone(),
        ColumnData::I8(v) => little(v, i8::to_le_bytes),
        ColumnData::I16(v) => little(v, i16::to_le_bytes),
        ColumnData::U16(v) => little(v, u16::to_le_bytes),
        ColumnData::I32(v) => little(v, i32::to_le_bytes),
        ColumnData::U32(v) => little(v, u32::to_le_bytes),
        ColumnData::I64(v) => little(v, i64::to_le_bytes),
        ColumnData::U64(v) => little(v, u64::to_le_bytes),
        ColumnData::F32(v) => little(v, f32::to_le_bytes),
        ColumnData::F64(v) => little(v, f64::to_le_bytes),
        ColumnData::C32(v) => v.iter().flatten().flat_map(|v| v.to_le_bytes()).collect(),
        ColumnData::C64(v) => v.iter().flatten().flat_map(|v| v.to_le_bytes()).collect(),
        ColumnData::Text(v) => v.join("\n").into_bytes(),
        _ => Vec::new(),
    };
    let cells = match column.cells() {
        Cells::Scalar => json!("scalar"),
        Cells::Array(shape) => json!(shape),
        Cells::Ragged(offsets) => json!({ "offsets": offsets }),
    };
    json!({
        "name": column.name(),
        "type": column.data().type_name(),
        "unit": column.unit_text(),
        "cells": cells,
        "crc": crc(&bytes),
        "nulls": column.null_mask().map(|nulls| nulls.iter().filter(|&&null| null).count()),
    })
}
