//! `firstlight simulate archive`

use super::{write, write_truth};
use crate::output::{make_folder, refuse_existing};
use crate::{Error, Progress, Result};
use firstlight_fits::{AtomicFile, Overwrite};
use firstlight_simulate::SimulatedFile;
use firstlight_simulate::archive::{Archive, ArchiveOptions, OPERATIONAL, SimulatedText};
use rayon::prelude::*;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// What was simulated, and where it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ArchiveReport {
    /// The folder.
    pub folder: PathBuf,
    /// Association tables.
    pub associations: Vec<PathBuf>,
    /// Raw and calibrated science exposures, and raw darks.
    pub exposures: Vec<PathBuf>,
    /// The CRDS cache.
    pub cache: PathBuf,
    /// Its rules, and its settings.
    pub rules: Vec<PathBuf>,
    /// Its reference files.
    pub references: Vec<PathBuf>,
    /// Its operational context.
    pub context: String,
    /// Tables of the truth: by filter, and by exposure.
    pub truth_files: [PathBuf; 2],
}

/// Simulates an archive into a folder, which is made where it is not there: a small visit with ACS/SBC in
/// `science` and `darks`, and a CRDS cache in `crds` with rules and reference files for it.
///
/// # Errors
/// [`Error::OutputExists`] before anything is written where a file is there already and `overwrite` is
/// not set; [`Error::Simulate`] for options outside their range; [`Error::Fits`] where the disk refuses.
pub fn archive(
    folder: &Path,
    options: &ArchiveOptions,
    overwrite: bool,
    progress: &dyn Progress,
) -> Result<ArchiveReport> {
    let archive = Archive::plan(options)?;
    let science = folder.join("science");
    let associations = archive.visit().associations()?;
    let references = archive.references()?;
    let rules = archive.rules();
    let truth_files = ["truth_filters.ecsv", "truth_exposures.ecsv"].map(|name| folder.join(name));
    let association_paths: Vec<PathBuf> = associations.iter().map(|file| science.join(&file.name)).collect();
    let reference_paths: Vec<PathBuf> = references.iter().map(|(path, _)| folder.join(path)).collect();
    let rule_paths: Vec<PathBuf> = rules.iter().map(|rule| folder.join(&rule.path)).collect();
    let fixed = association_paths
        .iter()
        .chain(&reference_paths)
        .chain(&rule_paths)
        .chain(&truth_files);
    refuse_existing(fixed.clone(), overwrite)?;
    let darks = folder.join("darks");
    let folders = fixed.filter_map(|path| path.parent()).chain([darks.as_path()]);
    for path in folders {
        make_folder(path)?;
    }
    progress.start("simulating", Some(archive.exposure_count() as u64));
    let expose = |index: usize| -> Result<PathBuf> {
        let exposure = archive.exposure(index).transpose()?;
        let file = exposure.ok_or_else(|| Error::Usage(format!("the archive has no exposure {index}")))?;
        let dark = index >= 2 * archive.visit().science_count();
        let path = if dark { &darks } else { &science }.join(&file.name);
        write(&file, &path, overwrite)?;
        progress.advance(1);
        Ok(path)
    };
    let exposures = (0..archive.exposure_count())
        .into_par_iter()
        .map(expose)
        .collect::<Result<_>>()?;
    let all = associations.iter().zip(&association_paths);
    let all = all.chain(references.iter().map(|(_, file)| file).zip(&reference_paths));
    for (file, path) in all.collect::<Vec<(&SimulatedFile, &PathBuf)>>() {
        write(file, path, overwrite)?;
    }
    for (rule, path) in rules.iter().zip(&rule_paths) {
        write_text(rule, path)?;
    }
    write_truth(&archive.visit().truth(), &truth_files, overwrite)?;
    progress.finish();
    Ok(ArchiveReport {
        folder: folder.to_owned(),
        associations: association_paths,
        exposures,
        cache: folder.join("crds"),
        rules: rule_paths,
        references: reference_paths,
        context: OPERATIONAL.to_owned(),
        truth_files,
    })
}

/// Writes a rule or a setting.
fn write_text(text: &SimulatedText, path: &Path) -> Result<()> {
    Ok(AtomicFile::write_whole(
        path,
        text.text.as_bytes(),
        Overwrite::Replace,
    )?)
}
