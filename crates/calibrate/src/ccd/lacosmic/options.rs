//! What L.A.Cosmic is told, under astroscrappy's names.

use crate::{Error, Result};
use serde::{Deserialize, Serialize};

/// What takes the place of a cosmic ray.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum CleanType {
    /// The median of the 5 × 5 pixels around.
    Median,
    /// The median of those that are good.
    Medmask,
    /// The mean of those that are good.
    #[default]
    Meanmask,
    /// The mean of those that are good, weighted by the inverse of the distance.
    Idw,
}

/// How the image of fine structure is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum FineStructure {
    /// By a median filter.
    #[default]
    Median,
    /// By a matched filter, with the kernel of a star.
    Convolve,
}

/// The model of a star's kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum PsfModel {
    /// A circular Gaussian.
    #[default]
    Gauss,
    /// A Gaussian along x alone, for spectra.
    Gaussx,
    /// A Gaussian along y alone, for spectra.
    Gaussy,
    /// A circular Moffat profile.
    Moffat,
}

/// Parameters of L.A.Cosmic.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct LacosmicOptions {
    /// Least signal to noise of the Laplacian.
    #[cfg_attr(feature = "clap", arg(long, default_value_t = LacosmicOptions::default().sigclip))]
    pub sigclip: f64,
    /// Fraction of sigclip that is enough beside a cosmic ray.
    #[cfg_attr(feature = "clap", arg(long, default_value_t = LacosmicOptions::default().sigfrac))]
    pub sigfrac: f64,
    /// Least contrast between Laplacian and fine structure; more where the cores of stars are flagged.
    #[cfg_attr(feature = "clap", arg(long, default_value_t = LacosmicOptions::default().objlim))]
    pub objlim: f64,
    /// Electrons per unit of the samples.
    #[cfg_attr(feature = "clap", arg(long, default_value_t = LacosmicOptions::default().gain))]
    pub gain: f64,
    /// Readout noise, electrons.
    #[cfg_attr(feature = "clap", arg(long, default_value_t = LacosmicOptions::default().readnoise))]
    pub readnoise: f64,
    /// Level of saturation, electrons: saturated stars are left alone.
    #[cfg_attr(feature = "clap", arg(long, default_value_t = LacosmicOptions::default().satlevel))]
    pub satlevel: f64,
    /// Most rounds.
    #[cfg_attr(feature = "clap", arg(long, default_value_t = LacosmicOptions::default().niter))]
    pub niter: usize,
    /// Median filters along rows and then along columns, rather than in squares, which is slower.
    #[cfg_attr(feature = "clap", arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = LacosmicOptions::default().sepmed, action = clap::ArgAction::Set))]
    pub sepmed: bool,
    /// What takes the place of a cosmic ray.
    #[cfg_attr(feature = "clap", arg(long, value_enum, default_value_t = LacosmicOptions::default().cleantype))]
    pub cleantype: CleanType,
    /// How the image of fine structure is made.
    #[cfg_attr(feature = "clap", arg(long, value_enum, default_value_t = LacosmicOptions::default().fsmode))]
    pub fsmode: FineStructure,
    /// The model of a star, with --fsmode convolve.
    #[cfg_attr(feature = "clap", arg(long, value_enum, default_value_t = LacosmicOptions::default().psfmodel))]
    pub psfmodel: PsfModel,
    /// Its full width at half maximum, pixels.
    #[cfg_attr(feature = "clap", arg(long, default_value_t = LacosmicOptions::default().psffwhm))]
    pub psffwhm: f64,
    /// Width of its kernel, pixels.
    #[cfg_attr(feature = "clap", arg(long, default_value_t = LacosmicOptions::default().psfsize))]
    pub psfsize: usize,
    /// Exponent of a Moffat profile.
    #[cfg_attr(feature = "clap", arg(long, default_value_t = LacosmicOptions::default().psfbeta))]
    pub psfbeta: f64,
}

impl Default for LacosmicOptions {
    fn default() -> Self {
        Self {
            sigclip: 4.5,
            sigfrac: 0.3,
            objlim: 5.0,
            gain: 1.0,
            readnoise: 6.5,
            satlevel: 65535.0,
            niter: 4,
            sepmed: true,
            cleantype: CleanType::Meanmask,
            fsmode: FineStructure::Median,
            psfmodel: PsfModel::Gauss,
            psffwhm: 2.5,
            psfsize: 7,
            psfbeta: 4.765,
        }
    }
}

impl LacosmicOptions {
    /// Refuses what makes no sense.
    ///
    /// # Errors
    /// [`Error::Parameter`].
    pub fn check(&self) -> Result<()> {
        let numbers = [
            ("gain", self.gain),
            ("sigclip", self.sigclip),
            ("psffwhm", self.psffwhm),
            ("psfbeta", self.psfbeta),
        ];
        for (parameter, value) in numbers {
            super::super::deviation::positive(parameter, value)?;
        }
        for (parameter, value) in [("sigfrac", self.sigfrac), ("objlim", self.objlim)] {
            if value.is_nan() {
                return Err(Error::Parameter {
                    parameter,
                    expected: "a number",
                    found: value.to_string(),
                });
            }
        }
        if self.readnoise < 0.0 || !self.readnoise.is_finite() {
            return Err(Error::Parameter {
                parameter: "readnoise",
                expected: "zero or more, in electrons",
                found: self.readnoise.to_string(),
            });
        }
        if self.psfsize % 2 == 1 && self.psfsize <= 201 {
            return Ok(());
        }
        Err(Error::Parameter {
            parameter: "psfsize",
            expected: "an odd number of at most 201 pixels",
            found: self.psfsize.to_string(),
        })
    }
}
