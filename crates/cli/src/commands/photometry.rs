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
#[command(
    after_help = "Examples:\n  firstlight photometry F165LP_drz_sci.fits --ellipse 735,710,70,40,90\n  firstlight photometry F165LP_drz_sci.fits --sky --circle 165.5585,38.0431,0.5 --background-annulus 1,2\n  firstlight photometry F165LP_drz_sci.fits --circle 5 --positions stars.ecsv -o fluxes.ecsv"
)]
pub struct Photometry {
    /// The image, a FITS file.
    image: PathBuf,
    #[command(flatten)]
    options: PhotometryOptions,
}

impl Photometry {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let report = firstlight::photometry(&self.image, &self.options, &Bar::new(global.quiet))?;
        if let Ok(sums) = report.table.reals(report.sum_column()) {
            let without = sums.iter().filter(|sum| sum.is_nan()).count();
            if without > 0 {
                output::note(
                    &format!(
                        "{without} of {} apertures cover no pixel with a value: their sums are NaN",
                        sums.len()
                    ),
                    global.quiet,
                );
            }
        }
        output::result(&report, global.json, || {
            report.output.as_ref().map_or_else(
                || pretty(&report.table, Extent::default()),
                |path| format!("{} rows in {}", report.table.rows(), path.display()),
            )
        });
        Ok(Outcome::Done)
    }
}
