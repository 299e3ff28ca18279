//! Writing ECSV.

use super::arrays;
use super::flow::scalar;
use crate::table::display::Display;
use crate::table::{Column, ColumnData, Table, element};

/// A table as ECSV, cells separated by blanks, as astropy writes it.
pub fn write(table: &Table) -> String {
    let mut text = String::from("# %ECSV 1.0\n# ---\n# datatype:\n");
    for column in table.columns() {
        text.push_str("# - {");
        text.push_str(&description(column));
        text.push_str("}\n");
    }
    text.push_str("# schema: astropy-2.0\n");
    push_row(
        &mut text,
        table.columns().iter().map(|column| column.name().to_owned()),
    );
    for row in 0..table.rows() {
        let cells = table.columns().iter().map(|column| {
            if column.is_scalar() {
                element::text(column, row)
            } else {
                arrays::write(column, row)
            }
        });
        push_row(&mut text, cells);
    }
    text
}

fn description(column: &Column) -> String {
    let datatype = match column.data() {
        ColumnData::Text(_) => "string",
        ColumnData::Bits(_) => "bool",
        other => other.type_name(),
    };
    let mut text = format!("name: {}", scalar(column.name()));
    if let Some(unit) = column.unit_text() {
        text.push_str(&format!(", unit: {}", scalar(unit)));
    }
    match arrays::shape(column) {
        None => text.push_str(&format!(", datatype: {datatype}")),
        Some(shape) => text.push_str(&format!(", datatype: string, subtype: '{datatype}[{shape}]'")),
    }
    if let Some(display) = column.display_format().and_then(Display::parse) {
        text.push_str(&format!(", format: {}", scalar(&display.to_python())));
    }
    if let Some(description) = column.description_text() {
        text.push_str(&format!(", description: {}", scalar(description)));
    }
    text
}

fn push_row(text: &mut String, cells: impl Iterator<Item = String>) {
    for (n, cell) in cells.enumerate() {
        if n > 0 {
            text.push(' ');
        }
        let quote =
            cell.is_empty() || cell.contains(|c: char| c.is_whitespace() || matches!(c, '"' | ',' | '#'));
        // Numbers in arrays need no quotes for the blanks' sake, but other readers may expect commas.
        let plain_array = cell.starts_with('[') && !cell.contains(|c: char| c.is_whitespace() || c == '"');
        if quote && !plain_array {
            text.push('"');
            text.push_str(&cell.replace('"', "\"\""));
            text.push('"');
        } else {
            text.push_str(&cell);
        }
    }
    text.push('\n');
}
