//! PHOTMODE: the configuration of the instrument in words.

use crate::stis::Setup;

/// The words of PHOTMODE: aperture, gain, grating or mirror, detector, central wavelength (Å, of spectra), day.
pub fn photmode(setup: &Setup, cenwave: Option<i64>, expstart_mjd: f64) -> String {
    let element = match setup.opt_elem.starts_with("MIR") {
        true => "MIRROR",
        false => &setup.opt_elem,
    };
    let mut words = format!("STIS {} A2D{} {element} CCD", setup.aperture, setup.ccdgain);
    if let Some(cenwave) = cenwave.filter(|&cenwave| setup.is_spectroscopic() && cenwave > 0) {
        words.push_str(&format!(" {cenwave}"));
    }
    words.push_str(&format!(" MJD#{expstart_mjd:.4}"));
    words
}
