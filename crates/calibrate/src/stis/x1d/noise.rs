//! The errors of a spectrum in the ultraviolet, where one photon frees more than one electron.

use super::spectrum::Spectrum;
use crate::stis::tables::curve::interpolate;
use crate::stis::{SpectralImset, SpectralMode};

/// Wavelengths, Å, and electrons that a photon frees.
const WAVELENGTHS: [f64; 6] = [1127.09, 2066.33, 2213.93, 2339.25, 3424.86, 11000.0];
const YIELD: [f64; 6] = [3.0, 1.5, 1.35, 1.4, 1.0, 1.0];

/// What the error of a column is to be multiplied with: the noise of so many electrons over that of the photons that freed
/// them. `wavelength` in Å, as observed.
pub fn yield_factor(
    spectrum: &Spectrum,
    x: usize,
    wavelength: f64,
    mode: &SpectralMode,
    imset: &SpectralImset,
) -> f32 {
    let electrons = interpolate(&WAVELENGTHS, &YIELD, wavelength);
    let signal = f64::from(spectrum.gross[x]).max(0.0) * imset.exptime_s;
    let width = f64::from(spectrum.extrsize);
    let dark = imset.meandark_dn * width;
    let readout = mode.readnoise_e * mode.readnoise_e * width;
    let gain = mode.atodgain / imset.ncombine;
    let all = (signal + dark) * gain + readout;
    let photons = (signal / electrons + dark) * gain + readout;
    (all / photons).sqrt() as f32
}
