//! Ctrl-C in the middle of `firstlight mast download`, and the same command again: nothing is under the file's name in
//! between, and what had come is not asked for anew. Ctrl-C in the middle of other verbs: nothing is left, and what was
//! there is there.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const NAME: &str = "jx0101aaq_raw.fits";
const BLOCKS: usize = 1000;

/// A FITS file whose bytes tell where they belong.
fn fits() -> Vec<u8> {
    let length = format!("NAXIS1  = {:>20}", (BLOCKS - 1) * 2880);
    let cards = [
        "SIMPLE  =                    T",
        "BITPIX  =                    8",
        "NAXIS   =                    1",
        &length,
        "END",
    ];
    let mut file: Vec<u8> = cards
        .iter()
        .flat_map(|card| format!("{card:80}").into_bytes())
        .collect();
    file.resize(2880, b' ');
    file.extend((2880..BLOCKS * 2880).map(|place| (place % 251) as u8));
    file
}

/// Where the transfers began that were asked for so far.
type Begins = Arc<Mutex<Vec<usize>>>;

/// A server that sends half of the file and then nothing more, until it is asked for the rest.
fn server() -> (String, Begins) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let begins = Begins::default();
    let log = Arc::clone(&begins);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let log = Arc::clone(&log);
            std::thread::spawn(move || answer(stream, &log));
        }
    });
    (url, begins)
}

fn answer(mut stream: TcpStream, begins: &Mutex<Vec<usize>>) {
    let mut begin = 0;
    for line in BufReader::new(stream.try_clone().unwrap()).lines() {
        let line = line.unwrap().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(range) = line.strip_prefix("range: bytes=") {
            begin = range.split('-').next().unwrap().parse().unwrap();
        }
    }
    begins.lock().unwrap().push(begin);
    let file = fits();
    let (status, end) = if begin == 0 {
        ("200 OK", file.len() / 2)
    } else {
        ("206 Partial Content", file.len())
    };
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-length: {}\r\ncontent-range: bytes {begin}-{}/{}\r\netag: \"one\"\r\n\
         accept-ranges: bytes\r\nconnection: close\r\n\r\n",
        file.len() - begin,
        file.len() - 1,
        file.len()
    );
    let sent = stream
        .write_all(head.as_bytes())
        .and_then(|()| stream.write_all(&file[begin..end]));
    if sent.is_ok() && end < file.len() {
        // Until the other side is gone.
        let _ = stream.read(&mut [0]);
    }
}

fn download(folder: &Path, server: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_firstlight"));
    command
        .args([
            "mast",
            "download",
            NAME,
            "--flat",
            "--parallel",
            "1",
            "--json",
            "--server",
            server,
        ])
        .current_dir(folder)
        .env_remove("http_proxy")
        .env_remove("HTTP_PROXY")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// The signal of Ctrl-C; that of `kill` where a shell has made its background jobs, and so the tests, deaf to the former.
fn signal() -> (&'static str, i32) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    if ignored.is_some_and(|mask| mask & 0b10 != 0) {
        ("-TERM", 15)
    } else {
        ("-INT", 2)
    }
}

/// Sends a signal, which the command has to end by.
fn end(child: &mut Child, (name, number): (&str, i32)) {
    let kill = Command::new("kill")
        .args([name, &child.id().to_string()])
        .status();
    assert!(kill.unwrap().success());
    assert_eq!(child.wait().unwrap().signal(), Some(number));
}

#[test]
fn ctrl_c_leaves_a_part_and_the_same_command_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let (server, begins) = server();
    let (target, part) = (
        folder.path().join(NAME),
        folder.path().join(format!("{NAME}.part")),
    );
    let size = || std::fs::metadata(&part).map_or(0, |part| part.len());

    let mut child = download(folder.path(), &server).spawn().unwrap();
    let patience = Instant::now();
    while size() == 0 && patience.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(5));
    }
    end(&mut child, signal());
    assert!(!target.exists());
    let had = size();
    assert!(had > 0);

    let again = download(folder.path(), &server).output().unwrap();
    let said = String::from_utf8_lossy(&again.stdout).into_owned();
    assert_eq!(
        again.status.code(),
        Some(0),
        "{said}\n{}",
        String::from_utf8_lossy(&again.stderr)
    );
    assert!(
        said.contains(&format!("the first {had} bytes were here")),
        "{said}"
    );
    assert_eq!(*begins.lock().unwrap(), [0, usize::try_from(had).unwrap()]);
    assert!(std::fs::read(&target).unwrap() == fits());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

fn firstlight(folder: &Path, line: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_firstlight"));
    command
        .args(line)
        .current_dir(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

/// Names and contents of all that is in a folder.
fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut contents: Vec<(PathBuf, Vec<u8>)> = entries
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.clone(), std::fs::read(&path).unwrap_or_default()))
        .collect();
    contents.sort();
    contents
}

/// Waits until a command is in the midst of its work, as `begun` sees it.
fn wait_for(child: &mut Child, begun: impl Fn(u32) -> bool) {
    let patience = Instant::now();
    while !begun(child.id()) {
        assert!(child.try_wait().unwrap().is_none(), "it ended before it was seen");
        assert!(patience.elapsed() < Duration::from_secs(120));
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Whether a process writes to a file of a folder that is not under its name yet.
fn writes(process: u32, folder: &Path) -> bool {
    let named = contents(folder)
        .iter()
        .any(|(path, _)| path.extension().is_some_and(|extension| extension == "part"));
    let open = std::fs::read_dir(format!("/proc/{process}/fd"))
        .into_iter()
        .flatten()
        .flatten();
    let unnamed = open
        .filter_map(|entry| std::fs::read_link(entry.path()).ok())
        .any(|path| path.starts_with(folder) && path.to_string_lossy().ends_with("(deleted)"));
    named || unnamed
}

#[test]
fn drizzle_that_is_ended_leaves_nothing_and_the_old_product() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().canonicalize().unwrap();
    let simulate = ["simulate", "sbc", ".", "--size", "256", "--darks", "0"];
    assert!(firstlight(&path, &simulate).status().unwrap().success());
    std::fs::create_dir(path.join("out")).unwrap();
    let out = path.join("out").canonicalize().unwrap();
    std::fs::write(out.join("out_drz.fits"), "old").unwrap();
    let before = contents(&out);
    let drizzle = [
        "drizzle",
        "jsim11ctq_flt.fits",
        "--combine-only",
        "--final-kernel",
        "lanczos3",
        "--final-scale",
        "0.002",
        "--output",
        "out/out",
        "--overwrite",
        "--threads",
        "1",
    ];
    let mut ends = vec![signal()];
    // A file without a name goes with the process, whatever ends it.
    if cfg!(target_os = "linux") {
        ends.push(("-KILL", 9));
    }
    for signal in ends {
        let mut child = firstlight(&path, &drizzle).spawn().unwrap();
        wait_for(&mut child, |process| writes(process, &out));
        end(&mut child, signal);
        assert!(contents(&out) == before, "{signal:?}: {:?}", names(&out));
    }
}

fn names(folder: &Path) -> Vec<PathBuf> {
    contents(folder).into_iter().map(|(path, _)| path).collect()
}

#[test]
fn stack_that_is_ended_takes_its_folder_away() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().canonicalize().unwrap();
    let simulate = [
        "simulate",
        "ccd",
        "night",
        "--nights",
        "1",
        "--width",
        "1500",
        "--height",
        "1500",
        "--filters",
        "R",
        "--science",
        "3",
        "--short-science",
        "0",
        "--biases",
        "1",
        "--darks",
        "0",
        "--flats",
        "0",
    ];
    assert!(firstlight(&path, &simulate).status().unwrap().success());
    std::fs::create_dir(path.join("out")).unwrap();
    let out = path.join("out").canonicalize().unwrap();
    std::fs::write(out.join("deep.fits"), "old").unwrap();
    let before = contents(&out);
    let stack = [
        "stack",
        "night/*/NGC*.fit",
        "-o",
        "out/deep.fits",
        "--overwrite",
        "--threads",
        "1",
    ];
    let mut child = firstlight(&path, &stack).spawn().unwrap();
    let is_scratch = |path: &PathBuf| path.is_dir() && path.read_dir().unwrap().count() > 0;
    wait_for(&mut child, |_| names(&out).iter().any(is_scratch));
    end(&mut child, signal());
    assert!(contents(&out) == before, "{:?}", names(&out));
}
