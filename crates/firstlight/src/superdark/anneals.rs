//! When the CCD of STIS was annealed.

use super::candidates::{Candidate, LeftOut};
use super::periods::{Period, period};
use crate::{Error, Result};
use firstlight_frame::table::read;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// Days of anneals, with whether the one before is the row before, and the report that says so.
const PUBLISHED: &str = include_str!("stis_anneals.csv");

/// Where the times of anneals are from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AnnealTable {
    /// There are none: all darks are taken for one period.
    None,
    /// The days that STScI has reported, which come with the program.
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
    /// [`Error::Table`] where it cannot be read or a column is missing, [`Error::Usage`] where anneals overlap.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let table = read(path, None, None)?;
        let column = |name: &str| Ok::<_, Error>(table.column(name)?.reals()?);
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

    /// Those that are known by their day from STScI's reports.
    pub(super) fn published() -> Self {
        let mut anneals = Self {
            times: Vec::new(),
            follow: Vec::new(),
        };
        let rows = PUBLISHED.lines().filter(|line| !line.starts_with(['#', 'd']));
        for row in rows {
            let mut cells = row.split(',').map(str::trim);
            let (date, follows) = (cells.next(), cells.next());
            if let Some(mjd) = date.and_then(mjd_of_day) {
                anneals.times.push((mjd, mjd + 1.0));
                anneals.follow.push(follows == Some("yes"));
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

/// The MJD at which a day begins, as in 2001-07-28.
fn mjd_of_day(date: &str) -> Option<f64> {
    let mut parts = date.splitn(3, '-').map(str::parse::<i64>);
    let (year, month, day) = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
    // Years begin in March here, so that a leap day is the last of a year.
    let (year, month) = if month < 3 { (year - 1, month + 9) } else { (year, month - 3) };
    let days = 365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    Some((days + (153 * month + 2) / 5 + day - 678_882) as f64)
}
