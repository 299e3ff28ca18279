//! The log of a run, with the table of steps.

use super::inputs::Resolved;
use super::{DrizzleOptions, DrizzleReport, StepOutcome};
use crate::{Error, Result, calendar};
use firstlight_fits::{AtomicFile, Overwrite};
use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Instant;

/// The log, where one is asked for.
#[derive(Debug)]
pub(super) struct Log {
    path: Option<PathBuf>,
    text: String,
    clock: Instant,
}

impl Log {
    /// Begins the log; a file that cannot be written to is told of before any work.
    pub(super) fn begin(resolved: &Resolved, options: &DrizzleOptions, clock: Instant) -> Result<Self> {
        let given = options.runfile.as_deref().map(str::trim);
        let path = given.filter(|name| !name.is_empty()).map(PathBuf::from);
        let mut text = String::new();
        if let Some(path) = &path {
            AtomicFile::create(path, Overwrite::Replace)?;
            let version = env!("CARGO_PKG_VERSION");
            let _ = writeln!(text, "firstlight {version}, drizzle, {}", calendar::today());
            let _ = writeln!(text, "\nInputs");
            for member in &resolved.members {
                let _ = write!(text, "    {}", member.exposure.path().display());
                let _ = match &member.ivm {
                    Some(map) => writeln!(text, ", inverse variance {}", map.path().display()),
                    None => writeln!(text),
                };
            }
            let parameters =
                serde_json::to_string_pretty(options).map_err(|error| Error::Usage(error.to_string()))?;
            let _ = writeln!(text, "\nParameters\n{parameters}");
        }
        Ok(Self { path, text, clock })
    }

    /// Adds what was done, and writes it all.
    pub(super) fn finish(&mut self, report: &DrizzleReport) -> Result<()> {
        let Some(path) = &self.path else { return Ok(()) };
        let text = &mut self.text;
        let _ = writeln!(text, "\nImages");
        for image in &report.images {
            let _ = write!(text, "    {} [sci,{}]", image.path.display(), image.version);
            if let Some(sky) = &image.sky {
                let _ = write!(text, ", sky {:.6}", sky.sky);
            }
            if let Some(pixels) = image.cosmic_rays {
                let _ = write!(text, ", {pixels} pixels of cosmic rays");
            }
            let _ = writeln!(text);
        }
        for line in report
            .inputs
            .iter()
            .map(ToString::to_string)
            .chain(report.notes.iter().cloned())
        {
            let _ = writeln!(text, "    {line}");
        }
        let _ = writeln!(text, "\nStep              Elapsed time\n{}", report.step_table());
        let _ = writeln!(text, "Total {:.3} s", self.clock.elapsed().as_secs_f64());
        for path in report.products.paths() {
            let _ = writeln!(text, "wrote {}", path.display());
        }
        Ok(AtomicFile::write_whole(
            path,
            text.as_bytes(),
            Overwrite::Replace,
        )?)
    }
}

impl DrizzleReport {
    /// A line for each step: its name, the elapsed time, and why it ran though it was off, or did not though it was on.
    pub fn step_table(&self) -> String {
        let mut text = String::new();
        for line in &self.steps {
            let _ = match &line.outcome {
                StepOutcome::Done => writeln!(text, "{:<18}{:>8.3} s", line.step, line.seconds),
                StepOutcome::Needed(reason) => {
                    writeln!(
                        text,
                        "{:<18}{:>8.3} s, on because {reason}",
                        line.step, line.seconds
                    )
                }
                StepOutcome::Off => writeln!(text, "{:<18}     off", line.step),
                StepOutcome::Skipped(reason) => writeln!(text, "{:<18} skipped, {reason}", line.step),
            };
        }
        text
    }
}
