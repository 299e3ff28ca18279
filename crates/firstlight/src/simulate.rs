//! `firstlight simulate`

use crate::output::{make_folder, refuse_existing};
use crate::{Error, Progress, Result};
use firstlight_fits::{Column, ColumnData, FitsWriter, Header, Overwrite, Table};
use firstlight_simulate::sbc::{Truth, Visit};
use firstlight_simulate::{Extension, Member, SimulatedFile};
use rayon::prelude::*;
use serde::Serialize;
use std::path::{Path, PathBuf};

mod acs;
mod archive;
mod ccd;
mod stis;

pub use acs::{AcsReport, acs};
pub use archive::{ArchiveReport, archive};
pub use ccd::{CcdNightsReport, ccd};
pub use firstlight_simulate::acs::{AcsOptions, Detector as AcsDetector, Set as AcsSet};
pub use firstlight_simulate::archive::ArchiveOptions;
pub use firstlight_simulate::ccd::{CcdOptions, Filter as CcdFilter};
pub use firstlight_simulate::sbc::SbcVisitOptions;
pub use firstlight_simulate::stis::{Grating as StisGrating, StisOptions};
pub use stis::{StisReport, stis};

/// What was simulated, and where it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SbcReport {
    /// The folder.
    pub folder: PathBuf,
    /// Association tables, in the order of their numbers.
    pub associations: Vec<PathBuf>,
    /// Calibrated science exposures, in the order they were taken.
    pub science: Vec<PathBuf>,
    /// Raw darks, in the order they were taken; in the folder's `darks`.
    pub darks: Vec<PathBuf>,
    /// Tables of the truth: by filter, and by exposure.
    pub truth_files: [PathBuf; 2],
    /// The truth.
    pub truth: Truth,
}

/// Simulates a visit with ACS/SBC into a folder, which is made where it is not there: eight `_flt`
/// exposures through four filters with their associations, `darks/*_raw.fits`, and the truth.
///
/// # Errors
/// [`Error::OutputExists`] before anything is written where a file is there already and `overwrite` is
/// not set; [`Error::Simulate`] for options outside their range; [`Error::Fits`] where the disk refuses.
pub fn sbc(
    folder: &Path,
    options: &SbcVisitOptions,
    overwrite: bool,
    progress: &dyn Progress,
) -> Result<SbcReport> {
    let visit = Visit::plan(options)?;
    let associations = visit.associations()?;
    let darks_folder = folder.join("darks");
    for path in [folder, &darks_folder] {
        make_folder(path)?;
    }
    let truth_files = ["truth_filters.ecsv", "truth_exposures.ecsv"].map(|name| folder.join(name));
    let fixed = associations
        .iter()
        .map(|file| folder.join(&file.name))
        .chain(truth_files.iter().cloned());
    refuse_existing(fixed.collect::<Vec<_>>().iter(), overwrite)?;
    let frames = visit.science_count() + visit.dark_count();
    progress.start("simulating", Some(frames as u64));
    let expose = |index: usize| {
        let path = expose_into(&visit, index, folder, &darks_folder, overwrite)?;
        progress.advance(1);
        Ok(path)
    };
    let paths = (0..frames)
        .into_par_iter()
        .map(expose)
        .collect::<Result<Vec<PathBuf>>>()?;
    let mut tables = Vec::new();
    for file in &associations {
        let path = folder.join(&file.name);
        write(file, &path, overwrite)?;
        tables.push(path);
    }
    let truth = visit.truth();
    write_truth(&truth, &truth_files, overwrite)?;
    progress.finish();
    let (science, darks) = paths.split_at(visit.science_count());
    let (science, darks) = (science.to_vec(), darks.to_vec());
    Ok(SbcReport {
        folder: folder.to_owned(),
        associations: tables,
        science,
        darks,
        truth_files,
        truth,
    })
}

/// Exposes one frame, science first and then darks, and writes it; no more than one frame a thread is in
/// memory.
fn expose_into(visit: &Visit, index: usize, folder: &Path, darks: &Path, overwrite: bool) -> Result<PathBuf> {
    let (folder, file) = match visit.science(index) {
        Some(file) => (folder, file),
        None => match visit.dark(index - visit.science_count()) {
            Some(file) => (darks, file),
            None => return Err(Error::Usage(format!("the visit has no exposure {index}"))),
        },
    };
    let file = file?;
    let path = folder.join(&file.name);
    write(&file, &path, overwrite)?;
    Ok(path)
}

/// A file that was planned and so can be made.
fn made<T>(file: Option<firstlight_simulate::Result<T>>, index: usize) -> Result<T> {
    let none = || Error::Usage(format!("the simulation has no file {index}"));
    Ok(file.ok_or_else(none)??)
}

fn write(file: &SimulatedFile, path: &Path, overwrite: bool) -> Result<()> {
    let overwrite = Overwrite::from(overwrite);
    let mut writer = FitsWriter::create(path, overwrite)?;
    writer.empty_primary(&file.primary)?;
    for extension in &file.extensions {
        match extension {
            Extension::Real(header, shape, data) => writer.image(header, (data.as_slice(), *shape))?,
            Extension::Integer(header, shape, data) => writer.image(header, (data.as_slice(), *shape))?,
            Extension::Unsigned(header, shape, data) => writer.image(header, (data.as_slice(), *shape))?,
            Extension::Bytes(header, shape, data) => writer.image(header, (data.as_slice(), *shape))?,
            Extension::Constant(header) => constant(&mut writer, header)?,
            Extension::Table(header, table) => writer.table(header, table)?,
            Extension::Members(header, members) => writer.table(header, &association(members)?)?,
        }
    }
    writer.finish()?;
    Ok(())
}

/// Writes an HDU that stands for a constant array: of whole numbers, where its value is one.
fn constant(writer: &mut FitsWriter, header: &Header) -> Result<()> {
    let number = |keyword| header.require_real(keyword);
    let shape = (number("NPIX2")? as usize, number("NPIX1")? as usize);
    let whole = header.integer("PIXVALUE").is_some();
    writer.constant(header, shape, number("PIXVALUE")?, if whole { 16 } else { -32 })?;
    Ok(())
}

/// An association table with the columns and widths of the archive's.
fn association(members: &[Member]) -> Result<Table> {
    let text = |name: &str, of: fn(&Member) -> &str| {
        Column::text(name, members.iter().map(|m| of(m).to_owned()))
            .width(14)
            .display("A14")
    };
    let present = ColumnData::Logical(members.iter().map(|m| m.present).collect());
    let table = Table::new()
        .with(text("MEMNAME", |m| &m.name).description("name of association member"))?
        .with(text("MEMTYPE", |m| &m.kind).description("type of association member"))?
        .with(
            Column::scalar("MEMPRSNT", present)
                .display("L6")
                .description("flag to indicate if member is present (T/F)"),
        )?;
    Ok(table)
}

fn write_truth(truth: &Truth, paths: &[PathBuf; 2], overwrite: bool) -> Result<()> {
    let overwrite = Overwrite::from(overwrite);
    for (table, path) in [truth_filters(truth)?, truth_exposures(truth)?].iter().zip(paths) {
        firstlight_frame::table::write(table, path, None, overwrite)?;
    }
    Ok(())
}

fn reals<T>(name: &str, unit: &str, rows: &[T], of: impl Fn(&T) -> f64) -> Column {
    let display = if unit == "deg" { "F14.7" } else { "G14.6" };
    Column::scalar(name, ColumnData::F64(rows.iter().map(of).collect()))
        .unit(unit)
        .display(display)
}

/// Fluxes by filter, with the aperture on the sky that they are for in each row.
pub fn truth_filters(truth: &Truth) -> Result<Table> {
    let rows = &truth.filters;
    let aperture = truth.aperture;
    let constant = |name: &str, unit: &str, value: f64| reals(name, unit, rows, |_| value);
    let table = Table::new()
        .with(Column::text("filter1", rows.iter().map(|row| row.filter.clone())))?
        .with(reals("exptime", "s", rows, |row| row.exptime_s))?
        .with(reals("flux_aperture", "ct / s", rows, |row| row.flux_aperture))?
        .with(reals("flux_total", "ct / s", rows, |row| row.flux_total))?
        .with(reals("sky_rate", "ct / (s pix)", rows, |row| row.sky_rate))?
        .with(reals("dark_aperture", "ct / s", rows, |row| row.dark_aperture))?
        .with(constant("ra", "deg", aperture.ra_deg))?
        .with(constant("dec", "deg", aperture.dec_deg))?
        .with(constant("a", "arcsec", aperture.a_arcsec))?
        .with(constant("b", "arcsec", aperture.b_arcsec))?
        .with(constant("position_angle", "deg", aperture.position_angle_deg))?;
    Ok(table)
}

/// The detector's state in each exposure.
pub fn truth_exposures(truth: &Truth) -> Result<Table> {
    let rows = &truth.frames;
    let table = Table::new()
        .with(Column::text(
            "rootname",
            rows.iter().map(|row| row.rootname.clone()),
        ))?
        .with(Column::text("filter1", rows.iter().map(|row| row.filter.clone())))?
        .with(reals("exptime", "s", rows, |row| row.exptime_s))?
        .with(reals("avgtemp", "deg_C", rows, |row| row.temperature_c))?
        .with(reals("base_factor", "", rows, |row| row.base))?
        .with(reals("glow_peak", "ct / (s pix)", rows, |row| row.glow_peak))?
        .with(reals("box_dark_rate", "ct / s", rows, |row| row.box_dark_rate))?;
    Ok(table)
}
