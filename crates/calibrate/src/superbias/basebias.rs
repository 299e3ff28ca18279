//! The bias of an anneal period, without hot columns and pixels.

use super::smooth::{Beyond, column_means, hot_columns, residual, smooth};
use super::{BiasFrames, Superbias, SuperbiasReport, header};
use crate::acs::acsrej::empty_frame;
use crate::stis::ocrreject::parts::{Noise, Parts};
use crate::stis::ocrreject::{OcrrejectOptions, REJECTED, RejectionParameters};
use crate::superdark::DarkFrames;
use crate::superdark::combination::{clipped, sum};
use crate::{Error, References, Result};
use firstlight_frame::{Frame, Image};
use std::ops::Range;

const ROUNDS: usize = 40;
/// Standard deviations above which a column, and a pixel, is hot.
const COLUMN_SIGMAS: f64 = 3.0;
const PIXEL_SIGMAS: f64 = 5.0;
/// Rows from the first, as shares of all, by which columns are judged.
const SHARES: [f64; 2] = [1.0, 0.2];

/// Makes the mean of the bias frames of an anneal period, DN, in which hot columns and hot pixels have the smooth image
/// about them, the median of 3 rows and 15 columns. Cosmic rays are rejected in each file of several imsets by itself, and
/// in files of one imset all together. Columns are hot whose mean, over all rows or over the lowest fifth, stands three
/// standard deviations above those of others; pixels, that are five above.
///
/// # Errors
/// Those of [`refbias`](super::refbias); [`Error::TooFewExposures`] where a file of one imset has no other beside it.
pub fn basebias(
    biases: &BiasFrames,
    references: &References,
    options: &OcrrejectOptions,
) -> Result<Superbias> {
    let frames = &biases.0;
    let mut mean = Mean::new(frames.shape());
    for group in groups(frames) {
        mean.add(frames, group, references, options)?;
    }
    let (mut frame, rejected, parameters) = mean.finish(frames.count())?;
    let smooth = smooth(&frame.sci, Beyond::Mirror, ROUNDS)?;
    let above = residual(&frame.sci, &smooth);
    let mut columns = vec![false; frame.sci.nx()];
    for share in SHARES {
        let hot = hot_columns(&column_means(&above, share), COLUMN_SIGMAS, ROUNDS)?;
        columns
            .iter_mut()
            .zip(hot)
            .for_each(|(column, hot)| *column |= hot);
    }
    replace_columns(&mut frame.sci, &smooth, &columns);
    let hot_pixels = replace_pixels(&mut frame.sci, &smooth)?;
    let dq = frame.dq.as_slice().iter();
    let report = SuperbiasReport {
        inputs: frames.names(),
        parameters,
        rejected,
        without_data: dq.filter(|&&bits| bits & REJECTED != 0).count(),
        hot_columns: columns.into_iter().filter(|&is_hot| is_hot).count(),
        hot_pixels,
    };
    let image = header::reference_image(biases, frame, header::Kind::Basebias, &report)?;
    Ok(Superbias { image, report })
}

fn replace_columns(image: &mut Image<f32>, smooth: &Image<f32>, columns: &[bool]) {
    for y in 0..image.ny() {
        for (x, _) in columns.iter().enumerate().filter(|(_, is_hot)| **is_hot) {
            image[(y, x)] = smooth[(y, x)];
        }
    }
}

/// Replaces pixels that stand out, and tells how many.
fn replace_pixels(image: &mut Image<f32>, smooth: &Image<f32>) -> Result<usize> {
    let above = residual(image, smooth);
    let of = clipped(above.as_slice(), PIXEL_SIGMAS, ROUNDS)?;
    let limit = of.mean + PIXEL_SIGMAS * of.std;
    let pixels = image.as_mut_slice().iter_mut().zip(smooth.as_slice());
    let mut replaced = 0;
    for ((pixel, &smooth), &above) in pixels.zip(above.as_slice()) {
        if f64::from(above) >= limit {
            *pixel = smooth;
            replaced += 1;
        }
    }
    Ok(replaced)
}

/// The parts of each file of several imsets; those of one imset together.
fn groups(frames: &DarkFrames) -> Vec<Vec<usize>> {
    let mut by_file: Vec<(String, Vec<usize>)> = Vec::new();
    for (at, name) in frames.names().into_iter().enumerate() {
        match by_file.iter_mut().find(|(other, _)| *other == name) {
            Some((_, parts)) => parts.push(at),
            None => by_file.push((name, vec![at])),
        }
    }
    let parts = by_file.into_iter().map(|(_, parts)| parts);
    let (single, mut several): (Vec<Vec<usize>>, Vec<Vec<usize>>) = parts.partition(|parts| parts.len() == 1);
    if !single.is_empty() {
        several.push(single.into_iter().flatten().collect());
    }
    several
}

/// Some of the frames.
struct Group<'a> {
    frames: &'a DarkFrames,
    parts: &'a [usize],
}

impl Parts for Group<'_> {
    fn count(&self) -> usize {
        self.parts.len()
    }

    fn shape(&self) -> (usize, usize) {
        self.frames.shape()
    }

    fn read(&self, part: usize, rows: Range<usize>, sci: &mut [f32], dq: &mut [u16]) -> Result<()> {
        self.frames.read(self.parts[part], rows, sci, dq)
    }
}

/// The sum of groups, on its way to their mean.
struct Mean {
    frame: Frame,
    rejected: Vec<usize>,
    parameters: Option<RejectionParameters>,
}

impl Mean {
    fn new(shape: (usize, usize)) -> Self {
        Self {
            frame: empty_frame(shape),
            rejected: Vec::new(),
            parameters: None,
        }
    }

    fn add(
        &mut self,
        frames: &DarkFrames,
        parts: Vec<usize>,
        references: &References,
        options: &OcrrejectOptions,
    ) -> Result<()> {
        if parts.len() < 2 {
            return Err(Error::TooFewExposures { found: parts.len() });
        }
        let (times, noises) = (frames.times_s(), frames.noises());
        let times: Vec<f32> = parts.iter().map(|&part| times[part]).collect();
        let noises: Vec<Noise> = parts.iter().map(|&part| noises[part]).collect();
        let group = Group {
            frames,
            parts: &parts,
        };
        let (combined, parameters) = sum(&group, (&times, &noises, 1), references, options)?;
        let (sum, of_group) = (&mut self.frame, combined.frame);
        for (sum, value) in sum.sci.as_mut_slice().iter_mut().zip(of_group.sci.as_slice()) {
            *sum += value;
        }
        // Variances, until the end.
        for (sum, value) in sum.err.as_mut_slice().iter_mut().zip(of_group.err.as_slice()) {
            *sum += value * value;
        }
        for (sum, bits) in sum.dq.as_mut_slice().iter_mut().zip(of_group.dq.as_slice()) {
            *sum |= bits;
        }
        self.rejected.extend(combined.rejected);
        self.parameters.get_or_insert(parameters);
        Ok(())
    }

    fn finish(mut self, number: usize) -> Result<(Frame, Vec<usize>, RejectionParameters)> {
        let parameters = self.parameters.ok_or(Error::NoDarks)?;
        let number = number as f32;
        self.frame
            .sci
            .as_mut_slice()
            .iter_mut()
            .for_each(|value| *value /= number);
        let errors = self.frame.err.as_mut_slice().iter_mut();
        errors.for_each(|value| *value = (*value / (number * number)).sqrt());
        Ok((self.frame, self.rejected, parameters))
    }
}
