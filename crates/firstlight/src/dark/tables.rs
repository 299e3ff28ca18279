//! Reports as tables.

use super::{DarkExposure, MatchReport, RateReport, ScienceMatch};
use crate::Result;
use firstlight_calibrate::dark::{BoxRate, BoxSum};
use firstlight_fits::{Column, ColumnData, Table};

impl RateReport {
    /// One row an exposure, columns named as in the JSON report.
    ///
    /// # Errors
    /// None for a report of this program's.
    pub fn table(&self) -> Result<Table> {
        let exposures: Vec<&DarkExposure> = self.exposures.iter().map(|row| &row.exposure).collect();
        let rates: Vec<&BoxRate> = self.exposures.iter().map(|row| &row.rate).collect();
        let mut table = exposure_columns(&exposures)?;
        table.push(sums(&rates))?;
        let rate = |name: &str, unit: &str, of: fn(&BoxRate) -> f64| {
            Column::scalar(name, ColumnData::F64(rates.iter().map(|r| of(r)).collect())).unit(unit)
        };
        table.push(rate("rate", "ct / s", |r| r.rate).display("F10.4"))?;
        table.push(rate("rate_error", "ct / s", |r| r.rate_error).display("F10.4"))?;
        table.push(rate("rate_per_pixel", "ct / (s pix)", |r| r.rate_per_pixel).display("E10.3"))?;
        table.push(
            rate("rate_per_pixel_error", "ct / (s pix)", |r| r.rate_per_pixel_error).display("E10.3"),
        )?;
        Ok(table)
    }
}

impl MatchReport {
    /// One row a science exposure: its nearest dark, the interpolation and the combination.
    ///
    /// # Errors
    /// None for a report of this program's.
    pub fn table(&self) -> Result<Table> {
        let exposures: Vec<&DarkExposure> = self.science.iter().map(|s| &s.exposure).collect();
        let rates: Vec<&BoxRate> = self.science.iter().map(|s| &s.rate).collect();
        let text =
            |name: &str, of: fn(&ScienceMatch) -> String| Column::text(name, self.science.iter().map(of));
        let real = |name: &str, unit: &str, of: fn(&ScienceMatch) -> f64| {
            Column::scalar(name, ColumnData::F64(self.science.iter().map(of).collect())).unit(unit)
        };
        let nearest =
            |s: &ScienceMatch, of: fn(&super::Match) -> f64| s.ranking.matches.first().map_or(f64::NAN, of);
        let of_nearest = |name: &str, unit: &str, of: fn(&super::Match) -> f64| {
            Column::scalar(
                name,
                ColumnData::F64(self.science.iter().map(|s| nearest(s, of)).collect()),
            )
            .unit(unit)
        };
        let mut table = exposure_columns(&exposures)?;
        table.push(sums(&rates))?;
        table.push(real("rate", "ct / s", |s| s.rate.rate).display("F9.4"))?;
        table.push(real("rate_error", "ct / s", |s| s.rate.rate_error).display("F9.4"))?;
        table.push(text("nearest", |s| {
            s.ranking
                .matches
                .first()
                .map_or(String::new(), |m| m.dark.name.clone())
        }))?;
        table.push(of_nearest("nearest_rate", "ct / s", |m| m.dark.rate.rate).display("F9.4"))?;
        table.push(of_nearest("percent", "%", |m| m.percent).display("F8.2"))?;
        let near = self.science.iter().map(|s| s.ranking.found).collect();
        table.push(Column::scalar("near_enough", ColumnData::Logical(near)))?;
        Ok(table)
    }
}

/// Rootname, filter, times and temperatures.
fn exposure_columns(exposures: &[&DarkExposure]) -> Result<Table> {
    let optional = |name: &str, of: fn(&DarkExposure) -> Option<f64>| {
        let values: Vec<Option<f64>> = exposures.iter().map(|e| of(e)).collect();
        let nulls = values.iter().map(Option::is_none).collect();
        let data = values.into_iter().map(Option::unwrap_or_default).collect();
        Column::scalar(name, ColumnData::F64(data))
            .nulls(nulls)
            .unit("deg_C")
            .display("F8.4")
    };
    let exptime = exposures.iter().map(|e| e.exptime_s).collect();
    Ok(Table::new()
        .with(Column::text(
            "rootname",
            exposures.iter().map(|e| e.rootname.clone()),
        ))?
        .with(Column::text(
            "detector",
            exposures.iter().map(|e| e.detector.clone().unwrap_or_default()),
        ))?
        .with(Column::text(
            "filter1",
            exposures.iter().map(|e| e.filter1.clone().unwrap_or_default()),
        ))?
        .with(
            Column::scalar("exptime", ColumnData::F64(exptime))
                .unit("s")
                .display("F8.1"),
        )?
        .with(optional("mdecodt1", |e| e.mdecodt1))?
        .with(optional("mdecodt2", |e| e.mdecodt2))?
        .with(optional("avgtemp", |e| e.avgtemp))?)
}

/// The sums: a column of integers where all are.
fn sums(rates: &[&BoxRate]) -> Column {
    let integer = |rate: &&BoxRate| match rate.sum {
        BoxSum::Integer(sum) => Some(sum),
        BoxSum::Real(_) => None,
    };
    match rates.iter().map(integer).collect::<Option<Vec<i64>>>() {
        Some(sums) => Column::scalar("sum", ColumnData::I64(sums)),
        None => Column::scalar(
            "sum",
            ColumnData::F64(rates.iter().map(|rate| rate.sum.value()).collect()),
        )
        .display("G15.7"),
    }
}
