//! What is bad, and nothing else.

use super::*;
use crate::ccd::{CcdFrame, CcdUnit};
use firstlight_frame::Image;

/// Even light with noise that is not random but has no pattern of note.
fn flat() -> Image<f64> {
    Image::from_fn(60, 50, |x, y| {
        1.0 + 0.01 * (((x * 7919 + y * 104_729) % 1013) as f64 / 1013.0 - 0.5)
    })
}

fn flagged(mask: &Image<bool>) -> Vec<(usize, usize)> {
    let (ny, nx) = mask.shape();
    (0..ny * nx)
        .filter(|&i| mask.as_slice()[i])
        .map(|i| (i % nx, i / nx))
        .collect()
}

#[test]
fn dark_bright_and_missing_pixels_are_found() {
    for byblocks in [false, true] {
        let mut ratio = flat();
        ratio.row_mut(12)[7] = 0.7;
        ratio.row_mut(59)[49] = 1.4;
        ratio.row_mut(30)[20] = f64::NAN;
        let options = CcdmaskOptions {
            byblocks,
            ..CcdmaskOptions::default()
        };
        let mask = ccdmask(&ratio, &options).unwrap();
        assert_eq!(flagged(&mask), [(7, 12), (20, 30), (49, 59)]);
        assert_eq!(ccdmask(&flat(), &options).unwrap(), Image::filled(60, 50, false));
    }
}

#[test]
fn gaps_of_a_bad_column_are_closed() {
    let mut ratio = flat();
    for y in [10, 14, 30, 36] {
        ratio.row_mut(y)[25] = 0.5;
    }
    let options = CcdmaskOptions {
        findbadcolumns: true,
        ..CcdmaskOptions::default()
    };
    let mask = ccdmask(&ratio, &options).unwrap();
    let expected: Vec<(usize, usize)> = (10..15).chain(30..37).map(|y| (25, y)).collect();
    assert_eq!(flagged(&mask), expected);
}

#[test]
fn parameters_outside_their_range_are_refused() {
    let of = |options: CcdmaskOptions| ccdmask(&flat(), &options).unwrap_err().to_string();
    let none = of(CcdmaskOptions {
        ncmed: 0,
        ..CcdmaskOptions::default()
    });
    assert!(none.contains("ncmed"), "{none}");
    let nan = of(CcdmaskOptions {
        hsigma: f64::NAN,
        ..CcdmaskOptions::default()
    });
    assert!(nan.contains("hsigma"), "{nan}");
}

#[test]
fn hot_pixels_are_in_most_darks_and_cosmic_rays_in_one() {
    let dark = |hit: usize, seconds: f64| {
        let image = Image::from_fn(20, 20, |x, y| {
            let rate = 0.02 + 0.002 * ((x * 31 + y * 17) % 11) as f64;
            let hot = if (x, y) == (3, 4) { 5.0 } else { 0.0 };
            let ray = if x + 20 * y == hit { 4000.0 } else { 0.0 };
            100.0 + (rate + hot) * seconds + ray
        });
        (CcdFrame::new(image, CcdUnit::Electron), seconds)
    };
    let bias = CcdFrame::new(Image::filled(20, 20, 100.0), CcdUnit::Electron);
    for darks in [
        vec![dark(50, 300.0), dark(90, 600.0)],
        vec![dark(50, 300.0), dark(60, 300.0), dark(70, 60.0)],
    ] {
        let rate = dark_rate(&darks, Some(&bias)).unwrap();
        let found = hot_pixels(&rate, HotLimit::Rate(1.0)).unwrap();
        assert_eq!(flagged(&found.mask), [(3, 4)]);
        let found = hot_pixels(&rate, HotLimit::Sigmas(9.0)).unwrap();
        assert_eq!(flagged(&found.mask), [(3, 4)]);
        assert!((0.02..0.05).contains(&found.median) && found.limit < 0.2);
    }
    assert!(dark_rate(&[dark(1, 0.0)], None).is_err());
    assert!(dark_rate(&[], None).is_err());
    assert!(hot_pixels(&Image::filled(2, 2, f64::NAN), HotLimit::Rate(1.0)).is_err());
}
