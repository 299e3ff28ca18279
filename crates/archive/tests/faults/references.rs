//! The CRDS cache: reference files that are missing, blank, cut or wrong.

use firstlight_archive::client::Silent;
use firstlight_archive::crds::sync::{self, Outcome};
use firstlight_archive::crds::{Cache, SyncOptions};
use firstlight_archive::{Environment, Error};

use super::crds::Setting;
use super::{fits, names_in};

#[test]
fn references_are_fetched_verified_and_repaired() {
    let setting = Setting::new();
    let names = [
        "jref$a1j_bia.fits",
        "b2j_drk.fits",
        "c3j_pfl.fits",
        "d4o_bia.fits",
        "N/A",
        "NOT FOUND n/a",
        "a1j_bia.fits",
    ];
    let outcomes = setting.references(false, &names);
    assert_eq!(outcomes.len(), 4);
    assert!(
        outcomes
            .values()
            .all(|outcome| matches!(outcome, Outcome::Fetched { .. })),
        "{outcomes:?}"
    );
    let acs = setting.path("references/hst/acs");
    assert_eq!(names_in(&acs), ["a1j_bia.fits", "b2j_drk.fits", "c3j_pfl.fits"]);
    #[cfg(unix)]
    assert!(setting.path("references/hst/jref/a1j_bia.fits").exists());
    assert_eq!(
        std::fs::read_to_string(setting.path("config/hst/ref_cache_subdir_mode")).unwrap(),
        "instrument"
    );

    // Blank, cut, and one byte changed.
    let a = std::fs::read(acs.join("a1j_bia.fits")).unwrap();
    std::fs::write(acs.join("a1j_bia.fits"), vec![0; a.len()]).unwrap();
    let b = std::fs::read(acs.join("b2j_drk.fits")).unwrap();
    std::fs::write(acs.join("b2j_drk.fits"), &b[..b.len() - 1000]).unwrap();
    let mut c = std::fs::read(acs.join("c3j_pfl.fits")).unwrap();
    c[4000] ^= 1;
    std::fs::write(acs.join("c3j_pfl.fits"), &c).unwrap();
    let offline = setting.references(true, &names[..2]);
    for outcome in offline.values() {
        assert!(
            matches!(outcome, Outcome::Failed { reason } if reason.contains("--offline") && reason.contains("references/hst/acs")),
            "{outcome:?}"
        );
    }
    let outcomes = setting.references(false, &names);
    for (name, what) in [
        ("a1j_bia.fits", "blank"),
        ("b2j_drk.fits", "bytes"),
        ("c3j_pfl.fits", "SHA-1"),
    ] {
        assert!(
            matches!(&outcomes[name], Outcome::Replaced { was, .. } if was.contains(what)),
            "{:?}",
            outcomes[name]
        );
    }
    assert_eq!(outcomes["d4o_bia.fits"], Outcome::Present);
    assert_eq!(std::fs::read(acs.join("a1j_bia.fits")).unwrap(), a);
}

#[test]
fn checksums_are_remembered_until_a_file_changes() {
    let setting = Setting::new();
    setting.references(false, &["a1j_bia.fits"]);
    let path = setting.path("references/hst/acs/a1j_bia.fits");
    // Changed in place, with size and time as before: seen only where verifying is asked for.
    let modified = std::fs::metadata(&path).unwrap().modified().unwrap();
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[5000] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    std::fs::File::options()
        .write(true)
        .open(&path)
        .unwrap()
        .set_modified(modified)
        .unwrap();
    assert_eq!(
        setting.references(false, &["a1j_bia.fits"])["a1j_bia.fits"],
        Outcome::Present
    );
    let outcomes = setting.references_of(&setting.cache(), false, &["a1j_bia.fits"], true);
    assert!(
        matches!(outcomes["a1j_bia.fits"], Outcome::Replaced { .. }),
        "{outcomes:?}"
    );
}

#[test]
fn references_that_cannot_be_got_are_named_and_harm_no_others() {
    let setting = Setting::new();
    setting
        .files
        .lock()
        .unwrap()
        .insert("f6j_bia.fits".to_owned(), b"<html>Oops</html>".to_vec());
    let outcomes = setting.references(false, &["a1j_bia.fits", "z9j_bia.fits", "f6j_bia.fits"]);
    assert!(matches!(outcomes["a1j_bia.fits"], Outcome::Fetched { .. }));
    assert!(
        matches!(&outcomes["z9j_bia.fits"], Outcome::Failed { reason } if reason.contains("404")),
        "{outcomes:?}"
    );
    assert!(
        matches!(&outcomes["f6j_bia.fits"], Outcome::Failed { reason } if reason.contains("web page: Oops") || reason.contains("web page came in its place: Oops")),
        "{outcomes:?}"
    );
    assert!(!setting.path("references/hst/acs/z9j_bia.fits").exists());
}

#[test]
fn both_halves_of_old_files_are_fetched() {
    let setting = Setting::new();
    let outcomes = setting.references(false, &["uref$e5u.r0h"]);
    assert_eq!(outcomes.keys().collect::<Vec<_>>(), ["e5u.r0d", "e5u.r0h"]);
    assert_eq!(
        names_in(&setting.path("references/hst/wfpc2")),
        ["e5u.r0d", "e5u.r0h"]
    );
}

#[test]
fn the_folders_that_headers_name_are_looked_into() {
    let setting = Setting::new();
    let own = tempfile::tempdir().unwrap();
    std::fs::write(own.path().join("a1j_bia.fits"), fits(10)).unwrap();
    let environment = Environment::default()
        .with("CRDS_PATH", setting.folder.path().to_str().unwrap())
        .with("jref", own.path().to_str().unwrap());
    let cache = Cache::from_environment(&environment, None).unwrap();
    let outcomes = setting.references_of(&cache, true, &["jref$a1j_bia.fits", "b2j_drk.fits"], false);
    assert_eq!(outcomes["a1j_bia.fits"], Outcome::Present);
    let Outcome::Failed { reason } = &outcomes["b2j_drk.fits"] else {
        panic!("{outcomes:?}");
    };
    assert!(
        reason.contains("references/hst/acs") && reason.contains(own.path().to_str().unwrap()),
        "{reason}"
    );
}

#[test]
fn a_cache_that_may_not_be_written_is_not() {
    let setting = Setting::new();
    let environment = Environment::default()
        .with("CRDS_PATH", setting.folder.path().to_str().unwrap())
        .with("CRDS_READONLY_CACHE", "1");
    let cache = Cache::from_environment(&environment, None).unwrap();
    let outcomes = setting.references_of(&cache, false, &["a1j_bia.fits"], false);
    assert!(
        matches!(&outcomes["a1j_bia.fits"], Outcome::Failed { reason } if reason.contains("CRDS_READONLY_CACHE"))
    );
    let result = sync::mappings(
        &cache,
        &setting.crds(false),
        "hst_0002.pmap",
        &SyncOptions::default(),
        &Silent,
    );
    assert!(matches!(result, Err(Error::MissingFromCache { .. })));
    assert!(names_in(setting.folder.path()).is_empty());
}
