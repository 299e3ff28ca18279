//! The grid that everything is combined on.

use crate::chip::Chip;
use crate::{DrizzleOptions, Error, Result};
use firstlight_wcs::{OutputGrid, Wcs, output};

/// The grid of the inputs' footprints, or the one that the user describes.
pub(crate) fn output_grid(chips: &[Chip], options: &DrizzleOptions) -> Result<Wcs> {
    let inputs: Vec<Wcs> = chips.iter().map(|chip| chip.wcs.clone()).collect();
    let wanted = if options.custom_wcs() {
        OutputGrid {
            final_wcs: true,
            final_refimage: options.final_refimage.clone(),
            final_rot: options.final_rot,
            final_scale: options.final_scale,
            final_outnx: options.final_outnx,
            final_outny: options.final_outny,
            final_ra: options.final_ra,
            final_dec: options.final_dec,
            final_crpix1: options.final_crpix1,
            final_crpix2: options.final_crpix2,
        }
    } else {
        OutputGrid::default()
    };
    output::common_grid(&inputs, &wanted).map_err(|source| Error::Grid { source })
}
