//! Against the plainest way of doing it.

use super::*;
use crate::sigma_clip;
use proptest::prelude::*;

/// One pixel in the plainest way: samples with their frame, thrown out one after another.
fn one_by_one(column: &[(f64, f64, bool)], rejection: &Rejection) -> Vec<(usize, f64)> {
    let mut left: Vec<(usize, f64)> = Vec::new();
    for (frame, (sample, scale, masked)) in column.iter().enumerate() {
        let low = rejection.lower.is_some_and(|lower| *sample < lower);
        let high = rejection.upper.is_some_and(|upper| *sample > upper);
        if sample.is_finite() && !masked && !low && !high {
            left.push((frame, sample * scale));
        }
    }
    if left.is_empty() {
        return left;
    }
    let (mut nlow, mut nhigh) = (rejection.nlow, rejection.nhigh);
    while nlow + nhigh >= left.len() {
        (nlow, nhigh) = (nlow.max(1) - 1, nhigh.max(1) - 1);
    }
    for _ in 0..nlow {
        let low = left.iter().map(|pair| pair.1).fold(f64::INFINITY, f64::min);
        let at = left.iter().position(|pair| pair.1 == low).unwrap();
        left = [&left[..at], &left[at + 1..]].concat();
    }
    for _ in 0..nhigh {
        let high = left.iter().map(|pair| pair.1).fold(f64::NEG_INFINITY, f64::max);
        let at = left.iter().position(|pair| pair.1 == high).unwrap();
        left = [&left[..at], &left[at + 1..]].concat();
    }
    if let Some(clip) = &rejection.clip {
        let samples: Vec<f64> = left.iter().map(|pair| pair.1).collect();
        if let Ok(limits) = sigma_clip(&samples, clip) {
            left.retain(|pair| limits.keep(pair.1));
        }
    }
    left
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Against the plainest way, for any number of frames, rows of any length, and many equal samples.
    #[test]
    fn as_by_throwing_out_one_by_one(
        (n, nx) in (1usize..40, 1usize..200),
        seed in any::<u64>(),
        (nlow, nhigh) in (0usize..3, 0usize..3),
        kind in 0usize..7,
        limited in any::<bool>(),
        scaled in any::<bool>(),
        clean in any::<bool>(),
    ) {
        let mut state = seed | 1;
        let mut next = || {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (state >> 33) as usize
        };
        let rows: Vec<Vec<f32>> = (0..n).map(|_| (0..nx).map(|_| match next() % 25 {
            0 if !clean => [f32::NAN, f32::INFINITY, f32::NEG_INFINITY][next() % 3],
            1 => 1000.0 + (next() % 7) as f32,
            2 => -50.0,
            _ => (next() % 11) as f32 * 1.37 - 3.0,
        }).collect()).collect();
        let masks: Vec<Vec<bool>> = (0..n).map(|_| (0..nx).map(|_| !clean && next() % 9 == 0).collect()).collect();
        let errors: Vec<Vec<f32>> = (0..n).map(|_| (0..nx).map(|_| 0.5 + (next() % 8) as f32).collect()).collect();
        let frames: Vec<FrameRow<f32>> = (0..n).map(|at| FrameRow {
            mask: Some(&masks[at]),
            errors: Some(&errors[at]),
            scale: if scaled { 1.0 + at as f64 / 7.0 } else { 1.0 },
            weight: (at % 4) as f64 * 0.75 + 0.5,
            ..FrameRow::plain(&rows[at])
        }).collect();
        let (nlow, nhigh) = if nlow + nhigh < n && kind < 5 { (nlow, nhigh) } else { (0, 0) };
        let mut rejection = match kind {
            0 => Rejection::default(),
            1 => clip(2.3, Centre::Mean, Spread::Std, Some(1)),
            2 => clip(2.3, Centre::Median, Spread::Std, Some(5)),
            3 => clip(3.1, Centre::Median, Spread::MadStd, None),
            4 => clip(1.7, Centre::Mean, Spread::MadStd, Some(2)),
            5 => clip(1.9, Centre::Mean, Spread::Std, None),
            _ => clip(1.4, Centre::Mean, Spread::Std, Some(3)),
        };
        (rejection.nlow, rejection.nhigh) = (nlow, nhigh);
        if limited {
            (rejection.lower, rejection.upper) = (Some(-49.0), Some(1003.0));
        }
        let near = |got: f64, expected: f64| {
            got.is_nan() && expected.is_nan() || (got - expected).abs() <= 1e-9 * (1.0 + expected.abs())
        };
        let mut marked = vec![vec![false; nx]; n];
        let mut rows_of_marks: Vec<&mut [bool]> = marked.iter_mut().map(Vec::as_mut_slice).collect();
        reject_row(&frames, &rejection, &mut rows_of_marks).unwrap();
        for combine in [Combine::Mean, Combine::Median, Combine::Sum] {
            let propagated = row(&frames, &options(combine, rejection.clone(), Uncertainty::Propagated));
            let unweighted: Vec<FrameRow<f32>> = frames.iter().map(|f| FrameRow { weight: 1.0, ..*f }).collect();
            let scatter = row(&unweighted, &options(combine, rejection.clone(), Uncertainty::Scatter));
            prop_assert_eq!(&scatter.used, &propagated.used);
            let mut rejected = vec![0u64; n];
            for x in 0..nx {
                let column: Vec<(f64, f64, bool)> = (0..n)
                    .map(|at| (f64::from(rows[at][x]), frames[at].scale, masks[at][x])).collect();
                let left = one_by_one(&column, &rejection);
                for at in 0..n {
                    let usable = rows[at][x].is_finite() && !masks[at][x];
                    let gone = usable && !left.iter().any(|pair| pair.0 == at);
                    prop_assert_eq!(marked[at][x], gone, "frame {} column {}", at, x);
                    rejected[at] += u64::from(gone);
                }
                let count = left.len() as f64;
                prop_assert_eq!(usize::from(scatter.used[x]), left.len());
                let mut values: Vec<f64> = left.iter().map(|pair| pair.1).collect();
                values.sort_by(f64::total_cmp);
                let weight = |at: usize| if combine == Combine::Median { 1.0 } else { frames[at].weight };
                let weights: f64 = left.iter().map(|pair| weight(pair.0)).sum();
                let weighted: f64 = left.iter().map(|pair| weight(pair.0) * pair.1).sum();
                let error = left.iter().map(|pair| {
                    let error = f64::from(errors[pair.0][x]) * frames[pair.0].scale;
                    (weight(pair.0) * error).powi(2)
                }).sum::<f64>().sqrt();
                let nan = f64::NAN;
                let (mean, std) = crate::mean_and_std(&values).unwrap_or((nan, nan));
                let median = crate::median(&values).unwrap_or(nan);
                let widened = if left.len() > 2 { 1.2533141373155003 } else { 1.0 };
                let (value, of_weights, spread, of_errors) = match combine {
                    Combine::Mean => (mean, weighted / weights, std / count.sqrt(), error / weights),
                    Combine::Sum if values.is_empty() => (nan, nan, nan, nan),
                    Combine::Sum => (values.iter().sum(), weighted, std * count.sqrt(), error),
                    _ => (
                        median,
                        median,
                        crate::mad_std(&values).unwrap_or(nan) / count.sqrt(),
                        widened * error / count,
                    ),
                };
                prop_assert!(near(scatter.values[x], value), "{} {}", scatter.values[x], value);
                prop_assert!(near(propagated.values[x], of_weights));
                prop_assert!(near(scatter.uncertainties[x], spread), "{} {}", scatter.uncertainties[x], spread);
                prop_assert!(near(propagated.uncertainties[x], of_errors));
            }
            prop_assert_eq!(&scatter.rejected, &rejected);
            prop_assert_eq!(&propagated.rejected, &rejected);
        }
    }
}
