//! Hot pixels: how many there are.

use super::HOT;
use firstlight_frame::Frame;
use serde::Serialize;

/// Rates above which pixels are counted, e/s.
const THRESHOLDS: [f32; 5] = [0.01, 0.1, 1.0, 10.0, 100.0];

/// Hot pixels of a superdark.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HotPixels {
    /// Pixels that are flagged 16.
    pub flagged: usize,
    /// Rates (e/s), and how many pixels are above each.
    pub above: Vec<(f32, usize)>,
    /// Of a weekdark: hot pixels that the basedark does not have.
    pub new: Option<usize>,
    /// Of a weekdark: pixels that were hot in the basedark and are no longer; they have the median of their neighbours.
    pub healed: Option<usize>,
}

impl HotPixels {
    /// Counts pixels of a frame in e/s.
    pub(super) fn of(frame: &Frame) -> Self {
        let rates = frame.sci.as_slice().iter();
        let count = |&limit: &f32| rates.clone().filter(|&&rate| rate > limit).count();
        let dq = frame.dq.as_slice().iter();
        Self {
            flagged: dq.filter(|&&bits| bits & HOT != 0).count(),
            above: THRESHOLDS.iter().map(|limit| (*limit, count(limit))).collect(),
            new: None,
            healed: None,
        }
    }
}
