//! Writing files: beside the target first, which they replace when they are complete.

mod atomic;
mod reserved;
mod structure;
mod temporary;

use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use rayon::prelude::*;

pub use atomic::AtomicFile;
pub(crate) use atomic::folder_of;
pub use reserved::ImageRows;
use reserved::Unsummed;
pub(crate) use structure::{Role, Structure};
pub(crate) use temporary::Temporary;

use crate::hdu::padded;
use crate::table::Encoded;
use crate::{
    ArrayView, BLOCK, Error, FitsFile, HduKind, HduSelector, Header, Result, Sample, Table, Value, checksum,
};

/// What to do where the output is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overwrite {
    /// Fail, before anything is written.
    Refuse,
    /// Replace it, when all is written.
    Replace,
}

/// True allows it.
impl From<bool> for Overwrite {
    fn from(allowed: bool) -> Self {
        if allowed {
            Overwrite::Replace
        } else {
            Overwrite::Refuse
        }
    }
}

/// Writes a FITS file HDU by HDU.
///
/// All goes to a temporary file in the target's folder, as [`AtomicFile`] has it; [`FitsWriter::finish`] gives it the
/// target's name. Until then the target stays as it was, and a writer that is dropped or killed leaves it so. The first HDU becomes the
/// primary one; where that cannot be (a table), an empty primary is put before it.
#[derive(Debug)]
pub struct FitsWriter {
    path: PathBuf,
    output: BufWriter<AtomicFile>,
    hdus: usize,
    checksums: bool,
    position: u64,
    /// Sum of the data written since the last header.
    sum: u32,
    /// Reserved images whose checksums are wanted.
    unsummed: Vec<Unsummed>,
    /// Memory for rows on their way to the file, to be used again.
    spare: Mutex<Vec<Vec<u8>>>,
    /// Bytes of a primary HDU without data; 0 where the first HDU is another.
    empty_primary_bytes: usize,
}

impl FitsWriter {
    /// Begins a file.
    ///
    /// # Errors
    /// [`Error::Exists`] where the target is there and `overwrite` refuses to replace it; [`Error::Io`].
    pub fn create(path: impl AsRef<Path>, overwrite: Overwrite) -> Result<Self> {
        let file = AtomicFile::create(path.as_ref(), overwrite)?;
        let path = file.path().to_owned();
        let output = BufWriter::with_capacity(1 << 20, file);
        Ok(Self {
            path,
            output,
            hdus: 0,
            checksums: false,
            position: 0,
            sum: 0,
            unsummed: Vec::new(),
            spare: Mutex::default(),
            empty_primary_bytes: 0,
        })
    }

    /// Gives every HDU written from now on CHECKSUM and DATASUM; copied ones keep what they have.
    #[must_use]
    pub fn with_checksums(mut self, checksums: bool) -> Self {
        self.checksums = checksums;
        self
    }

    /// The file that will be there after [`FitsWriter::finish`].
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Number of HDUs written so far.
    pub fn len(&self) -> usize {
        self.hdus
    }

    /// Whether no HDU has been written.
    pub fn is_empty(&self) -> bool {
        self.hdus == 0
    }

    /// An HDU without data, usually the first. Cards of `header` that speak of the shape of data are
    /// replaced, all others are written as they are.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn empty_primary(&mut self, header: &Header) -> Result<()> {
        let is_first = self.hdus == 0;
        let header = Structure::image(8, &[], 0.0).header(header, self.role(), Vec::new())?;
        self.hdu(header, |_| Ok(0))?;
        if is_first {
            self.empty_primary_bytes = self.position as usize;
        }
        Ok(())
    }

    /// An HDU without data that stands for an array of `shape` `[ny, nx]` with the same `value`
    /// everywhere: NAXIS = 0 with NPIX1, NPIX2 and PIXVALUE, which stay where they are if they are there.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::Unwritable`] where the value is not finite.
    pub fn constant(
        &mut self,
        header: &Header,
        shape: (usize, usize),
        value: f64,
        bitpix: i64,
    ) -> Result<()> {
        let mut header = Structure::stored_image(bitpix, &[]).header(header, self.role(), Vec::new())?;
        header.retain(|card| !["BSCALE", "BZERO", "BLANK"].contains(&card.keyword()));
        let value = match Value::Real(value).as_integer() {
            Some(whole) if bitpix > 0 => Value::Integer(whole),
            _ => Value::Real(value),
        };
        header.set("NPIX1", shape.1, Some("length of constant array axis 1"))?;
        header.set("NPIX2", shape.0, Some("length of constant array axis 2"))?;
        header.set("PIXVALUE", value, Some("values of pixels in constant array"))?;
        self.hdu(header, |_| Ok(0))
    }

    /// An image of `shape` `[ny, nx]`. BITPIX, NAXIS, BZERO and so on follow from the samples; all other
    /// cards of `header` are written as they are.
    ///
    /// # Errors
    /// [`Error::WrongShape`] where the samples do not fill the shape; [`Error::Io`].
    pub fn image<'a, T: Sample>(
        &mut self,
        header: &Header,
        image: impl Into<ArrayView<'a, T>>,
    ) -> Result<()> {
        let image = image.into();
        image.check().map_err(|e| e.in_hdu(&self.path, self.hdus))?;
        let axes: Vec<usize> = image.shape().iter().rev().copied().collect();
        let header = Structure::image(T::BITPIX, &axes, T::BZERO).header(header, self.role(), Vec::new())?;
        self.hdu(header, |writer| {
            let mut bytes = Vec::new();
            for samples in image.data().chunks(1 << 18) {
                encode(samples, &mut bytes);
                writer.data(&bytes)?;
            }
            Ok(0)
        })
    }

    /// A binary table. Cards of `header` that speak of columns are replaced, all others are written as
    /// they are.
    ///
    /// # Errors
    /// [`Error::Unwritable`] where a column has no FITS form; [`Error::Io`].
    pub fn table(&mut self, header: &Header, table: &Table) -> Result<()> {
        if self.hdus == 0 {
            self.empty_primary(&Header::new())?;
        }
        let encoded = Encoded::of(table).map_err(|e| e.in_hdu(&self.path, self.hdus))?;
        let structure = Structure::table(encoded.row_bytes, table.rows(), encoded.heap.len());
        let header = structure.header(header, Role::Extension, encoded.cards)?;
        self.hdu(header, |writer| {
            writer.data(&encoded.rows)?;
            writer.data(&encoded.heap)?;
            Ok(0)
        })
    }

    /// Another file's HDU, byte for byte. Only where a primary HDU becomes an extension, or the other way
    /// round, do its first cards change.
    ///
    /// # Errors
    /// [`Error::NoSuchHdu`], [`Error::Truncated`], [`Error::Io`].
    pub fn copy_hdu(&mut self, file: &FitsFile, selector: impl Into<HduSelector>) -> Result<()> {
        let hdu = file.hdu(selector)?;
        let in_hdu = |error: Error| error.in_hdu(file.path(), hdu.label());
        hdu.check_whole().map_err(in_hdu)?;
        let image = hdu.kind() == HduKind::Image;
        if self.hdus == 0 && !image && hdu.index() > 0 {
            self.empty_primary(&Header::new())?;
        }
        let header = if image && (self.hdus == 0) != (hdu.index() == 0) {
            let bitpix = hdu.header().require_integer("BITPIX").map_err(in_hdu)?;
            let structure = Structure::stored_image(bitpix, hdu.dimensions());
            structure
                .header(hdu.header(), self.role(), Vec::new())?
                .to_bytes()
        } else {
            file.reader()?
                .to_vec(hdu.header_offset, hdu.data_offset - hdu.header_offset)?
        };
        self.write(&header)?;
        self.copy_bytes(file, hdu.data_offset, hdu.data_bytes)?;
        self.pad(if hdu.kind() == HduKind::AsciiTable {
            b' '
        } else {
            0
        })?;
        self.hdus += 1;
        Ok(())
    }

    /// Puts the finished file in its place.
    ///
    /// # Errors
    /// [`Error::Io`]; the target is then as it was.
    pub fn finish(mut self) -> Result<()> {
        if self.hdus == 0 {
            self.empty_primary(&Header::new())?;
        }
        self.sum_reserved()?;
        let file = self
            .output
            .into_inner()
            .map_err(|e| Error::io("write", &self.path)(e.into_error()))?;
        file.commit()
    }

    fn role(&self) -> Role {
        if self.hdus == 0 {
            Role::Primary
        } else {
            Role::Extension
        }
    }

    /// Header, data, padding, and where asked for their sums.
    fn hdu(&mut self, mut header: Header, data: impl FnOnce(&mut Self) -> Result<u8>) -> Result<()> {
        if self.checksums {
            checksum::reserve(&mut header)?;
        }
        let start = self.position;
        let bytes = header.to_bytes();
        self.write(&bytes)?;
        self.sum = 0;
        let padding = data(self)?;
        self.pad(padding)?;
        if self.checksums {
            let filled = checksum::fill(&mut header, self.sum, bytes.len())?;
            let io = Error::io("write", &self.path);
            let rewrite = |output: &mut BufWriter<AtomicFile>| {
                output.seek(SeekFrom::Start(start))?;
                output.write_all(&filled)?;
                output.seek(SeekFrom::Start(self.position))
            };
            rewrite(&mut self.output).map_err(io)?;
        }
        self.hdus += 1;
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.position += bytes.len() as u64;
        self.output
            .write_all(bytes)
            .map_err(Error::io("write", &self.path))
    }

    /// Data, in whole words but for the last part.
    fn data(&mut self, bytes: &[u8]) -> Result<()> {
        if self.checksums {
            // A part may begin within a word, as a heap does behind rows of odd length.
            let lead = (self.position % 4) as usize;
            let aligned = [&[0; 4][..lead], bytes].concat();
            self.sum = checksum::add(
                self.sum,
                checksum::sum_of(if lead == 0 { bytes } else { &aligned }),
            );
        }
        self.write(bytes)
    }

    fn pad(&mut self, with: u8) -> Result<()> {
        let gap = (padded(self.position) - self.position) as usize;
        self.data(&[with; BLOCK][..gap])
    }

    fn copy_bytes(&mut self, file: &FitsFile, offset: u64, length: u64) -> Result<()> {
        let reader = file.reader()?;
        let mut scratch = Vec::new();
        let mut done = 0;
        while done < length {
            let part = (length - done).min(1 << 20);
            let bytes = reader.bytes(offset + done, part as usize, &mut scratch)?;
            self.write(bytes)?;
            done += part;
        }
        Ok(())
    }
}

/// The bytes of samples as they stand in a file.
pub(crate) fn encode<T: Sample>(samples: &[T], bytes: &mut Vec<u8>) {
    bytes.resize(samples.len() * T::SIZE, 0);
    bytes
        .par_chunks_mut(T::SIZE << 13)
        .zip(samples.par_chunks(1 << 13))
        .for_each(|(bytes, samples)| put(samples.iter().copied(), bytes));
}

/// The same on the calling thread.
fn put<T: Sample>(samples: impl Iterator<Item = T>, bytes: &mut [u8]) {
    // Wide vectors turn the bytes of many samples around at once.
    pulp::Arch::new().dispatch(
        #[inline(always)]
        || {
            for (bytes, sample) in bytes.chunks_exact_mut(T::SIZE).zip(samples) {
                sample.put(bytes);
            }
        },
    );
}
