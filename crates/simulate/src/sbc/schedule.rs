//! When what is exposed: the order, exposure times and temperatures of the visit and of the darks.

/// A science exposure as it is planned.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Planned {
    /// Two characters that follow the visit in the rootname, before the final `q`.
    pub suffix: &'static str,
    /// `FILTER1`.
    pub filter: &'static str,
    /// Seconds.
    pub exptime_s: f64,
    /// Start, seconds after the first exposure's.
    pub start_s: f64,
    /// `MDECODT1`, °C.
    pub temperature_start_c: f64,
    /// `MDECODT2`, °C.
    pub temperature_end_c: f64,
    /// Dither along the detector's axes, pixels.
    pub dither: (f64, f64),
}

impl Planned {
    /// Mean of the two temperatures, °C.
    pub fn temperature_c(&self) -> f64 {
        0.5 * (self.temperature_start_c + self.temperature_end_c)
    }
}

const fn planned(
    names: (&'static str, &'static str),
    times: (f64, f64),
    temperatures: (f64, f64),
    dither: (f64, f64),
) -> Planned {
    Planned {
        suffix: names.0,
        filter: names.1,
        exptime_s: times.0,
        start_s: times.1,
        temperature_start_c: temperatures.0,
        temperature_end_c: temperatures.1,
        dither,
    }
}

/// The visit: three orbits in which the detector warms up, so that of the filter that opens and closes
/// it one exposure is cold and the other above 25 °C.
pub const VISIT: [Planned; 8] = [
    planned(("ct", "F165LP"), (1000.0, 0.0), (16.7157, 17.9367), (0.0, 0.0)),
    planned(("cw", "F125LP"), (620.0, 1060.0), (18.1809, 19.1577), (0.0, 0.0)),
    planned(("cx", "F140LP"), (620.0, 1740.0), (19.1577, 19.8903), (0.0, 0.0)),
    planned(("de", "F150LP"), (620.0, 5760.0), (22.5765, 23.0649), (0.0, 0.0)),
    planned(("dh", "F150LP"), (620.0, 6440.0), (23.0649, 23.5533), (4.3, 2.6)),
    planned(("ds", "F140LP"), (620.0, 7120.0), (23.5533, 24.0417), (4.3, 2.6)),
    planned(("dt", "F125LP"), (620.0, 7800.0), (24.0417, 24.2859), (4.3, 2.6)),
    planned(
        ("e6", "F165LP"),
        (1550.0, 11520.0),
        (25.7511, 26.2395),
        (4.3, 2.6),
    ),
];

/// The associations: their number, and the filter whose exposures they combine.
pub const ASSOCIATIONS: [(&str, &str); 4] = [
    ("010", "F165LP"),
    ("020", "F125LP"),
    ("030", "F140LP"),
    ("040", "F150LP"),
];

/// Exposure time of a dark, seconds.
pub const DARK_EXPTIME_S: f64 = 1000.0;
/// From one dark's start to the next one's, seconds.
pub const DARK_CADENCE_S: f64 = 1011.0;

/// A temperature sensor's step, °C.
const SENSOR_STEP_C: f64 = 0.2442;

/// Temperature so many darks after the first one's start, °C, as the sensor tells it: the detector
/// approaches 29.5 °C with a time constant of eight darks.
pub fn dark_temperature_c(darks: f64) -> f64 {
    let temperature = 29.5 - 12.0 * (-darks / 8.33).exp();
    17.2041 + SENSOR_STEP_C * ((temperature - 17.2041) / SENSOR_STEP_C).round()
}

/// Two characters of the `n`-th dark's rootname: ii, ij, …, iz, j0, j1, ….
pub fn dark_suffix(n: usize) -> String {
    const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let number = 18 * 36 + 18 + n;
    [number / 36 % 36, number % 36]
        .iter()
        .map(|&digit| char::from(DIGITS[digit]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn temperatures_are_those_of_a_warming_visit() {
        let expected = [
            17.3262, 18.6693, 19.524, 22.8207, 23.3091, 23.7975, 24.1638, 25.9953,
        ];
        for (planned, expected) in VISIT.iter().zip(expected) {
            assert!(
                (planned.temperature_c() - expected).abs() < 1e-9,
                "{}",
                planned.suffix
            );
        }
        assert!(
            VISIT
                .windows(2)
                .all(|p| p[0].start_s + p[0].exptime_s <= p[1].start_s)
        );
    }

    #[test]
    fn darks_warm_from_17_to_28_degrees() {
        let first = 0.5 * (dark_temperature_c(0.0) + dark_temperature_c(1.0));
        let last = 0.5 * (dark_temperature_c(19.0) + dark_temperature_c(20.0));
        assert!(
            (17.0..19.0).contains(&first) && (27.8..28.8).contains(&last),
            "{first} {last}"
        );
        assert_eq!(
            (dark_suffix(0), dark_suffix(17), dark_suffix(18)),
            ("ii".into(), "iz".into(), "j0".into())
        );
    }
}
