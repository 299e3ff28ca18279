//! What is kept of each combination while its rows go by: counts, the weight in the boxes, pictures of the stars.

use super::missing::Missing;
use super::places::PixelBox;
use firstlight_mosaic::{Coverage, Rows};
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

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

/// Gathers from the rows of one combination.
pub(super) struct Gatherer<'p> {
    places: &'p Places,
    all: Mutex<(Seen, Missing)>,
}

impl<'p> Gatherer<'p> {
    /// `missing` has every pixel that may be found to have no weight.
    pub(super) fn new(places: &'p Places, missing: Missing) -> Self {
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
            all: Mutex::new((seen, missing)),
        }
    }

    /// Looks at rows with these columns of the output.
    pub(super) fn take(&self, columns: &Range<usize>, rows: &Rows) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let (seen, missing) = &mut *all;
        missing.found(columns, rows);
        for (place, kept) in self.places.boxes.iter().zip(&mut seen.boxes) {
            copy(place, columns, (rows.first, &rows.wht), kept);
        }
        for (place, [sci, wht]) in self.places.stamps.iter().zip(&mut seen.stamps) {
            copy(place, columns, (rows.first, &rows.sci), sci);
            copy(place, columns, (rows.first, &rows.wht), wht);
        }
    }

    /// What was seen, and which pixels have no weight.
    pub(super) fn finish(self) -> (Seen, Missing) {
        let (mut seen, missing) = self.all.into_inner().unwrap_or_else(PoisonError::into_inner);
        let counts = missing.counts(&self.places.coverage);
        (seen.missing, seen.missing_anywhere) = (counts.common, counts.anywhere);
        (seen, missing)
    }
}

/// Copies what of some rows with these columns lies in a box.
fn copy(place: &PixelBox, columns: &Range<usize>, (first, rows): (usize, &[f32]), kept: &mut [f32]) {
    let (start, end) = (place.x.start.max(columns.start), place.x.end.min(columns.end));
    if start >= end {
        return;
    }
    for (k, row) in rows.chunks(columns.len()).enumerate() {
        let y = first + k;
        if !place.y.contains(&y) {
            continue;
        }
        let at = (y - place.y.start) * place.x.len() + start - place.x.start;
        let from = row.get(start - columns.start..end - columns.start);
        if let (Some(from), Some(to)) = (from, kept.get_mut(at..at + end - start)) {
            to.copy_from_slice(from);
        }
    }
}

/// Boxes for the weight where none is given: one in the middle of each quarter of the footprint, wholly inside.
pub(super) fn boxes_in(footprint: &[Vec<Range<usize>>]) -> Vec<PixelBox> {
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
    fn windows_in_any_order_make_up_the_boxes() {
        let places = Places {
            shape: (4, 5),
            coverage: Coverage {
                all: vec![vec![], vec![1..4], vec![1..2, 3..4], vec![]],
                any: vec![vec![0..5]; 4],
            },
            boxes: vec![PixelBox { x: 1..3, y: 1..3 }],
            stamps: vec![PixelBox { x: 2..5, y: 0..4 }],
        };
        let missing = Missing::of(&places.coverage, places.shape);
        let gatherer = Gatherer::new(&places, missing);
        for (first, columns) in [(2, 0..5), (0, 2..5), (0, 0..2)] {
            let at = |y: usize, x: usize| y * 5 + x;
            let samples = (first..first + 2).flat_map(|y| columns.clone().map(move |x| at(y, x)));
            let wht: Vec<f32> = samples.map(|k| if k == 7 { 0.0 } else { k as f32 }).collect();
            let rows = Rows {
                first,
                sci: wht.iter().map(|weight| -weight).collect(),
                wht,
                err: None,
                ctx: None,
            };
            gatherer.take(&columns, &rows);
        }
        let (seen, missing) = gatherer.finish();
        assert_eq!(seen.boxes, [[6.0, 0.0, 11.0, 12.0]]);
        // The first pixel has no weight either.
        assert_eq!((seen.missing, seen.missing_anywhere), (1, 2));
        assert_eq!(seen.stamps[0][0][..4], [-2.0, -3.0, -4.0, 0.0]);
        assert_eq!(seen.stamps[0][1][11], 19.0);
        assert_eq!(missing.counts(&places.coverage).anywhere, 2);
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
