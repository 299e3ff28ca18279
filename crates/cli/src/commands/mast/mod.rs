//! `firstlight mast`

mod columns;
mod download;
mod products;
mod query;
mod resolve;

use crate::Global;
use crate::output::Outcome;
use clap::{Args, Subcommand};
use firstlight::Result;

/// What is asked of the archive.
#[derive(Args)]
pub struct Mast {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// List observations.
    Query(Box<query::Query>),
    /// List the files of observations.
    Products(Box<products::Products>),
    /// Fetch files.
    Download(Box<download::Download>),
    /// Tell where an object is.
    Resolve(resolve::Resolve),
    /// List the columns that observations or products have.
    Columns(columns::Columns),
}

impl Mast {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        match self.command {
            Command::Query(args) => args.run(global),
            Command::Products(args) => args.run(global),
            Command::Download(args) => args.run(global),
            Command::Resolve(args) => args.run(global),
            Command::Columns(args) => args.run(global),
        }
    }
}
