//! From raw exposures of STIS to what is to be done with them, by their headers alone.

use super::lamp::Lamp;
use crate::calibrate::plan::{pixels_of, root_of};
use crate::calibrate::{CalibrateOptions, switches};
use crate::{Error, Result};
use firstlight_calibrate::stis::{SpectralMode, SpectralSwitches};
use firstlight_calibrate::{Error as StepError, Observation};
use firstlight_fits::Header;
use firstlight_frame::{Detector, Exposure, Switch};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Steps before cosmic rays are rejected, and those after.
const BEFORE: [&str; 3] = ["DQICORR", "BLEVCORR", "BIASCORR"];
pub(super) const AFTER: [&str; 3] = ["DARKCORR", "FLATCORR", "PHOTCORR"];

/// A raw exposure to calibrate.
#[derive(Debug)]
pub(super) struct Planned {
    pub(super) path: PathBuf,
    /// Folder and root name of its products, as in `out/o4d101010`.
    pub(super) root: PathBuf,
    /// The primary header with the user's switches and dark.
    pub(super) primary: Header,
    /// Pixels of all imsets.
    pub(super) pixels: u64,
    pub(super) does: Does,
    /// The wavecal, where WAVECORR asks for one.
    pub(super) lamp: Option<Lamp>,
    /// What may not be meant.
    pub(super) notes: Vec<String>,
}

/// The parts of the pipeline that an exposure goes through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Does {
    /// basic2d before cosmic rays are rejected.
    pub(super) before: bool,
    /// ocrreject: a crj.
    pub(super) rejects: bool,
    /// basic2d after it.
    pub(super) after: bool,
    /// A flt.
    pub(super) exposures: bool,
    /// x2d: an sx2 of a crj, or an x2d.
    pub(super) x2d: bool,
    /// x1d: an sx1 of a crj, or an x1d.
    pub(super) x1d: bool,
}

impl Does {
    /// The endings of the products.
    pub(super) fn kinds(&self) -> Vec<&'static str> {
        let [rectified, extracted] = self.spectra();
        let all = [
            (self.exposures, "flt"),
            (self.rejects, "crj"),
            (self.x2d, rectified),
            (self.x1d, extracted),
        ];
        all.iter()
            .filter(|(made, _)| *made)
            .map(|(_, kind)| *kind)
            .collect()
    }

    /// The endings of rectified images and extracted spectra.
    pub(super) fn spectra(&self) -> [&'static str; 2] {
        match self.rejects {
            true => ["sx2", "sx1"],
            false => ["x2d", "x1d"],
        }
    }
}

impl Planned {
    /// The file of a product, or of what lies between steps.
    pub(super) fn file(&self, kind: &str) -> PathBuf {
        let mut name = self.root.clone().into_os_string();
        name.push(format!("_{kind}.fits"));
        PathBuf::from(name)
    }

    /// All files that will be written.
    pub(super) fn files(&self, intermediates: bool) -> Vec<PathBuf> {
        let mut kinds = self.does.kinds();
        if intermediates && self.does.rejects {
            kinds.extend(["blv_tmp", "crj_tmp"]);
        }
        if intermediates && self.lamp.is_some() {
            kinds.extend(["fwv_tmp", "w2d_tmp"]);
        }
        kinds.into_iter().map(|kind| self.file(kind)).collect()
    }
}

/// Reads the headers of all exposures; no pixels.
pub(super) fn plan(inputs: &[PathBuf], options: &CalibrateOptions) -> Result<Vec<Planned>> {
    switches::check_settings(&options.switch)?;
    let of_one = options
        .stis
        .outroot
        .as_deref()
        .is_some_and(|root| !root.ends_with('/'));
    if of_one && inputs.len() > 1 {
        return Err(Error::Usage(format!(
            "outroot names the products of one exposure, and there are {}; give a folder, with a slash at its end",
            inputs.len()
        )));
    }
    let plan = inputs
        .iter()
        .map(|path| planned(path, options))
        .collect::<Result<Vec<_>>>()?;
    let mut seen: HashMap<&Path, &Path> = HashMap::new();
    for member in &plan {
        if let Some(first) = seen.insert(&member.root, &member.path) {
            return Err(Error::Usage(format!(
                "{} and {} have the same products; name each exposure once",
                first.display(),
                member.path.display()
            )));
        }
    }
    Ok(plan)
}

fn planned(path: &Path, options: &CalibrateOptions) -> Result<Planned> {
    let exposure = Exposure::open(path)?;
    let mut primary = exposure.primary().clone();
    check_detector(&primary, path)?;
    switches::apply(&mut primary, &options.switch, path)?;
    switches::check_words(&primary, path)?;
    if let Some(dark) = &options.stis.darkfile {
        primary.set("DARKFILE", crate::input::file_name(dark), None)?;
    }
    check_supported(&primary, path)?;
    let mut notes = Vec::new();
    let does = does(&primary, exposure.imsets().len(), path, &mut notes)?;
    let spectroscopic = is_spectroscopic(&primary);
    if spectroscopic && (does.x1d || does.x2d) {
        let mode = SpectralMode::of(&primary);
        let checked = mode.and_then(|mode| match does.x1d {
            true => SpectralSwitches::of(&primary).check(&mode.name),
            false => Ok(()),
        });
        checked.map_err(|error| Error::from(error).in_file(path))?;
    }
    let asks_for_lamp = spectroscopic && Switch::of(&primary, "WAVECORR").is_perform();
    let lamp = match asks_for_lamp {
        true => {
            let name = path.display().to_string();
            let science = Observation::without_pixels(name, primary.clone());
            Some(Lamp::of(path, &science, options)?)
        }
        false => None,
    };
    if lamp.is_none() && options.stis.wavecal.is_some() {
        notes.push(format!(
            "{}: WAVECORR is not PERFORM, and the wavecal is not used",
            path.display()
        ));
    }
    Ok(Planned {
        root: root(path, options),
        pixels: pixels_of(&exposure)?,
        path: path.to_owned(),
        primary,
        does,
        lamp,
        notes,
    })
}

/// Where the products of an exposure go: into the folder of products under its own root name, or as `outroot` says.
fn root(path: &Path, options: &CalibrateOptions) -> PathBuf {
    let folder = options.output_dir.clone().unwrap_or_default();
    match options.stis.outroot.as_deref() {
        None | Some("") => folder.join(root_of(path)),
        Some(within) if within.ends_with('/') => folder.join(within).join(root_of(path)),
        Some(root) => {
            let root = Path::new(root);
            folder.join(root.with_file_name(root_of(root)))
        }
    }
}

fn is_spectroscopic(primary: &Header) -> bool {
    primary.text("OBSTYPE").unwrap_or_default().trim() == "SPECTROSCOPIC"
}

fn check_detector(primary: &Header, path: &Path) -> Result<()> {
    let detector = Detector::from_header(primary);
    match detector {
        Detector::StisCcd => Ok(()),
        _ => Err(StepError::NotStisCcd {
            name: path.display().to_string(),
            found: detector.to_string(),
        }
        .into()),
    }
}

/// Refuses steps that are not there.
fn check_supported(primary: &Header, path: &Path) -> Result<()> {
    let asked = |keyword: &&(&str, &str, &str)| Switch::of(primary, keyword.0).is_perform();
    let steps = [
        (
            "GEOCORR",
            "geometric correction of STIS images",
            "set GEOCORR=OMIT (--switch); firstlight drizzle rectifies images",
        ),
        (
            "SGEOCORR",
            "small-scale geometric correction",
            "set SGEOCORR=OMIT (--switch)",
        ),
        (
            "ATODCORR",
            "analog-to-digital correction",
            "set ATODCORR=OMIT (--switch)",
        ),
        (
            "SHADCORR",
            "correction of the shutter's shading",
            "set SHADCORR=OMIT (--switch)",
        ),
    ];
    match steps.iter().find(asked) {
        None => Ok(()),
        Some((_, what, way_out)) => Err(StepError::NotSupported {
            name: path.display().to_string(),
            what: (*what).to_owned(),
            way_out,
        }
        .into()),
    }
}

fn does(primary: &Header, imsets: usize, path: &Path, notes: &mut Vec<String>) -> Result<Does> {
    let asked = |keyword: &str| Switch::of(primary, keyword).is_perform();
    let any = |switches: &[&str]| switches.iter().any(|switch| asked(switch));
    let combines = asked("CRCORR") || asked("RPTCORR");
    if combines && imsets < 2 {
        notes.push(format!(
            "{}: it has one imset, and nothing to free it of cosmic rays with (CRCORR)",
            path.display()
        ));
    }
    let (before, after, rejects) = (any(&BEFORE), any(&AFTER), combines && imsets > 1);
    if !before && !after && !rejects {
        return Err(Error::Contradiction {
            path: path.to_owned(),
            reason: format!(
                "none of {}, {} and CRCORR is PERFORM: there is nothing to calibrate; set some (--switch), or use \
                 wavecal, x2d and x1d on what is calibrated already",
                BEFORE.join(", "),
                AFTER.join(", ")
            ),
        });
    }
    let spectroscopic = is_spectroscopic(primary);
    Ok(Does {
        before,
        rejects,
        after,
        exposures: !rejects || (after && asked("EXPSCORR")),
        x2d: spectroscopic && asked("X2DCORR"),
        x1d: spectroscopic && asked("X1DCORR"),
    })
}
