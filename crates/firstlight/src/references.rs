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
    folder: Option<PathBuf>,
    environment: Environment,
    cache: Option<Cache>,
}

/// Where a reference file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Located {
    /// None is named: the keyword is not there, empty, or `N/A`.
    Unnamed,
    /// It is here.
    At(PathBuf),
    /// It is in none of these places.
    Nowhere(Vec<PathBuf>),
}

/// Whether a name has a folder in it.
fn is_path(name: &str) -> bool {
    Path::new(name).components().count() > 1
}

/// The first place where there is a file.
fn first_of(places: Vec<PathBuf>) -> Located {
    match places.iter().find(|place| place.is_file()) {
        Some(found) => Located::At(found.clone()),
        None => Located::Nowhere(places),
    }
}

impl References {
    /// The places that an environment says: the folders of `jref`, `oref`, …, and the CRDS cache.
    ///
    /// A cache whose variables cannot be read is no place; the other two are.
    pub fn new(environment: Environment) -> Self {
        let cache = Cache::from_environment(&environment, None).ok();
        Self {
            folder: None,
            environment,
            cache,
        }
    }

    /// Looks into a folder before all other places.
    #[must_use]
    pub fn with_folder(mut self, folder: Option<PathBuf>) -> Self {
        self.folder = folder;
        self
    }

    /// The places that the process's environment says.
    pub fn of_process() -> Self {
        Self::new(Environment::of_process())
    }

    /// The file that `keyword` of an exposure's primary header names; None where it names none: it is not there,
    /// empty, or `N/A`.
    ///
    /// In this order: the folder of [`References::with_folder`], the folder that the environment gives for the part
    /// before `$`, the CRDS cache, the folder of the exposure, and without `$` the working folder. A path without `$`
    /// is taken as it stands, and else counted from the folder of the exposure.
    ///
    /// # Errors
    /// [`Error::MissingReference`] where it names a file that is in none of them, and [`Error::Archive`] where what
    /// it names is no file's name.
    pub fn of(&self, exposure: &Exposure, keyword: &str) -> Result<Option<PathBuf>> {
        let named = exposure.primary().text(keyword).unwrap_or_default();
        match self.locate(&named, exposure.path())? {
            Located::Unnamed => Ok(None),
            Located::At(path) => Ok(Some(path)),
            Located::Nowhere(places) => Err(Error::MissingReference {
                path: exposure.path().to_owned(),
                keyword: keyword.to_owned(),
                named: named.trim().to_owned(),
                places,
            }),
        }
    }

    /// Looks for a file as a header names it, as in `jref$abc_bia.fits`; `exposure` is the file whose header it is.
    ///
    /// # Errors
    /// [`Error::Archive`] where what it names is no file's name.
    pub fn locate(&self, named: &str, exposure: &Path) -> Result<Located> {
        let named = named.trim();
        let (variable, name) = match named.split_once('$') {
            Some((variable, name)) => (Some(variable), name),
            None => (None, named),
        };
        if name.is_empty() || name.eq_ignore_ascii_case("N/A") {
            return Ok(Located::Unnamed);
        }
        let beside = exposure.parent().unwrap_or(Path::new(""));
        if variable.is_none() && is_path(name) {
            let mut places = vec![PathBuf::from(name), beside.join(name)];
            places.dedup();
            return Ok(first_of(places));
        }
        let name = safe_name(name)?;
        let said = variable.and_then(|variable| self.folder_of(variable));
        let mut places: Vec<PathBuf> = self
            .folder
            .iter()
            .chain(&said)
            .map(|folder| folder.join(name))
            .collect();
        if let Some(cache) = &self.cache {
            places.extend(cache.reference_places(name));
        }
        places.push(beside.join(name));
        if variable.is_none() {
            places.push(PathBuf::from(name));
        }
        places.dedup();
        Ok(first_of(places))
    }

    fn folder_of(&self, variable: &str) -> Option<PathBuf> {
        let upper = variable.to_ascii_uppercase();
        let (_, folder) = self.environment.first(&[variable, upper.as_str()])?;
        Some(PathBuf::from(folder))
    }
}
