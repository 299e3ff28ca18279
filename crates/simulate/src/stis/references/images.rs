//! Bias, dark of the period before, and flats, each with the noise of its making.

use super::Own;
use crate::cards::Cards;
use crate::stis::StisPeriod;
use crate::stis::detector::{DARK_SLOPE, Detector, LOW_ORDER_SIDE, REFERENCE_TEMPERATURE, SIDE};
use crate::streams::{Purpose, Streams};
use crate::{Extension, Result};
use firstlight_fits::Header;

/// Day of the period before on which the default dark is made: it knows nothing of the pixels that have become hot since.
const DEFAULT_DARK_DAY: f64 = -3.0;
/// DQ bits.
const HOT: i16 = 16;
const BLEMISH: i16 = 1024;

pub fn imset(period: &StisPeriod, keyword: &str) -> Result<(Vec<Extension>, Own)> {
    let detector = &period.detector;
    let mut own: Own = vec![
        ("CCDAMP", "ANY".into(), "CCD amplifier read out (A,B,C,D)"),
        ("CCDGAIN", (-1_i64).into(), "commanded gain of CCD"),
        ("CCDOFFST", (-1_i64).into(), "commanded CCD bias offset"),
        (
            "BINAXIS1",
            1_i64.into(),
            "axis1 data bin size in unbinned detector pixels",
        ),
        (
            "BINAXIS2",
            1_i64.into(),
            "axis2 data bin size in unbinned detector pixels",
        ),
        ("OPT_ELEM", "ANY".into(), "optical element in use"),
        ("APERTURE", "ANY".into(), "aperture name"),
        (
            "OBSTYPE",
            "ANY".into(),
            "observation type - imaging or spectroscopic",
        ),
    ];
    let (pixels, error, flags) = match keyword {
        "BIASFILE" => {
            own[0].1 = "D".into();
            own[1].1 = 1_i64.into();
            let flags = flagged(&detector.bias, |bias| if bias > 4.0 { HOT } else { 0 });
            (noisy(&detector.bias, 0.45, 1, period.streams), 0.45, flags)
        }
        "DARKFILE" => {
            own.extend([
                (
                    "REF_TEMP",
                    REFERENCE_TEMPERATURE.into(),
                    "temperature of the dark (deg C)",
                ),
                (
                    "DRK_VS_T",
                    DARK_SLOPE.into(),
                    "relative change of dark per degree",
                ),
            ]);
            let dark = noisy(&detector.dark_rate(DEFAULT_DARK_DAY), 0.0012, 2, period.streams);
            let flags = flagged(&dark, |rate| if rate > 0.115 { HOT } else { 0 });
            (dark, 0.0012, flags)
        }
        "LFLTFILE" => {
            let flat = Detector::low_order_flat();
            let flags = vec![0; flat.len()];
            (flat, 0.0005, flags)
        }
        _ => {
            let flags = flagged(&detector.pixel_flat, |flat| if flat < 0.96 { BLEMISH } else { 0 });
            (detector.pixel_flat.clone(), 0.0015, flags)
        }
    };
    let side = if keyword == "LFLTFILE" {
        LOW_ORDER_SIDE
    } else {
        SIDE
    };
    let shape = (side, side);
    let errors = vec![error; pixels.len()];
    let extensions = vec![
        Extension::Real(header("SCI", side)?, shape, pixels),
        Extension::Real(header("ERR", side)?, shape, errors),
        Extension::Integer(header("DQ", side)?, shape, flags),
    ];
    Ok((extensions, own))
}

fn flagged(pixels: &[f32], flag: impl Fn(f32) -> i16) -> Vec<i16> {
    pixels.iter().map(|&pixel| flag(pixel)).collect()
}

fn noisy(pixels: &[f32], sigma: f64, file: u64, streams: Streams) -> Vec<f32> {
    let rows = pixels.chunks(SIDE).enumerate();
    rows.flat_map(|(y, row)| {
        let mut random = streams.of(Purpose::ReferenceNoise, file, 0, y);
        row.iter()
            .map(move |&pixel| pixel + (sigma * random.normal()) as f32)
    })
    .collect()
}

/// With the coordinates of the detector, of which a low-order flat has larger pixels.
fn header(name: &str, side: usize) -> Result<Header> {
    let scale = side as f64 / SIDE as f64;
    let mut cards = Cards(Header::new());
    cards.card("EXTNAME", name, "extension name")?;
    cards.card("EXTVER", 1, "extension version number")?;
    cards.card("LTV1", 0.5 * (1.0 - scale), "offset in X to subsection start")?;
    cards.card("LTV2", 0.5 * (1.0 - scale), "offset in Y to subsection start")?;
    cards.card("LTM1_1", scale, "reciprocal of sampling rate in X")?;
    cards.card("LTM2_2", scale, "reciprocal of sampling rate in Y")?;
    Ok(cards.0)
}
