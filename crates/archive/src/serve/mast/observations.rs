//! Queries for observations: by their columns, by position, by both.

use super::columns::{Column, DISTANCE, OBSERVATIONS};
use super::filter::{Conditions, number};
use super::{Refusal, paging, refuse};
use crate::serve::index::{distance, separation};
use rusqlite::{Connection, params_from_iter};
use serde_json::{Map, Value, json};

/// A position on the sky and a radius, degrees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cone {
    ra: f64,
    dec: f64,
    radius: f64,
}

impl Cone {
    /// Radius where none is given: the portal's, 12 arcmin.
    const RADIUS_DEG: f64 = 0.2;

    /// From `"ra, dec, radius"`, degrees.
    pub fn from_text(position: Option<&Value>) -> Result<Self, Refusal> {
        let text = position.and_then(Value::as_str).unwrap_or_default();
        let numbers: Vec<&str> = text.split([',', ' ']).filter(|word| !word.is_empty()).collect();
        let parsed: Option<Vec<f64>> = numbers.iter().map(|word| word.parse().ok()).collect();
        match parsed.as_deref() {
            Some([ra, dec]) => Self::checked(*ra, *dec, Self::RADIUS_DEG),
            Some([ra, dec, radius]) => Self::checked(*ra, *dec, *radius),
            _ => refuse(format!(
                "position is '{text}', but must be 'ra, dec, radius' in degrees"
            )),
        }
    }

    /// From `{"ra": …, "dec": …, "radius": …}`, degrees.
    pub fn from_params(params: &Value) -> Result<Self, Refusal> {
        let get = |key: &str| params.get(key).and_then(number);
        match (get("ra"), get("dec")) {
            (Some(ra), Some(dec)) => Self::checked(ra, dec, get("radius").unwrap_or(Self::RADIUS_DEG)),
            _ => refuse("a cone needs ra and dec, in degrees".to_owned()),
        }
    }

    fn checked(ra: f64, dec: f64, radius: f64) -> Result<Self, Refusal> {
        if !ra.is_finite() || dec.is_nan() || dec.abs() > 90.0 || !(0.0..=180.0).contains(&radius) {
            return refuse(format!(
                "there is no position {ra}, {dec} with radius {radius} degrees"
            ));
        }
        Ok(Self { ra, dec, radius })
    }

    /// How far an observation's footprint is, degrees; its target, where it has no footprint.
    fn distance(&self, row: &Map<String, Value>) -> Option<f64> {
        let position = (self.ra, self.dec);
        let region = row.get("s_region").and_then(Value::as_str);
        if let Some(distance) = region.and_then(|region| distance(position, region)) {
            return Some(distance);
        }
        let coordinate = |name: &str| row.get(name).and_then(Value::as_f64);
        Some(separation(position, (coordinate("s_ra")?, coordinate("s_dec")?)))
    }
}

/// Observations that fulfil all filters and, where one is given, reach into the cone.
pub fn filtered(
    connection: &Connection,
    params: &Value,
    request: &Value,
    cone: Option<Cone>,
) -> Result<Value, Refusal> {
    let conditions = Conditions::read(params.get("filters").unwrap_or(&Value::Null))?;
    let wanted = params
        .get("columns")
        .and_then(Value::as_str)
        .unwrap_or("*")
        .trim();
    let mut statement = connection.prepare(&format!(
        "SELECT * FROM observations WHERE {} ORDER BY t_min, obs_id",
        conditions.text()
    ))?;
    let rows = statement.query_map(params_from_iter(&conditions.values), |row| {
        paging::cells(&OBSERVATIONS, row)
    })?;
    let mut rows = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    let mut columns = OBSERVATIONS.to_vec();
    if let Some(cone) = cone {
        rows = within(cone, rows);
        columns.push(DISTANCE);
    }
    if wanted.to_ascii_uppercase().starts_with("COUNT") {
        return Ok(count(rows.len()));
    }
    if wanted != "*" {
        columns = select(&columns, wanted)?;
        for row in &mut rows {
            row.retain(|name, _| columns.iter().any(|column| column.name == name));
        }
    }
    Ok(paging::page(&columns, rows, request))
}

/// Rows within the cone, nearest first, with their distance in arcsec.
fn within(cone: Cone, rows: Vec<Map<String, Value>>) -> Vec<Map<String, Value>> {
    let mut near: Vec<(f64, Map<String, Value>)> = rows
        .into_iter()
        .filter_map(|row| Some((cone.distance(&row)?, row)))
        .filter(|(distance, _)| *distance <= cone.radius)
        .collect();
    near.sort_by(|a, b| a.0.total_cmp(&b.0));
    near.into_iter()
        .map(|(distance, mut row)| {
            row.insert(DISTANCE.name.to_owned(), json!(distance * 3600.0));
            row
        })
        .collect()
}

fn select(columns: &[Column], wanted: &str) -> Result<Vec<Column>, Refusal> {
    let find = |name: &str| {
        let found = columns
            .iter()
            .find(|column| column.name.eq_ignore_ascii_case(name));
        found
            .copied()
            .ok_or_else(|| Refusal(format!("there is no column {name}")))
    };
    wanted.split(',').map(|name| find(name.trim())).collect()
}

fn count(rows: usize) -> Value {
    json!({
        "status": "COMPLETE",
        "msg": "",
        "data": [{ "Column1": rows }],
        "fields": [{ "name": "Column1", "type": "string" }],
        "paging": { "page": 1, "pageSize": 50_000, "pagesFiltered": 1, "rows": 1, "rowsFiltered": 1, "rowsTotal": 1 },
    })
}

/// How many observations each mission has, in the form in which the portal gets its histograms.
pub fn all(connection: &Connection) -> Result<Value, Refusal> {
    let mut statement =
        connection.prepare("SELECT obs_collection, COUNT(*) FROM observations GROUP BY 1 ORDER BY 1")?;
    let rows = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)))?;
    let mut histogram = Map::new();
    histogram.insert("hist".to_owned(), json!([]));
    for (collection, count) in rows.collect::<rusqlite::Result<Vec<_>>>()? {
        histogram.insert(collection, json!(count));
    }
    Ok(json!({
        "status": "COMPLETE",
        "msg": "",
        "data": { "Tables": [{ "Columns": [{
            "text": "obs_collection",
            "dataIndex": "obs_collection",
            "ExtendedProperties": { "histObj": histogram },
        }] }] },
    }))
}
