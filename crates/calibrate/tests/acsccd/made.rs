//! Frames of two chips.

use crate::ccd_frames::{Files, GAIN, Layout, amplifier, is_imaging};
use firstlight_calibrate::acs::Observation;
use firstlight_calibrate::acs::acsccd::{AcsccdOptions, AcsccdReport, acsccd};

pub fn run(observation: &mut Observation, files: &Files) -> AcsccdReport {
    acsccd(observation, &files.references, &AcsccdOptions::default()).unwrap()
}

pub fn both() -> [Layout; 2] {
    [Layout::lower(), Layout::upper()]
}

/// Electrons of the sky at a pixel of the readout.
pub fn sky(x: usize, y: usize) -> f32 {
    50.0 + ((x * 7 + y * 13) % 40) as f32
}

/// Structure of the bias, DN.
pub fn structure(x: usize, y: usize) -> f32 {
    ((x + 3 * y) % 5) as f32 * 0.25
}

/// DN of a chip of two amplifiers: level, structure and sky.
pub fn dn(chip: &Layout, x: usize, y: usize) -> f32 {
    let of = amplifier(chip, x);
    let level = 900.0 + 40.0 * of as f32;
    let electrons = if is_imaging(chip, x, y) { sky(x, y) } else { 0.0 };
    level + structure(x, y) + electrons / GAIN[of]
}

pub fn layout(number: i64) -> Layout {
    if number == 1 {
        Layout::upper()
    } else {
        Layout::lower()
    }
}
