//! Images that cannot be aligned, and options that make no sense.

use super::camera::{HERE, aligned, error_left, expose, off, options, sky};
use firstlight_align::{Error, FitGeometry, ImageSources, Reference, Status, TweakRegOptions, tweakreg};

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
