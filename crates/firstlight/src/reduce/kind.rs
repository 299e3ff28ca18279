//! What a frame is of: by the keywords that cameras write, what the observer called it, or the name of its file.

use firstlight_fits::{Header, Value};
use serde::Serialize;
use std::path::Path;

/// What a frame is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FrameKind {
    /// No light and no time.
    Bias,
    /// No light.
    Dark,
    /// A screen, or the sky in twilight.
    Flat,
    /// The sky.
    Science,
    /// Something that is not reduced: lamps of spectrographs, focus runs, frames that were made of others.
    Other,
}

/// Keywords that name the kind, in the order in which they are asked. They are those of MaxIm, NINA, IRAF's observatories,
/// Lick, NOAO and the SBIG standard.
const NAMING: [&str; 7] = [
    "IMAGETYP",
    "IMAGETYPE",
    "OBSTYPE",
    "FRAMETYP",
    "FRAME",
    "EXPTYPE",
    "OBS-TYPE",
];

/// What PICTTYPE of the SBIG standard counts.
const PICTURES: [FrameKind; 4] = [
    FrameKind::Science,
    FrameKind::Bias,
    FrameKind::Dark,
    FrameKind::Flat,
];

/// Words that say nothing of the kind beside one that does.
const BESIDE: [&str; 16] = [
    "sky", "dome", "twilight", "frame", "frames", "field", "image", "morning", "evening", "dusk", "dawn",
    "panel", "screen", "test", "master", "level",
];

/// The kind of a frame, and what says so. A frame that was combined of others, and one of reals that its name alone would
/// tell of, is none of these: it was made of raw frames, and is not taken for one.
pub(super) fn of(header: &Header, (path, raw): (&Path, bool), exptime: Option<f64>) -> (FrameKind, String) {
    if let Some(frames) = header.integer("NCOMBINE") {
        return (FrameKind::Other, format!("NCOMBINE = {frames}"));
    }
    let said = NAMING.iter().find_map(|keyword| {
        let text = header.text(keyword)?;
        let words = words(&text);
        let kind = words.iter().find_map(|word| named(word))?;
        Some((kind, format!("{keyword} = '{}'", text.trim())))
    });
    let counted = || {
        let number = match header.get("PICTTYPE")? {
            Value::Text(text) => text.trim().parse().ok()?,
            value => value.as_integer()?,
        };
        let kind = PICTURES.get(usize::try_from(number).ok()?.checked_sub(1)?)?;
        Some((*kind, format!("PICTTYPE = {number}")))
    };
    let called = || {
        let text = header.text("OBJECT")?;
        Some((only(&text)?, format!("OBJECT = '{}'", text.trim())))
    };
    let without_time = || (exptime == Some(0.0)).then(|| (FrameKind::Bias, "no exposure time".to_owned()));
    match said.or_else(counted) {
        // Lick's cameras call a bias a dark.
        Some((FrameKind::Dark, how)) if exptime == Some(0.0) => {
            (FrameKind::Bias, format!("{how} without exposure time"))
        }
        // Where the camera knows of an open shutter only, the observer says what it was open for.
        Some((FrameKind::Science, how)) => called().unwrap_or((FrameKind::Science, how)),
        Some(found) => found,
        None => called()
            .or_else(without_time)
            .or_else(|| match of_name(path) {
                Some((_, how)) if !raw => Some((
                    FrameKind::Other,
                    format!("{how}, and samples that are no whole numbers"),
                )),
                found => found,
            })
            .unwrap_or((FrameKind::Science, "nothing says that it is not".to_owned())),
    }
}

/// The words of a text, in small letters; numbers and signs part them.
fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphabetic())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

/// What a word names.
fn named(word: &str) -> Option<FrameKind> {
    match word {
        "bias" | "biases" | "zero" | "zeros" | "offset" | "offsets" => Some(FrameKind::Bias),
        "dark" | "darks" => Some(FrameKind::Dark),
        "flat" | "flats" | "skyflat" | "skyflats" | "domeflat" | "domeflats" | "twiflat" | "flatfield" => {
            Some(FrameKind::Flat)
        }
        "light" | "lights" | "object" | "science" | "target" | "sci" => Some(FrameKind::Science),
        "comp" | "comparison" | "arc" | "lamp" | "focus" | "acquisition" => Some(FrameKind::Other),
        _ => None,
    }
}

/// What an observer called a frame that has no other name: 'sky flat', 'bias 3', but not 'Dark Horse Nebula'.
fn only(text: &str) -> Option<FrameKind> {
    let mut kind = None;
    for word in words(text) {
        match named(&word) {
            Some(FrameKind::Science) => return None,
            Some(found) => kind = kind.or(Some(found)),
            // A filter: 'flat V'.
            None if word.chars().count() <= 2 || BESIDE.contains(&word.as_str()) => {}
            None => return None,
        }
    }
    kind
}

/// What the name of a file, or of the folders that it is in, says.
fn of_name(path: &Path) -> Option<(FrameKind, String)> {
    path.iter().rev().find_map(|part| {
        let part = part.to_string_lossy();
        let stem = part.split_once('.').map_or(&*part, |(stem, _)| stem);
        let kind = words(stem).iter().find_map(|word| named(word))?;
        Some((kind, format!("its name, '{part}'")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(cards: &[(&str, &str)], path: &str, exptime: Option<f64>) -> FrameKind {
        let mut header = Header::new();
        for (keyword, value) in cards {
            match value.parse::<i64>() {
                Ok(number) => header.set(keyword, number, None).unwrap(),
                Err(_) => header.set(keyword, *value, None).unwrap(),
            }
        }
        of(&header, (Path::new(path), true), exptime).0
    }

    #[test]
    fn cameras_have_many_words_for_four_kinds() {
        use FrameKind::{Bias, Dark, Flat, Other, Science};
        for (keyword, value, expected) in [
            ("IMAGETYP", "Light Frame", Science),
            ("IMAGETYP", "Bias Frame", Bias),
            ("IMAGETYP", "zero", Bias),
            ("IMAGETYP", "Dark Frame", Dark),
            ("IMAGETYP", "FLAT", Flat),
            ("IMAGETYP", "Flat Field", Flat),
            ("OBSTYPE", "SKYFLAT", Flat),
            ("FRAME", "Light", Science),
            ("EXPTYPE", "comp", Other),
            ("PICTTYPE", "1", Science),
            ("PICTTYPE", "2", Bias),
            ("PICTTYPE", "3", Dark),
            ("PICTTYPE", "4", Flat),
        ] {
            assert_eq!(
                kind(&[(keyword, value)], "a.fits", Some(10.0)),
                expected,
                "{keyword} {value}"
            );
        }
    }

    #[test]
    fn the_observer_is_asked_where_the_camera_knows_little() {
        use FrameKind::{Bias, Dark, Flat, Science};
        let nickel = |kind: &str, object: &str, time| {
            of(
                &{
                    let mut header = Header::new();
                    header.set("OBSTYPE", kind, None).unwrap();
                    header.set("OBJECT", object, None).unwrap();
                    header
                },
                (Path::new("d1001.fits"), true),
                Some(time),
            )
            .0
        };
        assert_eq!(nickel("DARK", "bias", 0.0), Bias);
        assert_eq!(nickel("DARK", "dark", 300.0), Dark);
        assert_eq!(nickel("OBJECT", "sky flat", 4.0), Flat);
        assert_eq!(nickel("OBJECT", "flat V 2", 4.0), Flat);
        assert_eq!(nickel("OBJECT", "Dark Horse Nebula", 60.0), Science);
        assert_eq!(nickel("OBJECT", "B 33", 60.0), Science);
        assert_eq!(nickel("OBJECT", "NGC_4147", 60.0), Science);
    }

    #[test]
    fn names_of_files_are_the_last_to_be_asked() {
        use FrameKind::{Bias, Dark, Flat, Other, Science};
        assert_eq!(kind(&[], "night/flats/a1.fits", Some(2.0)), Flat);
        assert_eq!(kind(&[], "night/dark_300s_01.fit", Some(300.0)), Dark);
        assert_eq!(kind(&[], "night/Bias001.fits.gz", None), Bias);
        assert_eq!(kind(&[], "night/m13.fits", Some(0.0)), Bias);
        assert_eq!(
            kind(&[], "night/NGC_3201_B_60.000secs_00001604.fit", Some(60.0)),
            Science
        );
        assert_eq!(kind(&[("PICTTYPE", "1")], "flats/m13.fits", Some(60.0)), Science);
        assert_eq!(
            kind(&[("NCOMBINE", "10"), ("PICTTYPE", "2")], "bias.fits", Some(0.0)),
            Other
        );
        let made = of(&Header::new(), (Path::new("truth/flat_V.fits"), false), None);
        assert_eq!(made.0, Other);
    }
}
