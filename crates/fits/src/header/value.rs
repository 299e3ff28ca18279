//! The value of a card.

use std::fmt;

/// What stands after the `= ` of a card.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `T` or `F`.
    Logical(bool),
    /// An integer that fits in 64 bits.
    Integer(i64),
    /// A real number; also integers too large for 64 bits.
    Real(f64),
    /// A complex number.
    Complex(f64, f64),
    /// A string, trailing blanks removed.
    Text(String),
    /// `= ` followed by nothing.
    Undefined,
}

impl Value {
    /// The number, where there is one.
    pub fn as_real(&self) -> Option<f64> {
        match *self {
            Value::Integer(value) => Some(value as f64),
            Value::Real(value) => Some(value),
            _ => None,
        }
    }

    /// The integer; also of a real without fraction.
    pub fn as_integer(&self) -> Option<i64> {
        match *self {
            Value::Integer(value) => Some(value),
            Value::Real(value) if value.fract() == 0.0 && value.abs() < 9.0e15 => Some(value as i64),
            _ => None,
        }
    }
}

/// As it would be read by a person: strings without quotes, `T`/`F`, nothing for undefined.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Logical(value) => f.write_str(if *value { "T" } else { "F" }),
            Value::Integer(value) => write!(f, "{value}"),
            Value::Real(value) => f.write_str(&super::text::format_real(*value)),
            Value::Complex(re, im) => {
                write!(
                    f,
                    "({}, {})",
                    super::text::format_real(*re),
                    super::text::format_real(*im)
                )
            }
            Value::Text(value) => f.write_str(value),
            Value::Undefined => Ok(()),
        }
    }
}

macro_rules! from {
    ($($type:ty => $variant:ident as $target:ty),*) => {$(
        impl From<$type> for Value {
            fn from(value: $type) -> Self {
                Value::$variant(<$target>::from(value))
            }
        }
    )*};
}
from!(bool => Logical as bool, i16 => Integer as i64, i32 => Integer as i64, i64 => Integer as i64,
      u16 => Integer as i64, u32 => Integer as i64, f64 => Real as f64, &str => Text as String,
      String => Text as String);

impl From<f32> for Value {
    /// The shortest decimal that reads back as the same f32, not its f64 tail.
    fn from(value: f32) -> Self {
        Value::Real(value.to_string().parse().unwrap_or(f64::from(value)))
    }
}

impl From<usize> for Value {
    fn from(value: usize) -> Self {
        Value::Integer(value as i64)
    }
}
