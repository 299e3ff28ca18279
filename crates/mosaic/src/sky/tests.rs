use super::*;
use crate::Error;
use std::sync::atomic::{AtomicUsize, Ordering};

const SHAPE: (usize, usize) = (120, 100);

/// Pixels in memory; counts the rows that are read.
struct InMemory {
    sci: Vec<f32>,
    bad: Vec<bool>,
    rows_read: AtomicUsize,
}

impl InMemory {
    fn new(sci: Vec<f32>) -> Self {
        Self {
            bad: vec![false; sci.len()],
            sci,
            rows_read: AtomicUsize::new(0),
        }
    }
}

impl ChipPixels for InMemory {
    fn read(&self, rows: Range<usize>, sci: &mut [f32], _: &mut PixelScratch) -> Result<()> {
        let part = rows.start * SHAPE.1..rows.end * SHAPE.1;
        let pixels = self.sci[part.clone()].iter().zip(&self.bad[part]);
        for (sci, (sample, bad)) in sci.iter_mut().zip(pixels) {
            *sci = if *bad { f32::NAN } else { *sample };
        }
        self.rows_read.fetch_add(rows.len(), Ordering::Relaxed);
        Ok(())
    }
}

/// A level with a spread of about 1, quantised so that constants can be added without rounding, and some rays.
fn image(level: f32) -> Vec<f32> {
    let n = SHAPE.0 * SHAPE.1;
    let spread = |i: usize| ((i * 7919) % 1021) as f32 / 256.0 - 2.0;
    let ray = |i: usize| if i % 97 == 5 { 500.0 } else { 0.0 };
    (0..n).map(|i| level + spread(i) + ray(i)).collect()
}

/// Pixels of 0.05", shifted by so many of them.
fn wcs(dx_px: f64, dy_px: f64) -> Wcs {
    let scale = 0.05 / 3600.0;
    let reference = (50.0 - dx_px, 60.0 - dy_px);
    Wcs::tangent(
        (150.0, 2.0),
        reference,
        [[-scale, 0.0], [0.0, scale]],
        Some(SHAPE),
    )
    .unwrap()
}

fn input<'a>(exposure: usize, wcs: &'a Wcs, pixels: &'a InMemory) -> SkyInput<'a> {
    SkyInput {
        exposure,
        wcs,
        shape: SHAPE,
        exptime_s: 100.0,
        in_counts: true,
        pixel_scale_arcsec: 0.05,
        electrons_per_unit: 1.0,
        pixels,
    }
}

fn with(skymethod: SkyMethod) -> SkyOptions {
    SkyOptions {
        skymethod,
        ..SkyOptions::default()
    }
}

const METHODS: [SkyMethod; 4] = [
    SkyMethod::LocalMin,
    SkyMethod::GlobalMin,
    SkyMethod::Match,
    SkyMethod::GlobalMinMatch,
];

fn skies(values: &[SkyValue]) -> Vec<f64> {
    values.iter().map(|value| value.sky).collect()
}

#[track_caller]
fn near(found: &[SkyValue], expected: &[f64], within: f64) {
    let found = skies(found);
    let close = found.iter().zip(expected).all(|(f, e)| (f - e).abs() <= within);
    assert!(close && found.len() == expected.len(), "{found:?} {expected:?}");
}

#[test]
fn the_lowest_chip_of_an_exposure_or_of_all() {
    let (a, b) = (wcs(0.0, 0.0), wcs(0.0, 130.0));
    let pixels = [30.0, 20.0, 50.0].map(|level| InMemory::new(image(level)));
    let inputs = [
        input(7, &a, &pixels[0]),
        input(7, &b, &pixels[1]),
        input(3, &a, &pixels[2]),
    ];
    let local = sky_values(&inputs, &with(SkyMethod::LocalMin)).unwrap();
    near(&local, &[20.0, 20.0, 50.0], 0.05);
    assert_eq!(local[0].status, SkyStatus::Measured);
    assert!(local[0].measured.is_some_and(|m| (m.value - 30.0).abs() < 0.05));
    let global = sky_values(&inputs, &with(SkyMethod::GlobalMin)).unwrap();
    near(&global, &[20.0, 20.0, 20.0], 0.05);
    let rows: Vec<usize> = pixels
        .iter()
        .map(|p| p.rows_read.load(Ordering::Relaxed))
        .collect();
    assert_eq!(rows, [240, 240, 240], "each chip is read once for each call");
}

#[test]
fn areas_times_and_units_are_made_up_for() {
    let at = wcs(0.0, 0.0);
    let pixels = [20.0, 40.0, 0.1].map(|level| InMemory::new(image(level)));
    let wide = SkyInput {
        pixel_scale_arcsec: 0.1,
        ..input(0, &at, &pixels[1])
    };
    let rate = SkyInput {
        in_counts: false,
        electrons_per_unit: 250.0,
        ..input(1, &at, &pixels[2])
    };
    let inputs = [input(0, &at, &pixels[0]), wide, rate];
    let values = sky_values(&inputs, &with(SkyMethod::LocalMin)).unwrap();
    // The wide pixels are the darker ones: 40 in four times the area.
    near(&values[..2], &[10.0, 40.0], 0.05);
    assert!((values[2].sky_e - 250.0 * values[2].sky).abs() < 1e-9);
}

#[test]
fn a_constant_moves_the_sky_by_itself() {
    let at = [wcs(0.0, 0.0), wcs(30.0, -20.0)];
    for method in METHODS {
        for skystat in [SkyStat::Median, SkyStat::Mean, SkyStat::Mode] {
            let options = SkyOptions {
                skystat,
                ..with(method)
            };
            let of = |first: f32, second: f32| {
                let pixels = [first, second].map(|level| InMemory::new(image(level)));
                let inputs = [input(0, &at[0], &pixels[0]), input(1, &at[1], &pixels[1])];
                skies(&sky_values(&inputs, &options).unwrap())
            };
            let (low, high) = (of(10.0, 11.0), of(74.0, 75.0));
            let step = if method == SkyMethod::Match { 0.0 } else { 64.0 };
            for (low, high) in low.iter().zip(high) {
                assert!(
                    (high - low - step).abs() < 1e-4,
                    "{method} {skystat}: {low} {high}"
                );
            }
        }
    }
}

/// A slope on the sky that no single number describes: overlaps see the same part of it.
#[test]
fn matched_skies_differ_as_the_levels_do() {
    let shifts = [(0.0, 0.0), (40.0, 10.0), (80.0, -20.0), (5000.0, 0.0)];
    let levels = [10.0, 14.0, 11.5, 99.0];
    let places = shifts.map(|(dx, dy)| wcs(dx, dy));
    let sloped = |at: usize| {
        let (dx, dy) = shifts[at];
        let mut sci = image(levels[at]);
        for (i, sample) in sci.iter_mut().enumerate() {
            let (x, y) = ((i % SHAPE.1) as f64 + dx, (i / SHAPE.1) as f64 + dy);
            *sample += (0.05 * x + 0.02 * y) as f32;
        }
        InMemory::new(sci)
    };
    let pixels = [0, 1, 2, 3].map(sloped);
    let inputs: Vec<SkyInput> = (0..4).map(|i| input(i, &places[i], &pixels[i])).collect();
    let matched = sky_values(&inputs, &with(SkyMethod::Match)).unwrap();
    near(&matched, &[0.0, 4.0, 1.5, 0.0], 0.1);
    let statuses: Vec<SkyStatus> = matched.iter().map(|value| value.status).collect();
    assert_eq!(statuses[..3], [SkyStatus::Matched; 3]);
    assert_eq!((statuses[3], matched[3].group), (SkyStatus::NoOverlap, None));
    assert!(matched[..3].iter().all(|value| value.group == Some(0)));
    let both = sky_values(&inputs, &with(SkyMethod::GlobalMinMatch)).unwrap();
    let base = both[0].sky;
    near(&both, &[base, base + 4.0, base + 1.5, base], 0.1);
    assert!(base > 10.0);
}

#[test]
fn chips_without_pixels_are_told_of() {
    let at = wcs(0.0, 0.0);
    let fine = InMemory::new(image(20.0));
    let nan = InMemory::new(vec![f32::NAN; SHAPE.0 * SHAPE.1]);
    let mut masked = InMemory::new(image(5.0));
    masked.bad.fill(true);
    for method in METHODS {
        let inputs = [input(0, &at, &fine), input(1, &at, &nan), input(2, &at, &masked)];
        let values = sky_values(&inputs, &with(method)).unwrap();
        let expected = match method {
            SkyMethod::Match => SkyStatus::NoOverlap,
            _ => SkyStatus::NoPixels,
        };
        assert!(values[1..].iter().all(|v| v.status == expected), "{values:?}");
        assert!(values.iter().all(|v| v.sky.is_finite()));
        let none = sky_values(&[input(0, &at, &nan)], &with(method)).unwrap();
        assert_eq!(none[0].sky, 0.0);
    }
    assert!(
        sky_values(&[], &with(SkyMethod::GlobalMinMatch))
            .unwrap()
            .is_empty()
    );
}

#[test]
fn masked_pixels_do_not_count() {
    let at = wcs(0.0, 0.0);
    let mut sci = image(20.0);
    sci[..6000].fill(3.0);
    let mut pixels = InMemory::new(sci);
    pixels.bad[..6000].fill(true);
    let values = sky_values(&[input(0, &at, &pixels)], &SkyOptions::default()).unwrap();
    near(&values, &[20.0], 0.05);
}

#[test]
fn one_exposure_has_nothing_to_match() {
    let at = wcs(0.0, 0.0);
    let pixels = InMemory::new(image(20.0));
    let only = [input(0, &at, &pixels), input(0, &at, &pixels)];
    let matched = sky_values(&only, &with(SkyMethod::Match)).unwrap();
    assert!(
        matched
            .iter()
            .all(|v| v.sky == 0.0 && v.status == SkyStatus::NoOverlap)
    );
    let both = sky_values(&only, &with(SkyMethod::GlobalMinMatch)).unwrap();
    let global = sky_values(&only, &with(SkyMethod::GlobalMin)).unwrap();
    assert_eq!(skies(&both), skies(&global));
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let places = [wcs(0.0, 0.0), wcs(33.0, 21.0)];
    let pixels = [20.0, 23.0].map(|level| InMemory::new(image(level)));
    let inputs = [input(0, &places[0], &pixels[0]), input(1, &places[1], &pixels[1])];
    let of = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.unwrap()
            .install(|| sky_values(&inputs, &with(SkyMethod::GlobalMinMatch)))
            .unwrap()
    };
    assert_eq!(of(1), of(4));
}

#[test]
fn chips_without_scale_or_time_are_refused() {
    let at = wcs(0.0, 0.0);
    let pixels = InMemory::new(image(1.0));
    for bad in [
        SkyInput {
            exptime_s: 0.0,
            ..input(0, &at, &pixels)
        },
        SkyInput {
            pixel_scale_arcsec: f64::NAN,
            ..input(0, &at, &pixels)
        },
    ] {
        let found = sky_values(&[bad], &SkyOptions::default());
        assert!(matches!(found, Err(Error::NoBrightness { .. })), "{found:?}");
    }
    let rate = SkyInput {
        exptime_s: 0.0,
        in_counts: false,
        ..input(0, &at, &pixels)
    };
    assert!(sky_values(&[rate], &SkyOptions::default()).is_ok());
}
