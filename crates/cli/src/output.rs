//! The only place that prints.
#![expect(clippy::print_stderr, reason = "errors and notes go there")]

use firstlight::frame::{Column, Table};
use serde::Serialize;
use std::process::ExitCode;

/// How a verb ended, other than in an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// All that was asked for.
    Done,
    /// Some of the inputs failed; each was named on standard error.
    Partial,
    /// The inputs could be read, but nothing that was asked for could be done with them.
    Failed,
}

impl Outcome {
    /// 0, 7 where some inputs failed, or 3 where all did.
    pub fn exit_code(self) -> ExitCode {
        match self {
            Outcome::Done => ExitCode::SUCCESS,
            Outcome::Partial => ExitCode::from(7),
            Outcome::Failed => ExitCode::from(firstlight::ErrorClass::Input.exit_code()),
        }
    }
}

/// Prints a result: `text` for people, or the value itself as JSON.
pub fn result(value: &impl Serialize, json: bool, text: impl FnOnce() -> String) {
    let printed = if json {
        serde_json::to_string_pretty(value).unwrap_or_default()
    } else {
        text()
    };
    print(&printed);
}

/// Prints a value as one line of JSON, for programs that wait for it.
pub fn line(value: &impl Serialize) {
    print(&serde_json::to_string(value).unwrap_or_default());
}

/// Prints text that is already in its final form; a reader that has gone away (`| head`) is no error.
pub fn print(text: &str) {
    use std::io::Write;
    let mut stdout = std::io::stdout().lock();
    let newline = if text.ends_with('\n') || text.is_empty() {
        ""
    } else {
        "\n"
    };
    let _ = write!(stdout, "{text}{newline}").and_then(|()| stdout.flush());
}

/// Tells something by the way, on standard error.
pub fn note(text: &str, quiet: bool) {
    if !quiet {
        eprintln!("{text}");
    }
}

/// Names the columns that no row has a value in: keywords that are in none of the files.
pub fn absent(table: &Table, quiet: bool) {
    let without = |column: &&Column| column.rows() > 0 && (0..column.rows()).all(|row| column.is_null(row));
    let names: Vec<&str> = table.columns().iter().filter(without).map(Column::name).collect();
    if !names.is_empty() {
        note(&format!("none of the files has {}", names.join(", ")), quiet);
    }
}

/// Names an input that failed while others went on.
pub fn failure(text: &str) {
    eprintln!("error: {text}");
}

/// Prints an error.
pub fn error(error: &firstlight::Error, json: bool) {
    if json {
        let value =
            serde_json::json!({ "error": error.to_string(), "class": format!("{:?}", error.class()) });
        eprintln!("{value}");
    } else {
        eprintln!("error: {error}");
    }
}

/// Names the inputs that failed, and tells how the verb ended.
pub fn failures(failed: &[firstlight::input::Failure], json: bool) -> Outcome {
    for failure in failed {
        // As JSON they are part of the result already.
        if !json {
            eprintln!("error: {}", failure.error);
        }
    }
    if failed.is_empty() {
        Outcome::Done
    } else {
        Outcome::Partial
    }
}
