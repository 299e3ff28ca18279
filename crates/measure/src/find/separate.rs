//! Sources too near to one another, and the brightest.

use super::Source;

/// How often the list is gone through.
const PASSES: usize = 10;

/// Sorts sources by `y` and drops the earlier of two that follow one another within `separation`, again and
/// again. Only neighbours in the list are compared, as TweakReg does.
pub(super) fn separate(mut sources: Vec<Source>, separation: f64) -> Vec<Source> {
    sources.sort_by(|a, b| a.y.total_cmp(&b.y));
    for _ in 0..PASSES {
        let before = sources.len();
        let near: Vec<bool> = sources
            .windows(2)
            .map(|pair| (pair[1].x - pair[0].x).hypot(pair[1].y - pair[0].y) <= separation)
            .collect();
        let mut near = near.into_iter();
        sources.retain(|_| !near.next().unwrap_or(false));
        if sources.len() == before {
            break;
        }
    }
    sources
}

/// Keeps the sources of the greatest flux, brightest first; among equals, the earlier.
pub(super) fn keep_brightest(sources: &mut Vec<Source>, most: usize) {
    brightest_first(sources);
    sources.truncate(most);
}

/// Puts the sources of the greatest flux first; among equals, the earlier.
pub(super) fn brightest_first(sources: &mut [Source]) {
    sources.sort_by(|a, b| b.flux.total_cmp(&a.flux));
}
