//! Writing what changes: in place where nothing moves, else the whole file beside the old one.

use std::io::{BufWriter, Write};
use std::path::Path;

use super::layout::{Bytes, Layout};
use super::{Edit, Unit, in_place};
use crate::writer::AtomicFile;
use crate::{Error, FitsFile, Overwrite, Result};

/// Bytes that are copied at a time: few enough to stay in the processor's cache between reading and writing.
const PART: u64 = 1 << 18;

impl Edit {
    fn changes(&self) -> bool {
        let unchanged = |(index, unit): (usize, &Unit)| match unit {
            Unit::Own(own) => own.hdu.index() == index && !own.changes(),
            Unit::Added(_) => false,
        };
        self.units.len() != self.file.hdus().len() || !self.units.iter().enumerate().all(unchanged)
    }

    /// Writes the file, where anything changes.
    pub(super) fn write(&self) -> Result<()> {
        if !self.changes() {
            return Ok(());
        }
        let layout = Layout::of(self)?;
        if in_place::write(&layout, &self.file)? {
            return Ok(());
        }
        write_beside(&layout, &self.file)
    }
}

/// Writes all to a file beside the old one, which is then replaced.
fn write_beside(layout: &Layout, file: &FitsFile) -> Result<()> {
    let path = file.path();
    let mut output = Output {
        path,
        file: BufWriter::new(AtomicFile::create(path, Overwrite::Replace)?),
    };
    for piece in &layout.pieces {
        match &piece.bytes {
            Bytes::Kept { from, length } => output.copy(file, *from, *length)?,
            Bytes::New(bytes) => output.put(bytes)?,
        }
    }
    let file = output
        .file
        .into_inner()
        .map_err(|e| Error::io("write", path)(e.into_error()))?;
    file.commit()
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
            let part = (length - done).min(PART);
            self.put(reader.bytes(offset + done, part as usize, &mut scratch)?)?;
            done += part;
        }
        Ok(())
    }
}
