//! The dark by the temperature of the CCD's housing, and what is told where that is not known.

use super::world::{World, image, table};
use firstlight_calibrate::stis::basic2d::{HousingTemperatures, basic2d};
use firstlight_calibrate::{Chip, Observation};
use firstlight_frame::table::Column;
use firstlight_frame::{Frame, Image};

/// Day of exposures with the electronics of side 2.
const SIDE2: f64 = 55000.0;

fn world() -> World {
    let mut world = World::new();
    let dark = Frame {
        sci: Image::filled(8, 8, 0.4016),
        err: Image::filled(8, 8, 0.0),
        dq: Image::filled(8, 8, 0),
    };
    world.image("DARKFILE", dark, (1.0, (0.0, 0.0)));
    world
}

/// An image of 100 s whose dark is 10 DN at 18 C.
fn exposure(mjd: f64, celsius: f64) -> Observation {
    let mut exposure = image(mjd, celsius);
    exposure.primary.set("PHOTCORR", "OMIT", None).unwrap();
    exposure.primary.set("DARKCORR", "PERFORM", None).unwrap();
    exposure.chips[0].sci.set("EXPNAME", "o4d101010", None).unwrap();
    exposure
}

/// What is told of an exposure, and the dark that was subtracted, DN.
fn calibrated(
    world: &World,
    exposure: &mut Observation,
    engineering: &HousingTemperatures,
) -> (Vec<String>, f32) {
    let report = basic2d(exposure, &world.references, engineering).unwrap();
    (report.warnings, report.imsets[0].mean_dark_dn.unwrap())
}

#[test]
fn a_dark_that_is_not_scaled_is_told() {
    let (world, none) = (world(), HousingTemperatures::new());
    let (told, dark) = calibrated(&world, &mut exposure(SIDE2, 24.0), &none);
    assert_eq!(told, Vec::<String>::new());
    assert!((dark - 14.2).abs() < 1e-4, "{dark}");
    let without = |change: &dyn Fn(&mut Chip)| {
        let mut exposure = exposure(SIDE2, 24.0);
        change(&mut exposure.chips[0]);
        let (told, dark) = calibrated(&world, &mut exposure, &none);
        assert!((dark - 10.0).abs() < 1e-4, "{dark}");
        assert!(
            told.len() == 1 && told[0].contains("OCCDHTAV of SCI,1"),
            "{told:?}"
        );
    };
    without(&|chip| assert!(chip.sci.remove("OCCDHTAV")));
    without(&|chip| chip.sci.set("OCCDHTAV", -1.0, None).unwrap());
    // The electronics of side 1 held the temperature.
    let (told, dark) = calibrated(&world, &mut exposure(51000.0, -1.0), &none);
    assert_eq!(told, Vec::<String>::new());
    assert!((dark - 10.0).abs() < 1e-4, "{dark}");
}

#[test]
fn engineering_temperatures_that_do_not_reach_are_told() {
    let mut world = world();
    let mut readings = |days: [f64; 3]| {
        let columns = vec![
            Column::f64("TIME", days.map(|day| SIDE2 + day).to_vec()),
            Column::f64("VALUE", vec![20.0; 3]),
        ];
        world.tables("EPC", &[("EPC", table(columns))], &[]);
        let mut engineering = HousingTemperatures::new();
        let read = world.references.require("DARKCORR", "EPC").unwrap();
        engineering.add("o4d101010", read).unwrap();
        calibrated(&world, &mut exposure(SIDE2, 24.0), &engineering)
    };
    let (told, dark) = readings([-0.01, 0.005, 0.02]);
    assert_eq!(told, Vec::<String>::new());
    assert!((dark - 11.4).abs() < 1e-4, "{dark}");
    for short in [[-0.03, -0.02, -0.01], [0.001, 0.005, 0.02], [0.02, 0.03, 0.04]] {
        let (told, dark) = readings(short);
        assert!((dark - 14.2).abs() < 1e-4, "{dark}");
        assert!(told.len() == 1 && told[0].contains("_epc.fits"), "{told:?}");
        assert!(told[0].contains("SCI,1: OCCDHTAV stays"), "{told:?}");
    }
}
