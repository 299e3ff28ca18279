//! Flats of several kinds, and the shading of the shutter.

use super::world::{Plane, World, ccd, chip, frame, text};
use firstlight_calibrate::acs::{Chip, Outcome};
use firstlight_frame::Frame;
use firstlight_frame::fits::{Column, Table};

const SHAPE: (usize, usize) = (32, 48);

fn even(level: f32) -> Frame {
    frame(SHAPE, move |_, _| level, 0.0, |_, _| 0)
}

fn hrc(corner: (f64, f64), shape: (usize, usize)) -> Vec<Chip> {
    vec![chip(1, 1, corner, frame(shape, |_, _| 120.0, 10.0, |_, _| 0))]
}

fn world() -> World {
    let mut world = World::new();
    world.ccdtab("C", &[1]);
    world
}

/// An image of pixels of 8 × 8 whose values are those of a plane at their centres.
fn low_order(keyword: &str, world: &mut World) {
    let value = |x: usize, y: usize| plane(8.0 * x as f32 + 3.5, 8.0 * y as f32 + 3.5);
    let low = Plane {
        chip: 1,
        ltv: (0.5 - 0.5 / 8.0, 0.5 - 0.5 / 8.0),
        ltm: 1.0 / 8.0,
        frame: frame((4, 6), value, 0.0, |x, y| if (x, y) == (5, 3) { 16 } else { 0 }),
    };
    world.image(keyword, &[low], &[("DETECTOR", text("HRC"))]);
}

fn plane(x: f32, y: f32) -> f32 {
    0.8 + 0.002 * x + 0.003 * y
}

#[test]
fn pixel_and_delta_flat_divide_one_after_the_other() {
    let mut world = world();
    world.image("PFLTFILE", &[Plane::of(1, even(2.0))], &[]);
    world.image("DFLTFILE", &[Plane::of(1, even(1.5))], &[]);
    let mut observation = ccd("HRC", "C", hrc((0.0, 0.0), SHAPE), &["FLATCORR"]);
    world.run(&mut observation).unwrap();
    assert_eq!(observation.chips[0].frame.sci.row(9)[9], 40.0);
    let history = observation.primary.commentary("HISTORY").join("|");
    assert!(history.contains("pfltfile") && history.contains("dfltfile"));
}

#[test]
fn a_low_order_flat_of_larger_pixels_is_expanded_under_the_frame_and_under_a_subarray() {
    let mut world = world();
    low_order("LFLTFILE", &mut world);
    for (corner, shape) in [((0.0, 0.0), SHAPE), ((5.0, 11.0), (10, 20))] {
        let mut observation = ccd("HRC", "C", hrc(corner, shape), &["FLATCORR"]);
        world.run(&mut observation).unwrap();
        let found = &observation.chips[0].frame;
        for y in 0..shape.0 {
            for x in 0..shape.1 {
                let expected = 120.0 / plane(x as f32 + corner.0 as f32, y as f32 + corner.1 as f32);
                assert!((found.sci.row(y)[x] / expected - 1.0).abs() < 1e-5, "at {x}, {y}");
            }
        }
        let flagged = found.dq.row(shape.0 - 1)[shape.1 - 1] != 0;
        assert_eq!(flagged, shape == SHAPE);
    }
}

#[test]
fn the_shutter_is_corrected_for_by_the_time_of_each_exposure() {
    let mut world = world();
    low_order("SHADFILE", &mut world);
    let mut chips = hrc((0.0, 0.0), SHAPE);
    chips[0].sci.set("NCOMBINE", 35, None).unwrap();
    let mut observation = ccd("HRC", "C", chips, &["SHADCORR"]);
    world.run(&mut observation).unwrap();
    let found = observation.chips[0].frame.sci.row(20)[30];
    assert!((found - 120.0 * 10.0 / (10.0 + plane(30.0, 20.0))).abs() < 1e-3);

    let mut unexposed = ccd("HRC", "C", hrc((0.0, 0.0), SHAPE), &["SHADCORR"]);
    unexposed.primary.set("EXPTIME", 0.0, None).unwrap();
    let report = world.run(&mut unexposed).unwrap();
    assert_eq!(report.steps, [("SHADCORR".to_owned(), Outcome::NotPerformed)]);
    assert_eq!(unexposed.primary.text("SHADCORR").unwrap(), "SKIPPED");
    assert_eq!(unexposed.chips[0].frame.sci.row(0)[0], 120.0);
    let history = unexposed.primary.commentary("HISTORY").join("|");
    assert!(history.contains("SHADCORR not performed ..."), "{history}");
}

#[test]
fn spots_are_shifted_to_where_they_were_on_the_nearest_day() {
    let mut world = world();
    world.image("PFLTFILE", &[Plane::of(1, even(2.0))], &[]);
    let spots = frame(
        SHAPE,
        |x, y| if (x, y) == (20, 10) { 0.5 } else { 1.0 },
        0.0,
        |_, _| 0,
    );
    world.image("CFLTFILE", &[Plane::of(1, spots)], &[]);
    let table = Table::new()
        .with(Column::text("DATE", ["01/01/03", "20/03/06", "12/02/06"]))
        .unwrap()
        .with(Column::f64("SHIFTX", vec![9.0, 3.0, -9.0]))
        .unwrap()
        .with(Column::f64("SHIFTY", vec![9.0, -2.0, -9.0]))
        .unwrap();
    world.tables("SPOTTAB", &[("SPT", table)], &[]);
    for (corner, shape) in [((0.0, 0.0), SHAPE), ((16.0, 4.0), (12, 24))] {
        let mut observation = ccd("HRC", "C", hrc(corner, shape), &["FLATCORR"]);
        world.run(&mut observation).unwrap();
        let found = &observation.chips[0].frame;
        for y in 0..shape.0 {
            for x in 0..shape.1 {
                let spot = (x + corner.0 as usize, y + corner.1 as usize) == (23, 8);
                assert_eq!(
                    found.sci.row(y)[x],
                    if spot { 120.0 } else { 60.0 },
                    "at {x}, {y}"
                );
            }
        }
        assert_eq!(found.err.row(0)[0], 5.0);
    }
}

#[test]
fn a_spot_flat_alone_is_no_flat() {
    let mut world = world();
    world.image("CFLTFILE", &[Plane::of(1, even(1.0))], &[]);
    let mut observation = ccd("HRC", "C", hrc((0.0, 0.0), SHAPE), &["FLATCORR"]);
    let (_, words) = world.refused(&mut observation);
    assert!(
        words.contains("FLATCORR") && words.contains("PFLTFILE"),
        "{words}"
    );
}

#[test]
fn a_pixel_flat_of_larger_pixels_is_refused() {
    let mut world = world();
    low_order("PFLTFILE", &mut world);
    let mut observation = ccd("HRC", "C", hrc((0.0, 0.0), SHAPE), &["FLATCORR"]);
    let (_, words) = world.refused(&mut observation);
    assert!(words.contains("PFLTFILE") && words.contains("8 x 8"), "{words}");
}
