//! From a query to updated headers with reference files in place, against a simulated archive that is served.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;

const COMMAND: &str = env!("CARGO_BIN_EXE_firstlight");

fn run(line: &[&str]) -> Output {
    // What the user's own environment says must not reach the tests.
    let mut command = Command::new(COMMAND);
    for name in [
        "CRDS_PATH",
        "CRDS_CONTEXT",
        "CRDS_SERVER_URL",
        "MAST_SERVER_URL",
        "http_proxy",
        "HTTP_PROXY",
        "jref",
    ] {
        command.env_remove(name);
    }
    command.args(line).output().unwrap()
}

/// What a command line prints; it must succeed.
fn stdout(line: &[&str]) -> String {
    let output = run(line);
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{line:?}\n{error}");
    String::from_utf8(output.stdout).unwrap()
}

/// A simulated archive, made once.
fn folder() -> &'static Path {
    static FOLDER: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    let (_, path) = FOLDER.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("demo");
        stdout(&[
            "simulate",
            "archive",
            path.to_str().unwrap(),
            "--size",
            "64",
            "--darks",
            "2",
            "-q",
        ]);
        (folder, path)
    });
    path
}

/// `archive serve`, killed at the latest when it is dropped.
struct Serving {
    child: Child,
    ready: serde_json::Value,
}

impl Serving {
    fn start(folder: &Path, more: &[&str]) -> Self {
        let mut child = Command::new(COMMAND)
            .args(["archive", "serve", folder.to_str().unwrap(), "--json"])
            .args(more)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let ready = serde_json::from_str(&line).expect(&line);
        Self { child, ready }
    }

    fn url(&self) -> &str {
        self.ready["url"].as_str().unwrap()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn same(left: &Path, right: &Path) {
    assert!(
        std::fs::read(left).unwrap() == std::fs::read(right).unwrap(),
        "{}",
        left.display()
    );
}

#[test]
fn from_query_to_updated_headers_with_references_in_place() {
    let serving = Serving::start(folder(), &[]);
    let (server, there) = (["--server", serving.url()], folder());
    let place = tempfile::tempdir().unwrap();
    let (data, cache) = (place.path().join("data"), place.path().join("cache"));
    let count = stdout(&[&["mast", "query", "--obs-id", "JSIM11*", "--count"], &server[..]].concat());
    assert_eq!(count.trim(), "4");
    let darks = [
        "mast",
        "query",
        "--target-name",
        "DARK",
        "--t-exptime",
        "999..1001",
        "--count",
    ];
    assert_eq!(stdout(&[&darks, &server[..]].concat()).trim(), "2");

    let dest = data.to_str().unwrap();
    let what = [
        "mast",
        "download",
        "--obs-id",
        "JSIM11*",
        "--products",
        "RAW,ASN",
        "--dest",
        dest,
        "--flat",
        "-q",
    ];
    stdout(&[&what, &server[..]].concat());
    let mut raws: Vec<PathBuf> = std::fs::read_dir(&data)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    raws.sort();
    assert_eq!(raws.len(), 12);
    for file in &raws {
        same(file, &there.join("science").join(file.file_name().unwrap()));
    }

    raws.retain(|file| file.to_string_lossy().ends_with("_raw.fits"));
    let files: Vec<&str> = raws.iter().map(|file| file.to_str().unwrap()).collect();
    let how = ["--update", "--sync", "--cache", cache.to_str().unwrap(), "-q"];
    stdout(&[&["bestrefs"], &files[..], &how, &server].concat());
    for file in &files {
        let value = |keyword: &str| stdout(&["header", "get", keyword, file]).trim().to_owned();
        assert!(value("DARKFILE").ends_with("jref$sim20001j_drk.fits"), "{file}");
        assert!(value("PFLTFILE").ends_with("jref$sim10006j_pfl.fits"), "{file}");
    }
    let references = cache.join("references/hst/acs");
    let found: Vec<PathBuf> = std::fs::read_dir(&references)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert_eq!(found.len(), 6);
    for file in &found {
        same(
            file,
            &there
                .join("crds/references/hst/acs")
                .join(file.file_name().unwrap()),
        );
    }
    let older = [
        "--update",
        "--context",
        "hst_0001.pmap",
        "--cache",
        cache.to_str().unwrap(),
        "-q",
    ];
    stdout(&[&["bestrefs", files[0]], &older[..], &server].concat());
    assert!(stdout(&["header", "get", "DARKFILE", files[0]]).contains("sim10002j_drk.fits"));
}

#[test]
fn damaged_references_are_replaced_and_offline_they_are_named() {
    let serving = Serving::start(folder(), &[]);
    let place = tempfile::tempdir().unwrap();
    let cache = place.path().join("cache");
    let raw = folder().join("science/jsim11ctq_raw.fits");
    let ask = [
        "bestrefs",
        raw.to_str().unwrap(),
        "--sync",
        "--cache",
        cache.to_str().unwrap(),
    ];
    let online = [&ask[..], &["--server", serving.url()]].concat();
    stdout(&online);
    let name = |name: &str| cache.join("references/hst/acs").join(name);
    let whole = std::fs::read(name("sim20001j_drk.fits")).unwrap();
    let mut changed = whole.clone();
    let last = changed.len() - 2000;
    changed[last] ^= 1;
    let damage = || {
        std::fs::write(name("sim20001j_drk.fits"), &changed).unwrap();
        std::fs::write(name("sim10003j_idc.fits"), &whole[..5000]).unwrap();
        std::fs::write(name("sim10006j_pfl.fits"), vec![0; 8640]).unwrap();
        std::fs::write(name("sim10004j_imp.fits"), "<html>503</html>").unwrap();
        std::fs::remove_file(name("sim10005j_lin.fits")).unwrap();
    };
    damage();
    let offline = run(&[&ask[..], &["--offline"]].concat());
    assert_eq!(offline.status.code(), Some(7));
    let said = String::from_utf8_lossy(&offline.stderr).into_owned();
    for file in [
        "sim20001j_drk",
        "sim10003j_idc",
        "sim10006j_pfl",
        "sim10004j_imp",
        "sim10005j_lin",
    ] {
        assert!(said.contains(file), "{file}: {said}");
    }
    assert!(!said.contains("sim10001j_bpx"), "{said}");
    let done: serde_json::Value =
        serde_json::from_str(&stdout(&[&online[..], &["--json"]].concat())).unwrap();
    let status = |wanted: &str| {
        let fetched = done["fetched"].as_array().unwrap().iter();
        fetched.filter(|file| file["status"] == wanted).count()
    };
    assert_eq!(
        (status("replaced"), status("fetched"), status("there")),
        (4, 1, 1),
        "{done}"
    );
    for file in std::fs::read_dir(cache.join("references/hst/acs")).unwrap() {
        let file = file.unwrap().path();
        same(
            &file,
            &folder()
                .join("crds/references/hst/acs")
                .join(file.file_name().unwrap()),
        );
    }
}

#[test]
fn a_reference_type_that_there_is_not_is_refused() {
    let cache = folder().join("crds");
    let raw = folder().join("science/jsim11ctq_raw.fits");
    let ask = [
        "bestrefs",
        raw.to_str().unwrap(),
        "--offline",
        "--cache",
        cache.to_str().unwrap(),
    ];
    let output = run(&[&ask[..], &["--types", "darkfile,darkfil"]].concat());
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(
        said.contains("called darkfil;") && said.contains("pfltfile"),
        "{said}"
    );
    stdout(&[&ask[..], &["--types", "DARKFILE"]].concat());
}

#[test]
fn bestrefs_do_not_change_a_file_that_is_read_only() {
    let (cache, place) = (folder().join("crds"), tempfile::tempdir().unwrap());
    let raw = place.path().join("jsim11ctq_raw.fits");
    std::fs::copy(folder().join("science/jsim11ctq_raw.fits"), &raw).unwrap();
    stdout(&[
        "header",
        "set",
        "DARKFILE=jref$other_drk.fits",
        raw.to_str().unwrap(),
    ]);
    let mut permissions = std::fs::metadata(&raw).unwrap().permissions();
    permissions.set_readonly(true);
    std::fs::set_permissions(&raw, permissions).unwrap();
    let before = std::fs::read(&raw).unwrap();
    let ask = [
        "bestrefs",
        raw.to_str().unwrap(),
        "--offline",
        "--cache",
        cache.to_str().unwrap(),
    ];
    assert!(stdout(&ask).contains("changed"));
    let output = run(&[&ask[..], &["--update"]].concat());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.contains("jsim11ctq_raw.fits is read-only, and bestrefs --update would change it"),
        "{said}"
    );
    assert_ne!(output.status.code(), Some(0));
    assert!(std::fs::read(&raw).unwrap() == before);
}

#[test]
fn an_observation_that_the_archive_does_not_have_is_named() {
    let serving = Serving::start(folder(), &[]);
    let place = tempfile::tempdir().unwrap();
    let dest = place.path().to_str().unwrap();
    let how = [
        "--products",
        "ASN",
        "--flat",
        "--dest",
        dest,
        "--server",
        serving.url(),
        "-q",
    ];
    let output = run(&[&["mast", "download", "jsim11010", "JSIM99010"], &how[..]].concat());
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(4), "{said}");
    assert!(said.contains("'JSIM99010'"), "{said}");
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0);
    stdout(&[&["mast", "download", "JSIM11010"], &how[..]].concat());
    assert!(place.path().join("jsim11010_asn.fits").is_file());
}

#[test]
fn a_bad_file_is_named_and_left_out() {
    let place = tempfile::tempdir().unwrap();
    let dark = "jsim01iiq_raw.fits";
    std::fs::copy(folder().join("darks").join(dark), place.path().join(dark)).unwrap();
    std::fs::write(place.path().join("page_flt.fits"), "<html>404</html>").unwrap();
    std::fs::create_dir(place.path().join("twice")).unwrap();
    std::fs::copy(
        folder().join("darks").join(dark),
        place.path().join("twice").join(dark),
    )
    .unwrap();
    let serving = Serving::start(place.path(), &[]);
    assert_eq!(serving.ready["observations"], 1);
    assert_eq!(serving.ready["files"], 1);
    let left_out = serving.ready["left_out"].to_string();
    assert!(
        left_out.contains("HTML page") && left_out.contains("has the same name"),
        "{left_out}"
    );
}

#[cfg(unix)]
#[test]
fn links_that_lead_out_of_the_folder_are_not_followed() {
    let place = tempfile::tempdir().unwrap();
    let served = place.path().join("served");
    std::fs::create_dir(&served).unwrap();
    let dark = folder().join("darks/jsim01iiq_raw.fits");
    std::fs::copy(&dark, place.path().join("secret_raw.fits")).unwrap();
    std::os::unix::fs::symlink("../secret_raw.fits", served.join("link_raw.fits")).unwrap();
    std::os::unix::fs::symlink("..", served.join("up")).unwrap();
    std::os::unix::fs::symlink(".", served.join("round")).unwrap();
    std::fs::copy(&dark, served.join("own_raw.fits")).unwrap();
    let serving = Serving::start(&served, &[]);
    assert_eq!(serving.ready["files"], 1);
    assert_eq!(serving.ready["left_out"].as_array().unwrap().len(), 2);
}

#[cfg(unix)]
#[test]
fn it_stops_cleanly_when_it_is_asked_to() {
    for signal in ["-TERM", "-INT"] {
        let mut serving = Serving::start(folder(), &[]);
        let done = Command::new("kill")
            .args([signal, &serving.child.id().to_string()])
            .status()
            .unwrap();
        assert!(done.success());
        assert_eq!(serving.child.wait().unwrap().code(), Some(0), "{signal}");
    }
}

#[test]
fn the_index_reads_only_what_has_changed() {
    let place = tempfile::tempdir().unwrap();
    let index = place.path().join("index.sqlite");
    let served = place.path().join("served");
    std::fs::create_dir(&served).unwrap();
    for name in ["jsim01iiq_raw.fits", "jsim01ijq_raw.fits"] {
        std::fs::copy(folder().join("darks").join(name), served.join(name)).unwrap();
    }
    let read = || Serving::start(&served, &["--index", index.to_str().unwrap()]).ready["read"].clone();
    assert_eq!(read(), 2);
    assert_eq!(read(), 0);
    let changed = served.join("jsim01ijq_raw.fits");
    stdout(&["header", "set", "TARGNAME=ELSEWHERE", changed.to_str().unwrap()]);
    assert_eq!(read(), 1);
    std::fs::remove_file(&changed).unwrap();
    let serving = Serving::start(&served, &["--index", index.to_str().unwrap()]);
    assert_eq!(
        (&serving.ready["read"], &serving.ready["observations"]),
        (&0.into(), &1.into())
    );
    std::fs::write(&index, "no database, but text\n".repeat(100)).unwrap();
    drop(serving);
    let refused = run(&[
        "archive",
        "serve",
        served.to_str().unwrap(),
        "--index",
        index.to_str().unwrap(),
    ]);
    assert_eq!(refused.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("cannot be used as an index"));
}
