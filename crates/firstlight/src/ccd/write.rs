//! Writing a frame of a CCD, whole or by rows.

use crate::{Error, Result};
use firstlight_calibrate::ccd::{CcdFrame, CcdUnit, Real};
use firstlight_fits::{FitsWriter, Header, ImageRows, Overwrite, Sample};
use firstlight_frame::Image;
use std::path::Path;

/// Which planes a file is to have beside the samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CcdPlanes {
    /// The uncertainty, UNCERT.
    pub err: bool,
    /// The mask, MASK.
    pub dq: bool,
}

/// A frame whose rows are written when they are ready, in any order and from several threads at once. The file is put
/// in its place by [`CcdWriter::finish`], and is not there before.
#[derive(Debug)]
pub struct CcdWriter {
    writer: FitsWriter,
    sci: ImageRows<f32>,
    mask: Option<ImageRows<u8>>,
    err: Option<ImageRows<f32>>,
}

impl CcdWriter {
    /// Begins a file of a frame of `shape` `(ny, nx)` with the cards of `header`, BUNIT set to `unit`.
    ///
    /// # Errors
    /// [`Error::OutputExists`]; [`Error::Usage`] for names that ask for compression; what the system refuses.
    pub fn create(
        path: &Path,
        shape: (usize, usize),
        (header, unit): (&Header, &CcdUnit),
        planes: CcdPlanes,
        overwrite: bool,
    ) -> Result<Self> {
        check_name(path)?;
        if !overwrite && path.exists() {
            return Err(Error::OutputExists {
                path: path.to_owned(),
            });
        }
        let mut writer = FitsWriter::create(path, Overwrite::from(overwrite))?;
        let axes = [shape.0, shape.1];
        let mut cards = header.clone();
        set_unit(&mut cards, unit)?;
        let sci = writer.reserve_image(&cards, &axes)?;
        let mask = match planes.dq {
            true => Some(writer.reserve_image(&named("MASK", None, None)?, &axes)?),
            false => None,
        };
        let err = match planes.err {
            true => {
                Some(writer.reserve_image(&named("UNCERT", Some(unit), Some("StdDevUncertainty"))?, &axes)?)
            }
            false => None,
        };
        Ok(Self {
            writer,
            sci,
            mask,
            err,
        })
    }

    /// Writes the rows of a part of the frame from row `first` on; planes that the file does not have are left out, and
    /// those that the part does not have are zeros.
    ///
    /// # Errors
    /// What the system refuses.
    pub fn rows<T: Real>(&self, first: usize, part: &CcdFrame<T>) -> Result<()> {
        let samples = |image: &Image<T>, to: &ImageRows<f32>| {
            let values = image.as_slice().iter().map(|value| value.wide() as f32);
            self.writer.rows_from(to, first, values)
        };
        samples(&part.sci, &self.sci)?;
        if let (Some(to), Some(err)) = (&self.err, &part.err) {
            samples(err, to)?;
        }
        if let (Some(to), Some(dq)) = (&self.mask, &part.dq) {
            let values = dq.as_slice().iter().map(|&bits| in_eight(bits));
            self.writer.rows_from(to, first, values)?;
        }
        Ok(())
    }

    /// A further plane of the same kind, such as the number of frames used per pixel; its rows are written with
    /// [`CcdWriter::extra_rows`].
    ///
    /// # Errors
    /// What the system refuses.
    pub fn extra<T: Sample>(&mut self, name: &str, shape: (usize, usize)) -> Result<ImageRows<T>> {
        Ok(self
            .writer
            .reserve_image(&named(name, None, None)?, &[shape.0, shape.1])?)
    }

    /// Writes rows of a further plane from row `first` on.
    ///
    /// # Errors
    /// As [`CcdWriter::rows`].
    pub fn extra_rows<T: Sample>(&self, plane: &ImageRows<T>, first: usize, samples: &[T]) -> Result<()> {
        Ok(self.writer.rows(plane, first, samples)?)
    }

    /// Puts the finished file in its place.
    ///
    /// # Errors
    /// What the system refuses; what was there before is as it was then.
    pub fn finish(self) -> Result<()> {
        Ok(self.writer.finish()?)
    }
}

/// Writes a whole frame, beside the target first and then renamed over it.
///
/// # Errors
/// As [`CcdWriter::create`], and [`firstlight_calibrate::Error::Shape`] for planes that do not agree.
pub fn write<T: Real>(path: &Path, frame: &CcdFrame<T>, header: &Header, overwrite: bool) -> Result<()> {
    frame.check()?;
    let planes = CcdPlanes {
        err: frame.err.is_some(),
        dq: frame.dq.is_some(),
    };
    let writer = CcdWriter::create(path, frame.shape(), (header, &frame.unit), planes, overwrite)?;
    writer.rows(0, frame)?;
    writer.finish()
}

/// Refuses names that say that the file is compressed: it would not be.
pub(crate) fn check_name(path: &Path) -> Result<()> {
    let name = path.to_string_lossy().to_ascii_lowercase();
    match [".gz", ".fz", ".bz2", ".zip", ".z"]
        .iter()
        .find(|end| name.ends_with(*end))
    {
        Some(end) => Err(Error::Usage(format!(
            "{}: frames are not written compressed; leave {end} out of the name",
            path.display()
        ))),
        None => Ok(()),
    }
}

/// Bits beyond eight have no place in the file, and make their pixel a bad one.
fn in_eight(bits: u16) -> u8 {
    (bits & 0xff) as u8 | u8::from(bits > 0xff)
}

fn set_unit(header: &mut Header, unit: &CcdUnit) -> Result<()> {
    if *unit == CcdUnit::Dimensionless {
        // An empty BUNIT is the unit of ratios.
        header.set("BUNIT", "", Some("unit of the samples"))?;
    } else {
        header.set("BUNIT", unit.to_string(), Some("unit of the samples"))?;
    }
    Ok(())
}

fn named(name: &str, unit: Option<&CcdUnit>, utype: Option<&str>) -> Result<Header> {
    let mut header = Header::new();
    header.set("EXTNAME", name, Some("name of this extension"))?;
    if let Some(unit) = unit {
        set_unit(&mut header, unit)?;
    }
    if let Some(utype) = utype {
        header.set("UTYPE", utype, Some("kind of uncertainty"))?;
    }
    Ok(header)
}
