//! Corrected coordinate systems written to headers.

use super::exposures::Exposed;
use crate::updatewcs::store;
use crate::{Error, Result};
use firstlight_align::{Alignment, Status, TweakRegOptions};
use firstlight_fits::{FitsFile, Header, Value};
use firstlight_wcs::Wcs;
use firstlight_wcs::update::{ScienceFile, wcscorr};
use std::path::PathBuf;

/// Keywords of a coordinate system that are kept under its letter.
const KEPT: [&str; 20] = [
    "WCSNAME", "WCSAXES", "CRPIX1", "CRPIX2", "CUNIT1", "CUNIT2", "CTYPE1", "CTYPE2", "CRVAL1", "CRVAL2",
    "LONPOLE", "LATPOLE", "RADESYS", "EQUINOX", "CD1_1", "CD1_2", "CD2_1", "CD2_2", "CRDER1", "CRDER2",
];
/// The letter of the archive's own system, which no other takes.
const ORIGINAL: char = 'O';
/// What a system without a name is called when it is kept.
const UNNAMED: &str = "PRE-TWEAKREG";

/// Refuses images that may not be written to, and a name that one has already: among its kept systems always, as that
/// which counts unless the name may be used again.
pub(super) fn refuse(files: &[PathBuf], options: &TweakRegOptions) -> Result<()> {
    let wanted = options.wcsname.trim();
    if wanted.is_empty() {
        return Err(Error::Usage("updatehdr needs a wcsname".to_owned()));
    }
    for path in files {
        let file = FitsFile::open(path)?;
        crate::output::refuse_read_only(path, "updatehdr")?;
        for hdu in file.hdus().iter().filter(|hdu| hdu.header().contains("CRVAL1")) {
            let is = |keyword: &str| {
                let name = hdu.header().text(keyword);
                name.is_some_and(|name| name.trim().eq_ignore_ascii_case(wanted))
            };
            let kept = ('A'..='Z').find(|letter| is(&format!("WCSNAME{letter}")));
            if (!options.reusename && is("WCSNAME")) || kept.is_some() {
                let place = kept.map_or_else(String::new, |letter| format!(" (under {letter})"));
                return Err(Error::Usage(format!(
                    "{} has a coordinate system named {wanted} already{place}; give another wcsname, or reusename to \
                     replace the one that counts",
                    path.display()
                )));
            }
        }
    }
    Ok(())
}

/// Writes what the alignment found; tells whether there was anything to write. The image that is the reference
/// gets the name alone.
pub(super) fn update(image: &Exposed, alignment: &Alignment, options: &TweakRegOptions) -> Result<bool> {
    if !matches!(alignment.status, Status::Aligned | Status::Reference) {
        return Ok(false);
    }
    let name = options.wcsname.trim();
    store::change(&image.path, |science| {
        let recorded = has_record(science);
        if recorded {
            wcscorr::begin(science)?;
        }
        for (&at, wcs) in image.hdus.iter().zip(&alignment.chips) {
            let Some(hdu) = science.hdus.get_mut(at) else {
                continue;
            };
            keep(&mut hdu.header, name)?;
            put(&mut hdu.header, wcs, name, alignment)?;
        }
        if recorded {
            wcscorr::record(science)?;
            science.count_extensions()?;
        }
        Ok(())
    })?;
    Ok(true)
}

/// Whether WCSCORR lists the coordinates of the file: that of an exposure, not that of a combined image.
fn has_record(science: &ScienceFile) -> bool {
    let images = science.named("SCI");
    let has_matrix = |at: &usize| science.hdus[*at].header.contains("CD1_1");
    let is_combined = |primary: &Header| primary.contains("NDRIZIM") || primary.contains("D001DATA");
    !images.is_empty() && images.iter().all(has_matrix) && science.primary().is_ok_and(|p| !is_combined(p))
}

/// Keeps the system that counts under a letter of its own, unless it is the one that is replaced.
fn keep(header: &mut Header, replaced: &str) -> Result<(), firstlight_fits::Error> {
    let former = header
        .text("WCSNAME")
        .map_or_else(|| UNNAMED.to_owned(), |name| name.trim().to_owned());
    if former.eq_ignore_ascii_case(replaced) {
        return Ok(());
    }
    let taken = |letter: &char| {
        ["WCSNAME", "CRVAL1", "CTYPE1"]
            .iter()
            .any(|stem| header.contains(&format!("{stem}{letter}")))
    };
    let Some(letter) = ('A'..='Z').find(|letter| *letter != ORIGINAL && !taken(letter)) else {
        return Err(firstlight_fits::Error::Unwritable {
            keyword: "WCSNAME".to_owned(),
            reason: "all letters under which the former coordinate system could be kept are taken".to_owned(),
        });
    };
    let unique = unique(header, &former);
    header.set(
        &format!("WCSNAME{letter}"),
        unique,
        Some("Coordinate system title"),
    )?;
    for stem in KEPT.into_iter().skip(1) {
        if let Some(value) = header.get(stem) {
            let comment = header.card(stem).and_then(firstlight_fits::Card::comment);
            header.set(&format!("{stem}{letter}"), value, comment.as_deref())?;
        }
    }
    Ok(())
}

/// A name that no kept system has.
fn unique(header: &Header, name: &str) -> String {
    let taken = |name: &str| {
        ('A'..='Z').any(|letter| {
            let kept = header.text(&format!("WCSNAME{letter}"));
            kept.is_some_and(|kept| kept.trim().eq_ignore_ascii_case(name))
        })
    };
    if !taken(name) {
        return name.to_owned();
    }
    let numbered = |number: usize| format!("{name}_{number}");
    (1..)
        .map(numbered)
        .find(|name| !taken(name))
        .unwrap_or_else(|| name.to_owned())
}

fn put(
    header: &mut Header,
    wcs: &Wcs,
    name: &str,
    alignment: &Alignment,
) -> Result<(), firstlight_fits::Error> {
    let swapped = header
        .text("CTYPE1")
        .is_some_and(|kind| kind.trim_start().to_ascii_uppercase().starts_with("DEC"));
    let aligned = alignment.status == Status::Aligned;
    header.set("WCSNAME", name, Some("Coordinate system title"))?;
    let kind = if aligned {
        "user-defined"
    } else {
        "not aligned: reference"
    };
    header.set("WCSTYPE", kind, None)?;
    let (Some(fit), Some(rms), true) = (&alignment.fit, alignment.rms_sky_deg, aligned) else {
        return Ok(());
    };
    let (ra, dec) = wcs.reference_sky();
    let (mut crval, mut cd) = ([ra, dec], wcs.cd());
    if swapped {
        crval.swap(0, 1);
        cd.swap(0, 1);
    }
    header.set("CRVAL1", crval[0], None)?;
    header.set("CRVAL2", crval[1], None)?;
    for (row, elements) in cd.into_iter().enumerate() {
        for (column, element) in elements.into_iter().enumerate() {
            header.set(&format!("CD{}_{}", row + 1, column + 1), element, None)?;
        }
    }
    header.set(
        "ORIENTAT",
        wcs.orientation_deg(),
        Some("position angle of image y axis (deg. e of n)"),
    )?;
    let random = Some("[deg] Random error in coordinate");
    header.set("CRDER1", rms[usize::from(swapped)], random)?;
    header.set("CRDER2", rms[usize::from(!swapped)], random)?;
    header.set("FITNAME", name, Some("Coordinate system that was fitted"))?;
    header.set(
        "NMATCH",
        Value::Integer(i64::try_from(fit.matches).unwrap_or(i64::MAX)),
        Some("Sources of the fit"),
    )?;
    header.set("RMS_RA", rms[0], Some("[deg] RMS of the fit in right ascension"))?;
    header.set("RMS_DEC", rms[1], Some("[deg] RMS of the fit in declination"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(name: &str) -> Header {
        let mut header = Header::new();
        header.set("CTYPE1", "RA---TAN", None).unwrap();
        header.set("CRVAL1", 10.0, None).unwrap();
        header.set("CD1_1", 1e-5, None).unwrap();
        header.set("WCSNAME", name, None).unwrap();
        header
    }

    #[test]
    fn the_former_system_is_kept_under_the_next_letter() {
        let mut header = header("IDC");
        keep(&mut header, "TWEAK").unwrap();
        assert_eq!(header.text("WCSNAMEA").as_deref(), Some("IDC"));
        assert_eq!(
            (header.real("CRVAL1A"), header.real("CD1_1A")),
            (Some(10.0), Some(1e-5))
        );
        keep(&mut header, "GAIA").unwrap();
        assert_eq!(header.text("WCSNAMEB").as_deref(), Some("IDC_1"));
        header.set("WCSNAME", "tweak", None).unwrap();
        keep(&mut header, "TWEAK").unwrap();
        assert!(!header.contains("WCSNAMEC"));
    }

    #[test]
    fn with_all_letters_taken_nothing_is_lost() {
        let mut header = header("IDC");
        for letter in 'A'..='Z' {
            header.set(&format!("WCSNAME{letter}"), "OLD", None).unwrap();
        }
        let before = header.clone();
        assert!(keep(&mut header, "TWEAK").is_err());
        assert_eq!(header, before);
    }
}
