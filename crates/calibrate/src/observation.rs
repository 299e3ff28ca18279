//! One exposure in memory, as it goes from step to step.

use crate::{Error, Result};
use firstlight_frame::fits::Header;
use firstlight_frame::{Exposure, Frame, Image, Switch};
use rayon::prelude::*;

/// An exposure of one or two chips with its headers. A stage takes one and leaves it as the file of the next stage
/// would be: pixels and keywords.
#[derive(Debug, Clone)]
pub struct Observation {
    /// What messages call it: the file's path.
    pub name: String,
    /// The primary header.
    pub primary: Header,
    /// The imsets in the order of their EXTVER: of a full WFC frame chip 2 (amplifiers C and D), then chip 1 (A and B).
    pub chips: Vec<Chip>,
}

/// One imset.
#[derive(Debug, Clone)]
pub struct Chip {
    /// EXTVER.
    pub version: i64,
    /// SCI, ERR and DQ, of equal shape.
    pub frame: Frame,
    /// The header of SCI.
    pub sci: Header,
    /// The header of ERR.
    pub err: Header,
    /// The header of DQ.
    pub dq: Header,
}

impl Observation {
    /// Reads all imsets of an exposure. An ERR or DQ that is absent or constant is filled in.
    ///
    /// # Errors
    /// As [`Exposure::load`].
    pub fn load(exposure: &Exposure) -> Result<Self> {
        let mut observation = Self::headers(exposure);
        let stands = |index: Option<usize>| {
            let hdu = index.map(|index| &exposure.file().hdus()[index]);
            hdu.is_some_and(|hdu| hdu.has_pixels() && hdu.constant().is_none())
        };
        for (chip, imset) in observation.chips.iter_mut().zip(exposure.imsets()) {
            chip.frame = exposure.load(chip.version)?;
            if !stands(imset.err) {
                write_out(&mut chip.frame.err);
            }
            if !stands(imset.dq) {
                write_out(&mut chip.frame.dq);
            }
        }
        Ok(observation)
    }

    /// The headers alone; the frames have no pixels.
    pub fn headers(exposure: &Exposure) -> Self {
        let header = |index: Option<usize>| match index {
            Some(index) => exposure.file().hdus()[index].header().clone(),
            None => Header::new(),
        };
        let chips = exposure.imsets().iter().map(|imset| Chip {
            version: imset.version,
            frame: Frame {
                sci: Image::filled(0, 0, 0.0),
                err: Image::filled(0, 0, 0.0),
                dq: Image::filled(0, 0, 0),
            },
            sci: header(Some(imset.sci)),
            err: header(imset.err),
            dq: header(imset.dq),
        });
        Self {
            name: exposure.path().display().to_string(),
            primary: exposure.primary().clone(),
            chips: chips.collect(),
        }
    }

    /// Of a primary header alone, for what can be told without pixels.
    pub fn without_pixels(name: impl Into<String>, primary: Header) -> Self {
        Self {
            name: name.into(),
            primary,
            chips: Vec::new(),
        }
    }

    /// A switch of the primary header.
    pub fn switch(&self, keyword: &str) -> Switch {
        Switch::of(&self.primary, keyword)
    }

    /// A number of the primary header.
    ///
    /// # Errors
    /// [`Error::Keyword`] where it is not there or no number.
    pub fn real(&self, keyword: &str) -> Result<f64> {
        self.primary
            .real(keyword)
            .ok_or_else(|| self.keyword(keyword, "a number"))
    }

    /// What to say of a keyword of the primary header that is missing or not `expected`.
    pub(crate) fn keyword(&self, keyword: &str, expected: &'static str) -> Error {
        Error::Keyword {
            name: self.name.clone(),
            hdu: "PRIMARY".to_owned(),
            keyword: keyword.to_owned(),
            expected,
            found: self.primary.get(keyword).map(|value| value.to_string()),
        }
    }
}

/// Writes an image that is the same everywhere, on all threads. The system hands out memory that is read before it is
/// written twice: first zeros that all have in common, then a page of its own.
fn write_out<T: Copy + Send + Sync>(image: &mut Image<T>) {
    if let Some(&value) = image.as_slice().first() {
        let parts = image.as_mut_slice().par_chunks_mut(1 << 15);
        parts.for_each(|part| part.fill(value));
    }
}

impl Chip {
    /// CCDCHIP; 1 where there is none.
    pub fn number(&self) -> i64 {
        self.sci.integer("CCDCHIP").unwrap_or(1)
    }

    /// Whether BUNIT says that pixels are electrons.
    pub fn in_electrons(&self) -> bool {
        self.sci.text("BUNIT").unwrap_or_default().starts_with("ELECTR")
    }

    /// LTV1 and LTV2: where the detector's first pixel lies, in pixels from this image's; 0 where there are none.
    pub fn ltv(&self) -> (f64, f64) {
        let of = |keyword| self.sci.real(keyword).unwrap_or(0.0);
        (of("LTV1"), of("LTV2"))
    }

    /// SDQFLAGS: the bits that exclude a pixel from measurements; all where there is none.
    pub fn serious(&self) -> u16 {
        self.sci.integer("SDQFLAGS").map_or(u16::MAX, |bits| bits as u16)
    }

    /// The shape that SCI, ERR and DQ have in common, `(ny, nx)`.
    ///
    /// # Errors
    /// [`Error::Shape`] where they differ, [`Error::NoPixels`] where there are none.
    pub fn shape(&self) -> Result<(usize, usize)> {
        let expected = self.frame.sci.shape();
        for (what, found) in [("ERR", self.frame.err.shape()), ("DQ", self.frame.dq.shape())] {
            if found != expected {
                let what = format!("[{what},{}]", self.version);
                return Err(Error::Shape {
                    what,
                    expected,
                    found,
                });
            }
        }
        match self.frame.sci.is_empty() {
            true => Err(Error::NoPixels {
                version: self.version,
            }),
            false => Ok(expected),
        }
    }

    /// NCOMBINE: how many exposures were combined, at least 1.
    pub fn ncombine(&self) -> i64 {
        self.sci.integer("NCOMBINE").unwrap_or(1).max(1)
    }
}
