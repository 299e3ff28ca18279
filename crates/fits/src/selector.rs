//! Naming one HDU of a file.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

/// Which HDU is meant: by position, by name, or by name and version.
///
/// As text: `"0"`, `"SCI"`, `"SCI,2"`. Names are compared without regard to case; a name alone means the
/// first HDU that bears it; `PRIMARY` is the first HDU whatever its name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum HduSelector {
    /// 0-based position in the file.
    Index(usize),
    /// The first HDU of this name.
    Name(String),
    /// The HDU of this name and EXTVER.
    Version(String, i64),
}

impl fmt::Display for HduSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HduSelector::Index(index) => write!(f, "{index}"),
            HduSelector::Name(name) => f.write_str(name),
            HduSelector::Version(name, version) => write!(f, "{name},{version}"),
        }
    }
}

impl From<&str> for HduSelector {
    fn from(text: &str) -> Self {
        let text = text.trim();
        if let Ok(index) = text.parse() {
            return HduSelector::Index(index);
        }
        match text
            .rsplit_once(',')
            .map(|(name, version)| (name.trim(), version.trim().parse()))
        {
            Some((name, Ok(version))) => HduSelector::Version(name.to_owned(), version),
            _ => HduSelector::Name(text.to_owned()),
        }
    }
}

impl FromStr for HduSelector {
    type Err = Infallible;
    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(text.into())
    }
}

impl From<String> for HduSelector {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

impl From<&String> for HduSelector {
    fn from(text: &String) -> Self {
        text.as_str().into()
    }
}

impl From<usize> for HduSelector {
    fn from(index: usize) -> Self {
        HduSelector::Index(index)
    }
}

impl From<(&str, i64)> for HduSelector {
    fn from((name, version): (&str, i64)) -> Self {
        HduSelector::Version(name.to_owned(), version)
    }
}

impl From<&HduSelector> for HduSelector {
    fn from(selector: &HduSelector) -> Self {
        selector.clone()
    }
}
