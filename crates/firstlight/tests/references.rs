//! Where reference files are looked for, and what is said where they are not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use firstlight::ErrorClass;
use firstlight::frame::Exposure;
use firstlight::progress::Silent;
use firstlight::references::{Environment, References};
use firstlight::simulate::{SbcVisitOptions, sbc};
use std::path::{Path, PathBuf};

/// An exposure whose PFLTFILE is `named`.
fn exposure(folder: &Path, named: &str) -> PathBuf {
    let options = SbcVisitOptions {
        darks: 0,
        size: 64,
        ..SbcVisitOptions::default()
    };
    let flt = sbc(folder, &options, true, &Silent).unwrap().science[0].clone();
    firstlight::fits::edit(&flt, |edit| edit.set(0, "PFLTFILE", named, None)).unwrap();
    flt
}

fn file(path: PathBuf) -> PathBuf {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, "x").unwrap();
    path
}

#[test]
fn the_environment_comes_before_the_cache_and_the_cache_before_the_exposures_folder() {
    let folder = tempfile::tempdir().unwrap();
    let flt = exposure(folder.path(), "jref$abc12345j_pfl.fits");
    let exposure = Exposure::open(&flt).unwrap();
    let (jref, crds) = (folder.path().join("jref"), folder.path().join("crds"));
    let environment = Environment::default()
        .with("jref", jref.to_str().unwrap())
        .with("CRDS_PATH", crds.to_str().unwrap());
    let references = References::new(environment);
    let error = references.of(&exposure, "PFLTFILE").unwrap_err();
    assert_eq!(error.class(), ErrorClass::Missing);
    let text = error.to_string();
    for part in [
        flt.to_str().unwrap(),
        "PFLTFILE",
        "jref$abc12345j_pfl.fits",
        jref.to_str().unwrap(),
        "bestrefs",
    ] {
        assert!(text.contains(part), "{text}");
    }
    let beside = file(folder.path().join("abc12345j_pfl.fits"));
    assert_eq!(references.of(&exposure, "PFLTFILE").unwrap(), Some(beside));
    let cached = file(crds.join("references/hst/acs/abc12345j_pfl.fits"));
    assert_eq!(references.of(&exposure, "PFLTFILE").unwrap(), Some(cached));
    let said = file(jref.join("abc12345j_pfl.fits"));
    assert_eq!(references.of(&exposure, "PFLTFILE").unwrap(), Some(said));
}

#[test]
fn what_names_no_file_is_none_and_what_leads_elsewhere_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let references = References::new(Environment::default());
    for named in ["N/A", "n/a", "", "jref$", "jref$N/A"] {
        let flt = exposure(folder.path(), named);
        let exposure = Exposure::open(&flt).unwrap();
        assert_eq!(references.of(&exposure, "PFLTFILE").unwrap(), None, "{named}");
        assert_eq!(references.of(&exposure, "NOSUCH").unwrap(), None);
    }
    file(folder.path().join("passwd"));
    let flt = exposure(&folder.path().join("visit"), "jref$../passwd");
    let exposure = Exposure::open(&flt).unwrap();
    assert!(references.of(&exposure, "PFLTFILE").is_err());
}

#[test]
fn a_path_is_taken_as_it_stands() {
    let folder = tempfile::tempdir().unwrap();
    let references = References::new(Environment::default());
    let made = file(folder.path().join("mine/dark.fits"));
    for named in ["mine/dark.fits", made.to_str().unwrap()] {
        let flt = exposure(folder.path(), named);
        let exposure = Exposure::open(&flt).unwrap();
        assert_eq!(references.of(&exposure, "PFLTFILE").unwrap(), Some(made.clone()));
    }
    let flt = exposure(folder.path(), "mine/none.fits");
    let error = references
        .of(&Exposure::open(&flt).unwrap(), "PFLTFILE")
        .unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("PFLTFILE") && text.contains("mine/none.fits"),
        "{text}"
    );
}
