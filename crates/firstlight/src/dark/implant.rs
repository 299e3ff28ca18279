//! `firstlight dark implant`

use super::DarkExposure;
use super::exposure::{open_with_pixels, to_image};
use super::loaded::{same_detector, same_shape};
use crate::input::name_in_header;
use crate::{Error, Progress, Result};
use firstlight_calibrate::dark::{ImplantedDark, WeightedDark, implant as add_up};
use firstlight_fits::{AtomicFile, FitsWriter, Header, Overwrite};
use firstlight_frame::{Exposure, Image, Imset};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// How a dark is put in.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct ImplantOptions {
    /// Factors on the darks' rates, one for each dark in their order; 1/N for N darks where not given.
    #[cfg_attr(feature = "clap", arg(long, value_name = "W,…", value_delimiter = ','))]
    pub weights: Vec<f64>,
    /// Scale the dark to the science exposure's EXPTIME, rather than set EXPTIME to the dark's: a
    /// product drizzled from such files weights its exposures as the science product does.
    #[cfg_attr(feature = "clap", arg(long))]
    pub keep_exptime: bool,
    /// Replace the output where it is there already.
    #[cfg_attr(feature = "clap", arg(long))]
    pub overwrite: bool,
}

/// One dark that went in.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ImplantedFile {
    /// The dark.
    pub dark: DarkExposure,
    /// Factor on its rate.
    pub weight: f64,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ImplantReport {
    /// The file that was written.
    pub output: PathBuf,
    /// The science exposure it is a copy of.
    pub science: PathBuf,
    /// The darks.
    pub darks: Vec<ImplantedFile>,
    /// `EXPTIME` of the output, s.
    pub exptime_s: f64,
    /// Counts in all pixels of the output.
    pub counts: f64,
}

/// Writes a copy of `science` with the pixels of a dark, or of a weighted sum of darks.
///
/// The copy keeps every card of the science exposure but `EXPTIME` (and `TEXPTIME`, where there), its
/// WCS and its DQ: what is drizzled from it lies on the same sky, with the same bad pixels left out. SCI
/// holds counts (counts/s, where the science exposure does), ERR their Poisson errors. `EXPTIME` is the
/// dark's, the longest one's of several, or with `keep_exptime` the science exposure's. Start and end
/// stay the science exposure's. HISTORY cards tell what went in. Inputs are not modified.
///
/// # Errors
/// Where the output is there already, the science exposure has more than one imset or no extensions, or
/// a dark does not fit it: [`Error::OtherDetector`], another shape, no finite pixel.
pub fn implant(
    science: &Path,
    darks: &[PathBuf],
    output: &Path,
    options: &ImplantOptions,
    progress: &dyn Progress,
) -> Result<ImplantReport> {
    if output.exists() && !options.overwrite {
        return Err(Error::OutputExists {
            path: output.to_owned(),
        });
    }
    let weights = weights(darks.len(), &options.weights)?;
    // A folder that cannot be written to shows before any work.
    AtomicFile::create(output, Overwrite::Replace)?;
    progress.start("implanting", Some(darks.len() as u64 + 1));
    let exposure = Exposure::open(science)?;
    let header = DarkExposure::of(&exposure)?;
    let shape = exposure.shape(only_imset(&exposure)?.version)?;
    let mut loaded = Vec::with_capacity(darks.len());
    for path in darks {
        let (dark, _, pixels) = open_with_pixels(path)?;
        same_detector(&header, &dark)?;
        let counts = in_counts(to_image(pixels, path)?, &dark);
        same_shape(&header, shape, &dark, counts.shape())?;
        some_finite(&counts, path)?;
        loaded.push((dark, counts));
        progress.advance(1);
    }
    let longest = loaded.iter().map(|(dark, _)| dark.exptime_s).fold(0.0, f64::max);
    let exptime_s = if options.keep_exptime {
        header.exptime_s
    } else {
        longest
    };
    let of_dark = |((dark, counts), &weight)| -> WeightedDark<'_> {
        let dark: &DarkExposure = dark;
        WeightedDark {
            name: &dark.rootname,
            counts,
            exptime_s: dark.exptime_s,
            weight,
        }
    };
    let weighted: Vec<WeightedDark<'_>> = loaded
        .iter()
        .map(|(dark, counts)| (dark, counts))
        .zip(&weights)
        .map(of_dark)
        .collect();
    let implanted = add_up(&weighted, exptime_s)?;
    let counts = implanted.sci.as_slice().iter().map(|&v| f64::from(v)).sum();
    let darks: Vec<ImplantedFile> = loaded
        .into_iter()
        .zip(weights)
        .map(|((dark, _), weight)| ImplantedFile { dark, weight })
        .collect();
    let implant = Implant {
        sum: implanted,
        exptime_s,
        darks: &darks,
    };
    write(&exposure, &header, implant, output, options)?;
    progress.advance(1);
    progress.finish();
    Ok(ImplantReport {
        output: output.to_owned(),
        science: science.to_owned(),
        darks,
        exptime_s,
        counts,
    })
}

fn weights(darks: usize, given: &[f64]) -> Result<Vec<f64>> {
    match (darks, given.len()) {
        (0, _) => Err(firstlight_calibrate::Error::NoDarks.into()),
        (darks, 0) => Ok(vec![1.0 / darks as f64; darks]),
        (darks, weights) if darks == weights => Ok(given.to_vec()),
        (darks, weights) => Err(Error::Usage(format!(
            "{weights} weights were given for {darks} darks"
        ))),
    }
}

fn in_counts(image: Image<f32>, of: &DarkExposure) -> Image<f32> {
    if of.per_second {
        image.map(|&rate| (f64::from(rate) * of.exptime_s) as f32)
    } else {
        image
    }
}

/// A dark of nothing but NaN would leave a product without a single pixel.
fn some_finite(counts: &Image<f32>, path: &Path) -> Result<()> {
    if counts.as_slice().iter().any(|sample| sample.is_finite()) {
        return Ok(());
    }
    let error = firstlight_calibrate::Error::NothingFinite {
        region: "the dark".to_owned(),
        pixels: counts.len(),
    };
    Err(Error::Calibrate(error).in_file(path))
}

/// The one imset that a dark can be put into.
fn only_imset(exposure: &Exposure) -> Result<&Imset> {
    let file = exposure.path().display();
    match exposure.imsets() {
        [imset] if imset.sci > 0 => Ok(imset),
        [_] => Err(Error::Usage(format!(
            "{file} has no SCI extension to put a dark into"
        ))),
        imsets => Err(Error::Usage(format!(
            "{file} has {} imsets; a dark can be implanted where there is one",
            imsets.len()
        ))),
    }
}

/// What takes the place of the science pixels.
struct Implant<'a> {
    sum: ImplantedDark,
    exptime_s: f64,
    darks: &'a [ImplantedFile],
}

fn write(
    exposure: &Exposure,
    science: &DarkExposure,
    implant: Implant<'_>,
    output: &Path,
    options: &ImplantOptions,
) -> Result<()> {
    let Implant {
        sum,
        exptime_s,
        darks,
    } = implant;
    let imset = only_imset(exposure)?;
    let shape = exposure.shape(imset.version)?;
    let divisor = if science.per_second { exptime_s } else { 1.0 };
    let scaled = |image: Image<f32>| image.map(|&v| (f64::from(v) / divisor) as f32);
    let (sci, err) = (scaled(sum.sci), scaled(sum.err));
    let overwrite = Overwrite::from(options.overwrite);
    let mut writer = FitsWriter::create(output, overwrite)?;
    for hdu in exposure.file().hdus() {
        let header = || with_exptime(hdu.header(), exptime_s);
        match hdu.index() {
            0 => writer.empty_primary(&with_history(header()?, science, exptime_s, darks)?)?,
            index if index == imset.sci => writer.image(&header()?, (sci.as_slice(), shape))?,
            index if Some(index) == imset.err => writer.image(&header()?, (err.as_slice(), shape))?,
            index => writer.copy_hdu(exposure.file(), index)?,
        }
    }
    writer.finish()?;
    Ok(())
}

/// Sets the exposure time wherever the header has one.
fn with_exptime(header: &Header, exptime_s: f64) -> Result<Header> {
    let mut header = header.clone();
    for keyword in ["EXPTIME", "TEXPTIME"] {
        if header.contains(keyword) {
            header.set(keyword, exptime_s, None)?;
        }
    }
    Ok(header)
}

fn with_history(
    mut header: Header,
    science: &DarkExposure,
    exptime_s: f64,
    darks: &[ImplantedFile],
) -> Result<Header> {
    let mut history = |text: String| header.push_commentary("HISTORY", &text);
    history(format!(
        "firstlight {}: pixels replaced by dark counts.",
        env!("CARGO_PKG_VERSION")
    ))?;
    history(format!(
        "  headers, WCS and DQ of {}, EXPTIME {} s",
        name_in_header(&science.file),
        science.exptime_s
    ))?;
    for ImplantedFile { dark, weight } in darks {
        history(format!(
            "  dark {}, EXPTIME {} s, weight {weight}",
            name_in_header(&dark.file),
            dark.exptime_s
        ))?;
    }
    history(format!(
        "  EXPTIME is now {exptime_s} s; ERR is the Poisson error of the dark counts"
    ))?;
    Ok(header)
}
