//! The error of a detector that counts photons.

use super::rows::rows_mut;
use firstlight_frame::Frame;
use rayon::prelude::*;

/// Fills an ERR that is 0 everywhere with `max(1, √counts)`; an ERR that holds anything is left as it is. Tells whether
/// it was filled. A NaN among the counts has an error of 1.
pub fn photon_noise(frame: &mut Frame) -> bool {
    let shape = frame.sci.shape();
    let agrees = frame.err.shape() == shape && frame.dq.shape() == shape;
    if !agrees || frame.err.as_slice().iter().any(|&error| error != 0.0) {
        return false;
    }
    rows_mut(frame).for_each(|row| {
        for (err, sci) in row.err.iter_mut().zip(row.sci) {
            *err = sci.abs().sqrt().max(1.0);
        }
    });
    true
}

#[cfg(test)]
mod tests {
    use super::photon_noise;
    use crate::steps::rows::tests::frame;

    #[test]
    fn few_counts_have_an_error_of_one_and_an_error_that_is_there_is_kept() {
        let mut counts = frame(1, 3, 100.0, 0.0, 0);
        counts.sci.row_mut(0)[0] = 0.25;
        assert!(photon_noise(&mut counts));
        assert_eq!(counts.err.row(0), [1.0, 10.0, 10.0]);
        assert!(!photon_noise(&mut counts));
    }
}
