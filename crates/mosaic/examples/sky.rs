//! Static masks and skies of exposures, as JSON: what the first two steps of AstroDrizzle find.
//!
//! `cargo run --release -p firstlight-mosaic --example sky -- OPTIONS STATIC_SIG FILE…`, where OPTIONS are those of the
//! sky as JSON, "{}" for the defaults, and STATIC_SIG is 0 for no static mask.
#![allow(clippy::print_stdout)]

use firstlight_frame::Exposure;
use firstlight_mosaic::sky::{FilePixels, SkyInput, SkyOptions, UserChip, sky_values, user_sky};
use firstlight_mosaic::static_mask::{Signature, StaticMasks};
use firstlight_mosaic::{BitMask, Bits};
use firstlight_wcs::Wcs;
use firstlight_wcs::output::natural_scale_arcsec;
use std::error::Error;

struct Chip<'a> {
    exposure: usize,
    file: &'a Exposure,
    place: usize,
    imset: &'a firstlight_frame::Imset,
    wcs: Wcs,
    signature: Signature,
    exptime_s: f64,
    in_counts: bool,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [options, static_sig, paths @ ..] = arguments.as_slice() else {
        return Err("sky OPTIONS STATIC_SIG FILE…".into());
    };
    let options: SkyOptions = serde_json::from_str(options)?;
    let static_sig: f64 = static_sig.parse()?;
    let files = paths.iter().map(Exposure::open).collect::<Result<Vec<_>, _>>()?;
    let chips = chips(&files)?;
    let mut masks = StaticMasks::new(static_sig);
    let mut reports = Vec::new();
    for chip in chips.iter().filter(|_| static_sig > 0.0) {
        let sci = chip.file.file().image::<f32>(chip.imset.sci)?;
        reports.push(masks.add(&chip.signature, &sci.data)?);
    }
    let named: Vec<UserChip> = chips
        .iter()
        .map(|chip| UserChip {
            file: chip.file.path(),
            chip: chip.place,
            header: chip.file.file().hdus()[chip.imset.sci].header(),
            electrons_per_unit: electrons_per_unit(chip),
        })
        .collect();
    let skies = match user_sky(&named, &options)? {
        Some(skies) => skies,
        None => measured(&chips, &masks, &options)?,
    };
    let masked = masks.iter().map(|(_, mask)| positions(mask)).collect::<Vec<_>>();
    println!(
        "{}",
        serde_json::json!({"sky": skies, "static": reports, "masked": masked})
    );
    Ok(())
}

fn chips(files: &[Exposure]) -> Result<Vec<Chip<'_>>, Box<dyn Error>> {
    let mut chips = Vec::new();
    for (exposure, file) in files.iter().enumerate() {
        for (place, imset) in file.imsets().iter().enumerate() {
            let unit = file.sci_header(imset.version)?.text("BUNIT").unwrap_or_default();
            chips.push(Chip {
                exposure,
                file,
                place,
                imset,
                wcs: Wcs::from_file(file.file(), imset.sci, None)?,
                signature: Signature {
                    detector: file.detector().to_string(),
                    shape: file.shape(imset.version)?,
                    chip: imset.version,
                },
                exptime_s: file.exptime_s(imset.version)?,
                in_counts: !unit.contains('/'),
            });
        }
    }
    Ok(chips)
}

fn electrons_per_unit(chip: &Chip) -> f64 {
    if chip.in_counts { 1.0 } else { chip.exptime_s }
}

fn measured(
    chips: &[Chip],
    masks: &StaticMasks,
    options: &SkyOptions,
) -> Result<Vec<firstlight_mosaic::sky::SkyValue>, Box<dyn Error>> {
    let reset = Bits::from(4096);
    let pixels = chips.iter().map(|chip| {
        let mask = masks.get(&chip.signature);
        FilePixels::new(chip.file.file(), chip.imset, options, &reset, mask)
    });
    let pixels = pixels.collect::<Result<Vec<_>, _>>()?;
    let inputs: Vec<SkyInput> = chips
        .iter()
        .zip(&pixels)
        .map(|(chip, pixels)| SkyInput {
            exposure: chip.exposure,
            wcs: &chip.wcs,
            shape: chip.signature.shape,
            exptime_s: chip.exptime_s,
            in_counts: chip.in_counts,
            pixel_scale_arcsec: natural_scale_arcsec(&chip.wcs),
            electrons_per_unit: electrons_per_unit(chip),
            pixels,
        })
        .collect();
    Ok(sky_values(&inputs, options)?)
}

/// Rows and columns of masked pixels.
fn positions(mask: &BitMask) -> Vec<(usize, usize)> {
    let (ny, nx) = mask.shape();
    let pixels = (0..ny).flat_map(|y| (0..nx).map(move |x| (y, x)));
    pixels.filter(|(y, x)| mask.get(*y, *x)).collect()
}
