//! The file as it will be, piece by piece: what stays as it is, and what is new.

use std::borrow::Cow;

use super::{Edit, Own, Unit, unit};
use crate::checksum::{bytes_of, fill, reserve, sum_of, sum_range};
use crate::hdu::padded;
use crate::{Error, FitsFile, Hdu, HduKind, Result};

/// All pieces in their order, without gaps.
#[derive(Debug, Default)]
pub(super) struct Layout<'a> {
    pub(super) pieces: Vec<Piece<'a>>,
    /// Bytes of all.
    pub(super) length: u64,
}

/// A piece of the file as it will be.
#[derive(Debug)]
pub(super) struct Piece<'a> {
    /// Where it will stand.
    pub(super) at: u64,
    pub(super) bytes: Bytes<'a>,
}

#[derive(Debug)]
pub(super) enum Bytes<'a> {
    /// Those that stand in the old file there.
    Kept {
        from: u64,
        length: u64,
    },
    New(Cow<'a, [u8]>),
}

impl<'a> Layout<'a> {
    pub(super) fn of(edit: &'a Edit) -> Result<Self> {
        let file = &edit.file;
        let mut layout = Self::default();
        for unit in &edit.units {
            match unit {
                Unit::Added(bytes) => layout.put(bytes),
                Unit::Own(own) => layout
                    .own(own, file)
                    .map_err(|e| e.in_hdu(file.path(), own.hdu.label()))?,
            }
        }
        // What follows the last HDU ("special records") belongs to the file, too.
        if let Some(last) = file.hdus().last() {
            let end = last.data_offset + padded(last.data_bytes);
            layout.keep(end, file.length().saturating_sub(end));
        }
        Ok(layout)
    }

    fn own(&mut self, own: &'a Own, file: &FitsFile) -> Result<()> {
        let hdu = &own.hdu;
        let (old_header, old_data) = (hdu.data_offset - hdu.header_offset, padded(hdu.data_bytes));
        let old_data = old_data.min(file.length().saturating_sub(hdu.data_offset));
        if !own.changes() {
            self.keep(hdu.header_offset, old_header + old_data);
            return Ok(());
        }
        check_structure(own)?;
        let fill_with = if hdu.kind() == HduKind::AsciiTable {
            b' '
        } else {
            0
        };
        if own.checksums {
            let mut header = own.header.clone();
            if !header.contains("CHECKSUM") || !header.contains("DATASUM") {
                reserve(&mut header)?;
            }
            let sum = match &own.data {
                Some(data) => sum_of(&unit(&[], data, fill_with)),
                None => sum_range(file, hdu.data_offset, old_data)?,
            };
            self.put(fill(&mut header, sum, old_header as usize)?);
        } else if own.header_changes() {
            self.put(bytes_of(&own.header, old_header as usize)?);
        } else {
            self.keep(hdu.header_offset, old_header);
        }
        match &own.data {
            Some(data) => {
                self.put(data);
                let padding = padded(data.len() as u64) as usize - data.len();
                self.put(vec![fill_with; padding]);
            }
            None => self.keep(hdu.data_offset, old_data),
        }
        Ok(())
    }

    fn keep(&mut self, from: u64, length: u64) {
        let Self { pieces, length: at } = self;
        match pieces.last_mut().map(|piece| &mut piece.bytes) {
            Some(Bytes::Kept {
                from: before,
                length: so_far,
            }) if *before + *so_far == from => *so_far += length,
            _ if length > 0 => pieces.push(Piece {
                at: *at,
                bytes: Bytes::Kept { from, length },
            }),
            _ => {}
        }
        *at += length;
    }

    fn put(&mut self, bytes: impl Into<Cow<'a, [u8]>>) {
        let bytes = bytes.into();
        let (at, length) = (self.length, bytes.len() as u64);
        if length > 0 {
            self.pieces.push(Piece {
                at,
                bytes: Bytes::New(bytes),
            });
        }
        self.length += length;
    }
}

/// Fails where the new header no longer describes the data.
fn check_structure(own: &Own) -> Result<()> {
    let hdu = &own.hdu;
    let new = Hdu::new(hdu.index(), own.header.clone(), 0, 0)?;
    if new.data_bytes != hdu.data_bytes || new.kind() != hdu.kind() {
        return Err(Error::Unwritable {
            keyword: "a header".to_owned(),
            reason: format!(
                "it would speak of {} bytes of data where there are {}",
                new.data_bytes, hdu.data_bytes
            ),
        });
    }
    Ok(())
}
