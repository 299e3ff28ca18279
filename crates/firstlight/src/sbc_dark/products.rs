//! The drizzled products: science, and master dark on its grid.

use super::groups::Group;
use super::{Mixture, SbcDarkOptions};
use crate::dark::{ImplantOptions, LoadedDark, implant};
use crate::drizzle::{DrizzleOptions, DrizzleReport, drizzle};
use crate::progress::Silent;
use crate::{Error, Progress, Result};
use firstlight_fits::FitsFile;
use firstlight_frame::Image;
use firstlight_wcs::Wcs;
use std::path::{Path, PathBuf};

/// A product in memory.
pub(super) struct Product {
    pub(super) image: Image<f32>,
    pub(super) wcs: Wcs,
}

/// Drizzles the science exposures, as the notebook does: combination alone, rates, no context.
pub(super) fn science(
    group: &Group,
    folder: &Path,
    options: &SbcDarkOptions,
    progress: &dyn Progress,
) -> Result<DrizzleReport> {
    let grid = DrizzleOptions {
        final_scale: Some(options.final_scale),
        ..DrizzleOptions::default().combining_only()
    };
    drizzle(
        &group.files(),
        &named(grid, folder, &group.name, options),
        progress,
    )
}

/// Implants each exposure's darks at the exposure's own EXPTIME, so that exposures weigh in the master
/// dark as they do in the science product, and drizzles them onto its grid.
pub(super) fn master_dark(
    group: &Group,
    (mixtures, darks): (&[Mixture], &[LoadedDark]),
    science: &DrizzleReport,
    folder: &Path,
    options: &SbcDarkOptions,
    progress: &dyn Progress,
) -> Result<DrizzleReport> {
    let implants = folder.join("implants");
    crate::output::make_folder(&implants)?;
    progress.start("implanting darks", Some(mixtures.len() as u64));
    let mut files = Vec::with_capacity(mixtures.len());
    for (member, mixture) in group.members.iter().zip(mixtures) {
        let used = mixture
            .darks
            .iter()
            .zip(&mixture.weights)
            .filter(|(_, weight)| **weight > 0.0);
        let (paths, weights): (Vec<PathBuf>, Vec<f64>) = used
            .filter_map(|(&index, &weight)| Some((darks.get(index)?.exposure.file.clone(), weight)))
            .unzip();
        let output = implants.join(format!("{}_dark_flt.fits", member.rootname));
        let how = ImplantOptions {
            weights,
            keep_exptime: true,
            overwrite: options.overwrite,
        };
        implant(&member.file, &paths, &output, &how, &Silent)?;
        files.push(output);
        progress.advance(1);
    }
    progress.finish();
    let reference = science.products.image().to_string_lossy().into_owned();
    let grid = DrizzleOptions {
        final_refimage: Some(reference),
        ..DrizzleOptions::default().combining_only()
    };
    let name = format!("{}_masterdark", group.name);
    drizzle(&files, &named(grid, folder, &name, options), progress)
}

fn named(grid: DrizzleOptions, folder: &Path, name: &str, options: &SbcDarkOptions) -> DrizzleOptions {
    DrizzleOptions {
        output: Some(folder.join(name).to_string_lossy().into_owned()),
        overwrite: options.overwrite,
        context: false,
        final_wcs: Some(true),
        ..grid
    }
}

/// Reads a product's image and WCS.
pub(super) fn open(report: &DrizzleReport) -> Result<Product> {
    let path = report.products.image();
    let file = FitsFile::open(path)?;
    let array = file.image::<f32>(0)?;
    let (ny, nx) = array.plane()?;
    let image = Image::from_vec(ny, nx, array.data).map_err(|error| Error::InFile {
        path: path.to_owned(),
        source: Box::new(Error::Usage(error.to_string())),
    })?;
    Ok(Product {
        image,
        wcs: Wcs::from_file(&file, 0, None)?,
    })
}
