//! Darks by anneal period, and superdarks of them, of small frames made by hand.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use firstlight::calibration::stis::ocrreject::{InitialGuess, SkySubtraction};
use firstlight::fits::{FitsWriter, Header, Overwrite, Value, edit};
use firstlight::frame::Image;
use firstlight::frame::table::read;
use firstlight::progress::Silent;
use firstlight::superbias::{SuperbiasOptions, weekbias};
use firstlight::superdark::{
    AnnealTable, OcrrejectOptions, PeriodOptions, PeriodsReport, SuperdarkOptions, basedark, periods,
    superdark_for, weekdark,
};
use firstlight::{Error, ErrorClass};
use std::path::{Path, PathBuf};

const SHAPE: (usize, usize) = (40, 30);
const HOT: (usize, usize) = (20, 10);

fn set(header: &mut Header, keyword: &str, value: impl Into<Value>) {
    header.set(keyword, value, None).unwrap();
}

/// A calibrated dark of 0.01 e/s, hot in one pixel; `change` has the last word on its headers.
fn dark(folder: &Path, day: u32, hot: f32, change: impl FnOnce(&mut Header, &mut Header)) -> PathBuf {
    let (mut primary, mut sci) = (Header::new(), Header::new());
    let texts = [
        ("INSTRUME", "STIS"),
        ("DETECTOR", "CCD"),
        ("CCDAMP", "D"),
        ("TARGNAME", "DARK"),
        ("BLEVCORR", "COMPLETE"),
        ("BIASCORR", "COMPLETE"),
        ("TTIMEOBS", "05:00:00"),
    ];
    texts
        .into_iter()
        .for_each(|(keyword, value)| set(&mut primary, keyword, value));
    set(&mut primary, "ROOTNAME", format!("odk{day:03}"));
    set(
        &mut primary,
        "TDATEOBS",
        format!("2015-03-{:02}", day.clamp(1, 28)),
    );
    for keyword in ["CCDGAIN", "BINAXIS1", "BINAXIS2"] {
        set(&mut primary, keyword, 1i64);
    }
    set(&mut primary, "TEXPSTRT", 59000.0 + f64::from(day));
    set(&mut primary, "ATODGAIN", 1.0);
    set(&mut primary, "READNSE", 5.0);
    set(&mut sci, "EXTNAME", "SCI");
    set(&mut sci, "EXTVER", 1i64);
    set(&mut sci, "EXPTIME", 1000.0);
    set(&mut sci, "OCCDHTAV", 18.0);
    change(&mut primary, &mut sci);
    let noise = |x: usize, y: usize| ((x * 31 + y * 17 + day as usize * 7) % 11) as f32 / 10.0 - 0.5;
    let mut counts = Image::from_fn(SHAPE.0, SHAPE.1, |x, y| 10.0 + noise(x, y));
    counts[HOT] = 1000.0 * hot;
    let name = primary.text("ROOTNAME").unwrap();
    let path = folder.join(format!("{name}_flt.fits"));
    let mut writer = FitsWriter::create(&path, Overwrite::Replace).unwrap();
    writer.empty_primary(&primary).unwrap();
    writer.image(&sci, (counts.as_slice(), SHAPE)).unwrap();
    writer.finish().unwrap();
    path
}

fn plain(folder: &Path, days: impl IntoIterator<Item = u32>) -> Vec<PathBuf> {
    days.into_iter()
        .map(|day| dark(folder, day, 0.01, |_, _| ()))
        .collect()
}

fn anneals(folder: &Path, rows: &str) -> PeriodOptions {
    let path = folder.join("anneals.csv");
    std::fs::write(&path, format!("start,end\n{rows}")).unwrap();
    PeriodOptions {
        periods: Some(path),
        ..PeriodOptions::default()
    }
}

fn days(report: &PeriodsReport) -> Vec<Vec<u32>> {
    let of = |mjd: f64| (mjd - 59000.0).round() as u32;
    let periods = report.periods.iter();
    periods
        .map(|period| period.darks.iter().map(|dark| of(dark.mjd)).collect())
        .collect()
}

fn how() -> OcrrejectOptions {
    OcrrejectOptions {
        crmask: None,
        scalense: Some(0.0),
        initgues: Some(InitialGuess::Minimum),
        skysub: Some(SkySubtraction::Mode),
        crsigmas: Some("5,4,3".to_owned()),
        crradius: Some(1.5),
        crthresh: Some(0.8),
        badinpdq: Some(0),
    }
}

#[test]
fn periods_are_between_anneals_and_weeks_do_not_cross_them() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let darks = plain(folder, [30, 1, 9, 11, 20]);
    let options = anneals(folder, "59027.5,59028.2\n59010.0,59010.5\n");
    let exposure = dark(folder, 99, 0.0, |primary, _| {
        set(primary, "TEXPSTRT", 59011.5);
        set(primary, "TARGNAME", "STAR");
    });
    let report = periods(&darks, Some(&exposure), &options).unwrap();
    assert_eq!(days(&report), [vec![1, 9], vec![11, 20], vec![30]]);
    let bounds = |at: usize| (report.periods[at].start_mjd, report.periods[at].end_mjd);
    assert_eq!(bounds(0), (None, Some(59010.0)));
    assert_eq!(bounds(1), (Some(59010.5), Some(59027.5)));
    assert_eq!(report.periods[1].darks[1].week, 2);
    // The dark of day 9 is as near, but of another period.
    let week = report.week.unwrap();
    assert_eq!((week.period, week.darks.len()), (1, 1));
}

#[test]
fn reported_anneals_are_known_without_a_table() {
    let folder = tempfile::tempdir().unwrap();
    // STIS was annealed from 10 July 2001, 23:54, and from 27 July, 15:06: MJD 52100.996 and 52117.630.
    let at = |day: u32, mjd: f64| {
        dark(folder.path(), day, 0.01, |primary, _| {
            set(primary, "TEXPSTRT", mjd)
        })
    };
    let mut darks = vec![at(1, 52105.0), at(2, 52117.6), at(3, 52118.5), at(4, 52119.0)];
    let options = PeriodOptions::default();
    let report = periods(&darks, None, &options).unwrap();
    assert_eq!(report.anneals, AnnealTable::Published);
    let bounds = |at: usize| (report.periods[at].start_mjd, report.periods[at].end_mjd);
    let (start, end) = (bounds(0).0.unwrap(), bounds(0).1.unwrap());
    assert!(
        (start - 52101.996).abs() < 1e-3 && (end - 52117.630).abs() < 1e-3,
        "{:?}",
        bounds(0)
    );
    let many: Vec<usize> = report.periods.iter().map(|period| period.darks.len()).collect();
    assert_eq!(many, [2, 1]);
    assert!(report.left_out[0].reason.contains("during an anneal"));
    // One of a time without reports: nothing is told of any.
    darks.push(at(5, 59000.0));
    let refused = periods(&darks, None, &options).unwrap_err();
    assert!(refused.to_string().contains("not known here"), "{refused}");
    let report = periods(&darks[4..], None, &options).unwrap();
    assert_eq!(report.anneals, AnnealTable::None);
}

#[test]
fn what_is_left_out_is_told_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut darks = plain(folder, [1, 2, 3]);
    let mut odd = |day: u32, change: &dyn Fn(&mut Header, &mut Header)| {
        darks.push(dark(folder, day, 0.01, change));
    };
    odd(4, &|primary, _| set(primary, "CCDGAIN", 4i64));
    odd(5, &|primary, _| set(primary, "CCDAMP", "A"));
    odd(6, &|primary, _| set(primary, "BINAXIS2", 2i64));
    odd(7, &|_, sci| set(sci, "EXPTIME", 60.0));
    odd(8, &|_, sci| set(sci, "OCCDHTAV", -1.0));
    odd(9, &|primary, _| set(primary, "TARGNAME", "BIAS"));
    odd(10, &|primary, _| set(primary, "DARKCORR", "COMPLETE"));
    odd(11, &|primary, _| set(primary, "INSTRUME", "ACS"));
    let raw = folder.join("odk002_raw.fits");
    std::fs::copy(&darks[1], &raw).unwrap();
    darks.push(raw);
    darks.push(folder.join("absent_flt.fits"));
    let report = periods(&darks, None, &PeriodOptions::default()).unwrap();
    assert_eq!(days(&report), [[1, 2, 3]]);
    let reason = |name: &str| {
        let found = report.left_out.iter().find(|one| one.file.ends_with(name));
        found
            .unwrap_or_else(|| panic!("{name} is not left out"))
            .reason
            .clone()
    };
    for (name, said) in [
        ("odk004_flt.fits", "CCDGAIN is 4, that of most darks 1"),
        ("odk005_flt.fits", "CCDAMP is A, that of most darks D"),
        ("odk006_flt.fits", "binning is 1 x 2, that of most darks 1 x 1"),
        ("odk007_flt.fits", "60 s, less than 300 s"),
        ("odk008_flt.fits", "OCCDHTAV"),
        ("odk009_flt.fits", "TARGNAME is BIAS"),
        ("odk010_flt.fits", "DARKCORR is COMPLETE"),
        ("odk011_flt.fits", "ACS/CCD"),
        ("odk002_raw.fits", "same exposure"),
        ("absent_flt.fits", "absent_flt.fits"),
    ] {
        assert!(reason(name).contains(said), "{name}: {}", reason(name));
    }
    assert_eq!(report.left_out.len(), 10);
}

#[test]
fn without_a_table_darks_of_many_weeks_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let darks = plain(folder.path(), [1, 60]);
    let refused = periods(&darks, None, &PeriodOptions::default());
    assert!(
        matches!(refused, Err(Error::Usage(why)) if why.contains("59 days") && why.contains("--periods"))
    );
    let crossed = anneals(folder.path(), "59010,59009\n");
    assert!(matches!(periods(&darks, None, &crossed), Err(Error::Usage(_))));
    let during = anneals(folder.path(), "59000.5,59002\n");
    let report = periods(&darks, None, &during).unwrap();
    assert_eq!(days(&report), [[60]]);
    assert!(report.left_out[0].reason.contains("during an anneal"));
}

#[test]
fn an_exposure_gets_its_superdarks_and_hot_pixels_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut darks = plain(folder, [1, 4]);
    // Hot since the second week.
    darks.extend([13, 15, 17].map(|day| dark(folder, day, 5.0, |_, _| ())));
    let exposure = dark(folder, 99, 0.0, |primary, _| {
        set(primary, "ROOTNAME", "osim01010");
        set(primary, "TEXPSTRT", 59015.0);
        set(primary, "TARGNAME", "STAR");
    });
    let products = folder.join("superdarks");
    let options = SuperdarkOptions {
        hot_table: Some(folder.join("hot.csv")),
        figure: Some(folder.join("hot.svg")),
        ..SuperdarkOptions::default()
    };
    let sorting = PeriodOptions::default();
    let run = || {
        superdark_for(
            &exposure,
            &darks,
            &products,
            &sorting,
            (&options, &how()),
            &Silent,
        )
    };
    let made = run().unwrap();
    assert_eq!(made.base.made.path, products.join("osim01010_basedark.fits"));
    assert_eq!((made.period.darks.len(), made.week.darks.len()), (5, 3));
    let hot = &made.weekdark.made.report.hot;
    let above_one = hot.above.iter().find(|count| count.rate == 1.0).unwrap();
    assert_eq!(above_one.pixels, 1);
    let since = above_one.since.unwrap();
    assert_eq!((since.base, since.new, since.healed), (0, 1, 0));
    let table = read(options.hot_table.as_ref().unwrap(), None, None).unwrap();
    assert_eq!(table.column("new").unwrap().integers().unwrap()[2], 1);
    let svg = std::fs::read_to_string(options.figure.as_ref().unwrap()).unwrap();
    for label in [
        "osim01010_basedark.fits (baseline)",
        "above it in osim01010_weekdark.fits alone",
        "dark current (electron/s)",
    ] {
        assert!(svg.contains(&format!(">{label}</text>")), "{label}");
    }
    assert!(matches!(run(), Err(Error::OutputExists { .. })));
    let narrow = PeriodOptions {
        week_days: 1.0,
        ..PeriodOptions::default()
    };
    let fresh = folder.join("fresh");
    let plain = SuperdarkOptions::default();
    let few = superdark_for(&exposure, &darks, &fresh, &narrow, (&plain, &how()), &Silent);
    assert!(matches!(few, Err(Error::Usage(why)) if why.contains("1 of 5 darks")));
    assert!(!fresh.exists());
    assert_eq!(made.anneals, AnnealTable::None);
    darks.push(dark(folder, 16, 0.01, |primary, _| set(primary, "CCDGAIN", 4i64)));
    let few = superdark_for(&exposure, &darks, &fresh, &narrow, (&plain, &how()), &Silent);
    let why = few.unwrap_err().to_string();
    assert!(
        why.contains("1 file was left out (odk016_flt.fits: its CCDGAIN is 4"),
        "{why}"
    );
}

#[test]
fn short_darks_are_taken_unless_they_are_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut darks = plain(folder, [1, 2]);
    darks.push(dark(folder, 3, 0.01, |_, sci| set(sci, "EXPTIME", 60.0)));
    let output = folder.join("base.fits");
    let run = |min_exptime| {
        let options = SuperdarkOptions {
            min_exptime,
            overwrite: true,
            ..SuperdarkOptions::default()
        };
        basedark(&darks, &output, &options, &how(), &Silent).unwrap()
    };
    let all = run(None);
    assert_eq!(all.made.report.exposure_times_s, [1000.0, 1000.0, 60.0]);
    assert!(all.left_out.is_empty());
    let long = run(Some(100.0));
    assert_eq!(long.made.report.exptime_s, 2000.0);
    assert!(long.left_out[0].reason.contains("60 s"));
}

#[test]
fn a_week_needs_a_baseline_dark_and_darks_are_no_superdarks() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut darks = plain(folder, [1, 2]);
    let options = SuperdarkOptions::default();
    let base = folder.join("base.fits");
    basedark(&darks, &base, &options, &how(), &Silent).unwrap();
    let week =
        |base: &Path, name: &str| weekdark(&darks, base, &folder.join(name), &options, &how(), &Silent);
    week(&base, "week.fits").unwrap();
    let bias = folder.join("bias.fits");
    std::fs::copy(&base, &bias).unwrap();
    edit(&bias, |edit| edit.set(0, "FILETYPE", "CCD BIAS IMAGE", None)).unwrap();
    for (file, part) in [
        (&bias, "FILETYPE is 'CCD BIAS IMAGE'"),
        (&darks[0], "FILETYPE is ''"),
    ] {
        let error = week(file, "none.fits").unwrap_err();
        let text = error.to_string();
        assert!(text.contains("no baseline dark") && text.contains(part), "{text}");
        assert_eq!(error.class(), ErrorClass::Input);
        assert!(!folder.join("none.fits").exists());
    }
    darks.push(base.clone());
    let mixed = basedark(&darks, &folder.join("mixed.fits"), &options, &how(), &Silent);
    let text = mixed.unwrap_err().to_string();
    assert!(
        text.contains("base.fits") && text.contains("finished superdark"),
        "{text}"
    );
}

#[test]
fn one_exposure_twice_is_combined_once() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut darks = plain(folder, [1, 2]);
    // The raw dark of the first day under another name.
    let again = folder.join("odk001_raw.fits");
    std::fs::copy(&darks[0], &again).unwrap();
    edit(&again, |edit| edit.set(0, "BLEVCORR", "PERFORM", None)).unwrap();
    darks.insert(0, again.clone());
    let (options, base) = (SuperdarkOptions::default(), folder.join("base.fits"));
    let made = basedark(&darks, &base, &options, &how(), &Silent).unwrap();
    assert_eq!(made.made.report.exposure_times_s.len(), 2);
    assert_eq!(made.left_out.len(), 1);
    assert_eq!(made.left_out[0].file, again);
    assert!(made.left_out[0].reason.contains("there calibrated"), "{made:?}");
    let week = folder.join("week.fits");
    let made = weekdark(&darks, &base, &week, &options, &how(), &Silent).unwrap();
    assert_eq!(made.left_out.len(), 1);
    // Where none but these are given, the reason is told.
    let error = basedark(&darks[..2], &folder.join("none.fits"), &options, &how(), &Silent).unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("at least two") && text.contains("odk001_raw.fits: the same exposure"),
        "{text}"
    );
}

#[test]
fn a_dark_of_another_offset_is_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let with = |day, offset: i64| dark(folder, day, 0.01, |primary, _| set(primary, "CCDOFFST", offset));
    let darks = [with(1, 1), with(2, 3), with(3, 3)];
    let report = periods(&darks, None, &PeriodOptions::default()).unwrap();
    assert_eq!(days(&report), [[2, 3]]);
    assert_eq!(report.left_out[0].file, darks[0]);
    assert_eq!(
        report.left_out[0].reason,
        "its CCDOFFST is 1, that of most darks 3"
    );
}

#[test]
fn where_too_few_darks_are_left_it_is_said_why_and_what_helps() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let exposure = dark(folder, 99, 0.0, |primary, _| {
        set(primary, "TEXPSTRT", 59002.0);
        set(primary, "TARGNAME", "STAR");
    });
    let short: Vec<PathBuf> = (1..8)
        .map(|day| dark(folder, day, 0.01, |_, sci| set(sci, "EXPTIME", 60.0)))
        .collect();
    let products = folder.join("products");
    let (options, sorting) = (SuperdarkOptions::default(), PeriodOptions::default());
    let refused = |darks: &[PathBuf]| {
        let made = superdark_for(&exposure, darks, &products, &sorting, (&options, &how()), &Silent);
        made.unwrap_err().to_string()
    };
    let text = refused(&short);
    for words in [
        "none of the darks can be used",
        "7 files were left out",
        "odk005_flt.fits and 2 more",
        "60 s",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let text = refused(&plain(folder, [9]));
    assert!(
        text.contains("--darks") && !text.contains("--week-days"),
        "{text}"
    );
    assert!(!products.exists());
}

#[test]
fn a_table_of_anneals_without_a_column_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let darks = plain(folder.path(), [1, 2]);
    let options = anneals(folder.path(), "59010,59011\n");
    std::fs::write(options.periods.as_ref().unwrap(), "begin,end\n59010,59011\n").unwrap();
    let text = periods(&darks, None, &options).unwrap_err().to_string();
    assert!(text.contains("anneals.csv") && text.contains("start"), "{text}");
}

#[test]
fn a_dark_image_is_no_bias() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let darks: Vec<PathBuf> = [1, 2]
        .map(|day| {
            dark(folder, day, 0.01, |primary, _| {
                set(primary, "BLEVCORR", "PERFORM");
                set(primary, "BIASCORR", "PERFORM");
                set(primary, "CCDTAB", "bias.fits");
            })
        })
        .into();
    let bias = folder.join("bias.fits");
    std::fs::copy(&darks[0], &bias).unwrap();
    edit(&bias, |edit| edit.set(0, "FILETYPE", "DARK IMAGE", None)).unwrap();
    let options = SuperdarkOptions {
        bias: Some(bias),
        ..SuperdarkOptions::default()
    };
    let error = basedark(&darks, &folder.join("base.fits"), &options, &how(), &Silent).unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("bias.fits") && text.contains("no bias image") && text.contains("DARK IMAGE"),
        "{text}"
    );
    assert_eq!(error.class(), ErrorClass::Input);
    // Nor the base of a week's bias.
    let base = options.bias.as_ref().unwrap();
    let output = folder.join("week_bia.fits");
    let error = weekbias(
        &darks,
        base,
        &output,
        &SuperbiasOptions::default(),
        &how(),
        &Silent,
    )
    .unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("no bias image") && text.contains("DARK IMAGE"),
        "{text}"
    );
}
