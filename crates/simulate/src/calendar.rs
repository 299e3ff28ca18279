//! Dates from Modified Julian Dates.

/// `yyyy-mm-dd` and `hh:mm:ss` of a Modified Julian Date, UTC, seconds rounded down.
pub fn date_and_time(mjd: f64) -> (String, String) {
    // A tenth of a millisecond makes up for the rounding of a day's fraction.
    let seconds = (mjd * 86400.0 + 1.0e-4).floor() as i64;
    let (days, second) = (seconds.div_euclid(86400), seconds.rem_euclid(86400));
    let (year, month, day) = civil(days);
    let time = format!("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60);
    (format!("{year:04}-{month:02}-{day:02}"), time)
}

/// Year, month and day of days since 17 November 1858, in the Gregorian calendar: counting years from
/// March makes the leap day the last one (Richards 2013, Explanatory Supplement, 15.11).
fn civil(mjd: i64) -> (i64, i64, i64) {
    let days = mjd + 678_881; // since 1 March of year 0
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let (month, carry) = if month < 10 {
        (month + 3, 0)
    } else {
        (month - 9, 1)
    };
    (year_of_era + 400 * era + carry, month, day)
}

#[cfg(test)]
mod tests {
    use super::date_and_time;

    #[test]
    fn known_dates() {
        let text = |mjd| {
            let (date, time) = date_and_time(mjd);
            format!("{date} {time}")
        };
        assert_eq!(text(0.0), "1858-11-17 00:00:00");
        assert_eq!(text(51544.5), "2000-01-01 12:00:00");
        assert_eq!(text(57084.0881024), "2015-03-03 02:06:52");
        assert_eq!(text(60369.0), "2024-02-29 00:00:00");
    }
}
