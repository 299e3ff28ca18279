//! Skies that the user has measured.

use super::{SkyOptions, SkyStatus, SkyValue};
use crate::{Error, Result};
use firstlight_fits::Header;
use std::collections::BTreeMap;
use std::path::Path;

/// Where measured skies are recorded.
const RECORDED: &str = "MDRIZSKY";

/// A chip as the user's values know it.
#[derive(Debug, Clone, Copy)]
pub struct UserChip<'a> {
    /// The file, as it was given.
    pub file: &'a Path,
    /// Which of the file's SCI images, from 0.
    pub chip: usize,
    /// The header of its SCI image.
    pub header: &'a Header,
    /// As in [`super::SkyInput`].
    pub electrons_per_unit: f64,
}

/// A file of skies: lines of a file name and one value, or one for each chip. A line with `#` is a comment, and one
/// as `# applied = yes` says that these skies are subtracted already.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SkyFile {
    /// Whether the images have these skies subtracted, as the file says, if it does.
    pub applied: Option<bool>,
    values: BTreeMap<String, Vec<f64>>,
}

impl SkyFile {
    /// Reads a file of skies.
    ///
    /// # Errors
    /// [`Error::UserSky`] where it cannot be read, or is no such file.
    pub fn read(path: &Path) -> Result<Self> {
        let place = path.display().to_string();
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(&text, &place),
            Err(error) => Err(Error::UserSky {
                place,
                reason: error.to_string(),
            }),
        }
    }

    /// The content of a file of skies; `place` is its name, for errors.
    ///
    /// # Errors
    /// [`Error::UserSky`] where a line has no value, or one that is no finite number.
    pub fn parse(text: &str, place: &str) -> Result<Self> {
        let mut file = Self::default();
        for (number, line) in text.lines().enumerate() {
            let error = |reason: String| Error::UserSky {
                place: format!("{place}, line {}", number + 1),
                reason,
            };
            let line = line.trim();
            if let Some(comment) = line.strip_prefix('#') {
                file.applied = applied(comment).or(file.applied);
                continue;
            }
            let mut words = line.split_whitespace();
            let Some(name) = words.next() else {
                continue;
            };
            let values = words.map(|word| match word.parse::<f64>() {
                Ok(value) if value.is_finite() => Ok(value),
                _ => Err(error(format!("{word:?} is no sky"))),
            });
            let values = values.collect::<Result<Vec<f64>>>()?;
            if values.is_empty() {
                return Err(error(format!("there is no value for {name}")));
            }
            file.values.insert(name.to_owned(), values);
        }
        Ok(file)
    }

    /// The sky of a chip of a file, which is looked for under its name as it is and without its folder. `None` where
    /// there is no line for it.
    ///
    /// # Errors
    /// [`Error::UserSky`] where the line has several values, but none for this chip.
    pub fn value(&self, file: &Path, chip: usize) -> Result<Option<f64>> {
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned());
        let full = self.values.get(file.to_string_lossy().as_ref());
        let Some(values) = full.or_else(|| self.values.get(&name?)) else {
            return Ok(None);
        };
        match values.as_slice() {
            [value] => Ok(Some(*value)),
            values => values.get(chip).copied().map(Some).ok_or_else(|| Error::UserSky {
                place: format!("the sky of {}", file.display()),
                reason: format!(
                    "there are {} values, but none for chip {}",
                    values.len(),
                    chip + 1
                ),
            }),
        }
    }
}

/// Whether a comment says that skies are subtracted.
fn applied(comment: &str) -> Option<bool> {
    let (name, value) = comment.split_once(['=', ':'])?;
    let yes = ["yes", "true", "y", "t"];
    name.contains("applied")
        .then(|| yes.contains(&value.trim().to_ascii_lowercase().as_str()))
}

/// The skies of all chips where none is to be measured: those of `skyfile`; with `skysub` off those of `skyuser`, or
/// what was recorded before. `None` where [`super::sky_values`] is to measure them.
///
/// A header keyword in `skyuser` names a sky that was subtracted already, as AstroDrizzle has it, except MDRIZSKY,
/// which it never subtracts from files; a file in `skyuser` has skies to subtract.
///
/// # Errors
/// Those of [`SkyOptions::check`]; [`Error::UserSky`] where a value is missing or a file of skies is bad.
pub fn user_sky(chips: &[UserChip], options: &SkyOptions) -> Result<Option<Vec<SkyValue>>> {
    options.check()?;
    let named = options.skyuser.as_deref().map(str::trim).unwrap_or_default();
    if options.skysub {
        let file = options
            .skyfile
            .as_deref()
            .filter(|path| !path.as_os_str().is_empty());
        let Some(path) = file else {
            return Ok(None);
        };
        let file = SkyFile::read(path)?;
        return from_file(chips, &file, !file.applied.unwrap_or(false)).map(Some);
    }
    if let Some(path) = named.strip_prefix('@') {
        return from_file(chips, &SkyFile::read(Path::new(path))?, true).map(Some);
    }
    let of_chip = |chip: &UserChip| {
        let (keyword, status) = match named {
            "" => (RECORDED, SkyStatus::Off),
            named => (named, SkyStatus::User),
        };
        let sky = match (chip.header.real(keyword), status) {
            (Some(sky), _) if sky.is_finite() => sky,
            (None, SkyStatus::Off) => 0.0,
            _ => {
                return Err(Error::UserSky {
                    place: format!("{}, chip {}", chip.file.display(), chip.chip + 1),
                    reason: format!("the header has no number {keyword}, which skyuser names"),
                });
            }
        };
        let subtract = status == SkyStatus::User && keyword == RECORDED;
        Ok(SkyValue::new(sky, chip.electrons_per_unit, subtract, status))
    };
    chips.iter().map(of_chip).collect::<Result<Vec<_>>>().map(Some)
}

fn from_file(chips: &[UserChip], file: &SkyFile, subtract: bool) -> Result<Vec<SkyValue>> {
    let of_chip = |chip: &UserChip| {
        let (sky, status) = match file.value(chip.file, chip.chip)? {
            Some(sky) => (sky, SkyStatus::User),
            None => (0.0, SkyStatus::NotGiven),
        };
        Ok(SkyValue::new(sky, chip.electrons_per_unit, subtract, status))
    };
    chips.iter().map(of_chip).collect()
}
