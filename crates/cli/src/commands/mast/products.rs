//! `firstlight mast products`

use crate::Global;
use crate::bar::Bar;
use crate::commands::table::{Product, pretty};
use crate::output::{self, Outcome};
use clap::Args;
use firstlight::Result;
use firstlight::mast::{self, ProductOptions, Selection, ServiceOptions};
use std::path::PathBuf;

/// The observations, and which of their files.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  firstlight mast products J9L960010 --products RAW,ASN,SPT --extension fits\n  firstlight mast query --proposal-id 13655 --obs-id 'JCMC11*' -o visit.ecsv\n  firstlight mast products --from visit.ecsv --products FLT,ASN -o products.ecsv"
)]
pub struct Products {
    /// Observations: numbers (obsid) or names (obs_id), which may be patterns.
    #[arg(value_name = "OBSID", required_unless_present = "from")]
    items: Vec<String>,
    /// Table of observations, as `mast query -o` writes it, or of products, to filter again.
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    #[command(flatten)]
    options: ProductOptions,
    /// Calibration levels: 2, 2..3.
    #[arg(long, value_name = "LIST", help_heading = "Products")]
    calib_level: Vec<String>,
    /// Keep files that are listed more than once.
    #[arg(long)]
    duplicates: bool,
    #[command(flatten)]
    service: ServiceOptions,
    #[command(flatten)]
    product: Product,
}

impl Products {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        self.product.check()?;
        let mut options = self.options;
        let levels = self
            .calib_level
            .iter()
            .map(|levels| format!("calib_level={levels}"));
        options.product_where.extend(levels);
        let mut selection = Selection {
            items: self.items,
            ..Selection::default()
        };
        if let Some(path) = &self.from {
            selection = selection.from_file(path)?;
        }
        let bar = Bar::new(global.quiet);
        let report = mast::products(&selection, &options, self.duplicates, &self.service, &bar)?;
        for note in &report.notes {
            output::note(note, global.quiet);
        }
        output::note(&summary(&report), global.quiet);
        if !self.product.put(&report.table, global)? {
            let all = self.product.all();
            let shown = if all {
                report.table.clone()
            } else {
                report.brief()?
            };
            output::result(&report, global.json, || pretty(&shown, all));
        }
        Ok(Outcome::Done)
    }
}

fn summary(report: &mast::ProductsReport) -> String {
    let files = report.table.rows();
    let mut text = format!("{files} file{}", if files == 1 { "" } else { "s" });
    if report.bytes > 0 {
        text += &format!(", {}", indicatif::HumanBytes(report.bytes));
    }
    if report.unknown_sizes > 0 {
        text += &format!(", {} of unknown size", report.unknown_sizes);
    }
    if report.duplicates > 0 {
        text += &format!("; {} were listed twice and are there once", report.duplicates);
    }
    text
}
