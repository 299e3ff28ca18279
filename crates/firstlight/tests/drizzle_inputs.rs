//! What is refused before anything is combined.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use firstlight::ErrorClass;
use firstlight::dark::{ImplantOptions, implant};
use firstlight::drizzle::{DrizzleOptions, WeightType, drizzle};
use firstlight::progress::{Progress, Silent};
use firstlight::simulate::{SbcReport, SbcVisitOptions, sbc};
use firstlight_fits::{ArrayView, Column, FitsFile, FitsWriter, Header, Overwrite, Table, edit};
use std::path::{Path, PathBuf};

/// A simulated visit with so many darks, and its folder.
fn small_visit(darks: usize) -> (tempfile::TempDir, SbcReport) {
    let folder = tempfile::tempdir().unwrap();
    let options = SbcVisitOptions {
        darks,
        size: 64,
        ..SbcVisitOptions::default()
    };
    let visit = sbc(folder.path(), &options, false, &Silent).unwrap();
    (folder, visit)
}

#[test]
fn an_exposure_given_twice_is_refused() {
    let (folder, visit) = small_visit(0);
    let flt = visit.science[0].clone();
    let detour = folder.path().join("darks/..").join(flt.file_name().unwrap());
    let how = DrizzleOptions {
        output: Some(folder.path().join("out").display().to_string()),
        ..DrizzleOptions::default()
    };
    // F165LP's association has the first exposure as a member.
    let association = visit.associations[0].clone();
    for inputs in [
        vec![flt.clone(), visit.science[1].clone(), flt.clone()],
        vec![flt.clone(), detour],
        vec![association.clone(), flt.clone()],
        vec![association.clone(), association.clone()],
    ] {
        let error = drizzle(&inputs, &how, &Silent).unwrap_err();
        let text = error.to_string();
        assert_eq!(error.class(), ErrorClass::Usage);
        assert!(
            text.contains("jsim11ctq_flt.fits") && text.contains("twice"),
            "{text}"
        );
        assert!(!folder.path().join("out_drz_sci.fits").exists());
    }
    let report = drizzle(&[association], &how, &Silent).unwrap();
    assert_eq!(report.inputs.len(), 2);
}

#[test]
fn units_that_differ_or_are_missing_are_told_of() {
    let (folder, visit) = small_visit(0);
    let inputs = &visit.science[..2];
    let notes = |name: &str| {
        let how = DrizzleOptions {
            output: Some(folder.path().join(name).display().to_string()),
            ..DrizzleOptions::default()
        };
        drizzle(inputs, &how, &Silent).unwrap().notes
    };
    let told = |notes: &[String], part: &str| notes.iter().any(|note| note.contains(part));
    let before = notes("before");
    assert!(
        !told(&before, "BUNIT") && !told(&before, "PCTECORR"),
        "{before:?}"
    );
    edit(&inputs[0], |edit| {
        edit.set(0, "PCTECORR", "COMPLETE", None)?;
        edit.remove(1, "BUNIT").map(drop)
    })
    .unwrap();
    let after = notes("after");
    for part in ["2 units (BUNIT)", "SCI has no BUNIT", "2 kinds", "PCTECORR"] {
        assert!(told(&after, part), "{part}: {after:?}");
    }
}

#[test]
fn several_filters_in_one_product_are_told_of() {
    let (folder, visit) = small_visit(0);
    let how = |name: &str| DrizzleOptions {
        output: Some(folder.path().join(name).display().to_string()),
        ..DrizzleOptions::default()
    };
    let both = drizzle(&visit.associations[..2], &how("both"), &Silent).unwrap();
    assert_eq!(both.notes.len(), 1, "{:?}", both.notes);
    assert!(
        both.notes[0].contains("F165LP") && both.notes[0].contains("2 filters"),
        "{:?}",
        both.notes
    );
    let one = drizzle(&visit.associations[..1], &how("one"), &Silent).unwrap();
    assert!(one.notes.is_empty(), "{:?}", one.notes);
}

/// Takes note of what is begun.
#[derive(Default)]
struct Begun(std::sync::Mutex<Vec<String>>);

impl Progress for Begun {
    fn start(&self, what: &str, _: Option<u64>) {
        self.0.lock().unwrap().push(what.to_owned());
    }
    fn advance(&self, _: u64) {}
    fn finish(&self) {}
}

#[test]
fn a_folder_that_is_not_there_shows_before_any_work() {
    let (folder, visit) = small_visit(1);
    let begun = Begun::default();
    let output = folder.path().join("nowhere/out");
    let how = DrizzleOptions {
        output: Some(output.display().to_string()),
        ..DrizzleOptions::default()
    };
    let error = drizzle(&visit.science[..1], &how, &begun).unwrap_err();
    assert!(error.to_string().contains("there is no folder"), "{error}");
    let error = implant(
        &visit.science[0],
        &visit.darks,
        &output,
        &ImplantOptions::default(),
        &begun,
    )
    .unwrap_err();
    assert!(error.to_string().contains("there is no folder"), "{error}");
    assert_eq!(*begun.0.lock().unwrap(), Vec::<String>::new());
}

/// A map of inverse variance with this value everywhere, for an SBC exposure.
fn map(path: &Path, value: f32, side: usize) {
    let mut writer = FitsWriter::create(path, Overwrite::Replace).unwrap();
    writer.empty_primary(&Header::new()).unwrap();
    let mut header = Header::new();
    header.set("EXTNAME", "IVM", None).unwrap();
    header.set("EXTVER", 1, None).unwrap();
    let values = vec![value; side * side];
    writer
        .image(&header, ArrayView::new(&[side, side], &values).unwrap())
        .unwrap();
    writer.finish().unwrap();
}

/// Writes a list beside the exposures, and gives it as it is named on the command line.
fn list(folder: &Path, text: &str) -> Vec<PathBuf> {
    std::fs::write(folder.join("list.txt"), text).unwrap();
    vec![PathBuf::from(format!("@{}", folder.join("list.txt").display()))]
}

#[test]
fn maps_of_inverse_variance_stand_in_the_second_column_of_a_list() {
    let (folder, visit) = small_visit(0);
    let at = |name: &str| folder.path().join(name);
    let name = |index: usize| visit.science[index].file_name().unwrap().to_string_lossy();
    let how = |name: &str, wht: WeightType| DrizzleOptions {
        output: Some(at(name).display().to_string()),
        final_wht_type: wht,
        combine_only: true,
        ..DrizzleOptions::default()
    };
    let science = visit.science[0].parent().unwrap();
    map(&science.join("a_ivm.fits"), 2.0, 64);
    map(&science.join("b_ivm.fits"), 6.0, 64);
    let lines = format!(
        "# exposure map\n{} a_ivm.fits\n\n{} b_ivm.fits # deeper\n",
        name(0),
        name(1)
    );
    let weights = |name: &str| {
        let file = FitsFile::open(at(name)).unwrap();
        file.image::<f32>(0).unwrap().data
    };
    let report = drizzle(&list(science, &lines), &how("both", WeightType::Ivm), &Silent).unwrap();
    let of_maps = |note: &String| note.contains("inverse variance");
    assert!(!report.notes.iter().any(of_maps), "{:?}", report.notes);
    let single = |value: f32, of: &str, index: usize| {
        map(&science.join("one_ivm.fits"), value, 64);
        let line = format!("{} one_ivm.fits", name(index));
        let options = DrizzleOptions {
            final_refimage: Some(at("both_drz_sci.fits").display().to_string()),
            final_wcs: Some(true),
            ..how(of, WeightType::Ivm)
        };
        drizzle(&list(science, &line), &options, &Silent).unwrap();
        weights(&format!("{of}_drz_wht.fits"))
    };
    let (first, second) = (single(1.0, "first", 0), single(1.0, "second", 1));
    let both = weights("both_drz_wht.fits");
    assert_eq!(both.len(), first.len());
    let mut compared = 0;
    for ((both, first), second) in both.iter().zip(&first).zip(&second) {
        let expected = 2.0 * first + 6.0 * second;
        assert!(
            (both - expected).abs() <= 1e-5 * expected.abs(),
            "{both} {expected}"
        );
        compared += usize::from(*first > 0.0 && *second > 0.0);
    }
    assert!(compared > 1000);
    let bytes = std::fs::read(at("both_drz_sci.fits")).unwrap();
    assert!(String::from_utf8_lossy(&bytes).contains("inverse variance from b_ivm.fits"));
    let unused = drizzle(&list(science, &lines), &how("unused", WeightType::Exp), &Silent).unwrap();
    assert!(
        unused.notes.iter().any(|note| note.contains("not used")),
        "{:?}",
        unused.notes
    );
}

#[test]
fn maps_that_cannot_be_used_are_named() {
    let (folder, visit) = small_visit(0);
    let how = DrizzleOptions {
        output: Some(folder.path().join("out").display().to_string()),
        final_wht_type: WeightType::Ivm,
        combine_only: true,
        ..DrizzleOptions::default()
    };
    let science = visit.science[0].parent().unwrap();
    let name = visit.science[0].file_name().unwrap().to_string_lossy();
    let association = visit.associations[0].display();
    map(&science.join("small_ivm.fits"), 1.0, 60);
    for (line, class, expected) in [
        (
            format!("{name} nowhere.fits"),
            ErrorClass::Missing,
            "nowhere.fits",
        ),
        (format!("{name} small_ivm.fits"), ErrorClass::Input, "[60, 60]"),
        (format!("{name} {name}"), ErrorClass::Input, "has no image IVM,1"),
        (
            format!("{association} small_ivm.fits"),
            ErrorClass::Usage,
            "for an association",
        ),
        (
            format!("{name} small_ivm.fits third.fits"),
            ErrorClass::Usage,
            "more than two files",
        ),
    ] {
        let error = drizzle(&list(science, &line), &how, &Silent).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
        assert_eq!(error.class(), class, "{error}");
    }
    let missing = drizzle(&[PathBuf::from("@nowhere.txt")], &how, &Silent).unwrap_err();
    assert_eq!(missing.class(), ErrorClass::Missing, "{missing}");
}

/// MDRIZTAB is looked for where `ref_dir` says, before all other places.
#[test]
fn reference_files_are_found_in_the_folder_that_is_given() {
    let (folder, visit) = small_visit(0);
    let flt = visit.science[0].clone();
    edit(&flt, |edit| edit.set(0, "MDRIZTAB", "jref$sim_mdz.fits", None)).unwrap();
    let references = folder.path().join("references");
    std::fs::create_dir(&references).unwrap();
    let table = Table::new()
        .with(Column::text("filter", ["ANY"]))
        .unwrap()
        .with(Column::i64("numimages", vec![1]))
        .unwrap()
        .with(Column::f64("final_pixfrac", vec![0.5]))
        .unwrap();
    let mut writer = FitsWriter::create(references.join("sim_mdz.fits"), Overwrite::Refuse).unwrap();
    writer.table(&Header::new(), &table).unwrap();
    writer.finish().unwrap();
    let how = |name: &str, ref_dir: Option<&Path>| DrizzleOptions {
        output: Some(folder.path().join(name).display().to_string()),
        mdriztab: true,
        ref_dir: ref_dir.map(Path::to_owned),
        ..DrizzleOptions::default()
    };
    let error = drizzle(std::slice::from_ref(&flt), &how("none", None), &Silent).unwrap_err();
    assert_eq!(error.class(), ErrorClass::Missing);
    let text = error.to_string();
    assert!(
        text.contains("sim_mdz.fits") && text.contains("--ref-dir"),
        "{text}"
    );
    let elsewhere = folder.path().join("elsewhere");
    let text = drizzle(
        std::slice::from_ref(&flt),
        &how("none", Some(&elsewhere)),
        &Silent,
    )
    .unwrap_err()
    .to_string();
    assert!(
        text.contains(elsewhere.join("sim_mdz.fits").to_str().unwrap()),
        "{text}"
    );
    let made = drizzle(
        std::slice::from_ref(&flt),
        &how("made", Some(&references)),
        &Silent,
    )
    .unwrap();
    let file = FitsFile::open(made.products.image()).unwrap();
    assert_eq!(file.hdus()[0].header().real("D001PIXF"), Some(0.5));
}
