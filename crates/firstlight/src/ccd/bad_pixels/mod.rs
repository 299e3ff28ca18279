//! `firstlight badpix`: a mask of bad pixels, made of flats and darks.

mod rates;

use crate::ccd::CcdFrame;
use crate::ccd::open::{CcdFile, CcdOpenOptions};
use crate::ccd::write::check_name;
use crate::output::check_output;
use crate::{Error, Progress, Result};
use firstlight_calibrate::ccd::bad_pixels::{CcdmaskOptions, HotLimit, HotPixels};
use firstlight_calibrate::ccd::bad_pixels::{ccdmask, hot_pixels};
use firstlight_fits::{Column, ColumnData, FitsWriter, Header, Overwrite, Table};
use firstlight_frame::Image;
use rates::rates;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Bits of the mask.
const FROM_FLATS: u8 = 1;
const HOT: u8 = 2;
/// Standard deviations above the median from which on a pixel is hot, where nothing else is said.
const SIGMAS: f64 = 9.0;

/// What belongs to the mask, beside how flats are judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct BadpixOptions {
    /// Which image of a file is the frame.
    #[serde(flatten)]
    #[cfg_attr(feature = "clap", command(flatten))]
    pub open: CcdOpenOptions,
    /// Bias to be subtracted from flats and darks; without it they have to be without bias already.
    #[cfg_attr(feature = "clap", arg(long, value_name = "FILE"))]
    pub bias: Option<PathBuf>,
    /// Dark rate above which a pixel is hot, electrons/s.
    #[cfg_attr(feature = "clap", arg(long, alias = "dark_limit", value_name = "RATE"))]
    pub dark_limit: Option<f64>,
    /// The same in robust standard deviations above the median rate [default: 9, where there is no --dark-limit].
    #[cfg_attr(
        feature = "clap",
        arg(
            long,
            alias = "dark_sigma",
            value_name = "SIGMAS",
            conflicts_with = "dark_limit"
        )
    )]
    pub dark_sigma: Option<f64>,
    /// Gain of darks in ADU, electrons per ADU [default: EGAIN].
    #[cfg_attr(feature = "clap", arg(long, value_name = "E/ADU"))]
    pub gain: Option<f64>,
    /// Keyword of the exposure time of darks, s.
    #[cfg_attr(feature = "clap", arg(long, alias = "exposure_key", value_name = "KEYWORD", default_value_t = BadpixOptions::default().exposure_key))]
    pub exposure_key: String,
    /// Table of the bad pixels: x and y from 0, bits, flat or ratio of flats, dark rate. The name tells the format.
    #[cfg_attr(feature = "clap", arg(long, value_name = "FILE"))]
    pub table: Option<PathBuf>,
    /// Replace files that are there already.
    #[cfg_attr(feature = "clap", arg(long))]
    pub overwrite: bool,
}

impl Default for BadpixOptions {
    fn default() -> Self {
        Self {
            open: CcdOpenOptions::default(),
            bias: None,
            dark_limit: None,
            dark_sigma: None,
            gain: None,
            exposure_key: "EXPTIME".to_owned(),
            table: None,
            overwrite: false,
        }
    }
}

/// Dark rates and what is hot.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DarkRates {
    /// Unit of the rates: `electron / s`, or `adu / s` where no gain is known.
    pub unit: &'static str,
    /// Median over the pixels.
    pub median: f64,
    /// Robust standard deviation.
    pub sigma: f64,
    /// Above which a pixel is hot.
    pub limit: f64,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BadpixReport {
    /// The mask.
    pub path: PathBuf,
    /// The table of bad pixels, where one was asked for.
    pub table: Option<PathBuf>,
    /// Shape of the mask, rows and columns.
    pub shape: (usize, usize),
    /// Bad pixels.
    pub bad: usize,
    /// Those that the flats show.
    pub from_flats: usize,
    /// Those that the darks show.
    pub hot: usize,
    /// The rates of the darks, where there are any.
    pub dark_rates: Option<DarkRates>,
}

/// What the frames show.
struct Found {
    ratio: Option<Image<f64>>,
    from_flats: Option<Image<bool>>,
    rate: Option<Image<f64>>,
    hot: Option<HotPixels>,
    unit: &'static str,
}

/// Makes a mask of bad pixels: of a flat or the ratio of two those that differ from their neighbours (bit 1), of darks those
/// with much dark current (bit 2). Pixels that are masked in a flat or in all darks, or without a finite sample, are bad too.
///
/// # Errors
/// [`Error::Usage`] without frames or with more than two flats, and where a product is an input; [`Error::OutputExists`] before
/// any work; [`Error::Contradiction`] for frames of another shape or unit, darks without an exposure time or gain, and darks of
/// which most pixels were hot; what the steps refuse.
pub fn badpix(
    (flats, darks): (&[PathBuf], &[PathBuf]),
    output: &Path,
    options: &BadpixOptions,
    how: &CcdmaskOptions,
    progress: &dyn Progress,
) -> Result<BadpixReport> {
    how.check()?;
    check_files((flats, darks), output, options)?;
    progress.start("looking for bad pixels", None);
    let found = look((flats, darks), options, how)?;
    let shapes = [found.from_flats.as_ref(), found.hot.as_ref().map(|hot| &hot.mask)];
    let shape = shapes
        .into_iter()
        .flatten()
        .map(Image::shape)
        .next()
        .unwrap_or((0, 0));
    let mask = found.mask(shape);
    write_mask(output, &mask, (flats, darks), options.overwrite)?;
    if let Some(path) = &options.table {
        let overwrite = Overwrite::from(options.overwrite);
        firstlight_frame::table::write(&found.table(&mask)?, path, None, overwrite)?;
    }
    progress.finish();
    let count = |bits: u8| mask.as_slice().iter().filter(|&&pixel| pixel & bits != 0).count();
    Ok(BadpixReport {
        path: output.to_owned(),
        table: options.table.clone(),
        shape,
        bad: count(FROM_FLATS | HOT),
        from_flats: count(FROM_FLATS),
        hot: count(HOT),
        dark_rates: found.hot.map(|hot| DarkRates {
            unit: found.unit,
            median: hot.median,
            sigma: hot.sigma,
            limit: hot.limit,
        }),
    })
}

fn check_files(
    (flats, darks): (&[PathBuf], &[PathBuf]),
    output: &Path,
    options: &BadpixOptions,
) -> Result<()> {
    if flats.is_empty() && darks.is_empty() {
        let told = "give a flat or two (--flat), or darks (--dark): bad pixels are found in them";
        return Err(Error::Usage(told.to_owned()));
    }
    if flats.len() > 2 {
        return Err(Error::Usage(format!(
            "{} flats are given, but bad pixels are found in one, or in the ratio of two of different level; combine them \
             first (firstlight combine)",
            flats.len()
        )));
    }
    check_name(output)?;
    let inputs: Vec<PathBuf> = flats.iter().chain(darks).chain(&options.bias).cloned().collect();
    for product in std::iter::once(output).chain(options.table.as_deref()) {
        check_output(&inputs, product, options.overwrite)?;
    }
    if let Some(table) = &options.table {
        firstlight_frame::table::check_output(table, None, Overwrite::from(options.overwrite))?;
    }
    Ok(())
}

fn look(
    (flats, darks): (&[PathBuf], &[PathBuf]),
    options: &BadpixOptions,
    how: &CcdmaskOptions,
) -> Result<Found> {
    let bias = match &options.bias {
        Some(path) => Some(CcdFile::open(path, &CcdOpenOptions::default())?.read::<f64>()?),
        None => None,
    };
    let mut shape = None;
    let mut found = Found {
        ratio: None,
        from_flats: None,
        rate: None,
        hot: None,
        unit: "electron / s",
    };
    for path in flats {
        let frame: CcdFrame<f64> = open(path, &mut shape, bias.as_ref(), options)?.read()?;
        let level = |i: usize| bias.as_ref().map_or(0.0, |bias| bias.sci.as_slice()[i]);
        let (ny, nx) = frame.shape();
        let light = Image::from_fn(ny, nx, |x, y| match frame.is_good(y * nx + x) {
            true => frame.sci.row(y)[x] - level(y * nx + x),
            false => f64::NAN,
        });
        found.ratio = Some(match found.ratio {
            None => light,
            Some(first) => Image::from_fn(ny, nx, |x, y| first.row(y)[x] / light.row(y)[x]),
        });
    }
    found.from_flats = found
        .ratio
        .as_ref()
        .map(|ratio| ccdmask(ratio, how))
        .transpose()?;
    if !darks.is_empty() {
        let (rate, unit) = rates(darks, &mut shape, bias.as_ref(), options)?;
        let limit = match (options.dark_limit, options.dark_sigma) {
            (Some(rate), _) => HotLimit::Rate(rate),
            (None, sigmas) => HotLimit::Sigmas(sigmas.unwrap_or(SIGMAS)),
        };
        let hot = hot_pixels(&rate, limit)?;
        let count = hot.mask.as_slice().iter().filter(|&&hot| hot).count();
        if 2 * count > hot.mask.len() {
            let told = format!(
                "{count} of the {} pixels have a rate above {} {unit}; subtract the bias (--bias), or raise the limit",
                hot.mask.len(),
                hot.limit
            );
            return Err(refused(&darks[0], told));
        }
        (found.rate, found.hot, found.unit) = (Some(rate), Some(hot), unit);
    }
    Ok(found)
}

fn refused(path: &Path, reason: String) -> Error {
    Error::Contradiction {
        path: path.to_owned(),
        reason,
    }
}

/// Opens a frame, which has the shape of those before it and of the bias.
fn open(
    path: &Path,
    shape: &mut Option<(usize, usize)>,
    bias: Option<&CcdFrame<f64>>,
    options: &BadpixOptions,
) -> Result<CcdFile> {
    let file = CcdFile::open(path, &options.open)?;
    let refuse = |reason: String| Err(refused(path, reason));
    let expected = *shape.get_or_insert(file.shape());
    for other in [Some(expected), bias.map(CcdFrame::shape)].into_iter().flatten() {
        if other != file.shape() {
            let (ny, nx) = file.shape();
            return refuse(format!(
                "its shape is ({ny}, {nx}), but that of another frame ({}, {}); trim them alike",
                other.0, other.1
            ));
        }
    }
    if let Some(bias) = bias.filter(|bias| bias.unit != *file.unit()) {
        return refuse(format!(
            "it is in {}, but the bias in {}; say what it is in (--unit), or give another bias",
            file.unit(),
            bias.unit
        ));
    }
    Ok(file)
}

impl Found {
    fn mask(&self, (ny, nx): (usize, usize)) -> Image<u8> {
        let bit = |mask: Option<&Image<bool>>, i: usize, bit: u8| match mask {
            Some(mask) if mask.as_slice()[i] => bit,
            _ => 0,
        };
        Image::from_fn(ny, nx, |x, y| {
            let i = y * nx + x;
            let hot = self.hot.as_ref().map(|hot| &hot.mask);
            bit(self.from_flats.as_ref(), i, FROM_FLATS) | bit(hot, i, HOT)
        })
    }

    /// One row a bad pixel, row after row of the image.
    fn table(&self, mask: &Image<u8>) -> Result<Table> {
        let nx = mask.nx();
        let bits = mask.as_slice();
        let bad: Vec<usize> = (0..bits.len()).filter(|&i| bits[i] != 0).collect();
        let whole = |name: &str, of: &dyn Fn(usize) -> i64| {
            Column::scalar(name, ColumnData::I64(bad.iter().map(|&i| of(i)).collect()))
        };
        let real = |name: &str, image: &Image<f64>| {
            let values = bad.iter().map(|&i| image.as_slice()[i]).collect();
            Column::scalar(name, ColumnData::F64(values))
        };
        let mut table = Table::new()
            .with(whole("x", &|i| (i % nx) as i64).unit("pix"))?
            .with(whole("y", &|i| (i / nx) as i64).unit("pix"))?
            .with(whole("bits", &|i| i64::from(bits[i])))?;
        if let Some(ratio) = &self.ratio {
            table = table.with(real("flat", ratio))?;
        }
        if let Some(rate) = &self.rate {
            table = table.with(real("dark_rate", rate).unit(self.unit))?;
        }
        Ok(table)
    }
}

fn write_mask(
    path: &Path,
    mask: &Image<u8>,
    (flats, darks): (&[PathBuf], &[PathBuf]),
    overwrite: bool,
) -> Result<()> {
    let mut header = Header::new();
    header.set(
        "BIT0",
        "flat",
        Some("value 1: unlike its neighbours in the flats"),
    )?;
    header.set("BIT1", "hot", Some("value 2: much dark current"))?;
    for (what, files) in [("flat", flats), ("dark", darks)] {
        for file in files {
            let told = format!("firstlight badpix: {what} {}", crate::input::name_in_header(file));
            header.push_commentary("HISTORY", &told)?;
        }
    }
    let mut writer = FitsWriter::create(path, Overwrite::from(overwrite))?;
    writer.image(&header, (mask.as_slice(), mask.shape()))?;
    writer.finish()?;
    Ok(())
}
