//! Step 7: all inputs drizzled onto one grid.

use crate::chip::Chip;
use crate::map::Map;
use crate::weight::{self, Weigher};
use crate::{
    Bytes, DrizzleOptions, Error, FinalUnits, InputStatus, Member, Mosaic, Outcome, Result, grid, memory,
};
use firstlight_drizzle::{Accumulator, DropOptions, Fill, InUnits, Input, Planes, Rules, drizzle_exposure};

/// Detector rows that are in memory at once.
const STRIP_ROWS: usize = 256;
/// Output planes of f32 that are in memory at once while products are written.
const PLANES_WRITTEN: u64 = 1;

/// Combines exposures as AstroDrizzle's last step does.
///
/// Exposures without exposure time, or whose NGOODPIX is 0, are left out and their status says so. Samples
/// that are not finite are left out, as are samples whose weight is not. Inputs are read strip by strip and not
/// changed. `advance` is told of detector rows as they are done.
///
/// # Errors
/// Options that cannot be, inputs without coordinates or of the wrong shape, [`Error::NothingToCombine`],
/// and [`Error::TooLarge`] before anything of the output is allocated.
pub fn combine<'m>(
    members: &'m [Member],
    options: &DrizzleOptions,
    advance: &(dyn Fn(u64) + Sync),
) -> Result<Mosaic<'m>> {
    options.check()?;
    let (inputs, chips) = select(members)?;
    let wcs = grid::output_grid(&chips, options)?;
    let (ny, nx) = wcs.shape().unwrap_or((0, 0));
    let planes = Planes {
        context: options.context,
        variance: options.error,
    };
    check_memory((ny, nx), &wcs, planes, &chips, options)?;
    let mut output = Accumulator::new(ny, nx, planes)?;
    for (image, chip) in chips.iter().enumerate() {
        add(chip, image, &wcs, options, &mut output, advance)?;
    }
    let exptime_s = exposure_time(&chips);
    let factor = match options.final_units {
        FinalUnits::Cps => 1.0,
        FinalUnits::Counts => exptime_s as f32,
    };
    let fill = options.final_fillval.map_or(Fill::Indef, Fill::Value);
    Ok(Mosaic {
        wcs,
        exptime_s,
        inputs,
        chips,
        output,
        fill,
        factor,
    })
}

/// Detector rows that [`combine`] will tell of.
pub fn rows(members: &[Member]) -> u64 {
    let rows = |m: &Member| -> u64 {
        let shapes = m
            .exposure
            .imsets()
            .iter()
            .filter_map(|i| m.exposure.shape(i.version).ok());
        shapes.map(|(ny, _)| ny as u64).sum()
    };
    members.iter().filter(|m| left_out(m).is_none()).map(rows).sum()
}

/// The chips that take part, and what becomes of each input.
fn select(members: &[Member]) -> Result<(Vec<InputStatus>, Vec<Chip<'_>>)> {
    let (mut inputs, mut chips) = (Vec::new(), Vec::new());
    for member in members {
        let path = member.exposure.path().to_owned();
        let outcome = match left_out(member) {
            Some(reason) => Outcome::Skipped { reason },
            None => {
                let of_member = member
                    .exposure
                    .imsets()
                    .iter()
                    .map(|imset| Chip::new(member, imset));
                let of_member = of_member.collect::<Result<Vec<_>>>()?;
                let outcome = Outcome::Combined {
                    chips: of_member.len(),
                    exptime_s: of_member.first().map_or(0.0, |chip| chip.exptime_s),
                };
                chips.extend(of_member);
                outcome
            }
        };
        inputs.push(InputStatus { path, outcome });
    }
    if chips.is_empty() {
        let reasons: Vec<String> = inputs.iter().map(InputStatus::to_string).collect();
        let reasons = if reasons.is_empty() {
            "no input was given".to_owned()
        } else {
            reasons.join("; ")
        };
        return Err(Error::NothingToCombine { reasons });
    }
    Ok((inputs, chips))
}

/// Why an exposure takes no part, if it does not.
fn left_out(member: &Member) -> Option<String> {
    let exposure = &member.exposure;
    let version = exposure.imsets().first()?.version;
    if let Ok(exptime) = exposure.exptime_s(version)
        && (exptime <= 0.0 || exptime.is_nan())
    {
        return Some(format!("EXPTIME is {exptime}"));
    }
    let good: Option<i64> = exposure
        .imsets()
        .iter()
        .map(|imset| exposure.sci_header(imset.version).ok()?.integer("NGOODPIX"))
        .sum();
    (good == Some(0)).then(|| "NGOODPIX is 0: it has no good pixel".to_owned())
}

/// The sum over exposures, each of which may consist of several chips in a row.
fn exposure_time(chips: &[Chip]) -> f64 {
    let mut last = None;
    let mut total = 0.0;
    for chip in chips {
        let expname = Some(chip.expname());
        if expname != last {
            total += chip.exptime_s;
        }
        last = expname;
    }
    total
}

fn check_memory(
    (ny, nx): (usize, usize),
    wcs: &firstlight_wcs::Wcs,
    planes: Planes,
    chips: &[Chip],
    options: &DrizzleOptions,
) -> Result<()> {
    let pixels = (nx as u64).saturating_mul(ny as u64);
    let strips = chips
        .iter()
        .map(|chip| chip.nx as u64 * STRIP_ROWS as u64 * 40)
        .max()
        .unwrap_or(0);
    let needed = Accumulator::bytes(ny, nx, planes, chips.len())
        .and_then(|bytes| {
            bytes
                .checked_add(pixels.checked_mul(4 * PLANES_WRITTEN)?)?
                .checked_add(strips)
        })
        .map_or(Bytes(u64::MAX), Bytes);
    let limit = options
        .max_memory
        .or_else(|| memory::available().map(|free| Bytes(free.0 / 4 * 3)));
    match limit {
        Some(limit) if needed > limit => Err(Error::TooLarge {
            nx,
            ny,
            scale_arcsec: wcs.pixel_scale_arcsec(),
            needed,
            limit,
        }),
        _ => Ok(()),
    }
}

/// Drizzles one chip.
fn add(
    chip: &Chip,
    image: usize,
    wcs: &firstlight_wcs::Wcs,
    options: &DrizzleOptions,
    output: &mut Accumulator,
    advance: &(dyn Fn(u64) + Sync),
) -> Result<()> {
    let good = options.final_bits.selection("final_bits")?;
    let reset = options.resetbits.mask("resetbits")?;
    let weigher = Weigher::new(chip, options.final_wht_type, good, reset, options.error)?;
    let map = Map::new(&chip.wcs, wcs, options.stepsize)?;
    let ratio = wcs.pixel_scale_arcsec() / chip.natural_scale_arcsec;
    let drop = DropOptions {
        kernel: options.final_kernel,
        pixfrac: options.final_pixfrac,
        pixel_scale_ratio: Some(ratio),
        value_scale: ratio * ratio,
        weight_scale: weight::scale(
            options.final_wht_type,
            options.final_wt_scl.factor(),
            chip.exptime_s,
            ratio,
        ),
        in_units: if chip.in_counts() {
            InUnits::Counts {
                exptime_s: chip.exptime_s,
            }
        } else {
            InUnits::Cps
        },
        rules: Rules::AstroDrizzle,
    };
    for start in (0..chip.ny).step_by(STRIP_ROWS) {
        let rows = start..(start + STRIP_ROWS).min(chip.ny);
        let strip = weigher.strip(rows.clone())?;
        let input = Input {
            image,
            first_row: start,
            first_column: 0,
            nx: chip.nx,
            data: &strip.sci,
            weight: Some(&strip.weight),
            variance: strip.variance.as_deref(),
        };
        drizzle_exposure(&input, &map, &drop, output)?;
        advance(rows.len() as u64);
    }
    Ok(())
}
