//! Frames calibrated with masters: each file by itself, many at a time.

use super::header;
use super::masters::{self, Masters};
use super::open::CcdFile;
use super::options::CcdProcessOptions;
use super::{products, record, stream, write};
use crate::input::Failure;
use crate::{Error, Progress, Result};
use firstlight_calibrate::ccd::lacosmic::CosmicRays;
use firstlight_calibrate::ccd::{
    BackgroundOptions, CcdSteps, CcdStepsReport, Deviation, Flat, FringeOptions, LinearityOptions,
    OverscanOptions, Real, Section, ccd_process, exposure_ratio,
};
use firstlight_fits::{Header, Sample, Value};
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// A frame that was written.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CcdProduct {
    /// The input.
    pub input: PathBuf,
    /// The product.
    pub path: PathBuf,
    /// The steps that were done, in their order, with what they were done with.
    pub steps: Vec<String>,
    /// Unit of the product.
    pub unit: String,
    /// How often the dark went into the exposure.
    pub dark_factor: Option<f64>,
    /// What was measured.
    #[serde(flatten)]
    pub report: CcdStepsReport,
}

/// What became of all inputs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CcdProcessReport {
    /// The frames that were written, in the order of the inputs.
    pub products: Vec<CcdProduct>,
    /// Inputs that failed, while the others went on.
    pub failed: Vec<Failure>,
    /// How long it took, s.
    pub seconds: f64,
}

/// Calibrates frames of a CCD with masters; each becomes a file of the same name in `folder`. The inputs are not changed.
///
/// # Errors
/// Before any work: [`Error::OutputExists`], [`Error::Usage`] where two products would have one name, masters that cannot
/// be read, and a flat without light. What one input alone is refused for is told of in the report, unless it is the only
/// one.
pub fn process(
    inputs: &[PathBuf],
    folder: &Path,
    options: &CcdProcessOptions,
    progress: &dyn Progress,
) -> Result<CcdProcessReport> {
    process_and_clean(inputs, folder, (options, None), progress)
}

/// [`process`] with cosmic rays found before fringes and background are subtracted. The readout noise is that of the frame, and
/// the gain one of electrons per unit of the product, as it has gone into that.
///
/// # Errors
/// Those of [`process`]; of a frame [`Error::Usage`] where it has no readout noise.
pub(crate) fn process_and_clean(
    inputs: &[PathBuf],
    folder: &Path,
    what: (&CcdProcessOptions, Option<CosmicRays>),
    progress: &dyn Progress,
) -> Result<CcdProcessReport> {
    let begin = Instant::now();
    let (products, failed) = match masters::are_exact_in_f32(what.0)? {
        true => all::<f32>(inputs, folder, what, progress)?,
        false => all::<f64>(inputs, folder, what, progress)?,
    };
    Ok(CcdProcessReport {
        products,
        failed,
        seconds: begin.elapsed().as_secs_f64(),
    })
}

fn all<U: Real + Sample>(
    inputs: &[PathBuf],
    folder: &Path,
    (options, cosmic_rays): (&CcdProcessOptions, Option<CosmicRays>),
    progress: &dyn Progress,
) -> Result<(Vec<CcdProduct>, Vec<Failure>)> {
    let masters = Masters::<U>::open(options)?;
    let how = masters::flat_options(options)?;
    let flat = match (&masters.flat, &options.flat) {
        (Some(flat), Some(path)) => {
            Some(Flat::new(&flat.frame, &how).map_err(|error| Error::from(error).in_file(path))?)
        }
        _ => None,
    };
    let outputs = products::of_inputs(inputs, folder, options.overwrite)?;
    let linearity = masters::linearity(options)?;
    let work = Work {
        options,
        linearity: linearity.as_ref(),
        cosmic_rays,
        fringe: masters::fringe_options(options)?,
        background: masters::background_options(options)?,
        masters: &masters,
        flat: flat.as_ref(),
    };
    let told = ("calibrating frames", progress);
    products::each((inputs, &outputs), folder, told, |input, output| {
        work.one(input, output)
    })
}

struct Work<'a, U> {
    options: &'a CcdProcessOptions,
    linearity: Option<&'a LinearityOptions>,
    cosmic_rays: Option<CosmicRays>,
    fringe: FringeOptions,
    background: Option<BackgroundOptions>,
    masters: &'a Masters<U>,
    flat: Option<&'a Flat<'a, U>>,
}

impl<U: Real + Sample> Work<'_, U> {
    fn one(&self, input: &Path, output: &Path) -> Result<CcdProduct> {
        let options = self.options;
        let file = CcdFile::open(input, &options.open)?;
        self.masters.check_binning(input, file.header())?;
        let steps = self.steps(&file)?;
        if self.linearity.is_some() {
            above_bias(&file, &steps)?;
        }
        let mut header = file.header().clone();
        let mut done = record::put(&mut header, &record::of_steps(self.masters, &steps))?;
        if let Some(section) = steps.trim {
            let (rows, columns) = section.within(file.shape())?;
            header::trimmed(&mut header, (columns.start, rows.start))?;
        }
        let (unit, report) = match file.is_exact_in_f32() {
            true => self.write::<f32>(&file, &steps, output, (&mut header, &mut done))?,
            false => self.write::<f64>(&file, &steps, output, (&mut header, &mut done))?,
        };
        Ok(CcdProduct {
            input: input.to_owned(),
            path: output.to_owned(),
            steps: done,
            unit,
            dark_factor: steps.dark.map(|(_, factor)| factor),
            report,
        })
    }

    fn write<T: Real + Sample>(
        &self,
        file: &CcdFile,
        steps: &CcdSteps<'_, U>,
        output: &Path,
        (header, done): (&mut Header, &mut Vec<String>),
    ) -> Result<(String, CcdStepsReport)> {
        if !steps.need_whole_frame() {
            return stream::process::<T, U>(file, steps, (output, header), self.options.overwrite);
        }
        let (frame, report) = ccd_process(file.read::<T>()?, steps)?;
        let fringe = self.masters.fringe.as_ref().map(|of| of.path.as_path());
        let of_rays = report.cosmic_rays.as_ref().zip(steps.cosmic_rays.as_ref());
        let mut of_frame: Vec<_> = of_rays
            .map(|(found, how)| record::of_cosmic_rays(found, how))
            .into_iter()
            .collect();
        of_frame.extend(record::of_sky(&report, fringe, steps.background.as_ref()));
        done.extend(record::put(header, &of_frame)?);
        record::put_sky(header, &report)?;
        write(output, &frame, header, self.options.overwrite)?;
        Ok((frame.unit.to_string(), report))
    }

    fn steps(&self, file: &CcdFile) -> Result<CcdSteps<'_, U>> {
        let options = self.options;
        let (path, header) = (file.path(), file.header());
        let section = |named: &Option<String>| {
            let text = named.as_deref().map(|text| section_text(path, header, text));
            let parsed = text.map(|text| Ok::<_, Error>(Section::parse(&text?)?));
            parsed.transpose()
        };
        let told = |named: &Option<String>| {
            let text = named.as_deref();
            text.map(|text| number_or_keyword(path, header, text)).transpose()
        };
        let (gain, readnoise) = (told(&options.gain)?, told(&options.readnoise)?);
        let how = OverscanOptions {
            median: options.oscan_median,
            axis: options.overscan_axis,
            order: options.oscan_model,
        };
        Ok(CcdSteps {
            saturation: options.saturation,
            overscan: section(&options.overscan)?.map(|section| (section, how)),
            trim: section(&options.trim)?,
            deviation: readnoise.map(|readnoise| Deviation {
                gain: gain.unwrap_or(1.0),
                readnoise,
                disregard_nan: true,
            }),
            mask: self.masters.bad_pixels.as_ref().map(|(_, mask)| mask),
            gain,
            gain_corrected: self.masters.gain_corrected(options),
            bias: self.masters.bias.as_ref().map(|bias| &bias.frame),
            linearity: self.linearity,
            dark: match &self.masters.dark {
                Some(dark) => Some((&dark.frame, self.dark_factor(path, header, &dark.header)?)),
                None => None,
            },
            flat: self.flat,
            cosmic_rays: match (self.cosmic_rays, readnoise) {
                (Some(mut rays), Some(readnoise)) => {
                    (rays.how.readnoise, rays.how.gain) = (readnoise, 1.0);
                    Some(rays)
                }
                (Some(_), None) => return Err(without_readnoise()),
                (None, _) => None,
            },
            fringe: self.masters.fringe.as_ref().map(|of| (&of.frame, self.fringe)),
            background: self.background,
        })
    }

    /// How often the dark goes into an exposure.
    fn dark_factor(&self, path: &Path, header: &Header, dark: &Header) -> Result<f64> {
        let options = self.options;
        let keyword = &options.exposure_key;
        let of_dark = options.dark_exposure.or_else(|| number(dark, keyword));
        let of_frame = options.data_exposure.or_else(|| number(header, keyword));
        let missing = |path: &Path| Error::MissingKeyword {
            path: path.to_owned(),
            keyword: keyword.clone(),
        };
        if !options.dark_scale {
            return match (of_frame, of_dark) {
                // Times are written with few digits at times.
                (Some(frame), Some(dark)) if (frame - dark).abs() > 1e-3 * dark.abs().max(1.0) => {
                    Err(Error::Contradiction {
                        path: path.to_owned(),
                        reason: format!(
                            "it was exposed for {frame} s, but the dark for {dark} s ({keyword}); give a dark of its time, or \
                             scale this one (--dark-scale)"
                        ),
                    })
                }
                _ => Ok(1.0),
            };
        }
        let dark_path = options.dark.as_deref().unwrap_or(path);
        let of_dark = of_dark.ok_or_else(|| missing(dark_path))?;
        let of_frame = of_frame.ok_or_else(|| missing(path))?;
        Ok(exposure_ratio(of_frame, of_dark)?)
    }
}

/// Refuses a frame whose level above the bias is not known where its non-linearity is to be corrected, and one whose was.
fn above_bias<U>(file: &CcdFile, steps: &CcdSteps<'_, U>) -> Result<()> {
    let had = |keyword: &str| file.header().contains(keyword);
    let refuse = |reason: &str| {
        Err(Error::Contradiction {
            path: file.path().to_owned(),
            reason: reason.to_owned(),
        })
    };
    if had("LINCORR") {
        return refuse("its non-linearity has been corrected already (LINCORR); leave out --linearity");
    }
    if steps.overscan.is_some() || steps.bias.is_some() || had("SUBOSCAN") || had("SUBBIAS") {
        return Ok(());
    }
    refuse(
        "a non-linearity is one of the level above the bias, which was not subtracted (no SUBOSCAN, no SUBBIAS); subtract it in \
         the same go (--overscan or --bias)",
    )
}

/// Cosmic rays stand out of a noise that has to be known.
pub(crate) fn without_readnoise() -> Error {
    Error::Usage(
        "L.A.Cosmic needs the readout noise; give it in electrons, or the keyword that holds it (--readnoise)".to_owned(),
    )
}

/// A section that is given, or the value of the keyword that is.
fn section_text(path: &Path, header: &Header, given: &str) -> Result<String> {
    if given.trim_start().starts_with('[') {
        return Ok(given.to_owned());
    }
    header.text(given).ok_or_else(|| Error::MissingKeyword {
        path: path.to_owned(),
        keyword: given.to_owned(),
    })
}

/// A number that is given, or that of the keyword that is.
pub(crate) fn number_or_keyword(path: &Path, header: &Header, given: &str) -> Result<f64> {
    if let Ok(number) = given.trim().parse() {
        return Ok(number);
    }
    number(header, given).ok_or_else(|| Error::MissingKeyword {
        path: path.to_owned(),
        keyword: given.to_owned(),
    })
}

/// A number, also one that stands between quotes.
pub(crate) fn number(header: &Header, keyword: &str) -> Option<f64> {
    match header.get(keyword)? {
        Value::Text(text) => text.trim().parse().ok(),
        value => value.as_real(),
    }
}
