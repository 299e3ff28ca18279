//! Borrowed images.

use crate::{Error, Result};
use firstlight_frame::Image;
use std::ops::Range;

/// An image of shape `(ny, nx)`, row after row, that belongs to someone else.
#[derive(Debug)]
pub struct Plane<'a, T> {
    shape: (usize, usize),
    samples: &'a [T],
}

impl<T> Clone for Plane<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Plane<'_, T> {}

impl<'a, T> Plane<'a, T> {
    /// Looks at samples that are in memory row after row.
    ///
    /// # Errors
    /// [`Error::SampleCount`] where their number is not `ny * nx`.
    pub fn new(shape: (usize, usize), samples: &'a [T]) -> Result<Self> {
        if shape.0.checked_mul(shape.1) != Some(samples.len()) {
            return Err(Error::SampleCount {
                expected: shape,
                found: samples.len(),
            });
        }
        Ok(Self { shape, samples })
    }

    /// `(ny, nx)`.
    pub fn shape(&self) -> (usize, usize) {
        self.shape
    }

    /// The samples, row after row.
    pub(crate) fn samples(&self) -> &'a [T] {
        self.samples
    }

    /// Columns of a row; both have to be inside.
    pub(crate) fn columns(&self, row: i64, columns: &Range<i64>) -> &'a [T] {
        let start = row as usize * self.shape.1;
        &self.samples[start + columns.start as usize..start + columns.end as usize]
    }
}

impl<T: Copy> Plane<'_, T> {
    /// A sample; row and column have to be inside.
    pub(crate) fn at(&self, row: i64, column: i64) -> T {
        self.samples[row as usize * self.shape.1 + column as usize]
    }
}

impl<'a, T> From<&'a Image<T>> for Plane<'a, T> {
    fn from(image: &'a Image<T>) -> Self {
        Self {
            shape: image.shape(),
            samples: image.as_slice(),
        }
    }
}

/// What is measured: data, and what is known of them.
#[derive(Debug, Clone, Copy)]
pub struct Planes<'a, T> {
    data: Plane<'a, T>,
    error: Option<Plane<'a, T>>,
    mask: Option<Plane<'a, bool>>,
}

impl<'a, T> Planes<'a, T> {
    /// Data alone. Nothing is left out: a NaN in an aperture makes its sum NaN.
    pub fn new(data: impl Into<Plane<'a, T>>) -> Self {
        Self {
            data: data.into(),
            error: None,
            mask: None,
        }
    }

    /// With the standard deviation of each sample, all sources of error included; they are taken to be
    /// independent.
    ///
    /// # Errors
    /// [`Error::ShapeMismatch`].
    pub fn with_error(self, error: impl Into<Plane<'a, T>>) -> Result<Self> {
        let error = error.into();
        self.same_shape("error", error.shape)?;
        Ok(Self {
            error: Some(error),
            ..self
        })
    }

    /// With a mask: samples where it is true count for nothing, be they NaN or not.
    ///
    /// # Errors
    /// [`Error::ShapeMismatch`].
    pub fn with_mask(self, mask: impl Into<Plane<'a, bool>>) -> Result<Self> {
        let mask = mask.into();
        self.same_shape("mask", mask.shape)?;
        Ok(Self {
            mask: Some(mask),
            ..self
        })
    }

    /// The data.
    pub fn data(&self) -> Plane<'a, T> {
        self.data
    }

    /// The standard deviations, where they are known.
    pub fn error(&self) -> Option<Plane<'a, T>> {
        self.error
    }

    /// The mask, where there is one.
    pub fn mask(&self) -> Option<Plane<'a, bool>> {
        self.mask
    }

    fn same_shape(&self, plane: &'static str, found: (usize, usize)) -> Result<()> {
        if found == self.data.shape {
            return Ok(());
        }
        Err(Error::ShapeMismatch {
            plane,
            expected: self.data.shape,
            found,
        })
    }
}
