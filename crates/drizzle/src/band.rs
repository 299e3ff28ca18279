//! The part of the output that one thread fills.

use crate::accumulator::Sum;
use crate::context::Marks;
use crate::samples::Sample;
use std::ops::Range;

/// Some rows of the output, written by one thread.
pub(crate) struct Band<'a> {
    /// Output row of the first row here.
    pub(crate) first: usize,
    pub(crate) nx: usize,
    /// Rows of the whole output.
    pub(crate) of: usize,
    pub(crate) sums: &'a mut [Sum],
    pub(crate) left: Option<&'a mut [f32]>,
    pub(crate) variance: Option<&'a mut [f64]>,
    /// The bits of the image that is being added.
    pub(crate) context: Option<&'a mut [u64]>,
}

impl Band<'_> {
    /// Number of rows.
    pub(crate) fn ny(&self) -> usize {
        self.sums.len().checked_div(self.nx).unwrap_or(0)
    }

    /// The planes, each as a slice of its own that the compiler can keep track of.
    #[inline(always)]
    pub(crate) fn sums(&mut self) -> Sums<'_> {
        Sums {
            nx: self.nx,
            sums: self.sums,
            left: self.left.as_deref_mut(),
            variance: self.variance.as_deref_mut(),
            context: self.context.as_deref_mut().map(|bits| Marks::new(self.nx, bits)),
        }
    }

    /// Brings what a box of output columns and rows has, and a pixel around it, into the cache. Rows of the detector cut
    /// across those of the output as a rule, from one page of memory to the next, so that neither the processor foresees
    /// what comes, nor are there several waits for memory at once, as there are here.
    pub(crate) fn fetch(&self, (x, y): ((f64, f64), (f64, f64)), stripe: &Range<usize>) {
        /// Bytes in a line of the cache.
        const LINE: usize = 64;
        // The casts saturate.
        let columns = ((x.0 - 1.0) as usize).max(stripe.start)..((x.1 + 2.0) as usize).min(stripe.end);
        let row = |y: f64| (y as usize).saturating_sub(self.first).min(self.ny());
        if columns.is_empty() {
            return;
        }
        let mut any = 0;
        for row in row(y.0 - 1.0)..row(y.1 + 2.0) {
            let here = row * self.nx + columns.start..row * self.nx + columns.end;
            let sums = self.sums.get(here).unwrap_or(&[]);
            for sum in sums.iter().step_by(LINE / size_of::<Sum>()) {
                any ^= sum.weight.to_bits();
            }
        }
        std::hint::black_box(any);
    }
}

/// What one thread adds to.
pub(crate) struct Sums<'a> {
    nx: usize,
    sums: &'a mut [Sum],
    left: Option<&'a mut [f32]>,
    variance: Option<&'a mut [f64]>,
    context: Option<Marks<'a>>,
}

impl Sums<'_> {
    /// Adds a share of a sample to column `x` of row `y`, counted from the band's first row.
    #[inline(always)]
    pub(crate) fn add(&mut self, x: usize, y: usize, share: f32, sample: Sample) {
        let at = y * self.nx + x;
        if share == 0.0 || sample.weight == 0.0 {
            let left = self.left.as_deref_mut();
            if let Some(left) = left.and_then(|left| left.get_mut(at)) {
                *left = sample.value;
            }
            return;
        }
        let Some(sum) = self.sums.get_mut(at) else {
            return;
        };
        let weight = share * sample.weight;
        sum.weighted += share * sample.weighted;
        sum.weight += weight;
        let counts = share > 0.0 && sample.weight > 0.0;
        if let Some(context) = self.context.as_mut().filter(|_| counts) {
            context.mark((x, y));
        }
        let variances = self.variance.as_deref_mut();
        if let Some(sum) = variances.and_then(|variances| variances.get_mut(at)) {
            *sum += f64::from(weight).powi(2) * sample.variance;
        }
    }

    /// Adds to the pixels of a box of `W` columns and `H` rows, of which the first is at `(x, y)` as for [`Sums::add`]:
    /// the share of a sample that `share` tells for the `k`-th, column after column. `given` has a bit for those whose
    /// share counts, row after row. Nothing is added where the band does not hold the whole box. The bits are those of
    /// adding pixel by pixel.
    #[inline(always)]
    pub(crate) fn add_box<const W: usize, const H: usize>(
        &mut self,
        (x, y): (usize, usize),
        share: impl Fn(usize) -> f32,
        given: u64,
        sample: Sample,
    ) {
        let at = y * self.nx + x;
        let (weight, weighted) = (sample.weight, sample.weighted);
        let Some(mut sums) = rows::<_, W, H>(self.sums, at, self.nx) else {
            return;
        };
        for x in 0..W {
            for (y, sums) in sums.iter_mut().enumerate() {
                let share = share(x * H + y);
                sums[x].weighted += share * weighted;
                sums[x].weight += share * weight;
            }
        }
        if let Some(context) = &mut self.context {
            context.mark_box::<W, H>((x, y), if weight > 0.0 { given } else { 0 });
        }
        let variances = self.variance.as_deref_mut();
        if let Some(mut sums) = variances.and_then(|variances| rows::<_, W, H>(variances, at, self.nx)) {
            for x in 0..W {
                for (y, sums) in sums.iter_mut().enumerate() {
                    let weight = share(x * H + y) * weight;
                    sums[x] += f64::from(weight).powi(2) * sample.variance;
                }
            }
        }
    }
}

/// The rows of a box whose first pixel is at `at`, `W` pixels each.
#[inline(always)]
fn rows<T, const W: usize, const H: usize>(all: &mut [T], at: usize, nx: usize) -> Option<[&mut [T]; H]> {
    let mut rest = all.get_mut(at..)?;
    let mut rows: [&mut [T]; H] = std::array::from_fn(|_| Default::default());
    for (k, row) in rows.iter_mut().enumerate() {
        let whole;
        if k + 1 < H {
            (whole, rest) = rest.split_at_mut_checked(nx)?;
        } else {
            (whole, rest) = (rest, Default::default());
        }
        *row = whole.get_mut(..W)?;
    }
    Some(rows)
}
