//! What is to be said of an extraction that may not be of the target.

use super::{BoxOffImage, Location, X1dReport};

/// A spectrum that stands out of the other lines by less is doubtful; in their standard deviations.
const DOUBTFUL: f64 = 5.0;
/// The same of medians along lines, which have less to say of a spectrum that is brighter at one end.
const DOUBTFUL_MEDIAN: f64 = 3.0;

/// What is to be said of an extraction that hardly stands out, or far from the target, or that has no background.
pub fn doubts(report: &X1dReport) -> Vec<String> {
    let boxes = &report.background_off_image;
    let named = |off: &BoxOffImage| format!("bk{}offst {}", off.number, off.offset);
    let background = boxes.first().map(|off| {
        let what = match boxes.last().filter(|_| boxes.len() > 1) {
            None => format!("one box of the background ({}) lies", named(off)),
            Some(other) => format!(
                "no background is subtracted: both of its boxes ({}, {}) lie",
                named(off),
                named(other)
            ),
        };
        format!("{what} off the image; x1d with --bk1offst and --bk2offst puts them elsewhere")
    });
    let left_out = report.flux.iter().flat_map(|flux| flux.left_out.iter().cloned());
    let of_location = of_location(&report.location);
    of_location
        .into_iter()
        .chain(background)
        .chain(left_out)
        .collect()
}

/// What to say of a spectrum that was searched and may be none: it hardly stands out of the other lines, or in few columns
/// alone, or it is far from where the target is expected.
pub(super) fn of_location(location: &Location) -> Option<String> {
    let below = |found: Option<f64>, least: f64| found.filter(|found| *found < least);
    let weak = below(location.significance, DOUBTFUL)
        .map(|sigma| format!("it stands out of the other lines by {sigma:.1} standard deviations only"));
    let narrow = || {
        below(location.significance_of_median, DOUBTFUL_MEDIAN).map(|sigma| {
            format!(
                "its light is that of few columns, as of hot pixels or emission lines (the median of its columns stands out \
                 by {sigma:.1} standard deviations)"
            )
        })
    };
    let why = match (weak.or_else(narrow), location.is_astray) {
        (Some(why), true) => format!("{why}, and it is far from there"),
        (Some(why), false) => why,
        (None, true) => "it is far from there".to_owned(),
        (None, false) => return None,
    };
    Some(format!(
        "the spectrum was extracted about line {:.1} (counted from 1, of the unbinned detector), the brightest of those \
         searched; the target is expected about line {:.1}, {:.1} lines {}; {why}: it may be noise, hot pixels or another \
         source. x1d with --a2center {:.1} --maxsrch 0 extracts where the target is expected",
        location.line + 1.0,
        location.expected + 1.0,
        (location.line - location.expected).abs(),
        if location.line > location.expected {
            "below it"
        } else {
            "above it"
        },
        location.a2center_of_expected,
    ))
}
