//! Darks by anneal period and week.

use super::anneals::{AnnealTable, Anneals};
use super::candidates::{Candidate, DarkSetup, LeftOut, Wanted, survey};
use super::exposure::why_left_out;
use crate::{Error, Result};
use firstlight_frame::Exposure;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// The CCD is annealed every four weeks; darks that span more days than this are of several periods.
const LONGEST_DAYS: f64 = 45.0;
const WEEK_DAYS: f64 = 7.0;

/// How darks are sorted by period and week.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct PeriodOptions {
    /// Table of the anneals, with the columns start and end (MJD): a period is from the end of one to the start of the
    /// next [default: those that STScI has published, as they come with the program, where these are known for all darks;
    /// others have to be of one period].
    #[cfg_attr(feature = "clap", arg(long, value_name = "FILE"))]
    pub periods: Option<PathBuf>,
    /// Days about an exposure, half of them before it, whose darks are those of its week.
    #[cfg_attr(feature = "clap", arg(long, value_name = "DAYS", default_value_t = PeriodOptions::default().week_days))]
    pub week_days: f64,
    /// Darks of shorter exposure are left out, s.
    #[cfg_attr(feature = "clap", arg(long, value_name = "SECONDS", default_value_t = PeriodOptions::default().min_exptime))]
    pub min_exptime: f64,
}

impl Default for PeriodOptions {
    fn default() -> Self {
        Self {
            periods: None,
            week_days: WEEK_DAYS,
            min_exptime: 300.0,
        }
    }
}

/// Darks by period.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PeriodsReport {
    /// Where the anneals are from.
    pub anneals: AnnealTable,
    /// How the CCD was read for all of them; None where there is none.
    pub setup: Option<DarkSetup>,
    /// In order of time; those without darks are not named.
    pub periods: Vec<Period>,
    /// The darks about the exposure that was asked for.
    pub week: Option<Week>,
    /// Files that are not used, with the reasons.
    pub left_out: Vec<LeftOut>,
}

/// The darks between two anneals.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Period {
    /// End of the anneal before, MJD; None where it is not known.
    pub start_mjd: Option<f64>,
    /// Start of the anneal after, MJD; None where it is not known.
    pub end_mjd: Option<f64>,
    /// In order of time.
    pub darks: Vec<DarkOfPeriod>,
}

/// One dark.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DarkOfPeriod {
    /// The file.
    pub file: PathBuf,
    /// Its start, MJD.
    pub mjd: f64,
    /// Its exposure time, s; of several imsets the shortest.
    pub exptime_s: f64,
    /// Temperature of the CCD's housing, °C.
    pub celsius: Option<f64>,
    /// Its week: from the period's start, or else from the first dark, counted from 1.
    pub week: usize,
}

/// The darks about an exposure, all of its period.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Week {
    /// The exposure.
    pub exposure: PathBuf,
    /// Its start, MJD.
    pub mjd: f64,
    /// Place of its period among those of the report.
    pub period: usize,
    /// In order of time.
    pub darks: Vec<PathBuf>,
}

impl Period {
    /// The files, in order of time.
    pub fn files(&self) -> Vec<PathBuf> {
        self.darks.iter().map(|dark| dark.file.clone()).collect()
    }
}

/// Sorts darks by anneal period; with `around`, finds those of an exposure's week. What is no dark, or does not go with
/// most of them, is left out, and it is said why.
///
/// # Errors
/// [`Error::Table`] and [`Error::Fits`] for a table of anneals that cannot be read, [`Error::Contradiction`] for one that has not its
/// columns; [`Error::Usage`] where there is no table and the darks span more than one period, where options are out of range, and where the exposure lies in an
/// anneal or in a period without darks.
pub fn periods(inputs: &[PathBuf], around: Option<&Path>, options: &PeriodOptions) -> Result<PeriodsReport> {
    if !(options.week_days > 0.0 && options.week_days.is_finite()) {
        let days = options.week_days;
        return Err(Error::Usage(format!(
            "week_days is {days}, but has to be above 0"
        )));
    }
    let exposure = around.map(Target::of).transpose()?;
    let wanted = Wanted {
        min_exptime_s: options.min_exptime,
        binning: exposure.as_ref().map(|exposure| exposure.binning),
    };
    let (candidates, mut left_out) = survey(inputs, wanted);
    let setup = candidates.first().map(|first| first.setup.clone());
    let times = candidates.iter().map(|candidate| candidate.mjd);
    let times: Vec<f64> = times
        .chain(exposure.as_ref().map(|exposure| exposure.mjd))
        .collect();
    let (table, anneals) = match &options.periods {
        Some(path) => (AnnealTable::File(path.clone()), Some(Anneals::read(path)?)),
        None => match Anneals::published() {
            published if published.knows(&times) => (AnnealTable::Published, Some(published)),
            _ => (AnnealTable::None, None),
        },
    };
    let periods = match &anneals {
        Some(anneals) => anneals.sort(candidates, &mut left_out),
        None => one_period(candidates)?,
    };
    let week = exposure.map(|exposure| {
        let told = why_left_out(&left_out);
        exposure.week(&periods, anneals.as_ref(), options.week_days, &told)
    });
    Ok(PeriodsReport {
        anneals: table,
        setup,
        week: week.transpose()?,
        periods,
        left_out,
    })
}

/// All darks as one period.
fn one_period(candidates: Vec<Candidate>) -> Result<Vec<Period>> {
    let span = candidates.first().zip(candidates.last());
    let days = span.map_or(0.0, |(first, last)| last.mjd - first.mjd);
    if days > LONGEST_DAYS {
        return Err(Error::Usage(format!(
            "the darks span {days:.0} days, more than the four weeks between anneals, whose dates are not known here for \
             all of them: say when these were (--periods FILE, a table with the columns start and end, MJD), or give \
             the darks of one period"
        )));
    }
    Ok(match candidates.is_empty() {
        true => Vec::new(),
        false => vec![period((None, None), candidates)],
    })
}

/// A period of candidates in order of time.
pub(super) fn period((start_mjd, end_mjd): (Option<f64>, Option<f64>), candidates: Vec<Candidate>) -> Period {
    let first = candidates.first().map_or(0.0, |first| first.mjd);
    let begin = start_mjd.unwrap_or(first);
    let dark = |candidate: Candidate| DarkOfPeriod {
        week: ((candidate.mjd - begin) / WEEK_DAYS) as usize + 1,
        file: candidate.file,
        mjd: candidate.mjd,
        exptime_s: candidate.exptime_s,
        celsius: candidate.celsius,
    };
    Period {
        start_mjd,
        end_mjd,
        darks: candidates.into_iter().map(dark).collect(),
    }
}

/// The exposure that darks are wanted for.
struct Target {
    path: PathBuf,
    mjd: f64,
    binning: (i64, i64),
}

impl Target {
    fn of(path: &Path) -> Result<Self> {
        let exposure = Exposure::open(path)?;
        let primary = exposure.primary();
        let missing = |keyword: &str| Error::MissingKeyword {
            path: path.to_owned(),
            keyword: keyword.to_owned(),
        };
        let binning = |keyword| primary.integer(keyword).ok_or_else(|| missing(keyword));
        Ok(Self {
            path: path.to_owned(),
            mjd: primary.real("TEXPSTRT").ok_or_else(|| missing("TEXPSTRT"))?,
            binning: (binning("BINAXIS1")?, binning("BINAXIS2")?),
        })
    }

    /// The darks of its period that were taken within half of `days` of it; `left_out` is told where there are none.
    fn week(&self, periods: &[Period], anneals: Option<&Anneals>, days: f64, left_out: &str) -> Result<Week> {
        let (path, mjd) = (self.path.display(), self.mjd);
        let bounds = match anneals {
            Some(anneals) => {
                let within = || Error::Usage(format!("{path} was taken on MJD {mjd}, during an anneal"));
                anneals.bounds(anneals.place(mjd).ok_or_else(within)?)
            }
            None => (None, None),
        };
        let same = |period: &Period| (period.start_mjd, period.end_mjd) == bounds;
        let found = periods.iter().position(same).ok_or_else(|| {
            Error::Usage(match periods.is_empty() {
                true => format!("{path}: none of the darks can be used for it{left_out}"),
                false => {
                    format!("there is no dark of the anneal period of {path}, taken on MJD {mjd}{left_out}")
                }
            })
        })?;
        let near = periods[found]
            .darks
            .iter()
            .filter(|dark| (dark.mjd - mjd).abs() <= days / 2.0);
        Ok(Week {
            exposure: self.path.clone(),
            mjd,
            period: found,
            darks: near.map(|dark| dark.file.clone()).collect(),
        })
    }
}
