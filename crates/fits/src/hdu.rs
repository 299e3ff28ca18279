//! One header and data unit: what it holds, and where.

use crate::image::image_header;
use crate::{BLOCK, Error, HduSelector, Header, Result};

/// What an HDU holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HduKind {
    /// Pixels, or no data at all (`NAXIS = 0`).
    Image,
    /// An image kept as compressed tiles in a binary table.
    CompressedImage,
    /// A binary table.
    BinTable,
    /// An ASCII table.
    AsciiTable,
    /// Random groups.
    Groups,
    /// An extension of another type.
    Other,
}

/// One HDU of an open file: its header, and where its data are.
#[derive(Debug, Clone)]
pub struct Hdu {
    pub(crate) index: usize,
    pub(crate) kind: HduKind,
    pub(crate) name: String,
    pub(crate) version: i64,
    pub(crate) header: Header,
    /// The header of the table that holds a compressed image; `header` is then the image's.
    pub(crate) container: Option<Header>,
    pub(crate) dimensions: Vec<usize>,
    pub(crate) header_offset: u64,
    pub(crate) data_offset: u64,
    /// Bytes of data that the header announces, without padding.
    pub(crate) data_bytes: u64,
    /// Bytes of data that the file has.
    pub(crate) available: u64,
}

impl Hdu {
    /// Works out kind, name, dimensions and size from a header that stands at `header_offset` and takes
    /// `header_bytes` with its padding.
    pub(crate) fn new(index: usize, header: Header, header_offset: u64, header_bytes: u64) -> Result<Self> {
        let stored = axes(&header, "NAXIS")?;
        let mut kind = kind_of(index, &header, &stored);
        let data_bytes = data_bytes(&header, kind, &stored)?;
        let (mut header, mut container, mut dimensions) = (header, None, stored);
        if kind == HduKind::CompressedImage {
            match (image_header(&header), axes(&header, "ZNAXIS")) {
                (Ok(image), Ok(axes)) if !axes.is_empty() && image.contains("BITPIX") => {
                    container = Some(std::mem::replace(&mut header, image));
                    dimensions = axes;
                }
                // A header that does not describe an image leaves the table that it is.
                _ => kind = HduKind::BinTable,
            }
        }
        let name = header
            .text("EXTNAME")
            .map(|name| name.trim().to_owned())
            .filter(|name| !name.is_empty());
        let unnamed = if index == 0 { "PRIMARY" } else { "" };
        Ok(Self {
            index,
            kind,
            name: name.unwrap_or_else(|| unnamed.to_owned()),
            version: header.integer("EXTVER").unwrap_or(1),
            header,
            container,
            dimensions,
            header_offset,
            data_offset: header_offset + header_bytes,
            data_bytes,
            available: 0,
        })
    }

    /// 0-based position in the file.
    pub fn index(&self) -> usize {
        self.index
    }

    /// What it holds.
    pub fn kind(&self) -> HduKind {
        self.kind
    }

    /// EXTNAME; `"PRIMARY"` for a first HDU without one, else empty.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// EXTVER, 1 where there is none.
    pub fn version(&self) -> i64 {
        self.version
    }

    /// Its cards; of a compressed image those of the image, not of the table that holds it.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The cards as they stand in the file, also of a compressed image.
    pub fn stored_header(&self) -> &Header {
        self.container.as_ref().unwrap_or(&self.header)
    }

    /// Lengths of the axes in the order of NAXIS1, NAXIS2, …: the *x* axis first. Of the image itself
    /// where it is compressed; empty where there are no data.
    pub fn dimensions(&self) -> &[usize] {
        &self.dimensions
    }

    /// Whether there is an image to read: pixels, compressed pixels, or a constant array.
    pub fn has_pixels(&self) -> bool {
        match self.kind {
            HduKind::Image => !self.dimensions.is_empty() || self.constant().is_some(),
            HduKind::CompressedImage => true,
            _ => false,
        }
    }

    /// The constant array that a header without data can stand for (`NAXIS = 0` with `NPIX1`, `NPIX2` and
    /// `PIXVALUE`): its shape `[ny, nx]` and its value.
    pub fn constant(&self) -> Option<(Vec<usize>, f64)> {
        if self.kind != HduKind::Image || !self.dimensions.is_empty() {
            return None;
        }
        let length = |keyword| {
            usize::try_from(self.header.integer(keyword)?)
                .ok()
                .filter(|&n| n > 0)
        };
        let nx = length("NPIX1")?;
        let ny = length("NPIX2");
        let shape = ny.map_or_else(|| vec![nx], |ny| vec![ny, nx]);
        Some((shape, self.header.real("PIXVALUE").unwrap_or(0.0)))
    }

    /// Where its data begin in the file, or in what it unpacks to.
    pub fn data_offset(&self) -> u64 {
        self.data_offset
    }

    /// Bytes of data that the header announces, without padding.
    pub fn data_bytes(&self) -> u64 {
        self.data_bytes
    }

    /// Whether the file ends before the data do.
    pub fn is_truncated(&self) -> bool {
        self.available < self.data_bytes
    }

    /// Whether the selector means this HDU.
    pub fn matches(&self, selector: &HduSelector) -> bool {
        let named = |name: &str| {
            self.name.eq_ignore_ascii_case(name.trim())
                || self.index == 0 && name.trim().eq_ignore_ascii_case("PRIMARY")
        };
        match selector {
            HduSelector::Index(index) => *index == self.index,
            HduSelector::Name(name) => named(name),
            HduSelector::Version(name, version) => named(name) && *version == self.version,
        }
    }

    /// `SCI,1`, or the position where there is no name.
    pub fn label(&self) -> String {
        if self.name.is_empty() || self.index == 0 {
            self.index.to_string()
        } else {
            format!("{},{}", self.name, self.version)
        }
    }

    /// Fails where the file ends before the data do.
    pub(crate) fn check_whole(&self) -> Result<()> {
        if self.is_truncated() {
            return Err(Error::Truncated {
                expected: self.data_bytes,
                found: self.available,
            });
        }
        Ok(())
    }
}

fn kind_of(index: usize, header: &Header, stored: &[usize]) -> HduKind {
    if index == 0 {
        let groups = header.logical("GROUPS") == Some(true) && stored.first() == Some(&0);
        return if groups { HduKind::Groups } else { HduKind::Image };
    }
    match header.text("XTENSION").unwrap_or_default().trim_end() {
        "IMAGE" | "IUEIMAGE" => HduKind::Image,
        "BINTABLE" | "A3DTABLE" if header.logical("ZIMAGE") == Some(true) => HduKind::CompressedImage,
        "BINTABLE" | "A3DTABLE" => HduKind::BinTable,
        "TABLE" => HduKind::AsciiTable,
        _ => HduKind::Other,
    }
}

/// The lengths `NAXIS1`, `NAXIS2`, … or `ZNAXIS1`, ….
fn axes(header: &Header, keyword: &str) -> Result<Vec<usize>> {
    let count = header.require_integer(keyword)?;
    if !(0..=999).contains(&count) {
        return Err(Error::BadValue {
            keyword: keyword.to_owned(),
            expected: "between 0 and 999".to_owned(),
            found: count.to_string(),
        });
    }
    (1..=count)
        .map(|axis| {
            let keyword = format!("{keyword}{axis}");
            let length = header.require_integer(&keyword)?;
            usize::try_from(length).map_err(|_| Error::BadValue {
                keyword,
                expected: "zero or more".to_owned(),
                found: length.to_string(),
            })
        })
        .collect()
}

fn data_bytes(header: &Header, kind: HduKind, axes: &[usize]) -> Result<u64> {
    let bitpix = header.require_integer("BITPIX")?;
    if ![8, 16, 32, 64, -32, -64].contains(&bitpix) {
        return Err(Error::BadValue {
            keyword: "BITPIX".to_owned(),
            expected: "8, 16, 32, 64, -32 or -64".to_owned(),
            found: bitpix.to_string(),
        });
    }
    if axes.is_empty() {
        return Ok(0);
    }
    let count = |keyword: &str, default: u64| match header.integer(keyword) {
        None => Ok(default),
        Some(value) => u64::try_from(value).map_err(|_| Error::BadValue {
            keyword: keyword.to_owned(),
            expected: "zero or more".to_owned(),
            found: value.to_string(),
        }),
    };
    let axes = if kind == HduKind::Groups { &axes[1..] } else { axes };
    let elements = axes
        .iter()
        .try_fold(1u64, |product, &n| product.checked_mul(n as u64));
    let (parameters, groups) = (count("PCOUNT", 0)?, count("GCOUNT", 1)?);
    elements
        .and_then(|n| n.checked_add(parameters))
        .and_then(|n| n.checked_mul(groups))
        .and_then(|n| n.checked_mul(bitpix.unsigned_abs() / 8))
        .filter(|&n| n < u64::MAX / 4)
        .ok_or_else(|| Error::BadValue {
            keyword: "NAXIS".to_owned(),
            expected: "an array that a file can hold".to_owned(),
            found: format!("{axes:?}"),
        })
}

/// Rounds up to a whole number of blocks.
pub(crate) fn padded(bytes: u64) -> u64 {
    bytes.next_multiple_of(BLOCK as u64)
}
