//! Masks of pixels that may count.

use crate::{Error, Result};
use firstlight_calibrate::acs::destripe::Masks;
use firstlight_fits::FitsFile;
use firstlight_frame::Image;
use std::path::{Path, PathBuf};

/// A mask: pixels where it is 0 do not count.
#[derive(Debug, Clone, PartialEq)]
pub enum Mask {
    /// The first image of a FITS file.
    File(PathBuf),
    /// In memory.
    Array(Image<u8>),
}

/// The masks of an exposure.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MaskPair {
    /// Of SCI,1.
    pub sci1: Option<Mask>,
    /// Of SCI,2, which only full frames have.
    pub sci2: Option<Mask>,
}

impl MaskPair {
    /// Reads both.
    ///
    /// # Errors
    /// [`Error::Fits`] where a file cannot be read or holds no image.
    pub(crate) fn read(&self) -> Result<Masks> {
        let read = |mask: &Option<Mask>| mask.as_ref().map(Mask::read).transpose();
        Ok(Masks {
            sci1: read(&self.sci1)?,
            sci2: read(&self.sci2)?,
        })
    }
}

impl Mask {
    fn read(&self) -> Result<Image<u8>> {
        match self {
            Mask::Array(image) => Ok(image.clone()),
            Mask::File(path) => read(path),
        }
    }
}

/// Pairs the masks of SCI,1 with those of SCI,2, one of each for every exposure.
///
/// # Errors
/// [`Error::Usage`] where there are masks of both and not as many of the one as of the other.
pub fn mask_pairs(sci1: Vec<Mask>, sci2: Vec<Mask>) -> Result<Vec<MaskPair>> {
    if !sci1.is_empty() && !sci2.is_empty() && sci1.len() != sci2.len() {
        return Err(Error::Usage(format!(
            "{} masks of SCI,1 but {} of SCI,2 were given; give one of each for every exposure",
            sci1.len(),
            sci2.len()
        )));
    }
    let pairs = sci1.len().max(sci2.len());
    let (mut sci1, mut sci2) = (sci1.into_iter(), sci2.into_iter());
    let pair = |_| MaskPair {
        sci1: sci1.next(),
        sci2: sci2.next(),
    };
    Ok((0..pairs).map(pair).collect())
}

/// The first image of a file, 0 where it is 0 and 1 elsewhere.
fn read(path: &Path) -> Result<Image<u8>> {
    let file = FitsFile::open(path)?;
    let no_image = || firstlight_frame::Error::NoImage {
        path: path.to_owned(),
    };
    let is_image = |index: &usize| {
        let hdu = &file.hdus()[*index];
        hdu.has_pixels() && hdu.dimensions().len() == 2
    };
    let index = (0..file.hdus().len()).find(is_image).ok_or_else(no_image)?;
    let array = file.image::<f32>(index)?;
    let [ny, nx] = array.shape[..] else {
        return Err(no_image().into());
    };
    let counts = array.data.iter().map(|value| u8::from(*value != 0.0)).collect();
    Image::from_vec(ny, nx, counts).map_err(|_| no_image().into())
}
