//! Writing files: beside the target first, then renamed over it.

use std::fs::Permissions;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use tempfile::NamedTempFile;

use crate::hdu::padded;
use crate::{ArrayView, BLOCK, Card, Error, FitsFile, HduKind, HduSelector, Header, Result, Sample, Value};

/// What to do where the output is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overwrite {
    /// Fail, before anything is written.
    Refuse,
    /// Replace it, when all is written.
    Replace,
}

/// Writes a FITS file HDU by HDU.
///
/// All goes to a temporary file in the target's folder; [`FitsWriter::finish`] renames it. Until then the
/// target stays as it was, and a writer that is dropped or killed leaves it so. The first HDU becomes the
/// primary one; where that cannot be (a table), an empty primary is put before it.
#[derive(Debug)]
pub struct FitsWriter {
    path: PathBuf,
    output: BufWriter<NamedTempFile>,
    permissions: Option<Permissions>,
    hdus: usize,
}

impl FitsWriter {
    /// Begins a file.
    ///
    /// # Errors
    /// [`Error::Exists`] where the target is there and `overwrite` refuses to replace it; [`Error::Io`].
    pub fn create(path: impl AsRef<Path>, overwrite: Overwrite) -> Result<Self> {
        let path = path.as_ref();
        // A link's target is what is replaced, not the link.
        let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let permissions = match std::fs::metadata(&path) {
            Ok(_) if overwrite == Overwrite::Refuse => return Err(Error::Exists { path }),
            Ok(there) => Some(there.permissions()),
            Err(_) => None,
        };
        let output = BufWriter::with_capacity(1 << 20, beside(&path)?);
        Ok(Self {
            path,
            output,
            permissions,
            hdus: 0,
        })
    }

    /// Number of HDUs written so far.
    pub fn len(&self) -> usize {
        self.hdus
    }

    /// Whether no HDU has been written.
    pub fn is_empty(&self) -> bool {
        self.hdus == 0
    }

    /// An HDU without data. Cards of `header` that speak of the shape of data are replaced, all others
    /// are written as they are.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn empty_primary(&mut self, header: &Header) -> Result<()> {
        let header = structured(header, self.role(), &Structure::image(8, &[], 0.0))?;
        self.header(&header)?;
        self.hdus += 1;
        Ok(())
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
        let header = structured(header, self.role(), &Structure::image(T::BITPIX, &axes, T::BZERO))?;
        self.header(&header)?;
        let part = 1 << 18;
        for samples in image.data().chunks(part) {
            let mut bytes = vec![0u8; samples.len() * T::SIZE];
            bytes
                .par_chunks_mut(T::SIZE << 13)
                .zip(samples.par_chunks(1 << 13))
                .for_each(|(bytes, samples)| {
                    for (bytes, sample) in bytes.chunks_exact_mut(T::SIZE).zip(samples) {
                        sample.put(bytes);
                    }
                });
            self.write(&bytes)?;
        }
        self.pad(image.data().len() as u64 * T::SIZE as u64, 0)?;
        self.hdus += 1;
        Ok(())
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
        if image && (self.hdus == 0) != (hdu.index() == 0) {
            let stored = hdu.header();
            let axes = hdu.dimensions();
            let structure = Structure {
                keep_scaling: true,
                ..Structure::image(bitpix(stored)?, axes, 0.0)
            };
            let header = structured(stored, self.role(), &structure)?;
            self.header(&header)?;
        } else {
            self.copy_bytes(file, hdu.header_offset, hdu.data_offset - hdu.header_offset)?;
        }
        self.copy_bytes(file, hdu.data_offset, hdu.data_bytes)?;
        self.pad(
            hdu.data_bytes,
            if hdu.kind() == HduKind::AsciiTable {
                b' '
            } else {
                0
            },
        )?;
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
        let io = |source| Error::Io {
            action: "write",
            path: self.path.clone(),
            source,
        };
        let file = self.output.into_inner().map_err(|e| io(e.into_error()))?;
        if let Some(permissions) = self.permissions {
            file.as_file().set_permissions(permissions).map_err(io)?;
        }
        file.persist(&self.path).map_err(|e| io(e.error))?;
        Ok(())
    }

    fn role(&self) -> Role {
        if self.hdus == 0 {
            Role::Primary
        } else {
            Role::Extension
        }
    }

    fn header(&mut self, header: &Header) -> Result<()> {
        self.write(&header.to_bytes())
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.output
            .write_all(bytes)
            .map_err(Error::io("write", &self.path))
    }

    fn pad(&mut self, written: u64, with: u8) -> Result<()> {
        let gap = (padded(written) - written) as usize;
        self.write(&[with; BLOCK][..gap])
    }

    fn copy_bytes(&mut self, file: &FitsFile, offset: u64, length: u64) -> Result<()> {
        let reader = file.reader()?;
        let mut scratch = Vec::new();
        let mut done = 0;
        while done < length {
            let part = (length - done).min(1 << 20);
            let bytes = reader.bytes(offset + done, part as usize, &mut scratch)?;
            self.output
                .write_all(bytes)
                .map_err(Error::io("write", &self.path))?;
            done += part;
        }
        Ok(())
    }
}

/// A temporary file in the folder of `path`, readable as far as the user's mask lets new files be.
fn beside(path: &Path) -> Result<NamedTempFile> {
    let folder = path
        .parent()
        .filter(|p| !p.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".firstlight-").suffix(".part");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder).map_err(Error::io("create", path))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Primary,
    Extension,
}

/// What the first cards of a header have to say.
#[derive(Debug)]
struct Structure {
    extension: &'static str,
    bitpix: i64,
    axes: Vec<usize>,
    bzero: f64,
    keep_scaling: bool,
    pcount: u64,
}

impl Structure {
    fn image(bitpix: i64, axes: &[usize], bzero: f64) -> Self {
        Self {
            extension: "IMAGE",
            bitpix,
            axes: axes.to_vec(),
            bzero,
            keep_scaling: false,
            pcount: 0,
        }
    }
}

fn bitpix(header: &Header) -> Result<i64> {
    header.require_integer("BITPIX")
}

/// `header` with the cards that its place and data require, in the order FITS requires.
fn structured(header: &Header, role: Role, structure: &Structure) -> Result<Header> {
    let mut cards: Vec<Card> = Vec::with_capacity(header.cards().len() + 8);
    let mut put = |keyword: &str, value: Value, comment: &str| -> Result<()> {
        // An equal card is kept with its comment and spacing.
        match header.card(keyword) {
            Some(card) if card.value().ok().flatten().as_ref() == Some(&value) => cards.push(card.clone()),
            Some(card) => cards.push(Card::new(
                keyword,
                value,
                card.comment().as_deref().or(Some(comment)),
            )?),
            None => cards.push(Card::new(keyword, value, Some(comment))?),
        }
        Ok(())
    };
    match role {
        Role::Primary => put("SIMPLE", true.into(), "conforms to FITS standard")?,
        Role::Extension if structure.extension == "IMAGE" => {
            put("XTENSION", structure.extension.into(), "Image extension")?;
        }
        Role::Extension => put("XTENSION", structure.extension.into(), "binary table extension")?,
    }
    put("BITPIX", structure.bitpix.into(), "array data type")?;
    put("NAXIS", structure.axes.len().into(), "number of array dimensions")?;
    for (axis, &length) in structure.axes.iter().enumerate() {
        put(&format!("NAXIS{}", axis + 1), length.into(), "")?;
    }
    match role {
        Role::Primary => put("EXTEND", true.into(), "")?,
        Role::Extension => {
            put(
                "PCOUNT",
                Value::Integer(structure.pcount as i64),
                "number of parameters",
            )?;
            put("GCOUNT", 1i64.into(), "number of groups")?;
        }
    }
    if structure.bzero != 0.0 {
        put("BSCALE", 1i64.into(), "")?;
        put("BZERO", Value::Real(structure.bzero), "")?;
    }
    let mut out = Header::new();
    for card in cards {
        out.push(card);
    }
    for card in header.cards() {
        if !is_structural(card.keyword(), structure.keep_scaling) {
            out.push(card.clone());
        }
    }
    Ok(out)
}

fn is_structural(keyword: &str, keep_scaling: bool) -> bool {
    match keyword {
        "SIMPLE" | "XTENSION" | "BITPIX" | "NAXIS" | "PCOUNT" | "GCOUNT" | "EXTEND" | "GROUPS"
        | "CHECKSUM" | "DATASUM" => true,
        "BSCALE" | "BZERO" | "BLANK" | "NPIX1" | "NPIX2" | "PIXVALUE" => !keep_scaling,
        _ => keyword
            .strip_prefix("NAXIS")
            .is_some_and(|n| n.parse::<u16>().is_ok()),
    }
}
