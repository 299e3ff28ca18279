//! Positions of objects by their names.

use super::answer;
use super::invoke::{Mast, SERVER};
use super::position::Position;
use crate::{Error, Result};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

/// The service of names that can be told whom to ask; the portal's own cannot.
const ALL_RESOLVERS: &str = "https://mastresolver.stsci.edu/Santa-war/query";

/// Who is asked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Resolver {
    /// Whoever knows the name first.
    #[default]
    First,
    /// One of them: NED, SIMBAD, ….
    Named(String),
    /// All of them.
    All,
}

/// An object whose name is known.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Resolved {
    /// The name that was asked for.
    pub name: String,
    /// Who knows it.
    pub resolver: String,
    /// What it is called there.
    pub canonical_name: String,
    /// Right ascension, degrees.
    pub ra_deg: f64,
    /// Declination, degrees.
    pub dec_deg: f64,
}

impl Resolved {
    /// Where it is.
    pub fn position(&self) -> Position {
        Position {
            ra_deg: self.ra_deg,
            dec_deg: self.dec_deg,
        }
    }
}

impl Mast {
    /// The positions that a name has, best first: at least one.
    ///
    /// # Errors
    /// [`Error::NotResolved`] where nobody knows the name, and those of [`Mast::invoke`].
    pub fn resolve(&self, name: &str, resolver: &Resolver) -> Result<Vec<Resolved>> {
        let name = name.trim();
        let choosing = *resolver != Resolver::First;
        let answer = if choosing && self.server() == SERVER {
            self.ask_all(name)?
        } else {
            let params = json!({ "input": name, "format": "json" });
            let document = json!({ "service": "Mast.Name.Lookup", "params": params, "format": "json" });
            self.invoke(document)?
        };
        let mut found = resolved(&answer);
        if let Resolver::Named(wanted) = resolver {
            found.retain(|object| object.resolver.eq_ignore_ascii_case(wanted));
        }
        if found.is_empty() {
            return Err(Error::NotResolved {
                name: name.to_owned(),
                resolver: match resolver {
                    Resolver::Named(wanted) => wanted.clone(),
                    _ => "the archive's resolver".to_owned(),
                },
            });
        }
        Ok(found)
    }

    fn ask_all(&self, name: &str) -> Result<Value> {
        let name = utf8_percent_encode(name, NON_ALPHANUMERIC);
        let url = format!("{ALL_RESOLVERS}?name={name}&outputFormat=json&resolveAll=true");
        answer::json(&url, &self.client().get(&url)?)
    }
}

/// The objects in a resolver's answer; entries without a position are left out.
pub fn resolved(answer: &Value) -> Vec<Resolved> {
    let list = answer.get("resolvedCoordinate").and_then(Value::as_array);
    list.into_iter().flatten().filter_map(one).collect()
}

fn one(entry: &Value) -> Option<Resolved> {
    let text = |key: &str| {
        entry
            .get(key)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let number = |key: &str| match entry.get(key)? {
        Value::String(text) => text.trim().parse().ok(),
        other => other.as_f64(),
    };
    let (ra_deg, dec_deg): (f64, f64) = (number("ra")?, number("decl")?);
    let there = (-360.0..=360.0).contains(&ra_deg) && (-90.0..=90.0).contains(&dec_deg);
    there.then(|| Resolved {
        name: text("searchString"),
        resolver: text("resolver"),
        canonical_name: text("canonicalName"),
        ra_deg,
        dec_deg,
    })
}
