//! The values of a column, all elements one after another.

/// The elements of a column. How many belong to one row is told by [`Cells`].
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ColumnData {
    /// `T` or `F`; undefined ones are nulls.
    Logical(Vec<bool>),
    /// Bits, as FITS's `X` packs them.
    Bits(Vec<bool>),
    /// Unsigned bytes.
    U8(Vec<u8>),
    /// Signed bytes.
    I8(Vec<i8>),
    /// 16-bit integers.
    I16(Vec<i16>),
    /// Unsigned 16-bit integers.
    U16(Vec<u16>),
    /// 32-bit integers.
    I32(Vec<i32>),
    /// Unsigned 32-bit integers.
    U32(Vec<u32>),
    /// 64-bit integers.
    I64(Vec<i64>),
    /// Unsigned 64-bit integers.
    U64(Vec<u64>),
    /// Single-precision reals.
    F32(Vec<f32>),
    /// Double-precision reals.
    F64(Vec<f64>),
    /// Single-precision complex numbers, real part first.
    C32(Vec<[f32; 2]>),
    /// Double-precision complex numbers, real part first.
    C64(Vec<[f64; 2]>),
    /// Strings, without the blanks at their ends.
    Text(Vec<String>),
}

/// Runs the same expression on the vector of whichever variant there is.
macro_rules! each {
    ($data:expr, $values:ident => $body:expr) => {
        match $data {
            ColumnData::Logical($values) | ColumnData::Bits($values) => $body,
            ColumnData::U8($values) => $body,
            ColumnData::I8($values) => $body,
            ColumnData::I16($values) => $body,
            ColumnData::U16($values) => $body,
            ColumnData::I32($values) => $body,
            ColumnData::U32($values) => $body,
            ColumnData::I64($values) => $body,
            ColumnData::U64($values) => $body,
            ColumnData::F32($values) => $body,
            ColumnData::F64($values) => $body,
            ColumnData::C32($values) => $body,
            ColumnData::C64($values) => $body,
            ColumnData::Text($values) => $body,
        }
    };
}

/// Makes the same variant from another vector.
macro_rules! same {
    ($data:expr, $values:ident => $body:expr) => {
        match $data {
            ColumnData::Logical($values) => ColumnData::Logical($body),
            ColumnData::Bits($values) => ColumnData::Bits($body),
            ColumnData::U8($values) => ColumnData::U8($body),
            ColumnData::I8($values) => ColumnData::I8($body),
            ColumnData::I16($values) => ColumnData::I16($body),
            ColumnData::U16($values) => ColumnData::U16($body),
            ColumnData::I32($values) => ColumnData::I32($body),
            ColumnData::U32($values) => ColumnData::U32($body),
            ColumnData::I64($values) => ColumnData::I64($body),
            ColumnData::U64($values) => ColumnData::U64($body),
            ColumnData::F32($values) => ColumnData::F32($body),
            ColumnData::F64($values) => ColumnData::F64($body),
            ColumnData::C32($values) => ColumnData::C32($body),
            ColumnData::C64($values) => ColumnData::C64($body),
            ColumnData::Text($values) => ColumnData::Text($body),
        }
    };
}

impl ColumnData {
    /// Number of elements in all rows together.
    pub fn len(&self) -> usize {
        each!(self, values => values.len())
    }

    /// Whether there are no elements.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The type's name: `bool`, `int16`, `float64`, `text`, ….
    pub fn type_name(&self) -> &'static str {
        match self {
            ColumnData::Logical(_) => "bool",
            ColumnData::Bits(_) => "bits",
            ColumnData::U8(_) => "uint8",
            ColumnData::I8(_) => "int8",
            ColumnData::I16(_) => "int16",
            ColumnData::U16(_) => "uint16",
            ColumnData::I32(_) => "int32",
            ColumnData::U32(_) => "uint32",
            ColumnData::I64(_) => "int64",
            ColumnData::U64(_) => "uint64",
            ColumnData::F32(_) => "float32",
            ColumnData::F64(_) => "float64",
            ColumnData::C32(_) => "complex64",
            ColumnData::C64(_) => "complex128",
            ColumnData::Text(_) => "text",
        }
    }

    /// Whether the elements are integers.
    pub fn is_integer(&self) -> bool {
        use ColumnData as D;
        matches!(
            self,
            D::U8(_) | D::I8(_) | D::I16(_) | D::U16(_) | D::I32(_) | D::U32(_) | D::I64(_) | D::U64(_)
        )
    }

    /// Element `index` as a real: numbers as they are, logicals as 0 and 1; `None` for text, complex
    /// numbers and beyond the end.
    pub fn real(&self, index: usize) -> Option<f64> {
        match self {
            ColumnData::Logical(v) | ColumnData::Bits(v) => v.get(index).map(|&v| f64::from(u8::from(v))),
            ColumnData::U8(v) => v.get(index).map(|&v| f64::from(v)),
            ColumnData::I8(v) => v.get(index).map(|&v| f64::from(v)),
            ColumnData::I16(v) => v.get(index).map(|&v| f64::from(v)),
            ColumnData::U16(v) => v.get(index).map(|&v| f64::from(v)),
            ColumnData::I32(v) => v.get(index).map(|&v| f64::from(v)),
            ColumnData::U32(v) => v.get(index).map(|&v| f64::from(v)),
            ColumnData::I64(v) => v.get(index).map(|&v| v as f64),
            ColumnData::U64(v) => v.get(index).map(|&v| v as f64),
            ColumnData::F32(v) => v.get(index).map(|&v| f64::from(v)),
            ColumnData::F64(v) => v.get(index).copied(),
            ColumnData::C32(_) | ColumnData::C64(_) | ColumnData::Text(_) => None,
        }
    }

    /// Element `index` as an integer; `None` for reals with a fraction, text, and beyond the end.
    pub fn integer(&self, index: usize) -> Option<i64> {
        match self {
            ColumnData::I64(v) => v.get(index).copied(),
            ColumnData::U64(v) => v.get(index).and_then(|&v| i64::try_from(v).ok()),
            other => other
                .real(index)
                .filter(|v| v.fract() == 0.0 && v.abs() <= 9.0e15)
                .map(|v| v as i64),
        }
    }

    /// Element `index` as text; `None` for everything that is not text, and beyond the end.
    pub fn text(&self, index: usize) -> Option<&str> {
        match self {
            ColumnData::Text(v) => v.get(index).map(String::as_str),
            _ => None,
        }
    }

    /// The elements at these positions, which must be there; others are left out.
    pub(crate) fn take(&self, positions: &[usize]) -> Self {
        same!(self, values => positions.iter().filter_map(|&i| values.get(i).cloned()).collect())
    }

    /// Puts the elements of another column of the same type behind these; tells whether that was so.
    pub(crate) fn append(&mut self, other: &Self) -> bool {
        macro_rules! append {
            ($($variant:ident),*) => {
                match (self, other) {
                    $((ColumnData::$variant(a), ColumnData::$variant(b)) => a.extend_from_slice(b),)*
                    _ => return false,
                }
            };
        }
        append!(
            Logical, Bits, U8, I8, I16, U16, I32, U32, I64, U64, F32, F64, C32, C64, Text
        );
        true
    }
}

/// How the elements of a column are dealt out to its rows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Cells {
    /// One element a row.
    #[default]
    Scalar,
    /// An array of this shape in each row, slowest axis first (the reverse of TDIM).
    Array(Vec<usize>),
    /// As many elements in row `i` as lie between `offsets[i]` and `offsets[i + 1]`: FITS's
    /// variable-length columns.
    Ragged(Vec<usize>),
}
