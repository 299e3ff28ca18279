//! How a row of a chip is compared with the blotted image.

use crate::bit_mask::packed;

/// How rows are compared.
#[derive(Debug, Clone, Copy)]
pub(super) struct Comparison {
    pub(super) noise: Noise,
    pub(super) looks: [Look; 2],
}

impl Comparison {
    /// Finds which pixels of a row are over the limits of either look.
    pub(super) fn row(
        &self,
        (y, sci): (usize, &[f32]),
        blot: &Blotted,
        derivative: &mut Vec<f32>,
        (first, second): (&mut [u64], &mut [u64]),
    ) {
        pulp::Arch::new().dispatch(
            #[inline(always)]
            || {
                blot.derivative(y, self.noise.conversion, derivative);
                let words = first.iter_mut().zip(second);
                let pixels = sci
                    .chunks(64)
                    .zip(blot.row(y).chunks(64))
                    .zip(derivative.chunks(64));
                for (((sci, blot), derivative), (first, second)) in pixels.zip(words) {
                    (*first, *second) = self.noise.suspicious(sci, blot, derivative, self.looks);
                }
            },
        );
    }
}

/// What pixels are compared with. Single precision throughout, as drizzlepac has it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Noise {
    pub(super) conversion: f32,
    pub(super) gain: f32,
    pub(super) sky: f32,
    pub(super) readnoise_squared: f32,
}

/// The numbers of one pass.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    pub(super) scale: f32,
    pub(super) snr: f32,
}

impl Noise {
    /// Which of up to 64 pixels are over the limits of either look.
    #[inline(always)]
    fn suspicious(&self, sci: &[f32], blot: &[f32], derivative: &[f32], looks: [Look; 2]) -> (u64, u64) {
        let (mut first, mut second) = ([false; 64], [false; 64]);
        let [a, b] = looks;
        let mut any = false;
        let flags = first.iter_mut().zip(&mut second);
        for (((sci, blot), derivative), (first, second)) in sci.iter().zip(blot).zip(derivative).zip(flags) {
            let blot = blot * self.conversion;
            let difference = (sci * self.conversion - blot).abs();
            let noise = (self.gain * (blot + self.sky).abs() + self.readnoise_squared).sqrt();
            // What is no number is not within either.
            let within = |look: Look| difference <= look.scale * derivative + look.snr * noise / self.gain;
            (*first, *second) = (!within(a), !within(b));
            any |= *first | *second;
        }
        if any {
            (packed(&first), packed(&second))
        } else {
            (0, 0)
        }
    }
}

/// Rows of the blotted image, from row `first` on.
pub(super) struct Blotted<'a> {
    pub(super) rows: &'a [f32],
    pub(super) first: usize,
    pub(super) shape: (usize, usize),
}

impl Blotted<'_> {
    fn row(&self, y: usize) -> &[f32] {
        let nx = self.shape.1;
        let start = y.saturating_sub(self.first) * nx;
        self.rows.get(start..start + nx).unwrap_or(&[])
    }

    /// The largest difference between each pixel of a row and its four neighbours, in electrons.
    ///
    /// As in quickDeriv neighbours count as 0 where they are outside the image, and also to the left and right in the
    /// last row, to the right of the last column but one, below and above in the last column, below in the last row
    /// and above in the last row but one. NaN next to a value that is not finite.
    #[inline(always)]
    fn derivative(&self, y: usize, conversion: f32, out: &mut Vec<f32>) {
        let (ny, nx) = self.shape;
        out.clear();
        out.resize(nx, 0.0);
        let here = self.row(y);
        let last = y + 1 >= ny;
        let below = if y >= 1 && !last { self.row(y - 1) } else { &[] };
        let above = if y + 2 < ny { self.row(y + 1) } else { &[] };
        let sides = if last { &[][..] } else { here };
        let neighbour = |row: &[f32], x: usize| row.get(x).copied().unwrap_or(0.0) * conversion;
        let edge = |x: usize| {
            let left = if x >= 1 && x + 1 < nx {
                neighbour(sides, x - 1)
            } else {
                0.0
            };
            let right = if x + 2 < nx { neighbour(sides, x + 1) } else { 0.0 };
            let (below, above) = if x + 1 < nx {
                (neighbour(below, x), neighbour(above, x))
            } else {
                (0.0, 0.0)
            };
            largest_difference(neighbour(here, x), [left, right, below, above])
        };
        if below.is_empty() || above.is_empty() || nx < 4 {
            for (x, out) in out.iter_mut().enumerate() {
                *out = edge(x);
            }
            return;
        }
        let inner = here.windows(3).zip(&below[1..]).zip(&above[1..]).take(nx - 3);
        for (out, ((here, below), above)) in out[1..].iter_mut().zip(inner) {
            let neighbours = [here[0], here[2], *below, *above].map(|value| value * conversion);
            *out = largest_difference(here[1] * conversion, neighbours);
        }
        for x in [0, nx - 2, nx - 1] {
            out[x] = edge(x);
        }
    }
}

/// NaN where a neighbour is not finite.
#[inline(always)]
fn largest_difference(here: f32, neighbours: [f32; 4]) -> f32 {
    let differences = neighbours.map(|value| (here - value).abs());
    let larger = |a: f32, b: f32| if a > b { a } else { b };
    let [left, right, below, above] = differences;
    let largest = larger(larger(left, right), larger(below, above));
    // 0 unless one of them is infinite or NaN.
    largest + ((left + right) + (below + above)) * 0.0
}
