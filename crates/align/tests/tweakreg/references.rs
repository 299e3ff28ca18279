//! What images are aligned to: one another in a chain, a catalogue, an image.

use super::camera::{HERE, Random, aligned, error_left, expose, off, options, sky};
use firstlight_align::catalogue::{Motions, SkyCatalogue};
use firstlight_align::{FitGeometry, Reference, Status, TweakRegOptions, tweakreg};

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
