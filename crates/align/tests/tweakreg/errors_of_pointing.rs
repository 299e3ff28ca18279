//! Errors of pointing, small and large, taken out.

use super::camera::{HERE, Pointing, aligned, error_left, expose, off, options, sky};
use firstlight_align::{ImageSources, Reference, Status, TweakRegOptions, tweakreg};

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
