//! Addresses, and what answers at them.

use super::index::Area;
use super::{answer, crds, mast, transfer};
use crate::client::safe_name;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, RawQuery, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{any, get, post};
use percent_encoding::percent_decode_str;
use rusqlite::Connection;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What all answers are made from.
pub struct Archive {
    /// The index. One query at a time: each takes milliseconds at most.
    pub index: Mutex<Connection>,
    /// The context to call the operational one, where one was asked for.
    pub context: Option<String>,
    /// Where it listens.
    pub address: SocketAddr,
}

type Shared = State<Arc<Archive>>;

/// How long a request may take to come and to be answered; a file that is on its way may take longer.
const PATIENCE: Duration = Duration::from_secs(60);

/// Requests may be as long as this: a list of some hundred thousand products.
const LONGEST_REQUEST: usize = 1 << 24;

/// All addresses.
pub fn router(archive: Arc<Archive>) -> Router {
    Router::new()
        .route("/", get(welcome))
        .route("/api/v0/invoke", any(invoke))
        .route("/portal/Mashup/Mashup.asmx/columnsconfig", any(columns))
        .route("/api/v0.1/Download/file", get(download))
        .route("/api/v0.1/Download/bundle.sh", post(bundle))
        .route("/Santa-war/query", any(resolve))
        .route("/whoami", get(who))
        .route("/json/", post(call))
        .route("/json/{*method}", post(call))
        .route("/unchecked_get/{area}/hst/{name}", get(cached))
        .fallback(nothing)
        .layer(DefaultBodyLimit::max(LONGEST_REQUEST))
        .layer(middleware::from_fn(in_time))
        .with_state(archive)
}

/// Gives up on a request that does not come to its end.
async fn in_time(request: Request, next: Next) -> Response {
    match tokio::time::timeout(PATIENCE, next.run(request)).await {
        Ok(response) => response,
        Err(_) => answer::text(
            StatusCode::REQUEST_TIMEOUT,
            format!("the request was not whole within {} s", PATIENCE.as_secs()),
        ),
    }
}

impl Archive {
    /// Asks the index, on a thread that may wait.
    async fn ask<T: Send + 'static>(
        self: &Arc<Self>,
        question: impl FnOnce(&Archive, &Connection) -> T + Send + 'static,
    ) -> Result<T, Response> {
        let archive = Arc::clone(self);
        let asked = tokio::task::spawn_blocking(move || {
            let index = archive.index.lock().unwrap_or_else(PoisonError::into_inner);
            question(&archive, &index)
        });
        asked
            .await
            .map_err(|error| answer::text(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))
    }

    /// The address that the caller used, so that addresses in answers lead back the same way.
    fn base(&self, headers: &HeaderMap) -> String {
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        match host.filter(|host| !host.is_empty() && !host.contains(['/', '"', '\'', ' '])) {
            Some(host) => format!("http://{host}"),
            None => format!("http://{}", self.address),
        }
    }
}

/// The fields of a form or query, in order.
fn fields(text: &str) -> Vec<(String, String)> {
    let decode = |part: &str| {
        percent_decode_str(&part.replace('+', " "))
            .decode_utf8_lossy()
            .into_owned()
    };
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

/// A field of the body, or of the query where the body has none.
fn field(name: &str, query: &RawQuery, body: &str) -> Option<String> {
    let query = query.0.as_deref().unwrap_or_default();
    let mut all = fields(body).into_iter().chain(fields(query));
    all.find(|(field, _)| field == name).map(|(_, value)| value)
}

async fn welcome(State(archive): Shared, headers: HeaderMap) -> Response {
    let base = archive.base(&headers);
    answer::text(
        StatusCode::OK,
        format!("A local archive of firstlight: MAST at {base}/api/v0/invoke, CRDS at {base}/json/"),
    )
}

async fn invoke(State(archive): Shared, query: RawQuery, body: String) -> Response {
    let request = field("request", &query, &body).unwrap_or_default();
    match archive.ask(move |_, index| mast::invoke(index, &request)).await {
        Ok(value) => answer::json(&value),
        Err(response) => response,
    }
}

async fn columns(query: RawQuery, body: String) -> Response {
    let service = field("colConfigId", &query, &body).unwrap_or_default();
    // The service has an empty answer for names that it does not know.
    answer::json(&mast::configuration(&service).unwrap_or(json!({})))
}

async fn download(State(archive): Shared, query: RawQuery, headers: HeaderMap) -> Response {
    let uri = field("uri", &query, "").unwrap_or_default();
    let name = uri.rsplit('/').next().unwrap_or_default().to_owned();
    let wanted = name.clone();
    let found = archive.ask(move |_, index| crds::path(index, Area::Data, &wanted).ok().flatten());
    match found.await {
        Ok(Some(path)) => transfer::file(&path, &name, &headers).await,
        Ok(None) => answer::text(StatusCode::NOT_FOUND, format!("no file is served as '{uri}'")),
        Err(response) => response,
    }
}

/// A script that downloads the `uri` fields of the form, each into its own folder as the portal's script does.
async fn bundle(State(archive): Shared, headers: HeaderMap, body: String) -> Response {
    let base = archive.base(&headers);
    let mut script = "#!/bin/sh\n# Downloads from a local archive of firstlight.\n".to_owned();
    for (_, uri) in fields(&body).into_iter().filter(|(name, _)| name == "uri") {
        let plain = |c: char| c.is_ascii_alphanumeric() || ":/_.-".contains(c);
        let name = uri.rsplit('/').next().unwrap_or_default();
        if safe_name(name).is_err() || !uri.chars().all(plain) {
            continue;
        }
        let folder = name.rsplit_once('_').map_or(name, |(root, _)| root);
        script.push_str(&format!(
            "mkdir -p 'MAST/HST/{folder}' && curl -fL -C - -o 'MAST/HST/{folder}/{name}' \
             '{base}/api/v0.1/Download/file?uri={uri}'\n"
        ));
    }
    answer::with_type(StatusCode::OK, "text/x-shellscript; charset=utf-8", script)
}

async fn resolve(State(archive): Shared, query: RawQuery, body: String) -> Response {
    let all = fields(&body)
        .into_iter()
        .chain(fields(query.0.as_deref().unwrap_or_default()));
    let names: Vec<String> = all
        .filter(|(field, _)| field == "name")
        .map(|(_, name)| name)
        .collect();
    match archive.ask(move |_, index| mast::resolve(index, &names)).await {
        Ok(Ok(found)) => answer::json(&json!({ "resolvedCoordinate": found })),
        Ok(Err(refusal)) => answer::text(StatusCode::INTERNAL_SERVER_ERROR, refusal.0),
        Err(response) => response,
    }
}

/// Any token is somebody's here: nothing that is served is secret.
async fn who(headers: HeaderMap) -> Response {
    let text = |name: header::HeaderName| {
        let value = headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    };
    let cookie = text(header::COOKIE);
    let cookies = cookie.split(';').filter_map(|pair| pair.trim().split_once('='));
    let by_cookie = cookies
        .into_iter()
        .any(|(name, token)| name == "mast_token" && !token.is_empty());
    let known = by_cookie || text(header::AUTHORIZATION).starts_with("token ");
    let attributes: Value = if known {
        json!({ "display_name": "local user" })
    } else {
        json!({})
    };
    answer::json(
        &json!({ "anon": !known, "attrib": attributes, "ezid": if known { "local" } else { "anonymous" } }),
    )
}

async fn call(State(archive): Shared, headers: HeaderMap, body: String) -> Response {
    let base = archive.base(&headers);
    let answered = archive.ask(move |archive, index| {
        let service = crds::Service {
            connection: index,
            base: &base,
            context: archive.context.as_deref(),
        };
        service.call(&body)
    });
    match answered.await {
        Ok(value) => answer::json(&value),
        Err(response) => response,
    }
}

async fn cached(
    State(archive): Shared,
    Path((area, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let wanted = name.clone();
    let found: Result<Option<PathBuf>, Response> = archive
        .ask(move |_, index| crds::locate(index, &area, &wanted))
        .await;
    match found {
        Ok(Some(path)) => transfer::file(&path, &name, &headers).await,
        Ok(None) => answer::text(StatusCode::NOT_FOUND, format!("no file {name} is served")),
        Err(response) => response,
    }
}

async fn nothing() -> Response {
    answer::text(
        StatusCode::NOT_FOUND,
        "this local archive has nothing at this address",
    )
}
