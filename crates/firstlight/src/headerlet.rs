//! Headerlets: world coordinates in small files of their own, made of exposures, applied and attached to them.

use crate::calendar::today;
use crate::fits::{FitsFile, FitsWriter, Overwrite};
use crate::input::{Failure, sort_out};
use crate::output::{refuse_existing, refuse_read_only};
use crate::updatewcs::store;
use crate::{Error, Result};
pub use firstlight_wcs::update::headerlet::{ApplyOptions, Attached, CreateOptions};
use firstlight_wcs::update::headerlet::{
    Headerlet, Tables, apply_as_alternate, apply_as_primary, attach as attach_to, attached, create,
    delete as delete_of,
};
use firstlight_wcs::update::{Content, ScienceFile};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// The headerlets that are attached to a file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ListedFile {
    /// The file.
    pub file: PathBuf,
    /// Its headerlets in their order.
    pub headerlets: Vec<Attached>,
}

/// The headerlets of files.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HeaderletList {
    /// The files that could be read.
    pub files: Vec<ListedFile>,
    /// Those that could not.
    pub failed: Vec<Failure>,
}

/// Lists the headerlets that are attached to files.
///
/// # Errors
/// What is wrong with the file, where there is but one.
pub fn list(files: &[PathBuf]) -> Result<HeaderletList> {
    let listed = |path: &PathBuf| -> Result<ListedFile> {
        let science = ScienceFile::of(&FitsFile::open(path)?);
        Ok(ListedFile {
            file: path.clone(),
            headerlets: attached(&science),
        })
    };
    let results = files.iter().map(|path| (path.clone(), listed(path))).collect();
    let (files, failed) = sort_out(results)?;
    Ok(HeaderletList { files, failed })
}

/// A file that was changed or written, and the headerlet that it was done with.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HeaderletReport {
    /// The science file, or the headerlet's file.
    pub file: PathBuf,
    /// HDRNAME.
    pub hdrname: String,
    /// Extensions that were taken out.
    pub deleted: usize,
}

impl HeaderletReport {
    fn of(file: &Path, hdrname: String) -> Self {
        Self {
            file: file.to_owned(),
            hdrname,
            deleted: 0,
        }
    }
}

/// Applies a headerlet to the exposure that it is for, in place.
///
/// # Errors
/// Where it is for another exposure, or its distortion models are others and `force` is off; [`Error::Usage`] for a file
/// that is read-only. Then the file is as it was.
pub fn apply(file: &Path, headerlet: &Path, options: &ApplyOptions) -> Result<HeaderletReport> {
    let headerlet = read(headerlet)?;
    change(file, "headerlet apply", |science| {
        if options.alternate {
            apply_as_alternate(science, &headerlet, options)?;
        } else {
            apply_as_primary(science, &headerlet, options)?;
        }
        let known = attached(science);
        let is_there = known
            .iter()
            .any(|one| one.hdrname.eq_ignore_ascii_case(&headerlet.name()));
        if options.attach && !is_there {
            attach_to(science, &headerlet, bytes_of(&headerlet, file)?)?;
        }
        Ok(())
    })?;
    Ok(HeaderletReport::of(file, headerlet.name()))
}

/// Attaches a headerlet to the exposure that it is for, as an extension HDRLET.
///
/// # Errors
/// Where it is for another exposure, or one of its name is attached already; [`Error::Usage`] for a file that is read-only.
pub fn attach(file: &Path, headerlet: &Path) -> Result<HeaderletReport> {
    let headerlet = read(headerlet)?;
    change(file, "headerlet attach", |science| {
        let bytes = bytes_of(&headerlet, file)?;
        Ok(attach_to(science, &headerlet, bytes)?)
    })?;
    Ok(HeaderletReport::of(file, headerlet.name()))
}

/// Makes a headerlet of a description of an exposure, and writes it to `output`, or else to `ROOT_hlet.fits` beside the
/// exposure, whose name is `ROOT.fits`.
///
/// # Errors
/// Where there is no such description; [`Error::OutputExists`].
pub fn write(
    file: &Path,
    output: Option<&Path>,
    options: &CreateOptions,
    overwrite: bool,
) -> Result<HeaderletReport> {
    let output = output.map_or_else(|| default_output(file), Path::to_owned);
    refuse_existing(std::iter::once(&output), overwrite)?;
    let source = FitsFile::open(file)?;
    let science = ScienceFile::of(&source);
    let mut tables = Tables::new();
    for at in science
        .named("WCSDVARR")
        .into_iter()
        .chain(science.named("D2IMARR"))
    {
        tables.insert(at, source.image(at)?);
    }
    let headerlet =
        create(&science, &tables, options, &today()).map_err(|error| Error::Wcs(error).in_file(file))?;
    write_to(&headerlet, &output, overwrite.into())?;
    Ok(HeaderletReport::of(&output, headerlet.name()))
}

/// Writes a headerlet that is attached to a file to a file of its own; the only one, where no name is given.
///
/// # Errors
/// [`Error::Usage`] where there is none of this name, or several and no name; [`Error::OutputExists`].
pub fn extract(
    file: &Path,
    hdrname: Option<&str>,
    output: Option<&Path>,
    overwrite: bool,
) -> Result<HeaderletReport> {
    let output = output.map_or_else(|| default_output(file), Path::to_owned);
    refuse_existing(std::iter::once(&output), overwrite)?;
    let source = FitsFile::open(file)?;
    let known = attached(&ScienceFile::of(&source));
    let wanted = |one: &&Attached| hdrname.is_none_or(|name| one.hdrname.eq_ignore_ascii_case(name.trim()));
    let mut found = known.iter().filter(wanted);
    let (Some(one), None) = (found.next(), found.next()) else {
        let names: Vec<&str> = known.iter().map(|one| one.hdrname.as_str()).collect();
        return Err(Error::Usage(format!(
            "{}: give the name of one headerlet (hdrname) of: {}",
            file.display(),
            if names.is_empty() {
                "none is attached".to_owned()
            } else {
                names.join(", ")
            }
        )));
    };
    let bytes = source.data_bytes(one.extension)?;
    crate::fits::AtomicFile::write_whole(&output, &bytes, overwrite.into())?;
    Ok(HeaderletReport::of(&output, one.hdrname.clone()))
}

/// Takes the headerlets of a name out of files, in place.
///
/// # Errors
/// What is wrong with the file, where there is but one; [`Error::Usage`] where it has no such headerlet or is read-only.
pub fn delete(files: &[PathBuf], hdrname: &str) -> Result<(Vec<HeaderletReport>, Vec<Failure>)> {
    let one = |file: &PathBuf| -> Result<HeaderletReport> {
        let mut deleted = 0;
        change(file, "headerlet delete", |science| {
            deleted = delete_of(science, hdrname)?;
            if deleted == 0 {
                let text = format!(
                    "{}: no headerlet of the name {hdrname} is attached",
                    file.display()
                );
                return Err(Error::Usage(text));
            }
            Ok(())
        })?;
        Ok(HeaderletReport {
            deleted,
            ..HeaderletReport::of(file, hdrname.to_owned())
        })
    };
    sort_out(files.iter().map(|file| (file.clone(), one(file))).collect())
}

fn read(path: &Path) -> Result<Headerlet> {
    Headerlet::read(&FitsFile::open(path)?).map_err(|error| Error::Wcs(error).in_file(path))
}

/// Changes a science file in place; `what` does it.
fn change(path: &Path, what: &str, change: impl FnOnce(&mut ScienceFile) -> Result<()>) -> Result<()> {
    refuse_read_only(path, what)?;
    store::change(path, |science| {
        change(science).map_err(|error| error.in_file(path))
    })
}

fn default_output(file: &Path) -> PathBuf {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let root = name.strip_suffix(".gz").unwrap_or(&name);
    let root = root.strip_suffix(".fits").unwrap_or(root);
    file.with_file_name(format!("{root}_hlet.fits"))
}

fn write_to(headerlet: &Headerlet, path: &Path, overwrite: Overwrite) -> Result<()> {
    let mut writer = FitsWriter::create(path, overwrite)?;
    for hdu in headerlet.hdus() {
        match &hdu.content {
            Content::Image(image) => writer.image(&hdu.header, image)?,
            Content::Table(table) => writer.table(&hdu.header, table)?,
            Content::Kept(_) | Content::Bytes(_) => writer.empty_primary(&hdu.header)?,
        }
    }
    Ok(writer.finish()?)
}

/// The bytes of a headerlet's file, which is written beside `file` for the while.
fn bytes_of(headerlet: &Headerlet, file: &Path) -> Result<Vec<u8>> {
    let scratch = crate::fits::Scratch::beside(file)?;
    let path = scratch.path().join("hlet.fits");
    write_to(headerlet, &path, Overwrite::Replace)?;
    Ok(std::fs::read(&path).map_err(crate::fits::Error::io("read", &path))?)
}
