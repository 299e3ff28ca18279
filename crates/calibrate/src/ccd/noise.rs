//! Frames with noise, for tests.

use firstlight_frame::Image;

/// Numbers that are the same each time, normally distributed to a good approximation.
pub(super) struct Noise(u64);

impl Noise {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// Between 0 and 1.
    pub(super) fn uniform(&mut self) -> f64 {
        // xorshift64*
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Of mean 0 and standard deviation 1.
    pub(super) fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }

    /// An image with noise of `sigma` added.
    pub(super) fn on(&mut self, image: &Image<f64>, sigma: f64) -> Image<f64> {
        image.map(|value| value + sigma * self.normal())
    }
}

/// Adds stars of a full width at half maximum of 3.5 pixels at random places; of random peaks up to `brightest`.
pub(super) fn add_stars(image: &mut Image<f64>, count: usize, brightest: f64, noise: &mut Noise) {
    let (ny, nx) = image.shape();
    for _ in 0..count {
        let (x0, y0) = (noise.uniform() * nx as f64, noise.uniform() * ny as f64);
        let peak = brightest * noise.uniform().powi(3);
        let near = |at: f64, most: usize| (at as usize).saturating_sub(12)..(at as usize + 13).min(most);
        for y in near(y0, ny) {
            for x in near(x0, nx) {
                let square = (x as f64 - x0).powi(2) + (y as f64 - y0).powi(2);
                image[(y, x)] += peak * (-square / 4.4).exp();
            }
        }
    }
}
