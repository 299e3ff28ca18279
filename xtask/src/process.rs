//! Running other programs: quietly, with their output kept, or with their output passed on while it is read.

use crate::error::{Error, Result};
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, ExitStatus, Stdio};

/// The cargo that runs us.
pub fn cargo() -> String {
    std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_string())
}

/// Runs a command and gives back what it printed on standard output.
pub fn capture(command: &mut Command) -> Result<String> {
    let output = command.output().map_err(|source| Error::Start {
        command: told(command),
        source,
    })?;
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(stdout);
    }
    let stderr = String::from_utf8_lossy(&output.stderr);
    let printed = format!("{}\n{}", stdout.trim(), stderr.trim()).trim().to_string();
    Err(Error::Command {
        command: told(command),
        status: output.status,
        output: printed,
    })
}

/// Runs a command whose output goes where ours goes.
pub fn run(command: &mut Command) -> Result<()> {
    println!("$ {}", told(command));
    let status = command.status().map_err(|source| Error::Start {
        command: told(command),
        source,
    })?;
    if status.success() {
        Ok(())
    } else {
        Err(Error::Command {
            command: told(command),
            status,
            output: String::new(),
        })
    }
}

/// Runs a command, passing on its standard output line by line and showing each line to `reader` too.
pub fn follow(command: &mut Command, mut reader: impl FnMut(&str)) -> Result<ExitStatus> {
    println!("$ {}", told(command));
    let spawned = command.stdout(Stdio::piped()).spawn();
    let mut child = spawned.map_err(|source| Error::Start {
        command: told(command),
        source,
    })?;
    if let Some(stdout) = child.stdout.take() {
        let mut lines = BufReader::new(stdout);
        let mut line = Vec::new();
        // Bytes, not text: a test may print what is not UTF-8.
        while lines
            .read_until(b'\n', &mut line)
            .map_err(Error::file("standard output"))?
            > 0
        {
            let mut out = std::io::stdout().lock();
            let _ = out.write_all(&line).and_then(|()| out.flush());
            reader(String::from_utf8_lossy(&line).trim_end());
            line.clear();
        }
    }
    child.wait().map_err(|source| Error::Start {
        command: told(command),
        source,
    })
}

/// The command as a person would type it.
pub fn told(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words
        .map(|word| word.to_string_lossy().into_owned())
        .collect::<Vec<_>>()
        .join(" ")
}
