//! What was done to a frame, for its header and for the report.

use super::masters::{Master, Masters, linearity_text};
use crate::Result;
use crate::input::name_in_header;
use firstlight_calibrate::ccd::lacosmic::{CosmicRays, LacosmicReport};
use firstlight_calibrate::ccd::{BackgroundOptions, CcdSteps, CcdStepsReport, Real, SkyStatistic};
use firstlight_fits::Header;
use std::path::Path;

/// What was done: keyword, its comment, and with what.
pub(super) type Done = (&'static str, &'static str, String);

/// The steps in their order, under ccdproc's keywords.
pub(super) fn of_steps<U: Real>(masters: &Masters<U>, steps: &CcdSteps<'_, U>) -> Vec<Done> {
    let name = |master: &Option<Master<U>>| {
        master
            .as_ref()
            .map_or(String::new(), |master| name_in_header(&master.path))
    };
    let mut done: Vec<Done> = Vec::new();
    if let Some((section, how)) = &steps.overscan {
        let statistic = if how.median { "median" } else { "mean" };
        let model = how.order.map(|order| format!(", polynomial of order {order}"));
        let what = format!("{section} {statistic}{}", model.unwrap_or_default());
        done.push(("SUBOSCAN", "overscan that was subtracted", what));
    }
    if let Some(section) = steps.trim {
        done.push(("TRIMIM", "section that was kept", section.to_string()));
    }
    if let Some(deviation) = &steps.deviation {
        let what = format!("gain {}, readnoise {} e", deviation.gain, deviation.readnoise);
        done.push(("CREATVAR", "uncertainty that was made", what));
    }
    if let Some((path, _)) = &masters.bad_pixels {
        done.push(("BADPIXM", "mask that was applied", name_in_header(path)));
    }
    let gain = |done: &mut Vec<_>| {
        if let Some(gain) = steps.gain {
            done.push((
                "GAINCOR",
                "gain that was multiplied, electron/adu",
                gain.to_string(),
            ));
        }
    };
    if steps.gain_corrected {
        gain(&mut done);
    }
    if steps.bias.is_some() {
        done.push(("SUBBIAS", "bias that was subtracted", name(&masters.bias)));
    }
    if let Some(linearity) = steps.linearity {
        let what = linearity_text(linearity);
        done.push(("LINCORR", "non-linearity that was corrected", what));
    }
    if let Some((_, factor)) = steps.dark {
        let what = format!("{} x {factor}", name(&masters.dark));
        done.push(("SUBDARK", "dark that was subtracted", what));
    }
    if let Some(flat) = steps.flat {
        let what = format!("{} / {}", name(&masters.flat), flat.report().norm);
        done.push(("FLATCOR", "flat that was divided by", what));
    }
    if !steps.gain_corrected {
        gain(&mut done);
    }
    done
}

/// Puts into a header what was done; gives it as text as well.
pub(super) fn put(header: &mut Header, done: &[Done]) -> Result<Vec<String>> {
    for (keyword, comment, what) in done {
        header.set(keyword, what.as_str(), Some(comment))?;
        header.push_commentary("HISTORY", &format!("firstlight ccd: {comment}: {what}"))?;
    }
    Ok(done
        .iter()
        .map(|(_, comment, what)| format!("{comment}: {what}"))
        .collect())
}

/// What was done about cosmic rays.
pub(super) fn of_cosmic_rays(found: &LacosmicReport, rays: &CosmicRays) -> Done {
    let what = format!(
        "sigclip {}, objlim {}: {} pixels {}",
        rays.how.sigclip,
        rays.how.objlim,
        found.pixels,
        if rays.flag_only { "flagged" } else { "replaced" }
    );
    ("LACOSMIC", "cosmic rays that were found", what)
}

/// The steps of the sky, whose numbers the frame itself gives.
pub(super) fn of_sky(
    report: &CcdStepsReport,
    fringe: Option<&Path>,
    how: Option<&BackgroundOptions>,
) -> Vec<Done> {
    let mut done: Vec<Done> = Vec::new();
    if let (Some(fringe), Some(path)) = (&report.fringe, fringe) {
        let error = fringe.scale_error.map(|error| format!(" +- {error:.2e}"));
        let what = format!(
            "{} x {:.7}{}",
            name_in_header(path),
            fringe.scale,
            error.unwrap_or_default()
        );
        done.push(("FRINGCOR", "fringe frame that was subtracted", what));
    }
    if let (Some(background), Some(how)) = (&report.background, how) {
        let place = how
            .box_size
            .map_or("one level".to_owned(), |side| format!("boxes of {side}"));
        let statistic = match how.statistic {
            SkyStatistic::Median => "median",
            SkyStatistic::Mode => "mode",
        };
        let what = format!(
            "{place}, {statistic}: {:.6} ({:.6} to {:.6})",
            background.level, background.lowest, background.highest
        );
        done.push(("SUBBKG", "background that was subtracted", what));
    }
    done
}

/// What was measured of the sky, as numbers.
pub(super) fn put_sky(header: &mut Header, report: &CcdStepsReport) -> Result<()> {
    if let Some(background) = &report.background {
        header.set(
            "BKGLEVEL",
            background.level,
            Some("median level of the background"),
        )?;
        header.set(
            "BKGNOISE",
            background.noise,
            Some("noise of a pixel of the background"),
        )?;
    }
    if let Some(fringe) = &report.fringe {
        header.set("FRNGSCAL", fringe.scale, Some("scale of the fringe frame"))?;
        if let Some(error) = fringe.scale_error {
            header.set("FRNGSERR", error, Some("standard error of FRNGSCAL"))?;
        }
    }
    Ok(())
}
