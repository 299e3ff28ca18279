//! Least squares with coefficients that may not be negative.

use nalgebra::{DMatrix, DVector};

/// A problem min ‖A x − b‖² with xᵢ ≥ 0, except where `free`.
#[derive(Debug, Clone)]
pub struct NonNegative {
    /// The matrix, one row a measurement.
    pub matrix: DMatrix<f64>,
    /// What is measured, one entry a row.
    pub measured: DVector<f64>,
    /// Which coefficients may have any sign.
    pub free: Vec<bool>,
}

/// The solution of a [`NonNegative`].
#[derive(Debug, Clone)]
pub struct Solution {
    /// The coefficients.
    pub coefficients: DVector<f64>,
    /// Their covariance where measurements have unit variance; zero for coefficients held at 0.
    pub covariance: DMatrix<f64>,
    /// ‖A x − b‖².
    pub chi2: f64,
    /// The coefficients that are not held at 0.
    pub active: Vec<usize>,
}

impl NonNegative {
    /// Solves by active sets (Lawson & Hanson 1974, Solving Least Squares Problems, chapter 23).
    ///
    /// `None` where the free coefficients alone are degenerate, or a number is not finite.
    pub fn solve(&self) -> Option<Solution> {
        let gram = self.matrix.tr_mul(&self.matrix);
        let right = self.matrix.tr_mul(&self.measured);
        if gram.iter().chain(right.iter()).any(|v| !v.is_finite()) {
            return None;
        }
        let n = self.free.len();
        let mut active: Vec<usize> = (0..n).filter(|&i| self.free[i]).collect();
        let mut x = DVector::zeros(n);
        if !active.is_empty() {
            x = solve_active(&gram, &right, &active)?;
        }
        let mut refused = vec![false; n];
        // Each pass lowers the residual; the bound is a guard against rounding, seldom reached.
        for _ in 0..10 * (n + 1) {
            let gradient = &right - &gram * &x;
            let tolerance = 1.0e-10 * right.amax().max(1.0e-300);
            let rising = (0..n).filter(|i| !active.contains(i) && !refused[*i] && gradient[*i] > tolerance);
            let Some(entering) = rising.max_by(|&a, &b| gradient[a].total_cmp(&gradient[b])) else {
                break;
            };
            let before = active.clone();
            active.push(entering);
            match self.descend(&gram, &right, &mut active, &x) {
                Some(next) if active.contains(&entering) => {
                    x = next;
                    refused.fill(false);
                }
                // Degenerate with those that are in already.
                _ => {
                    active = before;
                    refused[entering] = true;
                }
            }
        }
        active.sort_unstable();
        let residual = &self.matrix * &x - &self.measured;
        let covariance = covariance_of(&gram, &active)?;
        Some(Solution {
            covariance,
            chi2: residual.norm_squared(),
            active,
            coefficients: x,
        })
    }

    /// Solves for the active set, and drops from it what would become negative on the way.
    fn descend(
        &self,
        gram: &DMatrix<f64>,
        right: &DVector<f64>,
        active: &mut Vec<usize>,
        from: &DVector<f64>,
    ) -> Option<DVector<f64>> {
        let mut x = from.clone();
        loop {
            let target = solve_active(gram, right, active)?;
            let bound = |&&i: &&usize| !self.free[i] && target[i] <= 0.0;
            let step = active
                .iter()
                .filter(bound)
                .map(|&i| x[i] / (x[i] - target[i]))
                .fold(1.0_f64, f64::min);
            if step >= 1.0 && !active.iter().any(|i| bound(&i)) {
                return Some(target);
            }
            x = &x + (&target - &x) * step;
            active.retain(|&i| self.free[i] || target[i] > 0.0 || x[i] > 1.0e-14);
            for i in 0..x.len() {
                if !active.contains(&i) {
                    x[i] = 0.0;
                }
            }
            if active.is_empty() {
                return Some(x);
            }
        }
    }
}

fn solve_active(gram: &DMatrix<f64>, right: &DVector<f64>, active: &[usize]) -> Option<DVector<f64>> {
    let part = gram.select_rows(active).select_columns(active);
    let solved = part.cholesky()?.solve(&DVector::from_iterator(
        active.len(),
        active.iter().map(|&i| right[i]),
    ));
    let mut x = DVector::zeros(right.len());
    for (&i, &value) in active.iter().zip(solved.iter()) {
        x[i] = value;
    }
    x.iter().all(|v| v.is_finite()).then_some(x)
}

fn covariance_of(gram: &DMatrix<f64>, active: &[usize]) -> Option<DMatrix<f64>> {
    let n = gram.nrows();
    let mut covariance = DMatrix::zeros(n, n);
    if active.is_empty() {
        return Some(covariance);
    }
    let inverse = gram
        .select_rows(active)
        .select_columns(active)
        .cholesky()?
        .inverse();
    for (row, &i) in active.iter().enumerate() {
        for (column, &j) in active.iter().enumerate() {
            covariance[(i, j)] = inverse[(row, column)];
        }
    }
    Some(covariance)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn problem(rows: usize, columns: usize, seed: u64) -> NonNegative {
        let mut state = seed;
        let mut next = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as f64 / (1_u64 << 31) as f64 - 0.5
        };
        let matrix = DMatrix::from_fn(rows, columns, |_, _| next());
        let measured = DVector::from_fn(rows, |_, _| next());
        NonNegative {
            matrix,
            measured,
            free: vec![false; columns],
        }
    }

    /// The Karush-Kuhn-Tucker conditions are necessary and sufficient: the gradient vanishes where a
    /// coefficient is positive, and pushes downwards where it is held at 0.
    #[test]
    fn solutions_fulfil_the_conditions_of_an_optimum() {
        for seed in 1..60 {
            let mut problem = problem(30, 8, seed);
            problem.free[3] = seed % 2 == 0;
            let solution = problem.solve().unwrap();
            let gradient = problem
                .matrix
                .tr_mul(&(&problem.measured - &problem.matrix * &solution.coefficients));
            for i in 0..8 {
                let x = solution.coefficients[i];
                if problem.free[i] || x > 0.0 {
                    assert!(gradient[i].abs() < 1e-9, "seed {seed}, {i}: {}", gradient[i]);
                } else {
                    assert!(
                        x == 0.0 && gradient[i] < 1e-9,
                        "seed {seed}, {i}: {x} {}",
                        gradient[i]
                    );
                }
                assert_eq!(solution.active.contains(&i), problem.free[i] || x > 0.0);
            }
        }
    }

    #[test]
    fn equal_columns_are_no_trouble() {
        let mut problem = problem(20, 4, 5);
        let copy = problem.matrix.column(0).clone_owned();
        problem.matrix.set_column(1, &copy);
        problem.measured = &problem.matrix.column(0) * 2.0 + problem.matrix.column(2) * 0.5;
        let solution = problem.solve().unwrap();
        assert!((solution.coefficients[0] + solution.coefficients[1] - 2.0).abs() < 1e-9);
        assert!(solution.chi2 < 1e-18);
    }

    #[test]
    fn covariance_is_that_of_the_active_coefficients() {
        let mut problem = problem(40, 2, 9);
        problem.measured = &problem.matrix * DVector::from_vec(vec![1.0, 3.0]);
        let solution = problem.solve().unwrap();
        let expected = problem.matrix.tr_mul(&problem.matrix).try_inverse().unwrap();
        assert!((solution.covariance - expected).amax() < 1e-12);
        problem.measured[3] = f64::NAN;
        assert!(problem.solve().is_none());
    }
}
