//! The grid of a reference image.

use super::refuse;
use crate::{Error, Result, Wcs};
use firstlight_fits::{FitsFile, HduSelector};

/// The undistorted grid of `file`, or of `file[extension]`.
pub(super) fn grid_of(image: &str) -> Result<Wcs> {
    let (path, extension) = split(image);
    let file = FitsFile::open(path)?;
    let selector: HduSelector = match extension {
        Some(extension) => extension.into(),
        None => {
            let has_wcs = |hdu: &&firstlight_fits::Hdu| {
                let header = hdu.header();
                header.contains("CRVAL1") && (header.contains("CD1_1") || header.contains("CTYPE1"))
            };
            match file.hdus().iter().find(has_wcs) {
                Some(hdu) => hdu.index().into(),
                None => return refuse(format!("no extension of the reference image {path} has a WCS")),
            }
        }
    };
    let wcs = Wcs::from_file(&file, selector, None)?;
    if wcs.shape().is_none() {
        return Err(Error::In {
            path: path.into(),
            hdu: extension.unwrap_or_default().to_owned(),
            source: Box::new(Error::NoShape { keyword: "NAXIS" }),
        });
    }
    Ok(wcs.linear())
}

/// `file.fits[sci,1]` as file and extension.
fn split(image: &str) -> (&str, Option<&str>) {
    match image.strip_suffix(']').and_then(|rest| rest.rsplit_once('[')) {
        Some((path, extension)) => (path, Some(extension)),
        None => (image, None),
    }
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn file_and_extension() {
        assert_eq!(split("a.fits"), ("a.fits", None));
        assert_eq!(split("d[1]/a.fits[sci,2]"), ("d[1]/a.fits", Some("sci,2")));
    }
}
