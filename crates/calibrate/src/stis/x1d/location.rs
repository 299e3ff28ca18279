//! Where the spectrum is: the line along whose trace the image is brightest.

use super::options::X1dOptions;
use crate::stis::interpolation::{BAD_DETECTOR, bilinear};
use crate::stis::tables::apdestab::Aperture;
use crate::stis::tables::sptrctab::Traces;
use crate::stis::{SpectralImset, SpectralMode};
use crate::{Error, Result};
use firstlight_frame::Frame;
use firstlight_stats::{mad_std, median, median_of_finite};
use rayon::prelude::*;
use serde::Serialize;

/// Bits that do not keep a pixel from the search: hot pixels and small blemishes.
const HARMLESS: u16 = 16 | 1024;
/// No search goes farther, for all lines there lie off the detector.
const FARTHEST: i64 = 16384;

/// A target that was acquired is not farther, lines, from where it is expected: an arcsecond.
const ASTRAY: f64 = 20.0;

/// The line that a spectrum is looked for about, 0-based, of the unbinned detector.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sought {
    /// The line.
    pub nominal: f64,
    /// What of it is the offset of the aperture.
    pub beside: f64,
    /// Whether the options give it.
    pub is_given: bool,
}

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
    /// The same of the medians along the lines in place of the means, which a few hot pixels do not lift.
    pub significance_of_median: Option<f64>,
    /// Whether it was searched and found an arcsecond (with POSTARG2) or more from where the target is expected, or from
    /// the line that the options give.
    pub is_astray: bool,
    /// The a2center of the options that is where the target is expected: the offset of the aperture is added to it.
    pub a2center_of_expected: f64,
}

/// The line that a spectrum is looked for about: the lowest trace, where the shift and the aperture put it, or the one that
/// the options say, which the offset of the aperture is added to as well.
pub fn nominal(imset: &SpectralImset, traces: &Traces, aperture: &Aperture, options: &X1dOptions) -> Sought {
    // The offset of the aperture is read in single precision.
    let beside = f64::from(aperture.offset_arcsec.1 as f32) / (imset.cd2_2 * 3600.0);
    let nominal = match options.a2center {
        Some(line) => (line - 1.0 - imset.ltv.1) / imset.ltm.1 + beside,
        None => traces.lowest() + (imset.shift.1 + beside),
    };
    Sought {
        nominal,
        beside,
        is_given: options.a2center.is_some(),
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
    sought: &Sought,
    range: i64,
) -> Result<Location> {
    let nominal = sought.nominal;
    let expected = (imset.crpix.1 - 1.0 - imset.ltv.1) / imset.ltm.1 + imset.shift.1;
    let a2center_of_expected = imset.image_y(expected - sought.beside) + 1.0;
    if range <= 0 {
        return Ok(Location {
            nominal,
            expected,
            offset: 0.0,
            line: nominal,
            significance: None,
            significance_of_median: None,
            is_astray: false,
            a2center_of_expected,
        });
    }
    let range = range.min(FARTHEST);
    let along: Vec<Option<Along>> = (-range..=range)
        .into_par_iter()
        .map(|step| Along::line(frame, imset, traces, nominal + step as f64))
        .collect();
    let profile: Vec<Option<f64>> = along.iter().map(|along| Some(along.as_ref()?.mean)).collect();
    let failed = |reason: String| Error::SpectrumNotFound {
        name: mode.name.clone(),
        nominal: imset.image_y(nominal) + 1.0,
        target: imset.image_y(expected) + 1.0,
        a2center: a2center_of_expected,
        range,
        reason,
    };
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
    let line = nominal + offset;
    let means: Vec<f64> = along.iter().flatten().map(|along| along.mean).collect();
    let medians: Vec<f64> = along.iter().flatten().map(|along| along.median).collect();
    let median_there = along[peak].as_ref().map(|along| along.median);
    Ok(Location {
        nominal,
        expected,
        offset,
        line,
        significance: stands_out(top, &means),
        significance_of_median: median_there.and_then(|there| stands_out(there, &medians)),
        is_astray: (line - if sought.is_given { nominal } else { expected }).abs()
            > ASTRAY + aside(mode, imset),
        a2center_of_expected,
    })
}

/// How far a line is above the others, in their standard deviations; None where they do not scatter.
fn stands_out(line: f64, all: &[f64]) -> Option<f64> {
    let spread = mad_std(all).unwrap_or(0.0);
    (spread > 0.0).then(|| (line - median(all).unwrap_or(0.0)) / spread)
}

/// How far the target was put along the slit on purpose (POSTARG2), lines.
fn aside(mode: &SpectralMode, imset: &SpectralImset) -> f64 {
    (mode.postarg2_arcsec / (imset.cd2_2 * 3600.0 * imset.ltm.1)).abs()
}

/// The good pixels along the trace at a line.
struct Along {
    mean: f64,
    median: f64,
}

impl Along {
    /// None where there is none.
    fn line(frame: &Frame, imset: &SpectralImset, traces: &Traces, line: f64) -> Option<Self> {
        let trace = traces.at(line);
        let bad = imset.sdqflags & !HARMLESS;
        let mut good = Vec::with_capacity(frame.sci.nx());
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
                good.push(sample.sci);
            }
        }
        let mean = good.iter().map(|&sample| f64::from(sample)).sum::<f64>() / good.len() as f64;
        let median = median_of_finite(&mut good)?;
        Some(Self { mean, median })
    }
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
