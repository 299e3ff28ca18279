//! A changed science file into the edit that writes it.

use crate::fits::{Edit, Place, Result};
use firstlight_wcs::update::{Content, ScienceFile};

/// Puts headers and new extensions in their places; all that is kept stays byte for byte.
pub(crate) fn store(science: &ScienceFile, edit: &mut Edit) -> Result<()> {
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
