//! acsrej and acssum: several exposures in, one out.

use super::each::check_outputs;
use super::{StageProduct, StageReport};
use crate::calibrate::plan::{detector_of, root_of};
use crate::calibrate::product;
use crate::calibrate::reference_files::{self, Asking};
use crate::calibrate::wanted::Stages;
use crate::calibrate::watched::Watched;
use crate::references::References as Places;
use crate::{Error, Progress, Result};
use firstlight_calibrate::acs::acsrej::{self, AcsrejOptions, AcsrejReport, Hits, Member, Rejection};
use firstlight_calibrate::acs::acssum::{self, AcssumReport};
use firstlight_calibrate::acs::{Observation, References};
use firstlight_fits::{AtomicFile, FitsFile, FitsWriter, Overwrite};
use firstlight_frame::{Exposure, Switch};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// What acsrej and acssum have in common.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct CombineOptions {
    /// Folder of reference files, looked into before jref of the environment, the CRDS cache and the folder of the
    /// exposure.
    #[cfg_attr(feature = "clap", arg(long, value_name = "DIR"))]
    pub ref_dir: Option<PathBuf>,
    /// Replace a product that is there already.
    #[cfg_attr(feature = "clap", arg(long))]
    pub overwrite: bool,
}

/// acsrej: exposures of one field combined into `output` without cosmic rays; `_blv_tmp` to `_crj_tmp`, `_blc_tmp` to
/// `_crc_tmp`.
///
/// Rejected pixels are flagged (8192) in the DQ of the inputs where `how.crmask` is given as true, and only then,
/// whatever CRREJTAB says: each input is then written anew and renamed over the old one.
///
/// # Errors
/// Before any work: [`Error::OutputExists`], [`Error::MissingReferences`], [`Error::BadReference`]; everything that
/// [`acsrej::acsrej`] refuses.
pub fn acsrej(
    inputs: &[PathBuf],
    output: &Path,
    options: &CombineOptions,
    how: &AcsrejOptions,
    progress: &dyn Progress,
) -> Result<StageReport<AcsrejReport>> {
    let begin = Instant::now();
    check_crthresh(how.crthresh)?;
    let exposures = open(inputs)?;
    let references = references_of(&exposures, options, how)?;
    let _folders = check_outputs(std::iter::once(&output.to_owned()), inputs, options.overwrite)?;
    let flags = how.crmask == Some(true);
    if flags {
        inputs.iter().try_for_each(|path| check_writable(path))?;
    }
    progress.start("acsrej", None);
    let combined = members(&exposures, progress, |members| {
        Ok(acsrej::acsrej(members, &references, how)?)
    });
    progress.finish();
    let Rejection {
        mut product,
        hits,
        report,
    } = combined?;
    finish(&mut product, output, options)?;
    if flags {
        for (path, hits) in inputs.iter().zip(&hits) {
            flag(path, hits)?;
        }
    }
    Ok(reported(inputs, output, report, begin))
}

/// acssum: repeated exposures summed into `output`; `_flt` to `_sfl`.
///
/// # Errors
/// As [`acsrej`](fn@acsrej), with those of [`acssum::acssum`].
pub fn acssum(
    inputs: &[PathBuf],
    output: &Path,
    options: &CombineOptions,
    progress: &dyn Progress,
) -> Result<StageReport<AcssumReport>> {
    let begin = Instant::now();
    let exposures = open(inputs)?;
    let _folders = check_outputs(std::iter::once(&output.to_owned()), inputs, options.overwrite)?;
    progress.start("acssum", None);
    let summed = members(&exposures, progress, |members| Ok(acssum::acssum(members)?));
    progress.finish();
    let summed = summed?;
    let mut product = summed.product;
    finish(&mut product, output, options)?;
    Ok(reported(inputs, output, summed.report, begin))
}

fn open(inputs: &[PathBuf]) -> Result<Vec<Exposure>> {
    let open = |path: &PathBuf| {
        let exposure = Exposure::open(path)?;
        detector_of(exposure.primary(), path)?;
        reference_files::verify_data(&exposure)?;
        Ok(exposure)
    };
    inputs.iter().map(open).collect()
}

fn members<T>(
    exposures: &[Exposure],
    progress: &dyn Progress,
    work: impl Fn(&[&dyn Member]) -> Result<T>,
) -> Result<T> {
    let watched: Vec<_> = exposures
        .iter()
        .map(|exposure| Watched::new(exposure, progress))
        .collect();
    let members: Vec<&dyn Member> = watched.iter().map(|exposure| exposure as &dyn Member).collect();
    work(&members)
}

/// The files of the first exposure's header stand for all, as in the official task.
fn references_of(
    exposures: &[Exposure],
    options: &CombineOptions,
    how: &AcsrejOptions,
) -> Result<References> {
    let Some(first) = exposures.first() else {
        return Err(Error::Usage("no exposures to combine".to_owned()));
    };
    let asking = Asking {
        path: first.path(),
        primary: first.primary(),
        stages: Stages {
            crrejtab: !how.is_complete(),
            shading: how.shadcorr || Switch::of(first.primary(), "SHADCORR").is_perform(),
            ..Stages::default()
        },
        crrejtab: how.crrejtab.as_deref(),
    };
    let places = Places::of_process().with_folder(options.ref_dir.clone());
    Ok(reference_files::open(&[asking], &places)?
        .pop()
        .unwrap_or_default())
}

fn finish(product: &mut Observation, output: &Path, options: &CombineOptions) -> Result<()> {
    acsrej::name_product(product, &root_of(output), None)?;
    product::write(product, output, options.overwrite.into())
}

fn reported<T>(inputs: &[PathBuf], output: &Path, report: T, begin: Instant) -> StageReport<T> {
    let seconds = begin.elapsed().as_secs_f64();
    StageReport {
        products: vec![StageProduct {
            path: output.to_owned(),
            inputs: inputs.to_vec(),
            report,
            seconds,
        }],
        failed: Vec::new(),
        seconds,
    }
}

/// Refuses a part of the limits, for the neighbours of hits, that is below 0.
///
/// # Errors
/// [`Error::Usage`].
pub(crate) fn check_crthresh(crthresh: Option<f32>) -> Result<()> {
    match crthresh.filter(|part| !(*part >= 0.0 && part.is_finite())) {
        None => Ok(()),
        Some(found) => Err(Error::Usage(format!(
            "crthresh has to be zero or a positive number, and is {found}"
        ))),
    }
}

/// Refuses an input that cannot be written anew.
fn check_writable(path: &Path) -> Result<()> {
    if FitsFile::open(path)?.is_gzipped() {
        return Err(Error::Usage(format!(
            "{} is gzipped, and rejected pixels cannot be flagged in it; unzip it, or leave out --crmask",
            path.display()
        )));
    }
    // Dropped at once, the temporary file is gone again.
    AtomicFile::create(path, Overwrite::Replace)?;
    Ok(())
}

/// Writes an exposure anew with its rejected pixels flagged; all else stays byte for byte.
pub(crate) fn flag(path: &Path, hits: &[Hits]) -> Result<()> {
    let exposure = Exposure::open(path)?;
    let file = exposure.file();
    let mut writer = FitsWriter::create(path, Overwrite::Replace)?;
    for hdu in file.hdus() {
        let imset = exposure
            .imsets()
            .iter()
            .position(|imset| imset.dq == Some(hdu.index()));
        let Some((imset, hits)) = imset.and_then(|imset| Some((imset, hits.get(imset)?))) else {
            writer.copy_hdu(file, hdu.index())?;
            continue;
        };
        let mut dq = exposure.load_dq(exposure.imsets()[imset].version)?;
        if !hits.mark(&mut dq) {
            return Err(Error::Contradiction {
                path: path.to_owned(),
                reason: "its DQ has another shape than when it was combined".to_owned(),
            });
        }
        let (ny, nx) = dq.shape();
        // The sixteenth bit makes DQ negative, as the field's files have it.
        let bits: Vec<i16> = dq.as_slice().iter().map(|bits| *bits as i16).collect();
        writer.image(hdu.header(), (bits.as_slice(), (ny, nx)))?;
    }
    Ok(writer.finish()?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::progress::Silent;

    #[test]
    fn a_negative_crthresh_is_refused_before_any_file_is_opened() {
        let how = AcsrejOptions {
            crthresh: Some(-2.0),
            ..AcsrejOptions::default()
        };
        let inputs = [PathBuf::from("none_a.fits"), PathBuf::from("none_b.fits")];
        let output = Path::new("none_c.fits");
        let error = acsrej(&inputs, output, &CombineOptions::default(), &how, &Silent).unwrap_err();
        assert_eq!(error.class(), crate::ErrorClass::Usage);
        assert!(
            error
                .to_string()
                .contains("crthresh has to be zero or a positive number"),
            "{error}"
        );
    }
}
