//! The image, its errors and its mask, from files.

use crate::{Error, Result};
use firstlight_fits::{FitsFile, Hdu, HduSelector};
use firstlight_frame::{Image, dq::BitSelection};
use firstlight_wcs::Wcs;
use std::path::{Path, PathBuf};

/// A file and the HDU of it that is measured.
#[derive(Debug)]
pub struct ImageFile {
    file: FitsFile,
    hdu: usize,
}

/// What a plane is for, and so which HDU of its file is meant where none is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlaneOf {
    /// Standard deviations: ERR.
    Error,
    /// A mask: DQ.
    Mask,
}

impl ImageFile {
    /// Opens a file at an HDU; without one at SCI, or else at the first image.
    ///
    /// # Errors
    /// A file that cannot be read; an HDU that is not there; no image in the file.
    pub fn open(path: impl AsRef<Path>, extension: Option<&str>) -> Result<Self> {
        let file = FitsFile::open(path)?;
        let hdu = match extension {
            Some(extension) => file.hdu(extension)?.index(),
            None => first_image(&file, "SCI", 1).ok_or_else(|| no_image(&file))?,
        };
        Ok(Self { file, hdu })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// The HDU, as `SCI,1` or its number.
    pub fn extension(&self) -> String {
        self.header_hdu().map_or_else(|| self.hdu.to_string(), place)
    }

    /// The unit of the data.
    pub fn unit(&self) -> Option<String> {
        let unit = self.header_hdu()?.header().text("BUNIT")?.trim().to_owned();
        (!unit.is_empty()).then_some(unit)
    }

    /// The data, in f64.
    ///
    /// # Errors
    /// An HDU without a two-dimensional image.
    pub fn data(&self) -> Result<Image<f64>> {
        image(&self.file, self.hdu)
    }

    /// Another plane: `FILE`, `FILE[EXT]`, or `[EXT]` of this file.
    ///
    /// # Errors
    /// As [`ImageFile::open`].
    pub fn plane(&self, plane: PlaneOf, given: &str) -> Result<Image<f64>> {
        let (path, extension) = split(given)?;
        let other = path.map(FitsFile::open).transpose()?;
        let file = other.as_ref().unwrap_or(&self.file);
        let hdu = match extension {
            Some(extension) => file.hdu(extension)?.index(),
            None => {
                let name = match plane {
                    PlaneOf::Error => "ERR",
                    PlaneOf::Mask => "DQ",
                };
                first_image(file, name, self.version()).ok_or_else(|| no_image(file))?
            }
        };
        image(file, hdu)
    }

    /// The mask of a plane that is not 0, of DQ bits, or of both; `None` where neither is given.
    ///
    /// # Errors
    /// As [`ImageFile::plane`]; bits that are none; planes of different shapes.
    pub fn mask(&self, plane: Option<&str>, dq_bits: Option<&str>) -> Result<Option<Image<bool>>> {
        let of_plane = match plane {
            None => None,
            Some(given) => Some(self.plane(PlaneOf::Mask, given)?.map(|&sample| sample != 0.0)),
        };
        let Some(bits) = dq_bits else {
            return Ok(of_plane);
        };
        let good = BitSelection::parse(bits).map_err(|error| Error::Usage(error.to_string()))?;
        let array = self.file.image::<i64>(("DQ", self.version()))?;
        let (ny, nx) = array.plane()?;
        let bad = array
            .data
            .iter()
            .map(|&dq| !good.is_good((dq & 0xFFFF) as u16))
            .collect();
        let mut mask = Image::from_vec(ny, nx, bad).map_err(|error| Error::Usage(error.to_string()))?;
        if let Some(of_plane) = of_plane {
            if of_plane.shape() != mask.shape() {
                let (mask, dq) = (of_plane.shape(), mask.shape());
                return Err(Error::Usage(format!(
                    "the mask has shape {mask:?}, but DQ has shape {dq:?}"
                )));
            }
            for (masked, &also) in mask.as_mut_slice().iter_mut().zip(of_plane.as_slice()) {
                *masked |= also;
            }
        }
        Ok(Some(mask))
    }

    /// The world coordinate system of the image.
    ///
    /// # Errors
    /// Where there is none, or it is not supported.
    pub fn wcs(&self) -> Result<Wcs> {
        Ok(Wcs::from_file(&self.file, self.hdu, None)?)
    }

    fn header_hdu(&self) -> Option<&Hdu> {
        self.file.hdus().get(self.hdu)
    }

    fn version(&self) -> i64 {
        self.header_hdu().map_or(1, Hdu::version)
    }
}

fn image(file: &FitsFile, hdu: usize) -> Result<Image<f64>> {
    let array = file.image::<f64>(hdu)?;
    let (ny, nx) = array.plane()?;
    Image::from_vec(ny, nx, array.data).map_err(|error| Error::Usage(error.to_string()))
}

/// The HDU of this name and version with pixels, or else the first image of two axes.
fn first_image(file: &FitsFile, name: &str, version: i64) -> Option<usize> {
    let named = HduSelector::from((name, version));
    let hdus = || file.hdus().iter().filter(|hdu| hdu.has_pixels());
    let flat = |hdu: &&Hdu| {
        hdu.constant()
            .map_or(hdu.dimensions().len(), |(shape, _)| shape.len())
            == 2
    };
    hdus()
        .find(|hdu| hdu.matches(&named))
        .or_else(|| hdus().find(flat))
        .map(Hdu::index)
}

fn no_image(file: &FitsFile) -> Error {
    firstlight_frame::Error::NoImage {
        path: file.path().to_owned(),
    }
    .into()
}

fn place(hdu: &Hdu) -> String {
    if hdu.name().is_empty() {
        hdu.index().to_string()
    } else {
        format!("{},{}", hdu.name(), hdu.version())
    }
}

/// `FILE[EXT]` in its two parts; either may be missing.
fn split(given: &str) -> Result<(Option<PathBuf>, Option<HduSelector>)> {
    let (path, extension) = match given.strip_suffix(']').and_then(|rest| rest.rsplit_once('[')) {
        Some((path, extension)) => (path, Some(HduSelector::from(extension))),
        None => (given, None),
    };
    if path.is_empty() && extension.is_none() {
        return Err(Error::Usage("a plane is FILE, FILE[EXT] or [EXT]".to_owned()));
    }
    Ok(((!path.is_empty()).then(|| PathBuf::from(path)), extension))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planes_are_files_and_extensions() {
        let hdu = |name: &str| Some(HduSelector::from(name));
        assert_eq!(split("a.fits").unwrap(), (Some("a.fits".into()), None));
        assert_eq!(
            split("a.fits[ERR,2]").unwrap(),
            (Some("a.fits".into()), hdu("ERR,2"))
        );
        assert_eq!(split("[3]").unwrap(), (None, hdu("3")));
        assert!(split("").is_err());
    }
}
