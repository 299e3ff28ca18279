//! Gaussians integrated over pixels.

/// Share of a Gaussian in each of `count` pixels of a line from `first` on; whole numbers are the centres of pixels.
pub(crate) fn shares(first: isize, count: usize, centre: f64, sigma: f64) -> Vec<f64> {
    let below = |edge: f64| 0.5 * (1.0 + erf((edge - centre) / (sigma * std::f64::consts::SQRT_2)));
    let edges: Vec<f64> = (0..=count as isize)
        .map(|i| below((first + i) as f64 - 0.5))
        .collect();
    edges.windows(2).map(|edge| edge[1] - edge[0]).collect()
}

/// The error function to 1.2e-7: Abramowitz & Stegun 7.1.26.
fn erf(x: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.327_591_1 * x.abs());
    let series = [
        1.061_405_429,
        -1.453_152_027,
        1.421_413_741,
        -0.284_496_736,
        0.254_829_592,
    ];
    let polynomial = series.iter().fold(0.0, |sum, c| sum * t + c) * t;
    (1.0 - polynomial * (-x * x).exp()).copysign(x)
}
