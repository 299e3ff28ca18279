//! A chip's distortion model: polynomials from pixels to arcseconds about a reference point.

use firstlight_fits::Value;

/// A number from a table, which is written into headers with the digits that it has there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Stated {
    pub value: f64,
    /// The table holds it in single precision.
    pub single: bool,
}

impl Stated {
    pub(super) fn exact(value: f64) -> Self {
        Self { value, single: false }
    }

    pub(super) fn over(self, divisor: f64) -> Self {
        let value = self.value / divisor;
        let value = if self.single {
            f64::from(value as f32)
        } else {
            value
        };
        Self { value, ..self }
    }
}

impl From<Stated> for Value {
    fn from(stated: Stated) -> Self {
        if stated.single {
            Value::from(stated.value as f32)
        } else {
            Value::Real(stated.value)
        }
    }
}

/// Coefficients `c[n][m]` of `xᵐ yⁿ⁻ᵐ`, arcsec.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Coefficients(pub Vec<Vec<f64>>);

impl Coefficients {
    pub(super) fn zero(order: usize) -> Self {
        Self((0..=order).map(|n| vec![0.0; n + 1]).collect())
    }

    pub(super) fn at(&self, n: usize, m: usize) -> f64 {
        self.0[n][m]
    }

    pub(super) fn map(&mut self, change: impl Fn(f64) -> f64) {
        self.0.iter_mut().flatten().for_each(|c| *c = change(*c));
    }

    /// The same polynomial about another origin, which lies at `(-dx, -dy)` of the old one.
    fn moved(&self, dx: f64, dy: f64) -> Self {
        let order = self.0.len() - 1;
        let mut moved = Self::zero(order);
        for n in 0..=order {
            for m in 0..=n {
                for i in n..=order {
                    for j in m..=i - (n - m) {
                        let (across, along) = (j - m, (i - j) - (n - m));
                        moved.0[n][m] += self.at(i, j)
                            * binomial(j, m)
                            * binomial(i - j, n - m)
                            * dx.powi(across as i32)
                            * dy.powi(along as i32);
                    }
                }
            }
        }
        moved
    }
}

fn binomial(n: usize, k: usize) -> f64 {
    (0..k).fold(1.0, |product, i| product * (n - i) as f64 / (i + 1) as f64)
}

/// How the linear terms change with time, as the primary header of an IDCTAB says it. Only ACS/WFC has any.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Skew {
    /// Skew of the whole detector, a polynomial in time (ACS ISR 2007-08).
    Detector { date: f64, a: Vec<f64>, b: Vec<f64> },
    /// Linear terms replaced, or raised at a rate (IDCTABs of 2014).
    Replaced2014 {
        date: f64,
        cx: [Option<f64>; 2],
        cy: [Option<f64>; 2],
    },
    /// Linear terms raised at rates (IDCTABs since 2015).
    Rates2015 {
        date: f64,
        ct: [Option<f64>; 2],
        cx: [Option<f64>; 2],
        cy: [Option<f64>; 2],
    },
}

/// The distortion model of one chip as it is for one exposure.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct DistortionModel {
    pub cx: Coefficients,
    pub cy: Coefficients,
    /// Arcsec per pixel.
    pub scale: f64,
    pub xref: Stated,
    pub yref: Stated,
    /// Size of the chip, pixels.
    pub size: [f64; 2],
    /// Position of the reference point in the focal plane, arcsec.
    pub v2ref: Stated,
    pub v3ref: Stated,
    /// From V3 to the detector's y axis, degrees.
    pub theta: Stated,
    pub skew: Option<Skew>,
    /// Skew of the detector at the time of the exposure (alpha, beta), where it counts for the chips' positions.
    pub detector_skew: Option<[f64; 2]>,
}

impl DistortionModel {
    pub(super) fn order(&self) -> usize {
        self.cx.0.len() - 1
    }

    /// The model of binned pixels.
    pub(super) fn binned(mut self, binning: f64) -> Self {
        self.scale *= binning;
        self.cx.map(|c| c * binning);
        self.cy.map(|c| c * binning);
        self.xref = self.xref.over(binning);
        self.yref = self.yref.over(binning);
        self.size = self.size.map(|n| n / binning);
        self
    }

    /// Moves the origin of the polynomials.
    pub(super) fn shift(&mut self, dx: f64, dy: f64) {
        self.cx = self.cx.moved(dx, dy);
        self.cy = self.cy.moved(dx, dy);
    }

    /// The linear terms: rows x and y, columns per pixel of x and of y.
    pub(super) fn linear(&self) -> [[f64; 2]; 2] {
        [
            [self.cx.at(1, 1), self.cx.at(1, 0)],
            [self.cy.at(1, 1), self.cy.at(1, 0)],
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(c: &Coefficients, x: f64, y: f64) -> f64 {
        let mut sum = 0.0;
        for (n, row) in c.0.iter().enumerate() {
            for (m, term) in row.iter().enumerate() {
                sum += term * x.powi(m as i32) * y.powi((n - m) as i32);
            }
        }
        sum
    }

    #[test]
    fn a_moved_polynomial_is_the_same_elsewhere() {
        let mut c = Coefficients::zero(4);
        for n in 0..=4 {
            for m in 0..=n {
                c.0[n][m] = (n * 7 + m * 3) as f64 / 10f64.powi(n as i32) - 0.3;
            }
        }
        let moved = c.moved(1.5, -2.0);
        for (x, y) in [(0.0, 0.0), (1.0, 2.0), (-3.0, 0.5)] {
            let difference = value(&moved, x, y) - value(&c, x + 1.5, y - 2.0);
            assert!(difference.abs() < 1e-11, "{difference}");
        }
    }

    #[test]
    fn single_precision_is_written_as_such() {
        let stated = Stated {
            value: f64::from(256.622_22_f32),
            single: true,
        };
        assert_eq!(Value::from(stated), Value::Real(256.62222));
        assert_eq!(Value::from(Stated::exact(0.1)), Value::Real(0.1));
    }
}
