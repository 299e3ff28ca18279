//! The cache of rules and reference files, where the official client has it and as that one lays it out.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::names::{self, OBSERVATORY, checked_mapping, instrument_of_reference, reference_variable};
use super::{ServerInfo, literal, rules};
use crate::client::safe_name;
use crate::{Environment, Error, Result};

/// Names of this many files in the references' folder show a flat cache, where nothing says what it is.
const FLAT_FROM: usize = 20;
/// The file that says how references are laid out.
const LAYOUT: &str = "ref_cache_subdir_mode";

/// How reference files are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// A folder for each instrument: what new caches have.
    Instrument,
    /// All in one folder.
    Flat,
    /// Where `jref`, `oref`, … say.
    Legacy,
}

/// A cache of rules and reference files.
#[derive(Debug, Clone)]
pub struct Cache {
    mappings: PathBuf,
    references: PathBuf,
    config: PathBuf,
    /// `jref` and the like, where they are set.
    folders: BTreeMap<&'static str, PathBuf>,
    origin: String,
    layout: Layout,
    read_only: bool,
    any_checksum: bool,
}

impl Cache {
    /// The cache that an environment says, as the official client reads it; `explicit_root` comes before that.
    ///
    /// In this order, for rules, references and configuration each: the folder given here; `CRDS_MAPPATH_SINGLE`,
    /// `CRDS_MAPPATH`, (`CRDS_REFPATH…`, `CRDS_CFGPATH…`), `CRDS_PATH_SINGLE`, `CRDS_PATH`;
    /// `firstlight/crds` in the user's folder of caches. Nothing is made yet.
    ///
    /// # Errors
    /// [`Error::BadVariable`] for variables that hold what cannot be, such as `CRDS_OBSERVATORY` of another
    /// observatory; [`Error::BadFile`] where the cache says it
    /// has a layout that there is not.
    pub fn from_environment(environment: &Environment, explicit_root: Option<&Path>) -> Result<Self> {
        // A process that has imported the official client has it set to `None`.
        let unset = |name: &str| name.eq_ignore_ascii_case("none");
        if let Some(other) = environment
            .get("CRDS_OBSERVATORY")
            .filter(|name| !name.trim().eq_ignore_ascii_case(OBSERVATORY) && !unset(name.trim()))
        {
            return Err(Error::BadVariable {
                variable: "CRDS_OBSERVATORY".to_owned(),
                value: other.to_owned(),
                expected: format!("{OBSERVATORY}: rules of other observatories are not understood"),
            });
        }
        let mut origin = None;
        let mut folder = |variable: &str, name: &str| -> Result<PathBuf> {
            let (path, from) = place(environment, explicit_root, variable, name)?;
            origin.get_or_insert(from);
            Ok(path)
        };
        let mappings = folder("CRDS_MAPPATH", "mappings")?;
        let references = folder("CRDS_REFPATH", "references")?;
        let config = folder("CRDS_CFGPATH", "config")?;
        let layout = layout_of(&config, &references)?;
        Ok(Self {
            folders: reference_folders(environment),
            layout,
            mappings,
            references,
            config,
            origin: origin.unwrap_or_default(),
            read_only: yes(environment, "CRDS_READONLY_CACHE")?,
            any_checksum: yes(environment, "CRDS_IGNORE_MAPPING_CHECKSUM")?,
        })
    }

    /// Where the cache is and what decided it: a sentence.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The folder of the rules.
    pub fn mappings(&self) -> &Path {
        &self.mappings
    }

    /// The folder of the reference files.
    pub fn references(&self) -> &Path {
        &self.references
    }

    /// The folder of what the server said.
    pub fn config(&self) -> &Path {
        &self.config
    }

    /// How reference files are laid out.
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// Whether nothing may be written (`CRDS_READONLY_CACHE`).
    pub fn is_read_only(&self) -> bool {
        self.read_only
    }

    /// Where a rule file is, or would be.
    ///
    /// # Errors
    /// [`Error::UnsafeName`].
    pub fn mapping_path(&self, name: &str) -> Result<PathBuf> {
        Ok(self.mappings.join(checked_mapping(name)?))
    }

    /// Where a reference file is, or would be; `jref$` and the like before its name are passed over.
    ///
    /// # Errors
    /// [`Error::UnsafeName`], also for names that tell no instrument where that is needed;
    /// [`Error::BadVariable`] where the layout needs `jref` and the like, and that is not set.
    pub fn reference_path(&self, name: &str) -> Result<PathBuf> {
        let name = safe_name(names::bare(name))?;
        if self.layout == Layout::Flat {
            return Ok(self.references.join(name));
        }
        let instrument = instrument_of_reference(name).ok_or_else(|| Error::UnsafeName {
            name: name.to_owned(),
            reason: "it tells no instrument, so that its folder is not known".to_owned(),
        })?;
        let variable = reference_variable(instrument).unwrap_or_default();
        match (self.layout, self.folders.get(variable)) {
            (Layout::Legacy, Some(folder)) => Ok(folder.join(name)),
            (Layout::Legacy, None) => Err(Error::BadVariable {
                variable: variable.to_owned(),
                value: String::new(),
                expected: format!(
                    "the folder of {instrument}'s references, as the cache's layout is 'legacy'"
                ),
            }),
            _ => Ok(self.references.join(instrument).join(name)),
        }
    }

    /// Where a reference file is already: in the cache, or in the folder that `jref` and the like name.
    pub fn find_reference(&self, name: &str) -> Option<PathBuf> {
        self.reference_places(name)
            .into_iter()
            .find(|path| path.is_file())
    }

    /// All places where a reference file is looked for.
    pub fn reference_places(&self, name: &str) -> Vec<PathBuf> {
        let mut places: Vec<PathBuf> = self.reference_path(name).into_iter().collect();
        let bare = names::bare(name);
        let Ok(bare) = safe_name(bare) else {
            return places;
        };
        let folder = instrument_of_reference(bare).and_then(reference_variable);
        if let Some(folder) = folder.and_then(|variable| self.folders.get(variable)) {
            places.push(folder.join(bare));
        }
        places.dedup();
        places
    }

    /// The text of a rule file that is in the cache.
    ///
    /// # Errors
    /// [`Error::Io`] where it is not there; [`Error::BadFile`] where its text is not what its own checksum says
    /// (unless `CRDS_IGNORE_MAPPING_CHECKSUM` is set).
    pub fn mapping_text(&self, name: &str) -> Result<String> {
        let path = self.mapping_path(name)?;
        let bytes = std::fs::read(&path).map_err(Error::io(&path))?;
        let bad = |reason: String| Error::BadFile {
            path: path.clone(),
            reason,
        };
        let text = String::from_utf8(bytes).map_err(|_| bad("it is no text".to_owned()))?;
        if !self.any_checksum {
            super::checksum::of_mapping(&text).map_err(bad)?;
        }
        Ok(text)
    }

    /// What the server said the last time, where that is kept.
    ///
    /// # Errors
    /// [`Error::BadFile`] for a file that cannot be read as the official client's.
    pub fn server_config(&self) -> Result<Option<ServerInfo>> {
        let path = self.config.join("server_config");
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::io(&path)(error)),
        };
        let bad = |reason: String| Error::BadFile {
            path: path.clone(),
            reason,
        };
        let value = rules::read_value(&text).map_err(bad)?;
        ServerInfo::new(value).map(Some).map_err(bad)
    }

    /// Keeps what the server said, for when it is not reached; as the official client writes and reads it.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::DiskFull`]. A cache that may not be written is left as it is, which is no error.
    pub fn keep_server_config(&self, info: &ServerInfo) -> Result<()> {
        if self.read_only {
            return Ok(());
        }
        let bad: Vec<&str> = info.bad_files().collect();
        for (name, text) in [
            ("server_config", literal::written(info.value())),
            ("bad_files.txt", bad.join("\n")),
        ] {
            match super::write_whole(&self.config.join(name), text.as_bytes()) {
                // The cache is somebody else's, and can be read nevertheless.
                Err(Error::Io { source, .. })
                    if matches!(
                        source.kind(),
                        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem
                    ) => {}
                kept => kept?,
            }
        }
        Ok(())
    }

    /// Makes the folders that a reference file needs, and writes down how the cache is laid out.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::ReadOnly`] where the cache may not be written.
    pub(super) fn make_ready(&self, references: bool) -> Result<()> {
        if self.read_only {
            return Err(Error::ReadOnly {
                path: self.references.clone(),
            });
        }
        let made = |path: &Path| std::fs::create_dir_all(path).map_err(Error::io(path));
        made(&self.mappings)?;
        made(&self.config)?;
        let marker = self.config.join(LAYOUT);
        if references && self.layout != Layout::Legacy && !marker.exists() {
            let layout = match self.layout {
                Layout::Flat => "flat",
                _ => "instrument",
            };
            super::write_whole(&marker, layout.as_bytes())?;
        }
        Ok(())
    }

    /// Makes `jref` beside `acs`, as the official client does: headers and other programs look there.
    pub(super) fn link_folder(&self, reference: &Path) {
        let Some(folder) = reference.parent().filter(|_| self.layout == Layout::Instrument) else {
            return;
        };
        let instrument = folder
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        let Some(variable) = reference_variable(instrument).filter(|_| instrument != "synphot") else {
            return;
        };
        let link = self.references.join(variable);
        if link.symlink_metadata().is_err() {
            // Systems and folders without links do without.
            #[cfg(unix)]
            let _ = std::os::unix::fs::symlink(instrument, &link);
        }
    }
}

/// Where one part of the cache is, and the sentence that says why.
fn place(
    environment: &Environment,
    explicit_root: Option<&Path>,
    variable: &str,
    name: &str,
) -> Result<(PathBuf, String)> {
    let trimmed = |path: &str| {
        PathBuf::from(path.trim_end_matches('/').to_owned() + if path == "/" { "/" } else { "" })
    };
    let because = |path: &Path, why: &str| format!("the CRDS cache is {}, as {why}", path.display());
    if let Some(root) = explicit_root {
        return Ok((root.join(name).join(OBSERVATORY), because(root, "was asked for")));
    }
    for (variable, single) in [(variable, false), ("CRDS_PATH", true)] {
        if let Some(path) = environment.get(&format!("{variable}_SINGLE")).map(trimmed) {
            let why = because(&path, &format!("{variable}_SINGLE says"));
            return Ok((if single { path.join(name) } else { path }, why));
        }
        if let Some(path) = environment.get(variable).map(trimmed) {
            let why = because(&path, &format!("{variable} says"));
            let path = if single { path.join(name) } else { path };
            return Ok((path.join(OBSERVATORY), why));
        }
    }
    let (home, of) = environment.cache_home().ok_or_else(|| Error::BadVariable {
        variable: "CRDS_PATH".to_owned(),
        value: String::new(),
        expected: "the folder of the CRDS cache, as this user has no home".to_owned(),
    })?;
    let root = home.join("firstlight").join("crds");
    let why = because(&root, &format!("CRDS_PATH is not set ({of})"));
    Ok((root.join(name).join(OBSERVATORY), why))
}

fn layout_of(config: &Path, references: &Path) -> Result<Layout> {
    let marker = config.join(LAYOUT);
    if let Ok(text) = std::fs::read_to_string(&marker) {
        return match text.trim() {
            "instrument" => Ok(Layout::Instrument),
            "flat" => Ok(Layout::Flat),
            "legacy" => Ok(Layout::Legacy),
            other => Err(Error::BadFile {
                path: marker,
                reason: format!(
                    "'{}' is no layout: instrument, flat and legacy are",
                    other.escape_debug()
                ),
            }),
        };
    }
    let many = std::fs::read_dir(references).is_ok_and(|entries| entries.count() > FLAT_FROM);
    Ok(if many { Layout::Flat } else { Layout::Instrument })
}

fn reference_folders(environment: &Environment) -> BTreeMap<&'static str, PathBuf> {
    let variables = ["jref", "oref", "nref", "uref", "iref", "lref", "ttab"];
    let folder = |variable: &'static str| {
        let (upper, dollar) = (variable.to_ascii_uppercase(), format!("{variable}$"));
        let (_, path) = environment.first(&[dollar.as_str(), variable, upper.as_str()])?;
        Some((variable, PathBuf::from(path)))
    };
    variables.into_iter().filter_map(folder).collect()
}

/// Whether a variable says yes.
fn yes(environment: &Environment, variable: &str) -> Result<bool> {
    let value = environment.get(variable).unwrap_or("0");
    match value.to_ascii_lowercase().as_str() {
        "1" | "true" | "t" => Ok(true),
        "0" | "false" | "f" => Ok(false),
        _ => Err(Error::BadVariable {
            variable: variable.to_owned(),
            value: value.to_owned(),
            expected: "1, true, 0 or false".to_owned(),
        }),
    }
}
