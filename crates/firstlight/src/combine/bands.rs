//! The frames read, combined and written some rows at a time.

use super::frames::Frame;
use crate::ccd::{CcdFrame, CcdUnit, CcdWriter};
use crate::{Error, Progress, Result};
use firstlight_calibrate::ccd::{Real, dq};
use firstlight_fits::{ImageBlocks, ImageRows, Sample};
use firstlight_frame::Image;
use firstlight_mosaic::Bytes;
use firstlight_stats::stack::combine::{
    CombineOptions, CombinedRow, FrameRow, FrameSample, Uncertainty, combine_row,
};
use rayon::prelude::*;
use std::ops::{Range, RangeInclusive};
use std::sync::{Mutex, PoisonError};

/// Rows that are worked on at a time where files stay open: as many as fit the cache of a core, but few are read in more
/// time than many.
const ROWS: RangeInclusive<usize> = 4..=16;
const CACHE: u64 = 640 << 10;
/// As many files stay open while they are combined; more are opened for some rows at a time.
const OPEN: usize = 64;
/// Bytes of a line of the cache.
const LINE: usize = 64;

/// What is combined, and how.
pub(super) struct Work<'a> {
    pub(super) frames: &'a [Frame],
    pub(super) scales: &'a [f64],
    pub(super) weights: &'a [f64],
    pub(super) options: &'a CombineOptions,
    pub(super) unit: &'a CcdUnit,
    /// Bytes of memory for samples.
    pub(super) memory: u64,
}

/// What was counted.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Counts {
    /// Rejected samples of each frame.
    pub(super) rejected: Vec<u64>,
    /// Pixels of which no sample is left.
    pub(super) empty: u64,
}

impl Counts {
    fn and(mut self, other: &Self) -> Self {
        self.empty += other.empty;
        self.rejected
            .resize(self.rejected.len().max(other.rejected.len()), 0);
        for (sum, more) in self.rejected.iter_mut().zip(&other.rejected) {
            *sum += more;
        }
        self
    }
}

impl Work<'_> {
    /// Rows that each thread works on at a time.
    ///
    /// # Errors
    /// [`Error::Usage`] where not even one row fits the memory.
    pub(super) fn rows_at_once(&self) -> Result<usize> {
        let nx = self.frames.first().map_or(0, |frame| frame.file.shape().1) as u64;
        let (mut row, mut resident, mut cached) = (nx * 8 * 4, 0, 0);
        for frame in self.frames {
            let sample: u64 = if self.is_single() { 4 } else { 8 };
            // As read, and the bytes it is read from.
            let planes = 2 * sample + if frame.file.has_err() { 2 * sample } else { 0 };
            cached += nx * sample;
            row += nx * (planes + if frame.file.has_dq() { 4 } else { 0 });
            resident += frame.file.resident_bytes();
        }
        let threads = rayon::current_num_threads() as u64;
        let free = self.memory.saturating_sub(resident) / threads.max(1);
        match (free / row.max(1)) as usize {
            0 => Err(Error::Usage(format!(
                "{} frames take {} of memory, but {} are allowed (--max-memory); allow more, {}use fewer threads, or combine \
                 groups of frames first",
                self.frames.len(),
                Bytes(resident + row * threads),
                Bytes(self.memory),
                if resident > 0 {
                    "unpack the gzipped files, "
                } else {
                    ""
                },
            ))),
            rows => {
                let of_cache = if self.stay_open() {
                    (CACHE / cached.max(1)) as usize
                } else {
                    *ROWS.end()
                };
                Ok(rows.min(of_cache.clamp(*ROWS.start(), *ROWS.end())))
            }
        }
    }

    fn stay_open(&self) -> bool {
        self.frames.len() <= OPEN
    }

    fn is_single(&self) -> bool {
        self.frames.iter().all(|frame| frame.file.is_exact_in_f32())
    }

    /// Combines all rows into a file that was begun.
    pub(super) fn run(
        &self,
        writer: &CcdWriter,
        used: &ImageRows<u16>,
        progress: &dyn Progress,
    ) -> Result<Counts> {
        if self.is_single() {
            self.each::<f32>(writer, used, progress)
        } else {
            self.each::<f64>(writer, used, progress)
        }
    }

    fn each<T: Real + Sample + FrameSample>(
        &self,
        writer: &CcdWriter,
        used: &ImageRows<u16>,
        progress: &dyn Progress,
    ) -> Result<Counts> {
        let ny = self.frames.first().map_or(0, |frame| frame.file.shape().0);
        let rows = self.rows_at_once()?;
        let pool = Pool::<T>::default();
        let open: Vec<_> = self
            .frames
            .iter()
            .map(|frame| match self.stay_open() {
                true => frame.file.bare_blocks::<T>(),
                false => Ok(None),
            })
            .collect::<Result<_>>()?;
        (0..ny.div_ceil(rows))
            .into_par_iter()
            .map(|at| {
                crate::progress::go_on(progress)?;
                let band = at * rows..((at + 1) * rows).min(ny);
                let mut memory = pool.take();
                let counts = self.band(band.clone(), &open, &mut memory)?;
                writer.rows(band.start, &memory.combined)?;
                writer.extra_rows(used, band.start, &memory.used)?;
                pool.give_back(memory);
                progress.advance(band.len() as u64);
                Ok(counts)
            })
            // Of whole numbers the order of addition does not matter.
            .try_reduce(Counts::default, |one, other| Ok(one.and(&other)))
    }

    /// Some rows: the combined frame and how many are in each of its pixels are left in `memory`.
    fn band<T: Real + Sample + FrameSample>(
        &self,
        band: Range<usize>,
        open: &[Option<ImageBlocks<T>>],
        memory: &mut Memory<T>,
    ) -> Result<Counts> {
        let nx = self.frames.first().map_or(0, |frame| frame.file.shape().1);
        memory.prepare(self, (band.len(), nx));
        let Memory {
            parts,
            bytes,
            combined,
            used,
        } = memory;
        for ((frame, open), part) in self.frames.iter().zip(open).zip(&mut *parts) {
            part.read((frame, open.as_ref()), band.clone(), bytes)?;
        }
        let mut counts = Counts {
            rejected: vec![0; parts.len()],
            empty: 0,
        };
        let (mut err, dq) = (combined.err.as_mut(), combined.dq.as_mut());
        let mut flags = dq.map_or(&mut [][..], Image::as_mut_slice).chunks_mut(nx.max(1));
        for y in 0..band.len() {
            let of_row = y * nx..(y + 1) * nx;
            let rows: Vec<FrameRow<T>> = parts
                .iter()
                .zip(self.scales.iter().zip(self.weights))
                .map(|(part, (scale, weight))| FrameRow {
                    samples: &part.samples.all()[of_row.clone()],
                    mask: part.mask.as_ref().map(|mask| &mask[of_row.clone()]),
                    errors: part
                        .errors
                        .as_ref()
                        .map(|errors| &errors.as_slice()[of_row.clone()]),
                    scale: *scale,
                    weight: *weight,
                    weights: None,
                })
                .collect();
            let used = &mut used[of_row.clone()];
            let mut out = CombinedRow {
                values: combined.sci.row_mut(y),
                uncertainties: err.as_mut().map_or(&mut [], |err| err.row_mut(y)),
                used,
                rejected: &mut counts.rejected,
            };
            combine_row(&rows, self.options, &mut out).map_err(|error| Error::Usage(error.to_string()))?;
            for (x, bits) in flags.next().unwrap_or_default().iter_mut().enumerate() {
                *bits = 0;
                if used[x] == 0 {
                    *bits = bits_of_empty(parts, y * nx + x);
                    counts.empty += 1;
                }
            }
        }
        Ok(counts)
    }
}

/// Memory that is used again, as many as there are threads.
struct Pool<T>(Mutex<Vec<Memory<T>>>);

impl<T> Default for Pool<T> {
    fn default() -> Self {
        Self(Mutex::new(Vec::new()))
    }
}

impl<T> Pool<T> {
    fn take(&self) -> Memory<T> {
        let free = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        free.unwrap_or_else(Memory::empty)
    }

    fn give_back(&self, memory: Memory<T>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(memory);
    }
}

/// What a band is worked on in: rows of each frame, and what is made of them.
struct Memory<T> {
    parts: Vec<Part<T>>,
    bytes: Vec<u8>,
    combined: CcdFrame<f64>,
    used: Vec<u16>,
}

impl<T> Memory<T> {
    fn empty() -> Self {
        Self {
            parts: Vec::new(),
            bytes: Vec::new(),
            combined: CcdFrame {
                sci: Image::filled(0, 0, 0.0),
                err: None,
                dq: None,
                unit: CcdUnit::default(),
            },
            used: Vec::new(),
        }
    }

    /// Makes room for a band of `shape` `(ny, nx)`.
    fn prepare(&mut self, work: &Work<'_>, shape: (usize, usize)) {
        self.parts.resize_with(work.frames.len(), Part::default);
        if self.combined.shape() == shape {
            return;
        }
        let wants_errors = work.options.uncertainty != Uncertainty::None;
        self.combined = CcdFrame {
            sci: Image::filled(shape.0, shape.1, 0.0),
            err: wants_errors.then(|| Image::filled(shape.0, shape.1, 0.0)),
            dq: Some(Image::filled(shape.0, shape.1, 0)),
            unit: work.unit.clone(),
        };
        self.used.resize(shape.0 * shape.1, 0);
    }
}

/// Some rows of a frame.
struct Part<T> {
    samples: Samples<T>,
    errors: Option<Image<T>>,
    bits: Option<Image<u16>>,
    mask: Option<Vec<bool>>,
}

impl<T> Default for Part<T> {
    fn default() -> Self {
        Self {
            samples: Samples::default(),
            errors: None,
            bits: None,
            mask: None,
        }
    }
}

impl<T: Real + Sample + FrameSample> Part<T> {
    /// Reads some rows, from the file that is open where one is.
    fn read(
        &mut self,
        (frame, open): (&Frame, Option<&ImageBlocks<T>>),
        rows: Range<usize>,
        bytes: &mut Vec<u8>,
    ) -> Result<()> {
        let anew;
        let blocks = match open {
            Some(_) => open,
            None => {
                anew = frame.file.bare_blocks::<T>()?;
                anew.as_ref()
            }
        };
        if let Some(blocks) = blocks {
            let nx = frame.file.shape().1;
            let samples = self.samples.room(rows.len() * nx);
            return Ok(blocks.read_into(rows, 0..nx, samples, bytes)?);
        }
        let whole = frame.file.read_rows::<T>(rows)?;
        let masked = |bits: &Image<u16>| bits.as_slice().iter().map(|bits| *bits != 0).collect();
        self.samples = Samples::from(whole.sci.into_vec());
        self.errors = whole.err;
        self.mask = whole.dq.as_ref().map(masked);
        self.bits = whole.dq;
        Ok(())
    }
}

/// Samples that begin where a line of the cache does, so that vectors of them do not lie on two.
struct Samples<T> {
    memory: Vec<T>,
    range: Range<usize>,
}

impl<T> Default for Samples<T> {
    fn default() -> Self {
        Self::from(Vec::new())
    }
}

impl<T> From<Vec<T>> for Samples<T> {
    fn from(memory: Vec<T>) -> Self {
        let range = 0..memory.len();
        Self { memory, range }
    }
}

impl<T> Samples<T> {
    fn all(&self) -> &[T] {
        &self.memory[self.range.clone()]
    }

    /// Makes room for so many, which may hold anything.
    fn room(&mut self, len: usize) -> &mut [T]
    where
        T: Clone + Default,
    {
        self.memory.resize(len + LINE / size_of::<T>(), T::default());
        let start = self.memory.as_ptr().align_offset(LINE).min(LINE / size_of::<T>());
        self.range = start..start + len;
        &mut self.memory[self.range.clone()]
    }
}

/// Why a pixel has nothing: the bits of all frames, and whether samples were there that were rejected.
fn bits_of_empty<T: Real>(parts: &[Part<T>], at: usize) -> u16 {
    let mut all = 0;
    for part in parts {
        let bits = part.bits.as_ref().map_or(0, |bits| bits.as_slice()[at]);
        all |= match (bits, part.samples.all()[at].wide().is_finite()) {
            (0, true) => dq::REJECTED,
            (0, false) => dq::NO_DATA,
            (bits, _) => bits,
        };
    }
    all
}
