//! `firstlight mast columns`

use crate::Global;
use crate::commands::table::{Product, pretty};
use crate::output::{self, Outcome};
use clap::{Args, ValueEnum};
use firstlight::Result;
use firstlight::frame::table::AsJson;
use firstlight::mast::{self, Fields, ServiceOptions};

/// Of what.
#[derive(Clone, Copy, ValueEnum)]
enum Of {
    Observations,
    Products,
}

/// Whose columns.
#[derive(Args)]
#[command(after_help = "Examples:\n  firstlight mast columns\n  firstlight mast columns products --offline")]
pub struct Columns {
    /// Whose columns.
    #[arg(value_enum, default_value = "observations")]
    of: Of,
    #[command(flatten)]
    service: ServiceOptions,
    #[command(flatten)]
    product: Product,
}

impl Columns {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        self.product.check()?;
        let of = match self.of {
            Of::Observations => Fields::Observations,
            Of::Products => Fields::Products,
        };
        let table = mast::metadata(of, &self.service)?;
        if !self.product.put(&table, global)? {
            output::result(&AsJson(&table), global.json, || {
                pretty(&table, self.product.all())
            });
        }
        Ok(Outcome::Done)
    }
}
