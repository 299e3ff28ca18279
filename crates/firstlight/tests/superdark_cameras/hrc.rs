//! Raw darks of the HRC, with the reference files of a simulated visit: what DARKFILE says is what they show.

use super::{chi_square, frame, how, set, write};
use firstlight::calibrate::{CalibrateOptions, calibrate};
use firstlight::fits::Header;
use firstlight::frame::table::read;
use firstlight::frame::{Exposure, Image};
use firstlight::progress::Silent;
use firstlight::simulate::{AcsDetector, AcsOptions, AcsReport, AcsSet, acs};
use firstlight::superdark::{SuperdarkOptions, basedark, weekdark};
use firstlight_simulate::Random;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use tempfile::TempDir;

const SECONDS: f64 = 1000.0;
const LEVEL_DN: f64 = 2450.0;
/// A pixel that has become hot in the week, and how hot, e/s.
const NEW: ((usize, usize), f32) = ((600, 300), 4.0);

struct World {
    folder: TempDir,
    visit: AcsReport,
    truth: Image<f32>,
}

fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let options = AcsOptions {
            detector: AcsDetector::Hrc,
            set: AcsSet::Single,
            members: 1,
            stars: 20,
            no_cte: true,
            no_cosmic_rays: true,
            ..AcsOptions::default()
        };
        let visit = acs(folder.path(), &options, false, &Silent).unwrap();
        let truth = frame(&reference(&visit, "DARKFILE"), 1).sci;
        World { folder, visit, truth }
    })
}

fn primary(visit: &AcsReport) -> Header {
    Exposure::open(&visit.raw[0]).unwrap().primary().clone()
}

fn reference(visit: &AcsReport, keyword: &str) -> PathBuf {
    let named = primary(visit).text(keyword).unwrap();
    visit
        .reference_folder
        .join(named.trim().rsplit('$').next().unwrap())
}

/// A raw dark: bias level, bias image, Poisson noise of the dark current, noise of the readout, cosmic rays.
fn dark(world: &World, folder: &Path, number: u64, rate: &Image<f32>) -> PathBuf {
    let raw = Exposure::open(&world.visit.raw[0]).unwrap();
    let (mut primary, sci) = (raw.primary().clone(), raw.sci_header(1).unwrap().clone());
    for keyword in ["TARGNAME", "IMAGETYP"] {
        set(&mut primary, keyword, "DARK");
    }
    set(&mut primary, "ROOTNAME", format!("j8dk{number:02}010"));
    set(&mut primary, "DATE-OBS", format!("2003-06-{:02}", 3 + number));
    for keyword in ["EXPTIME", "DARKTIME"] {
        set(&mut primary, keyword, SECONDS);
    }
    let amplifier = primary.text("CCDAMP").unwrap().trim().to_owned();
    let table = read(&reference(&world.visit, "CCDTAB"), None, None).unwrap();
    let amplifiers = table.column("CCDAMP").unwrap().texts().unwrap();
    let gains = table.column("CCDGAIN").unwrap().reals().unwrap();
    let gain = primary.real("CCDGAIN").unwrap();
    let row = (0..amplifiers.len())
        .find(|&row| amplifiers[row].trim() == amplifier && gains[row] == gain)
        .unwrap();
    let number_of = |stem: &str| {
        table
            .column(&format!("{stem}{amplifier}"))
            .unwrap()
            .reals()
            .unwrap()[row]
    };
    let (gain, noise) = (number_of("ATODGN"), number_of("READNSE"));
    let bias = frame(&reference(&world.visit, "BIASFILE"), 1).sci;
    let (left, bottom) = (
        sci.real("LTV1").unwrap() as usize,
        sci.real("LTV2").unwrap() as usize,
    );
    let mut random = Random::new(number, 7);
    let (ny, nx) = bias.shape();
    let mut electrons = Image::from_fn(ny, nx, |x, y| {
        let place = (y.checked_sub(bottom), x.checked_sub(left));
        let current = match place {
            (Some(y), Some(x)) if y < rate.ny() && x < rate.nx() => f64::from(rate[(y, x)]) * SECONDS,
            _ => 0.0,
        };
        (random.counts(current) + noise * random.normal()) as f32
    });
    for _ in 0..2000 {
        let (x, y) = (
            random.uniform() * (nx - 60) as f64 + 25.0,
            random.uniform() * (ny - 40) as f64 + 10.0,
        );
        electrons[(y as usize, x as usize)] += 2000.0;
        electrons[(y as usize, x as usize + 1)] += 1200.0;
    }
    let counts = Image::from_fn(ny, nx, |x, y| {
        (LEVEL_DN + f64::from(bias[(y, x)]) + f64::from(electrons[(y, x)]) / gain).round() as f32
    });
    let path = folder.join(format!("j8dk{number:02}010_raw.fits"));
    write(&path, &primary, &[(sci, counts)]);
    path
}

fn options(world: &World) -> SuperdarkOptions {
    SuperdarkOptions {
        ref_dir: Some(world.visit.reference_folder.clone()),
        ..SuperdarkOptions::default()
    }
}

#[test]
fn raw_darks_become_the_dark_that_was_put_in_and_calibrate_takes_it() {
    let world = world();
    let folder = tempfile::tempdir().unwrap();
    let darks: Vec<PathBuf> = (0..6)
        .map(|number| dark(world, folder.path(), number, &world.truth))
        .collect();
    let before: Vec<Vec<u8>> = darks.iter().map(|path| std::fs::read(path).unwrap()).collect();
    let base = folder.path().join("base_drk.fits");
    let made = basedark(&darks, &base, &options(world), &how(), &Silent).unwrap();
    let report = &made.made.report;
    assert_eq!((report.exptime_s, report.unit.as_str()), (6000.0, "electron/s"));
    assert_eq!(report.inputs[0], darks[0].display().to_string());
    // 4000 pixels in each were hit, of which few lie in the overscan.
    assert!(
        report.rejected.iter().all(|&count| (3800..6500).contains(&count)),
        "{:?}",
        report.rejected
    );
    let found = frame(&base, 1);
    let (chi, pixels) = chi_square(&found.sci, &found.err, &world.truth, |at| {
        found.dq.as_slice()[at] & 8192 == 0
    });
    assert!(
        pixels > 1_000_000 && (0.93..1.07).contains(&chi),
        "{chi} of {pixels}"
    );
    let mean = |image: &Image<f32>| {
        image.as_slice().iter().map(|&of| f64::from(of)).sum::<f64>() / image.len() as f64
    };
    let (of_found, of_truth) = (mean(&found.sci), mean(&world.truth));
    assert!(
        (of_found / of_truth - 1.0).abs() < 0.02,
        "{of_found} for {of_truth}"
    );
    // Hot pixels well above the limit are flagged, cold ones are not.
    let pixels = || found.dq.as_slice().iter().zip(world.truth.as_slice());
    assert!(
        pixels()
            .filter(|(_, rate)| **rate > 0.2)
            .all(|(dq, _)| dq & 16 != 0)
    );
    assert!(pixels().filter(|(_, rate)| **rate > 0.2).count() > 100);
    assert!(
        pixels()
            .filter(|(_, rate)| **rate < 0.05)
            .all(|(dq, _)| dq & 16 == 0)
    );
    let header = Exposure::open(&base).unwrap().primary().clone();
    assert_eq!(header.text("FILETYPE").unwrap(), "DARK");
    assert_eq!(header.text("PEDIGREE").unwrap(), "INFLIGHT 03/06/2003 08/06/2003");
    assert!(header.text("USEAFTER").unwrap().starts_with("Jun 03 2003 "));
    assert_eq!(header.text("DESCRIP").unwrap().len(), 67);
    let after: Vec<Vec<u8>> = darks.iter().map(|path| std::fs::read(path).unwrap()).collect();
    assert!(before == after);
    // Nothing of what was calibrated on the way is left.
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), darks.len() + 1);

    let mut rate = world.truth.clone();
    rate[NEW.0] = NEW.1;
    let week: Vec<PathBuf> = (6..9)
        .map(|number| dark(world, folder.path(), number, &rate))
        .collect();
    let path = folder.path().join("week_drk.fits");
    let made = weekdark(&week, &base, &path, &options(world), &how(), &Silent).unwrap();
    let of_week = frame(&path, 1);
    assert!((of_week.sci[NEW.0] - NEW.1).abs() < 0.2, "{}", of_week.sci[NEW.0]);
    assert_eq!(of_week.dq[NEW.0] & 16, 16);
    assert!(made.made.report.hot.new.unwrap() >= 1);

    used_as_darkfile(world, &base);
}

/// The exposure of the visit calibrated with a superdark and with the DARKFILE of the visit: their difference is that of
/// the darks.
fn used_as_darkfile(world: &World, superdark: &Path) {
    let calibrated = |raw: &Path, folder: &Path| {
        let options = CalibrateOptions {
            ref_dir: Some(world.visit.reference_folder.clone()),
            output_dir: Some(folder.to_owned()),
            ..CalibrateOptions::default()
        };
        let report = calibrate(&[raw.to_owned()], &options, &Silent).unwrap();
        frame(&report.products[0].path, 1).sci
    };
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let usual = calibrated(&world.visit.raw[0], folders[0].path());
    let raw = world.folder.path().join("j8own0010_raw.fits");
    std::fs::copy(&world.visit.raw[0], &raw).unwrap();
    let exposure = Exposure::open(&raw).unwrap();
    let mut header = exposure.primary().clone();
    set(&mut header, "DARKFILE", superdark.display().to_string());
    let name = superdark.file_name().unwrap().to_str().unwrap();
    std::fs::copy(superdark, world.visit.reference_folder.join(name)).unwrap();
    set(&mut header, "DARKFILE", format!("jref${name}"));
    let (sci, counts) = (
        exposure.sci_header(1).unwrap().clone(),
        exposure.load_sci(1).unwrap(),
    );
    let darktime = header.real("DARKTIME").unwrap() as f32;
    write(&raw, &header, &[(sci, counts)]);
    let own = calibrated(&raw, folders[1].path());
    let (dark, truth) = (frame(superdark, 1).sci, &world.truth);
    let flat = frame(&reference(&world.visit, "PFLTFILE"), 1).sci;
    for (at, (own, usual)) in own.as_slice().iter().zip(usual.as_slice()).enumerate() {
        let expected = (truth.as_slice()[at] - dark.as_slice()[at]) * darktime / flat.as_slice()[at];
        assert!(
            (own - usual - expected).abs() < 2e-3 + 1e-5 * usual.abs(),
            "{at}: {own} {usual} {expected}"
        );
    }
}

#[test]
fn the_number_of_threads_does_not_change_a_bit() {
    let world = world();
    let folder = tempfile::tempdir().unwrap();
    let darks: Vec<PathBuf> = (20..22)
        .map(|number| dark(world, folder.path(), number, &world.truth))
        .collect();
    let run = |threads| {
        let path = folder.path().join(format!("{threads}_drk.fits"));
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| basedark(&darks, &path, &options(world), &how(), &Silent).unwrap());
        frame(&path, 1)
    };
    assert!(run(1) == run(2));
}

#[test]
fn errors_of_reference_files_name_the_dark_that_asked_for_them() {
    let world = world();
    let folder = tempfile::tempdir().unwrap();
    let darks: Vec<PathBuf> = (0..2)
        .map(|number| dark(world, folder.path(), number, &world.truth))
        .collect();
    // A gain that no row of CCDTAB has.
    firstlight::fits::edit(&darks[1], |edit| edit.set(0, "CCDGAIN", 3.0, None)).unwrap();
    let output = folder.path().join("base_drk.fits");
    let refused = |darks: &[PathBuf]| {
        let error = basedark(darks, &output, &options(world), &how(), &Silent).unwrap_err();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 3, "{error}");
        error.to_string()
    };
    // A file that is none, which one of the darks names.
    std::fs::write(folder.path().join("broken_ccd.fits"), "no FITS").unwrap();
    let text = refused(&darks);
    assert!(text.starts_with(darks[1].to_str().unwrap()), "{text}");
    assert!(text.contains("CCDTAB") && text.contains("no row"), "{text}");
    firstlight::fits::edit(&darks[0], |edit| {
        edit.set(0, "CCDTAB", "jref$broken_ccd.fits", None)
    })
    .unwrap();
    let text = refused(&darks);
    assert!(
        text.starts_with(darks[0].to_str().unwrap()) && text.contains("broken_ccd.fits"),
        "{text}"
    );
}

#[test]
fn a_bias_or_baseline_of_another_kind_is_refused() {
    let world = world();
    let folder = tempfile::tempdir().unwrap();
    let darks: Vec<PathBuf> = (0..2)
        .map(|number| dark(world, folder.path(), number, &world.truth))
        .collect();
    let output = folder.path().join("dark_drk.fits");
    let (bias, darkfile) = (
        reference(&world.visit, "BIASFILE"),
        reference(&world.visit, "DARKFILE"),
    );
    let with_bias = SuperdarkOptions {
        bias: Some(darkfile),
        ..options(world)
    };
    let error = basedark(&darks, &output, &with_bias, &how(), &Silent).unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("no bias image") && text.contains("'DARK'"),
        "{text}"
    );
    let error = weekdark(&darks, &bias, &output, &options(world), &how(), &Silent).unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("no dark image") && text.contains("'BIAS'"),
        "{text}"
    );
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
}
