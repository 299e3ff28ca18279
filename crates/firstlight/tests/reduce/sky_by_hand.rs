//! Cosmic rays and fringes in one go are what `ccd` and `lacosmic` do one after another, and are done again where they change.

use crate::night::{Night, names, why};
use crate::of_sky::{
    FRAMES, SHAPE, frame, fringe, fringe_path, header, known, near_a_star, night, of_i, put_fringe, scale,
    with_rays_found,
};
use firstlight::ErrorClass;
use firstlight::ccd::{CcdProcessOptions, LacosmicFileOptions, LacosmicOptions, lacosmic, process};
use firstlight::progress::Silent;
use firstlight::reduce::{MasterKind, ReduceOptions, ReduceReport};
use std::path::{Path, PathBuf};

fn master(report: &ReduceReport, kind: MasterKind, filter: Option<&str>) -> PathBuf {
    let found = report
        .masters
        .iter()
        .find(|master| master.kind == kind && (filter.is_none() || master.filter.as_deref() == filter));
    found.unwrap().path.clone()
}

/// A frame calibrated, freed of cosmic rays, and its sky subtracted: three commands, three folders.
fn by_hand(night: &Night, report: &ReduceReport, name: &str, with_sky: bool) -> PathBuf {
    let filter = if name.contains("_V_") { "V" } else { "I" };
    let folder = |step: &str| night.path("..").join("by_hand").join(step);
    let calibrate = CcdProcessOptions {
        gain: Some("2".to_owned()),
        readnoise: Some("8".to_owned()),
        bias: Some(master(report, MasterKind::Bias, None)),
        flat: Some(master(report, MasterKind::Flat, Some(filter))),
        overwrite: true,
        ..CcdProcessOptions::default()
    };
    let raw = [night.path(name)];
    process(&raw, &folder("reduced"), &calibrate, &Silent).unwrap();
    let files = LacosmicFileOptions {
        overwrite: true,
        ..LacosmicFileOptions::default()
    };
    let how = LacosmicOptions {
        readnoise: 8.0,
        sigclip: 5.0,
        ..LacosmicOptions::default()
    };
    let calibrated = [folder("reduced").join(name)];
    lacosmic(&calibrated, &folder("clean"), &files, &how, &Silent).unwrap();
    if !with_sky {
        return folder("clean").join(name);
    }
    let sky = CcdProcessOptions {
        fringe: (filter == "I").then(|| fringe_path(night)),
        background: Some("40".to_owned()),
        overwrite: true,
        ..CcdProcessOptions::default()
    };
    let clean = [folder("clean").join(name)];
    process(&clean, &folder("sky"), &sky, &Silent).unwrap();
    folder("sky").join(name)
}

#[test]
fn one_go_does_what_the_commands_do_one_after_another() {
    let night = night();
    for with_sky in [false, true] {
        let options = ReduceOptions {
            sigclip: 5.0,
            fringe: match with_sky {
                true => of_i(&fringe_path(&night)),
                false => Vec::new(),
            },
            background: with_sky.then(|| "40".to_owned()),
            ..with_rays_found()
        };
        let report = night.reduce(&options).unwrap();
        assert!(report.failed.is_empty(), "{:?}", report.failed);
        assert_eq!(names(&report).len(), FRAMES.len());
        for name in FRAMES {
            let path = night.out().join("reduced").join(name);
            let (ours, hand) = (frame(&path), by_hand(&night, &report, name, with_sky));
            let theirs = frame(&hand);
            let bits = |image: &firstlight::frame::Image<f32>| -> Vec<u32> {
                image.as_slice().iter().map(|sample| sample.to_bits()).collect()
            };
            assert_eq!(bits(&ours.sci), bits(&theirs.sci), "{name}");
            assert_eq!(bits(&ours.err.unwrap()), bits(&theirs.err.unwrap()), "{name}");
            assert_eq!(ours.dq, theirs.dq, "{name}");
            assert_eq!(ours.unit, theirs.unit);
            for keyword in [
                "LACOSMIC", "FRINGCOR", "FRNGSCAL", "FRNGSERR", "SUBBKG", "FLATCOR",
            ] {
                assert_eq!(
                    header(&path).get(keyword),
                    header(&hand).get(keyword),
                    "{keyword}"
                );
            }
            assert_eq!(
                header(&path).contains("FRINGCOR"),
                with_sky && name.contains("_I_")
            );
        }
    }
}

#[test]
fn fringes_go_from_frames_of_their_filter() {
    let (night, as_they_were) = (night(), night());
    let options = ReduceOptions {
        fringe: of_i(&fringe_path(&night)),
        no_page: false,
        ..with_rays_found()
    };
    let report = night.reduce(&options).unwrap();
    assert!(report.failed.is_empty(), "{:?}", report.failed);
    as_they_were.reduce(&with_rays_found()).unwrap();
    for reduced in &report.reduced {
        let name = reduced.input.file_name().unwrap().to_string_lossy().into_owned();
        let before = frame(&as_they_were.out().join("reduced").join(&name));
        let after = frame(&reduced.path);
        if name.contains("_V_") {
            assert_eq!((&reduced.fringe, reduced.fringe_scale), (&None, None));
            assert_eq!(before, after);
            continue;
        }
        assert_eq!(reduced.fringe, Some(fringe_path(&night)));
        let (found, error) = (reduced.fringe_scale.unwrap(), reduced.fringe_scale_error.unwrap());
        assert!(
            error < 1.0 && (found - scale(&name)).abs() < 4.0 * error,
            "{name}: {found} +- {error}"
        );
        assert_eq!(header(&reduced.path).real("FRNGSCAL"), Some(found));
        // What is left of the fringes, by their correlation with what was put in.
        let left = |image: &firstlight::frame::Image<f32>| {
            let (mut product, mut power) = (0.0, 0.0);
            for y in 0..SHAPE.0 {
                for x in (0..SHAPE.1).filter(|x| !near_a_star(*x, y)) {
                    product += fringe(x, y) * (f64::from(image[(y, x)]) - 1500.0);
                    power += fringe(x, y).powi(2);
                }
            }
            product / power
        };
        assert!(
            (left(&before.sci) - scale(&name)).abs() < 3.0,
            "{}",
            left(&before.sci)
        );
        assert!(left(&after.sci).abs() < 3.0, "{}", left(&after.sci));
    }
    let given = report.masters.last().unwrap();
    assert!(given.given && given.kind == MasterKind::Fringe && given.filter.as_deref() == Some("I"));
    let page = std::fs::read_to_string(report.page.unwrap()).unwrap();
    for said in [
        "fringes times",
        "fringe frame that was subtracted",
        "fringe_I.fits",
    ] {
        assert!(page.contains(said), "{said}");
    }
}

fn anew(report: &ReduceReport) -> Vec<String> {
    assert!(report.failed.is_empty(), "{:?}", report.failed);
    let masters = report.masters.iter().filter(|master| !master.given);
    assert!(masters.clone().count() == 3 && masters.clone().all(|master| master.up_to_date));
    let frames = names(report).into_iter().zip(&report.reduced);
    let frames = frames.filter(|(_, frame)| !frame.up_to_date);
    let mut frames: Vec<String> = frames.map(|(name, _)| name).collect();
    frames.sort();
    frames
}

#[test]
fn a_change_does_the_frames_again_that_it_concerns() {
    let night = night();
    let run = |options: &ReduceOptions| night.reduce(options).unwrap();
    let of = |filter: &str| -> Vec<String> {
        let names = FRAMES.iter().filter(|name| name.contains(filter));
        let mut names: Vec<String> = names.map(|name| (*name).to_owned()).collect();
        names.sort();
        names
    };
    run(&known());
    assert_eq!(anew(&run(&known())), of("none"));
    // All frames of the sky, and no masters.
    assert_eq!(anew(&run(&with_rays_found())), of("m13"));
    let second = run(&with_rays_found());
    assert_eq!(anew(&second), of("none"));
    assert!(second.reduced.iter().all(|frame| frame.cosmic_rays.unwrap() >= 9));
    for change in [
        ReduceOptions {
            sigclip: 6.0,
            ..with_rays_found()
        },
        ReduceOptions {
            objlim: 4.0,
            ..with_rays_found()
        },
        ReduceOptions {
            flag_only: true,
            ..with_rays_found()
        },
    ] {
        assert_eq!(anew(&run(&change)), of("m13"));
    }
    run(&with_rays_found());
    // The frames of the fringe frame's filter alone.
    let path = fringe_path(&night);
    let options = ReduceOptions {
        fringe: of_i(&path),
        ..with_rays_found()
    };
    assert_eq!(anew(&run(&options)), of("_I_"));
    assert_eq!(anew(&run(&options)), of("none"));
    let scale_of = |report: &ReduceReport| {
        let frame = report
            .reduced
            .iter()
            .find(|frame| frame.path.ends_with(FRAMES[3]));
        frame.unwrap().fringe_scale.unwrap()
    };
    let was = scale_of(&run(&options));
    put_fringe(&path, SHAPE, "", 2.0);
    let third = run(&options);
    assert_eq!(anew(&third), of("_I_"));
    assert!((scale_of(&third) - was / 2.0).abs() < 1e-3 * was);
    assert_eq!(anew(&run(&with_rays_found())), of("_I_"));
    // Cosmic rays are left out of frames that were looked at before.
    assert_eq!(anew(&run(&known())), of("m13"));
    assert!(!header(&night.out().join("reduced").join(FRAMES[0])).contains("LACOSMIC"));
}

#[test]
fn fringe_frames_that_do_not_fit() {
    let night = night();
    let given = |path: &Path| ReduceOptions {
        fringe: of_i(path),
        ..known()
    };
    let small = night.path("../small.fits");
    put_fringe(&small, (60, 72), "", 1.0);
    let report = night.reduce(&given(&small)).unwrap();
    assert_eq!(names(&report), ["m13_V_0.fits", "m13_V_1.fits"]);
    let text = why(&report, "m13_I_0.fits");
    for said in [
        "filter I",
        "small.fits",
        "72 x 60",
        "144 x 120",
        "--without fringe",
    ] {
        assert!(text.contains(said), "{text}");
    }
    let stop = ReduceOptions {
        stop: true,
        ..given(&small)
    };
    let error = night.reduce(&stop).unwrap_err().to_string();
    assert!(
        error.contains("small.fits") && error.contains("1 more frame"),
        "{error}"
    );
    let without = ReduceOptions {
        without: vec![MasterKind::Fringe],
        ..given(&small)
    };
    let report = night.reduce(&without).unwrap();
    assert!(
        report.failed.is_empty() && report.reduced.len() == 4,
        "{:?}",
        report.failed
    );
    assert!(report.reduced.iter().all(|frame| frame.fringe.is_none()));

    let in_adu = night.path("../adu.fits");
    put_fringe(&in_adu, SHAPE, "adu", 1.0);
    let report = night.reduce(&given(&in_adu)).unwrap();
    let text = why(&report, "m13_I_1.fits");
    assert!(
        text.contains("the fringe frame") && text.contains("adu"),
        "{text}"
    );

    let other = night.path("../other");
    for (fringe, said) in [
        (format!("i={}", fringe_path(&night).display()), "they have I, V"),
        ("fringe_I.fits".to_owned(), "FILTER=FILE"),
        (format!("I={}", other.display()), "other"),
    ] {
        let options = ReduceOptions {
            fringe: vec![fringe],
            ..known()
        };
        let error = night.reduce(&options).unwrap_err();
        assert!(error.to_string().contains(said), "{error}");
        assert!(
            matches!(error.class(), ErrorClass::Usage | ErrorClass::Missing),
            "{error}"
        );
    }
}
