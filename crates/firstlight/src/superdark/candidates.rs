//! Which of many files are darks that go together, and why others are left out.

use crate::{Error, Result};
use firstlight_calibrate::stis::SIDE2_MJD;
use firstlight_frame::{Exposure, Switch};
use rayon::prelude::*;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// A file that is not used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// The file.
    pub file: PathBuf,
    /// Why not.
    pub reason: String,
}

impl LeftOut {
    pub(super) fn new(file: &Path, reason: String) -> Self {
        let file = file.to_owned();
        Self { file, reason }
    }
}

/// How the CCD was read: darks of one superdark have it alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DarkSetup {
    /// CCDAMP.
    pub ccdamp: String,
    /// CCDGAIN, e/DN.
    pub ccdgain: i64,
    /// CCDOFFST, the commanded level of the bias; None where it is not told.
    pub ccdoffst: Option<i64>,
    /// BINAXIS1.
    pub binaxis1: i64,
    /// BINAXIS2.
    pub binaxis2: i64,
}

/// A dark that can be used.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub file: PathBuf,
    pub rootname: String,
    pub setup: DarkSetup,
    /// TEXPSTRT, MJD.
    pub mjd: f64,
    /// The shortest of its imsets, s.
    pub exptime_s: f64,
    /// OCCDHTAV of the first imset, °C.
    pub celsius: Option<f64>,
    pub is_calibrated: bool,
}

/// What darks have to be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    pub min_exptime_s: f64,
    /// BINAXIS1 and BINAXIS2; None: as most of them have it.
    pub binning: Option<(i64, i64)>,
}

/// Looks at the headers of files. Darks are those of one amplifier, gain, offset and binning, that of most of them; in order of
/// time.
pub(super) fn survey(inputs: &[PathBuf], wanted: Wanted) -> (Vec<Candidate>, Vec<LeftOut>) {
    let looked: Vec<Result<Candidate, LeftOut>> = inputs
        .par_iter()
        .map(|path| look(path, wanted).map_err(|reason| LeftOut::new(path, reason)))
        .collect();
    let (mut candidates, mut left_out) = (Vec::new(), Vec::new());
    for one in looked {
        match one {
            Ok(candidate) => candidates.push(candidate),
            Err(one) => left_out.push(one),
        }
    }
    let which = |candidate: &Candidate| Which {
        file: candidate.file.clone(),
        rootname: candidate.rootname.clone(),
        is_calibrated: candidate.is_calibrated,
    };
    let candidates = alike(once(candidates, which, &mut left_out), &mut left_out);
    (candidates, left_out)
}

/// A file's header, or why it is no dark to be used.
fn look(path: &Path, wanted: Wanted) -> Result<Candidate, String> {
    let exposure = Exposure::open(path).map_err(|error| Error::from(error).to_string())?;
    let primary = exposure.primary();
    let text = |keyword: &str| primary.text(keyword).unwrap_or_default().trim().to_owned();
    let (instrument, detector) = (text("INSTRUME"), text("DETECTOR"));
    if (instrument.as_str(), detector.as_str()) != ("STIS", "CCD") {
        return Err(format!("it is of {instrument}/{detector}, not of STIS/CCD"));
    }
    if text("TARGNAME") != "DARK" {
        return Err(format!("its TARGNAME is {}, not DARK", text("TARGNAME")));
    }
    let done = |switch| Switch::of(primary, switch) == Switch::Complete;
    if done("DARKCORR") {
        return Err("its dark current is subtracted already (DARKCORR is COMPLETE)".to_owned());
    }
    if done("BLEVCORR") != done("BIASCORR") {
        return Err("of BLEVCORR and BIASCORR one alone is COMPLETE: calibrate the raw dark anew".to_owned());
    }
    let whole = |keyword: &str| {
        let value = primary.integer(keyword);
        value.ok_or_else(|| format!("its {keyword} is missing"))
    };
    let setup = DarkSetup {
        ccdamp: text("CCDAMP"),
        ccdgain: whole("CCDGAIN")?,
        ccdoffst: primary.integer("CCDOFFST"),
        binaxis1: whole("BINAXIS1")?,
        binaxis2: whole("BINAXIS2")?,
    };
    if let Some(binning) = wanted
        .binning
        .filter(|&(x, y)| (x, y) != (setup.binaxis1, setup.binaxis2))
    {
        return Err(format!(
            "its pixels are binned {} x {}, those of the exposure {} x {}",
            setup.binaxis1, setup.binaxis2, binning.0, binning.1
        ));
    }
    let mjd = primary.real("TEXPSTRT").ok_or("its TEXPSTRT is missing")?;
    if let Some(reason) = too_short(&exposure, "EXPTIME", wanted.min_exptime_s) {
        return Err(reason);
    }
    let first = exposure.imsets().first().map(|imset| imset.version);
    let sci = first.and_then(|version| exposure.sci_header(version).ok());
    let celsius = sci
        .and_then(|sci| sci.real("OCCDHTAV"))
        .filter(|&celsius| celsius > 0.0);
    let scaled = Switch::of(primary, "TEMPCORR") == Switch::Complete;
    if mjd > SIDE2_MJD && celsius.is_none() && !scaled {
        return Err(
            "its temperature, OCCDHTAV, is missing or not above 0: it cannot be brought to 18 C".to_owned(),
        );
    }
    Ok(Candidate {
        file: path.to_owned(),
        rootname: text("ROOTNAME"),
        setup,
        mjd,
        exptime_s: shortest(&exposure, "EXPTIME").unwrap_or(0.0),
        celsius,
        is_calibrated: done("BLEVCORR"),
    })
}

/// The time of the shortest imset, s, by a keyword.
fn shortest(exposure: &Exposure, keyword: &str) -> Option<f64> {
    let versions = exposure.imsets().iter().map(|imset| imset.version);
    let times = versions.map(|version| {
        let own = exposure.sci_header(version).ok()?.real(keyword);
        own.or_else(|| exposure.primary().real(keyword))
    });
    times.collect::<Option<Vec<f64>>>()?.into_iter().reduce(f64::min)
}

/// Why an exposure is too short; None where it is not, and where it does not say.
pub(super) fn too_short(exposure: &Exposure, keyword: &str, least_s: f64) -> Option<String> {
    let seconds = shortest(exposure, keyword)?;
    (seconds < least_s)
        .then(|| format!("it was exposed for {seconds} s, less than {least_s} s (min_exptime)"))
}

/// Which exposure a file is of.
pub(super) struct Which {
    pub file: PathBuf,
    pub rootname: String,
    pub is_calibrated: bool,
}

impl Which {
    pub(super) fn of(exposure: &Exposure) -> Self {
        let primary = exposure.primary();
        Self {
            file: exposure.path().to_owned(),
            rootname: primary.text("ROOTNAME").unwrap_or_default().trim().to_owned(),
            is_calibrated: Switch::of(primary, "BLEVCORR") == Switch::Complete,
        }
    }
}

/// Of several files of one exposure the calibrated one, or else the first.
pub(super) fn once<T>(all: Vec<T>, which: impl Fn(&T) -> Which, left_out: &mut Vec<LeftOut>) -> Vec<T> {
    let mut kept: Vec<(Which, T)> = Vec::with_capacity(all.len());
    for one in all {
        let mut other = (which(&one), one);
        let same =
            |(there, _): &&mut (Which, T)| !other.0.rootname.is_empty() && there.rootname == other.0.rootname;
        let Some(there) = kept.iter_mut().find(same) else {
            kept.push(other);
            continue;
        };
        if other.0.is_calibrated && !there.0.is_calibrated {
            std::mem::swap(there, &mut other);
        }
        let reason = match there.0.is_calibrated && !other.0.is_calibrated {
            true => "the same exposure is there calibrated",
            false => "the same exposure is there already",
        };
        left_out.push(LeftOut::new(&other.0.file, reason.to_owned()));
    }
    kept.into_iter().map(|(_, one)| one).collect()
}

/// Leaves out what was not read as most were, and sorts by time.
fn alike(candidates: Vec<Candidate>, left_out: &mut Vec<LeftOut>) -> Vec<Candidate> {
    let votes = |setup: &DarkSetup| candidates.iter().filter(|other| other.setup == *setup).count();
    // Of as many the first.
    let most = candidates
        .iter()
        .rev()
        .map(|one| &one.setup)
        .max_by_key(|setup| votes(setup));
    let Some(most) = most.cloned() else {
        return candidates;
    };
    let (mut alike, others): (Vec<_>, Vec<_>) = candidates.into_iter().partition(|one| one.setup == most);
    for other in others {
        let reason = differs(&other.setup, &most);
        left_out.push(LeftOut::new(&other.file, reason));
    }
    alike.sort_by(|a, b| a.mjd.total_cmp(&b.mjd).then_with(|| a.file.cmp(&b.file)));
    alike
}

fn differs(found: &DarkSetup, most: &DarkSetup) -> String {
    let binning = |of: &DarkSetup| format!("{} x {}", of.binaxis1, of.binaxis2);
    let offset = |of: &DarkSetup| {
        of.ccdoffst
            .map_or("missing".to_owned(), |offset| offset.to_string())
    };
    let all = [
        ("CCDAMP", found.ccdamp.clone(), most.ccdamp.clone()),
        ("CCDGAIN", found.ccdgain.to_string(), most.ccdgain.to_string()),
        ("CCDOFFST", offset(found), offset(most)),
        ("binning", binning(found), binning(most)),
    ];
    let differ = all.iter().filter(|(_, found, most)| found != most);
    let texts = differ.map(|(what, found, most)| format!("its {what} is {found}, that of most darks {most}"));
    texts.collect::<Vec<_>>().join("; ")
}
