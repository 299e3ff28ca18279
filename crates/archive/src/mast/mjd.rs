//! Dates as Modified Julian Dates.

/// A date as the days it begins at and ends at (MJD, UTC): `2015-03-03` is a whole day, `2015-03-03T12:30`
/// a minute, `2015-03-03T12:30:15.5` an instant. `None` where it is no date of the calendar.
pub fn mjd(text: &str) -> Option<(f64, f64)> {
    let text = text.trim().trim_end_matches('Z');
    let (date, time) = match text.split_once(['T', ' ']) {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let day = day_number(date)?;
    let Some(time) = time else {
        return Some((day, day + 1.0));
    };
    let mut parts = time.trim().split(':');
    let hours = digits(parts.next()?, 23.0)?;
    let minutes = digits(parts.next()?, 59.0)?;
    let (seconds, width) = match parts.next() {
        Some(seconds) => (real(seconds).filter(|s| (0.0..61.0).contains(s))?, 0.0),
        None => (0.0, 60.0),
    };
    if parts.next().is_some() {
        return None;
    }
    let begin = hours * 3600.0 + minutes * 60.0 + seconds;
    Some((day + begin / 86400.0, day + (begin + width) / 86400.0))
}

fn day_number(date: &str) -> Option<f64> {
    let mut parts = date.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if year.len() != 4 || parts.next().is_some() {
        return None;
    }
    let year = digits(year, 9999.0)? as i64;
    let month = digits(month, 12.0)? as i64;
    let day = digits(day, 31.0)? as i64;
    crate::calendar::day_number(year, month, day).map(|day| day as f64)
}

fn digits(text: &str, most: f64) -> Option<f64> {
    let plain = !text.is_empty() && text.len() <= 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    plain
        .then(|| text.parse().ok())
        .flatten()
        .filter(|value: &f64| *value <= most)
}

fn real(text: &str) -> Option<f64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    plain.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_days() {
        assert_eq!(mjd("1858-11-17"), Some((0.0, 1.0)));
        assert_eq!(mjd("2000-01-01T12:00:00"), Some((51544.5, 51544.5)));
        assert_eq!(mjd("2015-03-03"), Some((57084.0, 57085.0)));
        assert_eq!(
            mjd("2015-03-03 06:00Z"),
            Some((57084.25, 57084.25 + 1.0 / 1440.0))
        );
        assert_eq!(mjd("2000-02-29"), Some((51603.0, 51604.0)));
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "2015",
            "57084",
            "2015-02-29",
            "2015-13-01",
            "2015-00-10",
            "15-03-03",
            "2015-03-03T25:00",
            "2015-03-03T12",
            "2015-03-03T12:00:00:00",
            "2015-03-0x",
            "-2015-03-03",
            "2015-03-03T12:00:-1",
        ] {
            assert_eq!(mjd(text), None, "{text}");
        }
    }
}
