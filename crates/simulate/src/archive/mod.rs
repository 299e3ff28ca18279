//! An archive without any real data: a small visit with its raw files, and a CRDS cache of its own, rules and
//! reference files, from which the visit's best references follow.

mod references;
mod rules;

pub use rules::{CONTEXTS, OPERATIONAL};

use crate::sbc::{SbcVisitOptions, Visit};
use crate::{Result, SimulatedFile};
use firstlight_fits::Header;
use references::{References, Use};
use serde::{Deserialize, Serialize};

/// What archive to simulate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct ArchiveOptions {
    /// Seed of all random numbers: the same seed gives the same files, byte for byte.
    #[cfg_attr(feature = "clap", arg(long, default_value_t = ArchiveOptions::default().seed))]
    pub seed: u64,
    /// Number of 1000 s darks, 0 to 40.
    #[cfg_attr(feature = "clap", arg(long, value_name = "N", default_value_t = ArchiveOptions::default().darks))]
    pub darks: usize,
    /// Side of the detector in pixels, 64 to 1024.
    #[cfg_attr(feature = "clap", arg(long, value_name = "PIXELS", default_value_t = ArchiveOptions::default().size))]
    pub size: usize,
}

impl Default for ArchiveOptions {
    fn default() -> Self {
        Self {
            seed: 1,
            darks: 6,
            size: 256,
        }
    }
}

/// A text file, and where it is below the archive's folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimulatedText {
    /// Path with slashes.
    pub path: String,
    /// What it says.
    pub text: String,
}

/// An archive that is planned.
#[derive(Debug, Clone)]
pub struct Archive {
    visit: Visit,
    references: References,
}

impl Archive {
    /// Plans an archive.
    ///
    /// # Errors
    /// [`crate::Error::Option`] for options outside their range.
    pub fn plan(options: &ArchiveOptions) -> Result<Self> {
        let visit = Visit::plan(&SbcVisitOptions {
            seed: options.seed,
            darks: options.darks,
            size: options.size,
            ..SbcVisitOptions::default()
        })?;
        let references = References::new(visit.detector(), options.seed);
        Ok(Self { visit, references })
    }

    /// The visit.
    pub fn visit(&self) -> &Visit {
        &self.visit
    }

    /// How many exposures [`Archive::exposure`] gives.
    pub fn exposure_count(&self) -> usize {
        2 * self.visit.science_count() + self.visit.dark_count()
    }

    /// The `index`-th exposure: the science ones raw, then calibrated, then the darks, raw. Their headers name
    /// the references of the first context, as those of exposures that were calibrated before the newest rules.
    ///
    /// # Errors
    /// [`crate::Error::Header`], never for the cards this crate makes.
    pub fn exposure(&self, index: usize) -> Option<Result<SimulatedFile>> {
        let science = self.visit.science_count();
        let file = if index < science {
            self.visit.science_raw(index)
        } else if index < 2 * science {
            self.visit.science(index - science)
        } else {
            self.visit.dark(index - 2 * science)
        }?;
        let named = |mut file: SimulatedFile| {
            name_references(&mut file.primary)?;
            Ok(file)
        };
        Some(file.and_then(named))
    }

    /// The reference files, by their place below the archive's folder.
    ///
    /// # Errors
    /// [`crate::Error::Header`], never for the cards this crate makes.
    pub fn references(&self) -> Result<Vec<(String, SimulatedFile)>> {
        let files = self.references.files()?.into_iter();
        Ok(files
            .map(|file| (format!("crds/references/hst/acs/{}", file.name), file))
            .collect())
    }

    /// The rules, and the settings of their cache.
    pub fn rules(&self) -> Vec<SimulatedText> {
        rules::all()
    }
}

/// Puts the references of the first context into a primary header.
fn name_references(header: &mut Header) -> Result<()> {
    let dark = header.text("OBSTYPE").is_some_and(|kind| kind == "INTERNAL");
    for reference in references::ALL.iter().filter(|reference| reference.first) {
        let name = match reference.used {
            Use::Always => format!("jref${}", reference.name),
            Use::Science if !dark => format!("jref${}", reference.name),
            Use::Science => "N/A".to_owned(),
        };
        header
            .set(reference.keyword, name, None)
            .map_err(crate::Error::Header)?;
    }
    Ok(())
}
