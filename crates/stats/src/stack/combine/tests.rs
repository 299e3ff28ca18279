mod one_by_one;

use super::*;
use crate::{Centre, Spread};

fn options(combine: Combine, rejection: Rejection, uncertainty: Uncertainty) -> CombineOptions {
    CombineOptions {
        combine,
        rejection,
        uncertainty,
    }
}

#[derive(Debug, Clone, PartialEq)]
struct Row {
    values: Vec<f64>,
    uncertainties: Vec<f64>,
    used: Vec<u16>,
    rejected: Vec<u64>,
}

fn row<T: FrameSample>(frames: &[FrameRow<T>], options: &CombineOptions) -> Row {
    let nx = frames[0].samples.len();
    let mut row = Row {
        values: vec![0.0; nx],
        uncertainties: vec![0.0; nx],
        used: vec![0; nx],
        rejected: vec![0; frames.len()],
    };
    let mut out = CombinedRow {
        values: &mut row.values,
        uncertainties: &mut row.uncertainties,
        used: &mut row.used,
        rejected: &mut row.rejected,
    };
    combine_row(frames, options, &mut out).unwrap();
    row
}

fn plain<'a>(rows: &'a [&'a [f32]]) -> Vec<FrameRow<'a, f32>> {
    rows.iter().map(|row| FrameRow::plain(row)).collect()
}

fn clip(sigma: f64, centre: Centre, spread: Spread, maxiters: Option<usize>) -> Rejection {
    let clip = SigmaClip {
        maxiters,
        centre,
        spread,
        ..SigmaClip::symmetric(sigma)
    };
    Rejection {
        clip: Some(clip),
        ..Rejection::default()
    }
}

/// Values of `numpy` for the column 3, 1, 4, 1, 5, 9, 2, 6: mean 3.875, std 2.5708704…, median 3.5, and
/// `astropy.stats.mad_std` 2.9652044370112 (MAD of 2).
#[test]
fn values_and_scatter_are_numpys() {
    let columns: [&[f32]; 8] = [&[3.0], &[1.0], &[4.0], &[1.0], &[5.0], &[9.0], &[2.0], &[6.0]];
    let of = |combine| {
        let row = row(
            &plain(&columns),
            &options(combine, Rejection::default(), Uncertainty::Scatter),
        );
        assert_eq!((row.used[0], row.rejected), (8, vec![0; 8]));
        (row.values[0], row.uncertainties[0])
    };
    let near = |(value, error): (f64, f64), expected: (f64, f64)| {
        assert!((value - expected.0).abs() < 1e-12, "{value}");
        assert!((error - expected.1).abs() < 1e-10, "{error}");
    };
    let std = 2.5708704751503917;
    near(of(Combine::Mean), (3.875, std / 8f64.sqrt()));
    near(of(Combine::Sum), (31.0, std * 8f64.sqrt()));
    near(of(Combine::Median), (3.5, 2.965204437011204 / 8f64.sqrt()));
    assert!(of(Combine::Minimum).1.is_nan() && of(Combine::Minimum).0 == 1.0);
}

#[test]
fn masks_weights_and_scales() {
    let masked = [true, false, false, false];
    let weights = [1.0, 0.0, 3.0, 1.0];
    let frames = [
        FrameRow {
            mask: Some(&masked),
            scale: 2.0,
            weight: 3.0,
            errors: Some(&[1.0f32; 4]),
            ..FrameRow::plain(&[10.0, 1.0, 1.0, f32::NAN])
        },
        FrameRow {
            weights: Some(&weights),
            errors: Some(&[2.0f32; 4]),
            ..FrameRow::plain(&[6.0, 8.0, 4.0, f32::INFINITY])
        },
    ];
    let none = Rejection::default();
    let mean = row(
        &frames,
        &options(Combine::Mean, none.clone(), Uncertainty::Propagated),
    );
    assert_eq!(mean.values[..3], [6.0, 2.0, (3.0 * 2.0 + 3.0 * 4.0) / 6.0]);
    assert!(mean.values[3].is_nan() && mean.uncertainties[3].is_nan());
    assert_eq!(mean.used, [1, 1, 2, 0]);
    let third = (6f64.powi(2) + 6f64.powi(2)).sqrt() / 6.0;
    for (got, expected) in mean.uncertainties.iter().zip([2.0, 2.0, third]) {
        assert!((got - expected).abs() < 1e-15);
    }
    let sum = row(
        &frames,
        &options(Combine::Sum, none.clone(), Uncertainty::Propagated),
    );
    assert_eq!(sum.values[..3], [6.0, 6.0, 18.0]);
    assert!((sum.uncertainties[2] - 72f64.sqrt()).abs() < 1e-12);
    let median = row(&frames, &options(Combine::Median, none, Uncertainty::Propagated));
    assert_eq!(median.values[..3], [6.0, 2.0, 3.0]);
    assert!((median.uncertainties[2] - 8f64.sqrt() / 2.0).abs() < 1e-15);
}

#[test]
fn negative_samples_keep_their_weight() {
    let frames = [
        FrameRow {
            weight: 3.0,
            ..FrameRow::plain(&[-4.0f32])
        },
        FrameRow::plain(&[4.0f32]),
    ];
    let mean = row(
        &frames,
        &options(Combine::Mean, Rejection::default(), Uncertainty::None),
    );
    assert_eq!(mean.values, [-2.0]);
}

#[test]
fn limits_are_of_the_frames_own_units_and_keep_their_ends() {
    let frames = [1.0f32, 2.0, 3.0, 4.0].map(|sample| [sample]);
    let frames: Vec<FrameRow<f32>> = frames
        .iter()
        .map(|samples| FrameRow {
            scale: 10.0,
            ..FrameRow::plain(samples)
        })
        .collect();
    let rejection = Rejection {
        lower: Some(2.0),
        upper: Some(3.0),
        ..Rejection::default()
    };
    let mean = row(&frames, &options(Combine::Mean, rejection, Uncertainty::None));
    assert_eq!((mean.values[0], mean.used[0]), (25.0, 2));
    assert_eq!(mean.rejected, [1, 0, 0, 1]);
}

#[test]
fn one_of_equal_extremes_goes() {
    let rows: [&[f32]; 4] = [&[1.0], &[1.0], &[5.0], &[1.0]];
    let frames: Vec<FrameRow<f32>> = rows
        .iter()
        .zip([1.0, 2.0, 4.0, 8.0])
        .map(|(samples, weight)| FrameRow {
            weight,
            ..FrameRow::plain(samples)
        })
        .collect();
    let rejection = |nlow, nhigh| Rejection {
        nlow,
        nhigh,
        ..Rejection::default()
    };
    let low = row(
        &frames,
        &options(Combine::Sum, rejection(1, 0), Uncertainty::None),
    );
    assert_eq!(
        (low.values[0], low.rejected),
        (2.0 + 20.0 + 8.0, vec![1, 0, 0, 0])
    );
    let both = row(
        &frames,
        &options(Combine::Sum, rejection(1, 2), Uncertainty::None),
    );
    assert_eq!(
        (both.used[0], both.rejected.iter().sum::<u64>(), both.rejected[2]),
        (1, 3, 1)
    );
}

#[test]
fn extremes_give_way_where_nothing_would_be_left() {
    let masked = [true];
    let mut frames = plain(&[&[7.0], &[5.0], &[9.0]]);
    frames[2].mask = Some(&masked);
    let rejection = Rejection {
        nlow: 1,
        nhigh: 1,
        ..Rejection::default()
    };
    let mean = row(
        &frames,
        &options(Combine::Mean, rejection.clone(), Uncertainty::None),
    );
    assert_eq!((mean.values[0], mean.used[0]), (6.0, 2));
    let all = frames
        .iter()
        .map(|frame| FrameRow {
            mask: Some(&masked),
            ..*frame
        })
        .collect::<Vec<_>>();
    let none = row(&all, &options(Combine::Mean, rejection, Uncertainty::None));
    assert!(none.values[0].is_nan() && none.used[0] == 0 && none.rejected == [0; 3]);
}

/// The lowest of ten lies 3 σ (of all ten) below the mean, σ being 0.3 of the step.
#[test]
fn masked_samples_have_no_part_in_clipping() {
    let mut rows: Vec<[f32; 2]> = (0..9).map(|n| [100.0 + (n % 3) as f32; 2]).collect();
    rows.push([500.0, 500.0]);
    rows.push([9000.0, 104.5]);
    let masked = [true, false];
    let mut frames: Vec<FrameRow<f32>> = rows.iter().map(|row| FrameRow::plain(row)).collect();
    frames[10].mask = Some(&masked);
    let rejection = clip(2.5, Centre::Mean, Spread::Std, Some(1));
    let mean = row(&frames, &options(Combine::Mean, rejection, Uncertainty::None));
    assert_eq!(
        mean.values[0], 101.0,
        "9000 is masked, and does not hide that 500 is far out"
    );
    assert_eq!(mean.used, [9, 10]);
    assert_eq!((mean.rejected[9], mean.rejected[10]), (2, 0));
}

#[test]
fn equal_samples_are_kept_whatever_rounding_does() {
    let samples = vec![[0.1f64; 3]; 10];
    let frames: Vec<FrameRow<f64>> = samples.iter().map(|row| FrameRow::plain(row)).collect();
    for (centre, spread) in [(Centre::Mean, Spread::Std), (Centre::Median, Spread::MadStd)] {
        let row = row(
            &frames,
            &options(
                Combine::Mean,
                clip(2.0, centre, spread, Some(3)),
                Uncertainty::Scatter,
            ),
        );
        assert_eq!(row.used, [10; 3]);
        assert!(row.uncertainties.iter().all(|error| *error < 1e-16));
    }
}

#[test]
fn rejected_samples_are_marked() {
    let rows: [&[f32]; 5] = [
        &[1.0, 9.0],
        &[2.0, 2.0],
        &[3.0, 3.0],
        &[60.0, 4.0],
        &[2.5, f32::NAN],
    ];
    let mut masks = vec![vec![false; 2]; 5];
    let mut rows_of_masks: Vec<&mut [bool]> = masks.iter_mut().map(Vec::as_mut_slice).collect();
    let rejection = Rejection {
        upper: Some(8.0),
        nlow: 1,
        ..Rejection::default()
    };
    reject_row(&plain(&rows), &rejection, &mut rows_of_masks).unwrap();
    assert_eq!(
        masks,
        [
            [true, true],
            [false, true],
            [false, false],
            [true, false],
            [false, false]
        ]
    );
}

#[test]
fn what_cannot_be_combined() {
    let samples = [1.0f32; 4];
    let frame = FrameRow::plain(&samples);
    let mean = options(Combine::Mean, Rejection::default(), Uncertainty::None);
    let fails = |frames: &[FrameRow<f32>], options: &CombineOptions| {
        let mut values = [0.0; 4];
        let mut out = CombinedRow {
            values: &mut values,
            ..CombinedRow::default()
        };
        combine_row(frames, options, &mut out).is_err()
    };
    assert!(!fails(&[frame], &mean));
    assert!(fails(&[], &mean));
    for poor in [
        FrameRow {
            mask: Some(&[false]),
            ..frame
        },
        FrameRow {
            weights: Some(&[1.0]),
            ..frame
        },
        FrameRow {
            errors: Some(&[]),
            ..frame
        },
        FrameRow { scale: 0.0, ..frame },
        FrameRow {
            scale: f64::NAN,
            ..frame
        },
        FrameRow {
            weight: -1.0,
            ..frame
        },
        FrameRow {
            samples: &samples[1..],
            ..frame
        },
    ] {
        assert!(fails(&[frame, poor], &mean), "{poor:?}");
    }
    let rejecting = |rejection| options(Combine::Mean, rejection, Uncertainty::None);
    assert!(fails(
        &[frame],
        &rejecting(Rejection {
            nhigh: 1,
            ..Rejection::default()
        })
    ));
    assert!(fails(
        &[frame],
        &rejecting(clip(-1.0, Centre::Mean, Spread::Std, None))
    ));
    assert!(fails(
        &[frame],
        &options(Combine::Mean, Rejection::default(), Uncertainty::Propagated)
    ));
    assert!(reject_row(&[frame], &Rejection::default(), &mut []).is_err());
}
