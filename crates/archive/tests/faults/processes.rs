//! Several processes at one file, processes that are killed, and disks that are full.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use firstlight_archive::Error;
use firstlight_archive::client::{Client, ClientOptions, FetchStatus, Silent};

use super::server::Server;
use super::{client, fits, names_in, part_of, quick, wanted};

/// What a child is told.
const URL: &str = "FIRSTLIGHT_FAULTS_URL";
const TARGET: &str = "FIRSTLIGHT_FAULTS_TARGET";

/// This test program again, as a process that fetches one file.
fn this_program() -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([
        "--exact",
        "processes::a_process_that_fetches",
        "--ignored",
        "--nocapture",
    ]);
    command
}

fn fetching(mut command: Command, url: &str, target: &Path) -> Child {
    command
        .env(URL, url)
        .env(TARGET, target)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Run by the others as a process of its own.
#[test]
#[ignore = "run by other tests as a process of its own"]
fn a_process_that_fetches() {
    let (Ok(url), Ok(target)) = (std::env::var(URL), std::env::var(TARGET)) else {
        return;
    };
    let options = ClientOptions {
        timeout: Duration::from_secs(20),
        ..quick()
    };
    match Client::new(options).download(&wanted(&url, Path::new(&target)), &Silent) {
        Ok(fetched) => println!("fetched: {:?}", fetched.status),
        Err(error) => println!("failed: {error}"),
    }
}

#[test]
fn processes_and_threads_that_want_one_file_fetch_it_once() {
    let bytes = fits(400_000);
    let sent = bytes.clone();
    let server = Server::start(move |_, _, connection| {
        connection.head(
            200,
            &[("ETag", "\"a\""), ("Content-Length", &sent.len().to_string())],
        );
        for piece in sent.chunks(sent.len() / 8) {
            connection.send(piece);
            std::thread::sleep(Duration::from_millis(40));
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("x.fits");
    let children: Vec<Child> = (0..3)
        .map(|_| fetching(this_program(), &server.at("/x"), &target))
        .collect();
    let download = wanted(&server.at("/x"), &target);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..2)
            .map(|_| scope.spawn(|| client().download(&download, &Silent)))
            .collect();
        for thread in threads {
            thread.join().unwrap().unwrap();
        }
    });
    for child in children {
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            said.contains("fetched: "),
            "{said}{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    assert_eq!(std::fs::read(&target).unwrap(), bytes);
    assert_eq!(names_in(folder.path()), ["x.fits"]);
    assert_eq!(server.asked().len(), 1);
}

#[test]
fn a_killed_process_leaves_a_part_that_is_gone_on_from() {
    const HALF: usize = 100_000;
    let bytes = fits(2 * HALF);
    let sent = bytes.clone();
    let server = Server::start(move |number, asked, connection| match number {
        0 => {
            connection.head(
                200,
                &[("ETag", "\"a\""), ("Content-Length", &sent.len().to_string())],
            );
            connection.send(&sent[..HALF]);
            std::thread::sleep(Duration::from_secs(5));
        }
        _ => connection.file(asked, &sent, "\"a\""),
    });
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("x.fits");
    let mut child = fetching(this_program(), &server.at("/x"), &target);
    let start = Instant::now();
    while std::fs::metadata(part_of(&target)).map_or(0, |part| part.len()) < HALF as u64 {
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "the process gets nowhere"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!target.exists());
    let fetched = client()
        .download(&wanted(&server.at("/x"), &target), &Silent)
        .unwrap();
    assert_eq!(fetched.status, FetchStatus::Resumed { from: HALF as u64 });
    assert_eq!(server.asked()[1].header("range"), Some("bytes=100000-"));
    assert_eq!(std::fs::read(&target).unwrap(), bytes);
    assert_eq!(names_in(folder.path()), ["x.fits"]);
}

#[test]
fn a_process_that_does_not_get_on_is_not_waited_for_for_ever() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("x.fits");
    let held = std::fs::File::create(format!("{}.json", part_of(&target).display())).unwrap();
    held.lock().unwrap();
    let options = ClientOptions {
        timeout: Duration::from_millis(40),
        ..quick()
    };
    let error = Client::new(options)
        .download(&wanted("http://127.0.0.1:9/", &target), &Silent)
        .unwrap_err();
    assert!(matches!(error, Error::Busy { .. }), "{error}");
}

/// A disk that is full is played by a limit on the size of files, which a shell sets and its child inherits.
#[cfg(unix)]
#[test]
fn a_full_disk_is_told_and_what_has_come_is_kept() {
    let bytes = fits(400_000);
    let sent = bytes.clone();
    let server = Server::start(move |_, asked, connection| connection.file(asked, &sent, "\"a\""));
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("x.fits");
    let program = this_program();
    let mut shell = Command::new("sh");
    // The signal of the limit is ignored, so that writing gives an error as on a full disk. 200 blocks of 512
    // (or, of some shells, 1024) bytes.
    shell.args(["-c", "trap '' XFSZ; ulimit -f 200; exec \"$0\" \"$@\""]);
    shell.arg(program.get_program()).args(program.get_args());
    let output = fetching(shell, &server.at("/x"), &target)
        .wait_with_output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        said.contains("failed: ") && said.contains("make room"),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(!target.exists());
    let kept = std::fs::metadata(part_of(&target)).unwrap().len();
    assert!(
        (100_000..=210_000).contains(&kept) && said.contains(&format!("the {kept} bytes")),
        "{kept}: {said}"
    );
    // There is room again.
    let fetched = client()
        .download(&wanted(&server.at("/x"), &target), &Silent)
        .unwrap();
    assert_eq!(fetched.status, FetchStatus::Resumed { from: kept });
    assert_eq!(std::fs::read(&target).unwrap(), bytes);
}
