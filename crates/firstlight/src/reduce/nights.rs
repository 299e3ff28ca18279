//! Which frames are of one night.

use super::frames::NightFrame;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Longest time without a frame within a night, days.
const PAUSE: f64 = 0.25;

/// MJD of 1970-01-01.
const EPOCH: f64 = 40_587.0;

/// Sorts frames into nights, which six hours without a frame part, and gives the nights' names: the dates (UTC) of their
/// first frames. Frames without a time are of the night of those in their folder, or of one of their own.
pub(super) fn split(frames: &mut [NightFrame]) -> Vec<String> {
    let mut times: Vec<(f64, usize)> = frames
        .iter()
        .enumerate()
        .filter_map(|(n, frame)| Some((frame.mjd?, n)))
        .collect();
    times.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut names: Vec<String> = Vec::new();
    let mut last = f64::NEG_INFINITY;
    for (mjd, n) in times {
        if mjd - last > PAUSE {
            names.push(name(mjd, &names));
        }
        last = mjd;
        frames[n].night = names.len() - 1;
    }
    let mut of_folders: HashMap<PathBuf, usize> = HashMap::new();
    for frame in frames.iter().filter(|frame| frame.mjd.is_some()) {
        of_folders.entry(folder(&frame.path)).or_insert(frame.night);
    }
    let mut undated = None;
    for frame in frames.iter_mut().filter(|frame| frame.mjd.is_none()) {
        frame.night = match of_folders.get(&folder(&frame.path)) {
            Some(night) => *night,
            None => *undated.get_or_insert_with(|| {
                names.push("undated".to_owned());
                names.len() - 1
            }),
        };
    }
    names
}

fn folder(path: &Path) -> PathBuf {
    crate::output::folder_of(path).to_owned()
}

/// The date, with a letter behind it where a night has it already.
fn name(mjd: f64, taken: &[String]) -> String {
    let date = crate::calendar::date((mjd - EPOCH).floor() as i64);
    let same = taken.iter().filter(|name| name.starts_with(&date)).count();
    match u8::try_from(same) {
        Ok(0) => date,
        Ok(same @ 1..=25) => format!("{date}{}", char::from(b'a' + same)),
        _ => format!("{date}-{same}"),
    }
}
