//! Stars' fluxes against what was put in.

use super::Comparison;
use super::products::Plane;
use super::stamp::Stamp;
use firstlight_simulate::acs::StarTruth;
use firstlight_stats::median_of_finite;
use serde::Serialize;

/// Half the side of the aperture, pixels: 3 by 3 of them, from which trails run out.
const HALF: isize = 1;
/// The sky is the median between squares of these half sides.
const SKY: (isize, isize) = (8, 12);
/// Bounds of the classes of brightness, electrons in the whole image of a star.
pub const CLASSES_E: [(f64, f64); 2] = [(600.0, 2500.0), (2500.0, 40_000.0)];
/// Number of bins along the way to the amplifier.
const BINS: usize = 8;

/// One measurement.
#[derive(Debug, Clone, Copy)]
pub struct Measured {
    /// Parallel transfers to the amplifier.
    pub transfers: f64,
    /// Electrons in the star's whole image, as simulated.
    pub total_e: f64,
    /// Found in the aperture, relative to what is expected there, less 1.
    pub excess: f64,
}

/// Fluxes of one product, class of brightness and stretch of the way to the amplifier.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FluxBin {
    /// `flt` or `flc`.
    pub product: &'static str,
    /// Least and greatest number of electrons of the class.
    pub electrons: (f64, f64),
    /// Least and greatest number of parallel transfers.
    pub transfers: (f64, f64),
    /// Number of measurements.
    pub stars: usize,
    /// Their median: found over expected, less 1.
    pub excess: f64,
    /// Its standard error.
    pub error: f64,
}

impl FluxBin {
    /// Whether a corrected flux agrees with the truth; that of an flt is not asked.
    pub fn agrees(&self) -> bool {
        self.product == "flt" || self.excess.abs() <= (3.0 * self.error).max(0.01)
    }
}

/// All measurements, and what they come to.
pub struct Fluxes {
    pub flt: Vec<Measured>,
    pub flc: Vec<Measured>,
    pub bins: Vec<FluxBin>,
}

pub fn measure(comparison: &Comparison) -> Fluxes {
    let mut fluxes = Fluxes {
        flt: Vec::new(),
        flc: Vec::new(),
        bins: Vec::new(),
    };
    let exptime_s = comparison.exptime_s();
    for exposure in &comparison.products.exposures {
        for (flt, flc) in exposure.flt.iter().zip(&exposure.flc) {
            let of_plane =
                |star: &&StarTruth| star.rootname == exposure.rootname && star.version == flt.version;
            let stars: Vec<&StarTruth> = comparison.stars.iter().filter(of_plane).collect();
            for star in &stars {
                let total_e = star.rate * exptime_s;
                let wanted = CLASSES_E
                    .iter()
                    .any(|class| (class.0..class.1).contains(&total_e));
                if !wanted || !is_alone(star, &stars) {
                    continue;
                }
                // Both or neither, so that the two are of the same stars.
                if let (Some(without), Some(with)) = (excess(star, flt, total_e), excess(star, flc, total_e))
                {
                    let measured = |excess| Measured {
                        transfers: star.transfers,
                        total_e,
                        excess,
                    };
                    fluxes.flt.push(measured(without));
                    fluxes.flc.push(measured(with));
                }
            }
        }
    }
    let rows = comparison.visit.sections().iter().map(|section| section.shape.0);
    let longest = rows.max().unwrap_or(0) as f64;
    for (product, measured) in [("flt", &fluxes.flt), ("flc", &fluxes.flc)] {
        for electrons in CLASSES_E {
            fluxes.bins.extend(bins(product, electrons, measured, longest));
        }
    }
    fluxes
}

/// Whether no other star puts more than a hundredth of this one's light nearby.
fn is_alone(star: &StarTruth, stars: &[&StarTruth]) -> bool {
    let reach = SKY.1 as f64 + 6.0;
    let disturbs = |other: &&&StarTruth| {
        let near = (other.x - star.x).abs() < reach && (other.y - star.y).abs() < reach;
        // Bright stars reach further.
        let wide = (other.x - star.x).abs() < 45.0 && (other.y - star.y).abs() < 45.0;
        other.star != star.star
            && ((near && other.rate > 0.02 * star.rate) || (wide && other.rate > 20.0 * star.rate))
    };
    !stars.iter().any(|other| disturbs(&other))
}

/// Found over expected, less 1; `None` where flags or the edge are in the way.
fn excess(star: &StarTruth, plane: &Plane, total_e: f64) -> Option<f64> {
    let stamp = Stamp::of(star, total_e);
    let (x, y) = (stamp.x, stamp.y);
    let (mut found, mut expected) = (0.0, 0.0);
    for dy in -HALF..=HALF {
        for dx in -HALF..=HALF {
            found += plane.good(x + dx, y + dy)?;
            expected += stamp.at(dx, dy);
        }
    }
    let (mut sky, mut wings) = (Vec::new(), Vec::new());
    for dy in -SKY.1..=SKY.1 {
        for dx in -SKY.1..=SKY.1 {
            if dx.abs().max(dy.abs()) < SKY.0 {
                continue;
            }
            if let Some(pixel) = plane.good(x + dx, y + dy) {
                sky.push(pixel);
                wings.push(stamp.at(dx, dy));
            }
        }
    }
    if sky.len() < 200 {
        return None;
    }
    let pixels = ((2 * HALF + 1) * (2 * HALF + 1)) as f64;
    let background = median(&mut sky) - median(&mut wings);
    Some((found - pixels * background) / expected - 1.0)
}

fn bins(product: &'static str, electrons: (f64, f64), measured: &[Measured], longest: f64) -> Vec<FluxBin> {
    let width = longest / BINS as f64;
    (0..BINS)
        .filter_map(|bin| {
            let transfers = (bin as f64 * width, (bin + 1) as f64 * width);
            let inside = |m: &&Measured| {
                (electrons.0..electrons.1).contains(&m.total_e)
                    && m.transfers >= transfers.0
                    && m.transfers < transfers.1
            };
            let mut values: Vec<f64> = measured.iter().filter(inside).map(|m| m.excess).collect();
            if values.len() < 5 {
                return None;
            }
            let excess = median(&mut values);
            let mut deviations: Vec<f64> = values.iter().map(|value| (value - excess).abs()).collect();
            // The median of a normal sample scatters 1.2533 times as much as its mean.
            let error = 1.2533 * 1.4826 * median(&mut deviations) / (values.len() as f64).sqrt();
            Some(FluxBin {
                product,
                electrons,
                transfers,
                stars: values.len(),
                excess,
                error,
            })
        })
        .collect()
}

/// The median; NaN of nothing.
pub fn median(values: &mut [f64]) -> f64 {
    median_of_finite(values).unwrap_or(f64::NAN)
}
