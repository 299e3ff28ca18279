//! What is refused before anything is combined.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use firstlight::ErrorClass;
use firstlight::dark::{ImplantOptions, implant};
use firstlight::drizzle::{DrizzleOptions, drizzle};
use firstlight::progress::{Progress, Silent};
use firstlight::simulate::{SbcReport, SbcVisitOptions, sbc};

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
