//! From a visit with elevated dark rate to dark-subtracted fluxes, in one go.
//!
//! What the notebook does by hand for one filter is done here for all: the log, the products, the darks
//! that match each exposure, master darks on the same grid with the same weights, fluxes in the same
//! apertures, figures and a page.

mod apertures;
mod detector;
mod figures;
mod groups;
mod mixture;
mod page;
mod photometry;
mod products;
mod tables;

pub use apertures::{ApertureSpec, PixelEllipse};
pub use mixture::{DarkMethod, Mixture};
pub use photometry::ApertureRow;

use crate::dark::{
    DarkExposure, Failure, LoadedDark, MatchOptions, ScienceMatch, excluded_by_all, load_darks, match_science,
};
use crate::drizzle::DrizzleReport;
use crate::{Error, Progress, Result};
use detector::OnDetector;
use firstlight_calibrate::dark::{PixelBox, Within};
use groups::Group;
use photometry::{Pair, Part};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// How the workflow is done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct SbcDarkOptions {
    /// Aperture for a target: x,y,a,b[,theta] in pixels of the products (degrees from x towards y), or
    /// icrs:ra,dec,a,b[,pa] (degrees; arcsec; degrees east of north); may be repeated.
    #[cfg_attr(feature = "clap", arg(long, required = true, value_name = "X,Y,A,B[,THETA]"))]
    pub aperture: Vec<ApertureSpec>,
    /// Blank aperture, whose mean difference is taken for the sky that is left; may be repeated.
    #[cfg_attr(feature = "clap", arg(long, value_name = "X,Y,A,B[,THETA]"))]
    pub blank: Vec<ApertureSpec>,
    /// How the dark for each exposure is made up.
    #[cfg_attr(feature = "clap", arg(long, value_enum, default_value_t = SbcDarkOptions::default().method))]
    pub method: DarkMethod,
    /// Pixel scale of the products, arcsec.
    #[cfg_attr(feature = "clap", arg(long, value_name = "ARCSEC", default_value_t = SbcDarkOptions::default().final_scale))]
    pub final_scale: f64,
    /// Temperature above which the dark rate counts as elevated, °C.
    #[cfg_attr(feature = "clap", arg(long, value_name = "CELSIUS", default_value_t = SbcDarkOptions::default().elevated_above))]
    pub elevated_above: f64,
    /// Box of detector pixels in which rates are compared, as numpy slices it: y0:y1,x0:x1.
    #[serde(rename = "box")]
    #[cfg_attr(
        feature = "clap",
        arg(long = "box", value_name = "Y0:Y1,X0:X1", default_value_t = SbcDarkOptions::default().within_box)
    )]
    pub within_box: PixelBox,
    /// When a dark is near enough: percent (10%), Poisson standard errors (2sigma), or either (10%,2sigma).
    #[cfg_attr(
        feature = "clap",
        arg(long, value_name = "TOLERANCE", default_value_t = SbcDarkOptions::default().within)
    )]
    pub within: Within,
    /// How many times its size a target's aperture is kept out of the background.
    #[cfg_attr(feature = "clap", arg(long, value_name = "FACTOR", default_value_t = SbcDarkOptions::default().margin))]
    pub margin: f64,
    /// Side of the square cells in which backgrounds are compared, pixels.
    #[cfg_attr(feature = "clap", arg(long, value_name = "PIXELS", default_value_t = SbcDarkOptions::default().cell))]
    pub cell: usize,
    /// Scatter about 1 that the shares of a combination may add up to.
    #[cfg_attr(feature = "clap", arg(long, value_name = "SIGMA", default_value_t = SbcDarkOptions::default().scatter))]
    pub scatter: f64,
    /// Replace files that are there already.
    #[cfg_attr(feature = "clap", arg(long))]
    pub overwrite: bool,
}

impl Default for SbcDarkOptions {
    fn default() -> Self {
        let matching = MatchOptions::default();
        Self {
            aperture: Vec::new(),
            blank: Vec::new(),
            method: DarkMethod::default(),
            final_scale: 0.025,
            elevated_above: 25.0,
            within_box: matching.within_box,
            within: matching.within,
            margin: 1.5,
            cell: matching.cell,
            scatter: matching.scatter,
            overwrite: false,
        }
    }
}

impl SbcDarkOptions {
    fn matching(&self) -> MatchOptions {
        MatchOptions {
            within_box: self.within_box,
            within: self.within,
            exclude_source: Vec::new(),
            cell: self.cell,
            scatter: self.scatter,
        }
    }

    fn check(&self) -> Result<()> {
        if self.aperture.is_empty() {
            return Err(Error::Usage("no aperture was given".to_owned()));
        }
        if !(self.margin >= 1.0 && self.margin.is_finite()) {
            return Err(Error::Usage(format!(
                "the margin is {}, but must be at least 1",
                self.margin
            )));
        }
        Ok(())
    }
}

/// One exposure of the log.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LogRow {
    /// The exposure.
    #[serde(flatten)]
    pub exposure: DarkExposure,
    /// Whether it was warmer than the limit; absent where its temperature is not known.
    pub elevated: Option<bool>,
}

/// One product and its master dark.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FilterReport {
    /// Name of the product.
    pub name: String,
    /// `FILTER1`.
    pub filter: String,
    /// Total exposure time, s.
    pub exptime_s: f64,
    /// The science product.
    pub science: DrizzleReport,
    /// The master dark.
    pub master_dark: DrizzleReport,
    /// The darks of each exposure.
    pub matches: Vec<ScienceMatch>,
    /// What stands for each exposure in the master dark.
    pub mixtures: Vec<Mixture>,
    /// The fluxes.
    pub apertures: Vec<ApertureRow>,
}

/// All that was done and measured.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SbcDarkReport {
    /// Folder of the results.
    pub folder: PathBuf,
    /// The exposures by temperature.
    pub log: Vec<LogRow>,
    /// The darks.
    pub darks: Vec<DarkExposure>,
    /// One a product.
    pub filters: Vec<FilterReport>,
    /// Figures, PNG.
    pub figures: Vec<PathBuf>,
    /// Tables, ECSV.
    pub tables: Vec<PathBuf>,
    /// The page.
    pub page: PathBuf,
    /// Darks that could not be read, or may stand for none of the exposures.
    pub failed: Vec<Failure>,
}

/// Does the whole workflow; results go to `folder`, which is made where it is not there.
///
/// `inputs` are association tables, or exposures, which are combined by filter. For each exposure the
/// darks are matched away from the targets, implanted at the exposure's own time and weight, and
/// drizzled onto the science product's grid.
///
/// # Errors
/// [`Error::Usage`] for options; [`Error::OutputExists`] before any work; a missing association member;
/// [`Error::Unsupported`] for a detector that does not count photons;
/// whatever reading, drizzling, measuring and writing refuse.
pub fn sbc_dark(
    inputs: &[PathBuf],
    darks: &[PathBuf],
    folder: &Path,
    options: &SbcDarkOptions,
    progress: &dyn Progress,
) -> Result<SbcDarkReport> {
    options.check()?;
    let groups = groups::groups(inputs)?;
    let page = folder.join("index.html");
    if page.exists() && !options.overwrite {
        return Err(Error::OutputExists { path: page });
    }
    crate::output::make_folder(folder)?;
    let (loaded, mut failed) = load_darks(darks, progress)?;
    let mut filters = Vec::with_capacity(groups.len());
    for group in &groups {
        filters.push(one_filter(group, &loaded, folder, options, progress)?);
    }
    let matches: Vec<ScienceMatch> = filters.iter().flat_map(|f| f.matches.iter().cloned()).collect();
    failed.extend(excluded_by_all(&matches));
    let mut report = SbcDarkReport {
        folder: folder.to_owned(),
        log: log(&groups, options),
        darks: loaded.into_iter().map(|dark| dark.exposure).collect(),
        filters,
        figures: Vec::new(),
        tables: Vec::new(),
        page,
        failed,
    };
    progress.start("drawing", None);
    report.tables = tables::write(&report, options.overwrite)?;
    let drawn = figures::draw(&report, options)?;
    report.figures = drawn.iter().map(|figure| figure.path.clone()).collect();
    page::write(&report, &drawn, options)?;
    progress.finish();
    Ok(report)
}

fn log(groups: &[Group], options: &SbcDarkOptions) -> Vec<LogRow> {
    let members = groups.iter().flat_map(|group| group.members.iter().cloned());
    let mut rows: Vec<LogRow> = members
        .map(|exposure| {
            let elevated = exposure
                .avgtemp
                .map(|temperature| temperature > options.elevated_above);
            LogRow { exposure, elevated }
        })
        .collect();
    rows.sort_by(|a, b| {
        let temperature = |row: &LogRow| row.exposure.avgtemp.unwrap_or(f64::INFINITY);
        temperature(a).total_cmp(&temperature(b))
    });
    rows
}

fn one_filter(
    group: &Group,
    darks: &[LoadedDark],
    folder: &Path,
    options: &SbcDarkOptions,
    progress: &dyn Progress,
) -> Result<FilterReport> {
    let science = products::science(group, folder, options, progress)?;
    let product = products::open(&science)?;
    let specs = options
        .aperture
        .iter()
        .map(|a| (a, true))
        .chain(options.blank.iter().map(|a| (a, false)));
    let apertures = specs
        .map(|(spec, target)| {
            Ok((
                spec.within(&product.wcs, product.image.shape(), &group.name)?,
                target,
            ))
        })
        .collect::<Result<Vec<_>>>()?;
    progress.start("matching darks", Some(group.members.len() as u64));
    let (mut matches, mut mixtures, mut detectors) = (Vec::new(), Vec::new(), Vec::new());
    for member in &group.members {
        let detector = OnDetector::new(&member.file, &product.wcs, &apertures, options.margin)?;
        let excluded = |x, y| detector.source.get(x, y).copied().unwrap_or(false);
        let matched = match_science(&member.file, darks, &options.matching(), &excluded)?;
        let mixture =
            mixture::mixture(&matched, options.method).ok_or(firstlight_calibrate::Error::NoDarks)?;
        matches.push(matched);
        mixtures.push(mixture);
        detectors.push(detector);
        progress.advance(1);
    }
    progress.finish();
    let master_dark = products::master_dark(group, (&mixtures, darks), &science, folder, options, progress)?;
    let dark = products::open(&master_dark)?;
    let parts: Vec<Part<'_>> = detectors
        .into_iter()
        .zip(&mixtures)
        .zip(&group.members)
        .map(|((detector, mixture), member)| Part {
            detector,
            mixture,
            exptime_s: member.exptime_s,
        })
        .collect();
    let pair = Pair {
        science: &product.image,
        dark: &dark.image,
    };
    let rows = photometry::measure(&group.filter, &pair, &apertures, &parts, darks)?;
    Ok(FilterReport {
        name: group.name.clone(),
        filter: group.filter.clone(),
        exptime_s: group.exptime_s(),
        science,
        master_dark,
        matches,
        mixtures,
        apertures: rows,
    })
}
