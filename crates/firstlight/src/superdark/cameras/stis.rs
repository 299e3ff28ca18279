//! Darks of STIS.

use crate::Result;
use crate::stis::reference_files::{Wanted, open_of_frames};
use crate::superdark::{OcrrejectOptions, SuperdarkOptions};
use firstlight_calibrate::References;
use firstlight_calibrate::superdark::{DarkSource, Darks};
use firstlight_fits::Header;
use firstlight_frame::{Exposure, Switch};

/// Opens darks, calibrated or raw.
pub(super) fn open(
    exposures: Vec<Exposure>,
    options: &SuperdarkOptions,
    how: &OcrrejectOptions,
) -> Result<(Darks, References)> {
    let references = references_of(&exposures, options, how.is_complete())?;
    let sources = exposures.into_iter().zip(&references);
    let sources: Vec<DarkSource<'_>> = sources
        .map(|(exposure, references)| DarkSource {
            exposure,
            name: None,
            references,
        })
        .collect();
    let darks = Darks::stis(&sources)?;
    drop(sources);
    Ok((darks, references.into_iter().next().unwrap_or_default()))
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
