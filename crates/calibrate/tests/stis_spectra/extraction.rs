//! What an extracted spectrum is.

use crate::made::{self, EXPTIME, Files, NX, SENSITIVITY, THROUGHPUT, starlit};
use firstlight_calibrate::stis::SpectralSwitches;
use firstlight_calibrate::stis::x1d::{self, BackgroundSmoothing, Extracted, X1dOptions, x1d};
use firstlight_frame::Frame;
use firstlight_frame::fits::Column;

const ALL: SpectralSwitches = SpectralSwitches {
    backcorr: true,
    dispcorr: true,
    helcorr: true,
    fluxcorr: true,
    ctecorr: true,
    statflag: true,
};

fn extract(frame: &Frame, switches: &SpectralSwitches, options: &X1dOptions) -> Extracted {
    let files = Files::new();
    x1d(
        frame,
        &made::primary(),
        &made::sci(),
        &files.references,
        switches,
        options,
    )
    .unwrap()
}

#[test]
fn a_star_is_found_and_all_its_light_is_summed() {
    let found = extract(&starlit(24.3), &ALL, &X1dOptions::default());
    let location = found.report.location;
    // The lowest trace is at line 20 (0-based), and SHIFTA2 is 1.
    assert_eq!(location.nominal, 21.0);
    // The parabola through three lines is no Gaussian.
    assert!((location.line - 24.3).abs() < 0.05, "{location:?}");
    assert!(location.significance.is_none_or(|sigma| sigma > 10.0));
    let spectrum = &found.spectrum;
    assert_eq!(
        (spectrum.len(), spectrum.maxsrch, spectrum.extrsize),
        (NX, 15, 7.0)
    );
    for x in 0..NX {
        let background = spectrum.background[x] * EXPTIME as f32;
        assert!((background - 21.0).abs() < 0.02, "column {x}: {background}");
        let net = spectrum.net[x] * EXPTIME as f32;
        // A box of 3.5 σ to both sides holds all but a two-thousandth.
        assert!((net - 2000.0).abs() < 3.0, "column {x}: {net}");
    }
}

#[test]
fn counts_become_flux_by_the_tables() {
    let found = extract(&starlit(24.3), &ALL, &X1dOptions::default());
    let velocity = found.report.v_helio_km_s.unwrap();
    let factor = 1.0 - velocity / 299_792.458;
    let photon = 6.6260755e-27 * 29979245800.0 / 45238.93416;
    for x in [0, 20, NX - 1] {
        let observed = made::wavelength(x);
        let spectrum = &found.spectrum;
        assert!((spectrum.wavelength[x] - observed * factor).abs() < 1e-9);
        let net = f64::from(spectrum.net[x]);
        let flux = 1.25 * net * photon / (SENSITIVITY * THROUGHPUT * observed * 2.5 * 1e-8);
        assert!(
            (f64::from(spectrum.flux[x]) / flux - 1.0).abs() < 1e-6,
            "column {x}"
        );
        // Seven pixels of 4 DN each.
        let error = (7.0f64 * 16.0).sqrt() / EXPTIME;
        assert!(
            (f64::from(spectrum.net_error[x]) / error - 1.0).abs() < 1e-6,
            "column {x}"
        );
        assert!((f64::from(spectrum.error[x]) / (error * flux / net) - 1.0).abs() < 1e-6);
    }
    let flux = found.report.flux.unwrap();
    assert!(flux.pctcorr && flux.ctecorr && !flux.gaccorr && !flux.tdscorr);
}

#[test]
fn bits_of_the_box_are_joined_and_a_lost_background_is_told() {
    let mut frame = starlit(24.0);
    frame.dq.as_mut_slice()[24 * NX + 10] = 256;
    frame.dq.as_mut_slice()[26 * NX + 10] = 16;
    // Beside the box: no bits of it.
    frame.dq.as_mut_slice()[32 * NX + 12] = 512;
    for y in 30..40 {
        frame.dq.as_mut_slice()[y * NX + 20] = 4;
    }
    let found = extract(&frame, &ALL, &X1dOptions::default());
    assert_eq!(found.spectrum.dq[10], 256 | 16);
    assert_eq!(found.spectrum.dq[12], 0);
    assert_eq!(found.spectrum.dq[20], 2048);
    assert!((found.spectrum.background[20] * EXPTIME as f32 - 21.0).abs() < 0.05);
}

#[test]
fn a_cosmic_ray_in_the_background_is_clipped() {
    let mut frame = starlit(24.0);
    frame.sci.as_mut_slice()[34 * NX + 30] = 5000.0;
    let options = X1dOptions {
        bksmode: BackgroundSmoothing::Off,
        maxsrch: Some(0),
        a2center: Some(25.0),
        ..X1dOptions::default()
    };
    let found = extract(&frame, &ALL, &options);
    // Two samples of ten touch it; clipping at 3 σ of ten keeps at most what a mean of ten would hold.
    assert!(found.spectrum.background[30] < 7.0 * 1003.0 / EXPTIME as f32);
    assert!((found.spectrum.background[29] * EXPTIME as f32 - 21.0).abs() < 1e-3);
    assert_eq!(
        (found.report.location.line, found.report.location.significance),
        (24.0, None)
    );
}

#[test]
fn without_the_steps_there_are_counts_alone() {
    let none = SpectralSwitches {
        backcorr: false,
        dispcorr: false,
        helcorr: false,
        fluxcorr: false,
        ctecorr: false,
        statflag: false,
    };
    let found = extract(&starlit(24.3), &none, &X1dOptions::default());
    assert!(
        found
            .spectrum
            .wavelength
            .iter()
            .all(|&wavelength| wavelength == 0.0)
    );
    assert!(found.spectrum.flux.iter().all(|&flux| flux == 0.0));
    assert!(
        found
            .spectrum
            .background
            .iter()
            .all(|&background| background == 0.0)
    );
    assert_eq!(found.spectrum.net, found.spectrum.gross);
    assert_eq!(found.spectrum.error, found.spectrum.net_error);
    let table = found.spectrum.table(false).unwrap();
    assert_eq!(table.column("ERROR").unwrap().unit_text(), Some("Counts/s"));
}

#[test]
fn a_dummy_sensitivity_gives_no_flux() {
    let mut files = Files::new();
    files.add("PHOTTAB", &[], made::sensitivity("DUMMY 01/01/1990"));
    let options = X1dOptions::default();
    let found = x1d(
        &starlit(24.0),
        &made::primary(),
        &made::sci(),
        &files.references,
        &ALL,
        &options,
    )
    .unwrap();
    assert!(found.spectrum.flux.iter().all(|&flux| flux == 0.0));
    assert!(found.spectrum.net.iter().all(|&net| net > 0.0));
}

#[test]
fn headers_say_what_was_done() {
    let files = Files::new();
    let found = extract(&starlit(24.3), &ALL, &X1dOptions::default());
    let header = x1d::table_header(&made::sci(), &found).unwrap();
    assert!(!header.contains("CTYPE1") && !header.contains("CD2_2") && header.contains("EXPTIME"));
    assert_eq!(header.real("CRSCROFF"), Some(found.report.location.offset));
    let mut primary = made::primary();
    x1d::record(&mut primary, &found.report, &files.references).unwrap();
    for switch in [
        "X1DCORR", "BACKCORR", "DISPCORR", "HELCORR", "FLUXCORR", "CTECORR",
    ] {
        assert_eq!(primary.text(switch).as_deref(), Some("COMPLETE"), "{switch}");
    }
    let history = primary.commentary("HISTORY").join("\n");
    assert!(
        history.contains("Heliocentric correction = 22.2") && history.contains("reference table PHOTTAB")
    );
}

#[test]
fn any_number_of_threads_gives_the_same() {
    let frame = starlit(24.3);
    let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let one = alone.install(|| extract(&frame, &ALL, &X1dOptions::default()));
    assert_eq!(one, extract(&frame, &ALL, &X1dOptions::default()));
}

/// Tables whose XTRACTAB has these sizes.
fn files_with(sizes: &[(&str, f64)]) -> Files {
    let mut columns = made::boxes("UNWEIGHTED", 15);
    columns.retain(|column| sizes.iter().all(|(name, _)| column.name() != *name));
    columns.extend(sizes.iter().map(|(name, value)| Column::f64(*name, vec![*value])));
    let mut files = Files::new();
    files.add("XTRACTAB", &[], columns);
    files
}

#[test]
fn boxes_of_any_size_and_place_in_the_table_are_summed_as_far_as_they_are_there() {
    let frame = starlit(24.3);
    let extract = |files: &Files| {
        let (primary, sci, options) = (made::primary(), made::sci(), X1dOptions::default());
        x1d(&frame, &primary, &sci, &files.references, &ALL, &options).unwrap()
    };
    for extrsize in [0.0, -5.0, 1e3, 1e300] {
        for bk1offst in [-1e300, 0.0, 1e9] {
            let sizes = [("EXTRSIZE", extrsize), ("BK1OFFST", bk1offst), ("BK2SIZE", 1e12)];
            assert_eq!(extract(&files_with(&sizes)).spectrum.len(), NX);
        }
    }
    // The lowest row is never part of a box.
    let all = extract(&files_with(&[("EXTRSIZE", 1e3)])).spectrum.gross[40] * EXPTIME as f32;
    let rows: f32 = (1..made::NY).map(|y| frame.sci.row(y)[40]).sum();
    assert!((all / rows - 1.0).abs() < 1e-5, "{all} {rows}");
}
