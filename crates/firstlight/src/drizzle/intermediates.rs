//! What lies between the steps, in files by AstroDrizzle's names.

use super::DrizzleOptions;
use super::inputs::{Resolved, root_of};
use crate::Progress;
use crate::input::file_name;
use firstlight_fits::{FitsFile, FitsWriter, Header, ImageRows, Overwrite};
use firstlight_frame::Imset;
use firstlight_mosaic::{BitMask, Kept, Result, Step, Watch};
use firstlight_wcs::Wcs;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Tells of progress and, where they are asked for, keeps what lies between the steps.
pub(super) struct Keeper<'p> {
    progress: &'p dyn Progress,
    keeps: bool,
    folder: PathBuf,
    root: String,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    singles: BTreeMap<PathBuf, [Single; 2]>,
    cleaned: BTreeMap<PathBuf, Vec<Cleaned>>,
    written: Vec<PathBuf>,
}

/// A separately drizzled plane while it is written.
struct Single {
    writer: FitsWriter,
    image: ImageRows<f32>,
    path: PathBuf,
}

/// An image with other pixels.
struct Cleaned {
    sci: usize,
    dq: Option<usize>,
    samples: Vec<f32>,
    replaced: BitMask,
}

impl<'p> Keeper<'p> {
    pub(super) fn new(resolved: &Resolved, options: &DrizzleOptions, progress: &'p dyn Progress) -> Self {
        Self {
            progress,
            keeps: options.keep_intermediates,
            folder: resolved.folder.clone(),
            root: resolved.root.clone(),
            state: Mutex::new(State::default()),
        }
    }

    /// Completes the files, and names them.
    pub(super) fn finish(self) -> crate::Result<Vec<PathBuf>> {
        let State {
            singles,
            cleaned,
            mut written,
        } = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        for single in singles.into_values().flatten() {
            single.writer.finish()?;
            written.push(single.path);
        }
        for (path, images) in cleaned {
            written.push(write_cleaned(&self.folder, &path, &images)?);
        }
        written.sort();
        Ok(written)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, name: &str, header: &Header, plane: Plane) -> Result<()> {
        let path = self.folder.join(name);
        let mut writer = FitsWriter::create(&path, Overwrite::Replace)?;
        match plane {
            Plane::Samples(samples, shape) => writer.image(header, (samples, shape))?,
            Plane::Bytes(bytes, shape) => writer.image(header, (bytes, shape))?,
        }
        writer.finish()?;
        self.state().written.push(path);
        Ok(())
    }

    /// Rows of a separately drizzled exposure, whose files are begun with the first of them.
    fn single(&self, path: &Path, grid: &Wcs, first: usize, (sci, wht): (&[f32], &[f32])) -> Result<()> {
        let mut state = self.state();
        if !state.singles.contains_key(path) {
            let begin = |kind: &str| self.begin(path, grid, kind);
            let begun = [begin("sci")?, begin("wht")?];
            state.singles.insert(path.to_owned(), begun);
        }
        if let Some(singles) = state.singles.get(path) {
            for (single, samples) in singles.iter().zip([sci, wht]) {
                single.writer.rows(&single.image, first, samples)?;
            }
        }
        Ok(())
    }

    fn begin(&self, path: &Path, grid: &Wcs, kind: &str) -> Result<Single> {
        let (ny, nx) = grid.shape().unwrap_or((0, 0));
        let path = self.folder.join(format!("{}_single_{kind}.fits", root_of(path)));
        let mut writer = FitsWriter::create(&path, Overwrite::Replace)?;
        let image = writer.reserve_image(&header_of(grid)?, &[ny, nx])?;
        Ok(Single { writer, image, path })
    }
}

enum Plane<'a> {
    Samples(&'a [f32], (usize, usize)),
    Bytes(&'a [u8], (usize, usize)),
}

impl Watch for Keeper<'_> {
    fn begin(&self, step: Step, rows: u64) {
        self.progress.finish();
        self.progress.start(&step.to_string(), Some(rows));
    }

    fn advance(&self, rows: u64) {
        self.progress.advance(rows);
    }

    fn keeps(&self) -> bool {
        self.keeps
    }

    fn keep(&self, kept: Kept<'_>) -> Result<()> {
        let of_image = |path: &Path, imset: &Imset, kind: &str| {
            format!("{}_sci{}_{kind}.fits", root_of(path), imset.version)
        };
        match kept {
            Kept::StaticMask { signature, mask } => {
                let (ny, nx) = signature.shape;
                let name = format!("{}_{ny}x{nx}_{}_staticMask.fits", self.root, signature.chip);
                self.write(&name, &Header::new(), Plane::Bytes(&good(mask), (ny, nx)))
            }
            Kept::Single {
                path,
                grid,
                first,
                sci,
                wht,
            } => self.single(path, grid, first, (sci, wht)),
            Kept::Median { grid, sci } => {
                let shape = grid.shape().unwrap_or((0, 0));
                let name = format!("{}_med.fits", self.root);
                self.write(&name, &header_of(grid)?, Plane::Samples(sci, shape))
            }
            Kept::Blotted {
                path,
                imset,
                shape,
                sci,
            } => self.write(
                &of_image(path, imset, "blt"),
                &Header::new(),
                Plane::Samples(sci, shape),
            ),
            Kept::CosmicRays { path, imset, mask } => self.write(
                &of_image(path, imset, "crmask"),
                &Header::new(),
                Plane::Bytes(&good(mask), mask.shape()),
            ),
            Kept::Cleaned {
                path,
                imset,
                sci,
                replaced,
            } => {
                self.state()
                    .cleaned
                    .entry(path.to_owned())
                    .or_default()
                    .push(Cleaned {
                        sci: imset.sci,
                        dq: imset.dq,
                        samples: sci.to_vec(),
                        replaced: replaced.clone(),
                    });
                Ok(())
            }
        }
    }
}

/// 1 where a pixel is good, as AstroDrizzle's masks are.
fn good(mask: &BitMask) -> Vec<u8> {
    let (ny, nx) = mask.shape();
    let row = |y| (0..nx).map(move |x| u8::from(!mask.get(y, x)));
    (0..ny).flat_map(row).collect()
}

fn header_of(grid: &Wcs) -> Result<Header> {
    let mut header = Header::new();
    for card in grid.cards()? {
        header.push(card);
    }
    Ok(header)
}

/// A copy of the file with the cleaned images, and in DQ the bit of cosmic rays where pixels were replaced.
fn write_cleaned(folder: &Path, path: &Path, images: &[Cleaned]) -> Result<PathBuf> {
    let output = folder.join(format!("{}_crclean.fits", root_of(path)));
    let file = FitsFile::open(path)?;
    let mut writer = FitsWriter::create(&output, Overwrite::Replace)?;
    for hdu in file.hdus() {
        let index = hdu.index();
        let header = || {
            let mut header = hdu.header().clone();
            header.retain(|card| !["NPIX1", "NPIX2", "PIXVALUE"].contains(&card.keyword()));
            header
        };
        let sci = images.iter().find(|image| image.sci == index);
        let dq = images.iter().find(|image| image.dq == Some(index));
        match (sci, dq) {
            (Some(image), _) => {
                let shape = image.replaced.shape();
                writer.image(&header(), (image.samples.as_slice(), shape))?;
            }
            (_, Some(image)) => {
                let marked = |bad: u8| if bad == 0 { 4096_i16 } else { 0 };
                let bits: Vec<i16> = good(&image.replaced).into_iter().map(marked).collect();
                writer.image(&header(), (bits.as_slice(), image.replaced.shape()))?;
            }
            _ if index == 0 => {
                let mut header = hdu.header().clone();
                if header.contains("FILENAME") {
                    header.set("FILENAME", file_name(&output), None)?;
                }
                writer.empty_primary(&header)?;
            }
            _ => writer.copy_hdu(&file, index)?,
        }
    }
    writer.finish()?;
    Ok(output)
}
