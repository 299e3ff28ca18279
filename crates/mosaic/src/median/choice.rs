//! The ways of combining by name.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// What the samples of a pixel become.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CombineType {
    /// The median without the highest sample, or the minimum where that lies far below.
    #[default]
    Minmed,
    /// As minmed; differs in nothing, since both leave pixels at 0 that no exposure may give.
    Iminmed,
    /// The median.
    Median,
    /// The median, and the first sample that is not 0 where there is none.
    Imedian,
    /// The mean.
    Mean,
    /// The mean, and the first sample that is not 0 where there is none.
    Imean,
    /// The sum of all samples, of whatever weight.
    Sum,
}

impl CombineType {
    /// All of them with their names.
    const NAMED: [(CombineType, &'static str); 7] = [
        (CombineType::Minmed, "minmed"),
        (CombineType::Iminmed, "iminmed"),
        (CombineType::Median, "median"),
        (CombineType::Imedian, "imedian"),
        (CombineType::Mean, "mean"),
        (CombineType::Imean, "imean"),
        (CombineType::Sum, "sum"),
    ];

    /// Whether the minimum may be taken.
    pub fn is_minmed(self) -> bool {
        matches!(self, CombineType::Minmed | CombineType::Iminmed)
    }

    /// Whether pixels that no exposure may give are filled from one of them all the same.
    pub(super) fn fills(self) -> bool {
        matches!(self, CombineType::Imedian | CombineType::Imean)
    }

    /// Whether the lowest, the highest and what is beyond the thresholds are left out.
    pub(super) fn rejects(self) -> bool {
        !self.is_minmed() && self != CombineType::Sum
    }
}

impl fmt::Display for CombineType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Self::NAMED.iter().find(|(kind, _)| kind == self);
        f.write_str(name.map_or("", |(_, name)| name))
    }
}

impl FromStr for CombineType {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let wanted = text.trim().to_ascii_lowercase();
        let found = Self::NAMED.iter().find(|(_, name)| *name == wanted);
        found.map(|(kind, _)| *kind).ok_or_else(|| {
            let names: Vec<&str> = Self::NAMED.iter().map(|(_, name)| *name).collect();
            format!("{text:?} is not one of {}", names.join(", "))
        })
    }
}
