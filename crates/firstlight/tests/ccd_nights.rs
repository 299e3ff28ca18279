//! Three simulated nights reduced and registered, against what was put in.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use firstlight::ccd::{CcdFile, CcdOpenOptions};
use firstlight::frame::table;
use firstlight::measure::{
    Aperture, ApertureSet, LocalBackground, Planes, Settings, Shapes, aperture_photometry,
};
use firstlight::progress::Silent;
use firstlight::reduce::{ReduceOptions, ReduceReport, reduce};
use firstlight::register::{RegisterOptions, Status, register};
use firstlight::simulate::{CcdFilter, CcdNightsReport, CcdOptions, ccd};
use firstlight_simulate::ccd::{FrameTruth, ScienceTruth};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::OnceLock;

const GAIN: f64 = 1.4;

struct Nights {
    _folder: tempfile::TempDir,
    simulated: CcdNightsReport,
    reduced: ReduceReport,
}

fn nights() -> &'static Nights {
    static NIGHTS: OnceLock<Nights> = OnceLock::new();
    NIGHTS.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let options = CcdOptions {
            filters: vec![CcdFilter::V],
            science: 3,
            short_science: 0,
            biases: 8,
            darks: 6,
            flats: 6,
            gain: GAIN,
            ..CcdOptions::default()
        };
        let simulated = ccd(&folder.path().join("sky"), &options, false, &Silent).unwrap();
        let inputs: Vec<String> = simulated
            .nights
            .iter()
            .map(|night| night.to_string_lossy().into_owned())
            .collect();
        let how = ReduceOptions {
            no_page: true,
            ..ReduceOptions::default()
        };
        let reduced = reduce(&inputs, &folder.path().join("out"), &how, &Silent).unwrap();
        assert!(reduced.failed.is_empty(), "{:?}", reduced.failed);
        assert_eq!((reduced.nights.len(), reduced.reduced.len()), (3, 9));
        Nights {
            _folder: folder,
            simulated,
            reduced,
        }
    })
}

/// Reduced frames with their truths, in the order they were taken.
fn with_truth() -> Vec<(PathBuf, &'static FrameTruth, ScienceTruth)> {
    let nights = nights();
    let mut found: Vec<_> = nights
        .reduced
        .reduced
        .iter()
        .map(|frame| {
            let is_it = |truth: &&FrameTruth| frame.input.ends_with(&truth.file);
            let truth = nights.simulated.frames.iter().find(is_it).unwrap();
            (frame.path.clone(), truth, truth.science.unwrap())
        })
        .collect();
    found.sort_by(|a, b| a.1.start_mjd.total_cmp(&b.1.start_mjd));
    found
}

#[test]
fn shifts_are_within_three_hundredths_of_a_pixel() {
    let frames = with_truth();
    let files: Vec<PathBuf> = frames.iter().map(|(path, ..)| path.clone()).collect();
    let report = register(&files, &RegisterOptions::default(), &Silent).unwrap();
    let reference = frames[0].2.map;
    // The middle of the field in the frame that the simulation counts from, and in the registration's reference.
    let middle = (300.0, 250.0);
    let from = reference.apply(middle);
    for (registered, (path, _, truth)) in report.frames.iter().zip(&frames) {
        if registered.status == Status::Reference {
            continue;
        }
        let map = registered
            .map
            .unwrap_or_else(|| panic!("{}: {:?}", path.display(), registered.why));
        let [x, y] = map.to_image([from.0, from.1]);
        let expected = truth.map.apply(middle);
        let off = (x - expected.0).hypot(y - expected.1);
        assert!(off < 0.03, "{}: {off}", path.display());
    }
}

#[test]
fn fluxes_are_within_a_hundredth() {
    let nights = nights();
    let fluxes = table::read(&nights.simulated.truth_files[3], None, None).unwrap();
    let mut stars: HashMap<&str, Vec<(f64, f64, f64)>> = HashMap::new();
    let columns = ["x", "y", "electrons"].map(|name| fluxes.reals(name).unwrap());
    for (row, file) in fluxes.texts("file").unwrap().iter().enumerate() {
        let star = (columns[0][row], columns[1][row], columns[2][row]);
        stars.entry(file.as_str()).or_default().push(star);
    }
    let mut medians = Vec::new();
    for (path, truth, science) in with_truth() {
        let frame = CcdFile::open(&path, &CcdOpenOptions::default())
            .unwrap()
            .read::<f32>()
            .unwrap();
        let (radius, all) = (2.2 * science.weather.fwhm, &stars[truth.file.as_str()]);
        let alone = |star: &&(f64, f64, f64)| {
            let (x, y, electrons) = **star;
            let near = |other: &&(f64, f64, f64)| {
                let away = (other.0 - x).hypot(other.1 - y);
                away > 0.0 && away < radius + 2.0 * science.weather.fwhm
            };
            let others: f64 = all.iter().filter(near).map(|other| other.2).sum();
            let peak = electrons / (1.13 * science.weather.fwhm.powi(2)) / GAIN;
            (30.0..570.0).contains(&x)
                && (30.0..470.0).contains(&y)
                && electrons > 20_000.0
                && peak < 45_000.0
                && others < 0.003 * electrons
        };
        let alone: Vec<_> = all.iter().filter(alone).copied().collect();
        assert!(alone.len() > 8, "{}: {} stars", truth.file, alone.len());
        let positions: Vec<(f64, f64)> = alone.iter().map(|star| (star.0, star.1)).collect();
        let shapes = Shapes::Same(ApertureSet {
            apertures: vec![Aperture::CircularAperture { r: radius }],
            background: Some(Aperture::CircularAnnulus {
                r_in: radius + 2.0,
                r_out: radius + 9.0,
            }),
        });
        let settings = Settings {
            background: LocalBackground::default(),
            ..Settings::default()
        };
        let measured = aperture_photometry(&Planes::new(&frame.sci), &positions, &shapes, &settings).unwrap();
        let mut ratios: Vec<f64> = measured
            .iter()
            .zip(&alone)
            .map(|(measured, star)| GAIN * measured.net(0, false).unwrap().0 / star.2)
            .collect();
        medians.push(firstlight::stats::median_of_finite(&mut ratios).unwrap());
    }
    // The aperture holds the same share of a star's light in all frames, 98 %.
    let usual = firstlight::stats::median_of_finite(&mut medians.clone()).unwrap();
    assert!((0.97..0.99).contains(&usual), "{medians:?}");
    for median in &medians {
        assert!((median / usual - 1.0).abs() < 0.01, "{medians:?}");
    }
}
