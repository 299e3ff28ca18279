//! What a pixel is compared with, and how far its rejection spreads.

/// What decides over the pixels of one exposure in one iteration. In single precision, in this order of operations:
/// a pixel at its threshold falls on one side or the other by its last bit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms {
    /// Square of the threshold in standard deviations.
    pub sigma2: f32,
    /// SCALENSE as a fraction.
    pub scale: f32,
    /// Square of CRTHRESH; −1 where that is 0 or less, so that all neighbours are above it.
    pub spread2: f32,
    /// Exposure time, s.
    pub seconds: f32,
    /// Its square.
    pub seconds2: f32,
}

impl Terms {
    pub fn new(sigma: f32, scalense: f32, crthresh: f32, seconds: f32) -> Self {
        Self {
            sigma2: sigma * sigma,
            scale: (f64::from(scalense) / 100.0) as f32,
            spread2: if crthresh <= 0.0 {
                -1.0
            } else {
                crthresh * crthresh
            },
            seconds,
            seconds2: seconds * seconds,
        }
    }

    /// Whether a pixel lies too far from the average: `(rate − average)² > σ² (ERR² + (scale · counts)²) / t²`, where
    /// `counts` are those of the average, without the sky. `shading` is 1 where there is none. NaN does not.
    #[inline(always)]
    pub fn exceeds(self, rate: f32, average: f32, err: f32, shading: f32) -> bool {
        let counts = average * self.seconds / shading;
        let counts = if counts > 0.0 { counts } else { 0.0 };
        let signal = self.scale * counts;
        let threshold = self.sigma2 * (err * err + signal * signal) / self.seconds2;
        let difference = rate - average;
        difference * difference > threshold
    }

    /// Whether a neighbour of a rejected pixel is rejected with it: `(rate − average)² > CRTHRESH² σ² ERR² / t²`.
    #[inline(always)]
    pub fn spreads(self, rate: f32, average: f32, err: f32) -> bool {
        let difference = rate - average;
        difference * difference > self.spread2 * (self.sigma2 * (err * err) / self.seconds2)
    }
}

/// The neighbourhood of a rejected pixel: a disc of CRRADIUS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Disc {
    /// For each row upwards from the pixel's own how many columns to each side lie within, where any do.
    reach: Vec<usize>,
}

impl Disc {
    pub fn new(radius: f32) -> Self {
        let square = radius * radius;
        let width = radius.max(0.0).ceil() as usize;
        let within = |dx: usize, dy: usize| (dx * dx + dy * dy) as f32 <= square;
        let rows = (0..=width).take_while(|&dy| within(0, dy));
        let reach = rows.map(|dy| (0..=width).take_while(|&dx| within(dx, dy)).count() - 1);
        Self {
            reach: reach.collect(),
        }
    }

    /// How many rows above its own a pixel reaches.
    pub fn rows(&self) -> usize {
        self.reach.len().saturating_sub(1)
    }

    /// The columns `from..to` of a row of `nx` that lie within, `dy` rows above a pixel of column `x`.
    pub fn columns(&self, x: usize, dy: usize, nx: usize) -> std::ops::Range<usize> {
        let reach = self.reach.get(dy).copied().unwrap_or(0);
        x.saturating_sub(reach)..(x + reach + 1).min(nx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disc_of_two_pixels_and_a_bit() {
        let disc = Disc::new(2.1);
        assert_eq!(disc.reach, [2, 1, 0]);
        assert_eq!(disc.columns(1, 0, 9), 0..4);
        assert_eq!(disc.columns(8, 1, 9), 7..9);
        assert_eq!(Disc::new(0.0).reach, [0]);
        assert_eq!(Disc::new(0.5).reach, [0]);
        assert_eq!(Disc::new(1.5).reach, [1, 1]);
    }

    #[test]
    fn the_threshold_knows_noise_and_signal() {
        let terms = Terms::new(5.0, 10.0, 0.5, 10.0);
        // ERR 3 and a tenth of 40 counts make 5; five of that 25 counts, 2.5 in a second.
        assert!(!terms.exceeds(4.0 + 2.5, 4.0, 3.0, 1.0) && terms.exceeds(4.0 + 2.51, 4.0, 3.0, 1.0));
        assert!(terms.exceeds(-2.1, 0.0, 3.0, 1.0));
        // Neighbours: half of five ERR, 7.5 counts.
        assert!(!terms.spreads(4.75, 4.0, 3.0) && terms.spreads(4.76, 4.0, 3.0));
        assert!(!terms.exceeds(f32::NAN, 0.0, 1.0, 1.0) && !terms.spreads(f32::NAN, 0.0, 1.0));
        assert!(Terms::new(5.0, 10.0, 0.0, 10.0).spreads(4.0, 4.0, 3.0));
    }
}
