//! The header of a combination.

use super::factors::Factor;
use super::{CombineOptions, FrameReport, Method};
use crate::Result;
use crate::ccd::CcdUnit;
use firstlight_fits::Header;

use super::frames::Frame;

/// Keywords of an exposure's time.
const TIMES: [&str; 2] = ["EXPTIME", "EXPOSURE"];

/// That of the first frame, with NCOMBINE, the time of exposure, and HISTORY of what went in. The time of a sum is the sum of
/// the times, that of a mean or median their mean; 1 s where the frames were divided by it.
pub(super) fn of(
    frames: &[Frame],
    reports: &[FrameReport],
    options: &CombineOptions,
    scale: Option<&Factor>,
) -> Result<Header> {
    let mut header = frames
        .first()
        .map(|frame| frame.file.header().clone())
        .unwrap_or_default();
    header.set("NCOMBINE", frames.len() as i64, Some("number of frames combined"))?;
    for keyword in TIMES {
        let times: Option<Vec<f64>> = frames
            .iter()
            .map(|frame| frame.file.header().real(keyword))
            .collect();
        if let Some(times) = times {
            let sum = times.iter().sum::<f64>();
            let time = match options.method {
                _ if divided_by_time(scale) == Some(keyword) => 1.0,
                Method::Sum => sum,
                _ => sum / times.len() as f64,
            };
            if header.real(keyword) != Some(time) {
                header.set(keyword, time, None)?;
            }
        }
    }
    let method = format!("{:?}", options.method).to_lowercase();
    let clips: Vec<String> = options
        .clip
        .iter()
        .map(|clip| format!("{clip:?}").to_lowercase())
        .collect();
    let clips = match clips.is_empty() {
        true => "nothing rejected".to_owned(),
        false => format!("rejection by {}", clips.join(", ")),
    };
    header.push_commentary(
        "HISTORY",
        &format!("combine: {method} of {} frames, {clips}", frames.len()),
    )?;
    for report in reports {
        let name = crate::input::name_in_header(&report.file);
        header.push_commentary(
            "HISTORY",
            &format!("combine: {name} scale {} weight {}", report.scale, report.weight),
        )?;
    }
    Ok(header)
}

/// The unit of a combination: without dimension where frames were divided by their level, per second where by their time.
pub(super) fn unit(unit: &CcdUnit, scale: Option<&Factor>) -> CcdUnit {
    match scale {
        Some(Factor::Statistic(_)) => CcdUnit::Dimensionless,
        _ if divided_by_time(scale).is_some() => match unit {
            CcdUnit::Dimensionless => CcdUnit::Other("1 / s".to_owned()),
            unit => CcdUnit::Other(format!("{unit} / s")),
        },
        _ => unit.clone(),
    }
}

fn divided_by_time(scale: Option<&Factor>) -> Option<&'static str> {
    match scale {
        Some(Factor::Keyword { name, inverse: true }) => TIMES.into_iter().find(|time| time == name),
        _ => None,
    }
}
