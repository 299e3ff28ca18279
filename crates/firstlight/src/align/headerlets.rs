//! Headerlets of the corrected coordinate systems, in files of their own and attached to the images.

use super::exposures::Exposed;
use crate::headerlet::{self, CreateOptions};
use crate::input::text_of;
use crate::{Error, Result};
use firstlight_align::TweakRegOptions;
use std::path::{Path, PathBuf};

/// Kinds of exposures, whose ending is no part of the name of a headerlet that is given a name.
const SUFFIXES: [&str; 6] = ["_flt", "_flc", "_c0m", "_c0f", "_crj", "_drz"];

/// The files of the headerlets of images; none where none is asked for.
///
/// # Errors
/// [`Error::Usage`] where headerlets are asked for and headers are not to be updated, or one file for several images.
pub(super) fn files(images: &[PathBuf], options: &TweakRegOptions) -> Result<Vec<PathBuf>> {
    if !options.headerlet {
        return Ok(Vec::new());
    }
    if !options.updatehdr {
        return Err(Error::Usage(
            "headerlet needs updatehdr: a headerlet is made of the header that was updated".to_owned(),
        ));
    }
    if let Some(file) = options.hdrfile.as_deref().filter(|file| file.ends_with(".fits"))
        && images.len() > 1
    {
        return Err(Error::Usage(format!(
            "hdrfile: {file} is one file, but there are {} images; give a word that becomes part of each name",
            images.len()
        )));
    }
    Ok(images.iter().map(|image| file(image, options)).collect())
}

fn file(image: &Path, options: &TweakRegOptions) -> PathBuf {
    let root = super::lists::root(image);
    match options.hdrfile.as_deref() {
        Some(file) if file.ends_with(".fits") => PathBuf::from(file),
        Some(word) => {
            let root = SUFFIXES
                .iter()
                .find_map(|suffix| root.strip_suffix(suffix))
                .unwrap_or(&root);
            image.with_file_name(format!("{root}_{word}_hlet.fits"))
        }
        None => image.with_file_name(format!("{root}_hlet.fits")),
    }
}

/// Refuses to replace files of headerlets, unless `clobber` allows it.
pub(super) fn refuse_existing(files: &[PathBuf], options: &TweakRegOptions) -> Result<()> {
    match files.iter().find(|file| !options.clobber && file.exists()) {
        None => Ok(()),
        Some(file) => Err(Error::Usage(format!(
            "{} is there already; clobber replaces it, and hdrfile gives it another name",
            file.display()
        ))),
    }
}

/// Refuses to attach a headerlet to an image that has one of its name.
pub(super) fn refuse_names(images: &[PathBuf], options: &TweakRegOptions) -> Result<()> {
    if !(options.headerlet && options.attach) {
        return Ok(());
    }
    let wanted = name(options);
    let listed = headerlet::list(images)?;
    let has = |file: &&headerlet::ListedFile| {
        let mut names = file.headerlets.iter().map(|one| one.hdrname.trim());
        names.any(|name| name.eq_ignore_ascii_case(wanted))
    };
    match listed.files.iter().find(has) {
        None => Ok(()),
        Some(file) => Err(Error::Usage(format!(
            "{} has a headerlet named {wanted} attached already; give another hdrname, or attach=false",
            file.file.display()
        ))),
    }
}

fn name(options: &TweakRegOptions) -> &str {
    let given = options.hdrname.as_deref().map(str::trim);
    given
        .filter(|name| !name.is_empty())
        .unwrap_or(options.wcsname.trim())
}

/// Makes the headerlet of an image whose header is updated; gives its file.
pub(super) fn write(image: &Exposed, options: &TweakRegOptions) -> Result<PathBuf> {
    let output = file(&image.path, options);
    let history = options.history.as_deref().map(|path| text_of(Path::new(path)));
    let geometry = options.fitgeometry.name();
    let catalogue = options.catalog.clone().or_else(|| options.refcat.clone());
    let create = CreateOptions {
        hdrname: Some(name(options).to_owned()),
        author: options.author.clone(),
        descrip: options
            .descrip
            .clone()
            .or_else(|| Some(format!("aligned by firstlight, fitgeometry {geometry}"))),
        catalog: catalogue,
        history: history.transpose()?,
        ..CreateOptions::default()
    };
    headerlet::write(&image.path, Some(&output), &create, options.clobber)?;
    if options.attach {
        headerlet::attach(&image.path, &output)?;
    }
    Ok(output)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files() {
        let images = ["n/a_flt.fits", "b_flc.fits"].map(PathBuf::from);
        let with = |hdrfile: Option<&str>| TweakRegOptions {
            headerlet: true,
            updatehdr: true,
            hdrfile: hdrfile.map(str::to_owned),
            ..TweakRegOptions::default()
        };
        let paths = |names: [&str; 2]| names.map(PathBuf::from).to_vec();
        assert_eq!(
            files(&images, &with(None)).unwrap(),
            paths(["n/a_flt_hlet.fits", "b_flc_hlet.fits"])
        );
        assert_eq!(
            files(&images, &with(Some("gaia"))).unwrap(),
            paths(["n/a_gaia_hlet.fits", "b_gaia_hlet.fits"])
        );
        assert!(files(&images, &with(Some("one.fits"))).is_err());
        assert_eq!(
            files(&images[..1], &with(Some("one.fits"))).unwrap(),
            [PathBuf::from("one.fits")]
        );
        let alone = TweakRegOptions {
            updatehdr: false,
            ..with(None)
        };
        assert!(files(&images, &alone).is_err());
        assert_eq!(
            files(&images, &TweakRegOptions::default()).unwrap(),
            Vec::<PathBuf>::new()
        );
    }
}
