//! What weighs how much in a combination, and what nothing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod combined;
mod exposures;

use combined::{in_folder, options, reached, run};
use exposures::{Made, NX, NY};
use firstlight_fits::{ArrayView, FitsFile, FitsWriter, Header, Overwrite, Value};
use firstlight_mosaic::{DrizzleOptions, Error, Member, WeightType};
use std::path::Path;

#[test]
fn bad_pixels_get_no_weight_and_reset_bits_count_as_good() {
    in_folder(|folder| {
        let mut made = Made::default();
        made.dq[5 * NX + 5] = 16;
        made.dq[6 * NX + 6] = 4096;
        let members = [made.member(folder)];
        let empty = |options: &DrizzleOptions| {
            run(&members, options)
                .unwrap()
                .wht()
                .iter()
                .filter(|weight| **weight == 0.0)
                .count()
        };
        let none = empty(&DrizzleOptions {
            final_bits: 4112.into(),
            ..options()
        });
        assert_eq!(empty(&options()), none + 1);
        assert_eq!(
            empty(&DrizzleOptions {
                resetbits: 0.into(),
                ..options()
            }),
            none + 2
        );
        assert_eq!(
            empty(&DrizzleOptions {
                final_bits: "None".parse().unwrap(),
                ..options()
            }),
            none
        );
        assert_eq!(
            empty(&DrizzleOptions {
                final_bits: "~256".parse().unwrap(),
                resetbits: 0.into(),
                ..options()
            }),
            none
        );
    });
}

#[test]
fn weights_by_error_and_the_error_plane() {
    in_folder(|folder| {
        let mut made = Made::default();
        made.err.as_mut().unwrap()[8 * NX + 8] = 0.0;
        let members = [made.member(folder)];
        let by_err = DrizzleOptions {
            final_wht_type: WeightType::Err,
            error: true,
            ..options()
        };
        let mosaic = run(&members, &by_err).unwrap();
        let weights: Vec<f32> = reached(&mosaic).iter().map(|(_, weight)| *weight).collect();
        assert!(
            weights.iter().all(|weight| (weight - 100.0).abs() < 1e-3),
            "(100 s / 10 e)^2"
        );
        let err = mosaic.err().unwrap();
        let known: Vec<f32> = err
            .into_iter()
            .zip(mosaic.wht())
            .filter(|(_, w)| *w > 0.0)
            .map(|(e, _)| e)
            .collect();
        assert!(known.iter().all(|err| (err - 0.1).abs() < 1e-6));
        let without = [Made {
            name: "two",
            err: None,
            ..Made::default()
        }
        .member(folder)];
        assert!(matches!(run(&without, &by_err), Err(Error::NoWeights { .. })));
        assert!(run(&without, &options()).is_ok());
    });
}

#[test]
fn weights_by_background() {
    in_folder(|folder| {
        let ivm = DrizzleOptions {
            final_wht_type: WeightType::Ivm,
            ..options()
        };
        let members = [Made::default().member(folder)];
        let mosaic = run(&members, &ivm).unwrap();
        // Exposure time squared over read noise squared.
        assert!(
            reached(&mosaic)
                .iter()
                .all(|(_, weight)| (weight - 400.0).abs() < 0.1)
        );
        let more = vec![("READNSEA", Value::Real(0.0))];
        let none = [Made {
            name: "two",
            more,
            ..Made::default()
        }
        .member(folder)];
        assert!(matches!(run(&none, &ivm), Err(Error::NoWeights { .. })));
    });
}

fn by_ivm() -> DrizzleOptions {
    DrizzleOptions {
        final_wht_type: WeightType::Ivm,
        ..options()
    }
}

/// The same exposure with a map of inverse variance of one image.
fn with_map(folder: &Path, (extname, version): (&str, i64), rows: usize, values: &[f32]) -> Member {
    let path = folder.join("map.fits");
    let mut writer = FitsWriter::create(&path, Overwrite::Replace).unwrap();
    writer.empty_primary(&Header::new()).unwrap();
    let mut header = Header::new();
    header.set("EXTNAME", extname, None).unwrap();
    header.set("EXTVER", version, None).unwrap();
    let image = ArrayView::new(&[rows, values.len() / rows], values).unwrap();
    writer.image(&header, image).unwrap();
    writer.finish().unwrap();
    let mut made = Made::default();
    made.dq[9 * NX + 9] = 4;
    Member {
        ivm: Some(FitsFile::open(&path).unwrap()),
        ..made.member(folder)
    }
}

#[test]
fn weights_by_a_map_of_the_users_own() {
    in_folder(|folder| {
        let mut map: Vec<f32> = (0..NX * NY).map(|i| 0.01 + 0.001 * (i % 11) as f32).collect();
        let good = map.clone();
        let unusable = [f32::NAN, f32::INFINITY, -1.0, 0.0];
        for (place, value) in unusable.into_iter().enumerate() {
            map[(place + 3) * NX + 5] = value;
        }
        let members = [with_map(folder, ("IVM", 1), NY, &map)];
        let mosaic = run(&members, &by_ivm()).unwrap();
        let mut expected: Vec<f32> = Vec::new();
        for (pixel, value) in good.iter().enumerate() {
            let without = (3..7).any(|y| pixel == y * NX + 5) || pixel == 9 * NX + 9;
            // The square of the exposure time; drops are points, and pixels of one size.
            if !without {
                expected.push(value * 1e4);
            }
        }
        let mut found: Vec<f32> = reached(&mosaic).iter().map(|(_, weight)| *weight).collect();
        found.sort_by(f32::total_cmp);
        expected.sort_by(f32::total_cmp);
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(&expected) {
            assert!((found / expected - 1.0).abs() < 1e-3, "{found} {expected}");
        }
        // Other kinds of weights do not look at it.
        let by_time = run(&members, &options()).unwrap();
        assert_eq!(reached(&by_time).len(), NX * NY - 1);
        assert!(
            reached(&by_time)
                .iter()
                .all(|(_, weight)| (weight - 100.0).abs() < 1e-3)
        );
    });
}

#[test]
fn a_map_that_does_not_belong_to_the_exposure_is_refused() {
    in_folder(|folder| {
        let one = vec![1.0; NX * NY];
        for (image, rows, expected) in [
            (("IVM", 2), NY, "has no image IVM,1, it has IVM,2"),
            (("WHT", 1), NY, "has no image IVM,1, it has WHT,1"),
            (("IVM", 1), NX, "IVM,1 of"),
        ] {
            let members = [with_map(folder, image, rows, &one)];
            let error = run(&members, &by_ivm()).err().unwrap();
            let text = error.to_string();
            assert!(matches!(error, Error::NoWeights { .. }));
            assert!(text.contains(expected) && text.contains("map.fits"), "{text}");
            assert!(run(&members, &options()).is_ok());
        }
    });
}
