//! The inversion: the image that, read out, looks as the observed one.

use super::column::{Column, Weights};
use super::dispatch::{Lane, on_lanes};
use super::lanes::Lanes;
use super::parameters::CteParameters;
use super::readout::read_out;

/// How often a column is corrected at most, with ever fewer traps behind what looks like a cosmic ray that hit during
/// the readout.
const TRIES: usize = 5;
/// Packets before an over-subtracted one that the cosmic ray is looked for in.
const BEFORE: usize = 10;
/// A pair of packets with less than this is over-subtracted, e.
const PAIR_E: f64 = -12.0;
/// Three packets with less than this are over-subtracted, e.
const TRIPLE_E: f64 = -15.0;
/// What is left of the traps behind such a cosmic ray, each time.
const EASED: f64 = 0.75;

/// What the correction of columns needs besides pixels, made once for a run of columns.
#[derive(Debug, Default)]
pub(super) struct Correction {
    column: Column,
    weights: Weights,
    of_pixels: Vec<f32>,
    observed: Vec<f64>,
    previous: Vec<f64>,
}

impl Correction {
    /// Corrects a column and writes the difference to the observed one, rounded as images are. Returns how often it was
    /// done again because of cosmic rays.
    pub fn correct(
        &mut self,
        observed: &[f32],
        index: usize,
        parameters: &CteParameters,
        readnoise_e: f64,
        difference: &mut [f32],
    ) -> usize {
        self.of_pixels.resize(observed.len(), 0.0);
        parameters.weights(index, &mut self.of_pixels);
        self.observed.clear();
        self.observed
            .extend(observed.iter().map(|sample| f64::from(*sample)));
        self.previous.resize(observed.len(), 0.0);
        self.column.resize(observed.len());
        let again = on_lanes(Inversion {
            work: self,
            parameters,
            readnoise_e,
        });
        for ((difference, corrected), observed) in
            difference.iter_mut().zip(&self.column.packets).zip(observed)
        {
            *difference = *corrected as f32 - observed;
        }
        again
    }
}

struct Inversion<'a> {
    work: &'a mut Correction,
    parameters: &'a CteParameters,
    readnoise_e: f64,
}

impl Lane for Inversion<'_> {
    type Output = usize;

    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) -> usize {
        for again in 0..TRIES {
            self.work.weights.set(&self.work.of_pixels);
            invert(lanes, self.work, self.parameters, self.readnoise_e);
            let corrected = &self.work.column.packets[..self.work.observed.len()];
            let eased = self.parameters.fix_cosmic_rays
                && ease_traps(
                    &mut self.work.of_pixels,
                    corrected,
                    &self.work.observed,
                    self.parameters.threshold_e,
                );
            if !eased {
                return again;
            }
        }
        TRIES - 1
    }
}

/// Takes the trails that the current image makes from the observed one, again and again. What is small beside the readout
/// noise is taken in part only, but for the last time.
#[inline(always)]
fn invert<L: Lanes>(lanes: L, work: &mut Correction, parameters: &CteParameters, readnoise_e: f64) {
    let Correction {
        column,
        weights,
        observed,
        previous,
        ..
    } = work;
    let rows = observed.len();
    let variance = readnoise_e * readnoise_e;
    column.packets[..rows].copy_from_slice(observed);
    for iteration in 1..=parameters.iterations {
        previous.copy_from_slice(&column.packets[..rows]);
        read_out(lanes, column, weights, &parameters.traps);
        let all = column.packets[..rows].iter_mut().zip(&*previous).zip(&*observed);
        if iteration == parameters.iterations {
            for ((packet, previous), observed) in all {
                *packet = previous - (*packet - observed);
            }
        } else {
            for ((packet, previous), observed) in all {
                let excess = *packet - observed;
                let squared = excess * excess;
                let scale = squared + variance;
                let kept = if scale > 0.0 { squared / scale } else { 1.0 };
                *packet = previous - excess * kept;
            }
        }
    }
}

/// Looks for trails that were taken off too much: one packet below `threshold_e`, a pair or three below theirs, both as
/// they are and against what was observed. Weakens the traps from the packet that was raised most among those before to
/// the end of the trail. Returns whether there were any.
fn ease_traps(weights: &mut [f32], corrected: &[f64], observed: &[f64], threshold_e: f64) -> bool {
    let rows = corrected.len();
    let mut eased = false;
    for row in BEFORE..rows.saturating_sub(2) {
        let (c, o) = (&corrected[row..row + 3], &observed[row..row + 3]);
        let single = threshold_e > c[0] && threshold_e > c[0] - o[0];
        let pair = c[0] + c[1] < PAIR_E && c[0] + c[1] - o[0] - o[1] < PAIR_E;
        let triple = c[0] + c[1] + c[2] < TRIPLE_E && c[0] + c[1] + c[2] - o[0] - o[1] - o[2] < TRIPLE_E;
        if !(single || pair || triple) {
            continue;
        }
        eased = true;
        let raised = |at: usize| corrected[at] - observed[at];
        let mut source = row;
        for at in row - BEFORE..=row {
            if raised(at) > raised(source) {
                source = at;
            }
        }
        for weight in &mut weights[source..=row] {
            *weight = (f64::from(*weight) * EASED) as f32;
        }
    }
    eased
}

#[cfg(test)]
mod tests {
    use super::ease_traps;

    #[test]
    fn traps_are_eased_from_the_raised_packet_to_the_end_of_the_trail() {
        let observed = vec![10.0; 40];
        let mut corrected = observed.clone();
        // Raised by the correction at 18, its trail over-subtracted at 21.
        (corrected[18], corrected[21]) = (60.0, -11.0);
        let mut weights = vec![1.0f32; 40];
        assert!(ease_traps(&mut weights, &corrected, &observed, -10.0));
        let eased: Vec<usize> = (0..40).filter(|row| weights[*row] < 1.0).collect();
        // The triples that the packet ends, of 9 e and less, are none; those of less than −15 e would be.
        assert_eq!(eased, [18, 19, 20, 21]);
        assert_eq!(weights[20], 0.75);

        // As low as before the correction: not its doing.
        let low = vec![-11.0; 40];
        assert!(!ease_traps(&mut weights, &low, &low, -10.0));
        // Pairs and triples.
        for trail in [vec![-7.0, -7.0], vec![-6.0, -5.0, -5.0]] {
            let mut corrected = observed.clone();
            corrected[20..20 + trail.len()].copy_from_slice(&trail);
            let mut weights = vec![1.0f32; 40];
            assert!(
                ease_traps(&mut weights, &corrected, &observed, -10.0),
                "{trail:?}"
            );
        }
        // Too near to the ends to be judged.
        for row in [3, 39] {
            let mut corrected = observed.clone();
            corrected[row] = -30.0;
            assert!(!ease_traps(&mut [1.0; 40], &corrected, &observed, -10.0), "{row}");
        }
        assert!(!ease_traps(&mut [], &[], &[], -10.0));
    }
}
