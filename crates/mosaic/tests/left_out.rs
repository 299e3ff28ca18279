//! What is left out of a combination and said to be, and what is refused.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod combined;
mod exposures;

use combined::{in_folder, options, run};
use exposures::{Made, NX, NY};
use firstlight_mosaic::{Bytes, DrizzleOptions, Error, Outcome, WeightType};

#[test]
fn exposures_without_time_or_good_pixels_are_left_out_and_said_so() {
    in_folder(|folder| {
        let members = [
            Made::default().member(folder),
            Made {
                name: "none",
                exptime_s: 0.0,
                ..Made::default()
            }
            .member(folder),
        ];
        let mosaic = run(&members, &options()).unwrap();
        assert_eq!(mosaic.exptime_s, 100.0);
        assert!(
            matches!(&mosaic.inputs[1].outcome, Outcome::Skipped { reason } if reason.contains("EXPTIME"))
        );
        let error = run(&members[1..], &options()).err().unwrap();
        assert!(matches!(error, Error::NothingToCombine { .. }));
        assert!(error.to_string().contains("none_flt.fits"));
        assert!(matches!(
            run(&[], &options()),
            Err(Error::NothingToCombine { .. })
        ));
    });
}

#[test]
fn inputs_that_give_nothing_are_said_to() {
    in_folder(|folder| {
        let blank = Made {
            name: "blank",
            sci: vec![f32::NAN; NX * NY],
            ..Made::default()
        };
        let bad = Made {
            name: "bad",
            dq: vec![4; NX * NY],
            ..Made::default()
        };
        let members = [
            Made::default().member(folder),
            blank.member(folder),
            bad.member(folder),
        ];
        let combined = run(&members, &options()).unwrap();
        assert!(matches!(combined.inputs[0].outcome, Outcome::Combined { .. }));
        for input in &combined.inputs[1..] {
            let Outcome::Empty { reason } = &input.outcome else {
                panic!("{input}")
            };
            assert!(reason.contains("no finite pixel"), "{reason}");
        }
        assert!(combined.ctx().unwrap()[0].iter().all(|bits| bits & !1 == 0));
        let error = run(&members[1..], &options()).err().unwrap();
        assert!(matches!(error, Error::NothingToCombine { .. }));
        assert!(error.to_string().contains("blank_flt.fits"), "{error}");
        assert!(error.to_string().contains("bad_flt.fits"), "{error}");
        let elsewhere = DrizzleOptions {
            final_wcs: Some(true),
            final_ra: Some(10.0),
            final_dec: Some(10.0),
            ..options()
        };
        let error = run(&members[..1], &elsewhere).err().unwrap();
        assert!(error.to_string().contains("off the output grid"), "{error}");
    });
}

#[test]
fn what_cannot_be_combined_is_refused() {
    in_folder(|folder| {
        let lost = [Made {
            wcs: false,
            ..Made::default()
        }
        .member(folder)];
        let error = run(&lost, &options()).err().unwrap();
        assert!(matches!(error, Error::Wcs(_)), "{error}");
        assert!(error.to_string().contains("one_flt.fits"), "{error}");
        let short = [Made {
            name: "two",
            err: Some(vec![1.0; NX * 3]),
            ..Made::default()
        }
        .member(folder)];
        let by_err = DrizzleOptions {
            final_wht_type: WeightType::Err,
            ..options()
        };
        let error = run(&short, &by_err).err().unwrap();
        assert!(error.to_string().contains("ERR,1"), "{error}");
    });
}

#[test]
fn absurd_outputs_are_refused_with_their_size() {
    in_folder(|folder| {
        let members = [Made::default().member(folder)];
        let tiny = DrizzleOptions {
            final_scale: Some(1e-6),
            ..options()
        };
        let Err(Error::TooLarge { nx, ny, .. }) = run(&members, &tiny) else {
            panic!("not refused")
        };
        assert!(nx > 1_000_000 && ny > 900_000);
        let limited = DrizzleOptions {
            max_memory: Some(Bytes(1000)),
            ..options()
        };
        let message = run(&members, &limited).err().unwrap().to_string();
        assert!(
            message.contains("pixels") && message.contains("max_memory is 1000 bytes; give more"),
            "{message}"
        );
        // Without a word of the user it is the memory of the machine that is named, and not an option.
        let message = run(&members, &tiny).err().unwrap().to_string();
        assert!(
            message.contains("is the memory there is; look at final_scale")
                && !message.contains("max_memory"),
            "{message}"
        );
        let plenty = DrizzleOptions {
            max_memory: Some("1G".parse().unwrap()),
            ..options()
        };
        assert!(run(&members, &plenty).is_ok());
    });
}
