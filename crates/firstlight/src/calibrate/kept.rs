//! Frames between two stages: in memory as long as they fit, else in temporary files that nobody else sees.

use crate::Result;
use firstlight_calibrate::acs::acsrej::Member;
use firstlight_calibrate::acs::{Chip, Observation};
use firstlight_fits::{Error as FitsError, Header};
use firstlight_frame::{Frame, Image};
use std::borrow::Cow;
use std::fs::File;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// Samples that are turned into bytes at a time.
const PART: usize = 1 << 15;
/// Bytes of SCI, ERR and DQ of a pixel.
pub(super) const PIXEL_BYTES: u64 = 10;

/// Where frames are kept: so many bytes in memory, the rest in a folder.
#[derive(Debug)]
pub(super) struct Shelf {
    free: AtomicU64,
    folder: PathBuf,
}

/// A frame on the shelf.
#[derive(Debug)]
pub(super) enum Kept {
    /// In memory.
    Here(Box<Observation>),
    /// In a file.
    Away(Spilled),
}

impl Shelf {
    pub(super) fn new(bytes: u64, folder: &Path) -> Self {
        Self {
            free: AtomicU64::new(bytes),
            folder: folder.to_owned(),
        }
    }

    /// Keeps a frame.
    pub(super) fn keep(&self, observation: Observation) -> Result<Kept> {
        if self.takes(bytes_of(&observation)) {
            Ok(Kept::Here(Box::new(observation)))
        } else {
            Ok(Kept::Away(Spilled::write(&observation, &self.folder)?))
        }
    }

    /// Keeps a copy of a frame.
    pub(super) fn keep_copy(&self, observation: &Observation) -> Result<Kept> {
        if self.takes(bytes_of(observation)) {
            Ok(Kept::Here(Box::new(observation.clone())))
        } else {
            Ok(Kept::Away(Spilled::write(observation, &self.folder)?))
        }
    }

    /// Gives a frame back, and its place to others.
    pub(super) fn take(&self, kept: Kept) -> Result<Observation> {
        match kept {
            Kept::Here(observation) => {
                self.free.fetch_add(bytes_of(&observation), Ordering::Relaxed);
                Ok(*observation)
            }
            Kept::Away(spilled) => spilled.read(),
        }
    }

    /// Gives the place of a frame to others.
    pub(super) fn give_back(&self, kept: Kept) {
        if let Kept::Here(observation) = kept {
            let bytes = bytes_of(&observation);
            drop(observation);
            self.free.fetch_add(bytes, Ordering::Relaxed);
        }
    }

    /// How many exposures, each of so many bytes, may be in work at once, beside the one that there is always room for.
    pub(super) fn more(&self, bytes: u64) -> usize {
        usize::try_from(self.free.load(Ordering::Relaxed) / bytes.max(1)).unwrap_or(usize::MAX)
    }

    /// Leaves so many bytes to others, as far as there are, until what is given back is dropped.
    pub(super) fn set_aside(&self, bytes: u64) -> Aside<'_> {
        let less = |free: u64| Some(free.saturating_sub(bytes));
        let free = self.free.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
        let bytes = free.map_or(0, |free| free.min(bytes));
        Aside { shelf: self, bytes }
    }

    /// As many more bytes for frames until what is given back is dropped.
    pub(super) fn lend(&self, bytes: u64) -> Lent<'_> {
        self.free.fetch_add(bytes, Ordering::Relaxed);
        Lent { shelf: self, bytes }
    }

    fn takes(&self, bytes: u64) -> bool {
        let less = |free: u64| free.checked_sub(bytes);
        self.free
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, less)
            .is_ok()
    }
}

/// Memory that nothing is kept in for a while.
#[derive(Debug)]
pub(super) struct Aside<'a> {
    shelf: &'a Shelf,
    bytes: u64,
}

impl Drop for Aside<'_> {
    fn drop(&mut self) {
        self.shelf.free.fetch_add(self.bytes, Ordering::Relaxed);
    }
}

/// Memory beyond what a shelf has.
#[derive(Debug)]
pub(super) struct Lent<'a> {
    shelf: &'a Shelf,
    bytes: u64,
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        let less = |free: u64| Some(free.saturating_sub(self.bytes));
        let _ = self
            .shelf
            .free
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
    }
}

/// Bytes of a frame's pixels.
fn bytes_of(observation: &Observation) -> u64 {
    let pixels = |chip: &Chip| chip.frame.sci.len() as u64;
    observation.chips.iter().map(pixels).sum::<u64>() * PIXEL_BYTES
}

/// A frame in a temporary file without a name: where the program ends, however it ends, it is gone. (Windows removes
/// it when it is closed.)
#[derive(Debug)]
pub(super) struct Spilled {
    file: File,
    folder: PathBuf,
    name: String,
    primary: Header,
    chips: Vec<SpilledChip>,
}

#[derive(Debug)]
struct SpilledChip {
    version: i64,
    shape: (usize, usize),
    /// Where SCI begins; ERR and DQ follow.
    offset: u64,
    sci: Header,
    err: Header,
    dq: Header,
}

/// A type that stands in the file as its bytes.
trait Raw: Copy {
    const SIZE: usize;
    fn put(self, bytes: &mut [u8]);
    fn get(bytes: &[u8]) -> Self;
}

impl Raw for f32 {
    const SIZE: usize = 4;
    fn put(self, bytes: &mut [u8]) {
        bytes.copy_from_slice(&self.to_ne_bytes());
    }
    fn get(bytes: &[u8]) -> Self {
        bytes.try_into().map_or(0.0, f32::from_ne_bytes)
    }
}

impl Raw for u16 {
    const SIZE: usize = 2;
    fn put(self, bytes: &mut [u8]) {
        bytes.copy_from_slice(&self.to_ne_bytes());
    }
    fn get(bytes: &[u8]) -> Self {
        bytes.try_into().map_or(0, u16::from_ne_bytes)
    }
}

impl Spilled {
    fn write(observation: &Observation, folder: &Path) -> Result<Self> {
        let file =
            tempfile::tempfile_in(folder).map_err(FitsError::io("create a temporary file in", folder))?;
        let mut spilled = Self {
            file,
            folder: folder.to_owned(),
            name: observation.name.clone(),
            primary: observation.primary.clone(),
            chips: Vec::new(),
        };
        let mut offset = 0;
        for chip in &observation.chips {
            let frame = &chip.frame;
            let begin = offset;
            offset = spilled.put(offset, frame.sci.as_slice())?;
            offset = spilled.put(offset, frame.err.as_slice())?;
            offset = spilled.put(offset, frame.dq.as_slice())?;
            spilled.chips.push(SpilledChip {
                version: chip.version,
                shape: frame.sci.shape(),
                offset: begin,
                sci: chip.sci.clone(),
                err: chip.err.clone(),
                dq: chip.dq.clone(),
            });
        }
        Ok(spilled)
    }

    fn read(&self) -> Result<Observation> {
        let chips = self.chips.iter().map(|chip| {
            let rows = 0..chip.shape.0;
            Ok(Chip {
                version: chip.version,
                frame: Frame {
                    sci: self.image(chip, self.rows_of(chip, Plane::Sci, rows.clone())?)?,
                    err: self.image(chip, self.rows_of(chip, Plane::Err, rows.clone())?)?,
                    dq: self.image(chip, self.rows_of(chip, Plane::Dq, rows)?)?,
                },
                sci: chip.sci.clone(),
                err: chip.err.clone(),
                dq: chip.dq.clone(),
            })
        });
        Ok(Observation {
            name: self.name.clone(),
            primary: self.primary.clone(),
            chips: chips.collect::<Result<_>>()?,
        })
    }

    fn image<T>(&self, chip: &SpilledChip, samples: Vec<T>) -> Result<Image<T>, FitsError> {
        let (ny, nx) = chip.shape;
        Image::from_vec(ny, nx, samples).map_err(|_| FitsError::io("read from", &self.folder)(cut_off()))
    }

    fn put<T: Raw>(&self, mut offset: u64, samples: &[T]) -> Result<u64, FitsError> {
        let mut bytes = Vec::new();
        for part in samples.chunks(PART) {
            bytes.resize(part.len() * T::SIZE, 0);
            for (bytes, sample) in bytes.chunks_exact_mut(T::SIZE).zip(part) {
                sample.put(bytes);
            }
            write_at(&self.file, &bytes, offset).map_err(FitsError::io("write into", &self.folder))?;
            offset += bytes.len() as u64;
        }
        Ok(offset)
    }

    fn rows_of<T: Raw>(
        &self,
        chip: &SpilledChip,
        plane: Plane,
        rows: Range<usize>,
    ) -> Result<Vec<T>, FitsError> {
        let (ny, nx) = chip.shape;
        if rows.start > rows.end || rows.end > ny {
            return Err(FitsError::io("read from", &self.folder)(cut_off()));
        }
        let pixels = (ny * nx) as u64;
        let plane = match plane {
            Plane::Sci => 0,
            Plane::Err => 4 * pixels,
            Plane::Dq => 8 * pixels,
        };
        let mut offset = chip.offset + plane + (rows.start * nx * T::SIZE) as u64;
        let count = rows.len() * nx;
        let mut samples = Vec::with_capacity(count);
        let mut bytes = Vec::new();
        for from in (0..count).step_by(PART) {
            bytes.resize(PART.min(count - from) * T::SIZE, 0);
            read_at(&self.file, &mut bytes, offset).map_err(FitsError::io("read from", &self.folder))?;
            samples.extend(bytes.chunks_exact(T::SIZE).map(T::get));
            offset += bytes.len() as u64;
        }
        Ok(samples)
    }
}

impl Member for Kept {
    fn name(&self) -> String {
        match self {
            Kept::Here(observation) => observation.name.clone(),
            Kept::Away(spilled) => spilled.name.clone(),
        }
    }

    fn primary(&self) -> &Header {
        match self {
            Kept::Here(observation) => &observation.primary,
            Kept::Away(spilled) => &spilled.primary,
        }
    }

    fn imsets(&self) -> usize {
        match self {
            Kept::Here(observation) => observation.chips.len(),
            Kept::Away(spilled) => spilled.chips.len(),
        }
    }

    fn version(&self, imset: usize) -> i64 {
        match self {
            Kept::Here(observation) => Member::version(&**observation, imset),
            Kept::Away(spilled) => spilled.chips[imset].version,
        }
    }

    fn headers(&self, imset: usize) -> [Header; 3] {
        match self {
            Kept::Here(observation) => Member::headers(&**observation, imset),
            Kept::Away(spilled) => {
                let chip = &spilled.chips[imset];
                [chip.sci.clone(), chip.err.clone(), chip.dq.clone()]
            }
        }
    }

    fn shape(&self, imset: usize) -> Stage<(usize, usize)> {
        match self {
            Kept::Here(observation) => Member::shape(&**observation, imset),
            Kept::Away(spilled) => Ok(spilled.chips[imset].shape),
        }
    }

    fn sci(&self, imset: usize, rows: Range<usize>) -> Stage<Cow<'_, [f32]>> {
        match self {
            Kept::Here(observation) => observation.sci(imset, rows),
            Kept::Away(spilled) => spilled.borrowed(imset, Plane::Sci, rows),
        }
    }

    fn err(&self, imset: usize, rows: Range<usize>) -> Stage<Cow<'_, [f32]>> {
        match self {
            Kept::Here(observation) => Member::err(&**observation, imset, rows),
            Kept::Away(spilled) => spilled.borrowed(imset, Plane::Err, rows),
        }
    }

    fn dq(&self, imset: usize, rows: Range<usize>) -> Stage<Cow<'_, [u16]>> {
        match self {
            Kept::Here(observation) => Member::dq(&**observation, imset, rows),
            Kept::Away(spilled) => spilled.borrowed(imset, Plane::Dq, rows),
        }
    }
}

/// A result as the stages have it.
type Stage<T> = firstlight_calibrate::Result<T>;

impl Spilled {
    fn borrowed<T: Raw>(&self, imset: usize, plane: Plane, rows: Range<usize>) -> Stage<Cow<'_, [T]>> {
        let read = self.rows_of(&self.chips[imset], plane, rows);
        Ok(Cow::Owned(read.map_err(firstlight_frame::Error::from)?))
    }
}

#[derive(Debug, Clone, Copy)]
enum Plane {
    Sci,
    Err,
    Dq,
}

fn cut_off() -> std::io::Error {
    std::io::Error::new(std::io::ErrorKind::UnexpectedEof, "the temporary file is cut off")
}

#[cfg(unix)]
fn write_at(file: &File, bytes: &[u8], offset: u64) -> std::io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, offset)
}

#[cfg(unix)]
fn read_at(file: &File, bytes: &mut [u8], offset: u64) -> std::io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, offset)
}

#[cfg(windows)]
fn write_at(file: &File, mut bytes: &[u8], mut offset: u64) -> std::io::Result<()> {
    use std::os::windows::fs::FileExt;
    while !bytes.is_empty() {
        let written = file.seek_write(bytes, offset)?;
        bytes = &bytes[written..];
        offset += written as u64;
    }
    Ok(())
}

#[cfg(windows)]
fn read_at(file: &File, mut bytes: &mut [u8], mut offset: u64) -> std::io::Result<()> {
    use std::os::windows::fs::FileExt;
    while !bytes.is_empty() {
        match file.seek_read(bytes, offset)? {
            0 => return Err(cut_off()),
            read => {
                bytes = &mut bytes[read..];
                offset += read as u64;
            }
        }
    }
    Ok(())
}
