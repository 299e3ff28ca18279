//! Whether a file is what it should be.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use firstlight_fits::FitsFile;
use md5::Md5;
use sha1::{Digest, Sha1};

use super::{Checksum, Content};
use crate::client::words;
use crate::{Error, Result};

/// FITS comes in blocks of so many bytes.
const BLOCK: u64 = 2880;

/// Checks a file's size, checksum and content.
///
/// # Errors
/// [`Error::BadFile`] where it is not what it should be, and says why; [`Error::Io`] where it cannot be read.
pub fn check_file(
    path: &Path,
    size: Option<u64>,
    checksum: Option<&Checksum>,
    content: Content,
) -> Result<()> {
    let bad = |reason: String| {
        Err(Error::BadFile {
            path: path.to_owned(),
            reason,
        })
    };
    let found = std::fs::metadata(path).map_err(Error::io(path))?.len();
    if let Some(expected) = size
        && expected != found
    {
        return bad(format!("it has {found} bytes, and should have {expected}"));
    }
    // A file of the right checksum is the right one, also where it is no FITS as it should be.
    let sum = match checksum.map(|checksum| check_sum(path, checksum)) {
        Some(Ok(())) => return Ok(()),
        Some(Err(error)) => Err(error),
        None => Ok(()),
    };
    match content {
        Content::Fits => check_fits(path)?,
        // Without anything to compare with, at least it is no left-over of a failure.
        Content::Any if size.is_none() && checksum.is_none() && found == 0 => {
            return bad("it is empty".to_owned());
        }
        Content::Any => {}
    }
    sum
}

/// Checks that a file is FITS, gzipped or not, and that each of its HDUs is whole.
///
/// # Errors
/// [`Error::BadFile`] for what is blank, a web page, no FITS, or ends too early; [`Error::Io`].
pub fn check_fits(path: &Path) -> Result<()> {
    let bad = |reason: String| {
        Err(Error::BadFile {
            path: path.to_owned(),
            reason,
        })
    };
    let mut start = Vec::new();
    let mut file = File::open(path).map_err(Error::io(path))?;
    file.by_ref()
        .take(BLOCK)
        .read_to_end(&mut start)
        .map_err(Error::io(path))?;
    if start.is_empty() {
        return bad("it is empty".to_owned());
    }
    if start.iter().all(|byte| *byte == 0 || byte.is_ascii_whitespace()) {
        return bad("it is blank".to_owned());
    }
    if words::looks_like_html(&start) {
        return bad(format!("it is a web page, not FITS: {}", words::of_body(&start)));
    }
    let fits = match FitsFile::open(path) {
        Ok(fits) => fits,
        Err(error) => return bad(of_content(error)),
    };
    if let Err(error) = fits.check_whole() {
        return bad(of_content(error));
    }
    if fits.is_gzipped() {
        return Ok(());
    }
    // The last block is filled up: a file that ends within it was cut as well.
    let end = fits.hdus().last().map_or(BLOCK, |hdu| {
        let data = hdu.data_bytes().div_ceil(BLOCK).saturating_mul(BLOCK);
        hdu.data_offset().saturating_add(data)
    });
    let length = file.metadata().map_err(Error::io(path))?.len();
    if length < end {
        return bad(format!(
            "it is truncated: its last HDU ends at byte {end}, the file at {length}"
        ));
    }
    Ok(())
}

/// What is wrong with the content, without the path, which the message has already.
fn of_content(error: firstlight_fits::Error) -> String {
    use firstlight_fits::Error as Fits;
    match error {
        Fits::NotFits { reason, .. } => format!("it is not FITS: {reason}"),
        Fits::InHdu { hdu, source, .. } => format!("HDU {hdu}: {source}"),
        Fits::Io { source, .. } if source.kind() == ErrorKind::UnexpectedEof => {
            "it is truncated: the compressed data have no end".to_owned()
        }
        Fits::Io { source, .. } => source.to_string(),
        other => other.to_string(),
    }
}

fn check_sum(path: &Path, checksum: &Checksum) -> Result<()> {
    let (kind, expected, found) = match checksum {
        Checksum::Sha1(expected) => ("SHA-1", expected, sum_of::<Sha1>(path)?),
        Checksum::Md5(expected) => ("MD5", expected, sum_of::<Md5>(path)?),
    };
    if found.eq_ignore_ascii_case(expected.trim()) {
        return Ok(());
    }
    Err(Error::BadFile {
        path: path.to_owned(),
        reason: format!("its {kind} is {found}, and should be {expected}"),
    })
}

/// The checksum of a file, in hexadecimal.
pub(crate) fn sum_of<D: Digest>(path: &Path) -> Result<String> {
    let mut file = File::open(path).map_err(Error::io(path))?;
    let mut sum = D::new();
    let mut buffer = vec![0; 1 << 18];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => sum.update(&buffer[..n]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(Error::io(path)(error)),
        }
    }
    Ok(hexadecimal(&sum.finalize()))
}

/// Bytes as digits.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
