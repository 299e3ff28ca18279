//! Drifting frames stacked: fluxes of stars, cosmic rays, levels, headers, and what fails.

use firstlight::ccd::{CcdFile, CcdFrame, CcdOpenOptions, CcdUnit, write};
use firstlight::combine::{Clip, CombineOptions, Method};
use firstlight::fits::{FitsFile, Header};
use firstlight::frame::Image;
use firstlight::progress::Silent;
use firstlight::register::RegisterOptions;
use firstlight::stack::{StackOptions, StackReport, stack};
use firstlight::{Error, ErrorClass, Result};
use std::path::{Path, PathBuf};

const NX: usize = 200;
const NY: usize = 180;
const SIGMA: f64 = 1.7;

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

/// Places and fluxes in the reference, far from one another.
fn stars() -> Vec<([f64; 2], f64)> {
    let mut noise = Noise(3);
    let mut stars: Vec<([f64; 2], f64)> = Vec::new();
    while stars.len() < 24 {
        let place = [8.0 + noise.uniform() * 184.0, 8.0 + noise.uniform() * 164.0];
        let apart = |([x, y], _): &([f64; 2], f64)| (x - place[0]).hypot(y - place[1]) > 20.0;
        if stars.iter().all(apart) {
            stars.push((place, 120_000.0 / (stars.len() as f64 + 1.0).sqrt()));
        }
    }
    stars
}

/// Exposure time, transparency and sky of each frame; the reference is the first.
const NIGHT: [(f64, f64, f64); 6] = [
    (60.0, 1.0, 100.0),
    (60.0, 0.8, 140.0),
    (30.0, 1.0, 60.0),
    (60.0, 0.9, 100.0),
    (120.0, 0.95, 210.0),
    (60.0, 1.0, 90.0),
];

fn frame(n: usize, light: f64) -> (Image<f32>, f64) {
    let (seconds, transparency, sky) = NIGHT[n];
    let (sine, cosine) = (0.004 * n as f64).sin_cos();
    let mut signal = vec![sky; NX * NY];
    for ([x, y], flux) in stars() {
        let (u, v) = (x - 100.0, y - 90.0);
        let place = [
            100.0 + u * cosine - v * sine + 1.3 * n as f64,
            90.0 + u * sine + v * cosine - 0.7 * n as f64,
        ];
        let height = light * transparency * seconds / 60.0 * flux / (std::f64::consts::TAU * SIGMA * SIGMA);
        for y in (place[1] - 11.0).max(0.0) as usize..((place[1] + 12.0).max(0.0) as usize).min(NY) {
            for x in (place[0] - 11.0).max(0.0) as usize..((place[0] + 12.0).max(0.0) as usize).min(NX) {
                let square = (x as f64 - place[0]).powi(2) + (y as f64 - place[1]).powi(2);
                signal[y * NX + x] += height * (-square / (2.0 * SIGMA * SIGMA)).exp();
            }
        }
    }
    let mut noise = Noise(77 + n as u64);
    let mut image = Image::from_fn(NY, NX, |x, y| {
        let light = signal[y * NX + x];
        (light + light.sqrt() * noise.normal()) as f32
    });
    // Cosmic rays, thirty in each frame at places of its own.
    for _ in 0..30 {
        let (x, y) = (
            (noise.uniform() * NX as f64) as usize,
            (noise.uniform() * NY as f64) as usize,
        );
        image[(y, x)] += 20_000.0;
    }
    (image, seconds)
}

fn save(path: &Path, (image, seconds): (Image<f32>, f64)) -> Result<()> {
    let mut header = Header::new();
    header.set("EXPTIME", seconds, None)?;
    header.set("OBJECT", "field", None)?;
    write(path, &CcdFrame::new(image, CcdUnit::Adu), &header, false)
}

fn night(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for n in 0..NIGHT.len() {
        files.push(folder.join(format!("f{n}.fits")));
        save(&files[n], frame(n, 1.0))?;
    }
    Ok(files)
}

fn clipping() -> CombineOptions {
    CombineOptions {
        clip: vec![Clip::Mad],
        sigma_low: 6.0,
        sigma_high: 6.0,
        clip_iterations: 0,
        ..CombineOptions::default()
    }
}

fn run(
    files: &[PathBuf],
    output: &Path,
    options: &StackOptions,
    combining: &CombineOptions,
) -> Result<StackReport> {
    stack(
        files,
        output,
        (options, combining, &RegisterOptions::default()),
        &Silent,
    )
}

/// The light within 7 pixels of a place.
fn flux(image: &Image<f32>, [x, y]: [f64; 2]) -> f64 {
    let mut sum = 0.0;
    for row in 0..NY {
        for column in 0..NX {
            if (column as f64 - x).hypot(row as f64 - y) <= 7.0 {
                sum += f64::from(image[(row, column)]);
            }
        }
    }
    sum
}

#[test]
fn stars_keep_their_light_and_cosmic_rays_go() {
    let folder = tempfile::tempdir().unwrap();
    let mut files = night(folder.path()).unwrap();
    files.push(folder.path().join("blank.fits"));
    save(&files[6], frame(5, 0.0)).unwrap();
    let output = folder.path().join("deep.fits");
    let report = run(&files, &output, &StackOptions::default(), &clipping()).unwrap();
    assert_eq!(
        (report.frames.len(), report.failed.len()),
        (6, 1),
        "{:?}",
        report.failed
    );
    assert!(report.failed[0].file.ends_with("blank.fits"));
    for (frame, (seconds, transparency, sky)) in report.frames.iter().zip(NIGHT) {
        assert!((frame.time_scale - 60.0 / seconds).abs() < 1e-12);
        assert!(
            (frame.zero_point_scale * transparency - 1.0).abs() < 0.015,
            "{frame:?}"
        );
        assert!((frame.sky - sky).abs() < 1.0, "{frame:?}");
    }
    let file = CcdFile::open(&output, &CcdOpenOptions::default()).unwrap();
    assert!(file.has_err() && file.has_dq());
    let header = file.header();
    assert_eq!(
        (header.real("EXPTIME"), header.real("TEXPTIME")),
        (Some(60.0), Some(390.0))
    );
    assert_eq!(header.integer("NCOMBINE"), Some(6));
    let history = header.commentary("HISTORY").join("\n");
    assert!(history.contains("stack: f4.fits sky"), "{history}");
    assert!(FitsFile::open(&output).unwrap().hdu("NUSED").is_ok());
    let image = file.read::<f32>().unwrap().sci;
    let inside = |[x, y]: [f64; 2]| x > 25.0 && x < 175.0 && y > 25.0 && y < 155.0;
    let mut seen = 0;
    for (place, truth) in stars().into_iter().filter(|(place, _)| inside(*place)) {
        let found = flux(&image, place);
        assert!((found / truth - 1.0).abs() < 0.01, "{place:?}: {found} {truth}");
        seen += 1;
    }
    assert!(seen >= 10);
    let away = |x: usize, y: usize| {
        stars()
            .iter()
            .all(|([u, v], _)| (x as f64 - u).hypot(y as f64 - v) > 12.0)
    };
    // A ray of 20000 would leave 3300 in a mean of six; the rings of interpolation about it leave a few tens.
    let places = (30..150).flat_map(|y| (30..170).map(move |x| (x, y)));
    let left: Vec<f32> = places
        .filter(|(x, y)| away(*x, *y))
        .map(|(x, y)| image[(y, x)].abs())
        .filter(|value| *value > 60.0)
        .collect();
    assert!(
        left.len() < 20 && left.iter().all(|value| *value < 200.0),
        "{left:?}"
    );
    // Nothing else is left in the folder.
    let left = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, files.len() + 1);
}

#[test]
fn weights_follow_the_sky_and_memory_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let files = night(folder.path()).unwrap();
    let options = StackOptions {
        inverse_variance: true,
        ..StackOptions::default()
    };
    let [a, b] = ["a.fits", "b.fits"].map(|name| folder.path().join(name));
    let report = run(&files, &a, &options, &clipping()).unwrap();
    let weight = |n: usize| report.frames[n].weight;
    // Twice the exposure, and half of it.
    assert!(
        weight(4) > weight(0) && weight(0) > weight(2),
        "{:?}",
        report.frames
    );
    let little = CombineOptions {
        max_memory: Some("4M".parse().unwrap()),
        ..clipping()
    };
    run(&files, &b, &options, &little).unwrap();
    assert!(std::fs::read(&a).unwrap() == std::fs::read(&b).unwrap());
}

#[test]
fn frames_on_the_same_pixels_are_not_resampled_and_wishes_that_contradict_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    for n in 0..3 {
        files.push(folder.path().join(format!("f{n}.fits")));
        save(&files[n], (Image::filled(NY, NX, 10.0 * (n + 1) as f32), 60.0)).unwrap();
    }
    let output = folder.path().join("out.fits");
    let options = StackOptions {
        registered: true,
        keep_sky: true,
        no_zero_point: true,
        ..StackOptions::default()
    };
    let median = CombineOptions {
        method: Method::Median,
        ..CombineOptions::default()
    };
    run(&files, &output, &options, &median).unwrap();
    let image = CcdFile::open(&output, &CcdOpenOptions::default())
        .unwrap()
        .read::<f32>()
        .unwrap()
        .sci;
    assert!(image.as_slice().iter().all(|value| *value == 20.0));
    assert!(matches!(
        run(&files, &output, &options, &median),
        Err(Error::OutputExists { .. })
    ));
    let no = folder.path().join("no.fits");
    // Without stars there is no zero point.
    let starless = StackOptions {
        no_zero_point: false,
        ..options.clone()
    };
    let error = run(&files, &no, &starless, &median).unwrap_err();
    assert!(error.to_string().contains("--no-zero-point"), "{error}");
    for combining in [
        CombineOptions {
            scale: Some("median".to_owned()),
            ..median.clone()
        },
        CombineOptions {
            weights: Some("1,2".to_owned()),
            method: Method::Mean,
            ..median.clone()
        },
    ] {
        let error = run(&files, &no, &options, &combining).unwrap_err();
        assert_eq!(error.class(), ErrorClass::Usage, "{error}");
    }
    assert!(!no.exists());
}
