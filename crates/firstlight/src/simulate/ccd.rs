//! `firstlight simulate ccd`

use super::{made, reals};
use crate::output::{make_folder, refuse_existing};
use crate::{Error, Progress, Result};
use firstlight_fits::{Column, ColumnData, FitsWriter, Overwrite, Table};
use firstlight_simulate::Extension;
use firstlight_simulate::ccd::{
    CcdNights, CcdOptions, Filter, FrameTruth, Kind, ScienceTruth, Truth, Variable,
};
use rayon::prelude::*;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// What was simulated, and where it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CcdNightsReport {
    /// The folder.
    pub folder: PathBuf,
    /// Folders of the nights.
    pub nights: Vec<PathBuf>,
    /// Science frames, in the order they were taken.
    pub science: Vec<PathBuf>,
    /// Bias frames.
    pub biases: Vec<PathBuf>,
    /// Darks.
    pub darks: Vec<PathBuf>,
    /// Flats.
    pub flats: Vec<PathBuf>,
    /// Tables of the truth: stars, variable stars, frames, and stars by frame.
    pub truth_files: [PathBuf; 4],
    /// Images of the truth: bias, dark rate, bad pixels, and the flat of each filter.
    pub truth_images: Vec<PathBuf>,
    /// The raw files as they were simulated.
    pub frames: Vec<FrameTruth>,
    /// Stars whose light changes.
    pub variables: Vec<Variable>,
    /// Number of stars in the field.
    pub stars: usize,
}

/// Simulates nights at a small telescope into a folder, which is made where it is not there: raw frames in a folder of each
/// night, and in `truth` what was put in.
///
/// # Errors
/// [`Error::OutputExists`] before anything is written where a file is there already and `overwrite` is not set;
/// [`Error::Simulate`] for options outside their range or that contradict each other; [`Error::Fits`] where the disk refuses.
pub fn ccd(
    folder: &Path,
    options: &CcdOptions,
    overwrite: bool,
    progress: &dyn Progress,
) -> Result<CcdNightsReport> {
    let nights = CcdNights::plan(options)?;
    let night_folders: Vec<PathBuf> = nights.folders().iter().map(|name| folder.join(name)).collect();
    let truth_folder = folder.join("truth");
    let raw: Vec<(Kind, PathBuf)> = nights
        .raw_files()
        .into_iter()
        .map(|(kind, name)| (kind, folder.join(name)))
        .collect();
    let truth_files = ["stars.ecsv", "variables.ecsv", "frames.ecsv", "star_fluxes.ecsv"]
        .map(|name| truth_folder.join(name));
    let image_names = nights.truth_image_names();
    let truth_images: Vec<PathBuf> = image_names.iter().map(|name| truth_folder.join(name)).collect();
    let all = raw.iter().map(|(_, path)| path).chain(&truth_files);
    refuse_existing(all.chain(&truth_images), overwrite)?;
    for path in [folder, &truth_folder] {
        make_folder(path)?;
    }
    for path in &night_folders {
        make_folder(path)?;
    }
    progress.start("simulating", Some(raw.len() as u64));
    // No more than one frame a thread is in memory.
    raw.par_iter().enumerate().try_for_each(|(index, (_, path))| {
        write_image(&made(nights.expose(index), index)?, path, overwrite)?;
        progress.advance(1);
        Ok::<(), Error>(())
    })?;
    for (image, path) in nights.truth_images()?.iter().zip(&truth_images) {
        write_image(image, path, overwrite)?;
    }
    let truth = nights.truth();
    write_tables(&truth, &truth_files, overwrite)?;
    progress.finish();
    let of = |wanted: Kind| -> Vec<PathBuf> {
        let chosen = raw.iter().filter(|(kind, _)| *kind == wanted);
        chosen.map(|(_, path)| path.clone()).collect()
    };
    Ok(CcdNightsReport {
        folder: folder.to_owned(),
        nights: night_folders,
        science: of(Kind::Light),
        biases: of(Kind::Bias),
        darks: of(Kind::Dark),
        flats: of(Kind::Flat),
        truth_files,
        truth_images,
        variables: truth.variables,
        frames: truth.frames,
        stars: truth.stars.len(),
    })
}

/// Writes an image as the only HDU of a file.
fn write_image(image: &Extension, path: &Path, overwrite: bool) -> Result<()> {
    let mut writer = FitsWriter::create(path, Overwrite::from(overwrite))?;
    match image {
        Extension::Real(header, shape, data) => writer.image(header, (data.as_slice(), *shape))?,
        Extension::Unsigned(header, shape, data) => writer.image(header, (data.as_slice(), *shape))?,
        Extension::Bytes(header, shape, data) => writer.image(header, (data.as_slice(), *shape))?,
        _ => {
            let told = format!("{}: what was simulated for it is no image", path.display());
            return Err(Error::Usage(told));
        }
    }
    writer.finish()?;
    Ok(())
}

fn write_tables(truth: &Truth, paths: &[PathBuf; 4], overwrite: bool) -> Result<()> {
    let overwrite = Overwrite::from(overwrite);
    let tables = [
        of_stars(truth)?,
        of_variables(truth)?,
        of_frames(truth)?,
        of_fluxes(truth)?,
    ];
    tables
        .par_iter()
        .zip(paths)
        .try_for_each(|(table, path)| Ok(firstlight_frame::table::write(table, path, None, overwrite)?))
}

fn integers<T>(name: &str, rows: &[T], of: impl Fn(&T) -> usize) -> Column {
    Column::scalar(
        name,
        ColumnData::I64(rows.iter().map(|row| of(row) as i64).collect()),
    )
}

fn of_stars(truth: &Truth) -> Result<Table> {
    let rows = &truth.stars;
    let numbers: Vec<usize> = (1..=rows.len()).collect();
    let mut table = Table::new()
        .with(integers("star", &numbers, |number| *number))?
        .with(reals("ra", "deg", rows, |row| row.ra_deg))?
        .with(reals("dec", "deg", rows, |row| row.dec_deg))?
        .with(reals("x", "pix", rows, |row| row.x))?
        .with(reals("y", "pix", rows, |row| row.y))?;
    for filter in Filter::ALL {
        let name = format!("mag_{}", filter.name());
        table = table.with(reals(&name, "mag", rows, |row| row.magnitude(filter)))?;
    }
    Ok(table)
}

fn of_variables(truth: &Truth) -> Result<Table> {
    let rows = &truth.variables;
    Ok(Table::new()
        .with(integers("star", rows, |row| row.star))?
        .with(Column::text("kind", rows.iter().map(|row| row.kind.name())))?
        .with(precise("period", "d", rows, |row| row.period))?
        .with(precise("epoch_mjd", "d", rows, |row| row.epoch_mjd))?
        .with(reals("amplitude", "mag", rows, |row| row.amplitude))?
        .with(reals("duration", "d", rows, |row| row.duration))?)
}

fn of_fluxes(truth: &Truth) -> Result<Table> {
    let rows = &truth.fluxes;
    let file = |frame: usize| truth.frames[frame].file.clone();
    Ok(Table::new()
        .with(Column::text("file", rows.iter().map(|row| file(row.frame))))?
        .with(integers("star", rows, |row| row.star))?
        .with(reals("x", "pix", rows, |row| row.x))?
        .with(reals("y", "pix", rows, |row| row.y))?
        .with(reals("electrons", "electron", rows, |row| row.electrons))?)
}

/// Shown with as many figures as there are.
fn precise<T>(name: &str, unit: &str, rows: &[T], of: impl Fn(&T) -> f64) -> Column {
    Column::scalar(name, ColumnData::F64(rows.iter().map(of).collect())).unit(unit)
}

fn of_frames(truth: &Truth) -> Result<Table> {
    let rows = &truth.frames;
    let text = |of: fn(&FrameTruth) -> String| rows.iter().map(of).collect::<Vec<_>>();
    let filter = |row: &FrameTruth| {
        row.filter
            .map_or(String::new(), |filter| filter.name().to_owned())
    };
    let mut table = Table::new()
        .with(Column::text("file", text(|row| row.file.clone())))?
        .with(Column::text("night", text(|row| row.night.clone())))?
        .with(Column::text("kind", rows.iter().map(|row| row.kind.name())))?
        .with(Column::text("filter", text(filter)))?
        .with(reals("exptime", "s", rows, |row| row.exptime_s))?
        .with(precise("mjd_start", "d", rows, |row| row.start_mjd))?
        .with(reals("temperature", "deg_C", rows, |row| row.temperature_c))?
        .with(reals("dark_factor", "", rows, |row| row.dark_factor))?
        .with(reals("bias_offset", "adu", rows, |row| row.bias_offset))?
        .with(reals("flat_level", "electron", rows, |row| {
            row.flat_level_e.unwrap_or(f64::NAN)
        }))?;
    for (name, unit, of) in SCIENCE {
        let value = |row: &FrameTruth| row.science.as_ref().map_or(f64::NAN, of);
        table = table.with(precise(name, unit, rows, value))?;
    }
    Ok(table)
}

type OfScience = fn(&ScienceTruth) -> f64;

/// Columns that only science frames have: the others have NaN there.
const SCIENCE: [(&str, &str, OfScience); 20] = [
    ("xx", "", |row| row.map.xx),
    ("xy", "", |row| row.map.xy),
    ("x0", "pix", |row| row.map.x0),
    ("yx", "", |row| row.map.yx),
    ("yy", "", |row| row.map.yy),
    ("y0", "pix", |row| row.map.y0),
    ("zero_point", "mag", |row| row.zero_point),
    ("airmass", "", |row| row.weather.airmass),
    ("extinction", "", |row| row.weather.extinction),
    ("transparency", "", |row| row.weather.transparency),
    ("fwhm", "pix", |row| row.weather.fwhm),
    ("sky_rate", "electron / (s pix)", |row| row.weather.sky_rate),
    ("crval1", "deg", |row| row.projection.crval.0),
    ("crval2", "deg", |row| row.projection.crval.1),
    ("crpix1", "pix", |row| row.projection.crpix.0),
    ("crpix2", "pix", |row| row.projection.crpix.1),
    ("cd1_1", "deg / pix", |row| row.projection.cd[0]),
    ("cd1_2", "deg / pix", |row| row.projection.cd[1]),
    ("cd2_1", "deg / pix", |row| row.projection.cd[2]),
    ("cd2_2", "deg / pix", |row| row.projection.cd[3]),
];
