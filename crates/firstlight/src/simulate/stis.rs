//! `firstlight simulate stis`

use super::{made, reals, write};
use crate::output::{make_folder, refuse_existing};
use crate::{Progress, Result};
use firstlight_fits::{Column, ColumnData, FitsWriter, Header, Overwrite, Table};
use firstlight_simulate::stis::{FrameTruth, Kind, SIDE, StisOptions, StisPeriod, Truth};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// What was simulated, and where it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StisReport {
    /// The folder.
    pub folder: PathBuf,
    /// The raw spectrum, in two parts.
    pub spectrum: PathBuf,
    /// The lamp exposure for it.
    pub wavecal: PathBuf,
    /// Raw darks of 1100 s, in the order they were taken; in the folder's `darks`.
    pub darks: Vec<PathBuf>,
    /// Raw darks of 60 s; in `darks` too.
    pub short_darks: Vec<PathBuf>,
    /// Raw bias frames; in `biases`.
    pub biases: Vec<PathBuf>,
    /// Table of the anneals before and after, `anneals.csv`.
    pub anneals: PathBuf,
    /// Folder of the reference files, which headers name `oref$…`.
    pub reference_folder: PathBuf,
    /// Reference files.
    pub references: Vec<PathBuf>,
    /// The truth: frames, spectrum, hot pixels, and the dark rate on the day of the spectrum.
    pub truth_files: [PathBuf; 4],
    /// The raw files as they were simulated.
    pub frames: Vec<FrameTruth>,
    /// By how much the spectrum is shifted on the detector, pixels along the dispersion and the slit.
    pub shift: (f64, f64),
    /// At which the target recedes as the Earth moves, km/s.
    pub velocity_km_s: f64,
}

/// Simulates an anneal period of the STIS CCD into a folder, which is made where it is not there: a raw spectrum and its
/// lamp exposure, in `darks` and `biases` raw frames, in `ref` all reference files that their calibration asks for, in
/// `truth` what was put in, and in `anneals.csv` when the CCD was annealed before and after.
///
/// # Errors
/// [`crate::Error::OutputExists`] before anything is written where a file is there already and `overwrite` is not set;
/// [`crate::Error::Simulate`] for options outside their range; [`crate::Error::Fits`] where the disk refuses.
pub fn stis(
    folder: &Path,
    options: &StisOptions,
    overwrite: bool,
    progress: &dyn Progress,
) -> Result<StisReport> {
    let period = StisPeriod::plan(options)?;
    let folders = ["ref", "darks", "biases", "truth"].map(|name| folder.join(name));
    let [reference_folder, dark_folder, bias_folder, truth_folder] = &folders;
    let place = |kind: Kind| match kind {
        Kind::Dark | Kind::ShortDark => dark_folder.as_path(),
        Kind::Bias => bias_folder,
        Kind::Spectrum | Kind::Lamp => folder,
    };
    let raw: Vec<(Kind, PathBuf)> = period
        .raw_files()
        .into_iter()
        .map(|(kind, name)| (kind, place(kind).join(name)))
        .collect();
    let names = period.reference_names();
    let references: Vec<PathBuf> = names.iter().map(|name| reference_folder.join(name)).collect();
    let truth_files =
        ["frames.ecsv", "spectrum.ecsv", "hot_pixels.ecsv", "dark.fits"].map(|name| truth_folder.join(name));
    let anneals = folder.join("anneals.csv");
    let engineering = period.engineering().transpose()?;
    let engineering_path = engineering.as_ref().map(|file| folder.join(&file.name));
    let all = raw.iter().map(|(_, path)| path).chain(&references);
    let all = all.chain(&truth_files).chain(&engineering_path).chain([&anneals]);
    refuse_existing(all, overwrite)?;
    for path in std::iter::once(folder).chain(folders.iter().map(PathBuf::as_path)) {
        make_folder(path)?;
    }
    progress.start("simulating", Some((raw.len() + references.len()) as u64));
    // One at a time, each made by all threads.
    for (index, (_, path)) in raw.iter().enumerate() {
        write(&made(period.expose(index), index)?, path, overwrite)?;
        progress.advance(1);
    }
    for (index, path) in references.iter().enumerate() {
        write(&made(period.reference(index), index)?, path, overwrite)?;
        progress.advance(1);
    }
    if let (Some(file), Some(path)) = (&engineering, &engineering_path) {
        write(file, path, overwrite)?;
    }
    let times = period.anneals();
    let table = Table::new()
        .with(reals("start", "d", &times, |anneal| anneal.0))?
        .with(reals("end", "d", &times, |anneal| anneal.1))?;
    firstlight_frame::table::write(&table, &anneals, None, Overwrite::from(overwrite))?;
    let truth = period.truth();
    write_truth(&truth, &truth_files, overwrite)?;
    progress.finish();
    let of = |wanted: Kind| -> Vec<PathBuf> {
        let chosen = raw.iter().filter(|(kind, _)| *kind == wanted);
        chosen.map(|(_, path)| path.clone()).collect()
    };
    let only = |wanted: Kind| of(wanted).into_iter().next().unwrap_or_default();
    Ok(StisReport {
        folder: folder.to_owned(),
        spectrum: only(Kind::Spectrum),
        wavecal: only(Kind::Lamp),
        darks: of(Kind::Dark),
        short_darks: of(Kind::ShortDark),
        biases: of(Kind::Bias),
        anneals,
        reference_folder: reference_folder.clone(),
        references,
        truth_files,
        frames: truth.frames,
        shift: truth.shift,
        velocity_km_s: truth.velocity_km_s,
    })
}

fn write_truth(truth: &Truth, paths: &[PathBuf; 4], overwrite: bool) -> Result<()> {
    let overwrite = Overwrite::from(overwrite);
    let [frames, spectrum, hot_pixels, dark] = paths;
    let tables = [
        (of_frames(truth)?, frames),
        (of_spectrum(truth)?, spectrum),
        (of_hot_pixels(truth)?, hot_pixels),
    ];
    for (table, path) in tables {
        firstlight_frame::table::write(&table, path, None, overwrite)?;
    }
    let mut writer = FitsWriter::create(dark, overwrite)?;
    writer.empty_primary(&Header::new())?;
    let mut header = Header::new();
    header.set("EXTNAME", "SCI", None)?;
    header.set("BUNIT", "ELECTRONS/S", Some("at 18 deg C"))?;
    writer.image(&header, (truth.dark.as_slice(), (SIDE, SIDE)))?;
    writer.finish()?;
    Ok(())
}

fn of_frames(truth: &Truth) -> Result<Table> {
    let rows = &truth.frames;
    let kind = |frame: &FrameTruth| match frame.kind {
        Kind::Dark => "dark",
        Kind::ShortDark => "short dark",
        Kind::Bias => "bias",
        Kind::Spectrum => "spectrum",
        Kind::Lamp => "lamp",
    };
    Ok(Table::new()
        .with(Column::text(
            "rootname",
            rows.iter().map(|row| row.rootname.clone()),
        ))?
        .with(Column::text("kind", rows.iter().map(kind)))?
        .with(reals("expstart", "d", rows, |row| row.start_mjd))?
        .with(reals("day", "d", rows, |row| row.day))?
        .with(reals("exptime", "s", rows, |row| row.exptime_s))?
        .with(reals("occdhtav", "deg_C", rows, |row| row.temperature_c))?)
}

fn of_spectrum(truth: &Truth) -> Result<Table> {
    let rows = &truth.spectrum;
    let flux = "erg / (Angstrom s cm2)";
    Ok(Table::new()
        .with(reals("wavelength", "Angstrom", rows, |row| row.wavelength))?
        .with(reals("flux", flux, rows, |row| row.flux))?
        .with(reals("flux_blurred", flux, rows, |row| row.blurred))?
        .with(reals("electrons", "electron / s", rows, |row| row.electrons))?
        .with(reals("share_arriving", "", rows, |row| row.share))?
        .with(reals("row", "pix", rows, |row| row.row))?)
}

fn of_hot_pixels(truth: &Truth) -> Result<Table> {
    let rows = &truth.hot_pixels;
    let place = |of: fn(&firstlight_simulate::stis::HotPixel) -> usize| {
        ColumnData::I32(rows.iter().map(|row| of(row) as i32).collect())
    };
    Ok(Table::new()
        .with(Column::scalar("x", place(|row| row.x)))?
        .with(Column::scalar("y", place(|row| row.y)))?
        .with(reals("rate", "electron / s", rows, |row| row.rate))?
        .with(reals("appears", "d", rows, |row| row.appears))?
        .with(reals("heals", "d", rows, |row| row.heals))?)
}
