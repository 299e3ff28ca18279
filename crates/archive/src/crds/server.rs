//! The CRDS server: its JSON-RPC services, as the official client calls them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};

use super::info::decoded;
use super::names::OBSERVATORY;
use super::{FileInfo, ServerInfo};
use crate::client::{Client, address_without_secrets};
use crate::{Environment, Error, Result};

/// The server where nothing else is said.
pub const DEFAULT_SERVER: &str = "https://hst-crds.stsci.edu";

/// Files that are asked about in one request.
const AT_ONCE: usize = 1000;

/// A CRDS server.
#[derive(Debug)]
pub struct Server {
    client: Client,
    url: String,
    requests: AtomicU32,
}

impl Server {
    /// A server by its address; nothing is asked for yet.
    pub fn new(client: Client, url: &str) -> Self {
        Self {
            client,
            url: url.trim().trim_end_matches('/').to_owned(),
            requests: AtomicU32::new(0),
        }
    }

    /// The server that an environment says: `CRDS_SERVER_URL`, else [`DEFAULT_SERVER`].
    pub fn from_environment(client: Client, environment: &Environment) -> Self {
        Self::new(
            client,
            environment.get("CRDS_SERVER_URL").unwrap_or(DEFAULT_SERVER),
        )
    }

    /// Its address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What it is asked with.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// What the server says of itself (`get_server_info`).
    ///
    /// # Errors
    /// As for [`Client::get`]; [`Error::Service`]; [`Error::BadAnswer`].
    pub fn info(&self) -> Result<ServerInfo> {
        let value = self.call("get_server_info", json!([]))?;
        let mut info = ServerInfo::new(value).map_err(|reason| self.bad(&reason))?;
        info.insert("server", Value::from(address_without_secrets(&self.url)));
        info.insert("status", Value::from("server"));
        info.insert("connected", Value::Bool(true));
        if info.value().get("last_synced").is_none() {
            let now = httpdate::fmt_http_date(std::time::SystemTime::now());
            info.insert("last_synced", Value::from(now));
        }
        Ok(info)
    }

    /// The context that is in use (`get_default_context`).
    ///
    /// # Errors
    /// As for [`Server::info`].
    pub fn default_context(&self) -> Result<String> {
        let answer = self.call("get_default_context", json!([OBSERVATORY, null]));
        let answer = match answer {
            // Older servers know no state.
            Err(Error::Service { .. }) => self.call("get_default_context", json!([OBSERVATORY]))?,
            other => other?,
        };
        self.text(&answer)
    }

    /// The context that was in use at a time: `hst-2013-08-01`, or the date alone (`get_context_by_date`).
    ///
    /// # Errors
    /// As for [`Server::info`].
    pub fn context_by_date(&self, date: &str) -> Result<String> {
        let answer = self.call("get_context_by_date", json!([date, OBSERVATORY]))?;
        self.text(&answer)
    }

    /// All rule files of a context (`get_mapping_names`).
    ///
    /// # Errors
    /// As for [`Server::info`].
    pub fn mapping_names(&self, context: &str) -> Result<Vec<String>> {
        self.names("get_mapping_names", context)
    }

    /// All reference files of a context (`get_reference_names`).
    ///
    /// # Errors
    /// As for [`Server::info`].
    pub fn reference_names(&self, context: &str) -> Result<Vec<String>> {
        self.names("get_reference_names", context)
    }

    /// Size and checksum of files (`get_file_info_map`); files that the server does not know are not in it.
    ///
    /// # Errors
    /// As for [`Server::info`].
    pub fn file_info(&self, names: &[String]) -> Result<BTreeMap<String, FileInfo>> {
        let mut files = BTreeMap::new();
        for names in names.chunks(AT_ONCE) {
            let answer = self.call(
                "get_file_info_map",
                json!([OBSERVATORY, names, ["sha1sum", "size"]]),
            )?;
            let Value::Object(entries) = answer else {
                return Err(self.bad("get_file_info_map gives no files"));
            };
            files.extend(
                entries
                    .into_iter()
                    .filter_map(|(name, value)| Some((name, FileInfo::of(&value)?))),
            );
        }
        Ok(files)
    }

    /// The address of a file, where the server gives none in its [`ServerInfo`].
    pub(super) fn own_url_of(&self, name: &str) -> String {
        let kind = if super::names::is_mapping(name) {
            "mappings"
        } else {
            "references"
        };
        format!("{}/unchecked_get/{kind}/{OBSERVATORY}/{name}", self.url)
    }

    fn names(&self, method: &str, context: &str) -> Result<Vec<String>> {
        let answer = self.call(method, json!([context]))?;
        let names = answer
            .as_array()
            .ok_or_else(|| self.bad(&format!("{method} gives no names")))?;
        Ok(names
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect())
    }

    fn text(&self, answer: &Value) -> Result<String> {
        let text = answer.as_str().filter(|text| !text.is_empty());
        text.map(str::to_owned)
            .ok_or_else(|| self.bad("a name was asked for, and is not in the answer"))
    }

    /// One call. The method and a number are in the address as well, for the server's log.
    fn call(&self, method: &str, parameters: Value) -> Result<Value> {
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        let id = format!(
            "firstlight-{}-{}-{number:08x}",
            env!("CARGO_PKG_VERSION"),
            std::process::id()
        );
        let document = json!({"jsonrpc": "1.0", "method": method, "params": parameters, "id": id});
        let mut answer = self
            .client
            .post_json(&format!("{}/json/{method}/{id}/", self.url), &document)?;
        if let Some(error) = answer.get("error").filter(|error| !error.is_null()) {
            let message = error.get("message").and_then(Value::as_str);
            return Err(Error::Service {
                url: address_without_secrets(&self.url),
                service: method.to_owned(),
                message: message.map_or_else(|| error.to_string(), str::to_owned),
            });
        }
        let result = answer.get_mut("result").map(Value::take);
        let result = result.ok_or_else(|| self.bad(&format!("the answer to {method} has no result")))?;
        decoded(result).map_err(|reason| self.bad(&reason))
    }

    fn bad(&self, reason: &str) -> Error {
        Error::BadAnswer {
            url: address_without_secrets(&self.url),
            reason: reason.to_owned(),
        }
    }
}
