//! What is recorded of the products in an association's table.

use crate::Result;
use firstlight_fits::{AtomicFile, Column, Error as FitsError, FitsFile, FitsWriter, Overwrite, Scratch};
use std::io::Write;
use std::path::Path;

/// Writes an association's table to `target` with MEMPRSNT of the products that were made, and ASN_PROD; over itself
/// where `target` is its own path. All other bytes stay.
///
/// # Errors
/// [`Error::Fits`] where the table has no column MEMPRSNT, is gzipped and to be changed in place, or cannot be written.
pub(super) fn record(table: &Path, made: &[&str], target: &Path, overwrite: Overwrite) -> Result<()> {
    if table == target {
        return mark(target, made);
    }
    // The copy is changed under a temporary name beside the target, so that what is there is whole.
    let folder = Scratch::beside(target)?;
    let copy = folder.path().join("asn.fits");
    let file = FitsFile::open(table)?;
    let mut writer = FitsWriter::create(&copy, Overwrite::Refuse)?;
    for hdu in file.hdus() {
        writer.copy_hdu(&file, hdu.index())?;
    }
    writer.finish()?;
    mark(&copy, made)?;
    let bytes = std::fs::read(&copy).map_err(FitsError::io("write", target))?;
    let mut file = AtomicFile::create(target, overwrite)?;
    file.write_all(&bytes).map_err(FitsError::io("write", target))?;
    Ok(file.commit()?)
}

fn mark(path: &Path, made: &[&str]) -> Result<()> {
    if made.is_empty() {
        return Ok(());
    }
    Ok(firstlight_fits::edit(path, |edit| {
        let index = edit.file().hdu("ASN")?.index();
        let names = edit.file().table(index)?.texts("MEMNAME")?.to_vec();
        let is_made = |name: &str| made.iter().any(|made| made.eq_ignore_ascii_case(name.trim()));
        for (row, _) in names.iter().enumerate().filter(|(_, name)| is_made(name)) {
            edit.cells(index, row, &Column::logical("MEMPRSNT", vec![true]))?;
        }
        edit.set(0, "ASN_PROD", true, None)?;
        for hdu in [0, index] {
            if edit.file().hdu(hdu)?.header().contains("CHECKSUM") {
                edit.update_checksums(hdu)?;
            }
        }
        Ok(())
    })?)
}
