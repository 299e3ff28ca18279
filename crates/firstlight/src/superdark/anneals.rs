//! When the CCD of STIS was annealed.

use super::candidates::{Candidate, LeftOut};
use super::periods::{Period, period};
use crate::{Error, Result};
use firstlight_frame::table::read;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// Anneals that are known, with whether each follows the one above it, and where it is known from.
const PUBLISHED: &str = include_str!("stis_anneals.csv");

/// Where the times of anneals are from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AnnealTable {
    /// There are none: all darks are taken for one period.
    None,
    /// Those that come with the program, from what STScI has published.
    Published,
    /// A table that was given.
    File(PathBuf),
}

/// Anneals in order of time.
pub(super) struct Anneals {
    /// Starts and ends, MJD.
    times: Vec<(f64, f64)>,
    /// Whether there was none between each and the one before it.
    follow: Vec<bool>,
}

impl Anneals {
    /// # Errors
    /// [`Error::Table`] where it cannot be read, [`Error::Contradiction`] where a column is missing or holds no numbers,
    /// [`Error::Usage`] where anneals overlap.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let table = read(path, None, None)?;
        let column = |name: &str| {
            let found = table.column(name).and_then(|column| column.reals());
            found.map_err(|error| Error::Contradiction {
                path: path.to_owned(),
                reason: format!("{error}; a table of anneals has the columns start and end, MJD"),
            })
        };
        let mut anneals: Vec<(f64, f64)> = column("start")?.into_iter().zip(column("end")?).collect();
        anneals.sort_by(|a, b| a.0.total_cmp(&b.0));
        let in_order = anneals.iter().all(|(start, end)| start <= end)
            && anneals.windows(2).all(|pair| pair[0].1 <= pair[1].0);
        if !in_order {
            return Err(Error::Usage(format!(
                "{}: an anneal ends before it starts, or after the next one has started",
                path.display()
            )));
        }
        let follow = vec![true; anneals.len()];
        Ok(Self {
            times: anneals,
            follow,
        })
    }

    /// Those that come with the program.
    pub(super) fn published() -> Self {
        let mut anneals = Self {
            times: Vec::new(),
            follow: Vec::new(),
        };
        for row in PUBLISHED.lines().filter(|line| !line.starts_with('#')) {
            let cells: Vec<&str> = row.split(',').collect();
            // The names of the columns are no numbers.
            if let [start, end, _, follows, _] = cells[..]
                && let (Ok(start), Ok(end)) = (start.parse(), end.parse())
            {
                anneals.times.push((start, end));
                anneals.follow.push(follows == "yes");
            }
        }
        anneals
    }

    /// Whether it is known of all times in which period or anneal they are.
    pub(super) fn knows(&self, times: &[f64]) -> bool {
        let known = |mjd: &f64| match self.place(*mjd) {
            None => true,
            Some(place) => place > 0 && self.follow.get(place) == Some(&true),
        };
        times.iter().all(known)
    }

    /// Which period a time is in, counted from that before the first anneal; None within an anneal.
    pub(super) fn place(&self, mjd: f64) -> Option<usize> {
        let before = self.times.partition_point(|anneal| anneal.0 <= mjd);
        let is_within = before > 0 && mjd < self.times[before - 1].1;
        (!is_within).then_some(before)
    }

    pub(super) fn bounds(&self, place: usize) -> (Option<f64>, Option<f64>) {
        let end_before = place
            .checked_sub(1)
            .and_then(|before| self.times.get(before))
            .map(|anneal| anneal.1);
        (end_before, self.times.get(place).map(|anneal| anneal.0))
    }

    pub(super) fn sort(&self, candidates: Vec<Candidate>, left_out: &mut Vec<LeftOut>) -> Vec<Period> {
        let mut sorted: Vec<(usize, Vec<Candidate>)> = Vec::new();
        for candidate in candidates {
            let Some(place) = self.place(candidate.mjd) else {
                let reason = format!("it was taken on MJD {}, during an anneal", candidate.mjd);
                left_out.push(LeftOut::new(&candidate.file, reason));
                continue;
            };
            match sorted.last_mut() {
                Some((last, of_last)) if *last == place => of_last.push(candidate),
                _ => sorted.push((place, vec![candidate])),
            }
        }
        let periods = sorted.into_iter();
        periods
            .map(|(place, candidates)| period(self.bounds(place), candidates))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn the_table_that_comes_with_the_program_is_in_order() {
        let anneals = Anneals::published();
        let rows = PUBLISHED
            .lines()
            .filter(|line| !line.starts_with(['#', 's']))
            .count();
        assert_eq!((anneals.times.len(), anneals.follow.len()), (rows, rows));
        assert!(rows > 200);
        for (pair, follows) in anneals.times.windows(2).zip(&anneals.follow[1..]) {
            let days = pair[1].0 - pair[0].1;
            assert!(days > 5.0 && pair[0].1 - pair[0].0 <= 2.0, "{pair:?}");
            // Longer only while the instrument was switched off.
            assert!(!follows || days < 100.0, "{pair:?}");
        }
    }

    #[test]
    fn a_time_is_known_between_anneals_that_follow_one_another() {
        let anneals = Anneals {
            times: vec![(10.0, 11.0), (40.0, 41.0), (70.0, 71.0), (200.0, 201.0)],
            follow: vec![false, true, true, false],
        };
        for (mjd, known) in [
            (5.0, false),
            (10.5, true),
            (20.0, true),
            (69.0, true),
            (71.5, false),
            (200.5, true),
            (300.0, false),
        ] {
            assert_eq!(anneals.knows(&[mjd]), known, "{mjd}");
        }
        assert!(!anneals.knows(&[20.0, 300.0]) && anneals.knows(&[20.0, 50.0]));
    }
}
