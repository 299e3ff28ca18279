//! What weighs how much in a combination, and what nothing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod combined;
mod exposures;

use combined::{in_folder, options, reached, run};
use exposures::{Made, NX};
use firstlight_fits::Value;
use firstlight_mosaic::{DrizzleOptions, Error, WeightType};

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
