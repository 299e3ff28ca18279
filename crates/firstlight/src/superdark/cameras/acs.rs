//! Darks of ACS.

use crate::calibrate::{product, verify_data};
use crate::progress::go_on;
use crate::stis::reference_files::{Wanted, check_kind, open_of_frames};
use crate::superdark::SuperdarkOptions;
use crate::{Error, Progress, Result};
use firstlight_calibrate::acs::acs2d::{Acs2dOptions, acs2d};
use firstlight_calibrate::acs::acsccd::{AcsccdOptions, acsccd};
use firstlight_calibrate::superdark::{DarkSource, Darks};
use firstlight_calibrate::{Error as StepError, Observation, Reference, References};
use firstlight_fits::{Header, Overwrite, Scratch};
use firstlight_frame::{Exposure, Frame, Switch};

/// Steps of acs2d: of these darks have the post-flash alone subtracted, where there was one.
const LATER_STEPS: [&str; 8] = [
    "GLINCORR", "LFLGCORR", "DARKCORR", "FLSHCORR", "FLATCORR", "SHADCORR", "PHOTCORR", "SINKCORR",
];

/// Opens darks; raw ones are calibrated first, one after another, into a folder beside `output`.
pub(super) fn open(
    exposures: Vec<Exposure>,
    output: &std::path::Path,
    options: &SuperdarkOptions,
    progress: &dyn Progress,
) -> Result<(Darks, References, Option<Scratch>)> {
    // A table that a header names is for a few exposures of the sky.
    let given = options.crrejtab.as_deref();
    let crrejtab = given.map(|given| Wanted::new("CRCORR", "CRREJTAB", Some(given)));
    let wanted = |primary: &Header| wanted(primary, options);
    let references = open_of_frames(&exposures, crrejtab, wanted, options.ref_dir.clone())?;
    for (exposure, references) in exposures.iter().zip(&references) {
        let kinds = references.all().try_for_each(Reference::check_filetype);
        kinds.map_err(|error| Error::from(error).in_file(exposure.path()))?;
    }
    let number = exposures
        .iter()
        .filter(|exposure| is_raw(exposure.primary()))
        .count();
    let folder = (number > 0).then(|| Scratch::beside(output)).transpose()?;
    progress.start("calibrating darks", Some(number as u64));
    let mut sources = Vec::with_capacity(exposures.len());
    for (at, (exposure, references)) in exposures.into_iter().zip(&references).enumerate() {
        go_on(progress)?;
        let source = match folder.as_ref().filter(|_| is_raw(exposure.primary())) {
            None => DarkSource {
                exposure,
                name: None,
                references,
            },
            Some(folder) => {
                let path = folder.path().join(format!("{at}_flt.fits"));
                let dark = calibrated(&exposure, references).map_err(|error| match error {
                    Error::Calibrate(step) => step.in_exposure(&exposure.path().display().to_string()).into(),
                    other => other,
                })?;
                product::write(&dark, &path, Overwrite::Refuse)?;
                progress.advance(1);
                DarkSource {
                    name: Some(exposure.path().display().to_string()),
                    exposure: Exposure::open(&path)?,
                    references,
                }
            }
        };
        sources.push(source);
    }
    progress.finish();
    let darks = Darks::acs(&sources)?;
    drop(sources);
    let first = references.into_iter().next().unwrap_or_default();
    Ok((darks, first, folder))
}

/// Whether bias level and bias image are still there.
fn is_raw(primary: &Header) -> bool {
    let is_there = |switch| Switch::of(primary, switch) != Switch::Complete;
    is_there("BLEVCORR") && is_there("BIASCORR")
}

/// The files that a raw dark needs; none of a calibrated one.
fn wanted<'a>(primary: &Header, options: &'a SuperdarkOptions) -> Vec<Wanted<'a>> {
    if !is_raw(primary) {
        return Vec::new();
    }
    let mut wanted = vec![
        Wanted::new("BIASCORR", "BIASFILE", options.bias.as_deref()),
        Wanted::new("BIASCORR", "SATUFILE", None),
        Wanted::new("BLEVCORR", "CCDTAB", None),
        Wanted::new("BLEVCORR", "OSCNTAB", None),
        Wanted::optional("DQICORR", "BPIXTAB"),
    ];
    if is_flashed(primary) {
        wanted.push(Wanted::new("FLSHCORR", "FLSHFILE", None));
    }
    wanted
}

fn is_flashed(primary: &Header) -> bool {
    primary.real("FLASHDUR").is_some_and(|seconds| seconds > 0.0)
}

/// A raw dark in electrons, without bias, overscan and post-flash. Its errors are not needed, and 0.
fn calibrated(exposure: &Exposure, references: &References) -> Result<Observation> {
    verify_data(exposure)?;
    let mut dark = Observation::load(exposure)?;
    let primary = &mut dark.primary;
    for switch in LATER_STEPS {
        primary.set(switch, "OMIT", None)?;
    }
    for switch in ["DQICORR", "BIASCORR", "BLEVCORR"] {
        primary.set(switch, "PERFORM", None)?;
    }
    if is_flashed(primary) {
        primary.set("FLSHCORR", "PERFORM", None)?;
    }
    acsccd(&mut dark, references, &AcsccdOptions::default())?;
    if is_flashed(&dark.primary) {
        acs2d(&mut dark, references, &Acs2dOptions::default())?;
    }
    for chip in &mut dark.chips {
        chip.frame.err.as_mut_slice().fill(0.0);
    }
    Ok(dark)
}

/// The frames of a baseline, for the chips of darks.
///
/// # Errors
/// [`Error::Contradiction`] for a file whose FILETYPE is there and not that of a dark; [`StepError::NoChip`].
pub(super) fn open_base(path: &std::path::Path, darks: &Darks) -> Result<Vec<Frame>> {
    let base = Exposure::open(path)?;
    check_kind(path, base.primary(), "DARKFILE")?;
    let frame = |number: i64| {
        let imset = base
            .imsets()
            .iter()
            .find(|imset| imset.chip.unwrap_or(1) == number);
        match imset {
            Some(imset) => Ok(base.load(imset.version)?),
            None => Err(Error::from(StepError::NoChip {
                keyword: "the baseline dark".to_owned(),
                path: path.to_owned(),
                number,
                found: base
                    .imsets()
                    .iter()
                    .map(|imset| format!("chip {}", imset.chip.unwrap_or(1)))
                    .collect(),
            })),
        }
    };
    darks.chips().into_iter().map(frame).collect()
}
