//! Lists of sources and of matches, as TweakReg writes them. Positions count from 1.

use super::exposures::Exposed;
use crate::Result;
use firstlight_align::{Alignment, TweakReport};
use firstlight_fits::AtomicFile;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// The name of an image without its folder and ending.
pub(super) fn root(file: &Path) -> String {
    file.file_stem()
        .unwrap_or(file.as_os_str())
        .to_string_lossy()
        .into_owned()
}

/// The lists of an image of so many chips.
pub(super) fn names(root: &str, chips: usize) -> Vec<PathBuf> {
    let of_chips = (1..=chips).map(|chip| format!("{root}_sci{chip}_xy_catalog.coo"));
    let others =
        ["sky_catalog.coo", "xy_catalog.match", "catalog_fit.match"].map(|end| format!("{root}_{end}"));
    others.into_iter().chain(of_chips).map(PathBuf::from).collect()
}

/// Writes the lists of an image and gives their names; those of matches only where it is aligned.
pub(super) fn write(
    image: &Exposed,
    alignment: &Alignment,
    report: &TweakReport,
    overwrite: bool,
) -> Result<Vec<PathBuf>> {
    let all = names(&root(&image.path), image.hdus.len());
    let mut written = vec![write_text(&all[0], &sky(image)?, overwrite)?];
    if alignment.fit.is_some() {
        written.push(write_text(&all[1], &matches(alignment, report), overwrite)?);
        written.push(write_text(&all[2], &fitted(alignment), overwrite)?);
    }
    for (name, (chip, sources)) in all[3..].iter().zip(image.sources.chips.iter().zip(&image.found)) {
        let mut text = format!(
            "# Source catalog derived for {}\n# Columns:\n",
            image.sources.name
        );
        text += "#    X      Y         Flux       ID      Sharp       Round1       Round2\n#   (pixels)   (pixels)\n";
        for (index, (x, y)) in chip.x.iter().zip(&chip.y).enumerate() {
            let source = sources.get(index);
            let value = |of: Option<f64>| of.unwrap_or(f64::NAN);
            let _ = writeln!(
                text,
                "{:.6}  {:.6}  {}  {index}  {:.5}  {:.5}  {:.5}",
                x + 1.0,
                y + 1.0,
                value(source.map(|source| source.flux)),
                value(source.and_then(|source| source.sharpness)),
                value(source.and_then(|source| source.roundness1)),
                value(source.map(|source| source.roundness2)),
            );
        }
        written.push(write_text(name, &text, overwrite)?);
    }
    Ok(written)
}

fn sky(image: &Exposed) -> Result<String> {
    let mut text = format!(
        "#Sky positions for: {}\n#RA        Dec\n#(deg)     (deg)\n",
        image.sources.name
    );
    for chip in &image.sources.chips {
        let (ra, dec) = chip.wcs.pixels_to_sky(&chip.x, &chip.y)?;
        for (ra, dec) in ra.iter().zip(&dec) {
            let _ = writeln!(text, "{ra:.12}  {dec:.12}");
        }
    }
    Ok(text)
}

fn matches(alignment: &Alignment, report: &TweakReport) -> String {
    let mut text = format!("#Reference: {}\n#Input: {}\n", report.reference, alignment.name);
    text += "#Ref_X        Ref_Y        Input_X    Input_Y        Ref_X0    Ref_Y0        Input_X0    Input_Y0        \
             Ref_ID    Input_ID        Ref_Source\n";
    for star in &alignment.stars {
        let reference = star.reference_chip.unwrap_or(star.reference);
        for [x, y] in [star.reference, star.image, reference, star.image_chip] {
            let _ = write!(text, "{:.6}    {:.6}        ", x + 1.0, y + 1.0);
        }
        let (reference, image) = (star.reference_index, star.image_index);
        let _ = writeln!(text, "{reference}    {image}    {}", star.reference_name);
    }
    text
}

fn fitted(alignment: &Alignment) -> String {
    let mut text = format!(
        "# Input image: {}\n# Coordinate mapping parameters:\n",
        alignment.name
    );
    let Some(fit) = &alignment.fit else { return text };
    let pairs = [
        ("X and Y rms", fit.rms),
        ("X and Y shift", fit.linear.offset),
        ("X and Y scale", [fit.scale[1], fit.scale[2]]),
        ("X and Y rotation", fit.rotxy),
        (
            "<rotation> and skew",
            [(fit.rotxy[0] + fit.rotxy[1]) / 2.0, fit.skew],
        ),
    ];
    for (name, [first, second]) in pairs {
        let _ = writeln!(text, "#    {name}: {first}  {second}");
    }
    text += "#\n# Input Coordinate Listing\n";
    let columns = [
        "X (reference)",
        "Y (reference)",
        "X (input)",
        "Y (input)",
        "X (fit)",
        "Y (fit)",
        "X (residual)",
        "Y (residual)",
        "Original X (reference)",
        "Original Y (reference)",
        "Original X (input)",
        "Original Y (input)",
        "Ref ID",
        "Input ID",
        "Input EXTVER ID",
        "RA (fit)",
        "Dec (fit)",
        "Ref source provenience",
    ];
    for (number, column) in columns.iter().enumerate() {
        let _ = writeln!(text, "#     Column {}: {column}", number + 1);
    }
    text += "#\n";
    let centre = fit.linear.centre;
    for star in alignment.stars.iter().filter(|star| star.used) {
        let from_centre = |[x, y]: [f64; 2]| [x - centre[0], y - centre[1]];
        let one_based = |[x, y]: [f64; 2]| [x + 1.0, y + 1.0];
        let reference = star.reference_chip.unwrap_or(star.reference);
        let places = [
            from_centre(star.reference),
            from_centre(star.image),
            one_based(star.fitted),
            star.residual,
            one_based(reference),
            one_based(star.image_chip),
        ];
        for [x, y] in places {
            let _ = write!(text, "{x:15.6}{y:15.6}");
        }
        let _ = write!(
            text,
            "{:8}{:8}{:8}",
            star.reference_index,
            star.image_index,
            star.chip + 1
        );
        let _ = writeln!(
            text,
            "{:20.12}{:20.12}   {}",
            star.sky.0, star.sky.1, star.reference_name
        );
    }
    text
}

/// Writes text in one step.
pub(super) fn write_text(path: &Path, text: &str, overwrite: bool) -> Result<PathBuf> {
    AtomicFile::write_whole(path, text.as_bytes(), overwrite.into())?;
    Ok(path.to_owned())
}
