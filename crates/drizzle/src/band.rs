//! The part of the output that one thread fills.

use crate::accumulator::Sum;
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
    pub(crate) context: Option<&'a mut [i32]>,
    pub(crate) bit: i32,
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
            context: self.context.as_deref_mut(),
            bit: self.bit,
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
            let sums = self.sums.get(here.clone()).unwrap_or(&[]);
            for sum in sums.iter().step_by(LINE / size_of::<Sum>()) {
                any ^= sum.weight.to_bits();
            }
            let context = self.context.as_ref().and_then(|context| context.get(here));
            for bits in context.unwrap_or(&[]).iter().step_by(LINE / size_of::<i32>()) {
                any ^= *bits as u64;
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
    context: Option<&'a mut [i32]>,
    bit: i32,
}

impl Sums<'_> {
    /// Adds a share of a sample to column `x` of row `y`, counted from the band's first row.
    #[inline(always)]
    pub(crate) fn add(&mut self, x: usize, y: usize, share: f64, sample: Sample) {
        let at = y * self.nx + x;
        let weight = share * sample.weight;
        if weight == 0.0 {
            let left = self.left.as_deref_mut();
            if let Some(left) = left.and_then(|left| left.get_mut(at)) {
                *left = sample.value as f32;
            }
            return;
        }
        let Some(sum) = self.sums.get_mut(at) else {
            return;
        };
        sum.weighted += share * sample.weighted();
        sum.weight += weight;
        let context = self.context.as_deref_mut();
        if let Some(context) = context.and_then(|context| context.get_mut(at)) {
            *context |= if weight > 0.0 { self.bit } else { 0 };
        }
        let variances = self.variance.as_deref_mut();
        if let Some(sum) = variances.and_then(|variances| variances.get_mut(at)) {
            *sum += weight * weight * sample.variance;
        }
    }

    /// Adds to the pixels of a box of `W` columns and `H` rows, of which the first is at `(x, y)` as for [`Sums::add`]:
    /// the share of a sample that `share` tells for the `k`-th, column after column, and the image's bit of the context to
    /// those that `given` has a bit for, row after row. Nothing is added where the band does not hold the whole box. The
    /// bits are those of adding pixel by pixel.
    #[inline(always)]
    pub(crate) fn add_box<const W: usize, const H: usize>(
        &mut self,
        (x, y): (usize, usize),
        share: impl Fn(usize) -> f64,
        given: u64,
        sample: Sample,
    ) {
        let at = y * self.nx + x;
        let (weight, weighted) = (sample.weight, sample.weighted());
        let given = if weight > 0.0 { given } else { 0 };
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
        let context = self.context.as_deref_mut();
        if let Some(mut context) = context.and_then(|context| rows::<_, W, H>(context, at, self.nx)) {
            for (y, context) in context.iter_mut().enumerate() {
                let marks = &MARKS[(given >> (y * W)) as usize % MARKS.len()];
                for x in 0..W {
                    context[x] |= marks[x] & self.bit;
                }
            }
        }
        let variances = self.variance.as_deref_mut();
        if let Some(mut sums) = variances.and_then(|variances| rows::<_, W, H>(variances, at, self.nx)) {
            for x in 0..W {
                for (y, sums) in sums.iter_mut().enumerate() {
                    let weight = share(x * H + y) * weight;
                    sums[x] += weight * weight * sample.variance;
                }
            }
        }
    }
}

/// Columns of a box at most.
const WIDEST: usize = 4;
/// For each number all ones where it has a bit.
const MARKS: [[i32; WIDEST]; 1 << WIDEST] = {
    let mut marks = [[0; WIDEST]; 1 << WIDEST];
    let mut number = 0;
    while number < marks.len() {
        let mut x = 0;
        while x < WIDEST {
            marks[number][x] = -(((number >> x) & 1) as i32);
            x += 1;
        }
        number += 1;
    }
    marks
};

/// The rows of a box whose first pixel is at `at`, `W` pixels each.
#[inline(always)]
fn rows<T, const W: usize, const H: usize>(all: &mut [T], at: usize, nx: usize) -> Option<[&mut [T]; H]> {
    let mut rest = all.get_mut(at..)?;
    let mut rows: [&mut [T]; H] = std::array::from_fn(|_| Default::default());
    for (k, row) in rows.iter_mut().enumerate() {
        if k > 0 {
            rest = rest.get_mut(nx.checked_sub(W)?..)?;
        }
        (*row, rest) = rest.split_at_mut_checked(W)?;
    }
    Some(rows)
}
