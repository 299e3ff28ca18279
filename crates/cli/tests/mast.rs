//! `firstlight mast` against a server that answers as MAST does: what is printed and written, what becomes of files, and
//! the exit codes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "../../archive/tests/server_that_answers/mod.rs"]
mod server_that_answers;

use serde_json::{Value, json};
use server_that_answers::{Answer, Server};
use std::path::Path;
use std::process::Command;

struct Ran {
    code: i32,
    out: String,
    err: String,
}

impl Ran {
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}\n{}", self.out, self.err))
    }

    /// A column of the table at `key`.
    fn column(&self, key: &str, name: &str) -> Vec<String> {
        let report = self.json();
        let columns = report[key]["columns"].as_array().unwrap().clone();
        let column = columns.into_iter().find(|column| column["name"] == name).unwrap();
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        column["values"].as_array().unwrap().iter().map(text).collect()
    }
}

fn run(folder: &Path, server: &str, line: &[&str]) -> Ran {
    let output = Command::new(env!("CARGO_BIN_EXE_firstlight"))
        .arg("mast")
        .args(line)
        .current_dir(folder)
        .env("MAST_SERVER_URL", server)
        .env_remove("MAST_API_TOKEN")
        .env_remove("http_proxy")
        .env_remove("HTTP_PROXY")
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ran {
        code: output.status.code().unwrap(),
        out: text(&output.stdout),
        err: text(&output.stderr),
    }
}

/// A small FITS file, of 2 blocks: a header and `fill` over and over.
fn fits(fill: u8) -> Vec<u8> {
    let cards = [
        "SIMPLE  =                    T",
        "BITPIX  =                    8",
        "NAXIS   =                    1",
        "NAXIS1  =                 2880",
        "END",
    ];
    let mut file: Vec<u8> = cards
        .iter()
        .flat_map(|card| format!("{card:80}").into_bytes())
        .collect();
    file.resize(2880, b' ');
    file.resize(5760, fill);
    file
}

fn product(name: &str, suffix: &str, size: i64) -> Value {
    json!({"obsID": 1, "obs_id": "jx0101aaq", "obs_collection": "HST", "dataURI": format!("mast:HST/product/{name}"),
        "productFilename": name, "productSubGroupDescription": suffix, "productType": "SCIENCE", "size": size,
        "calib_level": 2, "productGroupDescription": null})
}

fn products() -> Vec<Value> {
    vec![
        product("jx0101aaq_raw.fits", "RAW", 5760),
        product("jx0101aaq_flt.fits", "FLT", 5760),
        product("jx0101aaq_flt.fits", "FLT", 5760),
        product("jx0101aaq_spt.fits", "SPT", 999),
        product("jx0101aaq_trl.txt", "TRL", 0),
        product("../../escape.fits", "BAD", 5760),
        product("..", "WORSE", 5760),
    ]
}

fn answer(path: &str, body: &str) -> Answer {
    let table = |rows: Vec<Value>| {
        (
            200,
            json!({"status": "COMPLETE", "data": rows, "fields": []})
                .to_string()
                .into_bytes(),
        )
    };
    if let Some(uri) = path.strip_prefix("/api/v0.1/Download/file?uri=mast:HST/product/") {
        return match uri {
            "jx0101aaq_raw.fits" => (200, fits(1)),
            "jx0101aaq_flt.fits" | "jx0101aaq_spt.fits" => (200, fits(2)),
            "jx0101aaq_trl.txt" => (200, b"done".to_vec()),
            "page.fits" => (200, b"<html>please log in</html>".to_vec()),
            "../../escape.fits" => (200, fits(3)),
            _ => (404, b"there is none".to_vec()),
        };
    }
    if path.starts_with("/api/v0.1/path_lookup/") {
        let paths = json!({"mast:HST/product/jx0101aaq_raw.fits": {"path": "/hst/public/jx01/jx0101aaq/jx0101aaq_raw.fits"},
            "mast:HST/product/jx0101aaq_flt.fits": {"path": null}});
        return (200, paths.to_string().into_bytes());
    }
    if path.starts_with("/bucket/hst/public/") {
        return (200, fits(9));
    }
    let request: Value = serde_json::from_str(body.strip_prefix("request=").unwrap()).unwrap();
    match request["service"].as_str().unwrap() {
        "Mast.Caom.Products" => table(products()),
        _ if request["params"]["columns"] == "COUNT_BIG(*)" => table(vec![json!({"Column1": 1})]),
        _ if body.contains("nothing") => table(Vec::new()),
        _ => table(vec![
            json!({"obsid": 1, "obs_id": "jx0101aaq", "target_name": "DARK", "t_min": 57084.5, "s_ra": null}),
        ]),
    }
}

#[test]
fn queries_are_printed_counted_and_written() {
    let (folder, server) = (tempfile::tempdir().unwrap(), Server::start(answer));
    let run = |line: &[&str]| run(folder.path(), &server.url, line);
    let shown = run(&["query", "--target-name", "DARK", "--t-min", "57000..57100"]);
    assert_eq!(shown.code, 0, "{}", shown.err);
    assert!(
        shown.out.contains("jx0101aaq") && !shown.out.contains("s_ra"),
        "{}",
        shown.out
    );
    assert_eq!(run(&["query", "--obs_id", "j*", "--count"]).out.trim(), "1");
    let written = run(&["query", "--where", "target_name=DARK", "-o", "found.ecsv"]);
    assert_eq!(written.code, 0, "{}", written.err);
    let products = run(&[
        "products",
        "--from",
        "found.ecsv",
        "--products",
        "flt,RAW",
        "--json",
    ]);
    assert_eq!(
        products.column("table", "productFilename"),
        ["jx0101aaq_raw.fits", "jx0101aaq_flt.fits"]
    );
    assert_eq!(products.json()["duplicates"], 1);
    let none = run(&["query", "--obs-id", "nothing"]);
    assert!(
        none.code == 0 && none.err.contains("no observation"),
        "{}",
        none.err
    );
    let filters = &server.documents()[0]["params"]["filters"];
    assert_eq!(
        filters,
        &json!([{"paramName": "target_name", "values": ["DARK"]},
        {"paramName": "t_min", "values": [{"min": 57000, "max": 57100}]}])
    );
}

#[test]
fn requests_that_cannot_be_made_are_refused_before_any_is() {
    let (folder, server) = (tempfile::tempdir().unwrap(), Server::start(answer));
    let code = |line: &[&str]| run(folder.path(), &server.url, line).code;
    assert_eq!(code(&["query"]), 2);
    assert_eq!(code(&["query", "--t-min", "yesterday"]), 2);
    assert_eq!(code(&["query", "--coordinates", "here"]), 2);
    assert_eq!(code(&["query", "--coordinates", "1 2", "--radius", "far"]), 2);
    assert_eq!(code(&["download"]), 2);
    assert_eq!(code(&["download", "1", "--layout", "deep"]), 2);
    assert_eq!(code(&["query", "--obs-id", "x", "--offline"]), 4);
    assert!(server.asked.lock().unwrap().is_empty());
}

#[test]
fn files_are_fetched_once_replaced_where_wrong_and_told_of() {
    let (folder, server) = (tempfile::tempdir().unwrap(), Server::start(answer));
    let folder = folder.path();
    let download = |line: &[&str]| {
        run(
            folder,
            &server.url,
            &[
                &["download", "jx0101aaq", "--products", "RAW,FLT", "--json"],
                line,
            ]
            .concat(),
        )
    };
    let dry = download(&["--dry-run"]);
    assert_eq!(
        (dry.code, dry.json()["bytes"].as_u64()),
        (0, Some(11520)),
        "{}",
        dry.err
    );
    assert!(!folder.join("mastDownload").exists());
    let first = download(&["--manifest", "manifest.ecsv"]);
    assert_eq!(first.code, 0, "{}", first.err);
    let raw = folder.join("mastDownload/HST/jx0101aaq/jx0101aaq_raw.fits");
    assert_eq!(std::fs::read(&raw).unwrap(), fits(1));
    let manifest = std::fs::read_to_string(folder.join("manifest.ecsv")).unwrap();
    assert!(
        manifest.contains("Local Path") && manifest.contains("COMPLETE"),
        "{manifest}"
    );
    // A manifest that is there is not overwritten, and no work is done then.
    assert_eq!(download(&["--manifest", "manifest.ecsv"]).code, 2);
    let again = download(&[]);
    assert_eq!(again.json()["already_there"], 2, "{}", again.out);
    // What is cut is replaced; the other is left alone.
    std::fs::write(&raw, &fits(1)[..4000]).unwrap();
    let repaired = download(&[]);
    assert_eq!(repaired.json()["already_there"], 1, "{}", repaired.out);
    assert_eq!(std::fs::read(&raw).unwrap(), fits(1));
    // Wanted anew, what is whole is fetched too.
    std::fs::write(&raw, fits(7)).unwrap();
    assert_eq!(download(&["--again"]).json()["already_there"], 0);
    assert_eq!(std::fs::read(&raw).unwrap(), fits(1));
    let flat = download(&["--dest", "here", "--flat"]);
    assert!(
        flat.code == 0 && folder.join("here/jx0101aaq_flt.fits").exists(),
        "{}",
        flat.err
    );
}

#[test]
fn a_file_that_fails_does_not_stop_the_others() {
    let (folder, server) = (tempfile::tempdir().unwrap(), Server::start(answer));
    let inner = folder.path().join("a/b");
    std::fs::create_dir_all(&inner).unwrap();
    let ran = run(
        &inner,
        &server.url,
        &[
            "download",
            "jx0101aaq_raw.fits",
            "mast:HST/product/lost.fits",
            "--flat",
            "--json",
        ],
    );
    assert_eq!(ran.code, 7, "{}", ran.err);
    assert_eq!(ran.column("manifest", "Status"), ["COMPLETE", "ERROR"]);
    assert!(
        ran.column("manifest", "Message")[1].contains("404"),
        "{}",
        ran.out
    );
    let ran = run(
        &inner,
        &server.url,
        &[
            "download",
            "1",
            "--flat",
            "--product-where",
            "productSubGroupDescription=BAD,WORSE,TRL",
            "--json",
        ],
    );
    assert_eq!(ran.code, 7, "{}", ran.err);
    // A name with folders loses them; one that is no name is refused.
    assert_eq!(
        ran.column("manifest", "Status"),
        ["COMPLETE", "COMPLETE", "ERROR"]
    );
    assert!(inner.join("escape.fits").exists() && !folder.path().join("escape.fits").exists());
}

#[test]
fn a_web_page_is_no_file() {
    let (folder, server) = (tempfile::tempdir().unwrap(), Server::start(answer));
    let ran = run(
        folder.path(),
        &server.url,
        &["download", "page.fits", "--flat", "--json"],
    );
    assert_eq!(
        (ran.code, ran.column("manifest", "Status")),
        (7, vec!["ERROR".to_owned()]),
        "{}",
        ran.err
    );
    assert!(!folder.path().join("page.fits").exists());
}

#[test]
fn a_whole_file_of_another_size_than_listed_is_the_file() {
    let (folder, server) = (tempfile::tempdir().unwrap(), Server::start(answer));
    let ran = run(
        folder.path(),
        &server.url,
        &["download", "1", "--flat", "--products", "SPT", "--json"],
    );
    assert_eq!(ran.code, 0, "{}", ran.out);
    assert!(
        ran.column("manifest", "Message")[0].contains("5760 bytes, the list says 999"),
        "{}",
        ran.out
    );
    assert_eq!(
        std::fs::read(folder.path().join("jx0101aaq_spt.fits")).unwrap(),
        fits(2)
    );
}

#[test]
fn offline_what_is_here_counts_and_nothing_is_asked() {
    let (folder, server) = (tempfile::tempdir().unwrap(), Server::start(answer));
    let folder = folder.path();
    let run = |line: &[&str]| run(folder, &server.url, line);
    assert_eq!(
        run(&["products", "1", "--products", "RAW,FLT", "-o", "p.ecsv"]).code,
        0
    );
    assert_eq!(
        run(&["download", "--from", "p.ecsv", "--products", "RAW"]).code,
        0
    );
    let before = server.asked.lock().unwrap().len();
    let offline = run(&["download", "--from", "p.ecsv", "--offline", "--json"]);
    assert_eq!(offline.code, 7, "{}", offline.err);
    assert_eq!(offline.column("manifest", "Status"), ["COMPLETE", "ERROR"]);
    assert_eq!(server.asked.lock().unwrap().len(), before);
}

#[test]
fn public_copies_are_taken_where_there_are_any() {
    let (folder, server) = (tempfile::tempdir().unwrap(), Server::start(answer));
    let bucket = format!("{}/bucket", server.url);
    let run = |line: &[&str]| {
        let common = [
            "download",
            "1",
            "--products",
            "RAW,FLT",
            "--flat",
            "--json",
            "--cloud-url",
            &bucket,
        ];
        run(folder.path(), &server.url, &[&common[..], line].concat())
    };
    let only = run(&["--cloud-only", "--dest", "only"]);
    assert_eq!(only.code, 0, "{}", only.err);
    assert_eq!(only.column("manifest", "Status"), ["COMPLETE", "SKIPPED"]);
    assert_eq!(
        std::fs::read(folder.path().join("only/jx0101aaq_raw.fits")).unwrap(),
        fits(9)
    );
    let both = run(&["--cloud", "--dest", "both"]);
    assert_eq!(both.column("manifest", "Status"), ["COMPLETE", "COMPLETE"]);
    assert!(
        both.column("manifest", "URL")[0].starts_with(&bucket),
        "{}",
        both.out
    );
    assert_eq!(
        std::fs::read(folder.path().join("both/jx0101aaq_flt.fits")).unwrap(),
        fits(2)
    );
}
