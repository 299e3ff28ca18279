//! The optics: where light of a wavelength falls, and how much of it arrives.
//!
//! Columns and rows are 1-based here, as in the reference tables; wavelengths in Å.

use super::options::Grating;

/// Side of a pixel along the slit, arcsec.
pub const PLATE_SCALE: f64 = 0.05071;
/// Row at which the dispersion is quoted.
pub const REFERENCE_ROW: f64 = 513.0;
/// Columns that the image of the slit runs to the right for each row: it is tilted.
pub const SLIT_TILT_DEG: f64 = 0.315;
/// How far the mechanism missed its nominal place, pixels along the dispersion and the slit: what the lamp should tell.
pub const SHIFT: (f64, f64) = (2.37, -1.62);
/// Line of the centre of the slit 52X0.1, without shift.
pub const SLIT_CENTRE: f64 = 514.2;
/// Light-collecting area, cm².
pub const AREA_CM2: f64 = 45_238.934_16;
/// How a shift across the dispersion axis moves the spectrum: pixels for each arcsec, and for each arcsec².
pub const INCIDENCE: [f64; 2] = [19.05, 0.8];

/// A long slit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slit {
    /// As in `APERTURE`.
    pub name: &'static str,
    /// Width, arcsec.
    pub width: f64,
    /// Offsets from 52X0.1, arcsec along the dispersion and the slit.
    pub offset: (f64, f64),
    /// Share of a star's light at 2850 Å that passes.
    pub throughput: f64,
}

/// The slit of the lamp exposure.
pub const LAMP_SLIT: Slit = Slit {
    name: "52X0.1",
    width: 0.1,
    offset: (0.0, 0.0),
    throughput: 0.63,
};
/// The slit of the spectrum.
pub const STAR_SLIT: Slit = Slit {
    name: "52X0.2",
    width: 0.2,
    offset: (0.0128, 0.0350),
    throughput: 0.845,
};
/// Occulting bars of both: place along the slit from its centre, and width, arcsec as the table has it.
pub const BARS: [(f64, f64); 2] = [(-9.94, 0.50), (12.77, 0.86)];

impl Slit {
    /// Share of a star's light that passes.
    pub fn throughput(&self, wavelength: f64) -> f64 {
        self.throughput + 4.0e-6 * (wavelength - 2850.0)
    }

    /// How brightly a line of the detector is lit through the slit, as a share of its middle.
    pub fn illumination(&self, line: f64) -> f64 {
        let from_centre = line - SLIT_CENTRE - self.offset.1 / PLATE_SCALE - SHIFT.1;
        let arcsec = from_centre * PLATE_SCALE;
        if arcsec.abs() >= 26.0 {
            return 0.0;
        }
        BARS.iter()
            .fold(1.0 + 0.10 * (arcsec / 17.0).cos(), |light, (place, width)| {
                let (low, high) = (
                    (place - 0.5 * width) / PLATE_SCALE,
                    (place + 0.5 * width) / PLATE_SCALE,
                );
                let covered = (from_centre + 0.5).min(high) - (from_centre - 0.5).max(low);
                light * (1.0 - covered.clamp(0.0, 1.0))
            })
    }
}

/// A grating at its central wavelength.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spectrograph {
    /// The grating.
    pub grating: Grating,
    /// `CENWAVE`, Å.
    pub central: f64,
    /// Å in a pixel at the middle.
    pub dispersion: f64,
    quadratic: f64,
    /// What reaches the detector.
    pub range: (f64, f64),
    peak: (f64, f64, f64),
    /// `BACKORD` of the extraction.
    pub background_order: i16,
}

impl Spectrograph {
    pub fn new(grating: Grating) -> Self {
        match grating {
            Grating::G430L => Self {
                grating,
                central: 4300.0,
                dispersion: 2.746,
                quadratic: 2.0e-7,
                range: (2850.0, 5750.0),
                peak: (0.080, 4500.0, 1150.0),
                background_order: 0,
            },
            Grating::G750L => Self {
                grating,
                central: 7751.0,
                dispersion: 4.882,
                quadratic: -5.0e-8,
                range: (5200.0, 10_320.0),
                peak: (0.095, 6900.0, 1700.0),
                background_order: 1,
            },
        }
    }

    /// Coefficients of the column as a polynomial of the wavelength, for a line.
    pub fn coefficients(&self, line: f64) -> [f64; 3] {
        let (w, q) = (self.central, self.quadratic);
        let tilt = SLIT_TILT_DEG.to_radians().tan() * (line - REFERENCE_ROW);
        let slope = 1.0 / self.dispersion;
        [512.5 - slope * w + q * w * w + tilt, slope - 2.0 * q * w, q]
    }

    /// Wavelength at a column of a line, through a slit, with the mechanism's miss.
    pub fn wavelength(&self, column: f64, line: f64, slit: &Slit) -> f64 {
        let offset = slit.offset.0 - LAMP_SLIT.offset.0;
        let moved = SHIFT.0 + INCIDENCE[0] * offset + INCIDENCE[1] * offset * offset;
        let [constant, slope, quadratic] = self.coefficients(line);
        let difference = column - moved - constant;
        // The root of the quadratic that goes over into the linear law.
        2.0 * difference / (slope + (slope * slope + 4.0 * quadratic * difference).sqrt())
    }

    /// By how many rows the spectrum of a line is displaced at a column.
    pub fn displacement(&self, line: f64, column: f64) -> f64 {
        let u = (column - 513.0) / 512.0;
        (0.95 + 0.38 * u - 0.12 * u * u + 6.0e-4 * (line - REFERENCE_ROW)) * u
    }

    /// Electrons for each photon that enters the telescope.
    pub fn response(&self, wavelength: f64) -> f64 {
        let (height, centre, width) = self.peak;
        let hill = (-0.5 * ((wavelength - centre) / width).powi(2)).exp();
        height * hill * (1.0 - 0.05 * (wavelength / 310.0).sin()) + 0.004
    }

    /// Loss that grating and slit have only together.
    pub fn grating_aperture(&self, wavelength: f64) -> f64 {
        1.0 - 0.02 * (self.place(wavelength) * std::f64::consts::PI).cos()
    }

    /// From 0 to 1 over the range.
    pub fn place(&self, wavelength: f64) -> f64 {
        (wavelength - self.range.0) / (self.range.1 - self.range.0)
    }

    /// Share of the light that is in the wings of the profile.
    pub fn wing(&self, wavelength: f64) -> f64 {
        0.10 + 0.06 * self.place(wavelength).clamp(0.0, 1.0)
    }

    /// Share of a star's light that falls below a height above its centre, rows.
    pub fn below(&self, rows: f64, wavelength: f64) -> f64 {
        /// Scales of the core and the wings, rows.
        const CORE: f64 = 0.95;
        const WING: f64 = 9.0;
        let core = 0.5 * (1.0 + (rows / CORE).tanh());
        let tail = 0.5 * (-rows.abs() / WING).exp();
        let wing = if rows < 0.0 { tail } else { 1.0 - tail };
        let share = self.wing(wavelength);
        (1.0 - share) * core + share * wing
    }

    /// Share of a star's light within so many rows.
    pub fn enclosed(&self, rows: f64, wavelength: f64) -> f64 {
        self.below(0.5 * rows, wavelength) - self.below(-0.5 * rows, wavelength)
    }

    /// Light within so many rows relative to that within the nominal seven.
    pub fn height_correction(&self, rows: f64, wavelength: f64) -> f64 {
        self.enclosed(rows, wavelength) / self.enclosed(NOMINAL_HEIGHT, wavelength)
    }
}

/// Rows in which a spectrum is extracted.
pub const NOMINAL_HEIGHT: f64 = 7.0;

/// How the sensitivity changed over the years: straight lines between dates, and with temperature.
#[derive(Debug, Clone)]
pub struct Ageing {
    /// Wavelengths.
    pub wavelength: Vec<f64>,
    /// Slopes in percent a year, and intercepts at the reference time: one set of wavelengths a date.
    pub slope: Vec<Vec<f64>>,
    /// See `slope`.
    pub intercept: Vec<Vec<f64>>,
}

impl Ageing {
    /// Dates from which the slopes hold, MJD.
    pub const DATES: [f64; 3] = [50_000.0, 52_200.0, 55_000.0];
    /// Date that intercepts are for, MJD.
    pub const REFERENCE: f64 = 50_500.0;
    /// Relative change of the sensitivity for each degree of housing temperature, and from which on.
    pub const TEMPERATURE: (f64, f64) = (3.0e-3, 19.0);
    /// Number of wavelengths.
    pub const NODES: usize = 24;

    /// Of a grating.
    pub fn of(spectrograph: &Spectrograph) -> Self {
        let (low, high) = (spectrograph.range.0 - 50.0, spectrograph.range.1 + 50.0);
        let wavelength = even(low, high, Self::NODES);
        let laws: [fn(f64) -> f64; 3] = [
            |u| -0.25 - 0.10 * (u / 900.0).cos(),
            |u| -0.05 + 0.03 * (u / 700.0).sin(),
            |u| -0.30 + 0.05 * (u / 1100.0).cos(),
        ];
        let along = |law: fn(f64) -> f64| -> Vec<f64> {
            wavelength.iter().map(|w| law(w - spectrograph.range.0)).collect()
        };
        let slope: Vec<Vec<f64>> = laws.into_iter().map(along).collect();
        let mut intercept = vec![vec![1.0; Self::NODES]];
        for (pair, date) in slope.windows(2).zip(&Self::DATES[1..]) {
            // What a line has gained at its end, the next one begins with.
            let years = (date - Self::REFERENCE) / 365.25;
            let before = intercept.last().cloned().unwrap_or_default();
            let joined = |((i, a), b): ((&f64, &f64), &f64)| i + years * (a - b) / 100.0;
            intercept.push(before.iter().zip(&pair[0]).zip(&pair[1]).map(joined).collect());
        }
        Self {
            wavelength,
            slope,
            intercept,
        }
    }

    /// Sensitivity relative to that of the reference time.
    pub fn factor(&self, wavelength: f64, mjd: f64, temperature_c: f64) -> f64 {
        let piece = Self::DATES
            .iter()
            .rposition(|&date| date <= mjd)
            .unwrap_or_default();
        let years = (mjd - Self::REFERENCE) / 365.25;
        let node = |n: usize| years * self.slope[piece][n] / 100.0 + self.intercept[piece][n];
        let step = self.wavelength[1] - self.wavelength[0];
        let at = ((wavelength - self.wavelength[0]) / step).clamp(0.0, (Self::NODES - 1) as f64);
        let before = (at as usize).min(Self::NODES - 2);
        let value = node(before) + (at - before as f64) * (node(before + 1) - node(before));
        value * (1.0 + Self::TEMPERATURE.0 * (temperature_c - Self::TEMPERATURE.1))
    }
}

/// So many numbers from `low` to `high`.
pub fn even(low: f64, high: f64, number: usize) -> Vec<f64> {
    let step = (high - low) / (number - 1) as f64;
    (0..number).map(|n| low + n as f64 * step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wavelength_solves_the_dispersion_relation() {
        for grating in Grating::ALL {
            let optics = Spectrograph::new(grating);
            let [a, b, c] = optics.coefficients(700.0);
            for column in [-40.0, 1.0, 512.5, 1060.0] {
                let w = optics.wavelength(column, 700.0, &LAMP_SLIT);
                assert!((a + b * w + c * w * w + SHIFT.0 - column).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn sensitivity_has_no_jumps_in_time() {
        let ageing = Ageing::of(&Spectrograph::new(Grating::G430L));
        for date in &Ageing::DATES[1..] {
            let [before, after] = [-1e-6, 1e-6].map(|d| ageing.factor(4000.0, date + d, 19.0));
            assert!((before - after).abs() < 1e-8, "{before} {after}");
        }
    }

    #[test]
    fn all_light_is_within_a_wide_box() {
        let optics = Spectrograph::new(Grating::G750L);
        assert!((optics.enclosed(600.0, 7000.0) - 1.0).abs() < 1e-12);
        assert!(optics.enclosed(7.0, 6000.0) < 0.95);
        assert_eq!(optics.height_correction(7.0, 6000.0), 1.0);
    }
}
