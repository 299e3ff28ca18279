//! Files on their way: whole or a range, in pieces, so that no file is held in memory.

use super::answer;
use super::index::changed;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use std::io::SeekFrom;
use std::ops::Range;
use std::path::Path;
use std::time::SystemTime;
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt};

/// Bytes that are read at a time.
const PIECE: usize = 1 << 17;

/// What tells one state of a file from another.
struct Version {
    length: u64,
    tag: String,
    modified: SystemTime,
}

/// Answers with a file, or with the range of it that the request's headers ask for.
pub async fn file(path: &Path, name: &str, request: &HeaderMap) -> Response {
    let opened = async {
        let file = File::open(path).await?;
        let metadata = file.metadata().await?;
        Ok::<_, std::io::Error>((file, metadata))
    };
    let (mut file, metadata) = match opened.await {
        Ok(opened) => opened,
        Err(error) => return answer::text(StatusCode::NOT_FOUND, format!("{name}: {error}")),
    };
    let version = Version {
        length: metadata.len(),
        tag: format!("\"{:x}-{:x}\"", metadata.len(), changed(&metadata)),
        modified: metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH),
    };
    if unchanged(request, &version) {
        return empty(StatusCode::NOT_MODIFIED, &version);
    }
    match wanted(request, &version) {
        Wanted::All => stream(file, 0..version.length, StatusCode::OK, name, &version),
        Wanted::Part(range) => match file.seek(SeekFrom::Start(range.start)).await {
            Ok(_) => stream(file, range, StatusCode::PARTIAL_CONTENT, name, &version),
            Err(error) => answer::text(StatusCode::INTERNAL_SERVER_ERROR, format!("{name}: {error}")),
        },
        Wanted::Outside => {
            let mut response = empty(StatusCode::RANGE_NOT_SATISFIABLE, &version);
            put(
                &mut response,
                header::CONTENT_RANGE,
                &format!("bytes */{}", version.length),
            );
            response
        }
    }
}

fn put(response: &mut Response, name: header::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

fn empty(status: StatusCode, version: &Version) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    describe(&mut response, version);
    response
}

fn describe(response: &mut Response, version: &Version) {
    put(response, header::ETAG, &version.tag);
    put(
        response,
        header::LAST_MODIFIED,
        &httpdate::fmt_http_date(version.modified),
    );
    put(response, header::ACCEPT_RANGES, "bytes");
}

fn stream(file: File, range: Range<u64>, status: StatusCode, name: &str, version: &Version) -> Response {
    let length = range.end - range.start;
    let pieces = futures_util::stream::unfold((file, length), |(mut file, left)| async move {
        if left == 0 {
            return None;
        }
        let mut piece = vec![0; PIECE.min(usize::try_from(left).unwrap_or(PIECE))];
        match file.read(&mut piece).await {
            // The file has become shorter: the connection breaks, and the other side knows that bytes are missing.
            Ok(0) => Some((
                Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof)),
                (file, 0),
            )),
            Ok(count) => {
                piece.truncate(count);
                Some((Ok(Bytes::from(piece)), (file, left - count as u64)))
            }
            Err(error) => Some((Err(error), (file, 0))),
        }
    });
    let mut response = Response::new(Body::from_stream(pieces));
    *response.status_mut() = status;
    describe(&mut response, version);
    put(&mut response, header::CONTENT_LENGTH, &length.to_string());
    let kind = if name.ends_with(".fits") {
        "application/fits"
    } else {
        "application/octet-stream"
    };
    put(&mut response, header::CONTENT_TYPE, kind);
    put(
        &mut response,
        header::CONTENT_DISPOSITION,
        &format!("attachment; filename=\"{name}\""),
    );
    if status == StatusCode::PARTIAL_CONTENT {
        let range = format!("bytes {}-{}/{}", range.start, range.end - 1, version.length);
        put(&mut response, header::CONTENT_RANGE, &range);
    }
    response
}

fn text<'a>(request: &'a HeaderMap, name: &header::HeaderName) -> Option<&'a str> {
    request
        .get(name)
        .and_then(|value| value.to_str().ok())
        .map(str::trim)
}

/// Whether the other side has this very state already.
fn unchanged(request: &HeaderMap, version: &Version) -> bool {
    if let Some(tags) = text(request, &header::IF_NONE_MATCH) {
        return tags
            .split(',')
            .any(|tag| tag.trim() == "*" || tag.trim() == version.tag);
    }
    let since =
        text(request, &header::IF_MODIFIED_SINCE).and_then(|date| httpdate::parse_http_date(date).ok());
    since.is_some_and(|since| whole_seconds(version.modified) <= whole_seconds(since))
}

fn whole_seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

#[derive(Debug, PartialEq, Eq)]
enum Wanted {
    All,
    Part(Range<u64>),
    Outside,
}

/// The range that is asked for. Several ranges at once, other units, and the range of another state of the file
/// (If-Range) are answered with the whole of it, as RFC 9110 (section 14.2) allows.
fn wanted(request: &HeaderMap, version: &Version) -> Wanted {
    let Some(range) = text(request, &header::RANGE) else {
        return Wanted::All;
    };
    if let Some(condition) = text(request, &header::IF_RANGE) {
        let same_date = httpdate::parse_http_date(condition)
            .is_ok_and(|date| whole_seconds(date) == whole_seconds(version.modified));
        if condition != version.tag && !same_date {
            return Wanted::All;
        }
    }
    range_of(range, version.length)
}

fn range_of(range: &str, length: u64) -> Wanted {
    let Some((first, last)) = range
        .strip_prefix("bytes=")
        .and_then(|range| range.split_once('-'))
    else {
        return Wanted::All;
    };
    match (first.trim().parse::<u64>(), last.trim().parse::<u64>()) {
        (Ok(first), _) if first >= length => Wanted::Outside,
        (Ok(first), Ok(last)) if last >= first => Wanted::Part(first..last.saturating_add(1).min(length)),
        (Ok(first), Err(_)) if last.trim().is_empty() => Wanted::Part(first..length),
        (Err(_), Ok(0)) if first.trim().is_empty() => Wanted::Outside,
        (Err(_), Ok(suffix)) if first.trim().is_empty() && length > 0 => {
            Wanted::Part(length.saturating_sub(suffix)..length)
        }
        _ => Wanted::All,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_those_of_rfc_9110() {
        let cases = [
            ("bytes=0-9", Wanted::Part(0..10)),
            ("bytes=90-", Wanted::Part(90..100)),
            ("bytes=90-500", Wanted::Part(90..100)),
            ("bytes=-30", Wanted::Part(70..100)),
            ("bytes=-300", Wanted::Part(0..100)),
            ("bytes=100-", Wanted::Outside),
            ("bytes=-0", Wanted::Outside),
            ("bytes=9-3", Wanted::All),
            ("bytes=0-1,4-5", Wanted::All),
            ("lines=1-2", Wanted::All),
            ("bytes=0-18446744073709551615", Wanted::Part(0..100)),
        ];
        for (text, expected) in cases {
            assert_eq!(range_of(text, 100), expected, "{text}");
        }
        assert_eq!(range_of("bytes=0-", 0), Wanted::Outside);
    }
}
