//! Which pixels of the output lie within the outlines of the exposures.

use crate::map::Map;
use crate::{Mosaic, Result};
use firstlight_drizzle::PixelMapping;
use rayon::prelude::*;
use std::ops::Range;

/// Points along each side of a chip: between them its outline is taken as straight.
const POINTS: usize = 32;
/// Detector pixels that the outline lies inside of the chip's edge, so that every drop counts that could be there.
const INSIDE: f64 = 1.0;

/// For each row of the output the columns that are covered.
#[derive(Debug, Clone, PartialEq)]
pub struct Coverage {
    /// By all exposures, each with any of its chips: the common footprint.
    pub all: Vec<Vec<Range<usize>>>,
    /// By one exposure at least.
    pub any: Vec<Vec<Range<usize>>>,
}

impl Coverage {
    /// Pixels of the common footprint.
    pub fn common_pixels(&self) -> usize {
        self.all.iter().flatten().map(Range::len).sum()
    }
}

impl Mosaic<'_> {
    /// Which pixels of the output have their centres within the chips' outlines, one detector pixel inside their
    /// edges. Bad pixels do not matter here.
    ///
    /// # Errors
    /// Where a chip cannot be mapped to the output.
    pub fn coverage(&self) -> Result<Coverage> {
        let (ny, nx) = self.shape;
        let mut outlines: Vec<Vec<Vec<(f64, f64)>>> = vec![Vec::new(); self.exposures()];
        for chip in &self.chips {
            let map = Map::new(&chip.wcs, &self.wcs, 0)?;
            if let Some(outlines) = outlines.get_mut(chip.exposure) {
                outlines.push(outline(&map, (chip.ny, chip.nx)));
            }
        }
        let rows = (0..ny).into_par_iter().map(|row| {
            let of_exposure = |chips: &Vec<Vec<(f64, f64)>>| {
                let spans = chips.iter().flat_map(|outline| inside(outline, row as f64, nx));
                union(spans.collect())
            };
            let exposures: Vec<Vec<Range<usize>>> = outlines.iter().map(of_exposure).collect();
            let all = exposures.iter().cloned().reduce(|a, b| intersection(&a, &b));
            (all.unwrap_or_default(), union(exposures.concat()))
        });
        let (all, any) = rows.unzip();
        Ok(Coverage { all, any })
    }
}

/// The outline of a chip on the output.
fn outline(map: &impl PixelMapping, (ny, nx): (usize, usize)) -> Vec<(f64, f64)> {
    let (left, bottom) = (INSIDE - 0.5, INSIDE - 0.5);
    let (right, top) = (nx as f64 - 0.5 - INSIDE, ny as f64 - 0.5 - INSIDE);
    let corners = [(left, bottom), (right, bottom), (right, top), (left, top)];
    let mut points = Vec::with_capacity(4 * POINTS);
    for (k, from) in corners.into_iter().enumerate() {
        let to = corners[(k + 1) % 4];
        for i in 0..POINTS {
            let part = i as f64 / POINTS as f64;
            let (x, y) = (from.0 + part * (to.0 - from.0), from.1 + part * (to.1 - from.1));
            let (mut out_x, mut out_y) = ([0.0], [0.0]);
            map.map_row(y, x, &mut out_x, &mut out_y);
            points.push((out_x[0], out_y[0]));
        }
    }
    points.retain(|(x, y)| x.is_finite() && y.is_finite());
    points
}

/// The columns of a row whose centres are inside of a polygon.
fn inside(outline: &[(f64, f64)], y: f64, nx: usize) -> Vec<Range<usize>> {
    let next = outline.iter().cycle().skip(1);
    let mut crossings: Vec<f64> = outline
        .iter()
        .zip(next)
        .filter(|((_, y0), (_, y1))| (*y0 <= y) != (*y1 <= y))
        .map(|((x0, y0), (x1, y1))| x0 + (y - y0) / (y1 - y0) * (x1 - x0))
        .collect();
    crossings.sort_by(f64::total_cmp);
    // A cast saturates, so what lies off the output ends at its edge.
    let column = |x: f64| (x.ceil().max(0.0) as usize).min(nx);
    crossings
        .chunks_exact(2)
        .map(|pair| column(pair[0])..column(pair[1]))
        .filter(|span| !span.is_empty())
        .collect()
}

fn union(mut spans: Vec<Range<usize>>) -> Vec<Range<usize>> {
    spans.sort_by_key(|span| span.start);
    let mut joined: Vec<Range<usize>> = Vec::with_capacity(spans.len());
    for span in spans {
        match joined.last_mut() {
            Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
            _ => joined.push(span),
        }
    }
    joined
}

fn intersection(a: &[Range<usize>], b: &[Range<usize>]) -> Vec<Range<usize>> {
    let both = |a: &Range<usize>, b: &Range<usize>| a.start.max(b.start)..a.end.min(b.end);
    a.iter()
        .flat_map(|a| b.iter().map(move |b| both(a, b)))
        .filter(|span| !span.is_empty())
        .collect()
}

#[cfg(test)]
#[allow(clippy::single_range_in_vec_init, reason = "spans are ranges")]
mod tests {
    use super::*;

    #[test]
    fn spans_join_and_meet() {
        assert_eq!(union(vec![5..9, 0..3, 2..5, 11..12]), [0..9, 11..12]);
        assert_eq!(
            intersection(&[0..9, 11..20], &[3..12, 15..16]),
            [3..9, 11..12, 15..16]
        );
        assert!(intersection(&[0..9], &[9..12]).is_empty());
    }

    #[test]
    fn a_polygon_row_by_row() {
        let diamond = [(5.0, -0.5), (10.5, 5.0), (5.0, 10.5), (-0.5, 5.0)];
        assert_eq!(inside(&diamond, 5.0, 20), [0..11]);
        assert_eq!(inside(&diamond, 5.0, 6), [0..6]);
        assert_eq!(inside(&diamond, 8.0, 20), [3..8]);
        assert!(inside(&diamond, 11.0, 20).is_empty());
        assert!(inside(&[], 1.0, 20).is_empty());
    }
}
