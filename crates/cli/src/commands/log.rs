//! `firstlight log`

use crate::Global;
use crate::bar::Bar;
use crate::commands::table::{Product, pretty};
use crate::output::{self, Outcome};
use clap::Args;
use firstlight::Result;
use firstlight::input::expand;
use firstlight::log::{LogOptions, log};

/// The files and what to log of them.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  firstlight log *_flt.fits -c rootname,filter1,avgtemp=(mdecodt1+mdecodt2)/2 -s avgtemp\n  firstlight log data/ -f 'detector == \"SBC\"' -o log.ecsv"
)]
pub struct Log {
    /// FITS files, patterns or folders.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
    #[command(flatten)]
    options: LogOptions,
    #[command(flatten)]
    product: Product,
}

impl Log {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        self.product.check()?;
        let report = log(&expand(&self.files)?, &self.options, &Bar::new(global.quiet))?;
        output::absent(&report.table, global.quiet);
        if !self.product.put(&report.table, global)? {
            output::result(&report, global.json, || pretty(&report.table, self.product.all()));
        }
        Ok(output::failures(&report.failed, global.json))
    }
}
