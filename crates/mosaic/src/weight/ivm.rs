//! Weights of type IVM: from a map of the user's own, or made of the flat field and the noise of the background.

use super::{block, unpacked};
use crate::blocks::Part;
use crate::chip::Chip;
use crate::{Error, Result, WeightType};
use firstlight_fits::{Array, FitsFile};

/// EXTNAME of the images in a map of the user's own.
const EXTNAME: &str = "IVM";

/// Where the inverse variance of a chip's pixels comes from.
#[derive(Debug)]
pub(super) struct InverseVariance<'c> {
    chip: &'c Chip<'c>,
    origin: Origin<'c>,
}

#[derive(Debug)]
enum Origin<'c> {
    /// An image of the user's map, and its pixels where they are compressed.
    Given {
        map: &'c FitsFile,
        hdu: usize,
        whole: Option<Array<f32>>,
    },
    /// A flat field, and the row and column of it that the chip's first pixel stands on.
    Flat(&'c FitsFile, (usize, usize)),
    /// The same for all pixels.
    Background,
}

impl<'c> InverseVariance<'c> {
    /// # Errors
    /// [`Error::NoWeights`] where the map has no image for the chip or one of another shape, where the flat field is
    /// too small, and where a map is to be made for a chip without any noise.
    pub(super) fn new(chip: &'c Chip<'c>) -> Result<Self> {
        let origin = match (&chip.member.ivm, &chip.member.flat) {
            (Some(map), _) => given(chip, map)?,
            (None, Some(flat)) => Origin::Flat(flat, flat_origin(chip, flat)?),
            (None, None) => Origin::Background,
        };
        let made = Self { chip, origin };
        let of = &chip.electrons;
        let background = of.dark_e + chip.subtracted_sky + of.readnoise_e.powi(2);
        if !made.is_given() && (background <= 0.0 || background.is_nan()) {
            return Err(impossible(chip, "read noise, dark current and sky are all 0"));
        }
        Ok(made)
    }

    fn is_given(&self) -> bool {
        matches!(self.origin, Origin::Given { .. })
    }

    /// The weights of some pixels; 0 where a map is not above 0 or not finite.
    pub(super) fn piece(&self, part: &Part) -> Result<Vec<f32>> {
        let nx = self.chip.nx;
        let mut weights = match &self.origin {
            Origin::Given { map, hdu, whole } => block(map, *hdu, (whole, nx), part)?,
            Origin::Flat(flat, (y0, x0)) => {
                let rows = part.rows.start + y0..part.rows.end + y0;
                let columns = part.columns.start + x0..part.columns.end + x0;
                let selector = ("SCI", self.chip.imset.version);
                let mut values = flat.image_block::<f32>(selector, rows, columns)?.data;
                values.iter_mut().for_each(|value| *value = self.made(*value));
                values
            }
            Origin::Background => vec![self.made(1.0); part.rows.len() * part.columns.len()],
        };
        let unusable = |weight: &f32| !(weight.is_finite() && *weight > 0.0);
        let bad = weights.iter_mut().filter(|weight| unusable(weight));
        bad.for_each(|weight| *weight = 0.0);
        Ok(weights)
    }

    /// `flat² / (dark + sky flat + readnoise²)`.
    fn made(&self, flat: f32) -> f32 {
        let (of, flat) = (&self.chip.electrons, f64::from(flat));
        let constant = of.dark_e + of.readnoise_e.powi(2);
        (flat * flat / (constant + self.chip.subtracted_sky * flat)) as f32
    }
}

/// The image of a user's map for a chip: `IVM` of the same EXTVER as its SCI.
fn given<'c>(chip: &Chip, map: &'c FitsFile) -> Result<Origin<'c>> {
    let version = chip.imset.version;
    let named = map.hdus().iter().find(|hdu| {
        hdu.name().eq_ignore_ascii_case(EXTNAME)
            && hdu.version() == version
            && (hdu.has_pixels() || hdu.constant().is_some())
    });
    let path = map.path().display();
    let Some(hdu) = named else {
        let there: Vec<String> = map
            .hdus()
            .iter()
            .skip(1)
            .map(|hdu| format!("{},{}", hdu.name(), hdu.version()))
            .collect();
        let there = match there.as_slice() {
            [] => "no extension".to_owned(),
            some => some.join(" "),
        };
        let reason = format!("{path} has no image {EXTNAME},{version}, it has {there}");
        return Err(impossible(chip, &reason));
    };
    let shape = hdu.constant().map_or_else(
        || hdu.dimensions().iter().rev().copied().collect(),
        |(shape, _)| shape,
    );
    if shape != [chip.ny, chip.nx] {
        let reason = format!(
            "{EXTNAME},{version} of {path} is of shape {shape:?}, but ({}, {}) is needed",
            chip.ny, chip.nx
        );
        return Err(impossible(chip, &reason));
    }
    Ok(Origin::Given {
        map,
        hdu: hdu.index(),
        whole: unpacked(map, Some(hdu.index()))?,
    })
}

/// Where a subarray begins on the flat of the whole detector. LTV counts from the subarray to the detector, so it
/// is negative or 0; a flat of the subarray's own shape is taken as it is.
fn flat_origin(chip: &Chip, flat: &FitsFile) -> Result<(usize, usize)> {
    let dimensions = flat.hdu(("SCI", chip.imset.version))?.dimensions().to_vec();
    let offset = |keyword, axis: usize, length: usize| {
        let start = -chip.header().real(keyword).unwrap_or(0.0);
        if dimensions.get(axis) == Some(&length) {
            0
        } else {
            start.max(0.0).round() as usize
        }
    };
    let (y0, x0) = (offset("LTV2", 1, chip.ny), offset("LTV1", 0, chip.nx));
    let reaches = |axis: usize, end: usize| dimensions.get(axis).is_some_and(|length| *length >= end);
    if !(reaches(0, x0.saturating_add(chip.nx)) && reaches(1, y0.saturating_add(chip.ny))) {
        let reason = format!("the flat field {} is too small", flat.path().display());
        return Err(impossible(chip, &reason));
    }
    Ok((y0, x0))
}

fn impossible(chip: &Chip, reason: &str) -> Error {
    Error::NoWeights {
        path: chip.file().path().to_owned(),
        version: chip.imset.version,
        kind: WeightType::Ivm,
        reason: reason.to_owned(),
    }
}
