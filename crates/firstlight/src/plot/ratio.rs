//! The limits of a quotient of two images.

use super::input::Loaded;
use super::{PlotOptions, StretchName, shapes};
use crate::Result;
use firstlight_look::Scaling;

/// The quotients between these two percentiles lie within the limits.
const ENDS: [f64; 2] = [1.0, 99.0];
/// Where the quotients between these lie between 0 and 2, the limits go no further: beyond them is the noise of samples
/// near zero.
const MIDDLE: [f64; 2] = [25.0, 75.0];

/// The stretch and its limits, which for a quotient lie equally far on both sides of 1 where nothing else is asked for.
pub(super) fn scaling(image: &Loaded, options: &PlotOptions) -> Result<Scaling> {
    let scaling = options.scaling();
    let asked = options.vmin.is_some()
        || options.vmax.is_some()
        || options.centre.is_some()
        || options.percentile.is_some()
        || options.stretch != StretchName::Zscale;
    if options.divide.is_none() || asked {
        return Ok(scaling);
    }
    let limits = match &options.section {
        None => about_one(&image.samples),
        Some(section) => {
            let (y, x) = shapes::section(section)?;
            // A section that is not in the image is refused where it is cut out.
            let row = |y: usize| image.samples.get(y * image.nx + x.start..y * image.nx + x.end);
            about_one(&y.filter_map(row).flatten().copied().collect::<Vec<f32>>())
        }
    };
    Ok(limits.map_or(scaling, |(low, high)| scaling.between(low, high)))
}

/// Limits about 1; none where no sample is a number, or all are 1.
fn about_one(samples: &[f32]) -> Option<(f64, f64)> {
    let percents = [ENDS[0], MIDDLE[0], MIDDLE[1], ENDS[1]];
    let found = firstlight_stats::percentiles(samples, &percents).ok()?;
    let [low, lower, upper, high] = found[..] else {
        return None;
    };
    let reach = (1.0 - low).max(high - 1.0);
    let reach = if lower >= 0.0 && upper <= 2.0 {
        reach.min(1.0)
    } else {
        reach
    };
    (reach > 0.0).then_some((1.0 - reach, 1.0 + reach))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_of_a_quotient_lie_about_one() {
        let few: Vec<f32> = (0..101).map(|n| 0.9 + 0.001 * n as f32).collect();
        let (low, high) = about_one(&few).unwrap();
        assert!(
            (low - 0.901).abs() < 1e-6 && (low + high - 2.0).abs() < 1e-12,
            "{low} {high}"
        );
        // Of noise over noise much lies far off; what is near 1 is shown all the same.
        let mut noisy = few.clone();
        noisy.extend([-30.0, 40.0, -3.0, 7.0]);
        assert_eq!(about_one(&noisy), Some((0.0, 2.0)));
        assert_eq!(about_one(&[5.0; 9]), Some((-3.0, 5.0)));
        assert_eq!(about_one(&[1.0; 9]), None);
        assert_eq!(about_one(&[f32::NAN; 9]), None);
    }
}
