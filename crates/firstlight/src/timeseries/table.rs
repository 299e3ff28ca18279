//! The light curves as a table.

use super::TimeseriesOptions;
use super::curves::Curve;
use super::measure::{FrameMeasures, Point};
use super::stars::Role;
use crate::Result;
use crate::ccd::CcdUnit;
use firstlight_frame::{Column, Table};
use std::path::PathBuf;

/// Magnitudes of a relative error.
const MAGNITUDES: f64 = 2.5 / std::f64::consts::LN_10;

/// One row for each target and each comparison star that was taken, and each frame: star by star, by time.
pub(super) fn of(
    frames: &[(PathBuf, FrameMeasures)],
    curves: &[Curve],
    (unit, options): (&CcdUnit, &TimeseriesOptions),
) -> Result<Table> {
    let curves: Vec<&Curve> = curves
        .iter()
        .filter(|curve| curve.star.role != Role::Rejected)
        .collect();
    let pairs: Vec<(&Curve, usize)> = curves
        .iter()
        .flat_map(|curve| (0..frames.len()).map(|frame| (*curve, frame)))
        .collect();
    let rows = || pairs.iter().copied();
    let unit = unit.to_string();
    let in_unit = |column: Column| {
        if unit.is_empty() {
            column
        } else {
            column.unit(unit.as_str())
        }
    };
    let reals = |name: &str, of: &dyn Fn(&Curve, usize) -> f64| {
        Column::f64(name, rows().map(|(curve, frame)| of(curve, frame)).collect())
    };
    let point = |name: &str, of: fn(&Point) -> f64| reals(name, &|curve, frame| of(&curve.points[frame]));
    let mag = |curve: &Curve, frame: usize| {
        let rate = curve.points[frame].flux / frames[frame].1.time.exptime_s;
        options.zeropoint - 2.5 * rate.log10()
    };
    let role = |curve: &Curve| match curve.star.role {
        Role::Target => "target",
        Role::Comparison | Role::Rejected => "comparison",
    };
    let name = |frame: usize| frames[frame].0.to_string_lossy().into_owned();
    let mut table = Table::new()
        .with(Column::text(
            "star",
            rows().map(|(curve, _)| curve.star.name.clone()),
        ))?
        .with(Column::text("role", rows().map(|(curve, _)| role(curve))))?
        .with(Column::text("file", rows().map(|(_, frame)| name(frame))))?
        .with(reals("jd_utc_mid", &|_, frame| frames[frame].1.time.jd).unit("d"))?
        .with(in_unit(point("flux", |point| point.flux)))?
        .with(in_unit(point("flux_err", |point| point.error)))?
        .with(reals("rel_flux", &|curve, frame| curve.relative.value[frame]))?
        .with(reals("rel_flux_err", &|curve, frame| curve.relative.error[frame]))?;
    if !options.detrend.is_empty() {
        table.push(reals("detrended", &|curve, frame| curve.final_values()[frame]))?;
    }
    let mut table = table
        .with(reals("mag", &mag).unit("mag"))?
        .with(
            reals("mag_err", &|curve, frame| {
                let point = &curve.points[frame];
                MAGNITUDES * point.error / point.flux
            })
            .unit("mag"),
        )?
        .with(point("x", |point| point.place[0]).unit("pix"))?
        .with(point("y", |point| point.place[1]).unit("pix"))?
        .with(point("fwhm", |point| point.fwhm).unit("pix"))?
        .with(reals("radius", &|_, frame| frames[frame].1.radius).unit("pix"))?
        .with(in_unit(point("sky", |point| point.sky)))?;
    if frames.iter().any(|(_, frame)| frame.airmass.is_some()) {
        let airmass = |_: &Curve, frame: usize| frames[frame].1.airmass.unwrap_or(f64::NAN);
        table.push(reals("airmass", &airmass))?;
    }
    table.push(Column::i64(
        "flags",
        rows().map(|(curve, frame)| curve.points[frame].flags).collect(),
    ))?;
    Ok(table)
}
