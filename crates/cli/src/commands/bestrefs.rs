//! `firstlight bestrefs`

use crate::Global;
use crate::bar::Bar;
use crate::output::{self, Outcome};
use crate::transfer_bars::TransferBars;
use clap::Args;
use firstlight::Result;
use firstlight::bestrefs::{BestrefsOptions, BestrefsReport, FileReferences, State, bestrefs};
use firstlight::input::expand;

/// The files.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  firstlight bestrefs j8bt06nyq_raw.fits\n  firstlight bestrefs *_raw.fits --update --sync\n  firstlight bestrefs jcmc11010_asn.fits --types darkfile,biasfile --compare-source\n  firstlight bestrefs *_raw.fits --context hst_1200.pmap --offline --json"
)]
pub struct Bestrefs {
    /// FITS files, patterns, folders, or associations, which stand for their members.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
    #[command(flatten)]
    options: BestrefsOptions,
}

impl Bestrefs {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let bars = TransferBars::new(global.quiet);
        let report = bestrefs(
            &expand(&self.files)?,
            &self.options,
            &Bar::new(global.quiet),
            &bars,
        );
        bars.finish();
        let report = report?;
        output::result(&report, global.json, || text(&report));
        output::note(&summary(&report, &self.options), global.quiet);
        for file in &report.fetched {
            if let (Some(error), false) = (&file.error, global.json) {
                output::failure(&format!("{}: {error}", file.name));
            }
        }
        let _ = output::failures(&report.failed, global.json);
        Ok(if report.is_complete() {
            Outcome::Done
        } else {
            Outcome::Partial
        })
    }
}

fn text(report: &BestrefsReport) -> String {
    report.files.iter().map(of_file).collect::<Vec<_>>().join("\n")
}

/// A heading, and a row for each reference: the keyword, what the file has, what is best, how the two stand.
fn of_file(file: &FileReferences) -> String {
    let done = if file.updated { ", updated" } else { "" };
    let mut lines = vec![format!("{} ({}{done})", file.file.display(), file.instrument)];
    if file.references.is_empty() {
        lines.push("  has the best references".to_owned());
    }
    let old =
        |reference: &firstlight::bestrefs::Reference| reference.old.clone().unwrap_or_else(|| "-".to_owned());
    let width = |of: &dyn Fn(&firstlight::bestrefs::Reference) -> usize| {
        file.references.iter().map(of).max().unwrap_or(0)
    };
    let keywords = width(&|reference| reference.keyword.len());
    let olds = width(&|reference| old(reference).chars().count());
    let news = width(&|reference| reference.new.as_ref().map_or(0, |new| new.chars().count()));
    for reference in &file.references {
        let new = reference.new.as_deref().unwrap_or("");
        let reason = reference
            .reason
            .as_ref()
            .map(|reason| format!(": {reason}"))
            .unwrap_or_default();
        let state = if reference.state == State::Same {
            ""
        } else {
            reference.state.name()
        };
        let line = format!(
            "  {:keywords$}  {:olds$}  ->  {new:news$}  {state}{reason}",
            reference.keyword,
            old(reference)
        );
        lines.push(line.trim_end().to_owned());
    }
    lines.push(String::new());
    lines.join("\n")
}

fn summary(report: &BestrefsReport, options: &BestrefsOptions) -> String {
    let references = || report.files.iter().flat_map(|file| &file.references);
    let with = |state: State| references().filter(|reference| reference.state == state).count();
    // With --compare-source, those that are the best are not in the report.
    let best = match options.compare_source {
        true => String::new(),
        false => format!("{} references are the best, ", with(State::Same)),
    };
    let mut parts = vec![format!(
        "{} file{}: {best}{} change, {} are added, {} NOT FOUND",
        report.files.len(),
        if report.files.len() == 1 { "" } else { "s" },
        with(State::Changed),
        with(State::Added),
        with(State::NotFound)
    )];
    if options.update {
        parts.push(format!(
            "{} files updated",
            report.files.iter().filter(|file| file.updated).count()
        ));
    } else {
        parts.push("nothing was written (--update does)".to_owned());
    }
    if options.sync {
        let fetched = report
            .fetched
            .iter()
            .filter(|file| matches!(file.status, "fetched" | "replaced"))
            .count();
        let there = report
            .fetched
            .iter()
            .filter(|file| file.status == "there")
            .count();
        parts.push(format!("{there} reference files were there, {fetched} fetched"));
    }
    format!(
        "{}\n{}; {}",
        parts.join("; "),
        report.context_origin,
        report.cache
    )
}
