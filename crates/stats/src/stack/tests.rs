use super::*;
use proptest::prelude::*;

fn stacked(images: &[&[f32]], options: &StackOptions) -> Vec<f32> {
    let layers: Vec<Layer> = images.iter().map(|row| Layer::unweighted(row)).collect();
    let mut out = vec![0.0; images[0].len()];
    stack_row(&layers, options, &mut out).unwrap();
    out
}

#[test]
fn each_way_of_combining() {
    let images: [&[f32]; 4] = [&[0.0, 16.0], &[4.0, 4.0], &[2.0, 2.0], &[9.0, 8.0]];
    let of = |combine| stacked(&images, &StackOptions::new(combine));
    assert_eq!(of(Combine::Median), [3.0, 6.0]);
    assert_eq!(of(Combine::Mean), [3.75, 7.5]);
    assert_eq!(of(Combine::Minimum), [0.0, 2.0]);
    assert_eq!(of(Combine::Sum), [15.0, 30.0]);
}

#[test]
fn the_lowest_and_highest_are_left_out() {
    let images: [&[f32]; 4] = [&[1.0], &[1000.0], &[3.0], &[4.0]];
    let rejecting = |combine, nlow, nhigh| {
        let options = StackOptions {
            nlow,
            nhigh,
            ..StackOptions::new(combine)
        };
        stacked(&images, &options)[0]
    };
    assert_eq!(rejecting(Combine::Median, 0, 1), 3.0);
    assert_eq!(rejecting(Combine::Median, 1, 1), 3.5);
    assert_eq!(rejecting(Combine::Mean, 1, 1), 3.5);
    assert_eq!(rejecting(Combine::Minimum, 1, 0), 3.0);
    assert_eq!(rejecting(Combine::Sum, 0, 1), 8.0);
}

#[test]
fn the_median_rejects_less_rather_than_all() {
    let images: [&[f32]; 3] = [&[f32::NAN], &[f32::NAN], &[5.0]];
    let options = StackOptions {
        nhigh: 1,
        empty: Empty::Value(-1.0),
        ..StackOptions::new(Combine::Median)
    };
    assert_eq!(stacked(&images, &options), [5.0]);
    let options = StackOptions {
        combine: Combine::Mean,
        ..options
    };
    assert_eq!(stacked(&images, &options), [-1.0]);
}

#[test]
fn limits_take_the_lower_and_leave_the_upper() {
    let images: [&[f32]; 3] = [&[1.0], &[2.0], &[3.0]];
    let options = StackOptions {
        lower: Some(1.0),
        upper: Some(3.0),
        ..StackOptions::new(Combine::Sum)
    };
    assert_eq!(stacked(&images, &options), [3.0]);
}

#[test]
fn weights_below_the_limit_do_not_count() {
    let layers = [
        Layer {
            samples: &[1.0, 1.0, 1.0],
            weights: Some(&[0.3, 0.29, f32::NAN]),
            least_weight: f64::from(0.3f32),
        },
        Layer::unweighted(&[9.0, 9.0, f32::INFINITY]),
    ];
    let mut out = [0.0; 3];
    stack_row(&layers, &StackOptions::new(Combine::Minimum), &mut out).unwrap();
    assert_eq!(out[..2], [1.0, 9.0]);
    assert!(out[2].is_nan());
}

#[test]
fn empty_pixels_become_what_is_asked_for() {
    let layer = |samples| Layer {
        samples,
        weights: Some(&[0.0]),
        least_weight: 1.0,
    };
    let layers = [layer(&[0.0]), layer(&[f32::NAN]), layer(&[7.0]), layer(&[8.0])];
    for (empty, expected) in [(Empty::Value(2.0), 2.0), (Empty::FirstNonzero, 7.0)] {
        let options = StackOptions {
            empty,
            ..StackOptions::new(Combine::Median)
        };
        let mut out = [0.0];
        stack_row(&layers, &options, &mut out).unwrap();
        assert_eq!(out, [expected]);
    }
}

#[test]
fn what_cannot_be_stacked() {
    let row = [1.0f32; 4];
    let options = StackOptions::new(Combine::Mean);
    assert!(stack_row(&[], &options, &mut [0.0; 4]).is_err());
    assert!(stack_row(&[Layer::unweighted(&row)], &options, &mut [0.0; 5]).is_err());
    let short = Layer {
        weights: Some(&row[..2]),
        ..Layer::unweighted(&row)
    };
    assert!(stack_row(&[short], &options, &mut [0.0; 4]).is_err());
    let rejecting = StackOptions { nhigh: 1, ..options };
    assert!(stack_row(&[Layer::unweighted(&row)], &rejecting, &mut [0.0; 4]).is_err());
    assert!(
        stack_row(
            &[Layer::unweighted(&[])],
            &StackOptions::new(Combine::Sum),
            &mut []
        )
        .is_ok()
    );
}

proptest! {
    /// Against sorting each column by itself, for few images and for many, and rows of any length.
    #[test]
    fn as_by_sorting_each_pixel(
        (n, nx) in (1usize..80, 1usize..50),
        seed in any::<u64>(),
        nlow in 0usize..3,
        nhigh in 0usize..3,
    ) {
        let mut state = seed | 1;
        let mut next = || {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            match (state >> 33) % 20 {
                0 => f32::NAN,
                1 => f32::INFINITY,
                value => value as f32 - 10.0 + ((state >> 50) % 3) as f32 * 0.25,
            }
        };
        let images: Vec<Vec<f32>> = (0..n).map(|_| (0..nx).map(|_| next()).collect()).collect();
        let images: Vec<&[f32]> = images.iter().map(Vec::as_slice).collect();
        if nlow + nhigh < n {
            for combine in [Combine::Median, Combine::Mean, Combine::Minimum, Combine::Sum] {
                let options = StackOptions { nlow, nhigh, ..StackOptions::new(combine) };
                let got = stacked(&images, &options);
                for (x, got) in got.iter().enumerate() {
                    let expected = by_sorting(&images, x, &options);
                    prop_assert!(*got == expected || got.is_nan() && expected.is_nan(), "{got} {expected}");
                }
            }
        }
    }
}

fn by_sorting(images: &[&[f32]], x: usize, options: &StackOptions) -> f32 {
    let mut all: Vec<f64> = images
        .iter()
        .map(|row| f64::from(row[x]))
        .filter(|v| v.is_finite())
        .collect();
    all.sort_by(f64::total_cmp);
    let (mut nlow, mut nhigh) = (options.nlow, options.nhigh);
    if options.combine == Combine::Median {
        while !all.is_empty() && nlow + nhigh >= all.len() {
            (nlow, nhigh) = (nlow.max(1) - 1, nhigh.max(1) - 1);
        }
    }
    if nlow + nhigh >= all.len() {
        return f32::NAN;
    }
    let kept = &all[nlow..all.len() - nhigh];
    (match options.combine {
        Combine::Minimum => kept[0],
        Combine::Sum => kept.iter().sum(),
        Combine::Mean => kept.iter().sum::<f64>() / kept.len() as f64,
        Combine::Median => crate::median(kept).unwrap(),
    }) as f32
}
