//! Opening a file and finding its HDUs.

use std::ops::Range;
use std::path::Path;

use crate::hdu::padded;
use crate::source::{Reader, Sequential, Source};
use crate::{Array, BLOCK, Error, Hdu, HduSelector, Header, ImageBlocks, Pixels, Result, Sample};

/// Headers of more blocks than this (720,000 cards) are taken for something that is not a header.
const MOST_HEADER_BLOCKS: usize = 20_000;

/// A FITS file whose headers have been read; data are read when asked for.
///
/// Gzipped files are read as they are. The file is not kept open.
#[derive(Debug)]
pub struct FitsFile {
    source: Source,
    hdus: Vec<Hdu>,
    /// Bytes up to where the scan came.
    length: u64,
}

impl FitsFile {
    /// Reads all headers of a file.
    ///
    /// A file that ends within the data of its last HDU opens; reading those data is an error. What
    /// follows the last HDU and is no extension ("special records") is passed over.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::NotFits`] for what is no FITS file; [`Error::InHdu`] for headers that
    /// have no end or do not say what they hold.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let (source, input) = Source::open(path.as_ref())?;
        Self::scan(source, input, |_| false)
    }

    /// Reads headers only up to the HDU that is wanted; those behind it are not there.
    ///
    /// # Errors
    /// As [`FitsFile::open`], and [`Error::NoSuchHdu`].
    pub fn open_until(path: impl AsRef<Path>, selector: impl Into<HduSelector>) -> Result<Self> {
        let selector = selector.into();
        let (source, input) = Source::open(path.as_ref())?;
        let file = Self::scan(source, input, |hdu| hdu.matches(&selector))?;
        file.hdu(&selector)?;
        Ok(file)
    }

    /// Reads headers one after another, as long as `more` says so of each; those behind are not there.
    ///
    /// # Errors
    /// As [`FitsFile::open`].
    pub fn open_while(path: impl AsRef<Path>, mut more: impl FnMut(&Hdu) -> bool) -> Result<Self> {
        let (source, input) = Source::open(path.as_ref())?;
        Self::scan(source, input, |hdu| !more(hdu))
    }

    /// A file whose bytes are in memory; `name` stands for the path in messages.
    ///
    /// # Errors
    /// As [`FitsFile::open`].
    pub fn from_bytes(name: impl AsRef<Path>, bytes: Vec<u8>) -> Result<Self> {
        let (source, input) = Source::memory(name.as_ref(), bytes)?;
        Self::scan(source, input, |_| false)
    }

    fn scan(source: Source, mut input: Sequential, mut last: impl FnMut(&Hdu) -> bool) -> Result<Self> {
        let mut hdus: Vec<Hdu> = Vec::new();
        loop {
            let index = hdus.len();
            let offset = input.position();
            let in_hdu = |error: Error| error.in_hdu(source.path(), index);
            let Some(header) = next_header(&mut input, index, source.path()).map_err(in_hdu)? else {
                break;
            };
            let bytes = input.position() - offset;
            let mut hdu = Hdu::new(index, header, offset, bytes).map_err(in_hdu)?;
            if last(&hdu) {
                // What follows is not looked at; of a gzipped file it shows when it is read.
                let end = hdu.data_offset + padded(hdu.data_bytes);
                let length = source.plain_length().unwrap_or(end);
                hdu.available = length.saturating_sub(hdu.data_offset).min(hdu.data_bytes);
                hdus.push(hdu);
                return Ok(Self { source, hdus, length });
            }
            hdu.available = input.skip(padded(hdu.data_bytes))?.min(hdu.data_bytes);
            let truncated = hdu.is_truncated();
            hdus.push(hdu);
            if truncated {
                break;
            }
        }
        // Not all that follows the last HDU was read.
        let length = source.plain_length().unwrap_or(input.position());
        Ok(Self { source, hdus, length })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        self.source.path()
    }

    /// All HDUs in order.
    pub fn hdus(&self) -> &[Hdu] {
        &self.hdus
    }

    /// Fails where the file ends before its last HDU does: what should follow is missing as well then.
    ///
    /// # Errors
    /// [`Error::Truncated`], with the HDU.
    pub fn check_whole(&self) -> Result<()> {
        let whole = |hdu: &Hdu| {
            hdu.check_whole()
                .map_err(|error| error.in_hdu(self.path(), hdu.label()))
        };
        self.hdus.iter().try_for_each(whole)
    }

    /// The first HDU, which every file has.
    pub fn primary(&self) -> &Hdu {
        &self.hdus[0]
    }

    /// One HDU: `1`, `"SCI"`, `"SCI,2"`, `("SCI", 2)`.
    ///
    /// # Errors
    /// [`Error::NoSuchHdu`], which lists those that are there.
    pub fn hdu(&self, selector: impl Into<HduSelector>) -> Result<&Hdu> {
        let selector = selector.into();
        self.hdus
            .iter()
            .find(|hdu| hdu.matches(&selector))
            .ok_or_else(|| Error::NoSuchHdu {
                path: self.path().to_owned(),
                selector: selector.to_string(),
                present: self.hdus.iter().map(Hdu::label).collect::<Vec<_>>().join("; "),
            })
    }

    /// Physical values of an image: BSCALE and BZERO applied, BLANK as NaN in floats, compressed tiles
    /// unpacked, constant arrays filled. The shape is `[ny, nx]`, slowest axis first.
    ///
    /// # Errors
    /// [`Error::InHdu`] around [`Error::WrongKind`] where there are no pixels, [`Error::Truncated`], or
    /// [`Error::OutOfRange`] where `T` cannot hold a value (reals are rounded to f32 without complaint).
    pub fn image<T: Sample>(&self, selector: impl Into<HduSelector>) -> Result<Array<T>> {
        let hdu = self.hdu(selector)?;
        crate::image::read(self, hdu, None).map_err(|e| e.in_hdu(self.path(), hdu.label()))
    }

    /// Some rows of a two-dimensional image, as [`FitsFile::image`] gives them; only they are read.
    ///
    /// # Errors
    /// As [`FitsFile::image`], and [`Error::WrongShape`] where the image has no such rows or is not
    /// two-dimensional.
    pub fn image_rows<T: Sample>(
        &self,
        selector: impl Into<HduSelector>,
        rows: Range<usize>,
    ) -> Result<Array<T>> {
        let hdu = self.hdu(selector)?;
        crate::image::read(self, hdu, Some(rows)).map_err(|e| e.in_hdu(self.path(), hdu.label()))
    }

    /// A block of a two-dimensional image, as [`FitsFile::image`] gives it; only it is read, on the calling
    /// thread. Of a compressed image the tiles that `rows` touch are unpacked each time.
    ///
    /// # Errors
    /// As [`FitsFile::image_rows`], also for columns.
    pub fn image_block<T: Sample>(
        &self,
        selector: impl Into<HduSelector>,
        rows: Range<usize>,
        columns: Range<usize>,
    ) -> Result<Array<T>> {
        let hdu = self.hdu(selector)?;
        crate::image::read_block(self, hdu, rows, columns).map_err(|e| e.in_hdu(self.path(), hdu.label()))
    }

    /// A two-dimensional image to be read block by block. Compressed images are unpacked here, as a whole.
    ///
    /// # Errors
    /// As [`FitsFile::image_rows`].
    pub fn image_blocks<T: Sample>(&self, selector: impl Into<HduSelector>) -> Result<ImageBlocks<T>> {
        let hdu = self.hdu(selector)?;
        ImageBlocks::open(self, hdu).map_err(|e| e.in_hdu(self.path(), hdu.label()))
    }

    /// Pixels in the type that suits them best: as stored; unsigned where BZERO says so; floats where
    /// they are scaled or blank.
    ///
    /// # Errors
    /// As [`FitsFile::image`].
    pub fn pixels(&self, selector: impl Into<HduSelector>) -> Result<Pixels> {
        let hdu = self.hdu(selector)?;
        crate::image::pixels(self, hdu).map_err(|e| e.in_hdu(self.path(), hdu.label()))
    }

    /// A table with all its columns.
    ///
    /// # Errors
    /// [`Error::InHdu`] around [`Error::WrongKind`] where there is no table, [`Error::Truncated`],
    /// [`Error::Damaged`].
    pub fn table(&self, selector: impl Into<HduSelector>) -> Result<crate::Table> {
        let hdu = self.hdu(selector)?;
        crate::table::read(self, hdu).map_err(|e| e.in_hdu(self.path(), hdu.label()))
    }

    /// An HDU's data as they stand in the file, without padding: for extensions that hold something of
    /// their own, such as a whole file.
    ///
    /// # Errors
    /// [`Error::NoSuchHdu`], [`Error::Truncated`], [`Error::Io`].
    pub fn data_bytes(&self, selector: impl Into<HduSelector>) -> Result<Vec<u8>> {
        let hdu = self.hdu(selector)?;
        let in_hdu = |error: Error| error.in_hdu(self.path(), hdu.label());
        hdu.check_whole().map_err(in_hdu)?;
        self.reader()?.to_vec(hdu.data_offset, hdu.data_bytes)
    }

    /// Whether the file is gzipped.
    pub fn is_gzipped(&self) -> bool {
        self.source.is_gzipped()
    }

    /// Bytes up to where the scan came: all, where all headers were read.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    pub(crate) fn reader(&self) -> Result<Reader> {
        self.source.reader(self.length)
    }
}

/// Reads one header of a file, and none behind it.
///
/// # Errors
/// As [`FitsFile::open_until`].
pub fn read_header(path: impl AsRef<Path>, selector: impl Into<HduSelector>) -> Result<Header> {
    let mut file = FitsFile::open_until(path, selector)?;
    file.hdus.pop().map(|hdu| hdu.header).ok_or(Error::NoEnd)
}

/// Reads header blocks up to END; `None` where the file has no further extension.
fn next_header(input: &mut Sequential, index: usize, path: &Path) -> Result<Option<Header>> {
    let mut bytes = Vec::with_capacity(8 * BLOCK);
    loop {
        let from = bytes.len();
        if from >= MOST_HEADER_BLOCKS * BLOCK {
            return Err(Error::NoEnd);
        }
        bytes.resize(from + BLOCK, 0);
        let found = input.read(&mut bytes[from..])?;
        if from == 0 && index == 0 {
            check_magic(path, &bytes[..found])?;
        }
        if from == 0 && index > 0 && !bytes.starts_with(b"XTENSION") {
            return Ok(None);
        }
        if found < BLOCK {
            return Err(Error::NoEnd);
        }
        if bytes[from..]
            .chunks_exact(80)
            .any(|card| card.starts_with(b"END     "))
        {
            return Header::parse(&bytes).map(Some);
        }
    }
}

fn check_magic(path: &Path, start: &[u8]) -> Result<()> {
    if start.starts_with(b"SIMPLE  =") {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&start[..start.len().min(512)]).to_ascii_lowercase();
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let reason = if start.is_empty() {
        "it is empty"
    } else if ["<!doctype html", "<html", "<head", "<body"]
        .iter()
        .any(|tag| text.contains(tag))
    {
        "it looks like an HTML page, such as an error page saved under this name"
    } else if text.starts_with("<?xml") {
        "it looks like an XML document"
    } else if start.iter().all(|&b| b == 0) {
        "it begins with zeros only"
    } else if start.starts_with(b"PK\x03\x04") {
        "it looks like a ZIP archive"
    } else if start.starts_with(b"BZh") {
        "it looks like a bzip2 file"
    } else if start.starts_with(b"XTENSION") {
        "it begins with an extension instead of a primary header"
    } else {
        "it does not begin with SIMPLE"
    };
    Err(Error::not_fits(path, reason))
}
