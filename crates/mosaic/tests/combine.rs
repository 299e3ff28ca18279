//! Combining small exposures: units, the times of exposures, headers, threads.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod combined;
mod exposures;

use combined::{in_folder, options, reached, run};
use exposures::{Made, NX, NY};
use firstlight_mosaic::header::{Headers, Plane, ProductNames, Provenance};
use firstlight_mosaic::{DrizzleOptions, FinalUnits, Outcome, WeightScale};

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
