//! What `firstlight superdark` says to people.

use firstlight::input::file_name;
use firstlight::superdark::{
    AnnealTable, ForExposure, LeftOut, MadeSuperdark, Period, PeriodsReport, SuperdarkReport,
};
use std::fmt::Write;
use std::path::Path;

/// Darks of less than this share of the longest exposure are short ones.
const SHORT: f32 = 0.5;
/// So many files are named that are left out for one reason.
const NAMED: usize = 8;

/// By which anneals darks are sorted, unless a table of them was given.
fn anneals(table: &AnnealTable) -> &'static str {
    match table {
        AnnealTable::None => {
            "it is not known here when the CCD was annealed (--periods): the darks are taken for one period\n"
        }
        AnnealTable::Published => {
            "anneals: those that come with the program; --periods takes another table\n"
        }
        AnnealTable::File(_) => "",
    }
}

pub fn of_superdark(made: &MadeSuperdark) -> String {
    let report = &made.made.report;
    let mut text = String::new();
    // Writing to a String does not fail.
    let _ = writeln!(
        text,
        "wrote {} ({}; {} darks, {} s) in {:.2} s",
        made.made.path.display(),
        report.unit,
        report.inputs.len(),
        report.exptime_s,
        made.made.seconds
    );
    short_darks(&mut text, report);
    hot_pixels(&mut text, report);
    left_out(&mut text, &made.left_out);
    text
}

fn short_darks(text: &mut String, report: &SuperdarkReport) {
    let longest = report.exposure_times_s.iter().copied().fold(0.0, f32::max);
    let all = report.inputs.iter().zip(&report.exposure_times_s);
    let short: Vec<String> = all
        .filter(|(_, seconds)| **seconds < SHORT * longest)
        .map(|(name, seconds)| format!("{} ({seconds} s)", file_name(Path::new(name))))
        .collect();
    if !short.is_empty() {
        let _ = writeln!(
            text,
            "short darks were combined with the others, as they were given: {}; --min-exptime leaves them out",
            short.join(", ")
        );
    }
}

fn hot_pixels(text: &mut String, report: &SuperdarkReport) {
    let _ = writeln!(
        text,
        "hot pixels: {} flagged; {} pixels without data in any dark",
        report.hot.flagged, report.without_data
    );
    for count in &report.hot.above {
        let _ = write!(text, "  above {} e/s: {}", count.rate, count.pixels);
        if let Some(since) = count.since {
            let _ = write!(
                text,
                " (baseline {}; {} new, {} healed)",
                since.base, since.new, since.healed
            );
        }
        text.push('\n');
    }
    if let (Some(new), Some(healed)) = (report.hot.new, report.hot.healed) {
        let _ = writeln!(text, "  since the baseline: {new} new, {healed} healed");
    }
}

/// Files by reason.
fn left_out(text: &mut String, left_out: &[LeftOut]) {
    let mut reasons: Vec<(&str, Vec<String>)> = Vec::new();
    for LeftOut { file, reason } in left_out {
        match reasons.iter_mut().find(|(same, _)| same == reason) {
            Some((_, names)) => names.push(file_name(file)),
            None => reasons.push((reason, vec![file_name(file)])),
        }
    }
    for (reason, names) in reasons {
        let more = match names.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let named = names.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
        let _ = writeln!(text, "left out, {reason}: {named}{more}");
    }
}

pub fn of_periods(report: &PeriodsReport) -> String {
    let mut text = String::new();
    text.push_str(anneals(&report.anneals));
    for period in &report.periods {
        of_period(&mut text, period);
        for dark in &period.darks {
            let celsius = dark
                .celsius
                .map_or(String::new(), |celsius| format!(", {celsius:.2} C"));
            let _ = writeln!(
                text,
                "  week {}: {} MJD {:.4}, {} s{celsius}",
                dark.week,
                file_name(&dark.file),
                dark.mjd,
                dark.exptime_s
            );
        }
    }
    if let Some(week) = &report.week {
        let names: Vec<String> = week.darks.iter().map(|dark| file_name(dark)).collect();
        let _ = writeln!(
            text,
            "the week of {} (MJD {:.4}): {} darks: {}",
            file_name(&week.exposure),
            week.mjd,
            names.len(),
            names.join(", ")
        );
    }
    left_out(&mut text, &report.left_out);
    text
}

fn of_period(text: &mut String, period: &Period) {
    let bound = |mjd: Option<f64>| mjd.map_or("?".to_owned(), |mjd| format!("{mjd:.4}"));
    let _ = writeln!(
        text,
        "period MJD {} to {}: {} darks",
        bound(period.start_mjd),
        bound(period.end_mjd),
        period.darks.len()
    );
}

/// `ref_dir` is the folder of reference files that was given.
pub fn of_exposure(made: &ForExposure, ref_dir: Option<&Path>) -> String {
    let mut text = String::new();
    text.push_str(anneals(&made.anneals));
    of_period(&mut text, &made.period);
    text += &of_superdark(&made.base);
    text += &of_superdark(&made.weekdark);
    left_out(&mut text, &made.left_out);
    text += &next(&made.week.exposure, &made.weekdark.made.path, ref_dir);
    text
}

/// The command that calibrates an exposure with its dark.
fn next(exposure: &Path, dark: &Path, ref_dir: Option<&Path>) -> String {
    let ref_dir = ref_dir.map_or(String::new(), |folder| format!(" --ref-dir {}", folder.display()));
    format!(
        "next: firstlight calibrate {} --darkfile {}{ref_dir}\n",
        exposure.display(),
        dark.display()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_command_has_the_reference_files_of_this_one() {
        let (exposure, dark) = (Path::new("o_raw.fits"), Path::new("d/week.fits"));
        assert_eq!(
            next(exposure, dark, Some(Path::new("oref"))),
            "next: firstlight calibrate o_raw.fits --darkfile d/week.fits --ref-dir oref\n"
        );
        assert!(next(exposure, dark, None).ends_with("week.fits\n"));
    }
}
