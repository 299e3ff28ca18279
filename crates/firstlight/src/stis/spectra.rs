//! The tasks of spectroscopy, one at a time: wavecal, x2d and x1d.

use super::reference_files::{Wanted, open_all};
use super::{Made, wanted};
use crate::calibrate::{SwitchSetting, measure, product};
use crate::output::{check_output, refuse_read_only};
use crate::{Error, Progress, Result};
use firstlight_calibrate::stis::SpectralSwitches;
use firstlight_calibrate::stis::wavecal::{self, Interpolation, TimedShifts};
use firstlight_calibrate::stis::x1d::{X1dOptions, X1dReport, doubts, x1d_exposure};
use firstlight_calibrate::stis::x2d::{X2dOptions, X2dReport, x2d_exposure};
use firstlight_calibrate::{Error as StepError, Observation, References};
use firstlight_fits::{Header, edit};
use firstlight_frame::{Exposure, Switch};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// What x2d and x1d have in common, beside their parameters.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct SpectrumOptions {
    /// Leave out a step of spectroscopy, whatever the header says: HELCORR=OMIT; may be repeated. What is not left out is
    /// done.
    #[cfg_attr(feature = "clap", arg(long, value_name = "SWITCH=PERFORM|OMIT"))]
    pub switch: Vec<SwitchSetting>,
    /// Folder of reference files, looked into before oref of the environment, the CRDS cache and the folder of the
    /// exposure.
    #[cfg_attr(feature = "clap", arg(long, value_name = "DIR"))]
    pub ref_dir: Option<PathBuf>,
    /// Replace a product that is there already.
    #[cfg_attr(feature = "clap", arg(long))]
    pub overwrite: bool,
}

/// How wavecal is done.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct WavecalOptions {
    /// How shifts of a wavecal of several imsets are brought to the time of an exposure: linear or nearest.
    #[cfg_attr(feature = "clap", arg(long, default_value_t = Self::default().option))]
    pub option: Interpolation,
    /// Set a switch of basic2d above the wavecal's header, as in DARKCORR=OMIT; may be repeated.
    #[cfg_attr(feature = "clap", arg(long, value_name = "SWITCH=PERFORM|OMIT"))]
    pub switch: Vec<SwitchSetting>,
    /// Folder of reference files, looked into before oref of the environment, the CRDS cache and the folder of the
    /// wavecal.
    #[cfg_attr(feature = "clap", arg(long, value_name = "DIR"))]
    pub ref_dir: Option<PathBuf>,
}

/// What was measured on a wavecal, and what was recorded.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WavecalReport {
    /// The wavecal.
    pub wavecal: PathBuf,
    /// What its imsets say.
    pub measured: Vec<TimedShifts>,
    /// SHIFTA1 and SHIFTA2 that each imset of the exposure has now, pixels of the unbinned detector.
    pub recorded: Vec<(f64, f64)>,
    /// What could not be measured.
    pub warnings: Vec<String>,
}

/// What was extracted.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SpectraReport {
    /// How the spectrum of each imset was extracted.
    pub spectra: Vec<X1dReport>,
    /// Spectra that may not be of the target, or whose background lies off the image.
    pub warnings: Vec<String>,
}

/// wavecal: measures the shifts that a wavecal shows, raw or calibrated, and records them in the headers of exposures
/// (SHIFTA1, SHIFTA2, WAVECORR, HISTORY), each of which is replaced when it is whole.
///
/// # Errors
/// Before any exposure is changed: [`Error::Contradiction`] for raw exposures, [`Error::MissingReferences`], and everything that
/// [`wavecal::wavecal_exposure`] and [`wavecal::check_wavecal`] refuse.
pub fn wavecal(
    inputs: &[PathBuf],
    lamp: &Path,
    options: &WavecalOptions,
    progress: &dyn Progress,
) -> Result<Vec<Made<WavecalReport>>> {
    let begin = Instant::now();
    let lit = Observation::headers(&Exposure::open(lamp)?);
    let mut exposures = Vec::with_capacity(inputs.len());
    for input in inputs {
        let exposure = Observation::headers(&Exposure::open(input)?);
        check_calibrated(input, &exposure.primary)?;
        refuse_read_only(input, "wavecal")?;
        wavecal::check_wavecal(&exposure, &lit)?;
        exposures.push(exposure);
    }
    let mut primary = lit.primary;
    for setting in &options.switch {
        setting.set(&mut primary)?;
    }
    let mut wants = wanted::by_basic2d(&primary, None);
    let is_raw = wanted::asks_for_basic2d(&primary);
    if !is_raw {
        wants.clear();
    }
    wants.extend(wanted::by_wavecal());
    let references = open_all((lamp, &primary), &wants, options.ref_dir.clone())?;
    progress.start("wavecal", None);
    let measured = measure(lamp, &primary, is_raw, &references, |_| Ok(()));
    progress.finish();
    let measured = measured?.shifts;
    crate::progress::go_on(progress)?;
    let name = crate::input::file_name(lamp);
    let mut made = Vec::with_capacity(inputs.len());
    for (path, mut exposure) in inputs.iter().zip(exposures) {
        wavecal::record_exposure(&mut exposure, &measured, options.option, &name)?;
        replace_headers(path, &exposure)?;
        let shift = |header: &Header| Some((header.real("SHIFTA1")?, header.real("SHIFTA2")?));
        let report = WavecalReport {
            wavecal: lamp.to_owned(),
            measured: measured.clone(),
            recorded: exposure
                .chips
                .iter()
                .filter_map(|chip| shift(&chip.sci))
                .collect(),
            warnings: wavecal::warnings(&name, &measured),
        };
        made.push(super::made(path, report, begin));
    }
    Ok(made)
}

/// Refuses raw exposures: with its shifts in it, WAVECORR would not be done again when such a one is calibrated.
fn check_calibrated(path: &Path, primary: &Header) -> Result<()> {
    let asked = ["BLEVCORR", "DARKCORR", "FLATCORR"]
        .into_iter()
        .find(|switch| Switch::of(primary, switch).is_perform());
    match asked {
        None => Ok(()),
        Some(switch) => Err(Error::Contradiction {
            path: path.to_owned(),
            reason: format!(
                "it is a raw exposure ({switch} is PERFORM), and shifts are recorded in calibrated images: give the _flt or \
                 _crj that basic2d or calibrate makes of it"
            ),
        }),
    }
}

/// Puts the headers into the file, whose other bytes stay.
fn replace_headers(path: &Path, exposure: &Observation) -> Result<()> {
    Ok(edit(path, |edit| {
        let mut changed = vec![(0, exposure.primary.clone())];
        for chip in &exposure.chips {
            for (name, header) in [("SCI", &chip.sci), ("ERR", &chip.err), ("DQ", &chip.dq)] {
                if let Ok(hdu) = edit.file().hdu((name, chip.version)) {
                    changed.push((hdu.index(), header.clone()));
                }
            }
        }
        for (hdu, header) in changed {
            let summed = header.contains("CHECKSUM");
            *edit.header(hdu)? = header;
            if summed {
                edit.update_checksums(hdu)?;
            }
        }
        Ok(())
    })?)
}

/// x2d: a calibrated image rectified. The product has the official name in the current folder (`_crj` becomes `_sx2`, all
/// else `_x2d`) where none is given.
///
/// # Errors
/// Before any work: [`Error::OutputExists`], [`Error::MissingReferences`]; everything that [`x2d_exposure`] refuses.
pub fn x2d(
    input: &Path,
    output: Option<&Path>,
    options: &SpectrumOptions,
    how: &X2dOptions,
    progress: &dyn Progress,
) -> Result<Made<Vec<X2dReport>>> {
    let begin = Instant::now();
    let output = output.map_or_else(|| official(input, "sx2", "x2d"), Path::to_owned);
    let switches = switches(&options.switch, &["DISPCORR", "HELCORR", "FLUXCORR"], "x2d")?;
    let (observation, references) = prepare(input, &output, options, &wanted::by_x2d(&switches))?;
    progress.start("x2d", None);
    let made = x2d_exposure(&observation, &references, &switches, how);
    progress.finish();
    let made = made.map_err(|error| Error::from(error).in_file(input))?;
    crate::progress::go_on(progress)?;
    product::write(&made.product, &output, options.overwrite.into())?;
    Ok(super::made(&output, made.reports, begin))
}

/// x1d: the spectrum of a point source extracted from a calibrated image. The product has the official name in the current
/// folder (`_crj` becomes `_sx1`, all else `_x1d`) where none is given.
///
/// # Errors
/// Before any work: [`Error::OutputExists`], [`Error::MissingReferences`]; everything that [`x1d_exposure`] refuses.
pub fn x1d(
    input: &Path,
    output: Option<&Path>,
    options: &SpectrumOptions,
    how: &X1dOptions,
    progress: &dyn Progress,
) -> Result<Made<SpectraReport>> {
    let begin = Instant::now();
    let output = output.map_or_else(|| official(input, "sx1", "x1d"), Path::to_owned);
    let known = ["BACKCORR", "DISPCORR", "HELCORR", "FLUXCORR", "CTECORR"];
    let switches = switches(&options.switch, &known, "x1d")?;
    let (observation, references) = prepare(input, &output, options, &wanted::by_x1d(&switches))?;
    progress.start("x1d", None);
    let made = x1d_exposure(&observation, &references, &switches, how);
    progress.finish();
    let made = made.map_err(|error| Error::from(error).in_file(input))?;
    crate::progress::go_on(progress)?;
    product::write_spectra(&made, &output, options.overwrite.into())?;
    let report = SpectraReport {
        warnings: made.reports.iter().flat_map(doubts).collect(),
        spectra: made.reports,
    };
    Ok(super::made(&output, report, begin))
}

/// The name that the official task gives a product of a crj, or of another image.
fn official(input: &Path, of_crj: &str, of_other: &str) -> PathBuf {
    let name = crate::input::file_name(input);
    let kind = if name.contains("_crj") { of_crj } else { of_other };
    PathBuf::from(format!("{}_{kind}.fits", crate::calibrate::root_of(input)))
}

/// All steps of spectroscopy, but for those that the user leaves out.
fn switches(settings: &[SwitchSetting], known: &[&str], task: &str) -> Result<SpectralSwitches> {
    let mut switches = SpectralSwitches::default();
    for setting in settings {
        let field = match setting.keyword.as_str() {
            keyword if !known.contains(&keyword) => None,
            "BACKCORR" => Some(&mut switches.backcorr),
            "DISPCORR" => Some(&mut switches.dispcorr),
            "HELCORR" => Some(&mut switches.helcorr),
            "FLUXCORR" => Some(&mut switches.fluxcorr),
            "CTECORR" => Some(&mut switches.ctecorr),
            _ => None,
        };
        match field {
            Some(field) => *field = setting.value.is_perform(),
            None => {
                return Err(Error::Usage(format!(
                    "{task} has no {}; its switches are {}",
                    setting.keyword,
                    known.join(", ")
                )));
            }
        }
    }
    Ok(switches)
}

fn prepare(
    input: &Path,
    output: &Path,
    options: &SpectrumOptions,
    wanted: &[Wanted<'_>],
) -> Result<(Observation, References)> {
    check_output(std::slice::from_ref(&input.to_owned()), output, options.overwrite)?;
    let exposure = Exposure::open(input)?;
    if Switch::of(exposure.primary(), "BLEVCORR").is_perform() {
        return Err(StepError::NotSupported {
            name: input.display().to_string(),
            what: "spectra of a raw image (BLEVCORR is PERFORM)".to_owned(),
            way_out: "calibrate it first, with calibrate or basic2d",
        }
        .into());
    }
    let references = open_all((input, exposure.primary()), wanted, options.ref_dir.clone())?;
    Ok((Observation::load(&exposure)?, references))
}
