//! Tables aligned by eye: astropy's `ascii.fixed_width`, `fixed_width_two_line` and
//! `fixed_width_no_header`.
//!
//! ```text
//! | rootname | filter1 | mdecodt1 |          rootname  filter1  mdecodt1
//! |  jcrx01i |  F115LP |     17.2 |          --------  -------  --------
//! |  jcrx01j |  F115LP |     17.6 |           jcrx01i   F115LP      17.2
//! ```
//!
//! The first line, or the line of dashes, says where each column stands; the cells are cut there, so that
//! they may hold blanks and bars. Positions are counted in characters.

use super::columns::{TextColumn, unique_names};
use super::{TextError, TextResult};
use std::ops::Range;

/// Where the names of a fixed-width table come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heading {
    /// A line of names between bars.
    Names,
    /// A line of names and one of dashes below it that marks the columns.
    NamesAndDashes,
    /// None: the columns are called `col1`, `col2`, ….
    None,
}

/// Whether a line marks columns by runs of one character: `---- -- -----`, `+====+===+`.
pub(super) fn is_position_line(line: &str) -> bool {
    let mut marks = line.chars().filter(|c| !matches!(c, ' ' | '|' | '+'));
    let Some(mark) = marks.next() else { return false };
    "`~!#$%^&*-_=\\\":'".contains(mark) && marks.all(|c| c == mark)
}

pub(super) fn read(text: &str, heading: Heading) -> TextResult<Vec<TextColumn>> {
    let mut lines = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty());
    let Some((_, first)) = lines.next() else {
        return Err(TextError::Empty);
    };
    let (columns, mut cells) = match heading {
        Heading::Names => {
            let columns = between_bars(first);
            let cells = named(&columns, first);
            (columns, cells)
        }
        Heading::NamesAndDashes => {
            let marks = lines.next().filter(|(_, line)| is_position_line(line));
            let Some((_, marks)) = marks else {
                let reason = "the second line does not mark the columns".to_owned();
                return Err(TextError::Line { line: 2, reason });
            };
            let columns = runs(marks);
            let cells = named(&columns, first);
            (columns, cells)
        }
        Heading::None => {
            let columns = between_bars(first);
            let cells = (1..=columns.len())
                .map(|n| TextColumn::new(format!("col{n}")))
                .collect();
            (columns, cells)
        }
    };
    if columns.is_empty() || heading != Heading::NamesAndDashes && !first.contains('|') {
        return Err(TextError::Line {
            line: 1,
            reason: "no columns between bars can be made out".to_owned(),
        });
    }
    let again = (heading == Heading::None).then_some((0, first));
    for (_, line) in again.into_iter().chain(lines) {
        for (column, range) in cells.iter_mut().zip(&columns) {
            column.push(cut(line, range));
        }
    }
    Ok(cells)
}

fn named(columns: &[Range<usize>], line: &str) -> Vec<TextColumn> {
    unique_names(columns.iter().map(|range| cut(line, range)))
        .into_iter()
        .map(TextColumn::new)
        .collect()
}

/// The characters between bars, leaving out what is empty (before a leading bar, after the last). Without
/// a bar at its end, the last column takes all that follows.
fn between_bars(line: &str) -> Vec<Range<usize>> {
    let mut columns = Vec::new();
    let mut start = 0;
    for part in line.split('|') {
        let length = part.chars().count();
        // What stands outside the outer bars may be blanks, or an indentation.
        let outside = part.trim().is_empty() && (start == 0 || start + length == line.chars().count());
        if length > 0 && !outside {
            columns.push(start..start + length);
        }
        start += length + 1;
    }
    if !line.trim_end().ends_with('|')
        && let Some(last) = columns.last_mut()
    {
        last.end = usize::MAX;
    }
    columns
}

/// The runs of marks in a line such as `---- --- -----`.
fn runs(line: &str) -> Vec<Range<usize>> {
    let mut columns: Vec<Range<usize>> = Vec::new();
    for (at, character) in line.chars().enumerate() {
        match columns.last_mut() {
            _ if matches!(character, ' ' | '|' | '+') => {}
            Some(last) if last.end == at => last.end += 1,
            _ => columns.push(at..at + 1),
        }
    }
    columns
}

/// The characters of a range, without the blanks around them.
fn cut<'a>(line: &'a str, range: &Range<usize>) -> &'a str {
    let byte = |characters: usize| {
        if line.is_ascii() {
            return characters.min(line.len());
        }
        line.char_indices()
            .nth(characters)
            .map_or(line.len(), |(at, _)| at)
    };
    line[byte(range.start)..byte(range.end)].trim()
}

/// Writes columns of cells, right-aligned as astropy does.
///
/// # Errors
/// [`TextError::Cell`] for names and cells that would not read back: with line breaks, or names with bars.
pub(super) fn write(names: &[String], columns: &[Vec<String>], heading: Heading) -> TextResult<String> {
    for (name, cells) in names.iter().zip(columns) {
        let unreadable = |cell: &str| cell.contains(['\n', '\r']);
        if name.contains('|') || unreadable(name) || name.trim().is_empty() {
            let reason = "such a name cannot stand in a fixed-width table; use ecsv".to_owned();
            return Err(TextError::Cell {
                column: name.clone(),
                row: None,
                reason,
            });
        }
        if let Some(row) = cells.iter().position(|cell| unreadable(cell)) {
            let reason = "a line break cannot stand in a fixed-width table; use ecsv".to_owned();
            return Err(TextError::Cell {
                column: name.clone(),
                row: Some(row),
                reason,
            });
        }
    }
    let width = |text: &String| text.chars().count();
    let widths: Vec<usize> = names
        .iter()
        .zip(columns)
        .map(|(name, cells)| cells.iter().chain([name]).map(width).max().unwrap_or(0).max(1))
        .collect();
    let rows = columns.first().map_or(0, Vec::len);
    let bars = heading != Heading::NamesAndDashes;
    let mut text = String::new();
    if heading != Heading::None {
        push_row(&mut text, names.iter().map(String::as_str), &widths, bars);
    }
    if heading == Heading::NamesAndDashes {
        let dashes: Vec<String> = widths.iter().map(|&w| "-".repeat(w)).collect();
        push_row(&mut text, dashes.iter().map(String::as_str), &widths, bars);
    }
    for row in 0..rows {
        push_row(
            &mut text,
            columns.iter().map(|cells| cells[row].as_str()),
            &widths,
            bars,
        );
    }
    Ok(text)
}

fn push_row<'a>(text: &mut String, cells: impl Iterator<Item = &'a str>, widths: &[usize], bars: bool) {
    let (left, between, right) = if bars { ("| ", " | ", " |") } else { ("", " ", "") };
    text.push_str(left);
    for (n, (cell, width)) in cells.zip(widths).enumerate() {
        if n > 0 {
            text.push_str(between);
        }
        text.extend(std::iter::repeat_n(' ', width - cell.chars().count().min(*width)));
        text.push_str(cell);
    }
    text.push_str(right);
    text.push('\n');
}
