//! OFFTAB: where WFPC2's chips lay in the focal plane, at dates to interpolate between.

use super::model::Stated;
use super::observation::calendar_date;
use crate::{Error, Result};
use firstlight_fits::{ColumnData, FitsFile, Table};

/// Positions of the chips at certain dates.
#[derive(Debug, Clone, PartialEq)]
pub struct Offtab {
    name: String,
    table: Table,
}

/// The columns that are interpolated.
const COLUMNS: [&str; 3] = ["V2REF", "V3REF", "THETA"];

impl Offtab {
    /// Reads the reference file; `name` is how headers name it.
    ///
    /// # Errors
    /// Those of reading a table from extension 1.
    pub fn read(file: &FitsFile, name: &str) -> Result<Self> {
        Ok(Self {
            name: name.to_owned(),
            table: file.table(1)?,
        })
    }

    /// V2REF, V3REF (arcsec) and THETA (degrees) of a chip at a date: between the dates before and after, those of
    /// the first date before it, and extrapolated from the last two after them.
    pub(super) fn at(&self, chip: i64, date: &str) -> Result<[Stated; 3]> {
        let now = days(date).ok_or_else(|| self.bad(format!("DATE-OBS = {date} is no date")))?;
        let mut rows = self.rows_of(chip)?;
        rows.sort_by_key(|&(day, _)| day);
        let after = rows.iter().position(|&(day, _)| day >= now);
        let (early, late) = match (after, rows.as_slice()) {
            (_, []) => return Err(self.bad(format!("it has no row for chip {chip}"))),
            (Some(0), [first, ..]) => (*first, *first),
            (Some(at), rows) => (rows[at - 1], rows[at]),
            // Chips drift on after the last date as they did before it.
            (None, [.., before, last]) => (*before, *last),
            (None, [only]) => (*only, *only),
        };
        let span = late.0 - early.0;
        let fraction = if span == 0 {
            0.0
        } else {
            (now - early.0) as f64 / span as f64
        };
        let mut found = [Stated::exact(0.0); 3];
        for (found, column) in found.iter_mut().zip(COLUMNS) {
            *found = self.between(column, early.1, late.1, fraction)?;
        }
        Ok(found)
    }

    fn bad(&self, reason: String) -> Error {
        Error::BadReference {
            name: self.name.clone(),
            reason,
        }
    }

    /// Day and row of every date of a chip.
    fn rows_of(&self, chip: i64) -> Result<Vec<(i64, usize)>> {
        let dates = self.table.texts("OBSDATE")?;
        let chips = match self.table.find("DETCHIP") {
            Some(column) => column.integers()?,
            None => vec![1; dates.len()],
        };
        let mut rows = Vec::new();
        for (row, date) in dates.iter().enumerate() {
            if [chip, -999].contains(&chips[row]) {
                let day = days(date)
                    .ok_or_else(|| self.bad(format!("OBSDATE {date} of row {} is no date", row + 1)))?;
                rows.push((day, row));
            }
        }
        Ok(rows)
    }

    /// In the precision of the table, whose digits the header repeats.
    fn between(&self, column: &str, early: usize, late: usize, fraction: f64) -> Result<Stated> {
        let data = self.table.column(column)?.data();
        if let ColumnData::F32(values) = data {
            let (a, b) = (values[early], values[late]);
            let value = f64::from(fraction as f32 * (b - a) + a);
            return Ok(Stated { value, single: true });
        }
        let number = |row: usize| {
            data.real(row)
                .ok_or_else(|| self.bad(format!("its column {column} has no number in row {}", row + 1)))
        };
        let (a, b) = (number(early)?, number(late)?);
        Ok(Stated::exact(fraction * (b - a) + a))
    }
}

/// Days since the first of March of the year 0.
fn days(date: &str) -> Option<i64> {
    let [year, month, day] = calendar_date(date)?;
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    Some(
        365 * year + year.div_euclid(4) - year.div_euclid(100)
            + year.div_euclid(400)
            + (153 * month + 2) / 5
            + day,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use firstlight_fits::Column;

    fn table() -> Offtab {
        let table = Table::new()
            .with(Column::i32("DETCHIP", vec![1, 1, 2]))
            .and_then(|t| {
                t.with(Column::text(
                    "OBSDATE",
                    ["2000-01-01", "2000-01-11", "2000-01-01"],
                ))
            })
            .and_then(|t| t.with(Column::f64("V2REF", vec![1.0, 2.0, 7.0])))
            .and_then(|t| t.with(Column::f64("V3REF", vec![10.0, 0.0, 7.0])))
            .and_then(|t| t.with(Column::f64("THETA", vec![45.0, 45.0, 7.0])))
            .unwrap();
        Offtab {
            name: "uref$a_off.fits".to_owned(),
            table,
        }
    }

    #[test]
    fn dates_between_and_beyond() {
        let v2 = |date: &str| table().at(1, date).unwrap()[0].value;
        assert!((v2("2000-01-04") - 1.3).abs() < 1e-12);
        assert_eq!(
            [v2("1999-05-05"), v2("2000-01-11"), v2("2000-01-21")],
            [1.0, 2.0, 3.0]
        );
        assert!(table().at(3, "2000-01-04").is_err() && table().at(1, "soon").is_err());
    }

    #[test]
    fn days_follow_one_another() {
        assert_eq!(days("2000-03-01").unwrap() - days("2000-02-28").unwrap(), 2);
        assert_eq!(days("2001-01-01").unwrap() - days("2000-12-31").unwrap(), 1);
        assert_eq!(days("2000-01-01").unwrap() - days("1970-01-01").unwrap(), 10957);
    }
}
