//! `firstlight sbc-dark`

use super::dark::outcome;
use crate::Global;
use crate::bar::Bar;
use crate::output::{self, Outcome};
use clap::Args;
use firstlight::Result;
use firstlight::frame::table::{Extent, pretty};
use firstlight::input::expand;
use firstlight::sbc_dark::{SbcDarkOptions, SbcDarkReport};
use std::fmt::Write;
use std::path::PathBuf;

/// Dark-subtracted photometry of a visit: log, products, matching darks, master darks, fluxes, figures.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  firstlight sbc-dark visit/*_asn.fits --darks visit/darks/*_raw.fits --aperture 735,710,70,40,90 \\\n    --blank 200,200,70,40,90 --output results"
)]
pub struct SbcDark {
    /// Association tables or calibrated exposures, which are combined by filter; patterns are expanded.
    #[arg(required = true, value_name = "ASN|SCIENCE")]
    inputs: Vec<String>,
    /// Darks to choose from; patterns are expanded.
    #[arg(long, required = true, num_args = 1.., value_name = "DARK")]
    darks: Vec<String>,
    /// Folder of the results; it is made where it is not there.
    #[arg(short, long, default_value = "sbc-dark", value_name = "DIR")]
    output: PathBuf,
    #[command(flatten)]
    options: SbcDarkOptions,
}

impl SbcDark {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let (inputs, darks) = (expand(&self.inputs)?, expand(&self.darks)?);
        let bar = Bar::new(global.quiet);
        let report = firstlight::sbc_dark::sbc_dark(&inputs, &darks, &self.output, &self.options, &bar)?;
        let text = text(&report)?;
        output::result(&report, global.json, || text);
        Ok(outcome(&report.failed))
    }
}

/// The log, what stands in the master darks, the fluxes, and where everything is.
pub fn text(report: &SbcDarkReport) -> Result<String> {
    let mut text = pretty(&report.log_table()?, Extent::default());
    text.push('\n');
    for mixture in report.filters.iter().flat_map(|filter| &filter.mixtures) {
        let share = |(name, weight): (&String, &f64)| format!("{weight:.2} {name}");
        let shares: Vec<String> = mixture.names.iter().zip(&mixture.weights).map(share).collect();
        let note = mixture
            .note
            .as_ref()
            .map_or(String::new(), |note| format!("  ({note})"));
        // Writing to a String does not fail.
        let _ = writeln!(text, "{}: dark = {}{note}", mixture.science, shares.join(" + "));
    }
    let _ = write!(text, "\n{}", pretty(&report.table()?, Extent::default()));
    let _ = writeln!(
        text,
        "\nproducts, tables and figures are in {}",
        report.folder.display()
    );
    let _ = writeln!(text, "report: {}", report.page.display());
    Ok(text)
}
