//! SPOTTAB: where the spots of the coronagraph were, day by day.

use super::Rows;
use crate::acs::Reference;
use crate::{Error, Result};

/// How far the spots of the flat are to be shifted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SpotShift {
    /// SHIFTX: to the right, pixels.
    pub x: f32,
    /// SHIFTY: up, pixels.
    pub y: f32,
}

/// The shift of the row whose DATE (`dd/mm/yy`, at noon) is nearest to the date of observation `yyyy-mm-dd`; of two
/// that are as near the first.
///
/// # Errors
/// [`Error::ReferenceTable`] where a column is missing or of another type, [`Error::ReferenceValue`] for a date that
/// cannot be read, [`Error::NoRow`] for a table without rows or a date of observation that cannot be read.
pub fn nearest_shift(spottab: &Reference, date_obs: &str) -> Result<SpotShift> {
    let rows = Rows::read(spottab)?;
    let nothing = || Error::NoRow {
        keyword: spottab.keyword.clone(),
        path: spottab.path(),
        sought: format!("a DATE near to DATE-OBS '{date_obs}'"),
        found: (0..rows.len())
            .map(|row| rows.optional_text("DATE", row))
            .collect(),
    };
    rows.column("DATE")?;
    let observed = numbers(date_obs)
        .and_then(|[year, month, day]| hours(year, month, day, 0))
        .ok_or_else(nothing)?;
    let mut nearest: Option<(i64, usize)> = None;
    for row in 0..rows.len() {
        let text = rows.optional_text("DATE", row);
        let of_row = numbers(&text).and_then(|[day, month, year]| {
            let year = if year < 100 { year + 2000 } else { year };
            hours(year, month, day, 12)
        });
        let Some(of_row) = of_row else {
            return Err(Error::ReferenceValue {
                keyword: spottab.keyword.clone(),
                path: spottab.path(),
                what: format!("DATE of row {}", row + 1),
                found: format!("'{text}'"),
                expected: "a day as dd/mm/yy",
            });
        };
        let distance = (observed - of_row).abs();
        if nearest.is_none_or(|(least, _)| distance < least) {
            nearest = Some((distance, row));
        }
    }
    let (_, row) = nearest.ok_or_else(nothing)?;
    let pixels = |column: &str| match rows.number(column, row)? {
        shift if shift.is_finite() => Ok(shift as f32),
        shift => Err(Error::ReferenceValue {
            keyword: spottab.keyword.clone(),
            path: spottab.path(),
            what: format!("{column} of row {}", row + 1),
            found: shift.to_string(),
            expected: "a number of pixels",
        }),
    };
    Ok(SpotShift {
        x: pixels("SHIFTX")?,
        y: pixels("SHIFTY")?,
    })
}

/// Three numbers of a date, in the order they stand in.
fn numbers(date: &str) -> Option<[i64; 3]> {
    let parts: Vec<&str> = date
        .split(['/', '-', ' '])
        .filter(|part| !part.is_empty())
        .collect();
    match parts.as_slice() {
        [a, b, c, ..] => Some([a.parse().ok()?, b.parse().ok()?, c.parse().ok()?]),
        _ => None,
    }
}

/// Hours since an arbitrary day, by the Gregorian calendar; None for a day that is in no calendar.
fn hours(year: i64, month: i64, day: i64, hour: i64) -> Option<i64> {
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || !(1900..3000).contains(&year) {
        return None;
    }
    // Years that begin in March put the leap day at their end.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day;
    Some(days * 24 + hour)
}

#[cfg(test)]
mod tests {
    use super::{hours, numbers};

    #[test]
    fn days_follow_each_other_over_months_and_leap_years() {
        let day = |y, m, d| hours(y, m, d, 0).unwrap() / 24;
        assert_eq!(day(2004, 3, 1) - day(2004, 2, 28), 2);
        assert_eq!(day(2003, 3, 1) - day(2003, 2, 28), 1);
        assert_eq!(day(2003, 1, 1) - day(2002, 12, 31), 1);
        assert_eq!(day(2006, 3, 13) - day(1970, 1, 1), 13220);
        assert_eq!(hours(2003, 13, 1, 0), None);
    }

    #[test]
    fn dates_are_three_numbers() {
        assert_eq!(numbers("2002-04-13"), Some([2002, 4, 13]));
        assert_eq!(numbers("13/04/02"), Some([13, 4, 2]));
        assert_eq!(numbers("soon"), None);
    }
}
