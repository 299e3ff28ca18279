//! Lists of numbers, written as ranges or one by one.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// More values than this are a slip of the pen.
const MOST: usize = 1000;

/// Numbers to be tried, each once, in ascending order.
///
/// Written `0.1:1.0:0.1` for a range with both its ends, `0.4,0.6,0.8` one by one, or mixed; in JSON also as a number
/// or a list of them.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Vec<f64>")]
pub struct Values(Vec<f64>);

#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Number(f64),
    Numbers(Vec<f64>),
    Text(String),
}

impl Values {
    /// The numbers, ascending.
    pub fn numbers(&self) -> &[f64] {
        &self.0
    }

    fn new(mut numbers: Vec<f64>) -> Result<Self, String> {
        if let Some(bad) = numbers.iter().find(|number| !number.is_finite()) {
            return Err(format!("{bad} is no value to be tried"));
        }
        if numbers.is_empty() {
            return Err("there is no value in it".to_owned());
        }
        if numbers.len() > MOST {
            return Err(format!("{} values are more than {MOST}", numbers.len()));
        }
        numbers.sort_by(f64::total_cmp);
        numbers.dedup();
        Ok(Self(numbers))
    }
}

impl FromStr for Values {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let mut numbers = Vec::new();
        for word in text.split([',', ' ', ';']).filter(|word| !word.is_empty()) {
            numbers.extend(one_or_range(word)?);
        }
        Self::new(numbers)
    }
}

/// A number, or all of a range.
fn one_or_range(word: &str) -> Result<Vec<f64>, String> {
    let numbers: Result<Vec<f64>, _> = word.split(':').map(|part| part.trim().parse::<f64>()).collect();
    let numbers =
        numbers.map_err(|_| format!("{word:?} is neither a number nor a range, first:last:step"))?;
    let (first, last, step) = match numbers.as_slice() {
        [number] => return Ok(vec![*number]),
        [first, last, step] => (*first, *last, *step),
        _ => {
            return Err(format!(
                "{word:?} has to be a number or a range of three, first:last:step"
            ));
        }
    };
    if !(first.is_finite() && last.is_finite() && step.is_finite() && step > 0.0 && last >= first) {
        return Err(format!(
            "{word:?}: the last may not be below the first, and the step has to be over 0"
        ));
    }
    // The last belongs to the range, however its step is rounded.
    let steps = ((last - first) / step + 1e-6).floor();
    if steps >= MOST as f64 {
        return Err(format!("{word:?} has more than {MOST} values"));
    }
    // As many digits as were written matter, so that 0.1 + 2 x 0.1 is 0.3.
    let rounded = |value: f64| (value * 1e9).round() / 1e9;
    Ok((0..=steps as usize)
        .map(|k| rounded(first + k as f64 * step))
        .collect())
}

impl TryFrom<Written> for Values {
    type Error = String;
    fn try_from(written: Written) -> Result<Self, String> {
        match written {
            Written::Number(number) => Self::new(vec![number]),
            Written::Numbers(numbers) => Self::new(numbers),
            Written::Text(text) => text.parse(),
        }
    }
}

impl From<Values> for Vec<f64> {
    fn from(values: Values) -> Self {
        values.0
    }
}

impl fmt::Display for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<String> = self.0.iter().map(f64::to_string).collect();
        f.write_str(&words.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_have_both_ends_and_round_numbers() {
        let of = |text: &str| text.parse::<Values>().unwrap().0;
        assert_eq!(
            of("0.1:1.0:0.1"),
            [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]
        );
        assert_eq!(of("0.8,0.4,0.8"), [0.4, 0.8]);
        assert_eq!(of("0.5:0.5:0.1"), [0.5]);
        assert_eq!(of("0.1:0.35:0.1, 1"), [0.1, 0.2, 0.3, 1.0]);
        assert_eq!(serde_json::from_str::<Values>("[1, 0.5]").unwrap().0, [0.5, 1.0]);
        assert_eq!(serde_json::from_str::<Values>("0.5").unwrap().0, [0.5]);
    }

    #[test]
    fn what_is_no_range() {
        for text in [
            "",
            "a",
            "0.1:1",
            "1:0.1:0.1",
            "0.1:1:0",
            "0.1:1:-1",
            "0:1:1e-9",
            "nan",
            "0:inf:1",
            "1:2:3:4",
        ] {
            assert!(text.parse::<Values>().is_err(), "{text:?}");
        }
        assert!(serde_json::from_str::<Values>("[]").is_err());
    }
}
