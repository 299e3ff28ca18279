//! `firstlight simulate`

use crate::Global;
use crate::bar::Bar;
use crate::output::{self, Outcome};
use clap::{Args, Subcommand};
use firstlight::Result;
use firstlight::frame::table::{Extent, pretty};
use firstlight::simulate::{
    AcsOptions, AcsReport, ArchiveOptions, ArchiveReport, CcdNightsReport, CcdOptions, SbcReport,
    SbcVisitOptions, StisOptions, StisReport, truth_filters,
};
use std::path::PathBuf;

/// Simulated data with known truth.
#[derive(Args)]
pub struct Simulate {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Raw exposures of a globular cluster's field with WFC, HRC or SBC, with their association, all reference files
    /// that calibration asks for, and the truth.
    ///
    /// OUT has the raw files and the association, OUT/ref the reference files, which headers name jref$…, and OUT/truth
    /// the stars, and images of the electrons before charge was transferred and of cosmic rays.
    Acs(Box<Acs>),
    /// A visit with ACS/SBC that warms through 25 °C: four filters, two exposures each, with their
    /// associations, darks and the truth.
    Sbc(Sbc),
    /// An archive to serve: a small visit with ACS/SBC, raw and calibrated, and a CRDS cache with rules and
    /// reference files for it.
    ///
    /// `firstlight archive serve OUT` serves it as MAST and CRDS serve real data. The exposures' headers name the
    /// references of the cache's first context; under its newest one a newer dark is best.
    Archive(Archive),
    /// An anneal period of the STIS CCD: darks whose hot pixels appear and heal, bias frames, a star's spectrum in two
    /// parts with its lamp exposure, all reference files that calibration asks for, and the truth.
    ///
    /// OUT has the raw spectrum and its wavecal, OUT/darks and OUT/biases raw frames, OUT/ref the reference files, which
    /// headers name oref$…, and OUT/truth the spectrum, the hot pixels and the dark rate as they were put in.
    Stis(Box<Stis>),
    /// Nights at a small telescope on the ground: a globular cluster through several filters, flats of the twilight sky,
    /// darks and bias frames, and the truth.
    ///
    /// OUT has a folder of raw frames for each night, whose headers have no world coordinates, and OUT/truth the stars, the
    /// frames with their maps and world coordinates, the electrons of each star in each frame, and images of bias, dark
    /// rate, flats and bad pixels as they were put in.
    Ccd(Box<Ccd>),
}

#[derive(Args)]
#[command(after_help = "Examples:\n  firstlight simulate ccd nights\n  \
                  firstlight simulate ccd run --nights 1 --filters V --science 120 --exptime 30\n  \
                  firstlight simulate ccd warm --warm-night 2 --overscan 32")]
struct Ccd {
    /// Folder to write to; it is made where it is not there.
    #[arg(value_name = "OUT")]
    folder: PathBuf,
    /// Replace files that are there already.
    #[arg(long)]
    overwrite: bool,
    #[command(flatten)]
    options: CcdOptions,
}

#[derive(Args)]
#[command(
    after_help = "Examples:\n  firstlight simulate stis period\n  firstlight simulate stis red --grating g750l\n  \
                  firstlight simulate stis whole --darks 56 --flux 0.02"
)]
struct Stis {
    /// Folder to write to; it is made where it is not there.
    #[arg(value_name = "OUT")]
    folder: PathBuf,
    /// Replace files that are there already.
    #[arg(long)]
    overwrite: bool,
    #[command(flatten)]
    options: StisOptions,
}

#[derive(Args)]
#[command(
    after_help = "Examples:\n  firstlight simulate acs tuc\n  firstlight simulate acs after --era after-sm4 --members 1\n  \
                  firstlight simulate acs small --subarray wfc1-1k --stars 300\n  \
                  firstlight simulate acs late --era after-sm4 --subarray wfc1b-1k --set single --members 1\n  \
                  firstlight simulate acs sbc --detector sbc --exptime 1000"
)]
struct Acs {
    /// Folder to write to; it is made where it is not there.
    #[arg(value_name = "OUT")]
    folder: PathBuf,
    /// Replace files that are there already.
    #[arg(long)]
    overwrite: bool,
    #[command(flatten)]
    options: AcsOptions,
}

#[derive(Args)]
#[command(
    after_help = "Examples:\n  firstlight simulate sbc visit\n  firstlight simulate sbc small --size 256 --darks 4 --seed 7"
)]
struct Sbc {
    /// Folder to write to; it is made where it is not there.
    #[arg(value_name = "OUT")]
    folder: PathBuf,
    /// Replace files that are there already.
    #[arg(long)]
    overwrite: bool,
    #[command(flatten)]
    options: SbcVisitOptions,
}

#[derive(Args)]
#[command(
    after_help = "Examples:\n  firstlight simulate archive demo\n  firstlight simulate archive small --size 64 --darks 2"
)]
struct Archive {
    /// Folder to write to; it is made where it is not there.
    #[arg(value_name = "OUT")]
    folder: PathBuf,
    /// Replace files that are there already.
    #[arg(long)]
    overwrite: bool,
    #[command(flatten)]
    options: ArchiveOptions,
}

impl Simulate {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        match self.what {
            What::Acs(args) => args.run(global),
            What::Sbc(args) => args.run(global),
            What::Archive(args) => args.run(global),
            What::Stis(args) => args.run(global),
            What::Ccd(args) => args.run(global),
        }
    }
}

impl Acs {
    fn run(self, global: &Global) -> Result<Outcome> {
        let bar = Bar::new(global.quiet);
        let report = firstlight::simulate::acs(&self.folder, &self.options, self.overwrite, &bar)?;
        output::result(&report, global.json, || acs_text(&report));
        Ok(Outcome::Done)
    }
}

fn acs_text(report: &AcsReport) -> String {
    let input = match (&report.association, report.raw.as_slice()) {
        (Some(association), _) => association.display().to_string(),
        (None, [only]) => only.display().to_string(),
        (None, _) => report.folder.join("*_raw.fits").display().to_string(),
    };
    format!(
        "{}: {} raw exposures of {} stars, {} reference files in ref/, the truth in truth/\n\
         calibrate with: firstlight calibrate {input} --ref-dir {}\n",
        report.folder.display(),
        report.raw.len(),
        report.stars,
        report.references.len(),
        report.reference_folder.display(),
    )
}

impl Stis {
    fn run(self, global: &Global) -> Result<Outcome> {
        let bar = Bar::new(global.quiet);
        let report = firstlight::simulate::stis(&self.folder, &self.options, self.overwrite, &bar)?;
        output::result(&report, global.json, || stis_text(&report));
        Ok(Outcome::Done)
    }
}

fn stis_text(report: &StisReport) -> String {
    format!(
        "{}: a spectrum and its wavecal, {} long and {} short darks in darks/, {} bias frames in biases/, {} reference \
         files in ref/, the truth in truth/\n",
        report.folder.display(),
        report.darks.len(),
        report.short_darks.len(),
        report.biases.len(),
        report.references.len(),
    )
}

impl Ccd {
    fn run(self, global: &Global) -> Result<Outcome> {
        let bar = Bar::new(global.quiet);
        let report = firstlight::simulate::ccd(&self.folder, &self.options, self.overwrite, &bar)?;
        output::result(&report, global.json, || ccd_text(&report));
        Ok(Outcome::Done)
    }
}

fn ccd_text(report: &CcdNightsReport) -> String {
    let nights: Vec<String> = report
        .nights
        .iter()
        .filter_map(|path| Some(path.file_name()?.display().to_string()))
        .collect();
    format!(
        "{}: {} science frames of {} stars, {} flats, {} darks and {} bias frames in {}; the truth in truth/\n",
        report.folder.display(),
        report.science.len(),
        report.stars,
        report.flats.len(),
        report.darks.len(),
        report.biases.len(),
        nights.join(", "),
    )
}

impl Archive {
    fn run(self, global: &Global) -> Result<Outcome> {
        let bar = Bar::new(global.quiet);
        let report = firstlight::simulate::archive(&self.folder, &self.options, self.overwrite, &bar)?;
        output::result(&report, global.json, || archive_text(&report));
        Ok(Outcome::Done)
    }
}

fn archive_text(report: &ArchiveReport) -> String {
    format!(
        "{}: {} exposures in {} associations and darks; crds/ has {} reference files, context {}\n\
         serve it with: firstlight archive serve {}\n",
        report.folder.display(),
        report.exposures.len(),
        report.associations.len(),
        report.references.len(),
        report.context,
        report.folder.display(),
    )
}

impl Sbc {
    fn run(self, global: &Global) -> Result<Outcome> {
        let bar = Bar::new(global.quiet);
        let report = firstlight::simulate::sbc(&self.folder, &self.options, self.overwrite, &bar)?;
        let truth = pretty(
            &truth_filters(&report.truth)?,
            Extent {
                rows: None,
                width: Some(110),
            },
        );
        output::result(&report, global.json, || text(&report, &truth));
        Ok(Outcome::Done)
    }
}

fn text(report: &SbcReport, truth: &str) -> String {
    format!(
        "{}: {} science exposures in {} associations, {} darks in darks/\n{truth}the truth is in {} and {}\n",
        report.folder.display(),
        report.science.len(),
        report.associations.len(),
        report.darks.len(),
        report.truth_files[0].display(),
        report.truth_files[1].display(),
    )
}
