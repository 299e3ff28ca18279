//! MAST's side: the services behind `/api/v0/invoke`.

mod columns;
mod filter;
mod names;
mod observations;
mod paging;
mod products;

pub use columns::configuration;
pub use names::resolve;

use rusqlite::Connection;
use serde_json::{Value, json};

/// Why a request is not answered, in words for the one who made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal(pub String);

impl From<rusqlite::Error> for Refusal {
    fn from(error: rusqlite::Error) -> Self {
        Self(format!("the index cannot be read: {error}"))
    }
}

fn refuse<T>(reason: String) -> Result<T, Refusal> {
    Err(Refusal(reason))
}

/// Answers a request, `{"service": …, "params": {…}, "pagesize": …, "page": …}`. What cannot be answered has the
/// status ERROR and says why, as the service does it.
pub fn invoke(connection: &Connection, request: &str) -> Value {
    let answered = match serde_json::from_str::<Value>(request) {
        Ok(request) => dispatch(connection, &request),
        Err(error) => refuse(format!("the request is no JSON: {error}")),
    };
    answered.unwrap_or_else(|Refusal(reason)| {
        json!({ "status": "ERROR", "msg": reason, "data": [], "fields": [], "paging": paging::none() })
    })
}

fn dispatch(connection: &Connection, request: &Value) -> Result<Value, Refusal> {
    let service = request.get("service").and_then(Value::as_str).unwrap_or_default();
    let params = request.get("params").unwrap_or(&Value::Null);
    match service {
        "Mast.Caom.Filtered" => observations::filtered(connection, params, request, None),
        "Mast.Caom.Filtered.Position" => {
            let cone = observations::Cone::from_text(params.get("position"))?;
            observations::filtered(connection, params, request, Some(cone))
        }
        "Mast.Caom.Cone" => {
            let cone = observations::Cone::from_params(params)?;
            observations::filtered(connection, &Value::Null, request, Some(cone))
        }
        "Mast.Caom.All" => observations::all(connection),
        "Mast.Caom.Products" => products::list(connection, params, request),
        "Mast.Name.Lookup" => {
            let name = params.get("input").and_then(Value::as_str).unwrap_or_default();
            let found = resolve(connection, &[name.to_owned()])?;
            Ok(json!({ "resolvedCoordinate": found, "status": "" }))
        }
        other => refuse(format!("the service {other} is not part of this local archive")),
    }
}
