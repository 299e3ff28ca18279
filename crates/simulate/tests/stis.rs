//! The simulated anneal period of the STIS CCD: that it is what it says.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use firstlight_simulate::stis::{Grating, Kind, SHIFT, SIDE, StisOptions, StisPeriod};
use firstlight_simulate::{Extension, SimulatedFile};

const RAW: (usize, usize) = (1044, 1062);

fn period(options: StisOptions) -> StisPeriod {
    StisPeriod::plan(&options).unwrap()
}

fn few() -> StisOptions {
    StisOptions {
        darks: 2,
        short_darks: 0,
        biases: 1,
        ..StisOptions::default()
    }
}

fn exposed(period: &StisPeriod, kind: Kind, which: usize) -> SimulatedFile {
    let files = period.raw_files();
    let of_kind: Vec<usize> = (0..files.len()).filter(|&n| files[n].0 == kind).collect();
    period.expose(of_kind[which]).unwrap().unwrap()
}

fn pixels(file: &SimulatedFile, imset: usize) -> &[u16] {
    match &file.extensions[3 * imset] {
        Extension::Unsigned(_, shape, pixels) if *shape == RAW => pixels,
        other => panic!("{other:?}"),
    }
}

/// Imaging area of a raw frame less its level, DN.
fn imaging(pixels: &[u16]) -> Vec<f64> {
    let overscan: Vec<f64> = (20..RAW.0)
        .flat_map(|j| (1..16).map(move |i| f64::from(pixels[j * RAW.1 + i])))
        .collect();
    let level = overscan.iter().sum::<f64>() / overscan.len() as f64;
    (0..SIDE * SIDE)
        .map(|n| f64::from(pixels[(20 + n / SIDE) * RAW.1 + 19 + n % SIDE]) - level)
        .collect()
}

#[test]
fn the_same_seed_gives_the_same_frames() {
    let dark = |seed, darks| {
        let options = StisOptions { seed, darks, ..few() };
        exposed(&period(options), Kind::Dark, 0)
    };
    let first = dark(1, 2);
    assert_eq!(pixels(&first, 0), pixels(&dark(1, 2), 0));
    // A dark does not depend on how many others there are.
    assert_eq!(pixels(&first, 0), pixels(&dark(1, 5), 0));
    assert_ne!(pixels(&first, 0), pixels(&dark(2, 2), 0));
}

#[test]
fn options_outside_their_range_are_refused() {
    let bad = |options: StisOptions| StisPeriod::plan(&options).unwrap_err().to_string();
    let none = StisOptions { darks: 0, ..few() };
    assert_eq!(bad(none), "darks is 0, but must be between 1 and 56");
    let nan = StisOptions {
        flux: f64::NAN,
        ..few()
    };
    assert!(bad(nan).starts_with("flux is NaN"));
}

#[test]
fn hot_pixels_appear_and_heal_between_darks() {
    let period = period(StisOptions {
        no_cosmic_rays: true,
        ..few()
    });
    let truth = period.truth();
    let [first, last] = [0, 1].map(|which| imaging(pixels(&exposed(&period, Kind::Dark, which), 0)));
    let mut seen = [0; 2];
    for pixel in truth.hot_pixels.iter().filter(|pixel| pixel.rate > 0.5) {
        let change = last[pixel.y * SIDE + pixel.x] - first[pixel.y * SIDE + pixel.x];
        let (born, healed) = (pixel.appears > 0.3, pixel.heals < 27.0 && pixel.heals > 0.3);
        if born && pixel.appears < 27.0 {
            assert!(change > 300.0, "{pixel:?} {change}");
            seen[0] += 1;
        } else if healed && !born {
            assert!(change < -300.0, "{pixel:?} {change}");
            seen[1] += 1;
        }
    }
    assert!(seen[0] > 50 && seen[1] > 30, "{seen:?}");
}

#[test]
fn the_columns_hold_what_the_truth_says() {
    let period = period(StisOptions {
        no_cosmic_rays: true,
        ..few()
    });
    let truth = period.truth();
    let file = exposed(&period, Kind::Spectrum, 0);
    assert_eq!(file.extensions.len(), 6);
    let image = imaging(pixels(&file, 0));
    let [mut measured, mut expected] = [0.0; 2];
    for x in (300..900).filter(|x| x % 3 == 0) {
        let column = truth.spectrum[x];
        let row = column.row as usize - 1;
        let sum = |rows: std::ops::Range<usize>| rows.map(|y| image[y * SIDE + x]).sum::<f64>();
        // Forty rows about the spectrum, less the like on both sides; the wings hold some more.
        let sides = 0.5 * (sum(row - 120..row - 80) + sum(row + 80..row + 120));
        measured += sum(row - 20..row + 20) - sides;
        expected += column.electrons * column.share * 600.0;
    }
    let recovered = measured / expected;
    assert!((0.95..1.02).contains(&recovered), "{recovered}");
    assert!(
        truth
            .spectrum
            .iter()
            .all(|column| (0.8..1.0).contains(&column.share))
    );
}

#[test]
fn nothing_is_lost_where_that_is_asked_for() {
    let period = period(StisOptions {
        no_cti: true,
        ..few()
    });
    assert!(period.truth().spectrum.iter().all(|column| column.share == 1.0));
}

#[test]
fn the_lamp_is_shifted_along_the_slit() {
    let period = period(few());
    let file = exposed(&period, Kind::Lamp, 0);
    let image = imaging(pixels(&file, 0));
    // How the slit is lit along it: the bars are dark.
    let light = |row: usize| image[row * SIDE + 100..row * SIDE + 900].iter().sum::<f64>();
    let bar = 514.2 + SHIFT.1 - 9.94 / 0.05071 - 1.0;
    let lit = light(bar as usize - 30);
    // The trace bends by half a pixel either way, and the bar is ten pixels wide.
    assert!(light(bar.round() as usize) < 0.1 * lit);
    assert!(light(bar.round() as usize - 9) > 0.8 * lit);
    assert!(light(bar.round() as usize + 9) > 0.8 * lit);
}

#[test]
fn every_reference_file_that_headers_name_is_made() {
    for grating in Grating::ALL {
        let period = period(StisOptions { grating, ..few() });
        let names = period.reference_names();
        let raw = exposed(&period, Kind::Bias, 0);
        for (index, name) in names.iter().enumerate() {
            let file = period.reference(index).unwrap().unwrap();
            assert_eq!(&file.name, name);
            let keyword = raw
                .primary
                .cards()
                .iter()
                .filter_map(|card| raw.primary.text(card.keyword()))
                .find(|value| *value == format!("oref${name}"));
            assert!(keyword.is_some(), "{name}");
        }
        assert!(period.reference(names.len()).is_none());
    }
}
