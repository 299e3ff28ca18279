//! The output while it is being made.

use crate::{Error, Result};

/// Bits in a plane of the context image.
const IMAGES_PER_PLANE: usize = 32;

/// What an output pixel has received.
///
/// `weighted` is the sum of weight times value; while the weight is still 0 it is instead the value the
/// pixel is left with, NaN where nothing touched it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sum {
    pub(crate) weighted: f64,
    pub(crate) weight: f64,
}

impl Sum {
    const NOTHING: Self = Self {
        weighted: f64::NAN,
        weight: 0.0,
    };

    #[inline(always)]
    pub(crate) fn add(&mut self, value: f64, weight: f64) {
        if self.weight != 0.0 {
            self.weighted += weight * value;
            self.weight += weight;
        } else if weight != 0.0 {
            *self = Self {
                weighted: weight * value,
                weight,
            };
        } else {
            self.weighted = value;
        }
    }

    #[inline(always)]
    fn mean(self) -> f64 {
        if self.weight == 0.0 {
            self.weighted
        } else {
            self.weighted / self.weight
        }
    }
}

/// Which planes are carried besides image and weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Planes {
    /// One bit per input image and output pixel: whether the image contributed with a positive weight.
    pub context: bool,
    /// The variance of the weighted mean. Correlation between neighbouring output pixels is not tracked.
    pub variance: bool,
}

/// What output pixels are that no input with any weight has reached.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Fill {
    /// As they are: NaN, or the value left by a sample of zero weight under [`crate::Rules::AstroDrizzle`].
    #[default]
    Indef,
    /// This value.
    Value(f32),
}

/// Sums over all inputs so far, for each pixel of the output.
#[derive(Debug, Clone)]
pub struct Accumulator {
    ny: usize,
    nx: usize,
    sums: Vec<Sum>,
    variance: Option<Vec<f64>>,
    context: Option<Vec<Vec<i32>>>,
}

impl Accumulator {
    /// Bytes that an accumulator of this size takes for so many images, or `None` where that is beyond
    /// counting.
    pub fn bytes(ny: usize, nx: usize, planes: Planes, images: usize) -> Option<u64> {
        let context = if planes.context {
            4 * images.div_ceil(IMAGES_PER_PLANE).max(1)
        } else {
            0
        };
        let each = 16 + if planes.variance { 8 } else { 0 } + context;
        (ny as u64).checked_mul(nx as u64)?.checked_mul(each as u64)
    }

    /// An output of `ny` rows of `nx` pixels that has received nothing.
    ///
    /// # Errors
    /// [`Error::TooLarge`] where it does not fit in memory.
    pub fn new(ny: usize, nx: usize, planes: Planes) -> Result<Self> {
        let too_large = || Error::TooLarge { nx, ny };
        let len = ny.checked_mul(nx).ok_or_else(too_large)?;
        let mut sums = Vec::new();
        sums.try_reserve_exact(len).map_err(|_| too_large())?;
        sums.resize(len, Sum::NOTHING);
        let variance = if planes.variance {
            Some(zeros(len).ok_or_else(too_large)?)
        } else {
            None
        };
        let context = planes.context.then(Vec::new);
        Ok(Self {
            ny,
            nx,
            sums,
            variance,
            context,
        })
    }

    /// Rows.
    pub fn ny(&self) -> usize {
        self.ny
    }

    /// Columns.
    pub fn nx(&self) -> usize {
        self.nx
    }

    /// Whether variance is carried.
    pub fn carries_variance(&self) -> bool {
        self.variance.is_some()
    }

    /// The weighted mean of all inputs, row after row.
    pub fn image(&self, fill: Fill) -> Vec<f32> {
        self.sums
            .iter()
            .map(|&sum| filled(sum, fill, |sum| sum.mean()))
            .collect()
    }

    /// The sum of weights, row after row.
    pub fn weight(&self) -> Vec<f32> {
        self.sums.iter().map(|sum| sum.weight as f32).collect()
    }

    /// The variance of the weighted mean, row after row: `Σ w² v / (Σ w)²`. Pixels without weight are NaN
    /// or the fill value.
    pub fn variance(&self, fill: Fill) -> Option<Vec<f32>> {
        let weighted = self.variance.as_ref()?;
        let missing = match fill {
            Fill::Indef => f32::NAN,
            Fill::Value(value) => value,
        };
        let mean = |(sum, v): (&Sum, &f64)| {
            if sum.weight == 0.0 {
                missing
            } else {
                (v / (sum.weight * sum.weight)) as f32
            }
        };
        Some(self.sums.iter().zip(weighted).map(mean).collect())
    }

    /// The context planes, each row after row: bit `i % 32` of plane `i / 32` tells of image `i`.
    pub fn context(&self) -> Option<&[Vec<i32>]> {
        self.context.as_deref()
    }

    /// Takes the context planes out.
    pub fn take_context(&mut self) -> Option<Vec<Vec<i32>>> {
        self.context.take()
    }

    /// Makes room for image `image` in the context.
    pub(crate) fn reserve_image(&mut self, image: usize) -> Result<()> {
        if let Some(planes) = &mut self.context {
            while planes.len() <= image / IMAGES_PER_PLANE {
                let plane = zeros(self.sums.len());
                planes.push(plane.ok_or(Error::TooLarge {
                    nx: self.nx,
                    ny: self.ny,
                })?);
            }
        }
        Ok(())
    }

    /// Cuts rows `rows` into bands of at most `height` rows, to be filled independently.
    pub(crate) fn bands(
        &mut self,
        rows: std::ops::Range<usize>,
        height: usize,
        image: usize,
    ) -> Vec<Band<'_>> {
        let (nx, of, samples) = (self.nx, self.ny, rows.start * self.nx..rows.end * self.nx);
        let chunk = (height * nx).max(1);
        let plane = self
            .context
            .as_mut()
            .and_then(|planes| planes.get_mut(image / IMAGES_PER_PLANE));
        let bit = 1_i32 << (image % IMAGES_PER_PLANE);
        let mut context = plane.map(|plane| plane[samples.clone()].chunks_mut(chunk));
        let mut variance = self
            .variance
            .as_mut()
            .map(|variance| variance[samples.clone()].chunks_mut(chunk));
        let cut = |(i, sums)| Band {
            first: rows.start + i * height,
            nx,
            of,
            sums,
            variance: variance.as_mut().and_then(Iterator::next),
            context: context.as_mut().and_then(Iterator::next),
            bit,
        };
        self.sums[samples]
            .chunks_mut(chunk)
            .enumerate()
            .map(cut)
            .collect()
    }
}

fn filled(sum: Sum, fill: Fill, value: impl Fn(Sum) -> f64) -> f32 {
    match fill {
        Fill::Value(fill) if sum.weight == 0.0 => fill,
        _ => value(sum) as f32,
    }
}

fn zeros<T: Copy + Default>(len: usize) -> Option<Vec<T>> {
    let mut zeros = Vec::new();
    zeros.try_reserve_exact(len).ok()?;
    zeros.resize(len, T::default());
    Some(zeros)
}

/// Some rows of the output, written by one thread.
pub(crate) struct Band<'a> {
    /// Output row of the first row here.
    pub(crate) first: usize,
    pub(crate) nx: usize,
    /// Rows of the whole output.
    pub(crate) of: usize,
    sums: &'a mut [Sum],
    variance: Option<&'a mut [f64]>,
    context: Option<&'a mut [i32]>,
    bit: i32,
}

impl Band<'_> {
    /// Number of rows.
    pub(crate) fn ny(&self) -> usize {
        self.sums.len().checked_div(self.nx).unwrap_or(0)
    }

    /// Adds `value` with `weight` to column `x` of row `y`, counted from the band's first row.
    #[inline(always)]
    pub(crate) fn add(&mut self, x: usize, y: usize, value: f64, weight: f64, variance: f64) {
        let at = y * self.nx + x;
        let Some(sum) = self.sums.get_mut(at) else { return };
        sum.add(value, weight);
        if let Some(bits) = self
            .context
            .as_deref_mut()
            .and_then(|context| context.get_mut(at))
            && weight > 0.0
        {
            *bits |= self.bit;
        }
        if let Some(sum) = self
            .variance
            .as_deref_mut()
            .and_then(|variance| variance.get_mut(at))
        {
            *sum += weight * weight * variance;
        }
    }
}
