//! The cubic spline whose second derivatives vanish at its ends.

/// A natural cubic spline through nodes. Beyond them the outermost cubics go on.
#[derive(Debug, Clone, PartialEq)]
pub struct NaturalSpline {
    x: Vec<f64>,
    y: Vec<f64>,
    curvature: Vec<f64>,
}

impl NaturalSpline {
    /// Through nodes of increasing `x`; None where there are fewer than two, they do not increase, or `y` differs in
    /// length.
    pub fn through(x: Vec<f64>, y: Vec<f64>) -> Option<Self> {
        let increases = x.windows(2).all(|pair| pair[1] > pair[0]);
        if x.len() < 2 || x.len() != y.len() || !increases {
            return None;
        }
        let curvature = curvatures(&x, &y);
        Some(Self { x, y, curvature })
    }

    /// The value at `at`.
    pub fn at(&self, at: f64) -> f64 {
        let upper = self
            .x
            .partition_point(|&node| node <= at)
            .clamp(1, self.x.len() - 1);
        let lower = upper - 1;
        let h = self.x[upper] - self.x[lower];
        let a = (self.x[upper] - at) / h;
        let b = (at - self.x[lower]) / h;
        let bend = (a * a * a - a) * self.curvature[lower] + (b * b * b - b) * self.curvature[upper];
        a * self.y[lower] + b * self.y[upper] + bend * h * h / 6.0
    }
}

/// Second derivatives at the nodes, by elimination of the tridiagonal system.
fn curvatures(x: &[f64], y: &[f64]) -> Vec<f64> {
    let n = x.len();
    let mut curvature = vec![0.0; n];
    let mut right = vec![0.0; n];
    for i in 1..n - 1 {
        let share = (x[i] - x[i - 1]) / (x[i + 1] - x[i - 1]);
        let pivot = share * curvature[i - 1] + 2.0;
        let bend = (y[i + 1] - y[i]) / (x[i + 1] - x[i]) - (y[i] - y[i - 1]) / (x[i] - x[i - 1]);
        curvature[i] = (share - 1.0) / pivot;
        right[i] = (6.0 * bend / (x[i + 1] - x[i - 1]) - share * right[i - 1]) / pivot;
    }
    curvature[n - 1] = 0.0;
    for i in (0..n - 1).rev() {
        curvature[i] = curvature[i] * curvature[i + 1] + right[i];
    }
    curvature
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::NaturalSpline;

    #[test]
    fn a_line_stays_a_line_and_nodes_are_met() {
        let line = NaturalSpline::through(vec![0.0, 1.0, 3.0], vec![1.0, 3.0, 7.0]).unwrap();
        assert!((line.at(2.2) - 5.4).abs() < 1e-12 && (line.at(-1.0) + 1.0).abs() < 1e-12);
        let bent = NaturalSpline::through(vec![0.0, 1.0, 2.0], vec![0.0, 1.0, 0.0]).unwrap();
        assert!((bent.at(1.0) - 1.0).abs() < 1e-15 && (bent.at(0.5) - 0.6875).abs() < 1e-12);
        assert!(NaturalSpline::through(vec![0.0, 0.0], vec![1.0, 2.0]).is_none());
    }
}
