//! Aperture photometry of an image in a file.

mod apertures;
mod arrays;
mod planes;
mod positions;

pub use apertures::Numbers;
pub use arrays::{Request, measure};
pub use planes::{ImageFile, PlaneOf};
pub(crate) use positions::pixel_positions;

use crate::{Progress, Result};
use apertures::Targets;
use firstlight_fits::Overwrite;
use firstlight_frame::Table;
use firstlight_measure::{Aperture, BackgroundStatistic, LocalBackground, Method, Overlap, Planes, Settings};
use firstlight_stats::SigmaClip;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// What is measured, and how.
///
/// Positions are 0-based pixels, a whole number being a pixel's centre; angles are in degrees,
/// counter-clockwise from the x axis to the first length. With `sky`, positions are right ascension and
/// declination in degrees, lengths are in arcsec, and angles are position angles.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct PhotometryOptions {
    /// The image: an HDU by number, name, or name and version [default: SCI, else the first image].
    #[cfg_attr(feature = "clap", arg(short = 'e', long, value_name = "EXT"))]
    pub ext: Option<String>,
    /// A circle: x,y,r; or r alone, at all --positions.
    #[cfg_attr(feature = "clap", arg(long, value_name = "X,Y,R", allow_hyphen_values = true))]
    pub circle: Vec<Numbers>,
    /// An ellipse: x,y,a,b,theta (semi-axes; angle of a in degrees); or a,b,theta, at all --positions.
    #[cfg_attr(
        feature = "clap",
        arg(long, value_name = "X,Y,A,B,THETA", allow_hyphen_values = true)
    )]
    pub ellipse: Vec<Numbers>,
    /// A rectangle: x,y,w,h,theta (full width and height; angle of w in degrees); or w,h,theta, at all
    /// --positions.
    #[cfg_attr(
        feature = "clap",
        arg(long, value_name = "X,Y,W,H,THETA", allow_hyphen_values = true)
    )]
    pub rectangle: Vec<Numbers>,
    /// Between two circles: x,y,r_in,r_out; or r_in,r_out.
    #[cfg_attr(
        feature = "clap",
        arg(long, value_name = "X,Y,R_IN,R_OUT", allow_hyphen_values = true)
    )]
    pub circle_annulus: Vec<Numbers>,
    /// Between two ellipses of the same shape: x,y,a_in,a_out,b_out,theta; or a_in,a_out,b_out,theta.
    #[cfg_attr(
        feature = "clap",
        arg(long, value_name = "X,Y,A_IN,A_OUT,B_OUT,THETA", allow_hyphen_values = true)
    )]
    pub ellipse_annulus: Vec<Numbers>,
    /// Between two rectangles of the same shape: x,y,w_in,w_out,h_out,theta; or w_in,w_out,h_out,theta.
    #[cfg_attr(
        feature = "clap",
        arg(long, value_name = "X,Y,W_IN,W_OUT,H_OUT,THETA", allow_hyphen_values = true)
    )]
    pub rectangle_annulus: Vec<Numbers>,
    /// A table of positions (csv, ecsv, fits): columns x and y or x_center and y_center; with --sky ra and
    /// dec.
    #[cfg_attr(feature = "clap", arg(long, value_name = "FILE"))]
    pub positions: Option<PathBuf>,
    /// Positions are right ascension and declination (degrees), lengths arcsec, and angles position angles
    /// from north through east.
    #[cfg_attr(feature = "clap", arg(long))]
    pub sky: bool,
    /// How pixels on the border count.
    #[cfg_attr(feature = "clap", arg(long, value_enum, default_value_t = PhotometryOptions::default().method))]
    pub method: Method,
    /// Parts along a pixel's side, for the method subpixel.
    #[cfg_attr(feature = "clap", arg(long, default_value_t = PhotometryOptions::default().subpixels))]
    pub subpixels: usize,
    /// Standard deviation of each pixel: FILE, FILE[EXT], or [EXT] of the image's file.
    #[cfg_attr(feature = "clap", arg(long, value_name = "FILE[EXT]"))]
    pub error: Option<String>,
    /// Pixels that are not 0 here count for nothing: FILE, FILE[EXT], or [EXT] of the image's file.
    #[cfg_attr(feature = "clap", arg(long, value_name = "FILE[EXT]"))]
    pub mask: Option<String>,
    /// Mask by the image's own DQ extension; these bits leave a pixel good ("64,32", "96", "~4096", "0").
    #[cfg_attr(feature = "clap", arg(long, value_name = "BITS", allow_hyphen_values = true))]
    pub dq_bits: Option<String>,
    /// Take the background between two circles around each position: r_in,r_out.
    #[cfg_attr(feature = "clap", arg(long, value_name = "R_IN,R_OUT"))]
    pub background_annulus: Option<Numbers>,
    /// The statistic of the background's pixels.
    #[cfg_attr(
        feature = "clap",
        arg(long, value_enum, default_value_t = PhotometryOptions::default().background_statistic)
    )]
    pub background_statistic: BackgroundStatistic,
    /// Background pixels further from the median than so many standard deviations are left out.
    #[cfg_attr(feature = "clap", arg(long, default_value_t = PhotometryOptions::default().background_sigma))]
    pub background_sigma: f64,
    /// At most so many rounds of leaving out; 0 leaves out none.
    #[cfg_attr(feature = "clap", arg(long, default_value_t = PhotometryOptions::default().background_maxiters))]
    pub background_maxiters: usize,
    /// Add the number of pixels that were summed.
    #[cfg_attr(feature = "clap", arg(long))]
    pub areas: bool,
    /// Write the table here: .csv, .ecsv, .fits, .json.
    #[cfg_attr(feature = "clap", arg(short = 'o', long, value_name = "FILE"))]
    pub output: Option<PathBuf>,
    /// Replace the output where it is there already.
    #[cfg_attr(feature = "clap", arg(long))]
    pub overwrite: bool,
}

impl Default for PhotometryOptions {
    fn default() -> Self {
        Self {
            ext: None,
            circle: Vec::new(),
            ellipse: Vec::new(),
            rectangle: Vec::new(),
            circle_annulus: Vec::new(),
            ellipse_annulus: Vec::new(),
            rectangle_annulus: Vec::new(),
            positions: None,
            sky: false,
            method: Method::Exact,
            subpixels: 5,
            error: None,
            mask: None,
            dq_bits: None,
            background_annulus: None,
            background_statistic: BackgroundStatistic::Median,
            background_sigma: 3.0,
            background_maxiters: 5,
            areas: false,
            output: None,
            overwrite: false,
        }
    }
}

/// What was measured.
#[derive(Debug, Clone, Serialize)]
pub struct PhotometryReport {
    /// The file.
    pub image: PathBuf,
    /// The HDU, as `SCI,1` or its number.
    pub extension: String,
    /// One row per position; see [`Photometry::table`] for the columns.
    #[serde(serialize_with = "firstlight_frame::table::serialize")]
    pub table: Table,
    /// The apertures of the columns `_0`, `_1`, …, or of the rows where they were given with positions;
    /// as they were given, with angles in radians.
    pub apertures: Vec<Aperture>,
    /// Where the table was written.
    pub output: Option<PathBuf>,
}

impl PhotometryReport {
    /// Name of the first aperture's sums.
    pub fn sum_column(&self) -> &'static str {
        if self.table.find("aperture_sum").is_some() {
            "aperture_sum"
        } else {
            "aperture_sum_0"
        }
    }
}

/// Measures an image of a file in apertures; with `output`, writes the table.
///
/// # Errors
/// Options that do not go together; files and HDUs that are not there or hold no image; planes of another
/// shape; a sky position without a pixel; an output that is there already.
pub fn photometry(
    image: impl AsRef<Path>,
    options: &PhotometryOptions,
    progress: &dyn Progress,
) -> Result<PhotometryReport> {
    let output = options.output.as_deref();
    if let Some(path) = output.filter(|path| path.exists() && !options.overwrite) {
        return Err(crate::Error::OutputExists {
            path: path.to_owned(),
        });
    }
    settings(options)?;
    let targets = Targets::new(options)?;
    progress.start("Reading", None);
    let file = ImageFile::open(image, options.ext.as_deref())?;
    let data = file.data()?;
    let error = options
        .error
        .as_deref()
        .map(|given| file.plane(PlaneOf::Error, given))
        .transpose()?;
    let mask = file.mask(options.mask.as_deref(), options.dq_bits.as_deref())?;
    progress.finish();
    let mut planes = Planes::new(&data);
    if let Some(error) = &error {
        planes = planes.with_error(error)?;
    }
    if let Some(mask) = &mask {
        planes = planes.with_mask(mask)?;
    }
    let wcs = if options.sky {
        Some(file.wcs()?)
    } else {
        file.wcs().ok()
    };
    let request = targets.request(wcs.as_ref());
    let table = targets.described(measure(&planes, &request, options)?, file.unit())?;
    if let Some(path) = output {
        let overwrite = Overwrite::from(options.overwrite);
        firstlight_frame::table::write(&table, path, None, overwrite)?;
    }
    Ok(PhotometryReport {
        image: file.path().to_owned(),
        extension: file.extension(),
        table,
        apertures: targets.apertures(),
        output: options.output.clone(),
    })
}

fn settings(options: &PhotometryOptions) -> Result<Settings> {
    let overlap = Overlap::new(options.method, options.subpixels)?;
    let sigma = options.background_sigma;
    if sigma.is_nan() || sigma <= 0.0 {
        return Err(crate::Error::Usage(format!(
            "background_sigma has to be positive, and is {sigma}"
        )));
    }
    let clip = SigmaClip {
        maxiters: Some(options.background_maxiters),
        ..SigmaClip::symmetric(sigma)
    };
    Ok(Settings {
        overlap,
        background: LocalBackground {
            statistic: options.background_statistic,
            clip,
        },
    })
}
