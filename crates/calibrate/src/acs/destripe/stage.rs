//! The cleaning of an exposure with its reference files.

use super::{DestripeOptions, DestripeReport, Illumination, Layer, Plane, clean};
use crate::acs::{Channel, Chip, Observation, Reference, References, Setup, history, origin};
use crate::{Error, Result};
use firstlight_frame::fits::Header;
use firstlight_frame::{Image, Switch};

/// First day of the stripes, MJD: the repair of ACS in Servicing Mission 4.
pub const FIRST_STRIPES_MJD: f64 = 54967.0;
/// A dark exposure is longer than its EXPTIME by the time of flash and readout; by this many seconds as
/// `acs_destripe` has it.
const OVERHEAD_S: f64 = 3.0;

/// Which pixels of SCI,1 and SCI,2 may count: those where the mask is not 0.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Masks {
    /// Of SCI,1; all where there is none.
    pub sci1: Option<Image<u8>>,
    /// Of SCI,2; only full frames have it.
    pub sci2: Option<Image<u8>>,
}

/// Takes the stripes out of an exposure that [`acsccd`](crate::acs::acsccd) has been through, or of one calibrated
/// further but for CTE.
///
/// For measuring, the dark (DARKFILE, times EXPTIME + FLASHDUR + 3 s), the flash (FLSHFILE, times FLASHDUR) and the
/// flat (PFLTFILE) are taken out where DARKCORR, FLSHCORR and FLATCORR are not COMPLETE; a file that the header does
/// not name, or a dummy, counts as none. Says in HISTORY what was done.
///
/// # Errors
/// [`Error::BeforeStripes`]; [`Error::Keyword`] where the exposure is not of WFC, not in electrons, or its CTE is
/// corrected; [`Error::OneMask`]; what [`clean`] refuses; [`Error::Frame`] where a reference file cannot be read. The
/// exposure is as it was then.
pub fn acs_destripe(
    observation: &mut Observation,
    references: &References,
    masks: &Masks,
    options: &DestripeOptions,
) -> Result<DestripeReport> {
    check(observation, masks)?;
    let mut illuminations = Vec::with_capacity(observation.chips.len());
    for chip in &observation.chips {
        illuminations.push(illumination(observation, chip, references)?);
    }
    let masks = [masks.sci1.as_ref(), masks.sci2.as_ref()];
    let chips = observation.chips.iter_mut().zip(illuminations).zip(masks);
    let plane = |((chip, illumination), mask)| -> Plane<'_> {
        let chip: &mut Chip = chip;
        Plane {
            frame: &mut chip.frame,
            illumination,
            mask,
        }
    };
    let mut planes: Vec<Plane<'_>> = chips.map(plane).collect();
    let report = clean(&mut planes, options)?;
    record_destripe(&mut observation.primary, &report, options)?;
    Ok(report)
}

/// Says in HISTORY that stripes were taken out, and how much.
///
/// # Errors
/// [`Error::Frame`] where the header takes no more.
pub fn record_destripe(
    primary: &mut Header,
    report: &DestripeReport,
    options: &DestripeOptions,
) -> Result<()> {
    history(primary, "Bias stripes removed from the pixels of each row")?;
    let stat = format!("{:?}", options.stat).to_ascii_lowercase();
    let (maxiter, sigrej) = (options.maxiter, options.sigrej);
    history(
        primary,
        &format!("  stat {stat}, maxiter {maxiter}, sigrej {sigrej}"),
    )?;
    let DestripeReport {
        rows,
        stripe_std,
        max_correction,
        ..
    } = report;
    history(
        primary,
        &format!("  {rows} rows, std {stripe_std:.4} e, at most {max_correction:.4} e"),
    )
}

/// Refuses an exposure that has no stripes, or none that can be taken out, by its primary header.
///
/// # Errors
/// [`Error::Keyword`] where it is not of WFC or its CTE is corrected already, [`Error::BeforeStripes`].
pub fn check_exposure(observation: &Observation) -> Result<()> {
    let setup = Setup::of(observation)?;
    if setup.channel != Channel::Wfc {
        return Err(observation.keyword("DETECTOR", "WFC: no other detector has stripes"));
    }
    if setup.expstart_mjd.is_nan() || setup.expstart_mjd <= FIRST_STRIPES_MJD {
        return Err(Error::BeforeStripes {
            name: observation.name.clone(),
            found: setup.expstart_mjd,
            first: FIRST_STRIPES_MJD,
        });
    }
    if observation.switch("PCTECORR") == Switch::Complete {
        let expected = "other than COMPLETE: stripes are taken out before the CTE is corrected";
        return Err(observation.keyword("PCTECORR", expected));
    }
    Ok(())
}

fn check(observation: &Observation, masks: &Masks) -> Result<()> {
    check_exposure(observation)?;
    for chip in &observation.chips {
        chip.shape()?;
        let unit = chip.sci.text("BUNIT").unwrap_or_default();
        if !unit.trim().eq_ignore_ascii_case("ELECTRONS") {
            return Err(Error::Keyword {
                name: observation.name.clone(),
                hdu: format!("SCI,{}", chip.version),
                keyword: "BUNIT".to_owned(),
                expected: "ELECTRONS, as acsccd leaves it",
                found: chip.sci.text("BUNIT"),
            });
        }
    }
    match (observation.chips.len(), &masks.sci1, &masks.sci2) {
        (1, _, _) | (2, None, None) | (2, Some(_), Some(_)) => Ok(()),
        (2, _, _) => Err(Error::OneMask {
            name: observation.name.clone(),
        }),
        (found, _, _) => Err(Error::Keyword {
            name: observation.name.clone(),
            hdu: "PRIMARY".to_owned(),
            keyword: "NEXTEND".to_owned(),
            expected: "the number of extensions of one or two images",
            found: Some(format!("{found} images")),
        }),
    }
}

fn illumination(observation: &Observation, chip: &Chip, references: &References) -> Result<Illumination> {
    let done = |switch| observation.switch(switch) == Switch::Complete;
    let number = |keyword| observation.primary.real(keyword).unwrap_or(0.0);
    let (exptime_s, flashdur_s) = (number("EXPTIME"), number("FLASHDUR").max(0.0));
    let overhead_s = if exptime_s > 0.0 { OVERHEAD_S } else { 0.0 };
    let times = [
        ("DARKFILE", "DARKCORR", exptime_s + flashdur_s + overhead_s),
        ("FLSHFILE", "FLSHCORR", flashdur_s),
    ];
    let mut layers = Vec::new();
    for (keyword, switch, seconds) in times {
        let reference = references.get(keyword).filter(|file| !file.is_dummy());
        let Some(reference) = reference.filter(|_| seconds > 0.0) else {
            continue;
        };
        let mut electrons = section(chip, reference)?;
        electrons
            .as_mut_slice()
            .iter_mut()
            .for_each(|rate| *rate *= seconds as f32);
        layers.push(Layer {
            electrons,
            subtracted: done(switch),
        });
    }
    let flat = references.get("PFLTFILE").filter(|file| !file.is_dummy());
    Ok(Illumination {
        flat: flat.map(|flat| section(chip, flat)).transpose()?,
        flat_applied: done("FLATCORR"),
        layers,
    })
}

/// The part of a reference image that a chip lies on.
fn section(chip: &Chip, reference: &Reference) -> Result<Image<f32>> {
    let (image, header) = reference.sci(chip.number())?;
    let (x0, y0) = origin(chip, reference, &header, image.shape())?;
    let (ny, nx) = chip.frame.sci.shape();
    if image.shape() == (ny, nx) {
        return Ok(image);
    }
    let samples: Vec<f32> = (0..ny)
        .flat_map(|y| image.row(y0 + y)[x0..x0 + nx].iter().copied())
        .collect();
    Image::from_vec(ny, nx, samples).map_err(|error| Error::Shape {
        what: reference.keyword.clone(),
        expected: error.expected,
        found: image.shape(),
    })
}
