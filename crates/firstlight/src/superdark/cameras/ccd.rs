//! Darks of any other CCD.

use crate::ccd::{CcdFile, CcdFrame, CcdOpenOptions, CcdUnit, number, number_or_keyword};
use crate::superdark::SuperdarkOptions;
use crate::{Error, Result};
use firstlight_calibrate::superdark::{CcdDark, DarkRows, Darks, Superdark};
use firstlight_calibrate::{Error as StepError, Reference, References};
use firstlight_fits::Header;
use firstlight_frame::{Exposure, Frame, FrameBlocks, FrameBuffer, Image};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Keywords of gain (e/adu) and readout noise (e) that are looked for where none is named.
const GAINS: [&str; 1] = ["EGAIN"];
const NOISES: [&str; 4] = ["RDNOISE", "READNOIS", "READNOISE", "RON"];
/// Keywords that say that the bias level was taken off: ours and those of IRAF.
const WITHOUT_BIAS: [&str; 3] = ["SUBBIAS", "SUBOSCAN", "ZEROCOR"];

/// Opens darks, from which the bias was subtracted or is to be, and CRREJTAB where one is given.
pub(super) fn open(exposures: &[Exposure], options: &SuperdarkOptions) -> Result<(Darks, References)> {
    let bias = options.bias.as_deref().map(Bias::open).transpose()?;
    let one = |exposure: &Exposure| dark(exposure, bias.as_ref(), options);
    let darks = exposures.iter().map(one).collect::<Result<Vec<_>>>()?;
    let mut references = References::new();
    if let Some(path) = &options.crrejtab {
        references.add(Reference::open("CRREJTAB", &path.display().to_string(), path)?);
    }
    Ok((Darks::ccd(darks)?, references))
}

/// A master bias.
struct Bias {
    path: PathBuf,
    frame: Arc<CcdFrame>,
}

impl Bias {
    fn open(path: &Path) -> Result<Self> {
        Ok(Self {
            path: path.to_owned(),
            frame: Arc::new(CcdFile::open(path, &CcdOpenOptions::default())?.read()?),
        })
    }
}

fn dark(exposure: &Exposure, bias: Option<&Bias>, options: &SuperdarkOptions) -> Result<CcdDark> {
    let path = exposure.path();
    let file = CcdFile::open(path, &CcdOpenOptions::default())?;
    let header = file.header().clone();
    let refuse = |reason: String| {
        Err(Error::Contradiction {
            path: path.to_owned(),
            reason,
        })
    };
    let (unit, shape) = (file.unit().clone(), file.shape());
    if let Some(what) = ["SUBDARK", "DARKCOR"].iter().find(|key| header.contains(key)) {
        return refuse(format!("its dark current is subtracted already ({what})"));
    }
    let without_bias = WITHOUT_BIAS.iter().find(|key| header.contains(key));
    let told = match (bias, without_bias, options.without_bias) {
        (Some(bias), None, false) => {
            if bias.frame.shape() != shape || bias.frame.unit != unit {
                let of = |(ny, nx): (usize, usize), unit: &CcdUnit| format!("({ny}, {nx}) in {unit}");
                return refuse(format!(
                    "it is {}, but the bias {} {}",
                    of(shape, &unit),
                    bias.path.display(),
                    of(bias.frame.shape(), &bias.frame.unit)
                ));
            }
            format!("Bias subtracted: {}", crate::input::file_name(&bias.path))
        }
        (Some(_), Some(key), _) => {
            return refuse(format!(
                "its bias is subtracted already ({key}); leave --bias out"
            ));
        }
        (None, Some(key), _) => format!("The bias had been subtracted ({key})."),
        (_, None, true) => "Without bias, as was said.".to_owned(),
        (None, None, false) => {
            return refuse(
                "it does not say that its bias was subtracted; give the bias (--bias), subtract it first (firstlight ccd \
                 --bias), or say that there is none in it (--without-bias)"
                    .to_owned(),
            );
        }
    };
    let gain_e_per_adu = match unit {
        CcdUnit::Electron => 1.0,
        CcdUnit::Adu => term(path, &header, options.gain.as_deref(), ("gain", "--gain", &GAINS))?,
        other => {
            let told =
                format!("its samples are in '{other}'; superdarks are made of darks in adu or electrons");
            return refuse(told);
        }
    };
    let noise = ("readout noise", "--readnoise", &NOISES[..]);
    let readnoise_e = term(path, &header, options.readnoise.as_deref(), noise)?;
    let Some(exptime_s) = number(&header, options.exposure_key()) else {
        return refuse(format!(
            "it has no {}; name the keyword of the exposure time (--exposure-key)",
            options.exposure_key()
        ));
    };
    Ok(CcdDark {
        name: path.display().to_string(),
        rows: Box::new(Rows {
            planes: match exposure.imsets().first().filter(|imset| imset.dq.is_some()) {
                Some(imset) => Planes::Imset(Box::new(exposure.blocks(imset.version)?)),
                None => Planes::Ccd(Box::new(file)),
            },
            bias: bias
                .filter(|_| without_bias.is_none())
                .map(|bias| Arc::clone(&bias.frame)),
        }),
        header,
        unit,
        exptime_s,
        readnoise_e,
        gain_e_per_adu,
        bias: told,
    })
}

/// A number that is given, or that a keyword has: the one that is given, or else one of the usual ones.
fn term(
    path: &Path,
    header: &Header,
    given: Option<&str>,
    (what, option, usual): (&str, &str, &[&str]),
) -> Result<f64> {
    if let Some(given) = given {
        return number_or_keyword(path, header, given);
    }
    let found = usual.iter().find_map(|keyword| number(header, keyword));
    found.ok_or_else(|| Error::Contradiction {
        path: path.to_owned(),
        reason: format!(
            "it does not tell its {what} ({}); give it, or its keyword ({option})",
            usual.join(", ")
        ),
    })
}

/// The rows of a dark, without bias.
#[derive(Debug)]
struct Rows {
    planes: Planes,
    bias: Option<Arc<CcdFrame>>,
}

#[derive(Debug)]
enum Planes {
    /// SCI and DQ.
    Imset(Box<FrameBlocks>),
    /// An image, and MASK where there is one.
    Ccd(Box<CcdFile>),
}

impl DarkRows for Rows {
    fn shape(&self) -> (usize, usize) {
        match &self.planes {
            Planes::Imset(blocks) => blocks.shape(),
            Planes::Ccd(file) => file.shape(),
        }
    }

    fn read(&self, rows: Range<usize>, sci: &mut [f32], dq: &mut [u16]) -> firstlight_calibrate::Result<()> {
        let nx = self.shape().1;
        match &self.planes {
            Planes::Imset(blocks) => {
                let mut buffer = FrameBuffer::default();
                blocks.read_sci_and_dq(rows.clone(), 0..nx, (&mut *sci, &mut *dq), &mut buffer)?;
            }
            Planes::Ccd(file) => {
                let read: CcdFrame = file
                    .read_rows(rows.clone())
                    .map_err(|error| StepError::DarkFile {
                        path: file.path().to_owned(),
                        reason: error.to_string(),
                    })?;
                sci.copy_from_slice(read.sci.as_slice());
                match &read.dq {
                    Some(bits) => dq.copy_from_slice(bits.as_slice()),
                    None => dq.fill(0),
                }
            }
        }
        if let Some(bias) = &self.bias {
            let pixels = rows.start * nx..rows.end * nx;
            let level = &bias.sci.as_slice()[pixels.clone()];
            sci.iter_mut()
                .zip(level)
                .for_each(|(sample, level)| *sample -= level);
            if let Some(bits) = &bias.dq {
                let bits = &bits.as_slice()[pixels];
                dq.iter_mut().zip(bits).for_each(|(dq, bits)| *dq |= bits);
            }
        }
        Ok(())
    }
}

/// A baseline in the unit of the darks, per second.
pub(super) fn open_base(path: &Path, darks: &Darks) -> Result<Frame> {
    let file = CcdFile::open(path, &CcdOpenOptions::default())?;
    let refuse = |reason: String| {
        Err(Error::Contradiction {
            path: path.to_owned(),
            reason,
        })
    };
    let unit = darks.unit();
    if format!("{}/s", file.unit()) != unit {
        return refuse(format!(
            "the baseline is in {} (for each second of its EXPTIME), but the darks make {unit}",
            file.unit()
        ));
    }
    match number(file.header(), "EXPTIME") {
        Some(1.0) => {}
        found => {
            let found = found.map_or("not there".to_owned(), |seconds| format!("{seconds} s"));
            return refuse(format!(
                "its EXPTIME is {found}, but a baseline dark is one of 1 s; make it with superdark base"
            ));
        }
    }
    let read: CcdFrame = file.read()?;
    let (ny, nx) = read.shape();
    Ok(Frame {
        sci: read.sci,
        err: read.err.unwrap_or_else(|| Image::filled(ny, nx, 0.0)),
        dq: read.dq.unwrap_or_else(|| Image::filled(ny, nx, 0)),
    })
}

/// Writes a dark of one second, as `ccd --dark` takes it.
pub(super) fn write(made: &Superdark, output: &Path, options: &SuperdarkOptions) -> Result<()> {
    let chip = made.image.chips.first().ok_or(StepError::NoDarks)?;
    let mut header = made.image.primary.clone();
    if header.contains(options.exposure_key()) {
        header.set(options.exposure_key(), 1.0, None)?;
    }
    let frame = CcdFrame {
        unit: CcdUnit::parse(&header.text("BUNIT").unwrap_or_default()),
        sci: chip.frame.sci.clone(),
        err: Some(chip.frame.err.clone()),
        dq: Some(chip.frame.dq.clone()),
    };
    crate::ccd::write(output, &frame, &header, options.overwrite)
}
