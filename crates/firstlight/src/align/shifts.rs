//! The file of shifts, and the plane that they are in.

use super::lists::write_text;
use crate::Result;
use firstlight_align::{Status, TweakRegOptions, TweakReport};
use firstlight_fits::{FitsWriter, Header};
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// Writes both and gives their names.
pub(super) fn write(report: &TweakReport, options: &TweakRegOptions) -> Result<Vec<PathBuf>> {
    let plane = Path::new(&options.outwcs);
    write_plane(report, plane, options.overwrite)?;
    let mut text = format!(
        "# frame: output\n# refimage: {}[wcs]\n# form: delta\n# units: pixels\n",
        options.outwcs
    );
    for image in &report.images {
        let _ = match (&image.fit, &image.status) {
            (Some(fit), _) => {
                let ([dx, dy], [rms_x, rms_y]) = (fit.linear.offset, fit.rms);
                let (rot, scale) = (fit.rot, fit.scale[0]);
                let name = &image.name;
                writeln!(
                    text,
                    "{name}    {dx:.6}  {dy:.6}    {rot:.6}     {scale:.6}   {rms_x:.6}  {rms_y:.6}"
                )
            }
            (None, Status::Reference) => {
                writeln!(
                    text,
                    "{}    0.000000  0.000000    0.000000     1.000000   0.000000  0.000000",
                    image.name
                )
            }
            (None, _) => writeln!(text, "{}    nan  nan    nan     nan   nan  nan", image.name),
        };
    }
    let shifts = write_text(Path::new(&options.outshifts), &text, options.overwrite)?;
    Ok(vec![shifts, plane.to_owned()])
}

fn write_plane(report: &TweakReport, path: &Path, overwrite: bool) -> Result<()> {
    let mut writer = FitsWriter::create(path, overwrite.into())?;
    writer.empty_primary(&Header::new())?;
    let mut header = Header::new();
    header.set("EXTNAME", "WCS", None)?;
    header.set("EXTVER", 1, None)?;
    for card in report.plane.cards()? {
        header.push(card);
    }
    let shape = report.plane.shape().unwrap_or((0, 0));
    writer.constant(&header, shape, 0.0, 8)?;
    Ok(writer.finish()?)
}
