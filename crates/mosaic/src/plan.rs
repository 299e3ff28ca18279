//! What will be combined, and onto which grid: all that can be known before a pixel is read.

use crate::chip::{Chip, exptime_s};
use crate::combine::band_rows;
use crate::{
    Bytes, DrizzleOptions, Error, FinalUnits, InputStatus, Member, Mosaic, Outcome, ProcUnit, Result, grid,
    group, memory,
};
use firstlight_drizzle::{Accumulator, Fill, Planes};

impl<'m> Mosaic<'m> {
    /// Lays out the combination of exposures as AstroDrizzle's last step makes it.
    ///
    /// Exposures without exposure time, or whose NGOODPIX is 0, are left out and their status says so.
    ///
    /// # Errors
    /// Options that cannot be, inputs without coordinates or of the wrong shape, [`Error::NothingToCombine`],
    /// and [`Error::TooLarge`] before anything of the output is allocated.
    pub fn plan(members: &'m [Member], options: &DrizzleOptions) -> Result<Self> {
        options.check()?;
        let (inputs, chips) = select(members, options)?;
        let wcs = grid::output_grid(&chips, options)?;
        let shape = wcs.shape().unwrap_or((0, 0));
        let planes = Planes {
            context: options.context,
            variance: options.error,
        };
        let exptime_s = exposure_time(&chips);
        let units = match options.final_units {
            FinalUnits::Cps => 1.0,
            FinalUnits::Counts => exptime_s as f32,
        };
        let factor = units / native_gain(&chips, options) as f32;
        let mosaic = Self {
            wcs,
            exptime_s,
            inputs,
            chips,
            options: switched(options),
            shape,
            planes,
            fill: options.final_fillval.map_or(Fill::Indef, Fill::Value),
            factor,
        };
        mosaic.check_memory()?;
        Ok(mosaic)
    }

    /// Refuses an output of which not even single rows can be made within the limit, and one that is larger than all
    /// the memory there is: the first is the user's word, and the size of the product says more to a user who has a
    /// scale wrong than a disk that is full.
    pub(crate) fn check_memory(&self) -> Result<()> {
        let given = self.options.max_memory.map(|limit| limit.0);
        let free = memory::usable();
        let (least, product) = (self.working_bytes(1, 1), self.product_bytes());
        let largest = free.map(|free| free.max(given.unwrap_or(0)));
        let beyond = |needed: u64, limit: Option<u64>| {
            let limit = limit.filter(|limit| needed > *limit)?;
            Some((needed, limit))
        };
        let Some((needed, limit)) = beyond(least, given.or(free)).or_else(|| beyond(product, largest)) else {
            return Ok(());
        };
        let (ny, nx) = self.shape;
        Err(Error::TooLarge {
            nx,
            ny,
            scale_arcsec: self.wcs.pixel_scale_arcsec(),
            needed: Bytes(needed),
            limit: Bytes(limit),
            given: given == Some(limit),
            apart_deg: self.apart_deg(),
        })
    }

    /// The largest distance of a chip's reference position from that of the first.
    pub(crate) fn apart_deg(&self) -> f64 {
        let directions: Vec<[f64; 3]> = self.chips.iter().map(|chip| direction(&chip.wcs)).collect();
        let angle = |d: &[f64; 3]| {
            let [a, b] = [directions.first().unwrap_or(d), d];
            let cosine: f64 = a.iter().zip(b).map(|(a, b)| a * b).sum();
            cosine.clamp(-1.0, 1.0).acos().to_degrees()
        };
        directions.iter().map(angle).fold(0.0, f64::max)
    }

    /// Bytes that may be used; `None` where neither the user nor the system says.
    pub(crate) fn memory_limit(&self) -> Option<u64> {
        let given = self.options.max_memory.map(|limit| limit.0);
        given.or_else(memory::usable)
    }

    /// Whether the user said how many these are.
    pub(crate) fn has_given_limit(&self) -> bool {
        self.options.max_memory.is_some()
    }

    /// Bytes of the planes of the product.
    pub fn product_bytes(&self) -> u64 {
        let (ny, nx) = self.shape;
        let context = if self.planes.context {
            self.context_planes()
        } else {
            0
        };
        let planes = 2 + context + usize::from(self.planes.variance);
        (ny as u64)
            .saturating_mul(nx as u64)
            .saturating_mul(4 * planes as u64)
    }

    /// Planes of the context image: one bit for each chip.
    pub fn context_planes(&self) -> usize {
        Accumulator::context_planes(self.chips.len())
    }

    /// Rows of the output that each of so many threads makes at a time.
    pub(crate) fn band_rows(&self, threads: usize) -> usize {
        let Some(limit) = self.memory_limit() else {
            return band_rows().next().unwrap_or(1);
        };
        let fits = |rows: &usize| self.working_bytes(*rows, threads) <= limit;
        band_rows().find(fits).unwrap_or(1)
    }
}

/// The options with the steps switched off that are not to run.
pub(crate) fn switched(options: &DrizzleOptions) -> DrizzleOptions {
    let mut options = options.clone();
    if options.combine_only {
        options.static_mask.static_step = false;
        options.sky.skysub = false;
        options.separate.driz_separate = false;
        (options.median, options.blot, options.driz_cr) = (false, false, false);
    }
    options
}

/// What electrons are divided by for the unit of the files: the gain of the last of them, as in AstroDrizzle.
fn native_gain(chips: &[Chip], options: &DrizzleOptions) -> f64 {
    let of_last = chips.last().map(|chip| chip.electrons);
    match of_last.filter(|of| of.in_native_counts() && options.proc_unit == ProcUnit::Native) {
        Some(of) => of.gain,
        None => 1.0,
    }
}

/// The unit vector of the reference position.
fn direction(wcs: &firstlight_wcs::Wcs) -> [f64; 3] {
    let (ra, dec) = wcs.reference_sky();
    let ((sin_ra, cos_ra), (sin_dec, cos_dec)) = (ra.to_radians().sin_cos(), dec.to_radians().sin_cos());
    [cos_dec * cos_ra, cos_dec * sin_ra, sin_dec]
}

/// The chips that take part, and what becomes of each input.
fn select<'m>(members: &'m [Member], options: &DrizzleOptions) -> Result<(Vec<InputStatus>, Vec<Chip<'m>>)> {
    let (mut inputs, mut chips, mut exposures) = (Vec::new(), Vec::new(), 0);
    for member in members {
        let path = member.exposure.path().to_owned();
        let outcome = match left_out(member, options) {
            Some(reason) => Outcome::Skipped { reason },
            None => {
                let imsets = group::selected(&member.exposure, options)?;
                let of_member = imsets
                    .into_iter()
                    .map(|imset| Chip::new(member, imset, exposures, options));
                let of_member = of_member.collect::<Result<Vec<_>>>()?;
                exposures += 1;
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
        return Err(Error::nothing_to_combine(&inputs));
    }
    Ok((inputs, chips))
}

/// Why an exposure takes no part, if it does not.
fn left_out(member: &Member, options: &DrizzleOptions) -> Option<String> {
    let exposure = &member.exposure;
    let first = exposure.imsets().first()?;
    if let Ok(exptime) = exptime_s(exposure, first, options)
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
        let file = Some(chip.file().path());
        if file != last {
            total += chip.exptime_s;
        }
        last = file;
    }
    total
}
