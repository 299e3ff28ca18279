//! Whether there is light of the lamp in a wavecal at all: noise fits a lamp's lines too, at some shift best.

use super::Lit;

/// The lamp's lines have to stand out of the noise in all rows by so many standard deviations.
const OF_ALL_ROWS: f64 = 6.0;
/// In each half of the rows of a long slit, by so many.
const OF_HALF: f64 = 3.0;
/// Rows that are together in one half, so that what a hot pixel or a cosmic ray lights is not in both.
const BLOCK: usize = 16;
/// A slit of so many blocks of rows lights both halves.
const LONG: usize = 6;
/// In half of the rows the lines may lie so far from where they are in all of them, pixels.
const NEAR: i64 = 2;
/// What changes over more columns than so many to both sides is no line.
const SMOOTH: usize = 50;

/// Whether the lamp's lines (`template`), moved by `shift` pixels, are in the columns `columns`: in all rows, and where the
/// slit is long in each of two halves of them, alternate blocks of rows, for a lamp lights the whole slit and a hot pixel
/// does not.
pub fn is_lit(lit: &Lit, columns: (usize, usize), template: &[f64], shift: i64) -> bool {
    let stands_out = |of: fn(usize) -> bool| {
        let (spectrum, good) = lit.means(columns, of);
        let at = |shift| significance(&spectrum, &good, template, shift);
        (shift - NEAR..=shift + NEAR).map(at).fold(0.0, f64::max)
    };
    let rows = lit.aperture.width_arcsec.1 / (lit.imset.cd2_2.abs() * 3600.0);
    let is_long = rows.min(lit.sci.ny() as f64) >= (LONG * BLOCK) as f64;
    let halves: [fn(usize) -> bool; 2] = [
        |y| (y / BLOCK).is_multiple_of(2),
        |y| !(y / BLOCK).is_multiple_of(2),
    ];
    stands_out(|_| true) >= OF_ALL_ROWS
        && (!is_long || halves.into_iter().all(|half| stands_out(half) >= OF_HALF))
}

/// How many standard deviations the correlation coefficient of spectrum and moved template is from 0, by Student's t. Both
/// are taken above their running means, in the good columns that the template has lines in. 0 where these are too few.
fn significance(spectrum: &[f64], good: &[bool], template: &[f64], shift: i64) -> f64 {
    let lines = template.iter().position(|value| *value != 0.0);
    let last = template.iter().rposition(|value| *value != 0.0);
    let (Some(first), Some(last)) = (lines, last) else {
        return 0.0;
    };
    let pairs: Vec<(f64, f64)> = (first..=last)
        .filter_map(|at| {
            let x = usize::try_from(at as i64 + shift).ok()?;
            let is_good = *good.get(x)?;
            is_good.then(|| (spectrum[x], template[at]))
        })
        .collect();
    let measured = above_mean(pairs.iter().map(|pair| pair.0).collect());
    let expected = above_mean(pairs.iter().map(|pair| pair.1).collect());
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let norm = (product(&measured, &measured) * product(&expected, &expected)).sqrt();
    if pairs.len() < 4 || norm.is_nan() || norm <= 0.0 {
        return 0.0;
    }
    let r = (product(&measured, &expected) / norm).clamp(-1.0, 1.0);
    r * ((pairs.len() - 2) as f64 / (1.0 - r * r).max(f64::MIN_POSITIVE)).sqrt()
}

/// Values above their running mean.
fn above_mean(values: Vec<f64>) -> Vec<f64> {
    let mut sums = vec![0.0];
    for value in &values {
        sums.push(sums[sums.len() - 1] + value);
    }
    let above = |(at, value): (usize, &f64)| {
        let (from, to) = (at.saturating_sub(SMOOTH), (at + SMOOTH + 1).min(values.len()));
        value - (sums[to] - sums[from]) / (to - from) as f64
    };
    values.iter().enumerate().map(above).collect()
}

#[cfg(test)]
mod tests {
    use super::significance;

    const NX: usize = 400;
    const LINES: [usize; 6] = [31, 77, 150, 163, 240, 333];

    #[test]
    fn lines_stand_out_and_noise_does_not() {
        let line = |x: usize| f64::from(u8::from(LINES.contains(&x)));
        let template: Vec<f64> = (0..NX).map(line).collect();
        let mut state = 12345u64;
        let mut noise = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as f64 / f64::from(1u32 << 31)
        };
        // A level that climbs is no line.
        let dark: Vec<f64> = (0..NX).map(|x| noise() + 0.05 * x as f64).collect();
        let lamp: Vec<f64> = (0..NX).map(|x| dark[x] + 3.0 * line((x + NX - 7) % NX)).collect();
        let good = vec![true; NX];
        assert!(significance(&lamp, &good, &template, 7) > 10.0);
        for shift in -15..=15 {
            let found = significance(&dark, &good, &template, shift);
            assert!(found < 4.5, "{found} at {shift}");
        }
        assert_eq!(significance(&lamp, &[false; NX], &template, 7), 0.0);
    }
}
