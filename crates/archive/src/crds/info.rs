//! What the server says of itself: contexts, addresses, and the sizes and checksums of its files.

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::OnceLock;

use flate2::read::MultiGzDecoder;
use serde_json::Value;

use super::base64;
use super::names::{OBSERVATORY, is_mapping};

/// Bytes that a packed answer may have unpacked.
const MOST_UNPACKED: u64 = 1 << 30;

/// The answer to `get_server_info`, from the server or as it was kept.
#[derive(Debug, Clone)]
pub struct ServerInfo {
    value: Value,
    files: OnceLock<BTreeMap<String, FileInfo>>,
}

/// What the server knows of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileInfo {
    /// Its size in bytes.
    pub size: u64,
    /// Its SHA-1, where the server knows it.
    pub sha1: Option<String>,
}

impl FileInfo {
    pub(super) fn of(value: &Value) -> Option<Self> {
        let size = value.get("size")?;
        let size = size.as_u64().or_else(|| size.as_str()?.trim().parse().ok())?;
        let sha1 = value.get("sha1sum").and_then(Value::as_str).map(str::trim);
        let known = |sum: &&str| sum.len() == 40 && sum.bytes().all(|digit| digit.is_ascii_hexdigit());
        Some(Self {
            size,
            sha1: sha1.filter(known).map(str::to_owned),
        })
    }
}

impl ServerInfo {
    /// Takes an answer; where it gives addresses with and without a check, those without are kept.
    pub(super) fn new(mut value: Value) -> Result<Self, String> {
        let Some(entries) = value.as_object_mut() else {
            return Err("it does not hold what a CRDS server says of itself".to_owned());
        };
        for name in ["reference_url", "mapping_url", "config_url", "pickle_url"] {
            if let Some(unchecked) = entries.get(name).and_then(|urls| urls.get("unchecked")).cloned() {
                entries.insert(name.to_owned(), unchecked);
            }
        }
        let info = Self {
            value,
            files: OnceLock::new(),
        };
        match info.text("observatory") {
            Some(OBSERVATORY) | None => Ok(info),
            Some(other) => Err(format!("it is of {other}, and only {OBSERVATORY} is known here")),
        }
    }

    /// All of it.
    pub fn value(&self) -> &Value {
        &self.value
    }

    pub(super) fn insert(&mut self, name: &str, value: Value) {
        if let Some(entries) = self.value.as_object_mut() {
            entries.insert(name.to_owned(), value);
        }
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.value
            .get(name)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
    }

    /// The address of the server whose answer it is.
    pub fn server(&self) -> Option<&str> {
        self.value.get("server").and_then(Value::as_str)
    }

    /// The context in use: `latest_context`, or what it was called before.
    pub fn latest_context(&self) -> Option<&str> {
        self.text("latest_context")
            .or_else(|| self.text("operational_context"))
    }

    /// The context that is being worked on.
    pub fn edit_context(&self) -> Option<&str> {
        self.text("edit_context")
    }

    /// Context, and the time (UTC, as the server writes it) from which it was in use, from first to last.
    pub fn context_history(&self) -> Vec<(String, String)> {
        let mut history: Vec<(String, String)> = self
            .value
            .get("context_history")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(|era| Some((era.get(0)?.as_str()?.to_owned(), era.get(1)?.as_str()?.to_owned())))
            .collect();
        history.sort();
        history
    }

    /// Files that are not to be used.
    pub fn bad_files(&self) -> impl Iterator<Item = &str> {
        let list = self.value.get("bad_files_list").and_then(Value::as_array);
        let text = self
            .text("bad_files")
            .filter(|_| list.is_none())
            .unwrap_or_default();
        list.into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .chain(text.split_whitespace())
    }

    /// The address of a rule or reference file, of those that the server gives for each kind.
    pub fn url_of(&self, name: &str) -> Option<String> {
        let kind = if is_mapping(name) {
            "mapping_url"
        } else {
            "reference_url"
        };
        let base = self
            .value
            .get(kind)?
            .get(OBSERVATORY)?
            .as_str()
            .filter(|base| *base != "none")?;
        Some(format!("{}/{name}", base.trim_end_matches('/')))
    }

    /// Size and checksum of a file, where they came with the answer.
    pub fn file(&self, name: &str) -> Option<&FileInfo> {
        self.files.get_or_init(|| self.unpacked_files()).get(name)
    }

    fn unpacked_files(&self) -> BTreeMap<String, FileInfo> {
        let Some(packed) = self.value.get("download_metadata") else {
            return BTreeMap::new();
        };
        let Ok(Value::Object(files)) = decoded(packed.clone()) else {
            return BTreeMap::new();
        };
        files
            .into_iter()
            .filter_map(|(name, value)| Some((name, FileInfo::of(&value)?)))
            .collect()
    }
}

/// An answer as it is meant: servers may pack what is long (JSON, gzip, base64).
pub(super) fn decoded(value: Value) -> Result<Value, String> {
    let Some(payload) = value.get("crds_encoded").and(value.get("crds_payload")) else {
        return Ok(value);
    };
    let bytes = payload
        .as_str()
        .and_then(base64::decoded)
        .ok_or("its payload is no base64")?;
    let mut text = Vec::new();
    MultiGzDecoder::new(bytes.as_slice())
        .take(MOST_UNPACKED)
        .read_to_end(&mut text)
        .map_err(|error| format!("its payload cannot be unpacked: {error}"))?;
    serde_json::from_slice(&text).map_err(|error| format!("its payload is no JSON: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn addresses_without_a_check_are_taken() {
        let info = ServerInfo::new(json!({
            "observatory": "hst",
            "operational_context": "hst_0001.pmap",
            "reference_url": {"checked": {"hst": "https://a/c/"}, "unchecked": {"hst": "https://a/u/"}},
            "mapping_url": {"hst": "https://a/m"},
            "context_history": [["2020-01-01", "b", ""], ["2013-01-01", "a", ""]],
            "bad_files": "x.fits y.fits",
        }))
        .unwrap();
        assert_eq!(info.url_of("x.fits").as_deref(), Some("https://a/u/x.fits"));
        assert_eq!(info.url_of("x.rmap").as_deref(), Some("https://a/m/x.rmap"));
        assert_eq!(info.latest_context(), Some("hst_0001.pmap"));
        assert_eq!(info.context_history()[0].1, "a");
        assert_eq!(info.bad_files().count(), 2);
        assert!(ServerInfo::new(json!({"observatory": "jwst"})).is_err());
        assert!(ServerInfo::new(json!([1])).is_err());
    }

    #[test]
    fn packed_answers_are_unpacked() {
        // Packed by the official client's own function.
        let payload = "H4sIAGQ9AWsC/6tWqtBLyywpVrJSqFYqzqxKBTKUTM3NDJR0FJSKMxINi0tzQUJ5+XmpSrVAsUq9otzEAhTlhkZoihOJBEq1tQDN87ETgAAAAA==";
        let metadata = json!({"crds_encoded": "1.0", "crds_payload": payload});
        let info = ServerInfo::new(json!({"download_metadata": metadata})).unwrap();
        let expected = FileInfo {
            size: 5760,
            sha1: None,
        };
        assert_eq!(info.file("x.fits"), Some(&expected));
        assert_eq!(info.file("y.rmap").unwrap().sha1, Some("a".repeat(40)));
        assert!(decoded(json!({"crds_encoded": "1.0", "crds_payload": "@"})).is_err());
        assert!(decoded(json!({"crds_encoded": "1.0", "crds_payload": "Zm9v"})).is_err());
    }

    #[test]
    fn sizes_come_as_numbers_or_texts() {
        let sum = "a".repeat(40);
        assert_eq!(
            FileInfo::of(&json!({"size": "12", "sha1sum": sum})),
            Some(FileInfo {
                size: 12,
                sha1: Some(sum)
            })
        );
        assert_eq!(
            FileInfo::of(&json!({"size": 12, "sha1sum": "none"})),
            Some(FileInfo { size: 12, sha1: None })
        );
        assert_eq!(FileInfo::of(&json!("NOT FOUND")), None);
    }
}
