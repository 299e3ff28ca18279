//! The columns of physical overscan that destriping measures in.

use super::amplifier_view::AmplifierView;
use std::ops::Range;

/// Columns of physical overscan of each amplifier.
pub const BIAS_COLUMNS: usize = 24;
/// The first columns with sky: where these are saturated, the overscan beside them is not to be trusted.
pub const EDGE_COLUMNS: Range<usize> = 24..30;
/// The columns whose mean is taken for the zero of a row when the columns are compared.
const REFERENCE_COLUMNS: Range<usize> = 12..24;
/// Sky at and above which a row is left out when the columns are compared, e.
const EDGE_LIMIT: f64 = 50_000.0;
/// Sky above which a row is left out of the bias level and the stripe, e.
const EDGE_LIMIT_OF_ROWS: f64 = 70_000.0;
/// How far the mean of a row may lie from the mean of the amplifier, in whole electrons.
const MAX_ROW_OFFSET: f64 = 100.0;
/// Clipping of single columns, in standard deviations.
const COLUMN_CLIP: f64 = 5.0;
const COLUMN_CLIPS: usize = 4;
/// Clipping of the level, in mean absolute deviations.
const LEVEL_CLIP: f64 = 6.0;

/// Rows that are summed side by side, each in the order of its pixels.
const TOGETHER: usize = 8;

/// The bias columns of one amplifier, column after column, and what is to be known of the rows beside them.
pub struct BiasColumns {
    columns: Vec<Vec<f64>>,
    /// The largest of the edge columns, by row.
    edge: Vec<f64>,
    /// Sum of the columns that are no bias columns, by row.
    sky: Vec<f64>,
    sky_columns: usize,
    good: Vec<bool>,
}

impl BiasColumns {
    /// Copies them. The view must be wider than the edge columns.
    pub fn read(view: &AmplifierView) -> Self {
        let (rows, nx) = view.shape();
        let mut scratch = vec![vec![0.0; nx]; TOGETHER.min(rows)];
        let mut columns = vec![vec![0.0; rows]; BIAS_COLUMNS];
        let (mut edge, mut sky) = (Vec::with_capacity(rows), Vec::with_capacity(rows));
        for first in (0..rows).step_by(TOGETHER) {
            let some = &mut scratch[..TOGETHER.min(rows - first)];
            for (i, row) in (first..).zip(some.iter_mut()) {
                view.read(i, row);
                for (column, &value) in columns.iter_mut().zip(row.iter()) {
                    column[i] = value;
                }
                let of_edge = row[EDGE_COLUMNS].iter().copied();
                edge.push(of_edge.fold(f64::NEG_INFINITY, f64::max));
            }
            let mut sums = [-0.0; TOGETHER];
            for j in BIAS_COLUMNS..nx {
                for (sum, row) in sums.iter_mut().zip(some.iter()) {
                    *sum += row[j];
                }
            }
            sky.extend_from_slice(&sums[..some.len()]);
        }
        Self {
            columns,
            edge,
            sky,
            sky_columns: nx - BIAS_COLUMNS,
            good: vec![false; rows],
        }
    }

    /// Subtracts from each column its mean over the rows, after the mean of the row's reference columns is taken off
    /// and outliers are clipped, and returns it; 0 where no row is below the edge limit.
    pub fn subtract_means(&mut self) -> Vec<f64> {
        let rows = self.edge.len();
        let usable: Vec<usize> = (0..rows).filter(|&i| self.edge[i] < EDGE_LIMIT).collect();
        let zero = |&i: &usize| {
            let references = self.columns[REFERENCE_COLUMNS].iter();
            references.map(|column| column[i]).sum::<f64>() / REFERENCE_COLUMNS.len() as f64
        };
        let zeros: Vec<f64> = usable.iter().map(zero).collect();
        let mean_of = |column: &Vec<f64>| {
            let values = usable.iter().zip(&zeros).map(|(&i, zero)| column[i] - zero);
            clipped_mean(&values.collect::<Vec<f64>>())
        };
        let means: Vec<f64> = self.columns.iter().map(mean_of).collect();
        for (column, mean) in self.columns.iter_mut().zip(&means) {
            column.iter_mut().for_each(|value| *value -= mean);
        }
        means
    }

    /// Decides which rows are to be trusted: none without a row before it, none whose sky lies far from the mean of the
    /// amplifier, and none beside saturation.
    pub fn judge_rows(&mut self, virtual_rows: usize) {
        let rows = self.edge.len();
        let imaging = rows - virtual_rows;
        let bias: Vec<f64> = (0..rows)
            .map(|i| self.columns.iter().map(|column| column[i]).sum())
            .collect();
        let bias_mean = bias[..imaging].iter().sum::<f64>() / (imaging * BIAS_COLUMNS) as f64;
        let sky_columns = self.sky_columns as f64;
        let amplifier_mean =
            self.sky[..imaging].iter().sum::<f64>() / (sky_columns * imaging as f64) - bias_mean;
        for i in 1..rows {
            let reference = (bias[i] + bias[i - 1]) / (2 * BIAS_COLUMNS) as f64;
            let offset = self.sky[i] / sky_columns - reference - amplifier_mean;
            self.good[i] = offset.trunc().abs() <= MAX_ROW_OFFSET && self.edge[i] <= EDGE_LIMIT_OF_ROWS;
        }
    }

    /// Subtracts the mean of the bias columns of good rows, outliers clipped, and returns it; 0 where no row is good.
    pub fn subtract_level(&mut self) -> f64 {
        let mut kept: Vec<f64> = Vec::new();
        for column in &self.columns {
            let good = column.iter().zip(&self.good).filter(|(_, good)| **good);
            kept.extend(good.map(|(value, _)| value));
        }
        let mut count = kept.len();
        for pass in 1.. {
            let before = count;
            let mean = mean(&kept);
            let deviation =
                kept.iter().map(|value| (value - mean).abs()).sum::<f64>() / kept.len().max(1) as f64;
            kept.retain(|value| (value - mean).abs() <= LEVEL_CLIP * deviation);
            count = kept.len();
            if pass > 5 && (pass > 10 || count >= before) {
                break;
            }
        }
        let level = mean(&kept);
        for column in &mut self.columns {
            column.iter_mut().for_each(|value| *value -= level);
        }
        level
    }

    /// Whether row `i` is to be trusted.
    pub fn is_good(&self, i: usize) -> bool {
        self.good[i]
    }

    /// Mean and standard deviation of the bias columns in row `i`.
    pub fn row_statistics(&self, i: usize) -> (f64, f64) {
        let row = self.columns.iter().map(|column| column[i]);
        let mean = row.clone().sum::<f64>() / BIAS_COLUMNS as f64;
        let squares: f64 = row.map(|value| (value - mean).powi(2)).sum();
        (mean, (squares / (BIAS_COLUMNS - 1) as f64).sqrt())
    }
}

fn mean(values: &[f64]) -> f64 {
    match values.len() {
        0 => 0.0,
        count => values.iter().sum::<f64>() / count as f64,
    }
}

/// The mean after four clips at five standard deviations; the scatter is taken about the mean of the clip before.
fn clipped_mean(values: &[f64]) -> f64 {
    let mut centre = mean(values);
    let squares: f64 = values.iter().map(|value| (value - centre).powi(2)).sum();
    let mut scatter = (squares / (values.len() as f64 - 1.0)).sqrt();
    for _ in 0..COLUMN_CLIPS {
        let (mut sum, mut squares, mut count) = (0.0, 0.0, 0.0);
        for value in values {
            if (value - centre).abs() <= COLUMN_CLIP * scatter {
                sum += value;
                squares += (value - centre).powi(2);
                count += 1.0;
            }
        }
        // Fewer than two values have no scatter, and keep their mean.
        if count < 1.0 {
            break;
        }
        centre = sum / count;
        scatter = (squares / (count - 1.0)).sqrt();
    }
    centre
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clipped_mean_forgets_outliers_and_nothing_has_mean_zero() {
        let mut values: Vec<f64> = (0..200).map(|i| f64::from(i % 5)).collect();
        values[20] = 1e6;
        assert!((clipped_mean(&values) - 2.0).abs() < 0.02);
        assert_eq!(clipped_mean(&[]), 0.0);
        assert_eq!(clipped_mean(&[7.0]), 7.0);
    }
}
