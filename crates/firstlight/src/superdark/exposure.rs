//! The superdarks of one exposure: of its anneal period, and of its week.

use super::anneals::AnnealTable;
use super::periods::{Period, PeriodOptions, Week, periods};
use super::{LeftOut, MadeSuperdark, OcrrejectOptions, SuperdarkOptions, basedark, weekdark};
use crate::output::refuse_existing;
use crate::{Error, Progress, Result};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// So many files that were left out are named in an error.
const NAMED: usize = 5;

/// The superdarks of one exposure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ForExposure {
    /// The darks of its period, of which the baseline is made.
    pub period: Period,
    /// The darks of its week.
    pub week: Week,
    /// Where the anneals are from.
    pub anneals: AnnealTable,
    /// Files that are not used, with the reasons.
    pub left_out: Vec<LeftOut>,
    /// The baseline dark.
    pub base: MadeSuperdark,
    /// The dark of the week: the exposure's DARKFILE.
    pub weekdark: MadeSuperdark,
}

/// Makes of many darks those superdarks that an exposure is to be calibrated with, into `folder`: the baseline of its
/// anneal period, `<rootname>_basedark.fits`, and the dark of its week, `<rootname>_weekdark.fits`. A figure and a table
/// of hot pixels that `options` name are of the latter.
///
/// # Errors
/// Those of [`periods`], [`basedark`] and [`weekdark`]; [`Error::Usage`] where fewer than two darks are of the
/// exposure's week.
pub fn superdark_for(
    exposure: &Path,
    darks: &[PathBuf],
    folder: &Path,
    sorting: &PeriodOptions,
    (options, how): (&SuperdarkOptions, &OcrrejectOptions),
    progress: &dyn Progress,
) -> Result<ForExposure> {
    let name = crate::input::file_name(exposure);
    let root = name.split(['_', '.']).next().unwrap_or_default();
    let product = |kind: &str| folder.join(format!("{root}_{kind}.fits"));
    let (base_path, week_path) = (product("basedark"), product("weekdark"));
    let asked_for = [&options.figure, &options.hot_table];
    let products = [&base_path, &week_path].into_iter();
    refuse_existing(products.chain(asked_for.into_iter().flatten()), options.overwrite)?;
    let mut sorted = periods(darks, Some(exposure), sorting)?;
    let left_out = why_left_out(&sorted.left_out);
    let none = || {
        Error::Usage(format!(
            "{}: no dark can be used for it{left_out}",
            exposure.display()
        ))
    };
    let week = sorted.week.take().ok_or_else(none)?;
    let period = sorted.periods.swap_remove(week.period);
    if period.darks.len() < 2 {
        return Err(Error::Usage(format!(
            "{}: its anneal period has one dark that can be used, and a superdark needs two: give more darks of the period \
             (--darks){left_out}",
            exposure.display()
        )));
    }
    if week.darks.len() < 2 {
        return Err(Error::Usage(format!(
            "{}: {} of {} darks of its anneal period were taken within {} days of it, and a week's dark needs two: let \
             more days count (--week-days){left_out}",
            exposure.display(),
            week.darks.len(),
            period.darks.len(),
            sorting.week_days / 2.0
        )));
    }
    crate::output::make_folder(folder)?;
    // Figure and table are of the dark that is used.
    let plain = SuperdarkOptions {
        figure: None,
        hot_table: None,
        ..options.clone()
    };
    let base = basedark(&period.files(), &base_path, &plain, how, progress)?;
    let weekdark = weekdark(&week.darks, &base_path, &week_path, options, how, progress)?;
    Ok(ForExposure {
        period,
        week,
        anneals: sorted.anneals,
        left_out: sorted.left_out,
        base,
        weekdark,
    })
}

/// How many files were left out and why, as the end of a sentence; nothing where there are none.
pub(super) fn why_left_out(left_out: &[LeftOut]) -> String {
    if left_out.is_empty() {
        return String::new();
    }
    let mut reasons: Vec<(&str, Vec<String>)> = Vec::new();
    for left in left_out {
        let name = crate::input::file_name(&left.file);
        match reasons.iter_mut().find(|(same, _)| *same == left.reason) {
            Some((_, names)) => names.push(name),
            None => reasons.push((&left.reason, vec![name])),
        }
    }
    let one = |(reason, names): &(&str, Vec<String>)| {
        let named = names.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
        format!("{named}{}: {reason}", and_more(names.len(), " and "))
    };
    let named: Vec<String> = reasons.iter().take(NAMED).map(one).collect();
    let noun = if left_out.len() == 1 {
        "file was"
    } else {
        "files were"
    };
    format!(
        "; {} {noun} left out ({}{})",
        left_out.len(),
        named.join("; "),
        and_more(reasons.len(), "; and ")
    )
}

/// How many are not named.
fn and_more(all: usize, and: &str) -> String {
    match all.saturating_sub(NAMED) {
        0 => String::new(),
        more => format!("{and}{more} more"),
    }
}
