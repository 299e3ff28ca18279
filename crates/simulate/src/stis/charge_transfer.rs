//! What a spectrum loses on its way to the amplifier: the published law of point sources on this CCD (Goudfrooij et al.
//! 2006, PASP 118, 1455; halo: Goudfrooij & Bohlin, STIS ISR 2006-03).

use super::detector::SIDE;

/// The law's numbers, as the table of the CCD names them.
pub const PARAMETERS: [(&str, f64); 9] = [
    ("CTINORM", NORM),
    ("CTIGPOWER", SIGNAL_POWER),
    ("CTIBGFAC", BACKGROUND_FACTOR),
    ("CTIBGPOWER", BACKGROUND_POWER),
    ("CTITIMFAC", GROWTH),
    ("CTIREFMJD", REFERENCE_MJD),
    ("SPURCHARGE", SPURIOUS_E),
    ("HALOFAC", HALO),
    ("HALOMINFRAC", LEAST_HALO),
];

const NORM: f64 = 0.0560;
const SIGNAL_POWER: f64 = 0.82;
const BACKGROUND_FACTOR: f64 = -3.00;
const BACKGROUND_POWER: f64 = 0.18;
const GROWTH: f64 = 0.205;
const REFERENCE_MJD: f64 = 51_765.25;
const SPURIOUS_E: f64 = 0.5;
/// Share of the wide wings that fills traps in the rows a red spectrum has still to pass.
pub const HALO: f64 = 0.06;
/// Wide wings that need no halo.
pub const LEAST_HALO: f64 = 0.06;

/// What goes into the law for one column of a spectrum, electrons of one exposure.
#[derive(Debug, Clone, Copy)]
pub struct Packet {
    /// In all rows of the spectrum, above the background.
    pub net_e: f64,
    /// In each pixel, dark current included.
    pub background_e: f64,
    /// Further electrons in each pixel that the halo fills traps with.
    pub halo_e: f64,
    /// Rows of the spectrum.
    pub height: f64,
    /// Its row, 1-based.
    pub row: f64,
}

/// Share of all charge in the spectrum's rows that arrives.
pub fn share(packet: &Packet, mjd: f64) -> f64 {
    let background = packet.background_e + SPURIOUS_E;
    let gross = packet.net_e + packet.height * background;
    let growth = 1.0 + GROWTH * (mjd - REFERENCE_MJD) / 365.25;
    let filled = ((background + packet.halo_e) / gross).powf(BACKGROUND_POWER);
    let loss = NORM * gross.powf(-SIGNAL_POWER) * growth * (BACKGROUND_FACTOR * filled).exp();
    (1.0 - loss).powf(SIDE as f64 - packet.row)
}
