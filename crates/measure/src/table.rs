//! The measurements as a table.

use crate::photometry::Measured;
use firstlight_frame::{Column, Table};

/// The measurements at all positions, with what is needed to write them down.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Photometry {
    /// Positions `(x, y)` in pixels.
    pub positions: Vec<(f64, f64)>,
    /// The same on the sky, `(ra, dec)` in degrees, where it is known.
    pub sky: Option<Vec<(f64, f64)>>,
    /// One per position.
    pub measured: Vec<Measured>,
    /// How many apertures there are at each position.
    pub apertures: usize,
    /// Whether a background was taken.
    pub background_taken: bool,
    /// Whether the samples' errors were given.
    pub errors_known: bool,
}

impl Photometry {
    /// A table with photutils' columns: `id` from 1, `x_center`, `y_center`, `sky_center.ra` and
    /// `sky_center.dec` where the sky is known, `aperture_sum`, and `aperture_sum_err` where errors were
    /// given. With `numbered` columns, as photutils has them for a list of apertures, `_0`, `_1`, … follow
    /// the names.
    ///
    /// `with_areas` adds `aperture_area`, the pixels that were summed. Where a background was taken, the
    /// areas are there too, and `local_background`, `local_background_err` and `local_background_pixels`,
    /// which are per pixel, and `aperture_sum_bkgsub` and `aperture_sum_bkgsub_err`, the sum less
    /// background times area.
    ///
    /// # Errors
    /// None in practice: all columns have one row per position.
    pub fn table(&self, numbered: bool, with_areas: bool) -> firstlight_frame::Result<Table> {
        let rows = i64::try_from(self.positions.len()).unwrap_or(i64::MAX);
        let mut table = Table::new()
            .with(Column::i64("id", (1..=rows).collect()))?
            .with(
                Column::f64(
                    "x_center",
                    self.positions.iter().map(|position| position.0).collect(),
                )
                .unit("pix"),
            )?
            .with(
                Column::f64(
                    "y_center",
                    self.positions.iter().map(|position| position.1).collect(),
                )
                .unit("pix"),
            )?;
        if let Some(sky) = &self.sky {
            table.push(Column::f64("sky_center.ra", sky.iter().map(|sky| sky.0).collect()).unit("deg"))?;
            table.push(Column::f64("sky_center.dec", sky.iter().map(|sky| sky.1).collect()).unit("deg"))?;
        }
        let levels: Vec<_> = self.measured.iter().filter_map(|one| one.background).collect();
        if self.background_taken {
            table.push(Column::f64(
                "local_background",
                levels.iter().map(|level| level.level).collect(),
            ))?;
            table.push(Column::f64(
                "local_background_err",
                levels.iter().map(|level| level.error).collect(),
            ))?;
            let pixels = levels
                .iter()
                .map(|level| i64::try_from(level.pixels).unwrap_or(i64::MAX))
                .collect();
            table.push(Column::i64("local_background_pixels", pixels))?;
        }
        for index in 0..self.apertures {
            self.push_aperture(&mut table, index, numbered, with_areas || self.background_taken)?;
        }
        Ok(table)
    }

    fn push_aperture(
        &self,
        table: &mut Table,
        index: usize,
        numbered: bool,
        with_areas: bool,
    ) -> firstlight_frame::Result<()> {
        let name = |stem: &str| {
            if numbered {
                format!("{stem}_{index}")
            } else {
                stem.to_owned()
            }
        };
        let sums = || self.measured.iter().filter_map(|one| one.sums.get(index));
        table.push(Column::f64(
            name("aperture_sum"),
            sums().map(|sum| sum.sum).collect(),
        ))?;
        if self.errors_known {
            table.push(Column::f64(
                name("aperture_sum_err"),
                sums().map(|sum| sum.error).collect(),
            ))?;
        }
        if with_areas {
            table.push(
                Column::f64(name("aperture_area"), sums().map(|sum| sum.area).collect()).unit("pix2"),
            )?;
        }
        let net: Vec<_> = self
            .measured
            .iter()
            .filter_map(|one| one.net(index, self.errors_known))
            .collect();
        if !net.is_empty() {
            table.push(Column::f64(
                name("aperture_sum_bkgsub"),
                net.iter().map(|net| net.0).collect(),
            ))?;
            table.push(Column::f64(
                name("aperture_sum_bkgsub_err"),
                net.iter().map(|net| net.1).collect(),
            ))?;
        }
        Ok(())
    }
}
