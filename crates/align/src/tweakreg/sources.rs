//! The sources of an image, as they come and in the plane.

use crate::overlap::{convex_hull, shared_area};
use crate::{Error, Point, Result};
use firstlight_wcs::Wcs;

/// The sources of a chip.
#[derive(Debug, Clone)]
pub struct ChipSources {
    /// The chip's coordinate system.
    pub wcs: Wcs,
    /// Columns, 0-based.
    pub x: Vec<f64>,
    /// Rows, 0-based.
    pub y: Vec<f64>,
    /// Brightness, greater for brighter sources; empty where it is not known.
    pub brightness: Vec<f64>,
}

/// The sources of an exposure.
#[derive(Debug, Clone)]
pub struct ImageSources {
    /// What it is called in reports; unlike that of any other image.
    pub name: String,
    /// The year it was taken in, as 2012.5; catalogues with proper motions are brought there.
    pub epoch: Option<f64>,
    /// Its chips.
    pub chips: Vec<ChipSources>,
}

impl ImageSources {
    pub(super) fn check(&self) -> Result<()> {
        for chip in &self.chips {
            let expected = chip.x.len();
            let brightness = if chip.brightness.is_empty() {
                expected
            } else {
                chip.brightness.len()
            };
            for (column, found) in [("y", chip.y.len()), ("brightness", brightness)] {
                if found != expected {
                    return Err(Error::ColumnLength {
                        what: self.name.clone(),
                        column,
                        expected,
                        found,
                    });
                }
            }
        }
        Ok(())
    }
}

/// All sources of an image in the plane.
#[derive(Debug, Clone)]
pub(super) struct Prepared {
    pub name: String,
    pub epoch: Option<f64>,
    /// In the plane.
    pub positions: Vec<Point>,
    pub brightness: Vec<f64>,
    /// On the chip.
    pub on_chip: Vec<Point>,
    pub chips: Vec<usize>,
    /// The convex hull of each chip's sources in the plane.
    pub hulls: Vec<Vec<Point>>,
}

impl Prepared {
    pub(super) fn of(image: &ImageSources, plane: &Wcs) -> Result<Self> {
        let mut prepared = Self {
            name: image.name.clone(),
            epoch: image.epoch,
            positions: Vec::new(),
            brightness: Vec::new(),
            on_chip: Vec::new(),
            chips: Vec::new(),
            hulls: Vec::new(),
        };
        let known = image
            .chips
            .iter()
            .all(|chip| chip.brightness.len() == chip.x.len());
        for (index, chip) in image.chips.iter().enumerate() {
            let (ra, dec) = chip.wcs.pixels_to_sky(&chip.x, &chip.y)?;
            let positions = in_plane(&ra, &dec, plane)?;
            prepared.hulls.push(convex_hull(&positions));
            prepared.positions.extend(positions);
            if known {
                prepared.brightness.extend(&chip.brightness);
            }
            prepared
                .on_chip
                .extend(chip.x.iter().zip(&chip.y).map(|(&x, &y)| [x, y]));
            prepared.chips.extend(std::iter::repeat_n(index, chip.x.len()));
        }
        Ok(prepared)
    }

    pub(super) fn len(&self) -> usize {
        self.positions.len()
    }

    /// The area of the plane in which both have sources, pixels.
    pub(super) fn shared_with(&self, other: &Self) -> f64 {
        let pairs = self
            .hulls
            .iter()
            .flat_map(|a| other.hulls.iter().map(move |b| (a, b)));
        pairs.map(|(a, b)| shared_area(a, b)).sum()
    }
}

/// Sky positions in the plane; NaN where they are not in front of it.
pub(super) fn in_plane(ra: &[f64], dec: &[f64], plane: &Wcs) -> Result<Vec<Point>> {
    let (x, y, _) = plane.sky_to_pixels_where_possible(ra, dec)?;
    Ok(x.into_iter().zip(y).map(|(x, y)| [x, y]).collect())
}
