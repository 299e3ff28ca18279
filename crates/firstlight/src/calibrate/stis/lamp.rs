//! The wavecal of an exposure: which file it is, and whether it can be one.

use crate::calibrate::{CalibrateOptions, switches};
use crate::output::folder_of;
use crate::stis::reference_files::is_named;
use crate::stis::wanted::{OF_BASIC2D, asks_for_basic2d};
use crate::{Error, Result};
use firstlight_calibrate::stis::wavecal::check_wavecal;
use firstlight_calibrate::{Error as StepError, Observation};
use firstlight_fits::Header;
use firstlight_frame::{Exposure, Switch};
use std::path::{Path, PathBuf};

/// Since this day (MJD) the external shutter is closed while a lamp that the mirror of the calibration hole lets in is
/// on: before it, wavecals by these lamps show the target too.
const SHUTTER_CLOSED_MJD: f64 = 51126.0;

/// A wavecal that fits its exposure.
#[derive(Debug)]
pub(super) struct Lamp {
    pub(super) path: PathBuf,
    /// Its primary header, with the user's switches, and the exposure's reference files.
    pub(super) primary: Header,
}

impl Lamp {
    /// Finds the wavecal of an exposure and checks its headers.
    ///
    /// # Errors
    /// [`Error::Contradiction`] where none is named or it is not there; [`StepError::OtherWavecal`],
    /// [`StepError::LampOff`], [`StepError::NotSupported`] where it cannot be used.
    pub(super) fn of(path: &Path, science: &Observation, options: &CalibrateOptions) -> Result<Self> {
        let found = file(path, &science.primary, options)?;
        let exposure = Exposure::open(&found)?;
        let wavecal = Observation::headers(&exposure);
        check_wavecal(science, &wavecal)?;
        check_shutter(&wavecal)?;
        let mut primary = exposure.primary().clone();
        // Switches of basic2d are set for the wavecal too.
        let settings: Vec<_> = options
            .switch
            .iter()
            .filter(|setting| OF_BASIC2D.contains(&setting.keyword.as_str()))
            .cloned()
            .collect();
        switches::apply(&mut primary, &settings, &found)?;
        take_references(&mut primary, &science.primary)?;
        Ok(Self { path: found, primary })
    }

    /// Whether basic2d has anything to do.
    pub(super) fn is_raw(&self) -> bool {
        asks_for_basic2d(&self.primary)
    }
}

fn file(path: &Path, primary: &Header, options: &CalibrateOptions) -> Result<PathBuf> {
    if let Some(given) = &options.stis.wavecal {
        return Ok(given.clone());
    }
    let contradiction = |reason: String| Error::Contradiction {
        path: path.to_owned(),
        reason: format!(
            "WAVECORR is PERFORM, but {reason}; name the wavecal (--wavecal), or set WAVECORR=OMIT"
        ),
    };
    if !is_named(primary, "WAVECAL") {
        return Err(contradiction("WAVECAL names no file".to_owned()));
    }
    let named = primary.text("WAVECAL").unwrap_or_default();
    let name = named
        .trim()
        .rsplit(['/', '$'])
        .next()
        .unwrap_or_default()
        .to_owned();
    let folder = folder_of(path);
    let found = folder.join(&name);
    match found.is_file() {
        true => Ok(found),
        false => Err(contradiction(format!(
            "{name}, which WAVECAL names, is not in {}",
            folder.display()
        ))),
    }
}

/// Refuses wavecals that show the target.
fn check_shutter(wavecal: &Observation) -> Result<()> {
    let lamp = wavecal.primary.text("SCLAMP").unwrap_or_default();
    let start = wavecal.primary.real("TEXPSTRT").unwrap_or(f64::INFINITY);
    if !matches!(lamp.trim(), "HITM1" | "HITM2") || start >= SHUTTER_CLOSED_MJD {
        return Ok(());
    }
    Err(StepError::NotSupported {
        name: wavecal.name.clone(),
        what: format!(
            "a wavecal of MJD {start:.1}, before the shutter was closed for lamps (MJD {SHUTTER_CLOSED_MJD}): it shows \
             the target too, which would have to be subtracted"
        ),
        way_out: "set WAVECORR=OMIT (--switch WAVECORR=OMIT)",
    }
    .into())
}

/// Puts the exposure's reference files into the wavecal's header: those that the exposure is calibrated with, LAMPTAB
/// where it names one, and BIASFILE where gain and binning are the same.
fn take_references(primary: &mut Header, science: &Header) -> Result<()> {
    let number = |header: &Header, keyword: &str| header.integer(keyword).unwrap_or(1);
    let same = ["CCDGAIN", "BINAXIS1", "BINAXIS2"]
        .iter()
        .all(|keyword| number(primary, keyword) == number(science, keyword));
    let asked = |switch: &str| Switch::of(science, switch).is_perform();
    let spectra = asked("X1DCORR") || asked("X2DCORR");
    let keywords = [
        ("CCDTAB", true),
        ("BPIXTAB", asked("DQICORR")),
        ("BIASFILE", asked("BIASCORR") && same),
        ("DARKFILE", asked("DARKCORR")),
        ("PFLTFILE", asked("FLATCORR")),
        ("DFLTFILE", asked("FLATCORR")),
        ("LFLTFILE", asked("FLATCORR")),
        ("WCPTAB", true),
        ("LAMPTAB", is_named(science, "LAMPTAB")),
        ("APDESTAB", true),
        ("DISPTAB", spectra),
        ("INANGTAB", spectra),
        ("SPTRCTAB", spectra),
        ("SDCTAB", spectra),
    ];
    for (keyword, _) in keywords.iter().filter(|(_, taken)| *taken) {
        let name = science.text(keyword).unwrap_or_default();
        primary.set(keyword, name.as_str(), None)?;
    }
    Ok(())
}
