//! Where the bytes come from: a file, a gzipped file, or memory.
//!
//! No file stays open between reads, so that hundreds of files can be in use at once; a file that was
//! changed in the meantime is noticed.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use flate2::read::MultiGzDecoder;

use crate::{Error, Result};

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// The bytes of one FITS file.
#[derive(Debug)]
pub(crate) struct Source {
    path: PathBuf,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Plain {
        length: u64,
        modified: Option<SystemTime>,
    },
    /// Unpacked when pixels are first asked for.
    Gzip {
        length: u64,
        modified: Option<SystemTime>,
        unpacked: OnceLock<Arc<Vec<u8>>>,
    },
    Memory(Arc<Vec<u8>>),
}

impl Source {
    /// Looks at a file's first bytes and its size.
    pub(crate) fn open(path: &Path) -> Result<(Self, Sequential)> {
        crate::edit::recover(path, false)?;
        let file = File::open(path).map_err(Error::io("open", path))?;
        let metadata = file.metadata().map_err(Error::io("open", path))?;
        if metadata.is_dir() {
            return Err(Error::not_fits(path, "it is a directory"));
        }
        let (length, modified) = (metadata.len(), metadata.modified().ok());
        let mut file = BufReader::with_capacity(1 << 15, file);
        let start = file.fill_buf().map_err(Error::io("read", path))?;
        let path = path.to_owned();
        if start.starts_with(&GZIP_MAGIC) {
            let kind = Kind::Gzip {
                length,
                modified,
                unpacked: OnceLock::new(),
            };
            let input = Input::Gzip(Box::new(MultiGzDecoder::new(file)));
            return Ok((
                Self {
                    path: path.clone(),
                    kind,
                },
                Sequential {
                    path,
                    input,
                    position: 0,
                },
            ));
        }
        let input = Input::File { file, length };
        let kind = Kind::Plain { length, modified };
        Ok((
            Self {
                path: path.clone(),
                kind,
            },
            Sequential {
                path,
                input,
                position: 0,
            },
        ))
    }

    /// Bytes that are in memory already; gzipped ones are unpacked.
    pub(crate) fn memory(path: &Path, bytes: Vec<u8>) -> Result<(Self, Sequential)> {
        let bytes = if bytes.starts_with(&GZIP_MAGIC) {
            let mut unpacked = Vec::new();
            MultiGzDecoder::new(bytes.as_slice())
                .read_to_end(&mut unpacked)
                .map_err(Error::io("unpack", path))?;
            unpacked
        } else {
            bytes
        };
        let bytes = Arc::new(bytes);
        let path = path.to_owned();
        let input = Input::Memory(Arc::clone(&bytes));
        Ok((
            Self {
                path: path.clone(),
                kind: Kind::Memory(bytes),
            },
            Sequential {
                path,
                input,
                position: 0,
            },
        ))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Bytes of a file that is not compressed.
    pub(crate) fn plain_length(&self) -> Option<u64> {
        match &self.kind {
            Kind::Plain { length, .. } => Some(*length),
            Kind::Memory(bytes) => Some(bytes.len() as u64),
            Kind::Gzip { .. } => None,
        }
    }

    pub(crate) fn is_gzipped(&self) -> bool {
        matches!(self.kind, Kind::Gzip { .. })
    }

    /// Opens the bytes for reading at any offset. `total` is the length found when scanning.
    pub(crate) fn reader(&self, total: u64) -> Result<Reader> {
        let reopen = |length: u64, modified: Option<SystemTime>| {
            let file = File::open(&self.path).map_err(Error::io("open", &self.path))?;
            let now = file.metadata().map_err(Error::io("open", &self.path))?;
            if now.len() != length || now.modified().ok() != modified {
                return Err(Error::Changed {
                    path: self.path.clone(),
                });
            }
            Ok(file)
        };
        let bytes = match &self.kind {
            Kind::Plain { length, modified } => {
                let file = reopen(*length, *modified)?;
                return Ok(Reader {
                    path: self.path.clone(),
                    bytes: Bytes::File(file),
                });
            }
            Kind::Memory(bytes) => Arc::clone(bytes),
            Kind::Gzip {
                length,
                modified,
                unpacked,
            } => match unpacked.get() {
                Some(bytes) => Arc::clone(bytes),
                None => {
                    let file = BufReader::with_capacity(1 << 16, reopen(*length, *modified)?);
                    let mut bytes = reserved(total)?;
                    MultiGzDecoder::new(file)
                        .take(total)
                        .read_to_end(&mut bytes)
                        .map_err(Error::io("unpack", &self.path))?;
                    Arc::clone(unpacked.get_or_init(|| Arc::new(bytes)))
                }
            },
        };
        Ok(Reader {
            path: self.path.clone(),
            bytes: Bytes::Memory(bytes),
        })
    }
}

/// An empty vector with room for `bytes` bytes, or an error where there is no such memory.
pub(crate) fn reserved<T>(count: u64) -> Result<Vec<T>> {
    let too_large = || Error::TooLarge {
        bytes: count.saturating_mul(size_of::<T>() as u64),
    };
    let mut vector = Vec::new();
    vector
        .try_reserve_exact(usize::try_from(count).map_err(|_| too_large())?)
        .map_err(|_| too_large())?;
    Ok(vector)
}

/// `count` zeros, or an error where there is no such memory.
pub(crate) fn zeroed<T: Clone + Default>(count: u64) -> Result<Vec<T>> {
    // Reserving first turns an abort into an error; the vector is then made afresh because the
    // allocator can hand out zeroed pages without writing to them.
    let count = reserved::<T>(count)?.capacity().min(count as usize);
    Ok(vec![T::default(); count])
}

fn read_up_to(input: &mut impl Read, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut done = 0;
    while done < buffer.len() {
        match input.read(&mut buffer[done..]) {
            Ok(0) => break,
            Ok(n) => done += n,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(done)
}

/// Bytes from front to back, for the scan of headers.
pub(crate) struct Sequential {
    path: PathBuf,
    input: Input,
    position: u64,
}

enum Input {
    File { file: BufReader<File>, length: u64 },
    Gzip(Box<MultiGzDecoder<BufReader<File>>>),
    Memory(Arc<Vec<u8>>),
}

impl Sequential {
    pub(crate) fn position(&self) -> u64 {
        self.position
    }

    /// Fills the buffer as far as there are bytes.
    pub(crate) fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let found = match &mut self.input {
            Input::File { file, .. } => read_up_to(file, buffer).map_err(Error::io("read", &self.path))?,
            Input::Gzip(stream) => read_up_to(stream, buffer).map_err(Error::io("unpack", &self.path))?,
            Input::Memory(bytes) => {
                let from = (self.position as usize).min(bytes.len());
                let found = buffer.len().min(bytes.len() - from);
                buffer[..found].copy_from_slice(&bytes[from..from + found]);
                found
            }
        };
        self.position += found as u64;
        Ok(found)
    }

    /// Goes forward; gives how many bytes were there to pass.
    pub(crate) fn skip(&mut self, count: u64) -> Result<u64> {
        let passed = match &mut self.input {
            Input::File { file, length } => {
                let passed = count.min(length.saturating_sub(self.position));
                let step = i64::try_from(passed).unwrap_or(i64::MAX);
                file.seek_relative(step).map_err(Error::io("read", &self.path))?;
                passed
            }
            Input::Gzip(stream) => std::io::copy(&mut stream.take(count), &mut std::io::sink())
                .map_err(Error::io("unpack", &self.path))?,
            Input::Memory(bytes) => count.min((bytes.len() as u64).saturating_sub(self.position)),
        };
        self.position += passed;
        Ok(passed)
    }
}

/// Bytes at any offset, from several threads at once.
#[derive(Debug)]
pub(crate) struct Reader {
    path: PathBuf,
    bytes: Bytes,
}

#[derive(Debug)]
enum Bytes {
    File(File),
    Memory(Arc<Vec<u8>>),
}

impl Reader {
    /// `length` bytes at `offset`; `scratch` holds them where they are not in memory yet.
    pub(crate) fn bytes<'a>(
        &'a self,
        offset: u64,
        length: usize,
        scratch: &'a mut Vec<u8>,
    ) -> Result<&'a [u8]> {
        match &self.bytes {
            Bytes::File(file) => {
                scratch.resize(length, 0);
                read_exact_at(file, scratch, offset).map_err(Error::io("read", &self.path))?;
                Ok(scratch)
            }
            Bytes::Memory(bytes) => {
                let from = usize::try_from(offset).unwrap_or(usize::MAX);
                let part = from.checked_add(length).and_then(|to| bytes.get(from..to));
                part.ok_or_else(|| {
                    let source = std::io::ErrorKind::UnexpectedEof.into();
                    Error::Io {
                        action: "read",
                        path: self.path.clone(),
                        source,
                    }
                })
            }
        }
    }

    /// Like [`Reader::bytes`], owned.
    pub(crate) fn to_vec(&self, offset: u64, length: u64) -> Result<Vec<u8>> {
        let length = usize::try_from(length).map_err(|_| Error::TooLarge { bytes: length })?;
        match &self.bytes {
            Bytes::File(_) => {
                let mut scratch = reserved(length as u64)?;
                self.bytes(offset, length, &mut scratch)?;
                Ok(scratch)
            }
            Bytes::Memory(_) => Ok(self.bytes(offset, length, &mut Vec::new())?.to_vec()),
        }
    }
}

#[cfg(unix)]
fn read_exact_at(file: &File, buffer: &mut [u8], offset: u64) -> std::io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, offset)
}

#[cfg(windows)]
fn read_exact_at(file: &File, buffer: &mut [u8], offset: u64) -> std::io::Result<()> {
    use std::os::windows::fs::FileExt;
    let mut done = 0;
    while done < buffer.len() {
        match file.seek_read(&mut buffer[done..], offset + done as u64)? {
            0 => return Err(std::io::ErrorKind::UnexpectedEof.into()),
            n => done += n,
        }
    }
    Ok(())
}
