//! Blotting: polynomials are found again, edges, threads and bad input.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use firstlight_drizzle::blot::{BlotOptions, Interpolation, Source, blot_rows};
use firstlight_drizzle::{ArrayMap, Error, PixelMapping};
use std::ops::Range;

const NY: usize = 40;
const NX: usize = 50;

/// Shifts by a fraction of a pixel, and turns a little.
struct Shift {
    x: f64,
    y: f64,
    turn: f64,
}

impl PixelMapping for Shift {
    fn map_row(&self, y: f64, x0: f64, out_x: &mut [f64], out_y: &mut [f64]) {
        for (i, (out_x, out_y)) in out_x.iter_mut().zip(out_y).enumerate() {
            let x = x0 + i as f64;
            *out_x = x + self.x - self.turn * y;
            *out_y = y + self.y + self.turn * x;
        }
    }
}

fn image(value: impl Fn(f64, f64) -> f64) -> Vec<f32> {
    (0..NY * NX)
        .map(|k| value((k % NX) as f64, (k / NX) as f64) as f32)
        .collect()
}

fn whole(data: &[f32]) -> Source<'_> {
    Source {
        ny: NY,
        nx: NX,
        first_row: 0,
        data,
    }
}

fn blotted(source: &Source, map: &impl PixelMapping, rows: Range<usize>, options: &BlotOptions) -> Vec<f32> {
    let mut out = vec![f32::NAN; rows.len() * NX];
    blot_rows(source, map, rows, NX, options, &mut out).unwrap();
    out
}

fn by(name: &str) -> BlotOptions {
    BlotOptions {
        interpolation: name.parse().unwrap(),
        ..BlotOptions::default()
    }
}

/// Many neighbours are looked at together where they are on neighbours of the source, a pixel alone never is.
#[test]
fn neighbours_together_and_alone_give_the_same_bits() {
    let (ny, nx, columns, lines) = (110, 240, 200, 80);
    let data: Vec<f32> = (0..ny * nx)
        .map(|k| ((k * 7919) % 1009) as f32 * 0.37 - 40.0)
        .collect();
    let source = Source {
        ny,
        nx,
        first_row: 0,
        data: &data,
    };
    for (turn, scale) in [(0.07, 1.0), (-0.01, 0.99), (0.4, 1.0), (0.05, 0.45)] {
        let map = |y: f64, x: f64| (2.3 + scale * x - turn * y, 3.4 + 0.98 * y + turn * x);
        let whole = Mapped { map, from: 0.0 };
        for name in ["poly3", "poly5", "linear", "nearest", "lan3"] {
            let mut together = vec![0.0; lines * columns];
            blot_rows(&source, &whole, 0..lines, columns, &by(name), &mut together).unwrap();
            for column in (0..columns).step_by(7) {
                let from = column as f64;
                let mut alone = vec![0.0; lines];
                blot_rows(&source, &Mapped { map, from }, 0..lines, 1, &by(name), &mut alone).unwrap();
                let of_column = together.iter().skip(column).step_by(columns);
                let same = of_column.zip(&alone).all(|(a, b)| a.to_bits() == b.to_bits());
                assert!(same, "{name}, turned by {turn}, column {column}");
            }
        }
    }
}

/// A formula, of pixels counted from a column.
struct Mapped<F> {
    map: F,
    from: f64,
}

impl<F: Fn(f64, f64) -> (f64, f64) + Sync> PixelMapping for Mapped<F> {
    fn map_row(&self, y: f64, x0: f64, out_x: &mut [f64], out_y: &mut [f64]) {
        for (i, (out_x, out_y)) in out_x.iter_mut().zip(out_y).enumerate() {
            (*out_x, *out_y) = (self.map)(y, self.from + x0 + i as f64);
        }
    }
}

#[test]
fn polynomials_of_their_degree_are_found_again() {
    let map = Shift {
        x: 0.37,
        y: 0.61,
        turn: 0.01,
    };
    for (name, degree) in [("linear", 1), ("poly3", 3), ("poly5", 5)] {
        let value =
            |x: f64, y: f64| ((x - 25.0) / 25.0).powi(degree) - 2.0 * ((y - 20.0) / 20.0).powi(degree) + 0.3;
        let data = image(value);
        let out = blotted(&whole(&data), &map, 0..NY, &by(name));
        for (k, out) in out.iter().enumerate() {
            let (column, row) = ((k % NX) as f64, (k / NX) as f64);
            let (x, y) = (column + 0.37 - 0.01 * row, row + 0.61 + 0.01 * column);
            if x > 2.0 && y > 2.0 && x < (NX - 4) as f64 && y < (NY - 4) as f64 {
                assert!((f64::from(*out) - value(x, y)).abs() < 1e-5, "{name} at {x}, {y}");
            }
        }
    }
}

#[test]
fn straight_lines_go_on_over_every_edge() {
    let value = |x: f64, y: f64| 3.0 + 2.0 * x - y;
    let data = image(value);
    for name in ["poly3", "poly5"] {
        let map = Shift {
            x: 0.4,
            y: 0.7,
            turn: 0.0,
        };
        let out = blotted(&whole(&data), &map, 0..NY, &by(name));
        for (k, out) in out.iter().enumerate() {
            let expected = value((k % NX) as f64 + 0.4, (k / NX) as f64 + 0.7);
            assert!(
                (f64::from(*out) - expected).abs() < 1e-4,
                "{name} {k}: {out} {expected}"
            );
        }
    }
}

#[test]
fn a_constant_stays_what_it_is_but_for_lan5() {
    let data = vec![7.0; NY * NX];
    let map = Shift {
        x: 0.3,
        y: 0.45,
        turn: 0.002,
    };
    for name in Interpolation::NAMES {
        let out = blotted(&whole(&data), &map, 10..30, &by(name));
        let inner: Vec<f32> = out.chunks(NX).flat_map(|row| &row[10..40]).copied().collect();
        let tolerance = match name {
            "lan3" => 0.15,
            "lan5" => 0.7,
            _ => 1e-5,
        };
        assert!(
            inner.iter().all(|value| (value - 7.0).abs() < tolerance),
            "{name}"
        );
    }
}

#[test]
fn whole_shifts_copy_samples() {
    let data = image(|x, y| (x * 7.3 + y * 3.1).sin());
    let map = Shift {
        x: 2.0,
        y: 3.0,
        turn: 0.0,
    };
    for name in ["nearest", "linear", "poly3", "poly5", "sinc"] {
        let out = blotted(&whole(&data), &map, 0..NY, &by(name));
        for y in 0..NY - 3 {
            for x in 0..NX - 2 {
                assert_eq!(out[y * NX + x], data[(y + 3) * NX + x + 2], "{name}");
            }
        }
    }
}

#[test]
fn what_falls_nowhere_is_filled() {
    let data = vec![1.0; NY * NX];
    let options = BlotOptions {
        fill: -5.0,
        exptime_s: 100.0,
        ..by("poly5")
    };
    for (x, y) in [
        (-60.0, 0.0),
        (1e300, 0.0),
        (f64::NAN, 0.0),
        (0.0, f64::NEG_INFINITY),
        (0.0, NY as f64),
    ] {
        let map = Shift { x, y, turn: 0.0 };
        let out = blotted(&whole(&data), &map, 0..2, &options);
        assert!(out.iter().all(|value| *value == -5.0), "{x}, {y}");
    }
    let left = Shift {
        x: -0.001,
        y: 0.0,
        turn: 0.0,
    };
    assert_eq!(blotted(&whole(&data), &left, 0..1, &options)[..2], [-5.0, 100.0]);
}

#[test]
fn a_sample_that_is_not_finite_spoils_what_is_made_of_it() {
    let mut data = vec![1.0; NY * NX];
    data[20 * NX + 25] = f32::NAN;
    let map = Shift {
        x: 0.5,
        y: 0.5,
        turn: 0.0,
    };
    for (name, count) in [
        ("nearest", 1),
        ("linear", 4),
        ("poly3", 16),
        ("poly5", 36),
        ("lan3", 49),
        ("sinc", 225),
    ] {
        let out = blotted(&whole(&data), &map, 0..NY, &by(name));
        assert_eq!(out.iter().filter(|value| value.is_nan()).count(), count, "{name}");
    }
}

#[test]
fn a_part_of_the_source_gives_the_same_bits_or_the_fill_value() {
    let data = image(|x, y| (x * 0.7).sin() + (y * 0.9).cos());
    let map = Shift {
        x: 0.3,
        y: 0.2,
        turn: 0.003,
    };
    let part = Source {
        ny: NY,
        nx: NX,
        first_row: 10,
        data: &data[10 * NX..25 * NX],
    };
    for name in Interpolation::NAMES {
        let options = BlotOptions {
            fill: -9.0,
            ..by(name)
        };
        let (all, some) = (
            blotted(&whole(&data), &map, 0..NY, &options),
            blotted(&part, &map, 0..NY, &options),
        );
        let held = some.iter().filter(|value| **value != -9.0).count();
        assert!(held > 0 && held < all.len(), "{name}");
        assert!(
            all.iter()
                .zip(&some)
                .all(|(all, some)| *some == -9.0 || all == some),
            "{name}"
        );
    }
}

#[test]
fn the_same_bits_for_any_threads_and_bands() {
    let data = image(|x, y| (x * 0.7).sin() * (y * 0.9).cos());
    let map = Shift {
        x: 0.3,
        y: 0.2,
        turn: 0.013,
    };
    for name in Interpolation::NAMES {
        let options = by(name);
        let all = blotted(&whole(&data), &map, 0..NY, &options);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(5).build().unwrap();
        assert_eq!(
            pool.install(|| blotted(&whole(&data), &map, 0..NY, &options)),
            all
        );
        let mut bands = Vec::new();
        for start in (0..NY).step_by(7) {
            bands.extend(blotted(&whole(&data), &map, start..(start + 7).min(NY), &options));
        }
        assert_eq!(bands, all, "{name}");
    }
}

#[test]
fn small_sources_and_none() {
    for (ny, nx) in [(1, 1), (1, 3), (2, 2), (5, 1), (0, 0), (3, 0)] {
        let data = vec![2.0; ny * nx];
        let source = Source {
            ny,
            nx,
            first_row: 0,
            data: &data,
        };
        let map = Shift {
            x: 0.5,
            y: 0.5,
            turn: 0.0,
        };
        for name in Interpolation::NAMES {
            let out = blotted(&source, &map, 0..3, &by(name));
            assert!(out.iter().all(|value| value.is_finite()), "{name} on {ny} x {nx}");
        }
    }
}

#[test]
fn what_cannot_be_blotted() {
    let data = vec![1.0; NY * NX];
    let map = Shift {
        x: 0.0,
        y: 0.0,
        turn: 0.0,
    };
    let mut out = vec![0.0; NX];
    let good = BlotOptions::default();
    let mut run =
        |source: &Source, options: &BlotOptions, rows| blot_rows(source, &map, rows, NX, options, &mut out);
    assert!(matches!(
        run(&whole(&data), &good, 0..2),
        Err(Error::Shape { .. })
    ));
    assert!(matches!(
        run(&whole(&data[1..]), &good, 0..1),
        Err(Error::Shape { .. })
    ));
    let beyond = Source {
        first_row: 1,
        ..whole(&data)
    };
    assert!(matches!(run(&beyond, &good, 0..1), Err(Error::Shape { .. })));
    for options in [
        BlotOptions {
            pixel_scale_ratio: 0.0,
            ..good
        },
        BlotOptions {
            sinscl: f64::NAN,
            ..good
        },
        BlotOptions {
            exptime_s: f64::INFINITY,
            ..good
        },
    ] {
        assert!(matches!(
            run(&whole(&data), &options, 0..1),
            Err(Error::OutOfRange { .. })
        ));
    }
    assert!(run(&whole(&data), &good, 0..1).is_ok());
    assert!(matches!(
        "poly4".parse::<Interpolation>(),
        Err(Error::UnknownInterpolation { .. })
    ));
    assert!(ArrayMap::new(1, 1, &[0.0], &[0.0]).is_err());
}
