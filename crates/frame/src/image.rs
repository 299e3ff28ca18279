//! A two-dimensional array of samples.

use std::ops::{Index, IndexMut};

/// Two arrays, or an array and its data, do not agree in shape.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected an array of shape ({}, {}) but found {found} samples", expected.0, expected.1)]
pub struct ShapeError {
    /// Shape that was asked for, `(ny, nx)`.
    pub expected: (usize, usize),
    /// Number of samples that were given.
    pub found: usize,
}

/// An image of `ny` rows of `nx` samples, row after row.
#[derive(Debug, Clone, PartialEq)]
pub struct Image<T> {
    ny: usize,
    nx: usize,
    data: Vec<T>,
}

impl<T> Image<T> {
    /// Takes samples that are already in memory.
    ///
    /// # Errors
    /// [`ShapeError`] where `data` does not hold `ny * nx` samples.
    pub fn from_vec(ny: usize, nx: usize, data: Vec<T>) -> Result<Self, ShapeError> {
        if ny.checked_mul(nx) != Some(data.len()) {
            return Err(ShapeError {
                expected: (ny, nx),
                found: data.len(),
            });
        }
        Ok(Self { ny, nx, data })
    }

    /// Computes each sample from its position `(x, y)`.
    pub fn from_fn(ny: usize, nx: usize, mut sample: impl FnMut(usize, usize) -> T) -> Self {
        let mut data = Vec::with_capacity(ny * nx);
        for y in 0..ny {
            for x in 0..nx {
                data.push(sample(x, y));
            }
        }
        Self { ny, nx, data }
    }

    /// Number of rows.
    pub fn ny(&self) -> usize {
        self.ny
    }

    /// Number of samples in a row.
    pub fn nx(&self) -> usize {
        self.nx
    }

    /// `(ny, nx)`.
    pub fn shape(&self) -> (usize, usize) {
        (self.ny, self.nx)
    }

    /// Number of samples.
    pub fn len(&self) -> usize {
        self.data.len()
    }

    /// Whether there are no samples.
    pub fn is_empty(&self) -> bool {
        self.data.is_empty()
    }

    /// All samples, row after row.
    pub fn as_slice(&self) -> &[T] {
        &self.data
    }

    /// All samples, to be changed.
    pub fn as_mut_slice(&mut self) -> &mut [T] {
        &mut self.data
    }

    /// Gives the samples away.
    pub fn into_vec(self) -> Vec<T> {
        self.data
    }

    /// Row `y`.
    pub fn row(&self, y: usize) -> &[T] {
        &self.data[y * self.nx..(y + 1) * self.nx]
    }

    /// Row `y`, to be changed.
    pub fn row_mut(&mut self, y: usize) -> &mut [T] {
        &mut self.data[y * self.nx..(y + 1) * self.nx]
    }

    /// The sample at `(x, y)`, or `None` outside the image.
    pub fn get(&self, x: usize, y: usize) -> Option<&T> {
        (x < self.nx && y < self.ny).then(|| &self.data[y * self.nx + x])
    }

    /// A new image of the same shape, sample by sample.
    pub fn map<U>(&self, f: impl FnMut(&T) -> U) -> Image<U> {
        Image {
            ny: self.ny,
            nx: self.nx,
            data: self.data.iter().map(f).collect(),
        }
    }
}

impl<T: Clone> Image<T> {
    /// An image with the same value everywhere.
    pub fn filled(ny: usize, nx: usize, value: T) -> Self {
        Self {
            ny,
            nx,
            data: vec![value; ny * nx],
        }
    }
}

/// `image[(y, x)]`, as arrays are written.
impl<T> Index<(usize, usize)> for Image<T> {
    type Output = T;
    fn index(&self, (y, x): (usize, usize)) -> &T {
        &self.row(y)[x]
    }
}

impl<T> IndexMut<(usize, usize)> for Image<T> {
    fn index_mut(&mut self, (y, x): (usize, usize)) -> &mut T {
        &mut self.row_mut(y)[x]
    }
}
