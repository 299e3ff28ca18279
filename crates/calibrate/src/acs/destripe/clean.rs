//! The algorithm: measure all rows, take out what they differ by, again where asked for.

use super::DestripeOptions;
use super::line::{Line, Measured, Part, Row};
use crate::{Error, Result};
use firstlight_frame::{Frame, Image};
use rayon::prelude::*;
use serde::Serialize;

/// An image that is cleaned, of one chip, electrons.
#[derive(Debug)]
pub struct Plane<'a> {
    /// SCI and ERR are changed, DQ is not.
    pub frame: &'a mut Frame,
    /// What the instrument adds and takes away besides the stripes.
    pub illumination: Illumination,
    /// Pixels where it is 0 do not count.
    pub mask: Option<&'a Image<u8>>,
}

/// What is known of an image besides its sky: without it, the level of a row would have the dark's and the flat's
/// structure in it.
#[derive(Debug, Default)]
pub struct Illumination {
    /// The flat field. Pixels where it is 0, negative or not finite do not count.
    pub flat: Option<Image<f32>>,
    /// Whether SCI and ERR are divided by it already.
    pub flat_applied: bool,
    /// Dark and flash.
    pub layers: Vec<Layer>,
}

/// Something that lies under the sky: dark current, flash.
#[derive(Debug)]
pub struct Layer {
    /// Electrons.
    pub electrons: Image<f32>,
    /// Whether SCI is without it already.
    pub subtracted: bool,
}

/// What the destriping found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DestripeReport {
    /// Level of the sky in the flat-fielded image, electrons.
    pub background: f64,
    /// Standard deviation of the offsets that were taken out, electrons; some 0.9 is known of the instrument.
    pub stripe_std: f64,
    /// The largest offset from their mean, electrons.
    pub max_correction: f64,
    /// The most rounds of clipping that a row took.
    pub iterations: usize,
    /// Whether rows were still being clipped after the last round allowed.
    pub reached_maxiter: bool,
    /// How many times the image was cleaned after the first.
    pub repeats: usize,
    /// Rows whose offset changed its sign each time, where that ended the repetition; 0 elsewhere.
    pub oscillating_rows: usize,
    /// Rows that were corrected.
    pub rows: usize,
    /// Rows of which too few pixels counted; they are as they were.
    pub rows_left: usize,
    /// What was subtracted of each row, electrons before flat-fielding, from the row that is read out first.
    #[serde(skip)]
    pub corrections: Vec<f64>,
}

/// Subtracts from each row what its level differs from that of the whole image.
///
/// One plane is a subarray or half a detector; two are chips 2 and 1 of a full frame, the second being turned upside
/// down, as its register is at the top: rows that are read at once share their offset. Levels are measured in the
/// image without dark, flash and flat; offsets are of zero mean, weighted by pixels, and are subtracted before
/// flat-fielding. ERR loses the Poisson noise of what SCI loses, and gets the error of the offset in quadrature.
///
/// Samples that are not finite do not count, and stay as they are. The same bits come out for any number of threads.
///
/// # Errors
/// [`Error::Shape`] where images that belong together differ in shape, [`Error::Parameter`] or [`Error::Unreadable`]
/// where an option means nothing, [`Error::NothingLeft`] where no row can be measured; nothing is changed then.
pub fn clean(planes: &mut [Plane<'_>], options: &DestripeOptions) -> Result<DestripeReport> {
    options.check()?;
    let accepted = options.accepted()?;
    check_shapes(planes)?;
    let inverses: Vec<Option<Image<f32>>> = planes.iter().map(inverse_flat).collect();
    let mut lines = lines(planes, &inverses);
    let mut tally = Tally::new(lines.len());
    loop {
        let measure = |row: &mut Row, line: &mut Line<'_>| line.measure(row, accepted, options);
        let measured: Vec<Option<Measured>> = lines.par_iter_mut().map_init(Row::default, measure).collect();
        let pass = match Pass::of(&measured) {
            // What was changed before stays: only at first is nothing left of any row.
            Err(_) if tally.passes > 0 => break,
            pass => pass?,
        };
        tally.add(&measured, &pass, options.maxiter);
        let offsets = lines.par_iter_mut().zip(&pass.offsets);
        offsets.for_each(|(line, offset)| {
            if let Some(offset) = offset {
                line.subtract(*offset);
            }
        });
        if tally.passes > options.rpt_clean || tally.has_converged(&pass, options.atol) {
            break;
        }
    }
    let variances = lines.par_iter_mut().zip(&tally.variance);
    variances.for_each(|(line, variance)| line.add_variance(*variance));
    Ok(tally.report())
}

/// The offsets of one cleaning.
struct Pass {
    /// Of each row, electrons before flat-fielding; None where it was not measured.
    offsets: Vec<Option<f64>>,
    /// Mean level of all rows, weighted by pixels.
    background: f64,
    /// The largest offset from their weighted mean.
    largest: f64,
}

impl Pass {
    fn of(measured: &[Option<Measured>]) -> Result<Self> {
        let pixels: f64 = measured.iter().flatten().map(|row| row.kept as f64).sum();
        let levels: f64 = measured
            .iter()
            .flatten()
            .map(|row| row.level * row.kept as f64)
            .sum();
        if pixels == 0.0 {
            return Err(Error::NothingLeft {
                region: "any row of the image".to_owned(),
            });
        }
        let background = levels / pixels;
        let offset = |row: &Measured| (row.level - background) * row.scale;
        let offsets: Vec<Option<f64>> = measured.iter().map(|row| row.as_ref().map(offset)).collect();
        let kept = |row: &Option<Measured>| row.map_or(0, |row| row.kept);
        let weights: Vec<usize> = measured.iter().map(kept).collect();
        let (_, largest) = spread(&offsets, &weights);
        Ok(Self {
            offsets,
            background,
            largest,
        })
    }
}

/// Standard deviation of offsets, weighted by pixels and unbiased, and the largest distance from their mean.
fn spread(offsets: &[Option<f64>], pixels: &[usize]) -> (f64, f64) {
    let rows = || {
        offsets
            .iter()
            .zip(pixels)
            .filter_map(|(o, n)| o.map(|o| (o, *n as f64)))
    };
    let total: f64 = rows().map(|(_, n)| n).sum();
    let mean = rows().map(|(offset, n)| offset * n).sum::<f64>() / total;
    let variance = rows().map(|(offset, n)| n * (offset - mean).powi(2)).sum::<f64>() / total;
    let squares: f64 = rows().map(|(_, n)| n * n).sum();
    let unbiased = variance / (1.0 - squares / (total * total));
    let largest = rows()
        .map(|(offset, _)| (offset - mean).abs())
        .fold(0.0, f64::max);
    let std = if unbiased.is_finite() {
        unbiased.sqrt()
    } else {
        0.0
    };
    (std, largest)
}

/// What adds up over repeated cleanings.
struct Tally {
    passes: usize,
    corrections: Vec<Option<f64>>,
    pixels: Vec<usize>,
    variance: Vec<f64>,
    background: f64,
    iterations: usize,
    reached_maxiter: bool,
    /// Offsets of the last pass that were too large.
    before: Vec<Option<f64>>,
    oscillating: usize,
}

impl Tally {
    fn new(rows: usize) -> Self {
        Self {
            passes: 0,
            corrections: vec![None; rows],
            pixels: vec![0; rows],
            variance: vec![0.0; rows],
            background: 0.0,
            iterations: 0,
            reached_maxiter: false,
            before: vec![Some(0.0); rows],
            oscillating: 0,
        }
    }

    fn add(&mut self, measured: &[Option<Measured>], pass: &Pass, maxiter: usize) {
        self.passes += 1;
        self.background = pass.background;
        self.iterations = measured.iter().flatten().map(|row| row.rounds).max().unwrap_or(0);
        self.reached_maxiter |= self.iterations >= maxiter;
        for (row, (measured, offset)) in measured.iter().zip(&pass.offsets).enumerate() {
            if let (Some(measured), Some(offset)) = (measured, offset) {
                self.corrections[row] = Some(self.corrections[row].unwrap_or(0.0) + offset);
                self.pixels[row] = measured.kept;
                self.variance[row] = measured.variance;
            }
        }
    }

    /// Whether cleaning again would change nothing, or would go to and fro.
    fn has_converged(&mut self, pass: &Pass, atol: f64) -> bool {
        if atol == 0.0 {
            return false;
        }
        if pass.largest < atol {
            return true;
        }
        let too_large = |offset: &Option<f64>| offset.filter(|offset| offset.abs() > atol);
        let now: Vec<Option<f64>> = pass.offsets.iter().map(too_large).collect();
        let turned = |(before, now): (&Option<f64>, &Option<f64>)| match (before, now) {
            (Some(before), Some(now)) => before * now < 0.0,
            (None, None) => true,
            _ => false,
        };
        let to_and_fro = self.passes > 1 && self.before.iter().zip(&now).all(turned);
        if to_and_fro {
            self.oscillating = now.iter().flatten().count();
        }
        self.before = now;
        to_and_fro
    }

    fn report(self) -> DestripeReport {
        let (stripe_std, max_correction) = spread(&self.corrections, &self.pixels);
        let rows = self.corrections.iter().flatten().count();
        DestripeReport {
            background: self.background,
            stripe_std,
            max_correction,
            iterations: self.iterations,
            reached_maxiter: self.reached_maxiter,
            repeats: self.passes - 1,
            oscillating_rows: self.oscillating,
            rows,
            rows_left: self.corrections.len() - rows,
            corrections: self.corrections.into_iter().map(|c| c.unwrap_or(0.0)).collect(),
        }
    }
}

fn check_shapes(planes: &[Plane<'_>]) -> Result<()> {
    let Some(first) = planes.first() else {
        return Err(Error::NothingLeft {
            region: "an exposure without images".to_owned(),
        });
    };
    let expected = first.frame.sci.shape();
    for plane in planes {
        let illumination = &plane.illumination;
        let parts = [
            ("SCI", Some(plane.frame.sci.shape())),
            ("ERR", Some(plane.frame.err.shape())),
            ("DQ", Some(plane.frame.dq.shape())),
            ("the mask", plane.mask.map(Image::shape)),
            ("the flat", illumination.flat.as_ref().map(Image::shape)),
        ];
        let layers = illumination
            .layers
            .iter()
            .map(|layer| ("the dark or flash", Some(layer.electrons.shape())));
        for (what, found) in parts.into_iter().chain(layers) {
            if let Some(found) = found.filter(|found| *found != expected) {
                return Err(Error::Shape {
                    what: what.to_owned(),
                    expected,
                    found,
                });
            }
        }
    }
    Ok(())
}

/// 1 / flat, 0 where that is no sensitivity.
fn inverse_flat(plane: &Plane<'_>) -> Option<Image<f32>> {
    let inverse = |flat: &f32| {
        Some(1.0 / flat)
            .filter(|i| i.is_finite() && *i > 0.0)
            .unwrap_or(0.0)
    };
    plane.illumination.flat.as_ref().map(|flat| flat.map(inverse))
}

/// The rows of all planes side by side, the second plane's from its last row down.
fn lines<'a>(planes: &'a mut [Plane<'_>], inverses: &'a [Option<Image<f32>>]) -> Vec<Line<'a>> {
    let ny = planes.first().map_or(0, |plane| plane.frame.sci.ny());
    let mut lines: Vec<Line<'a>> = (0..ny)
        .map(|_| Line {
            parts: Vec::new(),
            flattened: None,
        })
        .collect();
    for (index, (plane, inverse)) in planes.iter_mut().zip(inverses).enumerate() {
        let Plane {
            frame,
            illumination,
            mask,
        } = plane;
        let nx = frame.sci.nx().max(1);
        let rows = frame.sci.as_mut_slice().chunks_exact_mut(nx);
        let rows = rows.zip(frame.err.as_mut_slice().chunks_exact_mut(nx));
        for (y, (sci, err)) in rows.enumerate() {
            let part = Part {
                sci,
                err,
                dq: frame.dq.row(y),
                mask: mask.map(|mask| mask.row(y)),
                inverse: inverse
                    .as_ref()
                    .map(|inverse| (inverse.row(y), illumination.flat_applied)),
                layers: illumination
                    .layers
                    .iter()
                    .map(|layer| (layer.electrons.row(y), layer.subtracted))
                    .collect(),
            };
            let line = if index == 0 { y } else { ny - 1 - y };
            lines[line].parts.push(part);
        }
    }
    lines
}
