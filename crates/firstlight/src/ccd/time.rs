//! When a frame was taken.

use super::number;
use firstlight_archive::mast::mjd;
use firstlight_fits::Header;

/// The Julian Date that Modified Julian Dates are counted from.
pub(crate) const MJD_ZERO: f64 = 2_400_000.5;

/// When an exposure began, MJD in UTC: of DATE-OBS or DATE-BEG with a time of day, which TIME-OBS, UT or UTC may hold; else of
/// MJD-OBS, MJD or JD; else the middle of the day that DATE-OBS names.
pub(crate) fn start_mjd(header: &Header) -> Option<f64> {
    let told = ["DATE-OBS", "DATE-BEG", "MJD-OBS", "MJD", "JD"]
        .iter()
        .find_map(|key| begin(header, key));
    let of_day = || {
        let (begin, end) = mjd(header.text("DATE-OBS")?.trim())?;
        Some(0.5 * (begin + end))
    };
    told.map(|jd| jd - MJD_ZERO).or_else(of_day)
}

/// The Julian Date that a keyword tells, as a date with a time or as a number.
pub(crate) fn begin(header: &Header, key: &str) -> Option<f64> {
    if let Some(number) = number(header, key) {
        // Modified dates have five digits before the point, others seven.
        return match number {
            number if number > 2_000_000.0 => Some(number),
            number if number > 0.0 && number < 400_000.0 => Some(number + MJD_ZERO),
            _ => None,
        };
    }
    let date = header.text(key)?;
    let date = date.trim();
    if date.contains(['T', ' ']) {
        return date_and_time(date);
    }
    let time = ["TIME-OBS", "UT", "UTC"]
        .iter()
        .find_map(|key| header.text(key))
        .filter(|time| time.contains(':'))?;
    date_and_time(&format!("{date}T{}", time.trim()))
}

/// The Julian Date, UTC, of `2017-12-19T18:33:43.317-0700`.
fn date_and_time(text: &str) -> Option<f64> {
    let (date, time) = text.split_once(['T', ' '])?;
    let time = time.trim();
    let (clock, zone_hours) = match time.rfind(['+', '-']) {
        Some(at) => (&time[..at], zone(&time[at..])?),
        None => (time, 0.0),
    };
    let (begin, end) = mjd(&format!("{date}T{}", clock.trim()))?;
    // A time without seconds is the middle of its minute.
    Some(0.5 * (begin + end) - zone_hours / 24.0 + MJD_ZERO)
}

/// Hours that a zone's clocks are ahead of UTC: `-0700`, `+02:00`, `-7`.
fn zone(text: &str) -> Option<f64> {
    let sign = if text.starts_with('-') { -1.0 } else { 1.0 };
    let digits: String = text[1..].chars().filter(|c| *c != ':').collect();
    let whole = digits.bytes().all(|digit| digit.is_ascii_digit());
    let (hours, minutes) = match digits.len() {
        1 | 2 => (digits.as_str(), "0"),
        4 => digits.split_at(2),
        _ => return None,
    };
    let (hours, minutes): (f64, f64) = (hours.parse().ok()?, minutes.parse().ok()?);
    (whole && hours <= 14.0 && minutes < 60.0).then_some(sign * (hours + minutes / 60.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(cards: &[(&str, &str)]) -> Option<f64> {
        let mut header = Header::new();
        for (keyword, value) in cards {
            match value.parse::<f64>() {
                Ok(number) => header.set(keyword, number, None).unwrap(),
                Err(_) => header.set(keyword, *value, None).unwrap(),
            }
        }
        start_mjd(&header)
    }

    #[test]
    fn dates_of_many_forms() {
        for (cards, expected) in [
            (&[("DATE-OBS", "2000-01-01T12:00:00")][..], 51544.5),
            (&[("DATE-OBS", "2018-03-09"), ("TIME-OBS", "06:00:00")], 58186.25),
            (&[("DATE-BEG", "2024-05-13T00:00:00")], 60443.0),
            (
                &[("DATE-OBS", "2018-03-09T18:00:00-0600"), ("MJD-OBS", "58100")],
                58187.0,
            ),
            (&[("JD", "2451545.0")], 51544.5),
            (&[("DATE-OBS", "unknown"), ("MJD-OBS", "58107.5")], 58107.5),
            (&[("DATE-OBS", "2018-03-09")], 58186.5),
        ] {
            let found = start(cards).unwrap();
            assert!((found - expected).abs() < 1e-5, "{cards:?}: {found}");
        }
        assert_eq!(start(&[("DATE-OBS", "2018-13-45T00:00:00")]), None);
        assert_eq!(start(&[]), None);
    }
}
