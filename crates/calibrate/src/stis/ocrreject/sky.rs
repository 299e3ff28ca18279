//! The sky of each part: the most frequent value of its good pixels.

use super::SkySubtraction;
use super::parts::Parts;
use crate::Result;
use crate::steps::widest;
use rayon::prelude::*;

/// Least value that the histogram reaches down to, DN.
const LEAST: f32 = -1000.0;
/// Samples are whole numbers of DN up to here; above no sky is found.
const GREATEST: i32 = 1 << 20;
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

const FIRST: i32 = LEAST as i32 - 1;

/// Samples that are placed in bins at a time.
const AT_ONCE: usize = 1024;
/// The bin of a sample that is not counted.
const NONE: u32 = u32::MAX;

impl Tally {
    fn add(&mut self, sci: &[f32], dq: &[u16]) {
        let (mut added, mut bins) = ([0.0f32; AT_ONCE], [NONE; AT_ONCE]);
        for (sci, dq) in sci.chunks(AT_ONCE).zip(dq.chunks(AT_ONCE)) {
            let last = self.place(sci, dq, (&mut added, &mut bins));
            if last >= self.counts.len() {
                self.counts.resize(last + AT_ONCE, 0);
            }
            for (&sample, &bin) in added.iter().zip(&bins).take(sci.len()) {
                self.sum += sample;
                if let Some(count) = self.counts.get_mut(bin as usize) {
                    *count += 1;
                }
            }
        }
    }

    /// Finds for samples side by side what they add to the sum, 0 where they do not count, and their bins; gives the
    /// last of these.
    fn place(
        &mut self,
        sci: &[f32],
        dq: &[u16],
        (added, bins): (&mut [f32; AT_ONCE], &mut [u32; AT_ONCE]),
    ) -> usize {
        let (mut least, mut good, mut last) = (self.least, 0u32, 0u32);
        let to = added.iter_mut().zip(bins.iter_mut());
        widest(
            #[inline(always)]
            || {
                for ((&sample, &bits), (added, bin)) in sci.iter().zip(dq).zip(to) {
                    let is_good = (bits == 0) & sample.is_finite();
                    *added = if is_good { sample } else { 0.0 };
                    good += u32::from(is_good);
                    least = if *added < least { *added } else { least };
                    let place = (sample as i32).saturating_sub(FIRST);
                    let is_in = is_good & (0..=GREATEST).contains(&place);
                    *bin = if is_in { place as u32 } else { NONE };
                    last = last.max(if is_in { place as u32 } else { 0 });
                }
            },
        );
        self.least = least;
        self.good += good as usize;
        last as usize
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
            let bin = usize::try_from(bin - i64::from(FIRST)).ok();
            bin.and_then(|bin| self.counts.get(bin)).copied().unwrap_or(0)
        };
        let (mut fullest, mut most) = (first, count(first));
        for bin in first + 1..=last.min(i64::from(GREATEST)) {
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
