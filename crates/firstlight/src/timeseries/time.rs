//! When a frame was exposed.

use crate::ccd::{number, time};
use crate::{Error, Result};
use firstlight_fits::Header;
use std::path::Path;

/// Seconds of a day.
const DAY: f64 = 86_400.0;
/// What TIMESYS may say; differences between them are below a second.
const UTC: [&str; 4] = ["UTC", "UT", "UT1", "GMT"];

/// The middle of an exposure.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct MidExposure {
    /// Julian Date, UTC.
    pub(super) jd: f64,
    /// Exposure time, s.
    pub(super) exptime_s: f64,
    /// The keywords that it is from.
    pub(super) from: String,
}

/// The beginning that the header tells and half of the exposure time.
///
/// DATE-OBS counts where it has a time of day, or TIME-OBS, UT or UTC has it; a zone that stands behind it (`-0700`, `+02:00`,
/// `Z`) is honoured, and without one it is UTC, as the FITS standard has it. Then MJD-OBS, then JD.
pub(super) fn mid_exposure(
    path: &Path,
    header: &Header,
    (time_key, exposure_key): (Option<&str>, &str),
) -> Result<MidExposure> {
    if let Some(system) = header.text("TIMESYS")
        && !UTC.contains(&system.trim().to_ascii_uppercase().as_str())
    {
        return Err(Error::Contradiction {
            path: path.to_owned(),
            reason: format!(
                "its times are {system} (TIMESYS), but have to be UTC; give a keyword that holds UTC (--time-key), and set \
                 TIMESYS ('firstlight header set')"
            ),
        });
    }
    let missing = |keyword: &str| Error::MissingKeyword {
        path: path.to_owned(),
        keyword: keyword.to_owned(),
    };
    let exptime_s = number(header, exposure_key).ok_or_else(|| missing(exposure_key))?;
    let keys: Vec<&str> = match time_key {
        Some(key) => vec![key],
        None => vec!["DATE-OBS", "MJD-OBS", "JD"],
    };
    let found = keys
        .iter()
        .find_map(|key| Some((time::begin(header, key)?, (*key).to_owned())));
    let (jd, key) = found.ok_or_else(|| missing(&keys.join(" with a time of day, or ")))?;
    Ok(MidExposure {
        jd: jd + 0.5 * exptime_s / DAY,
        exptime_s,
        from: format!("{key} + {exposure_key}/2"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(cards: &[(&str, &str)]) -> Result<MidExposure> {
        let mut header = Header::new();
        header.set("EXPTIME", 60.0, None)?;
        for (keyword, value) in cards {
            match value.parse::<f64>() {
                Ok(number) => header.set(keyword, number, None)?,
                Err(_) => header.set(keyword, *value, None)?,
            };
        }
        mid_exposure(Path::new("a.fits"), &header, (None, "EXPTIME"))
    }

    fn close(found: f64, expected: f64) -> bool {
        (found - expected).abs() * DAY < 1e-3
    }

    #[test]
    fn zones_are_honoured_and_dates_without_one_are_universal() {
        // 2017-12-20T01:34:13.317 is JD 2458107.565431910.
        let expected = 2_458_107.565_431_91;
        for date in [
            "2017-12-19T18:33:43.317-0700",
            "2017-12-20T03:33:43.317+02:00",
            "2017-12-20T01:33:43.317",
            "2017-12-20T01:33:43.317Z",
            "2017-12-20 01:33:43.317-0000",
        ] {
            let found = of(&[("DATE-OBS", date), ("MJD-OBS", "58107.065")]).unwrap();
            assert!(close(found.jd, expected), "{date}: {}", found.jd);
            assert_eq!(found.from, "DATE-OBS + EXPTIME/2");
        }
        let parted = of(&[("DATE-OBS", "2017-12-20"), ("TIME-OBS", "01:33:43.317")]).unwrap();
        assert!(close(parted.jd, expected));
    }

    #[test]
    fn numbers_are_taken_where_the_date_has_no_time() {
        let found = of(&[("DATE-OBS", "2017-12-20"), ("MJD-OBS", "58107.25")]).unwrap();
        assert!(close(found.jd, 2_458_107.75 + 30.0 / DAY));
        assert_eq!(found.from, "MJD-OBS + EXPTIME/2");
        let found = of(&[("JD", "2458107.75")]).unwrap();
        assert!(close(found.jd, 2_458_107.75 + 30.0 / DAY));
        for cards in [
            &[("DATE-OBS", "2017-12-20")][..],
            &[("DATE-OBS", "yesterday, noon")],
            &[],
        ] {
            let error = of(cards).unwrap_err();
            assert!(matches!(error, Error::MissingKeyword { .. }), "{error}");
        }
        let other = of(&[("DATE-OBS", "2017-12-20T01:00:00"), ("TIMESYS", "TT")]).unwrap_err();
        assert!(other.to_string().contains("TIMESYS"), "{other}");
    }
}
