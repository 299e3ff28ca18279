//! What is kept of each combination while its rows go by: counts, the weight in the boxes, pictures of the stars.

use super::places::PixelBox;
use firstlight_mosaic::{Coverage, Rows};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Where to look on one output grid.
#[derive(Debug)]
pub(super) struct Places {
    pub(super) shape: (usize, usize),
    pub(super) coverage: Coverage,
    pub(super) boxes: Vec<PixelBox>,
    pub(super) stamps: Vec<PixelBox>,
}

/// What was seen of one combination.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    /// Pixels without weight in the common footprint.
    pub(super) missing: usize,
    /// Pixels without weight where any exposure is.
    pub(super) missing_anywhere: usize,
    /// The weight in each box, row after row.
    pub(super) boxes: Vec<Vec<f32>>,
    /// Image and weight of each star.
    pub(super) stamps: Vec<[Vec<f32>; 2]>,
}

/// Gathers from several combinations at once.
pub(super) struct Gatherer<'p> {
    places: &'p Places,
    ways: Vec<Mutex<Seen>>,
}

impl<'p> Gatherer<'p> {
    pub(super) fn new(places: &'p Places, ways: usize) -> Self {
        let blank = |place: &PixelBox| vec![0.0; place.pixels()];
        let seen = Seen {
            boxes: places.boxes.iter().map(blank).collect(),
            stamps: places
                .stamps
                .iter()
                .map(|stamp| [blank(stamp), blank(stamp)])
                .collect(),
            ..Seen::default()
        };
        Self {
            places,
            ways: (0..ways).map(|_| Mutex::new(seen.clone())).collect(),
        }
    }

    /// Looks at rows of one of the combinations.
    pub(super) fn take(&self, way: usize, rows: &Rows) {
        let nx = self.places.shape.1;
        let (mut missing, mut anywhere) = (0, 0);
        let coverage = &self.places.coverage;
        for (k, weights) in rows.wht.chunks(nx.max(1)).enumerate() {
            let without = |spans: Option<&Vec<std::ops::Range<usize>>>| -> usize {
                let spans = spans.into_iter().flatten();
                let samples = spans.filter_map(|span| weights.get(span.clone()));
                samples
                    .map(|samples| samples.iter().filter(|weight| **weight == 0.0).count())
                    .sum()
            };
            missing += without(coverage.all.get(rows.first + k));
            anywhere += without(coverage.any.get(rows.first + k));
        }
        let Some(seen) = self.ways.get(way) else { return };
        let mut seen: MutexGuard<'_, Seen> = seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.missing += missing;
        seen.missing_anywhere += anywhere;
        for (place, kept) in self.places.boxes.iter().zip(&mut seen.boxes) {
            copy(place, nx, rows.first, &rows.wht, kept);
        }
        for (place, [sci, wht]) in self.places.stamps.iter().zip(&mut seen.stamps) {
            copy(place, nx, rows.first, &rows.sci, sci);
            copy(place, nx, rows.first, &rows.wht, wht);
        }
    }

    /// What was seen of each combination.
    pub(super) fn finish(self) -> Vec<Seen> {
        let ways = self.ways.into_iter();
        ways.map(|seen| seen.into_inner().unwrap_or_else(PoisonError::into_inner))
            .collect()
    }
}

/// Copies what of some rows lies in a box.
fn copy(place: &PixelBox, nx: usize, first: usize, rows: &[f32], kept: &mut [f32]) {
    let width = place.x.len();
    for (k, row) in rows.chunks(nx.max(1)).enumerate() {
        let y = first + k;
        if !place.y.contains(&y) {
            continue;
        }
        let at = (y - place.y.start) * width;
        if let (Some(from), Some(to)) = (row.get(place.x.clone()), kept.get_mut(at..at + width)) {
            to.copy_from_slice(from);
        }
    }
}

/// Boxes for the weight where none is given: one in the middle of each quarter of the footprint, wholly inside.
pub(super) fn boxes_in(footprint: &[Vec<std::ops::Range<usize>>]) -> Vec<PixelBox> {
    /// Side of a box, pixels; less where there is no room.
    const SIDE: usize = 500;
    const LEAST: usize = 6;
    let columns = || footprint.iter().flatten();
    let rows =
        || (0..footprint.len()).filter(|row| footprint.get(*row).is_some_and(|spans| !spans.is_empty()));
    let (Some(left), Some(right)) = (
        columns().map(|span| span.start).min(),
        columns().map(|span| span.end).max(),
    ) else {
        return Vec::new();
    };
    let (bottom, top) = (rows().next().unwrap_or(0), rows().next_back().unwrap_or(0) + 1);
    let covered = |place: &PixelBox| {
        place.y.clone().all(|row| {
            let spans = footprint.get(row).into_iter().flatten();
            spans
                .clone()
                .any(|span| span.start <= place.x.start && span.end >= place.x.end)
        })
    };
    let at = |low: usize, high: usize, quarter: usize| low + (high - low) * quarter / 4;
    let mut found = Vec::new();
    for (qx, qy) in [(1, 1), (3, 1), (1, 3), (3, 3)] {
        let middle = (at(left, right, qx) as f64, at(bottom, top, qy) as f64);
        let mut half = SIDE.min((right - left) / 3).min((top - bottom) / 3) / 2;
        while 2 * half >= LEAST {
            let place = PixelBox::around(middle, half, (top, right));
            if let Some(place) = place.filter(&covered) {
                found.push(place);
                break;
            }
            half = half * 3 / 4;
        }
    }
    found
}

#[cfg(test)]
#[allow(clippy::single_range_in_vec_init, reason = "spans are ranges")]
mod tests {
    use super::*;

    #[test]
    fn rows_in_any_order_make_up_the_boxes() {
        let places = Places {
            shape: (4, 5),
            coverage: Coverage {
                all: vec![vec![], vec![1..4], vec![1..2, 3..4], vec![]],
                any: vec![vec![0..5]; 4],
            },
            boxes: vec![PixelBox { x: 1..3, y: 1..3 }],
            stamps: vec![PixelBox { x: 2..5, y: 0..4 }],
        };
        let gatherer = Gatherer::new(&places, 1);
        for first in [2, 0] {
            let wht: Vec<f32> = (first * 5..first * 5 + 10)
                .map(|k| if k == 7 { 0.0 } else { k as f32 })
                .collect();
            let rows = Rows {
                first,
                sci: wht.iter().map(|weight| -weight).collect(),
                wht,
                err: None,
                ctx: None,
            };
            gatherer.take(0, &rows);
        }
        let seen = gatherer.finish().remove(0);
        assert_eq!(seen.boxes, [[6.0, 0.0, 11.0, 12.0]]);
        assert_eq!((seen.missing, seen.missing_anywhere), (1, 2));
        assert_eq!(seen.stamps[0][0][..4], [-2.0, -3.0, -4.0, 0.0]);
        assert_eq!(seen.stamps[0][1][11], 19.0);
    }

    #[test]
    fn boxes_keep_within_the_footprint() {
        let whole = vec![vec![2..42]; 40];
        let boxes = boxes_in(&whole);
        assert_eq!(boxes.len(), 4);
        assert!(
            boxes
                .iter()
                .all(|place| place.x.start >= 2 && place.x.end <= 42 && place.y.end <= 40)
        );
        // A gap through the quarters' middles leaves no room there.
        assert!(boxes_in(&vec![vec![0..9, 11..29, 31..40]; 40]).is_empty());
        assert!(boxes_in(&[]).is_empty() && boxes_in(&vec![vec![]; 9]).is_empty());
    }
}
