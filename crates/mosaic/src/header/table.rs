//! The table HDRTAB: what each input's header said, one row an input image.

use crate::Result;
use crate::chip::Chip;
use firstlight_fits::{Column, Header, Table, Value};

/// A FITS table has at most 999 columns.
const MOST_COLUMNS: usize = 990;
/// Columns that come first.
const LEADING: [&str; 3] = ["ROOTNAME", "EXTNAME", "EXTVER"];
/// What the steps have found anew.
const SKY: &str = "MDRIZSKY";
/// Keywords of the pixels' layout, and those that have no value of their own.
const NOT_TOLD: [&str; 8] = [
    "SIMPLE", "EXTEND", "PCOUNT", "GCOUNT", "CHECKSUM", "DATASUM", "DP1", "DP2",
];

/// The values of all keywords of the primary and SCI headers. Where a keyword is missing, its cell is NaN or empty.
pub(super) fn header_table(chips: &[Chip]) -> Result<Table> {
    let headers: Vec<[&Header; 2]> = chips
        .iter()
        .map(|chip| [chip.header(), chip.file().primary().header()])
        .collect();
    let mut names: Vec<String> = LEADING.iter().map(|name| (*name).to_owned()).collect();
    if chips.iter().any(|chip| chip.sky.is_some()) {
        names.push(SKY.to_owned());
    }
    for header in headers.iter().flat_map(|[sci, primary]| [*primary, *sci]) {
        for card in header.cards().iter().filter(|card| !card.is_commentary()) {
            let keyword = card.keyword();
            let told = !NOT_TOLD.contains(&keyword) && !keyword.starts_with("D2IM") && keyword.len() <= 8;
            if told && !names.iter().any(|name| name == keyword) {
                names.push(keyword.to_owned());
            }
        }
    }
    let mut table = Table::new();
    for name in names.into_iter().take(MOST_COLUMNS) {
        let value = |[sci, primary]: &[&Header; 2]| sci.get(&name).or_else(|| primary.get(&name));
        let mut values: Vec<Option<Value>> = headers.iter().map(value).collect();
        if name == SKY {
            let found = values.iter_mut().zip(chips);
            found.for_each(|(value, chip)| *value = Some(Value::Real(chip.subtracted_sky)));
        }
        if values.iter().any(Option::is_some) {
            table.push(column(&name, &values))?;
        }
    }
    Ok(table)
}

/// The narrowest type that holds all values.
fn column(name: &str, values: &[Option<Value>]) -> Column {
    let integers: Option<Vec<i64>> = values
        .iter()
        .map(|value| match value {
            Some(Value::Integer(value)) => Some(*value),
            _ => None,
        })
        .collect();
    let logicals: Option<Vec<bool>> = values
        .iter()
        .map(|value| match value {
            Some(Value::Logical(value)) => Some(*value),
            _ => None,
        })
        .collect();
    let reals: Option<Vec<f64>> = values
        .iter()
        .map(|value| match value {
            Some(value) => value.as_real(),
            None => Some(f64::NAN),
        })
        .collect();
    match (integers, logicals, reals) {
        (Some(values), _, _) => Column::i64(name, values),
        (_, Some(values), _) => Column::logical(name, values),
        (_, _, Some(values)) => Column::f64(name, values),
        _ => Column::text(
            name,
            values
                .iter()
                .map(|value| value.as_ref().map_or_else(String::new, Value::to_string)),
        ),
    }
}
