//! The structure of the bias: what a read-out of no charge looks like about its level, by amplifier.

use super::camera::{Amplifier, Detector};
use super::silicon::HotColumn;
use crate::streams::{Purpose, Streams};

/// The structure in one amplifier's read-out.
#[derive(Debug, Clone)]
pub struct BiasStructure {
    amplifier: Amplifier,
    place: u64,
    streams: Streams,
    columns: Vec<HotColumn>,
}

/// Columns with a greater excess than this are flagged, DN.
const FLAGGED_DN: f32 = 25.0;

impl BiasStructure {
    pub fn new(detector: Detector, amplifier: Amplifier, streams: Streams) -> Self {
        let place = 16 + 4 * (detector as u64) + amplifier.index() as u64;
        let mut random = streams.of(Purpose::Columns, place, 0, 0);
        let (rows, columns) = detector.chip_shape();
        let (count, columns) = if detector == Detector::Wfc {
            (24, columns / 2)
        } else {
            (10, columns)
        };
        let columns = (0..count).map(|_| HotColumn {
            column: (random.uniform() * columns as f64) as usize,
            row: (random.uniform() * rows as f64) as usize,
            excess_dn: (4.0 * (1.0 - random.uniform()).powf(-1.0)).min(150.0) as f32,
        });
        Self {
            amplifier,
            place,
            streams,
            columns: columns.collect(),
        }
    }

    /// The amplifier.
    pub fn amplifier(&self) -> Amplifier {
        self.amplifier
    }

    /// Hot columns that the bad pixel table has.
    pub fn flagged(&self) -> impl Iterator<Item = &HotColumn> {
        self.columns.iter().filter(|column| column.excess_dn > FLAGGED_DN)
    }

    /// Structure of the row that is read `j`-th, DN: a start-up ramp, a glow that grows towards the far corner, a
    /// fixed pattern of 0.4 DN, and hot columns. `prescan` columns are read first.
    pub fn row(&self, j: usize, prescan: usize, columns: usize) -> Vec<f32> {
        let mut random = self.streams.of(Purpose::BiasPattern, self.place, 0, j);
        let glow = 1.1 * (j as f32 / 2048.0).powi(2);
        let first = 24_usize.saturating_sub(prescan);
        for _ in 0..2 * first {
            random.bits();
        }
        let pixel = |i: usize| {
            let i = (i + first) as f32;
            let ramp = 5.0 * (-i / 2.0).exp() + 1.2 * (-i / 9.0).exp();
            ramp + glow + 0.7 * i / 2072.0 + 0.4 * random.normal() as f32
        };
        let mut row: Vec<f32> = (0..columns).map(pixel).collect();
        for column in self.columns.iter().filter(|column| j >= column.row) {
            if let Some(pixel) = row.get_mut(prescan + column.column) {
                *pixel += column.excess_dn;
            }
        }
        row
    }
}
