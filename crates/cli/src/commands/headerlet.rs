//! `firstlight headerlet list|apply|attach|write|extract|delete`

use crate::Global;
use crate::output::{self, Outcome};
use clap::{Args, Subcommand};
use firstlight::Result;
use firstlight::headerlet::{
    self, ApplyOptions, CreateOptions, HeaderletReport, ListedFile, apply, attach, delete, extract, list,
};
use firstlight::input::expand;
use std::path::PathBuf;

/// What to do with headerlets.
#[derive(Args)]
pub struct Headerlet {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// List the headerlets that are attached to files.
    List {
        /// FITS files, patterns or folders.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<String>,
    },
    /// Apply a headerlet to its exposure, in place: as the coordinates that count, or with --alternate as further ones.
    #[command(after_help = "Example:\n  firstlight headerlet apply j8bt06nyq_flt.fits j8bt06nyq_hlet.fits")]
    Apply {
        /// The exposure.
        file: PathBuf,
        /// The headerlet.
        headerlet: PathBuf,
        #[command(flatten)]
        options: ApplyOptions,
    },
    /// Attach a headerlet to its exposure as an extension, in place.
    Attach {
        /// The exposure.
        file: PathBuf,
        /// The headerlet.
        headerlet: PathBuf,
    },
    /// Make a headerlet of a description of an exposure, and write it to a file.
    #[command(
        after_help = "Example:\n  firstlight headerlet write j8bt06nyq_flt.fits --hdrname MINE --wcsname TWEAK"
    )]
    Write {
        /// The exposure.
        file: PathBuf,
        /// The headerlet's file [default: ROOT_hlet.fits beside ROOT.fits]
        #[arg(long, short)]
        output: Option<PathBuf>,
        #[command(flatten)]
        options: CreateOptions,
        /// Replace the file if it is there.
        #[arg(long)]
        overwrite: bool,
    },
    /// Write a headerlet that is attached to an exposure to a file.
    Extract {
        /// The exposure.
        file: PathBuf,
        /// Name of the headerlet [default: the only one]
        #[arg(long)]
        hdrname: Option<String>,
        /// The headerlet's file [default: ROOT_hlet.fits beside ROOT.fits]
        #[arg(long, short)]
        output: Option<PathBuf>,
        /// Replace the file if it is there.
        #[arg(long)]
        overwrite: bool,
    },
    /// Take the headerlets of a name out of files, in place.
    Delete {
        /// Name of the headerlets.
        hdrname: String,
        /// FITS files, patterns or folders.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<String>,
    },
}

impl Headerlet {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let report = match self.action {
            Action::List { files } => {
                let report = list(&expand(&files)?)?;
                output::result(&report, global.json, || {
                    report.files.iter().map(listed).collect::<Vec<_>>().join("\n")
                });
                return Ok(output::failures(&report.failed, global.json));
            }
            Action::Delete { hdrname, files } => {
                let (done, failed) = delete(&expand(&files)?, &hdrname)?;
                output::result(&done, global.json, || {
                    done.iter().map(text).collect::<Vec<_>>().join("\n")
                });
                return Ok(output::failures(&failed, global.json));
            }
            Action::Apply {
                file,
                headerlet,
                options,
            } => apply(&file, &headerlet, &options)?,
            Action::Attach { file, headerlet } => attach(&file, &headerlet)?,
            Action::Write {
                file,
                output,
                options,
                overwrite,
            } => headerlet::write(&file, output.as_deref(), &options, overwrite)?,
            Action::Extract {
                file,
                hdrname,
                output,
                overwrite,
            } => extract(&file, hdrname.as_deref(), output.as_deref(), overwrite)?,
        };
        output::result(&report, global.json, || text(&report));
        Ok(Outcome::Done)
    }
}

fn text(report: &HeaderletReport) -> String {
    let done = match report.deleted {
        0 => String::new(),
        n => format!("  {n} deleted"),
    };
    format!("{}  {}{done}", report.file.display(), report.hdrname)
}

fn listed(file: &ListedFile) -> String {
    let mut lines = vec![format!("{}", file.file.display())];
    if file.headerlets.is_empty() {
        lines.push("  no headerlet is attached".to_owned());
    }
    for one in &file.headerlets {
        lines.push(format!(
            "  {:>3}  {}  {}  {}  {}",
            one.extension, one.hdrname, one.wcsname, one.distname, one.date
        ));
    }
    lines.join("\n")
}
