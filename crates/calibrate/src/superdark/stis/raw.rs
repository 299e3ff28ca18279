//! A raw frame, whose bias is taken off row by row as it is read.

use crate::steps::widest;
use crate::stis::Setup;
use crate::stis::basic2d::{Level, SATURATED};
use crate::stis::ocrreject::parts::Noise;
use crate::stis::tables::bpixtab::bad_pixels;
use crate::stis::tables::ccdtab::CcdParameters;
use crate::{Chip, Error, References, Result};
use firstlight_frame::{Exposure, Frame, FrameBlocks, FrameBuffer, Image};
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

/// Reference images that raw frames have in common, each in memory once.
#[derive(Debug, Default)]
pub(super) struct Shared {
    biases: BTreeMap<PathBuf, Arc<Frame>>,
    bad: Vec<Arc<Image<u16>>>,
}

impl Shared {
    /// The bias image for a frame without overscan.
    fn bias(&mut self, chip: &Chip, references: &References) -> Result<Arc<Frame>> {
        let biasfile = references.require("BIASCORR", "BIASFILE")?;
        let path = biasfile.path();
        match self.biases.get(&path) {
            Some(bias) if bias.sci.shape() == chip.frame.sci.shape() => Ok(Arc::clone(bias)),
            _ => {
                let bias = Arc::new(biasfile.under_chip(chip)?.frame()?);
                self.biases.insert(path, Arc::clone(&bias));
                Ok(bias)
            }
        }
    }

    /// The same image from memory, where it is there.
    fn same(&mut self, bad: Image<u16>) -> Arc<Image<u16>> {
        if let Some(there) = self.bad.iter().find(|there| ***there == bad) {
            return Arc::clone(there);
        }
        let bad = Arc::new(bad);
        self.bad.push(Arc::clone(&bad));
        bad
    }
}

/// A raw frame: what was measured of its overscan, and what is subtracted.
#[derive(Debug)]
pub(in crate::superdark) struct RawFrame {
    blocks: FrameBlocks,
    level: Level,
    parameters: CcdParameters,
    /// The bias image; none of frames that are to become one.
    bias: Option<Arc<Frame>>,
    /// Bits of BPIXTAB.
    bad: Arc<Image<u16>>,
}

impl RawFrame {
    /// Reads a raw imset once, for its overscan, as basic2d does with DQICORR, BLEVCORR and, where there is to be a bias
    /// image, BIASCORR.
    pub(super) fn open(
        exposure: &Exposure,
        setup: &Setup,
        (version, with_bias): (i64, bool),
        (references, shared): (&References, &mut Shared),
    ) -> Result<Self> {
        let parameters = CcdParameters::of(setup, references.require("BLEVCORR", "CCDTAB")?)?;
        let mut chip = Chip {
            version,
            frame: exposure.load(version)?,
            sci: exposure.sci_header(version)?.clone(),
            err: firstlight_frame::fits::Header::new(),
            dq: firstlight_frame::fits::Header::new(),
        };
        let runs = match references.get("BPIXTAB").filter(|table| !table.is_dummy()) {
            Some(table) => bad_pixels(setup, table)?,
            None => Vec::new(),
        };
        crate::stis::basic2d::dqicorr(&mut chip, &runs, parameters.saturate_dn)?;
        let Some(level) = Level::of(&chip, setup, &parameters)? else {
            return Err(Error::TooSmall {
                what: "a raw frame",
                purpose: "measuring the bias level in its overscan",
                needed: (1044, 1062),
                found: chip.frame.sci.shape(),
            });
        };
        level.cut(&mut chip)?;
        let (ny, nx) = chip.frame.sci.shape();
        let mut bad = Image::filled(ny, nx, 0u16);
        let flags = crate::stis::basic2d::flags(&chip.sci, chip.number())?;
        runs.iter().for_each(|run| flags.flag(run, &mut bad));
        let bias = match with_bias {
            true => Some(shared.bias(&chip, references)?),
            false => None,
        };
        Ok(Self {
            blocks: exposure.blocks(version)?,
            level,
            parameters,
            bias,
            bad: shared.same(bad),
        })
    }

    /// Shape without overscan.
    pub fn shape(&self) -> (usize, usize) {
        self.bad.shape()
    }

    /// Readout noise (e) and gain (e/DN).
    pub fn noise(&self) -> Noise {
        Noise::even(self.parameters.readnoise_e, self.parameters.gain_e_per_dn)
    }

    /// Rows of the trimmed image without bias.
    pub fn read(
        &self,
        rows: Range<usize>,
        (sci, dq): (&mut [f32], &mut [u16]),
        buffer: &mut FrameBuffer,
    ) -> Result<()> {
        let (_, nx) = self.shape();
        let (left, bottom) = (self.level.overscan.trim_x[0], self.level.overscan.trim_y[0]);
        let raw_rows = rows.start + bottom..rows.end + bottom;
        let columns = left..left + nx;
        self.blocks
            .read_sci_and_dq(raw_rows, columns, (sci, dq), buffer)?;
        for (at, y) in rows.enumerate() {
            let pixels = at * nx..(at + 1) * nx;
            let (sci, dq) = (&mut sci[pixels.clone()], &mut dq[pixels]);
            let bits = dq.iter_mut().zip(sci.iter()).zip(self.bad.row(y));
            widest(
                #[inline(always)]
                || {
                    for ((dq, sample), bad) in bits {
                        let saturated = sample.trunc() > self.parameters.saturate_dn;
                        *dq |= bad | if saturated { SATURATED } else { 0 };
                    }
                },
            );
            self.level.subtract(y, sci);
            if let Some(bias) = &self.bias {
                let of_bias = bias.sci.row(y).iter().zip(bias.dq.row(y));
                for ((sample, dq), (bias, bits)) in sci.iter_mut().zip(dq).zip(of_bias) {
                    *sample -= bias;
                    *dq |= bits;
                }
            }
        }
        Ok(())
    }
}
