//! Reproducible random numbers: the same seed gives the same frames, whatever the machine's own
//! generator or a library's next version would give.

/// The generator xoshiro256++ (Blackman & Vigna 2021, ACM TOMS 47, 36), seeded through splitmix64.
#[derive(Debug, Clone)]
pub struct Random {
    state: [u64; 4],
}

impl Random {
    /// A stream of its own for each pair of `seed` and `stream`, so that frames do not depend on the
    /// order in which they are made.
    pub fn new(seed: u64, stream: u64) -> Self {
        let mut mix = seed ^ stream.wrapping_mul(0xd134_2543_de82_ef95).rotate_left(29);
        let mut next = || {
            mix = mix.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let z = (mix ^ (mix >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        };
        Self {
            state: [next(), next(), next(), next()],
        }
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        let s = &mut self.state;
        let result = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = s[3].rotate_left(45);
        result
    }

    /// Uniform in [0, 1).
    pub fn uniform(&mut self) -> f64 {
        (self.bits() >> 11) as f64 * (1.0 / 9_007_199_254_740_992.0)
    }

    /// Normal with mean 0 and standard deviation 1 (Box & Muller 1958).
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }

    /// Poisson with the given mean; 0 where the mean is not positive.
    ///
    /// Exact: by inversion for small means, and a large mean is the sum of halves.
    pub fn poisson(&mut self, mean: f64) -> u32 {
        if mean.is_nan() || mean <= 0.0 {
            return 0;
        }
        let parts = (mean / 10.0).ceil().clamp(1.0, 1.0e6);
        (0..parts as u32)
            .map(|_| self.poisson_by_inversion(mean / parts))
            .sum()
    }

    /// Poisson with the given mean, in a time that does not grow with it; 0 where the mean is not positive. Another
    /// sequence than [`Random::poisson`] gives.
    ///
    /// Exact: by inversion for small means, else by transformed rejection (Hörmann 1993, Insurance: Mathematics and
    /// Economics 12, 39; algorithm PTRS).
    pub fn counts(&mut self, mean: f64) -> f64 {
        if mean.is_nan() || mean <= 0.0 {
            return 0.0;
        }
        if mean < 10.0 {
            return f64::from(self.poisson_by_inversion(mean));
        }
        let spread = 0.931 + 2.53 * mean.sqrt();
        let shape = -0.059 + 0.02483 * spread;
        let acceptance = 0.9277 - 3.6224 / (spread - 2.0);
        let scale = (1.1239 + 1.1328 / (spread - 3.4)).ln();
        loop {
            let u = self.uniform() - 0.5;
            let v = 1.0 - self.uniform();
            let tail = 0.5 - u.abs();
            let k = ((2.0 * shape / tail + spread) * u + mean + 0.43).floor();
            if tail >= 0.07 && v <= acceptance {
                return k;
            }
            if k < 0.0 || (tail < 0.013 && v > tail) {
                continue;
            }
            let density = k * mean.ln() - mean - ln_factorial(k);
            if v.ln() + scale - (shape / (tail * tail) + spread).ln() <= density {
                return k;
            }
        }
    }

    fn poisson_by_inversion(&mut self, mean: f64) -> u32 {
        let mut probability = (-mean).exp();
        let mut left = self.uniform() - probability;
        let mut count = 0_u32;
        // Beyond some 200 the terms have vanished, and rounding alone keeps `left` positive.
        while left >= 0.0 && count < 200 {
            count += 1;
            probability *= mean / f64::from(count);
            left -= probability;
        }
        count
    }
}

/// ln k!, by Stirling's series, good to 1e-9 from k = 10; smaller ones by the product.
fn ln_factorial(k: f64) -> f64 {
    if k < 10.0 {
        return (2..=k as u32).map(|n| f64::from(n).ln()).sum();
    }
    let n = k + 1.0;
    let series = (1.0 / 12.0 - (1.0 / 360.0 - 1.0 / (1260.0 * n * n)) / (n * n)) / n;
    (n - 0.5) * n.ln() - n + 0.5 * std::f64::consts::TAU.ln() + series
}

#[cfg(test)]
mod tests {
    use super::Random;

    #[test]
    fn streams_repeat_and_differ() {
        let draw = |seed, stream| {
            let mut random = Random::new(seed, stream);
            [random.bits(), random.bits(), random.bits()]
        };
        assert_eq!(draw(7, 3), draw(7, 3));
        assert_ne!(draw(7, 3), draw(7, 4));
        assert_ne!(draw(7, 3), draw(8, 3));
    }

    #[test]
    fn poisson_has_the_mean_and_variance_of_its_law() {
        for (stream, mean) in [0.004, 0.7, 6.0, 35.0, 1600.0].into_iter().enumerate() {
            let mut random = Random::new(1, stream as u64);
            let n = 40_000.0;
            let draws: Vec<f64> = (0..40_000).map(|_| f64::from(random.poisson(mean))).collect();
            let average = draws.iter().sum::<f64>() / n;
            let variance = draws.iter().map(|d| (d - average).powi(2)).sum::<f64>() / n;
            assert!(
                (average - mean).abs() < 5.0 * (mean / n).sqrt(),
                "mean {average} for {mean}"
            );
            // The variance of a Poisson variance: (mean + 2 mean^2) / n.
            let spread = ((mean + 2.0 * mean * mean) / n).sqrt();
            assert!(
                (variance - mean).abs() < 5.0 * spread,
                "variance {variance} for {mean}"
            );
        }
        assert_eq!(Random::new(1, 1).poisson(-1.0), 0);
        assert_eq!(Random::new(1, 1).poisson(f64::NAN), 0);
    }

    #[test]
    fn counts_have_the_moments_of_their_law() {
        for (stream, mean) in [0.3, 9.0, 11.0, 45.0, 5000.0].into_iter().enumerate() {
            let mut random = Random::new(3, stream as u64);
            let n = 40_000.0;
            let draws: Vec<f64> = (0..40_000).map(|_| random.counts(mean)).collect();
            let average = draws.iter().sum::<f64>() / n;
            let variance = draws.iter().map(|d| (d - average).powi(2)).sum::<f64>() / n;
            let third = draws.iter().map(|d| (d - average).powi(3)).sum::<f64>() / n;
            assert!(
                (average - mean).abs() < 5.0 * (mean / n).sqrt(),
                "mean {average} for {mean}"
            );
            let spread = ((mean + 2.0 * mean * mean) / n).sqrt();
            assert!(
                (variance - mean).abs() < 5.0 * spread,
                "variance {variance} for {mean}"
            );
            // The third central moment is the mean too; its variance goes as 15 mean^3 (and more where it is small).
            let spread = ((15.0 * mean.powi(3) + 40.0 * mean.powi(2) + 2.0 * mean) / n).sqrt();
            assert!(
                (third - mean).abs() < 5.0 * spread,
                "third moment {third} for {mean}"
            );
        }
        assert_eq!(Random::new(1, 1).counts(-1.0), 0.0);
        assert_eq!(Random::new(1, 1).counts(f64::NAN), 0.0);
    }

    #[test]
    fn normal_has_unit_spread() {
        let mut random = Random::new(11, 0);
        let draws: Vec<f64> = (0..40_000).map(|_| random.normal()).collect();
        let mean = draws.iter().sum::<f64>() / 40_000.0;
        let variance = draws.iter().map(|d| d * d).sum::<f64>() / 40_000.0;
        assert!(
            mean.abs() < 0.025 && (variance - 1.0).abs() < 0.04,
            "{mean} {variance}"
        );
    }
}
