//! An exposure to be combined: its headers, and its pixels row by row, from memory or from a file.

use crate::Result;
use crate::acs::Observation;
use firstlight_frame::fits::{Hdu, Header, Sample};
use firstlight_frame::{Error as FrameError, Exposure};
use std::borrow::Cow;
use std::ops::Range;

/// An exposure that is combined with others. Imsets are counted from 0 in the order of the exposure; rows of pixels are
/// asked for as ranges, and come one after another.
pub trait Member: Sync {
    /// What messages call it.
    fn name(&self) -> String;
    /// The primary header.
    fn primary(&self) -> &Header;
    /// How many imsets there are.
    fn imsets(&self) -> usize;
    /// EXTVER of an imset.
    fn version(&self, imset: usize) -> i64;
    /// The headers of SCI, ERR and DQ; empty where one is absent.
    fn headers(&self, imset: usize) -> [Header; 3];
    /// The shape `(ny, nx)` of an imset, which its SCI, ERR and DQ have alike.
    ///
    /// # Errors
    /// Where they differ, or there is no image.
    fn shape(&self, imset: usize) -> Result<(usize, usize)>;
    /// Rows of SCI.
    ///
    /// # Errors
    /// Where they cannot be read.
    fn sci(&self, imset: usize, rows: Range<usize>) -> Result<Cow<'_, [f32]>>;
    /// Rows of ERR; zero where there is none.
    ///
    /// # Errors
    /// As [`Member::sci`].
    fn err(&self, imset: usize, rows: Range<usize>) -> Result<Cow<'_, [f32]>>;
    /// Rows of DQ; zero where there is none.
    ///
    /// # Errors
    /// As [`Member::sci`].
    fn dq(&self, imset: usize, rows: Range<usize>) -> Result<Cow<'_, [u16]>>;
}

/// Rows of an image in memory.
fn of_memory<T: Clone>(image: &firstlight_frame::Image<T>, rows: Range<usize>) -> Cow<'_, [T]> {
    let nx = image.nx();
    let end = rows.end.min(image.ny());
    Cow::Borrowed(&image.as_slice()[rows.start.min(end) * nx..end * nx])
}

impl Member for Observation {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn primary(&self) -> &Header {
        &self.primary
    }

    fn imsets(&self) -> usize {
        self.chips.len()
    }

    fn version(&self, imset: usize) -> i64 {
        self.chips[imset].version
    }

    fn headers(&self, imset: usize) -> [Header; 3] {
        let chip = &self.chips[imset];
        [chip.sci.clone(), chip.err.clone(), chip.dq.clone()]
    }

    fn shape(&self, imset: usize) -> Result<(usize, usize)> {
        let frame = &self.chips[imset].frame;
        let expected = frame.sci.shape();
        for (plane, found) in [("ERR", frame.err.shape()), ("DQ", frame.dq.shape())] {
            if found != expected {
                return Err(crate::Error::Shape {
                    what: format!("{plane} of {}", self.name),
                    expected,
                    found,
                });
            }
        }
        Ok(expected)
    }

    fn sci(&self, imset: usize, rows: Range<usize>) -> Result<Cow<'_, [f32]>> {
        Ok(of_memory(&self.chips[imset].frame.sci, rows))
    }

    fn err(&self, imset: usize, rows: Range<usize>) -> Result<Cow<'_, [f32]>> {
        Ok(of_memory(&self.chips[imset].frame.err, rows))
    }

    fn dq(&self, imset: usize, rows: Range<usize>) -> Result<Cow<'_, [u16]>> {
        Ok(of_memory(&self.chips[imset].frame.dq, rows))
    }
}

impl Member for Exposure {
    fn name(&self) -> String {
        self.path().display().to_string()
    }

    fn primary(&self) -> &Header {
        Exposure::primary(self)
    }

    fn imsets(&self) -> usize {
        Exposure::imsets(self).len()
    }

    fn version(&self, imset: usize) -> i64 {
        Exposure::imsets(self)[imset].version
    }

    fn headers(&self, imset: usize) -> [Header; 3] {
        let planes = &Exposure::imsets(self)[imset];
        [Some(planes.sci), planes.err, planes.dq].map(|index| match index {
            Some(index) => self.file().hdus()[index].header().clone(),
            None => Header::new(),
        })
    }

    fn shape(&self, imset: usize) -> Result<(usize, usize)> {
        let planes = &Exposure::imsets(self)[imset];
        let (ny, nx) = Exposure::shape(self, planes.version)?;
        for index in [planes.err, planes.dq].into_iter().flatten() {
            let hdu = &self.file().hdus()[index];
            let found = match hdu.constant() {
                Some((shape, _)) => shape,
                None => hdu.dimensions().iter().rev().copied().collect(),
            };
            if hdu.has_pixels() && found != [ny, nx] {
                let error = FrameError::ShapesDiffer {
                    path: self.path().to_owned(),
                    hdu: format!("{},{}", hdu.name(), hdu.version()),
                    expected: (ny, nx),
                    found,
                };
                return Err(error.into());
            }
        }
        Ok((ny, nx))
    }

    fn sci(&self, imset: usize, rows: Range<usize>) -> Result<Cow<'_, [f32]>> {
        of_file(self, Some(Exposure::imsets(self)[imset].sci), imset, rows).map(Cow::Owned)
    }

    fn err(&self, imset: usize, rows: Range<usize>) -> Result<Cow<'_, [f32]>> {
        of_file(self, Exposure::imsets(self)[imset].err, imset, rows).map(Cow::Owned)
    }

    fn dq(&self, imset: usize, rows: Range<usize>) -> Result<Cow<'_, [u16]>> {
        // The sixteenth bit makes DQ negative as the i16 it is stored in.
        let dq: Vec<i32> = of_file(self, Exposure::imsets(self)[imset].dq, imset, rows)?;
        Ok(Cow::Owned(dq.into_iter().map(|bits| bits as u16).collect()))
    }
}

/// Rows of one HDU; zero where it is absent or was never filled.
fn of_file<T: Sample>(
    exposure: &Exposure,
    index: Option<usize>,
    imset: usize,
    rows: Range<usize>,
) -> Result<Vec<T>> {
    let hdus = exposure.file().hdus();
    match index.filter(|&index| Hdu::has_pixels(&hdus[index])) {
        Some(index) => Ok(exposure
            .file()
            .image_rows(index, rows)
            .map_err(FrameError::from)?
            .data),
        None => {
            let (_, nx) = exposure.shape(Exposure::imsets(exposure)[imset].version)?;
            Ok(vec![T::default(); rows.len() * nx])
        }
    }
}
