//! The sky of each exposure: the most frequent value of its good pixels.

use super::Member;
use crate::Result;
use crate::steps::widest;
use rayon::prelude::*;
use std::ops::Range;

/// Least value that the histogram reaches down to.
const LEAST: f32 = -15000.0;
/// Bins of the histogram: at least, and at most.
const BINS: (i64, i64) = (1000, 10000);
/// Rows that are read at a time.
const ROWS: usize = 256;
/// Pixels whose bins are found together.
const TOGETHER: usize = 256;
/// Counts of each bin.
const TABLES: usize = 4;

/// One imset of an exposure.
pub(super) type Plane<'a> = (&'a dyn Member, usize);

/// The sky of each plane, in the unit of SCI; 0 for one without a single pixel whose DQ is 0.
///
/// Bins are one unit wide and begin at a whole number. Where they begin and end is measured in the first plane, among
/// pixels without the bits `bad`: from their least value to as far above their mean as this is below it. The peak is
/// the vertex of a parabola through the fullest bin and its neighbours. Sums and bins are in single precision, in the
/// order of the pixels, for the place of the bins depends on it.
pub(super) fn modes(planes: &[Plane], bad: u16) -> Result<Vec<f32>> {
    let Some(bins) = Bins::of(planes[0], bad)? else {
        return Ok(vec![0.0; planes.len()]);
    };
    planes.par_iter().map(|&plane| bins.mode(plane)).collect()
}

fn blocks(ny: usize) -> impl Iterator<Item = Range<usize>> {
    (0..ny).step_by(ROWS).map(move |from| from..(from + ROWS).min(ny))
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Bins {
    least: i32,
    count: usize,
    width: f32,
}

impl Bins {
    fn of((member, imset): Plane, bad: u16) -> Result<Option<Self>> {
        let (ny, _) = member.shape(imset)?;
        let (mut least, mut sum, mut good) = (f32::INFINITY, 0.0f32, 0usize);
        for rows in blocks(ny) {
            let (sci, dq) = (member.sci(imset, rows.clone())?, member.dq(imset, rows)?);
            for (&value, &bits) in sci.iter().zip(dq.iter()) {
                if bits & bad == 0 && value.is_finite() {
                    least = if value < least { value } else { least };
                    sum += value;
                    good += 1;
                }
            }
        }
        Ok((good > 0).then(|| Self::between(least, sum, good)))
    }

    fn between(least: f32, sum: f32, good: usize) -> Self {
        let least = least.max(LEAST) as i32;
        let mean = if sum > 0.0 {
            (sum / good as f32 + 1.0).trunc()
        } else {
            1.0
        };
        let greatest = (2.0 * mean - least as f32) as i32;
        let count = i64::from(greatest) - i64::from(least) + 1;
        let width = if count > BINS.1 {
            count as f32 / BINS.1 as f32
        } else {
            1.0
        };
        Self {
            least,
            count: count.clamp(BINS.0, BINS.1) as usize,
            width,
        }
    }

    fn mode(self, (member, imset): Plane) -> Result<f32> {
        let (ny, nx) = member.shape(imset)?;
        let mut histogram = vec![0u32; self.count];
        for rows in blocks(ny) {
            let (sci, dq) = (member.sci(imset, rows.clone())?, member.dq(imset, rows)?);
            let parts = sci.par_chunks(16 * nx.max(1)).zip(dq.par_chunks(16 * nx.max(1)));
            let counts = parts.fold(
                || self.tables(),
                |mut counts, (sci, dq)| {
                    self.add(sci, dq, &mut counts);
                    counts
                },
            );
            // Whole numbers: their sum does not depend on the order.
            let counts = counts.reduce(|| self.tables(), added);
            for (sum, counts) in histogram.iter_mut().zip(&counts) {
                *sum += counts.iter().sum::<u32>();
            }
        }
        Ok(self.peak(&histogram))
    }

    /// Counts of each bin, and behind them of what belongs to none. Pixels take turns among several counts: those of one
    /// bin, which follow one another, need not wait for each other.
    fn tables(self) -> Vec<[u32; TABLES]> {
        vec![[0; TABLES]; self.count + 1]
    }

    fn add(self, sci: &[f32], dq: &[u16], counts: &mut [[u32; TABLES]]) {
        let (least, none) = (self.least as f32, self.count as u32);
        let mut bins = [none; TOGETHER];
        for (sci, dq) in sci.chunks(TOGETHER).zip(dq.chunks(TOGETHER)) {
            widest(
                #[inline(always)]
                || {
                    for (out, (&value, &bits)) in bins.iter_mut().zip(sci.iter().zip(dq)) {
                        // Rounded towards 0: what lies less than a bin below the first counts there.
                        let bin = ((value - least) / self.width) as i32;
                        // Below 0 it is beyond all bins as well.
                        let counts = (bits == 0) & value.is_finite() & ((bin as u32) < none);
                        *out = if counts { bin as u32 } else { none };
                    }
                },
            );
            for bins in bins[..sci.len()].chunks(TABLES) {
                for (table, &bin) in bins.iter().enumerate() {
                    counts[bin as usize][table] += 1;
                }
            }
        }
    }

    fn peak(self, histogram: &[u32]) -> f32 {
        let (mut fullest, mut most) = (0, histogram[0]);
        for (bin, &count) in histogram.iter().enumerate() {
            if count > most {
                (fullest, most) = (bin, count);
            }
        }
        if most == 0 {
            return 0.0;
        }
        let (least, width) = (self.least as f32, self.width);
        let centre = (f64::from(least) + (fullest as f64 + 0.5) * f64::from(width)) as f32;
        if fullest == 0 || fullest == histogram.len() - 1 {
            return centre;
        }
        let below = (i64::from(most) - i64::from(histogram[fullest - 1])) as f32;
        let above = (i64::from(most) - i64::from(histogram[fullest + 1])) as f32;
        let curvature = below + above;
        if curvature == 0.0 {
            return centre;
        }
        let vertex = fullest as f64 + 0.5 + 0.5 * f64::from(below - above) / f64::from(curvature);
        least + vertex as f32 * width
    }
}

fn added(mut a: Vec<[u32; TABLES]>, b: Vec<[u32; TABLES]>) -> Vec<[u32; TABLES]> {
    for (a, b) in a.iter_mut().zip(b) {
        for (a, b) in a.iter_mut().zip(b) {
            *a += b;
        }
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_range_is_as_far_above_the_mean_as_below() {
        let bins = Bins::between(-3.7, 5000.0, 10);
        // The mean is taken for 501, the least for -3: up to 1005.
        assert_eq!((bins.least, bins.count, bins.width), (-3, 1009, 1.0));
        assert_eq!(Bins::between(0.0, -5.0, 1).count, 1000);
        let wide = Bins::between(0.0, 50_000.0, 1);
        assert_eq!((wide.count, wide.width), (10_000, 10.0003));
    }

    #[test]
    fn the_peak_is_the_vertex_of_a_parabola() {
        let bins = Bins {
            least: 10,
            count: 4,
            width: 1.0,
        };
        assert_eq!(bins.peak(&[0, 2, 4, 4]), 13.0);
        assert_eq!(bins.peak(&[0, 3, 6, 3]), 12.5);
        assert_eq!(bins.peak(&[9, 2, 4, 4]), 10.5);
        assert_eq!(bins.peak(&[0, 0, 0, 1]), 13.5);
        assert_eq!(bins.peak(&[0; 4]), 0.0);
    }
}
