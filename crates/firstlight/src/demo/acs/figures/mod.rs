//! The figures of the demonstration.

mod images;
mod lines;

use super::Comparison;
use super::fluxes::Fluxes;
use super::profiles::{self, Trail};
use crate::Result;
use crate::demo::Drawn;
use crate::simulate::AcsReport;
use std::path::Path;

/// Draws and writes all figures.
pub fn draw(
    comparison: &Comparison,
    simulated: &AcsReport,
    fluxes: &Fluxes,
    trail: &Trail,
    results: &Path,
) -> Result<Vec<Drawn>> {
    let mut drawn = Vec::new();
    drawn.extend(images::frames(comparison, results)?);
    drawn.extend(images::moved(comparison, results)?);
    drawn.push(lines::trails(trail, results));
    drawn.push(lines::recovered(comparison, fluxes, results));
    if let Some(bias) = profiles::bias(comparison, simulated)? {
        drawn.push(lines::bias_profiles(&bias, results));
    }
    for drawn in &drawn {
        drawn.figure.png(&drawn.path)?;
    }
    Ok(drawn)
}
