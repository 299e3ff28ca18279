//! Parameters from MDRIZTAB, the table of parameters by filter and number of images that headers name.

use super::DrizzleOptions;
use crate::references::References;
use crate::{Error, Result};
use firstlight_fits::{ColumnData, FitsFile, Header, Table};
use firstlight_frame::Exposure;
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};

/// Columns that choose the row, or that AstroDrizzle does not take either.
const NOT_PARAMETERS: [&str; 6] = [
    "filter",
    "numimages",
    "shiftfile",
    "mdriztab",
    "staticfile",
    "updatewcs",
];
/// Columns whose parameters have another name.
const RENAMED: [(&str, &str); 3] = [
    ("subsky", "skysub"),
    ("crbitval", "crbit"),
    ("readnoise", "rdnoise"),
];
/// What a column of integers has where there is no number.
const NO_INTEGER: i64 = -2147483647;

/// The options with those of the first file's table, where that is asked for. What the user has set to other than
/// its default stays.
///
/// # Errors
/// [`Error::Usage`] where the header names no table, or the table has no row or no column to choose one by;
/// [`Error::MissingReference`] where it is not there; parameters that cannot be.
pub(super) fn applied(files: &[PathBuf], options: &DrizzleOptions) -> Result<Option<DrizzleOptions>> {
    let Some(first) = files.first().filter(|_| options.mdriztab) else {
        return Ok(None);
    };
    let exposure = Exposure::open(first)?;
    let places = References::of_process().with_folder(options.ref_dir.clone());
    let Some(path) = places.of(&exposure, "MDRIZTAB")? else {
        return Err(Error::Usage(format!(
            "{}: the header names no MDRIZTAB; set mdriztab to false",
            first.display()
        )));
    };
    let table = FitsFile::open(&path)?.table(1)?;
    let row = row(&table, &filters(exposure.primary()), files.len()).ok_or_else(|| {
        Error::Usage(format!(
            "{}: no row for the filters {} and {} images",
            path.display(),
            filters(exposure.primary()),
            files.len()
        ))
    })?;
    merged(options, parameters(&table, row), &path).map(Some)
}

/// The names of the filters as the table has them: those of the instrument's keywords, with commas.
fn filters(primary: &Header) -> String {
    let instrument = primary.text("INSTRUME").unwrap_or_default();
    let keywords = match instrument.trim() {
        "ACS" => ["FILTER1", "FILTER2"],
        "WFPC2" => ["FILTNAM1", "FILTNAM2"],
        "STIS" => ["OPT_ELEM", "FILTER"],
        _ => ["FILTER", "FILTER2"],
    };
    let names = keywords.into_iter().filter_map(|keyword| primary.text(keyword));
    let names: Vec<String> = names
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .collect();
    names.join(",")
}

/// The last row for these filters, else for any, that asks for no more images than there are; the first of the table
/// where none does.
fn row(table: &Table, filters: &str, images: usize) -> Option<usize> {
    let (names, numbers) = (table.texts("filter").ok()?, table.integers("numimages").ok()?);
    let of = |wanted: &str| -> Vec<usize> {
        let rows = names.iter().enumerate();
        rows.filter(|(_, name)| name.trim() == wanted)
            .map(|(row, _)| row)
            .collect()
    };
    let rows = match of(filters) {
        rows if rows.is_empty() => of("ANY"),
        rows => rows,
    };
    let fits = |row: &&usize| numbers.get(**row).is_some_and(|number| *number <= images as i64);
    rows.iter()
        .rfind(fits)
        .copied()
        .or_else(|| (table.rows() > 0).then_some(0))
}

/// The parameters of a row by their names; null where the table has no value.
fn parameters(table: &Table, row: usize) -> Map<String, Value> {
    let mut found = Map::new();
    for column in table.columns() {
        let name = column.name().trim().to_ascii_lowercase();
        if NOT_PARAMETERS.contains(&name.as_str()) || !column.is_scalar() {
            continue;
        }
        let value = value(column.data(), row);
        match name.as_str() {
            "refimage" | "bits" | "ra" | "dec" => {
                for step in ["driz_sep_", "final_"] {
                    found.insert(format!("{step}{name}"), value.clone());
                }
            }
            "coeffs" => {
                let none = |text: &str| ["", "INDEF", "None"].contains(&text.trim());
                found.insert(name, Value::Bool(!value.as_str().is_none_or(none)));
            }
            _ => {
                let renamed = RENAMED.iter().find(|(column, _)| *column == name);
                let name = renamed.map_or(name, |(_, parameter)| (*parameter).to_owned());
                found.insert(name, value);
            }
        }
    }
    found
}

fn value(data: &ColumnData, row: usize) -> Value {
    match data {
        ColumnData::Logical(values) => values.get(row).map_or(Value::Null, |value| Value::Bool(*value)),
        _ => match (data.integer(row), data.real(row), data.text(row)) {
            (Some(NO_INTEGER), ..) => Value::Null,
            (Some(number), ..) => Value::from(number),
            (_, Some(number), _) => shortest(number),
            (_, _, Some(text)) if !text.trim().is_empty() => Value::from(text.trim()),
            _ => Value::Null,
        },
    }
}

/// Columns of single precision: 0.3 rather than 0.30000001192092896.
fn shortest(number: f64) -> Value {
    if !number.is_finite() {
        return Value::Null;
    }
    let narrow = (number as f32).to_string().parse::<f64>().unwrap_or(number);
    Value::from(if f64::from(number as f32) == number {
        narrow
    } else {
        number
    })
}

/// Parameters of the table in place of those that are at their defaults.
fn merged(options: &DrizzleOptions, tabulated: Map<String, Value>, path: &Path) -> Result<DrizzleOptions> {
    let bad = |error: serde_json::Error| Error::Usage(format!("{}: {error}", path.display()));
    let mut all = serde_json::to_value(options).map_err(bad)?;
    let defaults = serde_json::to_value(DrizzleOptions::default()).map_err(bad)?;
    for (name, value) in tabulated {
        let Some(now) = all.get_mut(&name) else { continue };
        // A default of the table's own, which says nothing.
        if value.is_null() && defaults.get(&name).is_some_and(|default| !default.is_null()) {
            continue;
        }
        if Some(&*now) == defaults.get(&name) {
            *now = as_option(value, now);
        }
    }
    serde_json::from_value(all).map_err(bad)
}

/// Numbers as texts where the option is a text.
fn as_option(value: Value, now: &Value) -> Value {
    match (&value, now) {
        (Value::Number(number), Value::String(_)) => Value::from(number.to_string()),
        (Value::Number(number), Value::Bool(_)) => Value::Bool(number.as_i64() == Some(1)),
        _ => value,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use firstlight_fits::Column;

    fn table() -> Table {
        let texts = |name: &str, values: [&str; 4]| Column::text(name, values);
        Table::new()
            .with(texts("filter", ["ANY", "ANY", "ANY", "F606W,CLEAR2L"]))
            .unwrap()
            .with(Column::i64("numimages", vec![1, 2, 6, 2]))
            .unwrap()
            .with(texts("combine_type", ["minmed", "minmed", "median", "imedian"]))
            .unwrap()
            .with(Column::f64(
                "final_pixfrac",
                vec![1.0, f64::from(0.8_f32), f64::NAN, 0.5],
            ))
            .unwrap()
            .with(Column::i64("combine_nhigh", vec![0, 1, NO_INTEGER, 3]))
            .unwrap()
            .with(Column::logical("subsky", vec![true, true, false, false]))
            .unwrap()
    }

    #[test]
    fn the_row_is_chosen_by_filter_and_number() {
        let table = table();
        assert_eq!(row(&table, "F814W,CLEAR2L", 1), Some(0));
        assert_eq!(row(&table, "F814W,CLEAR2L", 5), Some(1));
        assert_eq!(row(&table, "F814W,CLEAR2L", 60), Some(2));
        assert_eq!(row(&table, "F606W,CLEAR2L", 4), Some(3));
    }

    #[test]
    fn what_the_user_set_wins_and_no_value_changes_nothing() {
        let table = table();
        let given = DrizzleOptions {
            final_pixfrac: 0.9,
            ..DrizzleOptions::default()
        };
        let made = merged(&given, parameters(&table, 3), Path::new("t")).unwrap();
        assert_eq!((made.final_pixfrac, made.stacking.combine_nhigh), (0.9, 3));
        assert!(!made.sky.skysub && made.stacking.combine_type.to_string() == "imedian");
        let plain = DrizzleOptions::default();
        let made = merged(&plain, parameters(&table, 1), Path::new("t")).unwrap();
        assert_eq!(made.final_pixfrac, 0.8);
        let made = merged(&plain, parameters(&table, 2), Path::new("t")).unwrap();
        assert_eq!((made.final_pixfrac, made.stacking.combine_nhigh), (1.0, 0));
    }
}
