//! Changing a file: what is not named stays as it is, byte for byte.

mod arrange;
mod cells;
mod in_place;
mod layout;
mod pixels;
mod write;

pub use arrange::Place;
pub(crate) use in_place::recover;

use std::path::Path;

use crate::table::Encoded;
use crate::writer::{Role, Structure, encode};
use crate::{
    ArrayView, BLOCK, Error, FitsFile, Hdu, HduKind, HduSelector, Header, Result, Sample, Table, Value,
};

/// Changes a file in one go.
///
/// The closure says what to change; where it fails, or changes nothing, the file is not touched. A changed
/// header keeps the blocks it has as long as its cards fit in them; only where they do not, do the data
/// behind it move. CHECKSUM and DATASUM are left as they are unless [`Edit::update_checksums`] is called.
///
/// Where data move, the file is written anew beside the old one and renamed over it, with its permissions:
/// a run that is killed leaves the old file or the new one. Where all that stays is in its place, and is
/// much, only what changes is written, into the file itself. The bytes that were there are kept in a
/// journal beside it (`.NAME.firstlight-journal`) until the new ones are on the disk: a run that is killed
/// leaves the old file or the new one, or a journal with which the next opening of the file, be it to read or
/// to change, makes it the old one again. A file with several hard links is always written anew.
///
/// # Errors
/// What the closure gives; [`Error::Unsupported`] for gzipped files; [`Error::Io`].
///
/// ```no_run
/// # fn main() -> Result<(), firstlight_fits::Error> {
/// firstlight_fits::edit("j9l960a9q_raw.fits", |edit| edit.set("PRIMARY", "TARGNAME", "NGC-104", None))
/// # }
/// ```
pub fn edit<T>(path: impl AsRef<Path>, change: impl FnOnce(&mut Edit) -> Result<T>) -> Result<T> {
    let path = path.as_ref();
    // A journal is beside the file itself, not beside a link to it.
    recover(
        &std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()),
        true,
    )?;
    let file = FitsFile::open(path)?;
    if file.is_gzipped() {
        let error = Error::Unsupported {
            feature: "changing a gzipped file in place".to_owned(),
        };
        return Err(error.in_hdu(file.path(), 0));
    }
    let mut edit = Edit::of(file)?;
    let answer = change(&mut edit)?;
    edit.write()?;
    Ok(answer)
}

/// What is to change in a file; see [`edit`].
#[derive(Debug)]
pub struct Edit {
    file: FitsFile,
    units: Vec<Unit>,
}

/// One HDU of the file as it will be.
#[derive(Debug)]
enum Unit {
    /// One of the file's own.
    Own(Box<Own>),
    /// One that was added, header, data and padding.
    Added(Vec<u8>),
}

#[derive(Debug)]
struct Own {
    hdu: Hdu,
    /// The stored header as it will be.
    header: Header,
    /// The data unit as it will be, without padding, where it changes.
    data: Option<Vec<u8>>,
    checksums: bool,
}

impl Own {
    fn header_changes(&self) -> bool {
        self.header != *self.hdu.stored_header()
    }

    fn changes(&self) -> bool {
        self.header_changes() || self.data.is_some() || self.checksums
    }
}

impl Edit {
    fn of(file: FitsFile) -> Result<Self> {
        let own = |hdu: &Hdu| {
            let header = hdu.stored_header().clone();
            Unit::Own(Box::new(Own {
                hdu: hdu.clone(),
                header,
                data: None,
                checksums: false,
            }))
        };
        let units = file.hdus().iter().map(own).collect();
        Ok(Self { file, units })
    }

    /// The file as it was.
    pub fn file(&self) -> &FitsFile {
        &self.file
    }

    fn own(&mut self, selector: impl Into<HduSelector>) -> Result<&mut Own> {
        let selector = selector.into();
        let index = self.file.hdu(&selector)?.index();
        own_unit(&mut self.units, index).ok_or_else(|| gone(self.file.path(), &selector))
    }

    /// Puts file and HDU around what goes wrong in `change`.
    fn change<T>(
        &mut self,
        selector: impl Into<HduSelector>,
        change: impl FnOnce(&mut Own, &FitsFile) -> Result<T>,
    ) -> Result<T> {
        let selector = selector.into();
        let index = self.file.hdu(&selector)?.index();
        let Self { file, units } = self;
        let own = own_unit(units, index).ok_or_else(|| gone(file.path(), &selector))?;
        let label = own.hdu.label();
        change(own, file).map_err(|e| e.in_hdu(file.path(), label))
    }

    /// The header of an HDU as it stands in the file, to be changed. Of a compressed image it is that of
    /// the table.
    ///
    /// # Errors
    /// [`Error::NoSuchHdu`].
    pub fn header(&mut self, selector: impl Into<HduSelector>) -> Result<&mut Header> {
        Ok(&mut self.own(selector)?.header)
    }

    /// Sets a keyword; see [`Header::set`].
    ///
    /// # Errors
    /// [`Error::NoSuchHdu`], [`Error::Unwritable`].
    pub fn set(
        &mut self,
        selector: impl Into<HduSelector>,
        keyword: &str,
        value: impl Into<Value>,
        comment: Option<&str>,
    ) -> Result<()> {
        self.change(selector, |own, _| own.header.set(keyword, value, comment))
    }

    /// Removes a keyword's first card; tells whether there was one.
    ///
    /// # Errors
    /// [`Error::NoSuchHdu`].
    pub fn remove(&mut self, selector: impl Into<HduSelector>, keyword: &str) -> Result<bool> {
        self.change(selector, |own, _| Ok(own.header.remove(keyword)))
    }

    /// Gives an HDU the CHECKSUM and DATASUM that fit it, when all changes are made.
    ///
    /// # Errors
    /// [`Error::NoSuchHdu`].
    pub fn update_checksums(&mut self, selector: impl Into<HduSelector>) -> Result<()> {
        self.own(selector)?.checksums = true;
        Ok(())
    }

    /// Takes an HDU out; the first cannot be.
    ///
    /// # Errors
    /// [`Error::NoSuchHdu`]; [`Error::Unsupported`] for the first HDU.
    pub fn remove_hdu(&mut self, selector: impl Into<HduSelector>) -> Result<()> {
        let hdu = self.file.hdu(selector)?;
        let index = hdu.index();
        if index == 0 {
            let error = Error::Unsupported {
                feature: "a file without its primary HDU".to_owned(),
            };
            return Err(error.in_hdu(self.file.path(), 0));
        }
        self.units
            .retain(|unit| !matches!(unit, Unit::Own(own) if own.hdu.index() == index));
        Ok(())
    }

    /// Adds a copy of another file's HDU at the end, byte for byte; a primary one becomes an extension.
    ///
    /// # Errors
    /// [`Error::NoSuchHdu`], [`Error::Truncated`], [`Error::Io`].
    pub fn append_hdu(&mut self, from: &FitsFile, selector: impl Into<HduSelector>) -> Result<()> {
        let hdu = from.hdu(selector)?;
        let unit = extension_bytes(from, hdu).map_err(|e| e.in_hdu(from.path(), hdu.label()))?;
        self.units.push(Unit::Added(unit));
        Ok(())
    }

    /// Puts a copy of another file's HDU in the place of an extension.
    ///
    /// # Errors
    /// As [`Edit::append_hdu`]; [`Error::Unsupported`] for the first HDU.
    pub fn replace_hdu(
        &mut self,
        selector: impl Into<HduSelector>,
        from: &FitsFile,
        other: impl Into<HduSelector>,
    ) -> Result<()> {
        let index = self.file.hdu(selector)?.index();
        let at = self
            .units
            .iter()
            .position(|unit| matches!(unit, Unit::Own(own) if own.hdu.index() == index));
        self.append_hdu(from, other)?;
        let added = self.units.len() - 1;
        self.remove_hdu(index)?;
        if let Some(at) = at {
            self.units[at..added].rotate_right(1);
        }
        Ok(())
    }

    /// Adds an image extension at the end.
    ///
    /// # Errors
    /// As [`FitsWriter::image`](crate::FitsWriter::image).
    pub fn append_image<'a, T: Sample>(
        &mut self,
        header: &Header,
        image: impl Into<ArrayView<'a, T>>,
    ) -> Result<()> {
        let image = image.into();
        image.check()?;
        let axes: Vec<usize> = image.shape().iter().rev().copied().collect();
        let structure = Structure::image(T::BITPIX, &axes, T::BZERO);
        let header = structure.header(header, Role::Extension, Vec::new())?;
        let mut data = Vec::new();
        encode(image.data(), &mut data);
        self.units.push(Unit::Added(unit(&header.to_bytes(), &data, 0)));
        Ok(())
    }

    /// Adds a binary table at the end.
    ///
    /// # Errors
    /// As [`FitsWriter::table`](crate::FitsWriter::table).
    pub fn append_table(&mut self, header: &Header, table: &Table) -> Result<()> {
        let mut encoded = Encoded::of(table)?;
        let structure = Structure::table(encoded.row_bytes, table.rows(), encoded.heap.len());
        let header = structure.header(header, Role::Extension, encoded.cards)?;
        encoded.rows.append(&mut encoded.heap);
        self.units
            .push(Unit::Added(unit(&header.to_bytes(), &encoded.rows, 0)));
        Ok(())
    }
}

/// An HDU as it stands in another file, as an extension.
fn extension_bytes(from: &FitsFile, hdu: &Hdu) -> Result<Vec<u8>> {
    hdu.check_whole()?;
    let reader = from.reader()?;
    let data = reader.to_vec(hdu.data_offset, hdu.data_bytes)?;
    let header = if hdu.index() == 0 {
        let structure = Structure::stored_image(hdu.header().require_integer("BITPIX")?, hdu.dimensions());
        structure
            .header(hdu.header(), Role::Extension, Vec::new())?
            .to_bytes()
    } else {
        reader.to_vec(hdu.header_offset, hdu.data_offset - hdu.header_offset)?
    };
    Ok(unit(
        &header,
        &data,
        if hdu.kind() == HduKind::AsciiTable {
            b' '
        } else {
            0
        },
    ))
}

/// Header and data, padded.
fn unit(header: &[u8], data: &[u8], with: u8) -> Vec<u8> {
    let mut bytes = [header, data].concat();
    bytes.resize(bytes.len().next_multiple_of(BLOCK), with);
    bytes
}

fn own_unit(units: &mut [Unit], index: usize) -> Option<&mut Own> {
    units.iter_mut().find_map(|unit| match unit {
        Unit::Own(own) if own.hdu.index() == index => Some(&mut **own),
        _ => None,
    })
}

/// The HDU was there, but has been removed in this edit.
fn gone(path: &Path, selector: &HduSelector) -> Error {
    let present = "removed it before".to_owned();
    Error::NoSuchHdu {
        path: path.to_owned(),
        selector: selector.to_string(),
        present,
    }
}
