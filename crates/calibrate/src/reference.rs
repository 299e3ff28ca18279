//! Reference files, opened: images whose pixels are read when a step needs them, and tables.

use crate::{Error, Result};
use firstlight_frame::fits::{FitsFile, HduSelector, Header, Table};
use firstlight_frame::{Exposure, Frame, Image};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// One reference file.
#[derive(Debug)]
pub struct Reference {
    /// The keyword of the primary header that names it, as in `BIASFILE`.
    pub keyword: String,
    /// How the header names it, as in `jref$abc_bia.fits`.
    pub named: String,
    /// PEDIGREE of its primary header; empty where there is none.
    pub pedigree: String,
    /// DESCRIP of its primary header; empty where there is none.
    pub descrip: String,
    content: Content,
}

#[derive(Debug)]
enum Content {
    Images(Exposure),
    Tables(FitsFile),
}

/// One imset of a reference image.
#[derive(Debug, Clone)]
pub struct ReferenceImset {
    /// Pixels; ERR and DQ are zero where the file has none.
    pub frame: Frame,
    /// The header of its SCI.
    pub sci: Header,
}

impl ReferenceImset {
    /// LTV1 and LTV2.
    pub fn ltv(&self) -> (f64, f64) {
        let of = |keyword| self.sci.real(keyword).unwrap_or(0.0);
        (of("LTV1"), of("LTV2"))
    }
}

impl Reference {
    /// Opens a file; a table by its first HDU after the primary being one.
    ///
    /// # Errors
    /// [`Error::Frame`] where it cannot be read, is cut off, or holds neither images nor tables.
    pub fn open(keyword: &str, named: &str, path: &Path) -> Result<Self> {
        let file = FitsFile::open(path).map_err(firstlight_frame::Error::from)?;
        let text = |keyword| file.primary().header().text(keyword).unwrap_or_default();
        let (pedigree, descrip) = (
            text("PEDIGREE").trim().to_owned(),
            text("DESCRIP").trim().to_owned(),
        );
        let has_images = file.hdus().iter().any(|hdu| hdu.name() == "SCI");
        let content = if has_images {
            Content::Images(Exposure::of_file(file)?)
        } else {
            file.check_whole().map_err(firstlight_frame::Error::from)?;
            Content::Tables(file)
        };
        Ok(Self {
            keyword: keyword.to_owned(),
            named: named.to_owned(),
            pedigree,
            descrip,
            content,
        })
    }

    /// The opened file.
    pub fn file(&self) -> &FitsFile {
        match &self.content {
            Content::Images(exposure) => exposure.file(),
            Content::Tables(file) => file,
        }
    }

    /// Where it is.
    pub fn path(&self) -> PathBuf {
        self.file().path().to_owned()
    }

    /// Its primary header.
    pub fn primary(&self) -> &Header {
        self.file().primary().header()
    }

    /// Whether its PEDIGREE begins with `DUMMY`: the step that needs it is skipped.
    pub fn is_dummy(&self) -> bool {
        self.pedigree.starts_with("DUMMY")
    }

    /// What to say of a step that is skipped since it is a dummy.
    pub(crate) fn skips(&self, switch: &str) -> String {
        format!(
            "{switch} is skipped: {} {} is a dummy (PEDIGREE {})",
            self.keyword, self.named, self.pedigree
        )
    }

    /// Reads a table.
    ///
    /// # Errors
    /// [`Error::Frame`] where there is no such HDU, it is no table, or cannot be read.
    pub fn table(&self, hdu: impl Into<HduSelector>) -> Result<Table> {
        Ok(self.file().table(hdu).map_err(firstlight_frame::Error::from)?)
    }

    /// Reads the imset of a chip: the first whose CCDCHIP is `number`, or the only one of a file whose images name no
    /// chip.
    ///
    /// # Errors
    /// [`Error::NoChip`] where there is none; [`Error::Frame`] where it cannot be read.
    pub fn imset(&self, number: i64) -> Result<ReferenceImset> {
        let (exposure, version) = self.version_of(number)?;
        Ok(ReferenceImset {
            frame: exposure.load(version)?,
            sci: exposure.sci_header(version)?.clone(),
        })
    }

    /// Reads the SCI of a chip alone, with its header; chosen as by [`Reference::imset`].
    ///
    /// # Errors
    /// As [`Reference::imset`].
    pub fn sci(&self, number: i64) -> Result<(Image<f32>, Header)> {
        let (exposure, version) = self.version_of(number)?;
        let header = exposure.sci_header(version)?.clone();
        Ok((exposure.load_sci(version)?, header))
    }

    /// The images, and the EXTVER of those of a chip.
    pub(crate) fn version_of(&self, number: i64) -> Result<(&Exposure, i64)> {
        let none = |found: Vec<String>| Error::NoChip {
            keyword: self.keyword.clone(),
            path: self.path(),
            number,
            found,
        };
        let Content::Images(exposure) = &self.content else {
            return Err(none(Vec::new()));
        };
        let imsets = exposure.imsets();
        let of_chip = imsets.iter().find(|imset| imset.chip == Some(number));
        let only = imsets
            .first()
            .filter(|imset| imsets.len() == 1 && imset.chip.is_none());
        let Some(imset) = of_chip.or(only) else {
            let chips = imsets.iter().map(|imset| match imset.chip {
                Some(chip) => format!("chip {chip}"),
                None => "one without CCDCHIP".to_owned(),
            });
            return Err(none(chips.collect()));
        };
        Ok((exposure, imset.version))
    }
}

/// The reference files of an exposure, by the keyword that names each.
#[derive(Debug, Default)]
pub struct References {
    files: BTreeMap<String, Reference>,
}

impl References {
    /// None at all.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one, in place of another of the same keyword.
    pub fn add(&mut self, reference: Reference) {
        self.files.insert(reference.keyword.clone(), reference);
    }

    /// The file that a keyword names; None where the header names none.
    pub fn get(&self, keyword: &str) -> Option<&Reference> {
        self.files.get(keyword)
    }

    /// All of them, in the order of their keywords.
    pub fn all(&self) -> impl Iterator<Item = &Reference> {
        self.files.values()
    }

    /// Where they are.
    pub fn paths(&self) -> impl Iterator<Item = PathBuf> {
        self.files.values().map(Reference::path)
    }

    /// The file that a step cannot do without.
    ///
    /// # Errors
    /// [`Error::NoReference`], which names the switch that asks for it.
    pub fn require(&self, switch: &str, keyword: &str) -> Result<&Reference> {
        self.get(keyword).ok_or_else(|| Error::NoReference {
            switch: switch.to_owned(),
            keyword: keyword.to_owned(),
        })
    }
}
