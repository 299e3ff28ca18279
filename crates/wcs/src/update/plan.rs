//! Which corrections are made of a file, and why others are not.

use super::lookup_tables::{D2IM, Kind, LookupTables, NPOL};
use super::observation::{Correction, Instrument, size};
use super::science::text;
use super::{References, ScienceFile, UpdateOptions};
use crate::Result;
use serde::Serialize;

/// A correction that is not made, and why.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LeftOut {
    /// The correction.
    pub correction: Correction,
    /// The reason.
    pub reason: String,
}

/// The corrections of a file in their order, and those left out.
pub(super) struct Plan {
    pub corrections: Vec<Correction>,
    pub left_out: Vec<LeftOut>,
}

impl Plan {
    pub(super) fn of(
        file: &ScienceFile,
        instrument: Instrument,
        references: &References,
        options: &UpdateOptions,
    ) -> Result<Self> {
        let mut plan = Self {
            corrections: Vec::new(),
            left_out: Vec::new(),
        };
        for &correction in instrument.corrections() {
            match reason_against(correction, file, instrument, references, options)? {
                None => plan.corrections.push(correction),
                Some(reason) => plan.left_out.push(LeftOut { correction, reason }),
            }
        }
        Ok(plan)
    }

    pub(super) fn has(&self, correction: Correction) -> bool {
        self.corrections.contains(&correction)
    }
}

fn reason_against(
    correction: Correction,
    file: &ScienceFile,
    instrument: Instrument,
    references: &References,
    options: &UpdateOptions,
) -> Result<Option<String>> {
    let off = |on: bool, name: &str| (!on).then(|| format!("{name} is off"));
    let no_table = || {
        references
            .idctab
            .is_none()
            .then(|| "the header names no IDCTAB".to_owned())
    };
    let primary = file.primary()?;
    Ok(match correction {
        Correction::MakeWCS | Correction::CompSIP => no_table(),
        Correction::Va => off(options.vacorr, "vacorr"),
        Correction::Tdd if instrument != Instrument::AcsWfc => {
            Some("only the distortion of ACS/WFC changes".to_owned())
        }
        Correction::Tdd => {
            let switch = text(primary, "TDDCORR");
            let switched = !switch.is_empty() && switch != "PERFORM";
            no_table()
                .or_else(|| off(options.tddcorr, "tddcorr"))
                .or_else(|| switched.then(|| format!("TDDCORR is {switch}")))
        }
        Correction::Npol => off(options.npolcorr, "npolcorr")
            .or_else(|| against_tables(file, &NPOL, "NPOLFILE", references.npol.as_ref()))
            .or_else(|| {
                let image = file.named("SCI").first().map(|&at| &file.hdus[at].header)?;
                let sizes = ["1", "2"].map(|axis| size(image, axis));
                let full = references.npol.as_ref()?.are_of_full_size(sizes);
                full.then(|| "NPOLFILE holds tables of the image's size, of an old kind".to_owned())
            }),
        Correction::Det2Im => off(options.d2imcorr, "d2imcorr")
            .or_else(|| against_tables(file, &D2IM, "D2IMFILE", references.d2im.as_ref())),
    })
}

fn against_tables(
    file: &ScienceFile,
    kind: &Kind,
    keyword: &str,
    tables: Option<&LookupTables>,
) -> Option<String> {
    match tables {
        None => Some(format!("the header names no {keyword}")),
        Some(tables) if kind.is_done(file, tables.name()) => {
            Some(format!("the tables of {} are in the file", tables.name()))
        }
        Some(_) => None,
    }
}
