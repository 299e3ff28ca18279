//! Exposures of known pointing errors, aligned.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use firstlight_align::catalogue::{Motions, SkyCatalogue};
use firstlight_align::tweakreg::{ChipSources, ImageSources};
use firstlight_align::{Error, FitGeometry, Reference, Status, TweakRegOptions, TweakReport, tweakreg};
use firstlight_fits::Header;
use firstlight_wcs::Wcs;

const SHAPE: (usize, usize) = (1024, 2048);
const SCALE: f64 = 0.05 / 3600.0;

/// A generator that any test can repeat.
struct Random(u64);

impl Random {
    fn uniform(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }
}

/// Where a telescope points: `(ra, dec)` and roll, degrees.
#[derive(Debug, Clone, Copy)]
struct Pointing(f64, f64, f64);

/// A distorted chip above (0) or below (1) the middle of the camera.
fn chip(pointing: Pointing, which: usize) -> Wcs {
    let mut header = Header::new();
    let mut set = |keyword: &str, value: f64| header.set(keyword, value, None).unwrap();
    set("CRVAL1", pointing.0);
    set("CRVAL2", pointing.1);
    set("CRPIX1", 1024.5);
    set("CRPIX2", if which == 0 { -20.0 } else { 1050.0 });
    let (sine, cosine) = pointing.2.to_radians().sin_cos();
    set("CD1_1", -SCALE * cosine);
    set("CD1_2", SCALE * sine);
    set("CD2_1", SCALE * sine);
    set("CD2_2", SCALE * cosine);
    for (keyword, value) in [
        ("A_2_0", 7e-6),
        ("A_1_1", -4e-6),
        ("B_0_2", 6e-6),
        ("B_2_0", 2e-6),
        ("A_3_0", 3e-10),
    ] {
        set(keyword, value);
    }
    for order in ["A_ORDER", "B_ORDER"] {
        header.set(order, 3, None).unwrap();
    }
    header.set("NAXIS", 2, None).unwrap();
    header.set("NAXIS1", SHAPE.1 as i64, None).unwrap();
    header.set("NAXIS2", SHAPE.0 as i64, None).unwrap();
    header.set("CTYPE1", "RA---TAN-SIP", None).unwrap();
    header.set("CTYPE2", "DEC--TAN-SIP", None).unwrap();
    Wcs::from_header(&header, None).unwrap()
}

/// Stars `(ra, dec, brightness)`, denser towards the middle where `concentration` is large.
fn sky(count: usize, concentration: f64, seed: u64) -> Vec<(f64, f64, f64)> {
    let mut random = Random(seed);
    (0..count)
        .map(|_| {
            let spread = |random: &mut Random| {
                let flat = 0.06 * (random.uniform() - 0.5);
                let peaked = 0.004 * random.normal();
                if random.uniform() < concentration {
                    peaked
                } else {
                    flat
                }
            };
            let (x, y) = (spread(&mut random), spread(&mut random));
            let dec = -40.0 + y;
            (
                80.0 + x / dec.to_radians().cos(),
                dec,
                100.0 / (0.01 + random.uniform()),
            )
        })
        .collect()
}

/// What a camera that points there sees of the stars, measured with an error of 0.03 pixels and in part lost,
/// with as many cosmic rays as asked for; the header says that it pointed elsewhere.
fn expose(
    name: &str,
    truth: Pointing,
    header: Pointing,
    stars: &[(f64, f64, f64)],
    rays: usize,
) -> ImageSources {
    let mut random = Random(name.bytes().fold(5, |seed, byte| seed * 31 + u64::from(byte)));
    let chips = (0..2)
        .map(|which| {
            let true_chip = chip(truth, which);
            let mut found = ChipSources {
                wcs: chip(header, which),
                x: Vec::new(),
                y: Vec::new(),
                brightness: Vec::new(),
            };
            let mut add = |x: f64, y: f64, brightness: f64| {
                found.x.push(x);
                found.y.push(y);
                found.brightness.push(brightness);
            };
            let (ra, dec): (Vec<f64>, Vec<f64>) = stars.iter().map(|star| (star.0, star.1)).unzip();
            let (x, y, _) = true_chip.sky_to_pixels_where_possible(&ra, &dec).unwrap();
            for (index, star) in stars.iter().enumerate() {
                let lost = random.uniform() < 0.2;
                let (x, y) = (
                    x[index] + 0.03 * random.normal(),
                    y[index] + 0.03 * random.normal(),
                );
                let inside = x > 0.0 && y > 0.0 && x < SHAPE.1 as f64 && y < SHAPE.0 as f64;
                if inside && !lost {
                    add(x, y, star.2 * (1.0 + 0.02 * random.normal()));
                }
            }
            for _ in 0..rays {
                let (x, y) = (
                    random.uniform() * SHAPE.1 as f64,
                    random.uniform() * SHAPE.0 as f64,
                );
                add(x, y, 100.0 / (0.01 + random.uniform()));
            }
            found
        })
        .collect();
    ImageSources {
        name: name.to_owned(),
        epoch: Some(2006.0),
        chips,
    }
}

/// The largest error left over both chips, pixels.
fn error_left(report: &TweakReport, index: usize, truth: Pointing) -> f64 {
    let mut most: f64 = 0.0;
    for which in 0..2 {
        let expected = chip(truth, which);
        for (x, y) in [
            (0.0, 0.0),
            (2047.0, 0.0),
            (0.0, 1023.0),
            (2047.0, 1023.0),
            (1000.0, 500.0),
        ] {
            let (ra, dec) = report.images[index].chips[which].pixel_to_sky(x, y);
            let (there_x, there_y) = expected.sky_to_pixel(ra, dec).unwrap();
            most = most.max((there_x - x).hypot(there_y - y));
        }
    }
    most
}

const HERE: Pointing = Pointing(80.0, -40.0, 33.0);

/// So many arcsec to the east and north, and degrees of roll, from a pointing.
fn off(pointing: Pointing, east: f64, north: f64, roll: f64) -> Pointing {
    let cosine = pointing.1.to_radians().cos();
    Pointing(
        pointing.0 + east / 3600.0 / cosine,
        pointing.1 + north / 3600.0,
        pointing.2 + roll,
    )
}

fn options() -> TweakRegOptions {
    TweakRegOptions::default()
}

fn aligned(report: &TweakReport, index: usize) -> bool {
    report.images[index].status == Status::Aligned
}

#[test]
fn small_errors_are_taken_out() {
    let stars = sky(1500, 0.0, 1);
    let dithers = [(0.0, 0.0), (5.0, 2.0), (-3.0, 6.0), (4.0, -4.0)];
    let errors = [
        (0.0, 0.0, 0.0),
        (0.4, -0.3, 0.004),
        (-0.2, 0.5, -0.006),
        (0.3, 0.3, 0.0),
    ];
    let truths: Vec<Pointing> = dithers.iter().map(|d| off(HERE, d.0, d.1, 0.0)).collect();
    let images: Vec<ImageSources> = (0..4)
        .map(|k| {
            let header = off(truths[k], errors[k].0, errors[k].1, errors[k].2);
            expose(&format!("j{k}"), truths[k], header, &stars, 2000)
        })
        .collect();
    let report = tweakreg(&images, Reference::Inputs, &options()).unwrap();
    assert_eq!(report.images[0].status, Status::Reference);
    assert_eq!(report.images[0].chips[0], images[0].chips[0].wcs);
    for (k, &truth) in truths.iter().enumerate().skip(1) {
        assert!(aligned(&report, k), "{:?}", report.images[k].status);
        let left = error_left(&report, k, truth);
        assert!(left < 0.015, "{k}: {left}");
        let fit = report.images[k].fit.unwrap();
        assert!(
            fit.matches > 150 && fit.rms[0] < 0.06 && fit.rms[1] < 0.06,
            "{fit:?}"
        );
        assert!(report.images[k].stars.iter().filter(|star| star.used).count() == fit.matches);
        let [rms_ra, rms_dec] = report.images[k].rms_sky_deg.unwrap();
        assert!(rms_ra > 0.0 && rms_ra < 1e-6 && rms_dec > 0.0 && rms_dec < 1e-6);
    }
}

#[test]
fn twenty_arcsec_and_half_a_degree() {
    let stars = sky(900, 0.0, 2);
    let wrong = off(HERE, 14.0, -13.0, 0.5);
    let images = [
        expose("a", HERE, HERE, &stars, 1500),
        expose("b", HERE, wrong, &stars, 1500),
        expose("c", HERE, off(HERE, -1.0, 20.0, -0.47), &stars, 1500),
    ];
    let wide = TweakRegOptions {
        searchrad: 25.0,
        ..options()
    };
    let report = tweakreg(&images, Reference::Inputs, &wide).unwrap();
    for k in 1..3 {
        assert!(aligned(&report, k), "{:?}", report.images[k].status);
        assert!(
            error_left(&report, k, HERE) < 0.02,
            "{}",
            error_left(&report, k, HERE)
        );
    }
    // Without looking for a roll there is no match, and it is said.
    let still = TweakRegOptions {
        searchroll: 0.0,
        ..wide
    };
    let report = tweakreg(&images, Reference::Inputs, &still).unwrap();
    assert!(
        matches!(report.images[1].status, Status::NoMatch { .. }),
        "{:?}",
        report.images[1].status
    );
    assert_eq!(report.images[1].chips[1], images[1].chips[1].wcs);
}

#[test]
fn a_crowded_cluster() {
    let stars = sky(12_000, 0.5, 3);
    let images = [
        expose("a", HERE, HERE, &stars, 1000),
        expose("b", HERE, off(HERE, 11.0, 12.0, 0.0), &stars, 1000),
        expose("c", HERE, off(HERE, 0.3, 0.3, 0.3), &stars, 1000),
    ];
    let wide = TweakRegOptions {
        searchrad: 20.0,
        ..options()
    };
    let report = tweakreg(&images, Reference::Inputs, &wide).unwrap();
    for k in 1..3 {
        assert!(aligned(&report, k), "{:?}", report.images[k].status);
        let left = error_left(&report, k, HERE);
        assert!(left < 0.015, "{k}: {left}");
    }
}

#[test]
fn other_stars_do_not_match_by_chance() {
    let images = [
        expose("a", HERE, HERE, &sky(40_000, 0.0, 4), 0),
        expose("b", HERE, HERE, &sky(40_000, 0.0, 5), 0),
    ];
    let report = tweakreg(&images, Reference::Inputs, &options()).unwrap();
    let Status::NoMatch { matched, needed } = report.images[1].status else {
        panic!("{:?}", report.images[1].status);
    };
    assert!(matched > 15 && matched < needed, "{matched} {needed}");
}

#[test]
fn poor_images_have_a_status_and_the_others_are_aligned() {
    let stars = sky(800, 0.0, 6);
    let wrong = off(HERE, 0.4, 0.2, 0.0);
    let mut few = expose("few", HERE, wrong, &stars[..9], 0);
    few.chips[0].brightness.clear();
    let mut lost = expose("lost", HERE, wrong, &stars, 0);
    for chip in &mut lost.chips {
        chip.x.fill(f64::NAN);
    }
    let images = [
        expose("empty", HERE, HERE, &[], 0),
        expose("a", HERE, HERE, &stars, 10),
        expose("b", HERE, wrong, &stars, 10),
        few,
        lost,
        expose(
            "far",
            off(HERE, 900.0, 0.0, 0.0),
            off(HERE, 900.0, 0.0, 0.0),
            &sky(800, 0.0, 7),
            500,
        ),
        ImageSources {
            name: "no chips".to_owned(),
            epoch: None,
            chips: Vec::new(),
        },
    ];
    let report = tweakreg(&images, Reference::Inputs, &options()).unwrap();
    let status = |index: usize| report.images[index].status.clone();
    assert_eq!(status(0), Status::TooFewSources { found: 0, needed: 15 });
    assert_eq!(status(1), Status::Reference);
    assert!(aligned(&report, 2) && error_left(&report, 2, HERE) < 0.02);
    assert!(matches!(status(3), Status::TooFewSources { .. }));
    assert_eq!(status(4), Status::Outside);
    assert_eq!(status(5), Status::Outside);
    assert_eq!(status(6), Status::TooFewSources { found: 0, needed: 15 });
    assert_eq!(report.images.len(), 7);
    for chain in [true, false] {
        let nothing = TweakRegOptions {
            expand_refcat: chain,
            ..options()
        };
        let report = tweakreg(&images[..1], Reference::Inputs, &nothing).unwrap();
        assert_eq!(
            report.images[0].status,
            Status::TooFewSources { found: 0, needed: 15 }
        );
    }
    assert!(matches!(
        tweakreg(&[], Reference::Inputs, &options()),
        Err(Error::NoImage)
    ));
}

#[test]
fn overlapping_images_make_a_chain() {
    let stars = sky(4000, 0.0, 8);
    let truths = [
        off(HERE, -70.0, 0.0, 0.0),
        off(HERE, 0.0, 0.0, 0.0),
        off(HERE, 75.0, 0.0, 0.0),
    ];
    let image = |k: usize, error: f64| {
        expose(
            &format!("m{k}"),
            truths[k],
            off(truths[k], error, error, 0.0),
            &stars,
            100,
        )
    };
    // The last does not overlap the first.
    let images = [image(0, 0.0), image(2, 0.5), image(1, -0.4)];
    let report = tweakreg(&images, Reference::Inputs, &options()).unwrap();
    assert_eq!(report.images[1].status, Status::Outside);
    for enforce_user_order in [true, false] {
        let chained = TweakRegOptions {
            expand_refcat: true,
            enforce_user_order,
            ..options()
        };
        let report = tweakreg(&images, Reference::Inputs, &chained).unwrap();
        let reference = report
            .images
            .iter()
            .position(|image| image.status == Status::Reference)
            .unwrap();
        assert_eq!(reference, if enforce_user_order { 0 } else { 2 });
        assert_eq!((0..3).filter(|&k| aligned(&report, k)).count(), 2);
        let sources = images[reference]
            .chips
            .iter()
            .map(|chip| chip.x.len())
            .sum::<usize>();
        assert!(report.reference_sources > sources + 200);
        if reference == 0 {
            for (k, truth) in [(1, truths[2]), (2, truths[1])] {
                let left = error_left(&report, k, truth);
                assert!(left < 0.06, "{k}: {left}");
            }
        }
    }
}

#[test]
fn a_moving_catalogue_is_brought_to_the_year_of_the_image() {
    let mut random = Random(9);
    let stars = sky(700, 0.0, 9);
    let (pmra_mas, pmdec_mas): (Vec<f64>, Vec<f64>) = stars
        .iter()
        .map(|_| (20.0 + 5.0 * random.normal(), -30.0 + 5.0 * random.normal()))
        .unzip();
    let years = 10.0;
    let catalogue = SkyCatalogue {
        name: "gaia.csv".to_owned(),
        ra: stars
            .iter()
            .zip(&pmra_mas)
            .map(|(s, pm)| s.0 + years * pm / 3.6e6 / s.1.to_radians().cos())
            .collect(),
        dec: stars
            .iter()
            .zip(&pmdec_mas)
            .map(|(s, pm)| s.1 + years * pm / 3.6e6)
            .collect(),
        brightness: stars.iter().map(|s| s.2.ln()).collect(),
        motions: Some(Motions {
            pmra_mas,
            pmdec_mas,
            epoch: 2016.0,
        }),
    };
    let images = [expose("a", HERE, off(HERE, 0.3, -0.7, 0.002), &stars, 500)];
    let against = |catalogue| Reference::Catalogue {
        catalogue,
        plane: None,
    };
    let report = tweakreg(&images, against(&catalogue), &options()).unwrap();
    assert!(aligned(&report, 0));
    assert!(error_left(&report, 0, HERE) < 0.015);
    assert_eq!(report.reference, "gaia.csv");
    let still = SkyCatalogue {
        motions: None,
        ..catalogue.clone()
    };
    let report = tweakreg(&images, against(&still), &options()).unwrap();
    // The mean motion of ten years is 0.36 arcsec.
    let left = error_left(&report, 0, HERE);
    assert!(left > 6.0 && left < 8.5, "{left}");
}

#[test]
fn a_reference_image_gives_plane_and_sources() {
    let stars = sky(700, 0.0, 10);
    let reference = expose("ref", HERE, HERE, &stars, 0);
    let images = [
        expose("a", HERE, off(HERE, 0.5, 0.5, 0.0), &stars, 300),
        reference.clone(),
    ];
    for fitgeometry in [
        FitGeometry::Shift,
        FitGeometry::Rshift,
        FitGeometry::Rscale,
        FitGeometry::General,
    ] {
        let chosen = TweakRegOptions {
            fitgeometry,
            ..options()
        };
        let report = tweakreg(&images, Reference::Image(&reference), &chosen).unwrap();
        assert!(aligned(&report, 0) && error_left(&report, 0, HERE) < 0.03);
        assert_eq!(report.images[1].status, Status::Reference);
    }
}

#[test]
fn offsets_given_by_hand() {
    let stars = sky(700, 0.0, 11);
    let images = [
        expose("a", HERE, HERE, &stars, 0),
        expose("b", HERE, off(HERE, 3.0, 0.0, 0.0), &stars, 0),
    ];
    let found = tweakreg(
        &images,
        Reference::Inputs,
        &TweakRegOptions {
            searchrad: 5.0,
            ..options()
        },
    )
    .unwrap();
    let [dx, dy] = found.images[1].fit.unwrap().linear.offset;
    let by_hand = |xoffset, yoffset| TweakRegOptions {
        use2dhist: false,
        xoffset,
        yoffset,
        ..options()
    };
    let report = tweakreg(&images, Reference::Inputs, &by_hand(dx + 0.3, dy - 0.3)).unwrap();
    assert!(aligned(&report, 1) && report.images[1].guess.is_none());
    let report = tweakreg(&images, Reference::Inputs, &by_hand(0.0, 0.0)).unwrap();
    assert!(matches!(report.images[1].status, Status::NoMatch { .. }));
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let stars = sky(900, 0.0, 12);
    let images = [
        expose("a", HERE, HERE, &stars, 900),
        expose("b", HERE, off(HERE, 10.0, -13.0, 0.4), &stars, 900),
        expose("c", HERE, off(HERE, 0.2, 0.1, 0.0), &stars, 900),
    ];
    let wide = TweakRegOptions {
        searchrad: 20.0,
        ..options()
    };
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        let report = pool
            .install(|| tweakreg(&images, Reference::Inputs, &wide))
            .unwrap();
        assert!(aligned(&report, 1));
        report
    };
    let (one, three) = (with(1), with(3));
    for (a, b) in one.images.iter().zip(&three.images) {
        assert_eq!(a.fit, b.fit);
        assert_eq!(a.stars, b.stars);
        assert_eq!(a.chips, b.chips);
    }
}

#[test]
fn options_are_tweakregs_and_checked() {
    let read: TweakRegOptions = serde_json::from_str(
        r#"{"searchrad": 2, "imagefindcfg": {"threshold": 50, "conv_width": 3.5, "nbright": 100},
            "refcat": "gaia.csv", "refxcol": "ra", "refycol": 2, "residplot": "No plot", "fitgeometry": "general"}"#,
    )
    .unwrap();
    assert_eq!(read.imagefindcfg.nbright, Some(100));
    assert_eq!(read.fitgeometry, FitGeometry::General);
    assert!(serde_json::from_str::<TweakRegOptions>(r#"{"serchrad": 2}"#).is_err());
    let stars = sky(100, 0.0, 13);
    let images = [expose("a", HERE, HERE, &stars, 0)];
    let bad = TweakRegOptions {
        tolerance: 0.0,
        ..options()
    };
    let error = tweakreg(&images, Reference::Inputs, &bad).unwrap_err();
    assert_eq!(
        error.to_string(),
        "tolerance has to be a positive number, and is 0"
    );
    let mut short = images[0].clone();
    short.chips[0].y.pop();
    let error = tweakreg(&[short], Reference::Inputs, &options()).unwrap_err();
    assert!(matches!(error, Error::ColumnLength { column: "y", .. }));
}
