use super::*;

/// Moves pixels by a shift.
struct Shift([f64; 2]);

impl PixelMapping for Shift {
    fn map_row(&self, y: f64, x0: f64, out_x: &mut [f64], out_y: &mut [f64]) {
        for (column, (x, to_y)) in out_x.iter_mut().zip(out_y).enumerate() {
            *x = x0 + column as f64 + self.0[0];
            *to_y = y + self.0[1];
        }
    }
}

const NX: usize = 40;
const NY: usize = 30;
const ALL: [Resampling; 3] = [Resampling::Nearest, Resampling::Bilinear, Resampling::Lanczos3];

fn image(of: impl Fn(f64, f64) -> f64) -> Vec<f32> {
    (0..NX * NY)
        .map(|n| of((n % NX) as f64, (n / NX) as f64) as f32)
        .collect()
}

fn options(resampling: Resampling) -> ResampleOptions {
    ResampleOptions {
        resampling,
        factor: 1.0,
        no_data: 16,
        not_finite: 1,
    }
}

fn moved(
    (sci, err, dq): (&[f32], Option<&[f32]>, Option<&[u16]>),
    shift: [f64; 2],
    options: &ResampleOptions,
) -> (Vec<f32>, Vec<f32>, Vec<u16>) {
    let original = Original {
        ny: NY,
        nx: NX,
        sci,
        err,
        dq,
    };
    let (mut sci, mut err, mut dq) = (vec![0.0; NX * NY], vec![0.0; NX * NY], vec![0; NX * NY]);
    let mut out = Resampled {
        sci: &mut sci,
        err: &mut err,
        dq: &mut dq,
    };
    resample(&original, &Shift(shift), options, (0, NX), &mut out).unwrap();
    (sci, err, dq)
}

#[test]
fn whole_shifts_move_samples_unchanged_to_the_edges() {
    let sci = image(|x, y| (x * 7.3 + y * 131.7) % 17.1);
    let err = image(|x, y| 1.0 + (x + y) % 3.0);
    for resampling in ALL {
        let (to, err_to, dq) = moved((&sci, Some(&err), None), [3.0, -2.0], &options(resampling));
        for y in 0..NY {
            for x in 0..NX {
                let at = y * NX + x;
                if x + 3 < NX && y >= 2 {
                    let from = (y - 2) * NX + x + 3;
                    assert_eq!((to[at], err_to[at], dq[at]), (sci[from], err[from], 0));
                } else {
                    assert!(to[at].is_nan() && dq[at] == 16);
                }
            }
        }
    }
}

#[test]
fn smooth_images_are_met_between_the_pixels() {
    let smooth = |x: f64, y: f64| 100.0 + 20.0 * (x / 5.0).sin() + 10.0 * (y / 4.0).cos();
    let sci = image(smooth);
    for (resampling, within) in [
        (Resampling::Nearest, 3.0),
        (Resampling::Bilinear, 0.25),
        (Resampling::Lanczos3, 0.15),
    ] {
        let (to, _, _) = moved((&sci, None, None), [0.37, 0.61], &options(resampling));
        for y in 4..NY - 4 {
            for x in 4..NX - 4 {
                let truth = smooth(x as f64 + 0.37, y as f64 + 0.61);
                let away = (f64::from(to[y * NX + x]) - truth).abs();
                assert!(away < within, "{resampling:?} {x} {y} {away}");
            }
        }
    }
}

#[test]
fn errors_are_those_of_weighted_sums() {
    let (sci, err) = (image(|_, _| 5.0), image(|_, _| 2.0));
    let half = ResampleOptions {
        factor: 3.0,
        ..options(Resampling::Bilinear)
    };
    let (to, err_to, _) = moved((&sci, Some(&err), None), [0.5, 0.5], &half);
    assert_eq!((to[NX + 1], err_to[NX + 1]), (15.0, 3.0));
    let (_, err_to, _) = moved(
        (&sci, Some(&err), None),
        [0.25, 0.0],
        &options(Resampling::Bilinear),
    );
    assert!((f64::from(err_to[NX + 1]) - 2.0 * (0.75_f64.powi(2) + 0.25_f64.powi(2)).sqrt()).abs() < 1e-6);
}

#[test]
fn masked_samples_are_not_used_and_mask_what_they_rule() {
    let mut sci = image(|_, _| 7.0);
    let mut dq = vec![0; NX * NY];
    let spoiled = 10 * NX + 20;
    sci[spoiled] = 5000.0;
    dq[spoiled] = 4;
    sci[spoiled + 5] = f32::NAN;
    for resampling in ALL {
        let (to, _, flags) = moved((&sci, None, Some(&dq)), [0.2, 0.1], &options(resampling));
        assert!(
            (to[spoiled].is_nan(), flags[spoiled]) == (true, 4),
            "{resampling:?}"
        );
        assert!((to[spoiled + 5].is_nan(), flags[spoiled + 5]) == (true, 1));
        for (index, (sample, flag)) in to.iter().zip(&flags).enumerate() {
            let outside = index % NX == NX - 1 && 39.2 > NX as f64 - 0.5;
            assert!(
                *flag != 0 || outside || (sample - 7.0).abs() < 1e-5,
                "{index} {sample}"
            );
        }
        // Its neighbour to the left is made of it by a fifth only.
        assert_eq!(flags[spoiled - 1], 0);
    }
}

#[test]
fn the_same_bits_whatever_rows_are_asked_for_and_wrong_shapes_refused() {
    let sci = image(|x, y| (x * y).sin());
    let (whole, _, _) = moved((&sci, None, None), [1.3, -0.7], &options(Resampling::Lanczos3));
    let original = Original {
        ny: NY,
        nx: NX,
        sci: &sci,
        err: None,
        dq: None,
    };
    let (mut part, mut dq) = (vec![0.0; 5 * NX], vec![0; 5 * NX]);
    let mut out = Resampled {
        sci: &mut part,
        err: &mut [],
        dq: &mut dq,
    };
    resample(
        &original,
        &Shift([1.3, -0.7]),
        &options(Resampling::Lanczos3),
        (11, NX),
        &mut out,
    )
    .unwrap();
    let bits = |samples: &[f32]| samples.iter().map(|s| s.to_bits()).collect::<Vec<_>>();
    assert_eq!(bits(&part), bits(&whole[11 * NX..16 * NX]));

    let short = Original {
        sci: &sci[1..],
        ..original
    };
    let mut out = Resampled {
        sci: &mut part,
        err: &mut [],
        dq: &mut dq,
    };
    assert!(
        resample(
            &short,
            &Shift([0.0; 2]),
            &options(Resampling::Nearest),
            (0, NX),
            &mut out
        )
        .is_err()
    );
    let nowhere = moved((&sci, None, None), [f64::NAN, 0.0], &options(Resampling::Nearest));
    assert!(nowhere.2.iter().all(|dq| *dq == 16));
}

#[test]
fn weights_are_lanczos() {
    let sinc = |x: f64| (PI * x).sin() / (PI * x);
    for part in [1e-4, 0.1, 0.25, 0.5, 0.7312, 0.9, 0.9999] {
        for (tap, weight) in lanczos3(part).into_iter().enumerate() {
            let away = part + 2.0 - tap as f64;
            let expected = sinc(away) * sinc(away / 3.0);
            assert!(
                (weight - expected).abs() < 1e-11,
                "{part} {tap}: {weight} {expected}"
            );
        }
    }
}
