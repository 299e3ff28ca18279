//! Opening a frame of a CCD, and reading it whole or by rows.

use super::header;
use crate::{Error, Result};
use firstlight_calibrate::ccd::{CcdFrame, CcdUnit, Real, dq};
use firstlight_fits::{FitsFile, Hdu, HduKind, HduSelector, Header, ImageBlocks, Sample};
use firstlight_frame::Image;
use serde::{Deserialize, Serialize};
use std::ops::Range;
use std::path::Path;

/// Which image of a file is the frame, and what it counts.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct CcdOpenOptions {
    /// HDU of the frame: a position from 0, a name, or name and version as in 'SCI,2' [default: the first image].
    #[cfg_attr(feature = "clap", arg(long, value_name = "HDU"))]
    pub ext: Option<String>,
    /// Unit of the samples where BUNIT is not there or wrong, as 'adu' or 'electron' [default: BUNIT, or adu].
    #[cfg_attr(feature = "clap", arg(long, value_name = "UNIT"))]
    pub unit: Option<String>,
}

/// A file with the frame of a CCD. Samples are read when they are asked for, and the file is not kept open, so that many
/// can be in use at once; a gzipped one is unpacked into memory the first time.
#[derive(Debug)]
pub struct CcdFile {
    file: FitsFile,
    /// 0-based positions of the HDUs.
    sci: usize,
    mask: Option<usize>,
    uncertainty: Option<(usize, Uncertainty)>,
    shape: (usize, usize),
    unit: CcdUnit,
    header: Header,
    /// Whether samples of an integer image may be BLANK.
    blanks: bool,
}

/// What an extension UNCERT holds, by UTYPE.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Uncertainty {
    Deviation,
    Variance,
    InverseVariance,
}

impl CcdFile {
    /// Reads the headers of a file.
    ///
    /// # Errors
    /// What [`FitsFile::open`] refuses; [`Error::Contradiction`] where there is no image of two axes, or mask and
    /// uncertainty do not fit it; a truncated file, by [`firstlight_fits::Error::Truncated`].
    pub fn open(path: &Path, options: &CcdOpenOptions) -> Result<Self> {
        let file = FitsFile::open(path)?;
        let image = match &options.ext {
            Some(ext) => file.hdu(ext.as_str())?,
            None => {
                let pixels = |hdu: &&Hdu| hdu.has_pixels() && hdu.dimensions().len() != 1;
                file.hdus()
                    .iter()
                    .find(pixels)
                    .ok_or_else(|| refuse(path, "it holds no image"))?
            }
        };
        let shape = shape_of(path, image)?;
        file.check_whole()?;
        let named = |name: &str| {
            let hdu = file
                .hdus()
                .iter()
                .find(|hdu| hdu.name().eq_ignore_ascii_case(name))?;
            (hdu.has_pixels() && hdu.index() != image.index()).then_some(hdu)
        };
        let (mask, uncertainty) = (named("MASK"), named("UNCERT"));
        for plane in [mask, uncertainty].into_iter().flatten() {
            let found = shape_of(path, plane)?;
            if found != shape {
                return Err(refuse(
                    path,
                    &format!(
                        "its extension {} has shape ({}, {}), but the image ({}, {}); remove the extension, or name another \
                         image (--ext)",
                        plane.name(),
                        found.0,
                        found.1,
                        shape.0,
                        shape.1
                    ),
                ));
            }
        }
        let uncertainty = uncertainty
            .map(|hdu| Ok::<_, Error>((hdu.index(), uncertainty_kind(path, hdu)?)))
            .transpose()?;
        let header = header::of_image(file.primary(), image);
        let unit = match &options.unit {
            Some(unit) => CcdUnit::parse(unit),
            None => header
                .text("BUNIT")
                .map_or(CcdUnit::Adu, |text| CcdUnit::parse(&text)),
        };
        let bitpix = image.header().integer("BITPIX").unwrap_or(0);
        Ok(Self {
            sci: image.index(),
            mask: mask.map(Hdu::index),
            uncertainty,
            shape,
            unit,
            blanks: bitpix > 0 && image.header().contains("BLANK"),
            header,
            file,
        })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// `(ny, nx)`.
    pub fn shape(&self) -> (usize, usize) {
        self.shape
    }

    /// What the samples count.
    pub fn unit(&self) -> &CcdUnit {
        &self.unit
    }

    /// Its cards, without those of its place in the file; of an image in an extension also those of the primary header.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Whether there is an uncertainty.
    pub fn has_err(&self) -> bool {
        self.uncertainty.is_some()
    }

    /// Whether there is a mask, or samples can be BLANK.
    pub fn has_dq(&self) -> bool {
        self.mask.is_some() || self.blanks
    }

    /// Whether single precision holds every sample exactly.
    pub fn is_exact_in_f32(&self) -> bool {
        let hdu = &self.file.hdus()[self.sci];
        let whole = |keyword| {
            hdu.header()
                .real(keyword)
                .is_none_or(|value| value.fract() == 0.0)
        };
        match hdu.header().integer("BITPIX") {
            Some(-32) => !hdu.header().contains("BSCALE") && !hdu.header().contains("BZERO"),
            Some(8 | 16) => hdu.header().real("BSCALE").is_none_or(|scale| scale == 1.0) && whole("BZERO"),
            _ => false,
        }
    }

    /// 0-based position of the frame's HDU.
    pub(crate) fn hdu(&self) -> usize {
        self.sci
    }

    /// Whether its samples are whole numbers, as those of raw frames are.
    pub(crate) fn is_of_integers(&self) -> bool {
        let bitpix = self.file.hdus()[self.sci].header().integer("BITPIX");
        bitpix.is_some_and(|bits| bits > 0)
    }

    /// Bytes that stay in memory once samples were read: of a gzipped file all that it unpacks to, else none.
    pub fn resident_bytes(&self) -> u64 {
        let of = |hdu: &Hdu| hdu.data_offset() + hdu.data_bytes();
        match self.file.is_gzipped() {
            true => self.file.hdus().last().map_or(0, of),
            false => 0,
        }
    }

    /// The whole frame.
    ///
    /// # Errors
    /// What [`FitsFile::image`] refuses.
    pub fn read<T: Real + Sample>(&self) -> Result<CcdFrame<T>> {
        self.read_rows(0..self.shape.0)
    }

    /// Some rows of the frame; only they are read. Samples that are BLANK are NaN, and [`dq::NO_DATA`] in the mask.
    ///
    /// # Errors
    /// What [`FitsFile::image_rows`] refuses.
    pub fn read_rows<T: Real + Sample>(&self, rows: Range<usize>) -> Result<CcdFrame<T>> {
        let sci: Image<T> = self.plane(self.sci, rows.clone())?;
        let err = match self.uncertainty {
            None => None,
            Some((hdu, kind)) => {
                let stored: Image<T> = self.plane(hdu, rows.clone())?;
                Some(match kind {
                    Uncertainty::Deviation => stored,
                    Uncertainty::Variance => stored.map(|v| T::narrow(v.wide().sqrt())),
                    Uncertainty::InverseVariance => stored.map(|v| T::narrow(1.0 / v.wide().sqrt())),
                })
            }
        };
        let mut dq: Option<Image<u16>> = match self.mask {
            Some(hdu) => Some(self.mask_rows(hdu, rows)?),
            None => None,
        };
        if self.blanks {
            let (ny, nx) = sci.shape();
            let dq = dq.get_or_insert_with(|| Image::filled(ny, nx, 0));
            for (bits, value) in dq.as_mut_slice().iter_mut().zip(sci.as_slice()) {
                if value.wide().is_nan() {
                    *bits |= dq::NO_DATA;
                }
            }
        }
        Ok(CcdFrame {
            sci,
            err,
            dq,
            unit: self.unit.clone(),
        })
    }

    /// The samples, to be read block by block while the file stays open. None where it has more than samples, or they are
    /// packed.
    pub(crate) fn bare_blocks<T: Sample>(&self) -> Result<Option<ImageBlocks<T>>> {
        let hdu = &self.file.hdus()[self.sci];
        if self.has_err() || self.has_dq() || hdu.kind() != HduKind::Image {
            return Ok(None);
        }
        Ok(Some(self.file.image_blocks::<T>(self.sci)?))
    }

    fn plane<T: Sample>(&self, hdu: usize, rows: Range<usize>) -> Result<Image<T>> {
        let array = self.file.image_rows::<T>(HduSelector::Index(hdu), rows)?;
        let (ny, nx) = array.plane()?;
        self.image(ny, nx, array.data)
    }

    /// Samples of the file as an image.
    pub(super) fn image<T>(&self, ny: usize, nx: usize, samples: Vec<T>) -> Result<Image<T>> {
        Image::from_vec(ny, nx, samples).map_err(|error| refuse(self.path(), &error.to_string()))
    }

    /// Masks of integers hold bits, of which those beyond sixteen count as [`dq::BAD_PIXEL`]; of reals any number other
    /// than zero does.
    fn mask_rows(&self, hdu: usize, rows: Range<usize>) -> Result<Image<u16>> {
        let bitpix = self.file.hdus()[hdu].header().integer("BITPIX").unwrap_or(8);
        if bitpix == 8 {
            return Ok(self.plane::<u8>(hdu, rows)?.map(|&bits| u16::from(bits)));
        }
        let whole = |value: &f64| match *value {
            0.0 => 0,
            value if value > 0.0 && value <= 65535.0 && value.fract() == 0.0 => value as u16,
            _ => dq::BAD_PIXEL,
        };
        Ok(self.plane::<f64>(hdu, rows)?.map(whole))
    }
}

/// Masked pixels and those that are not finite.
pub(crate) fn unusable(frame: &CcdFrame<f32>) -> Image<bool> {
    let (ny, nx) = frame.shape();
    Image::from_fn(ny, nx, |x, y| {
        let at = y * nx + x;
        !frame.is_good(at) || !frame.sci.as_slice()[at].is_finite()
    })
}

fn refuse(path: &Path, reason: &str) -> Error {
    Error::Contradiction {
        path: path.to_owned(),
        reason: reason.to_owned(),
    }
}

fn shape_of(path: &Path, hdu: &Hdu) -> Result<(usize, usize)> {
    if let Some((shape, _)) = hdu.constant() {
        return match shape.as_slice() {
            [ny, nx] => Ok((*ny, *nx)),
            _ => Err(refuse(path, "its image is not of two axes")),
        };
    }
    if !matches!(hdu.kind(), HduKind::Image | HduKind::CompressedImage) || hdu.dimensions().is_empty() {
        return Err(refuse(
            path,
            &format!("HDU {} holds no image; name one that does (--ext)", hdu.index()),
        ));
    }
    match hdu.dimensions() {
        [nx, ny, rest @ ..] if rest.iter().all(|&n| n == 1) => {
            if *nx == 0 || *ny == 0 {
                return Err(refuse(
                    path,
                    &format!("its image has no pixels: {nx} columns, {ny} rows"),
                ));
            }
            Ok((*ny, *nx))
        }
        axes => Err(refuse(
            path,
            &format!(
                "HDU {} holds an array of {} axes ({axes:?}), not an image of two; take the planes of colours or of a \
                 series apart first",
                hdu.index(),
                axes.len()
            ),
        )),
    }
}

fn uncertainty_kind(path: &Path, hdu: &Hdu) -> Result<Uncertainty> {
    match hdu.header().text("UTYPE").as_deref().map(str::trim) {
        // Files from before the type was written hold standard deviations.
        None | Some("StdDevUncertainty" | "std") => Ok(Uncertainty::Deviation),
        Some("VarianceUncertainty" | "var") => Ok(Uncertainty::Variance),
        Some("InverseVariance" | "ivar") => Ok(Uncertainty::InverseVariance),
        Some(other) => Err(refuse(
            path,
            &format!(
                "UTYPE of its extension UNCERT is '{other}', but should be StdDevUncertainty, VarianceUncertainty or \
                 InverseVariance"
            ),
        )),
    }
}
