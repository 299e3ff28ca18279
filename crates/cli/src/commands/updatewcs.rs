//! `firstlight updatewcs`

use crate::Global;
use crate::bar::Bar;
use crate::output::{self, Outcome};
use clap::Args;
use firstlight::Result;
use firstlight::input::expand;
use firstlight::updatewcs::{UpdateOptions, UpdatedFile, updatewcs};
use std::path::PathBuf;

/// The files.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  firstlight updatewcs *_flt.fits\n  firstlight updatewcs jbf401*_flc.fits --ref-dir ~/jref\n  firstlight updatewcs j8bt06nyq_flt.fits --vacorr=false --json"
)]
pub struct Updatewcs {
    /// FITS files, patterns or folders; they are changed in place.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
    #[command(flatten)]
    options: UpdateOptions,
    /// Folder of reference files, which is looked into before all other places.
    #[arg(long, value_name = "DIR")]
    ref_dir: Option<PathBuf>,
}

impl Updatewcs {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let files = expand(&self.files)?;
        let report = updatewcs(&files, &self.options, self.ref_dir, &Bar::new(global.quiet))?;
        output::result(&report, global.json, || {
            report.files.iter().map(text).collect::<Vec<_>>().join("\n")
        });
        Ok(output::failures(&report.failed, global.json))
    }
}

fn text(file: &UpdatedFile) -> String {
    let name = file.file.display();
    let Some(update) = &file.update else {
        let reason = file.left_out.map(|reason| reason.to_string()).unwrap_or_default();
        return format!("{name}  left out: {reason}");
    };
    let made: Vec<String> = update.corrections.iter().map(ToString::to_string).collect();
    let mut lines = vec![format!(
        "{name}  {}  {}",
        update.wcsname.as_deref().unwrap_or("-"),
        made.join(", ")
    )];
    for left_out in &update.left_out {
        lines.push(format!("  without {}: {}", left_out.correction, left_out.reason));
    }
    if update.cleaned {
        lines.push("  another IDCTAB: descriptions made with the old one are deleted".to_owned());
    }
    lines.join("\n")
}
