//! Polynomials of third and fifth degree through the nearest 4 × 4 and 6 × 6 pixels.
//!
//! drizzlepac evaluates them by Everett's central differences; here the same polynomials are sums of samples times
//! weights, first along y for all columns at once, then along x.

use super::{GROUP, Interpolate, Source};

/// Samples of a row that are looked at together, of which the first four or six count.
const WIDTH: usize = 8;
type Window = [f32; WIDTH];
const NO_ROW: Window = [f32::NAN; WIDTH];

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

pub(super) struct Poly3;

impl Interpolate for Poly3 {
    #[inline(always)]
    fn at(&self, source: &Source, x: f32, y: f32) -> Option<f32> {
        at(source, x, y, &CUBIC)
    }

    #[inline(always)]
    fn group(&self, source: &Source, points: (&[f32], &[f32]), inside: u64, values: &mut [f32]) -> u64 {
        interpolated(source, points, inside, &CUBIC, values)
    }
}

pub(super) struct Poly5;

impl Interpolate for Poly5 {
    #[inline(always)]
    fn at(&self, source: &Source, x: f32, y: f32) -> Option<f32> {
        at(source, x, y, &QUINTIC)
    }

    #[inline(always)]
    fn group(&self, source: &Source, points: (&[f32], &[f32]), inside: u64, values: &mut [f32]) -> u64 {
        interpolated(source, points, inside, &QUINTIC, values)
    }
}

#[inline(always)]
fn at<const N: usize>(source: &Source, x: f32, y: f32, coefficients: &[Window; N]) -> Option<f32> {
    let mut value = [0.0];
    let found = interpolated(source, (&[x], &[y]), 1, coefficients, &mut value);
    (found == 1).then_some(value[0])
}

/// A number for each point of a group.
type Group = [f32; GROUP];

/// By polynomials through `N` × `N` samples, of which `N / 2 - 1` lie below the point's pixel along either axis.
///
/// Weights are found for all points of the group side by side, the sums along y of one point for all columns side by
/// side, and those along x again for all points.
#[inline(always)]
fn interpolated<const N: usize>(
    source: &Source,
    (x, y): (&[f32], &[f32]),
    inside: u64,
    coefficients: &[Window; N],
    values: &mut [f32],
) -> u64 {
    let (columns, wx) = weights(coefficients, x);
    let (rows, wy) = weights(coefficients, y);
    let mut sums = [[0.0; WIDTH]; GROUP];
    let mut found = inside;
    for (p, sums) in sums.iter_mut().enumerate().take(values.len()) {
        if inside >> p & 1 == 0 {
            continue;
        }
        let of = (rows[p] as usize, columns[p] as usize);
        let weights: [f32; N] = std::array::from_fn(|k| wy[k][p]);
        match window(source, of, N) {
            Some(samples) => *sums = sum_rows(samples, source.nx, &weights),
            None => match near_edge(source, of, &weights) {
                Some(near) => *sums = near,
                None => found &= !(1 << p),
            },
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

/// The samples from the lowest to the highest that a point in pixel `(j, i)` needs and a few more, where all of them are
/// in the image and held.
#[inline(always)]
fn window<'a>(source: &Source<'a>, (j, i): (usize, usize), n: usize) -> Option<&'a [f32]> {
    let below = n / 2 - 1;
    let inner = (i >= below) & (i + WIDTH <= source.nx + below) & (j >= below + source.first_row);
    if !inner {
        return None;
    }
    let start = (j - below - source.first_row) * source.nx + i - below;
    source.data.get(start..start + (n - 1) * source.nx + WIDTH)
}

/// The sums of `N` rows, `nx` samples apart, times their weights.
#[inline(always)]
fn sum_rows<const N: usize>(samples: &[f32], nx: usize, weights: &[f32; N]) -> Window {
    // The window was cut so that all rows are there.
    let row = |k: usize| samples.get(k * nx..).and_then(|row| row.first_chunk());
    let rows: [&Window; N] = std::array::from_fn(|k| row(k).unwrap_or(&NO_ROW));
    let mut sums = [0.0; WIDTH];
    for (row, weight) in rows.into_iter().zip(weights) {
        sums = std::array::from_fn(|c| sums[c] + row[c] * weight);
    }
    sums
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
