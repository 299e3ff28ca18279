//! `firstlight simulate acs`

use super::{made, reals, write};
use crate::output::{make_folder, refuse_existing};
use crate::{Progress, Result};
use firstlight_fits::{Column, ColumnData, Overwrite, Table};
use firstlight_simulate::acs::{AcsOptions, AcsVisit, ExposureTruth, StarTruth};
use rayon::prelude::*;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// What was simulated, and where it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AcsReport {
    /// The folder.
    pub folder: PathBuf,
    /// The association table; `None` for single exposures.
    pub association: Option<PathBuf>,
    /// Raw exposures, in the order they were taken.
    pub raw: Vec<PathBuf>,
    /// Folder of the reference files, which headers name `jref$…`.
    pub reference_folder: PathBuf,
    /// Reference files.
    pub references: Vec<PathBuf>,
    /// Images of the truth, one an exposure: `ELECTRONS` and `CRMASK` of each imset.
    pub truth_images: Vec<PathBuf>,
    /// Tables of the truth: by exposure, and by star and exposure.
    pub truth_files: [PathBuf; 2],
    /// The exposures as they were simulated.
    pub exposures: Vec<ExposureTruth>,
    /// Number of stars in the field.
    pub stars: usize,
}

/// Simulates exposures of ACS into a folder, which is made where it is not there: raw files and their association,
/// in `ref` all reference files that their calibration asks for, in `truth` what was put in.
///
/// # Errors
/// [`crate::Error::OutputExists`] before anything is written where a file is there already and `overwrite` is not set;
/// [`crate::Error::Simulate`] for options outside their range or that contradict each other; [`crate::Error::Fits`] where the disk
/// refuses.
pub fn acs(
    folder: &Path,
    options: &AcsOptions,
    overwrite: bool,
    progress: &dyn Progress,
) -> Result<AcsReport> {
    let visit = AcsVisit::plan(options)?;
    let (reference_folder, truth_folder) = (folder.join("ref"), folder.join("truth"));
    let association = visit.association()?;
    let association_path = association.as_ref().map(|file| folder.join(&file.name));
    let names = visit.exposure_names();
    let raw: Vec<PathBuf> = names.iter().map(|[raw, _]| folder.join(raw)).collect();
    let truth_images: Vec<PathBuf> = names.iter().map(|[_, truth]| truth_folder.join(truth)).collect();
    let references: Vec<PathBuf> = visit
        .reference_names()
        .iter()
        .map(|name| reference_folder.join(name))
        .collect();
    let truth_files = ["exposures.ecsv", "stars.ecsv"].map(|name| truth_folder.join(name));
    let all = raw
        .iter()
        .chain(&truth_images)
        .chain(&references)
        .chain(&truth_files);
    refuse_existing(all.chain(&association_path), overwrite)?;
    for path in [folder, &reference_folder, &truth_folder] {
        make_folder(path)?;
    }
    progress.start("simulating", Some((raw.len() + references.len()) as u64));
    // One file at a time, each made by all threads: a full frame and its truth take some 200 MB.
    for (index, paths) in raw.iter().zip(&truth_images).enumerate() {
        let exposed = made(visit.expose(index), index)?;
        write(&exposed.raw, paths.0, overwrite)?;
        write(&exposed.truth, paths.1, overwrite)?;
        progress.advance(1);
    }
    for (index, path) in references.iter().enumerate() {
        write(&made(visit.reference(index), index)?, path, overwrite)?;
        progress.advance(1);
    }
    if let (Some(file), Some(path)) = (&association, &association_path) {
        write(file, path, overwrite)?;
    }
    let truth = visit.truth();
    write_truth(&truth.exposures, &truth.stars, &truth_files, overwrite)?;
    progress.finish();
    Ok(AcsReport {
        folder: folder.to_owned(),
        association: association_path,
        raw,
        reference_folder,
        references,
        truth_images,
        truth_files,
        exposures: truth.exposures,
        stars: visit.options().stars,
    })
}

fn write_truth(
    exposures: &[ExposureTruth],
    stars: &[StarTruth],
    paths: &[PathBuf; 2],
    overwrite: bool,
) -> Result<()> {
    let overwrite = Overwrite::from(overwrite);
    let tables = [of_exposures(exposures)?, of_stars(stars)?];
    tables
        .par_iter()
        .zip(paths)
        .try_for_each(|(table, path)| Ok(firstlight_frame::table::write(table, path, None, overwrite)?))
}

fn of_exposures(rows: &[ExposureTruth]) -> Result<Table> {
    Ok(Table::new()
        .with(Column::text(
            "rootname",
            rows.iter().map(|row| row.rootname.clone()),
        ))?
        .with(reals("expstart", "d", rows, |row| row.expstart_mjd))?
        .with(reals("exptime", "s", rows, |row| row.exptime_s))?
        .with(reals("darktime", "s", rows, |row| row.dark_time_s))?
        .with(reals("flashdur", "s", rows, |row| row.flash_s))?
        .with(reals("sky_rate", "electron / (s pix)", rows, |row| row.sky_rate))?
        .with(reals("dither_x", "pix", rows, |row| row.dither.0))?
        .with(reals("dither_y", "pix", rows, |row| row.dither.1))?
        .with(reals("pointing_error_x", "pix", rows, |row| row.pointing_error.0))?
        .with(reals("pointing_error_y", "pix", rows, |row| row.pointing_error.1))?)
}

fn of_stars(rows: &[StarTruth]) -> Result<Table> {
    let number = |of: fn(&StarTruth) -> i64| ColumnData::I64(rows.iter().map(of).collect());
    Ok(Table::new()
        .with(Column::text(
            "rootname",
            rows.iter().map(|row| row.rootname.clone()),
        ))?
        .with(Column::scalar("star", number(|row| row.star as i64)))?
        .with(reals("ra", "deg", rows, |row| row.ra_deg))?
        .with(reals("dec", "deg", rows, |row| row.dec_deg))?
        .with(Column::scalar("extver", number(|row| row.version)))?
        .with(reals("x", "pix", rows, |row| row.x))?
        .with(reals("y", "pix", rows, |row| row.y))?
        .with(reals("rate", "electron / s", rows, |row| row.rate))?
        .with(reals("area", "", rows, |row| row.area))?
        .with(reals("transfers", "pix", rows, |row| row.transfers))?)
}
