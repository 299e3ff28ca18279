//! What a user may set of an extraction.

use super::background::BoxOffImage;
use crate::stis::SpectralImset;
use crate::stis::tables::xtractab::Extraction;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// How the background along the spectrum is made smooth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BackgroundSmoothing {
    /// It is left as measured.
    Off,
    /// A running median, and a polynomial through it.
    #[default]
    Median,
}

impl fmt::Display for BackgroundSmoothing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Off => "off",
            Self::Median => "median",
        })
    }
}

impl FromStr for BackgroundSmoothing {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text.trim().to_ascii_lowercase().as_str() {
            "off" => Ok(Self::Off),
            "median" => Ok(Self::Median),
            _ => Err(Error::Unreadable {
                expected: "a way to smooth the background (off, median)",
                found: text.to_owned(),
            }),
        }
    }
}

/// Parameters of X1DCORR. Those that are not given come from XTRACTAB.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
#[serde(default, deny_unknown_fields)]
pub struct X1dOptions {
    /// Line of the image, counted from 1, that the spectrum is looked for about, in place of the nominal one; the offset of
    /// the aperture (OFFSET2 of APDESTAB) is added to it, as in calstis
    #[cfg_attr(feature = "clap", arg(long))]
    pub a2center: Option<f64>,
    /// Lines to both sides that the spectrum is looked for in; 0: it is taken to be where it is looked for
    #[cfg_attr(feature = "clap", arg(long))]
    pub maxsrch: Option<u16>,
    /// Height of the box that the spectrum is summed in, lines of the unbinned detector
    #[cfg_attr(feature = "clap", arg(long))]
    pub extrsize: Option<f64>,
    /// Height of the first box of the background, lines of the unbinned detector
    #[cfg_attr(feature = "clap", arg(long))]
    pub bk1size: Option<f64>,
    /// Height of the second box of the background, lines of the unbinned detector
    #[cfg_attr(feature = "clap", arg(long))]
    pub bk2size: Option<f64>,
    /// Middle of the first box of the background, lines of the unbinned detector from the spectrum
    #[cfg_attr(feature = "clap", arg(long, allow_negative_numbers = true))]
    pub bk1offst: Option<f64>,
    /// Middle of the second box of the background, lines of the unbinned detector from the spectrum
    #[cfg_attr(feature = "clap", arg(long, allow_negative_numbers = true))]
    pub bk2offst: Option<f64>,
    /// Tilt of the boxes of the background, degrees
    #[cfg_attr(feature = "clap", arg(long, allow_negative_numbers = true))]
    pub bktilt: Option<f64>,
    /// Degree of the background across the spectrum: 0 (a mean) or 1 (a line)
    #[cfg_attr(feature = "clap", arg(long))]
    pub backord: Option<u8>,
    /// How the background along the spectrum is made smooth: off or median
    #[cfg_attr(feature = "clap", arg(long, default_value_t = Self::default().bksmode))]
    pub bksmode: BackgroundSmoothing,
    /// Degree of the polynomial along the spectrum that makes its background smooth
    #[cfg_attr(feature = "clap", arg(long, default_value_t = Self::default().bksorder))]
    pub bksorder: usize,
    /// Columns that the spectrum lies to the right of where its shift says, as that of a target beside the slit's middle
    #[cfg_attr(feature = "clap", arg(long, allow_negative_numbers = true, default_value_t = Self::default().xoffset))]
    pub xoffset: f64,
}

impl Default for X1dOptions {
    fn default() -> Self {
        Self {
            a2center: None,
            maxsrch: None,
            extrsize: None,
            bk1size: None,
            bk2size: None,
            bk1offst: None,
            bk2offst: None,
            bktilt: None,
            backord: None,
            bksmode: BackgroundSmoothing::Median,
            bksorder: 3,
            xoffset: 0.0,
        }
    }
}

/// Columns and lines of the unbinned detector that an image covers.
struct Size {
    columns: f64,
    lines: f64,
}

impl X1dOptions {
    /// Refuses parameters that no spectrum can be extracted with from an image of this shape, `(ny, nx)`.
    ///
    /// # Errors
    /// [`crate::Error::Parameter`].
    pub(super) fn check(&self, (ny, nx): (usize, usize), imset: &SpectralImset) -> Result<()> {
        let size = Size {
            columns: nx as f64 / imset.ltm.0,
            lines: ny as f64 / imset.ltm.1,
        };
        let number = |parameter, given: Option<f64>, fits: &dyn Fn(f64) -> bool, expected| match given {
            Some(found) if !(found.is_finite() && fits(found)) => {
                Err(refused(parameter, found.to_string(), expected))
            }
            _ => Ok(()),
        };
        let any = |_| true;
        let height = |size_y: f64| (0.0..=size.lines).contains(&size_y);
        let box_of = "0 to the height of the image, lines of the unbinned detector";
        number("a2center", self.a2center, &any, "a line of the image")?;
        number(
            "extrsize",
            self.extrsize,
            &|lines| lines > 0.0 && height(lines),
            "above 0, and at most the height of the image, lines of the unbinned detector",
        )?;
        number("bk1size", self.bk1size, &height, box_of)?;
        number("bk2size", self.bk2size, &height, box_of)?;
        number("bk1offst", self.bk1offst, &any, "a number of lines")?;
        number("bk2offst", self.bk2offst, &any, "a number of lines")?;
        number(
            "bktilt",
            self.bktilt,
            &|degrees| degrees.abs() < 90.0,
            "above -90 and below 90 degrees",
        )?;
        number(
            "xoffset",
            Some(self.xoffset),
            &|columns| columns.abs() < size.columns,
            "less than the width of the image to either side, columns of the unbinned detector",
        )?;
        match self.backord {
            Some(backord) if backord > 1 => Err(refused(
                "backord",
                backord.to_string(),
                "0 (a mean) or 1 (a line)",
            )),
            _ => Ok(()),
        }
    }

    /// Refuses boxes of the background that the options put off the image, both of them.
    ///
    /// # Errors
    /// [`crate::Error::Parameter`].
    pub(super) fn check_background(&self, off_image: &[BoxOffImage]) -> Result<()> {
        let given = |off: &BoxOffImage| match off.number {
            1 => self.bk1offst.map(|offset| ("bk1offst", offset)),
            _ => self.bk2offst.map(|offset| ("bk2offst", offset)),
        };
        match off_image.iter().find_map(given) {
            Some((parameter, offset)) if off_image.len() > 1 => Err(refused(
                parameter,
                offset.to_string(),
                "such that a box of the background lies on the image; or set BACKCORR=OMIT",
            )),
            _ => Ok(()),
        }
    }

    /// What the table says, with what is given in place of it.
    pub(super) fn over(&self, table: Extraction) -> Extraction {
        Extraction {
            extrsize: self.extrsize.unwrap_or(table.extrsize),
            bksize: [
                self.bk1size.unwrap_or(table.bksize[0]),
                self.bk2size.unwrap_or(table.bksize[1]),
            ],
            bkoffset: [
                self.bk1offst.unwrap_or(table.bkoffset[0]),
                self.bk2offst.unwrap_or(table.bkoffset[1]),
            ],
            background_tilt: self.bktilt.map_or(table.background_tilt, |tilt| vec![tilt]),
            backord: self.backord.map_or(table.backord, i64::from),
            maxsrch: self.maxsrch.map_or(table.maxsrch, i64::from),
            algorithm: table.algorithm,
        }
    }
}

fn refused(parameter: &'static str, found: String, expected: &'static str) -> Error {
    Error::Parameter {
        parameter,
        expected,
        found,
    }
}
