//! `firstlight photometry`

use crate::{
    Global,
    bar::Bar,
    output::{self, Outcome},
};
use clap::Args;
use firstlight::frame::table::{Extent, pretty};
use firstlight::{PhotometryOptions, Result};
use std::path::PathBuf;

/// Sums in apertures, with errors, mask and local background. Positions are 0-based pixels, a whole
/// number being a pixel's centre; angles are degrees, counter-clockwise from the x axis.
#[derive(Args)]
pub struct Photometry {
    /// The image, a FITS file.
    image: PathBuf,
    #[command(flatten)]
    options: PhotometryOptions,
}

impl Photometry {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let report = firstlight::photometry(&self.image, &self.options, &Bar::new(global.quiet))?;
        output::result(&report, global.json, || {
            report.output.as_ref().map_or_else(
                || pretty(&report.table, Extent::default()),
                |path| format!("{} rows in {}", report.table.rows(), path.display()),
            )
        });
        Ok(Outcome::Done)
    }
}
