//! The headers of a bias reference image.

use super::{BiasFrames, SuperbiasReport};
use crate::record::{put, told};
use crate::superdark::header::{of_rejection, one_chip, short};
use crate::superdark::stis::header::{of_frames, reference_header};
use crate::{Observation, Result};
use firstlight_frame::Frame;

/// What is made; of the bias of a week with the name of its baseline.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind<'a> {
    Refbias,
    Basebias,
    Weekbias(&'a str),
}

/// The image as BIASFILE has it: valid for the amplifier, gain and binning of its frames.
pub(super) fn reference_image(
    biases: &BiasFrames,
    frame: Frame,
    kind: Kind<'_>,
    report: &SuperbiasReport,
) -> Result<Observation> {
    let frames = &biases.0;
    let whole = |keyword| frames.origin.primary.integer(keyword).unwrap_or(-1);
    let amplifier = frames
        .origin
        .primary
        .text("CCDAMP")
        .unwrap_or_default()
        .trim()
        .to_owned();
    let (what, task) = match kind {
        Kind::Refbias => ("Reference", "REFBIAS"),
        Kind::Basebias => ("Baseline", "BASEBIAS"),
        Kind::Weekbias(_) => ("Weekly", "WEEKBIAS"),
    };
    let descrip = format!("{what} gain={} bias", whole("CCDGAIN"));
    let setup = (amplifier.as_str(), whole("CCDGAIN"), whole("CCDOFFST"));
    let mut primary = reference_header(frames, setup, ("CCD BIAS IMAGE", &descrip))?;
    put(&mut primary, "TASKNAME", task, "")?;
    let mut lines = of_frames(frames, (report.inputs.len(), "bias"));
    lines.extend(report.inputs.iter().map(|name| format!("  {}", short(name))));
    lines.push("The bias level was taken off each.".to_owned());
    lines.extend(of_rejection(&report.parameters));
    lines.push("Divided by the number of frames.".to_owned());
    match kind {
        Kind::Refbias => {
            lines.push("DQ 16: 5 sigma above the median of the 3 rows and 15 columns about.".to_owned());
        }
        Kind::Basebias => {
            lines.push("Hot columns (3 sigma, over all rows or the lowest fifth) and hot pixels".to_owned());
            lines.push("(5 sigma) have the median of the 3 rows and 15 columns about them.".to_owned());
        }
        Kind::Weekbias(base) => {
            lines.push(format!("Baseline bias: {base}"));
            lines.push("Columns 5 sigma above others, in the lowest quarter of these frames,".to_owned());
            lines.push("add to it what is above the median of the 3 rows and 15 columns about.".to_owned());
            lines.push("DQ 16: hot in these frames; ERR of the baseline in other columns.".to_owned());
        }
    }
    for line in lines {
        told(&mut primary, &line)?;
    }
    let mut image = one_chip(task, primary, frame, "COUNTS")?;
    for chip in &mut image.chips {
        put(
            &mut chip.sci,
            "NCOMBINE",
            report.inputs.len() as i64,
            "number of frames",
        )?;
    }
    Ok(image)
}
