//! Pixels above the threshold that touch one another.

use super::peaks::{Above, Run};
use std::ops::Range;

/// The box around pixels that touch, side by side or at corners.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Blob {
    pub columns: Range<usize>,
    pub rows: Range<usize>,
}

/// The blobs, in the order of their first pixels, row after row.
pub(super) fn blobs(above: &Above, ny: usize) -> Vec<Blob> {
    let mut parents: Vec<usize> = (0..above.runs.len()).collect();
    let mut first_of_previous = 0;
    let mut first = if ny == 0 { 0 } else { above.row(0).len() };
    for row in 1..ny {
        let (previous, runs) = (above.row(row - 1), above.row(row));
        let mut p = 0;
        for (index, run) in runs.iter().enumerate() {
            while p < previous.len() && previous[p].end < run.start {
                p += 1;
            }
            let mut q = p;
            while q < previous.len() && previous[q].start <= run.end {
                join(&mut parents, first_of_previous + q, first + index);
                q += 1;
            }
        }
        first_of_previous = first;
        first += runs.len();
    }
    boxes(&mut parents, &above.runs)
}

fn boxes(parents: &mut [usize], runs: &[Run]) -> Vec<Blob> {
    let mut numbers = vec![0; runs.len()];
    let mut found: Vec<Blob> = Vec::new();
    for (index, run) in runs.iter().enumerate() {
        let root = root(parents, index);
        if root == index {
            numbers[index] = found.len();
            found.push(Blob {
                columns: run.start..run.end,
                rows: run.row..run.row + 1,
            });
        }
        let blob = &mut found[numbers[root]];
        blob.columns.start = blob.columns.start.min(run.start);
        blob.columns.end = blob.columns.end.max(run.end);
        blob.rows.end = run.row + 1;
    }
    found
}

/// The first run of the blob, with the way there shortened.
fn root(parents: &mut [usize], mut index: usize) -> usize {
    while parents[index] != index {
        parents[index] = parents[parents[index]];
        index = parents[index];
    }
    index
}

fn join(parents: &mut [usize], a: usize, b: usize) {
    let (a, b) = (root(parents, a), root(parents, b));
    parents[a.max(b)] = a.min(b);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::find::FindOptions;
    use crate::find::kernel::{Kernel, Tap};
    use crate::find::peaks::Samples;

    /// Blobs of a picture, with a kernel that is a single pixel.
    fn of(picture: &[&str]) -> Vec<(Range<usize>, Range<usize>)> {
        let (nx, ny) = (picture[0].len(), picture.len());
        let data: Vec<f32> = picture
            .iter()
            .flat_map(|row| row.bytes().map(|byte| f32::from(u8::from(byte == b'#'))))
            .collect();
        let mut kernel = Kernel::new(&FindOptions::default()).unwrap();
        kernel.taps = vec![Tap {
            row: 2,
            column: 2,
            weight: 1.0,
        }];
        let image = Samples {
            nx,
            ny,
            data: &data,
            mask: None,
        };
        let above = Above::threshold(image, &kernel, 0.5);
        blobs(&above, ny)
            .into_iter()
            .map(|blob| (blob.columns, blob.rows))
            .collect()
    }

    #[test]
    fn corners_touch() {
        assert_eq!(of(&["#...", ".#..", "..#."]), [(0..3, 0..3)]);
        assert_eq!(
            of(&["#.#", "...", "#.."]),
            [(0..1, 0..1), (2..3, 0..1), (0..1, 2..3)]
        );
    }

    #[test]
    fn arms_that_meet_later_are_one() {
        assert_eq!(of(&["#...#", "#...#", "##.##", ".###."]), [(0..5, 0..4)]);
        assert_eq!(of(&["#.#.#", "#.#.#", "#.###", "###..", "....."]), [(0..5, 0..4)]);
    }

    #[test]
    fn nothing_is_no_blob() {
        assert_eq!(of(&["...", "..."]), []);
    }
}
