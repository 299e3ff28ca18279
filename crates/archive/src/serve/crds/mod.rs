//! CRDS's side: the JSON-RPC that its client calls.

mod catalogue;
mod information;
mod rules;

use super::index::Area;
use rusqlite::Connection;
use serde_json::{Value, json};
use std::path::PathBuf;

pub use catalogue::path;

/// Why a call fails, in words for the one who made it.
pub(super) struct Fault(String);

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self(format!("the index cannot be read: {error}"))
    }
}

fn fault<T>(reason: impl Into<String>) -> Result<T, Fault> {
    Err(Fault(reason.into()))
}

/// What calls are answered from.
pub struct Service<'a> {
    /// The index.
    pub connection: &'a Connection,
    /// The address that the caller used, without slash at its end.
    pub base: &'a str,
    /// The context to call the operational one, where one was asked for.
    pub context: Option<&'a str>,
}

impl Service<'_> {
    /// Answers a call, `{"method": …, "params": […], "id": …}`; one that fails has an `error` with a message.
    pub fn call(&self, request: &str) -> Value {
        let request: Value = match serde_json::from_str(request) {
            Ok(request) => request,
            Err(error) => return failure(&Value::Null, &format!("the call is no JSON: {error}")),
        };
        let id = request.get("id").cloned().unwrap_or(Value::Null);
        let method = request.get("method").and_then(Value::as_str).unwrap_or_default();
        let arguments = match request.get("params") {
            Some(Value::Array(arguments)) => arguments.clone(),
            Some(Value::Object(named)) => named.values().cloned().collect(),
            _ => Vec::new(),
        };
        match self.dispatch(method, &arguments) {
            Ok(result) => json!({ "error": null, "result": result, "id": id }),
            Err(Fault(reason)) => failure(&id, &reason),
        }
    }

    fn dispatch(&self, method: &str, arguments: &[Value]) -> Result<Value, Fault> {
        let text = |index: usize| arguments.get(index).and_then(Value::as_str);
        let need = |index: usize, what: &str| match text(index) {
            Some(text) => Ok(text),
            None => fault(format!("{method} needs {what}")),
        };
        match method {
            "get_server_info" => self.information(),
            "get_default_context" => Ok(json!(self.default_context()?)),
            "get_context_by_date" => Ok(json!(self.context_at(need(0, "a date")?)?)),
            "get_context_history" => Ok(json!(self.history()?)),
            "get_mapping_names" => Ok(json!(self.mapping_names(need(0, "a context")?)?)),
            "get_reference_names" => Ok(json!(self.reference_names(need(0, "a context")?)?)),
            "list_mappings" => Ok(json!(self.names(Area::Mappings, text(1).unwrap_or("*"))?)),
            "list_references" => Ok(json!(self.names(Area::References, text(1).unwrap_or("*"))?)),
            "get_file_info" => self.file_info(need(1, "a context and a file name")?),
            "get_file_info_map" => self.file_info_map(arguments.get(1), arguments.get(2)),
            "get_url" | "get_mapping_url" | "get_reference_url" => {
                Ok(json!(self.url(need(1, "a context and a file name")?)?))
            }
            other => fault(format!("{other} is not supported by this local archive")),
        }
    }
}

fn failure(id: &Value, reason: &str) -> Value {
    json!({ "error": { "code": 500, "name": "OtherError", "message": reason }, "result": null, "id": id })
}

/// Where a name of the cache is, below `/unchecked_get`; `None` where it is not served.
pub fn locate(connection: &Connection, area: &str, name: &str) -> Option<PathBuf> {
    let area = Area::named(area).filter(|area| *area != Area::Data)?;
    path(connection, area, name).ok().flatten()
}
