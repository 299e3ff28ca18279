//! Cosmic rays in a single exposure of a lamp through a long slit, whose columns are even but for the bars.

use super::COSMIC_RAY;
use crate::stis::tables::wcptab::WavecalParameters;
use crate::stis::x2d::bars::DATA_MASKED;
use firstlight_frame::Image;
use rayon::prelude::*;

/// Flags pixels (8192) that stand out of their column: of the good ones that light falls on, those more than NSIG_CR
/// standard deviations above their clipped mean; of those behind the nominal bars, those as far above the mean of their
/// own kind, unless their brightness is within NSIG_ILL of the lit ones (for the bar may be elsewhere). Returns how many.
pub fn flag(sci: &Image<f32>, dq: &mut Image<u16>, bad: u16, parameters: &WavecalParameters) -> usize {
    let (ny, nx) = sci.shape();
    let blocks = (0..nx).step_by(TOGETHER).collect::<Vec<_>>();
    let hits: Vec<Vec<(usize, usize)>> = blocks
        .into_par_iter()
        .map(|first| {
            let columns = columns(sci, dq, first);
            let found = columns.chunks(ny.max(1)).enumerate().flat_map(|(i, column)| {
                hits(column, bad, parameters)
                    .into_iter()
                    .map(move |y| (first + i, y))
            });
            found.collect()
        })
        .collect();
    for &(x, y) in hits.iter().flatten() {
        dq.row_mut(y)[x] |= COSMIC_RAY;
    }
    hits.iter().map(Vec::len).sum()
}

/// Columns that are read together, for they lie side by side in memory.
const TOGETHER: usize = 16;

/// Columns from `first` on, one after another.
fn columns(sci: &Image<f32>, dq: &Image<u16>, first: usize) -> Vec<(f32, u16)> {
    let (ny, nx) = sci.shape();
    let end = (first + TOGETHER).min(nx);
    let mut columns = vec![(0.0, 0); ny * (end - first)];
    for y in 0..ny {
        let pixels = sci.row(y)[first..end].iter().zip(&dq.row(y)[first..end]);
        for (i, (&value, &bits)) in pixels.enumerate() {
            columns[i * ny + y] = (value, bits);
        }
    }
    columns
}

/// Rows of the column that are hit.
fn hits(column: &[(f32, u16)], bad: u16, parameters: &WavecalParameters) -> Vec<usize> {
    let of = |masked: bool| -> Vec<f32> {
        let good = column.iter().filter(|(_, bits)| bits & bad == 0);
        let kind = good.filter(|(_, bits)| (bits & DATA_MASKED != 0) == masked);
        kind.map(|(value, _)| *value).collect()
    };
    let lit = clipped(of(false), parameters);
    let masked = clipped(of(true), parameters);
    let (lit_mean, masked_mean) = (lit.mean, masked.mean);
    let (lit_std, masked_std) = match (lit.count, masked.count) {
        (0, 0) => return Vec::new(),
        (0, _) => (masked.std, masked.std),
        (_, 0) => (lit.std, lit.std),
        _ => (lit.std, masked.std),
    };
    let hit = |(value, bits): &(f32, u16)| {
        let value = f64::from(*value);
        if bits & DATA_MASKED != 0 {
            value > masked_mean + parameters.nsigma_cr * masked_std
                && (value - lit_mean).abs() > parameters.nsigma_illum * lit_std
        } else {
            bits & bad == 0 && value > lit_mean + parameters.nsigma_cr * lit_std
        }
    };
    column
        .iter()
        .enumerate()
        .filter(|(_, pixel)| hit(pixel))
        .map(|(y, _)| y)
        .collect()
}

struct Clipped {
    mean: f64,
    std: f64,
    count: usize,
}

/// Mean and standard deviation of what is within MAD_REJ median absolute deviations of the median; of two values the
/// lesser and their difference.
fn clipped(mut values: Vec<f32>, parameters: &WavecalParameters) -> Clipped {
    let count = values.len();
    let (mean, std) = match values[..] {
        [] => (0.0, 0.0),
        [only] => (f64::from(only), 0.0),
        [a, b] => (f64::from(a.min(b)), f64::from((a - b).abs())),
        _ => return clipped_of_many(&mut values, parameters),
    };
    Clipped { mean, std, count }
}

fn clipped_of_many(values: &mut [f32], parameters: &WavecalParameters) -> Clipped {
    let middle = median(values);
    let mut deviations: Vec<f32> = values.iter().map(|value| (value - middle).abs()).collect();
    let mad = median(&mut deviations);
    let mad = if f64::from(mad) < parameters.min_mad {
        parameters.min_mad as f32
    } else {
        mad
    };
    let limit = parameters.mad_reject * f64::from(mad);
    let (mut sum, mut squares, mut count) = (0.0, 0.0, 0usize);
    for value in values.iter() {
        if f64::from((value - middle).abs()) < limit {
            let value = f64::from(*value);
            sum += value;
            squares += value * value;
            count += 1;
        }
    }
    let n = count as f64;
    let (mean, std) = match count {
        0 => (0.0, 0.0),
        1 => (sum, 0.0),
        _ => {
            let mean = sum / n;
            (mean, (n / (n - 1.0) * (squares / n - mean * mean)).sqrt())
        }
    };
    Clipped { mean, std, count }
}

fn median(values: &mut [f32]) -> f32 {
    let middle = values.len() / 2;
    let (below, &mut upper, _) = values.select_nth_unstable_by(middle, f32::total_cmp);
    match below.iter().copied().max_by(f32::total_cmp) {
        Some(lower) if values.len().is_multiple_of(2) => (lower + upper) / 2.0,
        _ => upper,
    }
}
