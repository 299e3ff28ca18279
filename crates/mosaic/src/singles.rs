//! Steps 3 and 4 in the memory there is: the separate images, whole or again and again, and their median.

use crate::astrodrizzle::Step;
use crate::combine::band_rows;
use crate::median::{MedianRows, MedianTerms, Single, WeightMean, background_e, median_rows, readnoise_e};
use crate::separate::{BAND_ROWS, Separate};
use crate::share::share;
use crate::watch::{Kept, Watch};
use crate::{Bytes, Error, Mosaic, Result};
use firstlight_wcs::Wcs;
use std::ops::Range;
use std::path::PathBuf;

/// The separate images: their mean weights, and themselves where there is room for them.
pub(crate) struct Singles {
    means: Vec<f64>,
    /// Image and weight of each exposure.
    kept: Option<Vec<Planes>>,
}

#[derive(Default)]
struct Planes {
    sci: Vec<f32>,
    wht: Vec<f32>,
}

/// Some rows of an exposure to be made, and where to put them.
struct Piece<'p> {
    exposure: usize,
    rows: Range<usize>,
    sci: &'p mut [f32],
    wht: &'p mut [f32],
    means: &'p mut [WeightMean],
}

impl Mosaic<'_> {
    /// Step 3: drizzles each exposure by itself. Where there is no room for all images they are made for their mean
    /// weights alone, and again when the median is made.
    pub(crate) fn make_singles(&self, grid: &Wcs, watch: &dyn Watch) -> Result<Singles> {
        let (exposures, separate) = (self.exposures(), self.separate(grid)?);
        let (ny, nx) = separate.shape;
        watch.begin(Step::Separate, (exposures * ny) as u64);
        let whole = self.singles_fit(&separate)?;
        let paths = self.paths();
        let mut planes: Vec<Planes> = Vec::new();
        planes.resize_with(exposures, Planes::default);
        if whole {
            for planes in &mut planes {
                (planes.sci, planes.wht) = (vec![0.0; ny * nx], vec![0.0; ny * nx]);
            }
        }
        let mut means = vec![vec![WeightMean::default(); ny]; exposures];
        let pieces = pieces(&mut planes, &mut means, separate.shape);
        let threads = rayon::current_num_threads();
        let height = self.separate_rows(&separate, threads);
        let pieces = pieces
            .into_iter()
            .flat_map(|piece| piece.cut(height, nx))
            .collect();
        let room = || Ok((separate.room(height)?, Planes::default()));
        share(pieces, room, |(band, buffer), piece: Piece| -> Result<()> {
            let Piece {
                exposure,
                rows,
                means,
                ..
            } = piece;
            let (mut sci, mut wht) = (piece.sci, piece.wht);
            if !whole {
                buffer.sci.resize(rows.len() * nx, 0.0);
                buffer.wht.resize(rows.len() * nx, 0.0);
                (sci, wht) = (&mut buffer.sci, &mut buffer.wht);
            }
            separate.rows(exposure, rows.clone(), band, (sci, wht))?;
            for (mean, wht) in means.iter_mut().zip(wht.chunks(nx.max(1))) {
                mean.add_rows(wht, nx);
            }
            if watch.keeps() {
                let path = paths.get(exposure).map(PathBuf::as_path).unwrap_or("".as_ref());
                let first = rows.start;
                watch.keep(Kept::Single {
                    path,
                    grid,
                    first,
                    sci,
                    wht,
                })?;
            }
            watch.advance(rows.len() as u64);
            Ok(())
        })?;
        let mean = |rows: &Vec<WeightMean>| {
            let mut all = WeightMean::default();
            rows.iter().for_each(|row| all.join(row));
            all.mean()
        };
        Ok(Singles {
            means: means.iter().map(mean).collect(),
            kept: whole.then_some(planes),
        })
    }

    /// Step 4: the median of the separate images; `None` where no two of them have good pixels in common.
    pub(crate) fn make_median(
        &self,
        grid: &Wcs,
        singles: Singles,
        watch: &dyn Watch,
    ) -> Result<Option<Vec<f32>>> {
        let (ny, nx) = grid.shape().unwrap_or((0, 0));
        watch.begin(Step::Median, ny as u64);
        let terms = self.median_terms(&singles.means);
        let options = &self.options.stacking;
        options.check(terms.len())?;
        let mut median = vec![0.0; ny * nx];
        let (halo, mut overlap) = (options.halo(), false);
        let (again, height) = match &singles.kept {
            // As many as leave something to be told of how it gets on.
            Some(_) => (None, 4 * BAND_ROWS),
            None => (
                Some(self.separate(grid)?),
                self.median_rows_at_a_time((ny, nx), halo),
            ),
        };
        let (mut made, none) = (Vec::new(), Vec::new());
        for (k, out) in median.chunks_mut((height * nx).max(1)).enumerate() {
            let rows = k * height..k * height + out.len() / nx.max(1);
            let held = rows.start.saturating_sub(halo)..(rows.end + halo).min(ny);
            let (planes, first) = match &again {
                None => (singles.kept.as_ref().unwrap_or(&none), 0),
                Some(separate) => {
                    self.make_again(separate, &held, &mut made)?;
                    (&made, held.start)
                }
            };
            let samples = (held.start - first) * nx..(held.end - first) * nx;
            let of_exposures = planes.iter().zip(&terms);
            let layers: Vec<Single> = of_exposures
                .map(|(planes, terms)| Single {
                    sci: &planes.sci[samples.clone()],
                    wht: &planes.wht[samples.clone()],
                    terms: *terms,
                })
                .collect();
            overlap = overlap || overlapping(&layers, options.combine_maskpt);
            let rows = MedianRows { nx, held, rows };
            let done = rows.rows.len();
            median_rows(&layers, &rows, options, out)?;
            watch.advance(done as u64);
        }
        if watch.keeps() {
            watch.keep(Kept::Median { grid, sci: &median })?;
        }
        Ok(overlap.then_some(median))
    }

    /// Makes rows of all separate images once more.
    fn make_again(&self, separate: &Separate, held: &Range<usize>, made: &mut Vec<Planes>) -> Result<()> {
        let (exposures, nx) = (self.exposures(), separate.shape.1);
        made.resize_with(exposures, Planes::default);
        let mut means = vec![vec![WeightMean::default(); held.len()]; exposures];
        for planes in made.iter_mut() {
            planes.sci.resize(held.len() * nx, 0.0);
            planes.wht.resize(held.len() * nx, 0.0);
        }
        let threads = rayon::current_num_threads();
        let height = self.separate_rows(separate, threads);
        let pieces = pieces(made, &mut means, (held.len(), nx));
        let pieces = pieces
            .into_iter()
            .flat_map(|piece| piece.cut(height, nx))
            .collect();
        share(
            pieces,
            || separate.room(height),
            |band, piece: Piece| -> Result<()> {
                let rows = held.start + piece.rows.start..held.start + piece.rows.end;
                separate.rows(piece.exposure, rows, band, (piece.sci, piece.wht))
            },
        )
    }

    fn median_terms(&self, means: &[f64]) -> Vec<MedianTerms> {
        let of_exposure = |(exposure, mean): (usize, &f64)| {
            let chips = || self.chips.iter().filter(move |chip| chip.exposure == exposure);
            let noises: Vec<f64> = chips().map(|chip| chip.electrons.readnoise_e).collect();
            MedianTerms {
                exptime_s: chips().next().map_or(0.0, |chip| chip.exptime_s),
                background_e: background_e(
                    chips().map(|chip| (chip.subtracted_sky, chip.electrons.conversion)),
                ),
                readnoise_e: readnoise_e(&noises),
                mean_weight: *mean,
            }
        };
        means.iter().enumerate().map(of_exposure).collect()
    }

    /// The file of each exposure.
    fn paths(&self) -> Vec<PathBuf> {
        let of_exposure = |exposure| {
            let chip = self.chips.iter().find(|chip| chip.exposure == exposure);
            chip.map(|chip| chip.file().path().to_owned()).unwrap_or_default()
        };
        (0..self.exposures()).map(of_exposure).collect()
    }

    /// Whether all separate images may stand in memory beside the median and what making them takes.
    ///
    /// # Errors
    /// [`Error::TooLarge`] where not even the median may.
    fn singles_fit(&self, separate: &Separate) -> Result<bool> {
        let Some(limit) = self.memory_limit() else {
            return Ok(true);
        };
        let (ny, nx) = separate.shape;
        let plane = 4 * (ny as u64).saturating_mul(nx as u64);
        let threads = rayon::current_num_threads();
        let room = (threads as u64).saturating_mul(separate.room_bytes(BAND_ROWS));
        if plane > limit {
            return Err(Error::TooLarge {
                nx,
                ny,
                scale_arcsec: self.single_grid()?.pixel_scale_arcsec(),
                needed: Bytes(plane),
                limit: Bytes(limit),
                given: self.has_given_limit(),
                apart_deg: self.apart_deg(),
            });
        }
        let planes = plane.saturating_mul(2 * self.exposures() as u64 + 1);
        Ok(planes.saturating_add(room) <= limit)
    }

    /// Rows of a separate image that each thread makes at a time.
    fn separate_rows(&self, separate: &Separate, threads: usize) -> usize {
        let limit = self.memory_limit().unwrap_or(u64::MAX);
        let nx = separate.shape.1 as u64;
        let fits = |rows: &usize| {
            let each = separate.room_bytes(*rows).saturating_add(8 * nx * *rows as u64);
            (threads as u64).saturating_mul(each) <= limit / 4
        };
        band_rows()
            .filter(|rows| *rows <= BAND_ROWS)
            .find(fits)
            .unwrap_or(1)
    }

    /// Rows of the median to be made at a time where the separate images are not kept.
    fn median_rows_at_a_time(&self, (ny, nx): (usize, usize), halo: usize) -> usize {
        let limit = self.memory_limit().unwrap_or(u64::MAX);
        let left = limit.saturating_sub(4 * (ny as u64).saturating_mul(nx as u64)) / 2;
        let row = 8 * (nx as u64).saturating_mul(self.exposures() as u64);
        let rows = left.checked_div(row).unwrap_or(1) as usize;
        rows.saturating_sub(2 * halo).clamp(1, ny.max(1))
    }
}

/// One piece for each exposure, all rows of it.
fn pieces<'p>(
    planes: &'p mut [Planes],
    means: &'p mut [Vec<WeightMean>],
    (ny, _): (usize, usize),
) -> Vec<Piece<'p>> {
    let of_exposures = planes.iter_mut().zip(means).enumerate();
    of_exposures
        .map(|(exposure, (planes, means))| Piece {
            exposure,
            rows: 0..ny,
            sci: &mut planes.sci,
            wht: &mut planes.wht,
            means,
        })
        .collect()
}

impl<'p> Piece<'p> {
    /// Cuts it into pieces of at most `height` rows of `nx` samples. Planes that are empty stay empty.
    fn cut(self, height: usize, nx: usize) -> Vec<Piece<'p>> {
        let mut sci = self.sci.chunks_mut((height * nx).max(1));
        let mut wht = self.wht.chunks_mut((height * nx).max(1));
        let mut start = self.rows.start;
        let mut cut = Vec::new();
        for means in self.means.chunks_mut(height.max(1)) {
            let rows = start..start + means.len();
            start = rows.end;
            cut.push(Piece {
                exposure: self.exposure,
                rows,
                sci: sci.next().unwrap_or_default(),
                wht: wht.next().unwrap_or_default(),
                means,
            });
        }
        cut
    }
}

/// Whether two exposures have enough weight on the same pixel.
fn overlapping(layers: &[Single], maskpt: f64) -> bool {
    let least: Vec<f64> = layers
        .iter()
        .map(|layer| layer.terms.mean_weight * maskpt)
        .collect();
    let pixels = layers.first().map_or(0, |layer| layer.wht.len());
    (0..pixels).any(|at| {
        let weighty = layers.iter().zip(&least).filter(|(layer, least)| {
            let weight = f64::from(layer.wht[at]);
            weight > 0.0 && weight >= **least
        });
        weighty.take(2).count() == 2
    })
}
