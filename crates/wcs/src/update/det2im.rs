//! DET2IMCorr: from detector to image, the look-up tables of D2IMFILE.

use super::ScienceFile;
use super::lookup_tables::{D2IM, LookupTables, largest, table_chip};
use super::observation::Instrument;
use super::science::extension_version;
use crate::Result;
use firstlight_fits::Array;

/// DET2IMCorr: gives every image the tables of its chip as extensions D2IMARR, counted over all chips, and the
/// keywords that refer to them.
pub(super) fn det2imcorr(
    file: &mut ScienceFile,
    instrument: Instrument,
    tables: &LookupTables,
) -> Result<()> {
    let mut version = 1;
    for at in file.named("SCI") {
        let chip = table_chip(instrument, &file.hdus[at].header);
        for (axis, name) in [(1, "DX"), (2, "DY")] {
            let Some((source, samples)) = tables.of(chip, name) else {
                continue;
            };
            let samples: Array<f32> = samples.clone();
            let image = &mut file.hdus[at].header;
            D2IM.describe(image, axis, version, largest(&samples.data))?;
            let extension = D2IM.extension(image, tables, (source, samples), version)?;
            debug_assert_eq!(extension_version(&extension.header), version);
            file.place(extension);
            version += 1;
        }
    }
    D2IM.record_source(file, tables.name())
}
