//! Which pixels drops of each size reach, found once for all values of pixfrac.

use super::missing::{Counts, Missing};
use crate::Result;
use firstlight_mosaic::{Bounds, Coverage, Mosaic};
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

/// One in so many pixels may be doubtful; where more are, the whole combination is made.
const ONE_IN: usize = 32;

/// What the square kernel leaves out with each value.
#[derive(Debug)]
pub(super) struct Reached {
    shape: (usize, usize),
    values: Vec<OfValue>,
}

/// Pixels that some exposure covers, and drops of one size do not reach.
#[derive(Debug, Clone, Default)]
struct OfValue {
    missing: Counts,
    /// Rows and columns of those that only drizzling can tell of.
    doubtful: Vec<(u32, u32)>,
    /// Whether there are too many of these.
    unknown: bool,
}

impl Reached {
    /// Looks at all pixels that are covered.
    pub(super) fn of(mosaic: &Mosaic, pixfracs: &[f64], coverage: &Coverage) -> Result<Self> {
        let grid = mosaic.grid();
        let (shape, nx) = ((grid.ny, grid.nx), grid.nx);
        let largest = pixfracs.iter().copied().fold(0.0, f64::max);
        let most = grid.ny * nx / ONE_IN;
        let all = Mutex::new(vec![OfValue::default(); pixfracs.len()]);
        mosaic.least_pixfrac(largest, &|first, bounds: &[Bounds]| -> Result<()> {
            let here = pixfracs.iter().map(|pixfrac| {
                let mut here = OfValue::default();
                for (row, bounds) in bounds.chunks(nx.max(1)).enumerate() {
                    let y = first + row;
                    here.add(
                        *pixfrac as f32,
                        (y, bounds),
                        [spans(&coverage.all, y), spans(&coverage.any, y)],
                    );
                }
                here
            });
            let here: Vec<OfValue> = here.collect();
            let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
            for (all, here) in all.iter_mut().zip(here) {
                all.join(here, most);
            }
            Ok(())
        })?;
        let values = all.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ok(Self { shape, values })
    }

    /// What may be missing with the `k`-th value; `None` where that is not known.
    pub(super) fn missing(&self, k: usize) -> Option<Missing> {
        let value = self.values.get(k).filter(|value| !value.unknown)?;
        Some(Missing::known(value.missing, &value.doubtful, self.shape))
    }
}

impl OfValue {
    /// Looks at a row, in the columns of the common footprint and where any exposure is.
    fn add(
        &mut self,
        pixfrac: f32,
        (y, bounds): (usize, &[Bounds]),
        [common, anywhere]: [&[Range<usize>]; 2],
    ) {
        let missing = |of: &Bounds| of.lower >= pixfrac;
        let count = |bounds: &[Bounds]| bounds.iter().map(|of| u32::from(missing(of))).sum::<u32>() as usize;
        for span in common {
            self.missing.common += count(bounds.get(span.clone()).unwrap_or(&[]));
        }
        for span in anywhere {
            let start = span.start;
            let bounds = bounds.get(span.clone()).unwrap_or(&[]);
            self.missing.anywhere += count(bounds);
            let doubtful = |of: &Bounds| !missing(of) & (of.upper > pixfrac);
            let any = bounds.iter().fold(false, |any, of| any | doubtful(of));
            if any {
                let doubtful = bounds.iter().enumerate().filter(|(_, of)| doubtful(of));
                self.doubtful
                    .extend(doubtful.map(|(x, _)| (y as u32, (start + x) as u32)));
            }
        }
    }

    /// Adds what was found in other rows.
    fn join(&mut self, other: Self, most: usize) {
        self.missing.common += other.missing.common;
        self.missing.anywhere += other.missing.anywhere;
        self.unknown |= self.doubtful.len() + other.doubtful.len() > most;
        if self.unknown {
            self.doubtful = Vec::new();
        } else {
            self.doubtful.extend(other.doubtful);
        }
    }
}

/// Those of a row.
fn spans(rows: &[Vec<Range<usize>>], y: usize) -> &[Range<usize>] {
    rows.get(y).map_or(&[], Vec::as_slice)
}
