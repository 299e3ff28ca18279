//! Reads one header of each of many files and prints keywords of it, as fast as it goes.
//!
//! `cargo run --release -p firstlight-fits --example headers -- SCI KEYWORD[,KEYWORD…] FILE…`
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::process::ExitCode;

use firstlight_fits::{Value, read_header};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [extension, keywords, paths @ ..] = arguments.as_slice() else {
        eprintln!("headers EXTENSION KEYWORD[,KEYWORD…] FILE…");
        return ExitCode::from(2);
    };
    for path in paths {
        match read_header(path, extension) {
            Ok(header) => {
                let values = keywords
                    .split(',')
                    .map(|keyword| header.get(keyword).unwrap_or(Value::Undefined));
                println!(
                    "{path} {}",
                    values
                        .map(|value| value.to_string())
                        .collect::<Vec<_>>()
                        .join(" ")
                );
            }
            Err(error) => {
                eprintln!("{error}");
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}
