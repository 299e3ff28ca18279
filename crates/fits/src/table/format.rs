//! TFORM and TDIM of binary tables.

use crate::{Error, Header, Result};

/// What a TFORM such as `3E`, `14A` or `1PJ(120)` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Format {
    /// Elements in a row; for variable-length columns, 0 or 1 descriptors.
    pub(crate) repeat: usize,
    /// `L X B I J K A E D C M`; of the heap's elements where the length varies.
    pub(crate) code: u8,
    /// `P` or `Q` where the row holds a descriptor of elements in the heap.
    pub(crate) descriptor: Option<u8>,
    /// What follows the code: `:8` in `24A:8`, `(120)` in `1PJ(120)`.
    pub(crate) rest: String,
}

impl Format {
    pub(crate) fn parse(keyword: &str, text: &str) -> Result<Self> {
        let bad = || Error::BadValue {
            keyword: keyword.to_owned(),
            expected: "a format of binary tables such as 1J or 20A".to_owned(),
            found: text.to_owned(),
        };
        let trimmed = text.trim();
        let digits = trimmed.bytes().take_while(u8::is_ascii_digit).count();
        let repeat = if digits == 0 {
            1
        } else {
            trimmed[..digits].parse().map_err(|_| bad())?
        };
        let mut codes = trimmed[digits..].bytes();
        let code = codes.next().ok_or_else(bad)?.to_ascii_uppercase();
        let (code, descriptor, used) = match code {
            b'P' | b'Q' if repeat > 1 => return Err(bad()),
            b'P' | b'Q' => (codes.next().ok_or_else(bad)?.to_ascii_uppercase(), Some(code), 2),
            code => (code, None, 1),
        };
        if !b"LXBIJKAEDCM".contains(&code) {
            return Err(bad());
        }
        let rest = trimmed.get(digits + used..).ok_or_else(bad)?.trim().to_owned();
        Ok(Self {
            repeat,
            code,
            descriptor,
            rest,
        })
    }

    /// Bytes of one element; bits count as none.
    pub(crate) fn element_bytes(&self) -> usize {
        match self.code {
            b'X' => 0,
            b'I' => 2,
            b'J' | b'E' => 4,
            b'K' | b'D' | b'C' => 8,
            b'M' => 16,
            _ => 1,
        }
    }

    /// Bytes of `count` elements one after another.
    pub(crate) fn bytes_of(&self, count: usize) -> Option<usize> {
        match self.code {
            b'X' => Some(count.div_ceil(8)),
            _ => count.checked_mul(self.element_bytes()),
        }
    }

    /// Bytes that the column takes in a row.
    pub(crate) fn row_bytes(&self) -> Option<usize> {
        match self.descriptor {
            Some(b'Q') => self.repeat.checked_mul(16),
            Some(_) => self.repeat.checked_mul(8),
            None => self.bytes_of(self.repeat),
        }
    }

    /// Characters of each string where a cell holds several: `24A:8`, `24A8`.
    pub(crate) fn substring(&self) -> Option<usize> {
        let digits = self.rest.trim_start_matches(':');
        let end = digits.bytes().take_while(u8::is_ascii_digit).count();
        (self.code == b'A' && self.descriptor.is_none())
            .then(|| digits[..end].parse().ok())
            .flatten()
    }
}

/// The shape that TDIM gives the cells of a column, slowest axis first; `None` where there is none or
/// it does not fit the repeat count, in which case it is disregarded.
pub(crate) fn dimensions(header: &Header, column: usize, repeat: usize) -> Option<Vec<usize>> {
    let text = header.text(&format!("TDIM{column}"))?;
    let inner = text.trim().strip_prefix('(')?.strip_suffix(')')?;
    let mut shape: Vec<usize> = inner
        .split(',')
        .map(|n| n.trim().parse().ok())
        .collect::<Option<_>>()?;
    let elements = shape.iter().try_fold(1usize, |n, &axis| n.checked_mul(axis))?;
    shape.reverse();
    (elements == repeat && !shape.is_empty()).then_some(shape)
}
