//! Pixels that no drop reaches, and where to look for those that larger drops reach.

use firstlight_mosaic::{BitMask, Coverage, Rows, Window};
use std::ops::Range;

/// Columns of a cell: a word of the mask.
const CELL_COLUMNS: usize = u64::BITS as usize;
/// Rows of a cell.
const CELL_ROWS: usize = 32;
/// With a larger share of the cells there is nothing to be won by leaving out the others: what falls on the edges of
/// windows is looked at more than once.
const MOST: f64 = 0.4;

/// The pixels of an output that have no weight, of those that some exposure covers.
#[derive(Debug)]
pub(super) struct Missing {
    /// Those that may have some.
    mask: BitMask,
    /// How many there are besides.
    known: Counts,
}

/// Numbers of pixels.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// In the common footprint.
    pub(super) common: usize,
    /// Where any exposure is.
    pub(super) anywhere: usize,
}

impl Missing {
    /// All that is covered on an output of `(ny, nx)` pixels.
    pub(super) fn of(coverage: &Coverage, (ny, nx): (usize, usize)) -> Self {
        let mut mask = BitMask::new(ny, nx);
        for (y, spans) in coverage.any.iter().enumerate() {
            for span in spans {
                mask.set_run(y, span.clone());
            }
        }
        Self {
            mask,
            known: Counts::default(),
        }
    }

    /// So many, and those of the given rows and columns that turn out to have no weight.
    pub(super) fn known(known: Counts, doubtful: &[(u32, u32)], (ny, nx): (usize, usize)) -> Self {
        let mut mask = BitMask::new(ny, nx);
        for (y, x) in doubtful {
            mask.set(*y as usize, *x as usize);
        }
        Self { mask, known }
    }

    /// Rows with these columns of the output are made.
    pub(super) fn found(&mut self, columns: &Range<usize>, rows: &Rows) {
        for (k, weights) in rows.wht.chunks(columns.len().max(1)).enumerate() {
            self.mask.clear_weighted(rows.first + k, columns.start, weights);
        }
    }

    /// How many there are, now that all is found that can be.
    pub(super) fn counts(&self, coverage: &Coverage) -> Counts {
        Counts {
            common: self.known.common + self.marked(&coverage.all),
            anywhere: self.known.anywhere + self.marked(&coverage.any),
        }
    }

    /// How many may be in these columns of each row.
    fn marked(&self, spans: &[Vec<Range<usize>>]) -> usize {
        let rows = spans.iter().enumerate();
        let spans = rows.flat_map(|(y, spans)| spans.iter().map(move |span| (y, span.clone())));
        spans.map(|(y, span)| self.mask.marked(y, span).count()).sum()
    }

    /// Windows that hold all that may be missing. `None` where they are all over the output.
    pub(super) fn windows(&self) -> Option<Vec<Window>> {
        let (ny, nx) = self.mask.shape();
        let (mut windows, mut cells) = (Vec::<Window>::new(), 0);
        for start in (0..ny).step_by(CELL_ROWS) {
            let rows = start..(start + CELL_ROWS).min(ny);
            for cell in 0..nx.div_ceil(CELL_COLUMNS) {
                let any = |y: usize| self.mask.row(y).get(cell).is_some_and(|word| *word != 0);
                if !rows.clone().any(any) {
                    continue;
                }
                cells += 1;
                let columns = cell * CELL_COLUMNS..((cell + 1) * CELL_COLUMNS).min(nx);
                match windows.last_mut() {
                    Some(last) if last.rows == rows && last.columns.end == columns.start => {
                        last.columns.end = columns.end;
                    }
                    _ => windows.push(Window {
                        columns,
                        rows: rows.clone(),
                    }),
                }
            }
        }
        let all = ny.div_ceil(CELL_ROWS) * nx.div_ceil(CELL_COLUMNS);
        (cells as f64 <= MOST * all as f64).then_some(windows)
    }
}

#[cfg(test)]
#[allow(clippy::single_range_in_vec_init, reason = "spans are ranges")]
mod tests {
    use super::*;

    fn rows(first: usize, wht: Vec<f32>) -> Rows {
        Rows {
            first,
            sci: vec![0.0; wht.len()],
            wht,
            err: None,
            ctx: None,
        }
    }

    #[test]
    fn windows_hold_what_is_missing() {
        let (ny, nx) = (300, 2000);
        let coverage = Coverage {
            all: vec![vec![100..1900]; ny],
            any: vec![vec![50..1950]; ny],
        };
        let mut missing = Missing::of(&coverage, (ny, nx));
        assert_eq!(missing.counts(&coverage).common, 1800 * ny);
        assert_eq!(missing.windows(), None);
        let mut weights = vec![1.0; ny * nx];
        let holes = [(3, 70), (80, 511), (80, 512), (299, 1949), (120, 20)];
        for (y, x) in holes {
            weights[y * nx + x] = 0.0;
        }
        missing.found(&(0..nx), &rows(0, weights));
        assert_eq!(missing.counts(&coverage).anywhere, 4);
        assert_eq!(missing.counts(&coverage).common, 2);
        let windows = missing.windows().unwrap();
        let sizes: Vec<_> = windows
            .iter()
            .map(|window| (window.columns.clone(), window.rows.clone()))
            .collect();
        assert_eq!(
            sizes,
            [(64..128, 0..32), (448..576, 64..96), (1920..1984, 288..300)]
        );
        // One of them is found, within a window that begins in the middle of a word.
        missing.found(
            &(500..520),
            &rows(80, vec![2.0; 12].into_iter().chain([0.0; 8]).collect()),
        );
        assert_eq!(missing.counts(&coverage).anywhere, 3);
    }
}
