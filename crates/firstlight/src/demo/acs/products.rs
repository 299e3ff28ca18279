//! The frames that are compared.

use crate::{Error, Result};
use firstlight_frame::{Exposure, Image};
use std::path::{Path, PathBuf};

/// One imset of a calibrated exposure.
pub struct Plane {
    /// EXTVER.
    pub version: i64,
    /// SCI, electrons.
    pub sci: Image<f32>,
    /// DQ.
    pub dq: Image<u16>,
}

/// One exposure, calibrated without the correction for charge transfer and with it.
pub struct Calibrated {
    /// Its rootname.
    pub rootname: String,
    /// Imsets of its flt.
    pub flt: Vec<Plane>,
    /// Imsets of its flc.
    pub flc: Vec<Plane>,
}

/// All exposures, and the first one's raw frame.
pub struct Products {
    /// The exposures in the order they were taken.
    pub exposures: Vec<Calibrated>,
    /// The first exposure's raw file.
    pub raw: Exposure,
}

/// DQ that leaves a pixel fit for measurement: warm, hot and sink pixels are what they are and no more.
const HARMLESS: u16 = 16 | 64 | 1024;

impl Plane {
    /// The pixel at `(x, y)`; `None` outside, and where its DQ forbids its use.
    pub fn good(&self, x: isize, y: isize) -> Option<f64> {
        let (x, y) = (usize::try_from(x).ok()?, usize::try_from(y).ok()?);
        let flags = *self.dq.get(x, y)?;
        let value = f64::from(*self.sci.get(x, y)?);
        (flags & !HARMLESS == 0 && value.is_finite()).then_some(value)
    }
}

impl Products {
    /// Reads what calibration made of raw files.
    pub fn open(raw: &[PathBuf], results: &Path) -> Result<Self> {
        let first = raw
            .first()
            .ok_or_else(|| Error::Usage("the demonstration has no exposures".to_owned()))?;
        let exposures = raw.iter().map(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let rootname = name.trim_end_matches("_raw.fits").to_owned();
            let of = |suffix: &str| planes(&results.join(format!("{rootname}_{suffix}.fits")));
            Ok(Calibrated {
                flt: of("flt")?,
                flc: of("flc")?,
                rootname,
            })
        });
        Ok(Self {
            exposures: exposures.collect::<Result<_>>()?,
            raw: Exposure::open(first)?,
        })
    }
}

fn planes(path: &Path) -> Result<Vec<Plane>> {
    let exposure = Exposure::open(path)?;
    let of = |version: i64| {
        Ok(Plane {
            version,
            sci: exposure.load_sci(version)?,
            dq: exposure.load_dq(version)?,
        })
    };
    exposure.imsets().iter().map(|imset| of(imset.version)).collect()
}
