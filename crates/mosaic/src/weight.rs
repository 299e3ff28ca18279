//! Samples of the inputs and their weights, piece by piece.

use crate::blocks::Part;
use crate::chip::Chip;
use crate::{BitMask, Error, Result, WeightType};
use firstlight_fits::{Array, HduKind, Sample};
use firstlight_frame::dq::BitSelection;
use std::ops::Range;
use std::path::Path;

/// Some rows and columns of a chip, ready to be drizzled.
#[derive(Debug)]
pub(crate) struct Piece {
    pub(crate) sci: Vec<f32>,
    pub(crate) weight: Vec<f32>,
    /// Where an error plane is made.
    pub(crate) variance: Option<Vec<f32>>,
}

impl Piece {
    /// Whether there is a finite sample with weight.
    pub(crate) fn any_good(&self) -> bool {
        let mut samples = self.sci.iter().zip(&self.weight);
        samples.any(|(value, weight)| value.is_finite() && *weight > 0.0 && weight.is_finite())
    }
}

/// What samples are weighted by, and which get no weight.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Weighing {
    pub(crate) kind: WeightType,
    /// DQ values that are good.
    pub(crate) good: BitSelection,
    /// DQ bits that are taken as not set.
    pub(crate) reset: u16,
    /// Whether variance is wanted.
    pub(crate) variance: bool,
    /// Whether cosmic rays are left out.
    pub(crate) cosmic_rays: bool,
}

/// How pieces of one chip are read and weighted.
#[derive(Debug)]
pub(crate) struct Weigher<'c> {
    chip: &'c Chip<'c>,
    kind: WeightType,
    good: BitSelection,
    /// DQ bits that are taken as not set.
    reset: u16,
    variance: bool,
    /// Pixels besides that get no weight.
    masks: [Option<&'c BitMask>; 2],
    /// Whether weights or variance are made from ERR.
    wants_err: bool,
    whole: Whole,
    /// Row and column of the flat that the chip's first pixel stands on.
    flat_origin: (usize, usize),
}

/// Planes of compressed images, which are unpacked once rather than tile by tile again and again.
#[derive(Debug)]
struct Whole {
    sci: Option<Array<f32>>,
    err: Option<Array<f32>>,
    dq: Option<Array<i32>>,
}

impl Whole {
    fn new(chip: &Chip, wants_err: bool) -> Result<Self> {
        let imset = chip.imset;
        Ok(Self {
            sci: unpacked(chip, Some(imset.sci))?,
            err: unpacked(chip, imset.err.filter(|_| wants_err))?,
            dq: unpacked(chip, imset.dq)?,
        })
    }
}

fn unpacked<T: Sample>(chip: &Chip, hdu: Option<usize>) -> Result<Option<Array<T>>> {
    let compressed = |hdu: &usize| chip.file().hdus()[*hdu].kind() == HduKind::CompressedImage;
    let hdu = hdu.filter(compressed);
    Ok(hdu.map(|hdu| chip.file().image::<T>(hdu)).transpose()?)
}

impl<'c> Weigher<'c> {
    /// # Errors
    /// [`Error::NoWeights`] where the chip has not what this kind of weights, or an error plane, needs.
    pub(crate) fn new(chip: &'c Chip<'c>, weighing: Weighing) -> Result<Self> {
        let Weighing { kind, variance, .. } = weighing;
        let wants_err = variance || kind == WeightType::Err;
        let masks = [
            chip.static_mask.as_deref(),
            chip.cosmic_rays.as_ref().filter(|_| weighing.cosmic_rays),
        ];
        let weigher = Self {
            chip,
            kind,
            good: weighing.good,
            reset: weighing.reset,
            variance,
            masks,
            whole: Whole::new(chip, wants_err)?,
            wants_err,
            flat_origin: flat_origin(chip)?,
        };
        if kind == WeightType::Err && !weigher.has(chip.imset.err) {
            return Err(weigher.impossible("there is no ERR image"));
        }
        if variance && !weigher.has(chip.imset.err) {
            return Err(weigher.impossible("there is no ERR image to make the error plane from"));
        }
        if wants_err {
            weigher.check_shape(chip.imset.err)?;
        }
        weigher.check_shape(chip.imset.dq)?;
        if let (WeightType::Ivm, Some(flat)) = (kind, &chip.member.flat) {
            let size = flat.hdu(("SCI", chip.imset.version))?.dimensions();
            let (y0, x0) = weigher.flat_origin;
            let reaches = |axis: usize, end: usize| size.get(axis).is_some_and(|length| *length >= end);
            if !(reaches(0, x0 + chip.nx) && reaches(1, y0 + chip.ny)) {
                let reason = format!("the flat field {} is too small", flat.path().display());
                return Err(weigher.impossible(&reason));
            }
        }
        if kind == WeightType::Ivm && (weigher.background() <= 0.0 || weigher.background().is_nan()) {
            return Err(weigher.impossible("read noise, dark current and sky are all 0"));
        }
        Ok(weigher)
    }

    /// The file.
    pub(crate) fn path(&self) -> &Path {
        self.chip.file().path()
    }

    /// Reads some rows and columns of the chip.
    pub(crate) fn piece(&self, rows: Range<usize>, columns: Range<usize>) -> Result<Piece> {
        let chip = self.chip;
        let part = Part { rows, columns };
        let mut sci = self.read(chip.imset.sci, &self.whole.sci, &part)?;
        self.to_electrons(&mut sci);
        let err = match chip.imset.err.filter(|_| self.wants_err) {
            Some(hdu) => Some(self.read(hdu, &self.whole.err, &part)?),
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
            WeightType::Ivm => self.inverse_variance(&part)?,
        };
        if let Some(hdu) = chip.imset.dq.filter(|_| self.has(chip.imset.dq)) {
            let dq = self.read(hdu, &self.whole.dq, &part)?;
            for (weight, dq) in weight.iter_mut().zip(dq) {
                // The sixteenth bit makes DQ negative as the i16 it is stored in.
                if !self.good.is_good(dq as u16 & !self.reset) {
                    *weight = 0.0;
                }
            }
        }
        for mask in self.masks.iter().flatten() {
            leave_out(mask, &part, &mut weight);
        }
        let factor = chip.electrons.factor as f32;
        let variance = err.filter(|_| self.variance).map(|mut err| {
            err.iter_mut().for_each(|err| *err = (*err * factor).powi(2));
            err
        });
        Ok(Piece {
            sci,
            weight,
            variance,
        })
    }

    /// The sky taken off and counts made electrons, in single precision as the files are.
    fn to_electrons(&self, sci: &mut [f32]) {
        if let Some(sky) = self.chip.sky {
            let sky = sky as f32;
            sci.iter_mut().for_each(|value| *value -= sky);
        }
        let factor = self.chip.electrons.factor as f32;
        if factor != 1.0 {
            sci.iter_mut().for_each(|value| *value *= factor);
        }
    }

    fn read<T: Sample>(&self, hdu: usize, whole: &Option<Array<T>>, part: &Part) -> Result<Vec<T>> {
        let Part { rows, columns } = part.clone();
        let Some(whole) = whole else {
            return Ok(self.chip.file().image_block::<T>(hdu, rows, columns)?.data);
        };
        let (nx, part) = (self.chip.nx, whole.data.as_slice());
        let row = |row: usize| {
            part[row * nx + columns.start..row * nx + columns.end]
                .iter()
                .copied()
        };
        Ok(rows.flat_map(row).collect())
    }

    /// ERR and DQ have to be as large as SCI.
    fn check_shape(&self, hdu: Option<usize>) -> Result<()> {
        let Some(hdu) = hdu.filter(|_| self.has(hdu)) else {
            return Ok(());
        };
        let (chip, file) = (self.chip, self.chip.file());
        let stored = &file.hdus()[hdu];
        let dimensions = stored.constant().map_or_else(
            || stored.dimensions().iter().rev().copied().collect(),
            |(shape, _)| shape,
        );
        if dimensions == [chip.ny, chip.nx] {
            return Ok(());
        }
        Err(Error::Frame(firstlight_frame::Error::ShapesDiffer {
            path: file.path().to_owned(),
            hdu: format!("{},{}", stored.name(), stored.version()),
            expected: (chip.ny, chip.nx),
            found: dimensions,
        }))
    }

    /// `flat² / (dark + sky flat + readnoise²)`.
    fn inverse_variance(&self, part: &Part) -> Result<Vec<f32>> {
        let (dark, sky) = (self.chip.electrons.dark_e, self.chip.subtracted_sky);
        let constant = dark + self.chip.electrons.readnoise_e.powi(2);
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
            return Ok(vec![weight(1.0); part.rows.len() * part.columns.len()]);
        };
        let (y0, x0) = self.flat_origin;
        let rows = part.rows.start + y0..part.rows.end + y0;
        let columns = part.columns.start + x0..part.columns.end + x0;
        let selector = ("SCI", self.chip.imset.version);
        let flat = flat.image_block::<f32>(selector, rows, columns)?;
        Ok(flat.data.into_iter().map(weight).collect())
    }

    fn background(&self) -> f64 {
        let of = &self.chip.electrons;
        of.dark_e + self.chip.subtracted_sky + of.readnoise_e.powi(2)
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

/// Takes the weight of the pixels of a part that are masked.
fn leave_out(mask: &BitMask, part: &Part, weight: &mut [f32]) {
    let nx = part.columns.len().max(1);
    for (y, weights) in part.rows.clone().zip(weight.chunks_mut(nx)) {
        mask.marked(y, part.columns.clone())
            .for_each(|x| weights[x] = 0.0);
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
