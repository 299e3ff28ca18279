//! One column: name, elements, nulls, unit.

use std::ops::Range;

use super::data::{Cells, ColumnData};
use crate::{Error, Result};

/// A named column. Most hold one element a row; see [`Cells`].
///
/// ```
/// use firstlight_fits::{Column, Table};
/// let table = Table::new()
///     .with(Column::i32("ID", vec![1, 2]))?
///     .with(Column::f64("X", vec![10.5, 11.25]).unit("pix").display("F8.3"))?;
/// assert_eq!(table.rows(), 2);
/// # Ok::<(), firstlight_fits::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    name: String,
    data: ColumnData,
    cells: Cells,
    nulls: Option<Vec<bool>>,
    unit: Option<String>,
    display: Option<String>,
    description: Option<String>,
    /// Characters a string takes in the file, where it came from one.
    width: usize,
}

macro_rules! constructors {
    ($($function:ident $variant:ident $type:ty, $what:literal;)*) => {$(
        #[doc = concat!("A column of ", $what, ", one a row.")]
        pub fn $function(name: impl Into<String>, values: Vec<$type>) -> Self {
            Self::scalar(name, ColumnData::$variant(values))
        }
    )*};
}

impl Column {
    constructors! {
        logical Logical bool, "logicals";
        u8 U8 u8, "bytes";
        i8 I8 i8, "signed bytes";
        i16 I16 i16, "16-bit integers";
        u16 U16 u16, "unsigned 16-bit integers";
        i32 I32 i32, "32-bit integers";
        u32 U32 u32, "unsigned 32-bit integers";
        i64 I64 i64, "64-bit integers";
        u64 U64 u64, "unsigned 64-bit integers";
        f32 F32 f32, "single-precision reals";
        f64 F64 f64, "double-precision reals";
        complex32 C32 [f32; 2], "single-precision complex numbers";
        complex64 C64 [f64; 2], "double-precision complex numbers";
    }

    /// A column of strings, one a row.
    pub fn text<S: Into<String>>(name: impl Into<String>, values: impl IntoIterator<Item = S>) -> Self {
        Self::scalar(
            name,
            ColumnData::Text(values.into_iter().map(Into::into).collect()),
        )
    }

    /// A column of one element a row.
    pub fn scalar(name: impl Into<String>, data: ColumnData) -> Self {
        Self {
            name: name.into(),
            data,
            cells: Cells::Scalar,
            nulls: None,
            unit: None,
            display: None,
            description: None,
            width: 0,
        }
    }

    /// A column whose rows hold arrays of the same shape, slowest axis first.
    ///
    /// # Errors
    /// [`Error::WrongShape`] where the elements do not make whole rows, or the shape holds nothing.
    pub fn array(name: impl Into<String>, shape: Vec<usize>, data: ColumnData) -> Result<Self> {
        let each = shape
            .iter()
            .try_fold(1usize, |n, &axis| n.checked_mul(axis))
            .unwrap_or(0);
        if each == 0 && !data.is_empty() || each > 0 && !data.len().is_multiple_of(each) {
            return Err(Error::WrongShape {
                expected: format!("whole rows of shape {shape:?}"),
                found: format!("{} elements", data.len()),
            });
        }
        Ok(Self {
            cells: Cells::Array(shape),
            ..Self::scalar(name, data)
        })
    }

    /// A column whose row `i` holds the elements from `offsets[i]` up to `offsets[i + 1]`.
    ///
    /// # Errors
    /// [`Error::WrongShape`] where the offsets do not go up from 0 to the number of elements.
    pub fn ragged(name: impl Into<String>, offsets: Vec<usize>, data: ColumnData) -> Result<Self> {
        let ends = offsets.first() == Some(&0) && offsets.last() == Some(&data.len());
        if !ends || !offsets.is_sorted() {
            return Err(Error::WrongShape {
                expected: "offsets that go up from 0 to the number of elements".to_owned(),
                found: format!("{} offsets for {} elements", offsets.len(), data.len()),
            });
        }
        Ok(Self {
            cells: Cells::Ragged(offsets),
            ..Self::scalar(name, data)
        })
    }

    /// Sets the unit (TUNIT).
    #[must_use]
    pub fn unit(mut self, unit: impl Into<String>) -> Self {
        self.unit = Some(unit.into()).filter(|u| !u.is_empty());
        self
    }

    /// Sets the display format (TDISP), such as `F8.3`.
    #[must_use]
    pub fn display(mut self, display: impl Into<String>) -> Self {
        self.display = Some(display.into()).filter(|d| !d.is_empty());
        self
    }

    /// Sets a description, which goes into the comment of TTYPE.
    #[must_use]
    pub fn description(mut self, text: impl Into<String>) -> Self {
        self.description = Some(text.into()).filter(|d| !d.is_empty());
        self
    }

    /// Marks elements as null, one flag an element; a mask of another length is an error when the
    /// column joins a table.
    #[must_use]
    pub fn nulls(mut self, nulls: Vec<bool>) -> Self {
        self.nulls = Some(nulls).filter(|n| n.contains(&true));
        self
    }

    /// Gives strings at least this many characters in a file.
    #[must_use]
    pub fn width(mut self, characters: usize) -> Self {
        self.width = characters;
        self
    }

    /// Gives the column another name.
    #[must_use]
    pub fn renamed(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// All elements, row after row.
    pub fn data(&self) -> &ColumnData {
        &self.data
    }

    /// All elements, to be changed; their number must stay.
    pub fn data_mut(&mut self) -> &mut ColumnData {
        &mut self.data
    }

    /// How elements are dealt out to rows.
    pub fn cells(&self) -> &Cells {
        &self.cells
    }

    /// Which elements are null; `None` where none is.
    pub fn null_mask(&self) -> Option<&[bool]> {
        self.nulls.as_deref()
    }

    /// The unit.
    pub fn unit_text(&self) -> Option<&str> {
        self.unit.as_deref()
    }

    /// The display format.
    pub fn display_format(&self) -> Option<&str> {
        self.display.as_deref()
    }

    /// The description.
    pub fn description_text(&self) -> Option<&str> {
        self.description.as_deref()
    }

    /// Least number of characters that a string takes in a file.
    pub fn text_width(&self) -> usize {
        self.width
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        match &self.cells {
            Cells::Scalar => self.data.len(),
            Cells::Array(shape) => match shape.iter().product() {
                0 => 0,
                each => self.data.len() / each,
            },
            Cells::Ragged(offsets) => offsets.len().saturating_sub(1),
        }
    }

    /// Whether each row holds one element.
    pub fn is_scalar(&self) -> bool {
        self.cells == Cells::Scalar
    }

    /// Which elements belong to a row; empty beyond the last.
    pub fn elements(&self, row: usize) -> Range<usize> {
        match &self.cells {
            _ if row >= self.rows() => 0..0,
            Cells::Scalar => row..row + 1,
            Cells::Array(shape) => {
                let each: usize = shape.iter().product();
                row * each..(row + 1) * each
            }
            Cells::Ragged(offsets) => offsets[row]..offsets[row + 1],
        }
    }

    /// Whether an element (of a scalar column: a row) is null.
    pub fn is_null(&self, element: usize) -> bool {
        self.nulls
            .as_ref()
            .is_some_and(|nulls| nulls.get(element) == Some(&true))
    }

    /// All elements as reals; nulls are NaN.
    ///
    /// # Errors
    /// [`Error::WrongColumn`] for text and complex columns.
    pub fn reals(&self) -> Result<Vec<f64>> {
        let real = |i| {
            if self.is_null(i) {
                Some(f64::NAN)
            } else {
                self.data.real(i)
            }
        };
        (0..self.data.len())
            .map(real)
            .collect::<Option<_>>()
            .ok_or_else(|| self.wrong("numbers"))
    }

    /// All elements as integers.
    ///
    /// # Errors
    /// [`Error::WrongColumn`] where one is null, has a fraction, or is no number.
    pub fn integers(&self) -> Result<Vec<i64>> {
        let integer = |i| {
            if self.is_null(i) {
                None
            } else {
                self.data.integer(i)
            }
        };
        (0..self.data.len())
            .map(integer)
            .collect::<Option<_>>()
            .ok_or_else(|| self.wrong("integers"))
    }

    /// All elements as strings.
    ///
    /// # Errors
    /// [`Error::WrongColumn`] for columns of another type.
    pub fn texts(&self) -> Result<&[String]> {
        match &self.data {
            ColumnData::Text(values) => Ok(values),
            _ => Err(self.wrong("text")),
        }
    }

    fn wrong(&self, expected: &'static str) -> Error {
        let found = self.data.type_name().to_owned();
        Error::WrongColumn {
            name: self.name.clone(),
            expected,
            found,
        }
    }

    /// These rows, in this order; rows beyond the last are left out.
    pub fn take(&self, rows: &[usize]) -> Self {
        let elements: Vec<usize> = rows.iter().flat_map(|&row| self.elements(row)).collect();
        let cells = match &self.cells {
            Cells::Ragged(_) => {
                let there = rows.iter().filter(|&&row| row < self.rows());
                let mut offsets = vec![0];
                offsets.extend(there.scan(0, |end, &row| {
                    *end += self.elements(row).len();
                    Some(*end)
                }));
                Cells::Ragged(offsets)
            }
            other => other.clone(),
        };
        let nulls: Option<Vec<bool>> = self
            .nulls
            .as_ref()
            .map(|_| elements.iter().map(|&i| self.is_null(i)).collect());
        let nulls = nulls.filter(|n| n.contains(&true));
        Self {
            data: self.data.take(&elements),
            cells,
            nulls,
            ..self.without_data()
        }
    }

    /// Puts another column's rows behind these.
    ///
    /// # Errors
    /// [`Error::WrongColumn`] where type or cell shape differ.
    pub fn append(&mut self, other: &Self) -> Result<()> {
        let before = self.data.len();
        let cells = match (&self.cells, &other.cells) {
            (Cells::Ragged(a), Cells::Ragged(b)) => Cells::Ragged(
                a.iter()
                    .copied()
                    .chain(b.iter().skip(1).map(|end| before + end))
                    .collect(),
            ),
            (a, b) if a == b => a.clone(),
            _ => return Err(other.wrong("cells of the same shape")),
        };
        if !self.data.append(&other.data) {
            return Err(other.wrong(self.data.type_name()));
        }
        self.cells = cells;
        if self.nulls.is_some() || other.nulls.is_some() {
            let mut nulls = self.nulls.take().unwrap_or_else(|| vec![false; before]);
            nulls.extend((0..other.data.len()).map(|i| other.is_null(i)));
            self.nulls = Some(nulls);
        }
        self.width = self.width.max(other.width);
        Ok(())
    }

    fn without_data(&self) -> Self {
        Self {
            name: self.name.clone(),
            data: ColumnData::U8(Vec::new()),
            cells: Cells::Scalar,
            nulls: None,
            unit: self.unit.clone(),
            display: self.display.clone(),
            description: self.description.clone(),
            width: self.width,
        }
    }

    /// Fails where nulls and elements differ in number.
    pub(crate) fn check(&self) -> Result<()> {
        match &self.nulls {
            Some(nulls) if nulls.len() != self.data.len() => Err(Error::WrongShape {
                expected: format!(
                    "a null flag for each of the {} elements of '{}'",
                    self.data.len(),
                    self.name
                ),
                found: format!("{} flags", nulls.len()),
            }),
            _ => Ok(()),
        }
    }
}
