//! Polynomials of third and fifth degree through the nearest 4 × 4 and 6 × 6 pixels.
//!
//! drizzlepac evaluates them by Everett's central differences; here the same polynomials are sums of samples times
//! weights, first along y for all columns at once, then along x.

use super::{Interpolate, Source};

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

pub(super) struct Poly3;

impl Interpolate for Poly3 {
    #[inline(always)]
    fn at(&self, source: &Source, x: f32, y: f32) -> Option<f32> {
        interpolated(source, x, y, &CUBIC)
    }
}

pub(super) struct Poly5;

impl Interpolate for Poly5 {
    #[inline(always)]
    fn at(&self, source: &Source, x: f32, y: f32) -> Option<f32> {
        interpolated(source, x, y, &QUINTIC)
    }
}

/// By polynomials through `N` × `N` samples, of which `N / 2 - 1` lie below the point's pixel along either axis.
#[inline(always)]
fn interpolated<const N: usize>(source: &Source, x: f32, y: f32, coefficients: &[Window; N]) -> Option<f32> {
    let (i, j) = (x as usize, y as usize);
    let wx = weights(coefficients, x - i as f32);
    let wy = weights(coefficients, y - j as f32);
    let below = N / 2 - 1;
    let inner = (i >= below) & (i + WIDTH <= source.nx + below) & (j >= below + source.first_row);
    if inner {
        let start = (j - below - source.first_row) * source.nx + i - below;
        let end = start + (N - 1) * source.nx + WIDTH;
        if let Some(samples) = source.data.get(start..end) {
            let mut sums = [0.0; WIDTH];
            for (weight, row) in wy.iter().take(N).zip(samples.chunks(source.nx)) {
                if let Some(row) = row.first_chunk() {
                    add(&mut sums, row, *weight);
                }
            }
            return Some(product::<N>(&sums, &wx));
        }
    }
    near_edge::<N>(source, (i, j), (&wx, &wy), below)
}

/// As in the middle, with samples beyond the edge: those on the other side of the first or last pixel, reflected at that
/// pixel's value.
#[cold]
#[inline(never)]
fn near_edge<const N: usize>(
    source: &Source,
    (i, j): (usize, usize),
    (wx, wy): (&Window, &Window),
    below: usize,
) -> Option<f32> {
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
    for (k, weight) in wy.iter().enumerate().take(N) {
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
    Some(product::<N>(&sums, wx))
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

/// The weights of the nodes at `s` from 0 to 1 between the middle two.
#[inline(always)]
fn weights<const N: usize>(coefficients: &[Window; N], s: f32) -> Window {
    let mut out = coefficients[0];
    for power in &coefficients[1..] {
        for (out, coefficient) in out.iter_mut().zip(power) {
            *out = *out * s + coefficient;
        }
    }
    out
}

#[inline(always)]
fn add(sums: &mut Window, row: &Window, weight: f32) {
    for (sum, sample) in sums.iter_mut().zip(row) {
        *sum += sample * weight;
    }
}

/// The sum of the products of the first `N`.
#[inline(always)]
fn product<const N: usize>(a: &Window, b: &Window) -> f32 {
    let mut pairs = [0.0; WIDTH / 2];
    for (k, pair) in pairs.iter_mut().enumerate().take(N / 2) {
        *pair = a[2 * k] * b[2 * k] + a[2 * k + 1] * b[2 * k + 1];
    }
    (pairs[0] + pairs[1]) + pairs[2]
}
