//! Which of many places is nearest to one.

use crate::Point;

/// As many cells are along a side at most.
const MOST_CELLS: f64 = 512.0;

/// Places sorted into square cells.
pub(crate) struct Near<'a> {
    points: &'a [Point],
    low: Point,
    side: f64,
    columns: usize,
    rows: usize,
    /// Where each cell begins in `order`, and the end.
    starts: Vec<usize>,
    /// Indices of the places, cell by cell.
    order: Vec<usize>,
}

impl<'a> Near<'a> {
    /// Of finite places, to be asked for what is within `radius`.
    pub(crate) fn new(points: &'a [Point], radius: f64) -> Self {
        let bound = |axis: usize, of: fn(f64, f64) -> f64, start: f64| {
            points.iter().map(|point| point[axis]).fold(start, of)
        };
        let low = [0, 1].map(|axis| bound(axis, f64::min, f64::INFINITY));
        let high = [0, 1].map(|axis| bound(axis, f64::max, f64::NEG_INFINITY));
        let extent = (high[0] - low[0]).max(high[1] - low[1]).max(0.0);
        let side = radius.max(extent / MOST_CELLS);
        let cells = |axis: usize| {
            if points.is_empty() {
                0
            } else {
                ((high[axis] - low[axis]) / side) as usize + 1
            }
        };
        let mut near = Self {
            points,
            low,
            side,
            columns: cells(0),
            rows: cells(1),
            starts: Vec::new(),
            order: vec![0; points.len()],
        };
        near.sort();
        near
    }

    fn sort(&mut self) {
        let cell = |point: &Point| {
            let [column, row] = [0, 1].map(|axis| ((point[axis] - self.low[axis]) / self.side) as usize);
            row.min(self.rows - 1) * self.columns + column.min(self.columns - 1)
        };
        let cells: Vec<usize> = self.points.iter().map(cell).collect();
        let mut starts = vec![0; self.columns * self.rows + 1];
        cells.iter().for_each(|&cell| starts[cell + 1] += 1);
        for index in 1..starts.len() {
            starts[index] += starts[index - 1];
        }
        let mut next = starts.clone();
        for (index, &cell) in cells.iter().enumerate() {
            self.order[next[cell]] = index;
            next[cell] += 1;
        }
        self.starts = starts;
    }

    /// The nearest place within `radius`, which is no more than at the beginning, and its distance.
    pub(crate) fn nearest(&self, place: Point, radius: f64) -> Option<(usize, f64)> {
        let range = |axis: usize, cells: usize| {
            let at = (place[axis] - self.low[axis]) / self.side;
            let first = (at - 1.0).floor().max(0.0) as usize;
            let last = (at + 1.0).floor();
            (last >= 0.0).then(|| first..((last as usize) + 1).min(cells))
        };
        let (columns, rows) = (range(0, self.columns)?, range(1, self.rows)?);
        let mut best: Option<(usize, f64)> = None;
        for row in rows {
            if columns.is_empty() {
                break;
            }
            let from = self.starts[row * self.columns + columns.start];
            let to = self.starts[row * self.columns + columns.end];
            for &index in &self.order[from..to] {
                let point = self.points[index];
                let (dx, dy) = (point[0] - place[0], point[1] - place[1]);
                let square = dx * dx + dy * dy;
                if square <= best.map_or(radius * radius, |(_, least)| least) {
                    best = Some((index, square));
                }
            }
        }
        best.map(|(index, square)| (index, square.sqrt()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_by_looking_at_all() {
        let points: Vec<Point> = (0..500_u32)
            .map(|n| [f64::from(n * 7919 % 1000), f64::from(n * 104_729 % 700)])
            .collect();
        let near = Near::new(&points, 5.0);
        for n in 0..800_u32 {
            let place = [f64::from(n * 31 % 1100) - 50.3, f64::from(n * 17 % 800) - 49.6];
            let all = points
                .iter()
                .map(|p| ((p[0] - place[0]).powi(2) + (p[1] - place[1]).powi(2)).sqrt())
                .fold(f64::INFINITY, f64::min);
            let expected = (all <= 5.0).then_some(all);
            assert_eq!(
                near.nearest(place, 5.0).map(|(_, distance)| distance),
                expected,
                "{place:?}"
            );
        }
    }

    #[test]
    fn nothing_is_near_nothing_or_nan() {
        assert!(Near::new(&[], 5.0).nearest([1.0, 1.0], 5.0).is_none());
        assert!(
            Near::new(&[[1.0, 1.0]], 5.0)
                .nearest([f64::NAN, 1.0], 5.0)
                .is_none()
        );
    }
}
