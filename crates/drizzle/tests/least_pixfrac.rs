//! The least pixfrac that reaches a pixel, against drizzling with many values.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use firstlight_drizzle::{
    Accumulator, DropOptions, Error, Input, LeastPixfrac, PixelMapping, Planes, Rules, drizzle_exposure,
};

/// A rotation, scaling and shift with a little distortion; mirrored where the scale of y is negative.
#[derive(Debug, Clone, Copy)]
struct Turned {
    angle: f64,
    scale: (f64, f64),
    shift: (f64, f64),
    bend: f64,
}

impl PixelMapping for Turned {
    fn map_row(&self, y: f64, x0: f64, out_x: &mut [f64], out_y: &mut [f64]) {
        let (sin, cos) = self.angle.sin_cos();
        let y = y - 17.0;
        for (i, (out_x, out_y)) in out_x.iter_mut().zip(out_y).enumerate() {
            let x = x0 + i as f64 - 23.0;
            *out_x = self.shift.0 + self.scale.0 * (cos * x - sin * y) + self.bend * x * y;
            *out_y = self.shift.1 + self.scale.1 * (sin * x + cos * y) - self.bend * x * x;
        }
    }
}

/// Columns and rows of the input, and of the output.
const IN: (usize, usize) = (47, 35);
const OUT: (usize, usize) = (70, 60);

const MAPS: [Turned; 6] = [
    turned(0.4, (1.3, 1.3), 1e-5),
    turned(0.004, (1.67, 1.67), 1e-6),
    turned(-2.1, (0.6, -0.6), 1e-5),
    turned(0.8, (0.97, 1.04), 3e-6),
    turned(1.5, (5.3, 5.1), 1e-5),
    // Drops with their edges on those of pixels.
    turned(0.0, (2.0, 2.0), 0.0),
];

const fn turned(angle: f64, scale: (f64, f64), bend: f64) -> Turned {
    Turned {
        angle,
        scale,
        shift: (35.25, 28.5),
        bend,
    }
}

/// Some samples without weight, some that are not finite.
fn planes() -> (Vec<f32>, Vec<f32>) {
    let samples = IN.0 * IN.1;
    let data = (0..samples).map(|k| if k % 31 == 3 { f32::NAN } else { 1.0 });
    let weight = (0..samples).map(|k| match k % 7 * (k % 11) {
        6 => 0.0,
        12 => f32::INFINITY,
        _ => 2.5,
    });
    (data.collect(), weight.collect())
}

fn input<'a>((data, weight): &'a (Vec<f32>, Vec<f32>), rows: std::ops::Range<usize>) -> Input<'a> {
    let samples = rows.start * IN.0..rows.end * IN.0;
    Input {
        image: 0,
        first_row: rows.start,
        first_column: 0,
        nx: IN.0,
        data: &data[samples.clone()],
        weight: Some(&weight[samples]),
        variance: None,
    }
}

fn of(pixfrac: f64) -> DropOptions {
    DropOptions {
        pixfrac,
        rules: Rules::AstroDrizzle,
        ..DropOptions::default()
    }
}

#[test]
fn drizzling_finds_the_same_pixels() {
    let planes = planes();
    let (mut doubtful, mut reached, mut missed) = (0, 0, 0);
    for map in MAPS {
        let mut least = LeastPixfrac::new(OUT.0 * OUT.1).unwrap();
        least.restart(0..OUT.1, OUT.0);
        for rows in [0..12, 12..35] {
            least.add(&input(&planes, rows), &map, &of(0.8)).unwrap();
        }
        for pixfrac in [0.03, 0.1, 0.25, 0.4, 0.5, 0.61, 0.8] {
            let mut output = Accumulator::new(OUT.1, OUT.0, Planes::default()).unwrap();
            drizzle_exposure(&input(&planes, 0..IN.1), &map, &of(pixfrac), &mut output).unwrap();
            for (at, (weight, bounds)) in output.weight().into_iter().zip(least.bounds()).enumerate() {
                let (lower, upper) = (f64::from(bounds.lower), f64::from(bounds.upper));
                assert!(lower <= upper, "{bounds:?}");
                let place = (at % OUT.0, at / OUT.0);
                let fits = if weight > 0.0 {
                    lower < pixfrac
                } else {
                    upper > pixfrac
                };
                assert!(fits, "{map:?} {pixfrac}: {bounds:?} and {weight} at {place:?}");
                match (upper <= pixfrac, lower >= pixfrac) {
                    (true, _) => reached += 1,
                    (_, true) => missed += 1,
                    _ if map.bend > 0.0 => doubtful += 1,
                    _ => {}
                }
            }
        }
    }
    assert!(reached > 20_000 && missed > 20_000, "{reached} {missed}");
    assert!(doubtful * 500 < reached, "{doubtful} of {reached}");
}

#[test]
fn parts_of_the_output_have_the_bounds_of_the_whole() {
    let planes = planes();
    let mut whole = LeastPixfrac::new(OUT.0 * OUT.1).unwrap();
    let mut part = LeastPixfrac::new(OUT.0 * 20).unwrap();
    for map in MAPS {
        whole.restart(0..OUT.1, OUT.0);
        whole.add(&input(&planes, 0..IN.1), &map, &of(1.0)).unwrap();
        for start in (0..OUT.1).step_by(20) {
            part.restart(start..start + 20, OUT.0);
            part.add(&input(&planes, 0..IN.1), &map, &of(1.0)).unwrap();
            let samples = start * OUT.0..(start + 20) * OUT.0;
            assert_eq!(part.bounds(), &whole.bounds()[samples], "{map:?}");
        }
    }
}

#[test]
fn nothing_is_told_where_nothing_falls() {
    let planes = planes();
    let mut least = LeastPixfrac::new(OUT.0 * OUT.1).unwrap();
    least.restart(0..OUT.1, OUT.0);
    let nowhere = [f64::NAN, f64::INFINITY, 1e300, -1e18];
    for shift in nowhere {
        let map = Turned {
            shift: (shift, shift),
            ..MAPS[0]
        };
        least.add(&input(&planes, 0..IN.1), &map, &of(1.0)).unwrap();
    }
    let flat = Turned {
        scale: (0.0, 1.0),
        bend: 0.0,
        ..MAPS[0]
    };
    least.add(&input(&planes, 0..IN.1), &flat, &of(1.0)).unwrap();
    let all = least.bounds();
    assert!(all.len() == OUT.0 * OUT.1 && all.iter().all(|bounds| bounds.lower == f32::INFINITY));
    let error = least
        .add(&input(&planes, 0..IN.1), &MAPS[0], &of(1.5))
        .unwrap_err();
    assert!(matches!(error, Error::OutOfRange { .. }), "{error}");
}
