//! One exposure: a file of imsets, whose pixels are read when asked for.

use crate::{Detector, Error, Frame, FrameBlocks, Image, Result};
use firstlight_fits::{FitsFile, Hdu, Header, Sample};
use std::path::Path;

/// An opened exposure. Headers are in memory, pixels are not.
///
/// A file without SCI extensions whose primary HDU holds an image, as ground-based cameras write them,
/// is an exposure of one imset, version 1, without ERR and DQ.
#[derive(Debug)]
pub struct Exposure {
    file: FitsFile,
    detector: Detector,
    imsets: Vec<Imset>,
}

/// One SCI image with its ERR and DQ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imset {
    /// EXTVER.
    pub version: i64,
    /// CCDCHIP, where the header has one.
    pub chip: Option<i64>,
    /// Position of SCI among the file's HDUs.
    pub sci: usize,
    /// Position of ERR.
    pub err: Option<usize>,
    /// Position of DQ.
    pub dq: Option<usize>,
}

impl Exposure {
    /// Opens a file and reads its headers.
    ///
    /// # Errors
    /// [`Error::Fits`] where the file cannot be read as FITS or is truncated, [`Error::NoImage`] where it
    /// holds no image.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::of_file(FitsFile::open(path)?)
    }

    /// Of a file that is open already.
    ///
    /// # Errors
    /// As [`Exposure::open`].
    pub fn of_file(file: FitsFile) -> Result<Self> {
        let hdus = file.hdus();
        let find = |name: &str, version| {
            hdus.iter()
                .find(|h| h.name() == name && h.version() == version)
                .map(Hdu::index)
        };
        let mut imsets: Vec<Imset> = Vec::new();
        for hdu in hdus.iter().filter(|h| h.name() == "SCI") {
            let version = hdu.version();
            if imsets.iter().any(|i| i.version == version) {
                continue;
            }
            let chip = hdu.header().integer("CCDCHIP");
            let (err, dq) = (find("ERR", version), find("DQ", version));
            imsets.push(Imset {
                version,
                chip,
                sci: hdu.index(),
                err,
                dq,
            });
        }
        if imsets.is_empty() {
            let image = hdus.iter().find(|h| h.has_pixels() && shape_of(h).len() == 2);
            let Some(image) = image else {
                return Err(Error::NoImage {
                    path: file.path().to_owned(),
                });
            };
            imsets.push(Imset {
                version: 1,
                chip: None,
                sci: image.index(),
                err: None,
                dq: None,
            });
        }
        // Without this, a file cut off in its ERR would pass for one without DQ.
        file.check_whole()?;
        let detector = Detector::from_header(hdus[0].header());
        Ok(Self {
            file,
            detector,
            imsets,
        })
    }

    /// The file's path, as it was given.
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// The file, for HDUs other than SCI, ERR and DQ.
    pub fn file(&self) -> &FitsFile {
        &self.file
    }

    /// The primary header.
    pub fn primary(&self) -> &Header {
        self.file.hdus()[0].header()
    }

    /// The detector.
    pub fn detector(&self) -> &Detector {
        &self.detector
    }

    /// The imsets, in the order of the file.
    pub fn imsets(&self) -> &[Imset] {
        &self.imsets
    }

    /// The imset of an EXTVER.
    ///
    /// # Errors
    /// [`Error::NoImset`], which lists those that are there.
    pub fn imset(&self, version: i64) -> Result<&Imset> {
        self.imsets
            .iter()
            .find(|i| i.version == version)
            .ok_or_else(|| Error::NoImset {
                path: self.path().to_owned(),
                version,
                available: self.imsets.iter().map(|i| i.version).collect(),
            })
    }

    /// The SCI header of an EXTVER.
    ///
    /// # Errors
    /// [`Error::NoImset`].
    pub fn sci_header(&self, version: i64) -> Result<&Header> {
        Ok(self.file.hdus()[self.imset(version)?.sci].header())
    }

    /// ROOTNAME, or the file's name up to its last underscore.
    pub fn rootname(&self) -> String {
        self.primary()
            .text("ROOTNAME")
            .map(|r| r.trim().to_ascii_lowercase())
            .unwrap_or_else(|| {
                let name = self
                    .path()
                    .file_name()
                    .unwrap_or_default()
                    .to_string_lossy()
                    .into_owned();
                let stem = name.split(".fit").next().unwrap_or(&name);
                stem.rsplit_once('_').map_or(stem, |(root, _)| root).to_owned()
            })
    }

    /// A number that stands in the primary header, or else in an imset's SCI header.
    ///
    /// # Errors
    /// [`Error::MissingKeyword`] where it is in neither, [`Error::NotANumber`] where it is something else.
    pub fn real(&self, keyword: &str, version: i64) -> Result<f64> {
        let sci = self.sci_header(version)?;
        let (path, hdu) = (self.path().to_owned(), format!("SCI,{version}"));
        let keyword = keyword.to_owned();
        if let Some(number) = self.primary().real(&keyword).or_else(|| sci.real(&keyword)) {
            return Ok(number);
        }
        let text = [self.primary(), sci]
            .into_iter()
            .find_map(|header| header.text(&keyword));
        Err(match text {
            Some(found) => Error::NotANumber { path, keyword, found },
            None => Error::MissingKeyword { path, keyword, hdu },
        })
    }

    /// EXPTIME in seconds: of the imset where it has its own (STIS), else of the primary header.
    ///
    /// # Errors
    /// [`Error::MissingKeyword`] where there is none.
    pub fn exptime_s(&self, version: i64) -> Result<f64> {
        match self.sci_header(version)?.real("EXPTIME") {
            Some(exptime) => Ok(exptime),
            None => self.real("EXPTIME", version),
        }
    }

    /// The shape of an imset's SCI, `(ny, nx)`, without reading pixels.
    ///
    /// # Errors
    /// [`Error::NotTwoDimensional`] where it has other than two axes.
    pub fn shape(&self, version: i64) -> Result<(usize, usize)> {
        let hdu = &self.file.hdus()[self.imset(version)?.sci];
        match shape_of(hdu)[..] {
            [ny, nx] if nx > 0 && ny > 0 => Ok((ny, nx)),
            _ => Err(Error::NotTwoDimensional {
                path: self.path().to_owned(),
                hdu: label(hdu),
                axes: hdu.dimensions().to_vec(),
            }),
        }
    }

    /// Reads SCI, ERR and DQ. An ERR or DQ that is absent is zero everywhere.
    ///
    /// # Errors
    /// Where the imset is not there, is no image, cannot be read, or its parts differ in shape.
    pub fn load(&self, version: i64) -> Result<Frame> {
        let sci = self.load_sci(version)?;
        let imset = self.imset(version)?.clone();
        let shape = sci.shape();
        let err = match imset.err {
            Some(index) => self.load_plane(index, shape)?,
            None => Image::filled(shape.0, shape.1, 0.0),
        };
        Ok(Frame {
            sci,
            err,
            dq: self.load_dq(version)?,
        })
    }

    /// SCI, ERR and DQ to be read block by block.
    ///
    /// # Errors
    /// As [`Exposure::load`].
    pub fn blocks(&self, version: i64) -> Result<FrameBlocks> {
        FrameBlocks::open(self, version)
    }

    /// Reads SCI alone.
    ///
    /// # Errors
    /// As [`Exposure::load`].
    pub fn load_sci(&self, version: i64) -> Result<Image<f32>> {
        self.load_plane(self.imset(version)?.sci, self.shape(version)?)
    }

    /// Reads DQ alone; all zero where there is none.
    ///
    /// # Errors
    /// As [`Exposure::load`].
    pub fn load_dq(&self, version: i64) -> Result<Image<u16>> {
        let shape = self.shape(version)?;
        let Some(index) = self.imset(version)?.dq else {
            return Ok(Image::filled(shape.0, shape.1, 0));
        };
        if nothing_set(&self.file.hdus()[index], shape) {
            return Ok(Image::filled(shape.0, shape.1, 0));
        }
        // The sixteenth bit makes DQ negative as the i16 it is stored in.
        if is_plain_i16(&self.file.hdus()[index]) {
            let stored = self.load_plane::<i16>(index, shape)?.into_vec();
            let bits = stored.into_iter().map(|bits| bits as u16).collect();
            return Image::from_vec(shape.0, shape.1, bits).map_err(|error| Error::ShapesDiffer {
                path: self.path().to_owned(),
                hdu: label(&self.file.hdus()[index]),
                expected: shape,
                found: vec![error.found],
            });
        }
        let dq: Image<i32> = self.load_plane(index, shape)?;
        Ok(dq.map(|&bits| bits as u16))
    }

    fn load_plane<T: Sample>(&self, index: usize, shape: (usize, usize)) -> Result<Image<T>> {
        let hdu = &self.file.hdus()[index];
        // An ERR or DQ without axes and constant value: nothing was ever written there.
        if !hdu.has_pixels() {
            return Ok(Image::filled(shape.0, shape.1, T::default()));
        }
        let array = self.file.image::<T>(index)?;
        let differ = |found| Error::ShapesDiffer {
            path: self.path().to_owned(),
            hdu: label(hdu),
            expected: shape,
            found,
        };
        if array.shape != [shape.0, shape.1] {
            return Err(differ(array.shape));
        }
        Image::from_vec(shape.0, shape.1, array.data).map_err(|error| differ(vec![error.found]))
    }
}

/// The shape of an image, slowest axis first; of the constant array where there are no axes.
fn shape_of(hdu: &Hdu) -> Vec<usize> {
    match hdu.constant() {
        Some((shape, _)) => shape,
        None => hdu.dimensions().iter().rev().copied().collect(),
    }
}

/// Whether an image of this shape stands in its header as 0 everywhere: it takes no memory until something is set.
fn nothing_set(hdu: &Hdu, (ny, nx): (usize, usize)) -> bool {
    hdu.constant()
        .is_some_and(|(found, value)| value == 0.0 && found == [ny, nx])
}

/// Whether an image holds 16-bit integers as they are: it then takes no more memory than its samples.
pub(crate) fn is_plain_i16(hdu: &Hdu) -> bool {
    let header = hdu.header();
    let is = |keyword: &str, value: f64| header.real(keyword).is_none_or(|found| found == value);
    header.integer("BITPIX") == Some(16) && is("BZERO", 0.0) && is("BSCALE", 1.0) && !header.contains("BLANK")
}

pub(crate) fn label(hdu: &Hdu) -> String {
    format!("{},{}", hdu.name(), hdu.version())
}
