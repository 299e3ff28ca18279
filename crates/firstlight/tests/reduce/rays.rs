//! Cosmic rays of frames of the sky are found, and stars are not.

use crate::night::Night;
use crate::of_sky::{
    FRAMES, SHAPE, frame, header, is_found, known, near_a_star, night, rays, with_rays_found,
};
use firstlight::ErrorClass;
use firstlight::ccd::{CcdFile, CcdFrame, CcdOpenOptions};
use firstlight::frame::dq;
use firstlight::progress::Silent;
use firstlight::reduce::{Night as Asked, ReduceOptions};
use firstlight::simulate::{CcdFilter, CcdOptions, ccd};
use std::path::{Path, PathBuf};

fn product(night: &Night, name: &str) -> PathBuf {
    night.out().join("reduced").join(name)
}

fn all_pixels() -> impl Iterator<Item = (usize, usize)> {
    (0..SHAPE.0).flat_map(|y| (0..SHAPE.1).map(move |x| (x, y)))
}

/// Pixels of cosmic rays that a frame has flagged; panics where one that was put in is missing, or one of a star is there.
fn flagged(found: &CcdFrame<f32>, name: &str) -> usize {
    for (x, y, _) in rays(name) {
        assert!(is_found(found, x, y), "{name}: the ray at {x}, {y} was not found");
    }
    let all: Vec<(usize, usize)> = all_pixels().filter(|(x, y)| is_found(found, *x, *y)).collect();
    let stars: Vec<_> = all.iter().filter(|(x, y)| near_a_star(*x, *y)).collect();
    assert!(stars.is_empty(), "{name}: stars at {stars:?}");
    let beside = |x: usize, y: usize| {
        let near = |ray: &(usize, usize, f64)| ray.0.abs_diff(x) <= 2 && ray.1.abs_diff(y) <= 2;
        rays(name).iter().any(near)
    };
    let noise = all.iter().filter(|(x, y)| !beside(*x, *y)).count();
    assert!(noise <= 2, "{name}: {noise} pixels of noise");
    all.len()
}

#[test]
fn rays_are_found_and_replaced_and_stars_stay() {
    let (night, without) = (night(), night());
    let options = ReduceOptions {
        no_page: false,
        ..with_rays_found()
    };
    let report = night.reduce(&options).unwrap();
    assert!(report.failed.is_empty(), "{:?}", report.failed);
    without.reduce(&known()).unwrap();
    for reduced in &report.reduced {
        let name = reduced.input.file_name().unwrap().to_string_lossy().into_owned();
        let (found, as_it_was) = (frame(&reduced.path), frame(&product(&without, &name)));
        let count = flagged(&found, &name);
        assert_eq!(reduced.cosmic_rays, Some(count as u64));
        let told = header(&reduced.path).text("LACOSMIC").unwrap();
        assert_eq!(told, format!("sigclip 4.5, objlim 5: {count} pixels replaced"));
        assert!(
            reduced.steps.iter().any(|step| step.ends_with(&told)),
            "{:?}",
            reduced.steps
        );
        for (x, y, charge) in rays(&name) {
            // Nothing of the ray is left, but noise and, in I, fringes.
            let sky = if name.contains("_I_") { 1500.0 } else { 600.0 };
            let (left, was) = (found.sci[(y, x)], as_it_was.sci[(y, x)]);
            assert!((left - sky).abs() < 0.12 * sky, "{name}: {left} at {x}, {y}");
            assert!(f64::from(was - left) > 0.7 * charge);
        }
        for (x, y) in all_pixels().filter(|(x, y)| !is_found(&found, *x, *y)) {
            assert_eq!(found.sci[(y, x)], as_it_was.sci[(y, x)]);
        }
        assert_eq!(found.err, as_it_was.err);
    }
    let page = std::fs::read_to_string(report.page.unwrap()).unwrap();
    for said in ["pixels of cosmic rays", "sigclip 4.5, objlim 5"] {
        assert!(page.contains(said), "{said}");
    }
}

#[test]
fn rays_are_flagged_alone_where_that_is_asked_for() {
    let (replaced, flagged_only, without) = (night(), night(), night());
    replaced.reduce(&with_rays_found()).unwrap();
    let options = ReduceOptions {
        flag_only: true,
        ..with_rays_found()
    };
    flagged_only.reduce(&options).unwrap();
    without.reduce(&known()).unwrap();
    for name in FRAMES {
        let flags = frame(&product(&flagged_only, name));
        flagged(&flags, name);
        assert_eq!(flags.dq, frame(&product(&replaced, name)).dq);
        assert_eq!(flags.sci, frame(&product(&without, name)).sci);
        let told = header(&product(&flagged_only, name)).text("LACOSMIC").unwrap();
        assert!(told.ends_with("pixels flagged"), "{told}");
    }
}

#[test]
fn limits_are_those_that_are_given() {
    let (usual, strict) = (night(), night());
    let count = |night: &Night, options: &ReduceOptions| -> u64 {
        let report = night.reduce(options).unwrap();
        report
            .reduced
            .iter()
            .map(|frame| frame.cosmic_rays.unwrap())
            .sum()
    };
    let found = count(&usual, &with_rays_found());
    let options = ReduceOptions {
        sigclip: 60.0,
        ..with_rays_found()
    };
    let bright = count(&strict, &options);
    assert!(bright > 0 && bright < found, "{bright} of {found}");
    // A contrast that nothing has.
    let options = ReduceOptions {
        objlim: 1e6,
        ..with_rays_found()
    };
    assert_eq!(count(&strict, &options), 0);
}

#[test]
fn a_noise_that_is_not_known_and_limits_that_cannot_be_meant() {
    let night = night();
    let without_noise = ReduceOptions {
        readnoise: None,
        ..with_rays_found()
    };
    let of_nothing = ReduceOptions {
        sigclip: 6.0,
        ..known()
    };
    let poor = |sigclip, objlim| ReduceOptions {
        sigclip,
        objlim,
        ..with_rays_found()
    };
    for (options, said) in [
        (without_noise, "--readnoise"),
        (of_nothing, "--sigclip is of --lacosmic"),
        (poor(0.0, 5.0), "sigclip"),
        (poor(4.5, f64::NAN), "objlim"),
    ] {
        let error = night.reduce(&options).unwrap_err();
        assert_eq!(error.class(), ErrorClass::Usage, "{error}");
        assert!(error.to_string().contains(said), "{error}");
        assert!(!night.out().exists());
    }
    // A keyword that frames do not have.
    let options = ReduceOptions {
        readnoise: Some("RDNOISE".to_owned()),
        ..with_rays_found()
    };
    let report = night.reduce(&options).unwrap();
    assert!(report.reduced.is_empty());
    assert!(crate::night::why(&report, "bias0.fits").contains("RDNOISE"));
}

#[test]
fn a_file_of_the_night_says_it_as_well() {
    let (by_options, by_file) = (night(), night());
    let options = ReduceOptions {
        sigclip: 6.0,
        flag_only: true,
        fringe: crate::of_sky::of_i(&crate::of_sky::fringe_path(&by_options)),
        ..with_rays_found()
    };
    by_options.reduce(&options).unwrap();
    let path = by_file.path("../night.toml");
    let text = "input = [\"raw\"]\noutput = \"out\"\nno_page = true\ngain = \"2\"\nreadnoise = \"8\"\nlacosmic = true\n\
                sigclip = 6.0\nflag_only = true\nfringe = [\"I=fringe_I.fits\"]\n";
    std::fs::write(&path, text).unwrap();
    let asked = Asked::new(&[path.to_string_lossy().into_owned()], None, Default::default()).unwrap();
    let report = firstlight::reduce::reduce(&asked.inputs, &asked.folder, &asked.options, &Silent).unwrap();
    assert!(report.failed.is_empty(), "{:?}", report.failed);
    assert!(report.reduced.iter().any(|frame| frame.fringe_scale.is_some()));
    for name in FRAMES {
        assert_eq!(
            frame(&product(&by_options, name)),
            frame(&product(&by_file, name))
        );
    }
}

#[test]
fn an_adu_that_is_taken_for_an_electron_is_told_of() {
    let night = night();
    let options = ReduceOptions {
        gain: None,
        ..with_rays_found()
    };
    let report = night.reduce(&options).unwrap();
    assert!(
        report.notes.iter().any(|note| note.contains("--gain")),
        "{:?}",
        report.notes
    );
    let told = self::night();
    let report = told.reduce(&with_rays_found()).unwrap();
    assert!(!report.notes.iter().any(|note| note.contains("--gain")));
}

/// A night of the simulated telescope with its cosmic rays, and the same without: what differs is theirs.
#[test]
fn rays_of_a_simulated_night_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let options = |no_cosmic_rays| CcdOptions {
        nights: 1,
        width: 1000,
        height: 800,
        filters: vec![CcdFilter::B],
        science: 3,
        short_science: 0,
        exptime: 600.0,
        biases: 3,
        darks: 5,
        flats: 3,
        stars: 400,
        no_cosmic_rays,
        ..CcdOptions::default()
    };
    let (hit, spared) = (folder.path().join("hit"), folder.path().join("spared"));
    let simulated = ccd(&hit, &options(false), false, &Silent).unwrap();
    ccd(&spared, &options(true), false, &Silent).unwrap();
    let how = ReduceOptions {
        gain: Some("EGAIN".to_owned()),
        readnoise: Some("8.5".to_owned()),
        ignore_files: vec!["truth/*".to_owned()],
        // A hot pixel has edges as sharp as a cosmic ray's.
        bad_pixel_mask: Some(hit.join("truth/bad_pixels.fits")),
        ..with_rays_found()
    };
    let inputs = [hit.to_string_lossy().into_owned()];
    let report = firstlight::reduce::reduce(&inputs, &folder.path().join("out"), &how, &Silent).unwrap();
    assert!(report.failed.is_empty(), "{:?}", report.failed);
    assert_eq!(report.reduced.len(), simulated.science.len());
    let raw = |path: &Path| {
        let file = CcdFile::open(path, &CcdOpenOptions::default()).unwrap();
        file.read::<f32>().unwrap().sci
    };
    let (mut rays, mut found, mut wrong, mut pixels) = (0, 0, 0, 0);
    for reduced in &report.reduced {
        let place = reduced.input.strip_prefix(&hit).unwrap();
        let (with, without) = (raw(&reduced.input), raw(&spared.join(place)));
        let product = frame(&reduced.path);
        let charge = |x: usize, y: usize| 1.4 * (with[(y, x)] - without[(y, x)]);
        for y in 1..product.sci.ny() - 1 {
            for x in 1..product.sci.nx() - 1 {
                let is = is_found(&product, x, y);
                pixels += 1;
                // Tracks that stand well out of the noise; of one that grazes a star the light decides.
                let noise = product.err.as_ref().unwrap()[(y, x)];
                if charge(x, y) > 10.0 * noise {
                    rays += 1;
                    found += usize::from(is);
                }
                // What is around a dead pixel stands out of it as a cosmic ray does.
                let bad = |x: usize, y: usize| product.dq.as_ref().unwrap()[(y, x)] & dq::ccd::BAD_PIXEL != 0;
                let explained =
                    (y - 1..=y + 1).any(|y| (x - 1..=x + 1).any(|x| charge(x, y) > 0.0 || bad(x, y)));
                wrong += usize::from(is && !explained);
            }
        }
    }
    assert!(rays > 50, "{rays}");
    assert!(found * 20 >= rays * 19, "{found} of {rays}");
    // Chance throws a few over the limit.
    assert!(wrong * 10_000 <= pixels, "{wrong} of {pixels}");
}
