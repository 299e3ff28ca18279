//! The darks of a superdark, all chips of the detector.

use super::basedark::baseline;
use super::camera::Camera;
use super::frames::DarkFrames;
use super::header::Kind;
use super::stis::Content;
use super::weekdark::brought_up;
use super::{
    Baseline, CcdDark, Combination, DarkSource, HotPixels, Superdark, SuperdarkReport, acs, any, stis,
};
use crate::stis::ocrreject::OcrrejectOptions;
use crate::{Error, References, Result};

/// Darks that belong together.
#[derive(Debug)]
pub struct Darks {
    pub(super) camera: Camera,
    /// In the order of EXTVER.
    pub(super) chips: Vec<DarkFrames>,
}

impl Darks {
    /// Opens darks of the STIS CCD: calibrated ones (BLEVCORR and BIASCORR `COMPLETE`), or raw ones, from which bias level
    /// and bias image are taken as they are read. Imsets with IMSET_OK = F are left out.
    ///
    /// # Errors
    /// [`Error::NoDarks`]; [`Error::TooFewExposures`] for one imset alone; [`Error::MembersDiffer`] for another target,
    /// amplifier, gain, binning or shape; [`Error::Keyword`] where a time, or the temperature of a dark taken with the
    /// second electronics, is missing, or where the dark current has been subtracted already;
    /// [`Error::NoReference`] for a raw dark without its reference files.
    pub fn stis(sources: &[DarkSource<'_>]) -> Result<Self> {
        Ok(Self {
            camera: Camera::Stis,
            chips: vec![stis::open(sources, Content::Dark)?],
        })
    }

    /// Opens darks of WFC or HRC that acsccd has calibrated: in electrons, without bias and overscan. The readout noise of
    /// each amplifier is that of the header, READNSEA … READNSED.
    ///
    /// # Errors
    /// [`Error::NoDarks`]; [`Error::TooFewExposures`] for one dark alone; [`Error::MembersDiffer`] for another detector,
    /// amplifier, gain, subarray or shape, or where one alone is corrected for charge transfer; [`Error::Keyword`] for what
    /// is no dark, is not calibrated so far or too far, and where a time or readout noise is missing.
    pub fn acs(sources: &[DarkSource<'_>]) -> Result<Self> {
        Ok(Self {
            camera: Camera::Acs,
            chips: acs::open(sources)?,
        })
    }

    /// Takes darks of any other CCD.
    ///
    /// # Errors
    /// [`Error::NoDarks`]; [`Error::TooFewExposures`] for one dark alone; [`Error::MembersDiffer`] for another camera,
    /// binning, unit, gain, readout noise or shape; [`Error::Parameter`] for a time, gain or noise that cannot be.
    pub fn ccd(darks: Vec<CcdDark>) -> Result<Self> {
        Ok(Self {
            camera: Camera::Ccd,
            chips: vec![any::open(darks)?],
        })
    }

    /// CCDCHIP of each chip, in order; 1 where the darks do not say.
    pub fn chips(&self) -> Vec<i64> {
        self.chips.iter().map(|frames| frames.chip).collect()
    }

    /// The unit of the superdark's samples, as `electron/s`.
    pub fn unit(&self) -> String {
        self.chips
            .first()
            .map_or_else(String::new, |first| self.camera.unit(first))
    }

    /// Makes the baseline dark of the long darks of an anneal period (STIS Data Handbook, section 3.4.5), as a reference
    /// file: that of [`baseline`] of each chip, with its header.
    ///
    /// # Errors
    /// Those of [`baseline`].
    pub fn basedark(&self, references: &References, options: &OcrrejectOptions) -> Result<Superdark> {
        let options = self.rejection(references, options);
        self.make(Kind::Basedark, |_, frames| baseline(frames, references, &options))
    }

    /// Makes the dark of a week as a reference file: that of [`brought_up`] of each chip, with its header. There is one
    /// baseline for each chip, in their order.
    ///
    /// # Errors
    /// Those of [`brought_up`]; [`Error::NoDarks`] where a baseline is missing.
    pub fn weekdark(
        &self,
        baselines: &[Baseline<'_>],
        references: &References,
        options: &OcrrejectOptions,
    ) -> Result<Superdark> {
        let options = self.rejection(references, options);
        let name = baselines.first().map_or("", |baseline| baseline.name);
        self.make(Kind::Weekdark(name), |at, frames| {
            let baseline = *baselines.get(at).ok_or(Error::NoDarks)?;
            brought_up(frames, baseline, references, &options)
        })
    }

    fn rejection(&self, references: &References, said: &OcrrejectOptions) -> OcrrejectOptions {
        self.camera.rejection(said, references.get("CRREJTAB").is_some())
    }

    fn make(
        &self,
        kind: Kind<'_>,
        one: impl Fn(usize, &DarkFrames) -> Result<(Combination, HotPixels)>,
    ) -> Result<Superdark> {
        let mut frames = Vec::with_capacity(self.chips.len());
        let mut report: Option<SuperdarkReport> = None;
        for (at, darks) in self.chips.iter().enumerate() {
            let (combined, hot) = one(at, darks)?;
            let mut of_chip = darks.report(&combined, hot);
            of_chip.unit = self.unit();
            match &mut report {
                None => report = Some(of_chip),
                Some(report) => report.add(of_chip),
            }
            frames.push(combined.frame);
        }
        let report = report.ok_or(Error::NoDarks)?;
        let image = self.camera.product(self, frames, kind, &report)?;
        Ok(Superdark { image, report })
    }
}
