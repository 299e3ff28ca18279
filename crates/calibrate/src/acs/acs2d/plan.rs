//! What is to be done, by the switches, and with which files.

use crate::acs::acsccd::has_overscan;
use crate::acs::tables::mlintab::LinearityRow;
use crate::acs::{Channel, Observation, Reference, References, Setup};
use crate::{Error, Result};
use firstlight_frame::Switch;

/// The switches of CCD frames that need CCDTAB, as all of acs2d does.
const SWITCHES: [&str; 6] = [
    "DARKCORR", "FLSHCORR", "FLATCORR", "SHADCORR", "PHOTCORR", "DQICORR",
];

/// Tells of steps that are asked for, but belong to detectors of the other kind.
pub(super) fn of_other_detectors(observation: &Observation, setup: &Setup) -> Vec<String> {
    let (switches, whose) = match setup.channel {
        Channel::Sbc => (["FLSHCORR", "SHADCORR"], "the CCDs"),
        _ => (["GLINCORR", "LFLGCORR"], "the SBC"),
    };
    let asked = switches
        .iter()
        .filter(|switch| observation.switch(switch).is_perform());
    asked
        .map(|switch| {
            format!("{switch} is PERFORM, and is not done: it is a step of {whose}; set it to OMIT")
        })
        .collect()
}

/// A step that is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Task<'a> {
    /// With this file.
    Perform(&'a Reference),
    /// Not to be done: this file is a dummy.
    Dummy(&'a Reference),
}

impl<'a> Task<'a> {
    fn of(reference: &'a Reference) -> Self {
        match reference.is_dummy() {
            true => Task::Dummy(reference),
            false => Task::Perform(reference),
        }
    }

    /// Its file.
    pub fn reference(&self) -> &'a Reference {
        match self {
            Task::Perform(reference) | Task::Dummy(reference) => reference,
        }
    }

    /// Its file, if it is to be used.
    pub fn usable(&self) -> Option<&'a Reference> {
        match self {
            Task::Perform(reference) => Some(reference),
            Task::Dummy(_) => None,
        }
    }
}

/// The flats of FLATCORR.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Flats<'a> {
    /// PFLTFILE: pixel to pixel.
    pub pixel: Option<Task<'a>>,
    /// DFLTFILE: what changed since.
    pub delta: Option<Task<'a>>,
    /// LFLTFILE: low order, of larger pixels maybe.
    pub low: Option<Task<'a>>,
    /// CFLTFILE: spots of the coronagraph.
    pub spots: Option<Task<'a>>,
    /// SPOTTAB: where the spots are.
    pub positions: Option<Task<'a>>,
}

impl<'a> Flats<'a> {
    fn of(references: &'a References) -> Result<Self> {
        let task = |keyword| references.get(keyword).map(Task::of);
        let flats = Self {
            pixel: task("PFLTFILE"),
            delta: task("DFLTFILE"),
            low: task("LFLTFILE"),
            spots: task("CFLTFILE"),
            positions: task("SPOTTAB"),
        };
        if flats.pixel.is_none() && flats.delta.is_none() && flats.low.is_none() {
            references.require("FLATCORR", "PFLTFILE")?;
        }
        Ok(flats)
    }

    /// Whether any of the flats can be used; the spots alone are none.
    pub fn usable(&self) -> bool {
        let flats = [self.pixel, self.delta, self.low];
        flats.iter().flatten().any(|task| task.usable().is_some())
    }

    /// The flat of the spots and the table of their positions, where both can be used.
    pub fn spots_at(&self) -> Option<(&'a Reference, &'a Reference)> {
        Some((self.spots?.usable()?, self.positions?.usable()?))
    }
}

/// The steps in their order.
#[derive(Debug, Clone)]
pub(super) struct Plan<'a> {
    /// CCDTAB; None for SBC.
    pub ccdtab: Option<&'a Reference>,
    /// DQICORR.
    pub dqi: Option<Task<'a>>,
    /// MLINTAB and its row, where GLINCORR or LFLGCORR is asked for.
    pub mlintab: Option<(Task<'a>, LinearityRow)>,
    /// GLINCORR.
    pub global_linearity: bool,
    /// LFLGCORR.
    pub local_linearity: bool,
    /// DARKCORR.
    pub dark: Option<Task<'a>>,
    /// FLSHCORR.
    pub flash: Option<Task<'a>>,
    /// FLATCORR.
    pub flats: Option<Flats<'a>>,
    /// SHADCORR.
    pub shading: Option<Task<'a>>,
    /// PHOTCORR.
    pub photometry: Option<Task<'a>>,
    /// EXPSCORR.
    pub individual_exposures: bool,
}

impl<'a> Plan<'a> {
    /// What to say of steps whose files are dummies.
    pub fn dummies(&self) -> Vec<String> {
        let linearity = self.mlintab.as_ref().map(|(task, _)| *task);
        let glincorr = linearity.filter(|_| self.global_linearity);
        let lflgcorr = linearity.filter(|_| self.local_linearity);
        let mut steps = vec![
            ("DQICORR", self.dqi),
            ("GLINCORR", glincorr),
            ("LFLGCORR", lflgcorr),
            ("DARKCORR", self.dark),
            ("FLSHCORR", self.flash),
            ("SHADCORR", self.shading),
            ("PHOTCORR", self.photometry),
        ];
        let flats = self.flats.unwrap_or_default();
        let of_flats = [flats.pixel, flats.delta, flats.low, flats.spots];
        if !flats.usable() {
            steps.extend(of_flats.map(|task| ("FLATCORR", task)));
        }
        let dummy = |task: Option<Task<'a>>| task.filter(|task| task.usable().is_none());
        let mut said: Vec<String> = steps
            .into_iter()
            .filter_map(|(switch, task)| Some(dummy(task)?.reference().skips(switch)))
            .collect();
        if flats.usable() {
            said.extend(of_flats.into_iter().filter_map(dummy).map(|task| {
                let Reference {
                    keyword,
                    named,
                    pedigree,
                    ..
                } = task.reference();
                format!("FLATCORR does without {keyword} {named}, which is a dummy (PEDIGREE {pedigree})")
            }));
        }
        said
    }

    /// Reads the switches and finds the files that they need. Steps of the other kind of detector are not done,
    /// whatever their switch: GLINCORR and LFLGCORR of a CCD, FLSHCORR and SHADCORR of SBC, which
    /// [`of_other_detectors`] tells of.
    pub fn of(observation: &Observation, setup: &Setup, references: &'a References) -> Result<Self> {
        let sbc = setup.channel == Channel::Sbc;
        let asked = |switch: &str| match observation.switch(switch) {
            Switch::Perform => Ok(true),
            Switch::Other(_) => Err(observation.keyword(switch, "PERFORM, OMIT, COMPLETE or SKIPPED")),
            _ => Ok(false),
        };
        let task = |switch: &str, keyword: &str, applies: bool| match applies && asked(switch)? {
            true => Ok::<_, Error>(Some(Task::of(references.require(switch, keyword)?))),
            false => Ok(None),
        };
        let darkfile = match observation.switch("PCTECORR") {
            Switch::Complete => "DRKCFILE",
            _ => "DARKFILE",
        };
        let dqi = match references.get("BPIXTAB") {
            // Without a table there is nothing to flag in a CCD frame, which has its electrons already.
            None if !sbc => None,
            _ => task("DQICORR", "BPIXTAB", true)?,
        };
        let (global_linearity, local_linearity) = (sbc && asked("GLINCORR")?, sbc && asked("LFLGCORR")?);
        let switch = if global_linearity { "GLINCORR" } else { "LFLGCORR" };
        let mlintab = match global_linearity || local_linearity {
            true => Some(linearity(setup, references.require(switch, "MLINTAB")?)?),
            false => None,
        };
        let flats = match asked("FLATCORR")? {
            true => Some(Flats::of(references)?),
            false => None,
        };
        let mut plan = Self {
            ccdtab: None,
            dqi,
            mlintab,
            global_linearity,
            local_linearity,
            dark: task("DARKCORR", darkfile, true)?,
            flash: task("FLSHCORR", "FLSHFILE", !sbc)?,
            flats,
            shading: task("SHADCORR", "SHADFILE", !sbc)?,
            photometry: task("PHOTCORR", "IMPHTTAB", true)?,
            individual_exposures: asked("EXPSCORR")?,
        };
        if !sbc && plan.has_work() {
            let perform = |switch: &&&str| observation.switch(switch).is_perform();
            let switch = SWITCHES.iter().find(perform).unwrap_or(&"DARKCORR");
            plan.ccdtab = Some(references.require(switch, "CCDTAB")?);
        }
        Ok(plan)
    }

    /// Whether any step can be performed: dummies alone are nothing to do.
    pub fn has_work(&self) -> bool {
        let linearity = self.mlintab.as_ref().map(|(task, _)| *task);
        let tasks = [
            self.dqi,
            linearity,
            self.dark,
            self.flash,
            self.shading,
            self.photometry,
        ];
        let any = tasks.iter().flatten().any(|task| task.usable().is_some());
        any || self.flats.is_some_and(|flats| flats.usable())
    }

    /// Checks what can be before the first step: the overscan is off, the time that the dark built up in is known, and
    /// reference images lie under every chip.
    pub fn check(&self, observation: &Observation, setup: &Setup) -> Result<()> {
        let usable = |task: Option<Task<'a>>| task.and_then(|task| task.usable());
        let linearity = self.mlintab.as_ref().map(|(task, _)| *task);
        let tables = [self.dqi, linearity, self.photometry]
            .into_iter()
            .filter_map(usable);
        for table in tables.chain(self.ccdtab) {
            table.check_serves(setup.channel)?;
        }
        if setup.channel != Channel::Sbc && usable(self.dark).is_some() {
            observation.real("DARKTIME")?;
        }
        let flats = self.flats.filter(Flats::usable).unwrap_or_default();
        let same = [self.dark, self.flash, flats.pixel, flats.delta];
        let binned = [self.shading, flats.low];
        for chip in &observation.chips {
            let ltv = chip.ltv();
            let trimmed =
                observation.switch("BLEVCORR") == Switch::Complete && !has_overscan(setup.channel, chip);
            if setup.channel != Channel::Sbc && !trimmed {
                return Err(Error::Untrimmed {
                    name: observation.name.clone(),
                    blevcorr: observation.switch("BLEVCORR").to_string(),
                    ltv,
                });
            }
            for reference in same.into_iter().filter_map(usable) {
                reference.check_covering(setup, chip)?;
            }
            for reference in binned.into_iter().filter_map(usable) {
                reference.check_expanded(setup, chip)?;
            }
            if let Some((spots, _)) = flats.spots_at() {
                spots.check_covering(setup, chip)?;
            }
            let globrate = chip.sci.real("GLOBRATE");
            if usable(self.mlintab.as_ref().map(|(task, _)| *task)).is_some() && globrate.is_none() {
                return Err(Error::Keyword {
                    name: observation.name.clone(),
                    hdu: format!("SCI,{}", chip.version),
                    keyword: "GLOBRATE".to_owned(),
                    expected: "the count rate of the whole detector, counts/s",
                    found: chip.sci.get("GLOBRATE").map(|value| value.to_string()),
                });
            }
        }
        Ok(())
    }
}

fn linearity<'a>(setup: &Setup, mlintab: &'a Reference) -> Result<(Task<'a>, LinearityRow)> {
    let row = LinearityRow::of(setup, mlintab)?;
    let task = match row.is_dummy() {
        true => Task::Dummy(mlintab),
        false => Task::of(mlintab),
    };
    Ok((task, row))
}
