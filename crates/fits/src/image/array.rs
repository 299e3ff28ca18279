//! Arrays of any number of axes, slowest first.

use super::sample::Sample;
use crate::{Error, Result};

/// An image as it is read: `shape` is `[ny, nx]` for two axes, slowest first (the reverse of NAXIS order).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Array<T> {
    /// Lengths of the axes, slowest first.
    pub shape: Vec<usize>,
    /// The samples, row after row.
    pub data: Vec<T>,
}

impl<T> Array<T> {
    /// An array of samples that are already in memory.
    ///
    /// # Errors
    /// [`Error::WrongShape`] where `data` does not fill `shape`.
    pub fn new(shape: Vec<usize>, data: Vec<T>) -> Result<Self> {
        check(&shape, data.len())?;
        Ok(Self { shape, data })
    }

    /// `(ny, nx)` of an array of two axes; axes of length 1 in front of them are let pass, and one axis
    /// alone is one row.
    ///
    /// # Errors
    /// [`Error::WrongShape`] for everything else.
    pub fn plane(&self) -> Result<(usize, usize)> {
        match self.shape.as_slice() {
            [nx] => Ok((1, *nx)),
            [front @ .., ny, nx] if front.iter().all(|&n| n == 1) => Ok((*ny, *nx)),
            other => Err(Error::WrongShape {
                expected: "an image of two axes".to_owned(),
                found: format!("an array of shape {other:?}"),
            }),
        }
    }
}

fn check(shape: &[usize], found: usize) -> Result<()> {
    let expected = shape.iter().try_fold(1usize, |n, &axis| n.checked_mul(axis));
    // An array without axes holds nothing, not one sample.
    let expected = if shape.is_empty() { Some(0) } else { expected };
    if expected == Some(found) {
        return Ok(());
    }
    Err(Error::WrongShape {
        expected: format!("an array of shape {shape:?}"),
        found: format!("{found} samples"),
    })
}

/// Samples to be written, borrowed: from an [`Array`], or from a slice with its shape.
#[derive(Debug, Clone)]
pub struct ArrayView<'a, T> {
    shape: Vec<usize>,
    data: &'a [T],
}

impl<'a, T> ArrayView<'a, T> {
    /// Samples row after row and their shape, slowest axis first.
    ///
    /// # Errors
    /// [`Error::WrongShape`] where `data` does not fill `shape`.
    pub fn new(shape: &[usize], data: &'a [T]) -> Result<Self> {
        check(shape, data.len())?;
        Ok(Self {
            shape: shape.to_vec(),
            data,
        })
    }

    /// Lengths of the axes, slowest first.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The samples, row after row.
    pub fn data(&self) -> &'a [T] {
        self.data
    }

    /// Fails where the data do not fill the shape, which a hand-made [`Array`] can get wrong.
    pub(crate) fn check(&self) -> Result<()> {
        check(&self.shape, self.data.len())
    }
}

impl<'a, T> From<&'a Array<T>> for ArrayView<'a, T> {
    fn from(array: &'a Array<T>) -> Self {
        Self {
            shape: array.shape.clone(),
            data: &array.data,
        }
    }
}

/// `(samples, (ny, nx))`; a shape that does not fit shows when the array is written.
impl<'a, T> From<(&'a [T], (usize, usize))> for ArrayView<'a, T> {
    fn from((data, (ny, nx)): (&'a [T], (usize, usize))) -> Self {
        Self {
            shape: vec![ny, nx],
            data,
        }
    }
}

macro_rules! pixels {
    ($($variant:ident($type:ty)),*) => {
        /// Pixels in the type that suits an image best.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Pixels {
            $(#[doc = concat!("Samples of type `", stringify!($type), "`.")] $variant(Array<$type>),)*
        }

        impl Pixels {
            /// Lengths of the axes, slowest first.
            pub fn shape(&self) -> &[usize] {
                match self { $(Pixels::$variant(array) => &array.shape,)* }
            }

            /// Number of samples.
            pub fn len(&self) -> usize {
                match self { $(Pixels::$variant(array) => array.data.len(),)* }
            }

            /// Whether there are no samples.
            pub fn is_empty(&self) -> bool {
                self.len() == 0
            }

            /// The type's name, as numpy has it: `int16`, `float32`, ….
            pub fn type_name(&self) -> &'static str {
                match self { $(Pixels::$variant(_) => <$type>::NAME,)* }
            }

            /// The samples as f64; 64-bit integers may be rounded.
            pub fn to_f64(&self) -> Array<f64> {
                match self {
                    $(Pixels::$variant(array) => Array {
                        shape: array.shape.clone(),
                        data: array.data.iter().map(|v| v.to_f64()).collect(),
                    },)*
                }
            }
        }

        $(impl From<Array<$type>> for Pixels {
            fn from(array: Array<$type>) -> Self {
                Pixels::$variant(array)
            }
        })*
    };
}
pixels!(
    U8(u8),
    I8(i8),
    I16(i16),
    U16(u16),
    I32(i32),
    U32(u32),
    I64(i64),
    U64(u64),
    F32(f32),
    F64(f64)
);
