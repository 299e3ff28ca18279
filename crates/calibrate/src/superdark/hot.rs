//! Hot pixels: how many there are, and how they have changed.

use super::HOT;
use firstlight_frame::{Frame, Image};
use serde::Serialize;

/// Rates above which pixels are counted, e/s.
const THRESHOLDS: [f32; 5] = [0.01, 0.1, 1.0, 10.0, 100.0];

/// Hot pixels of a superdark.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HotPixels {
    /// Pixels that are flagged 16.
    pub flagged: usize,
    /// Pixels above some rates, in ascending order of these.
    pub above: Vec<HotCount>,
    /// Of a weekdark: pixels above the week's threshold that are not so in the basedark.
    pub new: Option<usize>,
    /// Of a weekdark: pixels above the week's threshold in the basedark that are no longer so; they have the median of
    /// their neighbours.
    pub healed: Option<usize>,
}

/// Pixels above a rate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct HotCount {
    /// The rate, e/s.
    pub rate: f32,
    /// How many pixels of the superdark are above it.
    pub pixels: usize,
    /// What has changed since the basedark; of a weekdark alone.
    pub since: Option<HotChange>,
}

/// Pixels above a rate in a week's frames and in the basedark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct HotChange {
    /// Above it in the basedark.
    pub base: usize,
    /// Above it in the week, not in the basedark.
    pub new: usize,
    /// Above it in the basedark, not in the week.
    pub healed: usize,
}

impl HotPixels {
    /// Counts pixels of a frame whose samples are `electrons` per second each; with `since`, the week's own rates and
    /// those of the basedark, also what has changed between them.
    pub(super) fn of(frame: &Frame, electrons: f32, since: Option<(&Image<f32>, &Image<f32>)>) -> Self {
        let rates = frame.sci.as_slice().iter();
        let count = |&rate: &f32| HotCount {
            rate,
            pixels: rates.clone().filter(|&&of| of > rate / electrons).count(),
            since: since.map(|(week, base)| HotChange::of(week, base, rate / electrons)),
        };
        let dq = frame.dq.as_slice().iter();
        Self {
            flagged: dq.filter(|&&bits| bits & HOT != 0).count(),
            above: THRESHOLDS.iter().map(count).collect(),
            new: None,
            healed: None,
        }
    }

    /// Adds those of another chip.
    pub(super) fn add(&mut self, other: Self) {
        let add = |to: &mut Option<usize>, more: Option<usize>| *to = to.zip(more).map(|(a, b)| a + b);
        self.flagged += other.flagged;
        add(&mut self.new, other.new);
        add(&mut self.healed, other.healed);
        for (to, more) in self.above.iter_mut().zip(other.above) {
            to.pixels += more.pixels;
            if let (Some(to), Some(more)) = (&mut to.since, more.since) {
                to.base += more.base;
                to.new += more.new;
                to.healed += more.healed;
            }
        }
    }
}

impl HotChange {
    fn of(week: &Image<f32>, base: &Image<f32>, rate: f32) -> Self {
        let mut change = Self {
            base: 0,
            new: 0,
            healed: 0,
        };
        for (&week, &base) in week.as_slice().iter().zip(base.as_slice()) {
            let (is_hot, was_hot) = (week > rate, base > rate);
            change.base += usize::from(was_hot);
            change.new += usize::from(is_hot & !was_hot);
            change.healed += usize::from(was_hot & !is_hot);
        }
        change
    }
}
