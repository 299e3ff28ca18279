//! The four operations on frames, with uncertainty and mask.

use super::rows::{Row, RowOf, each_row};
use super::{CcdFrame, CcdUnit, Real};
use crate::{Error, Result};

/// What is done with the samples of two frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Their sum.
    Add,
    /// The first less the second.
    Subtract,
    /// Their product.
    Multiply,
    /// The first over the second.
    Divide,
}

impl<T: Real> CcdFrame<T> {
    /// Puts the outcome of an operation with another frame in place of this one. Of sum and difference the units have to
    /// be equal; a product or ratio has this frame's unit where the other's has no dimension, and none where they cancel.
    ///
    /// # Errors
    /// [`Error::Shape`], [`Error::CcdUnits`]; the frame is as it was then.
    pub fn operate<U: Real>(&mut self, operation: Operation, other: &CcdFrame<U>) -> Result<()> {
        let unit = self.unit_of(operation, &other.unit)?;
        agree(self, other, "the other frame")?;
        self.make_planes_of(other);
        each_row(self, |y, row| apply(operation, row, other.row(y)));
        self.unit = unit;
        Ok(())
    }

    /// Multiplies samples and uncertainty by a number.
    pub fn scale(&mut self, factor: f64) {
        each_row(self, |_, row| scale(row, factor));
    }

    /// Makes the planes that `other` has and this frame has not.
    pub(super) fn make_planes_of<U>(&mut self, other: &CcdFrame<U>) {
        if other.err.is_some() {
            self.err_mut();
        }
        if other.dq.is_some() {
            self.dq_mut();
        }
    }

    fn unit_of(&self, operation: Operation, other: &CcdUnit) -> Result<CcdUnit> {
        let unit = &self.unit;
        let product = match operation {
            Operation::Add | Operation::Subtract => (unit == other).then(|| unit.clone()),
            _ if *other == CcdUnit::Dimensionless => Some(unit.clone()),
            Operation::Multiply => (*unit == CcdUnit::Dimensionless).then(|| other.clone()),
            Operation::Divide => (unit == other).then_some(CcdUnit::Dimensionless),
        };
        product.ok_or_else(|| Error::CcdUnits {
            what: "the other frame".to_owned(),
            expected: unit.to_string(),
            found: other.to_string(),
        })
    }
}

/// Refuses frames of different shapes, and planes that differ in shape.
pub(super) fn agree<T: Real, U: Real>(frame: &CcdFrame<T>, other: &CcdFrame<U>, what: &str) -> Result<()> {
    frame.check()?;
    other.check()?;
    if other.shape() != frame.shape() {
        return Err(Error::Shape {
            what: what.to_owned(),
            expected: frame.shape(),
            found: other.shape(),
        });
    }
    Ok(())
}

/// An operation on one row.
pub(super) fn apply<U: Real>(operation: Operation, row: Row<'_>, other: RowOf<'_, U>) {
    match operation {
        Operation::Add => sum(row, other, 1.0),
        Operation::Subtract => sum(row, other, -1.0),
        Operation::Multiply => multiply(row, other),
        Operation::Divide => divide(row, other),
    }
}

/// Adds `factor` times `other`.
pub(super) fn sum<U: Real>(row: Row<'_>, other: RowOf<'_, U>, factor: f64) {
    for (a, b) in row.sci.iter_mut().zip(other.sci) {
        *a += factor * b.wide();
    }
    if let (Some(err), Some(other)) = (row.err, other.err) {
        for (a, b) in err.iter_mut().zip(other) {
            let b = factor * b.wide();
            *a = (*a * *a + b * b).sqrt();
        }
    }
    unite(row.dq, other.dq);
}

fn multiply<U: Real>(row: Row<'_>, other: RowOf<'_, U>) {
    if let Some(err) = row.err {
        for (i, e) in err.iter_mut().enumerate() {
            let of_other = other.err.map_or(0.0, |err| err[i].wide()) * row.sci[i];
            let own = *e * other.sci[i].wide();
            *e = (own * own + of_other * of_other).sqrt();
        }
    }
    for (a, b) in row.sci.iter_mut().zip(other.sci) {
        *a *= b.wide();
    }
    unite(row.dq, other.dq);
}

fn divide<U: Real>(row: Row<'_>, other: RowOf<'_, U>) {
    for (a, b) in row.sci.iter_mut().zip(other.sci) {
        *a /= b.wide();
    }
    if let Some(err) = row.err {
        for (i, e) in err.iter_mut().enumerate() {
            // Of a ratio r = a / b: σ_r = √(σ_a² + (r σ_b)²) / |b|.
            let of_other = other.err.map_or(0.0, |err| err[i].wide()) * row.sci[i];
            *e = (*e * *e + of_other * of_other).sqrt() / other.sci[i].wide().abs();
        }
    }
    unite(row.dq, other.dq);
}

/// Multiplies a row by a number.
pub(super) fn scale(row: Row<'_>, factor: f64) {
    for a in row.sci.iter_mut() {
        *a *= factor;
    }
    if let Some(err) = row.err {
        for e in err {
            *e *= factor.abs();
        }
    }
}

/// Unites masks.
pub(super) fn unite(dq: Option<&mut [u16]>, other: Option<&[u16]>) {
    if let (Some(dq), Some(other)) = (dq, other) {
        for (a, b) in dq.iter_mut().zip(other) {
            *a |= b;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use firstlight_frame::Image;

    fn frame(sci: f64, err: Option<f64>) -> CcdFrame<f64> {
        CcdFrame {
            sci: Image::filled(3, 2, sci),
            err: err.map(|err| Image::filled(3, 2, err)),
            dq: None,
            unit: CcdUnit::Adu,
        }
    }

    #[test]
    fn errors_are_those_of_independent_ones() {
        let of = |operation, mut b: CcdFrame<f64>| {
            let mut a = frame(12.0, Some(3.0));
            if matches!(operation, Operation::Multiply | Operation::Divide) {
                b.unit = CcdUnit::Dimensionless;
            }
            a.operate(operation, &b).unwrap();
            (a.sci[(1, 1)], a.err.unwrap()[(1, 1)])
        };
        assert_eq!(of(Operation::Add, frame(2.0, Some(4.0))), (14.0, 5.0));
        assert_eq!(of(Operation::Subtract, frame(2.0, Some(4.0))), (10.0, 5.0));
        assert_eq!(of(Operation::Subtract, frame(2.0, None)), (10.0, 3.0));
        // 3/12 and 0.5/2 are both 1/4: the relative error is √2/4.
        let (sci, err) = of(Operation::Multiply, frame(2.0, Some(0.5)));
        assert_eq!((sci, err), (24.0, 72f64.sqrt()));
        let (sci, err) = of(Operation::Divide, frame(2.0, Some(0.5)));
        assert!(sci == 6.0 && (err - 6.0 * 2f64.sqrt() / 4.0).abs() < 1e-12);
    }

    #[test]
    fn units_and_shapes_have_to_agree() {
        let mut a = frame(1.0, None);
        let mut b = frame(1.0, None);
        b.unit = CcdUnit::Electron;
        let error = a.operate(Operation::Subtract, &b).unwrap_err().to_string();
        assert!(error.contains("electron") && error.contains("adu"), "{error}");
        let small = CcdFrame::new(Image::filled(2, 2, 1.0f32), CcdUnit::Adu);
        assert!(matches!(
            a.operate(Operation::Add, &small),
            Err(Error::Shape { .. })
        ));
        assert_eq!(a, frame(1.0, None));
        b.unit = CcdUnit::Adu;
        a.operate(Operation::Divide, &b).unwrap();
        assert_eq!(a.unit, CcdUnit::Dimensionless);
    }

    #[test]
    fn masks_are_united_and_an_absent_uncertainty_is_zero() {
        let mut a = frame(1.0, None);
        let mut b = frame(1.0, Some(2.0));
        b.dq_mut()[(0, 1)] = 4;
        a.dq_mut()[(0, 1)] = 1;
        a.operate(Operation::Subtract, &b).unwrap();
        assert_eq!(a.dq.as_ref().unwrap()[(0, 1)], 5);
        assert_eq!(a.err.as_ref().unwrap()[(2, 1)], 2.0);
        a.scale(-3.0);
        assert_eq!(a.err.unwrap()[(2, 1)], 6.0);
    }
}
