//! Science files changed in place.

use crate::Result;
use crate::fits::{Edit, FitsFile, Place, edit};
use firstlight_wcs::update::{Content, ScienceFile};
use std::path::Path;

/// Changes headers and tables of a science file in place, its WCSCORR table read.
pub(crate) fn change(path: &Path, change: impl FnOnce(&mut ScienceFile) -> Result<()>) -> Result<()> {
    let file = FitsFile::open(path)?;
    let mut science = ScienceFile::of(&file);
    if let Some(&at) = science.named("WCSCORR").first() {
        science.hdus[at].content = Content::Table(file.table(at)?);
    }
    change(&mut science)?;
    Ok(edit(path, |edit| store(&science, edit))?)
}

/// Puts headers and new extensions in their places; all that is kept stays byte for byte.
pub(crate) fn store(science: &ScienceFile, edit: &mut Edit) -> crate::fits::Result<()> {
    let mut order = Vec::with_capacity(science.hdus.len());
    let mut added = 0;
    for hdu in &science.hdus {
        match &hdu.content {
            Content::Kept(index) => {
                order.push(Place::Own(*index));
                let header = edit.header(*index)?;
                if *header != hdu.header {
                    *header = hdu.header.clone();
                }
                continue;
            }
            Content::Image(image) => edit.append_image(&hdu.header, image)?,
            Content::Table(table) => edit.append_table(&hdu.header, table)?,
            Content::Bytes(bytes) => edit.append_bytes(&hdu.header, bytes)?,
        }
        order.push(Place::Added(added));
        added += 1;
    }
    edit.arrange(&order)
}
