//! A night as a file: what is reduced, where to, and how.

use super::options::ReduceOptions;
use crate::{Error, Result};
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};

/// What is reduced, where to, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct Night {
    /// Folders, files or patterns.
    pub inputs: Vec<String>,
    /// Folder of the products.
    pub folder: PathBuf,
    /// How.
    pub options: ReduceOptions,
}

impl Night {
    /// What was asked for: files and a folder, or one [`NightFile`], whose name ends in `.toml`. Options in `given`, by their
    /// names, and a folder win over those of the file.
    ///
    /// # Errors
    /// Those of [`NightFile::read`]; [`Error::Usage`] where there is no folder for the products, or for what is no option.
    pub fn new(inputs: &[String], folder: Option<PathBuf>, given: Map<String, Value>) -> Result<Self> {
        let file = match inputs {
            [one] if one.to_ascii_lowercase().ends_with(".toml") => NightFile::read(Path::new(one))?,
            _ => NightFile {
                input: inputs.to_vec(),
                ..NightFile::default()
            },
        };
        let folder = folder.or(file.output).ok_or_else(|| {
            Error::Usage(
                "say where the products are to go: --output-dir, or output in the file of the night"
                    .to_owned(),
            )
        })?;
        let mut options = as_map(&file.options);
        options.extend(given);
        let options = serde_json::from_value(Value::Object(options))
            .map_err(|error| Error::Usage(error.to_string()))?;
        Ok(Self {
            inputs: file.input,
            folder,
            options,
        })
    }
}

impl ReduceOptions {
    /// Those that are not the default, by their names.
    pub fn given(&self) -> Map<String, Value> {
        let usual = as_map(&Self::default());
        let mut given = as_map(self);
        given.retain(|name, value| usual.get(name) != Some(value));
        given
    }
}

fn as_map(options: &ReduceOptions) -> Map<String, Value> {
    match serde_json::to_value(options) {
        Ok(Value::Object(map)) => map,
        _ => Map::new(),
    }
}

/// What stands in a `night.toml`: the options of `firstlight reduce` under their names with `_`, and these.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NightFile {
    /// Folders, files or patterns; relative paths begin at the folder of this file.
    pub input: Vec<String>,
    /// Folder of the products; as above.
    pub output: Option<PathBuf>,
    /// All else.
    pub options: ReduceOptions,
}

impl NightFile {
    /// Reads a file; its paths are made those of the current folder.
    ///
    /// # Errors
    /// [`Error::Usage`] where it cannot be read, or names what is no option.
    pub fn read(path: &Path) -> Result<Self> {
        let refuse = |reason: String| Error::Usage(format!("{}: {reason}", path.display()));
        let text = std::fs::read_to_string(path).map_err(|error| refuse(error.to_string()))?;
        let unreadable = |error: toml::de::Error| refuse(error.to_string());
        let mut table: toml::Table = toml::from_str(&text).map_err(unreadable)?;
        let (input, output) = (table.remove("input"), table.remove("output"));
        let mut night = Self {
            input: input
                .map(toml::Value::try_into)
                .transpose()
                .map_err(unreadable)?
                .unwrap_or_default(),
            output: output
                .map(toml::Value::try_into)
                .transpose()
                .map_err(unreadable)?,
            options: toml::Value::Table(table).try_into().map_err(unreadable)?,
        };
        if night.input.is_empty() {
            return Err(refuse(
                "it does not say what to reduce: write input = [\"FOLDER\"]".to_owned(),
            ));
        }
        let base = crate::output::folder_of(path);
        for input in &mut night.input {
            *input = base.join(&*input).to_string_lossy().into_owned();
        }
        let options = &mut night.options;
        let given = [
            &mut night.output,
            &mut options.bias,
            &mut options.dark,
            &mut options.bad_pixel_mask,
        ];
        for path in given.into_iter().flatten() {
            *path = base.join(&*path);
        }
        for of_filter in options.flat.iter_mut().chain(&mut options.fringe) {
            if let Some((filter, file)) = of_filter.split_once('=') {
                *of_filter = format!("{filter}={}", base.join(file).display());
            }
        }
        Ok(night)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_begin_at_the_file_and_what_is_no_option_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("night.toml");
        std::fs::write(
            &path,
            "input = [\"raw\"]\noutput = \"out\"\nflat = [\"V=flats/v.fits\"]\nfringe = [\"I=i.fits\"]\nlacosmic = true\nsigclip = 6.0\nnearest = true\nwithout = [\"dark\"]\n",
        )
        .unwrap();
        let night = NightFile::read(&path).unwrap();
        assert_eq!(night.input, [folder.path().join("raw").to_string_lossy()]);
        assert_eq!(night.output, Some(folder.path().join("out")));
        assert!(night.options.nearest && night.options.flat[0].ends_with("flats/v.fits"));
        let fringe = format!("I={}", folder.path().join("i.fits").display());
        assert_eq!(night.options.fringe, [fringe]);
        assert!(night.options.lacosmic && night.options.sigclip == 6.0);
        let inputs = [path.to_string_lossy().into_owned()];
        let given = ReduceOptions {
            temperature_tolerance: 2.0,
            ..ReduceOptions::default()
        };
        let asked = Night::new(&inputs, Some("here".into()), given.given()).unwrap();
        assert_eq!(asked.folder, Path::new("here"));
        assert!(asked.options.nearest && asked.options.temperature_tolerance == 2.0);
        assert!(Night::new(&["raw".to_owned()], None, Map::new()).is_err());
        for poor in [
            "input = [\"raw\"]\nnearst = true\n",
            "nearest = true\n",
            "input = \"raw",
        ] {
            std::fs::write(&path, poor).unwrap();
            let error = NightFile::read(&path).unwrap_err().to_string();
            assert!(error.contains("night.toml"), "{error}");
        }
    }
}
