//! Replacing pixels in place.

use std::ops::Range;

use super::{Edit, Own};
use crate::image::Scaling;
use crate::{ArrayView, Error, FitsFile, HduKind, HduSelector, Result, Sample};

impl Edit {
    /// Replaces all pixels of an image. They are physical values, and stored as the image stores its own:
    /// BITPIX, BSCALE and BZERO stay.
    ///
    /// # Errors
    /// [`Error::WrongShape`] where the shape differs; [`Error::OutOfRange`] where the image cannot hold a
    /// value; [`Error::WrongKind`] where there are no pixels, or compressed ones.
    pub fn pixels<'a, T: Sample>(
        &mut self,
        selector: impl Into<HduSelector>,
        image: impl Into<ArrayView<'a, T>>,
    ) -> Result<()> {
        let image = image.into();
        self.change(selector, |own, file| {
            image.check()?;
            let shape: Vec<usize> = own.hdu.dimensions().iter().rev().copied().collect();
            if image.shape() != shape {
                return Err(Error::WrongShape {
                    expected: format!("an image of shape {shape:?}"),
                    found: format!("one of shape {:?}", image.shape()),
                });
            }
            own.put_samples(file, 0, image.data())
        })
    }

    /// Replaces some rows of a two-dimensional image; as [`Edit::pixels`].
    ///
    /// # Errors
    /// As [`Edit::pixels`].
    pub fn image_rows<T: Sample>(
        &mut self,
        selector: impl Into<HduSelector>,
        rows: Range<usize>,
        samples: &[T],
    ) -> Result<()> {
        self.change(selector, |own, file| {
            let (nx, ny) = match *own.hdu.dimensions() {
                [nx] => (nx, 1),
                [nx, ny] => (nx, ny),
                _ => (0, 0),
            };
            if rows.start > rows.end || rows.end > ny || rows.len() * nx != samples.len() {
                return Err(Error::WrongShape {
                    expected: format!("whole rows of {nx} samples among the image's {ny}"),
                    found: format!(
                        "{} samples for rows {} to {}",
                        samples.len(),
                        rows.start,
                        rows.end
                    ),
                });
            }
            own.put_samples(file, rows.start * nx, samples)
        })
    }
}

impl Own {
    /// The data unit as it will be, read first where it is still as it was.
    pub(super) fn data(&mut self, file: &FitsFile) -> Result<&mut Vec<u8>> {
        let data = match self.data.take() {
            Some(data) => data,
            None => {
                self.hdu.check_whole()?;
                file.reader()?.to_vec(self.hdu.data_offset, self.hdu.data_bytes)?
            }
        };
        Ok(self.data.insert(data))
    }

    fn put_samples<T: Sample>(&mut self, file: &FitsFile, first: usize, samples: &[T]) -> Result<()> {
        if self.hdu.kind() != HduKind::Image || self.hdu.dimensions().is_empty() {
            let found = if self.hdu.has_pixels() {
                "a compressed or constant image"
            } else {
                "no image"
            };
            return Err(Error::WrongKind {
                expected: "pixels that stand in the file",
                found: found.to_owned(),
            });
        }
        let scaling = Scaling::of(&self.header)?;
        let size = scaling.bitpix.unsigned_abs() as usize / 8;
        let data = self.data(file)?;
        let Some(bytes) = data.get_mut(first * size..(first + samples.len()) * size) else {
            let (expected, found) = ("pixels within the image".to_owned(), samples.len().to_string());
            return Err(Error::WrongShape { expected, found });
        };
        scaling.store(samples, bytes)
    }
}
