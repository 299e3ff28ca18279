//! Short answers.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::Value;

/// A JSON document.
pub fn json(value: &Value) -> Response {
    with_type(
        StatusCode::OK,
        "application/json; charset=utf-8",
        value.to_string(),
    )
}

/// Words.
pub fn text(status: StatusCode, words: impl Into<String>) -> Response {
    let mut words = words.into();
    words.push('\n');
    with_type(status, "text/plain; charset=utf-8", words)
}

/// Any text, with its type.
pub fn with_type(status: StatusCode, kind: &'static str, content: String) -> Response {
    let mut response = Response::new(Body::from(content));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
