//! The CRDS cache: rules and reference files that are missing, blank, cut or wrong.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use firstlight_archive::client::{Client, ClientOptions, Silent};
use firstlight_archive::crds::sync::{self, Outcome};
use firstlight_archive::crds::{Cache, Layout, Server as Crds, SyncOptions, context};
use firstlight_archive::{Environment, Error};
use serde_json::{Value, json};
use sha1::{Digest, Sha1};

use super::server::{Asked, Connection, Server};
use super::{fits, names_in, quick};

fn sha1(bytes: &[u8]) -> String {
    Sha1::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// A rule file that names others, with its checksum.
fn rule(kind: &str, derived: &str, below: &[&str]) -> Vec<u8> {
    let named: String = below
        .iter()
        .enumerate()
        .map(|(i, name)| format!("    'K{i}' : '{name}',\n"))
        .collect();
    let lines = format!(
        "    'mapping' : '{kind}',\n    'derived_from' : '{derived}',\n}}\n\nselector = {{\n{named}}}\n"
    );
    let sum = sha1(format!("header = {{\n{lines}").as_bytes());
    format!("header = {{\n    'sha1sum' : '{sum}',\n{lines}").into_bytes()
}

type Files = Arc<Mutex<BTreeMap<String, Vec<u8>>>>;

/// Files that a server has.
fn files() -> Files {
    let mut files = BTreeMap::from([
        (
            "hst_0002.pmap".to_owned(),
            rule("pipeline", "hst_0001.pmap", &["hst_acs_0002.imap", "N/A"]),
        ),
        (
            "hst_acs_0002.imap".to_owned(),
            rule(
                "instrument",
                "hst_acs_0001.imap",
                &["hst_acs_biasfile_0002.rmap", "hst_acs_darkfile_0001.rmap"],
            ),
        ),
        (
            "hst_acs_biasfile_0002.rmap".to_owned(),
            rule("reference", "x", &[]),
        ),
        (
            "hst_acs_darkfile_0001.rmap".to_owned(),
            rule("reference", "y", &[]),
        ),
    ]);
    for (i, name) in ["a1j_bia.fits", "b2j_drk.fits", "c3j_pfl.fits", "d4o_bia.fits"]
        .iter()
        .enumerate()
    {
        files.insert((*name).to_owned(), fits(4000 + 1000 * i));
    }
    files.insert("e5u.r0h".to_owned(), b"header".to_vec());
    files.insert("e5u.r0d".to_owned(), b"data".to_vec());
    Arc::new(Mutex::new(files))
}

/// A CRDS server over these files.
fn crds(files: &Files) -> Server {
    let files = files.clone();
    Server::start(move |_, asked, connection| {
        let files = files.lock().unwrap();
        if let Some(name) = asked.path.strip_prefix("/get/") {
            return match files.get(name) {
                Some(bytes) => connection.file(asked, bytes, &format!("\"{}\"", sha1(bytes))),
                None => connection.reply(404, &[], b"no such file"),
            };
        }
        service(&files, asked, connection);
    })
}

fn service(files: &BTreeMap<String, Vec<u8>>, asked: &Asked, connection: &mut Connection) {
    let call: Value = serde_json::from_slice(&asked.body).unwrap_or_default();
    let host = asked.header("host").unwrap_or_default();
    let info = |name: &String| {
        let bytes = files.get(name)?;
        Some((
            name.clone(),
            json!({"size": bytes.len().to_string(), "sha1sum": sha1(bytes)}),
        ))
    };
    let result = match call["method"].as_str().unwrap_or_default() {
        "get_server_info" => json!({
            "observatory": "hst", "operational_context": "hst_0002.pmap", "latest_context": "hst_0002.pmap",
            "edit_context": "hst_0003.pmap", "bad_files_list": ["bad.fits"],
            "context_history": [["2013-07-20 13:50:50.0", "hst_0001.pmap", ""], ["2020-01-01 00:00:00", "hst_0002.pmap", ""]],
            "mapping_url": {"hst": format!("http://{host}/get/")}, "reference_url": {"hst": format!("http://{host}/get")},
        }),
        "get_mapping_names" => json!(
            files
                .keys()
                .filter(|name| name.ends_with("map"))
                .collect::<Vec<_>>()
        ),
        "get_context_by_date" => json!("hst_0001.pmap"),
        "get_file_info_map" => {
            let names: Vec<String> = serde_json::from_value(call["params"][1].clone()).unwrap();
            Value::Object(names.iter().filter_map(info).collect())
        }
        other => {
            let error = json!({"error": {"message": format!("no service {other}")}, "result": null});
            return connection.reply(200, &[], error.to_string().as_bytes());
        }
    };
    connection.reply(
        200,
        &[],
        json!({"error": null, "result": result, "id": 1})
            .to_string()
            .as_bytes(),
    );
}

struct Setting {
    server: Server,
    files: Files,
    folder: tempfile::TempDir,
}

impl Setting {
    fn new() -> Self {
        let files = files();
        Self {
            server: crds(&files),
            files,
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn cache(&self) -> Cache {
        Cache::from_environment(&Environment::default(), Some(self.folder.path())).unwrap()
    }

    fn crds(&self, offline: bool) -> Crds {
        let options = ClientOptions { offline, ..quick() };
        Crds::new(Client::new(options), &self.server.url)
    }

    fn mappings(&self, offline: bool) -> Result<sync::SyncReport, Error> {
        sync::mappings(
            &self.cache(),
            &self.crds(offline),
            "hst_0002.pmap",
            &SyncOptions::default(),
            &Silent,
        )
    }

    fn references(&self, offline: bool, names: &[&str]) -> BTreeMap<String, Outcome> {
        self.references_of(&self.cache(), offline, names, false)
    }

    fn references_of(
        &self,
        cache: &Cache,
        offline: bool,
        names: &[&str],
        verify: bool,
    ) -> BTreeMap<String, Outcome> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let options = SyncOptions {
            verify,
            ..SyncOptions::default()
        };
        let report = sync::references(cache, &self.crds(offline), &names, &options, &Silent).unwrap();
        report
            .files
            .into_iter()
            .map(|file| (file.name, file.outcome))
            .collect()
    }

    fn path(&self, path: &str) -> std::path::PathBuf {
        self.folder.path().join(path)
    }
}

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
fn the_cache_is_where_the_variables_say() {
    let of = |pairs: &[(&str, &str)]| {
        Cache::from_environment(&pairs.iter().map(|(name, value)| (*name, *value)).collect(), None).unwrap()
    };
    let cache = of(&[("CRDS_PATH", "/a/"), ("HOME", "/home/me")]);
    assert_eq!(cache.mappings(), Path::new("/a/mappings/hst"));
    assert_eq!(
        cache.reference_path("jref$a1j_bia.fits").unwrap(),
        Path::new("/a/references/hst/acs/a1j_bia.fits")
    );
    assert!(cache.origin().contains("CRDS_PATH says"), "{}", cache.origin());
    let cache = of(&[
        ("CRDS_PATH", "/a"),
        ("CRDS_PATH_SINGLE", "/b"),
        ("CRDS_MAPPATH", "/c"),
        ("CRDS_REFPATH_SINGLE", "/d"),
    ]);
    assert_eq!(cache.mappings(), Path::new("/c/hst"));
    assert_eq!(cache.references(), Path::new("/d"));
    assert_eq!(cache.config(), Path::new("/b/config"));
    #[cfg(unix)]
    {
        let cache = of(&[("HOME", "/home/me")]);
        assert_eq!(
            cache.mappings(),
            Path::new("/home/me/.cache/firstlight/crds/mappings/hst")
        );
        assert!(
            cache.origin().contains("CRDS_PATH is not set"),
            "{}",
            cache.origin()
        );
        let cache = of(&[("HOME", "/home/me"), ("XDG_CACHE_HOME", "/x")]);
        assert_eq!(cache.config(), Path::new("/x/firstlight/crds/config/hst"));
    }
    let root = Cache::from_environment(
        &Environment::default().with("CRDS_PATH", "/a"),
        Some(Path::new("/r")),
    )
    .unwrap();
    assert_eq!(root.config(), Path::new("/r/config/hst"));
    let other = Environment::default()
        .with("CRDS_PATH", "/a")
        .with("CRDS_OBSERVATORY", "jwst");
    assert!(matches!(
        Cache::from_environment(&other, None),
        Err(Error::BadVariable { .. })
    ));
    let wrong = Environment::default()
        .with("CRDS_PATH", "/a")
        .with("CRDS_READONLY_CACHE", "perhaps");
    assert!(matches!(
        Cache::from_environment(&wrong, None),
        Err(Error::BadVariable { .. })
    ));
}

#[test]
fn layouts_are_those_that_the_cache_has() {
    let folder = tempfile::tempdir().unwrap();
    let environment = Environment::default()
        .with("CRDS_PATH", folder.path().to_str().unwrap())
        .with("jref", "/j/");
    let cache = || Cache::from_environment(&environment, None);
    let references = folder.path().join("references/hst");
    std::fs::create_dir_all(&references).unwrap();
    for i in 0..21 {
        assert_eq!(cache().unwrap().layout(), Layout::Instrument);
        std::fs::write(references.join(format!("{i}j_bia.fits")), b"").unwrap();
    }
    assert_eq!(cache().unwrap().layout(), Layout::Flat);
    assert_eq!(
        cache().unwrap().reference_path("1j_bia.fits").unwrap(),
        references.join("1j_bia.fits")
    );
    let config = folder.path().join("config/hst");
    std::fs::create_dir_all(&config).unwrap();
    std::fs::write(config.join("ref_cache_subdir_mode"), "legacy\n").unwrap();
    assert_eq!(
        cache().unwrap().reference_path("1j_bia.fits").unwrap(),
        Path::new("/j/1j_bia.fits")
    );
    assert!(matches!(
        cache().unwrap().reference_path("1o_bia.fits"),
        Err(Error::BadVariable { .. })
    ));
    std::fs::write(config.join("ref_cache_subdir_mode"), "heap").unwrap();
    assert!(matches!(cache(), Err(Error::BadFile { .. })));
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
