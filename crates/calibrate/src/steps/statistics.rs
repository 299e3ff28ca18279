//! Statistics of the good pixels, as the headers of a calibrated exposure have them.

use super::rows::{Row, rows};
use crate::Result;
use crate::acs::{put, put_single};
use firstlight_frame::Frame;
use firstlight_frame::fits::Header;
use rayon::prelude::*;
use serde::Serialize;

/// Least, greatest and mean value.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Range {
    /// The least.
    pub min: f64,
    /// The greatest.
    pub max: f64,
    /// The mean.
    pub mean: f64,
}

/// Statistics of the pixels that are good: without serious bits, with an ERR above 0, and finite.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Statistics {
    /// NGOODPIX.
    pub good: usize,
    /// Of SCI: GOODMIN, GOODMAX, GOODMEAN; None where no pixel is good.
    pub sci: Option<Range>,
    /// Of ERR.
    pub err: Option<Range>,
    /// Of SCI over ERR: SNRMIN, SNRMAX, SNRMEAN.
    pub snr: Option<Range>,
}

impl Statistics {
    /// Records NGOODPIX, and where a pixel is good the rest, in the headers of SCI and ERR.
    ///
    /// # Errors
    /// [`crate::Error::Frame`] where a card cannot be written.
    pub fn record(&self, sci: &mut Header, err: &mut Header) -> Result<()> {
        let count = self.good as i64;
        put(sci, "NGOODPIX", count, "number of good pixels")?;
        put(err, "NGOODPIX", count, "number of good pixels")?;
        if let Some(range) = &self.sci {
            put_single(sci, "GOODMIN", range.min as f32, "minimum good data value")?;
            put_single(sci, "GOODMAX", range.max as f32, "maximum good data value")?;
            put_single(sci, "GOODMEAN", range.mean as f32, "average of good data values")?;
        }
        if let Some(range) = &self.snr {
            put_single(sci, "SNRMIN", range.min as f32, "minimum S/N of good data values")?;
            put_single(sci, "SNRMAX", range.max as f32, "maximum S/N of good data values")?;
            put_single(sci, "SNRMEAN", range.mean as f32, "mean S/N of good data values")?;
        }
        if let Some(range) = &self.err {
            put_single(err, "GOODMIN", range.min as f32, "minimum sigma for good data")?;
            put_single(err, "GOODMAX", range.max as f32, "maximum sigma for good data")?;
            put_single(
                err,
                "GOODMEAN",
                range.mean as f32,
                "average of sigma for good data",
            )?;
        }
        Ok(())
    }
}

/// Measures the pixels of a frame that have none of the bits `serious`.
///
/// # Errors
/// [`crate::Error::Shape`] where the planes of the frame differ in shape.
pub fn statistics(frame: &Frame, serious: u16) -> Result<Statistics> {
    super::check_shapes_of(frame)?;
    let of_rows: Vec<Tally> = rows(frame).map(|row| Tally::of(row, serious)).collect();
    let all = of_rows.iter().fold(Tally::default(), |all, row| all.and(row));
    let range = |which: &Extent| {
        (all.good > 0).then(|| Range {
            min: which.min,
            max: which.max,
            mean: which.sum / all.good as f64,
        })
    };
    Ok(Statistics {
        good: all.good,
        sci: range(&all.sci),
        err: range(&all.err),
        snr: range(&all.snr),
    })
}

#[derive(Debug, Clone, Copy)]
struct Extent {
    min: f64,
    max: f64,
    sum: f64,
}

impl Default for Extent {
    fn default() -> Self {
        Self {
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
            sum: 0.0,
        }
    }
}

impl Extent {
    fn add(&mut self, value: f64) {
        self.min = if value < self.min { value } else { self.min };
        self.max = if value > self.max { value } else { self.max };
        self.sum += value;
    }

    fn and(&self, other: &Self) -> Self {
        Self {
            min: self.min.min(other.min),
            max: self.max.max(other.max),
            sum: self.sum + other.sum,
        }
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    good: usize,
    sci: Extent,
    err: Extent,
    snr: Extent,
}

impl Tally {
    fn of(row: Row<'_>, serious: u16) -> Self {
        let mut tally = Self::default();
        for ((&sci, &err), &bits) in row.sci.iter().zip(row.err).zip(row.dq) {
            if bits & serious == 0 && err > 0.0 && err.is_finite() && sci.is_finite() {
                let (value, deviation) = (f64::from(sci), f64::from(err));
                tally.good += 1;
                tally.sci.add(value);
                tally.err.add(deviation);
                tally.snr.add(value / deviation);
            }
        }
        tally
    }

    fn and(&self, other: &Self) -> Self {
        Self {
            good: self.good + other.good,
            sci: self.sci.and(&other.sci),
            err: self.err.and(&other.err),
            snr: self.snr.and(&other.snr),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::statistics;
    use crate::steps::rows::tests::frame;

    #[test]
    fn flagged_pixels_those_without_error_and_those_not_finite_are_left_out() {
        let mut image = frame(2, 4, 6.0, 2.0, 1);
        image.dq.row_mut(0)[0] = 5;
        image.err.row_mut(0)[1] = 0.0;
        image.sci.row_mut(0)[2] = f32::NAN;
        image.sci.row_mut(1)[0] = -2.0;
        let found = statistics(&image, 4).unwrap();
        assert_eq!(found.good, 5);
        let sci = found.sci.unwrap();
        assert_eq!((sci.min, sci.max, sci.mean), (-2.0, 6.0, 22.0 / 5.0));
        assert_eq!(found.err.unwrap().mean, 2.0);
        assert_eq!(found.snr.unwrap().min, -1.0);
    }

    #[test]
    fn nothing_good_has_no_statistics() {
        let found = statistics(&frame(2, 2, 1.0, 1.0, 8), 8).unwrap();
        assert_eq!((found.good, found.sci, found.snr), (0, None, None));
    }
}
