//! Samples of the inputs and their weights, piece by piece.

mod ivm;

use crate::blocks::Part;
use crate::chip::Chip;
use crate::{BitMask, Error, Result, WeightType};
use firstlight_fits::{Array, FitsFile, HduKind, Sample};
use firstlight_frame::dq::BitSelection;
use ivm::InverseVariance;
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
    /// Where weights are of type IVM.
    ivm: Option<InverseVariance<'c>>,
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
        let (file, imset) = (chip.file(), chip.imset);
        Ok(Self {
            sci: unpacked(file, Some(imset.sci))?,
            err: unpacked(file, imset.err.filter(|_| wants_err))?,
            dq: unpacked(file, imset.dq)?,
        })
    }
}

fn unpacked<T: Sample>(file: &FitsFile, hdu: Option<usize>) -> Result<Option<Array<T>>> {
    let compressed = |hdu: &usize| file.hdus()[*hdu].kind() == HduKind::CompressedImage;
    let hdu = hdu.filter(compressed);
    Ok(hdu.map(|hdu| file.image::<T>(hdu)).transpose()?)
}

/// Some rows and columns of an image of `nx` columns, from what was unpacked of it if anything was.
fn block<T: Sample>(
    file: &FitsFile,
    hdu: usize,
    (whole, nx): (&Option<Array<T>>, usize),
    part: &Part,
) -> Result<Vec<T>> {
    let Part { rows, columns } = part.clone();
    let Some(whole) = whole else {
        return Ok(file.image_block::<T>(hdu, rows, columns)?.data);
    };
    let part = whole.data.as_slice();
    let row = |row: usize| {
        part[row * nx + columns.start..row * nx + columns.end]
            .iter()
            .copied()
    };
    Ok(rows.flat_map(row).collect())
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
            ivm: (kind == WeightType::Ivm)
                .then(|| InverseVariance::new(chip))
                .transpose()?,
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
        let mut weight = match (&self.ivm, self.kind) {
            (Some(ivm), _) => ivm.piece(&part)?,
            (None, WeightType::Err) => {
                let exptime = chip.exptime_s as f32;
                // No error is no knowledge: such pixels get no weight rather than all of it.
                let weight = |err: &f32| if *err > 0.0 { (exptime / err).powi(2) } else { 0.0 };
                err.iter().flatten().map(weight).collect()
            }
            (None, _) => vec![chip.exptime_s as f32; sci.len()],
        };
        if let Some(hdu) = chip.imset.dq.filter(|_| self.has(chip.imset.dq)) {
            let dq = self.read(hdu, &self.whole.dq, &part)?;
            let pixels = weight.iter_mut().zip(dq);
            pulp::Arch::new().dispatch(
                #[inline(always)]
                || {
                    for (weight, dq) in pixels {
                        // The sixteenth bit makes DQ negative as the i16 it is stored in.
                        let good = self.good.is_good(dq as u16 & !self.reset);
                        *weight = if good { *weight } else { 0.0 };
                    }
                },
            );
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
        block(self.chip.file(), hdu, (whole, self.chip.nx), part)
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
