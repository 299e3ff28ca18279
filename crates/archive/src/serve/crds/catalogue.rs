//! Names, sizes and checksums of the cache's files.

use super::{Area, Fault, Service, fault};
use rusqlite::{Connection, OptionalExtension};
use serde_json::{Map, Value, json};
use std::path::PathBuf;

/// A name, and what is known of it.
type Entry = (String, Map<String, Value>);

/// Where a file of an area is; `None` where there is no such name.
pub fn path(connection: &Connection, area: Area, name: &str) -> rusqlite::Result<Option<PathBuf>> {
    let mut statement = connection.prepare(
        "SELECT path FROM files WHERE area = ?1 AND name = ?2 AND problem IS NULL ORDER BY path LIMIT 1",
    )?;
    let found: Option<String> = statement
        .query_row((area.name(), name), |row| row.get(0))
        .optional()?;
    Ok(found.map(PathBuf::from))
}

/// A rule by the ending of its name; anything else is a reference file.
pub fn area_of(name: &str) -> Area {
    if Area::Mappings.wants(name) {
        Area::Mappings
    } else {
        Area::References
    }
}

impl Service<'_> {
    /// Names of an area that a pattern with `*` and `?` fits.
    pub fn names(&self, area: Area, pattern: &str) -> Result<Vec<String>, Fault> {
        let mut statement = self.connection.prepare(
            "SELECT DISTINCT name FROM files WHERE area = ?1 AND problem IS NULL AND name GLOB ?2 ORDER BY name",
        )?;
        let names = statement.query_map((area.name(), pattern), |row| row.get(0))?;
        Ok(names.collect::<rusqlite::Result<_>>()?)
    }

    /// What is known of one file.
    pub fn file_info(&self, name: &str) -> Result<Value, Fault> {
        let found = self.information_on(area_of(name), Some(name))?;
        match found.into_iter().next() {
            Some((_, information)) => Ok(Value::Object(information)),
            None => fault(format!("{name} is not known here")),
        }
    }

    /// What is known of these files, or of all; a name that is not known has a text that says so. Of what is
    /// known only `fields`, where they are given.
    pub fn file_info_map(&self, files: Option<&Value>, fields: Option<&Value>) -> Result<Value, Fault> {
        let fields: Option<Vec<&str>> = fields
            .and_then(Value::as_array)
            .map(|fields| fields.iter().filter_map(Value::as_str).collect());
        let chosen = |mut information: Map<String, Value>| {
            if let Some(fields) = &fields {
                information.retain(|key, _| fields.contains(&key.as_str()));
            }
            Value::Object(information)
        };
        let mut map = Map::new();
        match files.and_then(Value::as_array) {
            Some(names) => {
                for name in names.iter().filter_map(Value::as_str) {
                    let found = self.information_on(area_of(name), Some(name))?.into_iter().next();
                    let entry = match found {
                        Some((_, information)) => chosen(information),
                        None => json!("NOT FOUND: not known to this server"),
                    };
                    map.insert(name.to_owned(), entry);
                }
            }
            None => {
                for area in [Area::Mappings, Area::References] {
                    let found = self.information_on(area, None)?.into_iter();
                    map.extend(found.map(|(name, information)| (name, chosen(information))));
                }
            }
        }
        Ok(Value::Object(map))
    }

    fn information_on(&self, area: Area, name: Option<&str>) -> Result<Vec<Entry>, Fault> {
        let mut statement = self.connection.prepare(
            "SELECT name, size, sha1 FROM files WHERE area = ?1 AND (?2 IS NULL OR name = ?2) AND problem IS NULL
                ORDER BY name, path",
        )?;
        let rows = statement.query_map((area.name(), name), |row| {
            let (name, size): (String, i64) = (row.get(0)?, row.get(1)?);
            let mut information = Map::new();
            information.insert("name".to_owned(), json!(name));
            information.insert("observatory".to_owned(), json!("hst"));
            information.insert("state".to_owned(), json!("operational"));
            information.insert("blacklisted".to_owned(), json!("false"));
            information.insert("rejected".to_owned(), json!("false"));
            // As text, as the official server gives it.
            information.insert("size".to_owned(), json!(size.to_string()));
            information.insert(
                "sha1sum".to_owned(),
                json!(row.get::<_, Option<String>>(2)?.unwrap_or_default()),
            );
            Ok((name, information))
        })?;
        let mut found: Vec<Entry> = rows.collect::<rusqlite::Result<_>>()?;
        found.dedup_by(|a, b| a.0 == b.0);
        Ok(found)
    }

    /// Where a file is downloaded from.
    pub fn url(&self, name: &str) -> Result<String, Fault> {
        let area = area_of(name);
        match path(self.connection, area, name)? {
            Some(_) => Ok(format!("{}{name}", self.folder_url(area))),
            None => fault(format!("{name} is not known here")),
        }
    }

    /// The address below which an area's files are.
    pub fn folder_url(&self, area: Area) -> String {
        format!("{}/unchecked_get/{}/hst/", self.base, area.name())
    }
}
