//! Images whose rows are written when they are ready, in any order.

use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::marker::PhantomData;
use std::sync::PoisonError;

use super::{AtomicFile, FitsWriter, Role, Structure};
use crate::hdu::padded;
use crate::{Error, Header, Result, Sample, checksum};

/// An image of a [`FitsWriter`] whose rows are still to be written.
#[derive(Debug)]
pub struct ImageRows<T> {
    /// What its header owes to its data, where it begins, and its bytes.
    structure: Structure,
    start: u64,
    header_bytes: usize,
    /// Offset of its data.
    data: u64,
    nx: usize,
    /// Rows of all planes.
    ny: usize,
    sample: PhantomData<T>,
}

/// Where header and data of a reserved image are.
#[derive(Debug)]
pub(super) struct Unsummed {
    header: Header,
    start: u64,
    data: u64,
    end: u64,
}

impl FitsWriter {
    /// An image of `shape` `[…, ny, nx]` whose rows are written later, in any order and from several threads at
    /// once, with [`FitsWriter::rows`]; those of several planes count on from one to the next. Each is written once;
    /// those that never are are zeros, as they stand in the file. Long runs of zeros are holes of the file, where the file
    /// system has such, which take no room. Other HDUs may follow in the meantime.
    ///
    /// # Errors
    /// [`Error::TooLarge`] for a size beyond counting; [`Error::Io`].
    pub fn reserve_image<T: Sample>(&mut self, header: &Header, shape: &[usize]) -> Result<ImageRows<T>> {
        let too_large = Error::TooLarge { bytes: u64::MAX };
        let samples = shape
            .iter()
            .try_fold(1, |n: u64, &axis| n.checked_mul(axis as u64));
        let bytes = samples
            .and_then(|n| n.checked_mul(T::SIZE as u64))
            .filter(|bytes| *bytes < i64::MAX as u64 / 2)
            .ok_or(too_large)?;
        let axes: Vec<usize> = shape.iter().rev().copied().collect();
        let (nx, ny) = (axes.first().copied().unwrap_or(0), axes.iter().skip(1).product());
        let structure = Structure::image(T::BITPIX, &axes, T::BZERO);
        let mut header = structure.header(header, self.role(), Vec::new())?;
        if self.checksums {
            checksum::reserve(&mut header)?;
        }
        let start = self.position;
        self.write(&header.to_bytes())?;
        let header_bytes = (self.position - start) as usize;
        let data = self.position;
        self.position += padded(bytes);
        let seek = |output: &mut BufWriter<AtomicFile>| {
            output.seek(SeekFrom::Start(self.position))?;
            // The file is as long as it will be, whatever is written into it.
            output.get_mut().set_length(self.position)
        };
        seek(&mut self.output).map_err(Error::io("write", &self.path))?;
        if self.checksums {
            self.unsummed.push(Unsummed {
                header,
                start,
                data,
                end: self.position,
            });
        }
        self.hdus += 1;
        Ok(ImageRows {
            structure,
            start,
            header_bytes,
            data,
            nx,
            ny,
            sample: PhantomData,
        })
    }

    /// Writes rows of a reserved image, from row `first` on.
    ///
    /// # Errors
    /// [`Error::WrongShape`] where the samples are not whole rows of the image; [`Error::Io`].
    pub fn rows<T: Sample>(&self, image: &ImageRows<T>, first: usize, samples: &[T]) -> Result<()> {
        self.rows_from(image, first, samples.iter().copied())
    }

    /// As [`FitsWriter::rows`] for samples that come one after another.
    ///
    /// # Errors
    /// As [`FitsWriter::rows`].
    pub fn rows_from<T: Sample>(
        &self,
        image: &ImageRows<T>,
        first: usize,
        samples: impl ExactSizeIterator<Item = T>,
    ) -> Result<()> {
        let rows = samples.len().checked_div(image.nx).unwrap_or(0);
        if rows * image.nx != samples.len() || first.checked_add(rows).is_none_or(|end| end > image.ny) {
            return Err(Error::WrongShape {
                expected: format!("whole rows of {} samples, {} in all", image.nx, image.ny),
                found: format!("{} samples from row {first} on", samples.len()),
            }
            .in_hdu(&self.path, self.hdus.saturating_sub(1)));
        }
        let offset = image.data + (first as u64 * image.nx as u64) * T::SIZE as u64;
        let spare = || self.spare.lock().unwrap_or_else(PoisonError::into_inner);
        let mut bytes = spare().pop().unwrap_or_default();
        bytes.resize(samples.len() * T::SIZE, 0);
        super::put(samples, &mut bytes);
        let written = self.output.get_ref().write_over_zeros(&bytes, offset);
        spare().push(bytes);
        written.map_err(Error::io("write", &self.path))
    }

    /// Replaces the header of a reserved image by one that takes as much room, as one does that differs in values alone.
    /// Tells whether it could; not in files with checksums.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn replace_header<T>(&mut self, image: &ImageRows<T>, header: &Header) -> Result<bool> {
        let role = match image.start {
            0 => Role::Primary,
            _ => Role::Extension,
        };
        let header = image.structure.header(header, role, Vec::new())?;
        self.replace(&header, image.start, image.header_bytes)
    }

    /// As [`FitsWriter::replace_header`] for the primary HDU of [`FitsWriter::empty_primary`].
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn replace_primary(&mut self, header: &Header) -> Result<bool> {
        let header = Structure::image(8, &[], 0.0).header(header, Role::Primary, Vec::new())?;
        self.replace(&header, 0, self.empty_primary_bytes)
    }

    fn replace(&mut self, header: &Header, start: u64, room: usize) -> Result<bool> {
        let bytes = header.to_bytes();
        if bytes.len() != room || self.checksums {
            return Ok(false);
        }
        // What is still to be written must not come after it.
        let written = self.output.flush();
        written
            .and_then(|()| self.output.get_ref().write_at(&bytes, start))
            .map_err(Error::io("write", &self.path))?;
        Ok(true)
    }

    /// Checksums of the reserved images, now that their rows are there.
    pub(super) fn sum_reserved(&mut self) -> Result<()> {
        for mut image in std::mem::take(&mut self.unsummed) {
            let sum = self.sum_between(image.data, image.end);
            let sum = sum.map_err(Error::io("read", &self.path))?;
            let filled = checksum::fill(&mut image.header, sum, (image.data - image.start) as usize)?;
            let written = self.output.get_ref().write_at(&filled, image.start);
            written.map_err(Error::io("write", &self.path))?;
        }
        Ok(())
    }

    /// The sum of what is in the file between two offsets.
    fn sum_between(&mut self, start: u64, end: u64) -> std::io::Result<u32> {
        self.output.flush()?;
        let (mut sum, mut bytes) = (0, Vec::new());
        for at in (start..end).step_by(1 << 20) {
            bytes.resize((end - at).min(1 << 20) as usize, 0);
            self.output.get_ref().read_at(&mut bytes, at)?;
            sum = checksum::add(sum, checksum::sum_of(&bytes));
        }
        Ok(sum)
    }
}
