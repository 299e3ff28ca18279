//! Tables for people: aligned columns, a row of units, long tables cut in the middle.

use super::display::Display;
use super::{Column, ColumnData, Table, element};

/// How much of a table is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Extent {
    /// Most rows to show; `None` for all. What is left out is left out in the middle.
    pub rows: Option<usize>,
    /// Most characters in a line; `None` for any number. Columns that do not fit are named below the
    /// table instead.
    pub width: Option<usize>,
}

/// A table as text. Numbers stand to the right, everything else to the left; reals take the column's
/// display format, or else the shortest decimal that reads back; nulls are `--`.
pub fn pretty(table: &Table, extent: Extent) -> String {
    let (head, tail) = shown_rows(table.rows(), extent.rows);
    let cut = head.end < tail.start;
    let rows: Vec<usize> = head.clone().chain(tail).collect();
    let any_unit = table.columns().iter().any(|c| c.unit_text().is_some());
    let mut blocks: Vec<Block> = Vec::new();
    let mut left_out = Vec::new();
    let mut total = 0;
    for column in table.columns() {
        let block = Block::new(column, &rows, any_unit, cut.then_some(head.len()));
        let with = total + block.width + if blocks.is_empty() { 0 } else { 2 };
        let fits = extent.width.is_none_or(|width| with <= width) || blocks.is_empty();
        if fits && left_out.is_empty() {
            total = with;
            blocks.push(block);
        } else {
            left_out.push(column.name());
        }
    }
    let mut text = join(&blocks);
    if cut {
        text.push_str(&format!("{} rows, {} of them shown\n", table.rows(), rows.len()));
    }
    if !left_out.is_empty() {
        text.push_str(&format!("not shown: {}\n", left_out.join(", ")));
    }
    text
}

/// The first and the last rows that are shown.
fn shown_rows(rows: usize, most: Option<usize>) -> (std::ops::Range<usize>, std::ops::Range<usize>) {
    match most {
        Some(most) if most < rows => {
            let first = most.div_ceil(2);
            (0..first, rows - (most - first)..rows)
        }
        _ => (0..rows, rows..rows),
    }
}

/// The lines of one column.
struct Block {
    lines: Vec<String>,
    width: usize,
    right: bool,
}

impl Block {
    fn new(column: &Column, rows: &[usize], unit: bool, cut_after: Option<usize>) -> Self {
        let mut lines = vec![one_line(column.name())];
        if unit {
            lines.push(one_line(column.unit_text().unwrap_or_default()));
        }
        let display = column.display_format().and_then(Display::parse);
        let head = lines.len();
        lines.extend(rows.iter().map(|&row| one_line(&cell(column, row, display))));
        if let Some(after) = cut_after {
            lines.insert(head + after, "…".to_owned());
        }
        let width = lines.iter().map(|line| line.chars().count()).max().unwrap_or(0);
        lines.insert(head, "-".repeat(width));
        let right =
            column.is_scalar() && !matches!(column.data(), ColumnData::Text(_) | ColumnData::Logical(_));
        Self { lines, width, right }
    }
}

fn join(blocks: &[Block]) -> String {
    let mut text = String::new();
    for line in 0..blocks.first().map_or(0, |block| block.lines.len()) {
        let start = text.len();
        for (n, block) in blocks.iter().enumerate() {
            let cell = &block.lines[line];
            let blanks = block.width - cell.chars().count();
            let (before, after) = if block.right { (blanks, 0) } else { (0, blanks) };
            let gap = if n == 0 { 0 } else { 2 };
            text.extend(std::iter::repeat_n(' ', gap + before));
            text.push_str(cell);
            text.extend(std::iter::repeat_n(' ', after));
        }
        text.truncate(start + text[start..].trim_end().len());
        text.push('\n');
    }
    text
}

/// Line breaks and other control characters would spoil the alignment.
fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

/// Elements of an array that are shown before it is cut in the middle.
const ARRAY_SHOWN: usize = 4;

fn cell(column: &Column, row: usize, display: Option<Display>) -> String {
    let elements = column.elements(row);
    if column.is_scalar() {
        return one(column, row, display);
    }
    let shown: Vec<String> = if elements.len() <= ARRAY_SHOWN {
        elements.map(|element| one(column, element, display)).collect()
    } else {
        let first = one(column, elements.start, display);
        let second = one(column, elements.start + 1, display);
        vec![
            first,
            second,
            "…".to_owned(),
            one(column, elements.end - 1, display),
        ]
    };
    format!("[{}]", shown.join(", "))
}

fn one(column: &Column, element: usize, display: Option<Display>) -> String {
    if column.is_null(element) {
        return "--".to_owned();
    }
    match (display, column.data()) {
        (Some(display), ColumnData::F32(_) | ColumnData::F64(_)) => column
            .data()
            .real(element)
            .map_or_else(String::new, |value| display.apply(value)),
        _ => element::text(column, element),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log() -> Table {
        Table::new()
            .with(Column::text("rootname", ["jcrx01iiq", "j2"]))
            .and_then(|t| {
                t.with(
                    Column::f64("mdecodt1", vec![17.2, 1.0 / 3.0])
                        .unit("deg C")
                        .display("F8.3"),
                )
            })
            .and_then(|t| t.with(Column::i32("n", vec![1, 200]).nulls(vec![true, false])))
            .and_then(|t| {
                t.with(Column::array(
                    "xy",
                    vec![2],
                    ColumnData::F32(vec![1.5, 2.0, 3.0, 4.0]),
                )?)
            })
            .unwrap()
    }

    #[test]
    fn columns_are_aligned_under_their_units() {
        let expected = "rootname   mdecodt1    n  xy\n              deg C\n---------  --------  ---  ----------\n\
                        jcrx01iiq    17.200   --  [1.5, 2.0]\nj2            0.333  200  [3.0, 4.0]\n";
        assert_eq!(pretty(&log(), Extent::default()), expected);
    }

    #[test]
    fn long_and_wide_tables_are_cut() {
        let table = Table::new().with(Column::i64("n", (0..100).collect())).unwrap();
        let text = pretty(
            &table,
            Extent {
                rows: Some(4),
                width: None,
            },
        );
        assert_eq!(text, " n\n--\n 0\n 1\n …\n98\n99\n100 rows, 4 of them shown\n");
        let text = pretty(
            &log(),
            Extent {
                rows: None,
                width: Some(20),
            },
        );
        assert!(text.ends_with("not shown: n, xy\n"), "{text}");
        assert!(
            text.lines().take(5).all(|line| line.chars().count() <= 20),
            "{text}"
        );
        assert_eq!(pretty(&Table::new(), Extent::default()), "");
    }
}
