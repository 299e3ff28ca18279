//! Polynomials of third and fifth degree through the nearest 4 × 4 and 6 × 6 pixels.
//!
//! drizzlepac evaluates them by Everett's central differences; here the same polynomials are sums of samples times
//! weights, first along y for all columns at once, then along x.

use super::{GROUP, Interpolate, Source};
use crate::lanes::Singles;
use pulp::Simd;

/// Samples of a row that are looked at together, of which the first four or six count.
const WIDTH: usize = 8;
type Window = [f32; WIDTH];

/// Lagrange's polynomials for the nodes −1, 0, 1, 2, from the third power down; one column for each node.
const CUBIC: [Window; 4] = columns([
    [-1.0 / 6.0, 0.5, -1.0 / 3.0, 0.0],
    [0.5, -1.0, -0.5, 1.0],
    [-0.5, 0.5, 1.0, 0.0],
    [1.0 / 6.0, 0.0, -1.0 / 6.0, 0.0],
]);

/// Lagrange's polynomials for the nodes −2 to 3, from the fifth power down.
const QUINTIC: [Window; 6] = columns([
    [
        -1.0 / 120.0,
        5.0 / 120.0,
        -5.0 / 120.0,
        -5.0 / 120.0,
        6.0 / 120.0,
        0.0,
    ],
    [
        5.0 / 120.0,
        -20.0 / 120.0,
        -5.0 / 120.0,
        80.0 / 120.0,
        -60.0 / 120.0,
        0.0,
    ],
    [
        -10.0 / 120.0,
        30.0 / 120.0,
        50.0 / 120.0,
        -150.0 / 120.0,
        -40.0 / 120.0,
        1.0,
    ],
    [10.0 / 120.0, -20.0 / 120.0, -70.0 / 120.0, 80.0 / 120.0, 1.0, 0.0],
    [
        -5.0 / 120.0,
        5.0 / 120.0,
        35.0 / 120.0,
        -5.0 / 120.0,
        -30.0 / 120.0,
        0.0,
    ],
    [1.0 / 120.0, 0.0, -5.0 / 120.0, 0.0, 4.0 / 120.0, 0.0],
]);

/// The coefficients of all nodes' polynomials, power by power.
const fn columns<const N: usize>(nodes: [[f64; N]; N]) -> [Window; N] {
    let mut out = [[0.0; WIDTH]; N];
    let (mut node, mut power) = (0, 0);
    while node < N {
        while power < N {
            out[power][node] = nodes[node][power] as f32;
            power += 1;
        }
        power = 0;
        node += 1;
    }
    out
}

/// A polynomial through `N` × `N` samples, by the coefficients of its nodes.
pub(super) struct Poly<const N: usize>(&'static [Window; N]);

pub(super) const POLY3: Poly<4> = Poly(&CUBIC);
pub(super) const POLY5: Poly<6> = Poly(&QUINTIC);

impl<const N: usize> Interpolate for Poly<N> {
    #[inline(always)]
    fn at(&self, source: &Source, x: f32, y: f32) -> Option<f32> {
        let (scalar, mut value) = (pulp::Scalar::new(), [0.0]);
        let found = interpolated(scalar, source, (&[x], &[y]), 1, self.0, &mut value);
        (found == 1).then_some(value[0])
    }

    #[inline(always)]
    fn group<V: Simd>(
        &self,
        simd: V,
        source: &Source,
        points: (&[f32], &[f32]),
        inside: u64,
        values: &mut [f32],
    ) -> u64 {
        interpolated(simd, source, points, inside, self.0, values)
    }
}

/// A number for each point of a group.
type Group = [f32; GROUP];

/// By polynomials through `N` × `N` samples, of which `N / 2 - 1` lie below the point's pixel along either axis: sums
/// along y for each of the columns, and then those along x.
///
/// Weights are found for all points of the group side by side, and so are the sums where neighbouring points are in
/// neighbouring pixels of a row, as they are as a rule; else the sums along y of one point for all columns side by side.
#[inline(always)]
fn interpolated<V: Simd, const N: usize>(
    simd: V,
    source: &Source,
    (x, y): (&[f32], &[f32]),
    inside: u64,
    coefficients: &[Window; N],
    values: &mut [f32],
) -> u64 {
    let (columns, wx) = weights(coefficients, x);
    let (rows, wy) = weights(coefficients, y);
    let lines = Lines::<N>::around(source, (&columns, &rows)).filter(|_| inside == u64::MAX);
    if let Some(lines) = lines
        && lines.group(simd, (&columns, &rows), (&wx, &wy), values)
    {
        return inside;
    }
    let mut sums = [[0.0; WIDTH]; GROUP];
    let mut found = inside;
    for (p, sums) in sums.iter_mut().enumerate().take(values.len()) {
        if inside >> p & 1 == 0 {
            continue;
        }
        let weights: [f32; N] = std::array::from_fn(|k| wy[k][p]);
        match sums_along_y(source, (columns[p] as usize, rows[p] as usize), &weights) {
            Some(found) => *sums = found,
            None => found &= !(1 << p),
        }
    }
    for (p, (value, sums)) in values.iter_mut().zip(&sums).enumerate() {
        let mut pairs = [0.0; WIDTH / 2];
        for (k, pair) in pairs.iter_mut().enumerate().take(N / 2) {
            *pair = sums[2 * k] * wx[2 * k][p] + sums[2 * k + 1] * wx[2 * k + 1][p];
        }
        *value = (pairs[0] + pairs[1]) + pairs[2];
    }
    found
}

/// The pixels below points, and the weights of the nodes around them.
#[inline(always)]
fn weights<const N: usize>(coefficients: &[Window; N], at: &[f32]) -> ([i32; GROUP], [Group; N]) {
    let (mut pixels, mut s) = ([0; GROUP], [0.0; GROUP]);
    for ((pixel, s), at) in pixels.iter_mut().zip(&mut s).zip(at) {
        *pixel = *at as i32;
        *s = at - *pixel as f32;
    }
    let mut weights = [[0.0; GROUP]; N];
    for (node, weights) in weights.iter_mut().enumerate() {
        for (weight, s) in weights.iter_mut().zip(&s) {
            *weight = coefficients[0][node];
            for power in &coefficients[1..] {
                *weight = *weight * s + power[node];
            }
        }
    }
    (pixels, weights)
}

/// The rows of a source, each as it lies above the one before: what is at `start` in all of them is one window.
#[derive(Clone, Copy)]
struct Lines<'a, const N: usize> {
    /// All as long as each other.
    rows: [&'a [f32]; N],
    nx: usize,
    /// Row and column of the source that the first row starts at, less those that windows begin below a pixel.
    origin: usize,
}

impl<'a, const N: usize> Lines<'a, N> {
    /// What a window reaches below the pixel of its point.
    const BELOW: usize = N / 2 - 1;

    /// `None` where the source has fewer rows than a window.
    #[inline(always)]
    fn of(source: &Source<'a>) -> Option<Self> {
        let nx = source.nx;
        let length = source.data.len().checked_sub((N - 1) * nx)?;
        let mut rows = [&source.data[..0]; N];
        for (k, row) in rows.iter_mut().enumerate() {
            *row = source.data.get(k * nx..k * nx + length)?;
        }
        let origin = (Self::BELOW + source.first_row) * nx + Self::BELOW;
        Some(Self { rows, nx, origin })
    }

    /// Where the windows of all pixels of a group, by their columns and rows, are within rows and columns of the
    /// source.
    #[inline(always)]
    fn around(source: &Source<'a>, (columns, rows): (&[i32; GROUP], &[i32; GROUP])) -> Option<Self> {
        let span = |all: &[i32; GROUP]| {
            all.iter()
                .fold((i32::MAX, i32::MIN), |(lo, hi), v| (lo.min(*v), hi.max(*v)))
        };
        let ((left, right), (bottom, top)) = (span(columns), span(rows));
        let [left, right, bottom, top] = [left, right, bottom, top].map(|at| at as usize);
        let inner = Self::holds(source, (left, bottom)) & Self::holds(source, (right, top));
        if inner { Self::of(source) } else { None }
    }

    /// Whether the source has all of the window of a pixel, and holds it. A pixel before the first is one far behind the last.
    #[inline(always)]
    fn holds(source: &Source, (column, row): (usize, usize)) -> bool {
        let held = source.data.len() / source.nx.max(1);
        (column >= Self::BELOW)
            & (column.saturating_add(WIDTH) <= source.nx + Self::BELOW)
            & (row >= Self::BELOW + source.first_row)
            & (row.saturating_add(N) <= held + Self::BELOW + source.first_row)
    }

    /// Where the window of a pixel starts.
    #[inline(always)]
    fn start(&self, (column, row): (i32, i32)) -> usize {
        (row as usize * self.nx + column as usize).wrapping_sub(self.origin)
    }

    /// The sums of the rows of the window at `start` times their weights; `None` beyond the end.
    #[inline(always)]
    fn sums(&self, start: usize, weights: &[f32; N]) -> Option<Window> {
        let mut sums = [0.0; WIDTH];
        for (row, weight) in self.rows.iter().zip(weights) {
            // One and the same question for all rows, as they are equally long.
            let row: &Window = row.get(start..)?.first_chunk()?;
            sums = std::array::from_fn(|c| sums[c] + row[c] * weight);
        }
        Some(sums)
    }

    /// The values at a whole group of points by runs of neighbours. False, and values without meaning, where runs are
    /// too short for that to pay, or so close to the end that a run looks beyond it.
    #[inline(always)]
    fn group<V: Simd>(
        &self,
        simd: V,
        (columns, rows): (&[i32; GROUP], &[i32; GROUP]),
        (wx, wy): (&[Group; N], &[Group; N]),
        values: &mut [f32],
    ) -> bool {
        /// With more runs than this in a group each point is better looked at by itself.
        const MOST_RUNS: usize = 16;
        // The same for all points of a run.
        let mut keys = [0usize; GROUP];
        for (p, (key, at)) in keys.iter_mut().zip(columns.iter().zip(rows)).enumerate() {
            *key = self.start((*at.0, *at.1)).wrapping_sub(p);
        }
        let breaks = keys.windows(2).filter(|pair| pair[0] != pair[1]).count();
        if breaks >= MOST_RUNS {
            return false;
        }
        let mut p = 0;
        while p < GROUP {
            let key = keys[p];
            let end = p + keys[p..].iter().take_while(|of| **of == key).count();
            // Lanes beyond the end of a run are made anew by the next one.
            while p < end {
                let Some(value) = self.lanes(simd, key.wrapping_add(p), p, (wx, wy)) else {
                    return false;
                };
                value.store(values, p);
                p += Singles::<V>::COUNT;
            }
            p = end;
        }
        true
    }

    /// The values at points from the `p`-th on whose windows begin at `start` and behind it.
    #[inline(always)]
    fn lanes<V: Simd>(
        &self,
        simd: V,
        start: usize,
        p: usize,
        (wx, wy): (&[Group; N], &[Group; N]),
    ) -> Option<Singles<V>> {
        let mut sums = [Singles::splat(simd, 0.0); N];
        for (row, weights) in self.rows.iter().zip(wy) {
            let row = row.get(start..start.checked_add(Singles::<V>::COUNT + WIDTH)?)?;
            let weight = Singles::load(simd, weights, p);
            for (c, sum) in sums.iter_mut().enumerate() {
                *sum = *sum + Singles::load(simd, row, c) * weight;
            }
        }
        let mut pairs = [Singles::splat(simd, 0.0); 3];
        for (k, pair) in pairs.iter_mut().enumerate().take(N / 2) {
            let weight = |k: usize| Singles::load(simd, &wx[k], p);
            *pair = sums[2 * k] * weight(2 * k) + sums[2 * k + 1] * weight(2 * k + 1);
        }
        Some((pairs[0] + pairs[1]) + pairs[2])
    }
}

/// The sums along y for a point in pixel `(i, j)` that may be next to the edge; `None` where it needs rows that are not
/// held.
#[inline(always)]
fn sums_along_y<const N: usize>(
    source: &Source,
    (i, j): (usize, usize),
    weights: &[f32; N],
) -> Option<Window> {
    let inner = Lines::<N>::holds(source, (i, j));
    match Lines::<N>::of(source).filter(|_| inner) {
        Some(lines) => lines.sums(lines.start((i as i32, j as i32)), weights),
        None => near_edge(source, (j, i), weights),
    }
}

/// As in the middle, with samples beyond the edge: those on the other side of the first or last pixel, reflected at that
/// pixel's value.
#[cold]
#[inline(never)]
fn near_edge<const N: usize>(source: &Source, (j, i): (usize, usize), weights: &[f32; N]) -> Option<Window> {
    let below = N / 2 - 1;
    let window = |row: &[f32]| {
        let mut out = [0.0; WIDTH];
        for (k, out) in out.iter_mut().enumerate().take(N) {
            let (at, from) = beyond(i + k, below, source.nx);
            *out = match from {
                None => row[at],
                Some(mirrored) => 2.0 * row[at] - row[mirrored],
            };
        }
        out
    };
    let mut sums = [0.0; WIDTH];
    for (k, weight) in weights.iter().enumerate() {
        let (at, from) = beyond(j + k, below, source.ny);
        let mut row = window(source.row(at)?);
        if let Some(mirrored) = from {
            let mirrored = window(source.row(mirrored)?);
            for (value, mirrored) in row.iter_mut().zip(mirrored) {
                *value = 2.0 * *value - mirrored;
            }
        }
        add(&mut sums, &row, *weight);
    }
    Some(sums)
}

/// Where the sample `shifted - below` of `n` comes from: itself, or the edge and the sample mirrored at it.
fn beyond(shifted: usize, below: usize, n: usize) -> (usize, Option<usize>) {
    if shifted < below {
        return (0, Some((below - shifted).min(n - 1)));
    }
    let at = shifted - below;
    if at < n {
        return (at, None);
    }
    // Images smaller than the window have their far edge instead.
    (n - 1, Some((2 * n - 2).saturating_sub(at)))
}

#[inline(always)]
fn add(sums: &mut Window, row: &Window, weight: f32) {
    for (sum, sample) in sums.iter_mut().zip(row) {
        *sum += sample * weight;
    }
}
