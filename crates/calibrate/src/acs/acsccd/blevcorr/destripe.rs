//! The stripes of the readout since Servicing Mission 4, and the bias level with them.

use super::amplifier_view::{AmplifierView, RowMut, same_shape};
use super::bias_columns::{BIAS_COLUMNS, BiasColumns, EDGE_COLUMNS};
use crate::{Error, Result};
use rayon::prelude::*;

/// Rows of virtual overscan at the end of a readout.
const VIRTUAL_ROWS: usize = 20;
/// Columns that a row of gap between two rows is worth in time.
const GAP_COLUMNS: usize = 146;
/// Rows whose bias columns scatter as much as this, e, tell nothing of the stripe.
const MAX_SCATTER: f64 = 15.0;

/// What destriping found.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Destriped {
    /// Bias level of each amplifier, in the order of the views, e.
    pub levels_e: Vec<f64>,
    /// Rows that a stripe was removed from.
    pub rows_fixed: usize,
    /// Rows without two amplifiers that tell of it.
    pub rows_skipped: usize,
}

/// Whether the image of one amplifier, `(rows, columns)`, is larger than the overscan that is measured in.
pub fn check(found: (usize, usize)) -> Result<()> {
    let needed = (VIRTUAL_ROWS + 2, EDGE_COLUMNS.end + 1);
    if found.0 >= needed.0 && found.1 >= needed.1 {
        return Ok(());
    }
    Err(Error::TooSmall {
        what: "the image of one amplifier",
        purpose: "destriping",
        needed,
        found,
    })
}

/// Subtracts from a full frame of four amplifiers, A to D, the mean of each of the 24 columns of physical overscan
/// from it, the bias level of each amplifier, and the stripes, which are the same in all four (Grogin et al., ACS ISR
/// 2011-05).
///
/// A row's stripe is the mean of its bias columns in the amplifiers where they can be trusted, at least two of them, and
/// is interpolated between rows by the time of reading. Double precision throughout, stored once.
///
/// # Errors
/// [`Error::TooSmall`] where the readout is smaller than the overscan it is measured in, [`Error::Shape`] where the
/// amplifiers read different numbers of pixels.
pub fn destripe(views: &mut [AmplifierView]) -> Result<Destriped> {
    let shape = same_shape(views)?;
    check(shape)?;
    let mut columns: Vec<BiasColumns> = views.par_iter().map(BiasColumns::read).collect();
    let measured: Vec<(Vec<f64>, f64)> = columns
        .par_iter_mut()
        .map(|columns| {
            let means = columns.subtract_means();
            columns.judge_rows(VIRTUAL_ROWS);
            (means, columns.subtract_level())
        })
        .collect();
    let stripes = Stripes::of(&columns, shape.0);
    let times = times(shape.1);
    for (view, (means, level)) in views.iter_mut().zip(&measured) {
        let subtract = |(i, mut row): (usize, RowMut)| {
            let [of_bias, of_sky] = stripes.lines(i);
            let (of_bias_columns, of_others) = times.split_at(BIAS_COLUMNS.min(times.len()));
            row.update_before(of_bias_columns, |j, time, value| {
                let line = if j < BIAS_COLUMNS / 2 { &of_bias } else { &of_sky };
                (value - means.get(j).unwrap_or(&0.0) - level) - line.at(time)
            });
            row.update_behind(of_others, |time, value| (value - level) - of_sky.at(time));
        };
        view.rows_mut().into_par_iter().for_each(subtract);
    }
    Ok(Destriped {
        levels_e: measured.iter().map(|(_, level)| *level).collect(),
        rows_fixed: shape.0 - stripes.skipped,
        rows_skipped: stripes.skipped,
    })
}

/// The stripe of each row, e.
struct Stripes {
    rows: Vec<f64>,
    skipped: usize,
}

impl Stripes {
    fn of(columns: &[BiasColumns], rows: usize) -> Self {
        let mut skipped = 0;
        let stripe = |i: usize| {
            let trusted = columns.iter().filter(|columns| columns.is_good(i));
            let rows = trusted.map(|columns| columns.row_statistics(i));
            let (mut sum, mut count) = (0.0, 0);
            for (mean, scatter) in rows {
                if scatter < MAX_SCATTER {
                    sum += mean;
                    count += 1;
                }
            }
            if count < 2 {
                skipped += 1;
                return 0.0;
            }
            sum / f64::from(count)
        };
        let rows = (0..rows).map(stripe).collect();
        Self { rows, skipped }
    }

    /// How the stripe runs along row `i`: in the first half of the bias columns, and behind.
    fn lines(&self, i: usize) -> [StripeLine; 2] {
        let last = self.rows.len() - 2;
        [i.saturating_sub(1).min(last), i.min(last)].map(|lower| StripeLine {
            row: i as f64,
            lower: lower as f64,
            stripe: self.rows[lower],
            change: self.rows[lower + 1] - self.rows[lower],
        })
    }
}

/// When the pixels of a row are read, in rows: the mean of the bias columns is the stripe in their middle, column 11.5.
fn times(columns: usize) -> Vec<f64> {
    let row = (columns + GAP_COLUMNS) as f64;
    (0..columns).map(|j| (j as f64 - 11.5) / row).collect()
}

/// The stripe between two rows.
struct StripeLine {
    row: f64,
    lower: f64,
    stripe: f64,
    change: f64,
}

impl StripeLine {
    #[inline(always)]
    fn at(&self, time: f64) -> f64 {
        let at = self.row + time;
        self.stripe + (at - self.lower) * self.change
    }
}
