//! Apertures as numbers: `x,y,r`, or `r` for positions from elsewhere.

use super::{PhotometryOptions, Request, positions};
use crate::{Error, Result};
use firstlight_frame::{Column, Table};
use firstlight_measure::{Aperture, ApertureSet, Shapes};
use firstlight_wcs::Wcs;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Numbers between commas.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Numbers(pub Vec<f64>);

impl FromStr for Numbers {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        text.split(',')
            .map(|part| {
                part.trim()
                    .parse()
                    .map_err(|_| format!("'{}' is not a number", part.trim()))
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

impl fmt::Display for Numbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<String> = self.0.iter().map(f64::to_string).collect();
        f.write_str(&parts.join(","))
    }
}

/// Apertures and the positions that they are put at.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Targets {
    positions: Vec<(f64, f64)>,
    on_sky: bool,
    background: Option<Aperture>,
    apertures: Vec<Aperture>,
    /// Each position has its own aperture, rather than all of them.
    placed: bool,
}

impl Targets {
    pub fn new(options: &PhotometryOptions) -> Result<Self> {
        let mut given = Vec::new();
        for kind in &KINDS {
            for numbers in (kind.given)(options) {
                given.push(kind.read(&numbers.0)?);
            }
        }
        if given.is_empty() {
            let kinds: Vec<String> = KINDS.iter().map(|kind| format!("--{}", kind.option)).collect();
            return Err(Error::Usage(format!(
                "no aperture is given; there are {}",
                kinds.join(", ")
            )));
        }
        let placed: Vec<(f64, f64)> = given.iter().filter_map(|(position, _)| *position).collect();
        let positions = match &options.positions {
            Some(path) if placed.is_empty() => positions::read(path, options.sky)?,
            None if placed.len() == given.len() => placed.clone(),
            Some(_) => {
                let problem = "with --positions, apertures are given without a position of their own";
                return Err(Error::Usage(problem.to_owned()));
            }
            None => {
                let problem = "an aperture has no position: put x,y before its size, or give --positions";
                return Err(Error::Usage(problem.to_owned()));
            }
        };
        let background = match options
            .background_annulus
            .as_ref()
            .map(|numbers| numbers.0.as_slice())
        {
            None => None,
            Some(&[r_in, r_out]) => Some(Aperture::CircularAnnulus { r_in, r_out }),
            Some(_) => return Err(Error::Usage("--background-annulus takes r_in,r_out".to_owned())),
        };
        let targets = Self {
            positions,
            on_sky: options.sky,
            background,
            placed: options.positions.is_none(),
            apertures: given.into_iter().map(|(_, aperture)| aperture).collect(),
        };
        targets
            .apertures
            .iter()
            .chain(&targets.background)
            .try_for_each(Aperture::check)?;
        Ok(targets)
    }

    pub fn apertures(&self) -> Vec<Aperture> {
        self.apertures.clone()
    }

    pub fn request<'a>(&'a self, wcs: Option<&'a Wcs>) -> Request<'a> {
        Request {
            positions: &self.positions,
            shapes: self.shapes(),
            on_sky: self.on_sky,
            wcs,
            numbered: self.columns() > 1,
        }
    }

    fn shapes(&self) -> Shapes {
        let set = |apertures: Vec<Aperture>| ApertureSet {
            apertures,
            background: self.background,
        };
        if self.placed {
            return Shapes::Each(
                self.apertures
                    .iter()
                    .map(|&aperture| set(vec![aperture]))
                    .collect(),
            );
        }
        Shapes::Same(set(self.apertures()))
    }

    /// Sums per row.
    fn columns(&self) -> usize {
        if self.placed { 1 } else { self.apertures.len() }
    }

    /// The table with units, and the kinds of apertures where rows differ in it.
    pub fn described(&self, table: Table, unit: Option<String>) -> Result<Table> {
        let mut described = Table::new();
        for column in table.columns() {
            let in_data_units = ["aperture_sum", "local_background"]
                .iter()
                .any(|stem| column.name().starts_with(stem))
                && column.name() != "local_background_pixels";
            let shown = match column.name() {
                "x_center" | "y_center" => column.clone().display("F12.3"),
                "sky_center.ra" | "sky_center.dec" => column.clone().display("F14.7"),
                name if in_data_units || name.starts_with("aperture_area") => column.clone().display("G16.8"),
                _ => column.clone(),
            };
            described.push(match &unit {
                Some(unit) if in_data_units => shown.unit(unit),
                _ => shown,
            })?;
        }
        let kinds: Vec<&str> = self.apertures.iter().map(Aperture::name).collect();
        if self.placed && kinds.windows(2).any(|pair| pair[0] != pair[1]) {
            described.push(Column::text("aperture", kinds))?;
        }
        Ok(described)
    }
}

/// One of the options that give apertures.
struct Kind {
    option: &'static str,
    /// The numbers after the position, as they are called.
    names: &'static [&'static str],
    given: fn(&PhotometryOptions) -> &[Numbers],
    build: fn(&[f64]) -> Aperture,
}

const KINDS: [Kind; 6] = [
    Kind {
        option: "circle",
        names: &["r"],
        given: |options| &options.circle,
        build: |n| Aperture::CircularAperture { r: n[0] },
    },
    Kind {
        option: "ellipse",
        names: &["a", "b", "theta"],
        given: |options| &options.ellipse,
        build: |n| Aperture::EllipticalAperture {
            a: n[0],
            b: n[1],
            theta: n[2].to_radians(),
        },
    },
    Kind {
        option: "rectangle",
        names: &["w", "h", "theta"],
        given: |options| &options.rectangle,
        build: |n| Aperture::RectangularAperture {
            w: n[0],
            h: n[1],
            theta: n[2].to_radians(),
        },
    },
    Kind {
        option: "circle-annulus",
        names: &["r_in", "r_out"],
        given: |options| &options.circle_annulus,
        build: |n| Aperture::CircularAnnulus {
            r_in: n[0],
            r_out: n[1],
        },
    },
    Kind {
        option: "ellipse-annulus",
        names: &["a_in", "a_out", "b_out", "theta"],
        given: |options| &options.ellipse_annulus,
        build: |n| Aperture::EllipticalAnnulus {
            a_in: n[0],
            a_out: n[1],
            b_out: n[2],
            b_in: None,
            theta: n[3].to_radians(),
        },
    },
    Kind {
        option: "rectangle-annulus",
        names: &["w_in", "w_out", "h_out", "theta"],
        given: |options| &options.rectangle_annulus,
        build: |n| Aperture::RectangularAnnulus {
            w_in: n[0],
            w_out: n[1],
            h_out: n[2],
            h_in: None,
            theta: n[3].to_radians(),
        },
    },
];

impl Kind {
    /// The aperture, and its position where there is one. Theta may be left out where that is no other form.
    fn read(&self, numbers: &[f64]) -> Result<(Option<(f64, f64)>, Aperture)> {
        let (most, turned) = (self.names.len(), self.names.contains(&"theta"));
        let least = if turned { most - 1 } else { most };
        let (position, sizes) = match numbers.len() {
            count if (least..=most).contains(&count) => (None, numbers),
            count if (least + 2..=most + 2).contains(&count) => {
                (Some((numbers[0], numbers[1])), &numbers[2..])
            }
            count => {
                let names = self.names.join(",");
                let problem = format!(
                    "--{} takes x,y,{names} or {names}, not {count} numbers",
                    self.option
                );
                return Err(Error::Usage(problem));
            }
        };
        let mut sizes = sizes.to_vec();
        sizes.resize(most, 0.0);
        Ok((position, (self.build)(&sizes)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(text: &str) -> Vec<Numbers> {
        vec![text.parse().unwrap()]
    }

    #[test]
    fn apertures_come_with_positions() {
        let options = PhotometryOptions {
            circle: numbers("10,20,3"),
            ellipse: numbers("-1.5,2,7,4,90"),
            rectangle: numbers("1,2,3,4"),
            ..PhotometryOptions::default()
        };
        let targets = Targets::new(&options).unwrap();
        assert_eq!(targets.positions, [(10.0, 20.0), (-1.5, 2.0), (1.0, 2.0)]);
        let theta = std::f64::consts::FRAC_PI_2;
        assert_eq!(
            targets.apertures[1],
            Aperture::EllipticalAperture {
                a: 7.0,
                b: 4.0,
                theta
            }
        );
        assert_eq!(
            targets.apertures[2],
            Aperture::RectangularAperture {
                w: 3.0,
                h: 4.0,
                theta: 0.0
            }
        );
        assert_eq!(targets.columns(), 1);
    }

    #[test]
    fn what_does_not_go_together_is_refused() {
        let message = |options: PhotometryOptions| Targets::new(&options).unwrap_err().to_string();
        let none = PhotometryOptions::default;
        assert!(message(none()).contains("--circle-annulus"));
        assert!(
            message(PhotometryOptions {
                circle: numbers("3"),
                ..none()
            })
            .contains("no position")
        );
        assert!(
            message(PhotometryOptions {
                circle: numbers("1,2,3,4"),
                ..none()
            })
            .contains("x,y,r")
        );
        assert!(
            message(PhotometryOptions {
                circle: numbers("1,2,-3"),
                ..none()
            })
            .contains("positive")
        );
        let both = PhotometryOptions {
            circle: numbers("1,2,3"),
            positions: Some("p.csv".into()),
            ..none()
        };
        assert!(message(both).contains("--positions"));
        let annulus = Some(Numbers(vec![1.0]));
        let one = PhotometryOptions {
            circle: numbers("1,2,3"),
            background_annulus: annulus,
            ..none()
        };
        assert!(message(one).contains("r_in,r_out"));
    }

    #[test]
    fn numbers_are_numbers() {
        assert_eq!("1, -2.5,3e2".parse(), Ok(Numbers(vec![1.0, -2.5, 300.0])));
        assert!("1,,2".parse::<Numbers>().is_err());
        assert_eq!(Numbers(vec![1.0, 2.5]).to_string(), "1,2.5");
    }
}
