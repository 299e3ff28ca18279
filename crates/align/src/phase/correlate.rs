//! The correlation of two layers at every shift, of the samples that both have there.

use super::layer::Layer;
use super::spectrum::{forward, inverse, quick_length};
use rustfft::num_complex::Complex;

/// Shifts at which both images share a smaller part of their good samples are passed over.
const LEAST_SHARED: f64 = 0.3;
/// So many independent samples have to be shared at least.
const LEAST_INDEPENDENT: f64 = 8.0;
/// As many peaks are looked at.
const PEAKS: usize = 4;
/// Peaks as high that are expected by chance above which a shift is not believed.
const MOST_BY_CHANCE: f64 = 1e-3;
/// A peak of so many standard deviations is believed where this many so far above the others are expected. In 280 pairs of unlike
/// images none was higher than 6.9.
const HIGH: f64 = 7.5;
const MOST_OF_HIGH: f64 = 0.1;
/// As many of the next highest peaks tell how high peaks are by chance, and so few do not.
const TELLING: usize = 20;
const TOO_FEW: usize = 4;
/// Peaks by chance differ by no less than this from one another, standard deviations.
const LEAST_SPREAD: f64 = 0.15;

/// The transforms of a layer: of its samples, of their squares, and of one where it is good.
#[derive(Debug)]
pub(super) struct Spectra {
    samples: Vec<Complex<f64>>,
    squares: Vec<Complex<f64>>,
    good: Vec<Complex<f64>>,
    count: usize,
    /// The sum of squares.
    light: f64,
}

impl Spectra {
    /// Of a layer in a frame of `(ny, nx)` that is filled up with nothing.
    pub(super) fn of(layer: &Layer, (ny, nx): (usize, usize)) -> Self {
        let count = layer.count();
        let total: f64 = layer.samples.iter().map(|sample| f64::from(*sample)).sum();
        let mean = total / count.max(1) as f64;
        let put = |of: &dyn Fn(f64) -> f64| {
            let mut frame = vec![Complex::default(); nx * ny];
            for (index, good) in layer.good.iter().enumerate() {
                if *good {
                    let value = of(f64::from(layer.samples[index]) - mean);
                    frame[index / layer.nx * nx + index % layer.nx].re = value;
                }
            }
            forward(frame, (ny, nx))
        };
        let square = |index: usize| (f64::from(layer.samples[index]) - mean).powi(2);
        Self {
            samples: put(&|value| value),
            squares: put(&|value| value * value),
            good: put(&|_| 1.0),
            count,
            light: (0..layer.good.len())
                .filter(|&index| layer.good[index])
                .map(square)
                .sum(),
        }
    }

    /// Whether there is anything but rounding.
    pub(super) fn is_blank(&self) -> bool {
        self.light <= 1e-10 * self.count as f64
    }
}

/// The length in which samples of both can be shifted past each other.
pub(super) fn room(a: usize, b: usize) -> usize {
    quick_length(a + b)
}

/// A peak of the correlation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Peak {
    /// From the reference to the image, pixels of the layer.
    pub shift: [i64; 2],
    /// Its height in standard deviations of what is expected of images that have nothing in common.
    pub height: f64,
    /// How many as high are expected of these, and how many so far above the next highest where those are chance.
    pub by_chance: [f64; 2],
}

impl Peak {
    /// Whether images that have nothing in common do not explain it, where so many correlations are tried.
    pub(super) fn is_believed(&self, tried: f64) -> bool {
        let [of_height, of_others] = self.by_chance.map(|chance| tried * chance);
        let sure = of_height.max(of_others) <= MOST_BY_CHANCE;
        // Few broad spots have other high peaks too, where one spot lies on another.
        sure || (self.height >= HIGH && of_others <= MOST_OF_HIGH)
    }
}

/// The highest peaks.
///
/// A peak may be chance by either of two tests: a normal deviate so high, of as many as there are independent shifts; or one so
/// far above the next highest peaks, whose excesses are taken to fall off exponentially.
///
/// Samples further apart than `reach` pixels along either axis are independent.
pub(super) fn peaks(pair: (&Spectra, &Spectra), shape: (usize, usize), reach: f64) -> Vec<Peak> {
    let heights = Heights::of(pair, shape, reach);
    let maxima = maxima(&heights.at, shape);
    let trials = (heights.allowed as f64 / heights.area).max(1.0);
    let apart = 3.0 * (heights.area / std::f64::consts::PI).sqrt() + 2.0;
    let judge = |&(height, shift): &(f64, [i64; 2])| {
        let away = |other: &&(f64, [i64; 2])| {
            let [dx, dy] = [0, 1].map(|axis| (other.1[axis] - shift[axis]) as f64);
            dx.hypot(dy) > apart
        };
        let others: Vec<f64> = maxima
            .iter()
            .filter(away)
            .take(TELLING + 1)
            .map(|other| other.0)
            .collect();
        Peak {
            shift,
            height,
            by_chance: [trials * tail(height), above_others(height, &others)],
        }
    };
    maxima.iter().take(PEAKS).map(judge).collect()
}

/// The correlation at every shift, as a normal deviate where the images have nothing in common.
struct Heights {
    /// Minus infinity where too little is shared.
    at: Vec<f64>,
    /// How many shifts share enough.
    allowed: usize,
    /// One of so many samples is independent.
    area: f64,
}

impl Heights {
    /// The correlation at every shift is that of the samples which are good in both (Padfield 2012, IEEE Trans. Image Process. 21,
    /// 2706). Its scatter for unrelated images follows from their own autocorrelations (Bartlett 1935, J. R. Stat. Soc. 98, 536),
    /// which tell how many of the samples shared are independent; Fisher's transformation makes it normal.
    fn of((reference, image): (&Spectra, &Spectra), shape: (usize, usize), reach: f64) -> Self {
        let (r, m) = (reference, image);
        let size = (shape.0 * shape.1) as f64;
        let area = independent([&r.samples, &m.samples], shape, reach);
        let light = both([&r.samples, &m.samples], [&r.good, &m.good], shape);
        let sums = both([&r.samples, &m.good], [&r.good, &m.samples], shape);
        let squares = both([&r.squares, &m.good], [&r.good, &m.squares], shape);
        let least = (LEAST_SHARED * r.count.min(m.count) as f64).max(LEAST_INDEPENDENT * area);
        let mut allowed = 0_usize;
        let height = |k: usize| {
            let shared = light[k].im / size;
            if shared < least {
                return f64::NEG_INFINITY;
            }
            allowed += 1;
            let (a, b) = (sums[k].re / size, sums[k].im / size);
            let spread = (squares[k].re / size - a * a / shared) * (squares[k].im / size - b * b / shared);
            let blank = 1e-8 * (r.light / r.count as f64) * (m.light / m.count as f64) * shared * shared;
            if spread.is_nan() || spread <= blank {
                return 0.0;
            }
            let correlation = (light[k].re / size - a * b / shared) / spread.sqrt();
            correlation.clamp(-0.999_999, 0.999_999).atanh() * (shared / area - 3.0).sqrt()
        };
        Self {
            at: (0..light.len()).map(height).collect(),
            allowed,
            area,
        }
    }
}

/// Two correlations at every shift, one as the real and one as the imaginary part, times the number of samples.
fn both(a: [&[Complex<f64>]; 2], b: [&[Complex<f64>]; 2], (ny, nx): (usize, usize)) -> Vec<Complex<f64>> {
    let i = Complex::new(0.0, 1.0);
    let product = (0..nx * ny).map(|k| a[0][k].conj() * a[1][k] + i * (b[0][k].conj() * b[1][k]));
    inverse(product.collect(), (ny, nx))
}

/// Of how many samples one is independent: what the products of both autocorrelations add up to.
fn independent([a, b]: [&[Complex<f64>]; 2], (ny, nx): (usize, usize), reach: f64) -> f64 {
    let own = both([a, a], [b, b], (ny, nx));
    let near = |index: usize, length: usize| index.min(length - index) as f64 <= reach;
    let alike: f64 = (0..nx * ny)
        .filter(|k| near(k % nx, nx) && near(k / nx, ny))
        .map(|k| own[k].re * own[k].im / (own[0].re * own[0].im))
        .sum();
    alike.max(1.0)
}

/// Peaks and their heights, the highest first.
fn maxima(heights: &[f64], (ny, nx): (usize, usize)) -> Vec<(f64, [i64; 2])> {
    let signed = |index: usize, length: usize| {
        if 2 * index > length {
            index as i64 - length as i64
        } else {
            index as i64
        }
    };
    let mut found: Vec<(f64, [i64; 2])> = Vec::new();
    for y in 0..ny {
        for x in 0..nx {
            let height = heights[y * nx + x];
            if height <= 0.0 {
                continue;
            }
            let around = [ny - 1, 0, 1]
                .into_iter()
                .flat_map(|v| [nx - 1, 0, 1].map(|u| (u, v)));
            let highest = around
                .map(|(u, v)| heights[(y + v) % ny * nx + (x + u) % nx])
                .fold(f64::NEG_INFINITY, f64::max);
            if height >= highest {
                found.push((height, [signed(x, nx), signed(y, ny)]));
            }
        }
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    found
}

/// How many peaks as high are expected where those are chance.
fn above_others(height: f64, others: &[f64]) -> f64 {
    let Some((least, excesses)) = others.split_last() else {
        return 0.0;
    };
    if excesses.len() < TOO_FEW {
        return 0.0;
    }
    let count = excesses.len() as f64;
    let spread = excesses.iter().map(|other| other - least).sum::<f64>() / count;
    count * (-(height - least) / spread.max(LEAST_SPREAD)).exp()
}

/// A little more than the probability that a normal deviate exceeds so many standard deviations.
fn tail(sigmas: f64) -> f64 {
    if sigmas < 1.0 {
        return 1.0;
    }
    (-0.5 * sigmas * sigmas).exp() / (sigmas * std::f64::consts::TAU.sqrt())
}
