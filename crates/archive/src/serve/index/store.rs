//! The tables, and the records of files in them.

use super::facts::Facts;
use super::walk::Found;
use crate::{Error, Result};
use rusqlite::{Connection, params};
use std::path::Path;

/// What a file is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Area {
    /// A product of an observation.
    Data,
    /// The cache's settings.
    Config,
    /// A rule.
    Mappings,
    /// A reference file.
    References,
}

impl Area {
    /// The area of this name.
    pub fn named(name: &str) -> Option<Self> {
        [Area::Data, Area::Config, Area::Mappings, Area::References]
            .into_iter()
            .find(|area| area.name() == name)
    }

    /// The name in the table and in addresses.
    pub fn name(self) -> &'static str {
        match self {
            Area::Data => "data",
            Area::Config => "config",
            Area::Mappings => "mappings",
            Area::References => "references",
        }
    }

    /// The folder below the cache.
    pub fn folder(self) -> String {
        format!("{}/hst", self.name())
    }

    /// Whether files of this name belong there.
    pub fn wants(self, name: &str) -> bool {
        let name = name.to_ascii_lowercase();
        match self {
            Area::Data => name.ends_with(".fits") || name.ends_with(".fits.gz"),
            Area::Mappings => [".pmap", ".imap", ".rmap"]
                .iter()
                .any(|ending| name.ends_with(ending)),
            Area::Config | Area::References => true,
        }
    }
}

/// The record of one file.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    /// Its path.
    pub path: String,
    /// Its name, without folder.
    pub name: String,
    /// What it is there for.
    pub area: Area,
    /// Bytes.
    pub size: u64,
    /// When it was last changed, nanoseconds since 1970.
    pub changed: i64,
    /// SHA-1 in hexadecimal, of rules and reference files.
    pub sha1: Option<String>,
    /// What its headers say, of data.
    pub facts: Option<Facts>,
    /// Why it is not served.
    pub problem: Option<String>,
}

impl Stored {
    /// The record of a file that has not been read.
    pub fn new(area: Area, file: &Found) -> Self {
        Self {
            path: file.path.to_string_lossy().into_owned(),
            name: file
                .path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
            area,
            size: file.size,
            changed: file.changed,
            sha1: None,
            facts: None,
            problem: None,
        }
    }
}

/// Changes with the tables or with what is read from headers: an index of another version is made anew.
const VERSION: i64 = 1;

/// Marks a database as an index of this program (`flit`), so that no other is overwritten.
const APPLICATION: i64 = 0x666c_6974;

/// Opens the index, in memory or in a file.
pub fn open(file: Option<&Path>) -> Result<Connection> {
    let connection = match file {
        Some(path) => Connection::open(path).map_err(|error| Error::Unserveable {
            path: path.to_owned(),
            reason: format!("it cannot be used as an index: {error}"),
        })?,
        None => Connection::open_in_memory()?,
    };
    let foreign = || -> rusqlite::Result<bool> {
        let application: i64 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
        let tables: i64 = connection.query_row("SELECT COUNT(*) FROM sqlite_schema", [], |row| row.get(0))?;
        Ok(application != APPLICATION && tables > 0)
    };
    if let (Some(path), Ok(true)) = (file, foreign()) {
        return Err(Error::Unserveable {
            path: path.to_owned(),
            reason: "it is a database of something else, which is not overwritten; name another file for the index"
                .to_owned(),
        });
    }
    let prepare = || -> rusqlite::Result<()> {
        let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
        if version != VERSION {
            connection.pragma_update(None, "application_id", APPLICATION)?;
            connection.execute_batch(
                "DROP TABLE IF EXISTS files; DROP TABLE IF EXISTS observations; DROP TABLE IF EXISTS products;",
            )?;
            connection.pragma_update(None, "user_version", VERSION)?;
        }
        connection.execute_batch(
            "CREATE TABLE IF NOT EXISTS files (path TEXT PRIMARY KEY, name TEXT NOT NULL, area TEXT NOT NULL,
                size INTEGER NOT NULL, changed INTEGER NOT NULL, sha1 TEXT, facts TEXT, problem TEXT);
             CREATE INDEX IF NOT EXISTS files_by_name ON files (area, name);",
        )
    };
    match (prepare(), file) {
        (Ok(()), _) => Ok(connection),
        (Err(error), Some(path)) => Err(Error::Unserveable {
            path: path.to_owned(),
            reason: format!("it cannot be used as an index: {error}"),
        }),
        (Err(error), None) => Err(error.into()),
    }
}

/// All records.
pub fn all(connection: &Connection) -> Result<Vec<Stored>> {
    let mut statement =
        connection.prepare("SELECT path, name, area, size, changed, sha1, facts, problem FROM files")?;
    let rows = statement.query_map([], |row| {
        let (area, facts): (String, Option<String>) = (row.get(2)?, row.get(6)?);
        Ok(Stored {
            path: row.get(0)?,
            name: row.get(1)?,
            area: Area::named(&area).unwrap_or(Area::Config),
            size: u64::try_from(row.get::<_, i64>(3)?).unwrap_or(0),
            changed: row.get(4)?,
            sha1: row.get(5)?,
            facts: facts.and_then(|text| serde_json::from_str(&text).ok()),
            problem: row.get(7)?,
        })
    })?;
    let mut stored = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    // A record of data without facts or problem cannot be used: the file is read again.
    stored.retain(|s| s.area != Area::Data || s.facts.is_some() || s.problem.is_some());
    Ok(stored)
}

/// Writes all records in place of those that are there.
pub fn replace(connection: &Connection, files: &[Stored]) -> Result<()> {
    connection.execute("DELETE FROM files", [])?;
    let mut insert =
        connection.prepare("INSERT OR REPLACE INTO files VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")?;
    for file in files {
        let facts = file
            .facts
            .as_ref()
            .and_then(|facts| serde_json::to_string(facts).ok());
        insert.execute(params![
            file.path,
            file.name,
            file.area.name(),
            i64::try_from(file.size).unwrap_or(i64::MAX),
            file.changed,
            file.sha1,
            facts,
            file.problem,
        ])?;
    }
    Ok(())
}
