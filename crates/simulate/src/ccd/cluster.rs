//! The field: the globular cluster NGC 3201 as it might be, and stars before it.

use super::weather::SCALE_ARCSEC;
use super::{CcdOptions, Filter};
use crate::Random;
use crate::acs::Pointing;
use crate::streams::{Purpose, Streams};
use serde::Serialize;

/// Centre of the cluster, degrees.
pub const TARGET_DEG: (f64, f64) = (154.403_4, -46.412_5);
/// Core radius, arcsec.
const CORE_ARCSEC: f64 = 78.0;
/// Beyond the edges of the reference frame there are stars too, since frames are shifted; pixels.
const MARGIN: f64 = 60.0;
/// Share of the stars that belong to the cluster.
const MEMBERS: f64 = 0.75;
/// One star in so many is a bright one in front, where there are enough.
const ONE_BRIGHT_IN: usize = 90;
/// Magnitudes V of the brightest and the faintest star of the cluster.
const MAGNITUDES: (f64, f64) = (12.0, 18.6);

/// A star.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Star {
    /// Right ascension, degrees.
    pub ra_deg: f64,
    /// Declination, degrees.
    pub dec_deg: f64,
    /// Place in the reference frame, 0-based pixels.
    pub x: f64,
    /// See `x`.
    pub y: f64,
    /// Magnitudes in B, V, R and I above the atmosphere; of variable stars the mean.
    pub magnitudes: [f64; 4],
}

impl Star {
    /// Magnitude in a filter.
    pub fn magnitude(&self, filter: Filter) -> f64 {
        self.magnitudes[filter as usize]
    }
}

/// Where the reference frame looks.
pub fn reference_pointing() -> Pointing {
    let straight = Pointing {
        centre_deg: TARGET_DEG,
        orientation_deg: 1.3,
        scale_arcsec: SCALE_ARCSEC,
    };
    // The cluster is not quite in the middle.
    Pointing {
        centre_deg: straight.sky(12.4, -8.7),
        ..straight
    }
}

/// The place of the pointing's centre in the reference frame, 0-based pixels.
pub fn reference_centre(options: &CcdOptions) -> (f64, f64) {
    (
        0.5 * (options.width as f64 - 1.0),
        0.5 * (options.height as f64 - 1.0),
    )
}

/// Draws the stars, the brightest in V first.
pub fn draw(options: &CcdOptions, streams: Streams) -> Vec<Star> {
    let mut random = streams.of(Purpose::Stars, 1, 0, 0);
    let pointing = reference_pointing();
    let centre = reference_centre(options);
    let half = (centre.0 + MARGIN, centre.1 + MARGIN);
    let cluster = pointing.offset(TARGET_DEG.0, TARGET_DEG.1).unwrap_or((0.0, 0.0));
    let bright = options.stars / ONE_BRIGHT_IN;
    let mut stars: Vec<Star> = (0..options.stars)
        .map(|index| {
            let in_front = index < bright;
            let member = !in_front && random.uniform() < MEMBERS;
            let (dx, dy) = if member {
                king(cluster, half, &mut random)
            } else {
                let mut even = |half: f64| half * (2.0 * random.uniform() - 1.0);
                (even(half.0), even(half.1))
            };
            let (ra_deg, dec_deg) = pointing.sky(dx, dy);
            let magnitudes = if in_front {
                magnitudes(
                    9.8 + 2.4 * random.uniform(),
                    0.3 + 1.1 * random.uniform(),
                    &mut random,
                )
            } else {
                member_magnitudes(&mut random)
            };
            Star {
                ra_deg,
                dec_deg,
                x: centre.0 + dx,
                y: centre.1 + dy,
                magnitudes,
            }
        })
        .collect();
    stars.sort_by(|a, b| a.magnitude(Filter::V).total_cmp(&b.magnitude(Filter::V)));
    stars
}

/// A place in the field by the profile of King 1962 (AJ 67, 471) far within the tidal radius: the density falls as
/// `1 / (1 + (r / core)²)`. Offset from the pointing, pixels.
fn king(cluster: (f64, f64), half: (f64, f64), random: &mut Random) -> (f64, f64) {
    let core = CORE_ARCSEC / SCALE_ARCSEC;
    // To the farthest corner; what falls outside is drawn again.
    let limit = (half.0 + cluster.0.abs()).hypot(half.1 + cluster.1.abs()) / core;
    loop {
        // The number within r goes as ln(1 + (r / core)²).
        let radius = core * ((random.uniform() * limit.mul_add(limit, 1.0).ln()).exp() - 1.0).sqrt();
        let (sin, cos) = (std::f64::consts::TAU * random.uniform()).sin_cos();
        let (x, y) = (cluster.0 + radius * cos, cluster.1 + radius * sin);
        if x.abs() <= half.0 && y.abs() <= half.1 {
            return (x, y);
        }
    }
}

/// Giants, the horizontal branch, and numbers that grow towards the main sequence.
fn member_magnitudes(random: &mut Random) -> [f64; 4] {
    if random.uniform() < 0.05 {
        let (v, colour) = (14.8 + 0.1 * random.normal(), 0.2 + 0.5 * random.uniform());
        return magnitudes(v, colour, random);
    }
    // dN/dm goes as 10^(0.3 m).
    let slope = 0.3 * std::f64::consts::LN_10;
    let span = (slope * (MAGNITUDES.1 - MAGNITUDES.0)).exp() - 1.0;
    let v = MAGNITUDES.0 + (random.uniform() * span).ln_1p() / slope;
    magnitudes(v, ridge(v) + 0.03 * random.normal(), random)
}

/// Colour B - V along the giant branch and the turn-off.
fn ridge(v: f64) -> f64 {
    const LINE: [(f64, f64); 6] = [
        (12.0, 1.62),
        (13.0, 1.32),
        (14.5, 1.10),
        (16.5, 0.95),
        (17.6, 0.72),
        (18.6, 0.66),
    ];
    let after = LINE.partition_point(|&(at, _)| at < v).clamp(1, LINE.len() - 1);
    let ((v0, c0), (v1, c1)) = (LINE[after - 1], LINE[after]);
    c0 + (c1 - c0) * (v - v0) / (v1 - v0)
}

/// In B, V, R and I of a star of V and B - V.
fn magnitudes(v: f64, colour: f64, random: &mut Random) -> [f64; 4] {
    let v_r = 0.02 + 0.55 * colour + 0.01 * random.normal();
    let v_i = 0.05 + 1.08 * colour + 0.01 * random.normal();
    [v + colour, v, v - v_r, v - v_i]
}
