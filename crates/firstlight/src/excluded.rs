//! Parts of a chip that are left out of a measurement: those that DS9 regions do not keep, or the zeros of a mask.

use crate::input::text_of;
use crate::{Error, Result};
use firstlight_fits::{FitsFile, Hdu, HduSelector, Header};
use firstlight_measure::region::{Physical, Regions};
use firstlight_wcs::Wcs;
use std::path::{Path, PathBuf};

const MASK_ENDINGS: [&str; 4] = [".fits", ".fit", ".fits.gz", ".fits.fz"];

/// What is left out of a chip.
#[derive(Debug)]
pub(crate) struct Excluded {
    path: PathBuf,
    what: What,
}

#[derive(Debug)]
enum What {
    Regions(Regions),
    /// A FITS file whose zeros are left out, and which of its images is meant if one is named.
    Mask(Option<HduSelector>),
}

impl Excluded {
    /// Reads a file of regions; a mask, a file whose name ends as a FITS file's, is read for each chip.
    ///
    /// # Errors
    /// Files that cannot be read; [`Error::Usage`] where an HDU is named for a file of regions.
    pub(crate) fn read(path: &Path, hdu: Option<HduSelector>) -> Result<Self> {
        let name = crate::input::file_name(path).to_lowercase();
        let what = if MASK_ENDINGS.iter().any(|ending| name.ends_with(ending)) {
            What::Mask(hdu)
        } else if let Some(hdu) = hdu {
            return Err(Error::Usage(format!(
                "{}[{hdu}]: regions have no extensions; a mask is a FITS file",
                path.display()
            )));
        } else {
            What::Regions(Regions::parse(&text_of(path)?).map_err(|error| Error::from(error).in_file(path))?)
        };
        Ok(Self {
            path: path.to_owned(),
            what,
        })
    }

    /// True where a pixel of a chip of shape `(ny, nx)` is left out.
    ///
    /// # Errors
    /// Masks that cannot be read or have another shape; regions whose sizes cannot be brought to the image.
    pub(crate) fn left_out(&self, shape: (usize, usize), wcs: &Wcs, header: &Header) -> Result<Vec<bool>> {
        match &self.what {
            What::Regions(regions) => {
                let left_out = regions.left_out(shape, wcs, physical(header));
                left_out.map_err(|error| Error::from(error).in_file(&self.path))
            }
            What::Mask(hdu) => self.mask(shape, hdu.as_ref()),
        }
    }

    /// The image that is named, else the first of the file that has the chip's shape.
    fn mask(&self, (ny, nx): (usize, usize), named: Option<&HduSelector>) -> Result<Vec<bool>> {
        let file = FitsFile::open(&self.path)?;
        let fits = |hdu: &&Hdu| shape(hdu) == [ny, nx];
        let hdu = match named {
            None => file.hdus().iter().find(fits),
            Some(hdu) => Some(file.hdu(hdu)?).filter(fits),
        };
        let Some(hdu) = hdu else {
            let what = match named {
                None => "no image in".to_owned(),
                Some(named) => format!("{:?}, the shape of image {named} of", shape(file.hdu(named)?)),
            };
            let needed = match named {
                None => "has the shape of the chip",
                Some(_) => "is not that of the chip",
            };
            return Err(Error::Usage(format!(
                "{what} {} {needed}, {ny} rows of {nx} pixels",
                self.path.display()
            )));
        };
        let mask = file.image::<f64>(hdu.index())?;
        Ok(mask.data.iter().map(|&value| value == 0.0).collect())
    }
}

/// Rows and columns, and what other axes there are before them.
fn shape(hdu: &Hdu) -> Vec<usize> {
    let stored = || hdu.dimensions().iter().rev().copied().collect();
    hdu.constant().map_or_else(stored, |(shape, _)| shape)
}

fn physical(header: &Header) -> Physical {
    let default = Physical::default();
    let of = |keywords: [&str; 2], default: [f64; 2]| {
        [0, 1].map(|axis| header.real(keywords[axis]).unwrap_or(default[axis]))
    };
    Physical {
        offset: of(["LTV1", "LTV2"], default.offset),
        step: of(["LTM1_1", "LTM2_2"], default.step),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_has_the_shape_of_its_chip() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mask.fits");
        let mut writer =
            firstlight_fits::FitsWriter::create(&path, firstlight_fits::Overwrite::Refuse).unwrap();
        let image = firstlight_fits::Array {
            shape: vec![1, 3],
            data: vec![1_i16, 0, 7],
        };
        writer.image(&Header::new(), &image).unwrap();
        writer.finish().unwrap();
        let excluded = Excluded::read(&path, None).unwrap();
        assert_eq!(excluded.mask((1, 3), None).unwrap(), [false, true, false]);
        assert!(matches!(excluded.mask((3, 1), None), Err(Error::Usage(_))));
        let named = |hdu: &str, shape| excluded.mask(shape, Some(&hdu.into()));
        assert_eq!(named("0", (1, 3)).unwrap(), [false, true, false]);
        let error = named("0", (3, 1)).unwrap_err().to_string();
        assert!(error.contains("[1, 3]"), "{error}");
        assert!(named("2", (1, 3)).is_err());
        let regions = folder.path().join("stars.reg");
        std::fs::write(&regions, "image\ncircle(1,1,1)\n").unwrap();
        assert!(Excluded::read(&regions, Some("1".into())).is_err());
    }
}
