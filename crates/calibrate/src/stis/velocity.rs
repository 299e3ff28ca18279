//! The velocity of the Earth towards a target, by the low-precision position of the Sun of the Astronomical Almanac
//! (section C) and the precession of IAU 1976.

/// Speed of light, km/s.
const LIGHT_KM_S: f64 = 299_792.458;
const KM_PER_AU: f64 = 1.495_978_7e8;
const SECONDS_PER_DAY: f64 = 86400.0;
/// 2000 January 1.5, MJD.
const J2000_MJD: f64 = 51544.5;

/// The velocity with which the Earth recedes from a target (km/s; right ascension and declination in degrees, of J2000)
/// on a day, MJD.
pub fn heliocentric_velocity(ra: f64, dec: f64, mjd: f64) -> f64 {
    let (ra, dec) = (ra.to_radians(), dec.to_radians());
    let target = [dec.cos() * ra.cos(), dec.cos() * ra.sin(), dec.sin()];
    let target = precess(target, mjd);
    let earth = earth_velocity(mjd);
    -(earth[0] * target[0] + earth[1] * target[1] + earth[2] * target[2])
}

/// What an observed wavelength is multiplied with.
pub fn heliocentric_factor(velocity_km_s: f64) -> f64 {
    1.0 - velocity_km_s / LIGHT_KM_S
}

/// Velocity of the Earth, km/s, in equatorial coordinates of date.
fn earth_velocity(mjd: f64) -> [f64; 3] {
    let days = mjd - J2000_MJD;
    let (anomaly_rate, longitude_rate) = (0.9856003f64.to_radians(), 0.9856474f64.to_radians());
    let obliquity = (23.439 - 0.0000004 * days).to_radians();
    let g = (357.528 + 0.9856003 * days).to_radians();
    let mean_longitude = (280.461 + 0.9856474 * days).to_radians();
    let longitude = mean_longitude + 0.033423 * g.sin() + 0.000349 * (2.0 * g).sin();
    let longitude_dot =
        longitude_rate + 0.033423 * g.cos() * anomaly_rate + 0.000349 * (2.0 * g).cos() * 2.0 * anomaly_rate;
    let radius = 1.00014 - 0.01671 * g.cos() - 0.00014 * (2.0 * g).cos();
    let radius_dot = 0.01671 * g.sin() * anomaly_rate + 0.00014 * (2.0 * g).sin() * 2.0 * anomaly_rate;
    let along = radius_dot * longitude.sin() + radius * longitude.cos() * longitude_dot;
    let sun = [
        radius_dot * longitude.cos() - radius * longitude.sin() * longitude_dot,
        along * obliquity.cos(),
        along * obliquity.sin(),
    ];
    sun.map(|of_sun| -of_sun * KM_PER_AU / SECONDS_PER_DAY)
}

/// A direction of J2000 in the equator of a date.
fn precess(target: [f64; 3], mjd: f64) -> [f64; 3] {
    let t = (mjd - J2000_MJD) / 36525.0;
    let arcsec = |linear: f64, square: f64, cube: f64| {
        ((linear * t + square * t * t + cube * t * t * t) / 3600.0).to_radians()
    };
    let zeta = arcsec(2306.2181, 0.30188, 0.017998);
    let z = arcsec(2306.2181, 1.09468, 0.018203);
    let theta = arcsec(2004.3109, -0.42665, -0.041833);
    let (sz, cz) = z.sin_cos();
    let (st, ct) = theta.sin_cos();
    let (se, ce) = zeta.sin_cos();
    let rows = [
        [cz * ct * ce - sz * se, -cz * ct * se - sz * ce, -cz * st],
        [sz * ct * ce + cz * se, -sz * ct * se + cz * ce, -sz * st],
        [st * ce, -st * se, ct],
    ];
    rows.map(|row| row[0] * target[0] + row[1] * target[1] + row[2] * target[2])
}

#[cfg(test)]
mod tests {
    use super::heliocentric_velocity;

    #[test]
    fn half_a_year_later_the_earth_moves_the_other_way() {
        let (spring, autumn) = (57117.4, 57117.4 + 182.6);
        let (a, b) = (
            heliocentric_velocity(150.0, 20.0, spring),
            heliocentric_velocity(150.0, 20.0, autumn),
        );
        assert!(a > 15.0 && b < -15.0 && (a + b).abs() < 2.0, "{a} {b}");
        // Towards the pole of the ecliptic there is next to nothing.
        assert!(heliocentric_velocity(270.0, 66.56, spring).abs() < 1.0);
    }
}
