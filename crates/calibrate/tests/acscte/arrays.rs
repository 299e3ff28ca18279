//! Images and a camera's own traps.

use crate::made::{LENGTH, profile, scene, traps};
use firstlight_calibrate::acs::acscte::{ChargeTransferOptions, Register, correct_image, forward_image};
use firstlight_frame::Image;

/// The readout of one column towards its first pixel, told plainly: for each level from the highest down, what the traps
/// hold is followed from packet to packet.
fn read_plainly(column: &[f32], passes: usize) -> Vec<f64> {
    let mut packets: Vec<f64> = column.iter().map(|v| f64::from(*v)).collect();
    let rows = packets.len() as f64;
    for _ in 0..passes {
        for q in [2500.0, 800.0, 200.0, 60.0, 40.0, 36.5, 33.0, 25.0, 10.0, 2.0] {
            let mut filled: Option<(usize, f64)> = None;
            for (i, packet) in packets.iter_mut().enumerate() {
                let mut change = 0.0;
                let fills = *packet >= q;
                if let Some((at, taken)) = filled.filter(|(at, _)| i - at <= LENGTH) {
                    change += profile()[i - at - 1] * taken;
                    if fills {
                        change += (1.0 - profile()[..i - at].iter().sum::<f64>()) * taken;
                    }
                }
                if fills {
                    let taken = 1.5 * (i + 1) as f64 / rows / passes as f64;
                    change -= taken;
                    filled = Some((i, taken));
                }
                *packet += change;
            }
        }
    }
    packets
}

#[test]
fn the_forward_model_is_the_readout() {
    for (ny, seed) in [(200, 1), (64, 2), (13, 3), (1, 4)] {
        let image = scene(ny, 5, seed);
        let options = ChargeTransferOptions {
            passes: 3,
            ..Default::default()
        };
        let trailed = forward_image(&image, &traps(), &options, None).unwrap();
        for x in 0..image.nx() {
            let column: Vec<f32> = (0..ny).map(|y| image.row(y)[x]).collect();
            for (y, expected) in read_plainly(&column, 3).into_iter().enumerate() {
                let found = f64::from(trailed.row(y)[x]);
                assert!(
                    (found - expected).abs() < 1e-4 + 1e-6 * expected,
                    "{x},{y}: {found}, {expected}"
                );
            }
        }
    }
}

#[test]
fn trails_point_away_from_the_register() {
    let at = 40;
    let star = Image::from_fn(81, 81, |x, y| if (x, y) == (at, at) { 50000.0 } else { 0.0 });
    for (register, dx, dy) in [
        (Register::Bottom, 0, 1),
        (Register::Top, 0, -1),
        (Register::Left, 1, 0),
        (Register::Right, -1, 0),
    ] {
        let options = ChargeTransferOptions {
            register,
            ..Default::default()
        };
        let trailed = forward_image(&star, &traps(), &options, None).unwrap();
        let beside = |n: i64| {
            *trailed
                .get((at as i64 + n * dx) as usize, (at as i64 + n * dy) as usize)
                .unwrap()
        };
        assert!(
            beside(0) < 50000.0 && beside(1) > beside(2) && beside(2) > 0.0,
            "{register}"
        );
        assert_eq!(beside(-1), 0.0, "{register}");
        for (i, (before, after)) in star.as_slice().iter().zip(trailed.as_slice()).enumerate() {
            let on_the_line = if dx == 0 { i % 81 == at } else { i / 81 == at };
            assert!(on_the_line || before == after, "{register} {i}");
        }
    }
}

#[test]
fn weights_of_columns_lie_where_the_image_has_them() {
    let image = Image::filled(60, 4, 500.0);
    for register in [Register::Bottom, Register::Top, Register::Left, Register::Right] {
        let image = match register {
            Register::Bottom | Register::Top => image.clone(),
            _ => Image::filled(4, 60, 500.0),
        };
        let options = ChargeTransferOptions {
            register,
            ..Default::default()
        };
        let trailed = forward_image(&image, &traps(), &options, Some(&[0.0, 1.0, 0.0, 0.0])).unwrap();
        for (i, (before, after)) in image.as_slice().iter().zip(trailed.as_slice()).enumerate() {
            let line = if image.nx() == 4 { i % 4 } else { i / 60 };
            assert!(line == 1 || before == after, "{register} {i}");
        }
        assert_ne!(image, trailed);
    }
}

#[test]
fn correcting_undoes_the_readout() {
    let image = scene(300, 40, 7);
    for register in [Register::Bottom, Register::Right] {
        let options = ChargeTransferOptions {
            register,
            ..Default::default()
        };
        let trailed = forward_image(&image, &traps(), &options, None).unwrap();
        let corrected = correct_image(&trailed, &traps(), &options, None, 0.0).unwrap();
        let rms = |other: &Image<f32>| {
            let squares = image.as_slice().iter().zip(other.as_slice());
            let squares = squares.map(|(a, b)| f64::from(a - b).powi(2)).sum::<f64>();
            (squares / image.len() as f64).sqrt()
        };
        assert!(rms(&trailed) > 0.3, "{}", rms(&trailed));
        assert!(
            rms(&corrected) < 0.25 * rms(&trailed),
            "{} {}",
            rms(&corrected),
            rms(&trailed)
        );
    }
}

#[test]
fn pixels_that_are_not_finite_spoil_no_others() {
    let mut image = scene(100, 3, 9);
    image.row_mut(50)[1] = f32::NAN;
    image.row_mut(70)[2] = f32::INFINITY;
    let options = ChargeTransferOptions::default();
    for result in [
        forward_image(&image, &traps(), &options, None).unwrap(),
        correct_image(&image, &traps(), &options, None, 4.0).unwrap(),
    ] {
        assert!(result.row(50)[1].is_nan());
        assert_eq!(result.row(70)[2], f32::INFINITY);
        assert_eq!(result.as_slice().iter().filter(|v| !v.is_finite()).count(), 2);
    }
}
