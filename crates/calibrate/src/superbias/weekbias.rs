//! The bias of a week: a basebias with the week's hot columns.

use super::smooth::{Beyond, column_means, hot_columns, residual, smooth};
use super::{Baseline, BiasFrames, Superbias, SuperbiasReport, header};
use crate::stis::ocrreject::OcrrejectOptions;
use crate::superdark::HOT;
use crate::superdark::combination::mean_bias;
use crate::{Error, References, Result};

/// Rows from the first, as a share of all, by which columns are judged: hot columns begin at the bottom.
const SHARE: f64 = 0.25;
const SIGMAS: f64 = 5.0;

/// Makes the bias of a week. Columns whose lowest quarter stands five standard deviations above those of others add what
/// is above the smooth image about them, the median of 3 rows and 15 columns, to the baseline. There DQ has 16 where that
/// is above 0, and ERR is the week's; elsewhere ERR is the baseline's. DQ is the week's.
///
/// # Errors
/// Those of [`refbias`](super::refbias); [`Error::Shape`] for a baseline of another shape.
pub fn weekbias(
    biases: &BiasFrames,
    baseline: Baseline<'_>,
    references: &References,
    options: &OcrrejectOptions,
) -> Result<Superbias> {
    let mut combined = mean_bias(&biases.0, references, options)?;
    let (base, week) = (baseline.frame, &mut combined.frame);
    for found in [base.sci.shape(), base.err.shape()] {
        if found != week.sci.shape() {
            return Err(Error::Shape {
                what: format!("the baseline bias {}", baseline.name),
                expected: week.sci.shape(),
                found,
            });
        }
    }
    let residual = residual(&week.sci, &smooth(&week.sci, Beyond::Mirror, 40)?);
    let columns = hot_columns(&column_means(&residual, SHARE), SIGMAS, 20)?;
    let mut hot_pixels = 0;
    for y in 0..week.sci.ny() {
        for (x, &is_hot) in columns.iter().enumerate() {
            let above = if is_hot { residual[(y, x)] } else { 0.0 };
            week.sci[(y, x)] = base.sci[(y, x)] + above;
            if above == 0.0 {
                week.err[(y, x)] = base.err[(y, x)];
            }
            if above > 0.0 {
                week.dq[(y, x)] |= HOT;
                hot_pixels += 1;
            }
        }
    }
    let report = SuperbiasReport {
        inputs: biases.0.names(),
        parameters: combined.parameters,
        rejected: combined.rejected,
        without_data: combined.without_data,
        hot_columns: columns.into_iter().filter(|&is_hot| is_hot).count(),
        hot_pixels,
    };
    let kind = header::Kind::Weekbias(baseline.name);
    let image = header::reference_image(biases, combined.frame, kind, &report)?;
    Ok(Superbias { image, report })
}
