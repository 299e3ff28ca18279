//! A first guess of the offset between two lists, without knowing which sources are the same.
//!
//! All differences of positions up to a radius are counted in pixels of a plane. Those of sources that are
//! the same fall on one another, and stand out of the differences of the others, which are spread evenly.

use crate::Point;
use crate::fit::Linear;
use rayon::prelude::*;

/// Side of the squares that counts are summed in to find the peak.
const BOX: usize = 3;
/// Side of the squares whose mean the peak is compared with.
const SURROUNDINGS: usize = 15;
/// As many pixels has the histogram along one side at most; beyond, its pixels are enlarged.
const LARGEST_SIDE: usize = 2001;
/// A peak of at least this significance is believed without a search over roll.
pub(crate) const SURE: f64 = 8.0;
/// A peak found by a search over roll has to be at least so significant.
const LEAST_OF_ROLL: f64 = 6.0;
/// Sources smear over so many pixels between two rolls that are tried.
const SMEAR_PX: f64 = 1.5;
/// As many sources of each list take part in a search over roll at most, the brightest.
const MOST_FOR_ROLL: usize = 1500;
/// As many sources of each list take part in one histogram at most, the brightest.
const MOST: usize = 20_000;

/// Where the peak of a histogram of offsets is.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Guess {
    /// Position in the image less that in the reference, pixels along x.
    pub dx: f64,
    /// The same along y.
    pub dy: f64,
    /// Rotation of the image, degrees, counter-clockwise as [`LinearFit::rot`](crate::fit::LinearFit::rot)
    /// counts it, from -180 to 180.
    pub roll: f64,
    /// Differences that make up the peak.
    pub matches: usize,
    /// Height above the surroundings over the square root of these.
    pub significance: f64,
}

impl Guess {
    /// The guess as a map about the middle of the image's sources.
    pub fn linear(&self, centre: Point) -> Linear {
        Linear::rotation(self.roll, [self.dx, self.dy], centre)
    }
}

/// Positions, and how bright the sources there are (greater is brighter; empty where that is not known).
#[derive(Debug, Clone, Copy)]
pub struct Stars<'a> {
    /// Positions in the plane.
    pub positions: &'a [Point],
    /// Brightness.
    pub brightness: &'a [f64],
}

impl Stars<'_> {
    /// The brightest of those that have a position, in the order of `y`.
    fn brightest(&self, most: usize) -> Vec<Point> {
        let mut order: Vec<usize> = (0..self.positions.len())
            .filter(|&index| self.positions[index].iter().all(|c| c.is_finite()))
            .collect();
        if order.len() > most {
            if self.brightness.len() == self.positions.len() {
                let bright = |index: usize| {
                    let value = self.brightness[index];
                    if value.is_nan() { f64::NEG_INFINITY } else { value }
                };
                order.sort_by(|&a, &b| bright(b).total_cmp(&bright(a)));
                order.truncate(most);
            } else {
                let step = order.len().div_ceil(most);
                order = order.into_iter().step_by(step).collect();
            }
        }
        let mut points: Vec<Point> = order.into_iter().map(|index| self.positions[index]).collect();
        points.sort_by(|a, b| a[1].total_cmp(&b[1]).then(a[0].total_cmp(&b[0])));
        points
    }
}

/// The offset of `image` from `reference` within `radius_px` along each axis; nothing where no two sources
/// are so near.
pub fn guess_offset(image: Stars<'_>, reference: Stars<'_>, radius_px: f64) -> Option<Guess> {
    peak_of(&image.brightest(MOST), &reference.brightest(MOST), radius_px)
}

/// The offset and the roll, up to `roll_deg` to either side, of `image` from `reference`.
///
/// The image is turned about the middle of its sources by steps that move its outermost sources by a pixel
/// and a half, and the most significant peak is taken. The offset is that of the middle, which is returned
/// with it. Nothing where no peak stands out.
pub fn guess_roll(
    image: Stars<'_>,
    reference: Stars<'_>,
    radius_px: f64,
    roll_deg: f64,
) -> Option<(Guess, Point)> {
    let (image, reference) = (image.brightest(MOST_FOR_ROLL), reference.brightest(MOST_FOR_ROLL));
    let (middle, extent) = middle(&image)?;
    let step = (SMEAR_PX / extent.max(SMEAR_PX)).to_degrees();
    let count = (roll_deg / step).ceil().min(100_000.0) as i64;
    let guesses: Vec<Option<Guess>> = (-count..=count)
        .into_par_iter()
        .map(|index| {
            let roll = index as f64 * roll_deg / count.max(1) as f64;
            let back = Linear::rotation(roll, [0.0, 0.0], middle);
            let mut turned: Vec<Point> = image.iter().map(|&point| back.to_reference(point)).collect();
            turned.sort_by(|a, b| a[1].total_cmp(&b[1]));
            let guess = peak_of(&turned, &reference, radius_px)?;
            // The offset was found with the roll undone; the map turns first and shifts then.
            let [dx, dy] = back.to_image([middle[0] + guess.dx, middle[1] + guess.dy]);
            Some(Guess {
                dx: dx - middle[0],
                dy: dy - middle[1],
                roll,
                ..guess
            })
        })
        .collect();
    let mut best: Option<Guess> = None;
    for guess in guesses.into_iter().flatten() {
        let roll = best.map_or(f64::INFINITY, |best| best.roll.abs());
        let significance = best.map_or(LEAST_OF_ROLL, |best| best.significance);
        if guess.significance > significance
            || (guess.significance == significance && guess.roll.abs() < roll)
        {
            best = Some(guess);
        }
    }
    best.map(|guess| (guess, middle))
}

/// The middle of the box around all positions, and the distance from there to its corners.
fn middle(points: &[Point]) -> Option<(Point, f64)> {
    let (mut low, mut high) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
    for point in points {
        for axis in 0..2 {
            low[axis] = low[axis].min(point[axis]);
            high[axis] = high[axis].max(point[axis]);
        }
    }
    let middle = [0, 1].map(|axis| (low[axis] + high[axis]) / 2.0);
    let extent = (high[0] - low[0]).hypot(high[1] - low[1]) / 2.0;
    middle.iter().all(|c| c.is_finite()).then_some((middle, extent))
}

/// The peak of the differences of two lists that are in the order of `y`.
fn peak_of(image: &[Point], reference: &[Point], radius_px: f64) -> Option<Guess> {
    let radius = radius_px.max(0.0).ceil();
    let enlarged = ((2.0 * radius + 1.0) / LARGEST_SIDE as f64).ceil().max(1.0);
    let coarse = Counts::of(image, reference, [0.0, 0.0], radius, enlarged).peak()?;
    if enlarged == 1.0 {
        return Some(coarse);
    }
    let around = [coarse.dx.round(), coarse.dy.round()];
    Counts::of(image, reference, around, 4.0 * enlarged, 1.0).peak()
}

/// A histogram of differences.
struct Counts {
    /// The difference at the middle.
    centre: Point,
    /// Size of its pixels.
    bin: f64,
    side: usize,
    counts: Vec<u32>,
}

impl Counts {
    fn of(image: &[Point], reference: &[Point], centre: Point, radius: f64, bin: f64) -> Self {
        let half = (radius / bin).ceil() as usize;
        let side = 2 * half + 1;
        let reach = (half as f64 + 0.5) * bin;
        let lowest = [centre[0] - reach, centre[1] - reach];
        let count = |mut counts: Vec<u32>, points: &[Point]| {
            for [x, y] in points {
                // The reference is where the image is, less the difference.
                let first = reference.partition_point(|point| y - point[1] >= lowest[1] + 2.0 * reach);
                for point in &reference[first..] {
                    let row = (y - point[1] - lowest[1]) / bin;
                    if row < 0.0 {
                        break;
                    }
                    let column = (x - point[0] - lowest[0]) / bin;
                    if column >= 0.0 && (column as usize) < side && (row as usize) < side {
                        counts[row as usize * side + column as usize] += 1;
                    }
                }
            }
            counts
        };
        let counts = image
            .par_chunks(image.len().div_ceil(rayon::current_num_threads()).max(256))
            .map(|points| count(vec![0; side * side], points))
            .reduce_with(|mut a, b| {
                for (a, b) in a.iter_mut().zip(b) {
                    *a += b;
                }
                a
            });
        Self {
            centre,
            bin,
            side,
            counts: counts.unwrap_or_else(|| vec![0; side * side]),
        }
    }

    /// The square whose sum stands out most of the mean around it.
    fn peak(&self) -> Option<Guess> {
        let sums = Integral::of(&self.counts, self.side);
        let (all, pixels) = sums.square(self.side / 2, self.side / 2, self.side);
        let mean = f64::from(all) * (BOX * BOX) as f64 / pixels as f64;
        // What is not above the mean of all is no peak; only the rest is looked at closely.
        let worth = ((mean + 2.0 * mean.sqrt()) as u32).min(self.most(&sums));
        let mut best: Option<(f64, usize, usize)> = None;
        for row in 0..self.side {
            for column in 0..self.side {
                let (inner, pixels) = sums.square(column, row, BOX);
                if inner == 0 || inner < worth {
                    continue;
                }
                let (outer, around) = sums.square(column, row, SURROUNDINGS);
                // The surroundings without the peak itself; a histogram too small for any has none.
                let level = f64::from(outer - inner) / (around - pixels).max(1) as f64 * pixels as f64;
                let significance = (f64::from(inner) - level) / (level + 1.0).sqrt();
                if best.is_none_or(|(least, ..)| significance > least) {
                    best = Some((significance, column, row));
                }
            }
        }
        let (significance, column, row) = best?;
        let (matches, _) = sums.square(column, row, BOX);
        let half = (self.side / 2) as f64;
        let [x, y] = self.centroid(column, row);
        Some(Guess {
            dx: self.centre[0] + (x - half) * self.bin,
            dy: self.centre[1] + (y - half) * self.bin,
            roll: 0.0,
            matches: matches as usize,
            significance,
        })
    }

    /// The largest sum in any square.
    fn most(&self, sums: &Integral) -> u32 {
        let rows = 0..self.side;
        let of_row = |row| {
            (0..self.side)
                .map(move |column| sums.square(column, row, BOX).0)
                .max()
        };
        rows.filter_map(of_row).max().unwrap_or(0)
    }

    /// Centroid of the square about a pixel.
    fn centroid(&self, column: usize, row: usize) -> Point {
        let near = |at: usize| at.saturating_sub(BOX / 2)..(at + BOX / 2 + 1).min(self.side);
        let (mut total, mut x, mut y) = (0.0, 0.0, 0.0);
        for j in near(row) {
            for i in near(column) {
                let count = f64::from(self.counts[j * self.side + i]);
                total += count;
                x += count * i as f64;
                y += count * j as f64;
            }
        }
        [x / total, y / total]
    }
}

/// Sums of counts over the pixels below and left, by which any square is four look-ups.
struct Integral {
    side: usize,
    /// No more than pairs of sources, which [`MOST`] keeps below what fits.
    sums: Vec<u32>,
}

impl Integral {
    fn of(counts: &[u32], side: usize) -> Self {
        let width = side + 1;
        let mut sums = vec![0_u32; width * width];
        for row in 0..side {
            let mut along = 0;
            for column in 0..side {
                along += counts[row * side + column];
                sums[(row + 1) * width + column + 1] = sums[row * width + column + 1] + along;
            }
        }
        Self { side, sums }
    }

    /// Sum and number of the pixels of a square about a pixel that are inside.
    fn square(&self, column: usize, row: usize, size: usize) -> (u32, usize) {
        let range = |at: usize| (at.saturating_sub(size / 2), (at + size / 2 + 1).min(self.side));
        let ((left, right), (bottom, top)) = (range(column), range(row));
        let at = |column: usize, row: usize| self.sums[row * (self.side + 1) + column];
        let sum = at(right, top) + at(left, bottom) - at(left, top) - at(right, bottom);
        (sum, (right - left) * (top - bottom))
    }
}
