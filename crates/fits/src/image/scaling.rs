//! From stored to physical values: BSCALE, BZERO, BLANK.

use super::sample::{Sample, Stored};
use crate::{Header, Result};

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

    #[inline]
    fn shifted<R: Stored, T: Sample>(&self, value: R) -> Option<T> {
        if let (Some(shift), Some(integer)) = (self.integer_shift(), value.integer()) {
            let sum = i128::from(integer) + shift;
            return match i64::try_from(sum) {
                Ok(sum) => T::from_i64(sum),
                Err(_) => T::from_u64(u64::try_from(sum).ok()?),
            };
        }
        T::from_f64(value.real() * self.bscale + self.bzero)
    }
}
