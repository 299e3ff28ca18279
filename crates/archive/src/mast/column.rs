//! What is known of the columns of observations and products, from the service or from here.

use crate::{Error, Result};
use firstlight_frame::table::{Column, Table};
use serde_json::Value;

/// What the cells of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// Whole numbers.
    Integer,
    /// Numbers.
    Real,
    /// True or false.
    Logical,
}

impl Kind {
    /// The kind that the service's name of a type stands for; text where it is none that is known.
    pub fn of(name: &str) -> Self {
        match name.to_ascii_lowercase().as_str() {
            "double" | "float" | "decimal" | "numeric" => Kind::Real,
            "int" | "short" | "long" | "number" | "unsignedbyte" => Kind::Integer,
            "boolean" | "binary" => Kind::Logical,
            _ => Kind::Text,
        }
    }

    /// Its name in metadata.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Text => "string",
            Kind::Integer => "integer",
            Kind::Real => "float",
            Kind::Logical => "boolean",
        }
    }
}

/// One column.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnConfig {
    /// Its name in requests and answers.
    pub name: String,
    /// Its name for people.
    pub label: String,
    /// What its cells are.
    pub kind: Kind,
    /// Whether it is asked for by ranges rather than by values.
    pub continuous: bool,
    /// Its unit, or nothing.
    pub unit: String,
    /// What it is.
    pub description: String,
    /// Values it has.
    pub example: String,
    /// What stands between several values in one cell, where there may be several.
    pub separator: Option<String>,
    /// A value that stands for none.
    pub ignore: Option<f64>,
    /// Whether the service takes it out of its answers.
    pub removed: bool,
}

/// Columns, in the service's order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Columns(pub Vec<ColumnConfig>);

impl Columns {
    /// Reads the service's `columnsconfig`.
    ///
    /// # Errors
    /// [`Error::BadAnswer`] where it is no JSON object of objects.
    pub fn parse(url: &str, json: &Value) -> Result<Self> {
        let bad = |reason: &str| Error::BadAnswer {
            url: crate::client::address_without_secrets(url),
            reason: reason.to_owned(),
        };
        let object = json
            .as_object()
            .filter(|object| !object.is_empty())
            .ok_or_else(|| bad("there is no configuration of columns of this name"))?;
        let columns = object.iter().filter(|(name, _)| *name != "_selected_");
        Ok(Self(columns.map(|(name, column)| read(name, column)).collect()))
    }

    /// The column of a name, in upper or lower case.
    pub fn find(&self, name: &str) -> Option<&ColumnConfig> {
        self.0
            .iter()
            .find(|column| column.name.eq_ignore_ascii_case(name))
    }

    /// The names of columns that answers have.
    pub fn names(&self) -> Vec<&str> {
        let there = self.0.iter().filter(|column| !column.removed);
        there.map(|column| column.name.as_str()).collect()
    }

    /// The columns as a table, with the headings that `get_metadata` of astroquery has. Columns that have
    /// nothing in any row are left out.
    ///
    /// # Errors
    /// None that can happen with columns of one length.
    pub fn metadata(&self) -> Result<Table> {
        type Text = fn(&ColumnConfig) -> &str;
        let headings: [(&str, Text); 6] = [
            ("Column Name", |c| &c.name),
            ("Column Label", |c| &c.label),
            ("Data Type", |c| c.kind.name()),
            ("Units", |c| &c.unit),
            ("Description", |c| &c.description),
            ("Examples/Valid Values", |c| &c.example),
        ];
        let mut table = Table::new();
        let there: Vec<&ColumnConfig> = self.0.iter().filter(|column| !column.removed).collect();
        for (heading, text) in headings {
            let cells: Vec<&str> = there.iter().map(|column| text(column)).collect();
            if cells.iter().any(|cell| !cell.is_empty()) {
                table.push(Column::text(heading, cells))?;
            }
        }
        Ok(table)
    }
}

fn read(name: &str, json: &Value) -> ColumnConfig {
    let text = |key: &str| json.get(key).and_then(Value::as_str).unwrap_or_default();
    let either = |first: &str, second: &str| match text(first) {
        "" => text(second).to_owned(),
        there => there.to_owned(),
    };
    // Of these two, it is the VO's that tells ranges from values.
    let datatype = either("vot.datatype", "type");
    let numeric = json.get("treatNumeric").and_then(Value::as_bool) == Some(true);
    ColumnConfig {
        name: name.to_owned(),
        label: match text("text") {
            "" => name.to_owned(),
            label => label.to_owned(),
        },
        kind: Kind::of(&either("type", "vot.datatype")),
        continuous: numeric || Kind::of(&datatype) == Kind::Real,
        unit: either("unit", "vot.unit"),
        description: text("vot.description").to_owned(),
        example: text("example").to_owned(),
        separator: Some(text("separator").to_owned()).filter(|separator| !separator.is_empty()),
        ignore: json.get("ignoreValue").and_then(Value::as_f64),
        removed: json.get("remove").and_then(Value::as_bool) == Some(true),
    }
}
