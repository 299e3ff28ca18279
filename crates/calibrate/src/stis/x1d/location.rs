//! Where the spectrum is: the line along whose trace the image is brightest.

use super::options::X1dOptions;
use crate::stis::interpolation::{BAD_DETECTOR, bilinear};
use crate::stis::tables::apdestab::Aperture;
use crate::stis::tables::sptrctab::Traces;
use crate::stis::{SpectralImset, SpectralMode};
use crate::{Error, Result};
use firstlight_frame::Frame;
use firstlight_stats::{mad_std, median};
use rayon::prelude::*;
use serde::Serialize;

/// Bits that do not keep a pixel from the search: hot pixels and small blemishes.
const HARMLESS: u16 = 16 | 1024;
/// No search goes farther, for all lines there lie off the detector.
const FARTHEST: i64 = 16384;

/// Where a spectrum was found. Lines are those of the unbinned detector, 0-based.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Location {
    /// Where it was looked for.
    pub nominal: f64,
    /// Where a target in the middle of the aperture is expected: CRPIX2 and SHIFTA2.
    pub expected: f64,
    /// How far from it the peak is (OFFSET, CRSCROFF).
    pub offset: f64,
    /// Where it is.
    pub line: f64,
    /// How far the peak stands out of the other lines, in their standard deviations; None where it was not searched.
    pub significance: Option<f64>,
}

/// The line that a spectrum is looked for about: the lowest trace, where the shift and the aperture put it, or the one that
/// the options say.
pub fn nominal(imset: &SpectralImset, traces: &Traces, aperture: &Aperture, options: &X1dOptions) -> f64 {
    // The offset of the aperture is read in single precision.
    let beside = f64::from(aperture.offset_arcsec.1 as f32) / (imset.cd2_2 * 3600.0);
    match options.a2center {
        Some(line) => (line - 1.0 - imset.ltv.1) / imset.ltm.1 + beside,
        None => traces.lowest() + (imset.shift.1 + beside),
    }
}

/// Finds the spectrum: the peak of the mean along the trace, of lines one pixel apart, by a parabola through the highest
/// three. Pixels with SDQFLAGS, other than hot ones and small blemishes, are left out. With a
/// range of 0 or −1 lines it is taken to be where it is looked for.
///
/// # Errors
/// [`Error::SpectrumNotFound`] where all pixels are flagged, or the highest is the first or last line, or the lines about
/// it are negative.
pub fn locate(
    frame: &Frame,
    mode: &SpectralMode,
    imset: &SpectralImset,
    traces: &Traces,
    nominal: f64,
    range: i64,
) -> Result<Location> {
    let expected = (imset.crpix.1 - 1.0 - imset.ltv.1) / imset.ltm.1 + imset.shift.1;
    if range <= 0 {
        return Ok(Location {
            nominal,
            expected,
            offset: 0.0,
            line: nominal,
            significance: None,
        });
    }
    let range = range.min(FARTHEST);
    let profile: Vec<Option<f64>> = (-range..=range)
        .into_par_iter()
        .map(|step| mean_along(frame, imset, traces, nominal + step as f64))
        .collect();
    let failed = |reason: String| Error::SpectrumNotFound {
        name: mode.name.clone(),
        nominal: imset.image_y(nominal) + 1.0,
        target: imset.image_y(expected) + 1.0,
        range,
        reason,
    };
    let found: Vec<f64> = profile.iter().copied().flatten().collect();
    let (peak, sums) = (highest(&profile), profile.iter().map(|mean| mean.unwrap_or(0.0)));
    let sums: Vec<f64> = sums.collect();
    let Some(peak) = peak else {
        return Err(failed(
            "all pixels there are flagged or lie off the image".to_owned(),
        ));
    };
    let at = nominal + (peak as i64 - range) as f64;
    if peak == 0 || peak + 1 == sums.len() {
        let line = imset.image_y(at) + 1.0;
        return Err(failed(format!(
            "the brightest line, {line:.1}, is at the end of the search"
        )));
    }
    let (below, top, above) = (sums[peak - 1], sums[peak], sums[peak + 1]);
    if below.min(top).min(above) < 0.0 {
        let line = imset.image_y(at) + 1.0;
        return Err(failed(format!(
            "the light about the brightest line, {line:.1}, is negative"
        )));
    }
    let curvature = 2.0 * top - above - below;
    if curvature == 0.0 {
        return Err(failed("all lines are equally bright".to_owned()));
    }
    let offset = peak as f64 - 0.5 * (below - above) / curvature - range as f64;
    let spread = mad_std(&found).unwrap_or(0.0);
    let stands_out = top - median(&found).unwrap_or(0.0);
    Ok(Location {
        nominal,
        expected,
        offset,
        line: nominal + offset,
        significance: (spread > 0.0).then_some(stands_out / spread),
    })
}

/// The mean of good pixels along the trace at a line; None where there is none.
fn mean_along(frame: &Frame, imset: &SpectralImset, traces: &Traces, line: f64) -> Option<f64> {
    let trace = traces.at(line);
    let bad = imset.sdqflags & !HARMLESS;
    let (mut sum, mut count) = (0.0, 0u32);
    for x in 0..frame.sci.nx() {
        let column = imset.detector_x(x as f64) as i64;
        // The first column of the detector is taken where the line is, whatever the trace says.
        let beside = if column > 0 {
            trace.displacement(column)
        } else {
            0.0
        };
        let sample = bilinear(frame, x as f64, imset.image_y(line + beside));
        if sample.dq != BAD_DETECTOR && sample.dq & bad == 0 && sample.sci.is_finite() {
            sum += f64::from(sample.sci);
            count += 1;
        }
    }
    (count > 0).then(|| sum / f64::from(count))
}

/// The first of the highest.
fn highest(profile: &[Option<f64>]) -> Option<usize> {
    let mut best: Option<(usize, f64)> = None;
    for (line, mean) in profile.iter().enumerate() {
        let Some(mean) = *mean else { continue };
        if best.is_none_or(|(_, most)| mean > most) {
            best = Some((line, mean));
        }
    }
    best.map(|(line, _)| line)
}
