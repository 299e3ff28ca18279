//! Amounts of memory as people write them.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A number of bytes: "12G", "800 MB", "1.5GiB", or plain bytes. Prefixes are powers of 1024.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "Given", into = "u64")]
pub struct Bytes(pub u64);

#[derive(Deserialize)]
#[serde(untagged)]
enum Given {
    Number(u64),
    Text(String),
}

impl TryFrom<Given> for Bytes {
    type Error = String;
    fn try_from(given: Given) -> Result<Self, String> {
        match given {
            Given::Number(bytes) => Ok(Self(bytes)),
            Given::Text(text) => text.parse(),
        }
    }
}

impl From<Bytes> for u64 {
    fn from(bytes: Bytes) -> Self {
        bytes.0
    }
}

impl FromStr for Bytes {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let bad = || format!("{text:?} is not an amount of memory; write for instance 800M or 12G");
        let upper = text.trim().to_ascii_uppercase();
        let split = upper
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(upper.len());
        let (number, unit) = upper.split_at(split);
        let power = match unit.trim().trim_end_matches('B').trim_end_matches('I') {
            "" => 0,
            "K" => 1,
            "M" => 2,
            "G" => 3,
            "T" => 4,
            _ => return Err(bad()),
        };
        let number: f64 = number.parse().map_err(|_| bad())?;
        Ok(Self((number * 1024_f64.powi(power)) as u64))
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut amount = self.0 as f64;
        for unit in ["bytes", "KiB", "MiB", "GiB"] {
            if amount < 1024.0 {
                let decimals = usize::from(unit != "bytes");
                return write!(f, "{amount:.decimals$} {unit}");
            }
            amount /= 1024.0;
        }
        write!(f, "{amount:.1} TiB")
    }
}
