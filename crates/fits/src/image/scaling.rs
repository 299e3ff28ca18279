//! From stored to physical values: BSCALE, BZERO, BLANK.

use super::array::{Array, Pixels};
use super::sample::{Sample, Stored};
use crate::{Error, Header, Result};

/// How stored values become physical ones.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Scaling {
    pub(crate) bitpix: i64,
    pub(crate) bscale: f64,
    pub(crate) bzero: f64,
    /// Only of integer images.
    pub(crate) blank: Option<i64>,
}

impl Scaling {
    pub(crate) fn of(header: &Header) -> Result<Self> {
        let bitpix = header.require_integer("BITPIX")?;
        let number = |keyword, default| match header.contains(keyword) {
            true => header.require_real(keyword),
            false => Ok(default),
        };
        let blank = if bitpix > 0 { header.integer("BLANK") } else { None };
        Ok(Self {
            bitpix,
            bscale: number("BSCALE", 1.0)?,
            bzero: number("BZERO", 0.0)?,
            blank,
        })
    }

    /// Whether stored values are the physical ones.
    pub(crate) fn is_identity(&self) -> bool {
        self.bscale == 1.0 && self.bzero == 0.0
    }

    /// Whether BZERO only shifts integers, as it does for unsigned ones.
    pub(crate) fn integer_shift(&self) -> Option<i128> {
        let whole = self.bitpix > 0 && self.bscale == 1.0 && self.bzero.fract() == 0.0;
        (whole && self.bzero.abs() < 1e30).then_some(self.bzero as i128)
    }

    /// The same where no sum can leave 64 bits.
    pub(crate) fn small_shift(&self) -> Option<i64> {
        let shift = self.integer_shift().filter(|_| self.bitpix < 64)?;
        i64::try_from(shift)
            .ok()
            .filter(|shift| shift.unsigned_abs() < 1 << 62)
    }

    /// BZERO that stands for the other signedness.
    pub(crate) fn is_other_sign(&self) -> bool {
        let usual = match self.bitpix {
            8 => -128.0,
            16 => 32768.0,
            32 => 2147483648.0,
            64 => 9223372036854775808.0,
            _ => return false,
        };
        self.bscale == 1.0 && self.bzero == usual
    }

    /// The physical value as `T`; BLANK is NaN, which only floats can hold.
    #[inline]
    pub(crate) fn apply<R: Stored, T: Sample>(&self, value: R) -> Option<T> {
        if let Some(blank) = self.blank
            && value.integer() == Some(blank)
        {
            // Integers have no NaN: there the blank keeps its stored number.
            return T::from_f64(f64::NAN).or_else(|| self.shifted(value));
        }
        self.shifted(value)
    }

    /// Physical values as stored bytes, big-endian: the reverse of [`Scaling::apply`]. Of integers, NaN
    /// becomes BLANK where there is one, and other reals are rounded.
    pub(crate) fn store<T: Sample>(&self, samples: &[T], bytes: &mut [u8]) -> Result<()> {
        let size = self.bitpix.unsigned_abs() as usize / 8;
        let same = T::BITPIX == self.bitpix && self.bscale == 1.0 && T::BZERO == self.bzero;
        for (index, (&sample, out)) in samples.iter().zip(bytes.chunks_exact_mut(size)).enumerate() {
            if same {
                sample.put(out);
                continue;
            }
            let stored = match (sample.to_f64(), self.blank) {
                (value, Some(blank)) if value.is_nan() => blank as f64,
                (value, _) => (value - self.bzero) / self.bscale,
            };
            let fits = match self.bitpix {
                8 => u8::from_f64(stored.round()).map(|v| v.put(out)),
                16 => i16::from_f64(stored.round()).map(|v| v.put(out)),
                32 => i32::from_f64(stored.round()).map(|v| v.put(out)),
                64 => i64::from_f64(stored.round()).map(|v| v.put(out)),
                -32 => f32::from_f64(stored).map(|v| v.put(out)),
                _ => f64::from_f64(stored).map(|v| v.put(out)),
            };
            fits.ok_or_else(|| Error::OutOfRange {
                index,
                value: sample.to_f64().to_string(),
                requested: "the image's stored type",
            })?;
        }
        Ok(())
    }

    #[inline]
    fn shifted<R: Stored, T: Sample>(&self, value: R) -> Option<T> {
        if let (Some(shift), Some(integer)) = (self.integer_shift(), value.integer()) {
            let sum = i128::from(integer) + shift;
            return match i64::try_from(sum) {
                Ok(sum) => T::from_i64(sum),
                Err(_) => T::from_u64(u64::try_from(sum).ok()?),
            };
        }
        if T::BITPIX == -32 && matches!(self.bitpix, 8 | 16 | -32) {
            // In single precision throughout, as numpy computes it, so that readings agree to the last bit.
            return T::from_f32(value.real() as f32 * self.bscale as f32 + self.bzero as f32);
        }
        T::from_f64(value.real() * self.bscale + self.bzero)
    }
}

/// Stored samples of a type that shows only when they are read.
pub(super) trait Decode: Sized {
    fn scaling(&self) -> Scaling;

    /// The physical values.
    fn decode<T: Sample>(self) -> Result<Array<T>>;

    /// The physical values in the type that suits them best: as stored; unsigned where BZERO says so;
    /// else f32 for up to 16 bits and f64 for more.
    fn pixels(self) -> Result<Pixels> {
        let scaling = self.scaling();
        Ok(
            match (scaling.bitpix, scaling.is_identity() && scaling.blank.is_none()) {
                (8, true) => Pixels::U8(self.decode()?),
                (16, true) => Pixels::I16(self.decode()?),
                (32, true) => Pixels::I32(self.decode()?),
                (64, true) => Pixels::I64(self.decode()?),
                (8, _) if scaling.is_other_sign() => Pixels::I8(self.decode()?),
                (16, _) if scaling.is_other_sign() => Pixels::U16(self.decode()?),
                (32, _) if scaling.is_other_sign() => Pixels::U32(self.decode()?),
                (64, _) if scaling.is_other_sign() => Pixels::U64(self.decode()?),
                (32 | 64 | -64, _) => Pixels::F64(self.decode()?),
                _ => Pixels::F32(self.decode()?),
            },
        )
    }
}
