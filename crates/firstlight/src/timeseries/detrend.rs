//! Light curves freed of what goes along with airmass, time, place or seeing.

use super::Detrend;
use crate::{Error, Result};

/// What a fit found.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Slope {
    /// Of what.
    pub of: Detrend,
    /// Relative flux per unit of it: airmass, day, pixel, or the frames' unit.
    pub slope: f64,
    /// One standard deviation, by the errors of the fluxes.
    pub error: f64,
}

/// Divides relative fluxes by the plane through them that fits best, along all variables at once, with weights of
/// the inverse variance; `good` are those that are fitted. The level stays, as the plane is 1 at the variables' means.
///
/// # Errors
/// [`Error::Usage`] where fewer points are good than there are unknowns, or a variable is not known or does not change.
pub(super) fn detrend(
    (values, errors, good): (&[f64], &[f64], &[bool]),
    variables: &[(Detrend, Vec<f64>)],
    star: &str,
) -> Result<(Vec<f64>, Vec<Slope>)> {
    let usage = |text: String| Err(Error::Usage(text));
    let known = |n: &usize| {
        let finite = variables.iter().all(|(_, of)| of[*n].is_finite());
        good[*n] && values[*n].is_finite() && errors[*n] > 0.0 && finite
    };
    let used: Vec<usize> = (0..values.len()).filter(known).collect();
    let unknowns = variables.len() + 1;
    if used.len() <= unknowns {
        return usage(format!(
            "{star}: {} good points with all variables of --detrend are too few to be freed of {}; leave some out",
            used.len(),
            variables.len()
        ));
    }
    let scaled: Vec<(f64, f64)> = variables
        .iter()
        .map(|(_, of)| mean_and_spread(of, &used))
        .collect();
    if let Some(at) = scaled.iter().position(|(_, spread)| *spread <= 0.0) {
        return usage(format!(
            "{star}: {:?} does not change; leave it out of --detrend",
            variables[at].0
        ));
    }
    let row = |n: usize| -> Vec<f64> {
        let along = variables.iter().zip(&scaled);
        std::iter::once(1.0)
            .chain(along.map(|((_, of), (mean, spread))| (of[n] - mean) / spread))
            .collect()
    };
    let (mut normal, mut right) = (vec![vec![0.0; unknowns]; unknowns], vec![0.0; unknowns]);
    for &n in &used {
        let (terms, weight) = (row(n), 1.0 / (errors[n] * errors[n]));
        for i in 0..unknowns {
            right[i] += weight * terms[i] * values[n];
            for j in 0..unknowns {
                normal[i][j] += weight * terms[i] * terms[j];
            }
        }
    }
    let Some(inverse) = inverse(normal) else {
        return usage(format!(
            "{star}: the variables of --detrend go along with one another; leave some out"
        ));
    };
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let solved: Vec<f64> = inverse.iter().map(|row| dot(row, &right)).collect();
    let freed = (0..values.len())
        .map(|n| values[n] * solved[0] / dot(&row(n), &solved))
        .collect();
    let slopes = variables.iter().zip(&scaled).enumerate();
    let slopes = slopes.map(|(n, ((of, _), (_, spread)))| Slope {
        of: *of,
        slope: solved[n + 1] / spread,
        error: inverse[n + 1][n + 1].sqrt() / spread,
    });
    Ok((freed, slopes.collect()))
}

fn mean_and_spread(values: &[f64], used: &[usize]) -> (f64, f64) {
    let count = used.len() as f64;
    let mean = used.iter().map(|&n| values[n]).sum::<f64>() / count;
    let squares = used.iter().map(|&n| (values[n] - mean).powi(2)).sum::<f64>();
    (mean, (squares / count).sqrt())
}

/// By Gauss's elimination with the largest pivots; none where the matrix is singular.
fn inverse(mut a: Vec<Vec<f64>>) -> Option<Vec<Vec<f64>>> {
    let size = a.len();
    let largest = a
        .iter()
        .flatten()
        .fold(0.0, |most: f64, value| most.max(value.abs()));
    for (n, row) in a.iter_mut().enumerate() {
        row.extend((0..size).map(|column| f64::from(u8::from(column == n))));
    }
    for column in 0..size {
        let pivot = (column..size).max_by(|&i, &j| a[i][column].abs().total_cmp(&a[j][column].abs()))?;
        a.swap(column, pivot);
        let divisor = a[column][column];
        if !divisor.is_finite() || divisor.abs() <= 1e-12 * largest {
            return None;
        }
        a[column].iter_mut().for_each(|value| *value /= divisor);
        let pivot = a[column].clone();
        for (n, row) in a.iter_mut().enumerate() {
            let share = row[column];
            if n != column {
                row.iter_mut()
                    .zip(&pivot)
                    .for_each(|(value, above)| *value -= share * above);
            }
        }
    }
    Some(a.into_iter().map(|row| row[size..].to_vec()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slopes_are_found_and_taken_off() {
        let n = 50;
        let time: Vec<f64> = (0..n).map(|n| 2_458_107.5 + f64::from(n) * 0.002).collect();
        let airmass: Vec<f64> = (0..n)
            .map(|n| 1.0 + (f64::from(n) / 20.0 - 1.0).powi(2))
            .collect();
        let values: Vec<f64> = time
            .iter()
            .zip(&airmass)
            .map(|(t, z)| 1.0 + 0.3 * (t - time[25]) - 0.02 * (z - 1.5))
            .collect();
        let (errors, mut good) = (vec![0.001; n as usize], vec![true; n as usize]);
        good[7] = false;
        let variables = [(Detrend::Linear, time), (Detrend::Airmass, airmass)];
        let (freed, slopes) = detrend((&values, &errors, &good), &variables, "T1").unwrap();
        let level = freed[0];
        assert!(
            freed.iter().all(|value| (value - level).abs() < 1e-9),
            "{freed:?}"
        );
        assert!(
            (slopes[0].slope - 0.3).abs() < 1e-6 && (slopes[1].slope + 0.02).abs() < 1e-9,
            "{slopes:?}"
        );
        assert!(slopes[0].error > 0.0);
    }

    #[test]
    fn what_does_not_change_or_is_unknown_is_refused() {
        let (values, errors, good) = (vec![1.0; 9], vec![0.1; 9], vec![true; 9]);
        let fit = |of: Vec<f64>| detrend((&values, &errors, &good), &[(Detrend::X, of)], "T1");
        assert!(fit(vec![3.0; 9]).is_err());
        assert!(fit(vec![f64::NAN; 9]).is_err());
        let twice: Vec<f64> = (0..9).map(f64::from).collect();
        let both = [(Detrend::X, twice.clone()), (Detrend::Y, twice)];
        assert!(detrend((&values, &errors, &good), &both, "T1").is_err());
    }
}
