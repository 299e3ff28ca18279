//! The types a pixel can have.

use std::fmt::Debug;

/// A type that pixels are read into and written from.
///
/// The `from_*` functions give `None` where the value cannot be held: outside an integer's range, with a
/// fraction, or NaN. Reals are rounded to f32 without complaint.
pub trait Sample: Copy + Default + Debug + PartialEq + Send + Sync + sealed::Sealed + 'static {
    /// The type's name, as numpy has it.
    const NAME: &'static str;
    /// BITPIX of an image of this type.
    const BITPIX: i64;
    /// BZERO that makes FITS's signed (for bytes unsigned) integers hold this type; 0 for most.
    const BZERO: f64;
    /// Bytes of one sample.
    const SIZE: usize;
    /// From a value that all integers of up to 64 bits fit in.
    fn from_i64(value: i64) -> Option<Self>;
    /// From a value that all integers of up to 32 bits fit in; many are converted at once where 64 bits are not.
    fn from_i32(value: i32) -> Option<Self> {
        Self::from_i64(i64::from(value))
    }
    /// From an unsigned 64-bit integer.
    fn from_u64(value: u64) -> Option<Self>;
    /// From a real.
    fn from_f64(value: f64) -> Option<Self>;
    /// From a real of single precision.
    fn from_f32(value: f32) -> Option<Self> {
        Self::from_f64(f64::from(value))
    }
    /// As a real; 64-bit integers may be rounded.
    fn to_f64(self) -> f64;
    /// The big-endian bytes that stand in a file, BZERO taken off.
    fn put(self, bytes: &mut [u8]);
}

pub(crate) mod sealed {
    pub trait Sealed {}
}

fn whole(value: f64, low: f64, high: f64) -> bool {
    value.fract() == 0.0 && value >= low && value < high
}

macro_rules! integer {
    ($type:ty, $name:literal, $bitpix:literal, $bzero:expr, $stored:ty, $flip:expr) => {
        impl sealed::Sealed for $type {}
        impl Sample for $type {
            const NAME: &'static str = $name;
            const BITPIX: i64 = $bitpix;
            const BZERO: f64 = $bzero;
            const SIZE: usize = size_of::<$type>();
            #[inline]
            fn from_i64(value: i64) -> Option<Self> {
                Self::try_from(value).ok()
            }
            #[inline]
            fn from_u64(value: u64) -> Option<Self> {
                Self::try_from(value).ok()
            }
            #[inline]
            fn from_f64(value: f64) -> Option<Self> {
                // 2^bits is exact in f64 where MAX itself is not.
                let high = (Self::MAX / 2 + 1) as f64 * 2.0;
                whole(value, Self::MIN as f64, high).then_some(value as Self)
            }
            #[inline]
            fn to_f64(self) -> f64 {
                self as f64
            }
            #[inline]
            fn put(self, bytes: &mut [u8]) {
                bytes.copy_from_slice(&((self as $stored) ^ $flip).to_be_bytes());
            }
        }
    };
}
integer!(u8, "uint8", 8, 0.0, u8, 0);
integer!(i8, "int8", 8, -128.0, u8, 1 << 7);
integer!(i16, "int16", 16, 0.0, u16, 0);
integer!(u16, "uint16", 16, 32768.0, u16, 1 << 15);
integer!(i32, "int32", 32, 0.0, u32, 0);
integer!(u32, "uint32", 32, 2147483648.0, u32, 1 << 31);
integer!(i64, "int64", 64, 0.0, u64, 0);
integer!(u64, "uint64", 64, 9223372036854775808.0, u64, 1 << 63);

impl sealed::Sealed for f32 {}
impl Sample for f32 {
    const NAME: &'static str = "float32";
    const BITPIX: i64 = -32;
    const BZERO: f64 = 0.0;
    const SIZE: usize = 4;
    #[inline]
    fn from_i64(value: i64) -> Option<Self> {
        Some(value as f32)
    }
    #[inline]
    fn from_i32(value: i32) -> Option<Self> {
        Some(value as f32)
    }
    #[inline]
    fn from_u64(value: u64) -> Option<Self> {
        Some(value as f32)
    }
    #[inline]
    fn from_f64(value: f64) -> Option<Self> {
        Some(value as f32)
    }
    #[inline]
    fn from_f32(value: f32) -> Option<Self> {
        Some(value)
    }
    #[inline]
    fn to_f64(self) -> f64 {
        f64::from(self)
    }
    #[inline]
    fn put(self, bytes: &mut [u8]) {
        bytes.copy_from_slice(&self.to_be_bytes());
    }
}

impl sealed::Sealed for f64 {}
impl Sample for f64 {
    const NAME: &'static str = "float64";
    const BITPIX: i64 = -64;
    const BZERO: f64 = 0.0;
    const SIZE: usize = 8;
    #[inline]
    fn from_i64(value: i64) -> Option<Self> {
        Some(value as f64)
    }
    #[inline]
    fn from_i32(value: i32) -> Option<Self> {
        Some(value as f64)
    }
    #[inline]
    fn from_u64(value: u64) -> Option<Self> {
        Some(value as f64)
    }
    #[inline]
    fn from_f64(value: f64) -> Option<Self> {
        Some(value)
    }
    #[inline]
    fn to_f64(self) -> f64 {
        self
    }
    #[inline]
    fn put(self, bytes: &mut [u8]) {
        bytes.copy_from_slice(&self.to_be_bytes());
    }
}

/// A type that pixels are stored in: BITPIX 8, 16, 32, 64, -32, -64.
pub(crate) trait Stored: Copy + Send + Sync {
    const SIZE: usize;
    fn get(bytes: &[u8]) -> Self;
    fn real(self) -> f64;
    /// The integer, where this is one.
    fn integer(self) -> Option<i64>;
    fn to<T: Sample>(self) -> Option<T>;
}

macro_rules! stored {
    ($($type:ty: $integer:expr, $to:ident as $wide:ty;)*) => {$(
        impl Stored for $type {
            const SIZE: usize = size_of::<$type>();
            #[inline]
            fn get(bytes: &[u8]) -> Self {
                bytes.try_into().map_or(0 as $type, Self::from_be_bytes)
            }
            #[inline]
            fn real(self) -> f64 {
                self as f64
            }
            #[inline]
            fn integer(self) -> Option<i64> {
                let integer: fn($type) -> Option<i64> = $integer;
                integer(self)
            }
            #[inline]
            fn to<T: Sample>(self) -> Option<T> {
                T::$to(self as $wide)
            }
        }
    )*};
}
stored! {
    u8: |v| Some(i64::from(v)), from_i32 as i32;
    i16: |v| Some(i64::from(v)), from_i32 as i32;
    i32: |v| Some(i64::from(v)), from_i32 as i32;
    i64: |v| Some(v), from_i64 as i64;
    f32: |_| None, from_f32 as f32;
    f64: |_| None, from_f64 as f64;
}
