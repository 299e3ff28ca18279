//! Files with the same values of keywords.

use crate::Result;
use crate::frame::table::{Column, Table, cell_text};
use serde::Serialize;
use std::collections::HashMap;

/// Files with the same values of keywords.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Group {
    /// The values, in the order in which the keywords were given; none where a file does not have one.
    pub values: Vec<Option<String>>,
    /// The files.
    pub files: Vec<String>,
}

/// The keywords of a list parted by commas.
pub(super) fn keys(list: &str) -> Vec<String> {
    list.split(',')
        .map(|key| key.trim().to_owned())
        .filter(|key| !key.is_empty())
        .collect()
}

/// The groups as a table with the keywords, `count` and `files`, and as they are; in the order in which they come first.
pub(super) fn grouped(table: &Table, keys: &[String]) -> Result<(Table, Vec<Group>)> {
    let columns = keys
        .iter()
        .map(|key| table.column(key))
        .collect::<Result<Vec<_>, _>>()?;
    let files = table.texts("file")?;
    let mut places: HashMap<Vec<Option<String>>, usize> = HashMap::new();
    let mut groups: Vec<Group> = Vec::new();
    let mut firsts = Vec::new();
    for (row, file) in files.iter().enumerate() {
        let value = |column: &&Column| (!column.is_null(row)).then(|| cell_text(column, row));
        let values: Vec<Option<String>> = columns.iter().map(value).collect();
        let place = *places.entry(values.clone()).or_insert(groups.len());
        if place == groups.len() {
            firsts.push(row);
            groups.push(Group {
                values,
                files: Vec::new(),
            });
        }
        groups[place].files.push(file.clone());
    }
    let mut made = Table::new();
    for (key, column) in keys.iter().zip(columns) {
        made.push(column.take(&firsts).renamed(key))?;
    }
    made.push(Column::i64(
        "count",
        groups.iter().map(|group| group.files.len() as i64).collect(),
    ))?;
    made.push(Column::text(
        "files",
        groups.iter().map(|group| group.files.join(" ")),
    ))?;
    Ok((made, groups))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_come_in_the_order_of_their_first_files() {
        let table = Table::new()
            .with(Column::text("file", ["a", "b", "c", "d"]))
            .unwrap()
            .with(Column::text("FILTER", ["V", "B", "V", ""]).nulls(vec![false, false, false, true]))
            .unwrap();
        let (made, groups) = grouped(&table, &keys("filter")).unwrap();
        assert_eq!(made.names(), ["filter", "count", "files"]);
        assert_eq!(made.integers("count").unwrap(), [2, 1, 1]);
        assert_eq!(made.texts("files").unwrap(), ["a c", "b", "d"]);
        assert_eq!(groups[2].values, [None]);
        assert!(grouped(&table, &keys("nosuch")).is_err());
    }
}
