//! The three detectors and their electronics, before and after Servicing Mission 4.

use serde::{Deserialize, Serialize};

/// A detector of ACS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum Detector {
    /// Wide Field Channel: two CCDs of 4096 by 2048 pixels.
    #[default]
    Wfc,
    /// High Resolution Channel: a CCD of 1024 by 1024 pixels.
    Hrc,
    /// Solar Blind Channel: a MAMA of 1024 by 1024 pixels, which counts photons.
    Sbc,
}

/// Which electronics read the CCDs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum Era {
    /// The first ones, in March 2006.
    #[default]
    BeforeSm4,
    /// Those of Servicing Mission 4, in November 2016: bias shift, cross talk, stripes, and CTE losses of 14 years.
    AfterSm4,
}

/// A read-out amplifier: A and B sit at the top of a detector, C and D at its bottom; A and C at the left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Amplifier {
    A,
    B,
    C,
    D,
}

impl Amplifier {
    /// All, in order.
    pub const ALL: [Amplifier; 4] = [Amplifier::A, Amplifier::B, Amplifier::C, Amplifier::D];

    /// Its letter.
    pub fn letter(self) -> char {
        ['A', 'B', 'C', 'D'][self.index()]
    }

    /// 0 for A … 3 for D.
    pub fn index(self) -> usize {
        self as usize
    }

    /// Whether it sits at the right-hand side.
    pub fn is_right(self) -> bool {
        matches!(self, Amplifier::B | Amplifier::D)
    }

    /// Whether it sits at the top.
    pub fn is_top(self) -> bool {
        matches!(self, Amplifier::A | Amplifier::B)
    }
}

impl Detector {
    /// As in `DETECTOR`.
    pub fn name(self) -> &'static str {
        match self {
            Detector::Wfc => "WFC",
            Detector::Hrc => "HRC",
            Detector::Sbc => "SBC",
        }
    }

    /// Shape `(ny, nx)` of one chip's imaging area.
    pub fn chip_shape(self) -> (usize, usize) {
        match self {
            Detector::Wfc => (2048, 4096),
            Detector::Hrc | Detector::Sbc => (1024, 1024),
        }
    }

    /// Side of a pixel of silicon, µm.
    pub fn pixel_um(self) -> f64 {
        match self {
            Detector::Wfc => 15.0,
            Detector::Hrc | Detector::Sbc => 21.0,
        }
    }

    /// Side of a pixel on the sky, arcsec.
    pub fn scale_arcsec(self) -> f64 {
        match self {
            Detector::Wfc => 0.05,
            Detector::Hrc => 0.025,
            Detector::Sbc => 0.03,
        }
    }

    /// `FILTER1` and `FILTER2` of the simulated exposures.
    pub fn filters(self) -> (&'static str, &'static str) {
        match self {
            Detector::Wfc => ("F606W", "CLEAR2L"),
            Detector::Hrc => ("F555W", "CLEAR2S"),
            Detector::Sbc => ("F150LP", "N/A"),
        }
    }
}

impl Era {
    /// Start of the first exposure, Modified Julian Date.
    pub fn start_mjd(self) -> f64 {
        match self {
            Era::BeforeSm4 => 53_811.312_5,
            Era::AfterSm4 => 57_700.187_5,
        }
    }

    /// `PA_V3`, degrees.
    pub fn pa_v3_deg(self) -> f64 {
        match self {
            Era::BeforeSm4 => 41.0,
            Era::AfterSm4 => 83.0,
        }
    }

    /// One digit for file names.
    pub fn digit(self) -> char {
        match self {
            Era::BeforeSm4 => '1',
            Era::AfterSm4 => '2',
        }
    }
}

/// What one amplifier does to charge.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Electronics {
    /// Electrons per DN.
    pub gain_e_per_dn: f64,
    /// Read noise, electrons.
    pub readnoise_e: f64,
    /// Level of no charge, DN.
    pub bias_dn: f64,
    /// How the level drifts while the chip is read: DN per row.
    pub drift_dn_per_row: f64,
    /// Time constant of the bias level's answer to signal, ms; see [`super::readout`].
    pub shift_time_ms: f64,
    /// Share of the answer that comes through; 0 where there is no such answer.
    pub shift_sensitivity: f64,
}

/// Electronics of all four amplifiers at a commanded gain. The gains and noises are near those of the handbook of
/// either era; time constants and sensitivities of the bias shift are those of Golimowski et al., ISR ACS 2012-02.
pub fn electronics(detector: Detector, era: Era, gain: u8) -> [Electronics; 4] {
    let table: [(f64, f64, f64, f64); 4] = match (detector, era) {
        (Detector::Wfc, Era::BeforeSm4) => [
            (1.004, 5.32, 2541.0, 4.1e-4),
            (0.982, 5.11, 2497.0, -2.6e-4),
            (1.018, 5.44, 2469.0, 6.3e-4),
            (1.009, 5.06, 2507.0, -5.2e-4),
        ],
        (Detector::Wfc, Era::AfterSm4) => [
            (1.012, 4.31, 2256.0, 0.0),
            (0.945, 3.79, 2244.0, 0.0),
            (1.006, 4.12, 2361.0, 0.0),
            (1.003, 4.87, 2305.0, 0.0),
        ],
        _ => [
            (1.101, 4.62, 2312.0, 3.0e-4),
            (1.108, 4.71, 2228.0, -2.0e-4),
            (1.113, 4.74, 2154.0, 5.0e-4),
            (1.119, 4.93, 2039.0, -4.0e-4),
        ],
    };
    let shift: [(f64, f64); 4] = [
        (37.290_251, 2.918_891_9e-3),
        (36.180_001, 10.805_754e-3),
        (37.867_770, 12.432_145e-3),
        (42.461_249, 3.859_625_3e-3),
    ];
    let shifts = detector == Detector::Wfc && era == Era::AfterSm4;
    Amplifier::ALL.map(|amplifier| {
        let (gain_of_one, readnoise_e, bias_dn, drift_dn_per_row) = table[amplifier.index()];
        let (shift_time_ms, sensitivity) = shift[amplifier.index()];
        Electronics {
            gain_e_per_dn: gain_of_one * f64::from(gain),
            readnoise_e,
            bias_dn,
            drift_dn_per_row,
            shift_time_ms,
            shift_sensitivity: if shifts { sensitivity } else { 0.0 },
        }
    })
}
