//! What calibrate refuses, before any work and in one go.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use firstlight::calibrate::{CalibrateOptions, SwitchSetting, calibrate};
use firstlight::fits::{Column, ColumnData, FitsWriter, Overwrite, edit};
use firstlight::frame::{Association, Exposure};
use firstlight::progress::{Progress, Silent};
use firstlight::simulate::{AcsDetector, AcsOptions, AcsReport, AcsSet, acs};
use firstlight::{Error, ErrorClass};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use tempfile::TempDir;

/// Two repeated exposures of the SBC with their reference files.
fn visit() -> (TempDir, AcsReport) {
    let folder = tempfile::tempdir().unwrap();
    let options = AcsOptions {
        detector: AcsDetector::Sbc,
        set: AcsSet::Repeat,
        members: 2,
        stars: 5,
        ..AcsOptions::default()
    };
    let report = acs(folder.path(), &options, false, &Silent).unwrap();
    (folder, report)
}

fn options(visit: &AcsReport) -> CalibrateOptions {
    CalibrateOptions {
        ref_dir: Some(visit.reference_folder.clone()),
        output_dir: Some(visit.folder.join("out")),
        ..CalibrateOptions::default()
    }
}

/// What is refused, and that nothing was written.
fn refused(inputs: &[PathBuf], options: &CalibrateOptions) -> (Error, String) {
    let before = options.output_dir.as_ref().map(|folder| listed(folder));
    let was_there = options.output_dir.as_ref().map(|folder| folder.exists());
    let error = calibrate(inputs, options, &Silent).unwrap_err();
    let text = error.to_string();
    assert_eq!(
        options.output_dir.as_ref().map(|folder| listed(folder)),
        before,
        "{text}"
    );
    // Nor a folder without anything in it.
    let is_there = options.output_dir.as_ref().map(|folder| folder.exists());
    assert_eq!(is_there, was_there, "{text}");
    (error, text)
}

fn listed(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

#[test]
fn all_missing_reference_files_are_named_with_their_switches() {
    let (_folder, visit) = visit();
    let named = |keyword: &str| {
        Exposure::open(&visit.raw[0])
            .unwrap()
            .primary()
            .text(keyword)
            .unwrap()
    };
    let name = |keyword: &str| named(keyword).rsplit('$').next().unwrap().to_owned();
    let (dark, flat) = (name("DARKFILE"), name("PFLTFILE"));
    std::fs::remove_file(visit.reference_folder.join(&dark)).unwrap();
    std::fs::remove_file(visit.reference_folder.join(&flat)).unwrap();
    edit(&visit.raw[1], |edit| edit.set(0, "IMPHTTAB", "N/A", None)).unwrap();
    let (error, text) = refused(&[visit.association.clone().unwrap()], &options(&visit));
    assert_eq!(error.class(), ErrorClass::Missing);
    for part in [
        "3 reference files",
        "DARKCORR needs DARKFILE",
        &dark,
        "FLATCORR needs PFLTFILE",
        &flat,
        "PHOTCORR needs IMPHTTAB, which names no file",
        "and 1 more",
        "--ref-dir",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    // What is not asked for need not be there.
    let without = CalibrateOptions {
        switch: ["DARKCORR=OMIT", "FLATCORR=OMIT", "PHOTCORR=OMIT"]
            .map(|s| s.parse().unwrap())
            .to_vec(),
        ..options(&visit)
    };
    assert_eq!(
        calibrate(&visit.raw, &without, &Silent).unwrap().products.len(),
        2
    );
}

#[test]
fn reference_files_that_have_changed_are_of_another_detector_or_no_fits_are_refused() {
    let (_folder, visit) = visit();
    let name = Exposure::open(&visit.raw[0])
        .unwrap()
        .primary()
        .text("PFLTFILE")
        .unwrap();
    let flat = visit.reference_folder.join(name.rsplit('$').next().unwrap());
    edit(&flat, |edit| edit.update_checksums("SCI")).unwrap();
    let mut bytes = std::fs::read(&flat).unwrap();
    let middle = bytes.len() / 3;
    bytes[middle] ^= 1;
    std::fs::write(&flat, &bytes).unwrap();
    let (error, text) = refused(&visit.raw, &options(&visit));
    assert_eq!(error.class(), ErrorClass::Input);
    assert!(
        text.contains("SCI,1") && text.contains("DATASUM") && text.contains(flat.to_str().unwrap()),
        "{text}"
    );
    edit(&flat, |edit| {
        edit.update_checksums("SCI")?;
        edit.set(0, "DETECTOR", "WFC", None)
    })
    .unwrap();
    let (_, text) = refused(&visit.raw, &options(&visit));
    assert!(text.contains("ACS/WFC") && text.contains("PFLTFILE"), "{text}");
    std::fs::write(&flat, &bytes[..bytes.len() / 2]).unwrap();
    assert_eq!(refused(&visit.raw, &options(&visit)).0.class(), ErrorClass::Input);
    std::fs::write(&flat, "<html>no such file</html>").unwrap();
    let (_, text) = refused(&visit.raw, &options(&visit));
    assert!(text.contains("HTML"), "{text}");
}

#[test]
fn a_damaged_exposure_is_refused_and_leaves_no_folder() {
    let (_folder, visit) = visit();
    let raw = &visit.raw[0];
    edit(raw, |edit| edit.update_checksums("SCI")).unwrap();
    // A header that has changed since is no damage.
    edit(raw, |edit| edit.set("SCI", "MARK", 1, None)).unwrap();
    calibrate(std::slice::from_ref(raw), &options(&visit), &Silent).unwrap();
    std::fs::remove_dir_all(visit.folder.join("out")).unwrap();
    let mut bytes = std::fs::read(raw).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(raw, &bytes).unwrap();
    let (error, text) = refused(std::slice::from_ref(raw), &options(&visit));
    assert_eq!(error.class(), ErrorClass::Input);
    for part in [
        raw.to_str().unwrap(),
        "SCI,1",
        "DATASUM",
        "--delete DATASUM,CHECKSUM",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    // As told, the sums taken out.
    edit(raw, |edit| edit.remove("SCI", "DATASUM")).unwrap();
    calibrate(std::slice::from_ref(raw), &options(&visit), &Silent).unwrap();
}

#[test]
fn what_concerns_several_exposures_is_said_once() {
    let (_folder, visit) = visit();
    let report = calibrate(&visit.raw, &options(&visit), &Silent).unwrap();
    let said = |part: &str| report.notes.iter().filter(|note| note.contains(part)).count();
    assert_eq!(said("--scale-sbc-dark"), 1, "{:?}", report.notes);
    assert_eq!(
        said("RPTCORR is PERFORM, but an exposure by itself"),
        1,
        "{:?}",
        report.notes
    );
    assert!(
        report.notes.iter().all(|note| note.contains("and 1 more")),
        "{:?}",
        report.notes
    );
    let told = |words: &String| words.contains("--scale-sbc-dark");
    assert!(
        report
            .products
            .iter()
            .all(|product| product.warnings.iter().any(told))
    );
    // Subtracted, there is nothing to say of it.
    let mut how = options(&visit);
    how.acs2d.scale_sbc_dark = true;
    how.overwrite = true;
    let inputs = [visit.association.clone().unwrap()];
    let report = calibrate(&inputs, &how, &Silent).unwrap();
    assert!(report.notes.is_empty(), "{:?}", report.notes);
}

#[test]
fn a_frame_without_a_row_in_oscntab_is_refused_by_the_row() {
    let folder = tempfile::tempdir().unwrap();
    let made = AcsOptions {
        detector: AcsDetector::Hrc,
        set: AcsSet::Single,
        members: 1,
        stars: 5,
        no_cte: true,
        ..AcsOptions::default()
    };
    let visit = acs(folder.path(), &made, false, &Silent).unwrap();
    let of_one = |name: &str| {
        let primary = Exposure::open(&visit.raw[0]).unwrap().primary().clone();
        let named = primary.text(name).unwrap();
        visit.reference_folder.join(named.rsplit('$').next().unwrap())
    };
    edit(&visit.raw[0], |edit| edit.set(0, "CRCORR", "PERFORM", None)).unwrap();
    let report = calibrate(&visit.raw, &options(&visit), &Silent).unwrap();
    assert_eq!(report.notes.len(), 1, "{:?}", report.notes);
    assert!(
        report.notes[0].contains("CRCORR is PERFORM"),
        "{:?}",
        report.notes
    );
    std::fs::remove_dir_all(visit.folder.join("out")).unwrap();
    edit(of_one("OSCNTAB"), |edit| {
        edit.cells(1, 0, &Column::scalar("NX", ColumnData::I16(vec![999])))
    })
    .unwrap();
    let (error, text) = refused(&visit.raw, &options(&visit));
    assert_eq!(error.class(), ErrorClass::Missing);
    let sought = "OSCNTAB";
    assert!(
        text.contains(sought) && text.contains("NX 1062, NY 1044"),
        "{text}"
    );
    assert!(text.contains("it has C") && text.contains("999 1044"), "{text}");
}

#[test]
fn reference_files_of_another_kind_are_refused() {
    let (_folder, visit) = visit();
    let primary = Exposure::open(&visit.raw[0]).unwrap().primary().clone();
    edit(&visit.raw[1], |edit| {
        edit.set(0, "PFLTFILE", primary.text("DARKFILE").unwrap(), None)
    })
    .unwrap();
    let (error, text) = refused(&visit.raw, &options(&visit));
    assert_eq!(error.class(), ErrorClass::Input);
    let dark = primary.text("DARKFILE").unwrap();
    for part in [
        visit.raw[1].to_str().unwrap(),
        "PFLTFILE",
        dark.rsplit('$').next().unwrap(),
        "'DARK'",
        "'PIXEL-TO-PIXEL FLAT'",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn tables_of_another_detector_are_refused_and_those_of_the_instrument_serve_all() {
    let (_folder, visit) = visit();
    let primary = Exposure::open(&visit.raw[0]).unwrap().primary().clone();
    let name = primary.text("IMPHTTAB").unwrap();
    let table = visit.reference_folder.join(name.rsplit('$').next().unwrap());
    edit(&table, |edit| edit.set(0, "DETECTOR", "WFC", None)).unwrap();
    let (error, text) = refused(&visit.raw, &options(&visit));
    assert_eq!(error.class(), ErrorClass::Input);
    for part in [
        "IMPHTTAB",
        table.to_str().unwrap(),
        "ACS/WFC",
        "ACS/SBC",
        visit.raw[0].to_str().unwrap(),
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    edit(&table, |edit| edit.set(0, "DETECTOR", "ACS", None)).unwrap();
    assert_eq!(
        calibrate(&visit.raw, &options(&visit), &Silent)
            .unwrap()
            .products
            .len(),
        2
    );
}

/// Wants no more of the work after so many units of it.
struct Until(u64, AtomicU64);

impl Progress for Until {
    fn advance(&self, units: u64) {
        self.1.fetch_add(units, Ordering::Relaxed);
    }

    fn interrupted(&self) -> bool {
        self.1.load(Ordering::Relaxed) >= self.0
    }
}

#[test]
fn work_that_is_stopped_leaves_whole_products_and_no_others() {
    let (_folder, visit) = visit();
    let table = visit.association.clone().unwrap();
    for units in [0, 1] {
        let options = CalibrateOptions {
            output_dir: Some(visit.folder.join(format!("until{units}"))),
            in_place_asn: true,
            ..options(&visit)
        };
        let before = std::fs::read(&table).unwrap();
        let progress = Until(units, AtomicU64::new(0));
        let error = calibrate(std::slice::from_ref(&table), &options, &progress).unwrap_err();
        assert_eq!(error.to_string(), "interrupted: the work is not done");
        let left = listed(options.output_dir.as_deref().unwrap());
        assert!(left.len() < 3, "{left:?}");
        for path in left {
            assert!(
                path.to_string_lossy().ends_with("_flt.fits"),
                "{}",
                path.display()
            );
            Exposure::open(&path).unwrap().load(1).unwrap();
        }
        assert_eq!(std::fs::read(&table).unwrap(), before);
    }
}

#[test]
fn switches_are_checked_by_name_value_detector_and_against_each_other() {
    let bad = |text: &str| text.parse::<SwitchSetting>().unwrap_err();
    assert!(bad("PCTECOR=PERFORM").contains("PCTECORR"));
    assert!(bad("PCTECORR=YES").contains("PERFORM or OMIT"));
    assert!(bad("PCTECORR").contains("PCTECORR=PERFORM"));
    assert!(bad("STATFLAG=PERFORM").contains("T or F"));
    let statistics: SwitchSetting = "statflag=f".parse().unwrap();
    assert_eq!(statistics.to_string(), "STATFLAG=F");
    assert_eq!(
        "STATFLAG=True".parse::<SwitchSetting>().unwrap().to_string(),
        "STATFLAG=T"
    );
    let (_folder, visit) = visit();
    let with = |switches: &[&str]| CalibrateOptions {
        switch: switches.iter().map(|switch| switch.parse().unwrap()).collect(),
        ..options(&visit)
    };
    let (error, text) = refused(&visit.raw, &with(&["PCTECORR=PERFORM"]));
    assert_eq!(error.class(), ErrorClass::Usage);
    assert!(
        text.contains("ACS/SBC has no PCTECORR") && text.contains("GLINCORR"),
        "{text}"
    );
    let (_, text) = refused(&visit.raw, &with(&["STATFLAG=T"]));
    assert!(text.contains("ACS/SBC has no STATFLAG"), "{text}");
    let (_, text) = refused(&visit.raw, &with(&["DARKCORR=OMIT", "DARKCORR=PERFORM"]));
    assert!(text.contains("contradict"), "{text}");
    let all = [
        "DQICORR", "GLINCORR", "LFLGCORR", "DARKCORR", "FLATCORR", "PHOTCORR",
    ]
    .map(|s| format!("{s}=OMIT"));
    let (_, text) = refused(&visit.raw[..1], &with(&all.each_ref().map(String::as_str)));
    assert!(text.contains("nothing to do"), "{text}");
    edit(&visit.raw[0], |edit| {
        edit.set(0, "DETECTOR", "HRC", None)?;
        edit.set(0, "BLEVCORR", "OMIT", None)
    })
    .unwrap();
    let (error, text) = refused(&visit.raw[..1], &options(&visit));
    assert!(matches!(error, Error::Contradiction { .. }), "{text}");
    assert!(
        text.contains("DARKCORR, FLATCORR") && text.contains("BLEVCORR=PERFORM"),
        "{text}"
    );
    edit(&visit.raw[0], |edit| {
        edit.set(0, "BLEVCORR", "PERFORM", None)?;
        edit.set(0, "PCTECORR", "PERFORM", None)
    })
    .unwrap();
    let (_, text) = refused(&visit.raw[..1], &options(&visit));
    assert!(
        text.contains("only WFC") && text.contains("PCTECORR=OMIT"),
        "{text}"
    );
    edit(&visit.raw[0], |edit| edit.set(0, "DQICORR", "MAYBE", None)).unwrap();
    let (_, text) = refused(&visit.raw[..1], &options(&visit));
    assert!(
        text.contains("DQICORR is 'MAYBE'") && text.contains("DQICORR=OMIT"),
        "{text}"
    );
}

#[test]
fn outputs_that_are_there_or_cannot_be_written_are_told_of_first() {
    let (_folder, visit) = visit();
    let options = options(&visit);
    let table = visit.association.clone().unwrap();
    calibrate(std::slice::from_ref(&table), &options, &Silent).unwrap();
    let (error, _) = refused(std::slice::from_ref(&table), &options);
    assert!(matches!(error, Error::OutputExists { .. }), "{error}");
    let over = CalibrateOptions {
        overwrite: true,
        ..options.clone()
    };
    assert_eq!(calibrate(&[table], &over, &Silent).unwrap().products.len(), 3);
    let nowhere = visit.folder.join("file");
    std::fs::write(&nowhere, "").unwrap();
    let blocked = CalibrateOptions {
        output_dir: Some(nowhere.join("out")),
        ..options
    };
    let error = calibrate(&visit.raw, &blocked, &Silent).unwrap_err();
    assert_eq!(error.class(), ErrorClass::Environment, "{error}");
}

#[test]
fn members_that_are_absent_missing_calibrated_or_cut_off() {
    let (_folder, visit) = visit();
    let table = visit.association.clone().unwrap();
    let options = options(&visit);
    let hidden = visit.folder.join("hidden");
    std::fs::rename(&visit.raw[1], &hidden).unwrap();
    let (error, text) = refused(std::slice::from_ref(&table), &options);
    let member = visit.raw[1].file_name().unwrap().to_str().unwrap().to_owned();
    assert_eq!(error.class(), ErrorClass::Missing);
    assert!(text.contains(&member) && text.contains("MEMPRSNT"), "{text}");
    let flt = visit.folder.join(member.replace("_raw", "_flt"));
    std::fs::write(&flt, "").unwrap();
    let (_, text) = refused(std::slice::from_ref(&table), &options);
    assert!(text.contains("_flt.fits is calibrated already"), "{text}");

    std::fs::copy(&hidden, &visit.raw[1]).unwrap();
    edit(&visit.raw[1], |edit| edit.set(0, "FLATCORR", "COMPLETE", None)).unwrap();
    let (error, text) = refused(std::slice::from_ref(&table), &options);
    assert!(
        matches!(error, Error::AlreadyCalibrated { .. }) && text.contains("FLATCORR is COMPLETE"),
        "{text}"
    );
    let bytes = std::fs::read(&hidden).unwrap();
    std::fs::write(&visit.raw[1], &bytes[..bytes.len() / 2]).unwrap();
    assert_eq!(
        refused(std::slice::from_ref(&table), &options).0.class(),
        ErrorClass::Input
    );

    // Marked as absent it is left out, and one exposure alone makes no sum.
    std::fs::remove_file(&visit.raw[1]).unwrap();
    let column = Column::logical("MEMPRSNT", vec![false]);
    edit(&table, |edit| edit.cells("ASN", 1, &column)).unwrap();
    let report = calibrate(std::slice::from_ref(&table), &options, &Silent).unwrap();
    assert_eq!(report.products.len(), 1);
    assert!(
        report.notes.iter().any(|note| note.contains("marked as absent")),
        "{:?}",
        report.notes
    );
    assert!(
        report
            .notes
            .iter()
            .any(|note| note.contains("needs two exposures")),
        "{:?}",
        report.notes
    );
    assert!(!Association::open(&table).unwrap().members[1].present);
}

fn read_only(path: &Path, yes: bool) {
    let mut permissions = std::fs::metadata(path).unwrap().permissions();
    if yes {
        permissions.set_readonly(true);
    } else {
        #[cfg(unix)]
        std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o644);
        #[cfg(not(unix))]
        permissions.set_readonly(false);
    }
    std::fs::set_permissions(path, permissions).unwrap();
}

#[test]
fn a_member_of_no_known_type_is_named_and_nothing_is_calibrated() {
    let (_folder, visit) = visit();
    let table = visit.association.clone().unwrap();
    edit(&table, |edit| {
        edit.cells("ASN", 1, &Column::text("MEMTYPE", ["FOO"]))
    })
    .unwrap();
    let (error, text) = refused(std::slice::from_ref(&table), &options(&visit));
    assert_eq!(error.class(), ErrorClass::Input);
    for part in [table.to_str().unwrap(), "MEMTYPE 'FOO'", "EXP-DTH"] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn a_step_of_another_detector_that_a_header_asks_for_is_told_of() {
    let (_folder, visit) = visit();
    edit(&visit.raw[0], |edit| edit.set(0, "SHADCORR", "PERFORM", None)).unwrap();
    let report = calibrate(&visit.raw, &options(&visit), &Silent).unwrap();
    let notes: Vec<&String> = report
        .notes
        .iter()
        .filter(|note| note.contains("SHADCORR"))
        .collect();
    let root = report.products[0].path.to_str().unwrap();
    assert_eq!(notes.len(), 1, "{:?}", report.notes);
    assert!(
        notes[0].starts_with(root) && notes[0].contains("is not done"),
        "{notes:?}"
    );
}

#[test]
fn the_association_is_updated_where_the_user_wants_so() {
    let (_folder, visit) = visit();
    let table = visit.association.clone().unwrap();
    let present = || {
        Association::open(&table)
            .unwrap()
            .members
            .iter()
            .all(|member| member.present)
    };
    assert!(!present());
    let options = CalibrateOptions {
        in_place_asn: true,
        ..options(&visit)
    };
    let before = std::fs::read(&table).unwrap();
    read_only(&table, true);
    let (error, text) = refused(std::slice::from_ref(&table), &options);
    assert_eq!(error.class(), ErrorClass::Usage);
    assert!(
        text.contains("is read-only") && text.contains(table.to_str().unwrap()),
        "{text}"
    );
    assert!(std::fs::read(&table).unwrap() == before);
    read_only(&table, false);
    let report = calibrate(std::slice::from_ref(&table), &options, &Silent).unwrap();
    assert_eq!(report.associations, std::slice::from_ref(&table));
    assert!(present());
    let primary = firstlight::fits::FitsFile::open(&table)
        .unwrap()
        .primary()
        .header()
        .clone();
    assert_eq!(primary.logical("ASN_PROD"), Some(true));
}

#[test]
fn one_bad_exposure_does_not_stop_the_others() {
    let (_folder, visit) = visit();
    edit(&visit.raw[0], |edit| edit.remove("SCI", "GLOBRATE")).unwrap();
    let report = calibrate(&visit.raw, &options(&visit), &Silent).unwrap();
    assert_eq!((report.products.len(), report.failed.len()), (1, 1));
    assert_eq!(report.failed[0].file, visit.raw[0]);
    assert!(
        report.failed[0].error.contains("GLOBRATE"),
        "{}",
        report.failed[0].error
    );
    let (_, text) = refused(&[visit.raw[1].clone(), visit.raw[1].clone()], &options(&visit));
    assert!(text.contains("named twice"), "{text}");
    // Of one of many, the message says which.
    edit(&visit.raw[0], |edit| edit.set(0, "FILTER1", "PR110L", None)).unwrap();
    let (_, text) = refused(&visit.raw[..1], &options(&visit));
    assert!(text.starts_with(&visit.raw[0].display().to_string()), "{text}");
}

#[test]
fn exposures_of_one_product_go_through_the_same_steps() {
    let (_folder, visit) = visit();
    let table = [visit.association.clone().unwrap()];
    let of = |switches: &[&str]| CalibrateOptions {
        switch: switches.iter().map(|switch| switch.parse().unwrap()).collect(),
        overwrite: true,
        ..options(&visit)
    };
    edit(&visit.raw[1], |edit| edit.set(0, "DARKCORR", "OMIT", None)).unwrap();
    let (error, text) = refused(&table, &of(&[]));
    assert!(matches!(error, Error::Contradiction { .. }), "{text}");
    let [with, without] = [0, 1].map(|at: usize| visit.raw[at].display().to_string());
    assert!(
        text.contains(&format!("DARKCORR is PERFORM in {with} but not in {without}")),
        "{text}"
    );
    calibrate(&table, &of(&["DARKCORR=OMIT"]), &Silent).unwrap();
    // The association says that they are to be added, and the exposure that they are not.
    edit(&visit.raw[1], |edit| {
        edit.set(0, "DARKCORR", "PERFORM", None)?;
        edit.set(0, "RPTCORR", "OMIT", None)
    })
    .unwrap();
    let (error, text) = refused(&table, &of(&[]));
    assert!(matches!(error, Error::Contradiction { .. }), "{text}");
    assert!(
        text.contains(&format!("RPTCORR is OMIT in {without}")) && text.contains("--switch RPTCORR=PERFORM"),
        "{text}"
    );
    let sums = |switches: &[&str]| {
        let report = calibrate(&table, &of(switches), &Silent).unwrap();
        report
            .products
            .iter()
            .filter(|product| product.kind == "sfl")
            .count()
    };
    assert_eq!((sums(&["RPTCORR=PERFORM"]), sums(&["RPTCORR=OMIT"])), (1, 0));
}

#[test]
fn files_that_are_no_acs_exposures() {
    let (_folder, visit) = visit();
    let path = visit.folder.join("x_raw.fits");
    let mut writer = FitsWriter::create(&path, Overwrite::Refuse).unwrap();
    writer
        .image(&firstlight::fits::Header::new(), ([0f32; 4].as_slice(), (2, 2)))
        .unwrap();
    writer.finish().unwrap();
    let (error, text) = refused(&[path], &options(&visit));
    assert_eq!(error.class(), ErrorClass::Input);
    assert!(text.contains("WFC, HRC or SBC"), "{text}");
}
