//! Sums in apertures.

use crate::aperture::{Aperture, Footprint};
use crate::background::{self, Level, LocalBackground};
use crate::geometry::Run;
use crate::overlap::Overlap;
use crate::plane::Planes;
use crate::{Error, Result};
use firstlight_stats::{Sample, sum, sum_of_squares};
use rayon::prelude::*;
use std::ops::Range;

/// Positions that a thread takes at a time.
const POSITIONS_AT_ONCE: usize = 16;

/// Positions are measured in bands of so many rows.
const ROWS_OF_A_BAND: f64 = 16.0;

/// The apertures of a position, and the annulus for its background.
#[derive(Debug, Clone, PartialEq)]
pub struct ApertureSet {
    /// Measured one by one, each on its own.
    pub apertures: Vec<Aperture>,
    /// Where the background is taken; `None` for none.
    pub background: Option<Aperture>,
}

/// Which apertures belong to which position.
#[derive(Debug, Clone, PartialEq)]
pub enum Shapes {
    /// The same at all positions.
    Same(ApertureSet),
    /// One set for each position, in order, with the same number of apertures, as where apertures are
    /// given on the sky and the image is distorted.
    Each(Vec<ApertureSet>),
}

/// How to measure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// How border pixels are shared.
    pub overlap: Overlap,
    /// How the background level is found, where a set has an annulus for it.
    pub background: LocalBackground,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            overlap: Overlap::Exact,
            background: LocalBackground::default(),
        }
    }
}

/// What one aperture holds at one position. All are NaN where its bounding box lies outside the image;
/// where it lies in the image only in part, they are of that part.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Sum {
    /// Σ weight · sample.
    pub sum: f64,
    /// √(Σ weight · error²), NaN without errors.
    pub error: f64,
    /// Σ weight: the pixels that were summed.
    pub area: f64,
}

impl Sum {
    const OUTSIDE: Self = Self {
        sum: f64::NAN,
        error: f64::NAN,
        area: f64::NAN,
    };
}

/// The measurements at one position.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Measured {
    /// One per aperture.
    pub sums: Vec<Sum>,
    /// Where an annulus was given.
    pub background: Option<Level>,
}

impl Measured {
    /// The sum of aperture `index` less the background, and its error: that of the sum, and that of the
    /// level times the area. Where the samples' errors are not known, the scatter in the annulus stands
    /// for them; the source's own noise is then missing.
    pub fn net(&self, index: usize, errors_known: bool) -> Option<(f64, f64)> {
        let (sum, level) = (self.sums.get(index)?, self.background?);
        let noise = if errors_known {
            sum.error * sum.error
        } else {
            sum.area * level.scatter * level.scatter
        };
        let of_level = sum.area * level.error;
        Some((
            sum.sum - sum.area * level.level,
            (noise + of_level * of_level).sqrt(),
        ))
    }
}

/// Sums the samples in every aperture at every position (x, y), weighted by the fraction of each pixel
/// that is inside. Samples with weight 0 and masked ones count for nothing; a NaN with any weight makes
/// the sum NaN. Errors add in quadrature: √(Σ weight · error²).
///
/// Positions are measured in parallel, each by one thread and in one order, so that the results do not
/// depend on the number of threads.
///
/// # Errors
/// [`Error::NoAperture`], [`Error::BadAperture`], [`Error::BadPosition`], [`Error::BadBackground`].
pub fn aperture_photometry<T: Sample>(
    planes: &Planes<'_, T>,
    positions: &[(f64, f64)],
    shapes: &Shapes,
    settings: &Settings,
) -> Result<Vec<Measured>> {
    for (index, &(x, y)) in positions.iter().enumerate() {
        if !(x.is_finite() && y.is_finite()) {
            return Err(Error::BadPosition { index, x, y });
        }
    }
    let prepared = match shapes {
        Shapes::Same(set) => vec![Prepared::new(set)?],
        Shapes::Each(sets) => sets.iter().map(Prepared::new).collect::<Result<_>>()?,
    };
    let same = matches!(shapes, Shapes::Same(_));
    let mut measured: Vec<(usize, Measured)> = in_bands(positions)
        .into_par_iter()
        .with_min_len(POSITIONS_AT_ONCE)
        .map_init(Vec::new, |samples, index| {
            let set = prepared.get(if same { 0 } else { index });
            let measured = set.map_or_else(
                || Measured {
                    sums: Vec::new(),
                    background: None,
                },
                |set| set.measure(planes, positions[index], settings, samples),
            );
            (index, measured)
        })
        .collect();
    measured.sort_unstable_by_key(|&(index, _)| index);
    Ok(measured.into_iter().map(|(_, measured)| measured).collect())
}

/// Indices of positions, from band to band of rows: neighbours find their samples in the cache.
fn in_bands(positions: &[(f64, f64)]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..positions.len()).collect();
    order.sort_by_key(|&index| (positions[index].1 / ROWS_OF_A_BAND).floor() as i64);
    order
}

/// A set of apertures with their geometry worked out.
struct Prepared {
    apertures: Vec<Footprint>,
    background: Option<Footprint>,
}

impl Prepared {
    fn new(set: &ApertureSet) -> Result<Self> {
        if set.apertures.is_empty() {
            return Err(Error::NoAperture);
        }
        set.apertures.iter().try_for_each(Aperture::check)?;
        set.background.iter().try_for_each(background::check)?;
        Ok(Self {
            apertures: set.apertures.iter().map(Aperture::footprint).collect(),
            background: set.background.as_ref().map(Aperture::footprint),
        })
    }

    fn measure<T: Sample>(
        &self,
        planes: &Planes<'_, T>,
        position: (f64, f64),
        settings: &Settings,
        samples: &mut Vec<T>,
    ) -> Measured {
        Measured {
            sums: self
                .apertures
                .iter()
                .map(|aperture| sum_in(planes, position, aperture, settings.overlap))
                .collect(),
            background: self
                .background
                .as_ref()
                .map(|annulus| background::level(planes, position, annulus, &settings.background, samples)),
        }
    }
}

fn sum_in<T: Sample>(
    planes: &Planes<'_, T>,
    position: (f64, f64),
    aperture: &Footprint,
    overlap: Overlap,
) -> Sum {
    let Some(region) = aperture.bounding_box(position).within(planes.data().shape()) else {
        return Sum::OUTSIDE;
    };
    let mut total = Total {
        sum: 0.0,
        variance: 0.0,
        area: 0.0,
    };
    aperture.visit(position, region, overlap, |row, run| match run {
        Run::Full(columns) => total.add_full(planes, row, &columns),
        Run::Partial(column, weight) => total.add_pixel(planes, row, column, weight),
    });
    let error = if planes.error().is_some() {
        total.variance.sqrt()
    } else {
        f64::NAN
    };
    Sum {
        sum: total.sum,
        error,
        area: total.area,
    }
}

struct Total {
    sum: f64,
    variance: f64,
    area: f64,
}

impl Total {
    fn add_full<T: Sample>(&mut self, planes: &Planes<'_, T>, row: i64, columns: &Range<i64>) {
        if planes.mask().is_some() {
            columns
                .clone()
                .for_each(|column| self.add_pixel(planes, row, column, 1.0));
            return;
        }
        self.area += (columns.end - columns.start) as f64;
        self.sum += sum(planes.data().columns(row, columns));
        if let Some(error) = planes.error() {
            self.variance += sum_of_squares(error.columns(row, columns));
        }
    }

    fn add_pixel<T: Sample>(&mut self, planes: &Planes<'_, T>, row: i64, column: i64, weight: f64) {
        if planes.mask().is_some_and(|mask| mask.at(row, column)) {
            return;
        }
        self.area += weight;
        self.sum += weight * planes.data().at(row, column).to_f64();
        if let Some(error) = planes.error() {
            let error = error.at(row, column).to_f64();
            self.variance += weight * error * error;
        }
    }
}
