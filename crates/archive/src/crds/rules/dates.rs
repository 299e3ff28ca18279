//! Dates as headers and rules write them.

use crate::calendar::{day_number, days_in_month};
use std::fmt;

/// A date and time of day, to the microsecond. Two of them compare in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment {
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
    microsecond: i64,
}

/// `YYYY-MM-DD HH:MM:SS`, and the fraction where there is one: the form that rules are compared in.
impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            year,
            month,
            day,
            hour,
            minute,
            second,
            microsecond,
        } = self;
        write!(
            f,
            "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"
        )?;
        if *microsecond != 0 {
            write!(f, ".{microsecond:06}")?;
        }
        Ok(())
    }
}

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];

impl Moment {
    fn new(date: [i64; 3], time: [i64; 4]) -> Option<Self> {
        let ([year, month, day], [hour, minute, second, microsecond]) = (date, time);
        let possible = (1..=9999).contains(&year)
            && days_in_month(year, month).is_some_and(|days| (1..=days).contains(&day))
            && (0..24).contains(&hour)
            && (0..60).contains(&minute)
            && (0..60).contains(&second)
            && (0..1_000_000).contains(&microsecond);
        possible.then_some(Self {
            year,
            month,
            day,
            hour,
            minute,
            second,
            microsecond,
        })
    }

    /// Reads a date in any of the forms that HST headers had over the years: `2002-04-13 18:16:35`,
    /// `2002-04-13T18:16:35.12`, `2002/04/13`, `13/04/02`, `04/13/2002`, `Apr 13 2002 06:16:35 PM`,
    /// `20020413:181635`. The year of two digits is of 1990 to 2039.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_suffix(" UT").unwrap_or(text);
        let joined = is_joined(text).then(|| text.replace('T', " "));
        let text = joined.as_deref().unwrap_or(text);
        if text.contains("UNDEFINED") {
            None
        } else if has_word(text) {
            Self::with_month_name(text)
        } else {
            Self::numerical(text)
        }
    }

    fn with_month_name(text: &str) -> Option<Self> {
        let mut text = text.to_owned();
        for half in ["am", "pm"] {
            let apart = format!(" {half}");
            while text.to_lowercase().ends_with(&apart) {
                text = text.to_lowercase().replace(&apart, half);
            }
        }
        let text = text.replace(['-', '/'], " ");
        let words: Vec<&str> = text.split_whitespace().collect();
        let (month, day, year, time) = match words[..] {
            [month, day, year, time] => (month, day, year, time),
            [month, day, year] => (month, day, year, "00:00AM"),
            _ => return None,
        };
        let day = day.strip_suffix(',').unwrap_or(day);
        let date = |month: &str, day: &str| Some([integer(year)?, month_number(month)?, integer(day)?]);
        Self::new(date(month, day).or_else(|| date(day, month))?, time_of_day(time)?)
    }

    fn numerical(text: &str) -> Option<Self> {
        let text = text.replace('-', "/");
        let words: Vec<&str> = text.split_whitespace().collect();
        let (date, rest) = words.split_first()?;
        let time = if rest.is_empty() {
            "00:00:00".to_owned()
        } else {
            rest.join(" ")
        };
        if let Some((date, time)) = compact(date) {
            return Self::new(date, time);
        }
        let time = time_of_day(&time)?;
        let parts: Vec<&str> = date.split('/').collect();
        let [a, b, c] = parts[..] else { return None };
        if ![a, b, c]
            .iter()
            .all(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
        {
            return None;
        }
        let (year, month, day) = match (a.len(), b.len(), c.len()) {
            (2, 2, 4) => (integer(c)?, a, b),
            (4, 2, 2) => (integer(a)?, b, c),
            (2, 2, 2) if c.starts_with('9') => (1900 + integer(c)?, b, a),
            (2, 2, 2) if c.starts_with(['0', '1', '2', '3']) => (2000 + integer(c)?, b, a),
            _ => return None,
        };
        Self::new([year, integer(month)?, integer(day)?], time)
    }

    /// Microseconds since MJD 0.
    pub fn microseconds(&self) -> i64 {
        // A moment's day is one of the calendar.
        let days = day_number(self.year, self.month, self.day).unwrap_or_default();
        ((days * 24 + self.hour) * 60 + self.minute) * 60_000_000 + self.second * 1_000_000 + self.microsecond
    }
}

/// `YYYY-MM-DDTHH:MM[:SS][.f]`
fn is_joined(text: &str) -> bool {
    let Some((date, time)) = text.split_once('T') else {
        return false;
    };
    let (clock, fraction) = match time.split_once('.') {
        Some((clock, fraction)) => (clock, Some(fraction)),
        None => (time, None),
    };
    let digits =
        |text: &str, count: usize| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    let date: Vec<&str> = date.split(['-', '/']).collect();
    let clock: Vec<&str> = clock.split(':').collect();
    matches!(date[..], [year, month, day] if digits(year, 4) && digits(month, 2) && digits(day, 2))
        && matches!(clock.len(), 2 | 3)
        && clock.iter().all(|part| digits(part, 2))
        && fraction.is_none_or(|f| (1..=6).contains(&f.len()) && digits(f, f.len()))
}

/// Whether three letters follow one another.
fn has_word(text: &str) -> bool {
    text.as_bytes()
        .windows(3)
        .any(|three| three.iter().all(u8::is_ascii_alphabetic))
}

/// `YYYYMMDD:HHMMSS`
fn compact(text: &str) -> Option<([i64; 3], [i64; 4])> {
    let (date, time) = text.split_once(':')?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if date.len() != 8 || time.len() != 6 || !digits(date) || !digits(time) {
        return None;
    }
    let date = [integer(&date[..4])?, integer(&date[4..6])?, integer(&date[6..])?];
    Some((
        date,
        [
            integer(&time[..2])?,
            integer(&time[2..4])?,
            integer(&time[4..])?,
            0,
        ],
    ))
}

fn month_number(name: &str) -> Option<i64> {
    let short: String = name.chars().take(3).collect::<String>().to_lowercase();
    let index = MONTHS.iter().position(|month| *month == short)?;
    i64::try_from(index + 1).ok()
}

fn integer(text: &str) -> Option<i64> {
    text.trim().parse().ok()
}

/// Hour, minute, second and microsecond; `AM` and `PM` may follow, and a fourth part is passed over.
fn time_of_day(text: &str) -> Option<[i64; 4]> {
    let text = text.trim();
    let half = text.get(text.len().saturating_sub(2)..).map(str::to_uppercase);
    let half = half.filter(|half| half == "AM" || half == "PM");
    let clock = if half.is_some() {
        &text[..text.len() - 2]
    } else {
        text
    };
    let parts: Vec<&str> = clock.split(':').collect();
    let (hour, minute, second) = match parts[..] {
        [hour, minute] => (hour, minute, "00"),
        [hour, minute, second] | [hour, minute, second, _] => (hour, minute, second),
        _ => return None,
    };
    let mut hour = integer(hour)?;
    let second = super::condition::real(second).filter(|second| second.abs() < 1e6)?;
    let whole = second.trunc();
    match half.as_deref() {
        Some("PM") if hour < 12 => hour += 12,
        Some("AM") if hour == 12 => hour = 0,
        _ => {}
    }
    Some([
        hour,
        integer(minute)?,
        whole as i64,
        ((second - whole) * 1e6) as i64,
    ])
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn all_forms_of_dates() {
        let cases = [
            ("2002-04-13 18:16:35", "2002-04-13 18:16:35"),
            ("2002-04-13T18:16:35.25", "2002-04-13 18:16:35.250000"),
            ("2002/04/13", "2002-04-13 00:00:00"),
            ("13/04/02 18:16", "2002-04-13 18:16:00"),
            ("13/04/92", "1992-04-13 00:00:00"),
            ("04/13/2002", "2002-04-13 00:00:00"),
            ("Apr 13 2002 06:16:35 PM", "2002-04-13 18:16:35"),
            ("13 April, 2002", "2002-04-13 00:00:00"),
            ("Apr 13, 2002 12:01AM UT", "2002-04-13 00:01:00"),
            ("20020413:181635", "2002-04-13 18:16:35"),
            ("2002-04-13 1:2:3:99", "2002-04-13 01:02:03"),
        ];
        for (text, expected) in cases {
            assert_eq!(
                Moment::parse(text).map(|m| m.to_string()).as_deref(),
                Some(expected),
                "{text}"
            );
        }
        for wrong in [
            "",
            "UNDEFINED UNDEFINED",
            "2002-04-13T18:16:35 18:16:35",
            "2002-02-30 00:00:00",
            "2002-04-13 24:00:00",
            "13/04/52",
            "Foo 1 2002",
            "2002-04-13 x:1",
            "N/A N/A",
            "1.0 2.0",
        ] {
            assert_eq!(Moment::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn days_between_dates() {
        let day = |text: &str| Moment::parse(text).unwrap().microseconds() / 86_400_000_000;
        assert_eq!(day("2000-03-01") - day("2000-02-28"), 2);
        assert_eq!(day("1900-03-01") - day("1900-02-28"), 1);
        assert_eq!(day("2013-07-20") - day("1990-04-24"), 8488);
    }
}
