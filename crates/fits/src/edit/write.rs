//! Writing the changed file beside the old one.

use std::io::{BufWriter, Write};
use std::path::Path;

use super::{Edit, Own, Unit, unit};
use crate::checksum::{bytes_of, fill, reserve, sum_of};
use crate::hdu::padded;
use crate::writer::AtomicFile;
use crate::{Error, FitsFile, Hdu, HduKind, Overwrite, Result};

impl Edit {
    fn changes(&self) -> bool {
        let unchanged = |(index, unit): (usize, &Unit)| match unit {
            Unit::Own(own) => own.hdu.index() == index && !own.changes(),
            Unit::Added(_) => false,
        };
        self.units.len() != self.file.hdus().len() || !self.units.iter().enumerate().all(unchanged)
    }

    /// Writes the file anew, where anything changes.
    pub(super) fn write(&self) -> Result<()> {
        if !self.changes() {
            return Ok(());
        }
        let path = self.file.path();
        let file = AtomicFile::create(path, Overwrite::Replace)?;
        let mut output = Output {
            path,
            file: BufWriter::with_capacity(1 << 20, file),
        };
        for unit in &self.units {
            match unit {
                Unit::Added(bytes) => output.put(bytes)?,
                Unit::Own(own) => {
                    self.write_own(own, &mut output)
                        .map_err(|e| e.in_hdu(path, own.hdu.label()))?;
                }
            }
        }
        // What follows the last HDU ("special records") belongs to the file, too.
        if let Some(last) = self.file.hdus().last() {
            let end = last.data_offset + padded(last.data_bytes);
            output.copy(&self.file, end, self.file.length().saturating_sub(end))?;
        }
        let file = output
            .file
            .into_inner()
            .map_err(|e| Error::io("write", path)(e.into_error()))?;
        file.commit()
    }

    fn write_own(&self, own: &Own, output: &mut Output) -> Result<()> {
        let hdu = &own.hdu;
        let (old_header, old_data) = (hdu.data_offset - hdu.header_offset, padded(hdu.data_bytes));
        let old_data = old_data.min(self.file.length().saturating_sub(hdu.data_offset));
        if !own.changes() {
            return output.copy(&self.file, hdu.header_offset, old_header + old_data);
        }
        check_structure(own)?;
        let fill_with = if hdu.kind() == HduKind::AsciiTable {
            b' '
        } else {
            0
        };
        let data = match (&own.data, own.checksums) {
            (Some(data), _) => Some(unit(&[], data, fill_with)),
            (None, true) => Some(self.file.reader()?.to_vec(hdu.data_offset, old_data)?),
            (None, false) => None,
        };
        if own.checksums {
            let mut header = own.header.clone();
            if !header.contains("CHECKSUM") || !header.contains("DATASUM") {
                reserve(&mut header)?;
            }
            let sum = sum_of(data.as_deref().unwrap_or_default());
            output.put(&fill(&mut header, sum, old_header as usize)?)?;
        } else if own.header_changes() {
            output.put(&bytes_of(&own.header, old_header as usize)?)?;
        } else {
            output.copy(&self.file, hdu.header_offset, old_header)?;
        }
        match data {
            Some(data) => output.put(&data),
            None => output.copy(&self.file, hdu.data_offset, old_data),
        }
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

struct Output<'a> {
    path: &'a Path,
    file: BufWriter<AtomicFile>,
}

impl Output<'_> {
    fn put(&mut self, bytes: &[u8]) -> Result<()> {
        self.file.write_all(bytes).map_err(Error::io("write", self.path))
    }

    fn copy(&mut self, from: &FitsFile, offset: u64, length: u64) -> Result<()> {
        let reader = from.reader()?;
        let mut scratch = Vec::new();
        let mut done = 0;
        while done < length {
            let part = (length - done).min(1 << 20);
            self.put(reader.bytes(offset + done, part as usize, &mut scratch)?)?;
            done += part;
        }
        Ok(())
    }
}
