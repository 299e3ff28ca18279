//! The masters of many frames: opened once, and looked at before any work.

use super::binning::difference;
use super::open::{CcdFile, CcdOpenOptions};
use super::options::CcdProcessOptions;
use crate::{Error, Result};
use firstlight_calibrate::ccd::{
    BackgroundOptions, CcdFrame, CcdUnit, FlatOptions, FringeOptions, LinearityOptions, Real, Section,
};
use firstlight_fits::{Header, Sample};
use firstlight_frame::Image;
use std::path::{Path, PathBuf};

/// One master, in memory.
pub(super) struct Master<U> {
    pub(super) path: PathBuf,
    pub(super) frame: CcdFrame<U>,
    pub(super) header: Header,
}

/// All masters of the frames.
pub(super) struct Masters<U> {
    pub(super) bias: Option<Master<U>>,
    pub(super) dark: Option<Master<U>>,
    pub(super) flat: Option<Master<U>>,
    pub(super) fringe: Option<Master<U>>,
    pub(super) bad_pixels: Option<(PathBuf, Image<u16>)>,
}

/// Whether single precision holds all masters exactly.
pub(super) fn are_exact_in_f32(options: &CcdProcessOptions) -> Result<bool> {
    for path in [&options.bias, &options.dark, &options.flat, &options.fringe]
        .into_iter()
        .flatten()
    {
        if !CcdFile::open(path, &CcdOpenOptions::default())?.is_exact_in_f32() {
            return Ok(false);
        }
    }
    Ok(true)
}

impl<U: Real + Sample> Masters<U> {
    pub(super) fn open(options: &CcdProcessOptions) -> Result<Self> {
        let open = |path: &Option<PathBuf>| path.as_deref().map(Master::open).transpose();
        let masters = Self {
            bias: open(&options.bias)?,
            dark: open(&options.dark)?,
            flat: open(&options.flat)?,
            fringe: open(&options.fringe)?,
            bad_pixels: options
                .bad_pixel_mask
                .as_deref()
                .map(|path| Ok::<_, Error>((path.to_owned(), bad_pixels(path)?)))
                .transpose()?,
        };
        if let (Some(flat), Some(path)) = (&masters.flat, &options.flat) {
            refuse_without_light(&flat.frame, path, options.saturation)?;
        }
        Ok(masters)
    }

    /// Whether the gain comes before the masters: where those that have the unit of the frames are in electrons.
    pub(super) fn gain_corrected(&self, options: &CcdProcessOptions) -> bool {
        let in_adu = |master: &Option<Master<U>>| {
            master
                .as_ref()
                .is_some_and(|master| master.frame.unit == CcdUnit::Adu)
        };
        options
            .gain_corrected
            .unwrap_or(!(in_adu(&self.bias) || in_adu(&self.dark)))
    }

    /// Refuses masters whose pixels are binned in another way than those of a frame.
    pub(super) fn check_binning(&self, path: &Path, header: &Header) -> Result<()> {
        let masters = [&self.bias, &self.dark, &self.flat, &self.fringe];
        for master in masters.into_iter().flatten() {
            if let Some((keyword, [of_frame, of_master])) = difference(header, &master.header) {
                return Err(Error::Contradiction {
                    path: path.to_owned(),
                    reason: format!(
                        "its {keyword} is {of_frame}, but that of {} is {of_master}; give a master of the same binning",
                        crate::input::file_name(&master.path)
                    ),
                });
            }
        }
        Ok(())
    }
}

impl<U: Real + Sample> Master<U> {
    fn open(path: &Path) -> Result<Self> {
        let file = CcdFile::open(path, &CcdOpenOptions::default())?;
        Ok(Self {
            path: path.to_owned(),
            frame: file.read()?,
            header: file.header().clone(),
        })
    }
}

/// Bits of bad pixels: of an image those that are not zero, or of a frame with a mask its mask as well.
fn bad_pixels(path: &Path) -> Result<Image<u16>> {
    let frame: CcdFrame<f64> = CcdFile::open(path, &CcdOpenOptions::default())?.read()?;
    let of_mask = frame.dq.as_ref().map(Image::as_slice);
    let bad = firstlight_calibrate::ccd::dq::BAD_PIXEL;
    Ok(Image::from_fn(frame.sci.ny(), frame.sci.nx(), |x, y| {
        let i = y * frame.sci.nx() + x;
        let of_image = if frame.sci.as_slice()[i] != 0.0 { bad } else { 0 };
        of_image | of_mask.map_or(0, |mask| mask[i])
    }))
}

/// Refuses a flat all of whose samples are equal, or most of which are saturated.
fn refuse_without_light<U: Real>(flat: &CcdFrame<U>, path: &Path, saturation: Option<f64>) -> Result<()> {
    let samples = flat.sci.as_slice();
    let first = samples.first().map_or(0.0, |first| first.wide());
    let refuse = |reason: String| {
        Err(Error::Contradiction {
            path: path.to_owned(),
            reason,
        })
    };
    if samples.len() > 1 && first != 1.0 && samples.iter().all(|sample| sample.wide() == first) {
        return refuse(format!(
            "every sample of the flat is {first}: it is saturated or blank; give another one"
        ));
    }
    if let Some(limit) = saturation {
        let saturated = samples.iter().filter(|sample| sample.wide() >= limit).count();
        if 2 * saturated > samples.len() {
            return refuse(format!(
                "{saturated} of the {} samples of the flat are saturated ({limit} or more); give another one",
                samples.len()
            ));
        }
    }
    Ok(())
}

/// How the flat is normalised.
pub(super) fn flat_options(options: &CcdProcessOptions) -> Result<FlatOptions> {
    let section = |text: &String| Section::parse(text);
    Ok(FlatOptions {
        min_value: options.min_value,
        norm_value: options.norm_value,
        median: options.norm_median,
        section: options.norm_section.as_ref().map(section).transpose()?,
        amplifiers: options
            .amplifier
            .iter()
            .map(section)
            .collect::<firstlight_calibrate::Result<_>>()?,
    })
}

/// Refuses steps that cannot be read, before any file is opened.
pub(crate) fn check(options: &CcdProcessOptions) -> Result<()> {
    linearity(options)?;
    fringe_options(options)?;
    background_options(options).map(|_| ())
}

/// How the non-linearity is corrected.
pub(super) fn linearity(options: &CcdProcessOptions) -> Result<Option<LinearityOptions>> {
    if options.linearity.is_empty() {
        return match options.linearity_limit {
            None => Ok(None),
            Some(_) => Err(Error::Usage(
                "linearity_limit is of --linearity, whose coefficients are not given".to_owned(),
            )),
        };
    }
    let curves = options.linearity.iter().map(|text| text.parse());
    Ok(Some(LinearityOptions {
        curves: curves.collect::<firstlight_calibrate::Result<_>>()?,
        limit: options.linearity_limit,
    }))
}

/// As it is recorded: the curves, and how far they are known.
pub(super) fn linearity_text(options: &LinearityOptions) -> String {
    let curves: Vec<String> = options.curves.iter().map(ToString::to_string).collect();
    let limit = options.limit.map(|limit| format!(" to {limit} adu"));
    format!("{}{}", curves.join(" "), limit.unwrap_or_default())
}

/// How the fringe frame is scaled.
pub(super) fn fringe_options(options: &CcdProcessOptions) -> Result<FringeOptions> {
    if options.fringe_scale.is_some() && options.fringe.is_none() {
        return Err(Error::Usage(
            "fringe_scale is of --fringe, which is not given".to_owned(),
        ));
    }
    Ok(FringeOptions {
        scale: options.fringe_scale,
        box_size: options.fringe_box,
        ..Default::default()
    })
}

/// How the background is found.
pub(super) fn background_options(options: &CcdProcessOptions) -> Result<Option<BackgroundOptions>> {
    let Some(text) = options.background.as_deref().map(str::trim) else {
        return Ok(None);
    };
    let box_size = match text.parse() {
        Ok(side) => Some(side),
        Err(_) if text.eq_ignore_ascii_case("frame") => None,
        Err(_) => {
            return Err(Error::Usage(format!(
                "--background '{text}' is neither the side of boxes in pixels, as 64, nor 'frame' for one level"
            )));
        }
    };
    Ok(Some(BackgroundOptions {
        box_size,
        filter_size: options.background_filter,
        statistic: options.background_statistic,
        ..Default::default()
    }))
}
