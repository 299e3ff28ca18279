//! GLINCORR and LFLGCORR: the count rates that a MAMA's electronics can follow.

use super::rows::rows_mut;
use crate::Result;
use firstlight_frame::Frame;
use rayon::prelude::*;
use serde::Serialize;

/// The limits of a detector, from MLINTAB.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Linearity {
    /// GLOBAL_LIMIT: count rate of the whole detector up to which it can be corrected, counts/s.
    pub global_limit: f64,
    /// LOCAL_LIMIT: count rate of one pixel beyond which it is flagged, counts/s.
    pub local_limit: f64,
    /// TAU: dead time of the whole detector, s.
    pub tau_s: f64,
    /// EXPAND: radius about a pixel beyond the local limit that is flagged with it, pixels.
    pub expand_px: f32,
}

/// What [`glincorr`] found.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct GlobalLinearity {
    /// Whether the global limit is exceeded, and nothing was corrected.
    pub exceeded: bool,
    /// What the frame was multiplied by; 1 where it was not.
    pub ratio: f64,
}

/// GLINCORR: multiplies SCI and ERR by the ratio of the true to the observed count rate of the whole detector, unless
/// the observed one, GLOBRATE, is beyond the limit. The observed rate `y` of a true one `x` is `x·exp(−τx)`, solved by
/// three steps of Newton's method from `x = y`.
pub fn glincorr(frame: &mut Frame, globrate: f64, linearity: &Linearity) -> GlobalLinearity {
    if globrate > linearity.global_limit {
        return GlobalLinearity {
            exceeded: true,
            ratio: 1.0,
        };
    }
    let ratio = true_to_observed(globrate, linearity.tau_s);
    let factor = ratio as f32;
    for plane in [&mut frame.sci, &mut frame.err] {
        let samples = plane.as_mut_slice().par_iter_mut();
        samples.for_each(|sample| *sample *= factor);
    }
    GlobalLinearity {
        exceeded: false,
        ratio,
    }
}

fn true_to_observed(observed: f64, tau_s: f64) -> f64 {
    if observed.is_nan() || observed <= 0.0 {
        return 1.0;
    }
    let mut rate = observed;
    for _ in 0..3 {
        let alive = (-tau_s * rate).exp();
        rate += (observed - rate * alive) / ((1.0 - tau_s * rate) * alive);
    }
    rate / observed
}

/// LFLGCORR: flags pixels of more than LOCAL_LIMIT times `exptime_s` counts with the bit 256, and those within EXPAND
/// of one; SCI and ERR stay. Returns how many pixels are beyond the limit.
///
/// # Errors
/// [`crate::Error::Shape`] where the planes of the frame differ in shape.
pub fn lflgcorr(frame: &mut Frame, exptime_s: f64, linearity: &Linearity) -> Result<usize> {
    super::check_shapes_of(frame)?;
    let limit = linearity.local_limit * exptime_s;
    let (ny, nx) = frame.sci.shape();
    let bright: Vec<Vec<usize>> = frame
        .sci
        .as_slice()
        .par_chunks_exact(nx.max(1))
        .map(|row| {
            let beyond = |&(_, &counts): &(usize, &f32)| f64::from(counts) > limit;
            row.iter().enumerate().filter(beyond).map(|(x, _)| x).collect()
        })
        .collect();
    let reach = half_widths(linearity.expand_px, ny.max(nx));
    rows_mut(frame).enumerate().for_each(|(y, row)| {
        for (dy, half) in reach
            .iter()
            .enumerate()
            .filter_map(|(dy, half)| Some((dy, (*half)?)))
        {
            let above = (dy > 0).then(|| y.checked_sub(dy)).flatten();
            for from in [y.checked_add(dy), above].into_iter().flatten() {
                flag(row.dq, bright.get(from).map_or(&[], Vec::as_slice), half);
            }
        }
    });
    Ok(bright.iter().map(Vec::len).sum())
}

/// Flags `half` pixels to both sides of each of `centres`, which ascend.
fn flag(dq: &mut [u16], centres: &[usize], half: usize) {
    let mut next = 0;
    for &centre in centres {
        let end = centre.saturating_add(half).saturating_add(1).min(dq.len());
        let start = centre.saturating_sub(half).max(next).min(end);
        dq[start..end].iter_mut().for_each(|bits| *bits |= 256);
        next = end;
    }
}

/// Of a disc of radius `radius`: half the width of its row `dy`, in pixels beside the central one; None where the disc
/// has no pixel in that row.
fn half_widths(radius: f32, side: usize) -> Vec<Option<usize>> {
    let square = radius * radius;
    let most = ((radius + 0.5).max(0.0) as usize).min(side);
    let within = |dx: usize, dy: usize| (dx * dx + dy * dy) as f32 <= square;
    let half_width = |dy| (0..=most).rev().find(|&dx| within(dx, dy));
    (0..=most).map(half_width).collect()
}

#[cfg(test)]
mod tests {
    use super::{Linearity, glincorr, half_widths, lflgcorr, true_to_observed};
    use crate::steps::rows::tests::frame;

    const LIMITS: Linearity = Linearity {
        global_limit: 2e5,
        local_limit: 100.0,
        tau_s: 2.9e-7,
        expand_px: 2.0,
    };

    #[test]
    fn the_true_rate_gives_the_observed_one() {
        for rate in [1.0, 1e4, 1.9e5] {
            let true_rate = rate * true_to_observed(rate, 2.9e-7);
            assert!((true_rate * (-2.9e-7 * true_rate).exp() / rate - 1.0).abs() < 1e-12);
        }
        assert_eq!(true_to_observed(0.0, 2.9e-7), 1.0);
    }

    #[test]
    fn beyond_the_global_limit_nothing_is_corrected() {
        let mut counts = frame(2, 2, 10.0, 1.0, 0);
        let report = glincorr(&mut counts, 3e5, &LIMITS);
        assert!(report.exceeded);
        assert_eq!(counts.sci.row(0), [10.0; 2]);
        let report = glincorr(&mut counts, 1e5, &LIMITS);
        assert!(report.ratio > 1.029 && report.ratio < 1.032, "{}", report.ratio);
        assert_eq!(counts.err.row(0), [report.ratio as f32; 2]);
    }

    #[test]
    fn a_disc_about_each_bright_pixel_is_flagged_and_cut_at_the_edges() {
        let mut counts = frame(6, 7, 1.0, 1.0, 4);
        counts.sci.row_mut(2)[3] = 1000.5;
        counts.sci.row_mut(5)[6] = 2000.0;
        counts.sci.row_mut(0)[0] = 1000.0;
        assert_eq!(lflgcorr(&mut counts, 10.0, &LIMITS).unwrap(), 2);
        let flagged = |x: i32, y: i32| {
            let near = |cx, cy| (x - cx) * (x - cx) + (y - cy) * (y - cy) <= 4;
            near(3, 2) || near(6, 5)
        };
        for y in 0..6 {
            for x in 0..7 {
                let expected = if flagged(x, y) { 260 } else { 4 };
                assert_eq!(counts.dq.row(y as usize)[x as usize], expected, "at {x}, {y}");
            }
        }
    }

    #[test]
    fn a_radius_that_makes_no_sense_is_cut_to_the_image() {
        assert_eq!(half_widths(0.0, 5), [Some(0)]);
        assert_eq!(half_widths(f32::NAN, 5), [None]);
        assert_eq!(half_widths(-3.0, 5).len(), 1);
        assert_eq!(half_widths(1e30, 5), [Some(5); 6]);
    }
}
