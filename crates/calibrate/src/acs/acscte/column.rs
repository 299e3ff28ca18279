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
    /// The greatest packet of each block at the beginning of a pass; whole chunks of blocks.
    pub greatest: Vec<f64>,
    /// The greatest packets of each block as they are, each of every eighth packet.
    pub most: Vec<[f64; CHUNK]>,
    /// Of each chunk of blocks, those that a trail ran into in this pass.
    pub touched: Vec<u8>,
}

impl Column {
    /// Makes room for so many packets.
    pub fn resize(&mut self, rows: usize) {
        let blocks = rows.div_ceil(BLOCK);
        let least = f64::NEG_INFINITY;
        self.packets.clear();
        self.packets.resize(blocks * BLOCK, least);
        self.greatest.clear();
        self.greatest.resize(blocks.next_multiple_of(CHUNK), least);
        self.most.clear();
        self.most.resize(blocks, [least; CHUNK]);
        self.touched.clear();
        self.touched.resize(blocks.div_ceil(CHUNK), 0);
    }
}

/// How strongly the traps of each pixel of a column act, as a share of what a table says.
#[derive(Debug, Default)]
pub(super) struct Weights {
    /// That of pixel `i` is at `i + LEAD`; what is before repeats the first, what is behind the last.
    led: Vec<f64>,
    /// Of each block, in which of its chunks a weight is less than the one before.
    falls: Vec<u8>,
}

/// Weights before that of the first packet.
pub(super) const LEAD: usize = CHUNK;

impl Weights {
    /// Takes over the weights of a column.
    pub fn set(&mut self, weights: &[f32]) {
        let blocks = weights.len().div_ceil(BLOCK);
        let [first, last] = [weights.first(), weights.last()].map(|w| w.map_or(0.0, |w| f64::from(*w)));
        self.led.clear();
        self.led.resize(LEAD, first);
        self.led.extend(weights.iter().map(|weight| f64::from(*weight)));
        self.led.resize(LEAD + blocks * BLOCK, last);
        self.falls.clear();
        self.falls.resize(blocks, 0);
        let before = self.led[LEAD - 1..].iter();
        for (row, (here, before)) in self.led[LEAD..].iter().zip(before).enumerate() {
            self.falls[row / BLOCK] |= u8::from(here < before) << (row % BLOCK / CHUNK);
        }
    }

    /// Those of a block, after [`LEAD`] that come before; and in which of its chunks they fall.
    #[inline(always)]
    pub fn of_block(&self, block: usize) -> (&[f64], u8) {
        (
            &self.led[block * BLOCK..LEAD + (block + 1) * BLOCK],
            self.falls[block],
        )
    }
}
