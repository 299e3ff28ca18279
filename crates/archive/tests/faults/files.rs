//! Files that arrive damaged, and what becomes of those that are there.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use firstlight_archive::Error;
use firstlight_archive::client::{Checksum, Client, ClientOptions, Content, Download, FetchStatus, Silent};
use md5::Md5;
use sha1::{Digest, Sha1};

use super::server::Server;
use super::{client, fits, names_in, part_of, quick, wanted};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_file_arrives_and_is_used_the_next_time() {
    let bytes = fits(300_000);
    let sent = bytes.clone();
    let server = Server::start(move |_, asked, connection| connection.file(asked, &sent, "\"a\""));
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("deep/er/x.fits");
    let download = Download {
        size: Some(bytes.len() as u64),
        checksum: Some(Checksum::Sha1(hex(&Sha1::digest(&bytes)))),
        ..wanted(&server.at("/x"), &target)
    };
    let fetched = client().download(&download, &Silent).unwrap();
    assert_eq!(
        (fetched.status, fetched.bytes),
        (FetchStatus::Complete, bytes.len() as u64)
    );
    assert_eq!(std::fs::read(&target).unwrap(), bytes);
    assert_eq!(names_in(target.parent().unwrap()), ["x.fits"]);
    assert_eq!(
        server.asked()[0].header("accept-encoding").unwrap_or("identity"),
        "identity"
    );
    assert_eq!(
        client().download(&download, &Silent).unwrap().status,
        FetchStatus::AlreadyThere
    );
    assert_eq!(server.asked().len(), 1);
}

#[test]
fn a_web_page_is_no_file() {
    let server = Server::start(|_, _, connection| {
        connection.reply(
            200,
            &[("Content-Type", "text/html")],
            b"<html><title>Error</title>Down for repair</html>",
        );
    });
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("x.fits");
    let error = client()
        .download(&wanted(&server.at("/x"), &target), &Silent)
        .unwrap_err();
    assert!(matches!(error, Error::Damaged { attempts: 3, .. }), "{error}");
    assert!(
        error.to_string().contains("web page") && error.to_string().contains("Down for repair"),
        "{error}"
    );
    assert!(names_in(folder.path()).is_empty());
}

/// What is sent, what is known of it, and a word of the error.
type Case = (Vec<u8>, Option<u64>, Option<Checksum>, &'static str);

#[test]
fn blank_cut_and_wrong_files_get_no_name() {
    let whole = fits(10_000);
    let blank = vec![0; whole.len()];
    let cut = whole[..8000].to_vec();
    let in_last_block = whole[..whole.len() - 100].to_vec();
    let mut changed = whole.clone();
    changed[5000] ^= 1;
    let sum = Checksum::Md5(hex(&Md5::digest(&whole)));
    let size = Some(whole.len() as u64);
    let cases: [Case; 7] = [
        (blank.clone(), None, None, "blank"),
        (blank, size, None, "blank"),
        (cut.clone(), None, None, "truncated"),
        (cut, size, None, "8000 bytes"),
        (in_last_block, None, None, "truncated"),
        (changed, size, Some(sum), "MD5"),
        (Vec::new(), None, None, "empty"),
    ];
    for (sent, size, checksum, reason) in cases {
        let body = sent.clone();
        let server = Server::start(move |_, asked, connection| connection.file(asked, &body, "\"a\""));
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("x.fits");
        let download = Download {
            size,
            checksum,
            ..wanted(&server.at("/x"), &target)
        };
        let error = client().download(&download, &Silent).unwrap_err();
        assert!(matches!(error, Error::Damaged { .. }), "{reason}: {error}");
        assert!(error.to_string().contains(reason), "{reason}: {error}");
        assert!(
            names_in(folder.path()).is_empty(),
            "{reason}: {:?}",
            names_in(folder.path())
        );
    }
}

#[test]
fn gzipped_files_are_looked_into() {
    use std::io::Write;
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(&fits(50_000)).unwrap();
    let packed = packed.finish().unwrap();
    for (length, whole) in [(packed.len(), true), (packed.len() / 2, false)] {
        let sent = packed[..length].to_vec();
        let server = Server::start(move |_, asked, connection| connection.file(asked, &sent, "\"a\""));
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("x.fits.gz");
        let fetched = client().download(&wanted(&server.at("/x"), &target), &Silent);
        assert_eq!(fetched.is_ok(), whole, "{fetched:?}");
        assert_eq!(target.exists(), whole);
    }
}

#[test]
fn amazons_etags_are_checksums() {
    let bytes = fits(10_000);
    let etag = format!("\"{}\"", hex(&Md5::digest(&bytes)));
    let mut damaged = bytes.clone();
    damaged[9000] ^= 1;
    let server = Server::start(move |number, _, connection| {
        let body = if number == 0 { &damaged } else { &bytes };
        connection.reply(200, &[("Server", "AmazonS3"), ("ETag", &etag)], body);
    });
    let folder = tempfile::tempdir().unwrap();
    client()
        .download(&wanted(&server.at("/x"), &folder.path().join("x.fits")), &Silent)
        .unwrap();
    assert_eq!(server.asked().len(), 2);
}

#[test]
fn a_target_is_replaced_only_by_a_whole_file() {
    let new = fits(20_000);
    let size = Some(new.len() as u64);
    let sent = new.clone();
    let server = Server::start(move |_, asked, connection| match asked.path.as_str() {
        "/bad" => connection.reply(404, &[], b"no such file"),
        _ => connection.file(asked, &sent, "\"a\""),
    });
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("x.fits");
    std::fs::write(&target, b"what was here").unwrap();
    let download = |path: &str| Download {
        size,
        ..wanted(&server.at(path), &target)
    };
    let error = client().download(&download("/bad"), &Silent).unwrap_err();
    assert!(error.to_string().contains("404: no such file"), "{error}");
    assert_eq!(std::fs::read(&target).unwrap(), b"what was here");
    client().download(&download("/good"), &Silent).unwrap();
    assert_eq!(std::fs::read(&target).unwrap(), new);
    assert_eq!(names_in(folder.path()), ["x.fits"]);
}

#[test]
fn a_folder_in_the_way_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("x.fits");
    std::fs::create_dir(&target).unwrap();
    let error = client()
        .download(&wanted("http://127.0.0.1:9/", &target), &Silent)
        .unwrap_err();
    assert!(error.to_string().contains("folder"), "{error}");
}

#[test]
fn names_that_are_none_are_refused_before_anything_is_asked() {
    let server = Server::start(|_, _, connection| connection.reply(200, &[], b"x"));
    let folder = tempfile::tempdir().unwrap();
    for name in ["..", "a\0b.fits", "nul.fits", "x|y.fits", "-x.fits"] {
        let download = Download {
            name: name.to_owned(),
            ..wanted(&server.url, &folder.path().join("inner").join("x.fits"))
        };
        let download = Download {
            target: folder.path().join("inner").join(name),
            ..download
        };
        let error = client().download(&download, &Silent).unwrap_err();
        assert!(matches!(error, Error::UnsafeName { .. }), "{name:?}: {error}");
    }
    assert!(names_in(folder.path()).is_empty() && server.asked().is_empty());
}

#[test]
fn other_addresses_are_tried() {
    let bytes = fits(5000);
    let server = Server::start(move |_, asked, connection| match asked.path.as_str() {
        "/first" => connection.reply(404, &[], b""),
        _ => connection.file(asked, &bytes, "\"a\""),
    });
    let folder = tempfile::tempdir().unwrap();
    let download = Download {
        urls: vec![server.at("/first"), server.at("/second")],
        ..wanted(&server.url, &folder.path().join("x.fits"))
    };
    let fetched = client().download(&download, &Silent).unwrap();
    assert_eq!(fetched.url, server.at("/second"));
}

#[test]
fn many_files_come_in_their_order_and_a_bad_one_harms_none() {
    let most = Arc::new((AtomicUsize::new(0), AtomicUsize::new(0)));
    let seen = most.clone();
    let server = Server::start(move |_, asked, connection| {
        let (now, most) = (&seen.0, &seen.1);
        most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(20));
        now.fetch_sub(1, Ordering::SeqCst);
        match asked.path.as_str() {
            "/3.fits" => connection.reply(404, &[], b""),
            path => connection.file(asked, &fits(1000 * path.len()), "\"a\""),
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let downloads: Vec<Download> = (0..12)
        .map(|i| {
            wanted(
                &server.at(&format!("/{i}.fits")),
                &folder.path().join(format!("{i}.fits")),
            )
        })
        .collect();
    let options = ClientOptions {
        per_host: 3,
        timeout: Duration::from_secs(5),
        ..quick()
    };
    let fetched = Client::new(options).download_all(&downloads, 8, &Silent);
    for (i, fetched) in fetched.iter().enumerate() {
        match fetched {
            Ok(fetched) => assert!(fetched.url.ends_with(&format!("/{i}.fits"))),
            Err(error) => assert!(i == 3, "{i}: {error}"),
        }
    }
    assert_eq!(names_in(folder.path()).len(), 11);
    assert!((2..=3).contains(&most.1.load(Ordering::SeqCst)), "{most:?}");
}

#[test]
fn offline_uses_what_is_there_and_names_what_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("x.fits");
    let options = ClientOptions {
        offline: true,
        ..quick()
    };
    let client = Client::new(options);
    let download = wanted("http://127.0.0.1:9/x", &target);
    let error = client.download(&download, &Silent).unwrap_err().to_string();
    assert!(error.contains("--offline") && error.contains("x.fits"), "{error}");
    std::fs::write(&target, fits(10)).unwrap();
    assert_eq!(
        client.download(&download, &Silent).unwrap().status,
        FetchStatus::AlreadyThere
    );
    assert!(!part_of(&target).exists());
}

#[test]
fn anything_is_taken_where_anything_is_asked_for() {
    let server = Server::start(|_, _, connection| connection.reply(200, &[], b"<html>a report</html>"));
    let folder = tempfile::tempdir().unwrap();
    let download = Download {
        content: Content::Any,
        ..wanted(&server.at("/x"), &folder.path().join("x.html"))
    };
    assert_eq!(client().download(&download, &Silent).unwrap().bytes, 21);
}
