//! The order of the stages: for an exposure, and for exposures that make a product together.

use super::destriping::Between;
use super::kept::{Aside, Kept, PIXEL_BYTES, Shelf};
use super::outputs::Outputs;
use super::plan::{Combination, Group, Planned};
use super::report::CalibratedProduct;
use super::said::Said;
use super::{CalibrateOptions, product, stages, tally};
use crate::progress::go_on;
use crate::{Progress, Result};
use firstlight_calibrate::acs::acsrej::{Rejection, name_product};
use firstlight_calibrate::acs::{Observation, References};
use firstlight_fits::Header;
use firstlight_frame::{Detector, Switch};
use rayon::prelude::*;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// What all exposures have in common.
pub(super) struct Run<'a> {
    pub(super) options: &'a CalibrateOptions,
    pub(super) outputs: &'a Outputs,
    pub(super) shelf: Shelf,
    /// Exposures in work at once, where nothing else is in memory.
    pub(super) width: usize,
    /// Bytes that the largest of them takes.
    pub(super) largest: u64,
    /// What is done between acsccd and acscte.
    pub(super) between: Option<&'a Between<'a>>,
    pub(super) said: Said,
    pub(super) progress: &'a dyn Progress,
}

/// A member with its reference files.
pub(super) type Member<'a> = (&'a Planned, &'a References);

/// An exposure between acsccd and acs2d.
struct Halfway {
    plain: Kept,
    cte: Option<Kept>,
}

/// Exposures that were combined.
struct Combined {
    rejection: Rejection,
    product: CalibratedProduct,
    /// The product of each exposure; None of one that is still to be made.
    exposures: Vec<Option<CalibratedProduct>>,
}

/// Bytes that an exposure takes while it is in work: the frame, and what a stage needs beside it. Of reference images
/// there are a few rows.
pub(super) fn bytes_in_work(member: &Planned) -> u64 {
    let beside = match (member.destripe, member.cte) {
        // Dark, flash, the inverse flat, and a copy where DQ is looked at.
        (true, _) => PIXEL_BYTES * 2,
        (false, true) => PIXEL_BYTES,
        // One chip of the map of sinks.
        (false, false) => PIXEL_BYTES / 5,
    };
    member.pixels.saturating_mul(PIXEL_BYTES + beside)
}

/// Units of progress of a group.
pub(super) fn units(group: &Group) -> u64 {
    let of_member = |member: &Planned| match (&member.detector, member.cte) {
        (Detector::AcsSbc, _) => tally::STAGE,
        (_, false) => 2 * tally::STAGE,
        (_, true) => 3 * tally::STAGE + tally::CTE,
    };
    let products = group.combination.as_ref().map_or(0, |combination| {
        let cte = group.members.iter().any(|member| member.cte);
        if cte && !combination.sums { 2 } else { 1 }
    });
    group.members.iter().map(of_member).sum::<u64>() + products * 2 * tally::STAGE
}

/// Of members some of which were exposed, those that were not: nothing of them is in the product.
fn left_out(members: &[Member<'_>]) -> Vec<String> {
    let exposed = |member: &&Member<'_>| {
        member
            .0
            .primary
            .real("EXPTIME")
            .is_some_and(|seconds| seconds > 0.0)
    };
    if !members.iter().any(|member| exposed(&member)) {
        return Vec::new();
    }
    let others = members.iter().filter(|member| !exposed(member));
    let words = others.map(|(planned, _)| format!("{}: EXPTIME is 0 s: left out", planned.path.display()));
    words.collect()
}

impl Run<'_> {
    /// Exposures that belong to nothing: as many at once as fit.
    pub(super) fn single(&self, member: Member<'_>) -> Result<Vec<CalibratedProduct>> {
        let mut products = self.exposure(member, false)?.0;
        self.said.pass_on(&mut products);
        Ok(products)
    }

    /// Exposures that make a product together.
    pub(super) fn combined(
        &self,
        members: &[Member<'_>],
        combination: &Combination,
    ) -> Result<Vec<CalibratedProduct>> {
        let mut products = match combination.sums {
            true => self.summed(members, combination)?,
            false => self.rejected(members, combination)?,
        };
        self.said.pass_on(&mut products);
        for product in products
            .iter_mut()
            .filter(|product| matches!(product.kind, "crj" | "crc"))
        {
            product.warnings.extend(left_out(members));
        }
        Ok(products)
    }

    /// An exposure on its own: acsccd, acscte, acs2d. With `keep`, a copy of its flt is kept.
    fn exposure(
        &self,
        (planned, references): Member<'_>,
        keep: bool,
    ) -> Result<(Vec<CalibratedProduct>, Option<Kept>)> {
        let mut observation = self.through_ccd(planned, references)?;
        let mut corrected = None;
        if planned.cte {
            let plain = self.shelf.keep_copy(&observation)?;
            self.cte(&mut observation, planned, references)?;
            corrected = Some(self.finish(&mut observation, references, planned, "flc")?);
            drop(observation);
            observation = self.shelf.take(plain)?;
        }
        let mut products = vec![self.finish(&mut observation, references, planned, "flt")?];
        products.extend(corrected);
        let kept = if keep {
            Some(self.shelf.keep(observation)?)
        } else {
            None
        };
        Ok((products, kept))
    }

    /// The raw exposure after acsccd.
    fn through_ccd(&self, planned: &Planned, references: &References) -> Result<Observation> {
        go_on(self.progress)?;
        let begin = Instant::now();
        let mut observation = stages::load(&planned.path, &self.options.switch)?;
        go_on(self.progress)?;
        if planned.detector != Detector::AcsSbc {
            let words = stages::ccd(&mut observation, references)?;
            self.said.add(&planned.path, |before| before.words.extend(words));
            if let Some(between) = self.between {
                between.destripe(&mut observation, references, planned, self.options)?;
            }
            self.write_intermediate(&observation, &planned.root, "blv_tmp")?;
            self.progress.advance(tally::STAGE);
        }
        let seconds = begin.elapsed().as_secs_f64();
        self.said.add(&planned.path, |before| before.ccd_s = seconds);
        Ok(observation)
    }

    fn cte(&self, observation: &mut Observation, planned: &Planned, references: &References) -> Result<()> {
        let begin = Instant::now();
        let report = stages::cte(observation, references, &self.options.acscte, self.progress)?;
        self.write_intermediate(observation, &planned.root, "blc_tmp")?;
        let seconds = begin.elapsed().as_secs_f64();
        self.said.add(&planned.path, |before| {
            before.of_cte.extend(report.warnings);
            before.cte_s = seconds;
        });
        Ok(())
    }

    fn write_intermediate(&self, observation: &Observation, root: &str, suffix: &str) -> Result<()> {
        match self.outputs.intermediate(root, suffix) {
            Some(path) => self.write(observation, &path),
            None => Ok(()),
        }
    }

    /// Writes what nobody has stopped.
    fn write(&self, observation: &Observation, path: &Path) -> Result<()> {
        go_on(self.progress)?;
        product::write(observation, path, self.outputs.overwrite)
    }

    /// acs2d, and the product.
    fn finish(
        &self,
        observation: &mut Observation,
        references: &References,
        planned: &Planned,
        kind: &'static str,
    ) -> Result<CalibratedProduct> {
        let path = self.outputs.product(&planned.root, kind);
        self.flatten(observation, references, &path, kind, vec![planned.path.clone()])
    }

    fn flatten(
        &self,
        observation: &mut Observation,
        references: &References,
        path: &Path,
        kind: &'static str,
        inputs: Vec<PathBuf>,
    ) -> Result<CalibratedProduct> {
        go_on(self.progress)?;
        let begin = Instant::now();
        let warnings = stages::flat(observation, references, self.options)?;
        self.write(observation, path)?;
        self.progress.advance(tally::STAGE);
        let seconds = begin.elapsed().as_secs_f64();
        Ok(CalibratedProduct {
            warnings,
            ..CalibratedProduct::of(observation, path, kind, inputs, seconds)
        })
    }

    /// How many exposures of a product may be in work at once, beside those that are kept.
    fn at_once(&self) -> usize {
        (1 + self.shelf.more(self.largest)).min(self.width)
    }

    /// Leaves room for exposures in work at once beside their copies without CTE correction. Without those, an exposure
    /// is kept only when its work is done.
    pub(super) fn leave_room<'a>(&self, members: impl ExactSizeIterator<Item = &'a Planned>) -> Aside<'_> {
        let more = members.len().saturating_sub(1) as u64;
        let copies = members.into_iter().any(|member| member.cte);
        self.shelf.set_aside(if copies { more * self.largest } else { 0 })
    }

    /// CRCORR, and RPTCORR of CCDs: acsrej of what acsccd left, then of what acscte left.
    fn rejected(&self, members: &[Member<'_>], combination: &Combination) -> Result<Vec<CalibratedProduct>> {
        let mut between = Vec::with_capacity(members.len());
        let mut _more = None;
        while between.len() < members.len() {
            let some = &members[between.len()..];
            let some = &some[..self.at_once().min(some.len())];
            if between.len() + some.len() == members.len() && self.flows(members, combination) {
                // None is in work any more when the last are kept, and their product is never in memory.
                _more = Some(self.shelf.lend(self.largest));
            }
            let _aside = self.leave_room(some.iter().map(|(planned, _)| *planned));
            let some = some.par_iter().map(|member| self.between(*member));
            between.extend(some.collect::<Result<Vec<_>>>()?);
        }
        let (plain, cte): (Vec<Kept>, Vec<Option<Kept>>) =
            between.into_iter().map(|b| (b.plain, b.cte)).unzip();
        let cte: Vec<Kept> = cte.into_iter().flatten().collect();
        let (flt, crj) = self.reject(members, plain, combination, ["flt", "crj"])?;
        if cte.is_empty() {
            return Ok(flt.into_iter().chain([crj]).collect());
        }
        let (flc, crc) = self.reject(members, cte, combination, ["flc", "crc"])?;
        let exposures = flt.into_iter().zip(flc).flat_map(|(flt, flc)| [flt, flc]);
        Ok(exposures.chain([crj, crc]).collect())
    }

    /// Whether the product will be written as its rows come.
    fn flows(&self, members: &[Member<'_>], combination: &Combination) -> bool {
        let asked =
            |(planned, _): &Member<'_>| planned.cte || Switch::of(&planned.primary, "SHADCORR").is_perform();
        let kept = self.outputs.intermediate(&combination.root, "crj_tmp").is_some();
        !kept && !self.options.acsrej.shadcorr && !members.iter().any(asked)
    }

    fn between(&self, (planned, references): Member<'_>) -> Result<Halfway> {
        let mut observation = self.through_ccd(planned, references)?;
        if !planned.cte {
            return Ok(Halfway {
                plain: self.shelf.keep(observation)?,
                cte: None,
            });
        }
        let plain = self.shelf.keep_copy(&observation)?;
        self.cte(&mut observation, planned, references)?;
        Ok(Halfway {
            plain,
            cte: Some(self.shelf.keep(observation)?),
        })
    }

    /// acsrej, acs2d of the product, and acs2d of each exposure with its rejected pixels flagged: all in one go where
    /// nothing between them is kept, else one after the other.
    fn reject(
        &self,
        members: &[Member<'_>],
        kept: Vec<Kept>,
        combination: &Combination,
        kinds: [&'static str; 2],
    ) -> Result<(Vec<CalibratedProduct>, CalibratedProduct)> {
        let made = match self.flow(members, &kept, combination, kinds)? {
            Some(made) => made,
            None => self.combine(members, &kept, combination, kinds[1])?,
        };
        let Combined {
            rejection, product, ..
        } = made;
        let mut exposures = Vec::with_capacity(members.len());
        let (mut left, mut over) = (Vec::new(), Vec::new());
        for ((index, kept), made) in kept.into_iter().enumerate().zip(made.exposures) {
            match made {
                Some(made) => {
                    exposures.push((index, made));
                    over.push(kept);
                }
                None => left.push((index, kept)),
            }
        }
        // To give memory back takes its time as well.
        over.into_par_iter().for_each(|kept| self.shelf.give_back(kept));
        while !left.is_empty() {
            let some: Vec<(usize, Kept)> = left.drain(..self.at_once().min(left.len())).collect();
            let done = some.into_par_iter().map(|(index, kept)| {
                let (planned, references) = members[index];
                let mut observation = self.shelf.take(kept)?;
                rejection.mark(index, &mut observation)?;
                Ok((
                    index,
                    self.finish(&mut observation, references, planned, kinds[0])?,
                ))
            });
            exposures.extend(done.collect::<Result<Vec<_>>>()?);
        }
        exposures.sort_by_key(|(index, _)| *index);
        Ok((exposures.into_iter().map(|(_, made)| made).collect(), product))
    }

    /// acsrej and acs2d, of the product and of its exposures, row by row; None of an exposure that is still to be made.
    fn flow(
        &self,
        members: &[Member<'_>],
        kept: &[Kept],
        combination: &Combination,
        [of_exposure, of_all]: [&'static str; 2],
    ) -> Result<Option<Combined>> {
        let between = format!("{of_all}_tmp");
        if self.outputs.intermediate(&combination.root, &between).is_some() {
            return Ok(None);
        }
        go_on(self.progress)?;
        let begin = Instant::now();
        let mut paths = vec![self.outputs.product(&combination.root, of_all)];
        let of_exposures = members.iter();
        paths.extend(of_exposures.map(|(planned, _)| self.outputs.product(&planned.root, of_exposure)));
        let with_references = kept
            .iter()
            .zip(members)
            .map(|(kept, (_, references))| (kept, *references));
        let made = stages::flow(
            &with_references.collect::<Vec<_>>(),
            self.options,
            (combination.root.as_str(), combination.role.as_str()),
            (&paths, self.outputs.overwrite),
            self.progress,
        )?;
        let Some(flown) = made else { return Ok(None) };
        let together = 1 + flown.exposures.iter().flatten().count();
        let seconds = begin.elapsed().as_secs_f64() / together as f64;
        self.progress.advance((1 + together as u64) * tally::STAGE);
        let inputs: Vec<PathBuf> = members.iter().map(|(member, _)| member.path.clone()).collect();
        let exposures = flown.exposures.into_iter().zip(&paths[1..]).zip(&inputs);
        let exposures = exposures.map(|((made, path), input)| {
            made.map(|(observation, warnings)| CalibratedProduct {
                warnings,
                ..CalibratedProduct::of(&observation, path, of_exposure, vec![input.clone()], seconds)
            })
        });
        let exposures = exposures.collect();
        let rejection = flown.rejection;
        let product = CalibratedProduct {
            warnings: flown.warnings,
            ..CalibratedProduct::of(&rejection.product, &paths[0], of_all, inputs, seconds)
        };
        Ok(Some(Combined {
            rejection,
            product,
            exposures,
        }))
    }

    /// acsrej, and acs2d of the product.
    fn combine(
        &self,
        members: &[Member<'_>],
        kept: &[Kept],
        combination: &Combination,
        kind: &'static str,
    ) -> Result<Combined> {
        let Some((_, references)) = members.first() else {
            return Err(crate::Error::Usage("no exposures to combine".to_owned()));
        };
        go_on(self.progress)?;
        let path = self.outputs.product(&combination.root, kind);
        let inputs = members.iter().map(|(member, _)| member.path.clone()).collect();
        let mut rejection = stages::reject(kept, references, self.options, self.progress)?;
        let mut combined = std::mem::replace(
            &mut rejection.product,
            Observation::without_pixels("", Header::new()),
        );
        name_product(&mut combined, &combination.root, Some(&combination.role))?;
        self.progress.advance(tally::STAGE);
        self.write_intermediate(&combined, &combination.root, &format!("{kind}_tmp"))?;
        let product = self.flatten(&mut combined, references, &path, kind, inputs)?;
        Ok(Combined {
            rejection,
            product,
            exposures: vec![None; members.len()],
        })
    }

    /// RPTCORR of the SBC: the sum of the calibrated exposures.
    fn summed(&self, members: &[Member<'_>], combination: &Combination) -> Result<Vec<CalibratedProduct>> {
        let (mut products, mut kept) = (Vec::new(), Vec::new());
        while kept.len() < members.len() {
            let some = members[kept.len()..].par_iter().take(self.at_once());
            let some = some.map(|member| self.exposure(*member, true));
            for (made, flt) in some.collect::<Result<Vec<_>>>()? {
                products.extend(made);
                kept.extend(flt);
            }
        }
        let begin = Instant::now();
        let mut sum = stages::sum(&kept, self.progress)?;
        name_product(&mut sum, &combination.root, Some(&combination.role))?;
        let path = self.outputs.product(&combination.root, "sfl");
        self.write(&sum, &path)?;
        self.progress.advance(2 * tally::STAGE);
        let inputs = members.iter().map(|(member, _)| member.path.clone()).collect();
        let seconds = begin.elapsed().as_secs_f64();
        products.push(CalibratedProduct::of(&sum, &path, "sfl", inputs, seconds));
        Ok(products)
    }
}
