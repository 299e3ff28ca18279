//! Scales and weights of frames: numbers, keywords, statistics.

use super::frames::Frame;
use crate::{Error, Result};
use firstlight_calibrate::ccd::Section;
use firstlight_stats::{SigmaClip, clipped_statistics, mean, median};
use rayon::prelude::*;
use std::ops::Range;

/// What gives each frame a number.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Factor {
    /// One for each file.
    Numbers(Vec<f64>),
    /// A keyword's value, or its inverse.
    Keyword { name: String, inverse: bool },
    /// A statistic of its samples.
    Statistic(Statistic),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Statistic {
    Mean,
    Median,
    Mode,
}

/// Columns and rows, from 0.
pub(super) type Region = (Range<usize>, Range<usize>);

impl Factor {
    pub(super) fn parse(text: &str) -> Result<Self> {
        let text = text.trim();
        let numbers: Option<Vec<f64>> = text.split(',').map(|n| n.trim().parse().ok()).collect();
        if let Some(numbers) = numbers {
            return Ok(Factor::Numbers(numbers));
        }
        let statistic = match text.to_ascii_lowercase().as_str() {
            "mean" | "average" => Some(Statistic::Mean),
            "median" => Some(Statistic::Median),
            "mode" => Some(Statistic::Mode),
            _ => None,
        };
        if let Some(statistic) = statistic {
            return Ok(Factor::Statistic(statistic));
        }
        let (name, inverse) = match text.split_once('/') {
            Some((one, name)) if one.trim() == "1" => (name.trim(), true),
            _ => (text, false),
        };
        let named = !name.is_empty()
            && name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-_ ".contains(&b));
        if !named {
            return Err(Error::Usage(format!(
                "'{text}' is no scale or weight: give one number for each file parted by commas, a keyword, 1/KEYWORD, or \
                 mean, median or mode"
            )));
        }
        Ok(Factor::Keyword {
            name: name.to_ascii_uppercase(),
            inverse,
        })
    }

    /// The numbers of the frames. Of many files that were given those of the frames that are in use are taken.
    pub(super) fn of(&self, frames: &[Frame], given: usize, how: &Measuring) -> Result<Vec<f64>> {
        match self {
            Factor::Numbers(numbers) if numbers.len() == given => {
                Ok(frames.iter().map(|frame| numbers[frame.position]).collect())
            }
            Factor::Numbers(numbers) => Err(Error::Usage(format!(
                "{} numbers are given for {given} files; give one for each",
                numbers.len()
            ))),
            Factor::Keyword { name, inverse } => frames
                .iter()
                .map(|frame| keyword(frame, name, *inverse))
                .collect(),
            Factor::Statistic(statistic) => how.all(frames, *statistic),
        }
    }
}

fn keyword(frame: &Frame, name: &str, inverse: bool) -> Result<f64> {
    let path = || frame.file.path().to_owned();
    let Some(value) = frame.file.header().real(name) else {
        return Err(Error::MissingKeyword {
            path: path(),
            keyword: name.to_owned(),
        });
    };
    if !value.is_finite() || inverse && value == 0.0 {
        return Err(Error::Contradiction {
            path: path(),
            reason: format!(
                "{name} is {value}, which frames cannot be scaled by; correct it ('firstlight header set'), or give numbers"
            ),
        });
    }
    Ok(if inverse { 1.0 / value } else { value })
}

/// How statistics are taken.
pub(super) struct Measuring {
    pub(super) region: Region,
    /// Bytes of memory.
    pub(super) memory: u64,
}

impl Measuring {
    fn all(&self, frames: &[Frame], statistic: Statistic) -> Result<Vec<f64>> {
        // The samples, their mask, and a copy that is put in order.
        let bytes = self.region.1.len() as u64 * (frames.first().map_or(0, |f| f.file.shape().1) as u64) * 22;
        let at_once = (self.memory / bytes.max(1)).max(1) as usize;
        let mut all = Vec::with_capacity(frames.len());
        for some in frames.chunks(at_once.min(rayon::current_num_threads())) {
            let found: Result<Vec<f64>> = some.par_iter().map(|frame| self.one(frame, statistic)).collect();
            all.extend(found?);
        }
        Ok(all)
    }

    fn one(&self, frame: &Frame, statistic: Statistic) -> Result<f64> {
        let (columns, rows) = &self.region;
        let part = frame.file.read_rows::<f64>(rows.clone())?;
        let mut samples = Vec::with_capacity(rows.len() * columns.len());
        for y in 0..rows.len() {
            let bits = part.dq.as_ref().map(|dq| dq.row(y));
            for x in columns.clone() {
                if bits.is_none_or(|bits| bits[x] == 0) {
                    samples.push(part.sci.row(y)[x]);
                }
            }
        }
        let found = match statistic {
            Statistic::Mean => mean(&samples),
            Statistic::Median => median(&samples),
            Statistic::Mode => clipped_statistics(&samples, &SigmaClip::default())
                .map(|clipped| 2.5 * clipped.median - 1.5 * clipped.mean),
        };
        let refused = |reason: String| Error::Contradiction {
            path: frame.file.path().to_owned(),
            reason,
        };
        match found {
            Ok(value) if value.is_finite() && value != 0.0 => Ok(value),
            Ok(value) => Err(refused(format!(
                "its level is {value}, which frames cannot be scaled by; take it of another region (--scale-region)"
            ))),
            Err(_) => Err(refused(
                "no pixel of it is finite and not masked, so that its level is not known; leave the file out"
                    .to_owned(),
            )),
        }
    }
}

/// Reads `101:900,101:900`, also in brackets, as part of an image of shape `(ny, nx)`.
pub(super) fn region(text: Option<&str>, (ny, nx): (usize, usize)) -> Result<Region> {
    let Some(text) = text else {
        return Ok((0..nx, 0..ny));
    };
    let inner = text.trim().trim_start_matches('[').trim_end_matches(']');
    let section = Section::parse(&format!("[{inner}]")).and_then(|section| section.within((ny, nx)));
    let (rows, columns) = section.map_err(|_| {
        Error::Usage(format!(
            "the region '{text}' is not one of images of {nx} columns and {ny} rows; give first and last column, first and \
             last row as 1:{nx},1:{ny}"
        ))
    })?;
    Ok((columns, rows))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factors_are_numbers_statistics_or_keywords() {
        let parse = |text| Factor::parse(text).unwrap();
        assert_eq!(parse("1, 0.5,2e1"), Factor::Numbers(vec![1.0, 0.5, 20.0]));
        assert_eq!(parse("Median"), Factor::Statistic(Statistic::Median));
        let keyword = |name: &str, inverse| Factor::Keyword {
            name: name.to_owned(),
            inverse,
        };
        assert_eq!(parse("1/exptime"), keyword("EXPTIME", true));
        assert_eq!(parse("AIRMASS"), keyword("AIRMASS", false));
        assert!(Factor::parse("2/EXPTIME").is_err() && Factor::parse("").is_err());
    }

    #[test]
    fn regions_count_from_one_with_both_ends() {
        let of = |text| region(Some(text), (20, 10)).unwrap();
        assert_eq!(of("1:10,1:20"), (0..10, 0..20));
        assert_eq!(of("[2:3, 5:5]"), (1..3, 4..5));
        assert_eq!(of("*,11:20"), (0..10, 10..20));
        for poor in ["0:3,1:2", "1:11,1:2", "3:2,1:2", "1:2", "1:2,1:2,1:2", "a:b,1:2"] {
            assert!(region(Some(poor), (20, 10)).is_err(), "{poor}");
        }
    }
}
