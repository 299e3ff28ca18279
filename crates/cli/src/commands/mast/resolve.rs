//! `firstlight mast resolve`

use crate::Global;
use crate::output::{self, Outcome};
use clap::Args;
use firstlight::Result;
use firstlight::mast::{self, Resolved, ServiceOptions};

/// The object.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  firstlight mast resolve M101\n  firstlight mast resolve 'NGC 104' --resolver NED"
)]
pub struct Resolve {
    /// Name of the object.
    #[arg(value_name = "NAME")]
    name: String,
    /// Who is asked: NED or SIMBAD [default: whoever knows it first]
    #[arg(long, value_name = "NAME")]
    resolver: Option<String>,
    /// Tell what each of them says.
    #[arg(long, conflicts_with = "resolver")]
    each: bool,
    #[command(flatten)]
    service: ServiceOptions,
}

impl Resolve {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let mut found = mast::resolve(&self.name, self.resolver.as_deref(), self.each, &self.service)?;
        if !self.each {
            found.truncate(1);
        }
        output::result(&found, global.json, || {
            found.iter().map(line).collect::<Vec<_>>().join("\n")
        });
        Ok(Outcome::Done)
    }
}

fn line(object: &Resolved) -> String {
    let called = object.canonical_name.as_str();
    format!(
        "{} {}  {called} ({})",
        object.ra_deg, object.dec_deg, object.resolver
    )
}
