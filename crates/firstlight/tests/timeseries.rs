//! Light curves against the truth of frames that drift, turn, cloud over and fail.

use firstlight::ccd::{CcdFrame, CcdUnit, write};
use firstlight::fits::Header;
use firstlight::frame::Image;
use firstlight::progress::Silent;
use firstlight::register::RegisterOptions;
use firstlight::timeseries::{
    Detrend, ErrorsFrom, FollowedStar, Role, TimeseriesOptions, TimeseriesReport, flag, timeseries,
};
use firstlight::{Error, ErrorClass, Result};
use std::path::{Path, PathBuf};

const NX: usize = 240;
const NY: usize = 200;
const FRAMES: usize = 30;
const GAIN: f64 = 1.5;
const SKY: f64 = 120.0;
const READNOISE: f64 = 6.0;
/// Sigma of a star, pixels.
const SIGMA: f64 = 1.5;
const TARGET: [f64; 2] = [118.3, 96.8];

struct Noise(u64);

impl Noise {
    fn uniform(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        (-2.0 * self.uniform().ln()).sqrt() * (std::f64::consts::TAU * self.uniform()).cos()
    }
}

/// Places and fluxes of stars on the reference, at least 18 pixels apart; the first is the target, the second varies.
fn stars() -> Vec<([f64; 2], f64)> {
    let mut noise = Noise(7);
    let mut stars = vec![(TARGET, 50_000.0), ([60.4, 140.2], 160_000.0)];
    while stars.len() < 32 {
        let place = [
            noise.uniform() * (NX as f64 + 40.0) - 20.0,
            noise.uniform() * (NY as f64 + 40.0) - 20.0,
        ];
        let apart = |([x, y], _): &([f64; 2], f64)| (x - place[0]).hypot(y - place[1]) > 18.0;
        if stars.iter().all(apart) {
            let flux = 150_000.0 / (stars.len() as f64 - 1.0).powf(0.8);
            stars.push((place, flux));
        }
    }
    stars
}

/// What is true of a star in a frame, before clouds.
fn truth(star: usize, frame: usize) -> f64 {
    match star {
        0 if (10..20).contains(&frame) => 0.97,
        1 => 1.0 + 0.08 * (frame as f64 / 3.0).sin(),
        _ => 1.0,
    }
}

/// From the reference's pixels to a frame's.
fn map(frame: usize, [x, y]: [f64; 2]) -> [f64; 2] {
    let (sine, cosine) = (0.0008 * frame as f64).sin_cos();
    let [u, v] = [x - 120.0, y - 100.0];
    [
        120.0 + u * cosine - v * sine + 0.37 * frame as f64,
        100.0 + u * sine + v * cosine - 0.23 * frame as f64,
    ]
}

fn image(frame: usize, light: impl Fn(usize) -> f64, place: impl Fn([f64; 2]) -> [f64; 2]) -> Image<f32> {
    let cloud = 1.0 - 0.25 * (frame as f64 / 7.0).sin().powi(2);
    let mut signal = vec![SKY; NX * NY];
    for (n, (at, flux)) in stars().into_iter().enumerate() {
        let [u, v] = place(at);
        let height = cloud * flux * light(n) / (std::f64::consts::TAU * SIGMA * SIGMA);
        for y in (v - 10.0).max(0.0) as usize..((v + 11.0).max(0.0) as usize).min(NY) {
            for x in (u - 10.0).max(0.0) as usize..((u + 11.0).max(0.0) as usize).min(NX) {
                let square = (x as f64 - u).powi(2) + (y as f64 - v).powi(2);
                signal[y * NX + x] += height * (-square / (2.0 * SIGMA * SIGMA)).exp();
            }
        }
    }
    let mut noise = Noise(1000 + frame as u64);
    Image::from_fn(NY, NX, |x, y| {
        let light = signal[y * NX + x];
        let sigma = (light / GAIN + (READNOISE / GAIN).powi(2)).sqrt();
        (light + sigma * noise.normal()) as f32
    })
}

fn header(frame: usize) -> Result<Header> {
    let mut header = Header::new();
    header.set("EXPTIME", 60.0, None)?;
    // Local time, six hours behind.
    let text = format!("2021-03-04T20:{:02}:00-0600", 2 * frame);
    header.set("DATE-OBS", text, None)?;
    header.set("AIRMASS", 1.0 + 0.01 * frame as f64, None)?;
    Ok(header)
}

fn save(folder: &Path, frame: usize, image: Image<f32>) -> Result<PathBuf> {
    let path = folder.join(format!("f{frame:02}.fits"));
    write(&path, &CcdFrame::new(image, CcdUnit::Adu), &header(frame)?, false)?;
    Ok(path)
}

fn night(folder: &Path) -> Result<Vec<PathBuf>> {
    (0..FRAMES)
        .map(|frame| {
            let light = |star| if frame == 5 { 0.0 } else { truth(star, frame) };
            save(folder, frame, image(frame, light, |at| map(frame, at)))
        })
        .collect()
}

fn options() -> TimeseriesOptions {
    TimeseriesOptions {
        targets: vec![format!("{},{}", TARGET[0], TARGET[1])],
        gain: Some(GAIN.to_string()),
        ..TimeseriesOptions::default()
    }
}

fn run(files: &[PathBuf], options: &TimeseriesOptions) -> Result<TimeseriesReport> {
    timeseries(files, (options, &RegisterOptions::default()), &Silent)
}

fn column(report: &TimeseriesReport, star: &str, name: &str) -> Vec<f64> {
    let of = report.table.texts("star").unwrap_or_default();
    let values = report.table.reals(name).unwrap_or_default();
    let both = of.iter().zip(values);
    both.filter(|(of, _)| of.as_str() == star)
        .map(|(_, value)| value)
        .collect()
}

fn near(report: &TimeseriesReport, [x, y]: [f64; 2]) -> Option<&FollowedStar> {
    report
        .stars
        .iter()
        .find(|star| (star.x - x).hypot(star.y - y) < 1.0)
}

#[test]
fn a_light_curve_is_that_of_the_truth_and_its_errors_are_honest() {
    let folder = tempfile::tempdir().unwrap();
    let files = night(folder.path()).unwrap();
    let table = folder.path().join("curve.csv");
    let figures = vec![folder.path().join("curve.png"), folder.path().join("curve.svg")];
    let wanted = TimeseriesOptions {
        output: Some(table.clone()),
        figure: figures.clone(),
        ..options()
    };
    let report = run(&files, &wanted).unwrap();
    // The frame under clouds is told of, and the rest measured.
    assert_eq!((report.frames.len(), report.failed.len()), (FRAMES - 1, 1));
    assert!(report.failed[0].file.ends_with("f05.fits"), "{:?}", report.failed);
    assert_eq!(report.errors, [ErrorsFrom::GainAndSky]);
    let frames: Vec<usize> = (0..FRAMES).filter(|frame| *frame != 5).collect();

    // 2021-03-05T02:00:30 is JD 2459278.58368.
    let days = column(&report, "T1", "jd_utc_mid");
    for (day, frame) in days.iter().zip(&frames) {
        let expected = 2_459_278.583_68 + *frame as f64 * 2.0 / 1440.0;
        assert!((day - expected).abs() < 1e-6, "{day} {expected}");
    }
    let relative = column(&report, "T1", "rel_flux");
    let errors = column(&report, "T1", "rel_flux_err");
    let (x, y) = (column(&report, "T1", "x"), column(&report, "T1", "y"));
    let mut chi_square = 0.0;
    let mut expected: Vec<f64> = frames.iter().map(|frame| truth(0, *frame)).collect();
    // The median of the series is 1: twenty of 29 frames are out of the dip.
    let level = relative.iter().zip(&expected).map(|(v, t)| v / t).sum::<f64>() / relative.len() as f64;
    assert!((level - 1.0).abs() < 0.003, "{level}");
    expected.iter_mut().for_each(|t| *t *= level);
    for (n, frame) in frames.iter().enumerate() {
        assert!(
            (relative[n] - expected[n]).abs() < 0.015,
            "{frame}: {} {}",
            relative[n],
            expected[n]
        );
        chi_square += ((relative[n] - expected[n]) / errors[n]).powi(2);
        let [u, v] = map(*frame, TARGET);
        assert!(
            (x[n] - u).hypot(y[n] - v) < 0.15,
            "{frame}: {} {} {u} {v}",
            x[n],
            y[n]
        );
    }
    let chi_square = chi_square / (frames.len() - 1) as f64;
    assert!((0.5..1.7).contains(&chi_square), "{chi_square}");
    let mean = |inside: bool| {
        let kept = frames
            .iter()
            .zip(&relative)
            .filter(|(frame, _)| (10..20).contains(*frame) == inside);
        let values: Vec<f64> = kept.map(|(_, value)| *value).collect();
        values.iter().sum::<f64>() / values.len() as f64
    };
    let depth = 1.0 - mean(true) / mean(false);
    assert!((depth - 0.03).abs() < 0.004, "{depth}");

    // Stars that vary are not compared with; those that are have errors that explain their scatter.
    assert_eq!(near(&report, [60.4, 140.2]).unwrap().role, Role::Rejected);
    let taken: Vec<&FollowedStar> = report
        .stars
        .iter()
        .filter(|star| star.role == Role::Comparison)
        .collect();
    assert!(taken.len() >= 5, "{:?}", report.stars);
    let usual = taken.iter().filter_map(|star| star.chi_square).sum::<f64>() / taken.len() as f64;
    assert!((0.6..1.5).contains(&usual), "{usual}");
    assert!((taken.iter().filter_map(|star| star.weight).sum::<f64>() - 1.0).abs() < 1e-9);
    for path in figures.iter().chain([&table]) {
        assert!(path.metadata().unwrap().len() > 1000, "{}", path.display());
    }
    assert!(matches!(run(&files, &wanted), Err(Error::OutputExists { .. })));
}

#[test]
fn trends_are_taken_off_and_given_stars_compared_with() {
    let folder = tempfile::tempdir().unwrap();
    let files: Vec<PathBuf> = (0..12)
        .map(|frame| {
            let light = |star| if star == 0 { 1.0 + 0.01 * frame as f64 } else { 1.0 };
            save(folder.path(), frame, image(frame, light, |at| at)).unwrap()
        })
        .collect();
    let inside = |[x, y]: [f64; 2]| x > 30.0 && y > 30.0 && x < NX as f64 - 30.0 && y < NY as f64 - 30.0;
    let given: Vec<String> = stars()[2..]
        .iter()
        .filter(|(place, _)| inside(*place))
        .take(4)
        .map(|([x, y], _)| format!("{x:.0},{y:.0}"))
        .collect();
    let wanted = TimeseriesOptions {
        comparisons: given,
        registered: true,
        detrend: vec![Detrend::Airmass],
        ..options()
    };
    let report = run(&files, &wanted).unwrap();
    let target = &report.stars[0];
    // One hundredth of the flux for each hundredth of an airmass.
    let slope = &target.slopes[0];
    assert!(
        (slope.slope - 1.0).abs() < 5.0 * slope.error.max(0.01),
        "{slope:?}"
    );
    assert!(target.rms.unwrap() < 0.012, "{target:?}");
    assert!(column(&report, "T1", "detrended").len() == 12);
    assert!(report.stars[1..].iter().all(|star| star.role == Role::Comparison));
    let too_many = TimeseriesOptions {
        detrend: vec![Detrend::Airmass, Detrend::Linear],
        ..wanted
    };
    let error = run(&files, &too_many).unwrap_err();
    assert!(error.to_string().contains("go along"), "{error}");
}

#[test]
fn stars_that_leave_saturate_or_have_bad_pixels_are_flagged() {
    let folder = tempfile::tempdir().unwrap();
    let steady = |_: usize| 1.0;
    let at = |[x, y]: [f64; 2]| (y.round() as usize, x.round() as usize);
    let mut saturated = image(1, steady, |at| at);
    for (x, y) in [(0, 0), (1, 0), (0, 1)] {
        let (row, column) = at(TARGET);
        saturated[(row + y, column + x)] = 60_000.0;
    }
    let mut broken = image(2, steady, |at| at);
    broken[at(TARGET)] = f32::NAN;
    // The target leaves the frame to the left, many others stay.
    let moved = image(3, steady, |[x, y]| [x - 125.0, y]);
    let files: Vec<PathBuf> = [image(0, steady, |at| at), saturated, broken, moved]
        .into_iter()
        .enumerate()
        .map(|(frame, image)| save(folder.path(), frame, image).unwrap())
        .collect();
    let how = RegisterOptions {
        stars: firstlight::register::FieldOptions {
            saturation: Some(60_000.0),
            ..Default::default()
        },
        ..RegisterOptions::default()
    };
    let report = timeseries(&files, (&options(), &how), &Silent).unwrap();
    assert_eq!(report.frames.len(), 4, "{:?}", report.failed);
    let flags = column(&report, "T1", "flags");
    assert_eq!((flags[0], flags[3]), (0.0, flag::OFF as f64), "{flags:?}");
    assert!(
        flags[1] as i64 & flag::SATURATED != 0 && flags[2] as i64 & flag::MASKED != 0,
        "{flags:?}"
    );
    let flux = column(&report, "T1", "flux");
    assert!(flux[3].is_nan() && flux[2].is_finite(), "{flux:?}");
    let target = &report.stars[0];
    assert_eq!((target.good, target.lost, target.saturated), (1, 1, 1));
}

#[test]
fn one_frame_has_fluxes_and_poor_wishes_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let one = save(folder.path(), 0, image(0, |_| 1.0, |at| at)).unwrap();
    let report = run(std::slice::from_ref(&one), &options()).unwrap();
    let (flux, error) = (
        column(&report, "T1", "flux")[0],
        column(&report, "T1", "flux_err")[0],
    );
    // The aperture of 1.5 widths holds all but 0.2 % of a Gaussian.
    assert!(
        (flux / 50_000.0 - 1.0).abs() < 0.02 && error > 0.0,
        "{flux} {error}"
    );
    assert_eq!(column(&report, "T1", "rel_flux"), [1.0]);
    assert!(report.stars[0].rms.is_none());

    let with = |change: fn(&mut TimeseriesOptions)| {
        let mut options = options();
        change(&mut options);
        run(std::slice::from_ref(&one), &options).unwrap_err()
    };
    for error in [
        with(|o| o.targets.clear()),
        with(|o| o.targets = vec!["500,20".to_owned()]),
        with(|o| o.radius = Some(0.0)),
        with(|o| (o.sky_inner, o.sky_outer) = (Some(9.0), Some(8.0))),
        with(|o| o.detrend = vec![Detrend::Linear]),
    ] {
        assert_eq!(error.class(), ErrorClass::Usage, "{error}");
    }
    assert!(
        with(|o| o.targets = vec!["nothing.csv".to_owned()])
            .to_string()
            .contains("nothing.csv")
    );
    assert!(
        with(|o| o.gain = Some("EGAIN".to_owned()))
            .to_string()
            .contains("EGAIN")
    );
    assert!(
        with(|o| o.time_key = Some("MJD-OBS".to_owned()))
            .to_string()
            .contains("MJD-OBS")
    );
    let small = folder.path().join("small.fits");
    let cut = CcdFrame::new(Image::filled(20, 20, 1.0f32), CcdUnit::Adu);
    write(&small, &cut, &header(1).unwrap(), false).unwrap();
    let wanted = TimeseriesOptions {
        registered: true,
        ..options()
    };
    let report = run(&[one, small], &wanted).unwrap();
    assert!(report.failed[0].error.contains("columns"), "{:?}", report.failed);
}

/// 60 frames of HAT-P-32 by MicroObservatory: the ingress of the transit of planet b on 20 December 2017. By the ephemeris
/// of Hartman et al. (2011, ApJ 742, 59) it begins at JD 2458107.645; the transit is 2.2 % deep.
#[test]
fn the_transit_of_a_real_planet_begins() {
    let Some(data) = std::env::var_os("FIRSTLIGHT_DATA") else {
        eprintln!("SKIPPED: FIRSTLIGHT_DATA is not set, so there is no real series to test with");
        return;
    };
    let folder = PathBuf::from(data).join("ground/hatp32");
    let files = firstlight::input::expand(&[folder.to_string_lossy()]).unwrap();
    let wanted = TimeseriesOptions {
        targets: vec!["424,286".to_owned()],
        radius: Some(5.0),
        ..TimeseriesOptions::default()
    };
    let report = run(&files, &wanted).unwrap();
    assert_eq!(
        (report.frames.len(), report.failed.len()),
        (60, 0),
        "{:?}",
        report.failed
    );
    assert_eq!(report.errors, [ErrorsFrom::SkyAlone]);
    // DATE-OBS is 2017-12-19T18:33:43.317-0700.
    assert!((report.frames[0].jd_utc_mid - 2_458_107.565_431_91).abs() < 1e-7);
    let target = &report.stars[0];
    assert!(
        target.good == 60 && target.point_to_point.unwrap() < 0.006,
        "{target:?}"
    );
    let days = column(&report, "T1", "jd_utc_mid");
    let flux = column(&report, "T1", "rel_flux");
    let mean = |from: f64, to: f64| {
        let within = |day: f64| (from..to).contains(&(day - 2_458_107.0));
        let kept: Vec<f64> = days
            .iter()
            .zip(&flux)
            .filter(|(day, _)| within(**day))
            .map(|(_, f)| *f)
            .collect();
        kept.iter().sum::<f64>() / kept.len() as f64
    };
    let depth = 1.0 - mean(0.668, 0.70) / mean(0.56, 0.64);
    assert!((0.018..0.035).contains(&depth), "{depth}");
}
