//! Names of targets.

use super::Refusal;
use rusqlite::{Connection, OptionalExtension};
use serde_json::{Value, json};

/// Positions of names, for those that are targets of what is served. Upper and lower case are the same, and so
/// are blanks and hyphens.
pub fn resolve(connection: &Connection, names: &[String]) -> Result<Vec<Value>, Refusal> {
    let mut statement = connection.prepare(
        "SELECT target_name, s_ra, s_dec FROM observations WHERE s_ra IS NOT NULL AND s_dec IS NOT NULL
            AND intentType = 'science' AND replace(target_name, ' ', '-') = ?1 COLLATE NOCASE LIMIT 1",
    )?;
    let mut found = Vec::new();
    for name in names {
        let target = statement
            .query_row([name.trim().replace(' ', "-")], |row| {
                Ok((
                    row.get::<_, String>(0)?,
                    row.get::<_, f64>(1)?,
                    row.get::<_, f64>(2)?,
                ))
            })
            .optional()?;
        if let Some((canonical, ra, dec)) = target {
            found.push(json!({
                "searchString": name.to_lowercase(),
                "resolver": "LOCAL",
                "cached": false,
                "resolverTime": 0,
                "searchRadius": -1.0,
                "canonicalName": canonical,
                "ra": ra,
                "decl": dec,
                "objectType": "target",
            }));
        }
    }
    Ok(found)
}
