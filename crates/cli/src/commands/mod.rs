//! One file per verb.

mod completions;
mod dark;
mod demo;
mod drizzle;
mod header;
mod info;
mod log;
mod photometry;
mod plot;
mod sbc_dark;
mod simulate;
mod table;
mod wcs;

use crate::{Global, output::Outcome};
use clap::{ArgMatches, Subcommand};
use firstlight::Result;

/// The verbs.
#[derive(Subcommand)]
pub enum Command {
    /// Print a completion script for a shell.
    Completions(completions::Completions),
    /// Combine exposures on one grid (AstroDrizzle's last step).
    Drizzle(Box<drizzle::Drizzle>),
    /// Get, show or set header keywords.
    Header(header::Header),
    /// List the HDUs of files.
    Info(info::Info),
    /// Make an observing log: keywords of many files as a table.
    Log(log::Log),
    /// Sum the light in apertures.
    Photometry(Box<photometry::Photometry>),
    /// Draw images side by side, with colour bars, boxes and apertures, as PNG or SVG.
    Plot(Box<plot::Plot>),
    /// Print, filter, sort and convert tables.
    Table(table::Table),
    /// Go between pixels and sky positions, with all distortions.
    Wcs(wcs::WcsCommand),
    /// Measure, match and implant dark frames.
    Dark(dark::Dark),
    /// Try everything at once: a simulated visit, its dark-subtracted fluxes, and the truth.
    Demo(demo::Demo),
    /// Dark-subtracted photometry of a visit with the SBC.
    SbcDark(Box<sbc_dark::SbcDark>),
    /// Simulate data with known truth.
    Simulate(simulate::Simulate),
}

impl Command {
    /// Runs the verb. `matches` tells which options were given rather than left at their defaults.
    pub fn run(self, global: &Global, matches: &ArgMatches) -> Result<Outcome> {
        let _ = matches;
        match self {
            Command::Completions(args) => args.run(),
            Command::Drizzle(args) => args.run(global),
            Command::Header(args) => args.run(global),
            Command::Info(args) => args.run(global),
            Command::Log(args) => args.run(global),
            Command::Photometry(args) => args.run(global),
            Command::Plot(args) => args.run(global),
            Command::Table(args) => args.run(global),
            Command::Wcs(args) => args.run(global),
            Command::Dark(args) => args.run(global),
            Command::Demo(args) => args.run(global),
            Command::SbcDark(args) => args.run(global),
            Command::Simulate(args) => args.run(global),
        }
    }
}
