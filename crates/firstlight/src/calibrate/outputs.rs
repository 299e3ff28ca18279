//! The files that will be written, known before any work.

use super::CalibrateOptions;
use super::plan::{Group, Plan, Planned};
use crate::output::{NewFolders, folder_of, is_same_file, refuse_existing, refuse_read_only};
use crate::{Error, Result};
use firstlight_fits::{AtomicFile, Overwrite};
use std::path::{Path, PathBuf};

/// Folder of the products, and whether they may replace others.
#[derive(Debug)]
pub(super) struct Outputs {
    pub(super) folder: PathBuf,
    pub(super) overwrite: Overwrite,
    intermediates: bool,
}

impl Outputs {
    pub(super) fn new(options: &CalibrateOptions) -> Self {
        Self {
            folder: options.output_dir.clone().unwrap_or_default(),
            overwrite: Overwrite::from(options.overwrite),
            intermediates: options.keep_intermediates,
        }
    }

    /// `folder/root_suffix.fits`.
    pub(super) fn product(&self, root: &str, suffix: &str) -> PathBuf {
        self.folder.join(format!("{root}_{suffix}.fits"))
    }

    /// The file of what lies between two stages; None where such are not kept.
    pub(super) fn intermediate(&self, root: &str, suffix: &str) -> Option<PathBuf> {
        self.intermediates.then(|| self.product(root, suffix))
    }

    /// A folder for temporary files.
    pub(super) fn scratch(&self) -> &Path {
        if self.folder.as_os_str().is_empty() {
            Path::new(".")
        } else {
            &self.folder
        }
    }

    /// Where the table of an association goes: over itself where the user wants so, into the folder of the products
    /// where that is another one, else nowhere.
    pub(super) fn table(&self, table: &Path, in_place: bool) -> Option<PathBuf> {
        if in_place {
            return Some(table.to_owned());
        }
        let copy = self.folder.join(table.file_name()?);
        (!is_same_file(folder_of(table), folder_of(&copy))).then_some(copy)
    }

    /// All products and intermediate files of a plan, and the tables that are written anew.
    fn all(&self, plan: &Plan, options: &CalibrateOptions) -> Vec<PathBuf> {
        let mut all = Vec::new();
        for Group {
            members, combination, ..
        } in &plan.groups
        {
            let cte = members.iter().any(|member| member.cte);
            for member in members {
                all.extend(self.of_exposure(member));
            }
            let Some(combination) = combination else { continue };
            let kinds: &[&str] = match (combination.sums, cte) {
                (true, _) => &["sfl"],
                (false, true) => &["crj", "crc"],
                (false, false) => &["crj"],
            };
            for kind in kinds {
                all.push(self.product(&combination.root, kind));
                if !combination.sums {
                    all.extend(self.intermediate(&combination.root, &format!("{kind}_tmp")));
                }
            }
        }
        if !options.in_place_asn {
            all.extend(
                plan.associations
                    .iter()
                    .filter_map(|table| self.table(&table.path, false)),
            );
        }
        all
    }

    fn of_exposure(&self, member: &Planned) -> Vec<PathBuf> {
        let mut all = vec![self.product(&member.root, "flt")];
        if member.cte {
            all.push(self.product(&member.root, "flc"));
        }
        if member.detector != firstlight_frame::Detector::AcsSbc {
            all.extend(self.intermediate(&member.root, "blv_tmp"));
        }
        if member.cte {
            all.extend(self.intermediate(&member.root, "blc_tmp"));
        }
        all
    }

    /// Refuses what [`check_files`] does.
    pub(super) fn check(&self, plan: &Plan, options: &CalibrateOptions) -> Result<NewFolders> {
        let members = plan.groups.iter().flat_map(|group| &group.members);
        let inputs = members.map(|member| member.path.as_path()).collect::<Vec<_>>();
        for table in plan.associations.iter().filter(|_| options.in_place_asn) {
            refuse_read_only(&table.path, "--in-place-asn")?;
        }
        check_files(&self.all(plan, options), &inputs, &self.folder, options)
    }
}

/// Refuses to replace what is there, to write over an input, and a folder that cannot be written to. Makes the folder
/// where it is not there: it stays where products come into it.
pub(super) fn check_files(
    all: &[PathBuf],
    inputs: &[&Path],
    folder: &Path,
    options: &CalibrateOptions,
) -> Result<NewFolders> {
    refuse_inputs(all, inputs)?;
    refuse_existing(all.iter().chain(&options.log), options.overwrite)?;
    let made = NewFolders::make(folder)?;
    let Some(first) = all.first() else { return Ok(made) };
    // Dropped at once, the temporary file is gone again.
    AtomicFile::create(first, Overwrite::Replace)?;
    Ok(made)
}

fn refuse_inputs(outputs: &[PathBuf], inputs: &[&Path]) -> Result<()> {
    let inputs: Vec<PathBuf> = inputs
        .iter()
        .filter_map(|path| path.canonicalize().ok())
        .collect();
    let is_input = |output: &&PathBuf| output.canonicalize().is_ok_and(|path| inputs.contains(&path));
    match outputs.iter().find(is_input) {
        Some(output) => Err(Error::Usage(format!(
            "{} is an input and would be replaced by a product; give another folder (--output-dir)",
            output.display()
        ))),
        None => Ok(()),
    }
}
