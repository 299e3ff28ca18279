//! From peaks of the correlation to the shift that fits best.

use super::PhaseShift;
use super::correlate::Peak;
use super::fit::{Surface, fit};
use super::layer::Layer;
use crate::Point;

/// The error of a fit without noise, by which samples are interpolated, pixels of the layer.
const LEAST_SIGMA: f64 = 0.003;
/// A coarser layer is taken where its error is smaller than the finer one's divided by this.
const MUCH_BETTER: f64 = 1.3;
/// A fit may go so far from where it begins: from a peak of the correlation, and from a coarser layer's fit, pixels of the layer.
const FROM_PEAK: f64 = 6.0;
const FROM_COARSER: f64 = 2.0;
/// Fits no further apart than this have come to the same place, pixels of the layer.
const SAME: f64 = 0.1;

/// A shift on its way from one layer to the next finer.
#[derive(Debug, Clone, Copy)]
struct Track {
    /// Where it is, pixels of the image.
    at: Point,
    height: f64,
    best: Option<PhaseShift>,
    ended: bool,
}

/// Fits the shift of each peak, from its layer to the next finer, until the error goes up. The one with the highest correlation is
/// taken where the peaks of all layers have been fitted, and goes on alone.
///
/// `reference` is smoothed, `image` is not; each peak has the level that it was found at.
pub(super) fn follow(reference: &[Layer], image: &[Layer], peaks: &[(usize, Peak)]) -> Option<PhaseShift> {
    let levels = peaks.iter().map(|(level, _)| *level);
    let (finest, coarsest) = (levels.clone().min()?, levels.max()?);
    let mut tracks: Vec<Track> = Vec::new();
    for level in (0..=coarsest).rev() {
        let new = peaks.iter().filter(|(own, _)| *own == level);
        tracks.extend(new.map(|(_, peak)| Track::from(peak, level)));
        if tracks.iter().any(|track| !track.ended) {
            let surface = Surface::of(image[level].smooth());
            for track in tracks.iter_mut().filter(|track| !track.ended) {
                track.go_on(&reference[level], &surface, level);
            }
            merge(&mut tracks, level);
        }
        if level <= finest {
            tracks = highest(&tracks).into_iter().collect();
        }
    }
    let Track { best, height, .. } = *tracks.first()?;
    best.map(|best| PhaseShift { height, ..best })
}

impl Track {
    fn from(peak: &Peak, level: usize) -> Self {
        Self {
            at: peak.shift.map(|along| scale(level) * along as f64),
            height: peak.height,
            best: None,
            ended: false,
        }
    }

    /// Fits the shift in a layer, and ends where that fails or is clearly worse.
    fn go_on(&mut self, reference: &Layer, image: &Surface, level: usize) {
        let most = if self.best.is_none() {
            FROM_PEAK
        } else {
            FROM_COARSER
        };
        let scale = scale(level);
        let fitted = fit(reference, image, self.at.map(|along| along / scale), most);
        let now = fitted.map(|fitted| PhaseShift {
            shift: fitted.shift.map(|along| scale * along),
            sigma: fitted.sigma.map(|sigma| scale * sigma.hypot(LEAST_SIGMA)),
            correlation: fitted.correlation,
            height: self.height,
        });
        let worse = |now: &PhaseShift| {
            self.best
                .is_some_and(|best| length(now.sigma) >= MUCH_BETTER * length(best.sigma))
        };
        match now.filter(|now| now.correlation > 0.0 && !worse(now)) {
            Some(now) => (self.at, self.best) = (now.shift, Some(now)),
            None => self.ended = true,
        }
    }
}

/// Of tracks that have come to the same place, leaves the first, with the greatest height of all.
fn merge(tracks: &mut Vec<Track>, level: usize) {
    let near = SAME * scale(level);
    let mut kept: Vec<Track> = Vec::new();
    for track in tracks.drain(..) {
        let same = kept.iter_mut().find(|kept| {
            let away = [0, 1].map(|axis| kept.at[axis] - track.at[axis]);
            !kept.ended && !track.ended && length(away) < near
        });
        match same {
            Some(kept) => kept.height = kept.height.max(track.height),
            None => kept.push(track),
        }
    }
    *tracks = kept;
}

fn highest(tracks: &[Track]) -> Option<Track> {
    let correlation = |track: &Track| track.best.map_or(0.0, |best| best.correlation);
    let order = |a: &&Track, b: &&Track| correlation(a).total_cmp(&correlation(b));
    tracks.iter().max_by(order).copied()
}

fn scale(level: usize) -> f64 {
    f64::from(1_u32 << level)
}

fn length([x, y]: Point) -> f64 {
    x.hypot(y)
}
