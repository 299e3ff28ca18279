//! Downloads, answers and caches over a network that fails in every way it can.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    missing_docs
)]

mod answers;
mod crds;
mod files;
mod places;
mod processes;
mod references;
mod resumption;
mod rules;
mod server;

use std::path::{Path, PathBuf};
use std::time::Duration;

use firstlight_archive::client::{Client, ClientOptions, Content, Download, Proxies};

/// Options that lose no time.
fn quick() -> ClientOptions {
    ClientOptions {
        attempts: 4,
        timeout: Duration::from_millis(400),
        answer_timeout: Duration::from_millis(400),
        first_wait: Duration::from_millis(1),
        longest_wait: Duration::from_millis(300),
        proxies: Some(Proxies::default()),
        ..ClientOptions::default()
    }
}

fn client() -> Client {
    Client::new(quick())
}

/// A FITS file whose one array holds so many bytes.
fn fits(data: usize) -> Vec<u8> {
    let cards = [
        "SIMPLE  =                    T".to_owned(),
        "BITPIX  =                    8".to_owned(),
        "NAXIS   =                    1".to_owned(),
        format!("NAXIS1  = {data:>20}"),
        "END".to_owned(),
    ];
    let mut bytes: Vec<u8> = cards
        .iter()
        .flat_map(|card| format!("{card:<80}").into_bytes())
        .collect();
    bytes.resize(2880, b' ');
    let mut state = 1u32;
    bytes.extend((0..data).map(|_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    }));
    bytes.resize(bytes.len().div_ceil(2880) * 2880, 0);
    bytes
}

fn wanted(url: &str, target: &Path) -> Download {
    Download {
        name: target.file_name().unwrap().to_str().unwrap().to_owned(),
        urls: vec![url.to_owned()],
        target: target.to_owned(),
        size: None,
        checksum: None,
        content: Content::Fits,
    }
}

fn part_of(target: &Path) -> PathBuf {
    PathBuf::from(format!("{}.part", target.display()))
}

/// What a folder holds, by name.
fn names_in(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}
