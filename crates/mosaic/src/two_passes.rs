//! Options of two numbers: one for a first look, one for the neighbours of what it found.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A number for the first pass and one for the second, written "4 3" or as a list.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "String")]
pub struct TwoPasses {
    /// For the first look.
    pub first: f64,
    /// For pixels next to what the first one found.
    pub second: f64,
}

/// As people write it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Text(String),
    Number(f64),
    Numbers(Vec<f64>),
}

impl fmt::Display for TwoPasses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.first, self.second)
    }
}

impl FromStr for TwoPasses {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let separator = |c: char| c.is_whitespace() || c == ',' || c == ';';
        let numbers: Result<Vec<f64>, _> = text
            .split(separator)
            .filter(|word| !word.is_empty())
            .map(str::parse)
            .collect();
        let numbers = numbers.map_err(|_| format!("{text:?} is not two numbers, as in \"4 3\""))?;
        from_numbers(&numbers)
    }
}

/// One number counts for both passes.
fn from_numbers(numbers: &[f64]) -> Result<TwoPasses, String> {
    let (first, second) = match numbers {
        [both] => (*both, *both),
        [first, second] => (*first, *second),
        _ => return Err(format!("two numbers are needed, not {}", numbers.len())),
    };
    if first.is_finite() && second.is_finite() {
        Ok(TwoPasses { first, second })
    } else {
        Err("both numbers have to be finite".to_owned())
    }
}

impl TryFrom<Written> for TwoPasses {
    type Error = String;
    fn try_from(written: Written) -> Result<Self, String> {
        match written {
            Written::Text(text) => text.parse(),
            Written::Number(both) => from_numbers(&[both]),
            Written::Numbers(numbers) => from_numbers(&numbers),
        }
    }
}

impl From<TwoPasses> for String {
    fn from(value: TwoPasses) -> Self {
        value.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_in_every_way() {
        let expected = TwoPasses {
            first: 3.5,
            second: 3.0,
        };
        for json in ["\"3.5 3.0\"", "\" 3.5,3\"", "\"3.5; 3\"", "[3.5, 3]"] {
            assert_eq!(
                serde_json::from_str::<TwoPasses>(json).unwrap(),
                expected,
                "{json}"
            );
        }
        assert_eq!("4".parse::<TwoPasses>().unwrap().second, 4.0);
        let again: TwoPasses = expected.to_string().parse().unwrap();
        assert_eq!(again, expected);
    }

    #[test]
    fn what_is_not_two_numbers() {
        for text in ["", "a b", "1 2 3", "nan 3", "1 inf"] {
            assert!(text.parse::<TwoPasses>().is_err(), "{text:?}");
        }
    }
}
