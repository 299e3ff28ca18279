//! Columns of text cells, which every text format is read into before types are known.

use super::{Column, ColumnData};

/// The cells of one column as text, end to end; an empty cell is null.
#[derive(Debug, Clone, Default)]
pub(super) struct TextColumn {
    pub name: String,
    text: String,
    ends: Vec<usize>,
}

impl TextColumn {
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..Self::default()
        }
    }

    pub fn push(&mut self, cell: &str) {
        self.text.push_str(cell);
        self.ends.push(self.text.len());
    }

    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| &self.text[start..end])
    }

    /// The column in the narrowest kind that all its cells can be read as: logical, integer (of 64 bits),
    /// real, text. Columns without any cell that is not empty are text.
    pub fn into_column(self) -> Column {
        let data = match self.iter().all(|cell| cell.trim().is_empty()) {
            true => None,
            false => self
                .logicals()
                .or_else(|| self.integers())
                .or_else(|| self.reals()),
        };
        let data = data.unwrap_or_else(|| ColumnData::Text(self.iter().map(str::to_owned).collect()));
        let nulls = self.iter().map(|cell| cell.trim().is_empty()).collect();
        Column::scalar(self.name, data).nulls(nulls)
    }

    /// All cells read alike, with `null` where they are empty; `None` if one cannot be read.
    fn all<T: Copy>(&self, null: T, read: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
        let cells = self.iter().map(str::trim);
        cells
            .map(|cell| if cell.is_empty() { Some(null) } else { read(cell) })
            .collect()
    }

    fn logicals(&self) -> Option<ColumnData> {
        self.all(false, read_logical).map(ColumnData::Logical)
    }

    fn integers(&self) -> Option<ColumnData> {
        let signed = self.all(0, |cell| cell.parse().ok()).map(ColumnData::I64);
        signed.or_else(|| self.all(0, |cell| cell.parse().ok()).map(ColumnData::U64))
    }

    fn reals(&self) -> Option<ColumnData> {
        // Digits that no integer holds are an identifier, of which a real would lose the end.
        let number = |cell: &str| {
            cell.trim_start_matches(['+', '-'])
                .bytes()
                .any(|b| !b.is_ascii_digit())
        };
        let real = |cell: &str| {
            let read: Option<f64> = cell.parse().ok();
            read.filter(|_| number(cell) || cell.len() < 16)
        };
        self.all(f64::NAN, real).map(ColumnData::F64)
    }
}

pub(super) fn read_logical(cell: &str) -> Option<bool> {
    match cell {
        "True" | "true" | "TRUE" => Some(true),
        "False" | "false" | "FALSE" => Some(false),
        _ => None,
    }
}

/// Makes names unique as astropy does: a second `a` becomes `a_1`, a third `a_2`. Columns without a name
/// are called after their position, `col3`.
pub(super) fn unique_names<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut unique: Vec<String> = Vec::new();
    // FITS tables, and look-ups here, do not tell upper from lower case.
    let mut taken = std::collections::HashSet::new();
    for (at, name) in names.into_iter().enumerate() {
        let name = if name.is_empty() {
            format!("col{}", at + 1)
        } else {
            name.to_owned()
        };
        let mut candidate = name.clone();
        let mut number = 0;
        while !taken.insert(candidate.to_ascii_lowercase()) {
            number += 1;
            candidate = format!("{name}_{number}");
        }
        unique.push(candidate);
    }
    unique
}
