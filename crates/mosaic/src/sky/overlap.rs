//! Which pixels exposures have in common.

use super::SkyInput;
use super::footprint::Footprint;
use super::region;
use firstlight_wcs::Wcs;
use std::ops::Range;

/// What two chips of different exposures have in common, as corners in the whole-numbered pixels of each.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Overlap {
    /// The two chips, by their place among the inputs.
    pub(super) chips: [usize; 2],
    /// The exposures they are of, by their place in the order in which they first come up.
    pub(super) exposures: [usize; 2],
    corners: [Vec<(i64, i64)>; 2],
}

impl Overlap {
    /// Its pixels on one of the two chips; see [`region::runs`].
    pub(super) fn runs(&self, side: usize, shape: (usize, usize)) -> Vec<(usize, Range<usize>)> {
        region::runs(&self.corners[side], shape)
    }
}

/// All overlaps between chips of different exposures, the earlier exposure first. `exposures` says which one each
/// chip is of.
pub(super) fn overlaps(inputs: &[SkyInput], exposures: &[usize]) -> Vec<Overlap> {
    let footprints: Vec<_> = inputs
        .iter()
        .map(|input| Footprint::of(input.wcs, input.shape))
        .collect();
    let mut found = Vec::new();
    for (a, of_a) in footprints.iter().enumerate() {
        for (b, of_b) in footprints.iter().enumerate() {
            if exposures[a] >= exposures[b] {
                continue;
            }
            let common = of_a.as_ref().zip(of_b.as_ref());
            let Some(common) = common.and_then(|(a, b)| a.intersection(b)) else {
                continue;
            };
            let corners = [a, b].map(|chip| corners_on(&common, inputs[chip].wcs));
            if let [Some(on_a), Some(on_b)] = corners {
                found.push(Overlap {
                    chips: [a, b],
                    exposures: [exposures[a], exposures[b]],
                    corners: [on_a, on_b],
                });
            }
        }
    }
    found
}

/// The pixels that hold the corners; `None` where one of them has no place on the chip.
fn corners_on(common: &Footprint, wcs: &Wcs) -> Option<Vec<(i64, i64)>> {
    let pixel = |(ra, dec)| {
        let (x, y) = wcs.sky_to_pixel(ra, dec).ok()?;
        let finite = x.is_finite() && y.is_finite();
        finite.then(|| (x.round_ties_even() as i64, y.round_ties_even() as i64))
    };
    common.sky().map(pixel).collect()
}
