//! The master dark, scaled to the exposure.

use super::arithmetic::{agree, sum};
use super::bias::same_unit;
use super::rows::each_row;
use super::{CcdFrame, Real};
use crate::{Error, Result};

/// Subtracts `factor` times a master dark, in the frame's unit: the ratio of the exposure times, or 1.
///
/// # Errors
/// [`Error::Shape`], [`Error::CcdUnits`], [`Error::Parameter`]; the frame is as it was then.
pub fn subtract_dark<T: Real, U: Real>(
    frame: &mut CcdFrame<T>,
    master: &CcdFrame<U>,
    factor: f64,
) -> Result<()> {
    check_factor(factor)?;
    same_unit(&frame.unit, &master.unit, "the master dark")?;
    agree(frame, master, "the master dark")?;
    frame.make_planes_of(master);
    each_row(frame, |y, row| sum(row, master.row(y), -factor));
    Ok(())
}

/// How often the dark goes into an exposure: the ratio of their times, in one unit.
///
/// # Errors
/// [`Error::Parameter`] for a dark of no time, and for times that are negative or no numbers.
pub fn exposure_ratio(data_exposure: f64, dark_exposure: f64) -> Result<f64> {
    if !(dark_exposure.is_finite() && dark_exposure > 0.0) {
        return Err(Error::Parameter {
            parameter: "dark_exposure",
            expected: "longer than zero, to be scaled; subtract the dark as it is, or take the exposure time from \
                       another keyword",
            found: dark_exposure.to_string(),
        });
    }
    if !(data_exposure.is_finite() && data_exposure >= 0.0) {
        return Err(Error::Parameter {
            parameter: "data_exposure",
            expected: "zero or longer",
            found: data_exposure.to_string(),
        });
    }
    Ok(data_exposure / dark_exposure)
}

pub(super) fn check_factor(factor: f64) -> Result<()> {
    if factor.is_finite() && factor >= 0.0 {
        return Ok(());
    }
    Err(Error::Parameter {
        parameter: "scale",
        expected: "zero or more",
        found: factor.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::CcdUnit;
    use super::*;
    use firstlight_frame::Image;

    #[test]
    fn a_dark_is_scaled_with_its_uncertainty() {
        let mut frame = CcdFrame::new(Image::filled(2, 2, 100.0f32), CcdUnit::Adu);
        frame.err = Some(Image::filled(2, 2, 3.0));
        let mut dark = CcdFrame::new(Image::filled(2, 2, 40.0f32), CcdUnit::Adu);
        dark.err = Some(Image::filled(2, 2, 8.0));
        subtract_dark(&mut frame, &dark, exposure_ratio(30.0, 60.0).unwrap()).unwrap();
        assert_eq!((frame.sci[(0, 0)], frame.err.unwrap()[(0, 0)]), (80.0, 5.0));
    }

    #[test]
    fn a_dark_of_no_time_cannot_be_scaled() {
        assert!(exposure_ratio(60.0, 0.0).is_err());
        assert!(exposure_ratio(f64::NAN, 1.0).is_err());
        assert_eq!(exposure_ratio(0.0, 60.0).unwrap(), 0.0);
    }
}
