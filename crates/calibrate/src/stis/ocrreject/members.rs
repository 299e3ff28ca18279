//! The imsets of exposures in memory, as they are combined.

use super::Hits;
use super::parts::{Noise, Parts};
use crate::error::LEAVE_OUT;
use crate::stis::observation::ImsetKeywords;
use crate::{Chip, Error, Observation, Result};
use std::ops::Range;

/// The imsets that can be used, in order.
pub(super) struct Members<'a> {
    observations: &'a [&'a Observation],
    /// Place of the exposure, place of the imset in it, and the imset.
    imsets: Vec<(usize, usize, &'a Chip)>,
    times_s: Vec<f32>,
    shape: (usize, usize),
}

/// Times and temperature of all imsets together.
pub(super) struct Totals {
    pub exptime_s: f32,
    /// The least EXPSTART and the greatest EXPEND, MJD.
    pub interval_mjd: (f64, f64),
    /// OCCDHTAV, weighted by exposure time, °C; None where it is not above 0.
    pub temperature_c: Option<f32>,
    pub imsets: usize,
}

impl<'a> Members<'a> {
    pub fn of(observations: &'a [&'a Observation]) -> Result<Self> {
        let mut imsets = Vec::new();
        for (at, observation) in observations.iter().enumerate() {
            let usable = observation
                .chips
                .iter()
                .enumerate()
                .filter(|(_, chip)| chip.is_usable());
            imsets.extend(usable.map(|(imset, chip)| (at, imset, chip)));
        }
        let Some(&(first, _, chip)) = imsets.first().filter(|_| imsets.len() > 1) else {
            return Err(Error::TooFewExposures { found: imsets.len() });
        };
        let shape = chip.shape()?;
        let mut times_s = Vec::with_capacity(imsets.len());
        for &(at, _, chip) in &imsets {
            let (expected, found) = (observations[first], observations[at]);
            same(expected, found, "CCDAMP", |of| {
                of.primary.text("CCDAMP").unwrap_or_default().to_owned()
            })?;
            let pixels = |(ny, nx): (usize, usize)| format!("({ny}, {nx})");
            let of_chip = chip.shape()?;
            if of_chip != shape {
                return Err(Error::MembersDiffer {
                    first: expected.name.clone(),
                    name: found.name.clone(),
                    what: "shape of SCI".to_owned(),
                    expected: pixels(shape),
                    found: pixels(of_chip),
                    way_out: LEAVE_OUT,
                });
            }
            times_s.push(chip.exptime_s(&found.name)? as f32);
        }
        let exposed = times_s.iter().filter(|&&seconds| seconds > 0.0).count();
        if exposed > 0 && exposed < times_s.len() {
            return Err(Error::TooFewExposures { found: exposed });
        }
        Ok(Self {
            observations,
            imsets,
            times_s,
            shape,
        })
    }

    pub fn times(&self) -> Vec<f32> {
        self.times_s.clone()
    }

    pub fn is_spectroscopic(&self) -> bool {
        let first = self.observations.first();
        first.is_some_and(|first| first.primary.text("OBSTYPE").unwrap_or_default().trim() == "SPECTROSCOPIC")
    }

    /// READNSE (e) and ATODGAIN (e/DN) of each.
    pub fn noises(&self) -> Result<Vec<Noise>> {
        let of = |observation: &Observation| {
            let gain = observation.real("ATODGAIN")?;
            if gain.is_nan() || gain <= 0.0 {
                return Err(observation.keyword("ATODGAIN", "above 0 e/DN; basic2d sets it"));
            }
            Ok(Noise::even(observation.real("READNSE")? as f32, gain as f32))
        };
        self.imsets
            .iter()
            .map(|&(at, ..)| of(self.observations[at]))
            .collect()
    }

    pub fn totals(&self) -> Result<Totals> {
        let (mut exptime_s, mut temperature) = (0.0f32, 0.0f32);
        let mut interval_mjd = (f64::INFINITY, f64::NEG_INFINITY);
        for (&(at, _, chip), &seconds) in self.imsets.iter().zip(&self.times_s) {
            exptime_s += seconds;
            temperature += chip.sci.real("OCCDHTAV").unwrap_or(-1.0) as f32 * seconds;
            let (start, end) = chip.interval_mjd(&self.observations[at].name)?;
            interval_mjd = (interval_mjd.0.min(start), interval_mjd.1.max(end));
        }
        Ok(Totals {
            exptime_s,
            interval_mjd,
            temperature_c: (exptime_s > 0.0 && temperature > 0.0).then(|| temperature / exptime_s),
            imsets: self.imsets.len(),
        })
    }

    /// The product before its pixels: the headers of the first exposure and of its first imset.
    pub fn blank(&self) -> Observation {
        let (at, _, chip) = self.imsets[0];
        let first = self.observations[at];
        Observation {
            name: format!(
                "the combination of {} imsets of {}",
                self.imsets.len(),
                first.name
            ),
            primary: first.primary.clone(),
            chips: vec![Chip {
                version: 1,
                frame: crate::acs::acsrej::empty_frame((0, 0)),
                sci: chip.sci.clone(),
                err: chip.err.clone(),
                dq: chip.dq.clone(),
            }],
        }
    }

    /// What was found of each imset, by exposure.
    pub fn by_observation(&self, hits: Vec<Hits>) -> Vec<Vec<(usize, Hits)>> {
        let mut of = vec![Vec::new(); self.observations.len()];
        for (&(at, imset, _), hits) in self.imsets.iter().zip(hits) {
            of[at].push((imset, hits));
        }
        of
    }
}

fn same(
    first: &Observation,
    other: &Observation,
    what: &str,
    of: impl Fn(&Observation) -> String,
) -> Result<()> {
    let (expected, found) = (of(first), of(other));
    if expected == found {
        return Ok(());
    }
    Err(Error::MembersDiffer {
        first: first.name.clone(),
        name: other.name.clone(),
        what: what.to_owned(),
        expected,
        found,
        way_out: LEAVE_OUT,
    })
}

impl Parts for Members<'_> {
    fn count(&self) -> usize {
        self.imsets.len()
    }

    fn shape(&self) -> (usize, usize) {
        self.shape
    }

    fn read(&self, part: usize, rows: Range<usize>, sci: &mut [f32], dq: &mut [u16]) -> Result<()> {
        let (_, _, chip) = self.imsets[part];
        let pixels = rows.start * self.shape.1..rows.end * self.shape.1;
        sci.copy_from_slice(&chip.frame.sci.as_slice()[pixels.clone()]);
        dq.copy_from_slice(&chip.frame.dq.as_slice()[pixels]);
        Ok(())
    }
}
