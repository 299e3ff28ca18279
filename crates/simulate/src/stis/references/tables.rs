//! Tables of the detector, the slits, and the parameters of tasks.

use super::{Own, table, text};
use crate::columns::{doubles, longs, reals, shorts};
use crate::stis::StisPeriod;
use crate::stis::charge_transfer;
use crate::stis::detector::{Run, SIDE};
use crate::stis::readout::NOISES_E;
use crate::stis::spectrograph::{BARS, LAMP_SLIT, SLIT_TILT_DEG, STAR_SLIT};
use crate::{Extension, Result};
use firstlight_fits::{Column, ColumnData};

pub fn bad_pixels(period: &StisPeriod) -> Result<(Vec<Extension>, Own)> {
    let runs = &period.detector.bad;
    let of = |name: &str, value: fn(&Run) -> i16| shorts(name, runs.iter().map(value));
    let columns = vec![
        text("OPT_ELEM", 8, runs.iter().map(|_| "ANY")),
        of("PIX1", |run| run.x as i16 + 1),
        of("PIX2", |run| run.y as i16 + 1),
        of("LENGTH", |run| run.length as i16),
        of("AXIS", |run| if run.upwards { 2 } else { 1 }),
        of("VALUE", |run| run.flag),
    ];
    let size = SIDE as i64;
    let own = vec![
        ("SIZAXIS1", size.into(), "size of the detector in x"),
        ("SIZAXIS2", size.into(), "size of the detector in y"),
    ];
    table("BPIXTAB", columns, own)
}

pub fn ccd(period: &StisPeriod) -> Result<(Vec<Extension>, Own)> {
    let gain = period.options.atodgain;
    // Amplifier, commanded gain, gain, noise.
    let rows: Vec<(&str, i32, f64, f64)> = ["A", "B", "C", "D"]
        .into_iter()
        .flat_map(|amp| [(amp, 1, gain, NOISES_E[0]), (amp, 4, 4.016 * gain, NOISES_E[1])])
        .collect();
    let any = |name: &str| longs(name, rows.iter().map(|_| -1));
    let same = |name: &str, value: f64| reals(name, rows.iter().map(|_| value));
    let mut columns = vec![
        text("CCDAMP", 4, rows.iter().map(|row| row.0)),
        longs("CCDGAIN", rows.iter().map(|row| row.1)),
        any("CCDOFFST"),
        any("BINAXIS1"),
        any("BINAXIS2"),
        reals("ATODGAIN", rows.iter().map(|row| row.2)),
        same("CCDBIAS", 1500.0),
        reals("READNSE", rows.iter().map(|row| row.3)),
        same("SATURATE", 33_000.0),
        same("BLEV_CLIP", 50.0),
    ];
    columns.extend(charge_transfer::PARAMETERS.map(|(name, value)| same(name, value)));
    table("CCDTAB", columns, Vec::new())
}

pub fn rejection() -> Result<(Vec<Extension>, Own)> {
    let rows: Vec<(i16, f64)> = (2..=8)
        .flat_map(|parts| [40.0, 300.0, 1500.0, 1.0e5].map(|exposure| (parts, exposure)))
        .collect();
    let of = |value: &dyn Fn(i16) -> f64| rows.iter().map(|row| value(row.0)).collect::<Vec<f64>>();
    let words = |value: fn(i16) -> &'static str| rows.iter().map(move |row| value(row.0));
    let columns = vec![
        shorts("CRSPLIT", rows.iter().map(|row| row.0)),
        reals("MEANEXP", rows.iter().map(|row| row.1)),
        reals("SCALENSE", of(&|parts| if parts > 2 { 0.0 } else { 0.5 })),
        text(
            "INITGUES",
            8,
            words(|parts| if parts < 8 { "minimum" } else { "median" }),
        ),
        text("SKYSUB", 4, words(|_| "mode")),
        text(
            "CRSIGMAS",
            20,
            words(|parts| if parts == 2 { "4.0" } else { "5,4,3" }),
        ),
        reals("CRRADIUS", of(&|parts| if parts < 8 { 1.5 } else { 2.1 })),
        reals("CRTHRESH", of(&|parts| if parts < 8 { 0.8 } else { 0.55 })),
        shorts("BADINPDQ", rows.iter().map(|_| 0)),
        Column::scalar("CRMASK", ColumnData::Logical(vec![true; rows.len()])),
    ];
    table("CRREJTAB", columns, Vec::new())
}

pub fn wavecal() -> Result<(Vec<Extension>, Own)> {
    let mut columns = vec![text("DETECTOR", 10, ["CCD"]), text("OPT_ELEM", 8, ["ANY"])];
    let whole = [
        ("WL_TRIM1", 10),
        ("WL_TRIM2", 300),
        ("SP_TRIM1", 10),
        ("SP_TRIM2", 60),
        ("WL_RANGE", 63),
        ("SP_RANGE", 61),
    ];
    columns.extend(whole.map(|(name, value)| shorts(name, [value])));
    let limits = [
        ("NSIG_CR", 3.0),
        ("NSIG_ILL", 2.0),
        ("MAD_REJ", 3.0),
        ("MIN_MAD", 1.0),
    ];
    columns.extend(limits.map(|(name, value)| doubles(name, [value])));
    table("WCPTAB", columns, Vec::new())
}

pub fn apertures() -> Result<(Vec<Extension>, Own)> {
    let slits = [LAMP_SLIT, STAR_SLIT];
    let mut columns = vec![
        text("APERTURE", 16, slits.iter().map(|slit| slit.name)),
        text("SHAPE", 8, ["LONGSLIT"; 2]),
        doubles("WIDTH1", slits.iter().map(|slit| slit.width)),
        doubles("WIDTH2", [52.0; 2]),
        doubles("ANGLE", [SLIT_TILT_DEG; 2]),
        doubles("OFFSET1", slits.iter().map(|slit| slit.offset.0)),
        doubles("OFFSET2", slits.iter().map(|slit| slit.offset.1)),
        shorts("NBARS", [BARS.len() as i16; 2]),
    ];
    for (index, (place, width)) in BARS.into_iter().chain([(0.0, 0.0)]).enumerate() {
        columns.push(doubles(&format!("BAR{}LOCN", index + 1), [place; 2]));
        columns.push(doubles(&format!("BAR{}WIDTH", index + 1), [width; 2]));
    }
    table("APDESTAB", columns, Vec::new())
}
