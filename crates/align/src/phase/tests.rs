use super::*;
use rayon::prelude::*;
use std::f64::consts::TAU;

/// Pairs of each kind.
const PAIRS: u64 = 20;
const SHAPE: (usize, usize) = (160, 200);

/// Numbers between 0 and 1 (SplitMix, Steele et al. 2014).
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.next()
    }

    fn normal(&mut self) -> f64 {
        (-2.0 * (1.0 - self.next()).ln()).sqrt() * (TAU * self.next()).cos()
    }
}

/// Adds a Gaussian; `slant` gives its widths along and across, and its angle.
fn spot(image: &mut Image<f32>, [x, y]: Point, height: f64, [long, short, angle]: [f64; 3]) {
    let reach = 5.0 * long;
    let inside = |at: f64, size: usize| at.clamp(0.0, size as f64) as usize;
    let (ny, nx) = image.shape();
    let (sine, cosine) = angle.sin_cos();
    for v in inside(y - reach, ny)..inside(y + reach + 1.0, ny) {
        for u in inside(x - reach, nx)..inside(x + reach + 1.0, nx) {
            let (dx, dy) = (u as f64 - x, v as f64 - y);
            let (along, across) = (dx * cosine + dy * sine, dy * cosine - dx * sine);
            let square = (along / long).powi(2) + (across / short).powi(2);
            image[(v, u)] += (height * (-0.5 * square).exp()) as f32;
        }
    }
}

/// A nebula: spots from 4 to 20 pixels wide, some dark, also beyond the edges.
fn nebula(seed: u64, [dx, dy]: Point) -> Image<f32> {
    let mut draw = Draw(seed);
    let mut image = Image::filled(SHAPE.0, SHAPE.1, 500.0);
    for _ in 0..90 {
        let place = [draw.between(-120.0, 320.0) + dx, draw.between(-120.0, 280.0) + dy];
        let width = draw.between(4.0, 20.0);
        let form = [width, width * draw.between(0.4, 1.0), draw.between(0.0, 3.1)];
        spot(&mut image, place, draw.between(-30.0, 100.0), form);
    }
    image
}

/// Stars, few of them bright.
fn stars(seed: u64, [dx, dy]: Point) -> Image<f32> {
    let mut draw = Draw(seed);
    let mut image = Image::filled(SHAPE.0, SHAPE.1, 300.0);
    for _ in 0..200 {
        let place = [draw.between(-120.0, 320.0) + dx, draw.between(-120.0, 280.0) + dy];
        spot(&mut image, place, 20.0 * draw.next().powf(-0.8), [1.3, 1.3, 0.0]);
    }
    image
}

/// A planet with belts that run into black sky.
fn planet(seed: u64, [dx, dy]: Point) -> Image<f32> {
    let mut draw = Draw(seed);
    let (centre, radius) = ([100.3 + dx, 80.2 + dy], draw.between(15.0, 35.0));
    Image::from_fn(SHAPE.0, SHAPE.1, |x, y| {
        let (u, v) = (x as f64 - centre[0], y as f64 - centre[1]);
        let disc = 1.0 / (1.0 + ((u.hypot(v) - radius) / 1.2).exp());
        (100.0 + 2000.0 * disc * (1.0 + 0.2 * (v / 3.0).sin() + 0.1 * (u / 6.0 + v / 8.0).sin())) as f32
    })
}

fn noisy(mut image: Image<f32>, sigma: f64, seed: u64) -> Image<f32> {
    let mut draw = Draw(seed ^ 0x5555_0000);
    for sample in image.as_mut_slice() {
        *sample += (sigma * draw.normal()) as f32;
    }
    image
}

/// What came of the pairs of a kind.
#[derive(Debug, Default)]
struct Outcome {
    refused: usize,
    /// Errors along either axis, pixels, and over their standard deviations.
    errors: Vec<f64>,
    pulls: Vec<f64>,
}

impl Outcome {
    fn rms(&self) -> f64 {
        rms(&self.errors)
    }

    fn worst(&self) -> f64 {
        self.errors
            .iter()
            .fold(0.0, |worst, error| error.abs().max(worst))
    }
}

fn rms(numbers: &[f64]) -> f64 {
    (numbers.iter().map(|number| number * number).sum::<f64>() / numbers.len() as f64).sqrt()
}

/// Registers pairs that `pair` makes of a seed and a shift of up to `far` pixels along either axis.
fn outcome([least, most]: [f64; 2], pair: impl Fn(u64, Point) -> [Image<f32>; 2] + Sync) -> Outcome {
    let one = |seed: u64| {
        let mut draw = Draw(seed + 7000);
        let mut along = || draw.between(least, most).copysign(draw.next() - 0.5);
        let shift = [along(), along()];
        let [reference, image] = pair(seed, shift);
        let found = PhaseReference::new(&reference, None).and_then(|own| own.shift_of(&image, None));
        (shift, found)
    };
    let pairs: Vec<(Point, Result<PhaseShift>)> = (0..PAIRS).into_par_iter().map(one).collect();
    let mut all = Outcome::default();
    for (shift, found) in pairs {
        let Ok(found) = found else {
            all.refused += 1;
            continue;
        };
        for ((found, truth), sigma) in found.shift.into_iter().zip(shift).zip(found.sigma) {
            all.errors.push(found - truth);
            all.pulls.push((found - truth) / sigma);
        }
    }
    all
}

fn pair_of(
    scene: impl Fn(u64, Point) -> Image<f32> + Sync,
    noise: f64,
) -> impl Fn(u64, Point) -> [Image<f32>; 2] + Sync {
    move |seed, shift| {
        let reference = noisy(scene(seed, [0.0; 2]), noise, 2 * seed);
        [reference, noisy(scene(seed, shift), noise, 2 * seed + 1)]
    }
}

type Scene = fn(u64, Point) -> Image<f32>;
type OfSeed<'a> = &'a dyn Fn(u64) -> Image<f32>;

impl Outcome {
    /// None refused, and errors as large as the method is said to reach.
    fn is_within(&self, what: &str, most: f64) {
        assert_eq!(self.refused, 0, "{what}");
        assert!(self.rms() < most && self.worst() < 5.0 * most, "{what}: {self:?}");
    }
}

fn of_kind(what: &str, scene: Scene, noise: f64, most: f64) {
    let found = outcome([0.0, 30.0], pair_of(scene, noise));
    found.is_within(&format!("{what} in noise of {noise}"), most);
    if noise > 0.0 {
        let pull = rms(&found.pulls);
        assert!((0.5..2.0).contains(&pull), "{what} in noise of {noise}: {pull}");
    }
}

#[test]
fn nebulae() {
    for (noise, most) in [(0.0, 0.002), (1.0, 0.015), (5.0, 0.06), (20.0, 0.25), (60.0, 0.8)] {
        of_kind("nebula", nebula, noise, most);
    }
}

#[test]
fn stars_and_planets() {
    for (noise, most) in [(0.0, 0.01), (5.0, 0.04), (15.0, 0.15)] {
        of_kind("stars", stars, noise, most);
    }
    for (noise, most) in [(0.0, 0.002), (15.0, 0.006), (150.0, 0.06)] {
        of_kind("planet", planet, noise, most);
    }
}

#[test]
fn half_of_the_frame_is_enough() {
    // 45 to 52 pixels along either axis leave 48 to 56 in a hundred.
    let found = outcome([45.0, 52.0], pair_of(nebula, 5.0));
    assert!(
        found.refused <= 2 && found.rms() < 0.07 && found.worst() < 0.35,
        "{found:?}"
    );
}

#[test]
fn another_scale_and_a_slope_of_the_light_do_not_matter() {
    let found = outcome([0.0, 30.0], |seed, shift| {
        let [reference, mut image] = pair_of(nebula, 5.0)(seed, shift);
        for (index, sample) in image.as_mut_slice().iter_mut().enumerate() {
            let (x, y) = (index % SHAPE.1, index / SHAPE.1);
            *sample = 0.7 * *sample + 0.6 * x as f32 - 0.4 * y as f32;
        }
        [reference, image]
    });
    found.is_within("slopes", 0.06);
}

/// Pairs with the same pixels spoilt in both: some hot, some missing, and a column without samples.
fn spoilt(hot: f64, missing: f64) -> impl Fn(u64, Point) -> [Image<f32>; 2] + Sync {
    move |seed, shift| {
        pair_of(nebula, 5.0)(seed, shift).map(|mut image| {
            let mut draw = Draw(seed + 1);
            for index in 0..image.len() {
                let (one, two) = (draw.next(), draw.next());
                if one < hot {
                    image.as_mut_slice()[index] += (20.0 / (two + 0.01)) as f32;
                } else if one < hot + missing || index % SHAPE.1 == 77 {
                    image.as_mut_slice()[index] = f32::NAN;
                }
            }
            image
        })
    }
}

#[test]
fn hot_pixels_and_missing_samples_hold_no_shift_at_zero() {
    outcome([0.0, 30.0], spoilt(0.01, 0.0)).is_within("hot pixels", 0.06);
    outcome([0.0, 30.0], spoilt(0.0, 0.1)).is_within("missing samples", 0.08);
}

#[test]
fn masked_samples_are_as_good_as_missing() {
    let [reference, image] = pair_of(nebula, 5.0)(3, [7.3, -4.6]);
    let bad = |x: usize, y: usize| (x * 31 + y * 17).is_multiple_of(11);
    let mask = Image::from_fn(SHAPE.0, SHAPE.1, bad);
    let spoil = |image: &Image<f32>, with: f32| {
        Image::from_fn(
            SHAPE.0,
            SHAPE.1,
            |x, y| if bad(x, y) { with } else { image[(y, x)] },
        )
    };
    let own = PhaseReference::new(&spoil(&reference, 1e6), Some(&mask)).unwrap();
    let masked = own.shift_of(&spoil(&image, -1e6), Some(&mask)).unwrap();
    let own = PhaseReference::new(&spoil(&reference, f32::NAN), None).unwrap();
    assert_eq!(masked, own.shift_of(&spoil(&image, f32::NAN), None).unwrap());
    assert!(
        (masked.shift[0] - 7.3).hypot(masked.shift[1] + 4.6) < 0.2,
        "{masked:?}"
    );
}

#[test]
fn images_of_another_shape_and_any_number_of_threads() {
    let [reference, image] = pair_of(nebula, 5.0)(5, [11.25, 6.5]);
    let cut = Image::from_fn(130, 170, |x, y| image[(y, x)]);
    let of = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| PhaseReference::new(&reference, None)?.shift_of(&cut, None))
            .unwrap()
    };
    let (one, three) = (of(1), of(3));
    assert_eq!(one, three);
    assert!((one.shift[0] - 11.25).hypot(one.shift[1] - 6.5) < 0.2, "{one:?}");
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let refused = |image: &Image<f32>, mask: Option<&Image<bool>>, with: &str| {
        let found = PhaseReference::new(image, mask).err();
        assert!(
            matches!(&found, Some(Error::NotRegistered { why }) if why.contains(with)),
            "{with}: {found:?}"
        );
    };
    refused(&Image::filled(20, 100, 1.0), None, "too few");
    refused(&Image::filled(100, 100, 1.0), None, "blank");
    refused(
        &Image::from_fn(100, 100, |x, y| (x + 2 * y) as f32),
        None,
        "blank",
    );
    refused(&Image::filled(100, 100, f32::NAN), None, "no good sample");
    let mask = Image::filled(99, 100, false);
    refused(&nebula(1, [0.0; 2]), Some(&mask), "the mask");
}

#[test]
fn unlike_images_are_refused() {
    let kinds: [(&str, OfSeed<'_>); 7] = [
        ("nebulae", &|seed| nebula(seed, [0.0; 2])),
        ("nebulae in noise", &|seed| {
            noisy(nebula(seed, [0.0; 2]), 20.0, seed)
        }),
        ("stars", &|seed| stars(seed, [0.0; 2])),
        ("stars in noise", &|seed| noisy(stars(seed, [0.0; 2]), 10.0, seed)),
        ("noise", &|seed| {
            noisy(Image::filled(SHAPE.0, SHAPE.1, 100.0), 10.0, seed)
        }),
        ("planet and nebula", &|seed| {
            if seed % 2 == 0 {
                planet(seed, [0.0; 2])
            } else {
                nebula(seed, [0.0; 2])
            }
        }),
        ("stars and nebula", &|seed| {
            noisy(
                if seed % 2 == 0 {
                    stars(seed, [0.0; 2])
                } else {
                    nebula(seed, [0.0; 2])
                },
                3.0,
                seed,
            )
        }),
    ];
    for (what, scene) in kinds {
        for seed in 0..PAIRS {
            let own = PhaseReference::new(&scene(2 * seed + 100), None).unwrap();
            let found = own.shift_of(&scene(2 * seed + 101), None);
            assert!(found.is_err(), "{what} {seed}: {found:?}");
        }
    }
}
