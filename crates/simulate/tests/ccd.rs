//! The simulated nights at a small telescope: that they are what they say.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use firstlight_simulate::Extension;
use firstlight_simulate::ccd::{CcdNights, CcdOptions, DEAD, Filter, HOT, Kind};

const SIDE: (usize, usize) = (160, 200);

fn small() -> CcdOptions {
    CcdOptions {
        nights: 1,
        height: SIDE.0,
        width: SIDE.1,
        filters: vec![Filter::V],
        science: 2,
        short_science: 1,
        no_cosmic_rays: true,
        stars: 150,
        ..CcdOptions::default()
    }
}

fn nights(options: &CcdOptions) -> CcdNights {
    CcdNights::plan(options).unwrap()
}

fn indices(nights: &CcdNights, kind: Kind) -> Vec<usize> {
    let files = nights.raw_files();
    (0..files.len()).filter(|&n| files[n].0 == kind).collect()
}

/// Pixels of a raw frame, ADU.
fn raw(nights: &CcdNights, index: usize) -> Vec<u16> {
    match nights.expose(index).unwrap().unwrap() {
        Extension::Unsigned(_, _, pixels) => pixels,
        other => panic!("{other:?}"),
    }
}

fn real_image(nights: &CcdNights, name: &str) -> Vec<f64> {
    let at = nights
        .truth_image_names()
        .iter()
        .position(|of| of == name)
        .unwrap();
    match &nights.truth_images().unwrap()[at] {
        Extension::Real(_, _, pixels) => pixels.iter().map(|&v| f64::from(v)).collect(),
        Extension::Bytes(_, _, pixels) => pixels.iter().map(|&v| f64::from(v)).collect(),
        other => panic!("{other:?}"),
    }
}

/// Mean and standard deviation.
fn moments(values: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let n = values.clone().count() as f64;
    let mean = values.clone().sum::<f64>() / n;
    let square = values.map(|value| (value - mean).powi(2)).sum::<f64>();
    (mean, (square / (n - 1.0)).sqrt())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Mean of frames, each less its change of level, ADU.
fn mean_frame(nights: &CcdNights, frames: &[usize]) -> Vec<f64> {
    let truth = nights.truth();
    let mut sum = vec![0.0; SIDE.0 * SIDE.1];
    for &index in frames {
        let offset = truth.frames[index].bias_offset;
        for (sum, value) in sum.iter_mut().zip(raw(nights, index)) {
            *sum += (f64::from(value) - offset) / frames.len() as f64;
        }
    }
    sum
}

#[test]
fn the_same_seed_gives_the_same_frames() {
    let of = |options: CcdOptions, kind| {
        let nights = nights(&options);
        raw(&nights, indices(&nights, kind)[1])
    };
    for kind in [Kind::Light, Kind::Bias, Kind::Dark, Kind::Flat] {
        let first = of(small(), kind);
        assert_eq!(first, of(small(), kind));
        assert_ne!(first, of(CcdOptions { seed: 2, ..small() }, kind));
    }
    // A dark does not depend on how many others there are.
    let more = CcdOptions { darks: 7, ..small() };
    assert_eq!(of(small(), Kind::Dark), of(more, Kind::Dark));
}

#[test]
fn options_outside_their_range_are_refused() {
    let bad = |options: CcdOptions| CcdNights::plan(&options).unwrap_err().to_string();
    let none = bad(CcdOptions { nights: 0, ..small() });
    assert_eq!(none, "nights is 0, but must be between 1 and 9");
    let twice = vec![Filter::B, Filter::B];
    assert!(
        bad(CcdOptions {
            filters: twice,
            ..small()
        })
        .starts_with("filters is \"BB\"")
    );
    assert!(
        bad(CcdOptions {
            warm_night: Some(2),
            ..small()
        })
        .starts_with("warm_night is 2")
    );
    let long = CcdOptions {
        science: 400,
        ..small()
    };
    assert!(bad(long).starts_with("science is 400, with 8.3 hours"));
    assert!(
        bad(CcdOptions {
            gain: f64::NAN,
            ..small()
        })
        .starts_with("gain is NaN")
    );
}

#[test]
fn biases_have_the_true_bias_in_the_mean_and_the_read_noise() {
    let nights = nights(&CcdOptions {
        biases: 40,
        ..small()
    });
    let bias = real_image(&nights, "bias.fits");
    let mean = mean_frame(&nights, &indices(&nights, Kind::Bias));
    let (off, scatter) = moments(mean.iter().zip(&bias).map(|(mean, bias)| mean - bias));
    // Noise of reading and of rounding.
    let noise = (8.5 / 1.4_f64).hypot(12.0_f64.powf(-0.5)) / 40.0_f64.sqrt();
    assert!(off.abs() < 4.0 * noise / (bias.len() as f64).sqrt(), "{off}");
    assert!((scatter / noise - 1.0).abs() < 0.02, "{scatter} {noise}");
    // The amplifier glows on the left.
    let column = |x: usize| moments((0..SIDE.0).map(|y| bias[y * SIDE.1 + x])).0;
    assert!(column(0) > column(150) + 20.0);
}

#[test]
fn darks_have_the_true_rate_and_hot_pixels() {
    let nights = nights(&CcdOptions { darks: 20, ..small() });
    let (bias, rate) = (real_image(&nights, "bias.fits"), real_image(&nights, "dark.fits"));
    let bad = real_image(&nights, "bad_pixels.fits");
    let darks = indices(&nights, Kind::Dark);
    let factors = darks.iter().map(|&n| nights.truth().frames[n].dark_factor);
    let factor = factors.sum::<f64>() / 20.0;
    let measured: Vec<f64> = mean_frame(&nights, &darks)
        .iter()
        .zip(&bias)
        .map(|(mean, bias)| (mean - bias) * 1.4 / (600.0 * factor))
        .collect();
    let off = |hot: bool| {
        let chosen = (0..bad.len()).filter(|&n| (bad[n] as u8 & HOT != 0) == hot);
        chosen
            .map(|n| {
                let electrons = 600.0 * factor * rate[n];
                let variance = electrons + 8.5_f64.powi(2) + 1.4_f64.powi(2) / 12.0;
                (measured[n] - rate[n]) * 600.0 * factor / (variance / 20.0).sqrt()
            })
            .collect::<Vec<f64>>()
    };
    let (cold, hot) = (off(false), off(true));
    assert!(hot.len() > 50, "{}", hot.len());
    for of in [cold, hot] {
        let (mean, scatter) = moments(of.iter().copied());
        assert!(mean.abs() < 4.0 / (of.len() as f64).sqrt(), "{mean}");
        assert!((scatter - 1.0).abs() < 0.25, "{scatter}");
    }
    assert!((0.015..0.04).contains(&median(rate)));
}

#[test]
fn flats_show_what_the_optics_let_through() {
    let nights = nights(&CcdOptions { flats: 24, ..small() });
    let (bias, flat) = (
        real_image(&nights, "bias.fits"),
        real_image(&nights, "flat_V.fits"),
    );
    let truth = nights.truth();
    let (mut light, mut expected) = (vec![0.0; flat.len()], 0.0);
    let mut faint = 0;
    for index in indices(&nights, Kind::Flat) {
        let frame = &truth.frames[index];
        let level = frame.flat_level_e.unwrap();
        faint += usize::from(level < 8000.0);
        for ((light, value), bias) in light.iter_mut().zip(raw(&nights, index)).zip(&bias) {
            *light += (f64::from(value) - frame.bias_offset - bias) * 1.4;
        }
        expected += level;
    }
    assert_eq!(faint, 6);
    let bad = real_image(&nights, "bad_pixels.fits");
    let good: Vec<usize> = (0..flat.len()).filter(|&n| bad[n] == 0.0).collect();
    let off = good
        .iter()
        .map(|&n| (light[n] / expected - flat[n]) * (expected / flat[n]).sqrt());
    let (mean, scatter) = moments(off);
    assert!(mean.abs() < 0.3, "{mean}");
    assert!((scatter - 1.0).abs() < 0.03, "{scatter}");
    let (mean, spread) = moments(flat.iter().copied());
    assert!((mean - 1.0).abs() < 1e-6 && spread > 0.02, "{mean} {spread}");
    let dead: Vec<usize> = (0..flat.len()).filter(|&n| bad[n] as u8 & DEAD != 0).collect();
    assert!(dead.len() > 5 && dead.iter().all(|&n| flat[n] < 0.75));
}

#[test]
fn stars_have_their_electrons_where_the_truth_says() {
    // Few in a large frame, so that some are in no other's light.
    let (height, width) = (500, 600);
    let nights = nights(&CcdOptions {
        height,
        width,
        stars: 60,
        ..small()
    });
    let truth = nights.truth();
    let frame = indices(&nights, Kind::Light)[1];
    let weather = truth.frames[frame].science.unwrap().weather;
    let light = nights.light(frame).unwrap();
    let sky = weather.sky_rate * truth.frames[frame].exptime_s;
    let of_frame: Vec<_> = truth.fluxes.iter().filter(|row| row.frame == frame).collect();
    let reach = (6.0 * weather.fwhm).ceil();
    let mut seen = 0;
    for row in &of_frame {
        let inside = |at: f64, n: usize| at > reach && at < n as f64 - 1.0 - reach;
        let near = |other: &&&firstlight_simulate::ccd::StarTruth| {
            (other.x - row.x).hypot(other.y - row.y) < 2.0 * reach
        };
        // Others within reach may give no more than a thousandth.
        let others: f64 = of_frame.iter().filter(near).map(|other| other.electrons).sum();
        if !inside(row.x, width) || !inside(row.y, height) || others > 1.001 * row.electrons {
            continue;
        }
        let (mut sum, mut sum_x, mut sum_y) = (0.0, 0.0, 0.0);
        for y in (row.y - reach) as usize..=(row.y + reach) as usize {
            for x in (row.x - reach) as usize..=(row.x + reach) as usize {
                let electrons = f64::from(light[y * width + x]) - sky;
                sum += electrons;
                sum_x += electrons * x as f64;
                sum_y += electrons * y as f64;
            }
        }
        assert!((sum / row.electrons - 1.0).abs() < 0.003, "{row:?} {sum}");
        assert!((sum_x / sum - row.x).hypot(sum_y / sum - row.y) < 0.05, "{row:?}");
        seen += 1;
    }
    assert!(seen >= 3, "{seen}");
}

#[test]
fn science_frames_have_light_dark_and_bias() {
    let nights = nights(&small());
    let (bias, flat) = (
        real_image(&nights, "bias.fits"),
        real_image(&nights, "flat_V.fits"),
    );
    let (rate, bad) = (
        real_image(&nights, "dark.fits"),
        real_image(&nights, "bad_pixels.fits"),
    );
    let truth = nights.truth();
    for index in indices(&nights, Kind::Light) {
        let frame = &truth.frames[index];
        let light = nights.light(index).unwrap();
        let raw = raw(&nights, index);
        let off = (0..raw.len())
            .filter(|&n| bad[n] == 0.0 && raw[n] < 60_000)
            .map(|n| {
                let electrons = f64::from(light[n]) * flat[n] + rate[n] * frame.exptime_s * frame.dark_factor;
                let measured = (f64::from(raw[n]) - bias[n] - frame.bias_offset) * 1.4;
                (measured - electrons) / (electrons + 8.5_f64.powi(2) + 0.17).sqrt()
            });
        let (mean, scatter) = moments(off);
        assert!(
            mean.abs() < 0.03 && (scatter - 1.0).abs() < 0.02,
            "{mean} {scatter}"
        );
    }
}
