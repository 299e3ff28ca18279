//! The rejection once more, told plainly: whole images, one iteration after the other, each hit spilling onto its
//! neighbours as it is found. Written for the tests, and slow.

use super::made::{bits, busy, combine, even, observation, options};
use firstlight_calibrate::acs::Observation;
use firstlight_calibrate::acs::acsrej::{AcsrejOptions, InitialGuess};
use firstlight_frame::Frame;

/// Combines the first chips. `frame` and for each input the rejected pixels.
fn told(inputs: &[Observation], options: &AcsrejOptions) -> (Frame, Vec<Vec<bool>>) {
    let frames: Vec<&Frame> = inputs.iter().map(|input| &input.chips[0].frame).collect();
    let times: Vec<f32> = inputs
        .iter()
        .map(|input| input.primary.real("EXPTIME").unwrap() as f32)
        .collect();
    let (ny, nx) = frames[0].sci.shape();
    let radius = options.crradius.unwrap();
    let bad = options.badinpdq.unwrap();
    let (scale, spread) = (options.scalense.unwrap() / 100.0, options.crthresh.unwrap());
    let rate = |n: usize, at: usize| frames[n].sci.as_slice()[at] / times[n];
    let mut average: Vec<f32> = (0..ny * nx)
        .map(|at| first_guess(options, bad, &frames, at, &rate))
        .collect();
    let mut state: Vec<Vec<u16>> = Vec::new();
    let mut quality: Vec<Vec<u16>> = Vec::new();
    let sigmas: Vec<f32> = options
        .crsigmas
        .as_deref()
        .unwrap()
        .split(',')
        .map(|s| s.parse().unwrap())
        .collect();
    let (mut time, mut variance) = (vec![0.0f32; ny * nx], vec![0.0f32; ny * nx]);
    for sigma in sigmas {
        state = frames.iter().map(|frame| frame.dq.as_slice().to_vec()).collect();
        quality = state.clone();
        for n in 0..frames.len() {
            let (sigma2, t2) = (sigma * sigma, times[n] * times[n]);
            let err2 = |at: usize| frames[n].err.as_slice()[at] * frames[n].err.as_slice()[at];
            let off2 = |at: usize| (rate(n, at) - average[at]) * (rate(n, at) - average[at]);
            for y in 0..ny {
                let row = y * nx..(y + 1) * nx;
                quality[n][row.clone()].copy_from_slice(&state[n][row.clone()]);
                for at in row.clone() {
                    if state[n][at] & bad != 0 && state[n][at] != 2 {
                        state[n][at] = 4;
                    }
                }
                for at in row {
                    let signal = scale * (average[at] * times[n]).max(0.0);
                    if off2(at) <= sigma2 * (err2(at) + signal * signal) / t2 || state[n][at] == 4 {
                        continue;
                    }
                    state[n][at] = 8;
                    let reach = radius.ceil() as i64;
                    // Rows below have been summed already.
                    for (dy, dx) in (0..=reach).flat_map(|dy| (-reach..=reach).map(move |dx| (dy, dx))) {
                        let (x, y) = ((at % nx) as i64 + dx, (at / nx) as i64 + dy);
                        let inside = (0..nx as i64).contains(&x) && (0..ny as i64).contains(&y);
                        if (dx * dx + dy * dy) as f32 > radius * radius || !inside {
                            continue;
                        }
                        let near = y as usize * nx + x as usize;
                        let above = off2(near) > spread * spread * (sigma2 * err2(near) / t2);
                        if above && state[n][near] != 8 {
                            state[n][near] = 2;
                        }
                    }
                }
            }
        }
        for at in 0..ny * nx {
            let used = |n: &usize| state[*n][at] & (2 | 4 | 8) == 0;
            let of = |term: &dyn Fn(usize) -> f32| {
                (0..frames.len())
                    .filter(used)
                    .fold(0.0f32, |sum, n| sum + term(n))
            };
            time[at] = of(&|n| times[n]);
            variance[at] = of(&|n| frames[n].err.as_slice()[at] * frames[n].err.as_slice()[at]);
            if time[at] > 0.0 {
                average[at] = of(&|n| rate(n, at) * times[n]) / time[at];
            }
        }
    }
    let total: f32 = times.iter().sum();
    let mut product = even((ny, nx), 0.0, 0.0);
    let rejected = |n: usize, at: usize| state[n][at] == 8 || state[n][at] == 2;
    for at in 0..ny * nx {
        let used = time[at] > 0.0;
        product.sci.as_mut_slice()[at] = if used { average[at] * total } else { 0.0 };
        let error = (f64::from(total / time[at]) * f64::from(variance[at]).sqrt()) as f32;
        product.err.as_mut_slice()[at] = if used { error } else { 0.0 };
        let all = (0..frames.len()).all(|n| rejected(n, at));
        let or = (0..frames.len()).fold(0, |or, n| or | quality[n][at]);
        product.dq.as_mut_slice()[at] = or & !(8192 | 2) | if all { 8192 } else { 0 };
    }
    let hits = (0..frames.len()).map(|n| (0..ny * nx).map(|at| rejected(n, at)).collect());
    (product, hits.collect())
}

fn first_guess(
    options: &AcsrejOptions,
    bad: u16,
    frames: &[&Frame],
    at: usize,
    rate: &dyn Fn(usize, usize) -> f32,
) -> f32 {
    let good = |n: usize| frames[n].dq.as_slice()[at] & bad == 0;
    if options.initgues == Some(InitialGuess::Median) {
        let mut rates: Vec<f32> = (0..frames.len())
            .filter(|&n| good(n))
            .map(|n| rate(n, at))
            .collect();
        rates.sort_by(f32::total_cmp);
        let middle = rates.len() / 2;
        return match rates.len() {
            0 => 0.0,
            odd if odd % 2 == 1 => rates[middle],
            _ => (rates[middle - 1] + rates[middle]) / 2.0,
        };
    }
    let mut least = if good(0) { rate(0, at) } else { 0.0 };
    for n in 1..frames.len() {
        if rate(n, at) < least {
            least = if good(n) { rate(n, at) } else { 0.0 };
        }
    }
    least
}

fn compare(shape: (usize, usize), times: &[f64], options: &AcsrejOptions) {
    let inputs: Vec<Observation> = (0u64..)
        .zip(times)
        .map(|(n, &seconds)| observation("made", seconds, vec![busy(17 + 1000 * n, shape, seconds)]))
        .collect();
    let found = combine(&inputs, options);
    let (expected, hits) = told(&inputs, options);
    assert!(
        bits(&found.product.chips[0].frame) == bits(&expected),
        "{shape:?} {times:?} {options:?}"
    );
    for (n, hits) in hits.iter().enumerate() {
        let differs = (0..shape.0 * shape.1)
            .find(|&at| found.hits[n][0].contains(at % shape.1, at / shape.1) != hits[at]);
        assert_eq!(differs, None, "input {n}");
        assert!(hits.iter().filter(|&&hit| hit).count() > shape.0 * shape.1 / 50);
    }
}

#[test]
fn two_exposures_agree_with_the_plain_account_to_the_bit() {
    compare((70, 130), &[100.0, 100.0], &options());
    // Beyond a block of rows, and not whole words of columns.
    compare((600, 70), &[350.0, 200.0], &options());
}

#[test]
fn so_do_many_of_mixed_times_with_their_median() {
    let options = AcsrejOptions {
        initgues: Some(InitialGuess::Median),
        ..options()
    };
    compare((50, 67), &[100.0, 50.0, 300.0], &options);
    compare((300, 40), &[10.0, 50.0, 30.0, 80.0, 20.0, 1.0], &options);
}

#[test]
fn and_with_other_parameters() {
    let of = |radius, thresh, sigmas: &str, bad| AcsrejOptions {
        crradius: Some(radius),
        crthresh: Some(thresh),
        crsigmas: Some(sigmas.to_owned()),
        badinpdq: Some(bad),
        ..options()
    };
    compare((40, 50), &[100.0, 90.0], &of(0.0, 0.5, "4", 39));
    compare((40, 50), &[100.0, 90.0], &of(0.9, 0.0, "6,5,4,3", 0));
    compare((40, 50), &[100.0, 90.0, 80.0], &of(5.3, 0.3, "5,3", 8191));
    // Taller than wide, smaller than the neighbourhood.
    compare((300, 3), &[100.0, 90.0], &of(7.0, 0.8, "5,4,3", 4));
}

#[test]
fn frames_that_are_bad_and_bright_all_over_agree_too() {
    let mut inputs: Vec<Observation> = (0..2)
        .map(|n| observation("made", 100.0, vec![busy(5 + n, (64, 64), 100.0)]))
        .collect();
    for (at, bits) in inputs[0].chips[0].frame.dq.as_mut_slice().iter_mut().enumerate() {
        *bits = [4, 4, 0, 2, 32][at % 5];
    }
    for value in inputs[1].chips[0].frame.sci.as_mut_slice() {
        *value += 5000.0;
    }
    let found = combine(&inputs, &options());
    let (expected, _) = told(&inputs, &options());
    assert!(bits(&found.product.chips[0].frame) == bits(&expected));
}
