//! Two simulated exposures of an association onto one grid.
#![allow(clippy::print_stdout, reason = "an example shows its result")]

use firstlight::drizzle::{DrizzleOptions, drizzle};
use firstlight::progress::Silent;
use firstlight::simulate::{SbcVisitOptions, sbc};
use std::path::Path;

fn main() -> firstlight::Result<()> {
    let visit = sbc(Path::new("visit"), &SbcVisitOptions::default(), true, &Silent)?;
    let options = DrizzleOptions {
        final_scale: Some(0.025),
        overwrite: true,
        ..DrizzleOptions::default()
    };
    let report = drizzle(&visit.associations[..1], &options, &Silent)?;
    println!(
        "{}: {} x {} pixels",
        report.products.sci.display(),
        report.grid.nx,
        report.grid.ny
    );
    Ok(())
}
