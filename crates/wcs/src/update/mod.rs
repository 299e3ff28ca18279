//! updatewcs: the world coordinates of Hubble's exposures from pointing and distortion reference files.
//!
//! [`updatewcs`] is pure: headers and typed reference tables in, headers and tables out. Supported are ACS (WFC,
//! HRC, SBC), WFC3, the CCD of STIS, and WFPC2.

mod alternate;
mod chip;
mod compsip;
mod det2im;
pub mod headerlet;
mod idctab;
mod lookup_tables;
mod makewcs;
mod model;
mod names;
mod npolcorr;
mod observation;
mod offtab;
mod options;
mod plan;
mod science;
mod tangent;
mod tdd;
mod vacorr;
pub mod wcscorr;

pub use alternate::letters;
pub use idctab::Idctab;
pub use lookup_tables::LookupTables;
pub use observation::Correction;
pub use offtab::Offtab;
pub use options::UpdateOptions;
pub use plan::LeftOut;
pub use science::{Content, ScienceFile, ScienceHdu};

use crate::Result;
use alternate::ORIGINAL;
use chip::Chip;
use firstlight_fits::Header;
use lookup_tables::{D2IM, NPOL, bare};
use observation::Instrument;
use plan::Plan;
use science::{extension_name, extension_version, put, text};
use serde::Serialize;
use tangent::TangentPlane;

/// The reference files that a primary header names; None for those that it does not name.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct References {
    /// IDCTAB.
    pub idctab: Option<Idctab>,
    /// OFFTAB, of WFPC2.
    pub offtab: Option<Offtab>,
    /// NPOLFILE.
    pub npol: Option<LookupTables>,
    /// D2IMFILE.
    pub d2im: Option<LookupTables>,
}

/// What was done to a file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UpdateReport {
    /// The corrections made, in their order.
    pub corrections: Vec<Correction>,
    /// Those of the instrument that were not.
    pub left_out: Vec<LeftOut>,
    /// WCSNAME of the description that counts now.
    pub wcsname: Option<String>,
    /// Whether all other descriptions but that of the pipeline were taken out, as their IDCTAB is another one.
    pub cleaned: bool,
}

/// Computes the world coordinates of all images of a file anew, from those of the archive's pipeline
/// (description `O`, which is made where it is not there) and the reference files.
///
/// In this order: DET2IMCorr; then for each image TDDCorr, MakeWCS, CompSIP, VACorr; then NPOLCorr. ERR and DQ
/// take over the linear description. What a table of another name left in the file is replaced; where the header
/// says `N/A`, it is taken out. `software` goes into UPWCSVER.
///
/// # Errors
/// [`Error::UnsupportedInstrument`](crate::Error::UnsupportedInstrument); missing keywords; [`Error::NoModel`](crate::Error::NoModel)
/// and [`Error::BadReference`](crate::Error::BadReference). The file is then to be thrown away, as it may be changed in part.
pub fn updatewcs(
    file: &mut ScienceFile,
    references: &References,
    options: &UpdateOptions,
    software: &str,
) -> Result<UpdateReport> {
    let instrument = Instrument::of(file.primary()?)?;
    if instrument == Instrument::Wfpc2 && !file.primary()?.contains("D2IMFILE") {
        put(
            file.primary_mut()?,
            "D2IMFILE",
            "N/A",
            "detector-to-image correction",
        )?;
    }
    remove_unwanted_tables(file, options)?;
    let plan = Plan::of(file, instrument, references, options)?;
    let cleaned = plan.has(Correction::MakeWCS) && clean_descriptions(file)?;
    if plan.has(Correction::Det2Im)
        && let Some(tables) = &references.d2im
    {
        det2im::det2imcorr(file, instrument, tables)?;
    }
    update_images(file, instrument, references, &plan)?;
    if plan.has(Correction::Npol)
        && let Some(tables) = &references.npol
    {
        npolcorr::npolcorr(file, instrument, tables)?;
    }
    sign(file, software)?;
    names::record(file)?;
    file.count_extensions()?;
    let wcsname = names::wcsname(file.primary()?);
    Ok(UpdateReport {
        corrections: plan.corrections,
        left_out: plan.left_out,
        wcsname,
        cleaned,
    })
}

/// Takes the tables out of which the header says that there are to be none.
fn remove_unwanted_tables(file: &mut ScienceFile, options: &UpdateOptions) -> Result<()> {
    for (kind, keyword, on) in [
        (&NPOL, "NPOLFILE", options.npolcorr),
        (&D2IM, "D2IMFILE", options.d2imcorr),
    ] {
        if on && text(file.primary()?, keyword) == "N/A" {
            kind.remove(file);
        }
    }
    Ok(())
}

/// Where the IDCTAB is another one than before, other descriptions than the pipeline's are of no more use.
fn clean_descriptions(file: &mut ScienceFile) -> Result<bool> {
    let new = text(file.primary()?, "IDCTAB");
    let Some(first) = file.hdus.get(1).map(|hdu| &hdu.header) else {
        return Ok(false);
    };
    if !first.contains("IDCTAB") || bare(&text(first, "IDCTAB")) == bare(&new) {
        return Ok(false);
    }
    let letters = letters(first);
    for hdu in file.hdus.iter_mut().skip(1) {
        for letter in letters.iter().filter(|letter| *letter != ORIGINAL) {
            alternate::delete(&mut hdu.header, letter);
        }
    }
    Ok(true)
}

fn update_images(
    file: &mut ScienceFile,
    instrument: Instrument,
    references: &References,
    plan: &Plan,
) -> Result<()> {
    let primary = file.primary()?.clone();
    let images = file.named("SCI");
    let reference_at = instrument.reference_extension(file)?;
    for &at in &images {
        begin_anew(&primary, &mut file.hdus[at].header)?;
    }
    let reference_plane = observation::plane(&file.hdus[reference_at].header)?;
    let reference = match &references.idctab {
        Some(idctab) => {
            let image = &file.hdus[reference_at].header;
            Some(Chip::new(
                instrument,
                &primary,
                image,
                idctab,
                references.offtab.as_ref(),
            )?)
        }
        None => None,
    };
    for &at in &images {
        let header = &mut file.hdus[at].header;
        match (&reference, &references.idctab) {
            (Some(reference), Some(idctab)) => {
                let chip = Chip::new(instrument, &primary, header, idctab, references.offtab.as_ref())?;
                update_image(chip, reference.clone(), &primary, header, plan)?;
            }
            _ if plan.has(Correction::Va) => without_model(header, &reference_plane)?,
            _ => {}
        }
        let name = names::wcsname(&primary);
        put(
            header,
            "WCSNAME",
            name.as_deref().unwrap_or(" "),
            "name of the coordinate system",
        )?;
        let version = extension_version(header);
        let header = header.clone();
        copy_to_planes(file, &header, version)?;
    }
    Ok(())
}

/// Goes back to the description of the archive's pipeline, or keeps the one there is as that.
fn begin_anew(primary: &Header, header: &mut Header) -> Result<()> {
    let restored = alternate::restore(header, ORIGINAL)?;
    if let Some(frame) = reference_frame(primary) {
        put(header, "RADESYS", frame, "frame of the celestial coordinates")?;
    }
    if !restored {
        alternate::archive(header, ORIGINAL, "OPUS")?;
    }
    Ok(())
}

/// One image: the corrections in their order.
fn update_image(
    mut chip: Chip,
    mut reference: Chip,
    primary: &Header,
    header: &mut Header,
    plan: &Plan,
) -> Result<()> {
    chip.record(header)?;
    if plan.has(Correction::Tdd) {
        let report = tdd::tddcorr(&mut chip.model, &chip.of);
        tdd::tddcorr(&mut reference.model, &reference.of);
        report.record(header)?;
    }
    if plan.has(Correction::MakeWCS) {
        makewcs::makewcs(&mut chip, &mut reference);
        makewcs::record(&chip, &text(primary, "IDCTAB"), header)?;
    }
    if plan.has(Correction::CompSIP) {
        compsip::compsip(&chip.model, chip.of.binning, header)?;
    }
    if plan.has(Correction::Va) {
        vacorr::vacorr(&mut chip.of.plane, chip.of.vafactor, &reference.of.plane);
        makewcs::record_plane(&chip.of.plane, header)?;
    }
    Ok(())
}

/// Without a distortion model there is only the aberration.
fn without_model(header: &mut Header, reference: &TangentPlane) -> Result<()> {
    let mut plane = observation::plane(header)?;
    let factor = crate::keywords::real(header, "VAFACTOR")?.unwrap_or(1.0);
    vacorr::vacorr(&mut plane, factor, reference);
    makewcs::record_plane(&plane, header)
}

/// REFFRAME of the primary header as RADESYS has it: the guide stars' catalogue was in FK5.
fn reference_frame(primary: &Header) -> Option<&'static str> {
    match text(primary, "REFFRAME").to_ascii_uppercase().as_str() {
        "GSC1" => Some("FK5"),
        "ICRS" => Some("ICRS"),
        _ => None,
    }
}

/// The planes that go with an image have its linear description.
fn copy_to_planes(file: &mut ScienceFile, image: &Header, version: i64) -> Result<()> {
    for hdu in file.hdus.iter_mut().skip(1) {
        let name = extension_name(&hdu.header);
        let is_plane = ["ERR", "DQ", "SDQ", "SAMP", "TIME"].contains(&name.as_str());
        if is_plane && extension_version(&hdu.header) == version {
            alternate::copy_linear(image, &mut hdu.header)?;
        }
    }
    Ok(())
}

/// Says which software made the coordinates.
fn sign(file: &mut ScienceFile, software: &str) -> Result<()> {
    let primary = file.primary_mut()?;
    put(
        primary,
        "UPWCSVER",
        software,
        "software that made the world coordinates",
    )?;
    put(
        primary,
        "PYWCSVER",
        software,
        "software that made the world coordinates",
    )
}
