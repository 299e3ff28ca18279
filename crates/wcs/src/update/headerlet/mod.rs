//! Headerlets: the world coordinates of an exposure in a small file of their own, or in an extension HDRLET.
//!
//! A headerlet has a primary header that says what it is for, and for each image an extension SIPWCS with its
//! description, followed by the look-up tables that the description refers to.

mod apply;
mod attached;
mod create;

pub use apply::{ApplyOptions, apply_as_alternate, apply_as_primary};
pub use attached::{Attached, attach, attached, delete};
pub use create::{CreateOptions, Tables, create};

use super::ScienceFile;
use super::science::{Content, ScienceHdu, extension_name, text};
use crate::{Error, Result};
use firstlight_fits::{FitsFile, Header};

/// A headerlet, with all that is in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Headerlet {
    hdus: Vec<ScienceHdu>,
}

/// Keywords that the primary header of a headerlet must have.
const REQUIRED: [&str; 4] = ["DESTIM", "HDRNAME", "WCSNAME", "DISTNAME"];

impl Headerlet {
    /// Reads a file with its tables.
    ///
    /// # Errors
    /// [`Error::Headerlet`] where it is none.
    pub fn read(file: &FitsFile) -> Result<Self> {
        let mut hdus = Vec::new();
        for (index, hdu) in file.hdus().iter().enumerate() {
            let content = if is_table(hdu.header()) {
                Content::Image(file.image(index)?)
            } else {
                Content::Kept(index)
            };
            hdus.push(ScienceHdu {
                header: hdu.header().clone(),
                content,
            });
        }
        let headerlet = Self { hdus };
        let primary = headerlet.primary()?;
        let missing: Vec<&str> = REQUIRED
            .into_iter()
            .filter(|keyword| text(primary, keyword).is_empty())
            .collect();
        if !missing.is_empty() || headerlet.descriptions().next().is_none() {
            let lacks = if missing.is_empty() {
                "an extension SIPWCS".to_owned()
            } else {
                missing.join(", ")
            };
            return Err(headerlet.bad(format!("this is no headerlet: it has no {lacks}")));
        }
        Ok(headerlet)
    }

    /// Its HDUs, to be written: those without data are [`Content::Kept`].
    pub fn hdus(&self) -> &[ScienceHdu] {
        &self.hdus
    }

    /// HDRNAME.
    pub fn name(&self) -> String {
        self.hdus
            .first()
            .map(|hdu| text(&hdu.header, "HDRNAME"))
            .unwrap_or_default()
    }

    /// The rootname of the exposure that it is for (DESTIM).
    pub fn destination(&self) -> String {
        self.hdus
            .first()
            .map(|hdu| text(&hdu.header, "DESTIM"))
            .unwrap_or_default()
    }

    fn primary(&self) -> Result<&Header> {
        self.hdus
            .first()
            .map(|hdu| &hdu.header)
            .ok_or_else(|| Error::NoExtension {
                name: "PRIMARY".to_owned(),
            })
    }

    /// The headers of SIPWCS.
    fn descriptions(&self) -> impl Iterator<Item = &Header> {
        let headers = self.hdus.iter().map(|hdu| &hdu.header);
        headers.filter(|header| extension_name(header) == "SIPWCS")
    }

    /// Its look-up tables.
    fn tables(&self) -> impl Iterator<Item = &ScienceHdu> {
        self.hdus.iter().filter(|hdu| is_table(&hdu.header))
    }

    fn bad(&self, reason: String) -> Error {
        Error::Headerlet {
            name: self.name(),
            reason,
        }
    }

    /// Position of the image that a SIPWCS is for.
    fn target(&self, file: &ScienceFile, description: &Header) -> Result<usize> {
        let name = text(description, "TG_ENAME").to_ascii_uppercase();
        let version = description.integer("TG_EVER").unwrap_or(1);
        file.find(&name, version).ok_or_else(|| {
            self.bad(format!(
                "it has coordinates of {name},{version}, which the exposure has not"
            ))
        })
    }

    /// Fails where the headerlet is another exposure's.
    fn check_destination(&self, file: &ScienceFile) -> Result<()> {
        let root = text(file.primary()?, "ROOTNAME");
        if root.eq_ignore_ascii_case(&self.destination()) {
            return Ok(());
        }
        Err(self.bad(format!(
            "it is for {}, and the exposure is {root}",
            self.destination()
        )))
    }
}

fn is_table(header: &Header) -> bool {
    ["WCSDVARR", "D2IMARR"].contains(&extension_name(header).as_str())
}
