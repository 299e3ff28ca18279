//! Calibrated darks of both chips of the WFC, whose four amplifiers have noises of their own.

use super::{chi_square, frame, how, set, write};
use firstlight::Error;
use firstlight::fits::Header;
use firstlight::frame::{Exposure, Image};
use firstlight::progress::Silent;
use firstlight::superdark::{SuperdarkOptions, basedark, weekdark};
use firstlight_simulate::Random;
use std::path::{Path, PathBuf};

const SHAPE: (usize, usize) = (24, 4096);
const SECONDS: f64 = 1000.0;
/// Readout noise of A, B, C and D, e.
const NOISES: [f64; 4] = [2.0, 4.0, 8.0, 16.0];
const HOT: ((usize, usize), f32) = ((12, 1000), 5.0);

fn rate(chip: i64) -> Image<f32> {
    let mut rate = Image::from_fn(SHAPE.0, SHAPE.1, |x, y| {
        0.004 * chip as f32 + 0.004 * ((x * 7 + y * 13) % 11) as f32 / 11.0
    });
    if chip == 2 {
        rate[HOT.0] = HOT.1;
    }
    rate
}

/// A dark of both chips; `change` has the last word on its primary header.
fn dark(folder: &Path, number: u64, change: impl FnOnce(&mut Header)) -> PathBuf {
    let mut primary = Header::new();
    for (keyword, value) in [
        ("TELESCOP", "HST"),
        ("INSTRUME", "ACS"),
        ("DETECTOR", "WFC"),
        ("TARGNAME", "DARK"),
        ("IMAGETYP", "DARK"),
        ("CCDAMP", "ABCD"),
        ("BLEVCORR", "COMPLETE"),
        ("BIASCORR", "COMPLETE"),
        ("PCTECORR", "OMIT"),
        ("TIME-OBS", "05:00:00"),
    ] {
        set(&mut primary, keyword, value);
    }
    set(&mut primary, "DATE-OBS", format!("2015-03-{:02}", 1 + number));
    set(&mut primary, "CCDGAIN", 2.0);
    for (keyword, value) in [
        ("EXPTIME", SECONDS - 3.0),
        ("DARKTIME", SECONDS),
        ("EXPSTART", 57082.0),
        ("EXPEND", 57082.1),
    ] {
        set(&mut primary, keyword, value);
    }
    for (letter, noise) in ["A", "B", "C", "D"].iter().zip(NOISES) {
        set(&mut primary, &format!("READNSE{letter}"), noise);
    }
    change(&mut primary);
    let mut random = Random::new(number, 3);
    let images: Vec<(Header, Image<f32>)> = [(1, 2), (2, 1)]
        .into_iter()
        .map(|(version, chip): (i64, i64)| {
            let mut sci = Header::new();
            set(&mut sci, "EXTNAME", "SCI");
            set(&mut sci, "EXTVER", version);
            set(&mut sci, "CCDCHIP", chip);
            set(&mut sci, "BUNIT", "ELECTRONS");
            let rate = rate(chip);
            let pixels = Image::from_fn(SHAPE.0, SHAPE.1, |x, y| {
                // Chip 1 is read by A and B, chip 2 by C and D.
                let noise = NOISES[usize::from(x >= 2048) + if chip == 1 { 0 } else { 2 }];
                (random.counts(f64::from(rate[(y, x)]) * SECONDS) + noise * random.normal()) as f32
            });
            (sci, pixels)
        })
        .collect();
    let path = folder.join(format!("jcdk{number:02}010_flt.fits"));
    write(&path, &primary, &images);
    path
}

fn darks(folder: &Path, numbers: impl Iterator<Item = u64>) -> Vec<PathBuf> {
    numbers.map(|number| dark(folder, number, |_| ())).collect()
}

fn plain() -> SuperdarkOptions {
    SuperdarkOptions::default()
}

#[test]
fn errors_are_those_of_each_amplifier_and_cosmic_rays_are_judged_by_them() {
    let folder = tempfile::tempdir().unwrap();
    let darks = darks(folder.path(), 0..8);
    // 60 e are nothing to D, and far too many for A.
    let exposure = Exposure::open(&darks[3]).unwrap();
    let images: Vec<(Header, Image<f32>)> = [1, 2]
        .into_iter()
        .map(|version| {
            let mut sci = exposure.load_sci(version).unwrap();
            for x in [500, 3000] {
                sci[(12, x)] = 60.0;
            }
            (exposure.sci_header(version).unwrap().clone(), sci)
        })
        .collect();
    let primary = exposure.primary().clone();
    drop(exposure);
    write(&darks[3], &primary, &images);
    let output = folder.path().join("base_drk.fits");
    let made = basedark(&darks, &output, &plain(), &how(), &Silent).unwrap();
    assert_eq!(
        (made.made.report.exptime_s, made.made.report.hot.flagged),
        (8000.0, 1)
    );
    let product = Exposure::open(&output).unwrap();
    let chips: Vec<(i64, Option<i64>)> = product
        .imsets()
        .iter()
        .map(|imset| (imset.version, imset.chip))
        .collect();
    assert_eq!(chips, [(1, Some(2)), (2, Some(1))]);
    for (version, chip) in [(1, 2), (2, 1)] {
        let (found, truth) = (frame(&output, version), rate(chip));
        for (half, noise) in [
            (0..2048, NOISES[if chip == 1 { 0 } else { 2 }]),
            (2048..4096, NOISES[if chip == 1 { 1 } else { 3 }]),
        ] {
            let (chi, _) = chi_square(&found.sci, &found.err, &truth, |at| {
                half.contains(&(at % SHAPE.1))
            });
            assert!((0.96..1.04).contains(&chi), "chip {chip}, {half:?}: {chi}");
            let err = found.err[(3, half.start + 7)];
            let expected = (noise * noise + f64::from(truth[(3, half.start + 7)]) * SECONDS).sqrt()
                / SECONDS
                / 8f64.sqrt();
            assert!((f64::from(err) / expected - 1.0).abs() < 0.2, "{err} {expected}");
        }
        if chip == 1 {
            // Rejected: the error is that of seven.
            assert!((found.sci[(12, 500)] - truth[(12, 500)]).abs() < 5.0 * found.err[(12, 500)]);
            assert!(found.err[(12, 500)] > 0.002 / 7.5f32.sqrt());
        }
    }
    let hot = frame(&output, 1);
    assert_eq!(hot.dq[HOT.0], 16);
    assert!((hot.sci[HOT.0] - HOT.1).abs() < 0.15);
}

#[test]
fn a_week_needs_a_baseline_of_both_chips() {
    let folder = tempfile::tempdir().unwrap();
    let base = folder.path().join("base_drk.fits");
    basedark(&darks(folder.path(), 0..4), &base, &plain(), &how(), &Silent).unwrap();
    let week = folder.path().join("week_drk.fits");
    let made = weekdark(
        &darks(folder.path(), 4..8),
        &base,
        &week,
        &plain(),
        &how(),
        &Silent,
    )
    .unwrap();
    // The noisiest amplifier reaches the limit, which is one for a chip, here and there.
    let hot = &made.made.report.hot;
    assert!(hot.new.unwrap() < 20 && hot.healed.unwrap() < 20, "{hot:?}");
    assert_eq!(Exposure::open(&week).unwrap().imsets().len(), 2);
    // Cold pixels are the baseline's, on each chip its own.
    for version in [1, 2] {
        assert_eq!(
            frame(&week, version).sci.row(2)[5],
            frame(&base, version).sci.row(2)[5]
        );
    }
    let exposure = Exposure::open(&base).unwrap();
    let half = [(
        exposure.sci_header(1).unwrap().clone(),
        exposure.load_sci(1).unwrap(),
    )];
    let one = folder.path().join("one_drk.fits");
    write(&one, exposure.primary(), &half);
    let output = folder.path().join("x.fits");
    let error = weekdark(
        &darks(folder.path(), 4..8),
        &one,
        &output,
        &plain(),
        &how(),
        &Silent,
    )
    .unwrap_err();
    assert!(error.to_string().contains("no image of chip 1"), "{error}");
}

#[test]
fn darks_that_do_not_belong_together_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let output = folder.join("x.fits");
    let good = darks(folder, 0..1);
    let refused = |change: &dyn Fn(&mut Header)| {
        let other = dark(folder, 9, change);
        let inputs = [good[0].clone(), other];
        let error: Error = basedark(&inputs, &output, &plain(), &how(), &Silent).unwrap_err();
        assert!(!output.exists());
        error.to_string()
    };
    for (keyword, value, told) in [
        ("CCDAMP", "AD", "CCDAMP is AD, not ABCD"),
        ("PCTECORR", "COMPLETE", "PCTECORR"),
        ("TARGNAME", "STAR", "its "),
        ("DARKCORR", "COMPLETE", "DARKCORR should be OMIT"),
        ("FLATCORR", "COMPLETE", "FLATCORR should be OMIT"),
        ("DETECTOR", "HRC", "its detector is ACS/HRC, not ACS/WFC"),
        ("DETECTOR", "SBC", "its detector is ACS/SBC, not ACS/WFC"),
        ("INSTRUME", "STIS", "its detector is"),
    ] {
        if keyword == "TARGNAME" {
            let text = refused(&|primary| {
                set(primary, "TARGNAME", value);
                set(primary, "IMAGETYP", "EXT");
            });
            assert!(text.contains("TARGNAME should be DARK"), "{text}");
            continue;
        }
        let text = refused(&|primary| set(primary, keyword, value));
        assert!(text.contains(told), "{keyword}: {text}");
    }
    let text = refused(&|primary| set(primary, "CCDGAIN", 1.0));
    assert!(text.contains("its CCDGAIN is 1"), "{text}");
    let text = refused(&|primary| set(primary, "FLASHDUR", 0.5));
    assert!(text.contains("FLSHCORR=PERFORM"), "{text}");
    let text = refused(&|primary| set(primary, "READNSEC", 0.0));
    assert!(text.contains("READNSEC"), "{text}");
    let options = SuperdarkOptions {
        gain: Some("2.0".to_owned()),
        ..plain()
    };
    let error = basedark(&darks(folder, 0..2), &output, &options, &how(), &Silent).unwrap_err();
    assert!(matches!(error, Error::Usage(_)), "{error}");
}

#[test]
fn the_light_of_a_post_flash_adds_to_the_noise() {
    let folder = tempfile::tempdir().unwrap();
    let flashed = |number: u64| {
        let path = dark(folder.path(), number, |primary| {
            set(primary, "FLASHDUR", 0.5);
            set(primary, "FLSHCORR", "COMPLETE");
        });
        let exposure = Exposure::open(&path).unwrap();
        let mut random = Random::new(number, 4);
        let images: Vec<(Header, Image<f32>)> = [1, 2]
            .into_iter()
            .map(|version| {
                let mut header = exposure.sci_header(version).unwrap().clone();
                set(&mut header, "MEANFLSH", 60.0);
                let sci = exposure.load_sci(version).unwrap();
                (header, sci.map(|&of| of + (random.counts(60.0) - 60.0) as f32))
            })
            .collect();
        let primary = exposure.primary().clone();
        drop(exposure);
        write(&path, &primary, &images);
        path
    };
    let darks: Vec<PathBuf> = (0..6).map(flashed).collect();
    let output = folder.path().join("base_drk.fits");
    basedark(&darks, &output, &plain(), &how(), &Silent).unwrap();
    for (version, chip) in [(1, 2), (2, 1)] {
        let found = frame(&output, version);
        let (chi, _) = chi_square(&found.sci, &found.err, &rate(chip), |_| true);
        assert!((0.95..1.05).contains(&chi), "chip {chip}: {chi}");
    }
}
