//! Weights of the inputs, strip by strip of detector rows.

use crate::chip::Chip;
use crate::{Error, Result, WeightType};
use firstlight_frame::dq::BitSelection;
use std::ops::Range;

/// Some rows of a chip, ready to be drizzled.
#[derive(Debug)]
pub(crate) struct Strip {
    pub(crate) sci: Vec<f32>,
    pub(crate) weight: Vec<f32>,
    /// Where an error plane is made.
    pub(crate) variance: Option<Vec<f32>>,
}

/// How strips of one chip are read and weighted.
#[derive(Debug)]
pub(crate) struct Weigher<'c> {
    chip: &'c Chip<'c>,
    kind: WeightType,
    good: BitSelection,
    /// DQ bits that are taken as not set.
    reset: u16,
    variance: bool,
    /// Row and column of the flat that the chip's first pixel stands on.
    flat_origin: (usize, usize),
}

impl<'c> Weigher<'c> {
    /// # Errors
    /// [`Error::NoWeights`] where the chip has not what this kind of weights, or an error plane, needs.
    pub(crate) fn new(
        chip: &'c Chip<'c>,
        kind: WeightType,
        good: BitSelection,
        reset: u16,
        variance: bool,
    ) -> Result<Self> {
        let weigher = Self {
            chip,
            kind,
            good,
            reset,
            variance,
            flat_origin: flat_origin(chip)?,
        };
        if kind == WeightType::Err && !weigher.has(chip.imset.err) {
            return Err(weigher.impossible("there is no ERR image"));
        }
        if variance && !weigher.has(chip.imset.err) {
            return Err(weigher.impossible("there is no ERR image to make the error plane from"));
        }
        if kind == WeightType::Ivm && (weigher.background() <= 0.0 || weigher.background().is_nan()) {
            return Err(weigher.impossible("read noise, dark current and sky are all 0"));
        }
        Ok(weigher)
    }

    /// Reads rows of the chip.
    pub(crate) fn strip(&self, rows: Range<usize>) -> Result<Strip> {
        let (chip, file) = (self.chip, self.chip.file());
        let sci = file.image_rows::<f32>(chip.imset.sci, rows.clone())?.data;
        let wants_err = self.variance || self.kind == WeightType::Err;
        let err = match chip.imset.err.filter(|_| wants_err) {
            Some(hdu) => Some(self.rows::<f32>(hdu, rows.clone())?),
            None => None,
        };
        let mut weight = match self.kind {
            WeightType::Exp => vec![chip.exptime_s as f32; sci.len()],
            WeightType::Err => {
                let exptime = chip.exptime_s as f32;
                // No error is no knowledge: such pixels get no weight rather than all of it.
                let weight = |err: &f32| if *err > 0.0 { (exptime / err).powi(2) } else { 0.0 };
                err.iter().flatten().map(weight).collect()
            }
            WeightType::Ivm => self.inverse_variance(rows.clone(), sci.len())?,
        };
        if let Some(hdu) = chip.imset.dq.filter(|_| self.has(chip.imset.dq)) {
            let dq = self.rows::<i32>(hdu, rows)?;
            for (weight, dq) in weight.iter_mut().zip(dq) {
                // The sixteenth bit makes DQ negative as the i16 it is stored in.
                if !self.good.is_good(dq as u16 & !self.reset) {
                    *weight = 0.0;
                }
            }
        }
        let variance = err.filter(|_| self.variance).map(|mut err| {
            err.iter_mut().for_each(|err| *err *= *err);
            err
        });
        Ok(Strip {
            sci,
            weight,
            variance,
        })
    }

    /// Rows of ERR or DQ, which have to be as long as those of SCI.
    fn rows<T: firstlight_fits::Sample>(&self, hdu: usize, rows: Range<usize>) -> Result<Vec<T>> {
        let (chip, file) = (self.chip, self.chip.file());
        let stored = &file.hdus()[hdu];
        let dimensions = stored.constant().map_or_else(
            || stored.dimensions().iter().rev().copied().collect(),
            |(shape, _)| shape,
        );
        if dimensions != [chip.ny, chip.nx] {
            return Err(Error::Frame(firstlight_frame::Error::ShapesDiffer {
                path: file.path().to_owned(),
                hdu: format!("{},{}", stored.name(), stored.version()),
                expected: (chip.ny, chip.nx),
                found: dimensions,
            }));
        }
        Ok(file.image_rows::<T>(hdu, rows)?.data)
    }

    /// `flat² / (dark + sky flat + readnoise²)`.
    fn inverse_variance(&self, rows: Range<usize>, len: usize) -> Result<Vec<f32>> {
        let (dark, sky) = (self.chip.dark_e(), self.chip.sky_e());
        let constant = dark + self.chip.readnoise_e().powi(2);
        let weight = |flat: f32| {
            let flat = f64::from(flat);
            let weight = flat * flat / (constant + sky * flat);
            if weight.is_finite() && weight > 0.0 {
                weight as f32
            } else {
                0.0
            }
        };
        let Some(flat) = &self.chip.member.flat else {
            return Ok(vec![weight(1.0); len]);
        };
        let (y0, x0) = self.flat_origin;
        let array =
            flat.image_rows::<f32>(("SCI", self.chip.imset.version), rows.start + y0..rows.end + y0)?;
        let (_, width) = array.plane()?;
        let wanted = x0..x0 + self.chip.nx;
        if wanted.end > width {
            return Err(self.impossible(&format!("the flat field {} is too small", flat.path().display())));
        }
        Ok(array
            .data
            .chunks_exact(width)
            .flat_map(|row| row[wanted.clone()].iter().copied().map(weight))
            .collect())
    }

    fn background(&self) -> f64 {
        self.chip.dark_e() + self.chip.sky_e() + self.chip.readnoise_e().powi(2)
    }

    /// Whether an HDU is there and has pixels.
    fn has(&self, hdu: Option<usize>) -> bool {
        hdu.is_some_and(|hdu| self.chip.file().hdus()[hdu].has_pixels())
    }

    fn impossible(&self, reason: &str) -> Error {
        Error::NoWeights {
            path: self.chip.file().path().to_owned(),
            version: self.chip.imset.version,
            kind: self.kind,
            reason: reason.to_owned(),
        }
    }
}

/// What weights are multiplied by besides; `ratio` is the size of an output pixel over that of an input pixel.
pub(crate) fn scale(kind: WeightType, wt_scl: f64, exptime_s: f64, ratio: f64) -> f64 {
    match kind {
        WeightType::Exp => wt_scl,
        WeightType::Err => ratio.powi(-4),
        WeightType::Ivm => exptime_s.powi(2) * ratio.powi(-4),
    }
}

/// Where a subarray begins on the flat of the whole detector. LTV counts from the subarray to the detector, so it
/// is negative or 0; a flat of the subarray's own shape is taken as it is.
fn flat_origin(chip: &Chip) -> Result<(usize, usize)> {
    let Some(flat) = &chip.member.flat else {
        return Ok((0, 0));
    };
    let dimensions = flat.hdu(("SCI", chip.imset.version))?.dimensions().to_vec();
    let offset = |keyword, axis: usize, length: usize| {
        let start = -chip.header().real(keyword).unwrap_or(0.0);
        if dimensions.get(axis) == Some(&length) {
            0
        } else {
            start.max(0.0).round() as usize
        }
    };
    Ok((offset("LTV2", 1, chip.ny), offset("LTV1", 0, chip.nx)))
}
