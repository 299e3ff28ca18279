//! Transfers that break, and go on: only where it is still the same file.

use std::path::Path;
use std::time::Duration;

use firstlight_archive::Error;
use firstlight_archive::client::{Checksum, Client, ClientOptions, Download, FetchStatus, Silent, Transfers};
use sha1::{Digest, Sha1};

use super::server::{Asked, Connection, Server};
use super::{client, fits, names_in, part_of, quick, wanted};

const HALF: usize = 100_000;

/// Gives headers for all of it, and sends the first half.
fn half(connection: &mut Connection, bytes: &[u8], etag: &str) {
    connection.head(
        200,
        &[("ETag", etag), ("Content-Length", &bytes.len().to_string())],
    );
    connection.send(&bytes[..HALF]);
}

/// Leaves a part of `HALF` bytes beside the target, as a run that came so far and no further does.
fn leave_a_part(bytes: &[u8], url_path: &str, target: &Path, server: &Server) {
    let options = ClientOptions {
        attempts: 1,
        ..quick()
    };
    let error = Client::new(options)
        .download(&wanted(&server.at(url_path), target), &Silent)
        .unwrap_err();
    assert!(matches!(error, Error::Transport { .. }), "{error}");
    assert_eq!(std::fs::read(part_of(target)).unwrap(), &bytes[..HALF]);
    assert!(!target.exists());
}

/// What the second run does, where the first ended in the middle: `second` answers its requests.
fn second_run(
    second: impl Fn(&Asked, &mut Connection, &[u8]) + Send + Sync + 'static,
) -> (FetchStatus, Vec<Asked>) {
    let bytes = fits(2 * HALF);
    let sent = bytes.clone();
    let server = Server::start(move |number, asked, connection| match number {
        0 => half(connection, &sent, "\"a\""),
        _ => second(asked, connection, &sent),
    });
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("x.fits");
    leave_a_part(&bytes, "/x", &target, &server);
    let fetched = client()
        .download(&wanted(&server.at("/x"), &target), &Silent)
        .unwrap();
    assert_eq!(names_in(folder.path()), ["x.fits"]);
    assert_eq!(std::fs::read(&target).unwrap().len(), bytes.len());
    (fetched.status, server.asked()[1..].to_vec())
}

#[test]
fn the_second_run_asks_for_the_rest_alone() {
    let (status, asked) = second_run(|asked, connection, bytes| connection.file(asked, bytes, "\"a\""));
    assert_eq!(status, FetchStatus::Resumed { from: HALF as u64 });
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].header("range"), Some("bytes=100000-"));
    assert_eq!(asked[0].header("if-range"), Some("\"a\""));
}

#[test]
fn a_server_without_ranges_sends_it_again() {
    let (status, asked) =
        second_run(|_, connection, bytes| connection.reply(200, &[("ETag", "\"a\"")], bytes));
    assert_eq!((status, asked.len()), (FetchStatus::Complete, 1));
}

#[test]
fn another_etag_means_another_file() {
    let (status, asked) = second_run(|asked, connection, _| connection.file(asked, &fits(2 * HALF), "\"b\""));
    assert_eq!((status, asked.len()), (FetchStatus::Complete, 1));
    // A server that does not know If-Range sends the rest of the new file.
    let (status, asked) = second_run(|asked, connection, bytes| match asked.header("range") {
        Some(_) => {
            let range = format!("bytes {HALF}-{}/{}", bytes.len() - 1, bytes.len());
            connection.reply(
                206,
                &[("ETag", "\"b\""), ("Content-Range", &range)],
                &bytes[HALF..],
            );
        }
        None => connection.file(asked, bytes, "\"b\""),
    });
    assert_eq!((status, asked.len()), (FetchStatus::Complete, 2));
    assert_eq!(asked[1].header("range"), None);
}

#[test]
fn ranges_that_were_not_asked_for_are_not_taken() {
    for range in ["bytes 0-99/200", "bytes 7-99/202880", "nonsense"] {
        let (status, asked) = second_run(move |asked, connection, bytes| match asked.header("range") {
            Some(_) => connection.reply(
                206,
                &[("ETag", "\"a\""), ("Content-Range", range)],
                &bytes[HALF..],
            ),
            None => connection.file(asked, bytes, "\"a\""),
        });
        assert_eq!((status, asked.len()), (FetchStatus::Complete, 2), "{range}");
    }
}

#[test]
fn a_range_beyond_the_end_starts_again() {
    let (status, asked) = second_run(|asked, connection, bytes| match asked.header("range") {
        Some(_) => connection.reply(416, &[("Content-Range", "bytes */50")], b""),
        None => connection.file(asked, bytes, "\"a\""),
    });
    assert_eq!((status, asked.len()), (FetchStatus::Complete, 2));
}

#[test]
fn a_web_page_does_not_cost_what_is_here() {
    let server_says = std::sync::atomic::AtomicUsize::new(0);
    let (status, asked) = second_run(move |asked, connection, bytes| {
        match server_says.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
            0 => connection.reply(200, &[], b"<html>Maintenance</html>"),
            _ => connection.file(asked, bytes, "\"a\""),
        }
    });
    assert_eq!(
        (status, asked.len()),
        (FetchStatus::Resumed { from: HALF as u64 }, 2)
    );
}

#[test]
fn a_part_that_is_the_whole_needs_no_more() {
    let bytes = fits(1000);
    let sent = bytes.clone();
    let server = Server::start(move |_, asked, connection| connection.file(asked, &sent, "\"a\""));
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("x.fits");
    std::fs::write(part_of(&target), &bytes).unwrap();
    let note = serde_json::json!({"url": server.at("/x"), "etag": "\"a\"", "size": bytes.len()});
    std::fs::write(format!("{}.json", part_of(&target).display()), note.to_string()).unwrap();
    let fetched = client()
        .download(&wanted(&server.at("/x"), &target), &Silent)
        .unwrap();
    assert_eq!(
        fetched.status,
        FetchStatus::Resumed {
            from: bytes.len() as u64
        }
    );
    assert_eq!(names_in(folder.path()), ["x.fits"]);
}

#[test]
fn parts_without_a_note_or_of_another_address_are_dropped() {
    let bytes = fits(1000);
    for note in [
        None,
        Some("{"),
        Some(r#"{"url": "http://elsewhere/x", "etag": "\"a\""}"#),
    ] {
        let sent = bytes.clone();
        let server = Server::start(move |_, asked, connection| connection.file(asked, &sent, "\"a\""));
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("x.fits");
        std::fs::write(part_of(&target), b"something else").unwrap();
        if let Some(note) = note {
            std::fs::write(format!("{}.json", part_of(&target).display()), note).unwrap();
        }
        let fetched = client()
            .download(&wanted(&server.at("/x"), &target), &Silent)
            .unwrap();
        assert_eq!(fetched.status, FetchStatus::Complete);
        assert_eq!(std::fs::read(&target).unwrap(), bytes);
        assert_eq!(server.asked()[0].header("range"), None);
    }
}

/// One run, in which the first answers break off in some way.
fn one_run(first: impl Fn(&mut Connection, &[u8]) + Send + Sync + 'static, size_known: bool) -> Vec<Asked> {
    let bytes = fits(2 * HALF);
    let sent = bytes.clone();
    let server = Server::start(move |number, asked, connection| match number {
        0 => first(connection, &sent),
        _ => connection.file(asked, &sent, "\"a\""),
    });
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("x.fits");
    let download = Download {
        size: size_known.then_some(bytes.len() as u64),
        ..wanted(&server.at("/x"), &target)
    };
    client().download(&download, &Silent).unwrap();
    assert_eq!(std::fs::read(&target).unwrap(), bytes);
    assert_eq!(names_in(folder.path()), ["x.fits"]);
    server.asked()
}

#[test]
fn a_reset_in_mid_file_is_gone_on_from() {
    let asked = one_run(
        |connection, bytes| {
            half(connection, bytes, "\"a\"");
            connection.reset();
        },
        false,
    );
    assert_eq!(asked.len(), 2);
    // What the reset took with it is not here; the rest is asked for from where it ended.
    assert!(
        asked[1]
            .header("range")
            .is_some_and(|range| range.starts_with("bytes="))
    );
}

#[test]
fn a_body_that_ends_early_is_gone_on_from() {
    let asked = one_run(|connection, bytes| half(connection, bytes, "\"a\""), false);
    assert_eq!(asked[1].header("range"), Some("bytes=100000-"));
    // Without a length, the end of the connection looks like the end of the file: the size tells.
    let asked = one_run(
        |connection, bytes| {
            connection.head(200, &[("ETag", "\"a\"")]);
            connection.send(&bytes[..HALF]);
        },
        true,
    );
    assert_eq!(asked[1].header("range"), Some("bytes=100000-"));
    // Or else FITS itself.
    let asked = one_run(
        |connection, bytes| {
            connection.head(200, &[("ETag", "\"a\"")]);
            connection.send(&bytes[..HALF]);
        },
        false,
    );
    assert_eq!(asked.len(), 2);
}

#[test]
fn without_anything_to_know_it_by_only_one_run_goes_on() {
    let bytes = fits(2 * HALF);
    let sent = bytes.clone();
    let server = Server::start(
        move |number, asked, connection| match (number, asked.header("range")) {
            (0 | 1, _) => {
                connection.head(200, &[("Content-Length", &sent.len().to_string())]);
                connection.send(&sent[..HALF]);
            }
            (_, Some(range)) => {
                assert_eq!(range, "bytes=100000-");
                let range = format!("bytes {HALF}-{}/{}", sent.len() - 1, sent.len());
                connection.reply(206, &[("Content-Range", &range)], &sent[HALF..]);
            }
            (_, None) => connection.reply(200, &[], &sent),
        },
    );
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("x.fits");
    leave_a_part(&bytes, "/x", &target, &server);
    let fetched = client()
        .download(&wanted(&server.at("/x"), &target), &Silent)
        .unwrap();
    assert_eq!(fetched.status, FetchStatus::Complete);
    assert_eq!(std::fs::read(&target).unwrap(), bytes);
    let asked = server.asked();
    assert_eq!(asked.len(), 3);
    assert_eq!(asked[1].header("range"), None);
    assert_eq!(asked[2].header("range"), Some("bytes=100000-"));
}

#[test]
fn a_stall_is_ended_and_gone_on_from() {
    let asked = one_run(
        |connection, bytes| {
            half(connection, bytes, "\"a\"");
            std::thread::sleep(Duration::from_millis(1500));
        },
        false,
    );
    assert_eq!(asked[1].header("range"), Some("bytes=100000-"));
}

#[test]
fn a_slow_file_that_goes_on_is_not_cut() {
    let bytes = fits(20_000);
    let sent = bytes.clone();
    let server = Server::start(move |_, _, connection| {
        connection.head(200, &[("Content-Length", &sent.len().to_string())]);
        for piece in sent.chunks(2500) {
            std::thread::sleep(Duration::from_millis(90));
            connection.send(piece);
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let options = ClientOptions {
        attempts: 1,
        timeout: Duration::from_millis(400),
        ..quick()
    };
    let target = folder.path().join("x.fits");
    Client::new(options)
        .download(&wanted(&server.at("/x"), &target), &Silent)
        .unwrap();
    assert_eq!(server.asked().len(), 1);
}

#[test]
fn a_lying_length_gives_no_file() {
    let bytes = fits(20_000);
    let size = bytes.len();
    for (announced, size_known) in [
        (size + 5000, false),
        (size + 5000, true),
        (size - 5000, false),
        (size - 5000, true),
    ] {
        let sent = bytes.clone();
        let server = Server::start(move |_, _, connection| {
            connection.head(
                200,
                &[("ETag", "\"a\""), ("Content-Length", &announced.to_string())],
            );
            connection.send(&sent);
        });
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("x.fits");
        let download = Download {
            size: size_known.then_some(size as u64),
            ..wanted(&server.at("/x"), &target)
        };
        let error = client().download(&download, &Silent).unwrap_err();
        assert!(
            matches!(error, Error::Transport { .. } | Error::Damaged { .. }),
            "{announced}: {error}"
        );
        assert!(!target.exists(), "{announced}");
        assert!(server.asked().len() >= 3, "{announced}");
    }
}

#[test]
fn a_rest_of_another_file_shows_in_the_checksum() {
    let bytes = fits(2 * HALF);
    let (one, other) = (bytes.clone(), bytes.iter().map(|byte| !byte).collect::<Vec<u8>>());
    // No validator at all: the checksum allows to go on, and finds that it was wrong to.
    let server = Server::start(move |number, asked, connection| match number {
        0 => {
            connection.head(200, &[("Content-Length", &one.len().to_string())]);
            connection.send(&one[..HALF]);
        }
        1 => {
            assert!(asked.header("range").is_some());
            let range = format!("bytes {HALF}-{}/{}", other.len() - 1, other.len());
            connection.reply(206, &[("Content-Range", &range)], &other[HALF..]);
        }
        _ => connection.reply(200, &[], &one),
    });
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("x.fits");
    let sum: String = Sha1::digest(&bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let download = Download {
        checksum: Some(Checksum::Sha1(sum)),
        ..wanted(&server.at("/x"), &target)
    };
    client().download(&download, &Silent).unwrap();
    assert_eq!(std::fs::read(&target).unwrap(), bytes);
    assert_eq!(server.asked().len(), 3);
}

/// Asks to stop once something has come.
#[derive(Default)]
struct Stopping(std::sync::atomic::AtomicBool);

impl Transfers for Stopping {
    fn received(&self, _: &str, _: u64) {
        self.0.store(true, std::sync::atomic::Ordering::SeqCst);
    }

    fn interrupted(&self) -> bool {
        self.0.load(std::sync::atomic::Ordering::SeqCst)
    }
}

#[test]
fn a_stop_keeps_what_has_come() {
    let bytes = fits(2 * HALF);
    let sent = bytes.clone();
    let server = Server::start(move |number, asked, connection| match number {
        0 => {
            half(connection, &sent, "\"a\"");
            std::thread::sleep(Duration::from_millis(100));
        }
        _ => connection.file(asked, &sent, "\"a\""),
    });
    let folder = tempfile::tempdir().unwrap();
    let download = wanted(&server.at("/x"), &folder.path().join("x.fits"));
    let error = client().download(&download, &Stopping::default()).unwrap_err();
    assert!(matches!(error, Error::Interrupted { .. }), "{error}");
    let fetched = client().download(&download, &Silent).unwrap();
    assert!(matches!(fetched.status, FetchStatus::Resumed { from } if from > 0));
}
