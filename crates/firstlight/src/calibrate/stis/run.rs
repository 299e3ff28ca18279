//! The order of the steps for an exposure of STIS.

use super::plan::{AFTER, Planned};
use super::{Files, StisMeasured, measured};
use crate::calibrate::report::CalibratedProduct;
use crate::calibrate::{CalibrateOptions, product, tally};
use crate::input::Failure;
use crate::progress::go_on;
use crate::stis::{engineering_beside, of_input};
use crate::{Error, Progress, Result};
use firstlight_calibrate::stis::SpectralSwitches;
use firstlight_calibrate::stis::basic2d::{HousingTemperatures, basic2d};
use firstlight_calibrate::stis::ocrreject::{OcrrejectOptions, ocrreject};
use firstlight_calibrate::stis::wavecal::{
    Interpolation, MeasuredWavecal, record_exposure, warnings, wavecal_exposure,
};
use firstlight_calibrate::stis::x1d::{ExtractedExposure, X1dOptions, x1d_exposure};
use firstlight_calibrate::stis::x2d::{RectifiedExposure, X2dOptions, x2d_exposure};
use firstlight_calibrate::{Error as StepError, Observation, References};
use firstlight_fits::{Header, Overwrite};
use firstlight_frame::{Exposure, Switch};
use std::path::Path;
use std::time::Instant;

/// What all exposures have in common.
pub(super) struct Run<'a> {
    pub(super) options: &'a CalibrateOptions,
    pub(super) progress: &'a dyn Progress,
}

/// What became of an exposure.
pub(super) struct Done {
    pub(super) products: Vec<CalibratedProduct>,
    /// What may not be meant.
    pub(super) notes: Vec<String>,
    /// The spectrum, where there are images but none of it could be made.
    pub(super) failed: Option<Failure>,
}

/// What to say of an exposure whose imsets cannot be combined.
fn too_few_imsets(planned: &Planned, exposure: &Observation) -> Error {
    let tell = |chip: &firstlight_calibrate::Chip| {
        let seconds = chip.sci.real("EXPTIME");
        let seconds = seconds.map_or("?".to_owned(), |seconds| seconds.to_string());
        let left_out = match chip.sci.logical("IMSET_OK") {
            Some(false) => ", IMSET_OK F",
            _ => "",
        };
        format!("imset {}: EXPTIME {seconds} s{left_out}", chip.version)
    };
    let told: Vec<String> = exposure.chips.iter().map(tell).collect();
    Error::Contradiction {
        path: planned.path.clone(),
        reason: format!(
            "CRCORR is PERFORM, but fewer than two of its imsets can be combined ({}): set CRCORR=OMIT (--switch CRCORR=OMIT) \
             to calibrate each by itself",
            told.join("; ")
        ),
    }
}

/// Units of progress of an exposure.
pub(super) fn units(planned: &Planned) -> u64 {
    let lamp = u64::from(planned.lamp.is_some());
    (2 + lamp) * tally::STAGE
}

/// The calibrated images of an exposure.
#[derive(Default)]
struct Images {
    flt: Option<Observation>,
    crj: Option<Observation>,
    /// What basic2d has to tell of each.
    warnings: [Vec<String>; 2],
}

impl Images {
    fn each(&mut self) -> impl Iterator<Item = &mut Observation> {
        self.flt.iter_mut().chain(&mut self.crj)
    }

    /// The one that spectra are taken of.
    fn best(&self) -> Option<&Observation> {
        self.crj.as_ref().or(self.flt.as_ref())
    }
}

impl Run<'_> {
    /// Images, the wavecal, and spectra. All products are made before the first is written.
    pub(super) fn exposure(&self, planned: &Planned, files: &Files) -> Result<Done> {
        let begin = Instant::now();
        let (images, lamp) = rayon::join(
            || self.images(planned, &files.science),
            || self.lamp(planned, &files.lamp),
        );
        let (mut images, lamp) = (images?, lamp?);
        let mut notes = Vec::new();
        if let Some((lamp, name)) = &lamp {
            for image in images.each() {
                record_exposure(image, &lamp.shifts, Interpolation::Linear, name)?;
            }
            let said = |line| format!("{}: {line}", planned.path.display());
            notes.extend(warnings(name, &lamp.shifts).into_iter().map(said));
        }
        let (rectified, extracted) = rayon::join(
            || self.rectified(planned, &images, &files.science),
            || self.extracted(planned, &images, &files.science),
        );
        let (rectified, (extracted, failed)) = (rectified?, extracted?);
        let seconds = begin.elapsed().as_secs_f64();
        let shifts = lamp.map(|(lamp, _)| lamp.shifts);
        let mut products = self.write(planned, &images, rectified, extracted)?;
        for product in &mut products {
            product.seconds = seconds;
            if let Some(measured) = &mut product.stis {
                measured.wavecal.clone_from(&shifts);
            }
            let said = |line: &String| format!("{}: {line}", product.path.display());
            notes.extend(product.warnings.iter().map(said));
        }
        self.progress.advance(tally::STAGE);
        Ok(Done {
            products,
            notes,
            failed: failed.map(|error| Failure::new(&planned.path, &error)),
        })
    }

    /// basic2d; of an exposure in several parts in two goes, with ocrreject between.
    fn images(&self, planned: &Planned, references: &References) -> Result<Images> {
        go_on(self.progress)?;
        let mut exposure = load(&planned.path, &planned.primary)?;
        let engineering = engineering_beside(&planned.path, &exposure)?;
        let in_file = |error: StepError| of_input(error, std::slice::from_ref(&planned.path));
        if !planned.does.rejects {
            let report = basic2d(&mut exposure, references, &engineering).map_err(in_file)?;
            self.progress.advance(tally::STAGE);
            return Ok(Images {
                flt: Some(exposure),
                crj: None,
                warnings: [report.warnings, Vec::new()],
            });
        }
        let mut warnings = [Vec::new(), Vec::new()];
        if planned.does.before {
            let later = Held::back(&mut exposure.primary)?;
            let report = basic2d(&mut exposure, references, &engineering).map_err(in_file)?;
            warnings[1] = report.warnings;
            later.give_back(&mut exposure.primary)?;
        }
        go_on(self.progress)?;
        let how = OcrrejectOptions::from(&self.options.acsrej);
        let rejection = ocrreject(&[&exposure], references, &how).map_err(|error| match error {
            StepError::TooFewExposures { .. } => too_few_imsets(planned, &exposure),
            other => in_file(other),
        })?;
        rejection.mark(0, &mut exposure)?;
        let mut crj = rejection.product;
        self.keep(&exposure, planned, "blv_tmp")?;
        self.keep(&crj, planned, "crj_tmp")?;
        go_on(self.progress)?;
        let mut flt = planned.does.exposures.then_some(exposure);
        if planned.does.after {
            let (one, other) = rayon::join(
                || basic2d(&mut crj, references, &HousingTemperatures::new()),
                || {
                    flt.as_mut()
                        .map(|flt| basic2d(flt, references, &engineering))
                        .transpose()
                },
            );
            warnings[1].extend(one.map_err(in_file)?.warnings);
            warnings[0].extend(
                other
                    .map_err(in_file)?
                    .into_iter()
                    .flat_map(|report| report.warnings),
            );
        }
        self.progress.advance(tally::STAGE);
        Ok(Images {
            flt,
            crj: Some(crj),
            warnings,
        })
    }

    /// The wavecal through basic2d, rectified and measured, and its name.
    fn lamp(&self, planned: &Planned, references: &References) -> Result<Option<(MeasuredWavecal, String)>> {
        let Some(lamp) = &planned.lamp else {
            return Ok(None);
        };
        go_on(self.progress)?;
        let measured = measure(&lamp.path, &lamp.primary, lamp.is_raw(), references, |lit| {
            self.keep(lit, planned, "fwv_tmp")
        })?;
        self.keep(&measured.rectified, planned, "w2d_tmp")?;
        self.progress.advance(tally::STAGE);
        Ok(Some((measured, crate::input::file_name(&lamp.path))))
    }

    fn rectified(
        &self,
        planned: &Planned,
        images: &Images,
        references: &References,
    ) -> Result<Option<RectifiedExposure>> {
        go_on(self.progress)?;
        let Some(image) = images.best().filter(|_| planned.does.x2d) else {
            return Ok(None);
        };
        let switches = SpectralSwitches::of(&planned.primary);
        let made = x2d_exposure(image, references, &switches, &X2dOptions::default());
        Ok(Some(
            made.map_err(|error| Error::from(error).in_file(&planned.path))?,
        ))
    }

    /// The spectra; where none is found, why not. That is no error of the images.
    fn extracted(
        &self,
        planned: &Planned,
        images: &Images,
        references: &References,
    ) -> Result<(Option<ExtractedExposure>, Option<Error>)> {
        go_on(self.progress)?;
        let Some(image) = images.best().filter(|_| planned.does.x1d) else {
            return Ok((None, None));
        };
        let switches = SpectralSwitches::of(&planned.primary);
        let made = x1d_exposure(image, references, &switches, &X1dOptions::default());
        match made {
            Ok(made) => Ok((Some(made), None)),
            Err(error @ StepError::SpectrumNotFound { .. }) => Ok((None, Some(error.into()))),
            Err(error) => Err(Error::from(error).in_file(&planned.path)),
        }
    }

    /// Writes all products, unless the work is to stop.
    fn write(
        &self,
        planned: &Planned,
        images: &Images,
        rectified: Option<RectifiedExposure>,
        extracted: Option<ExtractedExposure>,
    ) -> Result<Vec<CalibratedProduct>> {
        go_on(self.progress)?;
        let overwrite = Overwrite::from(self.options.overwrite);
        let mut products = Vec::new();
        let both = [(&images.flt, "flt"), (&images.crj, "crj")];
        for ((image, kind), warnings) in both.into_iter().zip(&images.warnings) {
            if let Some(image) = image {
                let path = planned.file(kind);
                product::write(image, &path, overwrite)?;
                let told = measured::image(image, (&path, kind), planned, StisMeasured::default());
                products.push(CalibratedProduct {
                    warnings: warnings.clone(),
                    ..told
                });
            }
        }
        let Some(best) = images.best() else {
            return Ok(products);
        };
        let [rectified_kind, extracted_kind] = planned.does.spectra();
        if let Some(made) = rectified {
            let path = planned.file(rectified_kind);
            product::write(&made.product, &path, overwrite)?;
            let told = StisMeasured {
                rectified: made.reports,
                ..StisMeasured::default()
            };
            products.push(measured::image(
                &made.product,
                (&path, rectified_kind),
                planned,
                told,
            ));
        }
        if let Some(made) = extracted {
            let path = planned.file(extracted_kind);
            product::write_spectra(&made, &path, overwrite)?;
            products.push(measured::spectra(made, best, (&path, extracted_kind), planned));
        }
        Ok(products)
    }

    /// Writes what lies between steps, where the user wants it.
    fn keep(&self, observation: &Observation, planned: &Planned, kind: &str) -> Result<()> {
        match self.options.keep_intermediates {
            true => product::write(observation, &planned.file(kind), self.options.overwrite.into()),
            false => Ok(()),
        }
    }
}

/// A wavecal through basic2d, where it is raw, rectified and measured; `between` sees it before it is rectified.
pub(crate) fn measure(
    path: &Path,
    primary: &Header,
    is_raw: bool,
    references: &References,
    between: impl FnOnce(&Observation) -> Result<()>,
) -> Result<MeasuredWavecal> {
    let in_file = |error: StepError| Error::from(error).in_file(path);
    let mut lit = load(path, primary)?;
    if is_raw {
        let engineering = engineering_beside(path, &lit)?;
        basic2d(&mut lit, references, &engineering).map_err(in_file)?;
    }
    between(&lit)?;
    wavecal_exposure(&lit, references).map_err(in_file)
}

/// An exposure with another primary header than that of its file.
fn load(path: &Path, primary: &Header) -> Result<Observation> {
    let mut observation = Observation::load(&Exposure::open(path)?)?;
    observation.primary = primary.clone();
    Ok(observation)
}

/// Switches that are PERFORM, and held back from a task that is not to do them yet.
struct Held {
    switches: Vec<&'static str>,
    statistics: bool,
}

impl Held {
    fn back(primary: &mut Header) -> Result<Self> {
        let asked = |switch: &&str| Switch::of(primary, switch).is_perform();
        let switches: Vec<&str> = AFTER.into_iter().filter(asked).collect();
        let statistics = primary.logical("STATFLAG").unwrap_or(false);
        for switch in &switches {
            primary.set(switch, "OMIT", None)?;
        }
        if statistics {
            primary.set("STATFLAG", false, None)?;
        }
        Ok(Self { switches, statistics })
    }

    fn give_back(self, primary: &mut Header) -> Result<()> {
        for switch in self.switches {
            primary.set(switch, "PERFORM", None)?;
        }
        if self.statistics {
            primary.set("STATFLAG", true, None)?;
        }
        Ok(())
    }
}
