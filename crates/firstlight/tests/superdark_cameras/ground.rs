//! Darks of a simulated CCD on the ground.

use super::{chi_square, how, set};
use firstlight::Error;
use firstlight::ccd::{self, CcdFile, CcdFrame, CcdOpenOptions, CcdProcessOptions, CcdUnit};
use firstlight::fits::Header;
use firstlight::frame::{Exposure, Image};
use firstlight::progress::Silent;
use firstlight::superdark::{SuperdarkOptions, basedark, weekdark};
use firstlight_simulate::Extension;
use firstlight_simulate::Random;
use firstlight_simulate::ccd::{CcdNights, CcdOptions, Kind};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use tempfile::TempDir;

const GAIN: f64 = 1.4;

struct World {
    _folder: TempDir,
    darks: Vec<PathBuf>,
    bias: PathBuf,
    /// e/s at the temperature that was set.
    truth: Image<f32>,
    /// Hot pixels.
    hot: Image<u8>,
}

fn samples(extension: &Extension) -> ((usize, usize), Vec<f32>, Header) {
    match extension {
        Extension::Unsigned(header, shape, pixels) => (
            *shape,
            pixels.iter().map(|&of| f32::from(of)).collect(),
            header.clone(),
        ),
        Extension::Real(header, shape, pixels) => (*shape, pixels.clone(), header.clone()),
        other => panic!("no image: {other:?}"),
    }
}

fn image(extension: &Extension) -> Image<f32> {
    let ((ny, nx), pixels, _) = samples(extension);
    Image::from_vec(ny, nx, pixels).unwrap()
}

fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let options = CcdOptions {
            nights: 1,
            width: 200,
            height: 160,
            science: 1,
            short_science: 0,
            flats: 0,
            darks: 9,
            stars: 5,
            gain: GAIN,
            ..CcdOptions::default()
        };
        let nights = CcdNights::plan(&options).unwrap();
        let mut darks = Vec::new();
        for (index, (kind, _)) in nights.raw_files().iter().enumerate() {
            if *kind != Kind::Dark {
                continue;
            }
            let (shape, pixels, header) = samples(&nights.expose(index).unwrap().unwrap());
            let path = folder.path().join(format!("dark{index:03}.fits"));
            let frame = CcdFrame::new(Image::from_vec(shape.0, shape.1, pixels).unwrap(), CcdUnit::Adu);
            ccd::write::<f32>(&path, &frame, &header, false).unwrap();
            darks.push(path);
        }
        let names = nights.truth_image_names();
        let truth = nights.truth_images().unwrap();
        let named = |part: &str| {
            let at = names.iter().position(|name| name.contains(part)).unwrap();
            &truth[at]
        };
        let bias = folder.path().join("bias.fits");
        ccd::write::<f32>(
            &bias,
            &CcdFrame::new(image(named("bias")), CcdUnit::Adu),
            &Header::new(),
            false,
        )
        .unwrap();
        let hot = match named("bad") {
            Extension::Bytes(_, (ny, nx), pixels) => Image::from_vec(*ny, *nx, pixels.clone()).unwrap(),
            other => image(other).map(|&bits| bits as u8),
        };
        World {
            truth: image(named("dark")),
            _folder: folder,
            darks,
            bias,
            hot: hot.map(|bits| bits & firstlight_simulate::ccd::HOT),
        }
    })
}

fn options() -> SuperdarkOptions {
    SuperdarkOptions {
        bias: Some(world().bias.clone()),
        ..SuperdarkOptions::default()
    }
}

fn read(path: &Path) -> (CcdFrame, Header) {
    let file = CcdFile::open(path, &CcdOpenOptions::default()).unwrap();
    (file.read().unwrap(), file.header().clone())
}

/// A dark written by hand: 0.05 adu/s, in `seconds` of time.
fn by_hand(
    folder: &Path,
    number: u64,
    seconds: f64,
    change: impl FnOnce(&mut CcdFrame, &mut Header),
) -> PathBuf {
    let mut random = Random::new(number, 5);
    let pixels = Image::from_fn(64, 80, |_, _| {
        ((random.counts(0.05 * seconds * 2.0) + 6.0 * random.normal()) / 2.0) as f32
    });
    let mut header = Header::new();
    set(&mut header, "EXPTIME", seconds);
    set(&mut header, "EGAIN", 2.0);
    set(&mut header, "RDNOISE", 6.0);
    set(&mut header, "SUBBIAS", "bias.fits");
    let mut frame = CcdFrame::new(pixels, CcdUnit::Adu);
    change(&mut frame, &mut header);
    let path = folder.join(format!("dark{number:03}.fits"));
    ccd::write(&path, &frame, &header, true).unwrap();
    path
}

#[test]
fn darks_become_one_of_a_second_with_the_rates_and_hot_pixels_that_were_put_in() {
    let world = world();
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("dark.fits");
    let made = basedark(&world.darks, &output, &options(), &how(), &Silent).unwrap();
    assert_eq!(made.made.report.unit, "adu/s");
    let (found, header) = read(&output);
    assert_eq!(
        (found.unit.clone(), header.real("EXPTIME")),
        (CcdUnit::Adu, Some(1.0))
    );
    let (dq, err) = (found.dq.unwrap(), found.err.unwrap());
    let truth = world.truth.map(|rate| rate / GAIN as f32);
    // Rates differ a little with the temperature of each frame: hot pixels by more than their errors.
    let cold = |at: usize| world.hot.as_slice()[at] == 0 && dq.as_slice()[at] & 16 == 0;
    let (chi, pixels) = chi_square(&found.sci, &err, &truth, cold);
    assert!(pixels > 30_000 && (0.9..1.1).contains(&chi), "{chi}");
    let pixels = || {
        found
            .sci
            .as_slice()
            .iter()
            .zip(truth.as_slice())
            .zip(dq.as_slice())
    };
    let hot: Vec<_> = pixels().filter(|((_, truth), _)| **truth > 0.5).collect();
    assert!(hot.len() > 20, "{}", hot.len());
    assert!(
        hot.iter()
            .all(|((found, truth), dq)| (*found / *truth - 1.0).abs() < 0.08 && *dq & 128 != 0)
    );
    assert!(
        pixels()
            .filter(|((_, truth), _)| **truth < 0.06)
            .all(|(_, dq)| dq & 128 == 0)
    );
}

#[test]
fn ccd_process_takes_it_as_its_dark() {
    let folder = tempfile::tempdir().unwrap();
    let darks: Vec<PathBuf> = (0..6)
        .map(|number| by_hand(folder.path(), number, 300.0, |_, _| ()))
        .collect();
    let output = folder.path().join("superdark.fits");
    basedark(&darks, &output, &SuperdarkOptions::default(), &how(), &Silent).unwrap();
    let frame = by_hand(folder.path(), 90, 120.0, |frame, _| {
        frame.sci.as_mut_slice().fill(500.0)
    });
    let products = folder.path().join("products");
    let options = CcdProcessOptions {
        dark: Some(output.clone()),
        dark_scale: true,
        ..CcdProcessOptions::default()
    };
    let report = ccd::process(&[frame], &products, &options, &Silent).unwrap();
    assert_eq!(report.products[0].dark_factor, Some(120.0));
    let (reduced, _) = read(&report.products[0].path);
    let (dark, _) = read(&output);
    for (reduced, dark) in reduced.sci.as_slice().iter().zip(dark.sci.as_slice()) {
        assert!((reduced - (500.0 - 120.0 * dark)).abs() < 1e-4);
    }
    let mean = dark.sci.as_slice().iter().sum::<f32>() / dark.sci.len() as f32;
    assert!((mean - 0.05).abs() < 5e-4, "{mean}");
}

#[test]
fn masks_leave_out_a_frame_and_rays_are_gone() {
    let folder = tempfile::tempdir().unwrap();
    let mut darks: Vec<PathBuf> = (0..3)
        .map(|number| by_hand(folder.path(), number, 300.0, |_, _| ()))
        .collect();
    darks.push(by_hand(folder.path(), 3, 300.0, |frame, _| {
        frame.sci[(10, 10)] = -9000.0;
        frame.dq_mut()[(10, 10)] = 1;
        frame.sci[(30, 30)] = 4000.0;
        frame.sci[(31, 30)] = 300.0;
    }));
    let output = folder.path().join("dark.fits");
    let made = basedark(&darks, &output, &SuperdarkOptions::default(), &how(), &Silent).unwrap();
    let (found, _) = read(&output);
    for place in [(10, 10), (30, 30), (31, 30)] {
        assert!(
            (found.sci[place] - 0.05).abs() < 0.05,
            "{place:?}: {}",
            found.sci[place]
        );
        // Of three frames rather than four.
        let ratio = found.err.as_ref().unwrap()[place] / found.err.as_ref().unwrap()[(50, 50)];
        assert!((1.05..1.3).contains(&ratio), "{place:?}: {ratio}");
    }
    assert!(found.dq.unwrap().as_slice().iter().all(|&bits| bits == 0));
    assert!(made.made.report.rejected[3] >= 2 && made.made.report.without_data == 0);
    let all: Vec<PathBuf> = (5..8)
        .map(|number| {
            by_hand(folder.path(), number, 300.0, |frame, _| {
                frame.dq_mut()[(7, 8)] = 2
            })
        })
        .collect();
    let output = folder.path().join("masked.fits");
    let made = basedark(&all, &output, &SuperdarkOptions::default(), &how(), &Silent).unwrap();
    assert_eq!(made.made.report.without_data, 1);
    assert_eq!(read(&output).0.dq.unwrap()[(7, 8)], 16);
}

#[test]
fn a_week_takes_a_baseline_of_its_unit() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let darks: Vec<PathBuf> = (0..4)
        .map(|number| by_hand(folder, number, 300.0, |_, _| ()))
        .collect();
    let base = folder.join("base.fits");
    basedark(&darks, &base, &SuperdarkOptions::default(), &how(), &Silent).unwrap();
    let week: Vec<PathBuf> = (10..13)
        .map(|number| by_hand(folder, number, 300.0, |frame, _| frame.sci[(20, 40)] = 900.0))
        .collect();
    let output = folder.join("week.fits");
    let made = weekdark(
        &week,
        &base,
        &output,
        &SuperdarkOptions::default(),
        &how(),
        &Silent,
    )
    .unwrap();
    assert!(made.made.report.hot.new.unwrap() >= 1);
    let (found, _) = read(&output);
    assert!((found.sci[(20, 40)] - 3.0).abs() < 0.1);
    assert_eq!(found.dq.unwrap()[(20, 40)], 128);
    let output = folder.join("x.fits");
    let error = weekdark(
        &week,
        &week[0],
        &output,
        &SuperdarkOptions::default(),
        &how(),
        &Silent,
    )
    .unwrap_err();
    assert!(error.to_string().contains("its EXPTIME is 300 s"), "{error}");
}

#[test]
fn what_is_not_known_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let output = folder.join("x.fits");
    let good = by_hand(folder, 0, 300.0, |_, _| ());
    let told = |options: &SuperdarkOptions, change: &dyn Fn(&mut CcdFrame, &mut Header)| {
        let other = by_hand(folder, 1, 300.0, change);
        let error: Error = basedark(&[good.clone(), other], &output, options, &how(), &Silent).unwrap_err();
        error.to_string()
    };
    let plain = SuperdarkOptions::default();
    let without = |keyword: &'static str| {
        move |_: &mut CcdFrame, header: &mut Header| header.retain(|card| card.keyword() != keyword)
    };
    for (keyword, expected) in [
        ("EGAIN", "--gain"),
        ("RDNOISE", "--readnoise"),
        ("EXPTIME", "--exposure-key"),
        ("SUBBIAS", "--without-bias"),
    ] {
        let text = told(&plain, &without(keyword));
        assert!(text.contains(expected), "{text}");
    }
    for (change, expected) in [
        (
            &(|_: &mut CcdFrame, header: &mut Header| set(header, "EGAIN", 1.0))
                as &dyn Fn(&mut CcdFrame, &mut Header),
            "EGAIN is 1",
        ),
        (
            &|_, header| set(header, "RDNOISE", 7.0),
            "readout noise is 7, not 6",
        ),
        (&|_, header| set(header, "XBINNING", 2i64), "XBINNING is 2"),
        (
            &|frame, _| frame.unit = CcdUnit::Electron,
            "unit is electron, not adu",
        ),
        (
            &|frame, _| *frame = CcdFrame::new(Image::filled(64, 70, 1.0), CcdUnit::Adu),
            "shape of SCI is (64, 70), not (64, 80)",
        ),
        (
            &|_, header| set(header, "SUBDARK", "d.fits"),
            "subtracted already",
        ),
        (&|_, header| set(header, "EXPTIME", 0.0), "exposure time"),
    ] {
        let text = told(&plain, change);
        assert!(text.contains(expected), "{text}");
    }
    // Given, they are not asked for.
    let given = SuperdarkOptions {
        gain: Some("2.0".to_owned()),
        readnoise: Some("RN".to_owned()),
        without_bias: true,
        ..plain
    };
    let darks: Vec<PathBuf> = (2..4)
        .map(|number| {
            by_hand(folder, number, 300.0, |_, header| {
                header.retain(|card| card.keyword() == "EXPTIME");
                set(header, "RN", 6.0);
            })
        })
        .collect();
    basedark(&darks, &output, &given, &how(), &Silent).unwrap();
    assert!(Exposure::open(&output).is_ok());
}
