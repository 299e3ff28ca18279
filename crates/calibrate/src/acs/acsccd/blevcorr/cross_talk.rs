//! Cross talk between the amplifiers of a chip.

use crate::Result;
use crate::acs::Chip;
use rayon::prelude::*;

/// Signal that a pixel takes from the one read at the same time by the other amplifier of the chip.
const CROSS_TALK: f64 = 9.1e-5;

/// Adds 9.1·10⁻⁵ of the pixel at the mirrored column to each pixel, from left to right: the right half is corrected with
/// the left half as corrected.
///
/// # Errors
/// [`crate::Error::Shape`] and [`crate::Error::NoPixels`] as [`Chip::shape`].
pub fn cross_talk(chip: &mut Chip) -> Result<()> {
    let (_, nx) = chip.shape()?;
    chip.frame.sci.as_mut_slice().par_chunks_mut(nx).for_each(|row| {
        let talk = |mirrored: f32| (f64::from(mirrored) * CROSS_TALK) as f32;
        let (left, right) = row.split_at_mut(nx / 2);
        // Of an odd number of columns the middle one mirrors itself.
        let (middle, right) = right.split_at_mut(nx % 2);
        for (value, &mirrored) in left.iter_mut().zip(right.iter().rev()) {
            *value += talk(mirrored);
        }
        for value in middle {
            *value += talk(*value);
        }
        for (value, &mirrored) in right.iter_mut().zip(left.iter().rev()) {
            *value += talk(mirrored);
        }
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use firstlight_frame::fits::Header;
    use firstlight_frame::{Frame, Image};

    #[test]
    fn each_half_gets_its_share_of_the_other() {
        let sci = Image::from_vec(1, 5, vec![100_000.0, 0.0, 10_000.0, 0.0, 200_000.0]);
        let mut chip = Chip {
            version: 1,
            frame: Frame {
                sci: sci.unwrap(),
                err: Image::filled(1, 5, 0.0),
                dq: Image::filled(1, 5, 0),
            },
            sci: Header::new(),
            err: Header::new(),
            dq: Header::new(),
        };
        cross_talk(&mut chip).unwrap();
        let row = chip.frame.sci.row(0);
        assert!((row[0] - 100_018.2).abs() < 0.01);
        assert!((row[2] - 10_000.91).abs() < 0.01);
        assert!((row[4] - (200_000.0 + 9.1e-5 * 100_018.2)).abs() < 0.02);
        assert_eq!((row[1], row[3]), (0.0, 0.0));
    }
}
