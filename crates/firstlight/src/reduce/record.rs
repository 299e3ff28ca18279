//! What earlier runs made, and of what: a later one makes what has changed.

use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// The record's name in the folder of the products.
const NAME: &str = "reduce.json";

/// A file as it was: what tells whether it has changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Seen {
    path: PathBuf,
    bytes: u64,
    /// When it was last written, ns since 1970.
    written_ns: u128,
}

impl Seen {
    fn now(path: &Path) -> Option<Self> {
        let about = std::fs::metadata(path).ok()?;
        let written = about.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
        Some(Self {
            path: path.to_owned(),
            bytes: about.len(),
            written_ns: written.as_nanos(),
        })
    }
}

/// A product: as it was left, what it was made of and how, and what was found out about it.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Made {
    product: Seen,
    sources: Vec<Seen>,
    how: Value,
    found: Value,
}

/// The record of a folder.
#[derive(Debug)]
pub(super) struct Record {
    folder: PathBuf,
    /// Whether what is there counts for nothing.
    anew: bool,
    made: BTreeMap<PathBuf, Made>,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    /// The program that made all; another one makes all again.
    version: String,
    made: BTreeMap<PathBuf, Made>,
}

impl Record {
    /// The record of earlier runs into a folder; an empty one where there is none, or where it is of another version.
    pub(super) fn open(folder: &Path, anew: bool) -> Result<Self> {
        let path = folder.join(NAME);
        let stored = match std::fs::read(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(firstlight_fits::Error::io("read", &path)(error).into()),
            Ok(bytes) => Some(serde_json::from_slice::<Stored>(&bytes).map_err(|error| {
                Error::Contradiction {
                    path: path.clone(),
                    reason: format!(
                        "it is not the record of an earlier run ({error}); remove it, or name another folder"
                    ),
                }
            })?),
        };
        let mut made = stored
            .as_ref()
            .map(|stored| stored.made.clone())
            .unwrap_or_default();
        if stored.is_some_and(|stored| stored.version != version()) {
            // They are still known as ours, and may be replaced.
            made.values_mut().for_each(|made| made.how = Value::Null);
        }
        Ok(Self {
            folder: folder.to_owned(),
            anew,
            made,
        })
    }

    /// Refuses to replace files that no earlier run made, or that were changed since.
    pub(super) fn refuse_foreign<'a>(&self, products: impl Iterator<Item = &'a PathBuf>) -> Result<()> {
        if self.anew {
            return Ok(());
        }
        for path in products.filter(|path| path.exists()) {
            match self.made.get(path) {
                None => return Err(Error::OutputExists { path: path.clone() }),
                Some(made) if Seen::now(path).as_ref() != Some(&made.product) => {
                    return Err(Error::Contradiction {
                        path: path.clone(),
                        reason:
                            "it was changed after it was made; keep it elsewhere, or replace it (--overwrite)"
                                .to_owned(),
                    });
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    /// What was found out about a product that would be the same if it were made again.
    pub(super) fn still<T: for<'de> Deserialize<'de>>(
        &self,
        product: &Path,
        sources: &[PathBuf],
        how: &Value,
    ) -> Option<T> {
        let made = self.made.get(product).filter(|_| !self.anew)?;
        let unchanged = made.how == *how
            && Seen::now(product).as_ref() == Some(&made.product)
            && made.sources.len() == sources.len()
            && made
                .sources
                .iter()
                .zip(sources)
                .all(|(was, path)| Seen::now(path).as_ref() == Some(was));
        serde_json::from_value(made.found.clone())
            .ok()
            .filter(|_| unchanged)
    }

    /// Notes a product that was made.
    pub(super) fn note(&mut self, product: &Path, sources: &[PathBuf], how: &Value, found: &impl Serialize) {
        let seen: Option<Vec<Seen>> = sources.iter().map(|path| Seen::now(path)).collect();
        // What cannot be looked at is made again the next time.
        if let (Some(product_seen), Some(sources)) = (Seen::now(product), seen) {
            let made = Made {
                product: product_seen,
                sources,
                how: how.clone(),
                found: serde_json::to_value(found).unwrap_or_default(),
            };
            self.made.insert(product.to_owned(), made);
        }
    }

    /// Writes the record.
    pub(super) fn save(&self) -> Result<()> {
        let stored = Stored {
            version: version(),
            made: self.made.clone(),
        };
        let text = serde_json::to_vec_pretty(&stored).unwrap_or_default();
        Ok(firstlight_look::write(&self.folder.join(NAME), &text)?)
    }
}

fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}
