//! One SCI image of an exposure, with all that the combination has to know of it.

use crate::Result;
use firstlight_fits::{FitsFile, Header};
use firstlight_frame::{Detector, Exposure, Imset};
use firstlight_wcs::Wcs;
use firstlight_wcs::output::natural_scale_arcsec;

/// An input to the combination.
#[derive(Debug)]
pub struct Member {
    /// The exposure.
    pub exposure: Exposure,
    /// The flat field it was divided by; needed for weights of type IVM, 1 everywhere where `None`.
    pub flat: Option<FitsFile>,
}

/// One SCI image.
#[derive(Debug)]
pub(crate) struct Chip<'m> {
    pub(crate) member: &'m Member,
    pub(crate) imset: &'m Imset,
    pub(crate) ny: usize,
    pub(crate) nx: usize,
    pub(crate) exptime_s: f64,
    /// BUNIT, or what stands for it where it is absent or a flux density.
    pub(crate) bunit: String,
    pub(crate) wcs: Wcs,
    /// Size of an undistorted pixel.
    pub(crate) natural_scale_arcsec: f64,
}

impl<'m> Chip<'m> {
    pub(crate) fn new(member: &'m Member, imset: &'m Imset) -> Result<Self> {
        let exposure = &member.exposure;
        let (ny, nx) = exposure.shape(imset.version)?;
        let header = exposure.sci_header(imset.version)?;
        let wcs = Wcs::from_file(exposure.file(), imset.sci, None)?;
        Ok(Self {
            member,
            imset,
            ny,
            nx,
            exptime_s: exposure.exptime_s(imset.version)?,
            bunit: bunit(header),
            natural_scale_arcsec: natural_scale_arcsec(&wcs),
            wcs,
        })
    }

    pub(crate) fn file(&self) -> &FitsFile {
        self.member.exposure.file()
    }

    /// The SCI header.
    pub(crate) fn header(&self) -> &Header {
        self.file().hdus()[self.imset.sci].header()
    }

    /// Whether the samples are totals rather than rates.
    pub(crate) fn in_counts(&self) -> bool {
        !self.bunit.to_ascii_lowercase().contains("/s")
    }

    /// EXPNAME, the exposure this belongs to.
    pub(crate) fn expname(&self) -> String {
        self.header()
            .text("EXPNAME")
            .unwrap_or_else(|| self.member.exposure.rootname())
    }

    /// EXPSTART and EXPEND, MJD; 0 where there are none.
    pub(crate) fn span_mjd(&self) -> (f64, f64) {
        let read = |keyword| {
            self.member
                .exposure
                .real(keyword, self.imset.version)
                .unwrap_or(0.0)
        };
        (read("EXPSTART"), read("EXPEND"))
    }

    /// What the sky-subtraction step recorded; nothing is subtracted here.
    pub(crate) fn sky_e(&self) -> f64 {
        self.header().real("MDRIZSKY").unwrap_or(0.0)
    }

    /// Read noise, electrons: the mean over the amplifiers that have one.
    pub(crate) fn readnoise_e(&self) -> f64 {
        if *self.member.exposure.detector() == Detector::AcsSbc {
            return 0.0;
        }
        let primary = self.member.exposure.primary();
        let amplifiers = ["READNSEA", "READNSEB", "READNSEC", "READNSED"];
        let noises: Vec<f64> = amplifiers
            .iter()
            .filter_map(|k| primary.real(k))
            .filter(|n| *n != 0.0)
            .collect();
        if noises.is_empty() {
            0.0
        } else {
            noises.iter().sum::<f64>() / noises.len() as f64
        }
    }

    /// Mean dark current, electrons.
    pub(crate) fn dark_e(&self) -> f64 {
        self.header().real("MEANDARK").unwrap_or(0.0)
    }
}

/// BUNIT; a flux density says nothing of counts and stands for a rate of electrons, as does nothing at all.
fn bunit(header: &Header) -> String {
    header
        .text("BUNIT")
        .map(|unit| unit.trim().to_owned())
        .filter(|unit| !unit.is_empty() && !unit.contains("ergs"))
        .unwrap_or_else(|| "ELECTRONS/S".to_owned())
}
