//! Where the reference files are that headers name, as `jref$abc_pfl.fits`.

use crate::{Error, Result};
pub use firstlight_archive::Environment;
use firstlight_archive::client::safe_name;
use firstlight_archive::crds::Cache;
use firstlight_frame::Exposure;
use std::path::{Path, PathBuf};

/// The places where reference files are looked for.
#[derive(Debug, Clone)]
pub struct References {
    environment: Environment,
    cache: Option<Cache>,
}

impl References {
    /// The places that an environment says: the folders of `jref`, `oref`, …, and the CRDS cache.
    ///
    /// A cache whose variables cannot be read is no place; the other two are.
    pub fn new(environment: Environment) -> Self {
        let cache = Cache::from_environment(&environment, None).ok();
        Self { environment, cache }
    }

    /// The places that the process's environment says.
    pub fn of_process() -> Self {
        Self::new(Environment::of_process())
    }

    /// The file that `keyword` of an exposure's primary header names; None where it names none: it is not there,
    /// empty, or `N/A`.
    ///
    /// In this order: the folder that the environment gives for the part before `$`, the CRDS cache, the folder of
    /// the exposure.
    ///
    /// # Errors
    /// [`Error::MissingReference`] where it names a file that is in none of them, and [`Error::Archive`] where what
    /// it names is no file's name.
    pub fn of(&self, exposure: &Exposure, keyword: &str) -> Result<Option<PathBuf>> {
        let named = exposure.primary().text(keyword).unwrap_or_default();
        let named = named.trim();
        let (variable, name) = match named.split_once('$') {
            Some((variable, name)) => (Some(variable), name),
            None => (None, named),
        };
        if name.is_empty() || name.eq_ignore_ascii_case("N/A") {
            return Ok(None);
        }
        let name = safe_name(name)?;
        let beside = exposure.path().parent().unwrap_or(Path::new("")).join(name);
        let said = variable.and_then(|variable| self.folder_of(variable));
        let mut places: Vec<PathBuf> = said.map(|folder| folder.join(name)).into_iter().collect();
        if let Some(cache) = &self.cache {
            places.extend(cache.reference_places(name));
        }
        places.push(beside);
        places.dedup();
        match places.iter().find(|place| place.is_file()) {
            Some(found) => Ok(Some(found.clone())),
            None => Err(Error::MissingReference {
                path: exposure.path().to_owned(),
                keyword: keyword.to_owned(),
                named: named.to_owned(),
                places,
            }),
        }
    }

    fn folder_of(&self, variable: &str) -> Option<PathBuf> {
        let upper = variable.to_ascii_uppercase();
        let (_, folder) = self.environment.first(&[variable, upper.as_str()])?;
        Some(PathBuf::from(folder))
    }
}
