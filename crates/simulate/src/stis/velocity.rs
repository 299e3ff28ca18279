//! The Earth's way around the Sun, for the shift that it gives to spectra.

/// Velocity at which the Earth's motion carries it away from a direction, km/s, positive where the target recedes.
///
/// A Kepler ellipse with the mean elements of J2000 (Simon et al. 1994, A&A 282, 663): good to 0.02 km/s, of which the Moon
/// and Jupiter take the most.
pub fn heliocentric(ra_deg: f64, dec_deg: f64, mjd: f64) -> f64 {
    let days = mjd - 51_544.5;
    let anomaly = (357.529 + 0.985_600_28 * days).to_radians();
    let perihelion = (102.937 + 4.7e-5 * days).to_radians();
    let eccentricity: f64 = 0.016_71;
    let mut eccentric = anomaly;
    for _ in 0..5 {
        eccentric = anomaly + eccentricity * eccentric.sin();
    }
    // Of the Earth about the Sun, in the plane of the ecliptic, km/s.
    let mean = 29.784_7;
    let scale = mean / (1.0 - eccentricity * eccentric.cos());
    let (along, across) = (
        -scale * eccentric.sin(),
        scale * (1.0 - eccentricity * eccentricity).sqrt() * eccentric.cos(),
    );
    let (sin, cos) = perihelion.sin_cos();
    let (vx, vy) = (along * cos - across * sin, along * sin + across * cos);
    let obliquity = 23.4393_f64.to_radians();
    let velocity = [vx, vy * obliquity.cos(), vy * obliquity.sin()];
    let (ra, dec) = (ra_deg.to_radians(), dec_deg.to_radians());
    let target = [dec.cos() * ra.cos(), dec.cos() * ra.sin(), dec.sin()];
    -velocity.iter().zip(target).map(|(v, t)| v * t).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::heliocentric;

    #[test]
    fn the_earth_flies_at_thirty_kilometres_a_second() {
        // At the March equinox the Earth moves towards ecliptic longitude 270° (right ascension 18 h, declination -23.4°).
        let towards = heliocentric(270.0, -23.44, 51_623.3);
        assert!((towards + 29.9).abs() < 0.15, "{towards}");
        let away = heliocentric(90.0, 23.44, 51_623.3);
        assert!((away + towards).abs() < 1e-9);
        // At right angles there is next to nothing.
        assert!(heliocentric(0.0, 0.0, 51_623.3).abs() < 0.6);
    }
}
