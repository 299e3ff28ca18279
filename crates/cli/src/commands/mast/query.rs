//! `firstlight mast query`

use crate::Global;
use crate::bar::Bar;
use crate::commands::table::{Product, pretty};
use crate::output::{self, Outcome};
use clap::Args;
use firstlight::mast::{self, Criteria, QueryOptions, ServiceOptions};
use firstlight::table::{TableOptions, transform};
use firstlight::{Progress, Result};
use serde_json::json;

/// What observations are to be like. On a screen, the columns that tell them apart are shown; files, `--all` and
/// `--json` have all columns.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  firstlight mast query --obs-id 'JCMC11*' --proposal-id 13655\n  firstlight mast query --target-name DARK --instrument-name STIS/CCD --t-min 2015-03-01..2015-03-04 --t-exptime 1099..1101 -o darks.ecsv\n  firstlight mast query --coordinates '00:24:05.4 -72:04:53' --radius 12arcsec --filters F606W --count"
)]
pub struct Query {
    #[command(flatten)]
    criteria: Criteria,
    #[command(flatten)]
    options: QueryOptions,
    /// Print how many there are, and fetch none.
    #[arg(long)]
    count: bool,
    /// Columns to keep, in this order: `a,b,c=expression`.
    #[arg(long, short, value_name = "LIST")]
    columns: Option<String>,
    /// Columns to sort by; `-name` sorts downwards.
    #[arg(long, short, value_name = "LIST", allow_hyphen_values = true)]
    sort: Option<String>,
    #[command(flatten)]
    service: ServiceOptions,
    #[command(flatten)]
    product: Product,
}

impl Query {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let mut options = self.options;
        options.criteria = self.criteria.given();
        if self.count {
            let count = mast::count(&options, &self.service)?;
            output::result(&json!({ "count": count }), global.json, || count.to_string());
            return Ok(Outcome::Done);
        }
        self.product.check()?;
        let bar = Bar::new(global.quiet);
        bar.start("asking for observations", None);
        let report = mast::query(&options, &self.service);
        bar.finish();
        let mut report = report?;
        if let Some(object) = &report.resolved {
            let note = format!(
                "{} is at {} {} ({})",
                options.objectname.as_deref().unwrap_or_default(),
                object.ra_deg,
                object.dec_deg,
                object.resolver
            );
            output::note(&note, global.quiet);
        }
        let chosen = self.columns.is_some();
        let choice = TableOptions {
            columns: self.columns,
            sort: self.sort,
            ..TableOptions::default()
        };
        report.table = transform(&report.table, &choice)?;
        if report.table.rows() == 0 {
            output::note("no observation is like this", global.quiet);
        }
        if !self.product.put(&report.table, global)? {
            let all = self.product.all();
            let shown = if all || chosen {
                report.table.clone()
            } else {
                report.brief()?
            };
            output::result(&report, global.json, || pretty(&shown, all));
        }
        Ok(Outcome::Done)
    }
}
