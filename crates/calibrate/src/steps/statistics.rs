//! Statistics of the good pixels, as the headers of a calibrated exposure have them.

use super::rows::{Row, widest};
use crate::Result;
use crate::record::{put, put_single};
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

/// Rows that are measured side by side. Each is summed in the order of its pixels, which takes as long as an addition
/// takes to finish; those of other rows are done in the meantime.
pub(crate) const LANES: usize = 8;

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
    /// By what was measured of each row.
    pub(crate) fn of_rows<'r>(rows: impl Iterator<Item = &'r Tally>) -> Self {
        let all = rows.fold(Tally::default(), |all, row| all.and(row));
        let range = |which: &Extent| {
            (all.good > 0).then(|| Range {
                min: which.min,
                max: which.max,
                mean: which.sum / all.good as f64,
            })
        };
        Self {
            good: all.good,
            sci: range(&all.sci),
            err: range(&all.err),
            snr: range(&all.snr),
        }
    }

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
    let nx = frame.sci.nx().max(1);
    let sci = frame.sci.as_slice().par_chunks(LANES * nx);
    let err = frame.err.as_slice().par_chunks(LANES * nx);
    let dq = frame.dq.as_slice().par_chunks(LANES * nx);
    let blocks = sci.zip(err).zip(dq).map(|((sci, err), dq)| Row { sci, err, dq });
    let of_rows: Vec<[Tally; LANES]> = blocks.map(|rows| tallies(rows, nx, serious)).collect();
    Ok(Statistics::of_rows(of_rows.iter().flatten()))
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
    fn and(&self, other: &Self) -> Self {
        Self {
            min: self.min.min(other.min),
            max: self.max.max(other.max),
            sum: self.sum + other.sum,
        }
    }
}

/// What is measured of a row.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tally {
    good: usize,
    sci: Extent,
    err: Extent,
    snr: Extent,
}

/// Pixels of each row that are looked at before going on to the next columns, and how many of them at once.
const TOGETHER: usize = 64;
const AT_ONCE: usize = 16;

/// The least and greatest values so far, of every sixteenth pixel.
#[derive(Clone, Copy)]
struct Bounds<T> {
    min: [T; AT_ONCE],
    max: [T; AT_ONCE],
}

impl<T: Copy + PartialOrd + Into<f64>> Bounds<T> {
    #[inline(always)]
    fn add(&mut self, at: usize, value: T, good: bool) {
        let (least, most) = (self.min[at], self.max[at]);
        self.min[at] = if good & (value < least) { value } else { least };
        self.max[at] = if good & (value > most) { value } else { most };
    }

    fn of_all(&self, sum: f64) -> Extent {
        Extent {
            min: self
                .min
                .iter()
                .fold(f64::INFINITY, |min, &value| min.min(value.into())),
            max: self
                .max
                .iter()
                .fold(f64::NEG_INFINITY, |max, &value| max.max(value.into())),
            sum,
        }
    }
}

/// What is known of a row so far but for its sums.
#[derive(Clone, Copy)]
struct Looked {
    good: usize,
    sci: Bounds<f32>,
    err: Bounds<f32>,
    snr: Bounds<f64>,
}

impl Looked {
    const NOTHING: Self = Self {
        good: 0,
        sci: Bounds {
            min: [f32::INFINITY; AT_ONCE],
            max: [f32::NEG_INFINITY; AT_ONCE],
        },
        err: Bounds {
            min: [f32::INFINITY; AT_ONCE],
            max: [f32::NEG_INFINITY; AT_ONCE],
        },
        snr: Bounds {
            min: [f64::INFINITY; AT_ONCE],
            max: [f64::NEG_INFINITY; AT_ONCE],
        },
    };

    /// Looks at some pixels; `out` gets the terms of their sums, 0 for those that are not good.
    #[inline(always)]
    fn look(&mut self, pixels: &Pixels, serious: u16, out: &mut Terms) {
        let mut good = 0u32;
        for first in (0..TOGETHER).step_by(AT_ONCE) {
            for at in 0..AT_ONCE {
                let k = first + at;
                let (value, deviation) = (pixels.sci[k], pixels.err[k]);
                let is_good = (pixels.dq[k] & serious == 0)
                    & (deviation > 0.0)
                    & deviation.is_finite()
                    & value.is_finite();
                let value = if is_good { value } else { 0.0 };
                let ratio = f64::from(value) / f64::from(if is_good { deviation } else { 1.0 });
                self.sci.add(at, value, is_good);
                self.err.add(at, deviation, is_good);
                self.snr.add(at, ratio, is_good);
                good += u32::from(is_good);
                out.sci[k] = f64::from(value);
                out.err[k] = f64::from(if is_good { deviation } else { 0.0 });
                out.snr[k] = ratio;
            }
        }
        self.good += good as usize;
    }
}

/// Some pixels of a row.
struct Pixels {
    sci: [f32; TOGETHER],
    err: [f32; TOGETHER],
    dq: [u16; TOGETHER],
}

impl Pixels {
    /// Behind the end of a row are pixels without an error, which are not good.
    #[inline(always)]
    fn of(sci: &[f32], err: &[f32], dq: &[u16]) -> Self {
        let mut pixels = Self {
            sci: [0.0; TOGETHER],
            err: [0.0; TOGETHER],
            dq: [0; TOGETHER],
        };
        pixels.sci[..sci.len()].copy_from_slice(sci);
        pixels.err[..err.len()].copy_from_slice(err);
        pixels.dq[..dq.len()].copy_from_slice(dq);
        pixels
    }
}

/// What is added to the sums of a row, pixel after pixel.
#[derive(Clone, Copy)]
struct Terms {
    sci: [f64; TOGETHER],
    err: [f64; TOGETHER],
    snr: [f64; TOGETHER],
}

impl Terms {
    const NOTHING: Self = Self {
        sci: [0.0; TOGETHER],
        err: [0.0; TOGETHER],
        snr: [0.0; TOGETHER],
    };
}

/// Measures up to [`LANES`] rows of `nx` pixels; what is missing of them has no good pixel.
pub(crate) fn tallies(rows: Row<'_>, nx: usize, serious: u16) -> [Tally; LANES] {
    let mut looked = [Looked::NOTHING; LANES];
    let mut terms = [Terms::NOTHING; LANES];
    let mut sums = [[0.0; LANES]; 3];
    widest(
        #[inline(always)]
        || {
            for from in (0..nx).step_by(TOGETHER) {
                let to = (from + TOGETHER).min(nx);
                let lanes = looked.iter_mut().zip(&mut terms).take(rows.sci.len() / nx);
                for (lane, (looked, terms)) in lanes.enumerate() {
                    let of_row = lane * nx + from..lane * nx + to;
                    let pixels = Pixels::of(
                        &rows.sci[of_row.clone()],
                        &rows.err[of_row.clone()],
                        &rows.dq[of_row],
                    );
                    looked.look(&pixels, serious, terms);
                }
                add(&mut sums[0], |lane, k| terms[lane].sci[k]);
                add(&mut sums[1], |lane, k| terms[lane].err[k]);
                add(&mut sums[2], |lane, k| terms[lane].snr[k]);
            }
        },
    );
    std::array::from_fn(|lane| Tally {
        good: looked[lane].good,
        sci: looked[lane].sci.of_all(sums[0][lane]),
        err: looked[lane].err.of_all(sums[1][lane]),
        snr: looked[lane].snr.of_all(sums[2][lane]),
    })
}

/// Adds the next terms of each row, one after another.
#[inline(always)]
fn add(sums: &mut [f64; LANES], term: impl Fn(usize, usize) -> f64) {
    for k in 0..TOGETHER {
        for (lane, sum) in sums.iter_mut().enumerate() {
            *sum += term(lane, k);
        }
    }
}

impl Tally {
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
    fn rows_side_by_side_are_measured_as_one_after_another() {
        let (ny, nx) = (19, 133);
        let mut image = frame(ny, nx, 0.0, 1.0, 0);
        let (mut least, mut total, mut good) = (f64::INFINITY, 0.0, 0);
        for y in 0..ny {
            let mut sum = 0.0;
            for x in 0..nx {
                let value = ((x * 7919 + y * 104_729) % 1009) as f32 / 7.0 - 60.0;
                image.sci.row_mut(y)[x] = value;
                let bad = (x + y) % 11 == 0;
                image.dq.row_mut(y)[x] = if bad { 4 } else { 1 };
                if !bad {
                    sum += f64::from(value);
                    least = least.min(f64::from(value));
                    good += 1;
                }
            }
            total += sum;
        }
        let found = statistics(&image, 4).unwrap();
        let sci = found.sci.unwrap();
        assert_eq!((found.good, sci.min), (good, least));
        assert_eq!(sci.mean, total / good as f64);
        assert_eq!(found.snr.unwrap().mean, sci.mean);
    }

    #[test]
    fn nothing_good_has_no_statistics() {
        let found = statistics(&frame(2, 2, 1.0, 1.0, 8), 8).unwrap();
        assert_eq!((found.good, found.sci, found.snr), (0, None, None));
    }
}
