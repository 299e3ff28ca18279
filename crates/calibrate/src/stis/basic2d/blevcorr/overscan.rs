//! Where the overscan of a readout lies.

use crate::acs::Amplifier;
use crate::stis::Setup;
use std::ops::{Range, RangeInclusive};

/// Pixels on a side of the detector.
const DETECTOR: usize = 1024;
/// Columns of overscan at each end of a line.
const SERIAL: usize = 19;
/// Lines of overscan of a whole frame.
const VIRTUAL: usize = 20;

/// The overscan of one readout, 0-based.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overscan {
    /// Columns to cut off at the left and right.
    pub trim_x: [usize; 2],
    /// Lines to cut off at the bottom and top.
    pub trim_y: [usize; 2],
    /// Columns in which the bias level is measured.
    pub section: RangeInclusive<usize>,
    /// Lines in which its drift along lines is measured; empty in subarrays.
    pub virtual_lines: Range<usize>,
}

impl Overscan {
    /// That of an image of shape `(ny, nx)`; None where it is too small to have any, or its binning is unknown. Whole
    /// frames have 19 columns at both ends of a line and 20 lines, subarrays 18 columns; in binned frames pixels that
    /// are partly overscan count as that. Amplifiers B and D read from the right, C and D from the top, where A reads
    /// from the left and bottom.
    pub fn of(setup: &Setup, (ny, nx): (usize, usize)) -> Option<Self> {
        let (left, right, top, section) = by_amplifier_a(setup.binaxis, (ny, nx))?;
        let from_right = matches!(setup.amplifier, Amplifier::B | Amplifier::D);
        let from_top = matches!(setup.amplifier, Amplifier::C | Amplifier::D);
        if *section.end() >= nx || left + right >= nx || top >= ny {
            return None;
        }
        Some(Self {
            trim_x: if from_right { [right, left] } else { [left, right] },
            trim_y: if from_top { [top, 0] } else { [0, top] },
            section: match from_right {
                true => nx - 1 - section.end()..=nx - 1 - section.start(),
                false => section,
            },
            virtual_lines: if from_top { 0..top } else { ny - top..ny },
        })
    }

    /// The lines of the imaging area among `ny`.
    pub fn rows(&self, ny: usize) -> Range<usize> {
        self.trim_y[0]..ny - self.trim_y[1]
    }

    /// The columns of the imaging area among `nx`.
    pub fn columns(&self, nx: usize) -> Range<usize> {
        self.trim_x[0]..nx - self.trim_x[1]
    }
}

type Widths = (usize, usize, usize, RangeInclusive<usize>);

/// Columns at the left and right, lines at the top, and the section, as amplifier A reads.
fn by_amplifier_a(binaxis: (i64, i64), (ny, nx): (usize, usize)) -> Option<Widths> {
    let known = |bin: i64| matches!(bin, 1 | 2 | 4).then_some(bin as usize);
    let (bin_x, bin_y) = (known(binaxis.0)?, known(binaxis.1)?);
    if (bin_x, bin_y) != (1, 1) {
        let (left, width) = match bin_x {
            1 => (SERIAL, DETECTOR),
            _ => ((SERIAL + 1) / bin_x, DETECTOR / bin_x - 1),
        };
        let section = match bin_x {
            1 => 1046..=1052,
            2 => 524..=530,
            _ => 263..=269,
        };
        let right = nx.checked_sub(width)?.checked_sub(left)?;
        return Some((left, right, ny.checked_sub(DETECTOR / bin_y)?, section));
    }
    let is_whole = ny > DETECTOR;
    let (serial, lines, last) = match is_whole {
        true => (SERIAL, VIRTUAL, 1060),
        false => (SERIAL - 1, 0, 1059),
    };
    let wide_enough = nx >= DETECTOR + 2 * serial;
    let high_enough = !is_whole || ny >= DETECTOR + lines;
    (wide_enough && high_enough).then_some((serial, serial, lines, 1046..=last))
}

#[cfg(test)]
mod tests {
    use super::by_amplifier_a;

    #[test]
    fn sizes_tell_whole_frames_subarrays_and_binned_ones() {
        assert_eq!(
            by_amplifier_a((1, 1), (1044, 1062)),
            Some((19, 19, 20, 1046..=1060))
        );
        assert_eq!(by_amplifier_a((1, 1), (32, 1060)), Some((18, 18, 0, 1046..=1059)));
        assert_eq!(by_amplifier_a((2, 1), (1044, 542)), Some((10, 21, 20, 524..=530)));
        assert_eq!(by_amplifier_a((1, 1), (1024, 1024)), None);
        assert_eq!(by_amplifier_a((3, 1), (1044, 1062)), None);
        assert_eq!(by_amplifier_a((2, 2), (10, 10)), None);
    }
}
