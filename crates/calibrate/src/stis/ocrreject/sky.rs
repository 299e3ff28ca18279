//! The sky of each part: the most frequent value of its good pixels.

use super::SkySubtraction;
use super::parts::Parts;
use crate::Result;
use rayon::prelude::*;

/// Least value that the histogram reaches down to, DN.
const LEAST: f32 = -1000.0;
/// Samples are whole numbers of DN up to here; above no sky is found.
const GREATEST: usize = 1 << 20;
/// Rows that are read at a time.
const ROWS: usize = 64;

/// The sky of each part, DN; 0 where none is to be subtracted, and of a part without a single pixel whose DQ is 0.
pub(crate) fn skies(parts: &impl Parts, skysub: SkySubtraction) -> Result<Vec<f32>> {
    match skysub {
        SkySubtraction::None => Ok(vec![0.0; parts.count()]),
        SkySubtraction::Mode => {
            let all = 0..parts.count();
            all.into_par_iter().map(|part| mode(parts, part)).collect()
        }
    }
}

/// Counts of samples, each cut to a whole number of DN, and their sum in single precision in the order of the pixels:
/// the place of the bins depends on it.
struct Tally {
    least: f32,
    sum: f32,
    good: usize,
    /// From −1001 DN on.
    counts: Vec<u32>,
}

const FIRST: i64 = LEAST as i64 - 1;

impl Tally {
    fn add(&mut self, sci: &[f32], dq: &[u16]) {
        for (&sample, _) in sci
            .iter()
            .zip(dq)
            .filter(|(s, bits)| **bits == 0 && s.is_finite())
        {
            self.sum += sample;
            self.good += 1;
            self.least = if sample < self.least { sample } else { self.least };
            let Ok(bin) = usize::try_from(sample as i64 - FIRST) else {
                continue;
            };
            if bin >= self.counts.len() {
                if bin > GREATEST {
                    continue;
                }
                self.counts.resize(bin + 1024, 0);
            }
            self.counts[bin] += 1;
        }
    }

    /// The vertex of a parabola through the fullest bin and its neighbours. Bins reach from the least value to twice the
    /// mean.
    fn mode(&self) -> f32 {
        if self.good == 0 {
            return 0.0;
        }
        let first = match self.least < LEAST {
            true => LEAST as i64,
            false => self.least as i64 - 1,
        };
        let mean = self.sum / self.good as f32;
        let last = match mean > 0.0 {
            true => (f64::from(mean) + 1.0) as i64 * 2,
            false => 1,
        };
        let count = |bin: i64| {
            let bin = usize::try_from(bin - FIRST).ok();
            bin.and_then(|bin| self.counts.get(bin)).copied().unwrap_or(0)
        };
        let (mut fullest, mut most) = (first, count(first));
        for bin in first + 1..=last.min(GREATEST as i64) {
            if count(bin) > most {
                (fullest, most) = (bin, count(bin));
            }
        }
        let centre = (fullest as f64 + 0.5) as f32;
        if fullest == first || fullest == last {
            return centre;
        }
        let steps =
            [fullest - 1, fullest + 1].map(|beside| (i64::from(most) - i64::from(count(beside))) as f32);
        let curvature = (steps[0] + steps[1]).abs();
        if curvature == 0.0 {
            return centre;
        }
        let place = (fullest - first) as f64 + 1.0;
        let vertex = (place + 0.5 * f64::from(steps[0] - steps[1]) / f64::from(curvature)) as f32;
        (first as f64 + (f64::from(vertex) - 0.5)) as f32
    }
}

fn mode(parts: &impl Parts, part: usize) -> Result<f32> {
    let (ny, nx) = parts.shape();
    let mut tally = Tally {
        least: 0.0,
        sum: 0.0,
        good: 0,
        counts: vec![0; 4096],
    };
    let (mut sci, mut dq) = (vec![0.0; ROWS * nx], vec![0; ROWS * nx]);
    for from in (0..ny).step_by(ROWS) {
        let rows = from..(from + ROWS).min(ny);
        let pixels = rows.len() * nx;
        parts.read(part, rows, &mut sci[..pixels], &mut dq[..pixels])?;
        tally.add(&sci[..pixels], &dq[..pixels]);
    }
    Ok(tally.mode())
}

#[cfg(test)]
mod tests {
    use super::Tally;

    fn mode(samples: &[f32]) -> f32 {
        let mut tally = Tally {
            least: 0.0,
            sum: 0.0,
            good: 0,
            counts: Vec::new(),
        };
        tally.add(samples, &vec![0; samples.len()]);
        tally.mode()
    }

    #[test]
    fn the_peak_is_the_vertex_of_a_parabola() {
        assert_eq!(mode(&[4.2, 5.1, 5.5, 5.9, 6.3]), 5.5);
        assert_eq!(mode(&[4.2, 5.1, 5.5, 5.9, 6.3, 6.4]), 5.5 + 0.5 / 3.0);
        assert_eq!(mode(&[]), 0.0);
        assert_eq!(mode(&[f32::NAN]), 0.0);
    }
}
