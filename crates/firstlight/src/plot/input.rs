//! The images that are shown.

use super::PlotOptions;
use crate::{Error, Result};
use firstlight_fits::{FitsFile, Hdu, HduSelector};
use firstlight_frame::Image;
use std::borrow::Cow;
use std::path::{Path, PathBuf};

/// One image to be shown.
#[derive(Debug, Clone)]
pub enum PlotInput<'a> {
    /// A FITS file; which HDU is shown, the options say.
    File(PathBuf),
    /// `ny` rows of `nx` samples in memory.
    Array {
        /// Rows.
        ny: usize,
        /// Samples in a row.
        nx: usize,
        /// Row after row.
        samples: &'a [f32],
    },
}

impl PlotInput<'_> {
    /// The file, where it is one.
    pub fn path(&self) -> Option<PathBuf> {
        match self {
            PlotInput::File(path) => Some(path.clone()),
            PlotInput::Array { .. } => None,
        }
    }
}

impl From<PathBuf> for PlotInput<'_> {
    fn from(path: PathBuf) -> Self {
        PlotInput::File(path)
    }
}

/// An image with what its file says of it.
pub struct Loaded<'a> {
    pub ny: usize,
    pub nx: usize,
    pub samples: Cow<'a, [f32]>,
    pub title: Option<String>,
    /// What stands beside the colour bar.
    pub unit: Option<String>,
}

/// What the files of a figure are called in it.
pub struct Names {
    inputs: Vec<Option<String>>,
    subtract: Option<String>,
    divide: Option<String>,
}

impl Names {
    pub fn of(inputs: &[PlotInput], options: &PlotOptions) -> Self {
        let own = inputs.iter().map(|input| match input {
            PlotInput::File(path) => Some(path.as_path()),
            PlotInput::Array { .. } => None,
        });
        let paths: Vec<Option<&Path>> = own
            .chain([options.subtract.as_deref(), options.divide.as_deref()])
            .collect();
        let known: Vec<&Path> = paths.iter().flatten().copied().collect();
        let mut labels = crate::input::labels(&known).into_iter();
        let mut names: Vec<Option<String>> = paths
            .iter()
            .map(|path| path.and_then(|_| labels.next()))
            .collect();
        let divide = names.pop().flatten();
        let subtract = names.pop().flatten();
        Self {
            inputs: names,
            subtract,
            divide,
        }
    }

    /// What the image `n` is called after the arithmetic, and whether it is another image for it.
    fn after(&self, n: usize) -> (Option<String>, bool) {
        let own = self.inputs.get(n).cloned().flatten();
        let image = || own.clone().unwrap_or_else(|| "image".to_owned());
        match (&self.subtract, &self.divide) {
            (None, None) => (own, false),
            (Some(less), None) => (Some(format!("{} − {less}", image())), true),
            (None, Some(by)) => (Some(format!("{} / {by}", image())), true),
            (Some(less), Some(by)) => (Some(format!("({} − {less}) / {by}", image())), true),
        }
    }
}

impl<'a> Loaded<'a> {
    /// Reads input `n`, and subtracts and divides as the options want.
    pub fn open((n, input): (usize, &PlotInput<'a>), names: &Names, options: &PlotOptions) -> Result<Self> {
        let mut loaded = match input {
            PlotInput::File(path) => read(path, options.extension.as_deref())?,
            PlotInput::Array { ny, nx, samples } => {
                if ny.checked_mul(*nx) != Some(samples.len()) {
                    let found = samples.len();
                    return Err(firstlight_look::Error::Shape {
                        ny: *ny,
                        nx: *nx,
                        found,
                    }
                    .into());
                }
                Loaded {
                    ny: *ny,
                    nx: *nx,
                    samples: Cow::Borrowed(*samples),
                    title: None,
                    unit: None,
                }
            }
        };
        if let Some(path) = &options.subtract {
            loaded.combine(path, options, |a, b| a - b)?;
        }
        if let Some(path) = &options.divide {
            loaded.combine(path, options, |a, b| if b == 0.0 { f32::NAN } else { a / b })?;
            loaded.unit = None;
        }
        let (name, is_another) = names.after(n);
        if is_another {
            // The title tells of what: beside the colour bar there is no room for the names of files.
            let quantity = match (&options.subtract, &options.divide) {
                (Some(_), None) => "difference",
                (None, _) => "ratio",
                (Some(_), Some(_)) => "difference / divisor",
            };
            loaded.unit = Some(match loaded.unit {
                Some(unit) => format!("{quantity} ({unit})"),
                None => quantity.to_owned(),
            });
        }
        // What is read has the name of its HDU there.
        let hdu = loaded.title.take().unwrap_or_default();
        loaded.title = name.map(|name| name + &hdu);
        Ok(loaded)
    }

    fn combine(&mut self, path: &Path, options: &PlotOptions, with: impl Fn(f32, f32) -> f32) -> Result<()> {
        let other = read(path, options.extension.as_deref())?;
        if (other.ny, other.nx) != (self.ny, self.nx) {
            return Err(Error::Usage(format!(
                "{}: has shape ({}, {}), but the image it is to be combined with ({}, {})",
                path.display(),
                other.ny,
                other.nx,
                self.ny,
                self.nx
            )));
        }
        let samples = self.samples.to_mut();
        samples
            .iter_mut()
            .zip(other.samples.iter())
            .for_each(|(a, &b)| *a = with(*a, b));
        Ok(())
    }
}

/// Reads one image of a file.
fn read(path: &Path, extension: Option<&str>) -> Result<Loaded<'static>> {
    let file = FitsFile::open(path)?;
    let hdu = match extension {
        Some(extension) => file.hdu(HduSelector::from(extension))?,
        None => {
            let image = |hdu: &&Hdu| hdu.has_pixels();
            let science = file
                .hdus()
                .iter()
                .filter(image)
                .find(|hdu| hdu.name().eq_ignore_ascii_case("SCI"));
            // Without one, the message that there is no image in the first HDU is what helps.
            science
                .or_else(|| file.hdus().iter().find(image))
                .unwrap_or_else(|| file.primary())
        }
    };
    let array = file.image::<f32>(hdu.index())?;
    let label = if hdu.index() == 0 {
        String::new()
    } else {
        format!(" [{}]", label(hdu))
    };
    let [ref leading @ .., ny, nx] = array.shape[..] else {
        return Err(unsupported(path, &array.shape));
    };
    if leading.iter().any(|&n| n != 1) {
        return Err(unsupported(path, &array.shape));
    }
    let unit = hdu
        .header()
        .text("BUNIT")
        .map(|unit| unit.trim().to_ascii_lowercase());
    // The shape is the array's own, so that this cannot disagree.
    let image = Image::from_vec(ny, nx, array.data).map_err(|_| unsupported(path, &[ny, nx]))?;
    Ok(Loaded {
        ny,
        nx,
        samples: Cow::Owned(image.into_vec()),
        title: Some(label),
        unit: unit.filter(|unit| !unit.is_empty()),
    })
}

fn label(hdu: &Hdu) -> String {
    match hdu.name() {
        "" => hdu.index().to_string(),
        name => format!("{name},{}", hdu.version()),
    }
}

fn unsupported(path: &Path, shape: &[usize]) -> Error {
    Error::Unsupported(format!(
        "{}: an array of shape {shape:?} is no image of rows and columns",
        path.display()
    ))
}
