//! Which bits a user accepts, written as AstroDrizzle's `final_bits` is.

use std::fmt;
use std::str::FromStr;

/// A text that does not select bits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{given}' does not select DQ bits: {reason}; write for instance \"16,64,256\", \"336\", \"~4096\" or \"None\""
)]
pub struct BitSelectionError {
    /// The text.
    pub given: String,
    /// What is wrong with it.
    pub reason: String,
}

/// Which DQ bits leave a pixel good.
///
/// | text | good pixels |
/// |---|---|
/// | `0` or empty | those with DQ = 0 |
/// | `16,64,256` or `16+64+256` or `336` | those with no other bit than these |
/// | `~4096,8192` | those without these bits, whatever else is set |
/// | `None` | all |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BitSelection {
    /// Bits that make a pixel bad.
    bad: u16,
}

impl Default for BitSelection {
    /// Only DQ = 0 is good.
    fn default() -> Self {
        Self { bad: u16::MAX }
    }
}

impl BitSelection {
    /// Every pixel is good.
    pub const ALL: Self = Self { bad: 0 };

    /// Pixels that have no other bits set than those of `accepted` are good.
    pub fn accepting(accepted: u16) -> Self {
        Self { bad: !accepted }
    }

    /// Reads the text of `final_bits` and its like.
    ///
    /// # Errors
    /// [`BitSelectionError`] for anything but bits: in a list each entry has to be a power of two.
    pub fn parse(text: &str) -> Result<Self, BitSelectionError> {
        let error = |reason: String| BitSelectionError {
            given: text.to_owned(),
            reason,
        };
        let trimmed = text.trim();
        if trimmed.eq_ignore_ascii_case("none") || trimmed.eq_ignore_ascii_case("indef") {
            return Ok(Self::ALL);
        }
        if trimmed.is_empty() {
            return Ok(Self::default());
        }
        let (inverted, list) = match trimmed.strip_prefix('~') {
            Some(rest) => (true, rest.trim()),
            None => (false, trimmed),
        };
        let list = list
            .strip_prefix('(')
            .and_then(|l| l.strip_suffix(')'))
            .unwrap_or(list);
        let entries: Vec<&str> = list.split([',', '+', '|']).map(str::trim).collect();
        let mut bits = 0u16;
        for entry in &entries {
            let number: i64 = entry
                .parse()
                .map_err(|_| error(format!("'{entry}' is not a number")))?;
            let number =
                u16::try_from(number).map_err(|_| error(format!("{number} is not within 0..65535")))?;
            if entries.len() > 1 && !number.is_power_of_two() {
                return Err(error(format!("{number} in a list is not a power of two")));
            }
            bits |= number;
        }
        Ok(if inverted {
            Self { bad: bits }
        } else {
            Self::accepting(bits)
        })
    }

    /// Whether a pixel with this DQ value is good.
    #[inline]
    pub fn is_good(self, dq: u16) -> bool {
        dq & self.bad == 0
    }

    /// The bits that make a pixel bad.
    pub fn bad_bits(self) -> u16 {
        self.bad
    }
}

impl FromStr for BitSelection {
    type Err = BitSelectionError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

/// In the form that [`BitSelection::parse`] reads.
impl fmt::Display for BitSelection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.bad {
            0 => f.write_str("None"),
            bad => write!(f, "{}", !bad),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> BitSelection {
        BitSelection::parse(text).unwrap()
    }

    #[test]
    fn lists_sums_and_numbers_select_the_same() {
        for text in ["16,64,256", "16 + 64 + 256", "16|64|256", "336", " 16, 64 ,256 "] {
            let bits = parse(text);
            assert!(bits.is_good(0) && bits.is_good(16) && bits.is_good(336), "{text}");
            assert!(!bits.is_good(1) && !bits.is_good(16 | 8192), "{text}");
        }
    }

    #[test]
    fn a_tilde_names_the_bad_bits() {
        for text in ["~4096,8192", "~(4096,8192)", "~12288"] {
            let bits = parse(text);
            assert!(
                bits.is_good(16) && !bits.is_good(4096) && !bits.is_good(8192 | 1),
                "{text}"
            );
        }
    }

    #[test]
    fn none_accepts_all_and_zero_only_zero() {
        assert!(parse("None").is_good(u16::MAX));
        assert!(parse("0").is_good(0) && !parse("0").is_good(2));
        assert_eq!(parse(""), BitSelection::default());
        assert!(parse("~0").is_good(u16::MAX));
    }

    #[test]
    fn what_selects_nothing_is_an_error() {
        for text in ["bad", "16,3", "-1", "70000", "16,,64", "1.5"] {
            assert!(BitSelection::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn reads_back_what_it_shows() {
        for text in ["None", "0", "336", "~4096,8192", "65535"] {
            assert_eq!(parse(&parse(text).to_string()), parse(text), "{text}");
        }
    }
}
