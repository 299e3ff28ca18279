//! The SIP polynomial distortion (Shupe et al. 2005, ADASS XIV, 491).

use crate::arctangent::LANES;

/// One polynomial `Σ c_pq u^p v^q`, `p + q <= order`: for each power of `u` the coefficients of rising
/// powers of `v`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Polynomial {
    order: usize,
    rows: Vec<f64>,
}

/// Value and gradient of a polynomial at a point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Tangent {
    pub value: f64,
    pub du: f64,
    pub dv: f64,
}

impl Polynomial {
    /// Takes the coefficient of `u^p v^q` from `coefficient(p, q)`.
    pub(crate) fn new<E>(
        order: usize,
        mut coefficient: impl FnMut(usize, usize) -> Result<f64, E>,
    ) -> Result<Self, E> {
        let mut rows = Vec::with_capacity((order + 1) * (order + 2) / 2);
        for p in 0..=order {
            for q in 0..=order - p {
                rows.push(coefficient(p, q)?);
            }
        }
        Ok(Self { order, rows })
    }

    /// Adds the polynomial at `(u, v)` to `sum`.
    fn add_to(&self, u: [f64; LANES], v: [f64; LANES], sum: &mut [f64; LANES]) {
        let mut total = [0.0; LANES];
        let mut end = self.rows.len();
        for length in 1..=self.order + 1 {
            let row = &self.rows[end - length..end];
            end -= length;
            let mut inner = [0.0; LANES];
            for &c in row.iter().rev() {
                for k in 0..LANES {
                    inner[k] = inner[k] * v[k] + c;
                }
            }
            for k in 0..LANES {
                total[k] = total[k] * u[k] + inner[k];
            }
        }
        for k in 0..LANES {
            sum[k] += total[k];
        }
    }

    fn tangent(&self, u: f64, v: f64) -> Tangent {
        let mut t = Tangent {
            value: 0.0,
            du: 0.0,
            dv: 0.0,
        };
        let mut end = self.rows.len();
        for length in 1..=self.order + 1 {
            let row = &self.rows[end - length..end];
            end -= length;
            let (mut inner, mut slope) = (0.0, 0.0);
            for &c in row.iter().rev() {
                slope = slope * v + inner;
                inner = inner * v + c;
            }
            t.du = t.du * u + t.value;
            t.value = t.value * u + inner;
            t.dv = t.dv * u + slope;
        }
        t
    }
}

/// Both polynomials, and the pixel (0-based) from which `u` and `v` are counted.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sip {
    pub origin: [f64; 2],
    pub a: Polynomial,
    pub b: Polynomial,
}

impl Sip {
    /// Adds the corrections at `(x, y)` to `(fx, fy)`.
    pub(crate) fn add_to(
        &self,
        x: [f64; LANES],
        y: [f64; LANES],
        fx: &mut [f64; LANES],
        fy: &mut [f64; LANES],
    ) {
        let (u, v) = (x.map(|x| x - self.origin[0]), y.map(|y| y - self.origin[1]));
        self.a.add_to(u, v, fx);
        self.b.add_to(u, v, fy);
    }

    /// Both corrections with their gradients at `(x, y)`.
    pub(crate) fn tangents(&self, x: f64, y: f64) -> [Tangent; 2] {
        let (u, v) = (x - self.origin[0], y - self.origin[1]);
        [self.a.tangent(u, v), self.b.tangent(u, v)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn polynomial() -> Polynomial {
        // 1 + 2 u + 3 v + 4 u² + 5 uv + 6 v² + u v²
        Polynomial::new(3, |p, q| {
            Ok::<f64, ()>(match (p, q) {
                (0, 0) => 1.0,
                (1, 0) => 2.0,
                (0, 1) => 3.0,
                (2, 0) => 4.0,
                (1, 1) => 5.0,
                (0, 2) => 6.0,
                (1, 2) => 1.0,
                _ => 0.0,
            })
        })
        .unwrap()
    }

    #[test]
    fn value_and_gradient() {
        let (u, v) = (2.0, 3.0);
        let expected = 1.0 + 4.0 + 9.0 + 16.0 + 30.0 + 54.0 + 18.0;
        let mut sum = [10.0; LANES];
        polynomial().add_to([u; LANES], [v; LANES], &mut sum);
        assert_eq!(sum, [expected + 10.0; LANES]);
        let t = polynomial().tangent(u, v);
        assert_eq!(t.value, expected);
        assert_eq!(t.du, 2.0 + 16.0 + 15.0 + 9.0);
        assert_eq!(t.dv, 3.0 + 10.0 + 36.0 + 12.0);
    }
}
