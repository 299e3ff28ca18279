//! What holds for every input.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use firstlight_drizzle::{
    Accumulator, ArrayMap, DropOptions, Error, Fill, InUnits, Input, Kernel, PixelMapping, Planes, Rules,
    drizzle_exposure,
};

const KERNELS: [Kernel; 6] = [
    Kernel::Square,
    Kernel::Turbo,
    Kernel::Point,
    Kernel::Gaussian,
    Kernel::Lanczos2,
    Kernel::Lanczos3,
];
const CONTEXT: Planes = Planes {
    context: true,
    variance: false,
};
const BOTH: Planes = Planes {
    context: true,
    variance: true,
};

/// Numbers over 0..1 that only look random.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
    fn samples(&mut self, n: usize) -> Vec<f32> {
        (0..n).map(|_| self.next() as f32).collect()
    }
}

/// A rotation, scaling and shift with a little distortion.
#[derive(Clone, Copy)]
struct Turned {
    angle: f64,
    scale: f64,
    shift: (f64, f64),
    bend: f64,
}

impl PixelMapping for Turned {
    fn map_row(&self, y: f64, x0: f64, out_x: &mut [f64], out_y: &mut [f64]) {
        let (sin, cos) = self.angle.sin_cos();
        for (i, (out_x, out_y)) in out_x.iter_mut().zip(out_y).enumerate() {
            let x = x0 + i as f64;
            *out_x = self.shift.0 + self.scale * (cos * x - sin * y) + self.bend * x * y;
            *out_y = self.shift.1 + self.scale * (sin * x + cos * y) - self.bend * x * x;
        }
    }
}

const INSIDE: Turned = Turned {
    angle: 0.4,
    scale: 1.3,
    shift: (40.0, 10.0),
    bend: 1e-4,
};

fn input<'a>(nx: usize, data: &'a [f32], weight: &'a [f32]) -> Input<'a> {
    Input {
        image: 0,
        first_row: 0,
        first_column: 0,
        nx,
        data,
        weight: Some(weight),
        variance: None,
    }
}

fn with(kernel: Kernel, pixfrac: f64) -> DropOptions {
    DropOptions {
        kernel,
        pixfrac,
        ..DropOptions::default()
    }
}

fn total(output: &Accumulator) -> (f64, f64) {
    let weight = output.weight();
    let image = output.image(Fill::Value(0.0));
    let flux = image
        .iter()
        .zip(&weight)
        .map(|(v, w)| f64::from(*v) * f64::from(*w))
        .sum();
    (flux, weight.iter().map(|w| f64::from(*w)).sum())
}

#[test]
fn square_turbo_and_point_conserve_flux_and_weight() {
    let mut noise = Noise(1);
    let (data, weight) = (noise.samples(40 * 30), noise.samples(40 * 30));
    let flux: f64 = data
        .iter()
        .zip(&weight)
        .map(|(v, w)| f64::from(*v) * f64::from(*w))
        .sum();
    let sum: f64 = weight.iter().map(|w| f64::from(*w)).sum();
    // Turbo takes one box for all, so that only an even map conserves.
    let even = Turned { bend: 0.0, ..INSIDE };
    for (kernel, map) in [
        (Kernel::Square, INSIDE),
        (Kernel::Point, INSIDE),
        (Kernel::Turbo, even),
    ] {
        for pixfrac in [1.0, 0.6, 0.1] {
            let mut output = Accumulator::new(80, 120, Planes::default()).unwrap();
            drizzle_exposure(
                &input(40, &data, &weight),
                &map,
                &with(kernel, pixfrac),
                &mut output,
            )
            .unwrap();
            let (found, found_sum) = total(&output);
            assert!(
                (found / flux - 1.0).abs() < 1e-6,
                "{kernel} {pixfrac}: {found} for {flux}"
            );
            assert!(
                (found_sum / sum - 1.0).abs() < 1e-6,
                "{kernel} {pixfrac}: {found_sum} for {sum}"
            );
            assert!(kernel.conserves_flux());
        }
    }
}

#[test]
fn an_even_image_stays_even() {
    let (data, weight) = (vec![2.5_f32; 900], vec![1.0_f32; 900]);
    for kernel in KERNELS {
        for rules in [Rules::Drizzle, Rules::AstroDrizzle] {
            let mut output = Accumulator::new(80, 120, Planes::default()).unwrap();
            let drop = DropOptions {
                rules,
                ..with(kernel, 1.0)
            };
            drizzle_exposure(&input(30, &data, &weight), &INSIDE, &drop, &mut output).unwrap();
            let (image, weight) = (output.image(Fill::Indef), output.weight());
            let reached: Vec<_> = image.iter().zip(&weight).filter(|(_, w)| **w > 0.05).collect();
            assert!(reached.len() > 500, "{kernel}");
            assert!(reached.iter().all(|(v, _)| (**v - 2.5).abs() < 1e-5), "{kernel}");
        }
    }
}

#[test]
fn same_bits_for_any_number_of_threads_and_any_cut_into_rows() {
    let mut noise = Noise(2);
    let (nx, ny) = (90, 400);
    let (data, weight) = (noise.samples(nx * ny), noise.samples(nx * ny));
    let variance = noise.samples(nx * ny);
    for kernel in KERNELS {
        let run = |threads: usize, rows: usize| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            let mut output = Accumulator::new(150, 200, BOTH).unwrap();
            let drop = DropOptions {
                pixel_scale_ratio: Some(1.0),
                ..with(kernel, 0.8)
            };
            let map = Turned {
                angle: 1.0,
                scale: 0.9,
                shift: (60.0, -20.0),
                bend: 1e-4,
            };
            pool.install(|| {
                for first_row in (0..ny).step_by(rows) {
                    let cut = first_row * nx..(first_row + rows).min(ny) * nx;
                    let input = Input {
                        image: 40,
                        first_row,
                        first_column: 0,
                        nx,
                        data: &data[cut.clone()],
                        weight: Some(&weight[cut.clone()]),
                        variance: Some(&variance[cut]),
                    };
                    drizzle_exposure(&input, &map, &drop, &mut output).unwrap();
                }
            });
            let bits = |image: Vec<f32>| image.into_iter().map(f32::to_bits).collect::<Vec<_>>();
            let variance = output.variance(Fill::Value(0.0)).unwrap();
            let image = output.image(Fill::Value(0.0));
            (
                bits(image),
                bits(output.weight()),
                bits(variance),
                output.context().unwrap(),
            )
        };
        let one = run(1, ny);
        assert!(one.1.iter().any(|&bits| bits != 0));
        for (threads, rows) in [(2, ny), (7, ny), (1, 33), (3, 1)] {
            assert!(
                run(threads, rows) == one,
                "{kernel}: {threads} threads, {rows} rows at once"
            );
        }
    }
}

/// Pixels are spread many side by side where they can be, else one by one.
#[test]
fn pixels_give_the_same_together_and_alone() {
    let mut noise = Noise(5);
    let (nx, ny) = (61, 40);
    let data = noise.samples(nx * ny);
    let variance = noise.samples(nx * ny);
    let mut weight = noise.samples(nx * ny);
    for (k, weight) in weight.iter_mut().enumerate() {
        match k % 23 {
            3 => *weight = 0.0,
            11 => *weight = f32::NAN,
            17 => *weight = -*weight,
            _ => {}
        }
    }
    for (kernel, scale, pixfrac) in [
        (Kernel::Square, 0.6, 1.0),
        (Kernel::Square, 1.0, 0.8),
        (Kernel::Square, 1.7, 1.0),
        (Kernel::Square, 3.1, 1.0),
        (Kernel::Turbo, 0.6, 1.0),
        (Kernel::Turbo, 1.0, 1.0),
        (Kernel::Turbo, 1.7, 1.0),
        (Kernel::Turbo, 2.6, 1.0),
        (Kernel::Turbo, 3.7, 1.0),
    ] {
        // At 0.0624 some edges are a sixteenth as high as they are long, and some are not.
        for angle in [0.0, 0.03, 0.0624, 0.6, 1.6, 2.5, 4.0, 5.5] {
            let (sin, cos) = f64::sin_cos(angle);
            let middle = 0.5 * (50.0 + 64.0 * scale);
            let map = Turned {
                angle,
                scale,
                shift: (
                    middle - scale * (30.3 * cos - 20.2 * sin),
                    middle - scale * (30.3 * sin + 20.2 * cos),
                ),
                bend: 1e-5,
            };
            let drop = DropOptions {
                pixel_scale_ratio: Some(1.0 / scale),
                rules: Rules::AstroDrizzle,
                ..with(kernel, pixfrac)
            };
            let run = |alone: bool| {
                let size = (50.0 + 64.0 * scale) as usize;
                let mut output = Accumulator::new(size, size, BOTH).unwrap();
                let length = if alone { 1 } else { nx };
                for start in (0..nx * ny).step_by(length) {
                    let cut = start..start + length;
                    let input = Input {
                        image: 3,
                        first_row: start / nx,
                        first_column: start % nx,
                        nx: length,
                        data: &data[cut.clone()],
                        weight: Some(&weight[cut.clone()]),
                        variance: Some(&variance[cut]),
                    };
                    drizzle_exposure(&input, &map, &drop, &mut output).unwrap();
                }
                let bits = |image: Vec<f32>| image.into_iter().map(f32::to_bits).collect::<Vec<_>>();
                let variance = output.variance(Fill::Value(0.0)).unwrap();
                let image = output.image(Fill::Indef);
                let planes = [bits(image), bits(output.weight()), bits(variance)];
                (planes, output.context().unwrap())
            };
            let alone = run(true);
            assert!(alone.1[0].contains(&8));
            assert!(run(false) == alone, "{kernel} at {scale}, turned by {angle}");
        }
    }
}

#[test]
fn context_tells_who_contributed() {
    let (data, weight) = (vec![1.0_f32; 16], vec![1.0_f32; 16]);
    let mut output = Accumulator::new(10, 10, CONTEXT).unwrap();
    let place = |x: f64| Turned {
        angle: 0.0,
        scale: 1.0,
        shift: (x, 2.0),
        bend: 0.0,
    };
    for (image, x) in [(0, 0.0), (31, 4.0), (33, 4.0)] {
        let input = Input {
            image,
            ..input(4, &data, &weight)
        };
        drizzle_exposure(&input, &place(x), &DropOptions::default(), &mut output).unwrap();
    }
    let planes = output.context().unwrap();
    assert_eq!(planes.len(), 2);
    let at = |plane: usize, x: usize, y: usize| planes[plane][y * 10 + x];
    assert_eq!((at(0, 1, 3), at(1, 1, 3)), (1, 0));
    assert_eq!((at(0, 5, 3), at(1, 5, 3)), (1 << 31, 2));
    assert_eq!((at(0, 9, 9), at(1, 9, 9)), (0, 0));
}

#[test]
fn zero_weight_leaves_a_value_only_under_astrodrizzle_rules() {
    let data = [5.0_f32, 7.0];
    let weight = [0.0_f32, 2.0];
    let map = Turned {
        angle: 0.0,
        scale: 1.0,
        shift: (0.0, 0.0),
        bend: 0.0,
    };
    for (rules, expected) in [(Rules::Drizzle, None), (Rules::AstroDrizzle, Some(5.0))] {
        let mut output = Accumulator::new(1, 3, CONTEXT).unwrap();
        let drop = DropOptions {
            rules,
            ..DropOptions::default()
        };
        drizzle_exposure(&input(2, &data, &weight), &map, &drop, &mut output).unwrap();
        let image = output.image(Fill::Indef);
        assert_eq!(image[0].is_finite().then_some(image[0]), expected);
        assert_eq!(image[1], 7.0);
        assert!(image[2].is_nan());
        assert_eq!(output.weight(), [0.0, 2.0, 0.0]);
        assert_eq!(output.context().unwrap()[0], [0, 1, 0]);
        assert_eq!(output.image(Fill::Value(-1.0)), [-1.0, 7.0, -1.0]);
    }
}

#[test]
fn what_is_not_finite_is_left_out() {
    let data = [f32::NAN, 1.0, f32::INFINITY, 1.0, 1.0];
    let weight = [1.0_f32, f32::NAN, 1.0, 1.0, 1.0];
    let (x, y) = ([0.0, 1.0, 2.0, f64::NAN, 4.0, 0.0, 1.0, 2.0, 3.0, 4.0], [0.0; 10]);
    let y2: Vec<f64> = y
        .iter()
        .enumerate()
        .map(|(i, _)| if i < 5 { 0.0 } else { 1.0 })
        .collect();
    let map = ArrayMap::new(2, 5, &x, &y2).unwrap();
    let mut output = Accumulator::new(1, 5, Planes::default()).unwrap();
    drizzle_exposure(
        &input(5, &data, &weight),
        &map,
        &with(Kernel::Point, 1.0),
        &mut output,
    )
    .unwrap();
    assert_eq!(output.weight(), [0.0, 0.0, 0.0, 0.0, 1.0]);
}

#[test]
fn variance_of_the_mean() {
    let mut output = Accumulator::new(1, 1, BOTH).unwrap();
    let map = Turned {
        angle: 0.0,
        scale: 1.0,
        shift: (0.0, 0.0),
        bend: 0.0,
    };
    for (image, value, weight, variance) in [(0, 4.0, 1.0, 9.0), (1, 8.0, 3.0, 2.0)] {
        let (data, weight, variance) = ([value], [weight], [variance]);
        let input = Input {
            image,
            variance: Some(&variance),
            ..input(1, &data, &weight)
        };
        let drop = DropOptions {
            in_units: InUnits::Counts { exptime_s: 2.0 },
            ..with(Kernel::Point, 1.0)
        };
        drizzle_exposure(&input, &map, &drop, &mut output).unwrap();
    }
    assert_eq!(output.image(Fill::Indef), [(2.0 + 3.0 * 4.0) / 4.0]);
    assert_eq!(
        output.variance(Fill::Indef).unwrap(),
        [(9.0 / 4.0 + 9.0 * 2.0 / 4.0) / 16.0]
    );
}

#[test]
fn lanczos_ignores_pixfrac_unless_told_otherwise() {
    let mut noise = Noise(3);
    let (data, weight) = (noise.samples(900), vec![1.0; 900]);
    let run = |pixfrac, rules| {
        let mut output = Accumulator::new(80, 120, Planes::default()).unwrap();
        let drop = DropOptions {
            rules,
            ..with(Kernel::Lanczos3, pixfrac)
        };
        drizzle_exposure(&input(30, &data, &weight), &INSIDE, &drop, &mut output).unwrap();
        output.image(Fill::Value(0.0))
    };
    assert_eq!(run(1.0, Rules::Drizzle), run(0.4, Rules::Drizzle));
    assert_ne!(run(1.0, Rules::AstroDrizzle), run(0.4, Rules::AstroDrizzle));
}

#[test]
fn off_the_output_and_wild_maps_do_no_harm() {
    let (data, weight) = (vec![1.0_f32; 64], vec![1.0_f32; 64]);
    for kernel in KERNELS {
        for map in [
            Turned {
                angle: 0.0,
                scale: 1.0,
                shift: (-1e6, 0.0),
                bend: 0.0,
            },
            Turned {
                angle: 0.0,
                scale: 1.0,
                shift: (0.0, 1e18),
                bend: 0.0,
            },
            Turned {
                angle: 0.0,
                scale: 0.0,
                shift: (4.0, 4.0),
                bend: 0.0,
            },
            Turned {
                angle: 0.3,
                scale: 1e9,
                shift: (3.0, 3.0),
                bend: 0.0,
            },
            Turned {
                angle: 0.3,
                scale: 1e300,
                shift: (3.0, 3.0),
                bend: 1e300,
            },
            Turned {
                angle: f64::NAN,
                scale: 1.0,
                shift: (3.0, 3.0),
                bend: 0.0,
            },
        ] {
            let mut output = Accumulator::new(9, 9, CONTEXT).unwrap();
            let drop = DropOptions {
                pixel_scale_ratio: Some(0.5),
                ..with(kernel, 0.7)
            };
            drizzle_exposure(&input(8, &data, &weight), &map, &drop, &mut output).unwrap();
            assert!(output.weight().iter().all(|w| w.is_finite()), "{kernel}");
        }
    }
    // A pixel that covers the whole output gives each output pixel its share of the area.
    let mut output = Accumulator::new(9, 9, CONTEXT).unwrap();
    let huge = Turned {
        angle: 0.0,
        scale: 20.0,
        shift: (4.0, 4.0),
        bend: 0.0,
    };
    drizzle_exposure(
        &input(1, &[3.0], &[1.0]),
        &huge,
        &DropOptions::default(),
        &mut output,
    )
    .unwrap();
    assert!(output.weight().iter().all(|w| (w - 1.0 / 400.0).abs() < 1e-9));
    assert!(output.image(Fill::Indef).iter().all(|v| (v - 3.0).abs() < 1e-6));
}

#[test]
fn mirrored_maps_count_as_well() {
    let data = [1.0_f32; 4];
    let (x, y) = ([3.0, 2.0, 3.0, 2.0], [1.0, 1.0, 2.0, 2.0]);
    let map = ArrayMap::new(2, 2, &x, &y).unwrap();
    let mut output = Accumulator::new(4, 5, Planes::default()).unwrap();
    let input = Input {
        image: 0,
        first_row: 0,
        first_column: 0,
        nx: 2,
        data: &data,
        weight: None,
        variance: None,
    };
    drizzle_exposure(&input, &map, &DropOptions::default(), &mut output).unwrap();
    let weight = output.weight();
    for (x, y) in [(2, 1), (3, 1), (2, 2), (3, 2)] {
        assert!((weight[y * 5 + x] - 1.0).abs() < 1e-12);
    }
    assert!((weight.iter().sum::<f32>() - 4.0).abs() < 1e-6);
}

#[test]
fn wrong_shapes_and_numbers_are_refused() {
    let (data, short) = (vec![1.0_f32; 12], vec![1.0_f32; 11]);
    let mut output = Accumulator::new(9, 9, BOTH).unwrap();
    let mut refused = |input: Input, drop: DropOptions| drizzle_exposure(&input, &INSIDE, &drop, &mut output);
    let fine = Input {
        image: 0,
        first_row: 0,
        first_column: 0,
        nx: 4,
        data: &data,
        weight: None,
        variance: Some(&data),
    };
    let plain = DropOptions::default();
    assert!(refused(fine, plain).is_ok());
    let what = |result: Result<(), Error>| match result.unwrap_err() {
        Error::Shape { what, .. } | Error::OutOfRange { what, .. } => what,
        error => panic!("{error}"),
    };
    assert_eq!(
        what(refused(
            Input {
                weight: Some(&short),
                ..fine
            },
            plain
        )),
        "weight"
    );
    assert_eq!(
        what(refused(
            Input {
                variance: Some(&short),
                ..fine
            },
            plain
        )),
        "variance"
    );
    assert_eq!(
        what(refused(
            Input {
                variance: None,
                ..fine
            },
            plain
        )),
        "variance"
    );
    assert_eq!(what(refused(Input { nx: 5, ..fine }, plain)), "data (whole rows)");
    assert_eq!(what(refused(Input { nx: 0, ..fine }, plain)), "data (whole rows)");
    for pixfrac in [0.0, -1.0, 1.1, f64::NAN] {
        assert_eq!(what(refused(fine, with(Kernel::Square, pixfrac))), "pixfrac");
    }
    let zero = InUnits::Counts { exptime_s: 0.0 };
    let found = what(refused(
        fine,
        DropOptions {
            in_units: zero,
            ..plain
        },
    ));
    assert_eq!(found, "the exposure time of an input in counts");
    assert!(matches!(
        Accumulator::new(usize::MAX, 2, BOTH),
        Err(Error::TooLarge { .. })
    ));
    assert!(matches!(
        ArrayMap::new(2, 2, &[0.0; 4], &[0.0; 3]),
        Err(Error::Shape { .. })
    ));
    assert!(matches!(
        ArrayMap::new(1, 4, &[0.0; 4], &[0.0; 4]),
        Err(Error::Shape { .. })
    ));
    assert!(matches!(
        "box".parse::<Kernel>(),
        Err(Error::UnknownKernel { .. })
    ));
    assert_eq!(Accumulator::bytes(usize::MAX, usize::MAX, BOTH, 1), None);
}

#[test]
fn nothing_is_lost_at_the_corners_of_the_output() {
    // Pixels of which some fall on two columns and others, in the same group, on three.
    let (nx, ny) = (40, 30);
    let mut noise = Noise(7);
    let (data, weight) = (noise.samples(nx * ny), noise.samples(nx * ny));
    let map = Turned {
        angle: 0.02,
        scale: 1.1,
        shift: (0.4, 1.3),
        bend: 1e-3,
    };
    let drop = with(Kernel::Square, 1.0);
    let sums = |out_nx: usize, out_ny: usize| {
        let mut output = Accumulator::new(out_ny, out_nx, Planes::default()).unwrap();
        drizzle_exposure(&input(nx, &data, &weight), &map, &drop, &mut output).unwrap();
        output.weight()
    };
    let whole = sums(100, 100);
    for (out_nx, out_ny) in (8..46).flat_map(|nx| (5..34).map(move |ny| (nx, ny))) {
        let part = sums(out_nx, out_ny);
        for (row, part) in part.chunks(out_nx).enumerate() {
            let same: Vec<f32> = whole[row * 100..row * 100 + out_nx].to_vec();
            let near = |(a, b): (&f32, &f32)| (a - b).abs() <= 1e-6 * b.abs();
            assert!(
                part.iter().zip(&same).all(near),
                "row {row} of {out_nx} x {out_ny}"
            );
        }
    }
}

#[test]
fn scale_ratio_is_found_from_the_map() {
    let (data, weight) = (vec![1.0_f32; 900], vec![1.0_f32; 900]);
    let map = Turned {
        angle: 0.4,
        scale: 1.3,
        shift: (40.0, 10.0),
        bend: 0.0,
    };
    let run = |pixel_scale_ratio| {
        let mut output = Accumulator::new(80, 120, Planes::default()).unwrap();
        let drop = DropOptions {
            pixel_scale_ratio,
            ..with(Kernel::Gaussian, 1.0)
        };
        drizzle_exposure(&input(30, &data, &weight), &map, &drop, &mut output).unwrap();
        output.weight()
    };
    let (found, given) = (run(None), run(Some(1.0 / 1.3)));
    assert!(found.iter().zip(&given).all(|(a, b)| (a - b).abs() < 1e-6));
}
