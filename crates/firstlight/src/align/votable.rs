//! VOTable, as far as catalogues of positions come in it: the first table, its cells as text.

use crate::{Error, Result};
use firstlight_frame::table::{Column, Table};
use std::path::Path;

/// Whether text is a VOTable.
pub(super) fn is_votable(text: &str) -> bool {
    text.get(..4096.min(text.len()))
        .unwrap_or(text)
        .contains("<VOTABLE")
}

/// Reads the first table whose data are TABLEDATA. Cells that are no numbers are NaN.
///
/// # Errors
/// [`Error::Unsupported`] for binary data, which say how to come by the other kind.
pub(super) fn read(text: &str, path: &Path) -> Result<Table> {
    let table = between(text, "<TABLE", "</TABLE>").unwrap_or_default();
    let Some(data) = between(table, "<TABLEDATA", "</TABLEDATA>") else {
        return Err(Error::Unsupported(format!(
            "{}: a VOTable without TABLEDATA; save it as VOTable with TABLEDATA, as ECSV or as CSV",
            path.display()
        )));
    };
    let names: Vec<String> = elements(table, "<FIELD")
        .filter_map(|field| attribute(field, "name").or_else(|| attribute(field, "ID")))
        .collect();
    let mut columns: Vec<Vec<f64>> = vec![Vec::new(); names.len()];
    for row in data.split("<TR").skip(1) {
        let row = row.split("</TR").next().unwrap_or_default();
        let mut cells = row.split("<TD").skip(1).map(cell);
        for column in &mut columns {
            column.push(cells.next().flatten().unwrap_or(f64::NAN));
        }
    }
    let mut read = Table::new();
    for (name, values) in names.iter().zip(columns) {
        if read.find(name).is_none() {
            read.push(Column::f64(name, values))?;
        }
    }
    Ok(read)
}

/// The number in what follows `<TD`.
fn cell(text: &str) -> Option<f64> {
    let (opening, rest) = text.split_once('>')?;
    if opening.ends_with('/') {
        return None;
    }
    let content = rest.split("</TD").next()?.trim();
    content
        .strip_prefix("<![CDATA[")
        .map_or(content, |inner| inner.trim_end_matches("]]>"))
        .parse()
        .ok()
}

/// The text from the end of the element that opens with `start` to `end`.
fn between<'t>(text: &'t str, start: &str, end: &str) -> Option<&'t str> {
    let opens = |at: usize| text[at + start.len()..].starts_with([' ', '>', '\n', '\r', '\t']);
    let at = text
        .match_indices(start)
        .map(|(at, _)| at)
        .find(|&at| opens(at))?;
    let inside = &text[at..];
    let inside = &inside[inside.find('>')? + 1..];
    Some(&inside[..inside.find(end).unwrap_or(inside.len())])
}

/// The opening tags of elements.
fn elements<'t>(text: &'t str, start: &'t str) -> impl Iterator<Item = &'t str> {
    text.split(start)
        .skip(1)
        .filter_map(|rest| rest.split_once('>').map(|(tag, _)| tag))
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let mut rest = tag;
    while let Some(at) = rest.find(name) {
        let after = rest[at + name.len()..].trim_start();
        let alone = rest[..at].ends_with(char::is_whitespace);
        rest = &rest[at + name.len()..];
        if alone && let Some(value) = after.strip_prefix('=') {
            let value = value.trim_start();
            let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
            return value[1..].split(quote).next().map(str::to_owned);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"<?xml version="1.0"?><VOTABLE version="1.4"><RESOURCE><TABLE name="t">
        <FIELD ID="c1" datatype="double" name="ra" unit="deg"/><FIELD name='dec' datatype="double"></FIELD>
        <FIELD datatype="float" name="pmra"/>
        <DATA><TABLEDATA>
        <TR><TD>10.5</TD><TD> -3.25 </TD><TD/></TR>
        <TR>
          <TD>11</TD><TD><![CDATA[4]]></TD><TD>1e1</TD></TR>
        </TABLEDATA></DATA></TABLE></RESOURCE></VOTABLE>"#;

    #[test]
    fn cells_by_the_names_of_fields() {
        assert!(is_votable(TEXT));
        let table = read(TEXT, Path::new("t.vot")).unwrap();
        assert_eq!(table.names(), ["ra", "dec", "pmra"]);
        assert_eq!(table.reals("dec").unwrap(), [-3.25, 4.0]);
        let pmra = table.reals("pmra").unwrap();
        assert!(pmra[0].is_nan() && pmra[1] == 10.0);
    }

    #[test]
    fn binary_data_are_named() {
        let text = TEXT.replace("TABLEDATA", "BINARY2");
        assert!(matches!(
            read(&text, Path::new("t.vot")),
            Err(Error::Unsupported(_))
        ));
    }
}
