//! Frames combined as ground-based work does it: masked, scaled, weighted, outliers rejected, with the uncertainty of what
//! comes out and the number of frames in it.
//!
//! A sample goes through these in turn, and each works with what those before it left: its mask, and whether it is a finite
//! number; the limits of [`Rejection::lower`] and [`Rejection::upper`], in the units of the frame; the frame's scale; the
//! lowest and highest left out; sigma clipping.

mod about_mean;
mod lines;
mod outcome;
mod range;
mod reject;
#[cfg(test)]
mod tests;

use crate::{Error, Result, Sample, SigmaClip};
use lines::{Line, Lines, Taken, count_limited};
use outcome::{Kept, Outcome};
use pulp::{Simd, WithSimd};
use range::Ranges;
use std::marker::PhantomData;

use super::Combine;
use super::network::COLUMNS;

/// Which samples are left out. By default none but those that are masked or not finite.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rejection {
    /// Samples below this are left out; compared before the frame is scaled.
    pub lower: Option<f64>,
    /// Samples above this are left out; compared before the frame is scaled.
    pub upper: Option<f64>,
    /// How many of the lowest samples of a pixel are left out.
    pub nlow: usize,
    /// How many of the highest samples of a pixel are left out.
    pub nhigh: usize,
    /// Sigma clipping of the samples of a pixel: after its last round all that were there before the first are compared
    /// with the limits that were found, as astropy's `sigma_clip` does.
    pub clip: Option<SigmaClip>,
}

impl Rejection {
    /// Whether samples of a pixel are compared with one another.
    fn compares(&self) -> bool {
        self.nlow > 0 || self.nhigh > 0 || self.clip.is_some()
    }

    fn is_none(&self) -> bool {
        !self.compares() && self.lower.is_none() && self.upper.is_none()
    }
}

/// Where the uncertainty of a combined pixel, one standard deviation, comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Uncertainty {
    /// Not wanted.
    #[default]
    None,
    /// From how the n samples that are left scatter: their standard deviation (divided by n) over √n for a mean, times
    /// √n for a sum; 1.4826 times their median absolute deviation over √n for a median.
    Scatter,
    /// From the uncertainties of the samples, taken as independent: √Σ(wσ)² / Σw for a mean, √Σ(wσ)² for a sum. For a
    /// median of three and more √(π/2) times that of the mean without weights, which holds for many samples of one normal
    /// distribution. A lowest sample has none, of either kind.
    Propagated,
}

/// How frames are combined.
#[derive(Debug, Clone, PartialEq)]
pub struct CombineOptions {
    /// What is made of the samples that are left.
    pub combine: Combine,
    /// Which samples are left out.
    pub rejection: Rejection,
    /// Where the uncertainty comes from.
    pub uncertainty: Uncertainty,
}

/// A row of one frame.
#[derive(Debug, Clone, Copy)]
pub struct FrameRow<'a, T> {
    /// The samples. Those that are not finite are never used.
    pub samples: &'a [T],
    /// True where a sample may not be used.
    pub mask: Option<&'a [bool]>,
    /// One standard deviation of each sample.
    pub errors: Option<&'a [T]>,
    /// The samples, and their errors, are multiplied by this.
    pub scale: f64,
    /// Weight of the frame in a mean or sum.
    pub weight: f64,
    /// Weights of the samples, besides that of the frame. Samples whose weight is not above 0 are not used.
    pub weights: Option<&'a [f64]>,
}

impl<'a, T> FrameRow<'a, T> {
    /// A row as it is: nothing masked, no errors, scale and weight 1.
    pub fn plain(samples: &'a [T]) -> Self {
        Self {
            samples,
            mask: None,
            errors: None,
            scale: 1.0,
            weight: 1.0,
            weights: None,
        }
    }
}

/// Where a combined row goes. What is not wanted is left empty.
#[derive(Debug, Default)]
pub struct CombinedRow<'a> {
    /// The combined samples; NaN where no sample is left.
    pub values: &'a mut [f64],
    /// Their uncertainties; NaN where no sample is left.
    pub uncertainties: &'a mut [f64],
    /// How many frames are in each.
    pub used: &'a mut [u16],
    /// For each frame, how many of its samples were rejected is added; masked ones and those that are not finite do not
    /// count.
    pub rejected: &'a mut [u64],
}

/// Combines a row of each frame into a row.
///
/// The lowest and highest left out are fewer where a pixel has not more samples than that: one less at either end until
/// one is left.
///
/// # Errors
/// [`Error::BadParameter`] where there is no frame or more than 65535, where rows, masks, errors or weights are not as
/// long as the result, where `nlow` and `nhigh` leave no frame, where a scale or weight is not a number that can be worked
/// with, where uncertainties are to be propagated and a frame has none, and for limits of sigma clipping that are negative.
pub fn combine_row<T: FrameSample>(
    frames: &[FrameRow<T>],
    options: &CombineOptions,
    out: &mut CombinedRow,
) -> Result<()> {
    check(frames, options, out)?;
    if let Some(clip) = about_mean::clip_of(options, frames) {
        pulp::Arch::new().dispatch(about_mean::Combining {
            frames,
            options,
            clip,
            out,
        });
        return Ok(());
    }
    let scaled = frames.iter().any(|frame| frame.scale != 1.0);
    T::dispatch(frames, options, Target::Combined(out), scaled);
    Ok(())
}

/// Sets the masks of those samples that are rejected; those of other samples stay as they are. There is one row of a mask
/// for each frame. `frames` say with their own masks which samples are looked at.
///
/// # Errors
/// As [`combine_row`].
pub fn reject_row<T: FrameSample>(
    frames: &[FrameRow<T>],
    rejection: &Rejection,
    masks: &mut [&mut [bool]],
) -> Result<()> {
    let options = CombineOptions {
        combine: Combine::Mean,
        rejection: rejection.clone(),
        uncertainty: Uncertainty::None,
    };
    let nx = frames.first().map_or(0, |frame| frame.samples.len());
    let mut values = vec![0.0; nx];
    let out = CombinedRow {
        values: &mut values,
        ..CombinedRow::default()
    };
    check(frames, &options, &out)?;
    length("the number of masks", masks.len(), frames.len())?;
    for mask in &*masks {
        length("the length of a mask", mask.len(), nx)?;
    }
    let scaled = frames.iter().any(|frame| frame.scale != 1.0);
    T::dispatch(frames, &options, Target::Masks(masks), scaled);
    Ok(())
}

/// Samples that can be combined: `f32` and `f64`.
pub trait FrameSample: Sample + sealed::Dispatched {}
impl FrameSample for f32 {}
impl FrameSample for f64 {}

mod sealed {
    use super::{CombineOptions, FrameRow, Taken, Target};

    pub trait Dispatched: Taken<f64> {
        fn dispatch(frames: &[FrameRow<Self>], options: &CombineOptions, out: Target, scaled: bool);
    }
}

impl sealed::Dispatched for f32 {
    // Scaled samples no longer fit 32 bits.
    fn dispatch(frames: &[FrameRow<f32>], options: &CombineOptions, out: Target, scaled: bool) {
        if scaled {
            run::<f32, f64>(frames, options, out);
        } else {
            run::<f32, f32>(frames, options, out);
        }
    }
}

impl sealed::Dispatched for f64 {
    fn dispatch(frames: &[FrameRow<f64>], options: &CombineOptions, out: Target, _: bool) {
        run::<f64, f64>(frames, options, out);
    }
}

/// What is asked for.
#[doc(hidden)]
#[derive(Debug)]
pub enum Target<'t, 'a> {
    Combined(&'t mut CombinedRow<'a>),
    Masks(&'t mut [&'a mut [bool]]),
}

fn run<T: Taken<L>, L: Line>(frames: &[FrameRow<T>], options: &CombineOptions, out: Target) {
    pulp::Arch::new().dispatch(Combining {
        frames,
        options,
        out,
        lines: PhantomData::<L>,
    });
}

/// What is to be done with the vectors of the processor at hand.
struct Combining<'f, 't, 'a, T, L> {
    frames: &'f [FrameRow<'f, T>],
    options: &'f CombineOptions,
    out: Target<'t, 'a>,
    lines: PhantomData<L>,
}

impl<T: Taken<L>, L: Line> WithSimd for Combining<'_, '_, '_, T, L> {
    type Output = ();

    #[inline(always)]
    fn with_simd<V: Simd>(self, simd: V) {
        let (frames, options) = (self.frames, self.options);
        match self.out {
            Target::Combined(out) => combined::<V, T, L>(simd, frames, options, out),
            Target::Masks(masks) => masked::<V, T, L>(simd, frames, &options.rejection, masks),
        }
    }
}

#[inline(always)]
fn combined<V: Simd, T: Taken<L>, L: Line>(
    simd: V,
    frames: &[FrameRow<T>],
    options: &CombineOptions,
    out: &mut CombinedRow,
) {
    let rejection = &options.rejection;
    let mut lines = Lines::<L>::new(frames.len());
    let mut outcome = Outcome::new(frames, options);
    let ordered = rejection.compares() || options.combine != Combine::Sum && options.combine != Combine::Mean;
    let counts_compared = !out.rejected.is_empty() && rejection.compares();
    let apart = outcome.looks_at_frames() || counts_compared;
    let counts_limited = !out.rejected.is_empty() && (rejection.lower.is_some() || rejection.upper.is_some());
    for start in (0..out.values.len()).step_by(COLUMNS) {
        let columns = COLUMNS.min(out.values.len() - start);
        lines.fill(frames, rejection, (start, columns));
        if counts_limited {
            count_limited(frames, rejection, (start, columns), out.rejected);
        }
        if ordered {
            lines.sort(simd, apart);
        }
        let mut ranges = Ranges::all(lines.counts());
        let known = reject::reject(&lines, rejection, &mut ranges);
        let kept = Kept::of(&lines, &ranges, apart && ordered);
        if counts_compared && !ranges.are_all(lines.counts()) {
            kept.count_rejected(lines.by_frame(), out.rejected);
        }
        let of_block = outcome.of(
            &lines,
            (&ranges, known.as_ref()),
            (&kept, ordered),
            (start, columns),
        );
        let block = start..start + columns;
        out.values[block.clone()].copy_from_slice(&of_block.values[..columns]);
        if let Some(uncertainties) = out.uncertainties.get_mut(block.clone()) {
            uncertainties.copy_from_slice(&of_block.uncertainties[..columns]);
        }
        if let Some(used) = out.used.get_mut(block) {
            for (column, used) in used.iter_mut().enumerate() {
                *used = ranges.len(column) as u16;
            }
        }
    }
}

#[inline(always)]
fn masked<V: Simd, T: Taken<L>, L: Line>(
    simd: V,
    frames: &[FrameRow<T>],
    rejection: &Rejection,
    masks: &mut [&mut [bool]],
) {
    if rejection.is_none() {
        return;
    }
    let nx = frames.first().map_or(0, |frame| frame.samples.len());
    let mut lines = Lines::<L>::new(frames.len());
    for start in (0..nx).step_by(COLUMNS) {
        let columns = COLUMNS.min(nx - start);
        lines.fill(frames, rejection, (start, columns));
        lines.mark_limited(frames, rejection, (start, columns), masks);
        if rejection.compares() {
            lines.sort(simd, true);
            let mut ranges = Ranges::all(lines.counts());
            reject::reject(&lines, rejection, &mut ranges);
            Kept::of(&lines, &ranges, true).mark_rejected(lines.by_frame(), (start, columns), masks);
        }
    }
}

fn bad<T>(parameter: &'static str, expected: &'static str, found: f64) -> Result<T> {
    Err(Error::BadParameter {
        parameter,
        expected,
        found,
    })
}

fn length(parameter: &'static str, found: usize, wanted: usize) -> Result<()> {
    if found == wanted {
        return Ok(());
    }
    bad(parameter, "that of the others", found as f64)
}

fn check<T>(frames: &[FrameRow<T>], options: &CombineOptions, out: &CombinedRow) -> Result<()> {
    let rejection = &options.rejection;
    if frames.is_empty() || frames.len() > usize::from(u16::MAX) {
        return bad("the number of frames", "1 to 65535", frames.len() as f64);
    }
    let left_out = rejection.nlow.saturating_add(rejection.nhigh);
    if left_out >= frames.len() {
        return bad("nlow + nhigh", "less than the number of frames", left_out as f64);
    }
    let nx = out.values.len();
    for row in [out.uncertainties.len(), out.used.len()] {
        if row != 0 {
            length("the length of a row", row, nx)?;
        }
    }
    if !out.rejected.is_empty() {
        length("the number of counts", out.rejected.len(), frames.len())?;
    }
    for frame in frames {
        length("the length of a row", frame.samples.len(), nx)?;
        length("the length of a mask", frame.mask.map_or(nx, <[bool]>::len), nx)?;
        length("the number of errors", frame.errors.map_or(nx, <[T]>::len), nx)?;
        length(
            "the number of weights",
            frame.weights.map_or(nx, <[f64]>::len),
            nx,
        )?;
        if !frame.scale.is_finite() || frame.scale == 0.0 {
            return bad("a scale", "a finite number other than 0", frame.scale);
        }
        if !frame.weight.is_finite() || frame.weight < 0.0 {
            return bad("a weight", "a finite number of at least 0", frame.weight);
        }
        if options.uncertainty == Uncertainty::Propagated && frame.errors.is_none() {
            return bad("the number of frames without uncertainty", "0", 1.0);
        }
    }
    if let Some(clip) = &rejection.clip {
        for (parameter, sigma) in [
            ("sigma_lower", clip.sigma_lower),
            ("sigma_upper", clip.sigma_upper),
        ] {
            if sigma.is_nan() || sigma < 0.0 {
                return bad(parameter, "at least 0", sigma);
            }
        }
    }
    Ok(())
}
