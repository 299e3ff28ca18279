//! A CRDS server over a few files, and a cache of it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use firstlight_archive::client::{Client, ClientOptions, Silent};
use firstlight_archive::crds::sync::{self, Outcome};
use firstlight_archive::crds::{Cache, Server as Crds, SyncOptions};
use firstlight_archive::{Environment, Error};
use serde_json::{Value, json};
use sha1::{Digest, Sha1};

use super::server::{Asked, Connection, Server};
use super::{fits, quick};

fn sha1(bytes: &[u8]) -> String {
    Sha1::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// A rule file that names others, with its checksum.
pub fn rule(kind: &str, derived: &str, below: &[&str]) -> Vec<u8> {
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

pub type Files = Arc<Mutex<BTreeMap<String, Vec<u8>>>>;

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

/// A server with its files, and an empty folder for a cache.
pub struct Setting {
    pub server: Server,
    pub files: Files,
    pub folder: tempfile::TempDir,
}

impl Setting {
    pub fn new() -> Self {
        let files = files();
        Self {
            server: crds(&files),
            files,
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub fn cache(&self) -> Cache {
        Cache::from_environment(&Environment::default(), Some(self.folder.path())).unwrap()
    }

    pub fn crds(&self, offline: bool) -> Crds {
        let options = ClientOptions { offline, ..quick() };
        Crds::new(Client::new(options), &self.server.url)
    }

    pub fn mappings(&self, offline: bool) -> Result<sync::SyncReport, Error> {
        sync::mappings(
            &self.cache(),
            &self.crds(offline),
            "hst_0002.pmap",
            &SyncOptions::default(),
            &Silent,
        )
    }

    pub fn references(&self, offline: bool, names: &[&str]) -> BTreeMap<String, Outcome> {
        self.references_of(&self.cache(), offline, names, false)
    }

    pub fn references_of(
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

    pub fn path(&self, path: &str) -> std::path::PathBuf {
        self.folder.path().join(path)
    }
}
