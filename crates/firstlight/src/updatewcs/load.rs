//! The reference files of an exposure, each read once.

use crate::fits::{FitsFile, Header};
use crate::references::{Located, References as Places};
use crate::{Error, Result};
use firstlight_wcs::update::{Idctab, LookupTables, Offtab, References, UpdateOptions};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Reference files that have been read, by path and by how a header named them.
#[derive(Default)]
pub(super) struct Loaded {
    idctabs: Once<Idctab>,
    offtabs: Once<Offtab>,
    tables: Once<LookupTables>,
}

struct Once<T>(Mutex<HashMap<(PathBuf, String), T>>);

impl<T> Default for Once<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Clone> Once<T> {
    /// Others wait while a file is read: they mostly want the same one.
    fn get(
        &self,
        path: PathBuf,
        named: &str,
        read: impl FnOnce(&FitsFile, &str) -> firstlight_wcs::Result<T>,
    ) -> Result<T> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (path, named.to_owned());
        if let Some(known) = known.get(&key) {
            return Ok(known.clone());
        }
        let file = FitsFile::open(&key.0)?;
        let new = read(&file, named)?;
        known.insert(key, new.clone());
        Ok(new)
    }
}

/// Finds and reads what the primary header names, as far as the options want it.
///
/// # Errors
/// [`Error::MissingReference`] for files that are in none of the places; those of reading them.
pub(super) fn references(
    primary: &Header,
    path: &Path,
    options: &UpdateOptions,
    places: &Places,
    loaded: &Loaded,
) -> Result<References> {
    let wanted = |keyword: &str| -> Result<Option<(PathBuf, String)>> {
        let named = primary.text(keyword).unwrap_or_default().trim().to_owned();
        match places.locate(&named, path)? {
            Located::Unnamed => Ok(None),
            Located::At(found) => Ok(Some((found, named))),
            Located::Nowhere(places) => Err(Error::MissingReference {
                path: path.to_owned(),
                keyword: keyword.to_owned(),
                named,
                places,
            }),
        }
    };
    let wanted_if = |on: bool, keyword: &str| if on { wanted(keyword) } else { Ok(None) };
    let instrument = primary
        .text("INSTRUME")
        .unwrap_or_default()
        .trim()
        .to_ascii_uppercase();
    if instrument == "WFPC2" && options.d2imcorr {
        refuse_dgeofile(primary, path)?;
    }
    // Headers of WFPC2 alone have an OFFTAB; STIS has tables of other kinds under these names or none.
    let has_tables = ["ACS", "WFC3", "WFPC2"].contains(&instrument.as_str());
    Ok(References {
        idctab: wanted("IDCTAB")?
            .map(|(path, named)| loaded.idctabs.get(path, &named, Idctab::read))
            .transpose()?,
        offtab: wanted_if(instrument == "WFPC2", "OFFTAB")?
            .map(|(path, named)| loaded.offtabs.get(path, &named, Offtab::read))
            .transpose()?,
        npol: wanted_if(
            options.npolcorr && has_tables && instrument != "WFPC2",
            "NPOLFILE",
        )?
        .map(|(path, named)| loaded.tables.get(path, &named, LookupTables::read))
        .transpose()?,
        d2im: wanted_if(options.d2imcorr && has_tables, "D2IMFILE")?
            .map(|(path, named)| loaded.tables.get(path, &named, LookupTables::read))
            .transpose()?,
    })
}

/// WFPC2's correction of its 34th rows is a table of a kind of its own.
fn refuse_dgeofile(primary: &Header, path: &Path) -> Result<()> {
    for keyword in ["DGEOFILE", "ODGEOFIL"] {
        let named = primary.text(keyword).unwrap_or_default();
        let named = named.trim();
        if !["", "N/A"].contains(&named) {
            return Err(Error::Unsupported(format!(
                "{}: {keyword} = {named} is not supported; go without it (--d2imcorr=false), or set {keyword} to N/A",
                path.display()
            )));
        }
    }
    Ok(())
}
