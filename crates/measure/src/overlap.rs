//! How a pixel on an aperture's border is shared.

use crate::{Error, Result};

/// At most so many points along each side of a pixel: more are slower than the exact overlap and no better.
pub const MOST_SUBPIXELS: usize = 1000;

/// How the overlap of an aperture and a pixel is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overlap {
    /// The area they share, by geometry.
    Exact,
    /// All of the pixel where its centre is inside, otherwise nothing.
    Center,
    /// The pixel is divided into `n` × `n` parts, each inside where its centre is.
    Subpixel(usize),
}

/// The three ways by their names, as photutils' `method`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum Method {
    /// The exact area that pixel and aperture share.
    #[default]
    Exact,
    /// A pixel counts wholly where its centre is inside.
    Center,
    /// A pixel is divided into parts, which count where their centres are inside.
    Subpixel,
}

impl Overlap {
    /// From a method and the number of parts along a pixel's side, which only `subpixel` looks at.
    ///
    /// # Errors
    /// [`Error::Subpixels`] where `subpixels` is 0 or more than [`MOST_SUBPIXELS`].
    pub fn new(method: Method, subpixels: usize) -> Result<Self> {
        match method {
            Method::Exact => Ok(Self::Exact),
            Method::Center => Ok(Self::Center),
            Method::Subpixel if (1..=MOST_SUBPIXELS).contains(&subpixels) => Ok(Self::Subpixel(subpixels)),
            Method::Subpixel => Err(Error::Subpixels { found: subpixels }),
        }
    }
}
