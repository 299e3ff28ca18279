//! Each pixel of the rectified image from where it comes from.

use super::grid::OutputGrid;
use crate::References;
use crate::Result;
use crate::stis::interpolation::{bilinear, nearest};
use crate::stis::tables::apdestab::Aperture;
use crate::stis::tables::disptab::Dispersions;
use crate::stis::tables::inangtab::IncidenceAngle;
use crate::stis::tables::sptrctab::Traces;
use crate::stis::{SpectralImset, SpectralMode};
use firstlight_frame::{Frame, Image};
use rayon::prelude::*;

/// The angle of the slit that dispersion relations are measured with, degrees.
const REFERENCE_ANGLE: f64 = 0.315;

/// From the pixels of a rectified image to the detector.
#[derive(Debug)]
pub struct Map<'a> {
    imset: &'a SpectralImset,
    grid: &'a OutputGrid,
    dispersions: Dispersions,
    traces: Traces,
    angle: IncidenceAngle,
    /// Offset of the aperture from the one of the dispersion relations, arcsec.
    beside_arcsec: f64,
    /// By how much the image lies higher on the detector, lines.
    up: f64,
    /// Slope of the slit beyond that of the dispersion relations.
    tilt: f64,
}

impl<'a> Map<'a> {
    /// By DISPTAB, INANGTAB, SPTRCTAB and APDESTAB.
    ///
    /// # Errors
    /// [`crate::Error::NoReference`], [`crate::Error::NoRow`], [`crate::Error::ReferenceTable`] and
    /// [`crate::Error::ReferenceValue`] of the tables.
    pub fn of(
        mode: &SpectralMode,
        imset: &'a SpectralImset,
        aperture: &Aperture,
        grid: &'a OutputGrid,
        references: &References,
    ) -> Result<Self> {
        let table = |keyword| references.require("X2DCORR", keyword);
        let dispersions = Dispersions::of(mode, table("DISPTAB")?)?;
        let measured_with = Aperture::of(&dispersions.ref_aper, table("APDESTAB")?)?;
        let degree = std::f64::consts::FRAC_PI_2 / 90.0;
        Ok(Self {
            imset,
            grid,
            traces: Traces::of(mode, imset.expstart, table("SPTRCTAB")?)?,
            angle: IncidenceAngle::of(mode, table("INANGTAB")?)?,
            beside_arcsec: aperture.offset_arcsec.0 - measured_with.offset_arcsec.0,
            up: imset.shift.1 + aperture.offset_arcsec.1 / grid.scale_arcsec.1,
            tilt: (aperture.angle_deg * degree).tan() - (REFERENCE_ANGLE * degree).tan(),
            dispersions,
        })
    }

    /// Interpolates the image at each pixel's place; wavelengths of the grid are observed ones times `factor`. Places off
    /// the image are 0 with DQ 4.
    pub fn rectify(&self, frame: &Frame, factor: f64) -> Frame {
        let (nx, ny) = self.grid.npix;
        let mut rectified = Frame {
            sci: Image::filled(ny, nx, 0.0),
            err: Image::filled(ny, nx, 0.0),
            dq: Image::filled(ny, nx, 0),
        };
        let sci = rectified.sci.as_mut_slice().par_chunks_mut(nx);
        let err = rectified.err.as_mut_slice().par_chunks_mut(nx);
        let dq = rectified.dq.as_mut_slice().par_chunks_mut(nx);
        sci.zip(err)
            .zip(dq)
            .enumerate()
            .for_each(|(y, ((sci, err), dq))| {
                self.row(frame, factor, y, |x, sample| {
                    (sci[x], err[x], dq[x]) = (sample.sci, sample.err, sample.dq);
                });
            });
        rectified
    }

    fn row(
        &self,
        frame: &Frame,
        factor: f64,
        y: usize,
        mut put: impl FnMut(usize, crate::stis::interpolation::Sample),
    ) {
        let from_middle = (y as f64 - self.grid.crpix.1) / self.imset.ltm.1;
        let line = from_middle + self.grid.a2center + self.up;
        let mut dispersion = self.dispersions.at(line);
        dispersion.coefficients[0] += from_middle * self.tilt;
        self.angle
            .apply(&mut dispersion, self.beside_arcsec, self.imset.shift.0);
        let trace = self.traces.at(line);
        for x in 0..self.grid.npix.0 {
            let column = dispersion.column(self.grid.wavelength(x) / factor);
            let on_detector = line + trace.displacement(nearest(column));
            let at_x = column * self.imset.ltm.0 + self.imset.ltv.0;
            put(x, bilinear(frame, at_x, self.imset.image_y(on_detector)));
        }
    }
}
