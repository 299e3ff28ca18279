//! `firstlight mast download`

use crate::Global;
use crate::bar::Bar;
use crate::commands::table::pretty;
use crate::output::{self, Outcome};
use crate::transfer_bars::TransferBars;
use clap::Args;
use firstlight::Result;
use firstlight::fits::Overwrite;
use firstlight::frame::table;
use firstlight::mast::{
    self, Criteria, DownloadOptions, DownloadReport, Layout, ProductOptions, QueryOptions, Selection,
    ServiceOptions,
};
use std::path::PathBuf;

/// What is wanted: observations by what they are like, or by numbers (obsid) and names (obs_id), and files by their
/// names or as `mast:…`. Files that are here and whole are not fetched again; transfers that break go on from where
/// they were, also the next time. Data that are not public yet need a token in MAST_API_TOKEN.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  firstlight mast download --proposal-id 13655 --obs-id 'JCMC11*' --products FLT,ASN --dest science --layout flat\n  firstlight mast download --proposal-id 13961 --obstype cal --products RAW --dest darks --flat\n  firstlight mast download J9L960010 --products RAW,ASN,SPT --extension fits --dry-run\n  firstlight mast download --from products.ecsv --cloud --manifest manifest.ecsv\n  firstlight mast download jcmc11ctq_flt.fits"
)]
pub struct Download {
    /// Observations (obsid, obs_id) or files.
    #[arg(value_name = "WHAT")]
    items: Vec<String>,
    /// Table of observations or products, as `mast query -o` and `mast products -o` write it.
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    #[command(flatten)]
    download: DownloadOptions,
    /// The same as --layout flat.
    #[arg(long, conflicts_with = "layout")]
    flat: bool,
    /// Write the manifest to a file too (.csv, .ecsv, .fits, .json).
    #[arg(long, value_name = "FILE")]
    manifest: Option<PathBuf>,
    /// Replace the manifest if it is there.
    #[arg(long, requires = "manifest")]
    overwrite: bool,
    #[command(flatten)]
    products: ProductOptions,
    #[command(flatten)]
    criteria: Criteria,
    #[command(flatten)]
    query: QueryOptions,
    #[command(flatten)]
    service: ServiceOptions,
}

impl Download {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let overwrite = Overwrite::from(self.overwrite);
        if let Some(path) = &self.manifest {
            table::check_output(path, None, overwrite)?;
        }
        let mut query = self.query;
        query.criteria = self.criteria.given();
        let mut selection = Selection {
            items: self.items,
            query: (!query.is_empty()).then_some(query),
            ..Selection::default()
        };
        if let Some(path) = &self.from {
            selection = selection.from_file(path)?;
        }
        let mut options = self.download;
        if self.flat {
            options.layout = Layout::Flat;
        }
        let bars = TransferBars::new(global.quiet);
        let bar = Bar::new(global.quiet);
        let report = mast::download(&selection, &self.products, &options, &self.service, &bar, &bars);
        bars.finish();
        let report = report?;
        for note in &report.notes {
            output::note(note, global.quiet);
        }
        if let Some(path) = &self.manifest {
            table::write(&report.manifest, path, None, overwrite)?;
        }
        output::result(&report, global.json, || pretty(&report.manifest, false));
        output::note(&summary(&report, options.dry_run), global.quiet);
        Ok(if report.failed == 0 {
            Outcome::Done
        } else {
            Outcome::Partial
        })
    }
}

fn summary(report: &DownloadReport, dry_run: bool) -> String {
    let mut parts = vec![format!(
        "{} file{}",
        report.files,
        if report.files == 1 { "" } else { "s" }
    )];
    let mut add = |number: usize, text: &str| {
        if number > 0 {
            parts.push(format!("{number} {text}"));
        }
    };
    if !dry_run {
        add(
            report.complete - report.already_there.min(report.complete),
            "fetched",
        );
    }
    add(report.already_there, "here already");
    add(report.skipped, "skipped");
    add(report.failed, "failed");
    add(report.duplicates, "listed twice");
    add(report.unknown_sizes, "of unknown size");
    if report.bytes > 0 {
        parts.push(format!("{} in all", indicatif::HumanBytes(report.bytes)));
    }
    parts.join(", ")
}
