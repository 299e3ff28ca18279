//! CRREJTAB: the row for so many exposures of such a length, and what the user puts in place of it.

use super::options::{AcsrejOptions, InitialGuess, SkySubtraction, parse_sigmas};
use crate::acs::Reference;
use crate::acs::tables::{Key, Rows};
use crate::{Error, Result};
use serde::Serialize;

/// Farthest that a rejected pixel may reach, pixels.
const LARGEST_RADIUS: f32 = 100.0;

/// How one chip's exposures are combined.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RejectionParameters {
    /// MEANEXP: mean exposure time of the inputs, s.
    pub meanexp_s: f32,
    /// SCALENSE: noise that grows with the signal, percent.
    pub scalense: f32,
    /// INITGUES.
    pub initgues: InitialGuess,
    /// SKYSUB.
    pub skysub: SkySubtraction,
    /// CRSIGMAS as written.
    pub crsigmas: String,
    /// CRSIGMAS as numbers.
    pub sigmas: Vec<f32>,
    /// CRRADIUS, pixels.
    pub crradius: f32,
    /// CRTHRESH.
    pub crthresh: f32,
    /// BADINPDQ.
    pub badinpdq: u16,
    /// CRMASK.
    pub crmask: bool,
}

impl RejectionParameters {
    /// The row of CRREJTAB whose CRSPLIT is the number of exposures (its largest, where there are more exposures than
    /// that) and whose MEANEXP is the smallest that is not below `meanexp_s`; where the table has a column CCDCHIP,
    /// among the rows for `chip`. Options win over the row, and where they say all, no table is read.
    ///
    /// # Errors
    /// [`Error::NoReference`] where a table is needed and there is none, [`Error::NoRow`], [`Error::ReferenceTable`],
    /// [`Error::ReferenceValue`], [`Error::Unreadable`] or [`Error::Parameter`] for values that make no sense.
    pub fn choose(
        crrejtab: Option<&Reference>,
        exposures: usize,
        meanexp_s: f32,
        chip: i64,
        options: &AcsrejOptions,
    ) -> Result<Self> {
        let row = if options.is_complete() {
            None
        } else {
            let table = crrejtab.ok_or_else(|| Error::NoReference {
                switch: "CRCORR".to_owned(),
                keyword: "CRREJTAB".to_owned(),
            })?;
            Some(Row::find(table, exposures, meanexp_s, chip)?)
        };
        // Every option that is not given is in the row: without a row all are given.
        let real = |given: Option<f32>, column: &'static str| match (&row, given) {
            (_, Some(given)) => Ok(given),
            (Some(row), None) => row.real(column),
            (None, None) => Ok(0.0),
        };
        let crsigmas = match (&options.crsigmas, &row) {
            (Some(given), _) => given.trim().to_owned(),
            (None, Some(row)) => row.text("CRSIGMAS")?,
            (None, None) => String::new(),
        };
        let parameters = Self {
            meanexp_s,
            scalense: real(options.scalense, "SCALENSE")?,
            initgues: match (options.initgues, &row) {
                (Some(given), _) => given,
                (None, Some(row)) => row.word("INITGUES", InitialGuess::parse, "minimum or median")?,
                (None, None) => InitialGuess::Minimum,
            },
            skysub: match (options.skysub, &row) {
                (Some(given), _) => given,
                (None, Some(row)) => row.word("SKYSUB", SkySubtraction::parse, "none or mode")?,
                (None, None) => SkySubtraction::None,
            },
            sigmas: parse_sigmas(&crsigmas)?,
            crsigmas,
            crradius: real(options.crradius, "CRRADIUS")?,
            crthresh: real(options.crthresh, "CRTHRESH")?,
            badinpdq: match (options.badinpdq, &row) {
                (Some(given), _) => given,
                (None, Some(row)) => row.real("BADINPDQ")? as i32 as u16,
                (None, None) => 0,
            },
            crmask: match (options.crmask, &row) {
                (Some(given), _) => given,
                (None, Some(row)) => row.flag("CRMASK")?,
                (None, None) => false,
            },
        };
        parameters.check()?;
        Ok(parameters)
    }

    fn check(&self) -> Result<()> {
        let within = |parameter, value: f32, from: f32, to: f32, expected| {
            if (from..=to).contains(&value) {
                return Ok(());
            }
            Err(Error::Parameter {
                parameter,
                found: value.to_string(),
                expected,
            })
        };
        within("SCALENSE", self.scalense, 0.0, 100.0, "0 to 100 percent")?;
        within("CRRADIUS", self.crradius, 0.0, LARGEST_RADIUS, "0 to 100 pixels")?;
        within("CRTHRESH", self.crthresh, f32::MIN, f32::MAX, "a number")
    }
}

/// A row of CRREJTAB.
struct Row<'a> {
    table: &'a Reference,
    rows: Rows<'a>,
    row: usize,
}

impl<'a> Row<'a> {
    fn find(table: &'a Reference, exposures: usize, meanexp_s: f32, chip: i64) -> Result<Self> {
        let rows = Rows::read(table)?;
        let crsplit = rows.numbers("CRSPLIT")?;
        let meanexp = rows.numbers("MEANEXP")?;
        let largest = crsplit.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let split = (exposures as f64).min(largest);
        let of_chip: Vec<usize> = if rows.has("CCDCHIP") {
            rows.matching(&[Key::number("CCDCHIP", chip as f64)])?
        } else {
            (0..rows.len()).collect()
        };
        let mut best: Option<(usize, f32)> = None;
        for row in of_chip {
            let beyond = meanexp[row] as f32 - meanexp_s;
            let closer = best.is_none_or(|(_, least)| beyond <= least);
            if crsplit[row] == split && beyond >= 0.0 && closer {
                best = Some((row, beyond));
            }
        }
        let sought = [
            Key::number("CRSPLIT", split),
            Key::number("MEANEXP", f64::from(meanexp_s)),
        ];
        let (row, _) = best.ok_or_else(|| rows.no_row(&sought))?;
        Ok(Self { table, rows, row })
    }

    fn real(&self, column: &'static str) -> Result<f32> {
        let value = self.rows.number(column, self.row)?;
        if value.is_nan() {
            return Err(self.wrong(column, "null".to_owned(), "a number"));
        }
        Ok(value as f32)
    }

    /// A flag, which tables keep as a number or as a logical.
    fn flag(&self, column: &'static str) -> Result<bool> {
        Ok(self.real(column)? != 0.0)
    }

    fn text(&self, column: &'static str) -> Result<String> {
        self.rows.column(column)?;
        Ok(self.rows.optional_text(column, self.row))
    }

    fn word<T>(
        &self,
        column: &'static str,
        parse: impl Fn(&str) -> Option<T>,
        expected: &'static str,
    ) -> Result<T> {
        let text = self.text(column)?;
        parse(&text).ok_or_else(|| self.wrong(column, text, expected))
    }

    fn wrong(&self, column: &str, found: String, expected: &'static str) -> Error {
        Error::ReferenceValue {
            keyword: self.table.keyword.clone(),
            path: self.table.path(),
            what: format!("{column} of row {}", self.row + 1),
            found,
            expected,
        }
    }
}
