//! The SBC's MAMA detector: dark rate as it depends on place and temperature, flat field, bad pixels.
//!
//! The dark rate is a uniform part with a slight gradient, and a glow that sets in near 24 °C and grows
//! steeply. Its form is a smooth function fitted to the 20 consecutive 1000 s darks of programme 13961
//! (3 March 2015, 18 to 28 °C), binned to 32×32 pixels: it reproduces them to 3 % of the glow. Avila,
//! ISR ACS 2017-04, describes the effect.

use crate::random::Random;

/// Pixels along each axis of the real detector.
pub const FULL_SIZE: usize = 1024;

/// The one row that gives no counts, of the full detector.
const DEAD_ROW: usize = 601;

/// Pixels with a count rate of their own: (x, y, counts/s), of the full detector.
const HOT_PIXELS: [(usize, usize, f64); 6] = [
    (55, 281, 1.59),
    (56, 281, 0.76),
    (56, 282, 0.040),
    (55, 282, 0.028),
    (842, 81, 0.067),
    (420, 699, 0.058),
];

/// DQ bit of pixels that give nothing.
pub const DQ_BAD_PIXEL: i16 = 4;
/// DQ bit of hot pixels.
pub const DQ_HOT_PIXEL: i16 = 16;

/// Relative scatter of the uniform part from one exposure to the next, as in the real darks.
pub const BASE_SCATTER: f64 = 0.105;
/// Relative scatter of the glow about its temperature law.
pub const GLOW_SCATTER: f64 = 0.03;

/// The detector: square, with everything on it at the same fraction of its side whatever its size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Detector {
    /// Pixels along each axis.
    pub size: usize,
}

/// The detector as it is in one exposure: how strong each part of the dark rate is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DarkState {
    /// Factor on the uniform part.
    pub base: f64,
    /// Peak of the glow, counts/s/pixel.
    pub glow_peak: f64,
}

impl DarkState {
    /// The state at a temperature (°C). `history` multiplies the glow: at one and the same temperature
    /// it differs between visits with the detector's thermal history.
    pub fn at(temperature_c: f64, history: f64, random: &mut Random) -> Self {
        let base = (1.0 + BASE_SCATTER * random.normal()).clamp(0.6, 1.4);
        let scatter = (1.0 + GLOW_SCATTER * random.normal()).clamp(0.85, 1.15);
        Self {
            base,
            glow_peak: glow_peak(temperature_c) * history * scatter,
        }
    }
}

/// Peak of the glow, counts/s/pixel, at a temperature in °C.
pub fn glow_peak(temperature_c: f64) -> f64 {
    let above = (temperature_c - 20.84).max(0.0);
    12.58e-6 * (above / 5.0).powf(5.114)
}

/// The uniform part, counts/s/pixel, at a place of the full detector: rises a little towards the
/// right-hand edge.
fn base_rate(x: f64) -> f64 {
    let u = (x - 511.5) / 512.0;
    7.376e-6 * (1.0 + 0.211 * u + 0.128 * u * u)
}

/// The glow's form at a place of the full detector, 1 at its peak: flatter than a Gaussian, with another
/// width on each of four sides.
pub fn glow_shape(x: f64, y: f64) -> f64 {
    let (dx, dy) = (x - 582.6, y - 689.5);
    let wx = if dx < 0.0 { 256.5 } else { 267.1 };
    let wy = if dy < 0.0 { 341.8 } else { 175.4 };
    let r2 = (dx / wx).powi(2) + (dy / wy).powi(2);
    (-0.5 * r2.powf(1.4264)).exp()
}

impl Detector {
    /// Number of pixels.
    pub fn pixels(self) -> usize {
        self.size * self.size
    }

    /// Shape `(ny, nx)`.
    pub fn shape(self) -> (usize, usize) {
        (self.size, self.size)
    }

    /// The reference pixel along either axis, 1-based as in headers.
    pub fn reference_pixel(self) -> f64 {
        self.size as f64 / 2.0
    }

    /// Where the glow is strong: `[y0, y1, x0, x1]`, the ends not included; `650:850, 580:780` of the full
    /// detector.
    pub fn glow_box(self) -> [usize; 4] {
        [650, 850, 580, 780].map(|edge| self.scaled(edge))
    }

    /// Expected dark rate of pixel `(x, y)`, counts/s, hot pixels and the dead row included.
    pub fn dark_rate(self, state: &DarkState, x: usize, y: usize) -> f64 {
        if y == self.scaled(DEAD_ROW) {
            return 0.0;
        }
        let hot: f64 = HOT_PIXELS
            .iter()
            .filter(|p| self.scaled(p.0) == x && self.scaled(p.1) == y)
            .map(|p| p.2)
            .sum();
        let (x, y) = (self.on_full(x), self.on_full(y));
        state.base * base_rate(x) + state.glow_peak * glow_shape(x, y) + hot
    }

    /// The flat field: a smooth part of ±1 % and 1 % from pixel to pixel, the same in every exposure.
    pub fn flat_field(self) -> Vec<f32> {
        let mut random = Random::new(0x5bc_f1a7, 0);
        let mut flat = Vec::with_capacity(self.pixels());
        for y in 0..self.size {
            let v = y as f64 / self.size as f64;
            for x in 0..self.size {
                let u = x as f64 / self.size as f64;
                let smooth = 0.01 * (5.0 * u + 2.0 * v).sin() * (3.0 * v - u).cos();
                flat.push((1.0 + smooth + 0.01 * random.normal().clamp(-4.0, 4.0)) as f32);
            }
        }
        flat
    }

    /// The DQ plane that the bad pixel table gives.
    pub fn data_quality(self) -> Vec<i16> {
        let mut dq = vec![0; self.pixels()];
        let dead = self.scaled(DEAD_ROW);
        dq[dead * self.size..(dead + 1) * self.size].fill(DQ_BAD_PIXEL);
        for (x, y, _) in HOT_PIXELS {
            dq[self.scaled(y) * self.size + self.scaled(x)] |= DQ_HOT_PIXEL;
        }
        dq
    }

    /// The pixel at the same fraction of the side as that of the full detector.
    fn scaled(self, full: usize) -> usize {
        full * self.size / FULL_SIZE
    }

    /// The place on the full detector that the centre of a pixel stands for.
    fn on_full(self, pixel: usize) -> f64 {
        (pixel as f64 + 0.5) * (FULL_SIZE as f64 / self.size as f64) - 0.5
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FULL: Detector = Detector { size: FULL_SIZE };

    /// Expected counts of 1000 s in the box [650:850, 580:780], against the real darks' sums.
    #[test]
    fn box_sums_follow_the_real_darks() {
        let real = [
            (18.18, 300.0),
            (22.58, 299.0),
            (25.02, 492.0),
            (26.0, 777.0),
            (26.97, 1532.0),
            (28.32, 3566.0),
        ];
        for (temperature, expected) in real {
            let state = DarkState {
                base: 1.0,
                glow_peak: glow_peak(temperature),
            };
            let mut sum = 0.0;
            for y in 650..850 {
                for x in 580..780 {
                    sum += 1000.0 * FULL.dark_rate(&state, x, y);
                }
            }
            assert!(
                (sum / expected - 1.0_f64).abs() < 0.12,
                "{temperature} C: {sum}, not {expected}"
            );
        }
    }

    #[test]
    fn glow_grows_with_temperature_and_is_absent_in_the_cold() {
        assert_eq!(glow_peak(17.0), 0.0);
        let temperatures = [22.0, 24.0, 25.0, 26.0, 27.0, 28.0];
        assert!(temperatures.windows(2).all(|t| glow_peak(t[0]) < glow_peak(t[1])));
    }

    #[test]
    fn bad_pixels_are_flagged() {
        for size in [FULL_SIZE, 512, 64] {
            let detector = Detector { size };
            let dq = detector.data_quality();
            assert_eq!(dq.iter().filter(|&&flag| flag == DQ_BAD_PIXEL).count(), size);
            let state = DarkState {
                base: 1.0,
                glow_peak: 1.0,
            };
            assert_eq!(detector.dark_rate(&state, 10, 601 * size / FULL_SIZE), 0.0);
        }
        let hot = |size| {
            let dq = Detector { size }.data_quality();
            dq.iter().filter(|&&flag| flag == DQ_HOT_PIXEL).count()
        };
        assert_eq!(hot(FULL_SIZE), HOT_PIXELS.len());
    }

    /// The glow takes the same fraction of a smaller detector.
    #[test]
    fn a_smaller_detector_has_the_same_form() {
        let small = Detector { size: 256 };
        assert_eq!(small.glow_box(), [162, 212, 145, 195]);
        let state = DarkState {
            base: 0.0,
            glow_peak: 1.0,
        };
        let mean = |detector: Detector| {
            let [y0, y1, x0, x1] = detector.glow_box();
            let pixels = (y0..y1).flat_map(|y| (x0..x1).map(move |x| (x, y)));
            let sum: f64 = pixels.map(|(x, y)| detector.dark_rate(&state, x, y)).sum();
            sum / ((y1 - y0) * (x1 - x0)) as f64
        };
        assert!((mean(small) / mean(FULL) - 1.0).abs() < 0.02);
    }
}
