//! PCTETAB: the traps of WFC in the parallel direction, and in the serial one for each amplifier.

use super::parameters::CteParameters;
use super::traps::{TrapLevel, Traps};
use crate::acs::tables::Rows;
use crate::acs::{Amplifier, Observation, Reference};
use crate::{Error, Result};
use firstlight_frame::fits::{Array, HduSelector, Header};

/// CTE_NAME of the tables that are read here.
pub const CTE_NAME: &str = "Par/Serial PixelCTE 2023";
/// CTE_VER of the algorithm.
pub const CTE_VER: &str = "3.0";

/// Levels of charge from here on are no levels, e.
const NO_LEVEL_E: f64 = 999_999.0;
/// The greatest number of columns that a table has scales for, far beyond the four quadrants of WFC.
const MOST_COLUMNS: usize = 1 << 20;

/// One PCTETAB, opened.
#[derive(Debug)]
pub struct PcteTable<'a> {
    reference: &'a Reference,
    /// CTE_NAME.
    pub name: String,
    /// CTE_VER.
    pub version: String,
    primary: Settings,
}

/// What stands in a primary header.
#[derive(Debug, Clone, Copy)]
struct Settings {
    fix_cosmic_rays: bool,
    threshold_e: f64,
}

/// What an image's header says instead of the table.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Overrides {
    /// PCTETLEN, greater than 1: packets in a trail.
    pub length: Option<usize>,
    /// PCTENFOR, greater than 1.
    pub iterations: Option<usize>,
    /// PCTENPAR, greater than 1.
    pub passes: Option<usize>,
    /// FIXROCR.
    pub fix_cosmic_rays: Option<bool>,
}

impl Overrides {
    /// Reads PCTETLEN, PCTENFOR, PCTENPAR and FIXROCR of an exposure's primary header.
    ///
    /// # Errors
    /// [`Error::Keyword`] where FIXROCR is neither 0 nor 1, or PCTENSMD asks for another treatment of readout noise than
    /// the only one there is, 0.
    pub fn of(observation: &Observation) -> Result<Self> {
        let primary = &observation.primary;
        let above_one = |keyword: &str| {
            let number = primary.integer(keyword).filter(|number| *number > 1);
            number.and_then(|number| usize::try_from(number).ok())
        };
        let fix_cosmic_rays = match primary.integer("FIXROCR") {
            None => None,
            Some(0) => Some(false),
            Some(1) => Some(true),
            Some(_) => return Err(observation.keyword("FIXROCR", "0 or 1")),
        };
        if primary.integer("PCTENSMD").is_some_and(|model| model != 0) {
            return Err(observation.keyword("PCTENSMD", "0, the only treatment of readout noise there is"));
        }
        Ok(Self {
            length: above_one("PCTETLEN"),
            iterations: above_one("PCTENFOR"),
            passes: above_one("PCTENPAR"),
            fix_cosmic_rays,
        })
    }
}

impl<'a> PcteTable<'a> {
    /// Reads the primary header.
    ///
    /// # Errors
    /// [`Error::OldCteTable`] for tables of earlier generations; [`Error::ReferenceValue`] where a keyword is missing or
    /// makes no sense.
    pub fn open(reference: &'a Reference) -> Result<Self> {
        let primary = reference.primary();
        let name = primary.text("CTE_NAME").map(|name| name.trim().to_owned());
        let Some(name) = name.clone().filter(|name| name == CTE_NAME) else {
            return Err(Error::OldCteTable {
                path: reference.path(),
                found: name,
                expected: CTE_NAME,
            });
        };
        let table = Self {
            reference,
            name,
            version: primary.text("CTE_VER").unwrap_or_default().trim().to_owned(),
            primary: Settings {
                fix_cosmic_rays: false,
                threshold_e: 0.0,
            },
        };
        let model = table.number(primary, "PCTENSMD", "PRIMARY")?;
        if model != 0.0 {
            return Err(table.value(
                "PCTENSMD of PRIMARY",
                &model,
                "0, the only treatment of readout noise there is",
            ));
        }
        let primary = Settings {
            fix_cosmic_rays: table.number(primary, "FIXROCR", "PRIMARY")? != 0.0,
            threshold_e: table.number(primary, "PCTETRSH", "PRIMARY")?,
        };
        Ok(Self { primary, ..table })
    }

    /// The traps of the transfer along columns.
    ///
    /// # Errors
    /// [`Error::ReferenceTable`] and [`Error::ReferenceValue`] where the file lacks something or it makes no sense.
    pub fn parallel(&self, overrides: &Overrides, expstart_mjd: f64) -> Result<CteParameters> {
        self.set(1, overrides, expstart_mjd)
    }

    /// The traps of the transfer along rows to an amplifier.
    ///
    /// # Errors
    /// As [`PcteTable::parallel`].
    pub fn serial(
        &self,
        amplifier: Amplifier,
        overrides: &Overrides,
        expstart_mjd: f64,
    ) -> Result<CteParameters> {
        self.set(2 + amplifier.index() as i64, overrides, expstart_mjd)
    }

    /// Reads QPROF, SCLBYCOL, RPROF and CPROF of one EXTVER.
    fn set(&self, version: i64, overrides: &Overrides, expstart_mjd: f64) -> Result<CteParameters> {
        let selector = |name: &str| HduSelector::Version(name.to_owned(), version);
        let qprof = Rows::read_hdu(self.reference, selector("QPROF"))?;
        let hdu = format!("QPROF,{version}");
        let header = self.reference.file().hdu(selector("QPROF"));
        let header = header.map_err(|source| self.unusable(source))?.header();
        let count = |keyword: &str, instead: Option<usize>| match instead {
            Some(number) => Ok(number),
            None => self.count(header, keyword, &hdu),
        };
        let length = count("PCTETLEN", overrides.length)?;
        let passes = count("PCTENPAR", overrides.passes)?;
        let iterations = count("PCTENFOR", overrides.iterations)?;
        let (date0_mjd, date1_mjd) = (
            self.number(header, "CTEDATE0", &hdu)?,
            self.number(header, "CTEDATE1", &hdu)?,
        );
        let fraction = (expstart_mjd - date0_mjd) / (date1_mjd - date0_mjd);
        if !fraction.is_finite() {
            return Err(self.value(
                &format!("CTEDATE1 of {hdu}"),
                &date1_mjd,
                "another date than CTEDATE0",
            ));
        }
        Ok(CteParameters {
            traps: self.traps(&qprof, version, length, passes)?,
            scales: self.scales(version)?,
            date0_mjd,
            date1_mjd,
            fraction,
            iterations,
            fix_cosmic_rays: overrides.fix_cosmic_rays.unwrap_or(self.primary.fix_cosmic_rays),
            threshold_e: self.primary.threshold_e,
        })
    }

    fn traps(&self, qprof: &Rows, version: i64, length: usize, passes: usize) -> Result<Traps> {
        let levels = qprof.numbers("QLEV_Q")?;
        let amounts = qprof.numbers("DPDE_W")?;
        let count = levels.iter().filter(|q| **q < NO_LEVEL_E).count();
        let [release, held] = ["RPROF", "CPROF"].map(|name| self.profiles(name, version, count, length));
        let (release, held) = (release?, held?);
        let of_level = |number: usize| TrapLevel {
            q_e: levels[number],
            amount_e: amounts[number],
            release: &release[number * length..(number + 1) * length],
            held: &held[number * length..(number + 1) * length],
        };
        Traps::new((0..count).map(of_level), length, passes).map_err(|error| match error {
            Error::Traps { what } => self.value(&format!("QPROF,{version}"), &what, "levels of charge traps"),
            other => other,
        })
    }

    /// The profiles of the first levels, one after the other; in the file levels lie side by side.
    fn profiles(&self, name: &str, version: i64, levels: usize, length: usize) -> Result<Vec<f32>> {
        let selector = HduSelector::Version(name.to_owned(), version);
        let image: Array<f32> = self
            .reference
            .file()
            .image(selector)
            .map_err(|source| self.unusable(source))?;
        let (ny, nx) = image.plane().map_err(|source| self.unusable(source))?;
        if ny < length || nx < levels {
            return Err(self.value(
                &format!("{name},{version}"),
                &format!("of {nx} levels and {ny} pixels"),
                "a profile of PCTETLEN pixels for each level of QPROF",
            ));
        }
        let mut profiles = Vec::with_capacity(levels * length);
        for level in 0..levels {
            profiles.extend((0..length).map(|pixel| image.data[pixel * nx + level]));
        }
        Ok(profiles)
    }

    fn scales(&self, version: i64) -> Result<Vec<[f64; 4]>> {
        let table = Rows::read_hdu(
            self.reference,
            HduSelector::Version("SCLBYCOL".to_owned(), version),
        )?;
        let columns = table.numbers("IZ")?;
        let scales = ["SENS_0512", "SENS_1024", "SENS_1536", "SENS_2048"].map(|name| table.numbers(name));
        let [a, b, c, d] = scales;
        let (a, b, c, d) = (a?, b?, c?, d?);
        let mut by_column = Vec::new();
        for (row, column) in columns.into_iter().enumerate() {
            let index = column as usize;
            let scale = [a[row], b[row], c[row], d[row]];
            let sensible = (0.0..MOST_COLUMNS as f64).contains(&column);
            if !sensible || scale.iter().any(|scale| !scale.is_finite()) {
                return Err(self.value(
                    &format!("row {} of SCLBYCOL,{version}", row + 1),
                    &format!("IZ {column}, scales {scale:?}"),
                    "a column's number and four scales",
                ));
            }
            if by_column.len() <= index {
                by_column.resize(index + 1, [0.0; 4]);
            }
            by_column[index] = scale;
        }
        Ok(by_column)
    }

    fn number(&self, header: &Header, keyword: &str, hdu: &str) -> Result<f64> {
        let number = header.real(keyword).filter(|number| number.is_finite());
        number.ok_or_else(|| {
            let found = header
                .get(keyword)
                .map_or("not there".to_owned(), |value| value.to_string());
            self.value(&format!("{keyword} of {hdu}"), &found, "a number")
        })
    }

    fn count(&self, header: &Header, keyword: &str, hdu: &str) -> Result<usize> {
        let number = self.number(header, keyword, hdu)?;
        if !(1.0..=1e6).contains(&number) {
            return Err(self.value(&format!("{keyword} of {hdu}"), &number, "1 or more"));
        }
        Ok(number as usize)
    }

    fn value(&self, what: &str, found: &dyn std::fmt::Display, expected: &'static str) -> Error {
        Error::ReferenceValue {
            keyword: self.reference.keyword.clone(),
            path: self.reference.path(),
            what: what.to_owned(),
            found: found.to_string(),
            expected,
        }
    }

    fn unusable(&self, source: firstlight_frame::fits::Error) -> Error {
        Error::ReferenceTable {
            keyword: self.reference.keyword.clone(),
            path: self.reference.path(),
            source: source.into(),
        }
    }
}
