//! The calendar that dates in headers, rules and requests are of: Gregorian, also before it was introduced.

/// How many days a month has; none where there is no such month.
pub(crate) fn days_in_month(year: i64, month: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => Some(31),
        4 | 6 | 9 | 11 => Some(30),
        2 => Some(28 + i64::from(leap)),
        _ => None,
    }
}

/// The Modified Julian Date that a day of the years 0 to 9999 begins with; none where the calendar has no such day.
pub(crate) fn day_number(year: i64, month: i64, day: i64) -> Option<i64> {
    let possible = (0..=9999).contains(&year) && (1..=days_in_month(year, month)?).contains(&day);
    // The year begins in March: the leap day is its last.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let before = 365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    possible.then_some(before + (153 * month + 2) / 5 + day - 1 - 678_881)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_from_17_november_1858() {
        let cases = [
            ((1858, 11, 17), Some(0)),
            ((2000, 1, 1), Some(51_544)),
            ((2000, 2, 29), Some(51_603)),
            ((2015, 3, 3), Some(57_084)),
            ((0, 3, 1), Some(-678_881)),
            ((1900, 2, 29), None),
            ((2015, 2, 29), None),
            ((2015, 13, 1), None),
            ((2015, 1, 0), None),
            ((10_000, 1, 1), None),
        ];
        for ((year, month, day), expected) in cases {
            assert_eq!(day_number(year, month, day), expected, "{year}-{month}-{day}");
        }
    }
}
