//! A raw dark, whose bias is taken off row by row as it is read.

use crate::steps::widest;
use crate::stis::Setup;
use crate::stis::basic2d::{Level, SATURATED};
use crate::stis::tables::bpixtab::bad_pixels;
use crate::stis::tables::ccdtab::CcdParameters;
use crate::{Chip, Error, References, Result};
use firstlight_frame::{Exposure, Frame, FrameBlocks, FrameBuffer, Image};
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

/// Reference images that raw darks have in common, each in memory once.
#[derive(Debug, Default)]
pub(super) struct Shared {
    biases: BTreeMap<PathBuf, Arc<Frame>>,
    bad: Vec<Arc<Image<u16>>>,
}

impl Shared {
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

/// A raw dark: what was measured of its overscan, and what is subtracted.
#[derive(Debug)]
pub(super) struct RawDark {
    blocks: FrameBlocks,
    level: Level,
    parameters: CcdParameters,
    bias: Arc<Frame>,
    /// Bits of BPIXTAB.
    bad: Arc<Image<u16>>,
}

impl RawDark {
    /// Reads a raw imset once, for its overscan, as basic2d does with DQICORR, BLEVCORR and BIASCORR.
    pub fn open(
        exposure: &Exposure,
        setup: &Setup,
        version: i64,
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
                what: "a raw dark",
                purpose: "measuring the bias level in its overscan",
                needed: (1044, 1062),
                found: chip.frame.sci.shape(),
            });
        };
        level.cut(&mut chip)?;
        let (ny, nx) = chip.frame.sci.shape();
        let mut bad = Image::filled(ny, nx, 0u16);
        runs.iter().for_each(|run| {
            run.flag(&mut bad, chip.ltv());
        });
        let biasfile = references.require("BIASCORR", "BIASFILE")?;
        let path = biasfile.path();
        let bias = match shared.biases.get(&path) {
            Some(bias) if bias.sci.shape() == (ny, nx) => Arc::clone(bias),
            _ => {
                let bias = Arc::new(biasfile.under_chip(&chip)?.frame()?);
                shared.biases.insert(path, Arc::clone(&bias));
                bias
            }
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
    pub fn noise(&self) -> (f32, f32) {
        (self.parameters.readnoise_e, self.parameters.gain_e_per_dn)
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
            let bits = self.bad.row(y).iter().zip(self.bias.dq.row(y));
            let bits = dq.iter_mut().zip(sci.iter()).zip(bits);
            widest(
                #[inline(always)]
                || {
                    for ((dq, sample), (bad, bias)) in bits {
                        let saturated = sample.trunc() > self.parameters.saturate_dn;
                        *dq |= bad | bias | if saturated { SATURATED } else { 0 };
                    }
                },
            );
            self.level.subtract(y, sci);
            for (sample, bias) in sci.iter_mut().zip(self.bias.sci.row(y)) {
                *sample -= bias;
            }
        }
        Ok(())
    }
}
