//! Histograms with equal bins.

use crate::{Error, Result, Sample, order::min_max};

/// How many samples fall into each of several equal bins.
#[derive(Debug, Clone, PartialEq)]
pub struct Histogram {
    /// Edges, one more than there are bins. A bin holds its lower edge, the last one its upper edge too.
    pub edges: Vec<f64>,
    /// Samples in each bin.
    pub counts: Vec<u64>,
    /// Finite samples below the first edge.
    pub below: u64,
    /// Finite samples above the last edge.
    pub above: u64,
    /// NaN and infinite samples.
    pub not_finite: u64,
}

/// Counts samples in `bins` equal bins over `range`, or over all finite samples where it is `None`.
/// A range without width is widened by 0.5 on both sides. Bins are numpy's, to the last bit of an edge.
///
/// # Errors
/// [`Error::BadParameter`] where there are no bins or the range is not finite or reversed;
/// [`Error::NoFiniteSample`] where no range is given and none can be found.
pub fn histogram<T: Sample>(samples: &[T], bins: usize, range: Option<(f64, f64)>) -> Result<Histogram> {
    if bins == 0 {
        return Err(Error::BadParameter {
            parameter: "bins",
            expected: "at least 1",
            found: 0.0,
        });
    }
    let (mut first, mut last) = match range {
        Some(range) => range,
        None => min_max(samples)?,
    };
    if first == last {
        (first, last) = (first - 0.5, last + 0.5);
    }
    let width = last - first;
    if !(width > 0.0 && width.is_finite()) {
        return Err(Error::BadParameter {
            parameter: "range",
            expected: "finite and ascending",
            found: width,
        });
    }
    let mut edges: Vec<f64> = (0..bins)
        .map(|bin| first + bin as f64 * (width / bins as f64))
        .collect();
    edges.push(last);
    let mut result = Histogram {
        edges,
        counts: vec![0; bins],
        below: 0,
        above: 0,
        not_finite: 0,
    };
    for sample in samples {
        result.count(sample.to_f64(), bins as f64 / width);
    }
    Ok(result)
}

impl Histogram {
    fn count(&mut self, sample: f64, bins_per_unit: f64) {
        let bins = self.counts.len();
        if !sample.is_finite() {
            self.not_finite += 1;
        } else if sample < self.edges[0] {
            self.below += 1;
        } else if sample > self.edges[bins] {
            self.above += 1;
        } else {
            let mut bin = (((sample - self.edges[0]) * bins_per_unit) as usize).min(bins - 1);
            // The division rounds; the edges decide.
            if sample < self.edges[bin] && bin > 0 {
                bin -= 1;
            } else if bin + 1 < bins && sample >= self.edges[bin + 1] {
                bin += 1;
            }
            self.counts[bin] += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_belong_to_the_bin_above_and_the_last_to_the_last() {
        let samples = [0.0, 0.5, 1.0, 1.5, 2.0, -1.0, 3.0, f64::NAN];
        let histogram = histogram(&samples, 2, Some((0.0, 2.0))).unwrap();
        assert_eq!(histogram.counts, [2, 3]);
        assert_eq!(
            (histogram.below, histogram.above, histogram.not_finite),
            (1, 1, 1)
        );
        assert_eq!(histogram.edges, [0.0, 1.0, 2.0]);
    }

    #[test]
    fn every_sample_is_counted_once() {
        let samples: Vec<f32> = (0..1000).map(|i| (i as f32 * 0.1).sin()).collect();
        let histogram = histogram(&samples, 37, None).unwrap();
        assert_eq!(histogram.counts.iter().sum::<u64>(), 1000);
        assert_eq!(histogram.below + histogram.above + histogram.not_finite, 0);
    }

    #[test]
    fn equal_samples_and_bad_ranges() {
        let one = histogram(&[3.0f32; 4], 2, None).unwrap();
        assert_eq!((one.edges[0], one.edges[2], one.counts), (2.5, 3.5, vec![0, 4]));
        assert!(histogram(&[1.0f32], 0, None).is_err());
        assert!(histogram(&[1.0f32], 3, Some((2.0, 1.0))).is_err());
        assert!(histogram(&[1.0f32], 3, Some((f64::NAN, 1.0))).is_err());
        assert!(histogram(&[f32::NAN], 3, None).is_err());
    }
}
