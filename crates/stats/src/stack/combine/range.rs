//! Which ranks of the samples of each column are left.

use super::lines::{Line, Lines};
use crate::stack::network::COLUMNS;

/// What the samples of some ranges add up to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moments {
    of: Ranges,
    sums: [f64; COLUMNS],
    pub(super) means: [f64; COLUMNS],
    /// Sums of the squares of what lies between the samples and their mean.
    squares: [f64; COLUMNS],
}

impl Moments {
    /// Standard deviations about the means.
    #[inline(always)]
    pub(super) fn deviations(&self) -> [f64; COLUMNS] {
        let mut deviations = self.squares;
        for (deviation, length) in deviations.iter_mut().zip(self.of.lengths()) {
            *deviation = (*deviation / length).sqrt();
        }
        deviations
    }
}

/// Of each column the first rank that is left, and the one behind the last.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ranges {
    pub(super) first: [i64; COLUMNS],
    pub(super) end: [i64; COLUMNS],
}

/// The first rank of a column that is left, and the one behind the last.
pub(super) type ColumnRange = (i64, i64);

/// Up to so many columns of which samples are left out are summed one by one, and the others without asking what is left.
const FEW: usize = 4;

impl Ranges {
    /// All that may be used.
    #[inline(always)]
    pub(super) fn all(counts: [usize; COLUMNS]) -> Self {
        Self {
            first: [0; COLUMNS],
            end: counts.map(|count| count as i64),
        }
    }

    /// How many samples of a column are left.
    #[inline(always)]
    pub(super) fn len(&self, column: usize) -> usize {
        (self.end[column] - self.first[column]).max(0) as usize
    }

    #[inline(always)]
    pub(super) fn first(&self, column: usize) -> usize {
        self.first[column] as usize
    }

    #[inline(always)]
    pub(super) fn of_column(&self, column: usize) -> ColumnRange {
        (self.first[column], self.end[column])
    }

    #[inline(always)]
    fn is_whole<L: Line>(&self, lines: &Lines<L>, column: usize) -> bool {
        (self.first[column] == 0) & (self.end[column] == lines.lines().len() as i64)
    }

    /// Whether every line may be used and is left.
    #[inline(always)]
    pub(super) fn are_whole<L: Line>(&self, lines: &Lines<L>) -> bool {
        (0..COLUMNS).fold(true, |whole, column| whole & self.is_whole(lines, column))
    }

    /// Whether all that may be used are left.
    #[inline(always)]
    pub(super) fn are_all(&self, counts: [usize; COLUMNS]) -> bool {
        let mut same = true;
        for (column, count) in counts.into_iter().enumerate() {
            same &= self.end[column] - self.first[column] == count as i64;
        }
        same
    }

    /// How many samples of each column are left, as a number to divide by.
    #[inline(always)]
    pub(super) fn lengths(&self) -> [f64; COLUMNS] {
        let mut lengths = [0.0; COLUMNS];
        for (length, (first, end)) in lengths.iter_mut().zip(self.first.iter().zip(&self.end)) {
            *length = (end - first) as f64;
        }
        lengths
    }

    /// The ranks that are left in any column.
    #[inline(always)]
    fn ranks(&self) -> std::ops::Range<usize> {
        let first = self.first.iter().fold(i64::MAX, |least, first| least.min(*first));
        let end = self.end.iter().fold(0, |most, end| most.max(*end));
        first as usize..end.max(first) as usize
    }

    /// The sum of a term of each sample that is left. Samples are in order of rank. What is `known` of some ranges holds for
    /// the columns of which the same is left.
    #[inline(always)]
    fn sum<L: Line>(
        &self,
        lines: &Lines<L>,
        known: Option<(&Self, &[f64; COLUMNS])>,
        term: impl Fn(f64, usize) -> f64,
    ) -> [f64; COLUMNS] {
        let whole = Self::all([lines.lines().len(); COLUMNS]);
        let of = known.map_or(whole, |(of, _)| *of);
        let others = (0..COLUMNS).fold(0, |others, column| {
            others + usize::from(self.of_column(column) != of.of_column(column))
        });
        if others > FEW {
            return self.sum_of_each(lines, term);
        }
        let mut sums = match known {
            Some((_, sums)) => *sums,
            None => sum_of_whole(lines, &term),
        };
        if others > 0 {
            for (column, sum) in sums.iter_mut().enumerate() {
                let range = self.of_column(column);
                if range != of.of_column(column) {
                    let ranks = lines.ranks(column, range);
                    *sum = ranks.fold(0.0, |sum, sample| sum + term(sample, column));
                }
            }
        }
        sums
    }

    /// [`Ranges::sum`] side by side, whatever is left of each column.
    #[inline(always)]
    fn sum_of_each<L: Line>(&self, lines: &Lines<L>, term: impl Fn(f64, usize) -> f64) -> [f64; COLUMNS] {
        let mut sums = [0.0; COLUMNS];
        for rank in self.ranks() {
            let line = &lines.lines()[rank];
            for column in 0..COLUMNS {
                let inside = (rank as i64 >= self.first[column]) & ((rank as i64) < self.end[column]);
                let term = term(line[column].to_f64(), column);
                sums[column] += if inside { term } else { 0.0 };
            }
        }
        sums
    }

    /// The sums of what is left, of those that are `known` no more than is needed.
    #[inline(always)]
    pub(super) fn sums<L: Line>(&self, lines: &Lines<L>, known: Option<&Moments>) -> [f64; COLUMNS] {
        self.sum(
            lines,
            known.map(|known| (&known.of, &known.sums)),
            #[inline(always)]
            |sample, _| sample,
        )
    }

    /// Sums, means and standard deviations about them of what is left.
    #[inline(always)]
    pub(super) fn moments<L: Line>(&self, lines: &Lines<L>, known: Option<&Moments>) -> Moments {
        let sums = self.sums(lines, known);
        let means = self.means(lines, &sums);
        let squares = self.sum(
            lines,
            known.map(|known| (&known.of, &known.squares)),
            #[inline(always)]
            |sample, column| (sample - means[column]) * (sample - means[column]),
        );
        Moments {
            of: *self,
            sums,
            means,
            squares,
        }
    }

    /// Mean of what is left, which lies between the lowest and the highest of it whatever rounding does; NaN where nothing
    /// is.
    #[inline(always)]
    fn means<L: Line>(&self, lines: &Lines<L>, sums: &[f64; COLUMNS]) -> [f64; COLUMNS] {
        let mut means = *sums;
        for (mean, length) in means.iter_mut().zip(self.lengths()) {
            *mean /= length;
        }
        if let (true, Some((lowest, highest))) = (self.are_whole(lines), lines.ends()) {
            for column in 0..COLUMNS {
                means[column] = means[column]
                    .max(lowest[column].to_f64())
                    .min(highest[column].to_f64());
            }
            return means;
        }
        for (column, mean) in means.iter_mut().enumerate() {
            *mean = between(lines, column, self.of_column(column), *mean);
        }
        means
    }

    /// The median of what is left of a column; NaN where nothing is.
    #[inline(always)]
    pub(super) fn median<L: Line>(&self, lines: &Lines<L>, column: usize) -> f64 {
        median(lines, column, self.of_column(column))
    }

    /// The median absolute deviation from the median of a column.
    #[inline(always)]
    pub(super) fn mad<L: Line>(&self, lines: &Lines<L>, column: usize, median: f64) -> f64 {
        mad(lines, column, self.of_column(column), median)
    }
}

/// The sums of a term of all samples, usable or not.
#[inline(always)]
fn sum_of_whole<L: Line>(lines: &Lines<L>, term: impl Fn(f64, usize) -> f64) -> [f64; COLUMNS] {
    let mut sums = [0.0; COLUMNS];
    for line in lines.lines() {
        for column in 0..COLUMNS {
            sums[column] += term(line[column].to_f64(), column);
        }
    }
    sums
}

fn between<L: Line>(lines: &Lines<L>, column: usize, (first, end): ColumnRange, mean: f64) -> f64 {
    if first >= end {
        return mean;
    }
    let (lowest, highest) = (
        lines.at(column, first as usize),
        lines.at(column, end as usize - 1),
    );
    mean.max(lowest).min(highest)
}

/// As [`Ranges::means`], of one column.
pub(super) fn mean<L: Line>(lines: &Lines<L>, column: usize, range: ColumnRange) -> f64 {
    let sum = lines.ranks(column, range).fold(0.0, |sum, sample| sum + sample);
    between(lines, column, range, sum / (range.1 - range.0) as f64)
}

/// As [`Moments::deviations`], of one column.
pub(super) fn deviation<L: Line>(lines: &Lines<L>, column: usize, range: ColumnRange, mean: f64) -> f64 {
    let squares = lines
        .ranks(column, range)
        .map(|sample| (sample - mean) * (sample - mean));
    let sum = squares.fold(0.0, |sum, square| sum + square);
    (sum / (range.1 - range.0) as f64).sqrt()
}

/// The median of a range; NaN where there is nothing in it.
#[inline(always)]
pub(super) fn median<L: Line>(lines: &Lines<L>, column: usize, (first, end): ColumnRange) -> f64 {
    let (first, len) = (first as usize, (end - first).max(0) as usize);
    if len == 0 {
        return f64::NAN;
    }
    let upper = lines.at(column, first + len / 2);
    if len % 2 == 1 {
        return upper;
    }
    0.5 * lines.at(column, first + len / 2 - 1) + 0.5 * upper
}

/// The median absolute deviation from the median of a range. What is nearest to the median are neighbours in rank, so that
/// where they begin is found by halving.
#[inline(always)]
pub(super) fn mad<L: Line>(lines: &Lines<L>, column: usize, (first, end): ColumnRange, median: f64) -> f64 {
    let (first, len) = (first as usize, (end - first).max(0) as usize);
    if len == 0 {
        return f64::NAN;
    }
    let below = |rank: usize| median - lines.at(column, rank);
    let above = |rank: usize| lines.at(column, rank) - median;
    // The `near` nearest to the median: of an even number half, of an odd one the middle one too.
    let near = len.div_ceil(2);
    let (mut begin, mut most) = (first, first + len - near);
    while begin < most {
        let middle = (begin + most) / 2;
        if below(middle) > above(middle + near) {
            begin = middle + 1;
        } else {
            most = middle;
        }
    }
    let farthest = below(begin).max(above(begin + near - 1));
    if len % 2 == 1 {
        return farthest;
    }
    let before = if begin > first {
        below(begin - 1)
    } else {
        f64::INFINITY
    };
    let behind = if begin + near < first + len {
        above(begin + near)
    } else {
        f64::INFINITY
    };
    0.5 * farthest + 0.5 * before.min(behind)
}
