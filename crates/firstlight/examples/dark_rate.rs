//! The dark rate of simulated SBC darks, in the box where it rises first.
#![allow(clippy::print_stdout, reason = "an example shows its result")]

use firstlight::dark::{RateOptions, rate};
use firstlight::progress::Silent;
use firstlight::simulate::{SbcVisitOptions, sbc};
use std::path::Path;

fn main() -> firstlight::Result<()> {
    let visit = sbc(Path::new("visit"), &SbcVisitOptions::default(), true, &Silent)?;
    let report = rate(&visit.darks, &RateOptions::default(), &Silent)?;
    for row in &report.exposures {
        let name = &row.exposure.rootname;
        println!(
            "{name}: {:.4} ± {:.4} counts/s",
            row.rate.rate, row.rate.rate_error
        );
    }
    Ok(())
}
