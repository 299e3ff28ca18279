//! The pixels of a polygon.

use std::ops::Range;

/// The pixels that a polygon with whole-numbered corners covers, as runs of columns in rows, from the lowest row up,
/// within an image of `(ny, nx)` pixels. Pixels on its edges belong to it, those that a slanted edge cuts by the
/// rule of `stsci.skypac`: from the crossing rounded up, on both sides.
pub(super) fn runs(corners: &[(i64, i64)], (ny, nx): (usize, usize)) -> Vec<(usize, Range<usize>)> {
    let rows = corners.iter().map(|corner| corner.1);
    let columns = || corners.iter().map(|corner| corner.0);
    let (Some(bottom), Some(top)) = (rows.clone().min(), rows.max()) else {
        return Vec::new();
    };
    if columns().min() == columns().max() || nx == 0 || ny == 0 {
        return Vec::new();
    }
    let mut runs = Vec::new();
    for row in bottom.max(0)..=top.min(ny as i64 - 1) {
        // The last row has none of its own edges: it ends those of the one below.
        let mut crossings = crossings(corners, row, row.min(top - 1));
        crossings.sort_unstable();
        let of_row = runs.len();
        for pair in crossings.chunks_exact(2) {
            let (first, last) = (pair[0].max(0), pair[1].min(nx as i64 - 1));
            if first <= last {
                join(&mut runs, of_row, row as usize, first as usize..last as usize + 1);
            }
        }
    }
    runs
}

/// Where the edges that rise through `active` cross `row`, rounded up.
fn crossings(corners: &[(i64, i64)], row: i64, active: i64) -> Vec<i64> {
    let next = corners.iter().cycle().skip(1);
    let edges = corners.iter().zip(next);
    let rising = edges.filter(|((_, y0), (_, y1))| *y0.min(y1) <= active && active < *y0.max(y1));
    let crossing = |((x0, y0), (x1, y1)): (&(i64, i64), &(i64, i64))| {
        let part = (row - y0) as f64 / (y1 - y0) as f64;
        (part * (x1 - x0) as f64 + *x0 as f64).ceil() as i64
    };
    rising.map(crossing).collect()
}

/// Adds a run, as one with the last of its row where they meet.
fn join(runs: &mut Vec<(usize, Range<usize>)>, of_row: usize, row: usize, columns: Range<usize>) {
    if runs.len() > of_row
        && let Some((_, last)) = runs.last_mut()
        && columns.start <= last.end
    {
        last.end = last.end.max(columns.end);
        return;
    }
    runs.push((row, columns));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pixels(corners: &[(i64, i64)], shape: (usize, usize)) -> usize {
        runs(corners, shape)
            .iter()
            .map(|(_, columns)| columns.len())
            .sum()
    }

    #[test]
    fn a_box_holds_its_edges_and_ends_with_the_image() {
        let corners = [(2, 1), (5, 1), (5, 3), (2, 3)];
        assert_eq!(runs(&corners, (10, 10)), [(1, 2..6), (2, 2..6), (3, 2..6)]);
        assert_eq!(runs(&corners, (3, 4)), [(1, 2..4), (2, 2..4)]);
        let around = [(-5, -5), (20, -5), (20, 20), (-5, 20)];
        assert_eq!(pixels(&around, (10, 10)), 100);
        let turned: Vec<(i64, i64)> = corners.iter().rev().copied().collect();
        assert_eq!(runs(&turned, (10, 10)), runs(&corners, (10, 10)));
    }

    /// Counted with stsci.skypac 1.0.12's region.Polygon.
    #[test]
    fn slanted_polygons_as_the_peer_fills_them() {
        let corners = [(3, -4), (37, 6), (29, 41), (-2, 30)];
        assert_eq!(pixels(&corners, (50, 50)), 1201);
    }

    #[test]
    fn lines_points_and_what_lies_outside_are_empty() {
        for corners in [
            &[][..],
            &[(1, 1)],
            &[(1, 1), (1, 5), (1, 9)],
            &[(0, 3), (9, 3), (4, 3)],
            &[(20, 20), (25, 20), (25, 25)],
            &[(-9, 0), (-5, 0), (-5, 9)],
        ] {
            assert_eq!(pixels(corners, (10, 10)), 0, "{corners:?}");
        }
        assert_eq!(pixels(&[(0, 0), (5, 0), (5, 5)], (0, 0)), 0);
    }
}
