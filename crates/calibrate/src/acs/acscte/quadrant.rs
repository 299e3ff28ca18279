//! The pixels that one amplifier reads, column by column in the direction of transfer.

use crate::acs::Amplifier;
use firstlight_frame::Image;
use rayon::prelude::*;

/// Lines that are dealt with at once where rows and columns change places: a line of the cache.
const TILE: usize = 16;

/// The direction of a transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// Along a row, to the amplifier.
    Serial,
    /// Along a column, to the serial register.
    Parallel,
}

/// Where the pixels of one amplifier lie on an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Quadrant {
    /// The first column.
    pub x0: usize,
    pub nx: usize,
    pub ny: usize,
    /// Whether the amplifier is at the right.
    pub right: bool,
    /// Whether the register is at the top.
    pub top: bool,
}

impl Quadrant {
    /// Columns `x0..x0 + nx` of an image, read by `amplifier`.
    pub fn new(amplifier: Amplifier, x0: usize, nx: usize, ny: usize) -> Self {
        Self {
            x0,
            nx,
            ny,
            right: matches!(amplifier, Amplifier::B | Amplifier::D),
            top: matches!(amplifier, Amplifier::A | Amplifier::B),
        }
    }

    /// How many columns of packets there are, and how many packets in each.
    pub fn shape(&self, direction: Direction) -> (usize, usize) {
        match direction {
            Direction::Serial => (self.ny, self.nx),
            Direction::Parallel => (self.nx, self.ny),
        }
    }

    /// The image's row at a distance from the register.
    fn y(&self, distance: usize) -> usize {
        if self.top {
            self.ny - 1 - distance
        } else {
            distance
        }
    }

    /// The pixels as columns of packets, each from the register on. In the serial direction the column that is farthest
    /// from the parallel register comes first. What is not finite becomes 0.
    pub fn take(&self, image: &Image<f32>, direction: Direction) -> Vec<f32> {
        let (columns, rows) = self.shape(direction);
        let mut packets = vec![0.0; columns * rows];
        let finite = |sample: &f32| if sample.is_finite() { *sample } else { 0.0 };
        let of_row = |y: usize| &image.row(y)[self.x0..self.x0 + self.nx];
        match direction {
            Direction::Serial => {
                let all = packets.par_chunks_exact_mut(rows).enumerate();
                all.for_each(|(column, packets)| {
                    let row = of_row(self.y(columns - 1 - column));
                    packets
                        .iter_mut()
                        .zip(row)
                        .for_each(|(to, from)| *to = finite(from));
                    if self.right {
                        packets.reverse();
                    }
                });
            }
            Direction::Parallel => {
                let all = packets.par_chunks_mut(TILE * rows).enumerate();
                all.for_each(|(tile, packets)| {
                    let count = packets.len() / rows;
                    for distance in 0..rows {
                        let row = of_row(self.y(distance));
                        for within in 0..count {
                            let column = tile * TILE + within;
                            let x = if self.right { columns - 1 - column } else { column };
                            packets[within * rows + distance] = finite(&row[x]);
                        }
                    }
                });
            }
        }
        packets
    }

    /// Hands each image row of the quadrant, in SCI and ERR, to `apply` with what `packets` says of its pixels.
    pub fn apply(
        &self,
        packets: &[f32],
        direction: Direction,
        [sci, err]: [&mut Image<f32>; 2],
        apply: impl Fn(&mut [f32], &mut [f32], &[f32]) + Sync,
    ) {
        let (columns, rows) = self.shape(direction);
        let width = sci.nx();
        let place = self.x0..self.x0 + self.nx;
        let pixels = self.ny * width;
        let tiles = sci.as_mut_slice()[..pixels].par_chunks_mut(TILE * width);
        let tiles = tiles.zip(err.as_mut_slice()[..pixels].par_chunks_mut(TILE * width));
        tiles.enumerate().for_each(|(tile, (sci, err))| {
            let count = sci.len() / width;
            let mut of_rows = vec![0.0; count * self.nx];
            for within in 0..count {
                let distance = self.y(tile * TILE + within);
                let of_row = &mut of_rows[within * self.nx..(within + 1) * self.nx];
                if direction == Direction::Serial {
                    let column = columns - 1 - distance;
                    of_row.copy_from_slice(&packets[column * rows..(column + 1) * rows]);
                }
            }
            if direction == Direction::Parallel {
                for column in 0..columns {
                    let of_column = &packets[column * rows..(column + 1) * rows];
                    for within in 0..count {
                        of_rows[within * self.nx + column] = of_column[self.y(tile * TILE + within)];
                    }
                }
            }
            let of_rows = of_rows.chunks_exact_mut(self.nx);
            let images = sci.chunks_exact_mut(width).zip(err.chunks_exact_mut(width));
            for (of_row, (sci, err)) in of_rows.zip(images) {
                if self.right {
                    of_row.reverse();
                }
                apply(&mut sci[place.clone()], &mut err[place.clone()], of_row);
            }
        });
    }
}
