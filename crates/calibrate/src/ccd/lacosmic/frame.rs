//! L.A.Cosmic as a step of a frame: what is found is flagged, and replaced.

use super::super::{CcdFrame, Real, dq};
use super::{LacosmicOptions, LacosmicPlanes, LacosmicReport, lacosmic};
use crate::Result;
use serde::Serialize;

/// What is done about the cosmic rays of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct CosmicRays {
    /// How they are found; the gain is electrons per unit of the frame.
    pub how: LacosmicOptions,
    /// They are flagged alone, and their samples stay as they are.
    pub flag_only: bool,
}

/// Finds the cosmic rays of a frame, gives their pixels the bit [`dq::COSMIC_RAY`] and, unless `flag_only`, replaces their
/// samples by what is around. Pixels that are masked by any bit are left alone; the uncertainty is as it was, and so are the
/// samples of all other pixels. The frame's sky has to be in it, as its noise is made of its light.
///
/// # Errors
/// [`crate::Error::Shape`] for planes that differ in shape; [`crate::Error::Parameter`]. The frame is as it was then.
pub fn clean_cosmic_rays<T: Real>(frame: &mut CcdFrame<T>, options: &CosmicRays) -> Result<LacosmicReport> {
    frame.check()?;
    let mask = frame.mask();
    let planes = LacosmicPlanes {
        mask: mask.as_ref(),
        ..Default::default()
    };
    let found = lacosmic(&frame.sci, &planes, &options.how)?;
    let cosmics = found.cosmics.as_slice();
    frame.flag(cosmics, dq::COSMIC_RAY);
    if !options.flag_only {
        let cleaned = found.cleaned.as_slice().iter().zip(cosmics);
        for (value, (&cleaned, &cosmic)) in frame.sci.as_mut_slice().iter_mut().zip(cleaned) {
            if cosmic {
                *value = T::narrow(f64::from(cleaned));
            }
        }
    }
    Ok(found.report)
}
