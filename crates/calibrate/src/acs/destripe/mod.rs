//! Horizontal stripes of the repaired WFC, taken out row by row from the pixels themselves (`acs_destripe`).
//!
//! Since Servicing Mission 4 each row of a WFC frame has its own offset, of some 0.9 electron, the same for all
//! amplifiers. The overscan of full frames gives it away; subarrays have none that would do, and there, as in frames
//! whose overscan is spoiled, it is measured in the pixels of the row: the level of the sky after clipping. See
//! Grogin et al. 2011, ACS ISR 2011-05.

mod clean;
mod clip;
mod histogram;
mod line;
mod options;
mod stage;

pub use clean::{DestripeReport, Illumination, Layer, Plane, clean};
pub use options::{DestripeOptions, Statistic};
pub use stage::{FIRST_STRIPES_MJD, Masks, acs_destripe, check_exposure, record_destripe};
