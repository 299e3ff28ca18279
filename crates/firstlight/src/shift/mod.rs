//! Frames put on the pixels of a reference frame.

mod coordinates;
mod drizzled;

use crate::ccd::products::of_inputs;
use crate::ccd::{CcdFile, CcdFrame, CcdOpenOptions, write};
use crate::output::make_folder;
use crate::progress::go_on;
use crate::register::{MapsFrom, RegisterOptions, Registered, Status, maps};
use crate::{Error, Progress, Result};
use firstlight_align::register::Projective;
use firstlight_calibrate::ccd::dq;
use firstlight_drizzle::PixelMapping;
use firstlight_drizzle::resample::{Original, ResampleOptions, Resampled, Resampling, resample};
use firstlight_fits::Header;
use firstlight_frame::Image;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// How values between the pixels are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum Interpolation {
    /// The nearest pixel's value: noise and mask stay as they are, stars move by up to half a pixel.
    Nearest,
    /// Straight between the four pixels around: smooths.
    Bilinear,
    /// Of the 36 pixels around, by Lanczos' kernel of order 3: keeps the sharpness, rings about hot pixels.
    #[default]
    Lanczos3,
    /// Each pixel's light shared out by overlap, as drizzle does with the square kernel and pixfrac 1.
    Drizzle,
}

/// What is kept where pixels of frame and reference differ in size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum Conserve {
    /// The light of a star: samples are multiplied by the area of a pixel of the reference in pixels of the frame.
    #[default]
    Flux,
    /// The level of the sky: samples are not multiplied.
    Brightness,
}

/// How frames are resampled.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct ResampleHow {
    /// How values between the pixels are found.
    #[cfg_attr(feature = "clap", arg(long, value_enum, default_value_t = ResampleHow::default().interpolation))]
    pub interpolation: Interpolation,
    /// What is kept where pixels of frame and reference differ in size.
    #[cfg_attr(feature = "clap", arg(long, value_enum, default_value_t = ResampleHow::default().conserve))]
    pub conserve: Conserve,
}

/// How frames are put on the pixels of a reference.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct ShiftOptions {
    /// Table of maps, as 'register' writes it, in place of registering the frames now.
    #[cfg_attr(feature = "clap", arg(long, value_name = "TABLE"))]
    pub transforms: Option<PathBuf>,
    /// How frames are resampled.
    #[serde(flatten)]
    #[cfg_attr(feature = "clap", command(flatten))]
    pub how: ResampleHow,
    /// Replace products that are there already.
    #[cfg_attr(feature = "clap", arg(long))]
    pub overwrite: bool,
}

/// A frame that was to be shifted.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Shifted {
    /// Its registration.
    #[serde(flatten)]
    pub registered: Registered,
    /// The product.
    pub product: Option<PathBuf>,
    /// The share of the product's pixels that have a value.
    pub covered: Option<f64>,
}

/// What became of all frames.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ShiftReport {
    /// The frame whose pixels the products have.
    pub reference: PathBuf,
    /// Its shape, `(ny, nx)`.
    pub shape: (usize, usize),
    /// The frames, in the order given.
    pub frames: Vec<Shifted>,
}

impl ShiftReport {
    /// Frames of which there is no product.
    pub fn failed(&self) -> impl Iterator<Item = &Shifted> {
        self.frames.iter().filter(|frame| frame.product.is_none())
    }
}

/// Puts frames on the pixels of the reference, into files of the same names in `folder`; uncertainty and mask go along. A
/// frame that lies whole pixels away keeps its samples as they are.
///
/// Pixels off the frame are NaN and masked ([`dq::NO_DATA`]). The world coordinates of the products are the reference's.
/// A frame that cannot be registered or written is reported, and the others go on.
///
/// # Errors
/// Before any work: [`Error::OutputExists`], [`Error::Usage`] where two frames have one name or a product would replace
/// its frame. What [`register`] refuses.
pub fn shift(
    files: &[PathBuf],
    folder: &Path,
    options: &ShiftOptions,
    how: &RegisterOptions,
    progress: &dyn Progress,
) -> Result<ShiftReport> {
    let products = of_inputs(files, folder, options.overwrite)?;
    let from = match &options.transforms {
        Some(table) => MapsFrom::Table(table),
        None => MapsFrom::Stars,
    };
    let (reference, registered) = maps(files, from, how, progress)?;
    make_folder(folder)?;
    progress.start("shifting", Some(files.len() as u64));
    let frames = registered
        .into_par_iter()
        .zip(products)
        .map(|(registered, product)| {
            let result = go_on(progress)
                .map_err(Error::from)
                .and_then(|()| shift_one((&registered, &how.open), &reference, &product, options));
            progress.advance(1);
            match result {
                Ok(covered) => Shifted {
                    registered,
                    product: covered.map(|_| product),
                    covered,
                },
                Err(error) => Shifted {
                    registered: Registered {
                        status: Status::Failed,
                        why: Some(error.to_string()),
                        class: Some(error.class()),
                        ..registered
                    },
                    product: None,
                    covered: None,
                },
            }
        })
        .collect();
    progress.finish();
    go_on(progress)?;
    Ok(ShiftReport {
        reference: reference.path().to_owned(),
        shape: reference.shape(),
        frames,
    })
}

/// Makes a product, and tells the share of its pixels that have a value; nothing of a frame that is not registered.
fn shift_one(
    (registered, open): (&Registered, &CcdOpenOptions),
    reference: &CcdFile,
    product: &Path,
    options: &ShiftOptions,
) -> Result<Option<f64>> {
    let Some(map) = registered.map else {
        return Ok(None);
    };
    let file = CcdFile::open(&registered.file, open)?;
    let frame = file.read::<f32>()?;
    let moved = onto(&frame, &map, reference.shape(), &options.how)?;
    let valid = moved.dq.as_ref().map_or(0, |dq| {
        dq.as_slice()
            .iter()
            .filter(|bits| **bits & dq::NO_DATA == 0)
            .count()
    });
    let mut header = coordinates::replaced(file.header(), reference.header());
    record(&mut header, &map, reference, options)?;
    write(product, &moved, &header, options.overwrite)?;
    Ok(Some(valid as f64 / moved.sci.len().max(1) as f64))
}

fn record(header: &mut Header, map: &Projective, reference: &CcdFile, options: &ShiftOptions) -> Result<()> {
    let described = map.described(reference.shape());
    let name = crate::input::name_in_header(reference.path());
    let mut set = |keyword: &str, value: f64, comment: &str| header.set(keyword, value, Some(comment));
    set(
        "FLREGDX",
        described.shift[0],
        "x of the reference's middle in the frame, less its own, pix",
    )?;
    set("FLREGDY", described.shift[1], "y of it, pix")?;
    set(
        "FLREGROT",
        described.rotation,
        "frame turned against the reference, deg",
    )?;
    set(
        "FLREGSCL",
        described.scale,
        "pixels of the frame for one of the reference",
    )?;
    header.set("FLREGREF", name.as_str(), Some("the reference"))?;
    header.push_commentary(
        "HISTORY",
        &format!(
            "Put on the pixels of {name}, interpolation {:?}.",
            options.how.interpolation
        )
        .to_lowercase(),
    )?;
    Ok(())
}

/// A frame on the pixels of a reference of `shape` `(ny, nx)`; `map` is from the reference to the frame.
///
/// # Errors
/// Planes of the frame that differ in shape, a map that has no inverse where one is needed.
pub fn onto(
    frame: &CcdFrame<f32>,
    map: &Projective,
    (ny, nx): (usize, usize),
    how: &ResampleHow,
) -> Result<CcdFrame<f32>> {
    let middle = [nx as f64 / 2.0 - 0.5, ny as f64 / 2.0 - 0.5];
    let area = map.area_about(middle).abs();
    let factor = match how.conserve {
        Conserve::Flux => area,
        Conserve::Brightness => 1.0,
    };
    let resampling = match how.interpolation {
        Interpolation::Nearest => Resampling::Nearest,
        Interpolation::Bilinear => Resampling::Bilinear,
        Interpolation::Lanczos3 => Resampling::Lanczos3,
        Interpolation::Drizzle => return drizzled::drizzled(frame, map, (ny, nx), (factor, area)),
    };
    let original = Original {
        ny: frame.sci.ny(),
        nx: frame.sci.nx(),
        sci: frame.sci.as_slice(),
        err: frame.err.as_ref().map(Image::as_slice),
        dq: frame.dq.as_ref().map(Image::as_slice),
    };
    let options = ResampleOptions {
        resampling,
        factor,
        no_data: dq::NO_DATA,
        not_finite: dq::BAD_PIXEL,
    };
    let mut sci = Image::filled(ny, nx, 0.0);
    let mut err = frame.err.as_ref().map(|_| Image::filled(ny, nx, 0.0));
    let mut bits = Image::filled(ny, nx, 0);
    let mut out = Resampled {
        sci: sci.as_mut_slice(),
        err: err.as_mut().map_or(&mut [], Image::as_mut_slice),
        dq: bits.as_mut_slice(),
    };
    resample(&original, &Mapped(*map), &options, (0, nx), &mut out)?;
    Ok(CcdFrame {
        sci,
        err,
        dq: Some(bits),
        unit: frame.unit.clone(),
    })
}

/// A map of whole rows.
struct Mapped(Projective);

impl PixelMapping for Mapped {
    fn map_row(&self, y: f64, x0: f64, out_x: &mut [f64], out_y: &mut [f64]) {
        for (index, (x, v)) in out_x.iter_mut().zip(out_y).enumerate() {
            [*x, *v] = self.0.to_image([x0 + index as f64, y]);
        }
    }
}
