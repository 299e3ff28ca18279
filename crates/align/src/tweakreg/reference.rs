//! The list of sources that images are matched with.

use super::register::Registration;
use super::sources::{Prepared, in_plane};
use crate::catalogue::SkyCatalogue;
use crate::{Point, Result};
use firstlight_wcs::Wcs;
use std::borrow::Cow;

/// Sources of the reference in the plane, and where they come from.
#[derive(Debug, Clone)]
pub(super) struct ReferenceSources {
    names: Vec<String>,
    positions: Vec<Point>,
    brightness: Vec<f64>,
    /// Which of the names a source comes from, and where it is on the chip there.
    origins: Vec<(usize, Option<Point>)>,
    /// The catalogue, where its sources move.
    moving: Option<SkyCatalogue>,
}

impl ReferenceSources {
    pub(super) fn none() -> Self {
        Self {
            names: vec![String::new()],
            positions: Vec::new(),
            brightness: Vec::new(),
            origins: Vec::new(),
            moving: None,
        }
    }

    pub(super) fn of_image(image: &Prepared) -> Self {
        Self {
            names: vec![image.name.clone()],
            positions: image.positions.clone(),
            brightness: image.brightness.clone(),
            origins: image.on_chip.iter().map(|&point| (0, Some(point))).collect(),
            moving: None,
        }
    }

    pub(super) fn of_catalogue(catalogue: &SkyCatalogue, plane: &Wcs) -> Result<Self> {
        Ok(Self {
            names: vec![catalogue.name.clone()],
            positions: in_plane(&catalogue.ra, &catalogue.dec, plane)?,
            brightness: catalogue.brightness.clone(),
            origins: vec![(0, None); catalogue.ra.len()],
            moving: catalogue.motions.is_some().then(|| catalogue.clone()),
        })
    }

    pub(super) fn name(&self) -> &str {
        self.names.first().map_or("", String::as_str)
    }

    pub(super) fn len(&self) -> usize {
        self.positions.len()
    }

    /// In the plane, as the reference has them.
    pub(super) fn positions(&self) -> &[Point] {
        &self.positions
    }

    /// In the plane, in a year.
    pub(super) fn positions_at(&self, year: Option<f64>, plane: &Wcs) -> Result<Cow<'_, [Point]>> {
        let Some(catalogue) = &self.moving else {
            return Ok(Cow::Borrowed(&self.positions));
        };
        let (ra, dec) = catalogue.at_epoch(year);
        let mut moved = in_plane(&ra, &dec, plane)?;
        moved.extend(&self.positions[catalogue.ra.len()..]);
        Ok(Cow::Owned(moved))
    }

    pub(super) fn brightness(&self) -> &[f64] {
        &self.brightness
    }

    /// The name of the image or catalogue that a source comes from, and where it is there.
    pub(super) fn origin(&self, index: usize) -> (&str, Option<Point>) {
        let (name, place) = self.origins[index];
        (&self.names[name], place)
    }

    /// Adds the sources of an image that matched none, where its fit puts them.
    pub(super) fn add(&mut self, image: &Prepared, registration: &Registration) {
        let known = self.brightness.len() == self.positions.len() && image.brightness.len() == image.len();
        let mut matched = vec![false; image.len()];
        for star in &registration.pairs {
            matched[star.image] = true;
        }
        if !known {
            self.brightness.clear();
        }
        self.names.push(image.name.clone());
        for index in (0..image.len()).filter(|&index| !matched[index]) {
            let position = registration.fit.linear.to_reference(image.positions[index]);
            self.positions.push(position);
            self.origins
                .push((self.names.len() - 1, Some(image.on_chip[index])));
            if known {
                self.brightness.push(image.brightness[index]);
            }
        }
    }
}
