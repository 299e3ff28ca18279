//! What a rectified image is.

use crate::made::{self, CLIMB, EXPTIME, Files, NX, NY, SENSITIVITY, THROUGHPUT, starlit};
use firstlight_calibrate::Error;
use firstlight_calibrate::stis::SpectralSwitches;
use firstlight_calibrate::stis::x2d::{self, X2dOptions, x2d};
use firstlight_frame::Image;

const COUNTS: SpectralSwitches = SpectralSwitches {
    backcorr: true,
    dispcorr: true,
    helcorr: false,
    fluxcorr: false,
    ctecorr: true,
    statflag: false,
};

/// A full frame is 1024 pixels square: one of 48 rows and 64 columns is a subarray, whose grid is smaller by as much.
fn grid(nx: usize, ny: usize) -> Files {
    let mut files = Files::new();
    files.add(
        "SDCTAB",
        &[],
        made::grid_of(nx as i32 + 1024 - NX as i32, ny as i32 + 1024 - NY as i32),
    );
    files
}

#[test]
fn a_climbing_trace_becomes_level() {
    let files = grid(NX, 60);
    let options = X2dOptions::default();
    let found = x2d(
        &starlit(24.0),
        &made::primary(),
        &made::sci(),
        &files.references,
        &COUNTS,
        &options,
    )
    .unwrap();
    assert_eq!(found.frame.sci.shape(), (60, NX));
    // A2CENTER is line 23, SHIFTA2 is 1: what is at line 24 comes to the row of CRPIX2.
    let grid = found.report.grid;
    assert_eq!(grid.crpix, (0.0, 29.0));
    for x in 2..NX - 2 {
        let column = |y: usize| f64::from(found.frame.sci.row(y)[x]) - 3.0;
        let (sum, moment) = (25..34).fold((0.0, 0.0), |(sum, moment), y| {
            (sum + column(y), moment + y as f64 * column(y))
        });
        assert!((moment / sum - 29.0).abs() < 0.02, "column {x}: {}", moment / sum);
    }
    // Off the image.
    assert_eq!(
        (found.frame.sci.row(59)[5], found.frame.dq.row(59)[5] & 4),
        (0.0, 4)
    );
}

#[test]
fn bars_are_flagged_and_bits_spread_to_the_pixels_they_touch() {
    let files = grid(NX, 60);
    let mut frame = starlit(24.0);
    frame.dq.as_mut_slice()[20 * NX + 30] = 16;
    let options = X2dOptions::default();
    let found = x2d(
        &frame,
        &made::primary(),
        &made::sci(),
        &files.references,
        &COUNTS,
        &options,
    )
    .unwrap();
    let barred: Vec<usize> = (0..60).filter(|&y| found.frame.dq.row(y)[3] & 8 != 0).collect();
    // Bars of 4 and 6 pixels at -10 and 13 pixels from row 29.
    assert_eq!(barred, [17, 18, 19, 20, 21, 39, 40, 41, 42, 43, 44, 45]);
    let hot: usize = found
        .frame
        .dq
        .as_slice()
        .iter()
        .filter(|&&bits| bits & 16 != 0)
        .count();
    assert!((1..=6).contains(&hot), "{hot}");
}

#[test]
fn a_wavecal_is_not_shifted() {
    let files = grid(NX, 60);
    let mut sci = made::sci();
    sci.set("ASN_MTYP", "AUTO-WAVECAL", None).unwrap();
    let mut frame = starlit(24.0);
    frame.sci = Image::from_fn(NY, NX, |x, y| (y as f64 - CLIMB * x as f64) as f32);
    let options = X2dOptions::default();
    let every = SpectralSwitches::default();
    let switches = SpectralSwitches {
        fluxcorr: false,
        ..every
    };
    let found = x2d(
        &frame,
        &made::primary(),
        &sci,
        &files.references,
        &switches,
        &options,
    )
    .unwrap();
    assert_eq!(found.report.v_helio_km_s, None);
    // Row 29 is line 23, not 24.
    assert!((found.frame.sci.row(29)[20] - 23.0).abs() < 1e-3);
    assert!(found.report.statistics.unwrap().good > 0);
}

#[test]
fn counts_become_surface_brightness() {
    let files = grid(NX, 60);
    let mut frame = starlit(24.0);
    frame.sci = Image::filled(NY, NX, 50.0);
    let options = X2dOptions::default();
    let switches = SpectralSwitches {
        fluxcorr: true,
        ..COUNTS
    };
    let found = x2d(
        &frame,
        &made::primary(),
        &made::sci(),
        &files.references,
        &switches,
        &options,
    )
    .unwrap();
    let flux = found.report.flux.clone().unwrap();
    let photon = 6.6260755e-27 * 29979245800.0 / 45238.93416;
    for x in [1, 30, NX - 2] {
        let area = 2.5 * 0.05 * 0.2;
        let expected = 50.0 * photon / (EXPTIME * area * SENSITIVITY * made::wavelength(x) * 1e-8);
        let pixel = f64::from(found.frame.sci.row(29)[x]);
        assert!(
            (pixel / expected - 1.0).abs() < 1e-5,
            "column {x}: {pixel} {expected}"
        );
    }
    // The slit's width in place of what passes it, and all of its light.
    assert!((f64::from(flux.diff2pt) / (0.05 * 0.2 / (THROUGHPUT / 1.25)) - 1.0).abs() < 1e-6);
    assert!((f64::from(flux.cont2eml) / (2.5 * 0.2 / 0.05) - 1.0).abs() < 1e-6);
    let (mut sci, mut err, mut dq) = (made::sci(), made::sci(), made::sci());
    x2d::record_imset(&found.report, &mut sci, &mut err, &mut dq).unwrap();
    assert_eq!(sci.real("CRPIX2"), Some(30.0));
    assert!(err.text("BUNIT").unwrap().contains("arcsec**2"));
    let mut primary = made::primary();
    x2d::record(&mut primary, &found.report, &files.references).unwrap();
    assert_eq!(primary.text("X2DCORR").as_deref(), Some("COMPLETE"));
    let history = primary.commentary("HISTORY").join("\n");
    assert!(
        history.contains("TDSTAB correction was not included"),
        "{history}"
    );
}

#[test]
fn a_grid_that_leaves_nothing_is_refused() {
    let files = Files::new();
    let options = X2dOptions::default();
    let error = x2d(
        &starlit(24.0),
        &made::primary(),
        &made::sci(),
        &files.references,
        &COUNTS,
        &options,
    )
    .unwrap_err();
    assert!(
        matches!(error, Error::ReferenceValue { .. }) && error.to_string().contains("NPIX1"),
        "{error}"
    );
}
