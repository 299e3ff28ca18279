//! What was run, what was not, and how it went: printed last, so that a long log ends with it.

use crate::error::{Error, Result};
use crate::test::counts::Counts;
use std::time::{Duration, Instant};

/// How a part ended, where it was not cut short by an error.
pub enum Part {
    /// Tests ran.
    Counted(Counts),
    /// Something was checked.
    Done(String),
    /// Nothing ran, and why.
    Skipped(String),
}

impl Part {
    /// Something was checked.
    pub fn done(what: impl Into<String>) -> Part {
        Part::Done(what.into())
    }
}

/// All parts so far.
#[derive(Default)]
pub struct Summary {
    lines: Vec<(&'static str, &'static str, String, Duration)>,
    failed: Vec<String>,
    notes: Vec<String>,
}

impl Summary {
    /// Runs a part under its name and keeps how it went.
    pub fn part(&mut self, name: &'static str, work: impl FnOnce() -> Result<Part>) {
        println!("\n==== {name} ====");
        let start = Instant::now();
        let (state, text) = match work() {
            Ok(Part::Counted(counts)) if counts.failed == 0 => ("ok", counts.to_string()),
            Ok(Part::Counted(counts)) => ("FAILED", counts.to_string()),
            Ok(Part::Done(text)) => ("ok", text),
            Ok(Part::Skipped(why)) => {
                println!(
                    "{}\n!!  {name} SKIPPED: {why}\n{}",
                    "!".repeat(78),
                    "!".repeat(78)
                );
                ("SKIPPED", why)
            }
            Err(error) => {
                eprintln!("error: {error}");
                (
                    "FAILED",
                    error.to_string().lines().next().unwrap_or_default().to_string(),
                )
            }
        };
        if state == "FAILED" {
            self.failed.push(name.to_string());
        }
        self.lines.push((name, state, text, start.elapsed()));
    }

    /// Something to be said at the end.
    pub fn note(&mut self, note: String) {
        self.notes.push(note);
    }

    /// Prints everything; an error where a part failed.
    pub fn end(self) -> Result<()> {
        println!("\n==== summary ====");
        for (name, state, text, time) in &self.lines {
            println!("{name:<10} {state:<8} {:>6.1} s   {text}", time.as_secs_f64());
        }
        for note in &self.notes {
            println!("note: {note}");
        }
        if self.failed.is_empty() {
            Ok(())
        } else {
            Err(Error::Tests(self.failed))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_part_fails_the_whole_and_the_others_run() {
        let mut summary = Summary::default();
        summary.part("first", || {
            Ok(Part::Counted(Counts {
                passed: 3,
                failed: 1,
                skipped: 0,
            }))
        });
        summary.part("second", || Ok(Part::Skipped("no peers".to_string())));
        summary.part("third", || Err(Error::Python("no python".to_string())));
        summary.part("fourth", || Ok(Part::done("fine")));
        assert_eq!(summary.lines.len(), 4);
        assert_eq!(summary.end().unwrap_err().to_string(), "failed: first, third");
    }

    #[test]
    fn skipping_is_no_failure() {
        let mut summary = Summary::default();
        summary.part("parity", || Ok(Part::Skipped("no peers".to_string())));
        assert!(summary.end().is_ok());
    }
}
