//! Calibration switches: what a header says is to be done, or has been.

use firstlight_fits::Header;
use std::fmt;

/// The value of a `…CORR` keyword.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Switch {
    /// The step is to be done.
    Perform,
    /// The step is not to be done.
    Omit,
    /// The step has been done.
    Complete,
    /// The step was asked for and could not apply, as with a dummy reference file.
    Skipped,
    /// The keyword is not there, or empty.
    Absent,
    /// Anything else.
    Other(String),
}

impl Switch {
    /// Reads a word, in upper or lower case.
    pub fn parse(text: &str) -> Self {
        let word = text.trim().to_ascii_uppercase();
        match word.as_str() {
            "PERFORM" => Switch::Perform,
            "OMIT" => Switch::Omit,
            "COMPLETE" => Switch::Complete,
            "SKIPPED" => Switch::Skipped,
            "" => Switch::Absent,
            _ => Switch::Other(word),
        }
    }

    /// Reads a keyword of a primary header.
    pub fn of(primary: &Header, keyword: &str) -> Self {
        Self::parse(&primary.text(keyword).unwrap_or_default())
    }

    /// Whether the step is to be done.
    pub fn is_perform(&self) -> bool {
        *self == Switch::Perform
    }
}

/// As the header has it; empty where the keyword is not there.
impl fmt::Display for Switch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Switch::Perform => "PERFORM",
            Switch::Omit => "OMIT",
            Switch::Complete => "COMPLETE",
            Switch::Skipped => "SKIPPED",
            Switch::Absent => "",
            Switch::Other(word) => word,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_headers_are_read_in_any_case() {
        let mut header = Header::new();
        header.set("DARKCORR", "perform ", None).unwrap();
        header.set("FLATCORR", "COMPLETE", None).unwrap();
        header.set("PHOTCORR", "MAYBE", None).unwrap();
        assert!(Switch::of(&header, "DARKCORR").is_perform());
        assert_eq!(Switch::of(&header, "FLATCORR"), Switch::Complete);
        assert_eq!(Switch::of(&header, "PHOTCORR"), Switch::Other("MAYBE".to_owned()));
        assert_eq!(Switch::of(&header, "SHADCORR"), Switch::Absent);
    }
}
