//! Step 6, driz_cr: which pixels of an exposure differ from the blotted median by more than noise and misplacement
//! account for.
//!
//! After drizzlepac's drizCR and quickDeriv, as the DrizzlePac handbook describes them: a pixel is suspicious where
//! `|sci − blot| > scale · derivative + snr · noise`, with `noise² = gain · |blot + sky| + readnoise²` and the
//! derivative the largest difference between a blotted pixel and its four neighbours. What is suspicious by the second,
//! lower numbers is a cosmic ray where a pixel of the 3 × 3 around it is suspicious by the first.

mod comparison;

use crate::bit_mask::spread;
use crate::{BitMask, Error, Result, TwoPasses};
use comparison::{Blotted, Comparison, Look, Noise};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// How cosmic rays are told from sources.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct CrOptions {
    /// Also write each exposure with its cosmic rays replaced by the blotted median.
    #[cfg_attr(feature = "clap", arg(long, alias = "driz_cr_corr", num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = CrOptions::default().driz_cr_corr, action = clap::ArgAction::Set))]
    pub driz_cr_corr: bool,
    /// Difference to the blotted median that makes a cosmic ray, in units of the noise: of the first look, and next to
    /// what that has found.
    #[cfg_attr(feature = "clap", arg(long, alias = "driz_cr_snr", default_value_t = CrOptions::default().driz_cr_snr))]
    pub driz_cr_snr: TwoPasses,
    /// Side of the square around each cosmic ray that is marked with it, pixels; 1 is the pixel alone.
    #[cfg_attr(feature = "clap", arg(long, alias = "driz_cr_grow", default_value_t = CrOptions::default().driz_cr_grow))]
    pub driz_cr_grow: u32,
    /// Pixels that are marked behind each cosmic ray, away from the readout, where its trail of late charge lies.
    #[cfg_attr(feature = "clap", arg(long, alias = "driz_cr_ctegrow", default_value_t = CrOptions::default().driz_cr_ctegrow))]
    pub driz_cr_ctegrow: u32,
    /// Share of the blotted median's derivative by which pixels may differ besides: of the first look, and next to
    /// what that has found.
    #[cfg_attr(feature = "clap", arg(long, alias = "driz_cr_scale", default_value_t = CrOptions::default().driz_cr_scale))]
    pub driz_cr_scale: TwoPasses,
}

impl Default for CrOptions {
    fn default() -> Self {
        Self {
            driz_cr_corr: false,
            driz_cr_snr: TwoPasses {
                first: 3.5,
                second: 3.0,
            },
            driz_cr_grow: 1,
            driz_cr_ctegrow: 0,
            driz_cr_scale: TwoPasses {
                first: 1.2,
                second: 0.7,
            },
        }
    }
}

/// Which neighbours of a pixel its trail of late charge is taken to lie on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CteDirection {
    /// Nowhere: detectors without charge transfer.
    #[default]
    None,
    /// The rows below: drizzlepac's `cte_dir` 1, of ACS/WFC and WFC3/UVIS SCI 2, HRC amplifiers A and B, STIS.
    Below,
    /// The rows above: drizzlepac's `cte_dir` −1, of ACS/WFC and WFC3/UVIS SCI 1, HRC amplifiers C and D, WFPC2.
    Above,
}

/// Numbers of one chip.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CrTerms {
    /// What turns the samples into electrons: the exposure time for rates, the gain for counts, their product for
    /// rates of counts, 1 for electrons. Both sci and blot are multiplied by it.
    pub conversion: f64,
    /// drizzlepac's effective gain: 1 but for SBC, NICMOS and the MAMAs.
    pub gain: f64,
    /// Read noise, electrons.
    pub readnoise_e: f64,
    /// The sky that was subtracted from the chip before it was drizzled, electrons. It counts for the noise on top
    /// of what is in the blotted image.
    pub sky_e: f64,
    /// Where trails lie.
    pub cte: CteDirection,
}

/// Finds the cosmic rays of a whole chip: `sci` as it is in the file and `blotted` as [`crate::blot::blot_rows`] makes it,
/// both in the unit of the file, of `ny` rows of `nx` samples.
///
/// A set bit is a cosmic ray. Samples that are not finite in either image are marked where the second, lower numbers
/// and a neighbour say so, and count as over every limit themselves. The DQ array has no say: bad pixels are marked,
/// or not, by their values.
///
/// # Errors
/// [`Error::Shape`] where the images are not of this shape, [`Error::BadOption`] for impossible numbers.
pub fn cosmic_rays(
    sci: &[f32],
    blotted: &[f32],
    shape: (usize, usize),
    terms: &CrTerms,
    options: &CrOptions,
) -> Result<BitMask> {
    let mut finder = CrFinder::new(shape, terms, options)?;
    finder.add_rows(0..shape.0, sci, blotted)?;
    Ok(finder.finish())
}

/// [`cosmic_rays`] for a chip that comes in bands of rows. The result has the same bits however it is cut.
#[derive(Debug)]
pub struct CrFinder {
    first: BitMask,
    second: BitMask,
    comparison: Comparison,
    grow: usize,
    ctegrow: usize,
    cte: CteDirection,
}

impl CrFinder {
    /// For a chip of shape `(ny, nx)`.
    ///
    /// # Errors
    /// [`Error::BadOption`] for negative or infinite numbers.
    pub fn new(shape: (usize, usize), terms: &CrTerms, options: &CrOptions) -> Result<Self> {
        options.check()?;
        terms.check()?;
        let (snr, scale) = (options.driz_cr_snr, options.driz_cr_scale);
        let look = |snr, scale| Look {
            snr: snr as f32,
            scale: scale as f32,
        };
        Ok(Self {
            first: BitMask::new(shape.0, shape.1),
            second: BitMask::new(shape.0, shape.1),
            comparison: Comparison {
                noise: Noise {
                    conversion: terms.conversion as f32,
                    gain: terms.gain as f32,
                    sky: terms.sky_e as f32,
                    readnoise_squared: (terms.readnoise_e * terms.readnoise_e) as f32,
                },
                looks: [look(snr.first, scale.first), look(snr.second, scale.second)],
            },
            grow: options.driz_cr_grow as usize,
            ctegrow: options.driz_cr_ctegrow as usize,
            cte: terms.cte,
        })
    }

    /// The rows of the blotted image that are needed for `rows` of the chip: one more on either side, as far as there
    /// are.
    pub fn blotted_rows(&self, rows: &Range<usize>) -> Range<usize> {
        with_neighbours(rows, self.first.shape().0)
    }

    /// Compares `rows` of the chip, in `sci`, with the blotted image, of which `blotted` has [`CrFinder::blotted_rows`].
    ///
    /// # Errors
    /// [`Error::Shape`] where the arrays have other sizes, or the rows are not of the chip.
    pub fn add_rows(&mut self, rows: Range<usize>, sci: &[f32], blotted: &[f32]) -> Result<()> {
        let (ny, nx) = self.first.shape();
        let held = self.blotted_rows(&rows);
        for (what, array, rows) in [("sci", sci, &rows), ("blotted image", blotted, &held)] {
            if rows.end > ny || array.len() != rows.len() * nx {
                return Err(Error::Shape {
                    what,
                    expected: (rows.len(), nx),
                    found: (array.len().checked_div(nx).unwrap_or(0), nx),
                });
            }
        }
        if nx == 0 {
            return Ok(());
        }
        let comparison = self.comparison;
        let pairs = self
            .first
            .rows_mut(rows.start)
            .zip(self.second.rows_mut(rows.start));
        let lines = sci.par_chunks(nx).enumerate().zip(pairs);
        lines.for_each_init(Vec::new, |derivative, ((k, sci), found)| {
            let blot = Blotted {
                rows: blotted,
                first: held.start,
                shape: (ny, nx),
            };
            comparison.row((rows.start + k, sci), &blot, derivative, found);
        });
        Ok(())
    }

    /// [`CrFinder::add_rows`] for the whole chip, band by band on all threads: `make` is asked for the samples of the
    /// rows of a band and for the blotted image's, of [`CrFinder::blotted_rows`], in memory that it may use again. Gives
    /// the time that all bands took together, nanoseconds.
    pub(crate) fn add_bands(
        &mut self,
        height: usize,
        make: impl Fn(&Range<usize>, &Range<usize>, &mut BandScratch) -> Result<()> + Sync,
    ) -> Result<u64> {
        let (ny, nx) = self.first.shape();
        let words = self.first.words_in_row() * height;
        let spent = AtomicU64::new(0);
        if words == 0 {
            return Ok(0);
        }
        let comparison = self.comparison;
        let pairs = self.first.words_mut(words).zip(self.second.words_mut(words));
        pairs.enumerate().try_for_each_init(
            BandScratch::default,
            |scratch, (band, (first, second))| -> Result<()> {
                let clock = Instant::now();
                let rows = band * height..((band + 1) * height).min(ny);
                let held = with_neighbours(&rows, ny);
                scratch.sci.resize(rows.len() * nx, 0.0);
                scratch.blotted.resize(held.len() * nx, 0.0);
                make(&rows, &held, scratch)?;
                let blot = Blotted {
                    rows: &scratch.blotted,
                    first: held.start,
                    shape: (ny, nx),
                };
                let lines = first
                    .chunks_mut(words / height)
                    .zip(second.chunks_mut(words / height));
                for ((y, sci), found) in rows.zip(scratch.sci.chunks(nx)).zip(lines) {
                    comparison.row((y, sci), &blot, &mut scratch.derivative, found);
                }
                spent.fetch_add(clock.elapsed().as_nanos() as u64, Ordering::Relaxed);
                Ok(())
            },
        )?;
        Ok(spent.into_inner())
    }

    /// The cosmic rays, after all rows were added.
    pub fn finish(self) -> BitMask {
        let near = spread::over_square(&self.first, -1..=1);
        let mut found = self.second;
        spread::keep_common(&mut found, &near);
        drop(near);
        let trails = match self.cte {
            CteDirection::None => None,
            _ if self.ctegrow == 0 => None,
            cte => Some(spread::over_trails(
                &found,
                self.ctegrow,
                cte == CteDirection::Above,
            )),
        };
        if self.grow > 1 {
            // A square of even side reaches further to higher rows and columns.
            let further = (self.grow / 2) as isize;
            let less = self.grow as isize - 1 - further;
            found = spread::over_square(&found, -further..=less);
        }
        if let Some(trails) = trails {
            spread::join(&mut found, &trails);
        }
        found
    }
}

/// Rows of `ny`, and one more on either side, as far as there are.
fn with_neighbours(rows: &Range<usize>, ny: usize) -> Range<usize> {
    rows.start.saturating_sub(1)..(rows.end + 1).min(ny)
}

/// Memory of a band of rows.
#[derive(Debug, Default)]
pub(crate) struct BandScratch {
    /// Samples of the chip.
    pub(crate) sci: Vec<f32>,
    /// The blotted image, with a row more on either side.
    pub(crate) blotted: Vec<f32>,
    /// Bytes of the file.
    pub(crate) bytes: Vec<u8>,
    derivative: Vec<f32>,
}

impl CrOptions {
    /// Checks all that can be checked without inputs.
    ///
    /// # Errors
    /// [`Error::BadOption`] for negative numbers.
    pub fn check(&self) -> Result<()> {
        for (name, value) in [
            ("driz_cr_snr", self.driz_cr_snr),
            ("driz_cr_scale", self.driz_cr_scale),
        ] {
            if !(value.first >= 0.0 && value.second >= 0.0) {
                return Err(Error::bad_option(
                    name,
                    value,
                    "both numbers have to be 0 or more",
                ));
            }
        }
        Ok(())
    }
}

impl CrTerms {
    fn check(&self) -> Result<()> {
        let positive = [("conversion", self.conversion), ("gain", self.gain)];
        if let Some((name, value)) = positive.into_iter().find(|(_, v)| !(*v > 0.0 && v.is_finite())) {
            return Err(Error::bad_option(name, value, "it has to be over 0 and finite"));
        }
        let finite = [("readnoise", self.readnoise_e), ("sky", self.sky_e)];
        match finite.into_iter().find(|(_, v)| !v.is_finite()) {
            Some((name, value)) => Err(Error::bad_option(name, value, "it has to be finite")),
            None => Ok(()),
        }
    }
}

/// Replaces the samples of marked pixels by those of the blotted image, both in the same unit: driz_cr_corr.
///
/// # Errors
/// [`Error::Shape`] where the images are not of the mask's shape.
pub fn replace_marked(sci: &mut [f32], blotted: &[f32], marked: &BitMask) -> Result<()> {
    let (ny, nx) = marked.shape();
    for (what, len) in [("sci", sci.len()), ("blotted image", blotted.len())] {
        if len != ny * nx {
            return Err(Error::Shape {
                what,
                expected: (ny, nx),
                found: (len.checked_div(nx).unwrap_or(0), nx),
            });
        }
    }
    let rows = sci.chunks_mut(nx.max(1)).zip(blotted.chunks(nx.max(1)));
    for (y, (sci, blotted)) in rows.enumerate() {
        for x in marked.marked(y, 0..nx) {
            sci[x] = blotted[x];
        }
    }
    Ok(())
}
