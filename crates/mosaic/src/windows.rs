//! Parts of an output that are made independently of one another.

use crate::combine::{ROWS_WRITTEN, bands};
use crate::mosaic::Rows;
use crate::share::share;
use crate::source::Source;
use crate::{Error, Mosaic, Result};
use firstlight_drizzle::{Accumulator, Planes};
use std::ops::Range;

/// Some columns of some rows of an output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// Columns.
    pub columns: Range<usize>,
    /// Rows.
    pub rows: Range<usize>,
}

impl Window {
    /// Rows of an output of `nx` columns.
    pub(crate) fn of_rows(rows: Range<usize>, nx: usize) -> Self {
        Self { columns: 0..nx, rows }
    }

    /// What of the window is on an output of `ny` rows of `nx` pixels, in parts of so many pixels at most.
    fn parts(&self, (ny, nx): (usize, usize), pixels: usize) -> impl Iterator<Item = Self> {
        let columns = self.columns.start..self.columns.end.min(nx);
        let rows = self.rows.start..self.rows.end.min(ny);
        let height = pixels.checked_div(columns.len()).unwrap_or(0).max(1);
        let starts = rows
            .clone()
            .step_by(height)
            .filter(|_| columns.start < columns.end);
        let part = |start: usize| start..(start + height).min(rows.end);
        let parts: Vec<Self> = starts
            .map(|start| Self {
                columns: columns.clone(),
                rows: part(start),
            })
            .collect();
        parts.into_iter()
    }
}

impl Mosaic<'_> {
    /// Drizzles onto windows of the output, on all threads, and gives each window's rows to `sink` when they are done,
    /// in any order and from several threads at once, with the window that they are of or a part of it. Every sample
    /// has the same bits in whatever window it is made, unless a drop is larger than eight pixels.
    pub(crate) fn make<E: From<Error> + Send>(
        &self,
        sources: &[Source],
        planes: Planes,
        windows: Option<&[Window]>,
        sink: &(dyn Fn(&Window, &Rows) -> Result<(), E> + Sync),
    ) -> Result<(), E> {
        let (ny, nx) = self.shape;
        let threads = rayon::current_num_threads();
        let height = self.band_rows(threads).min(ny);
        // From the first row to the last, so that reading and writing go through the files once.
        let parts: Vec<Window> = match windows {
            None => bands(ny, height, threads)
                .into_iter()
                .map(|rows| self.reached(sources, rows))
                .collect(),
            Some(windows) => windows
                .iter()
                .flat_map(|window| window.parts(self.shape, height * nx))
                .collect(),
        };
        let pixels = |part: &Window| part.columns.len() * part.rows.len();
        let most = parts.iter().map(pixels).max().unwrap_or(0);
        let room = || Ok((Accumulator::part(0..1, most, ny, planes)?, Rows::default()));
        let nothing = self.untouched()?;
        share(parts, room, |(made, rows), window: Window| -> Result<(), E> {
            made.restart(window.rows.clone(), window.columns.len());
            for source in sources {
                source.add_to(made, &window)?;
            }
            let ny = window.rows.len();
            for part in (0..ny).step_by(ROWS_WRITTEN) {
                let part = part..(part + ROWS_WRITTEN).min(ny);
                self.finish_rows(made, (part.clone(), window.rows.start), rows);
                if windows.is_none() {
                    rows.widen(part.len(), (&window.columns, nx), &nothing);
                }
                sink(&window, rows)?;
            }
            Ok(())
        })
    }

    /// Some rows of the output, with all columns that any source reaches: of a mosaic of turned exposures half are empty.
    fn reached(&self, sources: &[Source], rows: Range<usize>) -> Window {
        let reaches = sources.iter().filter_map(|source| source.columns(&rows));
        let around = reaches.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
        // The casts saturate.
        let columns = around.map_or(0..0, |(lo, hi)| {
            let end = (hi.ceil() as usize).saturating_add(1).min(self.shape.1);
            (lo.floor() as usize).min(end)..end
        });
        Window { columns, rows }
    }

    /// What a pixel of the product is that nothing has reached.
    fn untouched(&self) -> Result<Rows> {
        let mut pixel = Accumulator::part(0..1, 1, 1, self.planes)?;
        pixel.restart(0..1, 1);
        let mut rows = Rows::default();
        self.finish_rows(&pixel, (0..1, 0), &mut rows);
        Ok(rows)
    }
}

#[cfg(test)]
mod tests {
    use super::Window;

    #[test]
    fn parts_make_up_the_window() {
        let window = Window {
            columns: 3..13,
            rows: 5..40,
        };
        let parts: Vec<Window> = window.parts((30, 20), 65).collect();
        let rows: Vec<_> = parts.iter().map(|part| part.rows.clone()).collect();
        assert_eq!(rows, [5..11, 11..17, 17..23, 23..29, 29..30]);
        assert!(parts.iter().all(|part| part.columns == (3..13)));
        let narrow = window.parts((30, 7), 2);
        assert!(
            narrow
                .into_iter()
                .all(|part| part.columns == (3..7) && part.rows.len() == 1)
        );
        assert_eq!(window.parts((4, 20), 65).count(), 0);
        assert_eq!(window.parts((30, 2), 65).count(), 0);
    }
}
