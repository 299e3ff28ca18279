//! Dark rates, matches and implants, on the real darks and on simulated frames.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    missing_docs
)]

use firstlight::dark::{
    BoxSum, ImplantOptions, MatchOptions, MatchStatus, RateOptions, implant, matching, rate,
};
use firstlight::fits::{FitsFile, FitsWriter, Overwrite};
use firstlight::frame::Exposure;
use firstlight::progress::Silent;
use firstlight::simulate::{SbcReport, SbcVisitOptions, sbc};
use firstlight::{Error, ErrorClass};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The sums over rows 650:850, columns 580:780, as numpy gives them and the notebook prints them.
const SUMS: [(&str, i64); 20] = [
    ("jcrx01itq", 982),
    ("jcrx01ikq", 302),
    ("jcrx01irq", 644),
    ("jcrx01isq", 777),
    ("jcrx01ioq", 351),
    ("jcrx01ivq", 1532),
    ("jcrx01j1q", 3141),
    ("jcrx01imq", 299),
    ("jcrx01j0q", 2922),
    ("jcrx01iuq", 1232),
    ("jcrx01j2q", 3566),
    ("jcrx01iyq", 2445),
    ("jcrx01ixq", 2196),
    ("jcrx01ilq", 348),
    ("jcrx01iwq", 1904),
    ("jcrx01iqq", 492),
    ("jcrx01ipq", 347),
    ("jcrx01ijq", 294),
    ("jcrx01iiq", 300),
    ("jcrx01inq", 324),
];

fn real_darks() -> Option<Vec<PathBuf>> {
    let Some(folder) = std::env::var_os("FIRSTLIGHT_DATA") else {
        eprintln!("SKIPPED: FIRSTLIGHT_DATA is not set, so there are no real darks to test with");
        return None;
    };
    let folder = PathBuf::from(folder).join("hst/acs_sbc");
    Some(
        SUMS.iter()
            .map(|(name, _)| folder.join(format!("{name}_raw.fits")))
            .collect(),
    )
}

/// A simulated visit that all tests of this file share.
fn visit() -> &'static SbcReport {
    static VISIT: OnceLock<(tempfile::TempDir, SbcReport)> = OnceLock::new();
    let (_, report) = VISIT.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let report = sbc(folder.path(), &SbcVisitOptions::default(), false, &Silent).unwrap();
        (folder, report)
    });
    report
}

fn dark_named(suffix: &str) -> PathBuf {
    let name = format!("jsim01{suffix}q_raw.fits");
    visit()
        .darks
        .iter()
        .find(|path| path.ends_with(&name))
        .unwrap()
        .clone()
}

#[test]
fn sums_of_the_real_darks_are_the_notebooks() {
    let Some(files) = real_darks() else { return };
    let report = rate(&files, &RateOptions::default(), &Silent).unwrap();
    assert!(report.failed.is_empty());
    for (row, (name, sum)) in report.exposures.iter().zip(SUMS) {
        assert_eq!(row.exposure.rootname, name);
        assert_eq!(row.rate.sum, BoxSum::Integer(sum), "{name}");
        assert_eq!(row.rate.rate, sum as f64 / 1000.0);
        assert_eq!(row.rate.rate_error, (sum as f64).sqrt() / 1000.0);
        assert_eq!(row.rate.rate_per_pixel, row.rate.rate / 40_000.0);
    }
    let hottest = report
        .exposures
        .iter()
        .find(|row| row.exposure.rootname == "jcrx01j2q")
        .unwrap();
    assert_eq!(hottest.exposure.avgtemp, Some(0.5 * (28.1931 + 28.4373)));
    assert_eq!(report.table().unwrap().integers("sum").unwrap()[10], 3566);
}

#[test]
fn a_real_dark_finds_its_like() {
    let Some(files) = real_darks() else { return };
    let (science, darks): (Vec<PathBuf>, Vec<PathBuf>) = files
        .into_iter()
        .partition(|path| path.ends_with("jcrx01ixq_raw.fits"));
    let report = matching(&science, &darks, &MatchOptions::default(), &Silent).unwrap();
    let found = &report.science[0];
    // 2196 lies between 1904 and 2445, and nearer to the latter.
    assert_eq!(found.ranking.matches[0].dark.name, "jcrx01iyq");
    let mixed = found.interpolation.as_ref().unwrap();
    assert_eq!(mixed.names, ["jcrx01iwq", "jcrx01iyq"]);
    assert!((mixed.weights[1] - 292.0 / 541.0).abs() < 1e-12);
    let fit = found.combination.fitted().unwrap();
    assert!(fit.fits, "{fit:?}");
    // There is no sky in a dark.
    assert!(fit.uniform.abs() < 4.0 * fit.uniform_error, "{fit:?}");
}

#[test]
fn a_box_outside_names_shape_and_box() {
    let file = dark_named("ii");
    for within in ["1000:1025,0:10", "2000:2100,3000:3100", "0:10,1020:1025"] {
        let options = RateOptions {
            within: within.parse().unwrap(),
            ..RateOptions::default()
        };
        let error = rate(std::slice::from_ref(&file), &options, &Silent).unwrap_err();
        let text = error.to_string();
        assert!(text.contains(within) && text.contains("(1024, 1024)"), "{text}");
        assert!(text.contains("jsim01iiq_raw.fits"), "{text}");
        assert_eq!(error.class(), ErrorClass::Usage);
    }
}

#[test]
fn one_bad_file_does_not_spoil_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let bad = folder.path().join("bad_raw.fits");
    std::fs::write(&bad, "<html>not found</html>").unwrap();
    let report = rate(&[bad.clone(), dark_named("ii")], &RateOptions::default(), &Silent).unwrap();
    assert_eq!((report.exposures.len(), report.failed.len()), (1, 1));
    assert_eq!(report.failed[0].file, bad);
    assert!(rate(&[bad], &RateOptions::default(), &Silent).is_err());
}

#[test]
fn zero_exposure_time_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("zero_raw.fits");
    let source = FitsFile::open(dark_named("ii")).unwrap();
    let mut header = source.hdus()[0].header().clone();
    header.set("EXPTIME", 0.0, None).unwrap();
    let mut writer = FitsWriter::create(&path, Overwrite::Refuse).unwrap();
    writer.empty_primary(&header).unwrap();
    writer.copy_hdu(&source, 1).unwrap();
    writer.finish().unwrap();
    let text = rate(&[path], &RateOptions::default(), &Silent)
        .unwrap_err()
        .to_string();
    assert!(
        text.contains("exposure time") && text.contains("zero_raw.fits"),
        "{text}"
    );
}

#[test]
fn matches_follow_the_simulated_rates() {
    let warm = visit().science.last().unwrap().clone();
    let options = MatchOptions {
        exclude_source: vec!["540,545,90,60,90".parse().unwrap()],
        ..MatchOptions::default()
    };
    let report = matching(&[warm], &visit().darks, &options, &Silent).unwrap();
    let found = &report.science[0];
    let truth = visit()
        .truth
        .frames
        .iter()
        .find(|f| f.rootname == found.exposure.rootname)
        .unwrap();
    let firstlight::dark::CombinationReport::Fitted {
        combination,
        box_rate,
        box_rate_error,
        ..
    } = &found.combination
    else {
        panic!("no combination: {:?}", found.combination)
    };
    let pull = (box_rate - truth.box_dark_rate) / box_rate_error;
    assert!(
        pull.abs() < 4.0,
        "{box_rate} +- {box_rate_error}, not {}",
        truth.box_dark_rate
    );
    assert!(combination.fits);
    // Exposure times differ, and so the nearest sum is not the nearest rate.
    assert_ne!(found.ranking.nearest_sum, 0);
    assert_eq!(found.status, MatchStatus::Found);
}

#[test]
fn no_dark_near_enough_is_a_status() {
    let warm = visit().science.last().unwrap().clone();
    let cold = vec![dark_named("ii"), dark_named("ij")];
    let report = matching(&[warm], &cold, &MatchOptions::default(), &Silent).unwrap();
    assert_eq!(report.science[0].status, MatchStatus::NoneNearEnough);
    assert!(report.science[0].interpolation.is_none());
    assert!(!report.science[0].ranking.matches[0].near);
}

#[test]
fn an_implant_has_the_darks_pixels_and_the_sciences_headers() {
    let folder = tempfile::tempdir().unwrap();
    let (science, dark) = (visit().science[0].clone(), dark_named("iy"));
    let before = std::fs::read(&science).unwrap();
    let output = folder.path().join("dark1.fits");
    let report = implant(
        &science,
        std::slice::from_ref(&dark),
        &output,
        &ImplantOptions::default(),
        &Silent,
    )
    .unwrap();
    assert_eq!(report.exptime_s, 1000.0);
    assert_eq!(std::fs::read(&science).unwrap(), before);
    let (made, original) = (
        FitsFile::open(&output).unwrap(),
        FitsFile::open(&science).unwrap(),
    );
    let counts = FitsFile::open(&dark).unwrap().image::<f32>(1).unwrap();
    assert_eq!(made.image::<f32>(1).unwrap(), counts);
    assert_eq!(made.image::<i16>(3).unwrap(), original.image::<i16>(3).unwrap());
    let (sci, of_science) = (made.hdus()[1].header(), original.hdus()[1].header());
    for keyword in ["CRVAL1", "CD1_2", "A_1_1", "IDCSCALE", "CTYPE1", "MDECODT2"] {
        assert_eq!(sci.get(keyword), of_science.get(keyword), "{keyword}");
    }
    let history = made.hdus()[0].header().commentary("HISTORY").join("\n");
    assert!(
        history.contains("jsim01iyq_raw.fits") && history.contains("jsim11ctq_flt.fits"),
        "{history}"
    );
    // The errors' squares add up to the counts.
    let err = made.image::<f32>(2).unwrap();
    let variance: f64 = err.data.iter().map(|&e| f64::from(e).powi(2)).sum();
    let total: f64 = counts.data.iter().map(|&c| f64::from(c)).sum();
    assert!((variance / total - 1.0).abs() < 0.02, "{variance} {total}");
}

#[test]
fn several_darks_at_the_sciences_own_time() {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("mixed.fits");
    let science = visit().science[7].clone();
    let darks = [dark_named("ii"), dark_named("j1")];
    let options = ImplantOptions {
        weights: vec![0.25, 0.75],
        keep_exptime: true,
        overwrite: false,
    };
    let report = implant(&science, &darks, &output, &options, &Silent).unwrap();
    assert_eq!(report.exptime_s, 1550.0);
    assert_eq!(Exposure::open(&output).unwrap().exptime_s(1).unwrap(), 1550.0);
    let total = |path: &Path| {
        let image = FitsFile::open(path).unwrap().image::<f64>(1).unwrap();
        image.data.iter().sum::<f64>()
    };
    let expected = 1.55 * (0.25 * total(&darks[0]) + 0.75 * total(&darks[1]));
    assert!((report.counts / expected - 1.0).abs() < 1e-6);
    let again = implant(&science, &darks, &output, &options, &Silent);
    assert!(matches!(again, Err(Error::OutputExists { .. })));
    let wrong = ImplantOptions {
        weights: vec![1.0],
        overwrite: true,
        ..options
    };
    assert_eq!(
        implant(&science, &darks, &output, &wrong, &Silent)
            .unwrap_err()
            .class(),
        ErrorClass::Usage
    );
}

#[test]
fn a_seed_gives_the_same_bytes_and_another_seed_others() {
    let options = SbcVisitOptions {
        darks: 1,
        ..SbcVisitOptions::default()
    };
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let again = sbc(folders[0].path(), &options, false, &Silent).unwrap();
    let other = sbc(
        folders[1].path(),
        &SbcVisitOptions { seed: 2, ..options },
        false,
        &Silent,
    )
    .unwrap();
    let bytes = |path: &PathBuf| std::fs::read(path).unwrap();
    assert_eq!(bytes(&again.science[3]), bytes(&visit().science[3]));
    assert_eq!(bytes(&again.darks[0]), bytes(&visit().darks[0]));
    assert_ne!(bytes(&other.science[3]), bytes(&visit().science[3]));
    let refused = sbc(folders[0].path(), &SbcVisitOptions::default(), false, &Silent);
    assert!(matches!(refused, Err(Error::OutputExists { .. })));
}
