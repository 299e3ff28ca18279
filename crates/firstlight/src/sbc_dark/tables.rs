//! The results as tables.

use super::{ApertureRow, SbcDarkReport};
use crate::Result;
use firstlight_fits::{Column, ColumnData, Overwrite, Table};
use std::path::PathBuf;

impl SbcDarkReport {
    /// All aperture rows, filter by filter.
    pub fn rows(&self) -> impl Iterator<Item = &ApertureRow> {
        self.filters.iter().flat_map(|filter| &filter.apertures)
    }

    /// The fluxes: one row an aperture and filter.
    ///
    /// # Errors
    /// None for a report of this program's.
    pub fn table(&self) -> Result<Table> {
        let rows: Vec<&ApertureRow> = self.rows().collect();
        let real = |name: &str, unit: &str, of: fn(&ApertureRow) -> f64| {
            Column::scalar(name, ColumnData::F64(rows.iter().map(|row| of(row)).collect()))
                .unit(unit)
                .display("F9.4")
        };
        let optional = |name: &str, of: fn(&ApertureRow) -> Option<f64>| {
            let data = rows.iter().map(|row| of(row).unwrap_or_default()).collect();
            let nulls = rows.iter().map(|row| of(row).is_none()).collect();
            Column::scalar(name, ColumnData::F64(data))
                .nulls(nulls)
                .unit("ct / s")
                .display("F9.4")
        };
        let ids = rows.iter().map(|row| row.id as i64).collect();
        Ok(Table::new()
            .with(Column::text("filter1", rows.iter().map(|row| row.filter.clone())))?
            .with(Column::scalar("id", ColumnData::I64(ids)))?
            .with(Column::text(
                "kind",
                rows.iter().map(|row| if row.sky { "blank" } else { "target" }),
            ))?
            .with(real("x_center", "pix", |row| row.ellipse.x).display("F8.2"))?
            .with(real("y_center", "pix", |row| row.ellipse.y).display("F8.2"))?
            .with(real("science", "ct / s", |row| row.science))?
            .with(real("science_error", "ct / s", |row| row.science_error))?
            .with(real("dark", "ct / s", |row| row.dark))?
            .with(real("dark_error", "ct / s", |row| row.dark_error))?
            .with(real("difference", "ct / s", |row| row.difference))?
            .with(real("difference_error", "ct / s", |row| row.difference_error))?
            .with(optional("net", |row| row.net))?
            .with(optional("net_error", |row| row.net_error))?)
    }

    /// The observing log, by temperature.
    ///
    /// # Errors
    /// None for a report of this program's.
    pub fn log_table(&self) -> Result<Table> {
        let real = |name: &str, unit: &str, of: fn(&super::DarkExposure) -> Option<f64>| {
            let values: Vec<Option<f64>> = self.log.iter().map(|row| of(&row.exposure)).collect();
            let nulls = values.iter().map(Option::is_none).collect();
            let data = values.into_iter().map(Option::unwrap_or_default).collect();
            Column::scalar(name, ColumnData::F64(data))
                .nulls(nulls)
                .unit(unit)
        };
        let filters = self
            .log
            .iter()
            .map(|row| row.exposure.filter1.clone().unwrap_or_default());
        let elevated = self.log.iter().map(|row| row.elevated == Some(true)).collect();
        Ok(Table::new()
            .with(Column::text(
                "rootname",
                self.log.iter().map(|row| row.exposure.rootname.clone()),
            ))?
            .with(Column::text("filter1", filters))?
            .with(real("expstart", "d", |e| e.expstart).display("F12.5"))?
            .with(real("exptime", "s", |e| Some(e.exptime_s)).display("F8.1"))?
            .with(real("mdecodt1", "deg_C", |e| e.mdecodt1).display("F8.4"))?
            .with(real("mdecodt2", "deg_C", |e| e.mdecodt2).display("F8.4"))?
            .with(real("avgtemp", "deg_C", |e| e.avgtemp).display("F8.4"))?
            .with(Column::scalar("elevated", ColumnData::Logical(elevated)))?)
    }
}

/// Writes the tables beside the products.
pub(super) fn write(report: &SbcDarkReport, overwrite: bool) -> Result<Vec<PathBuf>> {
    let overwrite = Overwrite::from(overwrite);
    let mut paths = Vec::new();
    for (name, table) in [
        ("log.ecsv", report.log_table()?),
        ("photometry.ecsv", report.table()?),
    ] {
        let path = report.folder.join(name);
        firstlight_frame::table::write(&table, &path, None, overwrite)?;
        paths.push(path);
    }
    Ok(paths)
}
