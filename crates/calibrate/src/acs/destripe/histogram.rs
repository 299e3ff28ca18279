//! Mode and median of a histogram, as IRAF's `imstatistics` has them.

/// Ranges and widths below this count as none.
const NOTHING: f64 = 10.0 * f32::EPSILON as f64;

struct Histogram {
    counts: Vec<u32>,
    /// The smallest sample.
    lowest: f64,
    /// The largest sample.
    highest: f64,
    /// The width that positions are counted in. Bins are filled with one that is a little larger, so that the range is
    /// a whole number of them.
    width: f64,
}

/// Bins of `binwidth` standard deviations (divided by `n - 1`), from the smallest sample on. In single precision, as
/// the counts are to be those of `stsci.imagestats`.
fn histogram(samples: &[f32], binwidth: f64) -> Histogram {
    let n = samples.len();
    let lowest = samples.iter().copied().fold(f32::INFINITY, f32::min);
    let highest = samples.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mean = (samples.iter().map(|s| f64::from(*s)).sum::<f64>() / n as f64) as f32;
    let squares: f64 = samples.iter().map(|s| f64::from((s - mean) * (s - mean))).sum();
    let sigma = f64::from((squares / n.saturating_sub(1) as f64).sqrt() as f32);
    let width = binwidth * sigma;
    let range = f64::from(highest) - f64::from(lowest);
    let (lowest, highest) = (f64::from(lowest), f64::from(highest));
    let one = |counts| Histogram {
        counts,
        lowest,
        highest,
        width,
    };
    // So many bins that nobody has asked for would not end.
    let bins = range / width;
    if width.is_nan() || width < NOTHING || range < NOTHING || width > range || bins > MOST_BINS {
        return one(vec![n as u32]);
    }
    let bins = bins as usize + 1;
    let step = (range / (bins - 1) as f64) as f32;
    let per_step = 1.0 / step;
    let mut counts = vec![0u32; bins];
    for sample in samples {
        let bin = (per_step * (sample - lowest as f32)) as usize;
        if let Some(count) = counts.get_mut(bin) {
            *count += 1;
        }
    }
    one(counts)
}

/// More bins than pixels of the longest row tell nothing.
const MOST_BINS: f64 = 1e6;

/// The peak of the histogram, by a parabola through the highest bin and its neighbours.
pub(super) fn mode(samples: &[f32], binwidth: f64) -> f64 {
    let histogram = histogram(samples, binwidth);
    let (counts, width) = (&histogram.counts, histogram.width);
    if counts.len() < 2 {
        return (histogram.lowest + histogram.highest) / 2.0;
    }
    let highest = counts.iter().copied().max().unwrap_or(0);
    let peak = counts.iter().position(|count| *count == highest).unwrap_or(0);
    if counts.len() == 2 && counts[0] == counts[1] {
        return histogram.lowest + width;
    }
    let centre = histogram.lowest + (peak as f64 + 0.5) * width;
    if peak == 0 || peak == counts.len() - 1 {
        return centre;
    }
    let over = |neighbour: u32| f64::from(highest) - f64::from(neighbour);
    let (before, after) = (over(counts[peak - 1]), over(counts[peak + 1]));
    if before + after == 0.0 {
        return centre;
    }
    centre + 0.5 * (before - after) / (before + after) * width
}

/// Where the histogram has half of its samples on either side, between the edges of the bin that it lies in.
pub(super) fn midpoint(samples: &[f32], binwidth: f64) -> f64 {
    let histogram = histogram(samples, binwidth);
    let (counts, width) = (&histogram.counts, histogram.width);
    let total: u32 = counts.iter().sum();
    if counts.len() < 2 || total == 0 {
        return (histogram.lowest + histogram.highest) / 2.0;
    }
    let mut below = 0.0f32;
    let mut counted = 0u32;
    for (bin, count) in counts.iter().enumerate() {
        counted += count;
        let share = counted as f32 / total as f32;
        if share >= 0.5 {
            let edge = histogram.lowest + bin as f64 * width;
            return edge + f64::from((0.5 - below) / (share - below) * width as f32);
        }
        below = share;
    }
    histogram.highest
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A triangle about 7.
    fn triangle() -> Vec<f32> {
        let of_step = |i: i32| vec![(7.0 + f64::from(i) * 0.05) as f32; ((201 - i.abs()) / 20 + 1) as usize];
        (-200..=200).flat_map(of_step).collect()
    }

    const FEW: [f32; 10] = [0.0, 1.1, 1.2, 1.3, 1.4, 2.1, 2.2, 2.3, 3.5, 4.6];

    /// Expected values are those of stsci.imagestats 1.8.4.
    #[test]
    fn modes_and_midpoints_of_the_peer() {
        for (samples, binwidth, expected_mode, expected_midpoint) in [
            (triangle(), 0.1, 7.261999423687275, 6.9235907722264525),
            (triangle(), 0.2, 6.401315601055439, 6.897863799333573),
            (FEW.to_vec(), 0.5, 0.9823759496212006, 1.9647518992424011),
            (FEW.to_vec(), 0.75, 1.4033942137445723, 1.5718015730381012),
        ] {
            let (mode, midpoint) = (mode(&samples, binwidth), midpoint(&samples, binwidth));
            assert!((mode - expected_mode).abs() < 1e-5, "{mode} {expected_mode}");
            assert!(
                (midpoint - expected_midpoint).abs() < 1e-5,
                "{midpoint} {expected_midpoint}"
            );
        }
    }

    #[test]
    fn samples_in_one_bin_have_their_middle() {
        assert_eq!(mode(&[3.0, 3.0], 0.1), 3.0);
        assert_eq!(midpoint(&[2.0, 4.0], 100.0), 3.0);
        assert!(mode(&[0.0, 1e30, -1e30], 1e-9).is_finite());
    }
}
