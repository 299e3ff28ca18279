//! The spectra of all imsets of an exposure.

use super::{X1dOptions, X1dReport, record, table_header, x1d};
use crate::record::set;
use crate::stis::SpectralSwitches;
use crate::stis::observation::{ImsetKeywords, not_after};
use crate::stis::x2d::NOT_RECTIFIED;
use crate::{Error, Observation, References, Result};
use firstlight_frame::fits::{Header, Table};

/// The spectra of an exposure as a file has them.
#[derive(Debug, Clone)]
pub struct ExtractedExposure {
    /// The primary header.
    pub primary: Header,
    /// A table of one row for each imset, with its header.
    pub tables: Vec<(Header, Table)>,
    /// How each spectrum was extracted.
    pub reports: Vec<X1dReport>,
}

/// Extracts the spectrum of each imset of an exposure that can be used (IMSET_OK), and records in the headers what was
/// done.
///
/// # Errors
/// [`Error::Keyword`] where it is rectified already (X2DCORR is COMPLETE); [`Error::NoUsableImset`]; those of [`x1d`].
pub fn x1d_exposure(
    observation: &Observation,
    references: &References,
    switches: &SpectralSwitches,
    options: &X1dOptions,
) -> Result<ExtractedExposure> {
    not_after(observation, "X2DCORR", NOT_RECTIFIED)?;
    let mut primary = observation.primary.clone();
    let (mut tables, mut reports) = (Vec::new(), Vec::new());
    for chip in observation.chips.iter().filter(|chip| chip.is_usable()) {
        let of = &observation.primary;
        let extracted = x1d(&chip.frame, of, &chip.sci, references, switches, options)?;
        let table = extracted.spectrum.table(extracted.report.flux.is_some())?;
        tables.push((table_header(&chip.sci, &extracted)?, table));
        reports.push(extracted.report);
    }
    // Of several imsets HISTORY tells of the last, as in the official product.
    let Some(last) = reports.last() else {
        return Err(Error::NoUsableImset {
            name: observation.name.clone(),
        });
    };
    record(&mut primary, last, references)?;
    set(&mut primary, "NEXTEND", tables.len() as i64)?;
    Ok(ExtractedExposure {
        primary,
        tables,
        reports,
    })
}
