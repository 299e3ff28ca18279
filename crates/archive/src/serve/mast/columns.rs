//! The columns of observations and products, as the service describes them.

use serde_json::{Map, Value, json};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// A whole number.
    Integer,
    /// A whole number that answers call text: identifiers.
    Identifier,
    /// A real number: filtered by a range.
    Real,
    /// True or false.
    Logical,
}

/// One column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Name in requests, answers and the index.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Title for people.
    label: &'static str,
    /// Unit.
    unit: &'static str,
    /// What separates several values in one cell.
    pub separator: Option<char>,
}

const fn column(name: &'static str, kind: Kind, label: &'static str, unit: &'static str) -> Column {
    Column {
        name,
        kind,
        label,
        unit,
        separator: None,
    }
}

const fn listing(name: &'static str, label: &'static str) -> Column {
    Column {
        name,
        kind: Kind::Text,
        label,
        unit: "",
        separator: Some(';'),
    }
}

/// The columns of observations, in the order of answers.
pub const OBSERVATIONS: [Column; 33] = [
    column("intentType", Kind::Text, "Observation Type", ""),
    listing("obs_collection", "Mission"),
    column("provenance_name", Kind::Text, "Provenance Name", ""),
    column("instrument_name", Kind::Text, "Instrument", ""),
    listing("project", "Project"),
    listing("filters", "Filters"),
    listing("wavelength_region", "Waveband"),
    column("target_name", Kind::Text, "Target Name", ""),
    listing("target_classification", "Target Classification"),
    column("obs_id", Kind::Text, "Observation ID", ""),
    column("s_ra", Kind::Real, "RA", "deg"),
    column("s_dec", Kind::Real, "Dec", "deg"),
    column("dataproduct_type", Kind::Text, "Product Type", ""),
    column("proposal_pi", Kind::Text, "Principal Investigator", ""),
    column("calib_level", Kind::Integer, "Calibration Level", ""),
    column("t_min", Kind::Real, "Start Time", "MJD"),
    column("t_max", Kind::Real, "End Time", "MJD"),
    column("t_exptime", Kind::Real, "Exposure Length", "sec"),
    column("em_min", Kind::Real, "Min. Wavelength", "nm"),
    column("em_max", Kind::Real, "Max. Wavelength", "nm"),
    column("obs_title", Kind::Text, "Observation Title", ""),
    column("t_obs_release", Kind::Real, "Release Date", "MJD"),
    column("proposal_id", Kind::Text, "Proposal ID", ""),
    column("proposal_type", Kind::Text, "Proposal Type", ""),
    column("sequence_number", Kind::Integer, "Sequence Number", ""),
    column("s_region", Kind::Text, "s_region", "ICRS Shape"),
    column("jpegURL", Kind::Text, "jpegURL", ""),
    column("dataURL", Kind::Text, "Data URL", ""),
    column("dataRights", Kind::Text, "Data Rights", ""),
    column("mtFlag", Kind::Logical, "Moving Target", ""),
    column("srcDen", Kind::Real, "Number of Catalog Objects", ""),
    column("obsid", Kind::Identifier, "Product Group ID", ""),
    column("objID", Kind::Identifier, "Object ID", ""),
];

/// What positional queries have besides.
pub const DISTANCE: Column = column("distance", Kind::Real, "Distance", "arcsec");

/// The columns of products, in the order of answers.
pub const PRODUCTS: [Column; 20] = [
    column("obsID", Kind::Identifier, "Product Group ID", ""),
    column("obs_collection", Kind::Text, "Mission", ""),
    column("dataproduct_type", Kind::Text, "Product Type", ""),
    column("obs_id", Kind::Text, "Observation ID", ""),
    column("description", Kind::Text, "Description", ""),
    column("type", Kind::Text, "Observation Type", ""),
    column("dataURI", Kind::Text, "Data URI", ""),
    column("productType", Kind::Text, "Product Type", ""),
    column("productGroupDescription", Kind::Text, "Product Group", ""),
    column("productSubGroupDescription", Kind::Text, "Product Subgroup", ""),
    column("productDocumentationURL", Kind::Text, "Product Documentation", ""),
    column("project", Kind::Text, "Project", ""),
    column("prvversion", Kind::Text, "Calibration Version", ""),
    column("proposal_id", Kind::Text, "Proposal ID", ""),
    column("productFilename", Kind::Text, "Filename", ""),
    column("size", Kind::Integer, "File Size", "bytes"),
    column("parent_obsid", Kind::Identifier, "Parent Product Group ID", ""),
    column("dataRights", Kind::Text, "Data Rights", ""),
    column("calib_level", Kind::Integer, "Calibration Level", ""),
    column("filters", Kind::Text, "Filters", ""),
];

impl Column {
    /// The entry of an answer's list of fields.
    pub fn field(&self) -> Value {
        let kind = match self.kind {
            Kind::Text | Kind::Identifier => "string",
            Kind::Integer => "int",
            Kind::Real => "float",
            Kind::Logical => "boolean",
        };
        json!({ "name": self.name, "type": kind })
    }

    /// The entry of the columns' configuration.
    fn configuration(&self) -> Value {
        let mut entry = Map::new();
        entry.insert("text".to_owned(), json!(self.label));
        match self.kind {
            Kind::Logical => entry.insert("type".to_owned(), json!("boolean")),
            Kind::Text => entry.insert("vot.datatype".to_owned(), json!("char")),
            Kind::Integer => entry.insert("vot.datatype".to_owned(), json!("int")),
            Kind::Identifier => entry.insert("vot.datatype".to_owned(), json!("long")),
            Kind::Real => entry.insert("vot.datatype".to_owned(), json!("double")),
        };
        if let Some(separator) = self.separator {
            entry.insert("separator".to_owned(), json!(separator.to_string()));
        }
        if !self.unit.is_empty() {
            entry.insert("unit".to_owned(), json!(self.unit));
        }
        Value::Object(entry)
    }
}

/// The configuration of the columns of a service; `None` for one that is not served.
pub fn configuration(service: &str) -> Option<Value> {
    let columns: Vec<Column> = match service {
        "Mast.Caom.Cone" | "Mast.Caom.Filtered.Position" => [&OBSERVATIONS[..], &[DISTANCE]].concat(),
        "Mast.Caom.Filtered" | "Mast.Caom.All" => OBSERVATIONS.to_vec(),
        "Mast.Caom.Products" => PRODUCTS.to_vec(),
        _ => return None,
    };
    let entries = columns
        .iter()
        .map(|column| (column.name.to_owned(), column.configuration()));
    Some(Value::Object(entries.collect()))
}
