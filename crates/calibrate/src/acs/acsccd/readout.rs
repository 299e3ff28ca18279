//! Which amplifier reads which pixel.

use crate::acs::tables::ccdtab::CcdParameters;
use crate::acs::{Amplifier, Channel, Chip, Setup};
use crate::{Error, Result};

/// The amplifiers of a chip, and where their regions meet.
#[derive(Debug, Clone, PartialEq)]
pub struct Readout {
    /// The amplifiers that read the chip, in the order A to D.
    pub amplifiers: Vec<Amplifier>,
    /// CCDTAB of the chip.
    pub parameters: CcdParameters,
    /// The first column of the right amplifiers' regions, overscan included.
    boundary_x: usize,
    /// The first row of the upper amplifiers' regions, overscan included.
    boundary_y: usize,
    lower: [Amplifier; 2],
    upper: [Amplifier; 2],
}

impl Readout {
    /// Lays out the amplifiers of a chip by AMPX and AMPY, shifted by LTV1 and LTV2 where these are positive. One
    /// amplifier reads all of its chip, whatever AMPX.
    ///
    /// # Errors
    /// [`Error::NoAmplifier`] where CCDAMP names none that reads this chip, [`Error::NoGain`] where CCDTAB has no
    /// positive gain and readout noise for one that does.
    pub fn of(setup: &Setup, chip: &Chip, parameters: CcdParameters) -> Result<Self> {
        let amplifiers = setup.amplifiers(chip.number());
        let (Some(&first), Some(&last)) = (amplifiers.first(), amplifiers.last()) else {
            return Err(Error::NoAmplifier {
                chip: chip.number(),
                ccdamp: setup.ccdamp.clone(),
            });
        };
        for &amplifier in &amplifiers {
            let (gain, readnoise) = (parameters.gain(amplifier), parameters.readnoise(amplifier));
            let usable = gain > 0.0 && readnoise > 0.0 && gain.is_finite() && readnoise.is_finite();
            if !usable {
                return Err(Error::NoGain {
                    amplifier: amplifier.letter(),
                    gain,
                    readnoise,
                });
            }
        }
        let (ny, nx) = chip.shape()?;
        let ltv = chip.ltv();
        let (boundary_x, boundary_y) = match amplifiers.len() {
            1 => (nx, 0),
            _ => (
                boundary(parameters.ampx, ltv.0, nx),
                boundary(parameters.ampy, ltv.1, ny),
            ),
        };
        let (lower, upper) = match (setup.channel, amplifiers.len()) {
            (Channel::Hrc, 2..) => corners(&amplifiers, first),
            _ => ([first, last], [first, last]),
        };
        Ok(Self {
            amplifiers,
            parameters,
            boundary_x,
            boundary_y,
            lower,
            upper,
        })
    }

    /// Of row `y`: the column where the right amplifier's pixels begin, the left amplifier and the right one.
    pub fn row(&self, y: usize) -> (usize, Amplifier, Amplifier) {
        let [left, right] = if y < self.boundary_y {
            self.lower
        } else {
            self.upper
        };
        (self.boundary_x, left, right)
    }

    /// The first row of the upper amplifiers' regions, overscan included; 0 where there are none.
    pub(crate) fn first_upper_row(&self) -> usize {
        self.boundary_y
    }
}

/// Where the second amplifier's pixels begin on an axis of `length` pixels, overscan included.
fn boundary(start: usize, ltv: f64, length: usize) -> usize {
    if start == 0 {
        return 0;
    }
    let shifted = start as f64 + ltv.max(0.0).trunc();
    if shifted >= length as f64 - ltv || shifted > length as f64 {
        return length;
    }
    shifted as usize
}

/// The amplifiers at the lower and upper corners of HRC, left then right. One that does not read lends its corner to
/// the other one on its side, or else to its neighbour in the row.
fn corners(amplifiers: &[Amplifier], any: Amplifier) -> ([Amplifier; 2], [Amplifier; 2]) {
    use Amplifier::{A, B, C, D};
    let first_of = |order: [Amplifier; 4]| {
        let reading = order.into_iter().find(|corner| amplifiers.contains(corner));
        reading.unwrap_or(any)
    };
    (
        [first_of([C, A, D, B]), first_of([D, B, C, A])],
        [first_of([A, C, B, D]), first_of([B, D, A, C])],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_right_half_begins_behind_the_prescan_and_a_boundary_beyond_the_image_leaves_none() {
        assert_eq!(boundary(2048, 24.0, 4144), 2072);
        assert_eq!(boundary(0, 24.0, 4144), 0);
        assert_eq!(boundary(1046, -3072.0, 1046), 1046);
        assert_eq!(boundary(2072, 24.0, 2072), 2072);
    }

    #[test]
    fn diagonal_amplifiers_read_their_side() {
        use Amplifier::{A, B, C, D};
        assert_eq!(corners(&[B, C], B), ([C, B], [C, B]));
        assert_eq!(corners(&[A, D], A), ([A, D], [A, D]));
        assert_eq!(corners(&[A, B, C, D], A), ([C, D], [A, B]));
    }
}
