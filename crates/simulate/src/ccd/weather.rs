//! What the atmosphere does to a frame: the height of the field, extinction, transparency, seeing, the sky's light.

use super::Filter;
use crate::Random;
use serde::Serialize;

/// The observatory: Siding Spring. Degrees north and east.
pub const SITE_DEG: (f64, f64) = (-31.2733, 149.0644);
/// Side of a pixel, arcsec.
pub const SCALE_ARCSEC: f64 = 0.921;

/// The atmosphere during a frame.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Weather {
    /// Airmass.
    pub airmass: f64,
    /// Share of the light that passes the atmosphere: extinction and clouds.
    pub extinction: f64,
    /// Share that passes clouds and haze.
    pub transparency: f64,
    /// Full width at half maximum of stars, pixels.
    pub fwhm: f64,
    /// Light of the sky in a pixel of mean sensitivity, electrons/s.
    pub sky_rate: f64,
}

impl Weather {
    /// At a moment, of a field at `target_deg`.
    pub fn draw(mjd: f64, target_deg: (f64, f64), filter: Filter, random: &mut Random) -> Self {
        let airmass = airmass(altitude_deg(mjd, target_deg));
        let transparency = (-0.03 * random.normal().abs()).exp();
        let seeing = 2.4 * (0.12 * random.normal()).exp() * airmass.powf(0.6);
        let sky = filter.sky() - 0.25 * (airmass - 1.0) + 0.05 * random.normal();
        let area = SCALE_ARCSEC * SCALE_ARCSEC;
        Self {
            airmass,
            extinction: transparency * (-0.4 * filter.extinction() * airmass * std::f64::consts::LN_10).exp(),
            transparency,
            fwhm: seeing / SCALE_ARCSEC,
            sky_rate: area * 10.0_f64.powf(-0.4 * (sky - filter.zero_point())),
        }
    }
}

/// Height above the horizon, degrees.
pub fn altitude_deg(mjd: f64, (ra_deg, dec_deg): (f64, f64)) -> f64 {
    // Mean sidereal time of Greenwich, to a second.
    let sidereal = 280.460_618_37 + 360.985_647_366_29 * (mjd - 51_544.5);
    let hour_angle = (sidereal + SITE_DEG.1 - ra_deg).to_radians();
    let (sin_d, cos_d) = dec_deg.to_radians().sin_cos();
    let (sin_p, cos_p) = SITE_DEG.0.to_radians().sin_cos();
    (sin_p * sin_d + cos_p * cos_d * hour_angle.cos())
        .asin()
        .to_degrees()
}

/// Kasten & Young 1989, Applied Optics 28, 4735.
fn airmass(altitude_deg: f64) -> f64 {
    let altitude = altitude_deg.max(3.0);
    1.0 / (altitude.to_radians().sin() + 0.505_72 * (altitude + 6.079_95).powf(-1.636_4))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_field_culminates_where_it_should() {
        // NGC 3201 passes the meridian of Siding Spring 15 degrees from the zenith.
        let highest = (0..1440)
            .map(|minute| altitude_deg(58_186.0 + f64::from(minute) / 1440.0, (154.4034, -46.4125)))
            .fold(f64::MIN, f64::max);
        assert!((highest - (90.0 - 46.4125 + 31.2733)).abs() < 0.01, "{highest}");
        assert!((airmass(90.0) - 1.0).abs() < 1e-3 && (airmass(30.0) - 2.0).abs() < 0.01);
    }
}
