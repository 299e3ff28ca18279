//! A column of packets on its way to the register, and how strongly the traps act on it.

/// Packets of a block.
pub(super) const BLOCK: usize = 64;
/// Packets that are dealt with at once.
pub(super) const CHUNK: usize = 8;

/// One column as it is read out: packets in the order of their distance from the register, e.
#[derive(Debug, Default)]
pub(super) struct Column {
    /// Whole blocks; what is behind the last packet lies below every level.
    pub packets: Vec<f64>,
    /// The greatest packet of each block; whole chunks of blocks.
    pub greatest: Vec<f64>,
}

impl Column {
    /// Makes room for so many packets.
    pub fn resize(&mut self, rows: usize) {
        let blocks = rows.div_ceil(BLOCK);
        self.packets.clear();
        self.packets.resize(blocks * BLOCK, f64::NEG_INFINITY);
        self.greatest.clear();
        self.greatest
            .resize(blocks.next_multiple_of(CHUNK), f64::NEG_INFINITY);
    }
}

/// How strongly the traps of each pixel of a column act, as a share of what a table says.
#[derive(Debug, Default)]
pub(super) struct Weights {
    /// The weight of the pixel before, and so on: that of pixel `i` is at `i + 1`.
    shifted: Vec<f64>,
    /// Of each block, in which of its chunks a weight is less than the one before.
    falls: Vec<u8>,
}

impl Weights {
    /// Takes over the weights of a column.
    pub fn set(&mut self, weights: &[f32]) {
        let rows = weights.len();
        let blocks = rows.div_ceil(BLOCK);
        self.shifted.clear();
        self.shifted
            .extend(weights.first().into_iter().chain(weights).map(|w| f64::from(*w)));
        let last = self.shifted.last().copied().unwrap_or_default();
        self.shifted.resize(blocks * BLOCK + 1, last);
        self.falls.clear();
        self.falls.resize(blocks, 0);
        for (row, pair) in self.shifted.windows(2).enumerate() {
            if pair[1] < pair[0] {
                self.falls[row / BLOCK] |= 1 << (row % BLOCK / CHUNK);
            }
        }
    }

    /// Those of a block, after that of the pixel before it; and in which of its chunks they fall.
    #[inline(always)]
    pub fn of_block(&self, block: usize) -> (&[f64], u8) {
        (
            &self.shifted[block * BLOCK..(block + 1) * BLOCK + 1],
            self.falls[block],
        )
    }
}
