//! Parts of a frame as headers name them: `[1:1024,1:1024]`.

use crate::{Error, Result};
use std::fmt;
use std::ops::Range;

/// A part of a frame, as TRIMSEC and BIASSEC have it: columns first, counted from 1, both ends within. An end that is
/// not named is that of the frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Section {
    columns: (Option<usize>, Option<usize>),
    rows: (Option<usize>, Option<usize>),
}

impl Section {
    /// Reads `[1:1024,1:1024]`, `[1025:1056,*]`, `[1025:,:]`.
    ///
    /// # Errors
    /// [`Error::Unreadable`], also for ranges that are counted backwards or with a step.
    pub fn parse(text: &str) -> Result<Self> {
        let unreadable = || Error::Unreadable {
            expected: "a section as headers have it, columns first and counted from 1, such as [1:1024,1:1024]",
            found: text.to_owned(),
        };
        let bare: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let inside = bare
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
            .ok_or_else(unreadable)?;
        let (columns, rows) = inside.split_once(',').ok_or_else(unreadable)?;
        let range = |text: &str| -> Option<(Option<usize>, Option<usize>)> {
            if text == "*" || text == ":" {
                return Some((None, None));
            }
            let (first, last) = text.split_once(':').unwrap_or((text, text));
            let number = |text: &str| match text {
                "" => Some(None),
                text => text.parse::<usize>().ok().filter(|&n| n > 0).map(Some),
            };
            let range = (number(first)?, number(last)?);
            let forwards = !matches!(range, (Some(first), Some(last)) if first > last);
            forwards.then_some(range)
        };
        let (columns, rows) = (range(columns), range(rows));
        match (columns, rows) {
            (Some(columns), Some(rows)) => Ok(Self { columns, rows }),
            _ => Err(unreadable()),
        }
    }

    /// Its rows and columns in a frame of `shape` `(ny, nx)`, counted from 0.
    ///
    /// # Errors
    /// [`Error::SectionOutside`].
    pub fn within(&self, (ny, nx): (usize, usize)) -> Result<(Range<usize>, Range<usize>)> {
        let range = |(first, last): (Option<usize>, Option<usize>), length: usize| {
            let range = first.unwrap_or(1) - 1..last.unwrap_or(length);
            (range.start < range.end && range.end <= length).then_some(range)
        };
        match (range(self.rows, ny), range(self.columns, nx)) {
            (Some(rows), Some(columns)) => Ok((rows, columns)),
            _ => Err(Error::SectionOutside {
                section: self.to_string(),
                shape: (ny, nx),
            }),
        }
    }
}

/// As headers have it.
impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let range = |range: (Option<usize>, Option<usize>)| match range {
            (None, None) => "*".to_owned(),
            (first, last) => {
                let end = |end: Option<usize>| end.map(|n| n.to_string()).unwrap_or_default();
                format!("{}:{}", end(first), end(last))
            }
        };
        write!(f, "[{},{}]", range(self.columns), range(self.rows))
    }
}

impl std::str::FromStr for Section {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_of_headers_are_read() {
        let of = |text: &str| Section::parse(text).unwrap().within((20, 30)).unwrap();
        assert_eq!(of("[1:10,3:4]"), (2..4, 0..10));
        assert_eq!(of(" [ 21 : 30 , * ]"), (0..20, 20..30));
        assert_eq!(of("[21:,:5]"), (0..5, 20..30));
        assert_eq!(of("[7,:]"), (0..20, 6..7));
        assert_eq!(Section::parse("[21:30,:]").unwrap().to_string(), "[21:30,*]");
    }

    #[test]
    fn what_is_no_section_of_the_frame_is_refused() {
        for text in [
            "",
            "1:2,3:4",
            "[1:2]",
            "[0:3,1:2]",
            "[5:3,1:2]",
            "[a:b,1:2]",
            "[1:9:2,1:2]",
            "[-1:2,1:2]",
        ] {
            assert!(Section::parse(text).is_err(), "{text}");
        }
        let error = Section::parse("[1:31,1:20]")
            .unwrap()
            .within((20, 30))
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("[1:31,1:20]") && error.contains("30 columns"),
            "{error}"
        );
    }
}
