//! The record of the combination: keywords D001VER, D001DATA and so on, one set for each input image.

use super::Headers;
use crate::chip::Chip;
use crate::weight;
use crate::{FinalUnits, Result};
use firstlight_fits::{Header, Value};
use std::path::Path;

/// A line for each exposure that is weighted by a map of the user's own.
pub(super) fn maps(chips: &[Chip]) -> Vec<String> {
    // Headers hold no other letters.
    let plain = |c: char| if (' '..='~').contains(&c) { c } else { '?' };
    let name = |path: &Path| -> String {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.chars().map(plain).collect()
    };
    let of_chip = |chip: &Chip| {
        let map = chip.member.ivm.as_ref()?;
        let (file, map) = (name(chip.file().path()), name(map.path()));
        Some(format!("{file}: inverse variance from {map}"))
    };
    let mut lines: Vec<String> = chips.iter().filter_map(of_chip).collect();
    lines.dedup();
    lines
}

/// Writes the keywords of input image `number`, which counts from 1.
pub(super) fn drizzle_keywords(header: &mut Header, number: usize, chip: &Chip, of: &Headers) -> Result<()> {
    let (options, names) = (of.options, of.names);
    let file = chip
        .file()
        .path()
        .file_name()
        .unwrap_or_default()
        .to_string_lossy();
    let context = if options.context { names.ctx.as_str() } else { "" };
    let units = match options.final_units {
        FinalUnits::Cps => "cps",
        FinalUnits::Counts => "counts",
    };
    let ratio = of.mosaic.wcs.pixel_scale_arcsec() / chip.natural_scale_arcsec;
    let weight_scale = weight::scale(
        options.final_wht_type,
        options.final_wt_scl.factor(),
        chip.exptime_s,
        ratio,
    );
    let fill = options
        .final_fillval
        .map_or_else(|| "INDEF".to_owned(), |fill| fill.to_string());
    let coefficients = if chip.header().contains("A_ORDER") {
        "SIP"
    } else {
        ""
    };
    let keywords: [(&str, Value, &str); 17] = [
        (
            "VER",
            of.provenance.software.as_str().into(),
            "Drizzle, task version",
        ),
        ("GEOM", "wcs".into(), "Drizzle, source of geometric information"),
        (
            "DATA",
            format!("{file}[sci,{}]", chip.imset.version).into(),
            "Drizzle, input data image",
        ),
        (
            "DEXP",
            chip.exptime_s.into(),
            "Drizzle, input image exposure time (s)",
        ),
        (
            "OUDA",
            names.combined.as_str().into(),
            "Drizzle, output data image",
        ),
        (
            "OUWE",
            names.wht.as_str().into(),
            "Drizzle, output weighting image",
        ),
        ("OUCO", context.into(), "Drizzle, output context image"),
        ("MASK", "".into(), "Drizzle, input weighting image"),
        (
            "WTSC",
            weight_scale.into(),
            "Drizzle, weighting factor for input image",
        ),
        (
            "KERN",
            options.final_kernel.name().into(),
            "Drizzle, form of weight distribution kernel",
        ),
        (
            "PIXF",
            options.final_pixfrac.into(),
            "Drizzle, linear size of drop",
        ),
        ("COEF", coefficients.into(), "Drizzle, source of coefficients"),
        (
            "OUUN",
            units.into(),
            "Drizzle, units of output image - counts or cps",
        ),
        (
            "FVAL",
            fill.into(),
            "Drizzle, fill value for zero weight output pix",
        ),
        ("WKEY", "".into(), "Input image WCS Version used"),
        (
            "SCAL",
            of.mosaic.wcs.pixel_scale_arcsec().into(),
            "Drizzle, pixel size (arcsec) of output image",
        ),
        (
            "ISCL",
            chip.natural_scale_arcsec.into(),
            "Drizzle, default IDCTAB pixel size(arcsec)",
        ),
    ];
    for (name, value, comment) in keywords {
        header.set(&format!("D{number:03}{name}"), value, Some(comment))?;
    }
    Ok(())
}

/// What the name of a solution says of it, in the archive's words.
pub(super) fn wcs_type(name: &str) -> String {
    let upper = name.to_ascii_uppercase();
    let mut terms = upper.split('-');
    let base = match terms.next().and_then(|term| term.get(..3)) {
        Some("IDC") => "undistorted",
        Some("OPU") => "pipeline default",
        _ => return "user-defined".to_owned(),
    };
    let Some(fit) = terms.next() else {
        return format!("{base} not aligned");
    };
    if !fit.contains("FIT") {
        return format!("{base} a priori solution based on {fit}");
    }
    let mut parts = fit.split('_').skip(1);
    let (kind, catalogue) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let how = match kind {
        "REL" => "relatively aligned",
        "IMG" => "aligned image-by-image",
        "EVM" => "aligned by visit-exposures",
        "SVM" => "aligned by visit",
        _ => "aligned",
    };
    format!("{base} a posteriori solution {how} to {catalogue}")
}
