//! Where the pixels of an image lie on the detector.

use firstlight_frame::fits::Header;

/// The size of an image's pixels and the corner of its first one, both in unbinned pixels of the detector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grid {
    /// Size of a pixel, `(x, y)`.
    pub bin: (i64, i64),
    /// The detector pixel at which the first pixel begins, `(x, y)`; negative where overscan precedes the detector.
    pub corner: (i64, i64),
}

/// Unbinned pixels from the detector's first on.
impl Default for Grid {
    fn default() -> Self {
        Self {
            bin: (1, 1),
            corner: (0, 0),
        }
    }
}

impl Grid {
    /// Reads LTM1_1, LTM2_2 (1 where they are not there) and LTV1, LTV2 (0), which map pixels of the detector onto
    /// those of the image; None where a scale is not positive or no number.
    pub fn of(sci: &Header) -> Option<Self> {
        let real = |keyword, default| sci.real(keyword).unwrap_or(default);
        let along = |ltm: f64, ltv: f64| {
            if !(ltm > 0.0 && ltm.is_finite() && ltv.is_finite()) {
                return None;
            }
            let bin = 1.0 / ltm;
            // The lower edge of the first pixel, at 0.5 in pixels counted from 1.
            let corner = (0.5 - ltv) * bin - 0.5;
            let nearest = |value: f64| (value + 0.5_f64.copysign(value)) as i64;
            (nearest(bin) > 0).then_some((nearest(bin), nearest(corner)))
        };
        let (bin_x, x) = along(real("LTM1_1", 1.0), real("LTV1", 0.0))?;
        let (bin_y, y) = along(real("LTM2_2", 1.0), real("LTV2", 0.0))?;
        Some(Self {
            bin: (bin_x, bin_y),
            corner: (x, y),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Grid;
    use firstlight_frame::fits::Header;

    fn grid(ltv: (f64, f64), ltm: f64) -> Option<Grid> {
        let mut header = Header::new();
        for (keyword, value) in [("LTV1", ltv.0), ("LTV2", ltv.1), ("LTM1_1", ltm), ("LTM2_2", ltm)] {
            header.set(keyword, value, None).ok()?;
        }
        Grid::of(&header)
    }

    #[test]
    fn corners_are_counted_in_pixels_of_the_detector() {
        assert_eq!(grid((-3072.0, -1.0), 1.0).unwrap().corner, (3072, 1));
        assert_eq!(grid((24.0, 0.0), 1.0).unwrap().corner, (-24, 0));
        let binned = grid((0.25, 0.25), 0.5).unwrap();
        assert_eq!((binned.bin, binned.corner), ((2, 2), (0, 0)));
        assert_eq!(Grid::of(&Header::new()), Some(Grid::default()));
    }

    #[test]
    fn a_scale_that_makes_no_sense_is_none() {
        assert_eq!(grid((0.0, 0.0), 0.0), None);
        assert_eq!(grid((f64::NAN, 0.0), 1.0), None);
        assert_eq!(grid((0.0, 0.0), 1e300), None);
    }
}
