//! Where frames are on the sky: coordinate systems from a catalogue of stars.

mod header;
mod pointing;

pub use firstlight_align::plate::PlateOptions;

use crate::align::catalogue;
use crate::ccd::products::of_inputs;
use crate::ccd::time::start_mjd;
use crate::ccd::{CcdFile, CcdOpenOptions};
use crate::input::{Failure, file_name, sort_out};
use crate::output::{make_folder, refuse_read_only};
use crate::progress::go_on;
use crate::register::FrameStars;
use crate::{Error, Progress, Result};
use firstlight_align::catalogue::SkyCatalogue;
use firstlight_align::plate::{OnSky, Plate, plate};
use firstlight_align::{Column, FluxUnits, TweakRegOptions};
use firstlight_measure::find::FieldOptions;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// What is known of the frames, and where solved ones go.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct SolveOptions {
    /// Right ascension of the frames' centre, degrees or 10:17:36.8 [default: CRVAL of a header with a coordinate system, or
    /// OBJCTRA, RA].
    #[cfg_attr(feature = "clap", arg(long, value_name = "RA", allow_hyphen_values = true))]
    pub ra: Option<String>,
    /// Declination, degrees or -46:24:45 [default: as for --ra].
    #[cfg_attr(feature = "clap", arg(long, value_name = "DEC", allow_hyphen_values = true))]
    pub dec: Option<String>,
    /// Scale, arcsec a pixel [default: that of a coordinate system in the header; SCALE, PIXSCALE, SECPIX or IM_SCALE; of XPIXSZ
    /// (microns) and FOCALLEN (mm)].
    #[cfg_attr(feature = "clap", arg(long, value_name = "ARCSEC"))]
    pub scale: Option<f64>,
    /// Column of the catalogue with magnitudes [default: phot_g_mean_mag, gmag, mag].
    #[cfg_attr(feature = "clap", arg(long, value_name = "COLUMN"))]
    pub magnitude: Option<String>,
    /// Folder of solved copies, which have the names of the frames.
    #[cfg_attr(
        feature = "clap",
        arg(long, short, visible_alias = "output", value_name = "DIR")
    )]
    pub output_dir: Option<PathBuf>,
    /// Write the coordinate systems into the frames themselves. Without this and without --output-dir nothing is written.
    #[cfg_attr(feature = "clap", arg(long, conflicts_with = "output_dir"))]
    pub update: bool,
    /// Which image of a file is the frame.
    #[serde(flatten)]
    #[cfg_attr(feature = "clap", command(flatten))]
    pub open: CcdOpenOptions,
    /// Replace products that are there already.
    #[cfg_attr(feature = "clap", arg(long))]
    pub overwrite: bool,
}

/// A frame whose place is known.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SolvedFrame {
    /// The frame.
    pub file: PathBuf,
    /// The file with the coordinate system: a copy, or the frame itself.
    pub product: Option<PathBuf>,
    /// Right ascension of the middle, degrees.
    pub ra: f64,
    /// Declination of the middle, degrees.
    pub dec: f64,
    /// Scale, arcsec a pixel.
    pub scale_arcsec: f64,
    /// Position angle of +y, degrees from north through east.
    pub rotation_deg: f64,
    /// Whether it is a mirror image of the sky.
    pub flipped: bool,
    /// Stars that were found in the frame.
    pub stars: usize,
    /// Those that the system was fitted to.
    pub matches: usize,
    /// Order of the distortion; 1 is none.
    pub order: usize,
    /// Root of the mean square of the distances of stars from their places, arcsec.
    pub rms_arcsec: f64,
    /// The same, pixels.
    pub rms_pixels: f64,
}

/// What became of all frames.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SolveReport {
    /// Stars of the catalogue.
    pub catalogue_stars: usize,
    /// The frames that were solved, in the order given.
    pub frames: Vec<SolvedFrame>,
    /// Frames that failed, while the others went on.
    pub failed: Vec<Failure>,
    /// Time it took, s.
    pub seconds: f64,
}

/// Finds frames on the sky by a catalogue of stars, near where they are expected, and writes their coordinate systems
/// (TAN, with SIP where a distortion is fitted) into copies, or into the frames themselves. Positions are of the catalogue's
/// system, which is taken to be ICRS, at the time of the frame where it has proper motions.
///
/// # Errors
/// Before any work: what is wrong with options, the catalogue, and products that are there. What one frame alone fails by is
/// told of in the report, unless it is the only one.
pub fn solve(
    files: &[PathBuf],
    from: &Path,
    (options, how, finding): (&SolveOptions, &PlateOptions, &FieldOptions),
    progress: &dyn Progress,
) -> Result<SolveReport> {
    let begin = Instant::now();
    how.check()?;
    if options.update && options.output_dir.is_some() {
        return Err(Error::Usage(
            "--update and --output-dir exclude one another".to_owned(),
        ));
    }
    let stars = read_catalogue(from, options)?;
    let products = match &options.output_dir {
        Some(folder) => {
            let products = of_inputs(files, folder, options.overwrite)?;
            make_folder(folder)?;
            products.into_iter().map(Some).collect()
        }
        None => vec![None; files.len()],
    };
    let solving = Solving {
        catalogue: &stars,
        options,
        how,
        finding,
    };
    progress.start("solving", Some(files.len() as u64));
    let results: Vec<_> = files
        .par_iter()
        .zip(products)
        .map(|(file, product)| {
            let done = go_on(progress).map_err(Error::from);
            let done = done.and_then(|()| solving.one(file, product));
            progress.advance(1);
            (file.clone(), done.map_err(|error| error.in_file(file)))
        })
        .collect();
    progress.finish();
    go_on(progress)?;
    let (frames, failed) = sort_out(results)?;
    Ok(SolveReport {
        catalogue_stars: stars.ra.len(),
        frames,
        failed,
        seconds: begin.elapsed().as_secs_f64(),
    })
}

fn read_catalogue(path: &Path, options: &SolveOptions) -> Result<SkyCatalogue> {
    let columns = TweakRegOptions {
        rfluxcol: options.magnitude.clone().map(Column::Name),
        rfluxunits: FluxUnits::Mag,
        ..TweakRegOptions::default()
    };
    let catalogue = catalogue::reference(path, None, &columns)?;
    catalogue.check()?;
    if catalogue.brightness.is_empty() {
        return Err(Error::Contradiction {
            path: path.to_owned(),
            reason: "it has no column of magnitudes (phot_g_mean_mag, gmag, mag), by which the bright stars would be known; name \
                     one (--magnitude)"
                .to_owned(),
        });
    }
    Ok(catalogue)
}

struct Solving<'a> {
    catalogue: &'a SkyCatalogue,
    options: &'a SolveOptions,
    how: &'a PlateOptions,
    finding: &'a FieldOptions,
}

impl Solving<'_> {
    fn one(&self, path: &Path, product: Option<PathBuf>) -> Result<SolvedFrame> {
        let file = CcdFile::open(path, &self.options.open)?;
        if self.options.update {
            refuse_read_only(path, "solve --update")?;
        }
        let expected = pointing::of(&file, self.options)?;
        let found = FrameStars::find(&file, self.finding)?;
        let year = start_mjd(file.header()).map(catalogue::year_of_mjd);
        let (ra, dec) = self.catalogue.at_epoch(year);
        let on_sky = OnSky {
            ra: &ra,
            dec: &dec,
            brightness: &self.catalogue.brightness,
        };
        let solved = plate(&found.stars, &on_sky, file.shape(), &expected, self.how)?;
        let product = self.write(&file, &solved, product)?;
        Ok(SolvedFrame {
            file: path.to_owned(),
            product,
            ra: solved.crval[0],
            dec: solved.crval[1],
            scale_arcsec: solved.scale_arcsec(),
            rotation_deg: solved.rotation_deg(),
            flipped: solved.flipped(),
            stars: found.stars.len(),
            matches: solved.pairs.len(),
            order: solved.order,
            rms_arcsec: solved.rms_arcsec,
            rms_pixels: solved.rms_pixels,
        })
    }

    /// Writes the coordinate system; gives back where to.
    fn write(&self, file: &CcdFile, solved: &Plate, product: Option<PathBuf>) -> Result<Option<PathBuf>> {
        let change = |path: &Path| -> Result<()> {
            Ok(firstlight_fits::edit(path, |edit| {
                header::put(edit.header(file.hdu())?, solved, &self.catalogue.name)
            })?)
        };
        let Some(product) = product else {
            if !self.options.update {
                return Ok(None);
            }
            change(file.path())?;
            return Ok(Some(file.path().to_owned()));
        };
        // Changed beside the product, and then renamed.
        let beside = firstlight_fits::Scratch::beside(&product)?;
        let copy = beside.path().join(file_name(&product));
        std::fs::copy(file.path(), &copy).map_err(firstlight_fits::Error::io("copy to", &copy))?;
        change(&copy)?;
        std::fs::rename(&copy, &product).map_err(firstlight_fits::Error::io("write", &product))?;
        Ok(Some(product))
    }
}
