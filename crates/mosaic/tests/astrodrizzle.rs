//! The steps together, on small exposures with cosmic rays put in.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod exposures;

use exposures::{Made, NX, NY};
use firstlight_mosaic::{
    Bytes, DrizzleOptions, Error, Kept, Member, Mosaic, Result, Rows, Step, StepOutcome, StepStatus,
    Unwatched, Watch,
};
use std::path::Path;
use std::sync::Mutex;

const SKY: f32 = 50.0;

/// A star over a sky with some spread, and a cosmic ray at a place of its own.
fn made(name: &'static str, shift: f64, cosmic_ray: (usize, usize)) -> Made {
    let pixel = |at: usize| {
        let (x, y) = ((at % NX) as f64, (at / NX) as f64);
        let far = (x - 12.0 + shift).powi(2) + (y - 10.0).powi(2);
        let spread = (at * 7919 % 101) as f32 / 101.0 - 0.5;
        SKY + 3.0 * spread + (800.0 * (-far / 4.0).exp()) as f32
    };
    let mut sci: Vec<f32> = (0..NX * NY).map(pixel).collect();
    sci[cosmic_ray.1 * NX + cosmic_ray.0] += 3000.0;
    Made {
        name,
        sci,
        shift: (shift, 0.0),
        ..Made::default()
    }
}

fn trio(folder: &Path) -> Vec<Member> {
    [
        made("one", 0.0, (5, 5)),
        made("two", 1.0, (17, 12)),
        made("three", 2.0, (8, 15)),
    ]
    .iter()
    .map(|made| made.member(folder))
    .collect()
}

fn clean(members: &[Member], options: &DrizzleOptions) -> (Vec<StepStatus>, Vec<Option<usize>>, Rows) {
    let mut mosaic = Mosaic::plan(members, options).unwrap();
    let steps = mosaic.astrodrizzle(&Unwatched).unwrap();
    let found = mosaic.findings().iter().map(|of| of.cosmic_rays).collect();
    let (rows, _) = mosaic.image(&|_| {}).unwrap();
    (steps, found, rows)
}

fn outcome(steps: &[StepStatus], step: Step) -> &StepOutcome {
    &steps.iter().find(|line| line.step == step).unwrap().outcome
}

/// Keeps masks.
#[derive(Default)]
struct Masks(Mutex<Vec<Vec<(usize, usize)>>>);

impl Watch for Masks {
    fn keeps(&self) -> bool {
        true
    }

    fn keep(&self, kept: Kept<'_>) -> Result<()> {
        if let Kept::CosmicRays { mask, .. } = kept {
            let (ny, nx) = mask.shape();
            let all = (0..ny).flat_map(|y| (0..nx).map(move |x| (x, y)));
            self.0
                .lock()
                .unwrap()
                .push(all.filter(|(x, y)| mask.get(*y, *x)).collect());
        }
        Ok(())
    }
}

#[test]
fn cosmic_rays_are_found_and_left_out_and_the_sky_is_off() {
    let folder = tempfile::tempdir().unwrap();
    let members = trio(folder.path());
    let options = DrizzleOptions::default();
    let mut mosaic = Mosaic::plan(&members, &options).unwrap();
    let masks = Masks::default();
    let steps = mosaic.astrodrizzle(&masks).unwrap();
    assert!(
        steps.iter().all(|line| line.outcome == StepOutcome::Done),
        "{steps:?}"
    );
    let found = masks.0.into_inner().unwrap();
    for (found, expected) in found.iter().zip([(5, 5), (17, 12), (8, 15)]) {
        assert!(found.contains(&expected), "{found:?}");
        assert!(found.len() < 12, "{found:?}");
    }
    for image in mosaic.findings() {
        let sky = image.sky.unwrap();
        assert!((sky.sky - f64::from(SKY)).abs() < 3.0 && sky.subtract, "{sky:?}");
    }
    let (rows, _) = mosaic.image(&|_| {}).unwrap();
    let peak = rows
        .sci
        .iter()
        .copied()
        .filter(|value| value.is_finite())
        .fold(0.0, f32::max);
    assert!(peak < 10.0, "{peak}: the star has 8 per second, a cosmic ray 30");
    let mut sorted: Vec<f32> = rows
        .sci
        .iter()
        .copied()
        .filter(|value| value.is_finite())
        .collect();
    sorted.sort_by(f32::total_cmp);
    assert!(sorted[sorted.len() / 2].abs() < 0.02, "the sky is left in");
}

#[test]
fn the_same_bits_for_any_memory_and_threads() {
    let folder = tempfile::tempdir().unwrap();
    let members = trio(folder.path());
    let options = DrizzleOptions::default();
    let (_, found, rows) = clean(&members, &options);
    // So little that the separate images cannot be kept.
    let small = DrizzleOptions {
        max_memory: Some(Bytes(17_000)),
        ..DrizzleOptions::default()
    };
    for threads in [1, 3] {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        for options in [&options, &small] {
            let (_, again, other) = pool.install(|| clean(&members, options));
            assert_eq!(again, found);
            let bits = |values: &[f32]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
            assert_eq!(bits(&other.sci), bits(&rows.sci));
            assert_eq!(bits(&other.wht), bits(&rows.wht));
        }
    }
}

#[test]
fn one_exposure_is_not_cleaned() {
    let folder = tempfile::tempdir().unwrap();
    let members = [made("one", 0.0, (5, 5)).member(folder.path())];
    let (steps, found, rows) = clean(&members, &DrizzleOptions::default());
    for step in [Step::Median, Step::Blot, Step::CosmicRays] {
        let StepOutcome::Skipped(reason) = outcome(&steps, step) else {
            panic!("{steps:?}")
        };
        assert!(reason.contains("two exposures"));
    }
    assert_eq!(outcome(&steps, Step::Sky), &StepOutcome::Done);
    assert_eq!(found, [None]);
    assert!(rows.sci.iter().any(|value| *value > 20.0));
}

#[test]
fn exposures_that_do_not_overlap_are_not_cleaned() {
    let folder = tempfile::tempdir().unwrap();
    let members = [
        made("one", 0.0, (5, 5)).member(folder.path()),
        made("two", 60.0, (6, 6)).member(folder.path()),
    ];
    let (steps, found, _) = clean(&members, &DrizzleOptions::default());
    let StepOutcome::Skipped(reason) = outcome(&steps, Step::CosmicRays) else {
        panic!("{steps:?}")
    };
    assert!(reason.contains("in common"));
    assert_eq!(found, [None, None]);
}

#[test]
fn steps_that_are_needed_run_and_those_that_are_off_do_not() {
    let folder = tempfile::tempdir().unwrap();
    let members = trio(folder.path());
    let options = DrizzleOptions {
        median: false,
        blot: false,
        ..DrizzleOptions::default()
    };
    let (steps, found, _) = clean(&members, &options);
    assert!(matches!(outcome(&steps, Step::Median), StepOutcome::Needed(_)));
    assert!(found.iter().all(Option::is_some));
    let (steps, found, rows) = clean(&members, &DrizzleOptions::default().combining_only());
    assert!(
        steps.iter().all(|line| line.outcome == StepOutcome::Off),
        "{steps:?}"
    );
    assert!(found.iter().all(Option::is_none));
    assert!(rows.sci.iter().any(|value| *value > 10.0));
}

#[test]
fn groups_and_units() {
    let folder = tempfile::tempdir().unwrap();
    let two = Made {
        chips: 2,
        ..made("two", 0.0, (5, 5))
    };
    let members = [two.member(folder.path())];
    let of = |group: &str| DrizzleOptions {
        group: Some(group.to_owned()),
        ..DrizzleOptions::default().combining_only()
    };
    let chips = |group: &str| Mosaic::plan(&members, &of(group)).map(|mosaic| mosaic.findings());
    let found = chips("sci,2").unwrap();
    assert_eq!(found.iter().map(|of| of.version).collect::<Vec<_>>(), [2]);
    assert_eq!(chips("4;1").unwrap().len(), 2);
    assert!(matches!(
        chips("sci,3"),
        Err(Error::BadOption { option: "group", .. })
    ));
}
