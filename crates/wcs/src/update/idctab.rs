//! IDCTAB: the table of distortion models, one row a chip, filter and direction.

use super::model::{Coefficients, DistortionModel, Skew, Stated};
use super::observation::Observation;
use super::offtab::Offtab;
use super::science::text;
use crate::keywords::real;
use crate::{Error, Result};
use firstlight_fits::{ColumnData, FitsFile, Header, Table};

/// Distortion models as a reference file has them.
#[derive(Debug, Clone, PartialEq)]
pub struct Idctab {
    name: String,
    primary: Header,
    table: Table,
}

impl Idctab {
    /// Reads the reference file; `name` is how headers name it, as in `jref$0461802ej_idc.fits`.
    ///
    /// # Errors
    /// Those of reading a table from extension 1.
    pub fn read(file: &FitsFile, name: &str) -> Result<Self> {
        Ok(Self::new(name, file.primary().header().clone(), file.table(1)?))
    }

    /// A table with the header before it.
    pub fn new(name: &str, primary: Header, table: Table) -> Self {
        Self {
            name: name.to_owned(),
            primary,
            table,
        }
    }

    /// The model from detector to sky of an exposure's chip, for its binning.
    ///
    /// # Errors
    /// [`Error::NoModel`] where no row is for this chip and these filters; [`Error::BadReference`] for a table
    /// without the columns that its order needs.
    pub(super) fn model(&self, of: &Observation, offsets: Option<&Offtab>) -> Result<DistortionModel> {
        let row = self.row(of)?;
        let order = self.polynomial_order()?;
        let scale = self.number("SCALE", row)?.value;
        let scale = format!("{scale:.8}").parse().unwrap_or(scale);
        let [v2ref, v3ref, theta] = self.position(row, of, offsets)?;
        let (mut cx, mut cy) = (Coefficients::zero(order.max(3)), Coefficients::zero(order.max(3)));
        let [x_stem, y_stem] = if self.table.find("CX10").is_some() {
            ["CX", "CY"]
        } else {
            ["A", "B"]
        };
        for n in 1..=order {
            for m in 0..=n {
                cx.0[n][m] = self.number(&format!("{x_stem}{n}{m}"), row)?.value;
                cy.0[n][m] = self.number(&format!("{y_stem}{n}{m}"), row)?.value;
            }
        }
        if cx.at(1, 1) == 1.0 && scale != 1.0 {
            // Old tables are in pixels.
            cx.map(|c| c * scale);
            cy.map(|c| c * scale);
        }
        let model = DistortionModel {
            cx,
            cy,
            scale,
            xref: self.number("XREF", row)?,
            yref: self.number("YREF", row)?,
            size: [self.number("XSIZE", row)?.value, self.number("YSIZE", row)?.value],
            v2ref,
            v3ref,
            theta,
            skew: self.skew(of.chip)?,
            detector_skew: None,
        };
        Ok(model.binned(of.binning))
    }

    fn bad(&self, reason: String) -> Error {
        Error::BadReference {
            name: self.name.clone(),
            reason,
        }
    }

    fn polynomial_order(&self) -> Result<usize> {
        let order = self.primary.require_integer("NORDER")?;
        match order {
            1..=9 => Ok(order as usize),
            _ => Err(self.bad(format!(
                "its NORDER is {order}, and polynomials are of order 1 to 9"
            ))),
        }
    }

    fn number(&self, column: &str, row: usize) -> Result<Stated> {
        let found = self
            .table
            .find(column)
            .ok_or_else(|| self.bad(format!("it has no column {column}")))?;
        let value = found.is_scalar().then(|| found.data().real(row)).flatten();
        let value = value
            .filter(|value| value.is_finite())
            .ok_or_else(|| self.bad(format!("its column {column} has no number in row {}", row + 1)))?;
        let single = matches!(found.data(), ColumnData::F32(_));
        Ok(Stated { value, single })
    }

    /// V2REF, V3REF and THETA, from the table itself or interpolated in time.
    fn position(&self, row: usize, of: &Observation, offsets: Option<&Offtab>) -> Result<[Stated; 3]> {
        let of_table = |column: &str| match self.table.find(column) {
            Some(_) => self.number(column, row),
            None => Ok(Stated::exact(0.0)),
        };
        if self.table.find("V2REF").is_none()
            && let Some(offsets) = offsets
        {
            return offsets.at(of.chip, &of.date);
        }
        Ok([of_table("V2REF")?, of_table("V3REF")?, of_table("THETA")?])
    }

    /// The first row of this chip, these filters, from detector to sky. A filter or chip `ANY` takes all, after
    /// rows that name it.
    fn row(&self, of: &Observation) -> Result<usize> {
        let candidates: Vec<usize> = (0..self.table.rows())
            .filter(|&row| self.is_forward(row) && self.is_of_chip(row, of.chip))
            .collect();
        let [first, second] = self.wanted_filters(of);
        let found = candidates
            .iter()
            .find(|&&row| self.filters(row) == [first.clone(), second.clone()].map(Some))
            .or_else(|| {
                let takes = |own: &Option<String>, wanted: &str| {
                    own.as_deref().is_none_or(|own| own == wanted || own == "ANY")
                };
                candidates.iter().find(|&&row| {
                    let [own_first, own_second] = self.filters(row);
                    takes(&own_first, &first) && takes(&own_second, &second)
                })
            });
        found.copied().ok_or_else(|| Error::NoModel {
            table: self.name.clone(),
            chip: of.chip,
            filters: format!("{first}, {second}"),
        })
    }

    fn cell(&self, column: &str, row: usize) -> Option<String> {
        let text = self.table.find(column)?.data().text(row)?.trim();
        Some(text.to_owned())
    }

    fn is_forward(&self, row: usize) -> bool {
        self.cell("DIRECTION", row)
            .is_none_or(|direction| direction.eq_ignore_ascii_case("FORWARD"))
    }

    fn is_of_chip(&self, row: usize, chip: i64) -> bool {
        let Some(column) = self.table.find("DETCHIP") else {
            return chip == 1;
        };
        let number = column
            .data()
            .integer(row)
            .or_else(|| self.cell("DETCHIP", row)?.parse().ok());
        // What is no number, such as ANY, is that of a detector of one chip.
        [chip, -999].contains(&number.unwrap_or(1))
    }

    /// The filters that a row is for; None where the table does not tell them apart.
    fn filters(&self, row: usize) -> [Option<String>; 2] {
        let filter = |column: &str| {
            self.cell(column, row).map(|name| {
                let clear = name.to_ascii_uppercase().contains("CLEAR");
                if clear { "CLEAR".to_owned() } else { name }
            })
        };
        if self.table.find("FILTER1").is_some() && self.table.find("FILTER2").is_some() {
            [filter("FILTER1"), filter("FILTER2")]
        } else if self.table.find("OPT_ELEM").is_some() {
            [filter("OPT_ELEM"), filter("FILTER")]
        } else if self.table.find("FILTER").is_some() {
            [filter("FILTER"), Some("CLEAR".to_owned())]
        } else {
            [None, None]
        }
    }

    fn wanted_filters(&self, of: &Observation) -> [String; 2] {
        let [mut first, mut second] = of.filters.clone();
        if text(&self.primary, "DETECTOR") == "SBC" {
            // What SBC's wheel has in its open positions; the table knows no CLEAR.
            if first == "CLEAR" {
                first = "F115LP".to_owned();
                second = "N/A".to_owned();
            } else if second == "CLEAR" {
                second = "N/A".to_owned();
            }
        }
        [first, second]
    }

    fn skew(&self, chip: i64) -> Result<Option<Skew>> {
        let header = &self.primary;
        if text(header, "INSTRUME") != "ACS" || text(header, "DETECTOR") != "WFC" {
            return Ok(None);
        }
        let pair = |stem: &str| ["A", "B"].map(|which| header.real(&format!("TDD_{stem}{which}{chip}")));
        if header.contains("TDD_CTB1") {
            return Ok(Some(Skew::Rates2015 {
                date: header.require_real("TDD_DATE")?,
                ct: pair("CT"),
                cx: pair("CX"),
                cy: pair("CY"),
            }));
        }
        if header.contains("TDD_CYB1") {
            // An offset of zero says that there is none.
            let given = |stem: &str| {
                let [offset, rate] = pair(stem);
                [offset.filter(|&offset| offset != 0.0), rate]
            };
            return Ok(Some(Skew::Replaced2014 {
                date: header.require_real("TDD_DATE")?,
                cx: given("CX"),
                cy: given("CY"),
            }));
        }
        let Some(order) = real(header, "TDDORDER")? else {
            return Ok(None);
        };
        if !(0.0..=9.0).contains(&order) {
            return Err(self.bad(format!(
                "its TDDORDER is {order}, and such polynomials are of order 0 to 9"
            )));
        }
        let terms = |letter: char| {
            let term = |n: usize| header.real(&format!("TDD_{letter}{n}")).unwrap_or(0.0);
            (0..=order as usize).map(term).collect()
        };
        Ok(Some(Skew::Detector {
            date: header.require_real("TDD_DATE")?,
            a: terms('A'),
            b: terms('B'),
        }))
    }
}
