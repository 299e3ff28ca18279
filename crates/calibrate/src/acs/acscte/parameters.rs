//! What a PCTETAB says of one direction of transfer, with what an image's header says instead.

use super::traps::Traps;

/// Rows between two of the scales of a column.
const ROWS_PER_SCALE: f64 = 512.0;
/// The last place that is interpolated at: short of the fourth scale.
const LAST_PLACE: f64 = 2.999;
/// Transfers of a whole chip, which a table's amounts are quoted for.
pub(super) const TRANSFERS: f64 = 2048.0;

/// Parameters of the correction in one direction.
#[derive(Debug, Clone, PartialEq)]
pub struct CteParameters {
    /// The traps.
    pub traps: Traps,
    /// SENS_0512, SENS_1024, SENS_1536 and SENS_2048 by IZ; 0 where the table has no such column.
    pub scales: Vec<[f64; 4]>,
    /// CTEDATE0: when the detector came to space, MJD.
    pub date0_mjd: f64,
    /// CTEDATE1: the date that the amounts are quoted for, MJD.
    pub date1_mjd: f64,
    /// PCTEFRAC: how many of the traps there were at the time of the exposure.
    pub fraction: f64,
    /// PCTENFOR: how often the readout is simulated.
    pub iterations: usize,
    /// FIXROCR: whether trails of cosmic rays that hit during the readout are told from others.
    pub fix_cosmic_rays: bool,
    /// PCTETRSH: a pixel below this is over-subtracted, e.
    pub threshold_e: f64,
}

impl CteParameters {
    /// How strongly traps act on the pixels of column `index`, counted by IZ. The scale of the column is interpolated
    /// between rows and grows with the number of transfers.
    pub fn weights(&self, index: usize, weights: &mut [f32]) {
        let Some(scales) = self.scales.get(index) else {
            weights.fill(0.0);
            return;
        };
        for (row, weight) in weights.iter_mut().enumerate() {
            let place = (row as f64 / ROWS_PER_SCALE).min(LAST_PLACE);
            let below = place as usize;
            let scale = scales[below] + (scales[below + 1] - scales[below]) * (place - below as f64);
            let transfers = (row + 1) as f64 / TRANSFERS;
            *weight = (scale * transfers * self.fraction) as f32;
        }
    }
}
