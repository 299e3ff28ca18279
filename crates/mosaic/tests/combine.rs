//! Combining small exposures: units, weights, what is left out, what is refused.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod exposures;

use exposures::{Made, NX, NY};
use firstlight_fits::Value;
use firstlight_mosaic::header::{Headers, Plane, ProductNames, Provenance};
use firstlight_mosaic::{
    Bytes, DrizzleOptions, Error, FinalUnits, InputStatus, Kernel, Member, Mosaic, Outcome, Rows,
    WeightScale, WeightType,
};
use std::path::Path;

fn options() -> DrizzleOptions {
    DrizzleOptions {
        final_kernel: Kernel::Point,
        ..DrizzleOptions::default()
    }
}

/// A mosaic and its pixels.
struct Combined<'m> {
    mosaic: Mosaic<'m>,
    rows: Rows,
    inputs: Vec<InputStatus>,
}

impl<'m> std::ops::Deref for Combined<'m> {
    type Target = Mosaic<'m>;
    fn deref(&self) -> &Mosaic<'m> {
        &self.mosaic
    }
}

impl Combined<'_> {
    fn sci(&self) -> Vec<f32> {
        self.rows.sci.clone()
    }
    fn wht(&self) -> Vec<f32> {
        self.rows.wht.clone()
    }
    fn err(&self) -> Option<Vec<f32>> {
        self.rows.err.clone()
    }
    fn ctx(&self) -> Option<Vec<Vec<i32>>> {
        self.rows.ctx.clone()
    }
}

fn run<'m>(members: &'m [Member], options: &DrizzleOptions) -> Result<Combined<'m>, Error> {
    let mosaic = Mosaic::plan(members, options)?;
    let (rows, inputs) = mosaic.image(&|_| {})?;
    Ok(Combined { mosaic, rows, inputs })
}

fn in_folder(test: impl FnOnce(&Path)) {
    let folder = tempfile::tempdir().unwrap();
    test(folder.path());
}

/// Samples that something contributed to.
fn reached(mosaic: &Combined) -> Vec<(f32, f32)> {
    mosaic
        .sci()
        .into_iter()
        .zip(mosaic.wht())
        .filter(|(_, weight)| *weight > 0.0)
        .collect()
}

#[test]
fn an_exposure_on_its_own_grid_is_its_rate() {
    in_folder(|folder| {
        let made = Made::default();
        let members = [made.member(folder)];
        let mosaic = run(&members, &options()).unwrap();
        let grid = mosaic.grid();
        assert!((grid.scale_arcsec - 0.05).abs() < 1e-9);
        assert!(grid.nx.abs_diff(NX) <= 1 && grid.ny.abs_diff(NY) <= 1);
        assert!(reached(&mosaic).iter().all(|(_, weight)| *weight == 100.0));
        let total: f32 = reached(&mosaic).iter().map(|(rate, _)| rate).sum();
        let expected: f32 = made.sci.iter().sum::<f32>() / 100.0;
        // The natural grid leaves out half a pixel around.
        assert!((total / expected - 1.0).abs() < 0.15, "{total} for {expected}");
        assert_eq!(mosaic.exptime_s, 100.0);
    });
}

#[test]
fn rates_and_counts_mean_the_same() {
    in_folder(|folder| {
        let counts = Made::default();
        let rate = Made {
            name: "two",
            bunit: "ELECTRONS/S",
            sci: counts.sci.iter().map(|value| value / 100.0).collect(),
            ..Made::default()
        };
        let (counts, rate) = ([counts.member(folder)], [rate.member(folder)]);
        let (a, b) = (run(&counts, &options()).unwrap(), run(&rate, &options()).unwrap());
        let close = |(a, b): (&f32, &f32)| (a - b).abs() <= 1e-6 * a.abs() || (a.is_nan() && b.is_nan());
        assert!(a.sci().iter().zip(&b.sci()).all(close));
        let in_counts = DrizzleOptions {
            final_units: FinalUnits::Counts,
            ..options()
        };
        let c = run(&counts, &in_counts).unwrap();
        assert!(
            a.sci()
                .iter()
                .map(|v| v * 100.0)
                .collect::<Vec<_>>()
                .iter()
                .zip(&c.sci())
                .all(close)
        );
    });
}

#[test]
fn two_exposures_are_weighted_by_time() {
    in_folder(|folder| {
        let first = Made {
            sci: vec![100.0; NX * NY],
            ..Made::default()
        };
        let second = Made {
            name: "two",
            exptime_s: 300.0,
            sci: vec![900.0; NX * NY],
            ..Made::default()
        };
        let members = [first.member(folder), second.member(folder)];
        let mosaic = run(&members, &options()).unwrap();
        assert_eq!(mosaic.exptime_s, 400.0);
        let full: Vec<_> = reached(&mosaic)
            .into_iter()
            .filter(|(_, weight)| *weight == 400.0)
            .collect();
        assert!(full.len() > 300);
        // 1 and 3 electrons per second, for 100 and 300 s.
        assert!(full.iter().all(|(rate, _)| (rate - 2.5).abs() < 1e-6));
        assert_eq!(
            mosaic.ctx().unwrap()[0].iter().filter(|bits| **bits == 3).count(),
            full.len()
        );
        let scaled = DrizzleOptions {
            final_wt_scl: WeightScale::Value(2.0),
            ..options()
        };
        assert!(
            reached(&run(&members, &scaled).unwrap())
                .iter()
                .any(|(_, weight)| *weight == 800.0)
        );
    });
}

#[test]
fn chips_of_one_exposure_share_its_time() {
    in_folder(|folder| {
        let members = [Made {
            chips: 2,
            ..Made::default()
        }
        .member(folder)];
        let mosaic = run(&members, &options()).unwrap();
        assert_eq!(mosaic.exptime_s, 100.0);
        assert_eq!(
            mosaic.inputs[0].outcome,
            Outcome::Combined {
                chips: 2,
                exptime_s: 100.0
            }
        );
        assert!(mosaic.grid().ny > 2 * NY);
        let bits = mosaic.ctx().unwrap()[0].iter().fold(0, |all, bits| all | bits);
        assert_eq!(bits, 3);
    });
}

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
fn same_bits_for_any_number_of_threads() {
    in_folder(|folder| {
        let second = Made {
            name: "two",
            exptime_s: 300.0,
            ..Made::default()
        };
        let members = [Made::default().member(folder), second.member(folder)];
        // Turned and fine, so that there are several bands and blocks reach into more than one of them.
        let options = DrizzleOptions {
            final_wcs: Some(true),
            final_scale: Some(0.002),
            final_rot: Some(30.0),
            error: true,
            ..DrizzleOptions::default()
        };
        let bits = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            let rows = pool.install(|| run(&members, &options).unwrap().rows);
            let bits = |plane: &[f32]| plane.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
            (
                bits(&rows.sci),
                bits(&rows.wht),
                bits(&rows.err.unwrap()),
                rows.ctx,
            )
        };
        let one = bits(1);
        assert!(one.0.len() > 300 * 300);
        assert!(one.1.iter().any(|weight| *weight != 0));
        assert!(bits(2) == one && bits(5) == one);
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
            message.contains("pixels") && message.contains("1000 bytes"),
            "{message}"
        );
        let plenty = DrizzleOptions {
            max_memory: Some("1G".parse().unwrap()),
            ..options()
        };
        assert!(run(&members, &plenty).is_ok());
    });
}

#[test]
fn headers_tell_of_the_sum() {
    in_folder(|folder| {
        let second = Made {
            name: "two",
            exptime_s: 300.0,
            shift: (2.0, 1.0),
            ..Made::default()
        };
        let members = [Made::default().member(folder), second.member(folder)];
        let options = DrizzleOptions {
            final_scale: Some(0.04),
            ..options()
        };
        let mosaic = run(&members, &options).unwrap();
        let names = ProductNames::new("sum", "drz");
        let provenance = Provenance {
            software: "firstlight test".to_owned(),
            date: "2026-11-21".to_owned(),
            history: vec!["drizzled".to_owned()],
        };
        let headers = Headers::new(&mosaic, &options, &names, &provenance);
        let header = headers.file(Plane::Sci).unwrap();
        let reals = [
            ("EXPTIME", 400.0),
            ("TEXPTIME", 400.0),
            ("EXPSTART", 50_000.0),
            ("D002DEXP", 300.0),
        ];
        for (keyword, expected) in reals {
            assert_eq!(header.real(keyword), Some(expected), "{keyword}");
        }
        assert_eq!(header.real("EXPEND"), Some(50_000.0 + 300.0 / 86_400.0));
        assert_eq!(header.integer("NDRIZIM"), Some(2));
        let texts = [
            ("BUNIT", "ELECTRONS/S"),
            ("D001DATA", "one_flt.fits[sci,1]"),
            ("D002KERN", "point"),
            ("FILENAME", "sum_drz_sci.fits"),
            ("ROOTNAME", "sum"),
            ("DRIZCORR", "COMPLETE"),
            ("CTYPE1", "RA---TAN"),
        ];
        for (keyword, expected) in texts {
            assert_eq!(header.text(keyword).as_deref(), Some(expected), "{keyword}");
        }
        assert!((header.real("CD2_2").unwrap() * 3600.0 - 0.04).abs() < 1e-12);
        assert_eq!(header.commentary("HISTORY"), ["drizzled"]);
        assert!(!header.contains("EXTNAME") && !header.contains("NEXTEND"));
        assert_eq!(
            headers.extension(Plane::Wht).unwrap().text("EXTNAME").as_deref(),
            Some("WHT")
        );
        assert!(!headers.file(Plane::Wht).unwrap().contains("BUNIT"));
        assert_eq!(headers.primary(4).unwrap().integer("NEXTEND"), Some(4));
        let (_, table) = headers.inputs().unwrap();
        assert_eq!(table.reals("EXPTIME").unwrap(), [100.0, 300.0]);
        assert_eq!(table.texts("ROOTNAME").unwrap(), ["one", "two"]);
    });
}
