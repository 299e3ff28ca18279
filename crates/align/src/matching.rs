//! Which sources of two lists are the same.

use crate::Point;

/// A source in both lists, by its indices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    /// In the image's list.
    pub image: usize,
    /// In the reference's list.
    pub reference: usize,
}

/// Pairs each reference source with the nearest source of the image within `tolerance` pixels.
///
/// Before, of sources within `separation` pixels of one another in either list only the one of least `y` is
/// kept. These are the rules of `xyxymatch`'s "tolerance", and so is the order of the pairs, that of the
/// reference's `y`; but where a source of the image would be paired with several of the reference, it is
/// with the nearest alone. Positions that are not finite are passed over.
pub fn match_positions(image: &[Point], reference: &[Point], tolerance: f64, separation: f64) -> Vec<Pair> {
    let image_order = apart(image, separation);
    let reference_order = apart(reference, separation);
    let mut nearest: Vec<(f64, Pair)> = Vec::new();
    let mut first = 0;
    for &reference_index in &reference_order {
        let [x, y] = reference[reference_index];
        while first < image_order.len() && y - image[image_order[first]][1] >= tolerance {
            first += 1;
        }
        let mut best: Option<(f64, usize)> = None;
        let candidates = image_order[first..].iter();
        for &index in candidates.take_while(|&&index| y - image[index][1] >= -tolerance) {
            let (dx, dy) = (x - image[index][0], y - image[index][1]);
            let distance = dx * dx + dy * dy;
            if distance <= best.map_or(tolerance * tolerance, |(least, _)| least) {
                best = Some((distance, index));
            }
        }
        if let Some((distance, index)) = best {
            let pair = Pair {
                image: index,
                reference: reference_index,
            };
            nearest.push((distance, pair));
        }
    }
    unique(nearest, image.len())
}

/// Keeps the nearest pair of each source of the image.
fn unique(pairs: Vec<(f64, Pair)>, sources: usize) -> Vec<Pair> {
    let mut least = vec![f64::INFINITY; sources];
    for (distance, pair) in &pairs {
        least[pair.image] = least[pair.image].min(*distance);
    }
    let mut taken = vec![false; sources];
    pairs
        .into_iter()
        .filter(|(distance, pair)| {
            *distance <= least[pair.image] && !std::mem::replace(&mut taken[pair.image], true)
        })
        .map(|(_, pair)| pair)
        .collect()
}

/// Indices in the order of `y`, then `x`, without those within `separation` of an earlier one.
fn apart(positions: &[Point], separation: f64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..positions.len())
        .filter(|&index| positions[index].iter().all(|c| c.is_finite()))
        .collect();
    order.sort_by(|&a, &b| {
        let (a, b) = (positions[a], positions[b]);
        a[1].total_cmp(&b[1]).then(a[0].total_cmp(&b[0]))
    });
    let limit = separation * separation;
    let mut dropped = vec![false; order.len()];
    for earlier in 0..order.len() {
        if dropped[earlier] {
            continue;
        }
        let [x, y] = positions[order[earlier]];
        for later in earlier + 1..order.len() {
            let [other_x, other_y] = positions[order[later]];
            let along = (other_y - y) * (other_y - y);
            if along > limit {
                break;
            }
            if along + (other_x - x) * (other_x - x) <= limit {
                dropped[later] = true;
            }
        }
    }
    let mut dropped = dropped.into_iter();
    order.retain(|_| !dropped.next().unwrap_or(false));
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(image: &[Point], reference: &[Point]) -> Vec<(usize, usize)> {
        let found = match_positions(image, reference, 1.0, 0.5);
        found
            .into_iter()
            .map(|pair| (pair.image, pair.reference))
            .collect()
    }

    #[test]
    fn the_nearest_within_the_tolerance() {
        let reference = [[10.0, 20.0], [30.0, 5.0], [50.0, 50.0]];
        let image = [[30.2, 5.1], [10.8, 20.0], [10.1, 20.3], [51.1, 50.0]];
        assert_eq!(pairs(&image, &reference), [(0, 1), (2, 0)]);
    }

    #[test]
    fn of_close_sources_one_is_kept() {
        assert_eq!(pairs(&[[10.3, 20.3], [10.0, 20.0]], &[[10.2, 20.2]]), [(1, 0)]);
        assert_eq!(pairs(&[[10.0, 20.0]], &[[10.2, 20.2], [10.0, 20.0]]), [(0, 1)]);
    }

    #[test]
    fn a_source_of_the_image_is_paired_once() {
        assert_eq!(pairs(&[[10.0, 20.0]], &[[10.0, 19.4], [10.0, 20.2]]), [(0, 1)]);
    }

    #[test]
    fn nothing_and_nan_match_nothing() {
        assert_eq!(pairs(&[], &[[1.0, 1.0]]), []);
        assert_eq!(pairs(&[[1.0, 1.0]], &[]), []);
        assert_eq!(
            pairs(&[[f64::NAN, 1.0], [1.0, 1.0]], &[[1.0, f64::NAN], [1.0, 1.2]]),
            [(1, 1)]
        );
    }
}
