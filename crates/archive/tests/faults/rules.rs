//! The CRDS cache: rules that are missing, blank, cut or wrong, and which context is meant.

use std::path::Path;

use firstlight_archive::client::{Client, ClientOptions, Silent};
use firstlight_archive::crds::sync::{self, Outcome};
use firstlight_archive::crds::{Cache, Server as Crds, SyncOptions, context};
use firstlight_archive::{Environment, Error};

use super::crds::{Setting, rule};
use super::quick;

#[test]
fn rules_are_fetched_once_and_repaired() {
    let setting = Setting::new();
    let report = setting.mappings(false).unwrap();
    assert_eq!(report.files.len(), 4);
    assert!(
        report
            .files
            .iter()
            .all(|file| matches!(file.outcome, Outcome::Fetched { .. })),
        "{report:?}"
    );
    let asked = setting.server.asked().len();
    // All there: nothing is asked for, online or not.
    for offline in [true, false] {
        let report = setting.mappings(offline).unwrap();
        assert!(
            report.files.iter().all(|file| file.outcome == Outcome::Present),
            "{report:?}"
        );
    }
    assert_eq!(setting.server.asked().len(), asked);
    // One was cut, one changed in place, one blank, one is gone.
    let mapping = |name: &str| setting.path("mappings/hst").join(name);
    let imap = std::fs::read(mapping("hst_acs_0002.imap")).unwrap();
    std::fs::write(mapping("hst_acs_0002.imap"), &imap[..imap.len() - 3]).unwrap();
    std::fs::write(mapping("hst_acs_biasfile_0002.rmap"), "\0".repeat(100)).unwrap();
    std::fs::remove_file(mapping("hst_acs_darkfile_0001.rmap")).unwrap();
    let error = setting.mappings(true).unwrap_err().to_string();
    assert!(
        error.contains("hst_acs_0002.imap") && error.contains("--offline") && error.contains("mappings/hst"),
        "{error}"
    );
    let report = setting.mappings(false).unwrap();
    let outcome = |name: &str| {
        report
            .files
            .iter()
            .find(|file| file.name == name)
            .unwrap()
            .outcome
            .clone()
    };
    assert!(matches!(outcome("hst_acs_0002.imap"), Outcome::Replaced { was, .. } if was.contains("SHA-1")));
    assert!(
        matches!(outcome("hst_acs_biasfile_0002.rmap"), Outcome::Replaced { was, .. } if was.contains("blank"))
    );
    assert!(matches!(
        outcome("hst_acs_darkfile_0001.rmap"),
        Outcome::Fetched { .. }
    ));
    assert_eq!(std::fs::read(mapping("hst_acs_0002.imap")).unwrap(), imap);
}

#[test]
fn a_rule_that_the_server_has_damaged_ends_the_attempt() {
    let setting = Setting::new();
    setting.files.lock().unwrap().insert(
        "hst_acs_0002.imap".to_owned(),
        b"header = { 'sha1sum' : 'no', }".to_vec(),
    );
    let error = setting.mappings(false).unwrap_err();
    assert!(error.to_string().contains("the server has it so"), "{error}");
}

#[test]
fn names_that_leave_the_cache_are_refused() {
    let setting = Setting::new();
    let evil = rule("pipeline", "x", &["../../evil.imap"]);
    setting
        .files
        .lock()
        .unwrap()
        .insert("hst_0002.pmap".to_owned(), evil);
    assert!(matches!(setting.mappings(false), Err(Error::UnsafeName { .. })));
    let setting = Setting::new();
    setting
        .files
        .lock()
        .unwrap()
        .insert("../../evil.rmap".to_owned(), Vec::new());
    assert!(matches!(setting.mappings(false), Err(Error::UnsafeName { .. })));
    let names = ["../a1j_bia.fits".to_owned()];
    let result = sync::references(
        &setting.cache(),
        &setting.crds(false),
        &names,
        &SyncOptions::default(),
        &Silent,
    );
    assert!(matches!(result, Err(Error::UnsafeName { .. })));
    assert!(!setting.path("evil.rmap").exists() && !setting.path("evil.imap").exists());
}

#[test]
fn contexts_are_found_by_name_state_and_date_and_without_the_server() {
    let setting = Setting::new();
    let (cache, none) = (setting.cache(), Environment::default());
    let of = |offline: bool, asked: Option<&str>, environment: &Environment| {
        context::resolve(&cache, &setting.crds(offline), asked, environment).map(|context| context.name)
    };
    assert_eq!(of(true, Some("hst_0713.pmap"), &none).unwrap(), "hst_0713.pmap");
    assert!(setting.server.asked().is_empty());
    let error = of(true, None, &none).unwrap_err();
    assert!(
        matches!(error, Error::Offline { .. }) && error.to_string().contains("CRDS_CONTEXT"),
        "{error}"
    );
    for (asked, name) in [
        (None, "hst_0002.pmap"),
        (Some("latest"), "hst_0002.pmap"),
        (Some("hst-operational"), "hst_0002.pmap"),
        (Some("hst-edit"), "hst_0003.pmap"),
        (Some("hst-2014-01-01"), "hst_0001.pmap"),
        (Some("2014-01-01T12:00:00"), "hst_0001.pmap"),
    ] {
        assert_eq!(of(false, asked, &none).unwrap(), name, "{asked:?}");
        // What the server said is kept.
        assert_eq!(of(true, asked, &none).unwrap(), name, "{asked:?}");
    }
    assert_eq!(of(true, Some("hst-2021-01-01"), &none).unwrap(), "hst_0002.pmap");
    assert!(of(true, Some("hst-2001-01-01"), &none).is_err());
    assert!(matches!(
        of(true, Some("hst-foo"), &none),
        Err(Error::BadContext { .. })
    ));
    let set = none.with("CRDS_CONTEXT", "hst_0009.pmap");
    assert_eq!(of(true, None, &set).unwrap(), "hst_0009.pmap");
    assert_eq!(of(true, Some("hst-edit"), &set).unwrap(), "hst_0003.pmap");
    assert_eq!(
        std::fs::read_to_string(setting.path("config/hst/bad_files.txt")).unwrap(),
        "bad.fits"
    );
}

#[test]
fn the_real_rules_of_2013_check_themselves() {
    let Some(data) = std::env::var_os("FIRSTLIGHT_DATA") else {
        eprintln!("SKIPPED: FIRSTLIGHT_DATA is not set: the real rules are not checked");
        return;
    };
    let root = Path::new(&data).join("crds/crds_cache");
    let cache = Cache::from_environment(&Environment::default(), Some(&root)).unwrap();
    let options = ClientOptions {
        offline: true,
        ..quick()
    };
    let server = Crds::new(Client::new(options), "http://127.0.0.1:9");
    let context = context::resolve(&cache, &server, None, &Environment::default()).unwrap();
    assert_eq!(context.name, "hst.pmap");
    let report = sync::mappings(&cache, &server, &context.name, &SyncOptions::default(), &Silent).unwrap();
    assert_eq!(report.files.len(), 116);
    assert!(report.files.iter().all(|file| file.outcome == Outcome::Present));
}
