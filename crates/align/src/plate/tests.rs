#![allow(clippy::unwrap_used)]

use super::*;
use firstlight_wcs::Wcs;

const SHAPE: (usize, usize) = (900, 1200);

/// Numbers that look random.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as f64 / (1u64 << 31) as f64
    }
}

/// A camera: pixels (0-based) that a place on its plane, in degrees, falls on.
struct Camera {
    pointing: Point,
    rotation_deg: f64,
    mirror: f64,
    scale: f64,
    /// Pixels at the corner.
    distortion: f64,
}

impl Camera {
    fn pixel(&self, ra: f64, dec: f64) -> Option<Point> {
        let plane = Wcs::tangent(
            (self.pointing[0], self.pointing[1]),
            (0.0, 0.0),
            [[1.0, 0.0], [0.0, 1.0]],
            None,
        )
        .unwrap();
        let (east, north) = plane.sky_to_pixel(ra, dec).ok()?;
        let (sin, cos) = self.rotation_deg.to_radians().sin_cos();
        let (x, y) = (
            self.mirror * (cos * east + sin * north) / self.scale,
            (-sin * east + cos * north) / self.scale,
        );
        let r2 = (x * x + y * y) / 750.0f64.powi(2);
        let off = self.distortion * r2;
        let r = x.hypot(y).max(1e-9);
        Some([x + off * x / r + 599.5, y + off * y / r + 449.5])
    }
}

struct Field {
    ra: Vec<f64>,
    dec: Vec<f64>,
    brightness: Vec<f64>,
}

fn field(seed: u64, centre: Point, degrees: f64, count: usize) -> Field {
    let mut numbers = Numbers(seed);
    let mut field = Field {
        ra: Vec::new(),
        dec: Vec::new(),
        brightness: Vec::new(),
    };
    for _ in 0..count {
        let dec = centre[1] + degrees * (numbers.next() - 0.5);
        field.dec.push(dec);
        field
            .ra
            .push(centre[0] + degrees * (numbers.next() - 0.5) / dec.to_radians().cos());
        field.brightness.push(numbers.next().powi(-2));
    }
    field
}

impl Field {
    fn on_sky(&self) -> OnSky<'_> {
        OnSky {
            ra: &self.ra,
            dec: &self.dec,
            brightness: &self.brightness,
        }
    }

    /// The stars on the frame with errors of so many pixels, some missing and some that no catalogue has.
    fn seen(&self, camera: &Camera, error: f64) -> Vec<Star> {
        let mut numbers = Numbers(99);
        let mut stars = Vec::new();
        for n in 0..self.ra.len() {
            let place = camera.pixel(self.ra[n], self.dec[n]);
            let inside = |[x, y]: &Point| *x > 0.0 && *y > 0.0 && *x < 1199.0 && *y < 899.0;
            if let Some([x, y]) = place.filter(inside)
                && numbers.next() > 0.15
            {
                let wander = |numbers: &mut Numbers| error * (numbers.next() + numbers.next() - 1.0) * 2.45;
                stars.push(Star {
                    position: [x + wander(&mut numbers), y + wander(&mut numbers)],
                    brightness: self.brightness[n] * (0.8 + 0.4 * numbers.next()),
                    sigma: 0.0,
                    exact: true,
                });
            }
        }
        for _ in 0..stars.len() / 10 {
            stars.push(Star {
                position: [1199.0 * numbers.next(), 899.0 * numbers.next()],
                brightness: numbers.next().powi(-2),
                sigma: 0.0,
                exact: true,
            });
        }
        stars
    }
}

fn camera() -> Camera {
    Camera {
        pointing: [154.4, -46.41],
        rotation_deg: 37.0,
        mirror: -1.0,
        scale: 1.1 / 3600.0,
        distortion: 0.0,
    }
}

fn expected(camera: &Camera) -> Pointing {
    Pointing {
        ra: camera.pointing[0],
        dec: camera.pointing[1],
        scale_arcsec: 3600.0 * camera.scale,
    }
}

/// How far the plate's places are from the camera's, pixels: the median and the worst.
fn off(plate: &Plate, camera: &Camera, field: &Field) -> f64 {
    let plane = Wcs::tangent(
        (plate.crval[0], plate.crval[1]),
        (0.0, 0.0),
        [[1.0, 0.0], [0.0, 1.0]],
        None,
    )
    .unwrap();
    let mut worst = 0.0f64;
    for n in 0..field.ra.len() {
        let Some([x, y]) = camera.pixel(field.ra[n], field.dec[n]) else {
            continue;
        };
        if !(0.0..1199.0).contains(&x) || !(0.0..899.0).contains(&y) {
            continue;
        }
        let (u, v) = (x - plate.crpix[0], y - plate.crpix[1]);
        let (a, b) = plate
            .distortion
            .as_ref()
            .map_or((0.0, 0.0), |d| (d.a.at([u, v]), d.b.at([u, v])));
        let [[c, d], [e, f]] = plate.cd;
        let place = [c * (u + a) + d * (v + b), e * (u + a) + f * (v + b)];
        let (east, north) = plane.sky_to_pixel(field.ra[n], field.dec[n]).unwrap();
        worst = worst.max((place[0] - east).hypot(place[1] - north) / camera.scale);
    }
    worst
}

#[test]
fn exact_stars_give_the_exact_plate() {
    let camera = camera();
    let field = field(1, camera.pointing, 0.8, 400);
    let plate = plate(
        &field.seen(&camera, 0.0),
        &field.on_sky(),
        SHAPE,
        &expected(&camera),
        &PlateOptions::default(),
    )
    .unwrap();
    assert!(
        (plate.crval[0] - 154.4).abs() < 1e-7 && (plate.crval[1] + 46.41).abs() < 1e-7,
        "{plate:?}"
    );
    assert!((plate.scale_arcsec() - 1.1).abs() < 1e-6 && plate.rms_pixels < 1e-4);
    assert!(!plate.flipped());
    // +y is 37 degrees from north: towards east where east is to the left.
    assert!(
        (plate.rotation_deg().abs() - 37.0).abs() < 1e-4,
        "{}",
        plate.rotation_deg()
    );
    assert!(off(&plate, &camera, &field) < 1e-3);
}

#[test]
fn a_poor_guess_a_mirror_and_a_distortion() {
    let camera = Camera {
        mirror: 1.0,
        distortion: 4.0,
        rotation_deg: -160.0,
        ..camera()
    };
    let field = field(2, camera.pointing, 1.2, 1500);
    let guess = Pointing {
        ra: camera.pointing[0] + 0.15,
        dec: camera.pointing[1] - 0.08,
        scale_arcsec: 1.2,
    };
    let options = PlateOptions {
        sip_order: 3,
        ..PlateOptions::default()
    };
    let plate = plate(
        &field.seen(&camera, 0.05),
        &field.on_sky(),
        SHAPE,
        &guess,
        &options,
    )
    .unwrap();
    assert!(
        plate.flipped() && plate.order == 3 && plate.pairs.len() > 80,
        "{}",
        plate.pairs.len()
    );
    assert!(plate.rms_pixels < 0.1, "{}", plate.rms_pixels);
    // The distortion is no polynomial, and places have errors.
    assert!(
        off(&plate, &camera, &field) < 0.2,
        "{}",
        off(&plate, &camera, &field)
    );
    let distortion = plate.distortion.unwrap();
    assert!(distortion.inverse_error < 0.01, "{}", distortion.inverse_error);
}

#[test]
fn few_stars_lower_the_order() {
    let camera = camera();
    let field = field(3, camera.pointing, 0.5, 25);
    let plate = plate(
        &field.seen(&camera, 0.05),
        &field.on_sky(),
        SHAPE,
        &expected(&camera),
        &PlateOptions::default(),
    )
    .unwrap();
    assert!(
        plate.order == 1 && plate.distortion.is_none(),
        "{}",
        plate.pairs.len()
    );
}

#[test]
fn another_field_is_not_taken_for_this_one() {
    let camera = camera();
    let (here, there) = (
        field(4, camera.pointing, 0.8, 400),
        field(5, camera.pointing, 0.8, 400),
    );
    let seen = here.seen(&camera, 0.05);
    let error = plate(
        &seen,
        &there.on_sky(),
        SHAPE,
        &expected(&camera),
        &PlateOptions::default(),
    )
    .unwrap_err();
    assert!(matches!(error, Error::NotRegistered { .. }), "{error}");
    for poor in [
        PlateOptions {
            sip_order: 0,
            ..PlateOptions::default()
        },
        PlateOptions {
            sip_order: 9,
            ..PlateOptions::default()
        },
        PlateOptions {
            search_radius: Some(f64::NAN),
            ..PlateOptions::default()
        },
        PlateOptions {
            tolerance: 0.0,
            ..PlateOptions::default()
        },
    ] {
        let error = plate(&seen, &here.on_sky(), SHAPE, &expected(&camera), &poor).unwrap_err();
        assert!(matches!(error, Error::BadOption { .. }), "{error}");
    }
    let nowhere = Pointing {
        scale_arcsec: 0.0,
        ..expected(&camera)
    };
    assert!(plate(&seen, &here.on_sky(), SHAPE, &nowhere, &PlateOptions::default()).is_err());
    assert!(
        plate(
            &[],
            &here.on_sky(),
            SHAPE,
            &expected(&camera),
            &PlateOptions::default()
        )
        .is_err()
    );
}
