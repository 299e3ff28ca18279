//! The temperature of the CCD's housing during an exposure, from engineering data.

use crate::record::set_single;
use crate::stis::observation::ImsetKeywords;
use crate::tables::Rows;
use crate::{Chip, Reference, Result};
use std::collections::BTreeMap;

/// Temperatures that a housing can have, °C; others are glitches.
const RANGE_C: std::ops::RangeInclusive<f64> = 15.0..=25.0;
/// A jump from one reading to the next that is as likely as this, of a normal distribution of `SIGMA_C`, relative to its
/// peak, makes a reading suspect.
const LIKELY: f64 = 0.05;
const SIGMA_C: f64 = 0.4;

/// A reading: MJD and °C.
type Reading = (f64, f64);

/// Readings of the temperature of the CCD's housing for the exposures that have them: tables named
/// `<exposure>j_epc.fits`, where `<exposure>` are the first eight characters of EXPNAME.
#[derive(Debug, Clone, Default)]
pub struct HousingTemperatures {
    readings: BTreeMap<String, Vec<Reading>>,
}

impl HousingTemperatures {
    /// None at all.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the readings of an exposure: TIME (MJD) and VALUE (°C). Those outside of 15 to 25 °C are dropped, and those
    /// that jump up and back: at either end one jump suffices.
    ///
    /// # Errors
    /// [`crate::Error::ReferenceTable`] where the table or a column is missing.
    pub fn add(&mut self, expname: &str, table: &Reference) -> Result<()> {
        let rows = Rows::read(table)?;
        let (times, values) = (rows.numbers("TIME")?, rows.numbers("VALUE")?);
        let readings: Vec<Reading> = times.into_iter().zip(values).collect();
        self.readings.insert(key(expname), trustworthy(&readings));
        Ok(())
    }

    fn of(&self, expname: &str) -> Option<&[Reading]> {
        self.readings.get(&key(expname)).map(Vec::as_slice)
    }
}

fn key(expname: &str) -> String {
    expname
        .trim()
        .chars()
        .take(8)
        .collect::<String>()
        .to_ascii_lowercase()
}

fn trustworthy(readings: &[Reading]) -> Vec<Reading> {
    let jumps = |one: &Reading, other: Option<&Reading>| {
        let jump = other.map_or(0.0, |other| one.1 - other.1) / SIGMA_C;
        (-0.5 * jump * jump).exp() < LIKELY
    };
    let mut kept = Vec::with_capacity(readings.len());
    for (at, reading) in readings.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| readings.get(at));
        let after = readings.get(at + 1);
        let suspect = match (before, after) {
            (Some(_), Some(_)) => jumps(reading, before) && jumps(reading, after),
            _ => jumps(reading, before) || jumps(reading, after),
        };
        if RANGE_C.contains(&reading.1) && !suspect {
            kept.push(*reading);
        }
    }
    kept
}

/// Sets OCCDHTAV to the mean temperature during the exposure, where there are readings before and after it; for one of
/// 0 s to the reading before it. Whether the readings that there are sufficed.
///
/// # Errors
/// [`crate::Error::Keyword`] where EXPSTART, EXPEND or EXPTIME is missing.
pub(super) fn update(chip: &mut Chip, name: &str, engineering: &HousingTemperatures) -> Result<bool> {
    let expname = chip.sci.text("EXPNAME").unwrap_or_default();
    let found = engineering.of(&expname);
    let readings = found.unwrap_or_default();
    let (start, end) = chip.interval_mjd(name)?;
    let last = readings.iter().position(|reading| reading.0 > end);
    let until = last.map_or(readings.len(), |last| last + 1);
    let Some(first) = readings[..until].iter().rposition(|reading| reading.0 < start) else {
        return Ok(found.is_none());
    };
    let mean = match (chip.exptime_s(name)? == 0.0, last) {
        (true, _) => readings[first].1,
        (false, Some(last)) if last > first => mean(&readings[first..=last], start, end),
        _ => return Ok(found.is_none()),
    };
    set_single(&mut chip.sci, "OCCDHTAV", mean as f32)?;
    Ok(true)
}

/// The mean over an exposure that readings enclose: of straight lines between them, but that what precedes the first and
/// follows the last of them within is half of the change along the line.
fn mean(readings: &[Reading], start: f64, end: f64) -> f64 {
    let segments = readings.len() - 1;
    let mut sum = 0.0;
    for (at, pair) in readings.windows(2).enumerate() {
        let [(time, value), (next_time, next_value)] = [pair[0], pair[1]];
        let partly = |until: f64| 0.5 * (next_value - value) * (until - time) / (next_time - time) + value;
        let (days, celsius) = if segments == 1 {
            (end - start, value)
        } else if at == segments - 1 {
            (end - time, partly(end))
        } else if at == 0 {
            (next_time - start, partly(start))
        } else {
            (next_time - time, 0.5 * (next_value + value))
        };
        sum += days * celsius;
    }
    sum / (end - start)
}

#[cfg(test)]
mod tests {
    use super::{mean, trustworthy};

    #[test]
    fn a_glitch_is_dropped_and_a_step_is_kept() {
        let glitch = [(0.0, 19.0), (1.0, 19.1), (2.0, 21.0), (3.0, 19.2), (4.0, 19.1)];
        let kept: Vec<f64> = trustworthy(&glitch).iter().map(|reading| reading.0).collect();
        assert_eq!(kept, [0.0, 1.0, 3.0, 4.0]);
        let step = [(0.0, 19.0), (1.0, 19.0), (2.0, 21.0), (3.0, 21.0), (4.0, 40.0)];
        let kept: Vec<f64> = trustworthy(&step).iter().map(|reading| reading.0).collect();
        assert_eq!(kept, [0.0, 1.0, 2.0, 3.0]);
    }

    #[test]
    fn a_constant_temperature_is_its_own_mean() {
        let readings: Vec<(f64, f64)> = (0..5).map(|i| (f64::from(i), 20.0)).collect();
        assert!((mean(&readings, 0.5, 3.5) - 20.0).abs() < 1e-12);
        assert_eq!(mean(&readings[..2], 0.25, 0.5), 20.0);
    }
}
