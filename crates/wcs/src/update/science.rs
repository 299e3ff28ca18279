//! The headers of a science file, to be changed, and the tables that are to go with them.

use crate::{Error, Result};
use firstlight_fits::{Array, Card, FitsFile, Header, Table, Value};

/// A science file as its headers say: the primary one first, then those of the extensions.
///
/// Nothing here touches the disk. What is done to it can be written by whoever opened the file: data that
/// are [`Content::Kept`] stay byte for byte.
#[derive(Debug, Clone, PartialEq)]
pub struct ScienceFile {
    /// The HDUs in their order.
    pub hdus: Vec<ScienceHdu>,
}

/// One HDU of a [`ScienceFile`].
#[derive(Debug, Clone, PartialEq)]
pub struct ScienceHdu {
    /// Its cards, as they are to be.
    pub header: Header,
    /// Its data.
    pub content: Content,
}

/// The data of an HDU.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// Those of this HDU of the file that was opened, unchanged.
    Kept(usize),
    /// An image.
    Image(Array<f32>),
    /// A binary table.
    Table(Table),
    /// Bytes with a meaning of their own, as the files within HDRLET extensions.
    Bytes(Vec<u8>),
}

impl ScienceFile {
    /// The headers of an open file, all data kept.
    pub fn of(file: &FitsFile) -> Self {
        let hdus = file.hdus().iter().enumerate().map(|(index, hdu)| ScienceHdu {
            header: hdu.stored_header().clone(),
            content: Content::Kept(index),
        });
        Self { hdus: hdus.collect() }
    }

    /// Headers alone, the primary one first.
    pub fn from_headers(headers: Vec<Header>) -> Self {
        let hdus = headers.into_iter().enumerate().map(|(index, header)| ScienceHdu {
            header,
            content: Content::Kept(index),
        });
        Self { hdus: hdus.collect() }
    }

    /// The primary header.
    ///
    /// # Errors
    /// [`Error::NoExtension`] where there is no HDU at all.
    pub fn primary(&self) -> Result<&Header> {
        self.hdus.first().map(|hdu| &hdu.header).ok_or_else(no_primary)
    }

    /// The primary header, to be changed.
    ///
    /// # Errors
    /// As [`ScienceFile::primary`].
    pub fn primary_mut(&mut self) -> Result<&mut Header> {
        self.hdus
            .first_mut()
            .map(|hdu| &mut hdu.header)
            .ok_or_else(no_primary)
    }

    /// Positions of the extensions of this name, in their order.
    pub fn named(&self, name: &str) -> Vec<usize> {
        let named = |hdu: &ScienceHdu| extension_name(&hdu.header) == name;
        (1..self.hdus.len()).filter(|&at| named(&self.hdus[at])).collect()
    }

    /// Position of the extension of this name and EXTVER.
    pub fn find(&self, name: &str, version: i64) -> Option<usize> {
        self.named(name)
            .into_iter()
            .find(|&at| extension_version(&self.hdus[at].header) == version)
    }

    /// Takes all extensions of this name out.
    pub fn remove(&mut self, name: &str) {
        let mut first = true;
        self.hdus
            .retain(|hdu| std::mem::take(&mut first) || extension_name(&hdu.header) != name);
    }

    /// Puts an extension in the place of the one of its name and EXTVER, or at the end.
    pub fn place(&mut self, hdu: ScienceHdu) {
        let (name, version) = (extension_name(&hdu.header), extension_version(&hdu.header));
        match self.find(&name, version) {
            Some(at) => self.hdus[at] = hdu,
            None => self.hdus.push(hdu),
        }
    }

    /// NEXTEND says how many extensions there are.
    ///
    /// # Errors
    /// As [`ScienceFile::primary`].
    pub fn count_extensions(&mut self) -> Result<()> {
        let count = self.hdus.len() - 1;
        put(
            self.primary_mut()?,
            "NEXTEND",
            count,
            "number of extensions in the file",
        )
    }
}

fn no_primary() -> Error {
    Error::NoExtension {
        name: "PRIMARY".to_owned(),
    }
}

/// EXTNAME in upper case; empty where there is none.
pub(super) fn extension_name(header: &Header) -> String {
    let name = header.text("EXTNAME").unwrap_or_default();
    name.trim().to_ascii_uppercase()
}

/// EXTVER, 1 where there is none.
pub(super) fn extension_version(header: &Header) -> i64 {
    header.integer("EXTVER").unwrap_or(1)
}

/// A string without blanks around it; empty where there is none.
pub(super) fn text(header: &Header, keyword: &str) -> String {
    header.text(keyword).unwrap_or_default().trim().to_owned()
}

/// Sets a keyword where it stands, else as the last of those with values: before HISTORY, COMMENT and blanks
/// at the end. An old comment makes way for a new one that is not empty.
pub(super) fn put(header: &mut Header, keyword: &str, value: impl Into<Value>, comment: &str) -> Result<()> {
    let comment = (!comment.is_empty()).then_some(comment);
    if header.contains(keyword) {
        header.set(keyword, value, comment)?;
    } else {
        let behind = behind_values(header);
        header.insert(behind, Card::new(keyword, value, comment)?);
    }
    Ok(())
}

/// Sets a record-valued keyword such as `DP1 = 'EXTVER: 1'`, in place or as [`put`] does.
pub(super) fn put_record(
    header: &mut Header,
    keyword: &str,
    field: &str,
    value: i64,
    comment: &str,
) -> Result<()> {
    let card = Card::new(keyword, format!("{field}: {value}"), Some(comment))?;
    let full = format!("{keyword}.{field}");
    let at = match header.position(&full) {
        Some(at) => {
            let mut index = 0;
            header.retain(|_| {
                index += 1;
                index - 1 != at
            });
            at
        }
        None => behind_values(header),
    };
    header.insert(at, card);
    Ok(())
}

/// Position behind the last card with a value.
fn behind_values(header: &Header) -> usize {
    let valued = header.cards().iter().rposition(|card| !card.is_commentary());
    valued.map_or(0, |at| at + 1)
}

/// Removes every card whose keyword `matches`.
pub(super) fn remove_where(header: &mut Header, matches: impl Fn(&str) -> bool) {
    header.retain(|card| card.is_commentary() || !matches(card.keyword()));
}
