//! Darks of STIS.

use crate::stis::of_input;
use crate::stis::reference_files::{Wanted, is_of, open_of_frames};
use crate::superdark::{OcrrejectOptions, SuperdarkOptions};
use crate::{Error, Result};
use firstlight_calibrate::References;
use firstlight_calibrate::superdark::{DarkSource, Darks};
use firstlight_fits::Header;
use firstlight_frame::{Detector, Exposure, Frame, Switch};
use std::path::{Path, PathBuf};

/// Opens darks, calibrated or raw.
pub(super) fn open(
    exposures: Vec<Exposure>,
    options: &SuperdarkOptions,
    how: &OcrrejectOptions,
) -> Result<(Darks, References)> {
    for exposure in &exposures {
        if is_superdark(exposure.primary()) {
            return Err(Error::Contradiction {
                path: exposure.path().to_owned(),
                reason: "it is a finished superdark (FILETYPE is that of a dark image), not a dark frame; a baseline dark \
                         goes with superdark week --base"
                    .to_owned(),
            });
        }
    }
    let references = references_of(&exposures, options, how.is_complete())?;
    let sources = exposures.into_iter().zip(&references);
    let sources: Vec<DarkSource<'_>> = sources
        .map(|(exposure, references)| DarkSource {
            exposure,
            name: None,
            references,
        })
        .collect();
    let paths: Vec<PathBuf> = sources
        .iter()
        .map(|source| source.exposure.path().to_owned())
        .collect();
    let darks = Darks::stis(&sources).map_err(|error| of_input(error, &paths))?;
    drop(sources);
    Ok((darks, references.into_iter().next().unwrap_or_default()))
}

/// Opens a baseline dark.
///
/// # Errors
/// [`Error::Contradiction`] for a file that is no superdark of the CCD of STIS.
pub(super) fn open_base(path: &Path) -> Result<Frame> {
    let exposure = Exposure::open(path)?;
    let primary = exposure.primary();
    let text = |keyword: &str| primary.text(keyword).unwrap_or_default().trim().to_owned();
    let contradiction = |found: String| {
        Err(Error::Contradiction {
            path: path.to_owned(),
            reason: format!(
                "it is no baseline dark of the CCD of STIS: its {found}; give what superdark base makes, or a DARKFILE"
            ),
        })
    };
    if *exposure.detector() != Detector::StisCcd {
        return contradiction(format!("detector is {}", exposure.detector()));
    }
    if !is_superdark(primary) {
        return contradiction(format!("FILETYPE is '{}', not 'DARK IMAGE'", text("FILETYPE")));
    }
    Ok(exposure.load(1)?)
}

/// Whether a header is that of a dark image, not of a dark frame.
fn is_superdark(primary: &Header) -> bool {
    is_of(primary, "DARK", "BIAS")
}

/// The files of each dark: CRREJTAB of the first, unless all parameters are given; of raw ones CCDTAB, BIASFILE and,
/// where it is named, BPIXTAB.
fn references_of(
    exposures: &[Exposure],
    options: &SuperdarkOptions,
    knows_rejection: bool,
) -> Result<Vec<References>> {
    let crrejtab = Wanted::new("CRCORR", "CRREJTAB", options.crrejtab.as_deref());
    let of_frame = |primary: &Header| {
        let done = |switch| Switch::of(primary, switch) == Switch::Complete;
        match done("BLEVCORR") && done("BIASCORR") {
            true => Vec::new(),
            false => vec![
                Wanted::new("BLEVCORR", "CCDTAB", None),
                Wanted::new("BIASCORR", "BIASFILE", options.bias.as_deref()),
                Wanted::optional("DQICORR", "BPIXTAB"),
            ],
        }
    };
    let crrejtab = (!knows_rejection).then_some(crrejtab);
    open_of_frames(exposures, crrejtab, of_frame, options.ref_dir.clone())
}
