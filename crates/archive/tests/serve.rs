//! The local archive answers requests of every kind, sensible or not, and goes on.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use firstlight_archive::client::{Client, ClientOptions};
use firstlight_archive::serve::{ServeOptions, Server};
use firstlight_fits::{Column, FitsWriter, Header, Overwrite, Table};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;

fn exposure(folder: &Path, root: &str, keywords: &[(&str, firstlight_fits::Value)]) {
    let mut primary = Header::new();
    for (keyword, value) in [
        ("TELESCOP", "HST"),
        ("INSTRUME", "STIS"),
        ("DETECTOR", "CCD"),
        ("ROOTNAME", root),
    ] {
        primary.set(keyword, value, None).unwrap();
    }
    for (keyword, value) in keywords {
        primary.set(keyword, value.clone(), None).unwrap();
    }
    let path = folder.join(format!("{root}_raw.fits"));
    let mut writer = FitsWriter::create(&path, Overwrite::Refuse).unwrap();
    writer.empty_primary(&primary).unwrap();
    let mut sci = Header::new();
    sci.set("EXTNAME", "SCI", None).unwrap();
    let wcs = [
        ("CRVAL1", 150.0),
        ("CRVAL2", 2.0),
        ("CRPIX1", 5.0),
        ("CRPIX2", 5.0),
        ("CD1_1", -0.01),
        ("CD2_2", 0.01),
    ];
    for (keyword, value) in wcs.into_iter().chain([("CD1_2", 0.0), ("CD2_1", 0.0)]) {
        sci.set(keyword, value, None).unwrap();
    }
    sci.set("CTYPE1", "RA---TAN", None).unwrap();
    sci.set("CTYPE2", "DEC--TAN", None).unwrap();
    writer.image(&sci, (&[1.0_f32; 100][..], (10, 10))).unwrap();
    writer.finish().unwrap();
}

/// Two exposures in an association, one dark by itself.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    for (root, start) in [("oaaa01aaq", 55000.0), ("oaaa01abq", 55001.0)] {
        let keywords = [
            ("TARGNAME", "NGC-1".into()),
            ("OBSTYPE", "SPECTROSCOPIC".into()),
            ("OPT_ELEM", "G430L".into()),
            ("TEXPSTRT", start.into()),
            ("TEXPEND", (start + 0.01).into()),
            ("TEXPTIME", 100.0.into()),
            ("PROPOSID", 12345.into()),
            ("RA_TARG", 150.0.into()),
            ("DEC_TARG", 2.0.into()),
        ];
        exposure(path, root, &keywords);
    }
    exposure(
        path,
        "oaaa02aaq",
        &[("TARGNAME", "DARK".into()), ("TEXPSTRT", 55002.5.into())],
    );
    let mut writer = FitsWriter::create(path.join("oaaa01010_asn.fits"), Overwrite::Refuse).unwrap();
    let mut primary = Header::new();
    primary.set("TELESCOP", "HST", None).unwrap();
    primary.set("ASN_ID", "OAAA01010", None).unwrap();
    writer.empty_primary(&primary).unwrap();
    let members = ["OAAA01AAQ", "OAAA01ABQ", "OAAA01010"];
    let table = Table::new()
        .with(Column::text("MEMNAME", members))
        .unwrap()
        .with(Column::text("MEMTYPE", ["EXP-CRJ", "EXP-CRJ", "PROD-CRJ"]))
        .unwrap();
    let mut header = Header::new();
    header.set("EXTNAME", "ASN", None).unwrap();
    writer.table(&header, &table).unwrap();
    writer.finish().unwrap();
    folder
}

struct Archive {
    _folder: tempfile::TempDir,
    server: Server,
    client: Client,
}

impl Archive {
    fn new() -> Self {
        let folder = folder();
        let server = Server::start(folder.path(), &ServeOptions::default()).unwrap();
        Self {
            _folder: folder,
            server,
            client: Client::new(ClientOptions::default()),
        }
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.server.url())
    }

    fn invoke(&self, request: &Value) -> Value {
        self.invoke_text(&request.to_string())
    }

    fn invoke_text(&self, request: &str) -> Value {
        let answer = self
            .client
            .post_form(&self.url("/api/v0/invoke"), &[("request", request)]);
        serde_json::from_slice(&answer.unwrap()).unwrap()
    }

    fn filtered(&self, filters: Value) -> Value {
        self.invoke(
            &json!({ "service": "Mast.Caom.Filtered", "params": { "columns": "*", "filters": filters } }),
        )
    }

    /// The names of observations that fulfil filters.
    fn names(&self, filters: Value) -> Vec<String> {
        let answer = self.filtered(filters);
        assert_eq!(answer["status"], "COMPLETE", "{answer}");
        let rows = answer["data"].as_array().unwrap().iter();
        rows.map(|row| row["obs_id"].as_str().unwrap().to_owned())
            .collect()
    }
}

#[test]
fn exposures_of_an_association_are_one_observation() {
    let archive = Archive::new();
    let found = archive.filtered(json!([{ "paramName": "obs_id", "values": ["OAAA01010"] }]));
    let row = &found["data"][0];
    for (column, expected) in [
        ("instrument_name", json!("STIS/CCD")),
        ("dataproduct_type", json!("spectrum")),
        ("intentType", json!("science")),
        ("provenance_name", json!("CALSTIS")),
        ("filters", json!("G430L")),
        ("target_name", json!("NGC-1")),
        ("proposal_id", json!("12345")),
        ("t_min", json!(55000.0)),
        ("t_max", json!(55001.01)),
        ("t_exptime", json!(200.0)),
        ("calib_level", json!(3)),
        ("jpegURL", Value::Null),
        ("mtFlag", json!(false)),
    ] {
        assert_eq!(row[column], expected, "{column}");
    }
    let products =
        archive.invoke(&json!({ "service": "Mast.Caom.Products", "params": { "obsid": row["obsid"] } }));
    let files: Vec<&str> = products["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p["productFilename"].as_str().unwrap())
        .collect();
    assert_eq!(
        files,
        ["oaaa01010_asn.fits", "oaaa01aaq_raw.fits", "oaaa01abq_raw.fits"]
    );
    assert!(
        archive
            .names(json!([{ "paramName": "obs_id", "values": ["oaaa01aaq"] }]))
            .is_empty()
    );
}

#[test]
fn filters_are_alternatives_within_and_hold_together() {
    let archive = Archive::new();
    let both = ["oaaa01010".to_owned(), "oaaa02aaq".to_owned()];
    assert_eq!(archive.names(json!([])), both);
    assert_eq!(
        archive.names(json!([{ "paramName": "OBS_ID", "values": ["OAAA02AAQ"], "freeText": "%010" }])),
        both
    );
    assert_eq!(
        archive.names(json!([{ "paramName": "t_min", "values": [{ "min": 55002.0, "max": 55003 }] }])),
        both[1..]
    );
    assert_eq!(
        archive.names(json!([{ "paramName": "t_min", "values": [{ "max": "55000" }] }])),
        both[..1]
    );
    assert_eq!(
        archive.names(json!([{ "paramName": "calib_level", "values": ["3"] }])),
        both[..1]
    );
    assert_eq!(
        archive.names(json!([{ "paramName": "mtFlag", "values": [false] }])),
        both
    );
    let two = json!([{ "paramName": "target_name", "values": ["dark"] }, { "paramName": "calib_level", "values": ["3"] }]);
    assert!(archive.names(two).is_empty());
    // Lists may be longer than SQLite lets conditions be nested.
    let mut many: Vec<String> = (0..3000).map(|number| format!("o{number}")).collect();
    many.push("oaaa02aaq".to_owned());
    assert_eq!(
        archive.names(json!([{ "paramName": "obs_id", "values": many }])),
        both[1..]
    );
    // What an SQL injection would look like is a name that is not there.
    assert!(
        archive
            .names(json!([{ "paramName": "obs_id", "values": ["' OR 1 --"] }]))
            .is_empty()
    );
}

#[test]
fn positions_find_what_reaches_there() {
    let archive = Archive::new();
    let ask = |ra: f64, dec: f64, radius: f64| {
        let params = json!({ "ra": ra, "dec": dec, "radius": radius });
        archive.invoke(&json!({ "service": "Mast.Caom.Cone", "params": params }))
    };
    let inside = ask(150.0, 2.0, 0.0);
    assert_eq!(inside["data"].as_array().unwrap().len(), 1, "{inside}");
    assert_eq!(inside["data"][0]["distance"], 0.0);
    // The image reaches 0.05 to 0.06 degrees from its centre.
    assert_eq!(ask(150.0, 2.1, 0.03)["data"].as_array().unwrap().len(), 0);
    let near = ask(150.0, 2.1, 0.05);
    let distance = near["data"][0]["distance"].as_f64().unwrap();
    assert!((distance - 0.045 * 3600.0).abs() < 1.0, "{distance}");
}

#[test]
fn pages_add_up() {
    let archive = Archive::new();
    let page = |page: u64| {
        let params = json!({ "columns": "obs_id", "filters": [] });
        archive.invoke(
            &json!({ "service": "Mast.Caom.Filtered", "params": params, "pagesize": 1, "page": page }),
        )
    };
    assert_eq!(page(1)["data"], json!([{ "obs_id": "oaaa01010" }]));
    assert_eq!(page(2)["data"], json!([{ "obs_id": "oaaa02aaq" }]));
    assert_eq!(page(2)["paging"]["pagesFiltered"], 2);
    assert_eq!(page(3)["data"], json!([]));
    assert_eq!(page(u64::MAX)["data"], json!([]));
}

#[test]
fn requests_that_make_no_sense_are_refused_in_words() {
    let archive = Archive::new();
    let invoke =
        |service: &str, params: Value| archive.invoke(&json!({ "service": service, "params": params }));
    let refused = [
        (archive.invoke_text("{"), "no JSON"),
        (archive.invoke_text("[]"), "not part of this"),
        (invoke("Mast.Tic", json!({})), "not part of this"),
        (archive.filtered(json!("all")), "must be a list"),
        (archive.filtered(json!([7])), "no paramName"),
        (
            archive.filtered(json!([{ "paramName": "nonsense", "values": ["1"] }])),
            "no column nonsense",
        ),
        (
            archive.filtered(json!([{ "paramName": "obs_id", "values": [] }])),
            "neither values",
        ),
        (
            archive.filtered(json!([{ "paramName": "t_min", "values": [{}] }])),
            "neither min nor max",
        ),
        (
            archive.filtered(json!([{ "paramName": "t_min", "values": ["soon"] }])),
            "must be a number",
        ),
        (
            archive.filtered(json!([{ "paramName": "obs_id", "values": [[1]] }])),
            "must be text",
        ),
        (invoke("Mast.Caom.Cone", json!({ "ra": 1 })), "needs ra and dec"),
        (
            invoke("Mast.Caom.Cone", json!({ "ra": 1, "dec": 91 })),
            "no position",
        ),
        (
            invoke("Mast.Caom.Filtered.Position", json!({ "position": "north" })),
            "must be 'ra, dec, radius'",
        ),
        (
            invoke("Mast.Caom.Products", json!({ "obsid": "oaaa01010" })),
            "must be a number",
        ),
        (invoke("Mast.Caom.Products", json!({})), "obsid is missing"),
    ];
    for (answer, words) in refused {
        assert_eq!(answer["status"], "ERROR", "{words}");
        assert!(
            answer["msg"].as_str().unwrap().contains(words),
            "{answer} {words}"
        );
    }
}

#[test]
fn calls_without_rules_and_calls_that_are_none_have_an_error() {
    let archive = Archive::new();
    assert_eq!(archive.server.context(), None);
    let call = |document: &Value| {
        archive
            .client
            .post_json(&archive.url("/json/x/1/"), document)
            .unwrap()
    };
    let asked = [
        json!({ "method": "get_server_info", "params": [], "id": 1 }),
        json!({ "method": "get_mapping_names", "params": ["hst.pmap"], "id": 2 }),
        json!({ "method": "get_mapping_names", "params": [7] }),
        json!({ "method": "format_disks" }),
        json!(["no", "call"]),
    ];
    for document in asked {
        let answer = call(&document);
        assert!(
            answer["error"]["message"]
                .as_str()
                .is_some_and(|words| !words.is_empty()),
            "{answer}"
        );
    }
    let known = call(&json!({ "method": "list_references", "params": ["hst", "*"], "id": 3 }));
    assert_eq!((&known["result"], &known["id"]), (&json!([]), &json!(3)));
}

/// Bytes that are no HTTP, and addresses that climb, as they are sent when no client tidies them.
#[test]
fn raw_connections_get_nothing_but_what_is_served() {
    let archive = Archive::new();
    let ask = |text: &str| {
        let mut stream = TcpStream::connect(("127.0.0.1", archive.server.port())).unwrap();
        stream.write_all(text.as_bytes()).unwrap();
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer);
        answer
    };
    for path in [
        "/../../../etc/passwd",
        "/unchecked_get/config/hst/..%2f..%2f..%2fetc%2fpasswd",
        "/unchecked_get/data/hst/oaaa02aaq_raw.fits",
        "/api/v0.1/Download/file?uri=file:///etc/passwd",
        "/api/v0.1/Download/file?uri=%00%ff%zz",
    ] {
        let answer = ask(&format!(
            "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        ));
        assert!(answer.starts_with("HTTP/1.1 404"), "{path}: {answer}");
    }
    assert!(!ask("nonsense\r\n\r\n").starts_with("HTTP/1.1 200"));
    assert_eq!(archive.names(json!([])).len(), 2);
}

#[test]
fn a_stopped_archive_answers_no_more() {
    let archive = Archive::new();
    let port = archive.server.port();
    archive.server.stop();
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
}

#[test]
fn an_index_is_used_again_and_a_database_of_something_else_is_not_touched() {
    let folder = folder();
    let elsewhere = tempfile::tempdir().unwrap();
    let options = |name: &str| ServeOptions {
        index: Some(elsewhere.path().join(name)),
        ..ServeOptions::default()
    };
    let read = |name: &str| {
        let server = Server::start(folder.path(), &options(name)).unwrap();
        server.contents().read
    };
    assert_eq!((read("index.db"), read("index.db")), (4, 0));

    let other = elsewhere.path().join("other.db");
    let database = rusqlite::Connection::open(&other).unwrap();
    database
        .execute_batch("CREATE TABLE files (mine TEXT); INSERT INTO files VALUES ('kept');")
        .unwrap();
    let refused = Server::start(folder.path(), &options("other.db"))
        .unwrap_err()
        .to_string();
    assert!(refused.contains("not overwritten"), "{refused}");
    let kept: String = database
        .query_row("SELECT mine FROM files", [], |row| row.get(0))
        .unwrap();
    assert_eq!(kept, "kept");
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_left_out() {
    let folder = folder();
    let socket = folder.path().join("socket.fits");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let server = Server::start(folder.path(), &ServeOptions::default()).unwrap();
    let left_out = &server.contents().left_out;
    assert!(
        left_out.len() == 1 && left_out[0].reason.contains("neither a file nor a folder"),
        "{left_out:?}"
    );
}
