//! What a frame looks like in numbers and in a picture.

use crate::Result;
use crate::ccd::{CcdFile, CcdOpenOptions};
use firstlight_frame::Image;
use firstlight_look::{AxisScale, ColourMap, Figure, ImagePanel, PlotPanel, Scaling, Series};
use firstlight_stats::{histogram, mean_and_std, percentiles};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Width of a frame's figure, pixels.
const WIDTH: usize = 1000;

/// Bins of a histogram.
const BINS: usize = 120;

/// What samples may be multiples of.
const STEPS: [f64; 2] = [1.0, 0.5];

/// The part of the samples, in percent, that a histogram shows.
const SHOWN: [f64; 2] = [0.1, 99.7];

/// A frame in numbers, in the frame's unit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Statistics {
    /// The sample of the first row and column.
    #[serde(deserialize_with = "number")]
    pub first_pixel: f64,
    /// Mean of the finite samples.
    #[serde(deserialize_with = "number")]
    pub average: f64,
    /// Their standard deviation.
    #[serde(deserialize_with = "number")]
    pub std: f64,
}

/// JSON has no NaN, and writes null.
fn number<'de, D: serde::Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or(f64::NAN))
}

impl Statistics {
    pub(super) fn of(image: &Image<f32>) -> Self {
        let (average, std) = mean_and_std(image.as_slice()).unwrap_or((f64::NAN, f64::NAN));
        Self {
            first_pixel: image
                .as_slice()
                .first()
                .map_or(f64::NAN, |first| f64::from(*first)),
            average,
            std,
        }
    }
}

/// The samples of a file, as far as single precision holds them.
pub(super) fn samples(path: &Path) -> Result<Image<f32>> {
    Ok(CcdFile::open(path, &CcdOpenOptions::default())?
        .read::<f32>()?
        .sci)
}

/// Images side by side, each as zscale shows it, and the histogram of each.
pub(super) fn figure(images: &[(&str, &Image<f32>)]) -> Result<Vec<u8>> {
    let mut figure = Figure::new().columns(images.len() + 1).width_px(WIDTH);
    let grey = ColourMap::named("gray")?;
    let mut plot = PlotPanel::new("sample", "pixels")
        .y_scale(AxisScale::Log)
        .grid(true);
    for (title, image) in images {
        let panel = ImagePanel::new(image)
            .title(*title)
            .colour_map(grey.clone())
            .colour_bar(false);
        figure = figure.panel(panel.scaling(Scaling::zscale()));
        if let Some((x, y)) = counts(image) {
            plot = plot.series(Series::step(&x, &y).label(*title));
        }
    }
    Ok(figure.panel(plot.title("histogram")).to_png()?)
}

/// Middles of the bins, and samples in them; none where no sample is finite.
fn counts(image: &Image<f32>) -> Option<(Vec<f64>, Vec<f64>)> {
    let limits = percentiles(image.as_slice(), &SHOWN).ok()?;
    let (low, high) = match limits.as_slice() {
        [low, high] if high > low => (*low, *high),
        _ => return None,
    };
    let (bins, range) = bins(image, (low, high));
    let found = histogram(image.as_slice(), bins, Some(range)).ok()?;
    let middles = found
        .edges
        .windows(2)
        .map(|edges| 0.5 * (edges[0] + edges[1]))
        .collect();
    // Nothing has no logarithm.
    let counts = found
        .counts
        .iter()
        .map(|count| (*count as f64).max(0.5))
        .collect();
    Some((middles, counts))
}

/// Bins between limits. Where samples are multiples of a step, as those of raw frames and of medians are, each bin holds as
/// many of them, or a comb would be seen.
fn bins(image: &Image<f32>, (low, high): (f64, f64)) -> (usize, (f64, f64)) {
    let sampled = || {
        image
            .as_slice()
            .iter()
            .take(4096)
            .filter(|sample| sample.is_finite())
    };
    let fits = |step: &&f64| sampled().all(|sample| (f64::from(*sample) / **step).fract() == 0.0);
    let Some(step) = STEPS.iter().find(fits) else {
        return (BINS, (low, high));
    };
    let first = ((low / step).floor() - 0.5) * step;
    let width = ((high - low) / (BINS as f64 * step)).ceil() * step;
    let bins = ((high + 0.5 * step - first) / width).ceil();
    (bins as usize, (first, first + bins * width))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_and_halves_make_no_comb() {
        for (top, step) in [(50usize, 1.0), (300, 1.0), (1000, 1.0), (50, 0.5), (300, 0.5)] {
            let image = Image::from_fn(100, 100, |x, y| ((x + 100 * y) % top) as f32 * step);
            let (_, counts) = counts(&image).unwrap();
            let inner = &counts[1..counts.len() - 2];
            let (least, most) = inner
                .iter()
                .fold((f64::MAX, 0.0f64), |(low, high), n| (low.min(*n), high.max(*n)));
            assert!(most <= 1.2 * least, "{top} {step}: {least} {most}");
        }
        assert!(
            counts(&Image::filled(4, 4, 3.0)).is_none() && counts(&Image::filled(4, 4, f32::NAN)).is_none()
        );
    }
}
