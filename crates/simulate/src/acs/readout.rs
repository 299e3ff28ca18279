//! From charge to numbers: cross talk, stripes, bias shift, the level and its structure, read noise, and the
//! analogue-to-digital converter.
//!
//! After SM4 the level of an amplifier follows the signal a little: its mean, over some 37 ms and reduced to 0.3,
//! leaks into what is read, and so does its change from one pixel to the next in the 10 of 22 µs in which a pixel is
//! sampled (Golimowski et al., ISR ACS 2012-02).

use super::bias::BiasStructure;
use super::camera::Electronics;
use super::geometry::{Region, Section};
use crate::streams::{Purpose, Streams};
use rayon::prelude::*;

/// Share of a pixel's signal that is missing from its mirror image.
const CROSS_TALK: f64 = 9.1e-5;
/// Time of a pixel, µs, and its part in which it is sampled.
const PIXEL_US: f64 = 22.0;
/// See [`PIXEL_US`].
const SAMPLED: f64 = 10.0 / 22.0;
/// Time of a parallel transfer, in pixels.
pub const ROW_GAP: usize = 146;
/// What of the signal's mean the level follows.
const FOLLOWED: f64 = 0.3;

/// How one imset is read.
#[derive(Debug)]
pub struct Readout<'a> {
    pub section: &'a Section,
    pub electronics: [Electronics; 4],
    /// Structure of each region.
    pub structures: &'a [BiasStructure],
    /// Electrons that the reference voltage adds at the beginning of each row, for all amplifiers alike; empty before
    /// SM4.
    pub stripes: &'a [f64],
    /// Whether amplifiers hear each other.
    pub cross_talk: bool,
    pub streams: Streams,
    /// Number of the exposure.
    pub exposure: u64,
}

impl Readout<'_> {
    /// What is stored, for the charge in each raw pixel, electrons.
    pub fn digitise(&self, charge: &[f32]) -> Vec<u16> {
        let (ny, nx) = self.section.raw_shape();
        let regions = &self.section.regions;
        let voltages: Vec<Vec<f64>> = regions.par_iter().map(|r| self.voltages(charge, r)).collect();
        let mut stored = vec![0; ny * nx];
        stored.par_chunks_mut(nx).enumerate().for_each(|(row, line)| {
            let j = self.section.raw_row(row);
            for ((region, structure), voltages) in regions.iter().zip(self.structures).zip(&voltages) {
                let electronics = self.electronics[region.amplifier.index()];
                let place = region.amplifier.index() as u64;
                let mut random = self.streams.of(Purpose::ReadNoise, place, self.exposure, j);
                let drift = electronics.drift_dn_per_row * j as f64;
                let pattern = structure.row(j, region.prescan, region.columns);
                let voltages = &voltages[j * region.columns..][..region.columns];
                for (i, (voltage, structure)) in voltages.iter().zip(pattern).enumerate() {
                    let noisy = voltage + electronics.readnoise_e * random.normal();
                    let dn = noisy / electronics.gain_e_per_dn + drift + f64::from(structure);
                    line[region.raw_column(i)] = (dn + 0.5).floor().clamp(0.0, 65_535.0) as u16;
                }
            }
        });
        stored
    }

    /// Electrons above nought of each pixel in the order of read-out, the level included, noise not.
    fn voltages(&self, charge: &[f32], region: &Region) -> Vec<f64> {
        let (ny, nx) = self.section.raw_shape();
        let electronics = self.electronics[region.amplifier.index()];
        let level = electronics.bias_dn * electronics.gain_e_per_dn;
        let period = (region.columns + ROW_GAP) as f64;
        let mut voltages = Vec::with_capacity(ny * region.columns);
        for j in 0..ny {
            let line = &charge[self.section.raw_row(j) * nx..][..nx];
            voltages.extend((0..region.columns).map(|i| {
                let column = region.raw_column(i);
                let mut signal = f64::from(line[column]);
                if self.cross_talk {
                    signal -= CROSS_TALK * f64::from(line[nx - 1 - column]);
                }
                level + signal + self.stripe(j as f64 + (i as f64 - 11.5) / period)
            }));
        }
        if electronics.shift_sensitivity != 0.0 {
            shift(&mut voltages, region.columns, level, &electronics);
        }
        voltages
    }

    /// The reference voltage at a time in rows.
    fn stripe(&self, time: f64) -> f64 {
        let time = time.max(0.0);
        let below = time as usize;
        match self.stripes.get(below..below + 2) {
            Some(&[now, next]) => now + (next - now) * (time - below as f64),
            _ => 0.0,
        }
    }
}

/// Adds what the level's answer to the signal leaves in each pixel. What is read drives the level in turn, so that
/// each pixel's reading is the solution of an equation.
fn shift(voltages: &mut [f64], columns: usize, level: f64, electronics: &Electronics) {
    let weight = 1.0 - (-PIXEL_US / (1000.0 * electronics.shift_time_ms)).exp();
    let leak = electronics.shift_sensitivity + SAMPLED;
    // Between rows, and long before the first, what is read is the level with its own answer.
    let idle = level / (1.0 - FOLLOWED * electronics.shift_sensitivity);
    let mut answer = FOLLOWED * idle;
    for row in voltages.chunks_mut(columns) {
        for voltage in row {
            let carried = (1.0 - weight) * answer;
            *voltage = (*voltage + leak * carried - SAMPLED * answer) / (1.0 - leak * FOLLOWED * weight);
            answer = FOLLOWED * weight * *voltage + carried;
        }
        let resting = FOLLOWED * idle;
        answer = resting + (answer - resting) * (1.0 - weight).powi(ROW_GAP as i32);
    }
}

/// 1/f noise of the reference voltage at the beginning of each of `rows` rows, electrons: processes that forget
/// within 1 to 243 rows, all of one strength.
pub fn stripes(rows: usize, streams: Streams, exposure: u64) -> Vec<f64> {
    const STRENGTH_E: f64 = 0.36;
    let mut random = streams.of(Purpose::Stripes, 0, exposure, 0);
    let memories = [1.0, 3.0, 9.0, 27.0, 81.0, 243.0].map(|rows: f64| (-1.0 / rows).exp());
    let mut states = memories.map(|_| STRENGTH_E * random.normal());
    (0..rows)
        .map(|_| {
            for (state, memory) in states.iter_mut().zip(memories) {
                *state = memory * *state + STRENGTH_E * (1.0 - memory * memory).sqrt() * random.normal();
            }
            states.iter().sum()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::camera::{Amplifier, Detector, Era, electronics};
    use super::super::geometry::{Subarray, sections};
    use super::*;

    fn read(charge: impl Fn(usize, usize) -> f32, era: Era, subarray: Subarray) -> (Section, Vec<u16>) {
        let section = sections(Detector::Wfc, Some(subarray)).remove(0);
        let streams = Streams::new(3);
        let structures: Vec<BiasStructure> = section
            .regions
            .iter()
            .map(|region| BiasStructure::new(Detector::Wfc, region.amplifier, streams))
            .collect();
        let (ny, nx) = section.raw_shape();
        let image: Vec<f32> = (0..ny * nx).map(|i| charge(i % nx, i / nx)).collect();
        let stored = Readout {
            section: &section,
            electronics: electronics(Detector::Wfc, era, 2),
            structures: &structures,
            stripes: &[],
            cross_talk: false,
            streams,
            exposure: 0,
        }
        .digitise(&image);
        (section, stored)
    }

    #[test]
    fn gain_level_and_converter() {
        let of = |x: usize, y: usize| match (x, y) {
            (500, 500) => 1.0e6,
            (600, 600) => 20_000.0,
            _ => 0.0,
        };
        let (section, stored) = read(of, Era::BeforeSm4, Subarray::Chip1Side1k);
        let nx = section.raw_shape().1;
        let amplifier = electronics(Detector::Wfc, Era::BeforeSm4, 2)[Amplifier::B.index()];
        assert_eq!(stored[500 * nx + 500], 65_535);
        let dn = f64::from(stored[600 * nx + 600]) - amplifier.bias_dn;
        assert!((dn - 20_000.0 / amplifier.gain_e_per_dn).abs() < 20.0, "{dn}");
        let row: f64 = (100..900).map(|x| f64::from(stored[300 * nx + x])).sum();
        assert!((row / 800.0 - amplifier.bias_dn).abs() < 3.0, "{row}");
    }

    /// Bright rows lift the level of those that follow, by the sensitivity times 0.3 of the mean signal at most.
    #[test]
    fn the_level_follows_the_signal() {
        let bright = |x: usize, y: usize| {
            if x >= 24 && (400..900).contains(&y) {
                5000.0
            } else {
                0.0
            }
        };
        let (section, lit) = read(bright, Era::AfterSm4, Subarray::C2k);
        let (_, dark) = read(|_, _| 0.0, Era::AfterSm4, Subarray::C2k);
        let nx = section.raw_shape().1;
        // The prescan sees nothing but the level, a row's end ago.
        let rise = |row: usize| {
            let of = |image: &[u16]| {
                let prescan = &image[row * nx..][..section.prescan.0];
                prescan.iter().map(|&v| f64::from(v)).sum::<f64>()
            };
            (of(&lit) - of(&dark)) / section.prescan.0 as f64
        };
        let full = 12.432_145e-3 * 0.3 * 5000.0 / 2.012;
        assert!(rise(399).abs() < 0.1, "{}", rise(399));
        let risen = rise(890);
        assert!(risen > 0.7 * full && risen < 1.05 * full, "{risen} of {full}");
        assert!(rise(910).abs() < 0.1, "{}", rise(910));
    }

    #[test]
    fn stripes_are_correlated_from_row_to_row() {
        let stripes = stripes(4000, Streams::new(8), 2);
        let mean = stripes.iter().sum::<f64>() / 4000.0;
        let variance = stripes.iter().map(|s| (s - mean).powi(2)).sum::<f64>() / 4000.0;
        let steps = stripes.windows(2).map(|s| (s[1] - s[0]).powi(2)).sum::<f64>() / 3999.0;
        assert!((0.4..1.6).contains(&variance), "{variance}");
        assert!(steps < 1.2 * variance, "{steps} {variance}");
    }
}
