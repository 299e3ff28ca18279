//! What the telescope looks at: an elliptical galaxy with a Lyman-alpha halo, and a uniform sky.
//!
//! Rates are counts/s as they come out of a product drizzled to the detector's nominal scale of 0.025
//! arcsec: a calibrated frame holds the counts per solid angle of 0.025 arcsec squared, whatever the
//! area of its pixels (that is what dividing by the flat field does).

/// A galaxy: concentric elliptical Gaussians of one axis ratio and position angle.
#[derive(Debug, Clone, PartialEq)]
pub struct Galaxy {
    /// Sky position, degrees.
    pub ra_deg: f64,
    /// See `ra_deg`.
    pub dec_deg: f64,
    /// Minor over major axis.
    pub axis_ratio: f64,
    /// Position angle of the major axis, degrees east of north.
    pub position_angle_deg: f64,
}

/// One Gaussian: dispersion along the major axis in arcsec, and its share of the flux.
pub type Component = (f64, f64);

/// The stars' light.
const STARS: [Component; 3] = [(0.09, 0.30), (0.21, 0.50), (0.42, 0.20)];
/// The stars' light with a resonantly scattered halo about it, where Lyman alpha is in the band.
const STARS_AND_HALO: [Component; 4] = [(0.09, 0.17), (0.21, 0.28), (0.42, 0.20), (0.85, 0.35)];

/// What one filter passes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Band {
    /// Name as in `FILTER1`.
    pub filter: &'static str,
    /// The galaxy's whole flux, counts/s.
    pub galaxy_rate: f64,
    /// The sky, counts/s per 0.025 arcsec squared.
    pub sky_rate: f64,
    /// Pivot wavelength, Angstrom (`PHOTPLAM`).
    pub pivot_a: f64,
    /// Inverse sensitivity, erg/cm2/A per count (`PHOTFLAM`).
    pub photflam: f64,
    /// Bandwidth, Angstrom (`PHOTBW`).
    pub bandwidth_a: f64,
    /// Whether the galaxy's Lyman alpha line falls into the band.
    pub lyman_alpha: bool,
}

/// The bands, by the four long-pass filters of the visit.
pub const BANDS: [Band; 4] = [
    Band {
        filter: "F125LP",
        galaxy_rate: 14.2,
        sky_rate: 3.2e-5,
        pivot_a: 1437.5,
        photflam: 1.73e-17,
        bandwidth_a: 86.3,
        lyman_alpha: true,
    },
    Band {
        filter: "F140LP",
        galaxy_rate: 7.6,
        sky_rate: 6.0e-6,
        pivot_a: 1527.0,
        photflam: 2.71e-17,
        bandwidth_a: 87.9,
        lyman_alpha: false,
    },
    Band {
        filter: "F150LP",
        galaxy_rate: 5.3,
        sky_rate: 4.0e-6,
        pivot_a: 1610.7,
        photflam: 3.25e-17,
        bandwidth_a: 86.8,
        lyman_alpha: false,
    },
    Band {
        filter: "F165LP",
        galaxy_rate: 2.6,
        sky_rate: 2.5e-6,
        pivot_a: 1758.0,
        photflam: 1.36e-16,
        bandwidth_a: 88.2,
        lyman_alpha: false,
    },
];

impl Band {
    /// The band of a filter's name.
    pub fn of(filter: &str) -> Option<&'static Band> {
        BANDS.iter().find(|band| band.filter == filter)
    }

    /// The Gaussians that make up the galaxy in this band.
    pub fn components(&self) -> &'static [Component] {
        if self.lyman_alpha { &STARS_AND_HALO } else { &STARS }
    }
}

impl Galaxy {
    /// Surface brightness, counts/s/arcsec², at an offset east and north of the centre in arcsec.
    pub fn surface_brightness(&self, band: &Band, east: f64, north: f64) -> f64 {
        let (sin, cos) = self.position_angle_deg.to_radians().sin_cos();
        let along = east * sin + north * cos;
        let across = (east * cos - north * sin) / self.axis_ratio;
        let r2 = along * along + across * across;
        let profile = |&(sigma, share): &Component| {
            let s2 = sigma * sigma;
            share * (-0.5 * r2 / s2).exp() / (std::f64::consts::TAU * s2 * self.axis_ratio)
        };
        band.galaxy_rate * band.components().iter().map(profile).sum::<f64>()
    }

    /// Beyond this distance from the centre, arcsec, nothing of the galaxy is left.
    pub fn extent_arcsec(band: &Band) -> f64 {
        6.5 * band.components().iter().map(|c| c.0).fold(0.0, f64::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn galaxy() -> Galaxy {
        Galaxy {
            ra_deg: 165.0,
            dec_deg: 38.0,
            axis_ratio: 0.6,
            position_angle_deg: 30.0,
        }
    }

    #[test]
    fn surface_brightness_integrates_to_the_flux() {
        let step = 0.02;
        for band in &BANDS {
            let mut sum = 0.0;
            for j in -250..=250 {
                for i in -250..=250 {
                    sum += galaxy().surface_brightness(band, f64::from(i) * step, f64::from(j) * step);
                }
            }
            assert!(
                (sum * step * step / band.galaxy_rate - 1.0).abs() < 1e-4,
                "{}",
                band.filter
            );
        }
    }

    #[test]
    fn major_axis_lies_at_the_position_angle() {
        let band = &BANDS[3];
        let (sin, cos) = 30_f64.to_radians().sin_cos();
        let along = galaxy().surface_brightness(band, 0.5 * sin, 0.5 * cos);
        let across = galaxy().surface_brightness(band, 0.5 * cos, -0.5 * sin);
        assert!(along > 3.0 * across, "{along} {across}");
    }
}
