//! The complete rules of 2013 and what the official client answers from them for real files.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    missing_docs
)]

use firstlight_archive::Error;
use firstlight_archive::crds::{DatasetHeader, Outcome, Reason, Rules};
use firstlight_fits::FitsFile;
use std::path::PathBuf;

fn data() -> Option<PathBuf> {
    let folder = std::env::var_os("FIRSTLIGHT_DATA").map(PathBuf::from);
    if folder.is_none() {
        eprintln!("SKIPPED: FIRSTLIGHT_DATA is not set");
    }
    folder
}

fn rules(data: &std::path::Path) -> Rules {
    let folder = data.join("crds/crds_cache/mappings/hst");
    let read = |name: &str| {
        let path = folder.join(name);
        std::fs::read_to_string(&path).map_err(|source| Error::Io { path, source })
    };
    Rules::load("hst.pmap", &read).unwrap()
}

/// As the official client writes an outcome; of reasons only whether nothing matched.
fn written(outcome: &Outcome) -> String {
    match outcome {
        Outcome::NotApplicable => "NOT FOUND n/a".to_owned(),
        Outcome::NotFound(Reason::NoMatch) => "NOT FOUND No match found.".to_owned(),
        Outcome::NotFound(_) => "NOT FOUND".to_owned(),
        other => other.to_string(),
    }
}

fn expected(text: &str) -> String {
    let known = ["NOT FOUND n/a", "NOT FOUND No match found."].contains(&text);
    if text.starts_with("NOT FOUND") && !known {
        "NOT FOUND".to_owned()
    } else {
        text.to_owned()
    }
}

#[test]
fn all_rules_are_read() {
    let Some(data) = data() else { return };
    let rules = rules(&data);
    assert_eq!(
        rules.instruments().collect::<Vec<_>>(),
        ["acs", "cos", "nicmos", "stis", "wfc3", "wfpc2"]
    );
    assert_eq!(rules.mappings().len(), 1 + 6 + 109);
    assert_eq!(rules.types("ACS").len(), 21);
    assert!(rules.references().len() > 14_000, "{}", rules.references().len());
}

#[test]
fn real_files_have_the_references_that_the_official_client_finds() {
    let Some(data) = data() else { return };
    let rules = rules(&data);
    let text = std::fs::read(data.join("crds/expected_bestrefs.json")).unwrap();
    let expected_of: serde_json::Value = serde_json::from_slice(&text).unwrap();
    let mut compared = 0;
    for (name, case) in expected_of.as_object().unwrap() {
        let header = DatasetHeader::from_file(&FitsFile::open(data.join(name)).unwrap());
        let parameters = case["header"].as_object().unwrap();
        let given = DatasetHeader::from_pairs(
            parameters
                .iter()
                .map(|(key, value)| (key, value.as_str().unwrap())),
        );
        for header in [header, given] {
            let found = rules.best_references(&header, None).unwrap();
            let found: Vec<_> = found
                .iter()
                .map(|(kind, outcome)| (kind.as_str(), written(outcome)))
                .collect();
            let wanted = case["bestrefs"].as_object().unwrap();
            let mut wanted: Vec<_> = wanted
                .iter()
                .map(|(kind, answer)| (kind.as_str(), expected(answer.as_str().unwrap())))
                .collect();
            wanted.sort();
            assert_eq!(found, wanted, "{name}");
            compared += found.len();
        }
    }
    assert!(compared > 900, "{compared}");
}
