//! Which instrument's pipeline an input is for.

use super::CalibrateOptions;
use super::plan::root_of;
use crate::{Error, Result};
use firstlight_fits::FitsFile;
use firstlight_frame::Association;
use std::path::PathBuf;

/// The inputs of STIS, and all others, each in their order. What cannot be opened is left among the others, where the
/// reason is told.
///
/// # Errors
/// [`Error::Usage`] for an association of STIS exposures, and for options that only STIS has where there are none of it;
/// [`Error::Fits`] where these are given and an input cannot be opened.
pub(super) fn by_instrument(
    inputs: &[PathBuf],
    options: &CalibrateOptions,
) -> Result<(Vec<PathBuf>, Vec<PathBuf>)> {
    let (mut of_stis, mut others) = (Vec::new(), Vec::new());
    for input in inputs {
        let file = FitsFile::open(input).ok();
        let instrument = file.and_then(|file| file.primary().header().text("INSTRUME"));
        if instrument.is_none_or(|name| name.trim() != "STIS") {
            others.push(input.clone());
        } else if Association::is_association_name(input) {
            return Err(Error::Usage(format!(
                "{} is an association of STIS: calibrate its raw exposures, as {}_raw.fits; their wavecals are found by \
                 WAVECAL of their headers",
                input.display(),
                root_of(input).trim_end_matches("_asn")
            )));
        } else {
            of_stis.push(input.clone());
        }
    }
    let stis = &options.stis;
    let given = [
        ("--wavecal", stis.wavecal.is_some()),
        ("--darkfile", stis.darkfile.is_some()),
        ("--outroot", stis.outroot.is_some()),
    ];
    match given.iter().find(|(_, given)| *given && of_stis.is_empty()) {
        Some((option, _)) => {
            // What cannot be opened may have been meant to be one.
            for input in &others {
                FitsFile::open(input)?;
            }
            Err(Error::Usage(format!(
                "{option} is for exposures of STIS, and there are none among the inputs"
            )))
        }
        None => Ok((of_stis, others)),
    }
}
