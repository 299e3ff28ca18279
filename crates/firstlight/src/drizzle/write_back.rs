//! What the steps found, written back to the inputs, each of which is replaced as a whole or stays as it is.

use super::DrizzleOptions;
use crate::{Error, Result};
use firstlight_fits::{ArrayView, edit};
use firstlight_frame::Exposure;
use firstlight_mosaic::{BitMask, Kept, Member, Mosaic};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Refuses inputs that cannot be written back to, before any work.
pub(super) fn check(members: &[Member], options: &DrizzleOptions) -> Result<()> {
    if !options.write_dq {
        return Ok(());
    }
    for member in members {
        let path = member.exposure.path();
        let read_only = std::fs::metadata(path).is_ok_and(|metadata| metadata.permissions().readonly());
        let reason = match (read_only, member.exposure.file().is_gzipped()) {
            (true, _) => "it is read-only",
            (_, true) => "it is gzipped",
            _ => continue,
        };
        return Err(Error::Usage(format!(
            "{}: {reason}, so that cosmic rays cannot be marked in it; write_dq=false leaves the inputs as they are",
            path.display()
        )));
    }
    Ok(())
}

/// Resets `resetbits` in DQ, marks the cosmic rays with `crbit`, and records the sky as MDRIZSKY.
pub(super) fn write_back(mosaic: &Mosaic, members: &[Member], options: &DrizzleOptions) -> Result<()> {
    let reset = options.reset_bits()?;
    let mut masks: HashMap<(PathBuf, i64), BitMask> = HashMap::new();
    mosaic.each_cosmic_rays(&mut |kept| {
        if let Kept::CosmicRays { path, imset, mask } = kept {
            masks.insert((path.to_owned(), imset.version), mask.clone());
        }
        Ok(())
    })?;
    let findings = mosaic.findings();
    for member in members {
        let exposure = &member.exposure;
        let skies: Vec<(i64, f64)> = findings
            .iter()
            .filter(|of| of.path == exposure.path())
            .filter_map(|of| Some((of.version, of.sky.filter(|sky| sky.subtract)?.sky)))
            .collect();
        write_to(exposure, &masks, &skies, (reset, options.crbit))?;
    }
    Ok(())
}

fn write_to(
    exposure: &Exposure,
    masks: &HashMap<(PathBuf, i64), BitMask>,
    skies: &[(i64, f64)],
    (reset, crbit): (u16, u16),
) -> Result<()> {
    let path: &Path = exposure.path();
    let mut changed = Vec::new();
    for imset in exposure.imsets() {
        let Some(hdu) = imset.dq else { continue };
        let mask = masks.get(&(path.to_owned(), imset.version));
        let dq = exposure.load_dq(imset.version)?;
        let (ny, nx) = dq.shape();
        let before = dq.into_vec();
        let mut after: Vec<u16> = before.iter().map(|bits| bits & !reset).collect();
        if let Some(mask) = mask {
            for (y, bits) in after.chunks_mut(nx.max(1)).enumerate() {
                mask.marked(y, 0..nx).for_each(|x| bits[x] |= crbit);
            }
        }
        if after != before && exposure.file().hdus()[hdu].has_pixels() {
            // As the sixteen bits stand in the file.
            let stored: Vec<i16> = after.into_iter().map(|bits| bits as i16).collect();
            changed.push((hdu, (ny, nx), stored));
        }
    }
    if changed.is_empty() && skies.is_empty() {
        return Ok(());
    }
    edit(path, |edit| {
        for (hdu, shape, stored) in &changed {
            edit.pixels(*hdu, ArrayView::from((stored.as_slice(), *shape)))?;
        }
        for imset in exposure.imsets() {
            if let Some((_, sky)) = skies.iter().find(|(version, _)| *version == imset.version) {
                edit.set(
                    imset.sci,
                    "MDRIZSKY",
                    *sky,
                    Some("Sky value computed by AstroDrizzle"),
                )?;
            }
        }
        Ok(())
    })?;
    Ok(())
}
