//! Cosmic rays in a sky with a star.

use super::*;

/// A sky of 100 with noise of a few, a star, and two cosmic rays.
fn sky() -> (Image<f32>, Vec<(usize, usize)>) {
    let mut state = 99u32;
    let mut uniform = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state >> 8) / f64::from(1u32 << 24)
    };
    let mut image = Image::from_fn(80, 90, |x, y| {
        let noise = (0..12).map(|_| uniform()).sum::<f64>() - 6.0;
        let r2 = (x as f64 - 30.2).powi(2) + (y as f64 - 40.7).powi(2);
        (100.0 + 11.9 * noise + 5000.0 * (-r2 / 4.5).exp()) as f32
    });
    let rays = vec![(60, 20), (61, 20), (62, 21), (15, 70)];
    for &(x, y) in &rays {
        image[(y, x)] += 1500.0;
    }
    (image, rays)
}

#[test]
fn rays_are_found_and_replaced_and_stars_stay() {
    for sepmed in [true, false] {
        for fsmode in [FineStructure::Median, FineStructure::Convolve] {
            let options = LacosmicOptions {
                sepmed,
                fsmode,
                ..Default::default()
            };
            let (image, rays) = sky();
            let found = lacosmic(&image, &LacosmicPlanes::default(), &options).unwrap();
            // To a matched filter three pixels side by side look much like a star.
            let sure = if fsmode == FineStructure::Median {
                &rays[..]
            } else {
                &[]
            };
            for &(x, y) in sure {
                assert!(found.cosmics[(y, x)], "{sepmed} {fsmode:?} ({x}, {y})");
                assert!((found.cleaned[(y, x)] - 100.0).abs() < 40.0);
            }
            let at_star = (36..46).any(|y| (26..36).any(|x| found.cosmics[(y, x)]));
            assert!(!at_star, "{sepmed} {fsmode:?}");
            assert_eq!(found.cleaned[(41, 30)], image[(41, 30)]);
            assert!(found.report.pixels < 12);
        }
    }
}

#[test]
fn masked_and_undefined_pixels_are_left_alone() {
    let (mut image, _) = sky();
    image[(20, 60)] = f32::NAN;
    let mut mask = Image::filled(80, 90, false);
    mask[(70, 15)] = true;
    let planes = LacosmicPlanes {
        mask: Some(&mask),
        ..Default::default()
    };
    let found = lacosmic(&image, &planes, &LacosmicOptions::default()).unwrap();
    assert!(!found.cosmics[(70, 15)] && !found.cosmics[(20, 60)]);
    assert!(found.cleaned[(20, 60)].is_nan());
    assert!(found.cleaned.as_slice().iter().filter(|v| v.is_nan()).count() == 1);
}

#[test]
fn the_bits_do_not_depend_on_the_threads() {
    let (image, _) = sky();
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| lacosmic(&image, &LacosmicPlanes::default(), &LacosmicOptions::default()).unwrap())
    };
    assert_eq!(with(1), with(3));
}

#[test]
fn small_images_and_bad_options_do_no_harm() {
    for (ny, nx) in [(1, 1), (3, 40), (8, 2), (9, 9), (0, 0)] {
        let image = Image::filled(ny, nx, 5.0f32);
        let found = lacosmic(&image, &LacosmicPlanes::default(), &LacosmicOptions::default()).unwrap();
        assert_eq!(found.cleaned, image);
    }
    let bad = LacosmicOptions {
        gain: 0.0,
        ..Default::default()
    };
    assert!(lacosmic(&Image::filled(9, 9, 1f32), &LacosmicPlanes::default(), &bad).is_err());
    for (ny, nx) in [(0, 3), (2, 2), (3, 5)] {
        let kernel = Kernel {
            values: vec![1.0; 4],
            nx,
            ny,
        };
        let planes = LacosmicPlanes {
            kernel: Some(&kernel),
            ..Default::default()
        };
        let error = lacosmic(&Image::filled(9, 9, 1f32), &planes, &LacosmicOptions::default());
        assert!(error.unwrap_err().to_string().contains("psfk"));
    }
}
