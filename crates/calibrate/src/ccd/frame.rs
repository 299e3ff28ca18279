//! A frame of a CCD: science, its uncertainty, its mask, and its unit.

use super::CcdUnit;
use crate::{Error, Result};
use firstlight_frame::Image;
use std::ops::Range;

/// Precision of a frame's samples: `f32` or `f64`.
pub trait Real:
    Copy + Default + Send + Sync + PartialEq + std::fmt::Debug + sealed::Sealed + 'static
{
    /// In double precision.
    fn wide(self) -> f64;
    /// From double precision, rounded.
    fn narrow(value: f64) -> Self;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
}

impl Real for f32 {
    #[inline]
    fn wide(self) -> f64 {
        f64::from(self)
    }
    #[inline]
    fn narrow(value: f64) -> Self {
        value as f32
    }
}

impl Real for f64 {
    #[inline]
    fn wide(self) -> f64 {
        self
    }
    #[inline]
    fn narrow(value: f64) -> Self {
        value
    }
}

/// One frame. Planes that are there are of equal shape, which [`CcdFrame::check`] makes sure of.
#[derive(Debug, Clone, PartialEq)]
pub struct CcdFrame<T = f32> {
    /// Science, in `unit`.
    pub sci: Image<T>,
    /// One standard deviation of `sci`, in `unit`; none is as good as zero.
    pub err: Option<Image<T>>,
    /// Data-quality bits of [`super::dq`], 0 for a good pixel; none is good everywhere.
    pub dq: Option<Image<u16>>,
    /// What `sci` and `err` count.
    pub unit: CcdUnit,
}

impl<T> CcdFrame<T> {
    /// A frame without uncertainty and mask.
    pub fn new(sci: Image<T>, unit: CcdUnit) -> Self {
        Self {
            sci,
            err: None,
            dq: None,
            unit,
        }
    }

    /// `(ny, nx)`.
    pub fn shape(&self) -> (usize, usize) {
        self.sci.shape()
    }

    /// Refuses planes that differ in shape.
    ///
    /// # Errors
    /// [`Error::Shape`].
    pub fn check(&self) -> Result<()> {
        let expected = self.shape();
        let shapes = [
            ("the uncertainty", self.err.as_ref().map(Image::shape)),
            ("the mask", self.dq.as_ref().map(Image::shape)),
        ];
        for (what, found) in shapes {
            if let Some(found) = found.filter(|found| *found != expected) {
                return Err(Error::Shape {
                    what: what.to_owned(),
                    expected,
                    found,
                });
            }
        }
        Ok(())
    }

    /// Whether the pixel at index `i`, row after row, is good.
    pub fn is_good(&self, i: usize) -> bool {
        self.dq.as_ref().is_none_or(|dq| dq.as_slice()[i] == 0)
    }

    /// Which pixels are masked, by any bit; none where there is no mask.
    pub fn mask(&self) -> Option<Image<bool>> {
        self.dq.as_ref().map(|dq| dq.map(|bits| *bits != 0))
    }

    /// Gives pixels `bits` where `which`, in the order of their samples, is true; the mask is made where it is not there.
    pub(super) fn flag(&mut self, which: &[bool], bits: u16) {
        for (own, &flagged) in self.dq_mut().as_mut_slice().iter_mut().zip(which) {
            *own |= if flagged { bits } else { 0 };
        }
    }

    /// How many pixels are masked, by any bit.
    pub(super) fn masked(&self) -> usize {
        let dq = self.dq.as_ref().map_or(&[][..], Image::as_slice);
        dq.iter().filter(|&&bits| bits != 0).count()
    }

    /// The mask, made where it is not there.
    pub fn dq_mut(&mut self) -> &mut Image<u16> {
        let (ny, nx) = self.shape();
        self.dq.get_or_insert_with(|| Image::filled(ny, nx, 0))
    }
}

impl<T: Real> CcdFrame<T> {
    /// The uncertainty, made of zeros where it is not there.
    pub fn err_mut(&mut self) -> &mut Image<T> {
        let (ny, nx) = self.shape();
        self.err
            .get_or_insert_with(|| Image::filled(ny, nx, T::default()))
    }

    /// A part of the frame, copied.
    ///
    /// # Errors
    /// [`Error::Shape`] where it does not lie in the frame, or is empty.
    pub fn cut(&self, rows: Range<usize>, columns: Range<usize>) -> Result<Self> {
        let (ny, nx) = self.shape();
        if rows.is_empty() || columns.is_empty() || rows.end > ny || columns.end > nx {
            return Err(Error::Shape {
                what: format!("the frame, of which rows {rows:?} and columns {columns:?} are wanted,"),
                expected: (rows.end, columns.end),
                found: (ny, nx),
            });
        }
        Ok(Self {
            sci: cut(&self.sci, &rows, &columns),
            err: self.err.as_ref().map(|err| cut(err, &rows, &columns)),
            dq: self.dq.as_ref().map(|dq| cut(dq, &rows, &columns)),
            unit: self.unit.clone(),
        })
    }

    /// The frame in another precision.
    pub fn to<U: Real>(&self) -> CcdFrame<U> {
        let convert = |image: &Image<T>| image.map(|value| U::narrow(value.wide()));
        CcdFrame {
            sci: convert(&self.sci),
            err: self.err.as_ref().map(convert),
            dq: self.dq.clone(),
            unit: self.unit.clone(),
        }
    }
}

fn cut<T: Copy>(image: &Image<T>, rows: &Range<usize>, columns: &Range<usize>) -> Image<T> {
    Image::from_fn(rows.len(), columns.len(), |x, y| {
        image.row(rows.start + y)[columns.start + x]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planes_of_other_shapes_are_refused() {
        let mut frame = CcdFrame::new(Image::filled(2, 3, 1.0f32), CcdUnit::Adu);
        assert!(frame.check().is_ok());
        frame.dq = Some(Image::filled(3, 2, 0));
        let error = frame.check().unwrap_err().to_string();
        assert!(error.contains("the mask has shape (3, 2)"), "{error}");
    }

    #[test]
    fn a_part_has_all_planes() {
        let mut frame = CcdFrame::new(Image::from_fn(4, 5, |x, y| (10 * y + x) as f32), CcdUnit::Adu);
        frame.dq_mut()[(2, 3)] = 4;
        frame.err_mut()[(1, 3)] = 0.5;
        let part = frame.cut(1..3, 2..4).unwrap();
        assert_eq!(part.sci.as_slice(), [12.0, 13.0, 22.0, 23.0]);
        assert_eq!(part.err.unwrap().as_slice(), [0.0, 0.5, 0.0, 0.0]);
        assert_eq!(part.dq.unwrap().as_slice(), [0, 0, 0, 4]);
        assert!(frame.cut(1..5, 0..2).is_err());
        assert!(frame.cut(1..1, 0..2).is_err());
    }
}
