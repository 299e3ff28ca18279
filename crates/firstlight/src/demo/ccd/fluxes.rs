//! Light of lone stars in reduced frames, and what was put in.

use super::{Comparison, ReducedTruth};
use crate::Result;
use crate::ccd::{CcdFile, CcdOpenOptions};
use firstlight_measure::{
    Aperture, ApertureSet, LocalBackground, Planes, Settings, Shapes, aperture_photometry,
};
use firstlight_simulate::ccd::StarTruth;
use firstlight_stats::median_of_finite;
use rayon::prelude::*;
use serde::Serialize;

/// Radius of the aperture, in full widths at half maximum.
const RADIUS_FWHM: f64 = 2.2;
/// Stars are this far from the edges, pixels.
const MARGIN: f64 = 30.0;
/// Stars give at least so many electrons.
const LEAST_E: f64 = 20_000.0;
/// Their peak is below this, ADU.
const MOST_PEAK_ADU: f64 = 45_000.0;
/// Others within the aperture and two widths about it have together at most this share of their light.
const MOST_OF_OTHERS: f64 = 0.003;
/// Frames agree with one another within this share.
const MOST_OFF: f64 = 0.01;

/// Light of stars in an aperture over the light that was put in.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FluxesAgainstTruth {
    /// Frames in which there are such stars.
    pub frames: usize,
    /// Stars, over all frames.
    pub stars: usize,
    /// The median of the frames: the share of a star's light that the aperture holds.
    pub usual: f64,
    /// How far the median of a frame is from it at most, as a share.
    pub largest_off: f64,
    /// Electrons that were put in and share that was measured, of each star.
    pub shares: Vec<(f64, f64)>,
}

impl FluxesAgainstTruth {
    /// Whether all frames are within a hundredth, and the aperture holds what it should.
    pub fn agrees(&self) -> bool {
        self.largest_off < MOST_OFF && (0.97..0.99).contains(&self.usual)
    }
}

/// Measures lone stars in all reduced frames.
pub(super) fn measure(comparison: &Comparison<'_>) -> Result<FluxesAgainstTruth> {
    let frames = comparison.frames.par_iter();
    let shares: Vec<Vec<(f64, f64)>> = frames
        .map(|frame| of_frame(comparison, frame))
        .collect::<Result<_>>()?;
    let of_frames = shares.iter().filter_map(|shares| {
        let mut shares: Vec<f64> = shares.iter().map(|(_, share)| *share).collect();
        median_of_finite(&mut shares)
    });
    let medians: Vec<f64> = of_frames.collect();
    let usual = median_of_finite(&mut medians.clone()).unwrap_or(f64::NAN);
    let off = medians.iter().map(|median| (median / usual - 1.0).abs());
    Ok(FluxesAgainstTruth {
        frames: medians.len(),
        stars: shares.iter().map(Vec::len).sum(),
        usual,
        largest_off: off.fold(0.0, f64::max),
        shares: shares.into_iter().flatten().collect(),
    })
}

fn of_frame(comparison: &Comparison<'_>, frame: &ReducedTruth<'_>) -> Result<Vec<(f64, f64)>> {
    let reduced = CcdFile::open(&frame.path, &CcdOpenOptions::default())?.read::<f32>()?;
    let fwhm = frame.science.weather.fwhm;
    let radius = RADIUS_FWHM * fwhm;
    let all = comparison.stars_of(frame);
    let (ny, nx) = comparison.shape;
    let inside = |at: f64, n: usize| (MARGIN..n as f64 - MARGIN).contains(&at);
    let alone = |star: &&&StarTruth| {
        let near = |other: &&&StarTruth| {
            let away = (other.x - star.x).hypot(other.y - star.y);
            other.star != star.star && away < radius + 2.0 * fwhm
        };
        let others: f64 = all.iter().filter(near).map(|other| other.electrons).sum();
        // Of a Gaussian of that width.
        let peak = star.electrons / (1.13 * fwhm * fwhm) / comparison.gain;
        inside(star.x, nx)
            && inside(star.y, ny)
            && star.electrons > LEAST_E
            && peak < MOST_PEAK_ADU
            && others < MOST_OF_OTHERS * star.electrons
    };
    let alone: Vec<&StarTruth> = all.iter().filter(alone).copied().collect();
    let places: Vec<(f64, f64)> = alone.iter().map(|star| (star.x, star.y)).collect();
    let shapes = Shapes::Same(ApertureSet {
        apertures: vec![Aperture::CircularAperture { r: radius }],
        background: Some(Aperture::CircularAnnulus {
            r_in: radius + 2.0,
            r_out: radius + 9.0,
        }),
    });
    let settings = Settings {
        background: LocalBackground::default(),
        ..Settings::default()
    };
    let measured = aperture_photometry(&Planes::new(&reduced.sci), &places, &shapes, &settings)?;
    let of_star = measured.iter().zip(&alone).filter_map(|(measured, star)| {
        let (flux, _) = measured.net(0, false)?;
        Some((star.electrons, comparison.gain * flux / star.electrons))
    });
    Ok(of_star.collect())
}
