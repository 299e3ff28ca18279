//! From what the user names to exposures, in groups that make a product together.

use super::said::of_all;
use super::switches;
use super::wanted::Stages;
use super::{CalibrateOptions, alike};
use crate::output::folder_of;
use crate::{Error, Result};
use firstlight_fits::Header;
use firstlight_frame::{Association, Detector, Exposure, Switch};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// All that is to be done.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) groups: Vec<Group>,
    pub(super) associations: Vec<Association>,
    /// What may not be meant.
    pub(super) notes: Vec<String>,
}

/// Exposures that make a product together, or a single one that makes none besides its own.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) members: Vec<Planned>,
    pub(super) combination: Option<Combination>,
    /// Whether an association lists them.
    pub(super) of_association: bool,
}

/// A product of several exposures.
#[derive(Debug, Clone)]
pub(super) struct Combination {
    /// Root name, as in `j8bt06011`.
    pub(super) root: String,
    /// ASN_MTYP, as in `PROD-CRJ`.
    pub(super) role: String,
    /// RPTCORR of the SBC adds; all else is freed of cosmic rays.
    pub(super) sums: bool,
    /// Which of the associations, and which row of its table.
    pub(super) row: (usize, String),
}

/// An exposure to calibrate.
#[derive(Debug)]
pub(super) struct Planned {
    pub(super) path: PathBuf,
    /// Root name, as in `j8bt06nyq`.
    pub(super) root: String,
    /// The primary header with the user's switches.
    pub(super) primary: Header,
    pub(super) detector: Detector,
    /// Pixels of all chips.
    pub(super) pixels: u64,
    /// Whether PCTECORR is to be done.
    pub(super) cte: bool,
    /// Whether stripes are taken out after acsccd.
    pub(super) destripe: bool,
}

impl Planned {
    /// The stages that the exposure goes through.
    pub(super) fn stages(&self, combination: Option<&Combination>, options: &CalibrateOptions) -> Stages {
        let ccd = self.detector != Detector::AcsSbc;
        let rejection = ccd && combination.is_some();
        Stages {
            ccd,
            cte: self.cte,
            crrejtab: rejection && !options.acsrej.is_complete(),
            shading: rejection && options.acsrej.shadcorr,
            flat: true,
            flat_of_cte: self.cte,
            destripe: self.destripe,
            cte_forward: false,
        }
    }
}

/// Reads associations and the headers of all exposures; no pixels.
pub(super) fn plan(inputs: &[PathBuf], options: &CalibrateOptions) -> Result<Plan> {
    switches::check_settings(&options.switch)?;
    let mut plan = Plan {
        groups: Vec::new(),
        associations: Vec::new(),
        notes: Vec::new(),
    };
    for input in inputs {
        if Association::is_association_name(input) {
            let association = Association::open(input)?;
            let groups = groups_of(&association, plan.associations.len(), options, &mut plan.notes)?;
            plan.groups.extend(groups);
            plan.associations.push(association);
        } else {
            plan.groups.push(Group {
                members: vec![planned(input, options)?],
                combination: None,
                of_association: false,
            });
        }
    }
    plan.notes.extend(alone(&plan.groups));
    refuse_repeated(&plan.groups)?;
    refuse_idle(&plan.groups)?;
    Ok(plan)
}

/// Tells of exposures by themselves that ask to be combined.
fn alone(groups: &[Group]) -> Vec<String> {
    let alone = |group: &&Group| group.combination.is_none() && !group.of_association;
    let mut said = Vec::new();
    for (switch, product) in [("CRCORR", "crj"), ("RPTCORR", "product of repeats")] {
        let members = groups.iter().filter(alone).flat_map(|group| &group.members);
        let asking: Vec<&Planned> = members
            .filter(|member| Switch::of(&member.primary, switch).is_perform())
            .collect();
        if let Some((first, more)) = asking.split_first() {
            let words = format!(
                "{switch} is PERFORM, but an exposure by itself has nothing to be combined with: no {product} is made; give \
                 the association (_asn.fits) for one"
            );
            said.push(of_all(&first.path, more.len(), &words));
        }
    }
    said
}

/// An exposure of which nothing is asked would become a copy of itself.
fn refuse_idle(groups: &[Group]) -> Result<()> {
    let alone = groups.iter().filter(|group| group.combination.is_none());
    for member in alone.flat_map(|group| &group.members) {
        let steps = switches::steps_of(&member.detector);
        if !steps
            .iter()
            .any(|switch| Switch::of(&member.primary, switch).is_perform())
        {
            return Err(Error::Contradiction {
                path: member.path.clone(),
                reason: format!(
                    "none of {} is PERFORM: there is nothing to do; set some, as with --switch DQICORR=PERFORM",
                    steps.join(", ")
                ),
            });
        }
    }
    Ok(())
}

/// An exposure that is named twice would be written twice.
fn refuse_repeated(groups: &[Group]) -> Result<()> {
    let mut seen: HashMap<&str, &Path> = HashMap::new();
    for member in groups.iter().flat_map(|group| &group.members) {
        if let Some(first) = seen.insert(&member.root, &member.path) {
            if first == member.path {
                return Err(Error::Usage(format!(
                    "{} is named twice, as by itself and by its association; name each exposure once, and no members \
                     beside their association",
                    first.display()
                )));
            }
            return Err(Error::Usage(format!(
                "{} and {} have the same products; name each exposure once, and no members beside their association",
                first.display(),
                member.path.display()
            )));
        }
    }
    Ok(())
}

/// The exposures of an association, grouped as the roles of its table say: all of `EXP-CRJ` and `EXP-RPT` together,
/// those of `EXP-CR2` by their number, and each of `EXP-DTH` for itself.
fn groups_of(
    association: &Association,
    index: usize,
    options: &CalibrateOptions,
    notes: &mut Vec<String>,
) -> Result<Vec<Group>> {
    let mut groups: Vec<(Option<Place>, Vec<Planned>)> = Vec::new();
    for member in association.exposures() {
        if !member.present {
            notes.push(format!(
                "{}: member {} is marked as absent, and is left out",
                association.path.display(),
                member.name
            ));
            continue;
        }
        let exposure = planned(&member_file(association, &member.name)?, options)?;
        let place = Place::of(&member.kind);
        match groups
            .iter_mut()
            .find(|(other, _)| place.is_some() && *other == place)
        {
            Some((_, members)) => members.push(exposure),
            None => groups.push((place, vec![exposure])),
        }
    }
    if groups.is_empty() {
        return Err(firstlight_frame::Error::NotAnAssociation {
            path: association.path.clone(),
            reason: "none of its exposures is marked as present".to_owned(),
        }
        .into());
    }
    let group = |(place, members): (Option<Place>, Vec<Planned>)| {
        let combination = match place {
            Some(place) => combination(association, index, place, &members, options, notes)?,
            None => None,
        };
        Ok(Group {
            members,
            combination,
            of_association: true,
        })
    };
    groups.into_iter().map(group).collect()
}

/// Where an exposure or a product stands in its association.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    repeat: bool,
    number: u32,
}

impl Place {
    /// `EXP-CRJ`, `PROD-RPT`: number 1; `EXP-CR2`: number 2; None for `EXP-DTH` and all others.
    fn of(kind: &str) -> Option<Self> {
        let kind = kind.replace('_', "-").to_ascii_uppercase();
        let (_, role) = kind.split_once('-')?;
        let (repeat, rest) = match (role.strip_prefix("CR"), role.strip_prefix("RP")) {
            (Some(rest), _) => (false, rest),
            (_, Some(rest)) => (true, rest),
            _ => return None,
        };
        let number = rest.parse().unwrap_or(1);
        Some(Self { repeat, number })
    }
}

fn combination(
    association: &Association,
    index: usize,
    place: Place,
    members: &[Planned],
    options: &CalibrateOptions,
    notes: &mut Vec<String>,
) -> Result<Option<Combination>> {
    let switch = if place.repeat { "RPTCORR" } else { "CRCORR" };
    let omitted = |setting: &switches::SwitchSetting| {
        setting.keyword == switch && setting.value == switches::Setting::Omit
    };
    if options.switch.iter().any(omitted) {
        return Ok(None);
    }
    let is_sbc = members.iter().any(|member| member.detector == Detector::AcsSbc);
    if is_sbc && !place.repeat {
        notes.push(format!(
            "{}: exposures of the SBC have no cosmic rays; no product is made of them",
            association.path.display()
        ));
        return Ok(None);
    }
    let [_, _, ..] = members else {
        notes.push(format!(
            "{}: {switch} needs two exposures, and there is one; no product is made of it",
            association.path.display()
        ));
        return Ok(None);
    };
    alike::check(&association.path, switch, members)?;
    let product = association
        .members
        .iter()
        .find(|row| row.is_product() && Place::of(&row.kind) == Some(place));
    let Some(product) = product else {
        return Err(firstlight_frame::Error::NotAnAssociation {
            path: association.path.clone(),
            reason: format!("it names no product for its exposures {}", described(place)),
        }
        .into());
    };
    Ok(Some(Combination {
        root: product.name.clone(),
        role: product.kind.replace('_', "-"),
        sums: is_sbc,
        row: (index, product.name.clone()),
    }))
}

fn described(place: Place) -> String {
    let kind = if place.repeat { "RPT" } else { "CRJ" };
    format!("EXP-{kind} (number {})", place.number)
}

/// The raw file of a member. Where there is none, what else of it is there is told of.
fn member_file(association: &Association, name: &str) -> Result<PathBuf> {
    let folder = association.path.parent().unwrap_or(Path::new(""));
    let at =
        |suffix: &str| ["fits", "fits.gz"].map(|ending| folder.join(format!("{name}_{suffix}.{ending}")));
    if let Some(raw) = at("raw").into_iter().find(|path| path.is_file()) {
        return Ok(raw);
    }
    let calibrated = ["flt", "flc"]
        .into_iter()
        .flat_map(at)
        .find(|path| path.is_file());
    Err(Error::MissingRaw {
        association: association.path.clone(),
        member: name.to_owned(),
        folder: folder_of(&association.path).to_owned(),
        calibrated,
    })
}

/// Reads the headers of an exposure.
pub(super) fn planned(path: &Path, options: &CalibrateOptions) -> Result<Planned> {
    let exposure = Exposure::open(path)?;
    let mut primary = exposure.primary().clone();
    let detector = detector_of(&primary, path)?;
    switches::apply(&mut primary, &options.switch, path)?;
    switches::check(&primary, path)?;
    if detector == Detector::AcsHrc && Switch::of(&primary, "PCTECORR").is_perform() {
        let name = path.display().to_string();
        return Err(firstlight_calibrate::Error::NoCteCorrection { name, found: "HRC" }.into());
    }
    Ok(Planned {
        pixels: pixels_of(&exposure)?,
        root: root_of(path),
        cte: detector != Detector::AcsSbc && Switch::of(&primary, "PCTECORR").is_perform(),
        destripe: false,
        path: path.to_owned(),
        primary,
        detector,
    })
}

/// The detector of ACS that took an exposure.
///
/// # Errors
/// [`firstlight_calibrate::Error::NotAcs`] where it is another instrument's.
pub(super) fn detector_of(primary: &Header, path: &Path) -> Result<Detector> {
    let detector = Detector::from_header(primary);
    if detector.is_acs() {
        return Ok(detector);
    }
    Err(firstlight_calibrate::Error::NotAcs {
        name: path.display().to_string(),
        found: detector.to_string(),
    }
    .into())
}

/// Pixels of all chips, by the headers.
pub(super) fn pixels_of(exposure: &Exposure) -> Result<u64> {
    exposure
        .imsets()
        .iter()
        .map(|imset| {
            let (ny, nx) = exposure.shape(imset.version)?;
            Ok((ny as u64).saturating_mul(nx as u64))
        })
        .sum()
}

/// `j8bt06nyq` of `j8bt06nyq_raw.fits`, and of any other name what stands before its ending.
pub(crate) fn root_of(path: &Path) -> String {
    let name = crate::input::file_name(path);
    let stem = name.split(".fit").next().unwrap_or(&name);
    let known = [
        "_raw", "_blv_tmp", "_blc_tmp", "_blv", "_blc", "_flt", "_flc", "_crj_tmp", "_crc_tmp", "_crj",
        "_crc",
    ];
    let root = known.iter().find_map(|suffix| stem.strip_suffix(suffix));
    root.unwrap_or(stem).to_owned()
}
