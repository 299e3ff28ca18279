//! Blocks of pixels made one, and pixels made blocks.

use super::{CcdFrame, Real};
use crate::{Error, Result};
use firstlight_frame::Image;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// What the pixel of a block is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BlockStatistic {
    /// The sum of its good samples.
    #[default]
    Sum,
    /// The mean of its good samples.
    Mean,
}

/// Makes one pixel of each block of `(rows, columns)`. What is left over at the end of rows and columns is dropped.
///
/// Samples that are masked by any bit are left out; a block that has no others is 0, masked by the bits of all. A sample that is
/// not finite and not masked makes its block so. The uncertainty is that of the sum or mean of the good samples, whose errors
/// are independent: √Σσ², over their number for a mean.
///
/// # Errors
/// [`Error::Shape`] for planes that differ in shape; [`Error::Parameter`] for blocks without pixels, or larger than the frame.
pub fn block_reduce<T: Real>(
    frame: &CcdFrame<T>,
    (rows, columns): (usize, usize),
    statistic: BlockStatistic,
) -> Result<CcdFrame<T>> {
    frame.check()?;
    let (ny, nx) = frame.shape();
    if rows == 0 || columns == 0 || rows > ny || columns > nx {
        return Err(Error::Parameter {
            parameter: "block_size",
            expected: "at least 1 pixel, and no more than the frame has",
            found: format!("{rows} rows by {columns} columns for a frame of {ny} by {nx}"),
        });
    }
    let (ny, nx) = (ny / rows, nx / columns);
    // Of each pixel the value, the uncertainty and the bits.
    let blocks: Vec<(T, T, u16)> = (0..ny * nx)
        .into_par_iter()
        .map(|i| {
            let (top, left) = (i / nx * rows, i % nx * columns);
            let (mut sum, mut variance, mut count, mut bits) = (0.0, 0.0, 0_usize, 0);
            for y in top..top + rows {
                for x in left..left + columns {
                    let flags = frame.dq.as_ref().map_or(0, |dq| dq[(y, x)]);
                    if flags != 0 {
                        bits |= flags;
                        continue;
                    }
                    count += 1;
                    sum += frame.sci[(y, x)].wide();
                    let err = frame.err.as_ref().map_or(0.0, |err| err[(y, x)].wide());
                    variance += err * err;
                }
            }
            let share = match statistic {
                BlockStatistic::Sum => 1.0,
                BlockStatistic::Mean => 1.0 / count.max(1) as f64,
            };
            let value = match statistic {
                BlockStatistic::Sum => sum,
                BlockStatistic::Mean => sum / count.max(1) as f64,
            };
            let bits = if count == 0 { bits } else { 0 };
            (T::narrow(value), T::narrow(share * variance.sqrt()), bits)
        })
        .collect();
    Ok(CcdFrame {
        sci: Image::from_fn(ny, nx, |x, y| blocks[y * nx + x].0),
        err: frame
            .err
            .as_ref()
            .map(|_| Image::from_fn(ny, nx, |x, y| blocks[y * nx + x].1)),
        dq: frame
            .dq
            .as_ref()
            .map(|_| Image::from_fn(ny, nx, |x, y| blocks[y * nx + x].2)),
        unit: frame.unit.clone(),
    })
}

/// Makes a block of `(rows, columns)` of each pixel: equal samples, which are the pixel's own, or with `conserve_sum` that over
/// their number. The uncertainty goes along, so that its share of the sample stays: the errors of a block are one error. The
/// mask is that of the pixel.
///
/// # Errors
/// [`Error::Shape`] for planes that differ in shape; [`Error::Parameter`] for blocks without pixels, or a frame larger than
/// memory can be addressed.
pub fn block_replicate<T: Real>(
    frame: &CcdFrame<T>,
    (rows, columns): (usize, usize),
    conserve_sum: bool,
) -> Result<CcdFrame<T>> {
    frame.check()?;
    let (ny, nx) = frame.shape();
    let refuse = || Error::Parameter {
        parameter: "block_size",
        expected: "at least 1 pixel, and so few that the frame fits into memory",
        found: format!("{rows} rows by {columns} columns"),
    };
    let shape = ny.checked_mul(rows).zip(nx.checked_mul(columns));
    let shape = shape.filter(|_| rows > 0 && columns > 0).ok_or_else(refuse)?;
    let parts = (rows * columns) as f64;
    let share = |sample: T| match conserve_sum {
        true => T::narrow(sample.wide() / parts),
        false => sample,
    };
    let sized = |of: &Image<T>| replicated(of, shape, (rows, columns), share).ok_or_else(refuse);
    let mask = |of: &Image<u16>| replicated(of, shape, (rows, columns), |bits| bits).ok_or_else(refuse);
    Ok(CcdFrame {
        sci: sized(&frame.sci)?,
        err: frame.err.as_ref().map(sized).transpose()?,
        dq: frame.dq.as_ref().map(mask).transpose()?,
        unit: frame.unit.clone(),
    })
}

/// A plane whose samples are blocks; none where there is no memory for it.
fn replicated<S: Copy + Default + Send + Sync>(
    of: &Image<S>,
    (ny, nx): (usize, usize),
    (rows, columns): (usize, usize),
    sample: impl Fn(S) -> S + Sync,
) -> Option<Image<S>> {
    let mut samples: Vec<S> = Vec::new();
    samples.try_reserve_exact(ny.checked_mul(nx)?).ok()?;
    samples.resize(ny * nx, S::default());
    samples
        .par_chunks_mut(nx.max(1))
        .enumerate()
        .for_each(|(y, row)| {
            for (block, value) in row.chunks_mut(columns).zip(of.row(y / rows)) {
                block.fill(sample(*value));
            }
        });
    Image::from_vec(ny, nx, samples).ok()
}

#[cfg(test)]
mod tests {
    use super::super::CcdUnit;
    use super::*;

    fn frame() -> CcdFrame<f64> {
        let sci = Image::from_fn(5, 7, |x, y| (x + 10 * y) as f64);
        let mut frame = CcdFrame::new(sci, CcdUnit::Electron);
        frame.err = Some(Image::from_fn(5, 7, |x, _| if x < 3 { 1.0 } else { 2.0 }));
        frame.dq_mut()[(0, 0)] = 1;
        for (x, y) in [(3, 2), (4, 2), (5, 2), (3, 3), (4, 3), (5, 3)] {
            frame.dq_mut()[(y, x)] = if y == 2 { 2 } else { 4 };
        }
        frame
    }

    #[test]
    fn blocks_are_sums_and_means_of_what_is_good() {
        let sums = block_reduce(&frame(), (2, 3), BlockStatistic::Sum).unwrap();
        // 0 is masked: 1 2 / 10 11 12; 3 4 5 / 13 14 15; 20 21 22 / 30 31 32; none.
        assert_eq!(sums.sci.as_slice(), [36.0, 54.0, 156.0, 0.0]);
        assert_eq!(sums.dq.as_ref().unwrap().as_slice(), [0, 0, 0, 6]);
        let close = |found: &Image<f64>, expected: [f64; 4]| {
            let pairs = found.as_slice().iter().zip(expected);
            pairs.for_each(|(a, b)| assert!((a - b).abs() < 1e-12, "{a} {b}"));
        };
        let root = |n: f64| n.sqrt();
        close(
            sums.err.as_ref().unwrap(),
            [root(5.0), root(24.0), root(6.0), 0.0],
        );
        let means = block_reduce(&frame(), (2, 3), BlockStatistic::Mean).unwrap();
        close(&means.sci, [36.0 / 5.0, 9.0, 26.0, 0.0]);
        close(
            means.err.as_ref().unwrap(),
            [root(5.0) / 5.0, root(24.0) / 6.0, root(6.0) / 6.0, 0.0],
        );
        assert_eq!((means.dq, means.unit), (sums.dq, CcdUnit::Electron));
    }

    #[test]
    fn a_pixel_made_a_block_and_back() {
        let frame = frame();
        let large = block_replicate(&frame, (2, 3), true).unwrap();
        assert_eq!(large.shape(), (10, 21));
        assert_eq!(large.sci[(9, 20)], frame.sci[(4, 6)] / 6.0);
        assert_eq!(large.err.as_ref().unwrap()[(0, 0)], 1.0 / 6.0);
        assert_eq!(large.dq.as_ref().unwrap()[(4, 9)], 2);
        let back = block_reduce(&large, (2, 3), BlockStatistic::Sum).unwrap();
        for y in 0..5 {
            for x in 0..7 {
                let (dq, bits) = (
                    frame.dq.as_ref().unwrap()[(y, x)],
                    back.dq.as_ref().unwrap()[(y, x)],
                );
                assert_eq!(dq, bits);
                assert!(dq != 0 || (back.sci[(y, x)] - frame.sci[(y, x)]).abs() < 1e-12);
            }
        }
        let same = block_replicate(&frame, (1, 2), false).unwrap();
        assert_eq!(same.sci.row(1)[..4], [10.0, 10.0, 11.0, 11.0]);
        assert_eq!(same.err.unwrap()[(0, 0)], 1.0);
    }

    #[test]
    fn blocks_that_are_none_are_refused() {
        for block in [(0, 1), (1, 0), (6, 1), (1, 8)] {
            let error = block_reduce(&frame(), block, BlockStatistic::Sum).unwrap_err();
            assert!(error.to_string().contains("block_size"), "{error}");
        }
        for block in [(0, 1), (usize::MAX, 2), (usize::MAX / 64, 1)] {
            let error = block_replicate(&frame(), block, true).unwrap_err();
            assert!(error.to_string().contains("block_size"), "{error}");
        }
    }
}
